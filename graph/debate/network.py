"""Networks of agreement and conflict: nodes and ties built from the profiles of a debate.

A one-mode network ties actors (or reforms, or concerns) to each other; a two-mode network ties actors to reforms or
concerns.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.debate.columns import SIDES, Debate, Floats, Integers, Tally, moments, tally
from graph.debate.measures import NOTHING, Pairs, Profile, lengths, measure, pairs, profile, quotient, values_at
from graph.debate.options import Aggregation, Mode, NetworkOptions, Normalisation
from graph.errors import BadRequest
from graph.model import Actor, Agreement, Reform

COMMON: Mapping[str, Any] = {
    "aggregation": Aggregation.SUBTRACT,
    "normalisation": Normalisation.NONE,
    "at_least": 1,
    "backbone": None,
}
"""Options that networks of the same profile may differ in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An actor, a reform or a concern in a network, with counts of its statements."""

    id: str
    label: str
    kind: str
    short: str = ""
    """A short name for tables and pictures, if the tables give one."""
    statements: int = 0
    articles: int = 0
    support: int = 0
    oppose: int = 0
    mixed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two nodes and how they are tied; `agree` and `conflict` are the unnormalised weights behind it."""

    source: str
    target: str
    weight: float
    agree: float
    conflict: float
    shared: int
    """Number of reforms (or actors, or concerns) on which both have taken a side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """Nodes and ties as columns of numbers, with the options that made them and the profile behind them.

    In a two-mode network the sources are the first kind of node and the targets the second.
    """

    options: NetworkOptions
    nodes: tuple[Node, ...]
    source: Integers
    target: Integers
    weight: Floats
    congruence: Floats
    conflict: Floats
    shared: Integers
    profile: Profile
    first: str = ""
    last: str = ""
    neutral: int = 0
    undated: int = 0

    def __len__(self) -> int:
        return len(self.source)

    def ties(self) -> Iterator[Tie]:
        """Yield the ties in order of their nodes."""
        columns = (self.source, self.target, self.weight, self.congruence, self.conflict, self.shared)
        for source, target, weight, agree, conflict, shared in zip(*(c.tolist() for c in columns), strict=True):
            yield Tie(
                source=self.nodes[source].id,
                target=self.nodes[target].id,
                weight=weight,
                agree=agree,
                conflict=conflict,
                shared=shared,
            )

    def matrix(self) -> sparse.csr_array:
        """Return the weights of a one-mode network as a symmetric matrix with an empty diagonal."""
        size = len(self.nodes)
        half = sparse.coo_array((self.weight, (self.source, self.target)), shape=(size, size)).tocsr()
        return half + half.T.tocsr()


def network(debate: Debate, options: NetworkOptions | None = None) -> Network:
    """Return the network of a debate. Raises BadRequest if options conflict.

    A window needs its middle (`at`); `network_over_time` yields a network for each window.
    """
    return next(networks(debate, [options or NetworkOptions()]))


def networks(debate: Debate, options: Iterable[NetworkOptions]) -> Iterator[Network]:
    """Yield a network for each of the options; neighbouring options share what they have in common."""
    last: NetworkOptions | None = None
    by_mode: dict[Mode, tuple[Pairs, tuple[Node, ...]]] = {}
    for wanted in options:
        if wanted.window is not None and not wanted.at:
            raise BadRequest(
                "a single network needs the middle of its window; give `at`, or ask for the course over time"
            )
        base = replace(wanted, mode=Mode.CONCERNS if wanted.by_concern else Mode.ACTORS, **COMMON)
        if last != base:
            counted = tally(debate, wanted)
            made = profile(counted, wanted)
            last = base
            by_mode.clear()
        if wanted.two_mode:
            yield _two_mode(debate, wanted, counted, made)
        else:
            rows = made if wanted.mode == Mode.ACTORS else made.transposed()
            if wanted.mode not in by_mode:
                by_mode[wanted.mode] = pairs(rows), _nodes(debate, counted, wanted.mode)
            found, nodes = by_mode[wanted.mode]
            yield _one_mode(wanted, counted, rows, found, nodes)


def network_over_time(debate: Debate, options: NetworkOptions) -> Iterator[tuple[str, Network]]:
    """Yield the middle day of each moving window, with its network."""
    for moment in moments(debate, options):
        yield moment, network(debate, replace(options, at=moment))


def agreements(of: Network, *, most: int | None = None) -> Iterator[Agreement]:
    """Yield the ties of an actor network with the reforms on which the two agree and those on which they disagree.

    `most` limits the number: ties with more shared reforms come first, then stronger ties. A reform is in neither list
    if one of the two is mixed and mixed stances count half for each side.
    """
    if of.options.mode != Mode.ACTORS:
        raise BadRequest(
            f"only actors can agree, and the nodes of this network are {of.options.mode}; choose mode=actors"
        )
    signed, sided = _signs(of.profile)
    columns = of.profile.columns
    chosen = np.arange(len(of))
    if most is not None and len(of) > most:
        chosen = np.sort(np.lexsort((chosen, -np.abs(of.weight), -of.shared))[:most])
    for number in chosen.tolist():
        source, target = int(of.source[number]), int(of.target[number])
        a, b = signed[source], signed[target]
        both_mixed = sided[source] & sided[target]
        yield Agreement(
            a=of.nodes[source].id,
            b=of.nodes[target].id,
            agree=tuple(columns[i] for i in np.flatnonzero((a * b > 0) | both_mixed)),
            conflict=tuple(columns[i] for i in np.flatnonzero(a * b < 0)),
            score=float(of.weight[number]),
        )


def disparity(of: Network) -> Floats:
    """Return how likely each tie is if its node's strength falls on its ties at random; small values are significant.

    Serrano, Boguñá and Vespignani (2009), doi:10.1073/pnas.0808904106: (1 - w/s)^(k-1), the smaller of both ends.
    Negative ties count by their size.
    """
    size = len(of.nodes)
    strength = np.abs(of.weight)
    degree = np.bincount(of.source, minlength=size) + np.bincount(of.target, minlength=size)
    total = np.bincount(of.source, strength, size) + np.bincount(of.target, strength, size)
    chance = np.ones(len(of))
    for end in (of.source, of.target):
        share = np.clip(strength / total[end], 0, 1)
        # An end with one tie says nothing about that tie.
        chance = np.minimum(chance, np.where(degree[end] > 1, (1 - share) ** (degree[end] - 1), 1.0))
    return chance


def _one_mode(options: NetworkOptions, counted: Tally, rows: Profile, found: Pairs, nodes: tuple[Node, ...]) -> Network:
    weight = measure(rows, found, options)
    tied = (np.abs(weight) > NOTHING) & (found.shared >= options.at_least)
    # Where every pair is tied, a view does: copying millions of ties for each measure takes longer than measuring.
    kept = slice(None) if tied.all() else np.flatnonzero(tied)
    whole = Network(
        options=options,
        nodes=nodes,
        source=found.first[kept],
        target=found.second[kept],
        weight=weight[kept],
        congruence=found.congruence[kept],
        conflict=found.conflict[kept],
        shared=found.shared[kept],
        profile=rows,
        first=counted.first,
        last=counted.last,
        neutral=counted.neutral,
        undated=counted.undated,
    )
    return whole if options.backbone is None else _thinned(whole, options.backbone)


def _two_mode(debate: Debate, options: NetworkOptions, counted: Tally, made: Profile) -> Network:
    support, oppose, spoke = made.support.tocsr(), made.oppose.tocsr(), made.activity.tocsr()
    cells = spoke.tocoo()
    first, second = cells.row.astype(np.int64), cells.col.astype(np.int64)
    agree, conflict = values_at(support, first, second), values_at(oppose, first, second)
    weight = {
        Aggregation.CONGRUENCE: agree,
        Aggregation.CONFLICT: conflict,
        Aggregation.SUBTRACT: agree - conflict,
        Aggregation.IGNORE: cells.data,
    }[options.aggregation]
    if options.normalisation == Normalisation.ACTIVITY:
        weight = quotient(weight, np.asarray(spoke.sum(axis=1), dtype=np.float64)[first])
    elif options.normalisation == Normalisation.COSINE:
        weight = quotient(weight, lengths(made, options.aggregation)[first])
    kept = np.flatnonzero(np.abs(weight) > NOTHING)
    columns = Mode.CONCERNS if options.by_concern else Mode.REFORMS
    actors = _nodes(debate, counted, Mode.ACTORS)
    whole = Network(
        options=options,
        nodes=actors + _nodes(debate, counted, columns),
        source=first[kept],
        target=second[kept] + len(actors),
        weight=weight[kept],
        congruence=agree[kept],
        conflict=conflict[kept],
        shared=np.ones(len(kept), dtype=np.int64),
        profile=made,
        first=counted.first,
        last=counted.last,
        neutral=counted.neutral,
        undated=counted.undated,
    )
    return whole if options.backbone is None else _thinned(whole, options.backbone)


def _thinned(of: Network, level: float) -> Network:
    kept = np.flatnonzero(disparity(of) < level)
    return replace(
        of,
        source=of.source[kept],
        target=of.target[kept],
        weight=of.weight[kept],
        congruence=of.congruence[kept],
        conflict=of.conflict[kept],
        shared=of.shared[kept],
    )


def _nodes(debate: Debate, counted: Tally, mode: Mode) -> tuple[Node, ...]:
    label: Callable[[str], str]
    if mode == Mode.ACTORS:
        names, codes, kind, label = counted.actors, counted.actor, "actor", debate.actor_label
    elif mode == Mode.REFORMS:
        names, codes, kind, label = counted.columns, counted.column, "reform", debate.reform_label
    else:
        names, codes, kind, label = counted.columns, counted.column, "concern", debate.concern_label
    # An actor that no table names is still called as the statements call it.
    told = dict(zip(counted.actors, counted.labels, strict=True)) if mode == Mode.ACTORS else {}
    short: Mapping[str, Actor] | Mapping[str, Reform]
    short = debate.actors if mode == Mode.ACTORS else debate.reforms if mode == Mode.REFORMS else {}
    size = len(names)
    statements = np.bincount(codes, minlength=size)
    # Sorted and compared with its neighbour: numpy.unique goes by hashes, ten times as slow on a million numbers.
    pairs_seen = np.sort(codes * max(len(counted.articles), 1) + counted.article)
    pairs_seen = pairs_seen[np.diff(pairs_seen, prepend=-1) > 0]
    articles = np.bincount(pairs_seen // max(len(counted.articles), 1), minlength=size)
    sides = [np.bincount(codes[counted.side == s], minlength=size) for s in range(len(SIDES))]
    return tuple(
        Node(
            id=name,
            label=told[name] if name in told and name not in debate.actors else label(name),
            kind=kind,
            short=short[name].short if name in short else "",
            statements=int(statements[i]),
            articles=int(articles[i]),
            support=int(sides[0][i]),
            oppose=int(sides[1][i]),
            mixed=int(sides[2][i]),
        )
        for i, name in enumerate(names)
    )


def _signs(of: Profile) -> tuple[Floats, NDArray[np.bool_]]:
    return np.sign(of.signed.toarray()), of.mixed.toarray() > 0
