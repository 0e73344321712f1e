"""Pictures of networks and positions: for the browser through Bokeh, for reports as SVG and PNG without a browser."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import bokeh
import matplotlib as mpl
import numpy as np
from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, DataRange1d, HoverTool, OpenURL, TapTool
from bokeh.plotting import figure
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from api import addresses
from api.dependencies import StoreDep
from api.middleware import CONTENT_SECURITY_POLICY
from api.networks import OptionsDep
from api.rendering import render
from graph.agreement import PositionMatrix, camps_for, stored_matrix, stored_network, stored_polarisation
from graph.camps import Polarisation
from graph.debate import Mode, NetworkOptions
from graph.drawing import (
    MOST_COLUMNS,
    MOST_ROWS,
    NetworkDrawing,
    TimeLine,
    matrix_says,
    network_drawing,
    time_line,
)
from graph.errors import BadRequest, Unknown
from graph.model import Stance
from graph.network import Node
from graph.remembered import remembered
from graph.store import Store
from graph.stored_debate import stored_debate

router = APIRouter(prefix="/api/pictures", tags=["pictures"])

# The same picture must give the same bytes, and letters stay letters that a reader can search and a screen can scale.
mpl.rcParams.update({"svg.hashsalt": "positions", "svg.fonttype": "none", "font.size": 9})

SIDES = {Stance.SUPPORT: "#0072B2", Stance.OPPOSE: "#D55E00", Stance.MIXED: "#E69F00", Stance.NEUTRAL: "#999999"}
CAMPS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Okabe and Ito's colours, which people tell apart however they see colour; beyond eight camps they come again."""
NO_CAMP = "#BBBBBB"
AGREE, CONFLICT = "#6B8E6B", "#D55E00"
MARKERS = {
    Stance.SUPPORT: "triangle",
    Stance.OPPOSE: "inverted_triangle",
    Stance.MIXED: "diamond",
    Stance.NEUTRAL: "circle",
}
DRAWN = {Stance.SUPPORT: "^", Stance.OPPOSE: "v", Stance.MIXED: "D", Stance.NEUTRAL: "o"}
"""A side has a shape as well as a colour."""

BROWSER_CODE = Path(bokeh.__file__).parent / "server" / "static" / "js"
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
    found = _PARTS[what][2](store, options, reform)
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
    app.mount("/pictures/bokeh", StaticFiles(directory=BROWSER_CODE))


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
    still, live, shown = _PARTS[what]
    found = shown(store, options, reform)
    if ending == "json":
        return json_item(live(found), target=ID("picture"))
    out = io.BytesIO()
    still(found).savefig(out, format=ending, dpi=150, bbox_inches="tight", metadata=_UNDATED[ending])
    return out.getvalue()


_UNDATED: Mapping[str, Mapping[str, None]] = {"svg": {"Date": None}, "png": {"Software": None}}


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


def camp_colour(camp: str) -> str:
    """The colour of a camp by its number; grey for none."""
    number = camp.rpartition("-")[2]
    return CAMPS[(int(number) - 1) % len(CAMPS)] if number.isdigit() else NO_CAMP


# For reports


def still_network(of: NetworkDrawing) -> Figure:
    """The network: size by statements, colour by camp, solid ties agree, dashed ones conflict."""
    drawn = Figure(figsize=(9, 7))
    axes = drawn.subplots()
    axes.set_axis_off()
    for sign, colour, style in ((1, AGREE, "solid"), (-1, CONFLICT, "dashed")):
        ties = [tie for tie in of.ties if tie.weight * sign > 0]
        strongest = max((abs(tie.weight) for tie in ties), default=1.0)
        axes.add_collection(
            LineCollection(
                [[of.places[tie.source], of.places[tie.target]] for tie in ties],
                colors=colour,
                linestyles=style,
                linewidths=[0.4 + 2.2 * abs(tie.weight) / strongest for tie in ties],
                alpha=0.55,
                zorder=1,
            )
        )
    xs, ys = ([of.places[node.id][axis] for node in of.nodes] for axis in (0, 1))
    sizes = [40 + 400 * node.statements / max(n.statements for n in of.nodes) for node in of.nodes]
    axes.scatter(xs, ys, s=sizes, c=[camp_colour(camp) for camp in of.camps], edgecolors="white", zorder=2)
    for node, x, y in zip(of.nodes, xs, ys, strict=True):
        axes.annotate(
            _cut(node.label), (x, y), xytext=(0, 9), textcoords="offset points", ha="center", parse_math=False
        )
    marks = [
        Line2D([], [], color=AGREE, label="agreement"),
        Line2D([], [], color=CONFLICT, linestyle="dashed", label="conflict"),
        *(
            Line2D([], [], color=camp_colour(camp), marker="o", linestyle="none", label=camp.replace("-", " "))
            for camp in sorted(set(of.camps) - {""})
        ),
    ]
    axes.legend(handles=marks, loc="upper center", bbox_to_anchor=(0.5, 0), ncols=5, frameon=False)
    axes.set_title(of.says, fontsize=9, parse_math=False)
    return drawn


def still_matrix(of: PositionMatrix) -> Figure:
    """The matrix as a heat map, a sign in each field so that colour is not needed."""
    actors, reforms = of.actors[:MOST_ROWS], of.reforms[:MOST_COLUMNS]
    drawn = Figure(figsize=(3 + 0.35 * len(reforms), 2.5 + 0.28 * len(actors)))
    axes = drawn.subplots()
    signs = {Stance.SUPPORT: "+", Stance.OPPOSE: "−", Stance.MIXED: "±", Stance.NEUTRAL: "○"}
    for row, cells in enumerate(of.cells[:MOST_ROWS]):
        for column, cell in enumerate(cells[:MOST_COLUMNS]):
            if cell is not None:
                axes.add_patch(
                    mpl.patches.Rectangle((column - 0.5, row - 0.5), 1, 1, color=SIDES[cell.stance], alpha=0.75)
                )
                axes.text(column, row, signs[cell.stance], ha="center", va="center", color="white", fontweight="bold")
    axes.set_xlim(-0.5, max(len(reforms), 1) - 0.5)
    axes.set_ylim(max(len(actors), 1) - 0.5, -0.5)
    axes.set_xticks(range(len(reforms)), [_cut(r.label) for r in reforms], rotation=90, parse_math=False)
    axes.set_yticks(range(len(actors)), [_cut(a.label) for a in actors], parse_math=False)
    for tick, camp in zip(axes.get_yticklabels(), of.camps, strict=False):
        tick.set_color(camp_colour(camp) if camp else "black")
    axes.set_title(matrix_says(of), fontsize=9)
    return drawn


def still_line(of: TimeLine) -> Figure:
    """Statements on a reform over time, an actor a row."""
    drawn = Figure(figsize=(9, 1.8 + 0.3 * len(of.actors)))
    axes = drawn.subplots()
    for stance in Stance:
        points = [point for point in of.points if point.stance is stance]
        days = [date.fromordinal(point.day) for point in points]
        rows = [of.actors.index(point.label) for point in points]
        axes.scatter(days, rows, c=SIDES[stance], marker=DRAWN[stance], label=stance.value, zorder=2)  # type: ignore[arg-type]  # dates are taken
    axes.set_yticks(range(len(of.actors)), [_cut(label) for label in of.actors], parse_math=False)
    axes.set_ylim(max(len(of.actors), 1) - 0.5, -0.5)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4, frameon=False)
    axes.set_title(of.says, fontsize=9, parse_math=False)
    drawn.autofmt_xdate()
    return drawn


def still_course(of: Sequence[Polarisation]) -> Figure:
    """Modularity of the camps and share of conflict over time."""
    drawn = Figure(figsize=(9, 3.6))
    axes = drawn.subplots()
    days = [date.fromisoformat(each.at) for each in of]
    axes.plot(days, [each.modularity for each in of], marker="o", color=CAMPS[0], label="modularity of the camps")  # type: ignore[arg-type]  # dates are taken
    axes.plot(days, [each.conflict_share for each in of], marker="s", color=CAMPS[1], label="share of conflict")  # type: ignore[arg-type]  # dates are taken
    axes.set_ylim(-0.05, 1.05)
    axes.legend(frameon=False)
    axes.set_title("How divided the field is, window by window", fontsize=9)
    drawn.autofmt_xdate()
    return drawn


# For the browser


def live_network(of: NetworkDrawing) -> figure:
    """The network to hover over; a click on an actor opens its page."""
    # Room for the names beside the outermost.
    drawn = _canvas("", x_range=DataRange1d(range_padding=0.3))
    drawn.axis.visible = False
    drawn.grid.visible = False
    for sign, colour, dash in ((1, AGREE, "solid"), (-1, CONFLICT, "dashed")):
        ties = [tie for tie in of.ties if tie.weight * sign > 0]
        strongest = max((abs(tie.weight) for tie in ties), default=1.0)
        labels = {node.id: node.label for node in of.nodes}
        source = ColumnDataSource(
            {
                "xs": [[of.places[tie.source][0], of.places[tie.target][0]] for tie in ties],
                "ys": [[of.places[tie.source][1], of.places[tie.target][1]] for tie in ties],
                "width": [0.6 + 3 * abs(tie.weight) / strongest for tie in ties],
                "told": [
                    f"{labels[t.source]} and {labels[t.target]}: {t.agree:g} together, {t.conflict:g} apart, "
                    f"{t.shared} shared"
                    for t in ties
                ],
            }
        )
        drawn.multi_line(
            "xs", "ys", source=source, line_width="width", line_color=colour, line_dash=dash, line_alpha=0.5
        )
    most = max((node.statements for node in of.nodes), default=1)
    source = ColumnDataSource(
        {
            "x": [of.places[node.id][0] for node in of.nodes],
            "y": [of.places[node.id][1] for node in of.nodes],
            "id": [node.id for node in of.nodes],
            "label": [node.label for node in of.nodes],
            "size": [9 + 26 * float(np.sqrt(node.statements / most)) for node in of.nodes],
            "colour": [camp_colour(camp) for camp in of.camps],
            "told": [
                f"{node.label}: {node.statements} statements in {node.articles} articles, {node.support} for, "
                f"{node.oppose} against, {node.mixed} mixed; {camp.replace('-', ' ') or 'no camp'}"
                for node, camp in zip(of.nodes, of.camps, strict=True)
            ],
        }
    )
    points = drawn.scatter("x", "y", source=source, size="size", fill_color="colour", line_color="white")
    drawn.text("x", "y", text="label", source=source, y_offset=-12, text_align="center", text_font_size="11px")
    _hover(drawn)
    drawn.add_tools(TapTool(renderers=[points], callback=OpenURL(url="/actors/@id", same_tab=True)))
    return drawn


def live_matrix(of: PositionMatrix) -> figure:
    """The heat map; a click opens the actor's statements on the reform."""
    actors, reforms = of.actors[:MOST_ROWS], of.reforms[:MOST_COLUMNS]
    cells = [
        (actors[i], reforms[j], cell)
        for i, row in enumerate(of.cells[:MOST_ROWS])
        for j, cell in enumerate(row[:MOST_COLUMNS])
        if cell is not None
    ]
    rows, columns = _axis(actors), _axis(reforms)
    drawn = _canvas(
        "", x_range=list(columns.values()), y_range=list(rows.values())[::-1], height=380 + 24 * len(actors)
    )
    drawn.xaxis.major_label_orientation = "vertical"
    drawn.grid.visible = False
    source = ColumnDataSource(
        {
            "x": [columns[reform.id] for _, reform, _ in cells],
            "y": [rows[actor.id] for actor, _, _ in cells],
            "actor": [actor.id for actor, _, _ in cells],
            "reform": [reform.id for _, reform, _ in cells],
            "colour": [SIDES[cell.stance] for *_, cell in cells],
            "told": [f"{a.label}, {r.label}: {c.stance} ({c.statements} statements)" for a, r, c in cells],
        }
    )
    drawn.rect("x", "y", 0.95, 0.95, source=source, fill_color="colour", line_color=None)
    _hover(drawn)
    drawn.add_tools(TapTool(callback=OpenURL(url="/search?actor=@actor&reform=@reform", same_tab=True)))
    return drawn


def live_line(of: TimeLine) -> figure:
    """The time line; a click on a point opens the statement."""
    drawn = _canvas("", x_axis_type="datetime", y_range=list(of.actors)[::-1], height=120 + 22 * len(of.actors))
    for stance in Stance:
        points = [point for point in of.points if point.stance is stance]
        source = ColumnDataSource(
            {
                "x": [date.fromordinal(point.day) for point in points],
                "y": [point.label for point in points],
                "statement": [point.statement for point in points],
                "told": [f"{point.date}: {point.quote}" for point in points],
            }
        )
        drawn.scatter(
            "x", "y", source=source, size=11, marker=MARKERS[stance], color=SIDES[stance], legend_label=stance.value
        )
    _hover(drawn)
    drawn.add_tools(TapTool(callback=OpenURL(url="/statements/@statement", same_tab=True)))
    return drawn


def live_course(of: Sequence[Polarisation]) -> figure:
    """Polarisation over time."""
    drawn = _canvas("", x_axis_type="datetime", height=300)
    days = [date.fromisoformat(each.at) for each in of]
    for name, label, colour in (
        ("modularity", "modularity of the camps", CAMPS[0]),
        ("conflict_share", "share of conflict", CAMPS[1]),
    ):
        values = [getattr(each, name) for each in of]
        told = [f"{each.at}: {value:.2f}, {each.actors} actors" for each, value in zip(of, values, strict=True)]
        source = ColumnDataSource({"x": days, "y": values, "told": told})
        drawn.line("x", "y", source=source, color=colour, legend_label=label)
        drawn.scatter("x", "y", source=source, color=colour, size=7)
    _hover(drawn)
    return drawn


_PARTS: Mapping[
    str,
    tuple[Callable[[Any], Figure], Callable[[Any], figure], Callable[[Store, NetworkOptions, str], Any]],
] = {
    "network": (still_network, live_network, _network_of),
    "matrix": (still_matrix, live_matrix, _matrix_of),
    "timeline": (still_line, live_line, _line_of),
    "polarisation": (still_course, live_course, _course_of),
}


def _canvas(title: str, **more: Any) -> figure:
    options = {"height": 560, "sizing_mode": "stretch_width", "tools": "pan,wheel_zoom,reset", **more}
    return figure(title=title or None, toolbar_location="above", **options)


def _hover(drawn: figure) -> None:
    drawn.add_tools(HoverTool(tooltips="@told"))


def _axis(nodes: Sequence[Node]) -> dict[str, str]:
    """The labels of an axis by id; of two that are the same, the second has its id behind it."""
    told: dict[str, str] = {}
    for node in nodes:
        label = _cut(node.label)
        told[node.id] = f"{label} [{node.id}]" if label in told.values() else label
    return told


def _cut(text: str, length: int = 42) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
