"""Statements as JSON lines: written lines are read back, and any other line is refused by number."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadStatement
from graph.model import Statement
from graph.records import read_articles, read_statements, record, write_statements
from tests import factory
from tests.fuzzing import tries

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [*record(factory.statement()), "another"]


@tries(100)
@given(changes=st.dictionaries(st.sampled_from(FIELDS), ANY, max_size=3), without=st.sets(st.sampled_from(FIELDS)))
def test_any_record_is_a_statement_or_refused_with_its_line(
    tmp_path: Path, changes: dict[str, Any], without: set[str]
) -> None:
    fields = {name: value for name, value in (record(factory.statement()) | changes).items() if name not in without}
    path = tmp_path / "statements.jsonl"
    path.write_text(json.dumps(record(factory.statement())) + "\n" + json.dumps(fields) + "\n", encoding="utf-8")

    told, found = "", list[Statement]()
    try:
        found += read_statements(path)
    except BadStatement as error:
        told = str(error)

    if told:
        assert told.startswith(f"{path}:2: ")
    else:
        write_statements(tmp_path / "again.jsonl", found)
        assert list(read_statements(tmp_path / "again.jsonl")) == found


@tries(60)
@given(content=st.binary(max_size=60) | ANY.map(lambda value: json.dumps(value).encode()))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "statements.jsonl"
    path.write_bytes(content)

    readers: tuple[Callable[[Path], Iterator[Any]], ...] = (read_statements, read_articles)
    for read in readers:
        told = str(path)
        try:
            list(read(path))
        except BadStatement as error:
            told = str(error)
        assert told.startswith(str(path))
