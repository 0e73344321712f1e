"""Compute the content of pictures before any library draws it: places, sizes, ties, cells and points."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from math import sqrt
from textwrap import wrap

import numpy as np

from graph.debate.agreement import PositionMatrix
from graph.debate.camps import Polarisation
from graph.debate.columns import Debate, middle, rolled_up
from graph.debate.network import Network, Node, Tie
from graph.debate.paths import layout
from graph.domain.tables import is_date
from graph.errors import UnknownReform
from graph.model import Stance
from graph.rdf.xml_text import xml_text
from graph.reading.catalogue import Evidence

MOST_NODES, MOST_TIES = 120, 500
"""What one picture can show so that it can be read: the nodes with most statements, their strongest ties."""

MOST_ROWS, MOST_COLUMNS = 60, 40

WIDTH = 1000.0
"""Of a drawn network, in units; letters are 13 high in them."""
LETTER, LINE = 7.6, 15.0
"""Width of a letter of a wide face, and height of a line of a label, in units."""
LABELLED = 40
"""Largest number of nodes with names in a picture; more names would overlap."""
ACROSS = 24
"""Letters in a line of a label; the second line is the last."""
ROUNDS = 400
TOGETHER = 1.0
"""How strongly members of a camp draw each other, where full agreement is 1."""
GAP = 8.0
"""Units between the boxes of two nodes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePlace:
    """Where a node lies in the picture, from the top left corner, how large it is, and its label line by line."""

    x: float
    y: float
    radius: float
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDrawing:
    """Nodes with their places, camps and ties."""

    nodes: tuple[Node, ...]
    camps: tuple[str, ...]
    places: Mapping[str, NodePlace]
    height: float
    """Height of the picture, in units; its width is `WIDTH`."""
    ties: tuple[Tie, ...]
    left_out: int
    """Nodes that the picture has no room for."""

    @property
    def says(self) -> str:
        """What it shows, in a sentence."""
        conflicts = sum(1 for tie in self.ties if tie.weight < 0)
        told = f"{len(self.nodes)} actors; {len(self.ties) - conflicts} ties of agreement, {conflicts} of conflict."
        return f"{told} {self.left_out} with fewer statements are not drawn." if self.left_out else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A statement on the time line of a reform."""

    actor: str
    label: str
    date: str
    day: int
    """Proleptic ordinal of the middle of what the date may mean."""
    stance: Stance
    statement: str
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLine:
    """The statements on a reform in time, an actor a row, who spoke first at the top."""

    reform: str
    label: str
    actors: tuple[str, ...]
    points: tuple[Point, ...]
    undated: int

    @property
    def says(self) -> str:
        """What it shows, in a sentence."""
        told = f"{len(self.points)} statements of {len(self.actors)} actors on {self.label}, by date."
        return f"{told} {self.undated} without a date are not drawn." if self.undated else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How divided the field is, window by window."""

    windows: tuple[Polarisation, ...]
    days: int
    """From end to end of a window."""

    @property
    def says(self) -> str:
        """What it shows, in a sentence."""
        return f"Modularity of the camps and share of conflict in {len(self.windows)} windows of {self.days} days."

    def bounds(self, window: Polarisation) -> tuple[str, str]:
        """First and last day of a window."""
        middle = date.fromisoformat(window.at).toordinal()
        half = self.days // 2
        return date.fromordinal(middle - half).isoformat(), date.fromordinal(middle + half).isoformat()


def network_drawing(
    of: Network, camps: Mapping[str, str], *, most_nodes: int = MOST_NODES, most_ties: int = MOST_TIES
) -> NetworkDrawing:
    """Return the network to draw: the actors with most statements, closer together the more they agree."""
    shown = sorted(of.nodes, key=lambda node: (-node.statements, node.id))[:most_nodes]
    names = {node.id for node in shown}
    ties = [tie for tie in of.ties() if tie.source in names and tie.target in names]
    ties = sorted(ties, key=lambda tie: (-abs(tie.weight), -tie.shared, tie.source, tie.target))[:most_ties]
    return drawn(shown, ties, camps, seed=of.options.seed, left_out=len(of.nodes) - len(shown))


def drawn(
    nodes: Sequence[Node], ties: Sequence[Tie], camps: Mapping[str, str], *, seed: int, left_out: int = 0
) -> NetworkDrawing:
    """Place the nodes so that no names overlap, with the nodes without ties below the others."""
    tied = {end for tie in ties for end in (tie.source, tie.target)}
    most = max((node.statements for node in nodes), default=0) or 1
    marks = {
        node.id: NodePlace(
            x=0,
            y=0,
            radius=round(5 + 11 * sqrt(node.statements / most), 1),
            lines=label_lines(node.short or node.label) if number < LABELLED else (),
        )
        for number, node in enumerate(nodes)
    }
    together = [node.id for node in nodes if node.id in tied]
    rough = layout(together, [*ties, *_beside(together, camps)], seed=seed)
    places, foot = _spread({id: marks[id] for id in together}, rough)
    alone = {node.id: marks[node.id] for node in nodes if node.id not in tied}
    beneath, height = _in_rows(alone, top=foot)
    return NetworkDrawing(
        nodes=tuple(nodes),
        camps=tuple(camps.get(node.id, "") for node in nodes),
        places=places | beneath,
        height=height,
        ties=tuple(ties),
        left_out=left_out,
    )


def _beside(names: Sequence[str], camps: Mapping[str, str]) -> Iterator[Tie]:
    """Return the attraction between members of a camp, tied or not, so that the camp is visible as a group."""
    for a, b in combinations(names, 2):
        if camps.get(a) and camps.get(a) == camps.get(b):
            yield Tie(source=a, target=b, weight=TOGETHER, agree=0, conflict=0, shared=0)


def label_lines(label: str) -> tuple[str, ...]:
    """A name in two lines at most."""
    first, *rest = wrap(xml_text(label), ACROSS) or ["…"]
    if len(rest) > 1:
        rest = [rest[0][: ACROSS - 1].rstrip() + "…"]
    return (first, *rest)


def _spread(
    marks: Mapping[str, NodePlace], rough: Mapping[str, tuple[float, float]]
) -> tuple[dict[str, NodePlace], float]:
    """The rough places drawn apart until no two marks with their names overlap; and where the picture ends below.

    Half of a place is its rank along either axis: a crowd in the middle opens, and who is left of whom stays.
    """
    if not marks:
        return {}, 0.0
    names = list(marks)
    half = np.array(
        [[max(mark.radius, _wide(mark) / 2), (2 * mark.radius + _tall(mark)) / 2] for mark in marks.values()]
    )
    # The box hangs from its mark: the name stands beneath.
    drop = np.array([_tall(mark) / 2 for mark in marks.values()])
    room = np.array([WIDTH, max(260.0, 120 * sqrt(len(names)))])
    at = np.array([rough[name] for name in names])
    for axis in (0, 1):
        reach = np.ptp(at[:, axis]) or 1.0
        ranks = np.argsort(np.argsort(at[:, axis], kind="stable"), kind="stable") / max(len(names) - 1, 1)
        at[:, axis] = ((at[:, axis] - at[:, axis].min()) / reach + ranks) / 2
    low, high = half + GAP, np.maximum(room - half - GAP, half + GAP)
    at = low + at * (high - low)
    for _ in range(ROUNDS):
        apart = at[:, None, :] - at[None, :, :]
        lap = half[:, None, :] + half[None, :, :] + GAP - np.abs(apart)
        lapping = (lap > 0).all(axis=2)
        np.fill_diagonal(lapping, val=False)
        if not lapping.any():
            break
        # Along the axis on which less is to do; two on the same spot part by their order.
        upward = lap[:, :, 1] <= lap[:, :, 0]
        order = np.sign(np.arange(len(names))[:, None] - np.arange(len(names))[None, :])
        for axis, wanted in ((1, upward), (0, ~upward)):
            way = np.where(apart[:, :, axis] == 0, order, np.sign(apart[:, :, axis]))
            at[:, axis] += (way * lap[:, :, axis] * (lapping & wanted)).sum(axis=1) * 0.3
        # Sideways the picture has an end; downward it grows.
        at[:, 0] = np.clip(at[:, 0], low[:, 0], high[:, 0])
    at[:, 1] -= (at[:, 1] - half[:, 1]).min() - GAP
    found = {
        name: NodePlace(x=_units(x), y=_units(y - down), radius=mark.radius, lines=mark.lines)
        for (name, mark), (x, y), down in zip(marks.items(), at, drop, strict=True)
    }
    return found, _units((at[:, 1] + half[:, 1]).max() + GAP)


def _in_rows(marks: Mapping[str, NodePlace], *, top: float) -> tuple[dict[str, NodePlace], float]:
    """Place the nodes without ties side by side below the others. Also return where the picture ends."""
    columns = 5
    found = {}
    for number, (name, mark) in enumerate(marks.items()):
        row, column = divmod(number, columns)
        found[name] = NodePlace(
            x=_units(WIDTH * (column + 0.5) / columns), y=top + 26 + 62 * row, radius=mark.radius, lines=mark.lines
        )
    rows = -(-len(marks) // columns)
    return found, _units(top + 62 * rows + (10 if rows else 0))


def _wide(mark: NodePlace) -> float:
    return LETTER * max((len(line) for line in mark.lines), default=0)


def _tall(mark: NodePlace) -> float:
    return LINE * len(mark.lines) + (3 if mark.lines else 0)


def _units(value: float) -> float:
    return round(float(value), 1)


def most_discussed(of: PositionMatrix, *, rows: int, columns: int) -> PositionMatrix:
    """Return the part of a matrix with the actors and reforms with most statements.

    Actors stay in the order of the camps; the reform with most statements comes first.
    """
    said = [[cell.statements if cell else 0 for cell in row] for row in of.cells]
    on_reform = [sum(row[column] for row in said) for column in range(len(of.reforms))]
    across = sorted(range(len(of.reforms)), key=lambda column: (-on_reform[column], column))[:columns]
    down = sorted(sorted(range(len(of.actors)), key=lambda row: (-sum(said[row]), row))[:rows])
    return replace(
        of,
        actors=tuple(of.actors[row] for row in down),
        camps=tuple(of.camps[row] for row in down),
        reforms=tuple(of.reforms[column] for column in across),
        cells=tuple(tuple(of.cells[row][column] for column in across) for row in down),
    )


def matrix_says(matrix: PositionMatrix) -> str:
    """What a picture of the matrix shows, in a sentence."""
    actors, reforms = min(len(matrix.actors), MOST_ROWS), min(len(matrix.reforms), MOST_COLUMNS)
    return f"Positions of {actors} actors on {reforms} reforms, in the order of the camps; an empty field is silence."


def time_line(debate: Debate, reform: str) -> TimeLine:
    """The statements on a reform and its narrower ones, over time. Raises UnknownReform."""
    if reform not in debate.reforms:
        raise UnknownReform(f"no reform {reform!r} in this graph")
    about = [s for s in debate.statements if rolled_up(s.reform, debate.reforms, {reform})]
    points = []
    for statement in about:
        told = debate.date(statement)
        if told:
            points.append(
                Point(
                    actor=statement.actor,
                    label=debate.actors[statement.actor].label
                    if statement.actor in debate.actors
                    else statement.actor_label,
                    date=told,
                    day=middle(told).toordinal(),
                    stance=statement.stance,
                    statement=debate.stored.get(statement.id, statement.id),
                    quote=statement.quote,
                )
            )
    return _line(reform, debate.reform_label(reform), points, undated=len(about) - len(points))


def time_line_of(reform: str, label: str, statements: Iterable[Evidence]) -> TimeLine:
    """The same of statements that are at hand already, as a page has them."""
    told = list(statements)
    points = [
        Point(
            actor=each.actor,
            label=each.actor_label,
            date=each.date,
            day=middle(each.date).toordinal(),
            stance=each.stance,
            statement=each.id,
            quote=each.quote,
        )
        for each in told
        if is_date(each.date)
    ]
    return _line(reform, label, points, undated=len(told) - len(points))


def _line(reform: str, label: str, points: list[Point], *, undated: int) -> TimeLine:
    points.sort(key=lambda point: (point.day, point.label, point.statement))
    return TimeLine(
        reform=reform,
        label=label,
        actors=tuple(dict.fromkeys(point.label for point in points)),
        points=tuple(points),
        undated=undated,
    )
