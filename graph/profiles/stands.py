"""Positions with the passages that show them best, and statements over time."""

from collections import defaultdict
from collections.abc import Sequence

from graph.model import DECIDED, Selection, Stance
from graph.profiles.types import Period, Stand
from graph.rdf.vocabulary import iri
from graph.reading.catalogue import Evidence, Listing, Summary, base_of, concerns, evidence
from graph.reading.held import Claimed, Held, Side, held, selected_sides
from graph.store.embedded import Store
from graph.strength import Strength, strength

SHOWN = 3
"""Passages of one position on a page that shows many positions; the rest are one click away."""
MONTHS = 24
"""A time line of at most this many months shows months, a longer one years."""


def actor_stands(store: Store, id: str, *, limit: int, offset: int) -> Listing[Stand]:
    """Return the positions of an actor, those with most statements first."""
    taken = selected_sides(store, Selection(actor=id))
    items = tuple(stands(store, taken[offset : offset + limit]))
    return Listing(items=items, total=len(taken), limit=limit, offset=offset)


def stands(store: Store, taken: Sequence[Side]) -> list[Stand]:
    """Return these positions with the passages that show them best."""
    found = held(store, [(each.actor, each.reform) for each in taken])
    return _shown(store, found, [_best(each.claims) for each in found])


def leading_stands(store: Store, taken: Sequence[Side]) -> list[Stand]:
    """Return these positions with their strongest passage; with one of each side if no passage has the whole side."""
    found = held(store, [(each.actor, each.reform) for each in taken])
    return _shown(store, found, [_leading(each) for each in found])


def _shown(store: Store, found: Sequence[Held], chosen: Sequence[Sequence[str]]) -> list[Stand]:
    base = base_of(store)
    wanted = [iri(base, "statement", id) for of in chosen for id in of]
    shown: dict[str, Evidence] = {each.id: each for each in evidence(store, wanted)}
    known = concerns(store)
    return [
        Stand(
            position=each.position,
            degree=each.degree,
            evidence=tuple(shown[it] for it in of if it in shown),
            concern_labels=tuple(known[it].label if it in known else it for it in each.position.concerns),
        )
        for each, of in zip(found, chosen, strict=True)
    ]


def _best(claims: Sequence[Claimed]) -> list[str]:
    """The statements to show of a position: the strongest of each stance in turn, the newer of two equal ones."""
    by: dict[Stance, list[Claimed]] = defaultdict(list)
    for each in claims:
        by[each.stance].append(each)
    ranked = [
        sorted(of, key=_strength, reverse=True)
        for _, of in sorted(by.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    chosen = [of[turn].statement for turn in range(SHOWN) for of in ranked if turn < len(of)]
    return chosen[:SHOWN]


def _leading(of: Held) -> list[str]:
    whole = [each for each in of.claims if each.stance is of.position.stance]
    if whole:
        return [max(whole, key=_strength).statement]
    by_side = {each.stance: each for each in sorted(of.claims, key=_strength)}
    return [by_side[stance].statement for stance in DECIDED if stance in by_side]


def _strength(each: Claimed) -> tuple[Strength, float, str, str]:
    return strength(each.standing, each.confidence, each.manner), each.confidence, each.date, each.statement


def periods(told: Summary) -> tuple[Period, ...]:
    """Return the statements by month, or by year where there would be too many months."""
    months = sorted({when[:7] for when in told.dates if when})
    by_month = bool(months) and all(len(each) == 7 for each in months) and len(months) <= MONTHS and _near(months)
    counts: dict[str, dict[Stance, int]] = defaultdict(lambda: defaultdict(int))
    for when, of in told.dates.items():
        for stance, number in of.items():
            counts[when[: 7 if by_month else 4]][stance] += number
    return tuple(
        Period(period=when, statements={each: counts[when][each] for each in Stance if counts[when][each]})
        for when in sorted(counts, key=lambda each: (not each, each))
    )


def _near(months: Sequence[str]) -> bool:
    """Whether all lie within two years."""
    first, last = months[0], months[-1]
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) < MONTHS
