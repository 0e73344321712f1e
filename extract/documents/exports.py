"""Exports of news databases: tables with one article in each row, as CSV, TSV or JSON lines."""

import csv
import io
import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from extract.documents.dates import read_date
from extract.documents.metadata import told
from graph.encoding import decoded
from graph.errors import BadDocument
from graph.model import Article

ENDINGS = frozenset([".csv", ".tsv", ".jsonl", ".ndjson"])
SURPLUS = "\0"
"""Stands for the cells of a row that no column names: without it, a text would be cut at a comma."""
LONGEST = 20 * 1024**2
"""Most characters of one row."""


@cache
def usual_columns() -> dict[str, list[str]]:
    """Return the names that each field's column has in exports."""
    text = Path(__file__).with_name("exports.toml").read_text(encoding="utf-8")
    columns: dict[str, list[str]] = tomllib.loads(text)["columns"]
    return columns


def exported(
    path: Path,
    *,
    columns: Mapping[str, str] | None = None,
    day_first: bool | None = None,
    faults: list[str] | None = None,
) -> Iterator[Article]:
    """Yield the articles of an export, row by row; `columns` names the column of a field if it has an unusual name.

    A date that cannot be read becomes a sentence in `faults`, and the article has none. `day_first` decides 3/4/2031.
    Raises BadDocument, with the line, if the file is not such a table or lacks a column for the text.
    """
    wanted = {field: [name.casefold()] for field, name in (columns or {}).items()}
    unknown = wanted.keys() - usual_columns().keys()
    if unknown:
        raise BadDocument(f"{path}: there is no field {min(unknown)!r}. Use {', '.join(usual_columns())}")
    for line, row in _rows(path):
        if row.pop(SURPLUS, "").strip(", "):
            fault = f"{path}:{line}: has more cells than the table has columns; put quotation marks around cells"
            if faults is None:
                raise BadDocument(fault)
            faults.append(fault)
            continue
        values = {name.casefold().strip(): value for name, value in row.items()}
        found: dict[str, str] = {}
        for field, usual in usual_columns().items():
            names = wanted.get(field, usual)
            value = next((values[name] for name in names if values.get(name)), "")
            if field in wanted and not any(name in values for name in names):
                raise BadDocument(f"{path}:{line}: no column {names[0]!r}. The table has {', '.join(row)}")
            found[field] = value
        if not any(name in values for name in wanted.get("text", usual_columns()["text"])):
            raise BadDocument(f"{path}:{line}: no column for the text; name it with --column text=NAME")
        given = found["date"]
        found["date"], fault = read_date(given, day_first=day_first, spreadsheet=True)
        if fault and faults is not None:
            faults.append(f"{path}:{line}: the date {given!r} {fault}; the article comes in without a date")
        yield told(Article(id=found["id"], text=found["text"]), found)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = decoded(path.read_bytes()).removeprefix("\ufeff")
    except OSError as error:
        raise BadDocument(f"{path}: cannot be read: {error.strerror}") from error
    except BadDocument as error:
        raise BadDocument(f"{path}: {error}") from error
    try:
        if path.suffix.lower() in {".jsonl", ".ndjson"}:
            for line, written in enumerate(text.split("\n"), 1):
                if len(written) > LONGEST:
                    raise BadDocument(f"{path}:{line}: more than {LONGEST:,} characters in one row")
                if written.strip():
                    yield line, {str(key): _text(value) for key, value in json.loads(written).items()}
            return
        yield from _cells(text)
    except (csv.Error, ValueError, AttributeError, RecursionError) as error:
        raise BadDocument(f"{path}: not a table that can be read: {error}") from error


def _cells(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    # Excel writes its separator into a line of its own.
    separator = re.match(r"\"?sep=(.)\"?[ \t]*\r?\n", text, re.IGNORECASE)
    begin = separator.end() if separator else 0
    csv.field_size_limit(LONGEST)
    head = text[begin : begin + 4096].partition("\n")[0]
    delimiter = separator[1] if separator else max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text[begin:], newline=""), delimiter=delimiter, strict=True)
    for row in reader:
        line = reader.line_num + (1 if separator else 0)
        # The reader has the cells that no column names under None.
        yield line, {SURPLUS if key is None else str(key): _text(value) for key, value in row.items()}


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    # JSON can escape half a surrogate pair, which no file can hold.
    return "" if value is None else str(value).encode("utf-8", "replace").decode().replace("\0", "")
