"""How a page is made: templates that show, the words and addresses they may use, and the alternates they name."""

import hashlib
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

from api.serving.middleware import client_is_program
from api.serving.users import COOKIE, Role, known_users
from api.settings import Settings
from api.showing import addresses, labels, wording
from api.showing.marking import quotation, snippet
from graph.model import Stance
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
    ("/search", "Search"),
    ("/query", "Query"),
    ("/review", "Review"),
)
SECTIONS = {"/compare": "/agreement", "/statements": "/search"}
"""The entry of the navigation that a page without an own one belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternate:
    """Where the same is to be had as data."""

    label: str
    href: str
    type: str = ""
    download: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BarShare:
    """A stretch of a bar a hundred units long."""

    stance: Stance
    begin: float
    width: float


def shares(counts: Mapping[Stance, int]) -> list[BarShare]:
    """The counts as stretches of a bar, in the order of the stances."""
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
    """The address of this page with the hits narrowed to one value of a facet; a year is a period."""
    narrower: dict[str, object] = {"since": value, "until": value} if name == "year" else {name: value}
    return with_parameters(context, **narrower, offset="")


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
        "quotation": quotation,
        "snippet": snippet,
        "shares": shares,
        "web": web,
        "camp": lambda id: id.removeprefix("camp-"),
        "path": lambda text: quote(text, safe=""),
    }
    return made


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
            figures=wording.counted(store.counting, catalogue.left_out(store)) if figures else "",
            **shown,
        )
    )
    return HTMLResponse(
        text, status_code=status, headers={"Cache-Control": "private, no-store" if reviewer else "no-cache"}
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewer:
    """Who has signed in, and what the forms of their session carry."""

    name: str
    may_review: bool
    may_accept: bool
    """Whether new names may be entered in the domain's tables."""
    form_token: str


def signed_in(request: Request) -> Reviewer | None:
    """Who has signed in with this browser; nobody where the data are for reading only."""
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
    """The earlier version that is shown, where the address names one."""
    found: Version | None = getattr(request.app.state, "as_of", None)
    return found


def lately(store: Store) -> Precision | None:
    """How precise extraction was by the verdicts of the last weeks; None where there are none."""
    found = recent_precision(store)
    return found if found.checked else None


def alternates(request: Request, kind: str = "", id: str = "", *, csv: str = "") -> list[Alternate]:
    """The page's JSON, the thing's RDF, and its statements as a table."""
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
    """The whole address of a page, as others can follow it."""
    return f"{(settings.base_url or str(request.base_url)).rstrip('/')}{request.scope.get('prefix', '')}{path}"


def statements_csv(**selected: str) -> str:
    """The address of the selected statements as a table."""
    return addresses.with_query("/api/statements", {**selected, "format": "csv"})


def mount(app: FastAPI) -> None:
    """Serve the style sheet and the modules of the pages."""
    app.mount("/static", StaticFiles(directory=HERE / "static"))


async def http_error(request: Request, error: Exception) -> Response:
    """An address that nothing answers to, or parameters that cannot be read: a page for people, JSON for programs."""
    if isinstance(error, RequestValidationError):
        if client_is_program(request):
            # What was sent is not repeated: it may be long, or may hold what JSON cannot, such as NaN.
            faults = [{name: each[name] for name in ("type", "loc", "msg")} for each in error.errors()]
            return JSONResponse({"detail": faults}, status_code=422)
        names = wording.listed([str(each["loc"][-1]) for each in error.errors()])
        return error_page(request, 422, f"The parameters of this address cannot be read: {names}.")
    if not isinstance(error, HTTPException):
        raise error
    if client_is_program(request):
        return await http_exception_handler(request, error)
    told = f"Nothing is at {request.url.path}." if error.status_code == 404 else str(error.detail)
    return error_page(request, error.status_code, told)


def error_page(request: Request, status: int, message: str) -> HTMLResponse:
    """An error as a person reads it."""
    store: Store = request.app.state.store
    heading = {
        400: "That cannot be understood",
        401: "Sign in first",
        403: "Not allowed",
        404: "Not found",
        405: "Not to be changed",
        429: "Too often",
        409: "Not in the text",
        503: "The graph is not to be had",
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
