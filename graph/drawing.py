"""What a picture shows, worked out before any library draws it: places, sizes, ties, cells and points."""

from collections.abc import Mapping
from dataclasses import dataclass

from graph.agreement import PositionMatrix
from graph.debate import Debate, middle, rolled_up
from graph.errors import UnknownReform
from graph.model import Stance
from graph.network import Network, Node, Tie, layout

MOST_NODES, MOST_TIES = 120, 500
"""What one picture can show so that it can be read: the nodes with most statements, their strongest ties."""

MOST_ROWS, MOST_COLUMNS = 60, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkDrawing:
    """Nodes with their places, camps and ties."""

    nodes: tuple[Node, ...]
    camps: tuple[str, ...]
    places: Mapping[str, tuple[float, float]]
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


def network_drawing(of: Network, camps: Mapping[str, str]) -> NetworkDrawing:
    """The network as it is drawn: those who say most, nearer together the more they agree."""
    shown = sorted(of.nodes, key=lambda node: (-node.statements, node.id))[:MOST_NODES]
    names = {node.id for node in shown}
    ties = [tie for tie in of.ties() if tie.source in names and tie.target in names]
    ties = sorted(ties, key=lambda tie: (-abs(tie.weight), -tie.shared, tie.source, tie.target))[:MOST_TIES]
    return NetworkDrawing(
        nodes=tuple(shown),
        camps=tuple(camps.get(node.id, "") for node in shown),
        places=layout([node.id for node in shown], ties, seed=of.options.seed),
        ties=tuple(ties),
        left_out=len(of.nodes) - len(shown),
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
        date = debate.date(statement)
        if date:
            points.append(
                Point(
                    actor=statement.actor,
                    label=debate.actors[statement.actor].label
                    if statement.actor in debate.actors
                    else statement.actor_label,
                    date=date,
                    day=middle(date).toordinal(),
                    stance=statement.stance,
                    statement=debate.stored.get(statement.id, statement.id),
                    quote=statement.quote,
                )
            )
    points.sort(key=lambda point: (point.day, point.label, point.statement))
    return TimeLine(
        reform=reform,
        label=debate.reform_label(reform),
        actors=tuple(dict.fromkeys(point.label for point in points)),
        points=tuple(points),
        undated=len(about) - len(points),
    )
