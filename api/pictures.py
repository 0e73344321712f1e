"""Pictures of networks and positions: for the browser through Bokeh, for reports as SVG and PNG without a browser."""

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles

from api import addresses
from api.dependencies import StoreDep
from api.middleware import CONTENT_SECURITY_POLICY
from api.networks import OptionsDep
from api.rendering import render
from graph.agreement import PositionMatrix, camps_for, stored_matrix, stored_network, stored_polarisation
from graph.camps import Polarisation
from graph.debate import Mode, NetworkOptions
from graph.drawing import (
    NetworkDrawing,
    TimeLine,
    matrix_says,
    network_drawing,
    time_line,
)
from graph.errors import BadRequest, Unknown
from graph.remembered import remembered
from graph.store import Store
from graph.stored_debate import stored_debate

router = APIRouter(prefix="/api/pictures", tags=["pictures"])

PICTURES = ("network", "matrix", "timeline", "polarisation")
MEDIA = {"svg": "image/svg+xml", "png": "image/png", "json": "application/json"}


HEADINGS = {
    "network": "Who stands with whom",
    "matrix": "Actors and reforms",
    "timeline": "Positions over time",
    "polarisation": "How divided the field is",
}
# Bokeh puts its own styles into the page as it draws; scripts still come from this service only.
STYLED = CONTENT_SECURITY_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

page = APIRouter(prefix="/pictures", include_in_schema=False, default_response_class=HTMLResponse)


@page.get("/{what}")
def live_picture(request: Request, what: str, store: StoreDep, options: OptionsDep, reform: str = "") -> HTMLResponse:
    """The picture that answers to the pointer, on a page of its own; without scripts it is the drawn one."""
    if what not in PICTURES:
        raise Unknown(f"no picture {what!r}; there are {', '.join(PICTURES)}")
    if what == "timeline" and not reform:
        raise BadRequest("a time line is of one reform: name it with reform")
    chosen = [(name, value) for name, value in request.query_params.multi_items() if value]
    found = SHOWN[what](store, options, reform)
    table = f"/reforms/{quote(reform, safe='')}" if what == "timeline" else addresses.with_query("/agreement", chosen)
    answer = render(
        request,
        store,
        "picture.html",
        heading=HEADINGS[what],
        says=_says(found),
        source=addresses.with_query(f"/api/pictures/{what}.svg", chosen),
        live=addresses.with_query(f"/api/pictures/{what}.json", chosen),
        table=table,
    )
    answer.headers["Content-Security-Policy"] = STYLED
    return answer


def _says(found: Any) -> str:
    if isinstance(found, PositionMatrix):
        return matrix_says(found)
    if isinstance(found, (NetworkDrawing, TimeLine)):
        return found.says
    return f"Modularity of the camps and share of conflict in {len(found)} windows of time."


def mount(app: FastAPI) -> None:
    """Serve Bokeh's browser code as its package ships it."""
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
    reform: Annotated[str, Query(description="Id of the reform whose time line is wanted")] = "",
) -> Response:
    """`network`, `matrix`, `timeline` or `polarisation`, with the ending svg, png, or json for Bokeh's browser code."""
    what, _, ending = name.rpartition(".")
    if what not in PICTURES or ending not in MEDIA:
        raise Unknown(f"no picture {name!r}; there are {', '.join(PICTURES)}, each as {', '.join(MEDIA)}")
    if what == "timeline" and not reform:
        raise BadRequest("a time line is of one reform: name it with reform")
    content = remembered(
        store, ("picture", name, options, reform), lambda: _drawn(store, what, ending, options, reform)
    )
    if ending == "json":
        return JSONResponse(content)
    return Response(content, media_type=MEDIA[ending])


def _drawn(store: Store, what: str, ending: str, options: NetworkOptions, reform: str) -> Any:
    found = SHOWN[what](store, options, reform)
    # Either library takes a second to load: only who asks for a picture waits for it.
    if ending == "json":
        from api.live_pictures import live_item

        return live_item(what, found)
    from api.drawn_pictures import drawn_file

    return drawn_file(what, found, ending)


def drawing(store: Store, options: NetworkOptions) -> NetworkDrawing:
    """The network as it is drawn, for a page that tells what its picture shows."""
    return remembered(store, ("drawing", options), lambda: _network_of(store, options, ""))


def _network_of(store: Store, options: NetworkOptions, _: str) -> NetworkDrawing:
    if options.mode != Mode.ACTORS:
        raise BadRequest(f"the picture is of actors; mode = {options.mode} has others as nodes")
    return network_drawing(stored_network(store, options), camps_for(store, options))


def _matrix_of(store: Store, options: NetworkOptions, _: str) -> PositionMatrix:
    return stored_matrix(store, options)


def _line_of(store: Store, _: NetworkOptions, reform: str) -> TimeLine:
    return time_line(stored_debate(store), reform)


def _course_of(store: Store, options: NetworkOptions, _: str) -> tuple[Polarisation, ...]:
    return stored_polarisation(store, options)


SHOWN: Mapping[str, Callable[[Store, NetworkOptions, str], Any]] = {
    "network": _network_of,
    "matrix": _matrix_of,
    "timeline": _line_of,
    "polarisation": _course_of,
}
"""What each picture shows."""
