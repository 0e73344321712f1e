"""Divide the actors of a network into groups: Louvain, Ward, average linkage, spectral and exact methods.

Each method gives a label to every actor. `modularity` and `silhouette` measure how good a division is, and choose the
number of groups if none is given.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from graph.debate.columns import Floats, Integers
from graph.debate.network import Network
from graph.debate.options import Choice, Method, NetworkOptions
from graph.errors import BadRequest

EXACT = 24
"""Largest number of actors for the exact method: its integer programme grows with the cube of the number."""

HIGHEST = 10
"""Largest number of camps to try when the number is chosen automatically."""

WEIGHED = 4_000
"""Largest number of actors for methods that compare all pairs in memory."""

Labels = Integers


def modularity(of: Network, labels: Labels) -> float:
    """Return the signed modularity of a division: agreement minus conflict within camps, beyond chance.

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


def partition(of: Network, options: NetworkOptions) -> Labels:
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
    """Split each group into parts that are connected by agreement.

    Signed modularity also groups actors with nothing in common but an opponent, and those are not a camp.
    """
    size = len(of.nodes)
    friends = np.flatnonzero((of.weight > 0) & (labels[of.source] == labels[of.target]))
    ways = sparse.coo_array((np.ones(len(friends)), (of.source[friends], of.target[friends])), shape=(size, size))
    return np.asarray(csgraph.connected_components(ways, directed=False)[1], dtype=np.int64)


def _louvain(of: Network, options: NetworkOptions) -> Labels:
    """Return the best of several runs of the Louvain method (Blondel et al. 2008) on signed modularity."""
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
    """Move nodes to the camp that improves modularity most, then treat camps as nodes, until nothing improves."""
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
    """Cluster the actors' signed profiles: Ward's method on unit vectors, or average linkage on 1 - agreement."""
    from scipy.cluster import hierarchy  # only this method needs it, and it takes long to load
    from scipy.spatial.distance import pdist, squareform

    if options.method == Method.WARD:
        signed = of.profile.signed.toarray()[_rows_of(of)]
        length = np.linalg.norm(signed, axis=1, keepdims=True)
        points = np.divide(signed, length, out=np.zeros_like(signed), where=length > 0)
        # As distances: a square of points would be taken for a matrix of distances, with a warning.
        tree = hierarchy.ward(pdist(points)) if len(points) > 1 else None
    else:
        distances = squareform(distances_between(of), checks=False)
        tree = hierarchy.average(distances) if len(of.nodes) > 1 else None
    if tree is None:
        return np.zeros(len(of.nodes), dtype=np.int64)
    return _best(of, options, lambda k: hierarchy.fcluster(tree, k, criterion="maxclust").astype(np.int64) - 1)


def _spectral(of: Network, options: NetworkOptions) -> Labels:
    """Run k-means on the lowest eigenvectors of the normalised signed Laplacian (Kunegis et al. 2010, SDM, eq. 4)."""
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
    """Return the division with the highest modularity: an integer programme (Grötschel and Wakabayashi 1989).

    A variable for each pair says whether the two are together. This is transitive: friends of friends are together too.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp  # only this method needs it, and it takes long to load

    size = len(of.nodes)
    if size > EXACT:
        raise BadRequest(
            f"the exact method takes at most {EXACT} actors, not {size}; narrow the selection or choose louvain"
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
        raise BadRequest(f"the exact method found no division of {size} actors within a minute; choose louvain")
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
    """Return the cut with the number of camps asked for, or else with the best modularity or silhouette."""
    size = len(of.nodes)
    if options.number is not None:
        if options.number > size:
            raise BadRequest(f"{size} actors with ties cannot form {options.number} camps")
        return cut(options.number)
    if options.choose == Choice.MODULARITY:
        return max((cut(k) for k in range(1, min(HIGHEST, size) + 1)), key=lambda labels: modularity(of, labels))
    distances = distances_between(of)
    tried = [cut(k) for k in range(2, min(HIGHEST, size - 1) + 1)] or [cut(1)]
    return max(tried, key=lambda labels: silhouette(distances, labels))


def _gains(of: Network) -> Floats:
    """Return the gain from putting two actors into one camp: their tie minus what chance would give, by sign."""
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
            f"camps can be found among at most {WEIGHED} actors, not {len(of.nodes)}; narrow the selection, "
            "or ask for more shared reforms (at_least)"
        )
    return np.asarray(of.matrix().toarray(), dtype=np.float64)


def distances_between(of: Network) -> Floats:
    """Return 1 - agreement for each pair: 1 without a tie, 0 from each actor to itself."""
    weights = _dense(of)
    largest = np.abs(weights).max(initial=0)
    distances = 1 - weights / (largest if largest > 1 else 1)
    np.fill_diagonal(distances, 0)
    return distances


def _rows_of(of: Network) -> Integers:
    """Return the nodes' rows in the profile: a part of a network keeps the whole network's profile."""
    place = {row: number for number, row in enumerate(of.profile.rows)}
    return np.array([place[node.id] for node in of.nodes], dtype=np.int64)


def silhouette(distances: Floats, labels: Labels) -> float:
    """Return how much nearer actors are to their own camp than to the next, on average (Rousseeuw 1987)."""
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
