"""The review queue: unchecked statements, least certain and most consequential first."""

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from graph.model import Selection, Stance, combine, readers_of
from graph.rdf.vocabulary import HEAD, id_of, iri, name_of
from graph.reading.catalogue import Evidence, article_table, base_of, evidence, statements, unconfirmed
from graph.store.embedded import Store

KEPT = 20.0
"""How long an order is cached despite writes, as a multiple of the time that it took to compute."""
LEAST_DOUBT = 0.05
"""Lowest doubt of a statement, because confident extraction can be wrong too."""
SEVERAL = 1_000
"""Statements of one actor on one reform that are looked through for the same words."""

GONE = 1.0
"""Without the statement there is no position."""
TURNED = 0.8
"""Without it the position is on another side."""

UNRANKED = (
    HEAD
    + """
SELECT ?statement ?actor ?reform ?stance ?confidence ?article WHERE {
    ?statement :stance ?stance ; :actor ?actor ; :reform ?reform ; :confidence ?confidence ;
        prov:wasQuotedFrom ?article .
}"""
)
READERS = HEAD + "SELECT ?statement ?reader WHERE { ?statement :reader ?reader }"
CHECKED = HEAD + "SELECT ?statement ?verdict WHERE { ?statement :verdict ?verdict ; a :Statement }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """A statement in the queue, with the reasons for its place."""

    statement: str
    actor: str
    reform: str
    stance: Stance
    article: str
    doubt: float
    """1 minus the confidence, 0 to 1."""
    weight: float
    """The share of a position that depends on it, times the number of other positions on the reform."""
    alone: bool
    """Whether it alone carries the position."""
    disputed: bool = False
    """Whether two readers read the articles and only one of them has this statement."""
    readers: tuple[str, ...] = ()
    """Names and versions of what read it; none for hand coding."""

    @property
    def order(self) -> tuple[bool, float, str]:
        """Return the priority: statements on which readers differ first, then doubtful statements with most effect."""
        return not self.disputed, -max(self.doubt, LEAST_DOUBT) * self.weight, self.statement


_orders: "WeakKeyDictionary[Store, tuple[str, float, tuple[Ranked, ...]]]" = WeakKeyDictionary()


def queue(store: Store, selection: Selection | None = None) -> list[Ranked]:
    """Return the unchecked statements of an actor, reform, article, stance and reader, in the order to look at them."""
    wanted = selection or Selection()
    checked = set(verdicts(store))
    return [
        each
        for each in ranking(store)
        if each.statement not in checked
        and wanted.actor in (None, each.actor)
        and wanted.reform in (None, each.reform)
        and wanted.article in (None, each.article)
        and wanted.stance in (None, each.stance)
        and (wanted.reader is None or any(name.startswith(wanted.reader) for name in each.readers))
    ]


def verdicts(store: Store) -> dict[str, str]:
    """What counts of each checked statement: accepted, rejected or corrected, by the statement's id."""
    return {id_of(row["statement"]): name_of(row["verdict"]) for row in store.rows(CHECKED)}


def ranking(store: Store) -> tuple[Ranked, ...]:
    """Every statement in the order of doubt and weight, checked ones included.

    After a write the old order stands for a short while, in proportion to what a new one costs: a reviewer who gives a
    verdict every few seconds must not wait for the whole graph each time.
    """
    known = _orders.get(store)
    if known is not None and (known[0] == store.version or time.monotonic() < known[1]):
        return known[2]
    version, begun = store.version, time.monotonic()
    made = tuple(sorted(_ranked(store), key=lambda each: each.order))
    _orders[store] = version, time.monotonic() + KEPT * (time.monotonic() - begun), made
    return made


def _ranked(store: Store) -> Iterable[Ranked]:
    stances = {str(stance): stance for stance in Stance}
    rows = [
        (
            id_of(row["statement"]),
            id_of(row["actor"]),
            id_of(row["reform"]),
            stances[name_of(row["stance"])],
            float(row["confidence"]),
            id_of(row["article"]),
        )
        for row in store.rows(UNRANKED)
    ]
    rejected = {id for id, verdict in verdicts(store).items() if verdict == "rejected"}
    counts: defaultdict[tuple[str, str], Counter[Stance]] = defaultdict(Counter)
    for statement, actor, reform, stance, _, _ in rows:
        if statement not in rejected:
            counts[actor, reform][stance] += 1
    heard = Counter(reform for _, reform in counts)
    readers = _readers(store)
    both = any(len(names) > 1 for names in readers.values())
    for statement, actor, reform, stance, confidence, article in rows:
        held = counts[actor, reform]
        hangs = what_hangs(held, stance)
        yield Ranked(
            statement=statement,
            actor=actor,
            reform=reform,
            stance=stance,
            article=article,
            doubt=round(1 - confidence, 3),
            # Each other actor on the reform is one whom this position makes an ally or an opponent of.
            weight=round(hangs * math.log2(1 + heard[reform]), 4),
            alone=hangs == GONE,
            disputed=both and len(readers[statement]) == 1,
            readers=tuple(sorted(readers[statement])),
        )


def _readers(store: Store) -> defaultdict[str, set[str]]:
    """Return the names of the readers of each statement."""
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for row in store.rows(READERS):
        readers[id_of(row["statement"])].add(row["reader"])
    return readers


def other_readings(store: Store, item: Evidence) -> tuple[Evidence, ...]:
    """Return what other readers have in the same passage: another reform, stance or holder."""
    mine = set(readers_of(item.reader))
    if not mine:
        return ()
    here = Selection(article=item.article)
    found = (*statements(store, here, limit=SEVERAL).items, *unconfirmed(store, here, limit=SEVERAL).items)

    def same_passage(other: Evidence) -> bool:
        shared = min(item.end, other.end) - max(item.start, other.start)
        return shared > 0 and shared * 2 >= min(item.end - item.start, other.end - other.start)

    return tuple(
        each for each in found if each.reader and not mine & set(readers_of(each.reader)) and same_passage(each)
    )


def what_hangs(counts: Mapping[Stance, int], stance: Stance) -> float:
    """How much of a position rests on one statement of this stance, 0 to 1."""
    total = sum(counts.values())
    rest = {each: number - (each is stance) for each, number in counts.items()}
    left = [each for each, number in rest.items() if number > 0]
    if not left:
        return GONE
    if combine(left) is not combine(each for each, number in counts.items() if number > 0):
        return TURNED
    return 1 / total


def identical(store: Store, item: Evidence) -> tuple[Evidence, ...]:
    """The same words of the same actor on the same reform in other articles of the same release."""
    table = article_table(store)

    def release(id: str) -> str:
        entry = table.get(id)
        return (entry.release if entry is not None else "") or id

    others = [id for id in table if id != item.article and release(id) == release(item.article)]
    if not others:
        return ()
    words = " ".join(item.quote.split())
    found = statements(store, Selection(actor=item.actor, reform=item.reform), limit=SEVERAL).items
    return tuple(
        each
        for each in found
        if each.id != item.id and each.article in others and " ".join(each.quote.split()) == words
    )


def shown(store: Store, ranked: Iterable[Ranked]) -> list[Evidence]:
    """Return the statements of the queue for display."""
    base = base_of(store)
    return evidence(store, [iri(base, "statement", each.statement) for each in ranked])
