"""Things answer with their page or their RDF, stored questions with tables; derived graphs are up to date."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.namespace import RDF, SKOS

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Stance
from graph.store.embedded import open_store
from tests.factory import BASE, article, domain, statement

OWN = Namespace("https://positions.example/ontology#")
OA = Namespace("http://www.w3.org/ns/oa#")
COUNCIL = URIRef(BASE + "id/actor/council")
PAGE = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
ADMIN = {"Authorization": "Bearer t"}
STATEMENTS = [
    statement(),
    statement("Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE),
]


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    folder = str(tmp_path / "store")
    with open_store(folder) as store:
        build(store, domain(), [article()], STATEMENTS)
    settings = Settings(store=folder, admin_token=SecretStr("t"))
    with TestClient(create_app(settings), base_url="http://127.0.0.1", follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize(
    ("thing", "accept", "location"),
    [
        ("actor/council", PAGE, "/actors/council"),
        ("reform/fare-cap", PAGE, "/reforms/fare-cap"),
        ("article/cap-news", PAGE, "/articles/cap-news"),
        ("actor/council", "text/turtle", "/data/actor/council"),
        ("actor/council", "*/*", "/data/actor/council"),
        ("actor/council?format=ttl", PAGE, "/data/actor/council?format=ttl"),
        ("position/council/fare-cap", PAGE, "/data/position/council/fare-cap"),
    ],
)
def test_a_thing_shows_the_way(client: TestClient, thing: str, accept: str, location: str) -> None:
    answer = client.get(f"/id/{thing}", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["location"]) == (303, location)
    assert answer.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "address",
    ["/id/actor/absent", "/data/actor/absent", "/id/actor/a%2Fb", "/id/planet/mars", "/id/%00/x", "/data/a%3Eb/x"],
)
def test_what_the_graph_does_not_know_is_404(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")  # rdflib's own JSON-LD parser
@pytest.mark.parametrize(
    ("media", "format"), [("text/turtle", "turtle"), ("application/ld+json", "json-ld"), ("application/rdf+xml", "xml")]
)
def test_the_data_of_an_actor_have_its_label_statements_and_passages(
    client: TestClient, media: str, format: str
) -> None:
    answer = client.get("/data/actor/council", headers={"Accept": media})
    rdf = Graph().parse(data=answer.text, format=format)
    assert (COUNCIL, SKOS.prefLabel, Literal("City Council", lang="en")) in rdf or rdf.value(COUNCIL, SKOS.prefLabel)
    assert len(set(rdf.subjects(OWN.actor, COUNCIL)) & set(rdf.subjects(RDF.type, OWN.Statement))) == 1
    assert STATEMENTS[0].quote in {str(quote) for quote in rdf.objects(None, OA.exact)}
    assert STATEMENTS[1].quote not in {str(quote) for quote in rdf.objects(None, OA.exact)}


def test_a_browser_sees_data_as_turtle(client: TestClient) -> None:
    answer = client.get("/data/actor/council", headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/turtle")


def test_the_data_set_describes_itself(client: TestClient) -> None:
    rdf = Graph().parse(data=client.get("/.well-known/void", headers={"Accept": "text/turtle"}).text)
    void = Namespace("http://rdfs.org/ns/void#")
    data = URIRef("http://127.0.0.1/sparql#data")
    assert (data, void.sparqlEndpoint, URIRef("http://127.0.0.1/sparql")) in rdf
    assert (data, void.vocabulary, URIRef(str(OWN))) in rdf
    assert int(str(rdf.value(data, void.triples))) > 100


def test_every_question_describes_its_parameters(client: TestClient) -> None:
    found = {entry["name"]: entry for entry in client.get("/api/questions").json()}
    assert found["who-opposes"]["title"]
    assert {"name": "reform", "kind": "reform"}.items() <= found["who-opposes"]["parameters"][0].items()
    assert "SELECT" in found["who-opposes"]["sparql"]


@pytest.mark.parametrize(
    ("format", "accept", "media"),
    [
        (None, None, "application/json"),
        (None, "text/csv", "text/csv"),
        ("csv", None, "text/csv"),
        ("srj", None, "application/sparql-results+json"),
        (None, "application/sparql-results+xml", "application/sparql-results+xml"),
    ],
)
def test_a_question_is_answered_in_each_form(
    client: TestClient, format: str | None, accept: str | None, media: str
) -> None:
    parameters = {"reform": "fare-cap"} | ({"format": format} if format else {})
    answer = client.get("/api/questions/who-opposes", params=parameters, headers={"Accept": accept} if accept else {})
    assert answer.headers["content-type"].split(";")[0] == media
    assert "Harbour Lines" in answer.text
    assert "City Council" not in answer.text


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/questions/who-knows", 404),
        ("/api/questions/who-opposes", 400),
        ("/api/questions/who-opposes?reform=moon", 404),
        ("/api/questions/who-opposes?reform=fare-cap&colour=red", 422),
        ("/api/questions/who-opposes?reform=fare-cap%3E%20%7D%20%23", 404),
        ("/api/questions/who-opposes?reform=fare-cap&format=gif", 400),
    ],
)
def test_a_question_that_cannot_be_asked(client: TestClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


def test_positions_are_stale_after_a_write_and_then_true_again(client: TestClient) -> None:
    ask = {"query": f"ASK {{ <{COUNCIL}> <{OWN.supports}> ?reform }}"}
    assert client.get("/sparql", params=ask).json()["boolean"] is True
    graph = {"graph": BASE + "graph/article/cap-news"}
    written = client.delete("/graphs", params=graph, headers=ADMIN)
    assert written.headers["x-derived-graphs"] == "stale"
    for _ in range(100):
        answer = client.get("/sparql", params=ask)
        if "x-derived-graphs" not in answer.headers:
            break
        time.sleep(0.1)
    assert answer.json()["boolean"] is False


def test_a_server_resumes_an_interrupted_rebuild(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    with open_store(folder) as store:
        build(store, domain(), [article()], STATEMENTS)
    (folder / "stale").touch()
    with TestClient(create_app(Settings(store=str(folder))), base_url="http://127.0.0.1") as client:
        assert client.get("/sparql", params={"query": "ASK {}"}).headers["x-derived-graphs"] == "stale"
