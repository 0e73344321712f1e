"""Control characters in articles and statements break no answer."""

import io
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.debate.triples import keep_network
from graph.model import Stance
from graph.store.embedded import open_store
from tests import factory

ODD = "\x00\x01\x0b\x1f\ufffe"
TEXT = factory.TEXT.replace("welcomed", f"wel{ODD}comed")
QUOTE = TEXT[: TEXT.index(".") + 1]
STATEMENT = factory.statement(
    QUOTE, start=0, actor="tram-fans", actor_label=f"Tram{ODD} Fans", speaker=f"Ada{ODD}", condition=f"if{ODD}"
)
AT = TEXT.index("Harbour")
OTHER = factory.statement(
    "Harbour Lines opposed it.", start=AT, actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
RDF, TABLE = "application/rdf+xml", "application/sparql-results+xml"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("odd") / "store"
    article = factory.article(text=TEXT, title=f"A cap{ODD}", publisher=f"Gazette{ODD}", author=f"Pen{ODD}")
    with open_store(folder) as store:
        build(store, factory.domain(), [article], [STATEMENT, OTHER])
        keep_network(store)
    with TestClient(create_app(Settings(store=str(folder), query_workers=1)), raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "accept"),
    [
        ("/sparql?query=SELECT * { ?s ?p ?o }", TABLE),
        ("/sparql?query=CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", RDF),
        ("/graphs?graph=https://buses.example/graph/article/cap-news", RDF),
        (f"/id/statement/{STATEMENT.id}", RDF),
        ("/id/article/cap-news", RDF),
        ("/feeds/statements.atom", ""),
        ("/api/network?format=graphml", ""),
        ("/api/network?format=gexf", ""),
        ("/api/network?format=gexf&mode=actors-reforms", ""),
        ("/api/network?format=gexf&publishers=%01", ""),
        ("/api/network?format=graphml&publishers=%01", ""),
        ("/api/pictures/network.svg", ""),
        ("/api/pictures/timeline.svg?reform=fare-cap", ""),
    ],
)
def test_every_answer_in_xml_is_well_formed(client: TestClient, path: str, accept: str) -> None:
    answer = client.get(path, headers={"Accept": accept} if accept else {})

    assert answer.status_code == 200, answer.text
    ElementTree.fromstring(answer.content)


@pytest.mark.parametrize("path", ["/api/briefings/fare-cap?format=docx", "/api/export/xlsx"])
def test_every_part_of_an_office_file_is_well_formed(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
        for name in file.namelist():
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(file.read(name))


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/agreement", "/articles/cap-news", "/actors/tram-fans", "/reforms/fare-cap", "/search?q=Tram"),
        *(f"/statements/{STATEMENT.id}", "/api/briefings/fare-cap?format=pdf", "/api/statements?format=csv"),
        *("/api/export/dna", "/api/export/rocrate", "/api/export/jsonl", "/api/network?format=pajek"),
    ],
)
def test_nothing_else_fails(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 200
