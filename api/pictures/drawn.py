"""Pictures for reports, as SVG and PNG by matplotlib: no browser, and the same bytes for the same numbers."""

import io
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import matplotlib as mpl
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from api.pictures.colours import AGREE, CONFLICT, SIDES, short
from api.pictures.drawing import (
    LINE,
    MOST_COLUMNS,
    MOST_ROWS,
    WIDTH,
    Course,
    NetworkDrawing,
    TimeLine,
    matrix_says,
    most_discussed,
)
from api.showing.wording import SIDE, SIGN
from graph.debate.agreement import PositionMatrix
from graph.debate.looks import CAMPS, camp_colour
from graph.model import Stance

# Letters stay letters that a reader can search and a screen can scale; names in the file do not come by chance.
mpl.rcParams.update({"svg.hashsalt": "positions", "svg.fonttype": "none", "font.size": 9})

DRAWN = {Stance.SUPPORT: "^", Stance.OPPOSE: "v", Stance.MIXED: "D", Stance.NEUTRAL: "o"}
"""A side has a shape as well as a colour."""
ROW_OF = {Stance.SUPPORT: -0.24, Stance.MIXED: -0.08, Stance.OPPOSE: 0.08, Stance.NEUTRAL: 0.24}
"""Where in its actor's row a side stands."""
LABEL = 12.5
"""Height of the letters of a name, in units of the drawing."""
UNDATED: Mapping[str, Mapping[str, None]] = {"svg": {"Date": None}, "png": {"Software": None}}


def drawn_file(what: str, found: Any, ending: str) -> bytes:
    """The picture as a file."""
    out = io.BytesIO()
    PICTURES[what](found).savefig(out, format=ending, dpi=150, bbox_inches="tight", metadata=UNDATED[ending])
    return out.getvalue()


def still_network(of: NetworkDrawing) -> Figure:
    """The network: size by statements, colour by camp, solid ties agree, dashed ones conflict."""
    inches = 9.0
    drawn = Figure(figsize=(inches, max(inches * of.height / WIDTH, 1.5)))
    axes = drawn.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(max(of.height, 1), 0)
    points = inches * 72 / WIDTH
    for sign, colour, style in ((1, AGREE, "solid"), (-1, CONFLICT, "dashed")):
        ties = [tie for tie in of.ties if tie.weight * sign > 0]
        strongest = max((abs(tie.weight) for tie in ties), default=1.0)
        axes.add_collection(
            LineCollection(
                [[(of.places[end].x, of.places[end].y) for end in (tie.source, tie.target)] for tie in ties],
                colors=colour,
                linestyles=style,
                linewidths=[0.4 + 2.2 * abs(tie.weight) / strongest for tie in ties],
                alpha=0.55,
                zorder=1,
            )
        )
    places = [of.places[node.id] for node in of.nodes]
    axes.scatter(
        [place.x for place in places],
        [place.y for place in places],
        s=[(2 * place.radius * points) ** 2 for place in places],
        c=[camp_colour(camp) for camp in of.camps],
        edgecolors="white",
        zorder=2,
    )
    for place in places:
        axes.annotate(
            "\n".join(place.lines),
            (place.x, place.y + place.radius + 2),
            ha="center",
            va="top",
            fontsize=LABEL * points,
            linespacing=LINE / LABEL * 0.85,
            parse_math=False,
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
    says = matrix_says(of)
    of = most_discussed(of, rows=MOST_ROWS, columns=MOST_COLUMNS)
    actors, reforms = of.actors, of.reforms
    drawn = Figure(figsize=(3 + 0.35 * len(reforms), 2.5 + 0.28 * len(actors)))
    axes = drawn.subplots()
    for row, cells in enumerate(of.cells):
        for column, cell in enumerate(cells):
            if cell is not None:
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=SIDES[cell.stance]))
                axes.text(column, row, SIGN[cell.stance], ha="center", va="center", color="white", fontweight="bold")
    axes.set_xlim(-0.5, max(len(reforms), 1) - 0.5)
    axes.set_ylim(max(len(actors), 1) - 0.5, -0.5)
    axes.set_xticks(range(len(reforms)), [short(r.short or r.label) for r in reforms], rotation=90, parse_math=False)
    axes.set_yticks(range(len(actors)), [short(a.short or a.label) for a in actors], parse_math=False)
    for tick, camp in zip(axes.get_yticklabels(), of.camps, strict=False):
        tick.set_color(camp_colour(camp) if camp else "black")
    axes.set_title(says, fontsize=9)
    marks = [Rectangle((0, 0), 1, 1, color=SIDES[stance], label=f"{SIGN[stance]} {SIDE[stance]}") for stance in Stance]
    axes.legend(handles=marks, loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    return drawn


def still_line(of: TimeLine) -> Figure:
    """Statements on a reform over time, an actor a row."""
    drawn = Figure(figsize=(9, 1.8 + 0.4 * len(of.actors)))
    axes = drawn.subplots()
    for stance in Stance:
        points = [point for point in of.points if point.stance is stance]
        days = [date.fromordinal(point.day) for point in points]
        # Several sides on one day: one beneath the other, so that none hides another.
        rows = [of.actors.index(point.label) + ROW_OF[stance] for point in points]
        axes.scatter(days, rows, c=SIDES[stance], marker=DRAWN[stance], label=stance.value, zorder=2)  # type: ignore[arg-type]  # dates are taken
    axes.set_yticks(range(len(of.actors)), [short(label) for label in of.actors], parse_math=False)
    axes.set_ylim(max(len(of.actors), 1) - 0.5, -0.5)
    axes.grid(axis="y", alpha=0.3)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, frameon=False)
    axes.set_title(of.says, fontsize=9, parse_math=False, pad=24)
    drawn.autofmt_xdate()
    return drawn


def still_course(of: Course) -> Figure:
    """Modularity of the camps and share of conflict over time."""
    drawn = Figure(figsize=(9, 3.6))
    axes = drawn.subplots()
    days = [date.fromisoformat(each.at) for each in of.windows]
    for values, marker, colour, label in (
        ([each.modularity for each in of.windows], "o", CAMPS[0], "modularity of the camps"),
        ([each.conflict_share for each in of.windows], "s", CAMPS[1], "share of conflict"),
    ):
        axes.plot(days, values, marker=marker, color=colour, label=label)  # type: ignore[arg-type]  # dates are taken
    axes.set_ylim(-0.05, 1.05)
    axes.legend(frameon=False)
    axes.set_title("How divided the field is, window by window", fontsize=9)
    drawn.autofmt_xdate()
    return drawn


PICTURES: Mapping[str, Callable[[Any], Figure]] = {
    "network": still_network,
    "matrix": still_matrix,
    "timeline": still_line,
    "polarisation": still_course,
}
