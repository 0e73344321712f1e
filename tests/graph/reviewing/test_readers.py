"""Two readers of one article: the graph records who read what, and differences are reviewed first."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings
from graph.building import build
from graph.model import Selection, Stance
from graph.rdf.vocabulary import HEAD
from graph.reading.catalogue import statements, unconfirmed
from graph.reading.evidence import Evidence
from graph.reading.search import refresh
from graph.records import record, statement
from graph.reviewing.queue import other_readings, queue
from graph.store.embedded import Store, open_store
from graph.validate import validate
from tests import factory

JSON = "application/sparql-results+json"
LOCAL, MODEL = "local 0.1", "model tiny, prompt 1, not calibrated"
AGREED = factory.statement(reader=f"{LOCAL}; {MODEL}", confidence=0.2)
BY_LOCAL = factory.statement("Harbour Lines opposed it.", actor="harbour-lines", reader=LOCAL, confidence=0.9)
BY_MODEL = factory.statement(
    "Harbour Lines opposed it.", actor="riders", stance=Stance.OPPOSE, reader=MODEL, confidence=0.9
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "graph") as store:
        build(store, factory.domain(), [factory.article()], [AGREED, BY_LOCAL, BY_MODEL])
        refresh(store)
    return tmp_path / "graph"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with open_store(folder, read_only=True) as found:
        yield found


def every(store: Store, selection: Selection | None = None) -> list[Evidence]:
    """All statements, those that do not count as well."""
    return [*statements(store, selection).items, *unconfirmed(store, selection).items]


def test_the_record_keeps_its_reader_and_does_without_one() -> None:
    assert statement(record(AGREED)) == AGREED
    assert AGREED.readers == (LOCAL, MODEL)
    old = {name: value for name, value in record(AGREED).items() if name != "reader"}
    assert statement(old).reader == ""
    assert statement(old).id == AGREED.id


def test_who_read_a_statement_is_in_the_graph(store: Store) -> None:
    assert list(validate(store)) == []
    found = {each.id: each.reader for each in every(store)}
    assert found == {each.id: each.reader for each in (AGREED, BY_LOCAL, BY_MODEL)}
    agents = store.select(
        HEAD
        + """SELECT ?name WHERE { ?s prov:wasGeneratedBy/prov:wasAssociatedWith ?reader .
        ?reader a prov:SoftwareAgent ; foaf:name ?name ; ^prov:wasAssociatedWith ?e . ?s :reader ?name }"""
    )
    assert {row["name"] for row in agents} == {LOCAL, MODEL}


def test_statements_are_narrowed_by_their_reader(store: Store) -> None:
    def ids(reader: str) -> set[str]:
        return {each.id for each in every(store, Selection(reader=reader))}

    assert ids("model") == {AGREED.id, BY_MODEL.id}
    assert ids(LOCAL) == {AGREED.id, BY_LOCAL.id}
    assert ids("absent") == set()


def test_what_readers_differ_on_is_checked_first_with_both_readings(store: Store) -> None:
    order = [each.statement for each in queue(store)]
    assert set(order[:2]) == {BY_LOCAL.id, BY_MODEL.id}
    items = {each.id: each for each in every(store)}
    assert [each.id for each in other_readings(store, items[BY_LOCAL.id])] == [BY_MODEL.id]
    assert other_readings(store, items[AGREED.id]) == ()


def test_pages_and_api_show_and_filter_by_reader(folder: Path) -> None:
    with TestClient(create_app(Settings(store=str(folder), query_workers=1))) as http:
        found = http.get("/api/statements", params={"reader": "model", "standing": "all"}).json()["items"]
        assert {each["id"] for each in found} == {AGREED.id, BY_MODEL.id}
        assert {each["id"]: each["calibrated"] for each in found} == {AGREED.id: True, BY_MODEL.id: False}
        page = http.get(f"/statements/{BY_MODEL.id}").text
        assert MODEL in page
        assert "0.90 (not calibrated for this model)" in page
        assert "not calibrated for this model" not in http.get(f"/statements/{AGREED.id}").text
        review = http.get("/review").text
        assert "The readers differ" in review
        assert LOCAL in review
        assert MODEL in review


def test_pages_and_sparql_keep_to_one_reader(folder: Path) -> None:
    query = (
        'SELECT DISTINCT ?id WHERE { ?s :reader ?reader FILTER(STRSTARTS(?reader, "%s")) '
        'BIND(STRAFTER(STR(?s), "/statement/") AS ?id) }'
    )
    every = (AGREED, BY_LOCAL, BY_MODEL)
    with TestClient(create_app(Settings(store=str(folder), query_workers=1))) as http:
        for reader, shown in (("model", {AGREED, BY_MODEL}), (LOCAL, {AGREED, BY_LOCAL}), ("x", set())):
            page = http.get("/search", params={"reader": reader, "standing": "all"}).text
            assert {each for each in every if f"/statements/{each.id}" in page} == shown
            waiting = http.get("/api/review", params={"reader": reader}).json()["items"]
            assert {each["statement"]["id"] for each in waiting} == {each.id for each in shown}
            answer = http.get("/sparql", params={"query": HEAD + query % reader}, headers={"Accept": JSON})
            rows = answer.json()["results"]["bindings"]
            assert {row["id"]["value"] for row in rows} == {each.id for each in shown}


def test_the_review_list_says_what_is_not_calibrated(folder: Path) -> None:
    found = CliRunner().invoke(app, ["review", "list", "--store", str(folder)])
    assert found.exit_code == 0, found.output
    marked = {line.split()[0] for line in found.output.splitlines() if "(not calibrated for this model)" in line}
    assert marked == {BY_MODEL.id}
