"""The pages: each one profile, shown. They work without JavaScript, and each names its twins as data."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from api import addresses, wording
from api.dependencies import StoreDep
from api.marking import paragraphs, quotation
from api.selections import PagingDep, parsed_stance
from graph import catalogue
from graph.catalogue import Evidence
from graph.model import Stance
from graph.profiles import (
    ON_A_SIDE,
    Kin,
    Side,
    Stand,
    Turn,
    actor_profile,
    article_profile,
    changes,
    field_profile,
    reform_profile,
    statement_profile,
)
from graph.store import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

HERE = Path(__file__).parent
NAVIGATION = (
    ("/reforms", "Reforms"),
    ("/actors", "Actors"),
    ("/agreement", "Agreement"),
    ("/changes", "Changes"),
    ("/search", "Search"),
    ("/query", "Query"),
)
SECTIONS = {"/compare": "/agreement", "/statements": "/search"}
"""The entry of the navigation that a page without an own one belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """Where the same is to be had as data."""

    label: str
    href: str
    type: str = ""
    download: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A stretch of a bar a hundred units long."""

    stance: Stance
    begin: float
    width: float


def shares(counts: dict[Stance, int]) -> list[Share]:
    """The counts as stretches of a bar, in the order of the stances."""
    total = sum(counts.values())
    found, at = [], 0.0
    for stance in Stance:
        if counts.get(stance):
            width = 100 * counts[stance] / total
            found.append(Share(stance=stance, begin=round(at, 2), width=round(width, 2)))
            at += width
    return found


def evidence_label(item: Evidence) -> str:
    """What a statement is called where its parts cannot be seen."""
    actor, reform = wording.plain(item.actor_label), wording.plain(item.reform_label)
    return f"{actor} {wording.VERB[item.stance]} {reform}, {wording.date(item.date)}"


def stand_words(stand: Stand) -> str:
    """A position in counts."""
    held = stand.position
    return wording.tally(held.counts, articles=held.articles, conditional=len(held.conditions))


def stand_label(stand: Stand) -> str:
    held = stand.position
    return f"{wording.plain(held.actor_label)} {wording.VERB[held.stance]} {wording.plain(held.reform_label)}"


def stand_warning(stand: Stand) -> str:
    """What to know before quoting a position; '' where nothing is."""
    held = stand.position
    return wording.rests_on(statements=len(held.statements), articles=held.articles, publishers=held.publishers)


def side_heading(side: Side) -> str:
    """'Supported by 3 actors' and its like."""
    return f"{wording.SIDE[side.stance]} {wording.count(side.stands.total, 'actor')}"


def turn_label(turn: Turn) -> str:
    return f"{wording.plain(turn.actor_label)} on {wording.plain(turn.reform_label)}"


def kin_words(other: Kin) -> str:
    return wording.kin(len(other.agree), len(other.conflict))


def web(address: str) -> bool:
    """Whether an address that came with the data may be a link: only http and https."""
    return address.lower().startswith(("http://", "https://"))


@pass_context
def with_parameters(context: Context, **changes: object) -> str:
    """The address of this page with some of its parameters changed."""
    request: Request = context["request"]
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    return addresses.with_query(request.url.path, [*kept, *changes.items()])


@cache
def style_version() -> str:
    """Changes with the style sheet, so that a browser may keep it."""
    return hashlib.sha256((HERE / "static" / "site.css").read_bytes()).hexdigest()[:8]


@cache
def environment() -> Environment:
    """The templates, with what they may call: words and addresses."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        auto_reload=False,
    )
    made.globals |= {
        "STANCES": tuple(Stance),
        "SIGN": wording.SIGN,
        "SHORT": wording.SHORT,
        "VERB": wording.VERB,
        "NOUN": wording.NOUN,
        "MANNER": wording.MANNER,
        "navigation": NAVIGATION,
        "page": addresses.page,
        "passage": addresses.passage,
        "with_query": addresses.with_query,
        "with_parameters": with_parameters,
        "count": wording.count,
        "tally": wording.tally,
        "dates": wording.dates,
        "actors_by_side": wording.actors_by_side,
        "reforms_by_side": wording.reforms_by_side,
        "rests_on": wording.rests_on,
        "evidence_label": evidence_label,
        "stand_label": stand_label,
        "stand_words": stand_words,
        "stand_warning": stand_warning,
        "side_heading": side_heading,
        "turn_label": turn_label,
        "kin_words": kin_words,
    }
    made.filters |= {
        "cut": lambda text, length=wording.NAME_LENGTH: wording.cut(text, length=length),
        "plain": lambda text, length=wording.NAME_LENGTH: wording.plain(text, length=length),
        "capitalize_first": wording.capital,
        "date": wording.date,
        "confidence": wording.confidence,
        "quotation": quotation,
        "shares": shares,
        "web": web,
        "path": lambda text: quote(text, safe=""),
    }
    return made


def render(
    request: Request, store: Store, template: str, *, twins: Sequence[Twin] = (), status: int = 200, **shown: Any
) -> HTMLResponse:
    """The template, filled in."""
    path = request.url.path
    first = f"/{path.split('/')[1]}"
    text = (
        environment()
        .get_template(template)
        .render(
            request=request,
            path=path,
            section=SECTIONS.get(first, first),
            site={"title": catalogue.about(store).title, "style": style_version()},
            twins=twins,
            **shown,
        )
    )
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-cache"})


def twins(request: Request, kind: str = "", id: str = "", *, csv: str = "") -> list[Twin]:
    """The page's JSON, the thing's RDF, and its statements as a table."""
    query = f"?{request.url.query}" if request.url.query and not id else ""
    found = [Twin(label="JSON", href=f"/api{request.url.path.rstrip('/')}{query}", type="application/json")]
    if id:
        address = addresses.linked_data(kind, id)
        found.append(Twin(label="Turtle", href=f"{address}?format=turtle", type="text/turtle"))
        found.append(Twin(label="JSON-LD", href=f"{address}?format=jsonld", type="application/ld+json"))
    if csv:
        found.append(Twin(label="Statements as CSV", href=csv, type="text/csv", download=True))
    return found


def statements_csv(**selected: str) -> str:
    """The address of the selected statements as a table."""
    return addresses.with_query("/api/statements", {**selected, "format": "csv"})


@router.get("/")
def home(request: Request, store: StoreDep) -> HTMLResponse:
    """A question, and the field at a glance."""
    field = field_profile(store)
    return render(
        request,
        store,
        "home.html",
        twins=twins(request, csv=statements_csv()),
        field=field,
        pictures=(),
        asked="",
        examples=examples(store),
        completions=completions(store),
    )


@router.get("/reforms")
def reforms(request: Request, store: StoreDep, paging: PagingDep) -> HTMLResponse:
    """Every reform, with how many actors stand on which side."""
    listing = catalogue.reforms(store, limit=paging.limit, offset=paging.offset)
    return render(request, store, "reforms.html", twins=twins(request), listing=listing)


@router.get("/reforms/{id:path}")
def reform(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    stance: str = "",
    limit: Annotated[int, Query(ge=1, le=50)] = ON_A_SIDE,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """Who stands where on a reform."""
    side = parsed_stance(stance)
    profile = reform_profile(store, id, stance=side, limit=limit, offset=offset)
    return render(
        request,
        store,
        "reform.html",
        twins=twins(request, "reform", id, csv=statements_csv(reform=id)),
        profile=profile,
        only=side is not None,
        warning=wording.rests_on(
            statements=sum(profile.statements.values()), articles=profile.articles, publishers=profile.publishers
        ),
        sparql=sparql(store, "reform", id),
    )


@router.get("/actors")
def actors(request: Request, store: StoreDep, paging: PagingDep) -> HTMLResponse:
    """Every actor, with how many reforms it supports, opposes, is mixed on."""
    listing = catalogue.actors(store, limit=paging.limit, offset=paging.offset)
    return render(request, store, "actors.html", twins=twins(request), listing=listing)


@router.get("/actors/{id:path}")
def actor(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """What an actor holds, over all reforms."""
    profile = actor_profile(store, id, limit=limit, offset=offset)
    return render(
        request,
        store,
        "actor.html",
        twins=twins(request, "actor", id, csv=statements_csv(actor=id)),
        profile=profile,
        warning=wording.rests_on(
            statements=sum(profile.statements.values()), articles=profile.articles, publishers=profile.publishers
        ),
        sparql=sparql(store, "actor", id),
    )


@router.get("/articles")
def articles(request: Request, store: StoreDep, paging: PagingDep) -> HTMLResponse:
    """Every article that was read."""
    listing = catalogue.articles(store, limit=paging.limit, offset=paging.offset)
    return render(request, store, "articles.html", twins=twins(request), listing=listing)


@router.get("/articles/{id:path}")
def article(
    request: Request,
    id: str,
    store: StoreDep,
    *,
    statement: str = "",
    part: Annotated[int | None, Query(ge=1, le=10**6)] = None,
) -> HTMLResponse:
    """An article with its passages marked in place."""
    profile = article_profile(store, id, part=part, chosen=statement)
    return render(
        request,
        store,
        "article.html",
        twins=twins(request, "article", id, csv=statements_csv(article=id)),
        profile=profile,
        article=profile.article,
        paragraphs=paragraphs(profile.text, profile.statements, offset=profile.start, chosen=profile.chosen),
    )


@router.get("/statements/{id}")
def statement(request: Request, id: str, store: StoreDep) -> HTMLResponse:
    """One statement at its permanent address."""
    profile = statement_profile(store, id)
    return render(
        request,
        store,
        "statement.html",
        twins=twins(request, "statement", id),
        profile=profile,
        item=profile.statement,
        citation=wording.citation(profile.statement, str(request.url_for("statement", id=id))),
    )


@router.get("/changes")
def changed(
    request: Request,
    store: StoreDep,
    *,
    actor: str = "",
    reform: str = "",
    since: str = "",
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """Where actors have moved from one side to another."""
    listing = changes(store, actor=actor or None, reform=reform or None, since=since, offset=offset)
    return render(request, store, "changes.html", twins=twins(request), listing=listing, filters=())


def mount(app: FastAPI) -> None:
    """Serve the style sheet and the modules of the pages."""
    app.mount("/static", StaticFiles(directory=HERE / "static"))


def sparql(store: Store, kind: str, id: str) -> str:
    """A query by which anybody can check a page."""
    return ""


def examples(store: Store) -> list[str]:
    """Questions that this graph can answer."""
    return []


def completions(store: Store) -> list[str]:
    return []


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """An error as a person reads it."""
    store: Store = request.app.state.store
    heading = {404: "Not found", 400: "That cannot be understood", 503: "The graph is not to be had"}
    return render(request, store, "error.html", status=status, heading=heading.get(status, "Error"), message=message)
