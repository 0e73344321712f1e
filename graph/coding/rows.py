"""The rows of a coding table, whatever program saved it: CSV, TSV, JSON lines or Excel."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.encoding import decoded
from graph.errors import BadDocument
from graph.records import from_spreadsheet

LONGEST = 4 * 1024**2
"""Characters of one cell."""

SAVE_AS = {
    ".qdpx": "a REFI-QDA project (.qdpx)",
    ".qde": "a REFI-QDA project (.qde)",
    ".qda": "a project of a coding program (.qda)",
    ".mx20": "a MAXQDA project",
    ".mx22": "a MAXQDA project",
    ".mx24": "a MAXQDA project",
    ".nvp": "an NVivo project",
    ".nvpx": "an NVivo project",
    ".atlproj": "an ATLAS.ti project",
    ".xls": "an old Excel workbook (.xls)",
    ".xlsb": "a binary Excel workbook (.xlsb)",
    ".ods": "an OpenDocument spreadsheet (.ods)",
    ".numbers": "a Numbers spreadsheet",
}
"""What is known and not read. People export a table from it."""


@dataclass(slots=True, kw_only=True)
class CodingTable:
    """The rows of a table by line number, and what was wrong with the others."""

    columns: tuple[str, ...] = ()
    rows: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    faults: list[tuple[int, str]] = field(default_factory=list)


def read_rows(path: Path) -> CodingTable:
    """Read the rows of a table, every value as text. Raises BadDocument."""
    ending = path.suffix.lower()
    if ending in SAVE_AS:
        raise BadDocument(
            f"{path}: {SAVE_AS[ending]} is not read; export the coded segments from the program that wrote it as CSV "
            "or Excel (.xlsx)"
        )
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadDocument(f"{path}: cannot be read: {error.strerror}") from error
    if ending in (".xlsx", ".xlsm"):
        return _named(path, _workbook(path, content))
    if content.startswith(b"PK\x03\x04"):
        raise BadDocument(f"{path}: is a packed file, not a table; save it as CSV or Excel (.xlsx)")
    try:
        text = decoded(content).removeprefix("\ufeff")
    except BadDocument as error:
        raise BadDocument(f"{path}: {error}") from error
    if ending in (".jsonl", ".ndjson"):
        return _json_lines(path, text)
    return _named(path, _delimited(path, text))


def _delimited(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    lines = 0
    # Excel writes its separator into a line of its own.
    told = re.match(r"\"?sep=(.)\"?[ \t]*\r?\n", text, re.IGNORECASE)
    if told:
        text, lines = text[told.end() :], 1
    csv.field_size_limit(LONGEST)
    head = re.sub(r'"(?:[^"]|"")*"', "", next((line for line in text.splitlines() if line.strip()), ""))
    delimiter = told[1] if told else max(",;\t|", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begun = lines
    try:
        for cells in reader:
            line, begun = begun + 1, lines + reader.line_num
            yield line, [from_spreadsheet(cell) for cell in cells]
    except csv.Error as error:
        raise BadDocument(f"{path}:{begun + 1}: {error}; correct the quotation marks of this row") from error


def _workbook(path: Path, content: bytes) -> Iterator[tuple[int, list[str]]]:
    from openpyxl import load_workbook  # takes a moment to load

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for line, cells in enumerate(sheet.iter_rows(values_only=True), 1):
            yield line, [cell_text(cell) for cell in cells]
    except (
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        IndexError,
        OSError,
        AttributeError,
        SyntaxError,
    ) as error:
        raise BadDocument(f"{path}: is damaged, so this .xlsx cannot be read; save it again, or as CSV") from error


def _named(path: Path, lines: Iterator[tuple[int, list[str]]]) -> CodingTable:
    """The rows under the names of the first line that is not empty."""
    table = CodingTable()
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if not table.columns:
            table.columns = tuple(" ".join(cell.split()) for cell in cells)
            twice = [name for name in table.columns if name and table.columns.count(name) > 1]
            if twice:
                raise BadDocument(f"{path}:{line}: two columns have the name {twice[0]!r}; rename one of them")
        elif any(cell.strip() for cell in cells[len(table.columns) :]):
            table.faults.append((line, "has more cells than the table has columns; put quotation marks around cells"))
        else:
            table.rows.append((line, dict(zip(table.columns, cells, strict=False))))
    return table


def _json_lines(path: Path, text: str) -> CodingTable:
    table = CodingTable()
    # Not splitlines(): U+2028 and its like may stand inside a passage.
    for line, written in enumerate(text.split("\n"), 1):
        if not written.strip():
            continue
        try:
            fields: Any = json.loads(written)
        except (ValueError, RecursionError) as error:
            table.faults.append((line, f"is not JSON: {error}"))
            continue
        if isinstance(fields, dict):
            table.rows.append((line, {str(key): cell_text(value) for key, value in fields.items()}))
        else:
            table.faults.append((line, "is not a JSON object"))
    if table.faults and not table.rows:
        line, reason = table.faults[0]
        raise BadDocument(f"{path}:{line}: not a table that can be read: {reason}")
    table.columns = tuple(dict.fromkeys(name for _, row in table.rows for name in row))
    return table


def cell_text(value: object) -> str:
    """Return a cell's value as text: days without a time of midnight, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, list):
        return "; ".join(map(cell_text, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    # JSON can escape half of a surrogate pair, which no file can hold.
    written = str(value).encode("utf-8", "replace").decode().replace("\0", "")
    return written.removesuffix(" 00:00:00") if hasattr(value, "isoformat") else written
