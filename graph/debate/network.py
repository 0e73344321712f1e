"""Build agreement networks from statements, with the measures that docs/measures.md defines."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import networkx as nx
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from graph.debate.columns import (
    SIDES,
    Aggregation,
    Debate,
    Floats,
    Integers,
    Mixed,
    Mode,
    NetworkOptions,
    Normalisation,
    Tally,
    Unit,
    moments,
    tally,
)
from graph.errors import BadRequest
from graph.model import Agreement, Stance
from graph.rdf.xml_text import NOT_IN_XML, xml_text

DENSE = 5_000
"""Up to so many nodes, products are taken densely: a debate's profiles are mostly filled, and BLAS is then faster."""

NOTHING = 1e-12
"""Below this a tie is rounding: support and opposition that cancel out."""

COMMON: Mapping[str, Any] = {
    "aggregation": Aggregation.SUBTRACT,
    "normalisation": Normalisation.NONE,
    "at_least": 1,
    "backbone": None,
}
"""Options that networks of the same profile may differ in."""

BETWEENNESS_TIES = 10_000
"""Over at most so many ties, the strongest, are shortest paths followed: weaker ones are hardly ever the shortest."""

BETWEENNESS_SOURCES = 100
"""From at most so many actors are shortest paths followed; beyond, a seeded sample stands for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An actor, a reform or a concern in a network, and how much was said."""

    id: str
    label: str
    kind: str
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
    """How many reforms (or actors, or concerns) both have taken a side on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What each actor (row) said on each reform or concern (column): weights of support, opposition and mixed."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    support: sparse.csr_array
    oppose: sparse.csr_array
    mixed: sparse.csr_array
    """Only where mixed stances are a category of their own; else empty."""

    @property
    def signed(self) -> sparse.csr_array:
        """Support less opposition."""
        return sparse.csr_array(self.support - self.oppose)

    @property
    def activity(self) -> sparse.csr_array:
        """How much was said at all."""
        return sparse.csr_array(self.support + self.oppose + self.mixed)

    def transposed(self) -> "Profile":
        """The same with reforms as rows: whom each has for and against it."""
        return Profile(
            rows=self.columns,
            columns=self.rows,
            support=self.support.T.tocsr(),
            oppose=self.oppose.T.tocsr(),
            mixed=self.mixed.T.tocsr(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """All pairs of rows that share a column, the first before the second, with the terms of the measures."""

    first: Integers
    second: Integers
    congruence: Floats
    conflict: Floats
    together: Floats
    """Both spoke, whatever the sides."""
    shared: Integers
    """On how many columns both spoke."""


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
        """The ties, in order of their nodes."""
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
        """Weights as a symmetric matrix over the nodes of a one-mode network, its diagonal empty."""
        size = len(self.nodes)
        half = sparse.coo_array((self.weight, (self.source, self.target)), shape=(size, size)).tocsr()
        return half + half.T.tocsr()


def network(debate: Debate, options: NetworkOptions | None = None) -> Network:
    """The network of a debate; raises BadRequest where options do not go together.

    With a window its middle must be named (`at`); `network_over_time` gives the whole course.
    """
    return next(networks(debate, [options or NetworkOptions()]))


def networks(debate: Debate, options: Iterable[NetworkOptions]) -> Iterator[Network]:
    """A network for each of the options, counting only once what several in a row have in common."""
    last: NetworkOptions | None = None
    by_mode: dict[Mode, tuple[Pairs, tuple[Node, ...]]] = {}
    for wanted in options:
        if wanted.window is not None and not wanted.at:
            raise BadRequest(
                "one network looks through one window: name its middle with at, or ask for the course over time"
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
    """The network at the middle of each moving window, with that day."""
    for moment in moments(debate, options):
        yield moment, network(debate, replace(options, at=moment))


def profile(counted: Tally, options: NetworkOptions, multiplicity: Floats | None = None) -> Profile:
    """Return how much each row said on each column. `multiplicity` is how often a resample drew each article."""
    shape = (len(counted.actors), len(counted.columns))
    if options.unit == Unit.POSITIONS:
        support, oppose, mixed = _positions(counted, options, multiplicity)
    else:
        actor, column, side, weight = counted.counted(multiplicity)
        support, oppose, mixed = (
            sparse.coo_array((weight[side == s], (actor[side == s], column[side == s])), shape=shape).tocsr()
            for s in range(len(SIDES))
        )
    if options.mixed == Mixed.HALF:
        support, oppose = (support + mixed / 2).tocsr(), (oppose + mixed / 2).tocsr()
    if options.mixed != Mixed.CATEGORY:
        mixed = sparse.csr_array(shape)
    return Profile(rows=counted.actors, columns=counted.columns, support=support, oppose=oppose, mixed=mixed)


def pairs(of: Profile) -> Pairs:
    """Return the terms of every measure of two rows, for all pairs that share a column."""
    spoke = of.activity
    spoke.eliminate_zeros()
    touched = spoke.astype(np.bool_).astype(np.float64)
    size = len(of.rows)
    if size <= DENSE:
        signed, sided, own = of.signed.toarray(), (of.support + of.oppose).toarray(), of.mixed.toarray()
        active, touch = spoke.toarray(), touched.toarray()
        # With y = s - o and u = s + o, agreement and conflict are (uu' + yy') / 2 and (uu' - yy') / 2.
        across, both = signed @ signed.T, sided @ sided.T
        together = active @ active.T if of.mixed.nnz else both
        shared = together if np.array_equal(active, touch) else touch @ touch.T
        first, second = np.nonzero(np.triu(shared, 1))
        congruence = (both[first, second] + across[first, second]) / 2
        if of.mixed.nnz:
            congruence += (own @ own.T)[first, second]
        return Pairs(
            first=first.astype(np.int64),
            second=second.astype(np.int64),
            congruence=congruence,
            conflict=np.clip((both[first, second] - across[first, second]) / 2, 0, None),
            together=together[first, second],
            shared=shared[first, second].round().astype(np.int64),
        )
    half = sparse.triu((touched @ touched.T).tocsr(), 1, format="coo")
    first, second = half.row.astype(np.int64), half.col.astype(np.int64)
    same = of.support @ of.support.T + of.oppose @ of.oppose.T + of.mixed @ of.mixed.T
    crosswise = of.support @ of.oppose.T
    return Pairs(
        first=first,
        second=second,
        congruence=_values(same, first, second),
        conflict=_values(crosswise, first, second) + _values(crosswise, second, first),
        together=_values(spoke @ spoke.T, first, second),
        shared=half.data.round().astype(np.int64),
    )


def measure(of: Profile, found: Pairs, options: NetworkOptions) -> Floats:
    """The weight of each pair by the options' aggregation and normalisation; docs/measures.md has the formulas."""
    raw = {
        Aggregation.CONGRUENCE: found.congruence,
        Aggregation.CONFLICT: found.conflict,
        Aggregation.SUBTRACT: found.congruence - found.conflict,
        Aggregation.IGNORE: found.together,
    }[options.aggregation]
    if options.normalisation == Normalisation.NONE:
        return raw
    if options.normalisation == Normalisation.COSINE:
        length = _lengths(of, options.aggregation)
        return _bounded(raw, length[found.first] * length[found.second])
    activity = _squares(of.activity)
    total = activity[found.first] + activity[found.second]
    if options.normalisation == Normalisation.ACTIVITY:
        return _bounded(raw, total / 2)
    return _bounded(raw, total - found.together)


def agreements(of: Network, *, most: int | None = None) -> Iterator[Agreement]:
    """The ties of an actor network with the reforms on which the two stand together and those on which they part.

    With `most`, only so many: those on most shared reforms, the stronger of two alike. A reform is in neither list
    where one of them is mixed and mixed stances count half to each side.
    """
    if of.options.mode != Mode.ACTORS:
        raise BadRequest(f"agreement is between actors; this network has {of.options.mode} as nodes")
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


def stances(of: Profile) -> Mapping[str, Mapping[str, Stance]]:
    """Each actor's side on each reform it has spoken on, from what counted."""
    support, oppose, spoke = (x.toarray() for x in (of.support, of.oppose, of.activity))
    found: dict[str, dict[str, Stance]] = {}
    for i, actor in enumerate(of.rows):
        sides = {}
        for j in np.flatnonzero(spoke[i]):
            if support[i, j] and not oppose[i, j]:
                sides[of.columns[j]] = Stance.SUPPORT
            elif oppose[i, j] and not support[i, j]:
                sides[of.columns[j]] = Stance.OPPOSE
            else:
                sides[of.columns[j]] = Stance.MIXED
        found[actor] = sides
    return found


def graph(of: Network, camps: Mapping[str, str] | None = None) -> "nx.Graph[str]":
    """The network for networkx, every attribute a plain value; `camps` names the camp of each actor that has one."""
    made: nx.Graph[str] = nx.Graph()
    # Every value can be written into every format, some of which are XML.
    told = {**of.options.parameters(), "first": of.first, "last": of.last}
    # Leave out empty values: GraphML does not distinguish an empty text from a missing one.
    made.graph.update({key: xml_text(value) for key, value in told.items() if value})
    for number, node in enumerate(of.nodes):
        made.add_node(
            _key(of, number),
            label=NOT_IN_XML.sub("", node.label) or xml_text(node.id),
            kind=node.kind,
            statements=node.statements,
            articles=node.articles,
            support=node.support,
            oppose=node.oppose,
            mixed=node.mixed,
            **({"camp": camps[node.id]} if camps and node.id in camps else {}),
        )
    for number, tie in enumerate(of.ties()):
        made.add_edge(
            _key(of, int(of.source[number])),
            _key(of, int(of.target[number])),
            weight=tie.weight,
            agree=tie.agree,
            conflict=tie.conflict,
            shared=tie.shared,
            sign=1 if tie.weight > 0 else -1,
        )
    return made


def betweenness(of: Network, camps: Mapping[str, str]) -> dict[str, float]:
    """Share of the shortest ways of agreement from one camp to another that lead through each actor.

    Brandes' betweenness over the positive ties, sources and targets taken from different camps (a way is shorter the
    stronger the agreement). Where there are many actors, a seeded sample of sources stands for all, and where there
    are many ties, the strongest.
    """
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(node.id for node in of.nodes)
    strongest = np.argsort(-of.weight, kind="stable")[:BETWEENNESS_TIES]
    for number in strongest[of.weight[strongest] > 0].tolist():
        source, target = of.nodes[of.source[number]].id, of.nodes[of.target[number]].id
        ways.add_edge(source, target, length=1 / float(of.weight[number]))
    placed = [node.id for node in of.nodes if node.id in camps]
    sources = placed
    if len(placed) > BETWEENNESS_SOURCES:
        chosen = np.random.default_rng(of.options.seed).choice(len(placed), BETWEENNESS_SOURCES, replace=False)
        sources = [placed[i] for i in sorted(chosen.tolist())]
    total = dict.fromkeys(ways, 0.0)
    ordered_pairs = 0
    for camp in sorted(set(camps.values())):
        starts = [actor for actor in sources if camps[actor] == camp]
        ends = [actor for actor in placed if camps[actor] != camp]
        if not starts or not ends:
            continue
        ordered_pairs += len(starts) * len(ends)
        part = nx.betweenness_centrality_subset(ways, starts, ends, normalized=False, weight="length")
        for actor, value in part.items():
            # networkx halves what it counts in an undirected graph, taking each way for walked from both ends.
            total[actor] += 2 * value
    return {actor: value / ordered_pairs if ordered_pairs else 0.0 for actor, value in total.items()}


def layout(nodes: Sequence[str], ties: Iterable[Tie], *, seed: int) -> dict[str, tuple[float, float]]:
    """Places between -1 and 1, nearer together the more two agree (Fruchterman and Reingold); the same for one seed."""
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(nodes)
    # A conflict holds two together a little: who has no friend at all would else fly out of the picture.
    ways.add_edges_from((tie.source, tie.target, {"weight": max(tie.weight, abs(tie.weight) / 4)}) for tie in ties)
    if not nodes:
        return {}
    placed = nx.spring_layout(ways, seed=seed, k=1.6 / np.sqrt(len(nodes)), iterations=120)
    return {node: (round(float(x), 4), round(float(y), 4)) for node, (x, y) in placed.items()}


def disparity(of: Network) -> Floats:
    """How likely each tie would be this strong if its node's strength fell on its ties at random: small is telling.

    Serrano, Boguñá and Vespignani (2009), doi:10.1073/pnas.0808904106: (1 - w/s)^(k-1), the smaller of both ends;
    negative ties by their size.
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


def reform_backbone(of: Profile) -> list[tuple[str, float]]:
    """The reforms in the order in which structure is lost without them, the most telling first.

    Greedy: again and again the reform is set aside whose loss is least. With it stands the share of the agreement
    network (congruence less conflict, Frobenius norm, ties only) that is lost when it and all after it are set aside.
    """
    signed = of.signed.toarray()
    squares = signed**2
    # The network is a sum over reforms of outer products; this is how much two of them have in common off the diagonal.
    overlap = (signed.T @ signed) ** 2 - squares.T @ squares
    whole = overlap.sum()
    left = list(range(len(of.columns)))
    lost = 0.0
    against = np.zeros(len(left))
    order: list[tuple[str, float]] = []
    while left:
        cost = [overlap[r, r] + 2 * against[r] for r in left]
        least = left[int(np.argmin(cost))]
        lost += overlap[least, least] + 2 * against[least]
        against += overlap[least]
        left.remove(least)
        order.append((of.columns[least], float(np.sqrt(max(lost, 0.0) / whole)) if whole > 0 else 0.0))
    return order[::-1]


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
    agree, conflict = _values(support, first, second), _values(oppose, first, second)
    weight = {
        Aggregation.CONGRUENCE: agree,
        Aggregation.CONFLICT: conflict,
        Aggregation.SUBTRACT: agree - conflict,
        Aggregation.IGNORE: cells.data,
    }[options.aggregation]
    if options.normalisation == Normalisation.ACTIVITY:
        weight = _bounded(weight, np.asarray(spoke.sum(axis=1), dtype=np.float64)[first])
    elif options.normalisation == Normalisation.COSINE:
        weight = _bounded(weight, _lengths(made, options.aggregation)[first])
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


def _positions(
    counted: Tally, options: NetworkOptions, multiplicity: Floats | None
) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array]:
    """One position a cell, of weight 1: the one side, or mixed where both sides or a mixed stance were taken."""
    weight = counted.weight if multiplicity is None else counted.weight * multiplicity[counted.article]
    rows = np.flatnonzero(weight > 0)
    shape = (len(counted.actors), len(counted.columns))
    cell, place = np.unique(counted.actor[rows] * max(shape[1], 1) + counted.column[rows], return_inverse=True)
    support, oppose, mixed = np.zeros((len(SIDES), len(cell)), dtype=np.bool_)
    for number, taken in enumerate((support, oppose, mixed)):
        taken[place[counted.side[rows] == number]] = True
    mixed |= support & oppose
    sides = (support & ~mixed, oppose & ~mixed, mixed & (options.mixed != Mixed.OMIT))
    made = []
    for taken in sides:
        held = cell[taken]
        where = (held // max(shape[1], 1), held % max(shape[1], 1))
        made.append(sparse.coo_array((np.ones(len(held)), where), shape=shape).tocsr())
    return made[0], made[1], made[2]


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
            statements=int(statements[i]),
            articles=int(articles[i]),
            support=int(sides[0][i]),
            oppose=int(sides[1][i]),
            mixed=int(sides[2][i]),
        )
        for i, name in enumerate(names)
    )


def _key(of: Network, number: int) -> str:
    """The node's id; with its kind before it in a two-mode network, where an actor and a reform may share an id."""
    node = of.nodes[number]
    key = f"{node.kind}:{node.id}" if of.options.two_mode else node.id
    return NOT_IN_XML.sub(lambda found: f"%{ord(found[0]):02X}", key)


def _lengths(of: Profile, aggregation: Aggregation) -> Floats:
    """The length of each row's vector: what a cosine divides by."""
    if aggregation == Aggregation.IGNORE:
        return np.sqrt(_squares(of.activity))
    if aggregation == Aggregation.SUBTRACT:
        return np.sqrt(_squares(of.signed) + _squares(of.mixed))
    return np.sqrt(_squares(of.support) + _squares(of.oppose) + _squares(of.mixed))


def _squares(x: sparse.csr_array) -> Floats:
    return np.asarray(x.multiply(x).sum(axis=1), dtype=np.float64).ravel()


def _bounded(raw: Floats, by: Floats) -> Floats:
    """The quotient, 0 where there is nothing to divide by, kept within -1 and 1 against rounding."""
    return np.clip(np.divide(raw, by, out=np.zeros_like(raw), where=by > NOTHING), -1.0, 1.0)


def _values(x: sparse.csr_array, rows: Integers, columns: Integers) -> Floats:
    return np.asarray(x.tocsr()[rows, columns], dtype=np.float64).ravel() if len(rows) else np.zeros(0)


def _signs(of: Profile) -> tuple[Floats, NDArray[np.bool_]]:
    return np.sign(of.signed.toarray()), of.mixed.toarray() > 0
