"""Agreement between two codings of the same articles: of two people, or of a person and the extraction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.errors import BadRequest
from graph.model import Stance, Statement, combine

SILENT = "none"
"""The value for a unit that only the other coder has coded."""

Unit = tuple[str, str, str]
"""Article, actor and reform: what both coders can have coded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The agreement of two codings over the articles that both have.

    A unit is an actor on a reform in an article; its stance combines those of its statements. F1 treats the first
    coding as correct, and is the same with the codings swapped. Kappa and alpha compare stances as nominal values:
    `kappa` and `alpha` over the units that both found, `kappa_all` and `alpha_all` over the units that either found,
    with "not found" as a value. They are None if there is no unit, or only one value.
    """

    first: str
    second: str
    articles: int
    both: int
    """Units that both found."""
    only_first: int
    only_second: int
    precision: float
    recall: float
    f1: float
    f1_stance: float
    """F1 if a unit counts as found only with the same stance."""
    f1_passages: float
    """F1 of passages: a statement counts as found if the other coding has one of that unit on overlapping words."""
    kappa: float | None
    alpha: float | None
    kappa_all: float | None
    alpha_all: float | None
    confusion: Mapping[str, Mapping[str, int]]
    """Number of units by the first coding's stance and then the second's; `none` where a coding found nothing."""


def reliability(
    first: Iterable[Statement], second: Iterable[Statement], *, names: tuple[str, str] = ("first", "second")
) -> Reliability:
    """The agreement of two codings. Raises BadRequest if they have no article in common."""
    one, other = list(first), list(second)
    articles = {s.article for s in one} & {s.article for s in other}
    if not articles:
        raise BadRequest(f"{names[0]} and {names[1]} have coded no article in common")
    one, other = ([s for s in coding if s.article in articles] for coding in (one, other))
    a, b = units(one), units(other)
    both = sorted(set(a) & set(b))
    either = sorted(set(a) | set(b))
    shared = [(str(a[unit]), str(b[unit])) for unit in both]
    everything = [(str(a.get(unit, SILENT)), str(b.get(unit, SILENT))) for unit in either]
    same = sum(1 for left, right in shared if left == right)
    confusion: dict[str, dict[str, int]] = {}
    for left, right in everything:
        row = confusion.setdefault(left, {})
        row[right] = row.get(right, 0) + 1
    return Reliability(
        first=names[0],
        second=names[1],
        articles=len(articles),
        both=len(both),
        only_first=len(a) - len(both),
        only_second=len(b) - len(both),
        precision=len(both) / len(b),
        recall=len(both) / len(a),
        f1=f1(len(both), len(a), len(b)),
        f1_stance=f1(same, len(a), len(b)),
        f1_passages=_f1_passages(one, other),
        kappa=cohens_kappa(shared),
        alpha=krippendorffs_alpha(shared),
        kappa_all=cohens_kappa(everything),
        alpha_all=krippendorffs_alpha(everything),
        confusion={left: dict(sorted(row.items())) for left, row in sorted(confusion.items())},
    )


def units(statements: Iterable[Statement]) -> dict[Unit, Stance]:
    """The stance of each actor on each reform in each article."""
    found: dict[Unit, list[Stance]] = {}
    for statement in statements:
        found.setdefault((statement.article, statement.actor, statement.reform), []).append(statement.stance)
    return {unit: combine(stances) for unit, stances in found.items()}


def f1(found: int, first: int, second: int) -> float:
    """Harmonic mean of precision and recall, 2 × found / (first + second)."""
    return 2 * found / (first + second) if first + second else 0.0


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen (1960): agreement beyond what chance would give, from each coder's own share of each value."""
    if not pairs:
        return None
    size = len(pairs)
    observed = sum(1 for left, right in pairs if left == right) / size
    values = {value for pair in pairs for value in pair}
    lefts, rights = [left for left, _ in pairs], [right for _, right in pairs]
    expected = sum(lefts.count(value) * rights.count(value) for value in values) / size**2
    return (observed - expected) / (1 - expected) if expected < 1 else None


def krippendorffs_alpha(units: Iterable[Sequence[str | None]]) -> float | None:
    """Krippendorff (2011), nominal values: one minus observed disagreement over the disagreement expected by chance.

    Each unit has a value from every coder, or None where a coder gave none. Units with fewer than two values do not
    count. Returns None if fewer than two different values occur.
    """
    counts = [Counter(value for value in unit if value is not None) for unit in units]
    counts = [each for each in counts if each.total() >= 2]
    totals: Counter[str] = sum(counts, Counter())
    observed = sum(unequal_pairs(each) / (each.total() - 1) for each in counts)
    expected = unequal_pairs(totals) / (totals.total() - 1) if counts else 0.0
    return 1 - observed / expected if expected else None


def unequal_pairs(values: Counter[str]) -> int:
    """How many ordered pairs of values are unequal."""
    return values.total() ** 2 - sum(count**2 for count in values.values())


def _f1_passages(first: Sequence[Statement], second: Sequence[Statement]) -> float:
    def found(of: Sequence[Statement], within: Sequence[Statement]) -> int:
        places: dict[Unit, list[Statement]] = {}
        for each in within:
            places.setdefault((each.article, each.actor, each.reform), []).append(each)
        return sum(
            any(each.start < other.end and other.start < each.end for other in places.get(_unit(each), ()))
            for each in of
        )

    recall, precision = found(first, second) / len(first), found(second, first) / len(second)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _unit(statement: Statement) -> Unit:
    return statement.article, statement.actor, statement.reform
