"""The profiles of actors, and the measures that compare two of them; docs/measures.md has the formulas.

A profile says how much each actor said for and against each reform or concern. All pairs of profiles that share a
reform are compared at once, as matrices.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from graph.debate.columns import SIDES, Floats, Integers, Tally
from graph.debate.options import Aggregation, Mixed, NetworkOptions, Normalisation, Unit
from graph.model import Stance

DENSE = 5_000
"""Largest number of nodes for dense products: most cells of a debate's profiles are filled, and BLAS is faster."""

NOTHING = 1e-12
"""A smaller tie is a rounding error: support and opposition cancel out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What each actor (row) said on each reform or concern (column): weights of support, opposition and mixed."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    support: sparse.csr_array
    oppose: sparse.csr_array
    mixed: sparse.csr_array
    """Empty unless mixed stances are a category of their own."""

    @property
    def signed(self) -> sparse.csr_array:
        """Return support minus opposition."""
        return sparse.csr_array(self.support - self.oppose)

    @property
    def activity(self) -> sparse.csr_array:
        """Return how much was said, whatever the side."""
        return sparse.csr_array(self.support + self.oppose + self.mixed)

    def transposed(self) -> "Profile":
        """Return the same with reforms as rows: the actors for and against each."""
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
    """Number of columns on which both spoke."""


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
        congruence=values_at(same, first, second),
        conflict=values_at(crosswise, first, second) + values_at(crosswise, second, first),
        together=values_at(spoke @ spoke.T, first, second),
        shared=half.data.round().astype(np.int64),
    )


def measure(of: Profile, found: Pairs, options: NetworkOptions) -> Floats:
    """Return the weight of each pair by the options' aggregation and normalisation."""
    raw = {
        Aggregation.CONGRUENCE: found.congruence,
        Aggregation.CONFLICT: found.conflict,
        Aggregation.SUBTRACT: found.congruence - found.conflict,
        Aggregation.IGNORE: found.together,
    }[options.aggregation]
    if options.normalisation == Normalisation.NONE:
        return raw
    if options.normalisation == Normalisation.COSINE:
        length = lengths(of, options.aggregation)
        return quotient(raw, length[found.first] * length[found.second])
    activity = _squares(of.activity)
    total = activity[found.first] + activity[found.second]
    if options.normalisation == Normalisation.ACTIVITY:
        return quotient(raw, total / 2)
    return quotient(raw, total - found.together)


def stances(of: Profile) -> Mapping[str, Mapping[str, Stance]]:
    """Return each actor's side on each reform on which it has spoken."""
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


def reform_backbone(of: Profile) -> list[tuple[str, float]]:
    """Return the reforms by how much structure the network loses without them, the most important first.

    A greedy search removes the reform with the least loss, again and again. The number is the share of the agreement
    network (congruence minus conflict, Frobenius norm, ties only) lost by removing this reform and all after it.
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


def _positions(
    counted: Tally, options: NetworkOptions, multiplicity: Floats | None
) -> tuple[sparse.csr_array, sparse.csr_array, sparse.csr_array]:
    """Return one position of weight 1 in each cell: one side, or mixed for both sides or a mixed stance."""
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


def lengths(of: Profile, aggregation: Aggregation) -> Floats:
    """Return the length of each row's vector, which a cosine divides by."""
    if aggregation == Aggregation.IGNORE:
        return np.sqrt(_squares(of.activity))
    if aggregation == Aggregation.SUBTRACT:
        return np.sqrt(_squares(of.signed) + _squares(of.mixed))
    return np.sqrt(_squares(of.support) + _squares(of.oppose) + _squares(of.mixed))


def _squares(x: sparse.csr_array) -> Floats:
    return np.asarray(x.multiply(x).sum(axis=1), dtype=np.float64).ravel()


def quotient(raw: Floats, by: Floats) -> Floats:
    """Return the quotient, clipped to -1 and 1 against rounding; 0 if the divisor is 0."""
    return np.clip(np.divide(raw, by, out=np.zeros_like(raw), where=by > NOTHING), -1.0, 1.0)


def values_at(x: sparse.csr_array, rows: Integers, columns: Integers) -> Floats:
    return np.asarray(x.tocsr()[rows, columns], dtype=np.float64).ravel() if len(rows) else np.zeros(0)
