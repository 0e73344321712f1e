"""Bridges: actors that agree with members of other camps and so could carry a compromise."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from graph.debate.camps import Camps
from graph.debate.network import Network
from graph.debate.paths import betweenness


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """An actor between camps: how many paths of agreement lead through it, and which camps it reaches."""

    actor: str
    camp: str
    betweenness: float
    reaches: Mapping[str, int]
    """Other camps, with the number of their members with which it agrees."""


def bridges(of: Network, found: Camps) -> list[Bridge]:
    """Return actors that agree with members of other camps, or through which paths of agreement between camps lead."""
    camp_of = found.of()
    central = betweenness(of, camp_of)
    reaches = _reaches(of, camp_of)
    made = [
        Bridge(
            actor=actor,
            camp=camp_of.get(actor, ""),
            betweenness=central.get(actor, 0.0),
            reaches=reaches.get(actor, {}),
        )
        for actor in sorted(set(reaches) | {actor for actor, value in central.items() if value > 0})
    ]
    return sorted(made, key=lambda bridge: (-bridge.betweenness, -sum(bridge.reaches.values()), bridge.actor))


def _reaches(of: Network, camp_of: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return how many members of each other camp each actor agrees with."""
    names = sorted(set(camp_of.values()))
    place = {name: number for number, name in enumerate(names)}
    code = np.array([place[camp_of[node.id]] if node.id in camp_of else -1 for node in of.nodes], dtype=np.int64)
    friends = of.weight > 0
    counts = np.zeros((len(of.nodes), len(names)), dtype=np.int64)
    for actor, other in ((of.source, of.target), (of.target, of.source)):
        across = friends & (code[other] >= 0) & (code[other] != code[actor])
        np.add.at(counts, (actor[across], code[other[across]]), 1)
    return {
        of.nodes[i].id: {names[j]: int(counts[i, j]) for j in np.flatnonzero(counts[i])}
        for i in np.flatnonzero(counts.any(axis=1)).tolist()
    }
