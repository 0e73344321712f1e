"""Render pages from templates, with wording, addresses and links to the same content in other formats."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exception_handlers import http_exception_handler
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from starlette.exceptions import HTTPException

from api.serving.hosts import site
from api.serving.middleware import client_is_program
from api.serving.parameters import UNKNOWN
from api.serving.users import COOKIE, Role, known_users
from api.settings import Settings
from api.showing import addresses, labels, wording
from api.showing.marking import quotation, snippet
from graph.model import Counting, Stance
from graph.reading import catalogue
from graph.reviewing.measures import Precision, recent_precision
from graph.store.embedded import Store
from graph.versions.builds import Version

HERE = Path(__file__).parent
NAVIGATION = (
    ("/reforms", "Reforms"),
    ("/actors", "Actors"),
    ("/agreement", "Agreement"),
    ("/changes", "Changes"),
    ("/accuracy", "Accuracy"),
    ("/search", "Search"),
    ("/query", "Query"),
    ("/review", "Review"),
)
SECTIONS = {"/compare": "/agreement", "/statements": "/search"}
"""The entry in the navigation for pages that do not have their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """A link to the content of a page as data."""

    label: str
    href: str
    type: str = ""
    download: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BarShare:
    """A section of a bar that is 100 units long."""

    stance: Stance
    begin: float
    width: float


def shares(counts: Mapping[Stance, int]) -> list[BarShare]:
    """Return the counts as sections of a bar, in the order of the stances."""
    total = sum(counts.values())
    found, at = [], 0.0
    for stance in Stance:
        if counts.get(stance):
            width = 100 * counts[stance] / total
            found.append(BarShare(stance=stance, begin=round(at, 2), width=round(width, 2)))
            at += width
    return found


@pass_context
def facet_address(context: Context, name: str, value: str) -> str:
    """Return the address of this page narrowed to one value of a facet; a year becomes a period."""
    narrower: dict[str, object] = {"since": value, "until": value} if name == "year" else {name: value}
    return with_parameters(context, **narrower, offset="")


def web(address: str) -> bool:
    """Return whether an address from the data may be a link: only http and https."""
    return address.lower().startswith(("http://", "https://"))


@pass_context
def with_parameters(context: Context, **changes: object) -> str:
    """Return the address of this page with some parameters changed."""
    request: Request = context["request"]
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changes]
    return addresses.with_query(request.url.path, [*kept, *changes.items()])


@cache
def style_version() -> str:
    """Return a digest of the style sheet, so that browsers may cache it."""
    return hashlib.sha256((HERE / "static" / "site.css").read_bytes()).hexdigest()[:8]


@cache
def environment() -> Environment:
    """Return the templates with the functions for wording and addresses."""
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
        "SHORT_DEGREE": wording.SHORT_DEGREE,
        "SIDE": wording.SIDE,
        "SAID": wording.SAID,
        "SWITCH": wording.SWITCH,
        "does": wording.does,
        "does_to": labels.does_to,
        "standing_words": labels.standing_words,
        "MANNER": wording.MANNER,
        "REVIEW": wording.REVIEW,
        "COLUMN": wording.COLUMN,
        "navigation": NAVIGATION,
        "page": addresses.page,
        "passage": addresses.passage,
        "with_query": addresses.with_query,
        "with_parameters": with_parameters,
        "facet_address": facet_address,
        "count": wording.count,
        "machine_right": wording.machine_right,
        "tally": wording.tally,
        "dates": wording.dates,
        "tenure": wording.tenure,
        "actors_by_side": wording.actors_by_side,
        "reforms_by_side": wording.reforms_by_side,
        "rests_on": wording.rests_on,
        "evidence_label": labels.evidence_label,
        "stand_label": labels.stand_label,
        "stand_words": labels.stand_words,
        "stand_warning": labels.stand_warning,
        "side_heading": labels.side_heading,
        "turn_label": labels.turn_label,
        "answer_label": labels.answer_label,
        "kin_words": labels.kin_words,
        "office_of": labels.office_of,
        "quoted_for": labels.quoted_for,
        "since_last_build": labels.since_last_build,
    }
    made.filters |= {
        "cut": lambda text, length=wording.NAME_LENGTH: wording.cut(text, length=length),
        "plain": lambda text, length=wording.NAME_LENGTH: wording.plain(text, length=length),
        "capitalize_first": wording.capital,
        "sentence": wording.sentence,
        "effect": wording.effect,
        "date": wording.date,
        "moment": wording.moment,
        "review": wording.review,
        "confidence": wording.confidence,
        "certainty": wording.certainty,
        "quotation": quotation,
        "snippet": snippet,
        "shares": shares,
        "web": web,
        "camp": lambda id: id.removeprefix("camp-"),
        "path": lambda text: quote(text, safe=""),
    }
    return made


LINK = re.compile(r"""(<a\b[^>]*?\bhref=")(/[^"#]*)""")
FORM = re.compile(r"""<form\b[^>]*\bmethod="get"[^>]*>""")
ELSEWHERE = ("/static/", "/review", "/versions", "/api/docs", "/id/")
"""Addresses that count nothing, or always the same."""


def keeping(page: str, counting: Counting) -> str:
    """Return a page whose links and forms keep the statements that the reader has chosen to count."""

    def moved(found: re.Match[str]) -> str:
        address = found[2]
        if address.startswith(ELSEWHERE) or "standing=" in address:
            return found[0]
        return f"{found[1]}{address}{'&amp;' if '?' in address else '?'}standing={counting}"

    # Text cannot look like a tag: quotation marks and brackets in it are escaped.
    page = FORM.sub(lambda found: f'{found[0]}<input type="hidden" name="standing" value="{counting}">', page)
    return LINK.sub(moved, page)


def render(
    request: Request,
    store: Store,
    template: str,
    *,
    alternates: Sequence[Alternate] = (),
    status: int = 200,
    figures: bool = True,
    **shown: Any,
) -> HTMLResponse:
    """Fill in the template. `figures` adds a line that says which statements the figures of the page count."""
    path = request.url.path
    first = f"/{path.split('/')[1]}"
    reviewer = signed_in(request)
    text = (
        environment()
        .get_template(template)
        .render(
            request=request,
            path=path,
            section=SECTIONS.get(first, first),
            site={"title": catalogue.about(store).title, "style": style_version()},
            alternates=alternates,
            as_of=as_of(request),
            reviewer=reviewer,
            lately=lately(store),
            counting=store.counting,
            short=lambda kind, id: catalogue.short_names(store).get((kind, id), ""),
            figures=wording.counted(store.counting, catalogue.left_out(store)) if figures else "",
            **shown,
        )
    )
    if store.counting is not Counting.LIKELY:
        text = keeping(text, store.counting)
    return HTMLResponse(
        text, status_code=status, headers={"Cache-Control": "private, no-store" if reviewer else "no-cache"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """The person who is signed in, and the token of their forms."""

    name: str
    may_review: bool
    may_accept: bool
    """Whether this person may add new names to the domain's tables."""
    form_token: str


def signed_in(request: Request) -> Reviewer | None:
    """Return the person signed in with this browser, or None. It is always None if the data are read-only."""
    if as_of(request) is not None:
        return None
    cookie = request.cookies.get(COOKIE, "")
    users = known_users(request)
    user = users.by_session(cookie) if cookie else None
    if user is None:
        return None
    return Reviewer(
        name=user.name,
        may_review=user.may(Role.REVIEW),
        may_accept=user.may(Role.ADMIN),
        form_token=users.form_token(cookie),
    )


def as_of(request: Request) -> Version | None:
    """Return the earlier version that the address names, if any."""
    found: Version | None = getattr(request.app.state, "as_of", None)
    return found


def lately(store: Store) -> Precision | None:
    """Return the precision of extraction by the verdicts of the last weeks, or None without verdicts."""
    found = recent_precision(store)
    return found if found.checked else None


def alternates(request: Request, kind: str = "", id: str = "", *, csv: str = "") -> list[Alternate]:
    """Return links to the page's JSON, the thing's RDF, and its statements as a table."""
    query = f"?{request.url.query}" if request.url.query and not id else ""
    found = [Alternate(label="JSON", href=f"/api{request.url.path.rstrip('/')}{query}", type="application/json")]
    if id:
        address = addresses.linked_data(kind, id)
        found.append(Alternate(label="Turtle", href=f"{address}?format=turtle", type="text/turtle"))
        found.append(Alternate(label="JSON-LD", href=f"{address}?format=jsonld", type="application/ld+json"))
    if csv:
        found.append(Alternate(label="Statements as CSV", href=csv, type="text/csv", download=True))
    return found


def public(request: Request, settings: Settings, path: str) -> str:
    """Return the public address of a page."""
    beyond = str(request.scope.get("prefix", "")).removeprefix(request.scope.get("mounted", ""))
    return f"{site(request.scope, settings)}{beyond}{path}"


def statements_csv(**selected: str) -> str:
    """Return the address of the selected statements as a table."""
    return addresses.with_query("/api/statements", {**selected, "format": "csv"})


def mount(app: FastAPI) -> None:
    """Serve the style sheet and scripts of the pages."""
    app.mount("/static", StaticFiles(directory=HERE / "static"))


async def http_error(request: Request, error: Exception) -> Response:
    """Answer an unknown address or invalid parameters with a page for people or JSON for programs."""
    if isinstance(error, RequestValidationError):
        if client_is_program(request):
            # Do not repeat the input: it may be long, or contain values that JSON cannot hold, such as NaN.
            faults = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
            return JSONResponse({"detail": faults}, status_code=422)
        unknown = [str(each["msg"]) for each in error.errors() if each["type"] == UNKNOWN]
        names = wording.listed([str(each["loc"][-1]) for each in error.errors()])
        return error_page(request, 422, " ".join(unknown) or f"These parameters are not valid: {names}.")
    if not isinstance(error, HTTPException):
        raise error
    if client_is_program(request):
        return await http_exception_handler(request, error)
    told = (
        f"There is no page at {request.scope.get('mounted', '')}{request.url.path}."
        if error.status_code == 404
        else str(error.detail)
    )
    return error_page(request, error.status_code, told)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """Return the page of an error."""
    store: Store = request.app.state.store
    heading = {
        400: "The request is not valid",
        401: "Sign in first",
        403: "Not allowed",
        404: "Not found",
        422: "The request is not valid",
        405: "This cannot be changed",
        429: "Too often",
        409: "Not in the text",
        503: "The graph is not available",
    }
    return render(
        request,
        store,
        "error.html",
        figures=False,
        status=status,
        heading=heading.get(status, "Error"),
        message=message,
    )
