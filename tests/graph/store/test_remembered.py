"""Remembered values are updated after a write, and then equal newly computed ones."""

import weakref
from collections.abc import Callable

import pytest

from graph import profiles
from graph.building import build
from graph.model import Stance
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.vocabulary import SKOS, graph_iri
from graph.reading import catalogue
from graph.reviewing import reviews
from graph.reviewing.reviews import Review, Verdict
from graph.store.embedded import Store, memory_store
from graph.store.remembered import remembered
from graph.store.writes import Writes
from tests import factory

FIRST = factory.statement()
SECOND = factory.statement(article="later", stance=Stance.OPPOSE)
THIRD = factory.statement("Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines")
ARTICLES = (factory.article(), factory.article(id="later", date="2032-05"))
POSITIONS = graph_iri(factory.BASE, "positions")
NETWORKS = graph_iri(factory.BASE, "networks")


@pytest.fixture
def store() -> Store:
    made = memory_store()
    build(made, factory.domain(), ARTICLES, [FIRST, SECOND, THIRD])
    return made


def verdict(**given: object) -> Callable[[Store], object]:
    review = Review(**{"statement": SECOND.id, "reviewer": "Ada", "time": "2033-01-01T00:00:00Z", **given})  # type: ignore[arg-type]  # fields of a review
    return lambda store: reviews.record(store, review)


WRITES: dict[str, Callable[[Store], object]] = {
    "rejected": verdict(verdict=Verdict.WRONG),
    "another stance": verdict(verdict=Verdict.CORRECTED, stance=Stance.MIXED),
    "another actor": verdict(verdict=Verdict.CORRECTED, actor="riders"),
    "another reform": verdict(verdict=Verdict.CORRECTED, reform="night-buses"),
    "missed": lambda store: reviews.add_missed(
        store,
        factory.statement("Riders were split on night buses.", actor="riders", reform="night-buses"),
        reviewer="Ada",
        time="2033-01-01T00:00:00Z",
    ),
    "an article again": lambda store: build(store, factory.domain(), ARTICLES, [FIRST, THIRD]),
    "another date": lambda store: build(
        store, factory.domain(), (ARTICLES[0], factory.article(id="later", date="2030")), [FIRST, SECOND, THIRD]
    ),
    "one article fewer": lambda store: build(store, factory.domain(), ARTICLES[:1], [FIRST, THIRD]),
    "an update of anything": lambda store: store.update("DELETE WHERE { GRAPH ?g { ?s ?p ?o } }"),
}
TABLES: tuple[Callable[[Store], object], ...] = (
    catalogue.sides,
    catalogue.actor_table,
    catalogue.reform_table,
    catalogue.article_table,
    catalogue.concerns,
    profiles.changes,
    profiles.field_profile,
)


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_after_a_write_every_table_equals_a_new_one(store: Store, write: Callable[[Store], object]) -> None:
    for table in TABLES:
        table(store)
    write(store)
    anew = memory_store()
    anew.load(store.dump())
    for table in TABLES:
        assert repr(table(store)) == repr(table(anew))


def test_what_a_write_does_not_touch_is_not_made_again(store: Store) -> None:
    made = []

    def make() -> int:
        made.append(store.version)
        return len(made)

    def asked() -> int:
        return remembered(store, "it", make, spared=("networks",))

    assert asked() == 1
    store.replace(NETWORKS, ())
    assert asked() == 1
    store.replace(POSITIONS, ())
    assert asked() == 2


def test_what_cannot_be_brought_up_to_date_is_made_again(store: Store) -> None:
    label = Triple(Iri("urn:a"), SKOS.prefLabel, Literal("a"))
    seen = []

    def asked() -> str:
        return remembered(store, "it", lambda: "made", renewed=lambda before, touched: seen.append(touched))

    assert asked() == "made"
    store.amend(POSITIONS, add=[label])
    assert asked() == "made"
    assert seen == [{POSITIONS: frozenset({"urn:a"})}]


def test_a_store_that_is_gone_leaves_nothing_behind() -> None:
    store = memory_store()
    kept = weakref.ref(store)
    remembered(store, "it", lambda: 1)
    del store
    assert kept() is None


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("1", "1", {}),
        ("1", "2", {"g": frozenset({"a"})}),
        ("1", "3", {"g": frozenset({"a", "b"}), "h": None}),
        ("2", "3", {"g": frozenset({"b"}), "h": None}),
        ("1", "4", None),
        ("0", "2", None),
        ("3", "2", None),
    ],
)
def test_writes_add_up(first: str, last: str, found: object) -> None:
    writes = Writes()
    writes.note("1", "2", {"g": frozenset({"a"})})
    writes.note("2", "3", {"g": frozenset({"b"}), "h": None})
    writes.note("3", "4", None)
    assert writes.between(first, last) == found
