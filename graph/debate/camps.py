"""Who stands together as a camp, how firmly, and why: groups in an agreement network with the reasons for them."""

import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import erfc, prod, sqrt

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from graph.debate.columns import (
    SIDES,
    Aggregation,
    Choice,
    Debate,
    Floats,
    Integers,
    Method,
    Mode,
    NetworkOptions,
    Normalisation,
    tally,
)
from graph.debate.network import (
    Network,
    Node,
    betweenness,
    measure,
    network,
    network_over_time,
    pairs,
    profile,
    stances,
)
from graph.errors import BadRequest
from graph.model import Camp, Stance

EXACT = 24
"""Up to so many actors all partitions are searched; the integer programme grows with their cube."""

HIGHEST = 10
"""Largest number of camps to try when the number is chosen automatically."""

WEIGHED = 4_000
"""Up to so many actors all pairs are held at once where a method compares all with all."""

SIGNIFICANT = 1.2816
"""z of a one-sided test at 90 %, the level that Polis uses for what represents a group."""

LEAST = 2
"""Statements that a reason for a camp rests on at least."""

Labels = Integers


@dataclass(frozen=True, slots=True, kw_only=True)
class Camps:
    """The camps of a network and how good a division they are.

    `together` says of the actors, in order, in which share of the resamples that held both the two were in one camp.
    """

    camps: tuple[Camp, ...]
    unplaced: tuple[str, ...] = ()
    """Actors without ties or without others in their camp, who are in no camp."""
    modularity: float = 0.0
    silhouette: float = 0.0
    actors: tuple[str, ...] = ()
    together: Floats | None = None

    def of(self) -> dict[str, str]:
        """The camp of each actor that has one."""
        return {actor: camp.id for camp in self.camps for actor in camp.members}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What sets a camp apart: how many of its members take a side on a reform, or raise a concern, and of the rest.

    Polis's representativeness (Small et al. 2021, 'Polis: Scaling deliberation by mapping high dimensional opinion
    spaces', RECERCA 26(2)): shares with one added success and one failure, their ratio, and the z of a test of two
    proportions. Only who has spoken on it counts: silence is no disagreement.
    """

    camp: str
    about: str
    """Id of the reform, or of the concern."""
    kind: str
    """reform or concern."""
    stance: Stance | None
    """None for a concern."""
    inside: int
    inside_of: int
    outside: int
    outside_of: int
    statements: int
    """Statements of the camp's members that it rests on."""
    ratio: float
    z: float
    p: float

    @property
    def significant(self) -> bool:
        """Whether chance alone would show so clear a difference in fewer than one of ten cases."""
        return self.z > SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class CampShare:
    """The numbers of members of a camp that are for, against or mixed on a reform."""

    camp: str
    support: int
    oppose: int
    mixed: int

    @property
    def spoken(self) -> int:
        """Members that have taken a side at all."""
        return self.support + self.oppose + self.mixed

    def chance(self, stance: Stance) -> float:
        """Share of a side among those who spoke, one success and one failure added."""
        return (self.holding(stance) + 1) / (self.spoken + 2)

    def holding(self, stance: Stance) -> int:
        """Members that hold this stance."""
        return {Stance.SUPPORT: self.support, Stance.OPPOSE: self.oppose, Stance.MIXED: self.mixed}.get(stance, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """A reform on which every camp that has spoken takes the same side; `score` is Polis's group-aware consensus."""

    reform: str
    stance: Stance
    shares: tuple[CampShare, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Divide:
    """A reform on which camps stand apart: the gap between the camp most and the camp least for it."""

    reform: str
    shares: tuple[CampShare, ...]
    for_it: str
    against_it: str
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridge:
    """An actor between camps: the ways of agreement that lead through it, and whom of other camps it agrees with."""

    actor: str
    camp: str
    betweenness: float
    reaches: Mapping[str, int]
    """Other camps, and with how many of their members it agrees."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarisation:
    """How divided the field is in one window: signed modularity of its camps, and the conflict in what is shared."""

    at: str
    actors: int
    ties: int
    statements: int
    camps: int
    modularity: float
    conflict_share: float
    """Of all shared reforms of all pairs, by weight, the share on which the two part."""


def camps(debate: Debate, options: NetworkOptions | None = None, *, of: Network | None = None) -> Camps:
    """The camps of a debate's actor network; the same for the same statements and options.

    `of` is the network of the same options where it has been made already. Raises BadRequest where the options
    name a network that has no camps.
    """
    options = options or NetworkOptions()
    if options.mode != Mode.ACTORS:
        raise BadRequest(f"camps are groups of actors; mode = {options.mode} has others as nodes")
    if options.aggregation not in (Aggregation.SUBTRACT, Aggregation.CONGRUENCE):
        raise BadRequest(f"camps stand together: {options.aggregation} ties no friends; choose subtract or congruence")
    made = of if of is not None else network(debate, options)
    labels = _grouped(made, options)
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
        silhouette=_silhouette(_distances(made), labels) if len(names) <= WEIGHED else float("nan"),
        actors=tuple(names),
        together=together,
    )


def modularity(of: Network, labels: Labels) -> float:
    """Signed modularity of a division: agreement within camps beyond chance, less conflict within beyond chance.

    Gómez, Jensen and Arenas (2009), doi:10.1103/PhysRevE.80.016114; without negative ties it is Newman's.
    """
    positive, negative, total = _strengths(of)
    if not total:
        return 0.0
    same = labels[of.source] == labels[of.target]
    size = int(labels.max(initial=0)) + 1
    inside = 2 * float(of.weight[same].sum())
    by_camp = np.bincount(labels, positive, size), np.bincount(labels, negative, size)
    plus, minus = positive.sum(), negative.sum()
    expected = (by_camp[0] ** 2).sum() / plus if plus else 0.0
    expected -= (by_camp[1] ** 2).sum() / minus if minus else 0.0
    return float((inside - expected) / total)


Sides = Mapping[str, Mapping[str, Stance]]
"""Each actor's side on each reform, as `graph.debate.network.stances` gives it."""


def reasons(debate: Debate, options: NetworkOptions, found: Camps, *, sides: Sides | None = None) -> list[Reason]:
    """Return the reforms and concerns that set each camp apart, the clearest first.

    A reason rests on at least two statements of the camp's members. `sides` are the actors' sides by the same options,
    if they are known already; the same holds for the functions below.
    """
    said = _said(debate, options)
    sides = stances(profile(tally(debate, options), options)) if sides is None else sides
    raised_by = _raised(debate, options)
    made: list[Reason] = []
    members = {camp.id: set(camp.members) for camp in found.camps}
    all_actors = set().union(*members.values()) if members else set()
    speakers: dict[str, set[str]] = defaultdict(set)
    holders: dict[tuple[str, Stance], set[str]] = defaultdict(set)
    raisers: dict[str, set[str]] = defaultdict(set)
    for actor in all_actors:
        for reform, stance in sides.get(actor, {}).items():
            speakers[reform].add(actor)
            holders[reform, stance].add(actor)
    for actor, concern in raised_by:
        if actor in all_actors:
            raisers[concern].add(actor)
    for camp, inside in members.items():
        outside = all_actors - inside
        for reform, spoke in speakers.items():
            for stance in (Stance.SUPPORT, Stance.OPPOSE):
                held = holders[reform, stance]
                number = sum(said[actor, reform, stance] for actor in held & inside)
                made.append(_reason(camp, reform, "reform", stance, held, spoke, inside, outside, number))
        for concern, raised in raisers.items():
            number = sum(raised_by[actor, concern] for actor in raised & inside)
            made.append(_reason(camp, concern, "concern", None, raised, all_actors, inside, outside, number))
    kept = (r for r in made if r.statements >= LEAST and r.z > 0)
    return sorted(kept, key=lambda r: (r.camp, -r.z, r.about, str(r.stance)))


def consensus(
    debate: Debate,
    options: NetworkOptions,
    found: Camps,
    *,
    between: Sequence[str] = (),
    sides: Sides | None = None,
) -> list[Common]:
    """Reforms on which camps take the same side, each by more than half of those who spoke; at least two have spoken.

    `between` names the camps that count, a chosen pair for instance; else all of them.
    """
    chosen = _chosen_camps(found, between)
    made = []
    for reform, shares in _shares(debate, options, chosen, sides):
        heard = [share for share in shares if share.spoken]
        if len(heard) < max(2, len(between)):
            continue
        for stance in (Stance.SUPPORT, Stance.OPPOSE):
            if all(share.holding(stance) * 2 > share.spoken for share in heard):
                score = prod(share.chance(stance) for share in heard)
                made.append(Common(reform=reform, stance=stance, shares=tuple(shares), score=score))
    return sorted(made, key=lambda common: (-common.score, common.reform))


def divides(debate: Debate, options: NetworkOptions, found: Camps, *, sides: Sides | None = None) -> list[Divide]:
    """Reforms that one camp backs and another rejects, each by more than half of those who spoke; widest gap first."""
    made = []
    for reform, shares in _shares(debate, options, found.camps, sides):
        backers = [share for share in shares if share.support * 2 > share.spoken]
        rejecters = [share for share in shares if share.oppose * 2 > share.spoken]
        if not backers or not rejecters:
            continue
        most = max(backers, key=lambda share: (share.chance(Stance.SUPPORT), share.camp))
        least = min(rejecters, key=lambda share: (share.chance(Stance.SUPPORT), share.camp))
        gap = most.chance(Stance.SUPPORT) - least.chance(Stance.SUPPORT)
        made.append(Divide(reform=reform, shares=tuple(shares), for_it=most.camp, against_it=least.camp, gap=gap))
    return sorted(made, key=lambda divide: (-divide.gap, divide.reform))


def bridges(of: Network, found: Camps) -> list[Bridge]:
    """Actors that could carry a compromise: ways between camps lead through them, or they agree with other camps."""
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


def polarisation(debate: Debate, options: NetworkOptions) -> Iterator[Polarisation]:
    """How divided the field is in each moving window."""
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


def _grouped(of: Network, options: NetworkOptions) -> Labels:
    """Return a label for each node; a node without ties has its own label."""
    size = len(of.nodes)
    tied = np.unique(np.concatenate([of.source, of.target]))
    labels = np.arange(size, dtype=np.int64) + size
    if len(tied):
        place = np.full(size, -1, dtype=np.int64)
        place[tied] = np.arange(len(tied))
        part = replace(
            of,
            nodes=tuple(of.nodes[i] for i in tied),
            source=place[of.source],
            target=place[of.target],
        )
        labels[tied] = _held_together(part, METHODS[options.method](part, options))
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _held_together(of: Network, labels: Labels) -> Labels:
    """The groups, each split where no way of agreement leads from one part to the other.

    Signed modularity also joins those who have nothing in common but an opponent; that is no camp.
    """
    size = len(of.nodes)
    friends = np.flatnonzero((of.weight > 0) & (labels[of.source] == labels[of.target]))
    ways = sparse.coo_array((np.ones(len(friends)), (of.source[friends], of.target[friends])), shape=(size, size))
    return np.asarray(csgraph.connected_components(ways, directed=False)[1], dtype=np.int64)


def _louvain(of: Network, options: NetworkOptions) -> Labels:
    """The best of several runs of Blondel et al.'s method (2008) on signed modularity."""
    gains = _gains(of)
    best, quality = np.zeros(len(of.nodes), dtype=np.int64), -np.inf
    rng = np.random.default_rng(options.seed)
    for _ in range(10 if len(of.nodes) <= 300 else 1):
        labels = _climbed(gains, rng)
        reached = modularity(of, labels)
        if reached > quality + 1e-12:
            best, quality = labels, reached
    return best


def _climbed(gains: Floats, rng: np.random.Generator) -> Labels:
    """Move nodes to where modularity gains most, then camps as nodes, until nothing gains."""
    labels = np.arange(len(gains), dtype=np.int64)
    level = gains
    while True:
        moved = _moved(level, rng)
        labels = moved[labels]
        size = int(moved.max()) + 1
        if size == len(level):
            return labels
        member = sparse.csr_array((np.ones(len(moved)), (moved, np.arange(len(moved)))), shape=(size, len(moved)))
        level = np.asarray(member @ (member @ level).T).T


def _moved(gains: Floats, rng: np.random.Generator) -> Labels:
    size = len(gains)
    labels = np.arange(size, dtype=np.int64)
    waiting = set(range(size))
    order = rng.permutation(size)
    while waiting:
        for node in [i for i in order if i in waiting]:
            waiting.discard(node)
            row = gains[node]
            towards = np.bincount(labels, row, size)
            own = int(labels[node])
            towards[own] -= row[node]
            # An empty camp has a value of 0, so a node that lowers the value of its camp leaves it.
            best = int(np.argmax(towards))
            if towards[best] > towards[own] + 1e-12:
                labels[node] = best
                waiting.update(np.flatnonzero((row > 0) & (labels != best)).tolist())
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


def _hierarchical(of: Network, options: NetworkOptions) -> Labels:
    """Agglomeration of the actors' signed profiles: Ward's on unit vectors, or average distance 1 - agreement."""
    from scipy.cluster import hierarchy  # only this method needs it, and it takes long to load
    from scipy.spatial.distance import pdist, squareform

    if options.method == Method.WARD:
        signed = of.profile.signed.toarray()[_rows_of(of)]
        length = np.linalg.norm(signed, axis=1, keepdims=True)
        points = np.divide(signed, length, out=np.zeros_like(signed), where=length > 0)
        # As distances: a square of points would be taken for a matrix of distances, with a warning.
        tree = hierarchy.ward(pdist(points)) if len(points) > 1 else None
    else:
        distances = squareform(_distances(of), checks=False)
        tree = hierarchy.average(distances) if len(of.nodes) > 1 else None
    if tree is None:
        return np.zeros(len(of.nodes), dtype=np.int64)
    return _best(of, options, lambda k: hierarchy.fcluster(tree, k, criterion="maxclust").astype(np.int64) - 1)


def _spectral(of: Network, options: NetworkOptions) -> Labels:
    """k-means on the lowest eigenvectors of the signed Laplacian (Kunegis et al. 2010, SDM, eq. 4), normalised."""
    weights = _dense(of)
    degree = np.abs(weights).sum(axis=1)
    scale = 1 / np.sqrt(degree)
    laplacian = np.eye(len(weights)) - scale[:, None] * weights * scale[None, :]
    _, vectors = np.linalg.eigh(laplacian)

    def cut(k: int) -> Labels:
        chosen = vectors[:, :k]
        # The sign of an eigenvector is arbitrary: fix it, or the seeded start would differ between machines.
        largest = np.abs(chosen).argmax(axis=0)
        chosen = chosen * np.sign(chosen[largest, np.arange(k)])
        length = np.linalg.norm(chosen, axis=1, keepdims=True)
        points = np.divide(chosen, length, out=np.zeros_like(chosen), where=length > 0)
        tries = [_kmeans(points, k, options.seed + i) for i in range(10)]
        return min(tries, key=lambda labels: _scatter(points, labels))

    return _best(of, options, cut)


def _kmeans(points: Floats, k: int, seed: int) -> Labels:
    from scipy.cluster import vq  # only this method needs it, and it takes long to load

    with warnings.catch_warnings():
        # Fewer distinct points than k leave a group empty: fewer camps, nothing wrong.
        warnings.simplefilter("ignore", UserWarning)
        _, labels = vq.kmeans2(points, k, minit="++", rng=np.random.default_rng(seed), missing="warn")
    return np.asarray(labels, dtype=np.int64)


def _scatter(points: Floats, labels: Labels) -> float:
    return float(sum(((points[labels == k] - points[labels == k].mean(axis=0)) ** 2).sum() for k in np.unique(labels)))


def _exact(of: Network, options: NetworkOptions) -> Labels:
    """The division of highest modularity, as an integer programme (Grötschel and Wakabayashi 1989), solved by HiGHS.

    A variable for each pair says whether the two are together. This is transitive: friends of friends are together too.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # only this method needs it, and it takes long to load

    size = len(of.nodes)
    if size > EXACT:
        raise BadRequest(
            f"an exact search is for at most {EXACT} actors and here are {size}; narrow the selection or choose louvain"
        )
    gains = _gains(of)
    index = {pair: number for number, pair in enumerate(combinations(range(size), 2))}
    rows: list[dict[int, float]] = []
    for i, j, k in combinations(range(size), 3):
        sides = [index[i, j], index[j, k], index[i, k]]
        rows += [{side: (-1.0 if side == third else 1.0) for side in sides} for third in sides]
    cost = -np.array([gains[pair] for pair in index]) if index else np.zeros(0)
    if not index:
        return np.zeros(size, dtype=np.int64)
    matrix = sparse.dok_array((max(len(rows), 1), len(index)))
    for number, row in enumerate(rows):
        for column, value in row.items():
            matrix[number, column] = value
    solved = milp(
        cost,
        integrality=np.ones(len(index), dtype=np.int64),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(matrix.tocsr(), -np.inf, 1),
        options={"time_limit": 60.0},
    )
    if not solved.success:
        raise BadRequest(f"no exact division of {size} actors was found in a minute; choose louvain")
    labels = np.arange(size, dtype=np.int64)
    for (i, j), number in index.items():
        if solved.x[number] > 0.5:
            labels[labels == labels[j]] = labels[i]
    return np.unique(labels, return_inverse=True)[1].astype(np.int64)


METHODS: Mapping[Method, Callable[[Network, NetworkOptions], Labels]] = {
    Method.LOUVAIN: _louvain,
    Method.WARD: _hierarchical,
    Method.AVERAGE: _hierarchical,
    Method.SPECTRAL: _spectral,
    Method.EXACT: _exact,
}


def _best(of: Network, options: NetworkOptions, cut: Callable[[int], Labels]) -> Labels:
    """The cut of the number asked for, or of the number that modularity or silhouette likes best."""
    size = len(of.nodes)
    if options.number is not None:
        if options.number > size:
            raise BadRequest(f"{size} actors with ties cannot form {options.number} camps")
        return cut(options.number)
    if options.choose == Choice.MODULARITY:
        return max((cut(k) for k in range(1, min(HIGHEST, size) + 1)), key=lambda labels: modularity(of, labels))
    distances = _distances(of)
    tried = [cut(k) for k in range(2, min(HIGHEST, size - 1) + 1)] or [cut(1)]
    return max(tried, key=lambda labels: _silhouette(distances, labels))


def _gains(of: Network) -> Floats:
    """What it is worth that two are in one camp: their tie less what chance would give them, by sign."""
    positive, negative, total = _strengths(of)
    gains = _dense(of)
    if positive.sum():
        gains -= np.outer(positive, positive) / positive.sum()
    if negative.sum():
        gains += np.outer(negative, negative) / negative.sum()
    return gains / (total or 1.0)


def _strengths(of: Network) -> tuple[Floats, Floats, float]:
    size = len(of.nodes)
    positive, negative = (
        np.asarray(np.bincount(of.source, weight, size) + np.bincount(of.target, weight, size), dtype=np.float64)
        for weight in (np.clip(of.weight, 0, None), np.clip(-of.weight, 0, None))
    )
    return positive, negative, float(positive.sum() + negative.sum())


def _dense(of: Network) -> Floats:
    if len(of.nodes) > WEIGHED:
        raise BadRequest(
            f"camps are sought among at most {WEIGHED} actors and here are {len(of.nodes)}; narrow the selection, "
            "or ask for more shared reforms (at_least)"
        )
    return np.asarray(of.matrix().toarray(), dtype=np.float64)


def _distances(of: Network) -> Floats:
    """1 - agreement for each pair, 1 where there is no tie, 0 from each actor to itself."""
    weights = _dense(of)
    largest = np.abs(weights).max(initial=0)
    distances = 1 - weights / (largest if largest > 1 else 1)
    np.fill_diagonal(distances, 0)
    return distances


def _rows_of(of: Network) -> Integers:
    """The rows of the profile that the nodes are: a part of a network keeps the whole network's profile."""
    place = {row: number for number, row in enumerate(of.profile.rows)}
    return np.array([place[node.id] for node in of.nodes], dtype=np.int64)


def _silhouette(distances: Floats, labels: Labels) -> float:
    """Mean over actors of how much nearer the own camp is than the next (Rousseeuw 1987); 0 for who is alone."""
    size = int(labels.max(initial=0)) + 1
    if size < 2 or size >= len(labels):
        return 0.0
    member = np.zeros((len(labels), size))
    member[np.arange(len(labels)), labels] = 1
    counts = member.sum(axis=0)
    total = distances @ member
    own = counts[labels]
    inside = np.divide(total[np.arange(len(labels)), labels], own - 1, out=np.zeros(len(labels)), where=own > 1)
    outside = total / counts
    outside[np.arange(len(labels)), labels] = np.inf
    nearest = outside.min(axis=1)
    widest = np.maximum(inside, nearest)
    scores = np.divide(nearest - inside, widest, out=np.zeros(len(labels)), where=(own > 1) & (widest > 0))
    return float(scores.mean())


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
        labels = _grouped(part, one_run)
        both += (labels[:, None] == labels[None, :]) & here[:, None] & here[None, :]
        present += here[:, None] & here[None, :]
    return np.divide(both, present, out=np.zeros_like(both), where=present > 0)


def _named(names: Sequence[str]) -> tuple[Node, ...]:
    return tuple(Node(id=name, label=name, kind="actor") for name in names)


def _numbered(labels: Labels, names: Sequence[str]) -> list[tuple[str, ...]]:
    """The groups of two and more, the largest first."""
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


def _reason(
    camp: str,
    about: str,
    kind: str,
    stance: Stance | None,
    holders: set[str],
    speakers: set[str],
    inside: set[str],
    outside: set[str],
    statements: int,
) -> Reason:
    a, n = len(holders & inside), len(speakers & inside)
    b, m = len(holders & outside), len(speakers & outside)
    z = two_proportions(a, n, b, m)
    return Reason(
        camp=camp,
        about=about,
        kind=kind,
        stance=stance,
        inside=a,
        inside_of=n,
        outside=b,
        outside_of=m,
        statements=statements,
        ratio=((a + 1) / (n + 2)) / ((b + 1) / (m + 2)),
        z=z,
        p=erfc(z / sqrt(2)) / 2,
    )


def two_proportions(a: int, n: int, b: int, m: int) -> float:
    """z of the test that a of n is a larger share than b of m, one success and one failure added to each."""
    first, second = (a + 1) / (n + 2), (b + 1) / (m + 2)
    pooled = (a + b + 2) / (n + m + 4)
    return (first - second) / sqrt(pooled * (1 - pooled) * (1 / (n + 2) + 1 / (m + 2)))


def _said(debate: Debate, options: NetworkOptions) -> Counter[tuple[str, str, Stance]]:
    """Return how many statements each actor makes on each reform with each stance."""
    counted = tally(debate, options)
    rows = zip(counted.actor.tolist(), counted.column.tolist(), counted.side.tolist(), strict=True)
    return Counter((counted.actors[actor], counted.columns[column], SIDES[side]) for actor, column, side in rows)


def _raised(debate: Debate, options: NetworkOptions) -> Counter[tuple[str, str]]:
    """Return in how many statements each actor raises each concern."""
    counted = tally(debate, replace(options, mode=Mode.ACTORS_CONCERNS, normalisation=Normalisation.NONE))
    rows = zip(counted.actor.tolist(), counted.column.tolist(), strict=True)
    return Counter((counted.actors[actor], counted.columns[concern]) for actor, concern in rows)


def _chosen_camps(found: Camps, between: Sequence[str]) -> Sequence[Camp]:
    by_id = {camp.id: camp for camp in found.camps}
    unknown = [name for name in between if name not in by_id]
    if unknown:
        raise BadRequest(f"no camp {unknown[0]!r}; there are {', '.join(by_id) or 'none'}")
    return [by_id[name] for name in between] if between else found.camps


def _shares(
    debate: Debate, options: NetworkOptions, chosen: Sequence[Camp], sides: Sides | None
) -> Iterator[tuple[str, list[CampShare]]]:
    sides = stances(profile(tally(debate, options), options)) if sides is None else sides
    for reform in sorted({reform for taken in sides.values() for reform in taken}):
        shares = []
        for camp in chosen:
            taken = [sides[actor][reform] for actor in camp.members if reform in sides.get(actor, {})]
            shares.append(
                CampShare(
                    camp=camp.id,
                    support=taken.count(Stance.SUPPORT),
                    oppose=taken.count(Stance.OPPOSE),
                    mixed=taken.count(Stance.MIXED),
                )
            )
        yield reform, shares
