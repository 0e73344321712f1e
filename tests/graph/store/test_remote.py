"""A remote store behaves like a store in a folder, tested with Oxigraph's own server."""

from collections.abc import Iterator

import pytest

from graph.asking.questions import ask
from graph.building import build
from graph.errors import BadQuery, StoreError
from graph.model import Selection, Stance
from graph.rdf.terms import Iri, Literal, Triple
from graph.reading.catalogue import positions
from graph.store.embedded import Store, memory_store, open_store
from graph.store.remote import RemoteStore
from tests.factory import article, domain, statement
from tests.serving import OXIGRAPH, oxigraph

G, OTHER = Iri("http://example.org/g"), Iri("http://example.org/other")
ONE = Triple(Iri("urn:a"), Iri("urn:b"), Literal('one "two"\n\\ three', language="en"))
TWO = Triple(Iri("urn:a"), Iri("urn:b"), Iri("urn:c"))

pytestmark = pytest.mark.skipif(
    not OXIGRAPH.exists(), reason="Oxigraph's server is not installed: pip install oxigraph"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as address:
        yield address


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with open_store(address) as store:
        store.update("DROP ALL")
        yield store


def test_an_address_opens_a_remote_store(store: Store) -> None:
    assert isinstance(store, RemoteStore)
    assert store.update_address.endswith("/update")


def test_a_graph_is_replaced_amended_and_removed(store: Store) -> None:
    store.replace(G, [ONE, TWO])
    store.replace(G, [ONE])
    assert list(store.triples(G)) == [ONE]
    store.amend(G, remove=[ONE], add=[TWO])
    assert list(store.triples(G)) == [TWO]
    store.remove(G)
    assert store.graphs() == []


def test_graphs_are_added_in_one_go(store: Store) -> None:
    store.add({G: [ONE], OTHER: [TWO]})
    assert store.graphs() == [G, OTHER]
    assert set(store.triples()) == {ONE, TWO}


def test_a_query_sees_the_union(store: Store) -> None:
    store.add({G: [ONE], OTHER: [TWO]})
    assert store.select("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }") == [{"n": 2}]
    assert store.ask("ASK { <urn:a> <urn:b> <urn:c> }")


@pytest.mark.parametrize("format", ["nquads", "trig", "turtle", "ntriples"])
def test_what_is_dumped_is_what_is_dumped_elsewhere(store: Store, format: str) -> None:
    with memory_store() as here:
        for each in (store, here):
            each.replace(G, [ONE])
        assert store.dump(format=format) == here.dump(format=format)


def test_rdf_is_loaded(store: Store) -> None:
    store.load("@prefix : <urn:> . :a :b :c .", format="turtle", graph=G)
    store.load("<urn:a> <urn:b> <urn:d> .", format="nquads")
    assert list(store.triples(G)) == [TWO]
    assert store.ask("ASK { <urn:a> <urn:b> <urn:d> }")


def test_a_syntax_error_is_reported_in_the_servers_words(store: Store) -> None:
    with pytest.raises(BadQuery, match="refuses the query"):
        store.select("SELECT")
    with pytest.raises(BadQuery, match="refuses the update"):
        store.update("INSERT")


def test_a_write_changes_the_version(store: Store) -> None:
    before = store.version
    store.replace(G, [ONE])
    assert store.version != before


def test_an_unreachable_server_is_reported(address: str) -> None:
    with pytest.raises(StoreError, match="does not answer"):
        open_store("http://127.0.0.1:9/query")


def test_for_reading_only(address: str) -> None:
    with open_store(address, read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        store.replace(G, [ONE])


def test_the_whole_product_runs_on_it(store: Store) -> None:
    opposed = {"actor": "harbour-lines", "actor_label": "Harbour Lines", "stance": Stance.OPPOSE}
    statements = [statement(), statement("Harbour Lines opposed it.", **opposed)]
    with memory_store() as here:
        for each in (store, here):
            build(each, domain(), [article()], statements)
        assert positions(store, Selection()).items == positions(here, Selection()).items
        assert ask(store, "who-opposes", reform="fare-cap").rows == ask(here, "who-opposes", reform="fare-cap").rows
