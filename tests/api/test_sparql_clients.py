"""Common SPARQL clients work with the service."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pandas as pd  # type: ignore[import-untyped]  # it has no types of its own
import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore, SPARQLUpdateStore
from SPARQLWrapper import CSV, JSON, POST, TURTLE, XML, SPARQLWrapper

from tests.serving import Server

G = "http://example.org/clients"
LABELS = "SELECT ?s ?label WHERE { GRAPH <" + G + "> { ?s <urn:label> ?label } } ORDER BY ?label"
DATA = '<urn:a> <urn:label> "fare cap, \\"two\\" pounds" . <urn:b> <urn:label> "night buses" .'


@pytest.fixture(scope="module")
def served(server: Server) -> Iterator[Server]:
    headers = server.admin | {"Content-Type": "text/turtle"}
    put = httpx.put(server.graphs, params={"graph": G}, content=DATA, headers=headers, trust_env=False)
    assert put.status_code in {201, 204}
    yield server
    httpx.delete(server.graphs, params={"graph": G}, headers=server.admin, trust_env=False)


@pytest.mark.parametrize("method", ["GET", POST])
def test_sparqlwrapper_reads_a_table(served: Server, method: str) -> None:
    wrapper = SPARQLWrapper(served.sparql)
    wrapper.setMethod(method)
    wrapper.setQuery(LABELS)
    wrapper.setReturnFormat(JSON)
    found: Any = wrapper.queryAndConvert()
    rows = found["results"]["bindings"]
    assert [row["label"]["value"] for row in rows] == ['fare cap, "two" pounds', "night buses"]


@pytest.mark.parametrize(("format", "words"), [(XML, "night buses"), (CSV, "night buses")])
def test_sparqlwrapper_reads_other_forms(served: Server, format: str, words: str) -> None:
    wrapper = SPARQLWrapper(served.sparql)
    wrapper.setQuery(LABELS)
    wrapper.setReturnFormat(format)
    found: Any = wrapper.queryAndConvert()
    assert words in (found.toxml() if format == XML else found.decode())


def test_sparqlwrapper_reads_a_graph(served: Server) -> None:
    wrapper = SPARQLWrapper(served.sparql)
    wrapper.setQuery(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{G}> {{ ?s ?p ?o }} }}")
    wrapper.setReturnFormat(TURTLE)
    found: Any = wrapper.queryAndConvert()
    assert len(Graph().parse(data=found, format="turtle")) == 2


def test_rdflib_asks(served: Server) -> None:
    rdf = Graph(SPARQLStore(served.sparql, returnFormat="json"))
    rows: Any = rdf.query(LABELS)
    labels = [str(row.label) for row in rows]
    assert labels == ['fare cap, "two" pounds', "night buses"]


def test_rdflib_writes(served: Server) -> None:
    store = SPARQLUpdateStore(served.sparql, served.sparql, headers=served.admin)
    store.update("INSERT DATA { GRAPH <urn:rdflib> { <urn:s> <urn:p> 'written' } }")
    rdf = Graph(SPARQLStore(served.sparql), identifier=URIRef("urn:rdflib"))
    assert list(rdf.objects(URIRef("urn:s"), URIRef("urn:p"))) == [Literal("written")]


def test_pandas_reads_csv(served: Server) -> None:
    answer = httpx.get(served.sparql, params={"query": LABELS, "format": "csv"}, trust_env=False)
    table = pd.read_csv(io.StringIO(answer.text))
    assert list(table["label"]) == ['fare cap, "two" pounds', "night buses"]
