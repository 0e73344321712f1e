"""What Gephi shows of a network at once: places, colours by camp, sides on reforms, and intervals for its timeline."""

import calendar
from collections.abc import Mapping
from math import cos, pi, sin, sqrt

from graph.debate.columns import Debate, tally
from graph.debate.network import Network, Node
from graph.debate.options import NetworkOptions
from graph.debate.paths import layout
from graph.rdf.xml_text import xml_text

CAMPS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Okabe and Ito's colours, which colour-blind people can distinguish too; they repeat after eight camps."""
NO_CAMP = "#BBBBBB"
PLACED = 400
"""Number of nodes, those with most statements, to place by agreement; the others are in a circle around them."""
SCALE = 1_000
"""Gephi's units between the middle and the edge of a picture."""

Intervals = Mapping[tuple[str, str], tuple[str, str]]
"""First and last day of the statements of each node, by its kind and id."""


def camp_colour(camp: str) -> str:
    """The colour of a camp by its number; grey for none."""
    number = camp.rpartition("-")[2]
    return CAMPS[(int(number) - 1) % len(CAMPS)] if number.isdigit() else NO_CAMP


def intervals(debate: Debate, options: NetworkOptions) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the days between which each actor and each reform has dated statements that count."""
    chosen = tally(debate, options)
    kind = "concern" if options.by_concern else "reform"
    found: dict[tuple[str, str], tuple[str, str]] = {}
    rows = zip(chosen.actor.tolist(), chosen.column.tolist(), chosen.article.tolist(), strict=True)
    for actor, column, article in rows:
        known = debate.articles.get(chosen.articles[article])
        if known is None or not known.date:
            continue
        first, last = _days(known.date)
        for node in (("actor", chosen.actors[actor]), (kind, chosen.columns[column])):
            before = found.get(node, (first, last))
            found[node] = min(before[0], first), max(before[1], last)
    return found


def looks(of: Network, camps: Mapping[str, str], spans: Intervals) -> list[dict[str, str | float]]:
    """Return `x`, `y`, `size`, `colour`, the interval and the sides of each node, in the order of the nodes."""
    places, sides = _places(of), _sides(of)
    most = max((node.statements for node in of.nodes), default=0) or 1
    made: list[dict[str, str | float]] = []
    for node in of.nodes:
        it = (node.kind, node.id)
        x, y = places[it]
        look: dict[str, str | float] = {"x": round(x * SCALE, 1), "y": round(y * SCALE, 1)}
        look |= {
            "size": round(10 + 30 * sqrt(node.statements / most), 1),
            "colour": camp_colour(camps.get(node.id, "")),
        }
        look |= sides.get(it, {})
        if it in spans:
            look |= dict(zip(("start", "end"), spans[it], strict=True))
        made.append(look)
    return made


def rgb(colour: str) -> tuple[int, int, int]:
    """Return red, green and blue of a colour."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _places(of: Network) -> dict[tuple[str, str], tuple[float, float]]:
    ranked = sorted(of.nodes, key=lambda node: (-node.statements, node.kind, node.id))
    inner, outer = ranked[:PLACED], ranked[PLACED:]
    if of.options.two_mode:
        found = _two_columns(inner)
    else:
        names = {node.id for node in inner}
        ties = [tie for tie in of.ties() if tie.source in names and tie.target in names]
        rough = layout([node.id for node in inner], ties, seed=of.options.seed)
        found = {(node.kind, node.id): rough[node.id] for node in inner}
    for number, node in enumerate(outer):
        angle = 2 * pi * number / len(outer)
        found[node.kind, node.id] = round(1.4 * cos(angle), 4), round(1.4 * sin(angle), 4)
    return found


def _two_columns(nodes: list[Node]) -> dict[tuple[str, str], tuple[float, float]]:
    """Actors in a column on the left, and what they speak about on the right."""
    found: dict[tuple[str, str], tuple[float, float]] = {}
    for x, several in (
        (-1.0, [node for node in nodes if node.kind == "actor"]),
        (1.0, [node for node in nodes if node.kind != "actor"]),
    ):
        for number, node in enumerate(several):
            found[node.kind, node.id] = x, round(1 - 2 * (number + 0.5) / len(several), 4)
    return found


def _sides(of: Network) -> dict[tuple[str, str], dict[str, str]]:
    """The side of each node on each reform (of each reform: by each actor), where it takes one."""
    kinds = {node.id: node.kind for node in of.nodes if node.kind == "actor" or not of.options.two_mode}
    signed, spoke = of.profile.signed.toarray(), of.profile.activity.toarray()
    found: dict[tuple[str, str], dict[str, str]] = {}
    for i, row in enumerate(of.profile.rows):
        found[kinds.get(row, "actor"), row] = {
            f"side: {xml_text(column)}": "support" if signed[i, j] > 0 else "oppose" if signed[i, j] < 0 else "mixed"
            for j, column in enumerate(of.profile.columns)
            if spoke[i, j]
        }
    return found


def _days(date: str) -> tuple[str, str]:
    """The first and the last day of a date of any precision."""
    parts = [int(part) for part in date.split("-")]
    month = parts[1] if len(parts) > 1 else 12
    last = parts[2] if len(parts) > 2 else calendar.monthrange(parts[0], month)[1]
    first = (*parts, 1, 1)[:3]
    return "{:04}-{:02}-{:02}".format(*first), f"{parts[0]:04}-{month:02}-{last:02}"
