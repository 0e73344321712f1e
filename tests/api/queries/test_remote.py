"""The service with a store on another server, Oxigraph's own."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.store.embedded import open_store
from tests.factory import article, domain, statement
from tests.serving import OXIGRAPH, oxigraph

pytestmark = pytest.mark.skipif(
    not OXIGRAPH.exists(), reason="Oxigraph's server is not installed: pip install oxigraph"
)

ADMIN = {"Authorization": "Bearer t"}
MANY = " ".join(map(str, range(1_000)))
CROSS = " ".join(f"VALUES ?{name} {{ {MANY} }}" for name in "abcd")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with oxigraph(tmp_path_factory.mktemp("oxigraph")) as address:
        with open_store(address) as store:
            build(store, domain(), [article()], [statement()])
        settings = Settings(store=address, admin_token=SecretStr("t"), query_timeout=2, max_rows=100)
        with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
            yield client


def count(client: TestClient, pattern: str) -> int:
    query = {"query": f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}"}
    return int(client.get("/sparql", params=query).json()["results"]["bindings"][0]["n"]["value"])


@pytest.mark.parametrize(
    ("query", "accept", "media"),
    [
        ("SELECT * { ?s a ?type } LIMIT 3", "", "application/sparql-results+json"),
        ("SELECT * { ?s a ?type } LIMIT 3", "text/csv", "text/csv"),
        ("ASK { ?s ?p ?o }", "application/sparql-results+xml", "application/sparql-results+xml"),
        ("CONSTRUCT WHERE { ?s a ?type } LIMIT 3", "text/turtle", "text/turtle"),
    ],
)
def test_answers_are_passed_on(client: TestClient, query: str, accept: str, media: str) -> None:
    answer = client.get("/sparql", params={"query": query}, headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == media


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("SELECT * {", 400),
        ("ASK { SERVICE <http://127.0.0.1:9/> { } }", 400),
        (f"SELECT ?a {{ VALUES ?a {{ {MANY} }} }}", 400),
        (f"ASK {{ {CROSS} FILTER(?a + ?b + ?c + ?d < 0) }}", 503),
    ],
)
def test_bounds_hold(client: TestClient, query: str, status: int) -> None:
    assert client.get("/sparql", params={"query": query}).status_code == status


def test_an_update_and_a_graph_are_written_there(client: TestClient) -> None:
    headers = ADMIN | {"Content-Type": "application/sparql-update"}
    text = (
        "PREFIX : <https://positions.example/ontology#> "
        "INSERT { GRAPH <urn:g> { ?s <urn:seen> true } } WHERE { GRAPH ?g { ?s a :Statement } }"
    )
    assert client.post("/sparql", content=text, headers=headers).status_code == 204
    assert count(client, "GRAPH <urn:g> { ?s <urn:seen> true }") == 1
    put = client.put(
        "/graphs",
        params={"graph": "urn:h"},
        content="<urn:a> <urn:b> 1 .",
        headers=ADMIN | {"Content-Type": "text/turtle"},
    )
    assert put.status_code == 201
    assert "<urn:a>" in client.get("/graphs", params={"graph": "urn:h"}, headers={"Accept": "text/turtle"}).text
    assert client.get("/graphs", params={"graph": "urn:none"}).status_code == 404


@pytest.mark.parametrize(
    "address", ["/", "/reforms/fare-cap", "/api/positions", "/api/questions/who-supports?reform=fare-cap"]
)
def test_pages_and_the_api_are_the_same(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "City Council" in answer.text or address == "/"


def test_a_server_that_stops_and_restarts(tmp_path: Path) -> None:
    folder = tmp_path / "oxigraph"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with oxigraph(folder, port=port) as address:
        with open_store(address) as store:
            build(store, domain(), [article()], [statement()])
        settings = Settings(store=address, admin_token=SecretStr("t"), query_timeout=2, kept_answers=0)
        http = TestClient(create_app(settings), base_url="http://127.0.0.1")
        http.__enter__()
    paths = ("/api/statements", "/sparql?query=ASK%7B%7D", "/ready")
    try:
        while_gone = [http.get(path) for path in paths]
        write = {
            "update": "INSERT DATA { GRAPH <https://a.example/g> { <https://a.example/a> <https://a.example/b> 1 } }"
        }
        refused = http.post("/sparql", data=write, headers=ADMIN)
        health = http.get("/health")
        with oxigraph(folder, port=port):
            again = [http.get(path).status_code for path in paths]
            written = http.post("/sparql", data=write, headers=ADMIN).status_code
            held = count(http, "GRAPH <https://a.example/g> { ?s ?p ?o }")
    finally:
        http.__exit__(None, None, None)

    assert [each.status_code for each in (*while_gone, refused)] == [503, 503, 503, 503]
    assert all("retry-after" in each.headers for each in (*while_gone, refused))
    assert health.status_code == 200
    assert (again, written, held) == ([200, 200, 200], 204, 1)
