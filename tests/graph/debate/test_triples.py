"""A network in the graph records its options, and SPARQL finds it."""

from collections.abc import Iterator

import pytest

from graph.building import build
from graph.debate.options import NetworkOptions, Normalisation
from graph.debate.triples import keep_network
from graph.model import Stance
from graph.store.embedded import Store, memory_store
from tests.factory import article, domain, statement

HEAD = "PREFIX : <https://positions.example/ontology#> PREFIX foaf: <http://xmlns.com/foaf/0.1/> "
SIDES = [
    ("council", "fare-cap", Stance.SUPPORT),
    ("council", "night-buses", Stance.SUPPORT),
    ("riders", "fare-cap", Stance.SUPPORT),
    ("harbour-lines", "fare-cap", Stance.OPPOSE),
    ("harbour-lines", "night-buses", Stance.SUPPORT),
]


@pytest.fixture
def store() -> Iterator[Store]:
    said = [
        statement(article=f"n{number}", actor=actor, actor_label=actor, reform=reform, stance=stance)
        for number, (actor, reform, stance) in enumerate(SIDES)
    ]
    with memory_store() as store:
        build(store, domain(), [article(id=each.article) for each in said], said)
        yield store


def test_agreements_and_camps_are_in_the_graph(store: Store) -> None:
    # The council and Harbour Lines agree on one reform and conflict on the other: a score of zero is not a tie.
    assert keep_network(store) == 2
    found = store.select(
        HEAD
        + "SELECT ?a ?b ?score WHERE { ?it a :Agreement ; :actor ?a , ?b ; :score ?score FILTER(STR(?a) < STR(?b)) }"
    )
    assert {(row["a"].rpartition("/")[2], row["b"].rpartition("/")[2]): float(row["score"]) for row in found} == {
        ("council", "riders"): pytest.approx(0.707107),
        ("harbour-lines", "riders"): pytest.approx(-0.707107),
    }
    (camp,) = store.select(
        HEAD + "SELECT (COUNT(?who) AS ?n) WHERE { ?camp a :Camp ; foaf:member ?who } GROUP BY ?camp"
    )
    assert camp["n"] == 2
    assert store.ask(HEAD + "ASK { ?network a :Network ; :parameter 'normalisation=cosine' ; :tieCount 2 }")
    assert store.ask(HEAD + "ASK { ?it :partsOn <https://buses.example/id/reform/fare-cap> }")


def test_a_network_of_other_options_takes_the_place_of_the_last(store: Store) -> None:
    keep_network(store)
    keep_network(store, NetworkOptions(normalisation=Normalisation.JACCARD))
    assert store.select(HEAD + "SELECT ?it WHERE { ?it a :Network }")[1:] == []
    assert store.ask(HEAD + "ASK { ?network :parameter 'normalisation=jaccard' }")


def test_the_same_statements_give_the_same_graph(store: Store) -> None:
    keep_network(store)
    first = store.dump()
    keep_network(store)
    assert sorted(store.dump().splitlines()) == sorted(first.splitlines())


def test_an_empty_graph_keeps_no_network() -> None:
    with memory_store() as store:
        build(store, domain(), [], [])
        assert keep_network(store) == 0
        assert not store.ask(HEAD + "ASK { ?it a :Network }")
