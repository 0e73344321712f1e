"""Adding a name to a table changes its row or field and no other byte."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.edits import add_alias, add_row, rows
from graph.domain.folder import read_domain
from graph.errors import BadDomain
from tests.fuzzing import tries

TABLE = 'id,label,broader,aliases\nfare-cap,Fare cap,,"capped fares;top fare"\nnight-buses,Night buses\n'


@pytest.fixture
def reforms(tmp_path: Path) -> Path:
    path = tmp_path / "reforms.csv"
    path.write_bytes(TABLE.encode())
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TABLE, TABLE + "ring-tram,Ring tram,,\n"),
        (TABLE.rstrip("\n"), TABLE + "ring-tram,Ring tram,,\n"),
        (TABLE.replace("\n", "\r\n"), (TABLE + "ring-tram,Ring tram,,\n").replace("\n", "\r\n")),
        ("\ufeff" + TABLE, "\ufeff" + TABLE + "ring-tram,Ring tram,,\n"),
        ("label,id\nFare cap,fare-cap\n", "label,id\nFare cap,fare-cap\nRing tram,ring-tram\n"),
    ],
)
def test_a_row_is_added_at_the_end(reforms: Path, before: str, after: str) -> None:
    reforms.write_bytes(before.encode())
    add_row(reforms, {"id": "ring-tram", "label": "Ring tram"})
    assert reforms.read_bytes().decode() == after
    assert reforms.with_name("reforms.csv.bak").read_bytes().decode() == before


def test_a_column_that_the_row_needs_comes_to_the_first_line(reforms: Path) -> None:
    reforms.write_bytes(b"label,id\nFare cap,fare-cap\n")
    add_row(reforms, {"id": "ring-tram", "label": "Ring tram", "broader": "fare-cap", "definition": ""})
    assert reforms.read_bytes() == b"label,id,broader\nFare cap,fare-cap\nRing tram,ring-tram,fare-cap\n"


def test_a_row_for_a_table_that_is_not_there_makes_it(tmp_path: Path) -> None:
    add_row(tmp_path / "concerns.csv", {"id": "cost", "label": "Cost"})
    assert (tmp_path / "concerns.csv").read_bytes() == b"id,label,cues\ncost,Cost,\n"
    assert [path.name for path in tmp_path.iterdir()] == ["concerns.csv"]


def test_a_table_that_is_not_read_through_gets_no_copy(reforms: Path) -> None:
    add_row(reforms, {"id": "ring-tram", "label": "Ring tram"}, checked=False)
    assert reforms.read_text() == TABLE + "ring-tram,Ring tram,,\n"
    assert not reforms.with_name("reforms.csv.bak").exists()


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=12)


@tries(60)
@given(
    cells=st.lists(st.lists(WORDS, min_size=2, max_size=2), max_size=3),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.sampled_from(["", "\ufeff"]),
    added=st.fixed_dictionaries(
        {"id": st.just("added"), "label": WORDS}, optional={"broader": WORDS, "aliases": WORDS}
    ),
)
def test_adding_a_row_keeps_any_table_and_is_read_back(
    tmp_path: Path, cells: list[list[str]], line_end: str, mark: str, added: dict[str, str]
) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator=line_end).writerows([["id", "label"], *cells])
    path = tmp_path / "reforms.csv"
    path.write_bytes((mark + written.getvalue()).encode())
    before = list(rows(path))

    add_row(path, added)

    columns = ["id", "label", *(name for name in ("broader", "aliases") if added.get(name))]
    after = [{**dict.fromkeys(columns, ""), **row} for row in before]
    assert list(rows(path)) == [*after, {name: added[name].strip() for name in columns}]


def test_a_name_with_commas_and_marks_is_read_back(reforms: Path) -> None:
    add_row(reforms, {"id": "ring", "label": 'The "Ring", so called'})
    assert list(rows(reforms))[-1]["label"] == 'The "Ring", so called'


@pytest.mark.parametrize(
    ("id", "line", "changed"),
    [
        ("fare-cap", 1, 'fare-cap,Fare cap,,"capped fares;top fare;highest fare"'),
        ("night-buses", 2, "night-buses,Night buses,,highest fare"),
    ],
)
def test_an_alias_changes_its_line_alone(reforms: Path, id: str, line: int, changed: str) -> None:
    assert add_alias(reforms, id, "highest fare")
    lines = TABLE.splitlines()
    lines[line] = changed
    assert reforms.read_text() == "\n".join(lines) + "\n"


def test_an_alias_next_to_a_field_of_several_lines(reforms: Path) -> None:
    table = 'id,label,aliases\r\ntram,"Ring\r\ntram, outer",\r\nbus,Bus,coach\r\n'
    reforms.write_bytes(table.encode())
    assert add_alias(reforms, "bus", 'the "owl"')
    assert reforms.read_bytes().decode() == table.replace("Bus,coach", 'Bus,"coach;the ""owl"""')
    assert add_alias(reforms, "tram", "Circle")
    assert 'outer",Circle\r\n' in reforms.read_bytes().decode()


def test_a_known_alias_changes_nothing(reforms: Path) -> None:
    assert not add_alias(reforms, "fare-cap", "top fare")
    assert reforms.read_text() == TABLE
    assert not reforms.with_name("reforms.csv.bak").exists()


@pytest.mark.parametrize(
    "values", [{"id": "fare-cap", "label": "Again"}, {"id": "new"}, {"id": "n", "label": "n", "x": "y"}]
)
def test_a_row_that_breaks_the_table_is_refused(reforms: Path, values: dict[str, str]) -> None:
    with pytest.raises(BadDomain):
        add_row(reforms, values)
    assert reforms.read_text() == TABLE


@pytest.mark.parametrize(("id", "alias"), [("absent", "x"), ("fare-cap", "a;b")])
def test_an_alias_that_breaks_the_table_is_refused(reforms: Path, id: str, alias: str) -> None:
    with pytest.raises(BadDomain):
        add_alias(reforms, id, alias)
    assert reforms.read_text() == TABLE


def test_the_tables_are_read_as_before(reforms: Path) -> None:
    (reforms.parent / "actors.csv").write_text("id,label\ncouncil,City Council\n")
    add_row(reforms, {"id": "ring-tram", "label": "Ring tram", "broader": "night-buses"})
    add_alias(reforms, "ring-tram", "Circle tram")
    assert read_domain(reforms.parent).reforms["ring-tram"].aliases == ("Circle tram",)
