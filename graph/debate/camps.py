"""Camps: groups of actors that agree, how stable each group is, and how divided the field is over time.

`graph.debate.partitions` finds the groups. This module numbers them and measures by a bootstrap how often two members
stay together.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph.debate.columns import Debate, Floats, tally
from graph.debate.measures import measure, pairs, profile
from graph.debate.network import Network, Node, network, network_over_time
from graph.debate.options import Aggregation, Mode, NetworkOptions
from graph.debate.partitions import WEIGHED, Labels, distances_between, modularity, partition, silhouette
from graph.errors import BadRequest
from graph.model import Camp


@dataclass(frozen=True, slots=True, kw_only=True)
class Camps:
    """The camps of a network, and measures of how good the division is.

    `together` has, for each two of `actors`, the share of resamples with both of them in which they shared a camp.
    """

    camps: tuple[Camp, ...]
    unplaced: tuple[str, ...] = ()
    """Actors in no camp: they have no ties, or no one else would be in their camp."""
    modularity: float = 0.0
    silhouette: float = 0.0
    actors: tuple[str, ...] = ()
    together: Floats | None = None

    def of(self) -> dict[str, str]:
        """Return the camp of each actor that has one."""
        return {actor: camp.id for camp in self.camps for actor in camp.members}


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarisation:
    """How divided the field is in one window: the signed modularity of its camps, and the share of conflict."""

    at: str
    actors: int
    ties: int
    statements: int
    camps: int
    modularity: float
    conflict_share: float
    """Share of conflict in the weighted shared reforms of all pairs."""


def camps(debate: Debate, options: NetworkOptions | None = None, *, of: Network | None = None) -> Camps:
    """Return the camps of a debate's actor network; they depend only on the statements and the options.

    `of` is the network with the same options, if it exists already. Raises BadRequest if a network with these options
    cannot have camps.
    """
    options = options or NetworkOptions()
    if options.mode != Mode.ACTORS:
        raise BadRequest(
            f"camps are groups of actors, and the nodes of this network are {options.mode}; choose mode=actors"
        )
    if options.aggregation not in (Aggregation.SUBTRACT, Aggregation.CONGRUENCE):
        raise BadRequest(
            f"camps need ties of agreement, which {options.aggregation} does not give; choose subtract or congruence"
        )
    made = of if of is not None else network(debate, options)
    labels = partition(made, options)
    names = [node.id for node in made.nodes]
    together = _together(debate, options, names) if options.resamples else None
    placed = _numbered(labels, names)
    found = tuple(
        Camp(id=f"camp-{number}", members=members, stability=_stability(members, names, together))
        for number, members in enumerate(placed, 1)
    )
    inside = {actor for members in placed for actor in members}
    return Camps(
        camps=found,
        unplaced=tuple(name for name in names if name not in inside),
        modularity=modularity(made, labels),
        silhouette=silhouette(distances_between(made), labels) if len(names) <= WEIGHED else float("nan"),
        actors=tuple(names),
        together=together,
    )


def polarisation(debate: Debate, options: NetworkOptions) -> Iterator[Polarisation]:
    """Yield how divided the field is in each moving window."""
    still = replace(options, resamples=0)
    for moment, made in network_over_time(debate, still):
        divided = camps(debate, still, of=made)
        clash, shared = made.conflict.sum(), (made.congruence + made.conflict).sum()
        yield Polarisation(
            at=moment,
            actors=len(made.nodes),
            ties=len(made),
            statements=sum(node.statements for node in made.nodes),
            camps=len(divided.camps),
            modularity=divided.modularity,
            conflict_share=float(clash / shared) if shared else 0.0,
        )


def _together(debate: Debate, options: NetworkOptions, names: Sequence[str]) -> Floats:
    """Return how often two actors share a camp when articles are resampled with replacement (a bootstrap)."""
    counted = tally(debate, options)
    size, articles = len(names), len(counted.articles)
    rng = np.random.default_rng(options.seed)
    both = np.zeros((size, size))
    present = np.zeros((size, size))
    drawn_from = np.unique(counted.article)
    one_run = replace(options, resamples=0)
    for _ in range(options.resamples):
        drawn = rng.choice(drawn_from, len(drawn_from)) if len(drawn_from) else drawn_from
        multiplicity = np.bincount(drawn, minlength=articles).astype(np.float64)
        of = profile(counted, options, multiplicity)
        found = pairs(of)
        weight = measure(of, found, options)
        kept = np.flatnonzero((np.abs(weight) > 1e-12) & (found.shared >= options.at_least))
        part = Network(
            options=one_run,
            nodes=_named(names),
            source=found.first[kept],
            target=found.second[kept],
            weight=weight[kept],
            congruence=found.congruence[kept],
            conflict=found.conflict[kept],
            shared=found.shared[kept],
            profile=of,
        )
        here = np.asarray(of.activity.sum(axis=1)).ravel() > 0
        labels = partition(part, one_run)
        both += (labels[:, None] == labels[None, :]) & here[:, None] & here[None, :]
        present += here[:, None] & here[None, :]
    return np.divide(both, present, out=np.zeros_like(both), where=present > 0)


def _named(names: Sequence[str]) -> tuple[Node, ...]:
    return tuple(Node(id=name, label=name, kind="actor") for name in names)


def _numbered(labels: Labels, names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the groups with at least two members, the largest first."""
    groups: dict[int, list[str]] = defaultdict(list)
    for label, name in zip(labels.tolist(), names, strict=True):
        groups[label].append(name)
    found = [tuple(sorted(members)) for members in groups.values() if len(members) > 1]
    return sorted(found, key=lambda members: (-len(members), members))


def _stability(members: Sequence[str], names: Sequence[str], together: Floats | None) -> float:
    if together is None:
        return 0.0
    place = {name: number for number, name in enumerate(names)}
    rows = [place[member] for member in members]
    part = together[np.ix_(rows, rows)]
    return float(part[np.triu_indices(len(rows), 1)].mean())
