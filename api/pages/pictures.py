"""Pictures of networks and positions: for the browser through Bokeh, for reports as SVG and PNG without a browser."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from api.data.networks import OptionsDep
from api.dependencies import StoreDep
from api.pictures.drawing import (
    Course,
    NetworkDrawing,
    TimeLine,
    matrix_says,
    network_drawing,
    time_line,
    time_line_of,
)
from api.pictures.inline import (
    MOST_MARKS,
    CoursePicture,
    NetworkPicture,
    TimePicture,
    course_picture,
    network_picture,
    time_picture,
)
from api.serving.middleware import CONTENT_SECURITY_POLICY
from api.showing import addresses
from api.showing.rendering import render
from graph.debate.agreement import PositionMatrix, camps_for, stored_matrix, stored_network, stored_polarisation
from graph.debate.options import Mode, NetworkOptions
from graph.debate.stored import stored_debate
from graph.errors import BadRequest, Unknown
from graph.model import Selection
from graph.reading import catalogue
from graph.store.embedded import Store
from graph.store.remembered import remembered

router = APIRouter(prefix="/api/pictures", tags=["pictures"])

PICTURES = ("network", "matrix", "timeline", "polarisation")
MEDIA = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}


HEADINGS = {
    "network": "Who agrees with whom",
    "matrix": "Actors and reforms",
    "timeline": "Positions over time",
    "polarisation": "How divided the actors are",
}
# Bokeh adds its own styles to the page when it draws; scripts still come from this service only.
STYLED = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

MAP_ONLY = ("ties", "highlight", "chosen")
"""Parameters of the address that only the script of the debate map reads."""

page = APIRouter(prefix="/pictures", include_in_schema=False, default_response_class=HTMLResponse)


@page.get("/{what}")
def live_picture(
    request: Request,
    what: str,
    store: StoreDep,
    options: OptionsDep,
    *,
    reform: str = "",
    ties: str = "",
    highlight: str = "",
    chosen: str = "",
) -> HTMLResponse:
    """Show the interactive picture on its own page, or the still one without scripts; the network as the debate map."""
    if what not in PICTURES:
        raise Unknown(f"no picture {what!r}; the pictures are {', '.join(PICTURES)}")
    if what == "timeline" and not reform:
        raise BadRequest("a time line shows one reform; give its id as `reform`")
    given = [(name, value) for name, value in request.query_params.multi_items() if value and name not in MAP_ONLY]
    found = SHOWN[what](store, options, reform)
    # A network has no window without its middle; the tables then cover all time.
    standing = [(name, value) for name, value in given if name not in ("window", "step", "kernel", "reform")]
    table = f"/reforms/{quote(reform, safe='')}" if what == "timeline" else addresses.with_query("/agreement", standing)
    answer = render(
        request,
        store,
        "picture.html",
        heading=HEADINGS[what],
        says=_says(found),
        what=what,
        inline=network_on_page(store, options) if what == "network" else inline(found),
        source=addresses.with_query(f"/api/pictures/{what}.svg", given),
        png=addresses.with_query(f"/api/pictures/{what}.png", given),
        live=addresses.with_query(f"/api/pictures/{what}.json", given),
        table=table,
        map_reforms=tuple((each.id, each.label) for each in catalogue.reform_tree(store).values()),
    )
    if what != "network":
        answer.headers["Content-Security-Policy"] = STYLED
    return answer


def inline(found: Any) -> TimePicture | CoursePicture | None:
    """Return the picture as part of a page, or None if the page shows a table instead or has no room."""
    match found:
        case TimeLine():
            return time_picture(found)
        case Course():
            return course_picture(found)
    return None


def _says(found: Any) -> str:
    if isinstance(found, PositionMatrix):
        return matrix_says(found)
    if isinstance(found, (NetworkDrawing, TimeLine, Course)):
        return found.says
    raise TypeError(f"{type(found).__name__} is not a picture")


def mount(app: FastAPI) -> None:
    """Serve Bokeh's browser code from its package."""
    package = find_spec("bokeh")
    if package is None or package.origin is None:
        raise ImportError("bokeh is not installed")
    app.mount("/pictures/bokeh", StaticFiles(directory=Path(package.origin).parent / "server" / "static" / "js"))


@router.get(
    "/{name}",
    response_class=Response,
    responses={200: {"content": {media: {} for media in MEDIA.values()}, "description": "The picture"}},
)
def picture(
    name: str,
    store: StoreDep,
    options: OptionsDep,
    reform: Annotated[str, Query(description="Id of the reform of a time line")] = "",
    dark: Annotated[bool, Query(description="For a dark page; json only")] = False,
) -> Response:
    """The picture `network`, `matrix`, `timeline` or `polarisation` as svg, png, or json for Bokeh's browser code."""
    what, _, ending = name.rpartition(".")
    if what not in PICTURES or ending not in MEDIA:
        raise Unknown(f"no picture {name!r}; the pictures are {', '.join(PICTURES)}, each as {', '.join(MEDIA)}")
    if what == "timeline" and not reform:
        raise BadRequest("a time line shows one reform; give its id as `reform`")
    content = remembered(
        store, ("picture", name, options, reform, dark), lambda: _drawn(store, what, ending, options, reform, dark=dark)
    )
    if ending == "json":
        return JSONResponse(content)
    return Response(content, media_type=MEDIA[ending])


def _drawn(store: Store, what: str, ending: str, options: NetworkOptions, reform: str, *, dark: bool) -> Any:
    found = SHOWN[what](store, options, reform)
    # Either library takes a second to load, so only requests for a picture wait for it.
    if ending == "json":
        from api.pictures.live import dark_item, live_item

        return (dark_item if dark else live_item)(what, found)
    from api.pictures.drawn import drawn_file

    return drawn_file(what, found, ending)


NODES_ON_PAGE, TIES_ON_PAGE = 30, 50
"""The part of a network on a page: names of more actors would overlap, and the page must stay small."""
SMALL = 150
"""Largest number of actors for which a page waits for pictures derived from all of them."""


def network_on_page(store: Store, options: NetworkOptions) -> NetworkPicture | None:
    """Return the network as part of a page."""

    def make() -> NetworkPicture | None:
        whole, camps = stored_network(store, options), camps_for(store, options)
        return network_picture(network_drawing(whole, camps, most_nodes=NODES_ON_PAGE, most_ties=TIES_ON_PAGE))

    return remembered(store, ("network on page", options), make)


def course_on_page(store: Store, options: NetworkOptions) -> CoursePicture | None:
    """Return the picture of polarisation over time as part of a page, or None if there are too many actors."""
    if not small(store):
        return None
    return remembered(store, ("course on page", options), lambda: course_picture(_course_of(store, options, "")))


def line_on_page(store: Store, reform: str) -> TimePicture | None:
    """Return the time line of a reform and its narrower ones as part of a page, or None if it has no room."""
    table = catalogue.reform_table(store)
    if sum(table[each].statements for each in catalogue.with_narrower(store, reform)) > MOST_MARKS:
        return None

    def make() -> TimePicture | None:
        found = catalogue.statements(store, Selection(reform=reform, narrower=True), limit=MOST_MARKS)
        return time_picture(time_line_of(reform, catalogue.reform(store, reform).label, found.items))

    return remembered(store, ("time line on page", reform), make)


def small(store: Store) -> bool:
    """Return whether a page can wait for a picture derived from all actors."""
    return sum(1 for each in catalogue.actor_table(store).values() if each.statements) <= SMALL


def _network_of(store: Store, options: NetworkOptions, _: str) -> NetworkDrawing:
    if options.mode != Mode.ACTORS:
        raise BadRequest(f"the picture shows actors; mode = {options.mode} has other nodes")
    return network_drawing(stored_network(store, options), camps_for(store, options))


def _matrix_of(store: Store, options: NetworkOptions, _: str) -> PositionMatrix:
    return stored_matrix(store, options)


def _line_of(store: Store, _: NetworkOptions, reform: str) -> TimeLine:
    return time_line(stored_debate(store), reform)


def _course_of(store: Store, options: NetworkOptions, _: str) -> Course:
    return Course(windows=stored_polarisation(store, options), days=options.window or 0)


SHOWN: Mapping[str, Callable[[Store, NetworkOptions, str], Any]] = {
    "network": _network_of,
    "matrix": _matrix_of,
    "timeline": _line_of,
    "polarisation": _course_of,
}
"""The title of each picture."""
