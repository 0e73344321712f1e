"""Pictures for the browser, as Bokeh embeds them: to hover over for counts, to click for passages."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from bokeh.core.types import ID
from bokeh.embed import json_item
from bokeh.models import ColumnDataSource, HoverTool, OpenURL, Rect, Scatter, TapTool, Text
from bokeh.models.renderers import DataRenderer
from bokeh.plotting import figure
from bokeh.themes import built_in_themes

from api.pictures.colours import AGREE, CONFLICT, DARK_SIDES, SIDES, short
from api.pictures.drawing import (
    MOST_COLUMNS,
    MOST_ROWS,
    WIDTH,
    Course,
    NetworkDrawing,
    TimeLine,
    most_discussed,
)
from api.showing.wording import SIDE, SIGN
from graph.debate.agreement import PositionMatrix
from graph.debate.looks import CAMPS, camp_colour
from graph.debate.network import Node
from graph.model import Stance

MARKERS = {
    Stance.SUPPORT: "triangle",
    Stance.OPPOSE: "inverted_triangle",
    Stance.MIXED: "diamond",
    Stance.NEUTRAL: "circle",
}
"""A side has a shape as well as a colour."""


def live_item(what: str, found: Any) -> Mapping[str, Any]:
    """The picture as JSON for Bokeh's `embed_item`."""
    return json_item(PICTURES[what](found), target=ID("picture"))


def dark_item(what: str, found: Any) -> Mapping[str, Any]:
    """The same on dark ground, in the colours of Bokeh's own dark theme."""
    drawn = PICTURES[what](found)
    for label in drawn.select(Text):
        label.update(text_color="#e7e5df")
    dark = {SIDES[stance]: DARK_SIDES[stance] for stance in Stance}
    for kind in (Rect, Scatter):
        for mark in drawn.select(kind):
            colour = getattr(mark, "fill_color", None)
            if isinstance(colour, str) and colour in dark:
                mark.update(fill_color=dark[colour])
    return json_item(drawn, target=ID("picture"), theme=built_in_themes["dark_minimal"])


def live_network(of: NetworkDrawing) -> figure:
    """The network to hover over; a click on an actor opens its page."""
    drawn = _canvas("", x_range=(0, WIDTH), y_range=(max(of.height, 1), 0))
    drawn.axis.visible = False
    drawn.grid.visible = False
    for sign, colour, dash in ((1, AGREE, "solid"), (-1, CONFLICT, "dashed")):
        ties = [tie for tie in of.ties if tie.weight * sign > 0]
        strongest = max((abs(tie.weight) for tie in ties), default=1.0)
        labels = {node.id: node.label for node in of.nodes}
        source = ColumnDataSource(
            {
                "xs": [[of.places[tie.source].x, of.places[tie.target].x] for tie in ties],
                "ys": [[of.places[tie.source].y, of.places[tie.target].y] for tie in ties],
                "a": [tie.source for tie in ties],
                "b": [tie.target for tie in ties],
                "width": [0.6 + 3 * abs(tie.weight) / strongest for tie in ties],
                "told": [
                    f"{labels[t.source]} and {labels[t.target]}: {t.agree:g} together, {t.conflict:g} apart, "
                    f"{t.shared} shared"
                    for t in ties
                ],
            }
        )
        lines = drawn.multi_line(
            "xs", "ys", source=source, line_width="width", line_color=colour, line_dash=dash, line_alpha=0.5
        )
        compare = OpenURL(url="../compare?actor=@a&actor=@b", same_tab=True)
        drawn.add_tools(TapTool(renderers=[lines], callback=compare))
    source = ColumnDataSource(
        {
            "x": [of.places[node.id].x for node in of.nodes],
            "y": [of.places[node.id].y for node in of.nodes],
            "below": [of.places[node.id].radius + 3 for node in of.nodes],
            "name": ["\n".join(of.places[node.id].lines) for node in of.nodes],
            "id": [node.id for node in of.nodes],
            "label": [node.label for node in of.nodes],
            "size": [2 * of.places[node.id].radius for node in of.nodes],
            "colour": [camp_colour(camp) for camp in of.camps],
            "told": [
                f"{node.label}: {node.statements} statements in {node.articles} articles, {node.support} for, "
                f"{node.oppose} against, {node.mixed} mixed; {camp.replace('-', ' ') or 'no camp'}"
                for node, camp in zip(of.nodes, of.camps, strict=True)
            ],
        }
    )
    points = drawn.scatter("x", "y", source=source, size="size", fill_color="colour", line_color="white")
    drawn.text(
        "x",
        "y",
        text="name",
        source=source,
        y_offset="below",
        text_align="center",
        text_baseline="top",
        text_font_size="11px",
    )
    _hover(drawn)
    drawn.add_tools(TapTool(renderers=[points], callback=OpenURL(url="../actors/@id", same_tab=True)))
    return drawn


def live_matrix(of: PositionMatrix) -> figure:
    """The heat map; a click opens the actor's statements on the reform."""
    of = most_discussed(of, rows=MOST_ROWS, columns=MOST_COLUMNS)
    actors, reforms = of.actors, of.reforms
    cells = [
        (actors[i], reforms[j], cell)
        for i, row in enumerate(of.cells)
        for j, cell in enumerate(row)
        if cell is not None
    ]
    rows, columns = _axis(actors), _axis(reforms)
    drawn = _canvas(
        "", x_range=list(columns.values()), y_range=list(rows.values())[::-1], height=380 + 24 * len(actors)
    )
    drawn.xaxis.major_label_orientation = "vertical"
    drawn.grid.visible = False
    for stance in Stance:
        of_side = [(actor, reform, cell) for actor, reform, cell in cells if cell.stance is stance]
        source = ColumnDataSource(
            {
                "x": [columns[reform.id] for _, reform, _ in of_side],
                "y": [rows[actor.id] for actor, _, _ in of_side],
                "actor": [actor.id for actor, _, _ in of_side],
                "reform": [reform.id for _, reform, _ in of_side],
                "told": [f"{a.label}, {r.label}: {SIDE[c.stance]} ({c.statements} statements)" for a, r, c in of_side],
            }
        )
        label = f"{SIGN[stance]} {SIDE[stance]}"
        drawn.rect("x", "y", 0.95, 0.95, source=source, fill_color=SIDES[stance], line_color=None, legend_label=label)
    drawn.add_layout(drawn.legend[0], "above")
    drawn.legend.orientation = "horizontal"
    _hover(drawn)
    drawn.add_tools(TapTool(callback=OpenURL(url="../search?actor=@actor&reform=@reform", same_tab=True)))
    return drawn


def live_line(of: TimeLine) -> figure:
    """The time line; a click on a point opens the statement."""
    drawn = _canvas("", x_axis_type="datetime", y_range=list(of.actors)[::-1], height=120 + 22 * len(of.actors))
    for stance in Stance:
        points = [point for point in of.points if point.stance is stance]
        source = ColumnDataSource(
            {
                "x": [_moment(point.day) for point in points],
                "y": [point.label for point in points],
                "statement": [point.statement for point in points],
                "told": [f"{point.date}: {point.quote}" for point in points],
            }
        )
        drawn.scatter(
            "x", "y", source=source, size=11, marker=MARKERS[stance], color=SIDES[stance], legend_label=stance.value
        )
    _hover(drawn)
    drawn.add_tools(TapTool(callback=OpenURL(url="../statements/@statement", same_tab=True)))
    return drawn


def live_course(of: Course) -> figure:
    """Polarisation over time; a click opens who stood with whom in that window."""
    drawn = _canvas("", x_axis_type="datetime", height=300)
    days = [_moment(date.fromisoformat(each.at).toordinal()) for each in of.windows]
    bounds = [of.bounds(each) for each in of.windows]
    marks: list[DataRenderer] = []
    for name, label, colour in (
        ("modularity", "modularity of the camps", CAMPS[0]),
        ("conflict_share", "share of conflict", CAMPS[1]),
    ):
        values = [getattr(each, name) for each in of.windows]
        told = [f"{each.at}: {value:.2f}, {each.actors} actors" for each, value in zip(of.windows, values, strict=True)]
        since, until = ([each[end] for each in bounds] for end in (0, 1))
        source = ColumnDataSource({"x": days, "y": values, "told": told, "since": since, "until": until})
        drawn.line("x", "y", source=source, color=colour, legend_label=label)
        marks.append(drawn.scatter("x", "y", source=source, color=colour, size=9))
    _hover(drawn)
    opens = OpenURL(url="../agreement?since=@since&until=@until", same_tab=True)
    drawn.add_tools(TapTool(renderers=marks, callback=opens))
    return drawn


def _canvas(title: str, **more: Any) -> figure:
    options = {"height": 560, "sizing_mode": "stretch_width", "tools": "pan,wheel_zoom,reset", **more}
    made = figure(title=title or None, toolbar_location="above", active_scroll="wheel_zoom", **options)
    made.toolbar.logo = None
    return made


def _moment(day: int) -> int:
    """A day as Bokeh's browser code reckons time; of dates themselves it finds no range."""
    return (day - date(1970, 1, 1).toordinal()) * 86_400_000


def _hover(drawn: figure) -> None:
    # Of marks that lie on one another, only the nearest tells its counts.
    drawn.add_tools(HoverTool(tooltips="@told", limit=1))


def _axis(nodes: Sequence[Node]) -> dict[str, str]:
    """The labels of an axis by id; of two that are the same, the second has its id behind it."""
    told: dict[str, str] = {}
    for node in nodes:
        label = short(node.label)
        told[node.id] = f"{label} [{node.id}]" if label in told.values() else label
    return told


PICTURES: Mapping[str, Callable[[Any], figure]] = {
    "network": live_network,
    "matrix": live_matrix,
    "timeline": live_line,
    "polarisation": live_course,
}
