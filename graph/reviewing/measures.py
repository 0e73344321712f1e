"""Agreement between reviewers and with extraction, and the recent precision of extraction, from verdicts."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

from graph.coding.reliability import SILENT, cohens_kappa, f1
from graph.rdf.vocabulary import HEAD, graph_iri, id_of, name_of
from graph.reading.catalogue import base_of
from graph.reviewing.reviews import Review, Verdict, history, standing
from graph.store.embedded import Store
from graph.store.remembered import DERIVED, remembered

WEEKS = 8
"""Number of weeks in the report of precision."""
ELSEWHERE = "elsewhere"
"""The finding that a statement belongs to another actor or another reform."""

EXTRACTED = (
    HEAD
    + """SELECT ?statement ?stance ?graph WHERE {
  GRAPH ?reviews { ?statement :verdict ?verdict }
  # Of what has a verdict only a statement has a stance; with its class the engine would begin at all statements.
  GRAPH ?graph { ?statement :stance ?stance }
}
"""
)

REVIEWED = (
    HEAD
    + """ASK { ?review a :Review }
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The statements checked in one week, by the verdict that counts now."""

    begins: str
    """The Monday, as YYYY-MM-DD."""
    checked: int
    right: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Precision:
    """How many of the recently checked statements were right as extracted."""

    checked: int
    right: int
    since: str
    """The first Monday that counts."""
    weeks: tuple[Week, ...] = ()
    """Oldest first; without those in which nothing was checked."""

    @property
    def share(self) -> float:
        """0 if nothing was checked."""
        return self.right / self.checked if self.checked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """Two reviewers, or a reviewer and extraction, on the statements that both have judged."""

    first: str
    second: str
    both: int
    same: int
    kappa: float | None
    """Cohen's kappa of their findings: a stance, no position, or another actor's. None if it is undefined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extractor:
    """Extraction compared with all verdicts that count."""

    checked: int
    right: int
    corrected: int
    wrong: int
    missed: int
    """Statements that people have added by hand."""
    precision: float
    f1: float
    """F1 of extraction. A statement counts as found if it is right unchanged; corrected and missed ones are misses."""
    kappa: float | None
    """Cohen's kappa of stances on checked and missed statements, with 'none' if one side has no statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The measures of reviewers and of extraction from all verdicts."""

    extractor: Extractor
    pairings: tuple[Pairing, ...]
    precision: Precision
    reviewers: Mapping[str, int]
    """Number of statements checked by each reviewer."""


def measures(store: Store, *, today: date | None = None) -> Measures:
    """Return the measures of the current verdicts."""
    day = today or datetime.now(UTC).date()
    return remembered(store, ("review measures", day), lambda: _measures(store, day), spared=DERIVED)


def _measures(store: Store, day: date) -> Measures:
    reviews = history(store)
    extracted, added = _extracted(store)
    latest = _latest(reviews)
    counting = {it: found for it, of in _by_statement(reviews).items() if (found := standing(of)) is not None}
    judged = {it: review for it, review in counting.items() if it not in added}
    reviewers = Counter(reviewer for of in latest.values() for reviewer in of)
    return Measures(
        extractor=_extractor(judged, extracted, missed=_kept(added, counting)),
        pairings=tuple(_pairings(latest, extracted)),
        precision=precision(judged.values(), today=day),
        reviewers=dict(sorted(reviewers.items())),
    )


def recent_precision(store: Store, *, today: date | None = None) -> Precision:
    """The precision of the last weeks."""
    day = today or datetime.now(UTC).date()

    def nothing() -> bool:
        return not store.ask(REVIEWED)

    if remembered(store, "unreviewed", nothing, spared=DERIVED):
        return Precision(checked=0, right=0, since="")
    return measures(store, today=day).precision


def precision(reviews: Iterable[Review], *, today: date, weeks: int = WEEKS) -> Precision:
    """The share of right ones among the statements that these reviews were given on in the last weeks."""
    monday = today - timedelta(days=today.weekday())
    since = monday - timedelta(weeks=weeks - 1)
    checked: Counter[date] = Counter()
    right: Counter[date] = Counter()
    for review in reviews:
        day = datetime.fromisoformat(review.time).date()
        begins = day - timedelta(days=day.weekday())
        if begins >= since:
            checked[begins] += 1
            right[begins] += review.verdict is Verdict.RIGHT
    told = tuple(Week(begins=str(each), checked=checked[each], right=right[each]) for each in sorted(checked))
    return Precision(checked=checked.total(), right=right.total(), since=str(since), weeks=told)


def finding(review: Review, extracted: str) -> str:
    """Return the finding of a review: a stance, no position, or another actor's statement."""
    if review.verdict is Verdict.WRONG:
        return SILENT
    if review.actor is not None or review.reform is not None:
        return ELSEWHERE
    return review.stance or extracted


def _extractor(judged: Mapping[str, Review], extracted: Mapping[str, str], *, missed: Sequence[str]) -> Extractor:
    verdicts = Counter(review.verdict for review in judged.values())
    right, corrected = verdicts[Verdict.RIGHT], verdicts[Verdict.CORRECTED]
    pairs = [(extracted.get(it, SILENT), finding(review, extracted.get(it, SILENT))) for it, review in judged.items()]
    pairs += [(SILENT, stance) for stance in missed]
    return Extractor(
        checked=len(judged),
        right=right,
        corrected=corrected,
        wrong=verdicts[Verdict.WRONG],
        missed=len(missed),
        precision=right / len(judged) if judged else 0.0,
        f1=f1(right, len(judged), right + corrected + len(missed)),
        kappa=cohens_kappa(pairs),
    )


def _pairings(latest: Mapping[str, Mapping[str, Review]], extracted: Mapping[str, str]) -> Iterable[Pairing]:
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for statement, of in latest.items():
        stance = extracted.get(statement, SILENT)
        said = {reviewer: finding(review, stance) for reviewer, review in of.items()}
        for first, second in combinations(sorted(said), 2):
            found[first, second].append((said[first], said[second]))
    for (first, second), pairs in sorted(found.items()):
        same = sum(1 for one, other in pairs if one == other)
        yield Pairing(first=first, second=second, both=len(pairs), same=same, kappa=cohens_kappa(pairs))


def _by_statement(reviews: Iterable[Review]) -> Mapping[str, list[Review]]:
    found: defaultdict[str, list[Review]] = defaultdict(list)
    for review in reviews:
        found[review.statement].append(review)
    return found


def _latest(reviews: Iterable[Review]) -> Mapping[str, Mapping[str, Review]]:
    """Return the latest review of each reviewer on each statement, without withdrawn ones."""
    found: defaultdict[str, dict[str, Review]] = defaultdict(dict)
    for review in reviews:
        found[review.statement][review.reviewer] = review
    return {
        statement: {who: review for who, review in of.items() if review.verdict is not Verdict.WITHDRAWN}
        for statement, of in found.items()
    }


def _extracted(store: Store) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """The stances of reviewed statements as they were extracted, and those of statements added by hand."""
    extracted: dict[str, str] = {}
    added: dict[str, str] = {}
    from_hand = graph_iri(base_of(store), "reviews")
    for row in store.rows(EXTRACTED):
        (added if row["graph"] == from_hand else extracted)[id_of(row["statement"])] = name_of(row["stance"])
    return extracted, added


def _kept(added: Mapping[str, str], counting: Mapping[str, Review]) -> list[str]:
    """The stances of the statements added by hand that still count."""
    return [
        counting[it].stance or stance
        for it, stance in added.items()
        if it in counting and counting[it].verdict is not Verdict.WRONG
    ]
