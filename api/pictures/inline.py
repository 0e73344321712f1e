"""Pictures as part of a page: every mark is a link, and the colours follow the page, light or dark."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.pictures.drawing import WIDTH, Course, NetworkDrawing, TimeLine
from api.showing import addresses, wording
from graph.model import Stance

CAMPS = 8
"""Camps with a colour of their own; after them the colours come again."""
MOST_MARKS = 80
"""Statements of a time line that a page has room for."""
ROW, TOP = 52, 18
BESIDE = 20
"""Height of an actor's row, space above the first row, and distance between marks of one day, in pixels."""
CHART, FOOT = 200, 20
"""Height of a chart, and of the dates below it, in pixels."""
LEFT, RIGHT = 4.0, 96.0
"""Where time begins and ends in a picture, in percent of its width."""
TICKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TieMark:
    """A line between two actors."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    kind: str
    """agree or conflict."""
    href: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeMark:
    """An actor."""

    x: float
    y: float
    radius: float
    lines: tuple[tuple[str, float], ...]
    """Lines of its name, each with its place below."""
    camp: int
    """The number of its colour; 0 means no colour."""
    href: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkPicture:
    """A network as a page draws it; as wide as the drawing, in its units."""

    width: float
    height: float
    ties: tuple[TieMark, ...]
    nodes: tuple[NodeMark, ...]
    camps: tuple[tuple[str, int], ...]
    """Each camp with the number of its colour."""
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A date on the axis, in percent of the width."""

    at: float
    label: str
    anchor: str
    """The part of the label at this place: start, middle or end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMark:
    """A statement, or a value, at its date: percent from the left, pixels from the top."""

    x: float
    y: float
    sign: str
    stance: str
    href: str
    says: str
    aside: int = 0
    """Offset to the right of its date in pixels, to make room for other marks of that day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRow:
    """An actor's row of a time line."""

    label: str
    href: str
    y: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePicture:
    """Statements over time as a page draws them."""

    height: float
    rows: tuple[PictureRow, ...]
    marks: tuple[LineMark, ...]
    ticks: tuple[Tick, ...]
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """A measure over time, window by window."""

    name: str
    label: str
    stretches: tuple[tuple[float, float, float, float], ...]
    marks: tuple[LineMark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePicture:
    """How divided a field is over time, as a page draws it."""

    height: float
    floor: float
    ceiling: float
    curves: tuple[Curve, ...]
    ticks: tuple[Tick, ...]
    says: str


def network_picture(of: NetworkDrawing) -> NetworkPicture | None:
    """Return the network with a link for each actor and tie, or None if there are no ties."""
    if not of.ties:
        return None
    labels = {node.id: wording.plain(node.label) for node in of.nodes}
    strongest = max(abs(tie.weight) for tie in of.ties) or 1.0
    ties = []
    for tie in of.ties:
        start, end = of.places[tie.source], of.places[tie.target]
        ties.append(
            TieMark(
                x1=start.x,
                y1=start.y,
                x2=end.x,
                y2=end.y,
                width=round(1 + 3 * abs(tie.weight) / strongest, 1),
                kind="conflict" if tie.weight < 0 else "agree",
                href=addresses.with_query("/compare", [("actor", tie.source), ("actor", tie.target)]),
                says=f"{labels[tie.source]} and {labels[tie.target]}: {tie.agree:g} together, {tie.conflict:g} apart",
            )
        )
    colours = {camp: (number - 1) % CAMPS + 1 for number, camp in enumerate(["", *_camps(of)]) if camp}
    nodes = []
    for node, camp in zip(of.nodes, of.camps, strict=True):
        place = of.places[node.id]
        standing = f"{node.support} for, {node.oppose} against, {node.mixed} mixed"
        nodes.append(
            NodeMark(
                x=place.x,
                y=place.y,
                radius=place.radius,
                lines=tuple(
                    (wording.plain(line), round(place.y + place.radius + 13 + 14 * number, 1))
                    for number, line in enumerate(place.lines)
                ),
                camp=colours.get(camp, 0),
                href=addresses.page("actor", node.id),
                says=f"{wording.plain(node.label)}: {wording.count(node.statements, 'statement')}, {standing}; "
                f"{camp.replace('-', ' ') or 'in no camp'}",
            )
        )
    return NetworkPicture(
        width=WIDTH,
        height=of.height,
        ties=tuple(ties),
        nodes=tuple(nodes),
        camps=tuple((camp.replace("-", " "), number) for camp, number in colours.items()),
        says=of.says,
    )


def time_picture(of: TimeLine, *, signs: Mapping[Stance, str] = wording.SIGN) -> TimePicture | None:
    """The time line with a link for each statement and each actor; None where nothing is dated or too much is said."""
    if not of.points or len(of.points) > MOST_MARKS:
        return None
    first, last = of.points[0].day, of.points[-1].day
    ids = {point.label: point.actor for point in of.points}
    below = {label: TOP + ROW * number for number, label in enumerate(of.actors)}
    taken: dict[tuple[str, int], int] = {}
    marks = []
    for point in of.points:
        spot = (point.label, point.day)
        number = taken[spot] = taken.get(spot, -1) + 1
        # Marks of one day stand side by side, to the left where the picture ends.
        x = _percent(point.day, first, last)
        way = -1 if x > (LEFT + RIGHT) / 2 else 1
        marks.append(
            LineMark(
                x=x,
                y=below[point.label] + 20,
                aside=way * BESIDE * number,
                sign=signs[point.stance],
                stance=point.stance.value,
                href=addresses.page("statement", point.statement),
                says=f"{wording.plain(point.label)}: {wording.SAID[point.stance]}, {wording.date(point.date)}: "
                f"{wording.plain(point.quote, length=160)}",
            )
        )
    return TimePicture(
        height=TOP + ROW * len(of.actors) + FOOT,
        rows=tuple(
            PictureRow(label=wording.plain(label, length=60), href=addresses.page("actor", ids[label]), y=below[label])
            for label in of.actors
        ),
        marks=tuple(marks),
        ticks=_ticks([(point.day, point.date) for point in of.points]),
        says=of.says,
    )


def course_picture(of: Course) -> CoursePicture | None:
    """Polarisation with a link from each window to who stood with whom in it; None where there is no window."""
    if not of.windows:
        return None
    bounds = [of.bounds(each) for each in of.windows]
    places = _even(len(of.windows))
    curves = []
    for name, label, values in (
        ("modularity", "modularity of the camps", [each.modularity for each in of.windows]),
        ("conflict", "share of conflict", [each.conflict_share for each in of.windows]),
    ):
        marks = tuple(
            LineMark(
                x=x,
                y=_height(value),
                sign="",
                stance=name,
                href=addresses.with_query("/agreement", {"since": since, "until": until}),
                says=f"{wording.date(since)} to {wording.date(until)}: {label} {value:.2f}, "
                f"{wording.count(each.actors, 'actor')}, {wording.count(each.statements, 'statement')}",
            )
            for x, value, each, (since, until) in zip(places, values, of.windows, bounds, strict=True)
        )
        stretches = tuple((a.x, a.y, b.x, b.y) for a, b in pairwise(marks))
        curves.append(Curve(name=name, label=label, stretches=stretches, marks=marks))
    chosen = sorted({0, len(places) // 2, len(places) - 1})
    return CoursePicture(
        height=CHART + FOOT + 8,
        floor=_height(0),
        ceiling=_height(1),
        curves=tuple(curves),
        ticks=tuple(
            Tick(at=places[each], label=wording.date(of.windows[each].at[:7]), anchor=_anchor(places[each]))
            for each in chosen
        ),
        says=of.says,
    )


def _camps(of: NetworkDrawing) -> list[str]:
    return sorted(set(of.camps) - {""}, key=lambda camp: (len(camp), camp))


def _percent(day: int, first: int, last: int) -> float:
    if first == last:
        return (LEFT + RIGHT) / 2
    return round(LEFT + (RIGHT - LEFT) * (day - first) / (last - first), 2)


def _even(number: int) -> list[float]:
    return [_percent(each, 0, max(number - 1, 0)) for each in range(number)]


def _height(value: float) -> float:
    return round(10 + (CHART - 10) * (1 - min(max(value, 0), 1)), 1)


def _ticks(dated: Sequence[tuple[int, str]]) -> tuple[Tick, ...]:
    """The dates that are there; of many those that stand apart far enough to be read."""
    first, last = dated[0][0], dated[-1][0]
    found: list[Tick] = []
    apart = (RIGHT - LEFT) / TICKS
    for day, told in dict(dated).items():
        at = _percent(day, first, last)
        ends = day in (first, last)
        if not found or at - found[-1].at >= apart:
            found.append(Tick(at=at, label=wording.date(told), anchor=_anchor(at)))
        elif ends and len(found) > 1:
            found[-1] = Tick(at=at, label=wording.date(told), anchor=_anchor(at))
    return tuple(found)


def _anchor(at: float) -> str:
    if at < 15:
        return "start"
    return "end" if at > 85 else "middle"
