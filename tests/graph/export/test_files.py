"""Exports contain the whole graph and nothing else."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rdflib

from graph.building import build
from graph.errors import BadRequest
from graph.export.citation import description, package
from graph.export.files import COLUMNS, FORMATS, context, export
from graph.model import Article, Stance, Statement
from graph.positions import derive
from graph.records import read_statements
from graph.store.embedded import Store, memory_store
from tests import factory

QUOTES = ("=The council “welcomed”, it said,\nthe fare cap.", "Harbour Lines opposed\x0c it; “never”.")
ARTICLE = Article(id="news", text=" ".join(QUOTES), title="News", publisher="The Tram Gazette", date="2031-03")
STATEMENTS = (
    factory.statement(QUOTES[0], article="news", start=0, concerns=("access", "cost"), confidence=0.75),
    replace(
        factory.statement(QUOTES[1], article="news", start=len(QUOTES[0]) + 1, speaker="Ada Quill"),
        actor="harbour-lines",
        actor_label="Harbour Lines",
        stance=Stance.OPPOSE,
    ),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        build(made, factory.domain(), [ARTICLE], STATEMENTS)
        yield made


def exported(store: Store, format: str, folder: Path) -> Path:
    out = folder / "out" / f"graph.{FORMATS[format].ending}"
    export(store, format, out)
    return out


def in_order(statements: Any) -> list[Statement]:
    return sorted(statements, key=lambda statement: str(statement.id))


def test_records_can_be_built_from_again(store: Store, tmp_path: Path) -> None:
    found = list(read_statements(exported(store, "jsonl", tmp_path)))

    assert in_order(found) == in_order(STATEMENTS)


def test_every_quotation_is_verbatim_in_the_table(store: Store, tmp_path: Path) -> None:
    text = exported(store, "csv", tmp_path).read_bytes().decode()

    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    assert {row["quote"] for row in rows} == set(QUOTES)
    assert tuple(rows[0]) == COLUMNS
    assert {row["concerns"] for row in rows} == {"access;cost", ""}


def test_a_workbook_stores_text_that_looks_like_a_formula_as_text(store: Store, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(exported(store, "xlsx", tmp_path))

    quotes = [row[COLUMNS.index("quote")] for row in book["Statements"].iter_rows(min_row=2)]
    assert {cell.value for cell in quotes} == {QUOTES[0], QUOTES[1].replace("\x0c", "\ufffd")}
    assert {cell.data_type for cell in quotes} == {"s"}
    positions = list(book["Positions"].iter_rows(min_row=2, values_only=True))
    assert {row[0] for row in positions} == {"council", "harbour-lines"}


def test_a_data_frame_has_the_same_statements(store: Store, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra 'parquet' is not installed")

    rows = parquet.read_table(exported(store, "parquet", tmp_path)).to_pylist()

    assert {(row["quote"], tuple(row["concerns"]), row["confidence"]) for row in rows} == {
        (QUOTES[0], ("access", "cost"), 0.75),
        (QUOTES[1], (), 1.0),
    }


@pytest.mark.parametrize("format", ["trig", "nquads", "jsonld"])
def test_the_graph_comes_out_whole(store: Store, format: str, tmp_path: Path) -> None:
    with memory_store() as other:
        other.load(exported(store, format, tmp_path).read_bytes(), format=format)

        assert set(other.dump().splitlines()) == set(store.dump().splitlines())


def test_the_context_file_is_the_context_of_the_graph(store: Store, tmp_path: Path) -> None:
    told = json.loads(exported(store, "jsonld", tmp_path).read_text(encoding="utf-8"))

    assert told["@context"] == context()["@context"]
    keys = {key for graph in told["@graph"] for node in graph["@graph"] for key in node}
    assert {"actor", "stance", "dct:title", "skos:prefLabel"} <= keys


def test_what_a_person_has_rejected_is_left_out(store: Store, tmp_path: Path) -> None:
    store.update(
        "PREFIX : <https://positions.example/ontology#> INSERT DATA { GRAPH <https://buses.example/graph/reviews> {"
        f" <https://buses.example/id/statement/{STATEMENTS[0].id}> :verdict :rejected }} }}"
    )
    derive(store)

    found = [it.id for it in read_statements(exported(store, "jsonl", tmp_path))]

    assert found == [STATEMENTS[1].id]


@pytest.mark.parametrize("format", sorted(set(FORMATS) - {"trig", "turtle"}))
def test_the_same_data_give_the_same_bytes(store: Store, format: str, tmp_path: Path) -> None:
    if format == "parquet":
        pytest.importorskip("pyarrow", reason="the extra 'parquet' is not installed")
    with memory_store() as other:
        build(other, factory.domain(), [ARTICLE], STATEMENTS[::-1])

        again = exported(other, format, tmp_path / "again").read_bytes()
    assert again == exported(store, format, tmp_path / "once").read_bytes()


def test_a_format_that_is_not_there_is_refused_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="csv, spreadsheet, jsonl"):
        export(store, "hdt", tmp_path / "graph.hdt")

    assert not list(tmp_path.iterdir())


def test_the_description_counts_what_is_there(store: Store) -> None:
    graph = rdflib.Graph().parse(description(store, site="https://buses.example/"), format="turtle")

    (dataset,) = graph.subjects(rdflib.RDF.type, rdflib.DCAT.Dataset)
    assert graph.value(dataset, rdflib.VOID.triples) == rdflib.Literal(
        store.select("SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }")[0]["n"]
    )
    assert graph.value(dataset, rdflib.VOID.sparqlEndpoint) == rdflib.URIRef("https://buses.example/sparql")
    statements = rdflib.URIRef("https://positions.example/ontology#Statement")
    (part,) = graph.subjects(rdflib.VOID["class"], statements)
    assert graph.value(part, rdflib.VOID.entities) == rdflib.Literal(2)


def test_a_package_names_every_file_with_its_digest(store: Store, tmp_path: Path) -> None:
    files = package(store, tmp_path / "crate.zip")

    with zipfile.ZipFile(tmp_path / "crate.zip") as crate:
        told = json.loads(crate.read("ro-crate-metadata.json"))
        assert set(crate.namelist()) == {file.name for file in files} | {"ro-crate-metadata.json"}
        sizes = {name: len(crate.read(name)) for name in crate.namelist()}
    by_id = {node["@id"]: node for node in told["@graph"]}
    assert by_id["ro-crate-metadata.json"]["about"] == {"@id": "./"}
    assert {part["@id"] for part in by_id["./"]["hasPart"]} == {file.name for file in files}
    assert all(by_id[file.name]["contentSize"] == str(sizes[file.name]) for file in files)
    assert by_id["./"]["datePublished"] == "2031-03"
    assert [it.name for it in tmp_path.iterdir()] == ["crate.zip"]


def test_the_same_data_make_the_same_package(store: Store, tmp_path: Path) -> None:
    package(store, tmp_path / "once.zip")
    package(store, tmp_path / "again.zip")

    assert (tmp_path / "once.zip").read_bytes() == (tmp_path / "again.zip").read_bytes()
