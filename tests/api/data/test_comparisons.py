"""A comparison as CSV, DOCX and HTML says what its page says."""

import csv
import io
from collections.abc import Iterator

import pytest
from docx import Document as open_document
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Stance
from graph.store.embedded import open_store
from tests import factory

HARBOUR = {"actor": "harbour-lines", "actor_label": "Harbour Lines"}
STATEMENTS = [
    factory.statement(concerns=("access",)),
    factory.statement("Harbour Lines opposed it.", stance=Stance.OPPOSE, concerns=("access",), **HARBOUR),
    factory.statement(
        "Riders were split on night buses.", reform="night-buses", stance=Stance.MIXED, condition="capped fares"
    ),
]
ASKED = {"actor": ["council", "harbour-lines"]}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = str(tmp_path_factory.mktemp("compared") / "store")
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article(title="=1+1")], STATEMENTS)
    with TestClient(create_app(Settings(store=folder)), base_url="http://127.0.0.1") as client:
        yield client


def test_the_table_has_a_row_for_each_passage_and_each_lone_position(client: TestClient) -> None:
    answer = client.get("/api/compare", params={**ASKED, "format": "csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["reform"], row["verdict"], row["actor"], row["quote"]) for row in rows] == [
        ("fare-cap", "part", "council", "The council welcomed the fare cap."),
        ("fare-cap", "part", "harbour-lines", "Harbour Lines opposed it."),
        ("night-buses", "one", "council", ""),
    ]
    assert {row["shared_grounds"] for row in rows[:2]} == {"Access"}
    assert rows[0]["title"] == "'=1+1"
    assert None not in rows[2].values()


def test_the_document_quotes_both_and_has_their_sources_as_footnotes(client: TestClient) -> None:
    answer = client.get("/api/compare", params={**ASKED, "format": "docx"})
    document = open_document(io.BytesIO(answer.content))
    told = "\n".join(paragraph.text for paragraph in document.paragraphs)
    assert "City Council and Harbour Lines take opposite sides on Fare cap." in told
    assert "The council welcomed the fare cap." in told
    assert "Harbour Lines opposed it." in told
    assert "Shared grounds: Access." in told
    footnotes = next(part for part in document.part.package.iter_parts() if part.partname == "/word/footnotes.xml")
    assert STATEMENTS[1].id in footnotes.blob.decode()


def test_the_document_in_a_browser_loads_and_runs_nothing(client: TestClient) -> None:
    answer = client.get("/api/compare", params={**ASKED, "format": "html"})
    assert "Harbour Lines opposed it." in answer.text
    assert "script-src" not in answer.headers["content-security-policy"]
    assert client.get("/api/compare", params={**ASKED, "format": "xlsx"}).status_code == 400


def test_the_page_folds_away_what_only_one_speaks_on(client: TestClient) -> None:
    page = client.get("/compare", params=ASKED).text
    before, _, folded = page.partition("<details><summary>1 reform on which only one has spoken")
    assert "Harbour Lines opposed it." in before
    assert "Opposite sides: 1 reform" in before
    assert "Night buses" in folded.partition("</details>")[0]
