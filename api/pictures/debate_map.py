"""The debate map: actors on a layout that stays while filters change, and the ties that the filters leave."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from api.pictures.drawing import NetworkDrawing
from graph.debate.network import Node, Tie
from graph.model import Stance

MOST_NODES, MOST_TIES = 500, 5_000
"""Largest map: the actors with most statements, and their strongest ties."""
SHAPES = 7
"""Camps with a shape and a colour of their own; after them they come again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """An actor on the map."""

    id: str
    label: str
    statements: int
    """Statements that the filters leave."""
    x: float
    y: float
    """The place on the layout of the whole debate, which no filter changes."""
    radius: float
    camp: int
    """The number of its colour and shape; 0 for no camp."""
    camp_label: str
    says: str
    tied: bool
    """Whether any tie is left; an actor without one stands in the tray."""
    short: str = ""
    """A short name, if the tables give one."""
    side: Stance | None = None
    """Its side on the highlighted reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapTie:
    """Two actors that agree or take opposite sides."""

    a: str
    b: str
    kind: str
    """agree or conflict: what outweighs the other."""
    width: float
    shared: int
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DebateMap:
    """Everything that the page needs to draw the map."""

    width: float
    height: float
    nodes: tuple[MapNode, ...]
    ties: tuple[MapTie, ...]
    first: str
    last: str
    """Dates of the first and last statement of the whole debate."""
    says: str
    words: Mapping[str, str] = field(default_factory=dict)
    """The words for how far a position goes, by degree."""
    signs: Mapping[str, str] = field(default_factory=dict)
    """The sign of each side."""


def debate_map(
    layout: NetworkDrawing,
    shown: NetworkDrawing,
    *,
    kinds: Collection[str],
    sides: Mapping[str, Stance],
    dates: tuple[str, str],
) -> DebateMap:
    """Return the map of the filtered network on the layout of the whole one."""
    ties = tuple(each for each in map(map_tie, shown.ties) if each.kind in kinds)
    tied = {end for tie in ties for end in (tie.a, tie.b)}
    camps = dict(zip((node.id for node in shown.nodes), shown.camps, strict=True))
    nodes = tuple(
        _node(node, camps.get(node.id, ""), layout, tied=node.id in tied, side=sides.get(node.id))
        for node in shown.nodes
        if node.id in layout.places
    )
    conflicts = sum(1 for tie in ties if tie.kind == "conflict")
    return DebateMap(
        width=1000.0,
        height=max(layout.height, 300.0),
        nodes=nodes,
        ties=ties,
        first=dates[0],
        last=dates[1],
        says=f"{_count(len(tied), 'actor')} with ties: {_count(len(ties) - conflicts, 'tie')} of agreement, "
        f"{conflicts:,} of conflict. {_count(len(nodes) - len(tied), 'actor')} without ties.",
    )


def map_tie(tie: Tie) -> MapTie:
    """Return the tie as the map shows it."""
    return MapTie(
        a=tie.source,
        b=tie.target,
        kind="conflict" if tie.weight < 0 else "agree",
        width=round(1 + min(abs(tie.agree - tie.conflict), 6) / 2, 1),
        shared=tie.shared,
        says=f"{tie.agree:g} together, {tie.conflict:g} apart",
    )


def _node(node: Node, camp: str, layout: NetworkDrawing, *, tied: bool, side: Stance | None) -> MapNode:
    place = layout.places[node.id]
    number = camp.rpartition("-")[2]
    counts = f"{node.support} for, {node.oppose} against, {node.mixed} mixed"
    told = camp.replace("-", " ") or "in no camp"
    return MapNode(
        id=node.id,
        label=node.label,
        statements=node.statements,
        x=place.x,
        y=place.y,
        radius=place.radius,
        camp=(int(number) - 1) % SHAPES + 1 if number.isdigit() else 0,
        camp_label=told,
        says=f"{node.label}: {_count(node.statements, 'statement')}, {counts}; {told}",
        tied=tied,
        short=node.short,
        side=side,
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
