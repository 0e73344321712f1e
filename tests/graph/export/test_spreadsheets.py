"""CSV for spreadsheets: no text is run as a formula, and no id is turned into a number or a date."""

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from graph.building import build
from graph.coding.rows import read_rows
from graph.domain.folder import read_domain
from graph.export.files import export
from graph.model import Actor
from graph.records import for_spreadsheets, from_spreadsheet, id_for_spreadsheets
from graph.store.embedded import memory_store
from tests import factory


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert for_spreadsheets(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "words = more", "a-b", -1, -0.5, None])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert for_spreadsheets(value) == value


IDS = ["000", "007", "12e4567", "123456789012345678", "1-2", "2031-03", "2031-03-04", "3/4", "1.10", "mar1", "Sep-2031"]
IDS += ["1 May", "TRUE", "false", "-1", "=a", "000;fare-cap"]


@pytest.mark.parametrize("id", IDS)
def test_http_an_id_that_a_spreadsheet_would_change_gets_an_apostrophe_and_loses_it_again(id: str) -> None:
    assert id_for_spreadsheets(id) == f"'{id}"
    assert from_spreadsheet(f"'{id}") == id


@pytest.mark.parametrize("id", ["council", "100", "a1b2c3d4", "q4-plan", "marsh1", "'quoted' words", "", "e5"])
def test_http_other_ids_and_quoted_words_stay(id: str) -> None:
    assert id_for_spreadsheets(id) == id
    assert from_spreadsheet(id) == id


def test_http_ids_survive_csv_and_excel(tmp_path: Path) -> None:
    domain = factory.domain()
    domain = factory.domain(actors={**domain.actors, "000": Actor(id="000", label="Three Noughts")})
    statement = factory.statement(article="007", actor="000", actor_label="Three Noughts")
    with memory_store() as store:
        build(store, domain, [factory.article(id="007")], [statement])
        for name in ("spreadsheet", "csv", "xlsx"):
            export(store, name, tmp_path / f"{name}.{'xlsx' if name == 'xlsx' else 'csv'}")

    (_, told), *_ = read_rows(tmp_path / "spreadsheet.csv").rows
    assert (told["article"], told["actor"]) == ("007", "000")
    with (tmp_path / "spreadsheet.csv").open(newline="") as file:
        (written,) = csv.DictReader(file)
    assert (written["article"], written["actor"], written["start"]) == ("'007", "'000", str(statement.start))
    with (tmp_path / "csv.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["actor"] == "000"
    sheet = load_workbook(tmp_path / "xlsx.xlsx")["Statements"]
    cells = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert (cells["actor"].value, cells["actor"].data_type) == ("000", "s")


def test_http_a_table_of_the_domain_may_protect_its_ids(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("id,label\n'000,Three Noughts\n", encoding="utf-8")
    (tmp_path / "reforms.csv").write_text("id,label\n'1-2,One to two\n", encoding="utf-8")

    domain = read_domain(tmp_path)

    assert list(domain.actors) == ["000"]
    assert list(domain.reforms) == ["1-2"]
