"""Exports of news databases: tables with one article a row, in CSV, TSV or JSON lines."""

import csv
import json
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from extract.documents.metadata import told
from graph.errors import BadDocument
from graph.model import Article

ENDINGS = frozenset([".csv", ".tsv", ".jsonl", ".ndjson"])
LONGEST = 20 * 1024**2
"""Characters of one row."""


@cache
def usual_columns() -> dict[str, list[str]]:
    """For each field the names that its column has in exports."""
    text = Path(__file__).with_name("exports.toml").read_text(encoding="utf-8")
    columns: dict[str, list[str]] = tomllib.loads(text)["columns"]
    return columns


def exported(path: Path, *, columns: Mapping[str, str] | None = None) -> Iterator[Article]:
    """The articles of an export, row by row; `columns` names the column of a field where it is no usual one.

    Raises BadDocument, with the line, for what is no such table or lacks a column for the text.
    """
    wanted = {field: [name.casefold()] for field, name in (columns or {}).items()}
    unknown = wanted.keys() - usual_columns().keys()
    if unknown:
        raise BadDocument(f"{path}: there is no field {min(unknown)!r}; there are {', '.join(usual_columns())}")
    for line, row in _rows(path):
        values = {name.casefold().strip(): value for name, value in row.items()}
        found: dict[str, str] = {}
        for field, usual in usual_columns().items():
            names = wanted.get(field, usual)
            value = next((values[name] for name in names if values.get(name)), "")
            if field in wanted and not any(name in values for name in names):
                raise BadDocument(f"{path}:{line}: no column {names[0]!r}; there are {', '.join(row)}")
            found[field] = value
        if not any(name in values for name in wanted.get("text", usual_columns()["text"])):
            raise BadDocument(f"{path}:{line}: no column for the text; name it with --column text=NAME")
        yield told(Article(id=found["id"], text=found["text"]), found)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix.lower() in {".jsonl", ".ndjson"}:
                line = 0
                while text := file.readline(LONGEST + 1):
                    line += 1
                    if len(text) > LONGEST:
                        raise BadDocument(f"{path}:{line}: more than {LONGEST:,} characters in one row")
                    if text.strip():
                        yield line, {str(key): _text(value) for key, value in json.loads(text).items()}
                return
            csv.field_size_limit(LONGEST)
            head = file.readline(4096)
            file.seek(0)
            reader = csv.DictReader(file, delimiter=max(",;\t", key=head.count), strict=True)
            for row in reader:
                yield reader.line_num, {str(key): _text(value) for key, value in row.items() if key is not None}
    except (OSError, UnicodeDecodeError, csv.Error, ValueError, AttributeError, RecursionError) as error:
        raise BadDocument(f"{path}: not a table that can be read: {error}") from error


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    # JSON can escape half a surrogate pair, which no file can hold.
    return "" if value is None else str(value).encode("utf-8", "replace").decode().replace("\0", "")
