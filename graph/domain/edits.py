"""Edit a table of a domain folder: change one row or field and leave every other byte unchanged."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from graph.domain.tables import COLUMNS, REQUIRED
from graph.errors import BadDomain
from graph.records import whole_file

MARK = "\ufeff"
"""The byte order mark that spreadsheets write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of a CSV file: its value, and its place in the text including quotation marks."""

    value: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFields:
    """Return the fields of one record by column."""

    line: int
    fields: tuple[Field, ...]


def add_row(path: Path, values: Mapping[str, str], *, checked: bool = True) -> None:
    """Append a row to a table, creating the table if needed; a copy of the old file is kept as `.bak`.

    A column that the row needs and the table lacks is added to the end of the first line. A caller who knows that the
    id is new passes `checked=False`: the table is then not read, and no `.bak` is kept. Raises BadDomain.
    """
    known = COLUMNS[path.name]
    if lacking := [column for column in REQUIRED[path.name] if not values.get(column)]:
        raise BadDomain(path, None, f"{lacking[0]} is missing; every row needs one")
    if unknown := sorted(set(values) - set(known)):
        raise BadDomain(path, None, f"the table has no column {', '.join(unknown)}")
    text = _read(path) if path.is_file() else ",".join(known) + "\n"
    head = _head(path, text)
    header = [field.value.strip().lower() for field in head.fields]
    if checked and any(_value(header, row, "id") == values["id"] for row in _rows(path, text)[1]):
        raise BadDomain(path, None, f"id {values['id']!r} already exists; choose another, or add an alias")
    new = [column for column in known if values.get(column) and column not in header]
    place = head.fields[-1].end
    text = text[:place] + "".join(f",{column}" for column in new) + text[place:]
    end = _line_end(text)
    line = ",".join(_quoted(values.get(column, "")) for column in (*header, *new)) + end
    _write(path, text + ("" if text.endswith(("\n", "\r")) else end) + line, keep=checked)


def add_alias(path: Path, id: str, alias: str) -> bool:
    """Add an alias to the row with this id, keeping a `.bak` copy; return False if the row already has it.

    Raises BadDomain.
    """
    text = _read(path)
    header, rows = _rows(path, text)
    if "aliases" not in header:
        raise BadDomain(path, 1, "no column 'aliases'; add it to the first line")
    if ";" in alias:
        raise BadDomain(path, None, f"{alias!r} contains ';', which separates aliases")
    row = next((row for row in rows if _value(header, row, "id") == id), None)
    if row is None:
        raise BadDomain(path, None, f"no row has the id {id!r}")
    known = {part.strip() for part in (_value(header, row, "aliases") + ";" + _value(header, row, "label")).split(";")}
    if alias in known:
        return False
    place = header.index("aliases")
    if place < len(row.fields):
        field = row.fields[place]
        joined = f"{field.value};{alias}" if field.value.strip() else alias
        was_quoted = text[field.start : field.start + 1] == '"'
        made = _quoted(joined, always=was_quoted)
        _write(path, text[: field.start] + made + text[field.end :])
    else:
        # A row may end before its last columns.
        end = row.fields[-1].end
        _write(path, text[:end] + "," * (place - len(row.fields) + 1) + _quoted(alias) + text[end:])
    return True


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Return the rows of a table, unchecked: the value of each column."""
    header, found = _rows(path, _read(path))
    for row in found:
        yield {column: _value(header, row, column) for column in header}


def _read(path: Path) -> str:
    try:
        # Line endings and the byte order mark are kept, so that unchanged text is written back byte for byte.
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadDomain(path, None, "not UTF-8 text; save the table as CSV UTF-8") from error
    except OSError as error:
        raise BadDomain(path, None, f"cannot be read: {error.strerror}") from error


def _head(path: Path, text: str) -> RecordFields:
    for row in _records(path, text):
        if any(field.value.strip() for field in row.fields):
            return row
    raise BadDomain(path, None, "the file is empty; its first line must name the columns")


def _rows(path: Path, text: str) -> tuple[list[str], list[RecordFields]]:
    _head(path, text)
    found = [row for row in _records(path, text) if any(field.value.strip() for field in row.fields)]
    return [field.value.strip().lower() for field in found[0].fields], found[1:]


def _records(path: Path, text: str) -> Iterator[RecordFields]:
    at = len(MARK) if text.startswith(MARK) else 0
    line = 1
    fields: list[Field] = []
    while at < len(text):
        if text[at] == '"':
            match = re.compile(r'"((?:[^"]|"")*)"').match(text, at)
            if match is None:
                raise BadDomain(path, line, "a quotation mark is not closed; correct this line")
            field = Field(value=match[1].replace('""', '"'), start=at, end=match.end())
        else:
            match = re.compile(r"[^,\r\n]*").match(text, at)
            assert match is not None  # noqa: S101  # it matches the empty string
            field = Field(value=match[0], start=at, end=match.end())
        fields.append(field)
        at = field.end
        if text[at : at + 1] == ",":
            at += 1
            if at == len(text) or text[at] in "\r\n":
                fields.append(Field(value="", start=at, end=at))
            else:
                continue
        elif at < len(text) and text[at] not in "\r\n":
            raise BadDomain(path, line, "there is text after a closing quotation mark; correct this line")
        yield RecordFields(line=line, fields=tuple(fields))
        line += text.count("\n", fields[0].start, at) + 1
        fields = []
        at += 2 if text.startswith("\r\n", at) else 1


def _value(header: list[str], row: RecordFields, column: str) -> str:
    place = header.index(column) if column in header else len(row.fields)
    return row.fields[place].value.strip() if place < len(row.fields) else ""


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _quoted(value: str, *, always: bool = False) -> str:
    if always or re.search(r'[",\r\n]', value) or value != value.strip():
        return '"' + value.replace('"', '""') + '"'
    return value


def _write(path: Path, text: str, *, keep: bool = True) -> None:
    """Write the whole file or nothing, with the old version kept alongside."""
    mode = path.stat().st_mode & 0o777 if path.is_file() else None
    parts = [(path.with_name(path.name + ".bak"), path.read_bytes())] if keep and mode is not None else []
    for place, content in (*parts, (path, text.encode("utf-8", "replace"))):
        with whole_file(place) as out:
            out.write(content)
        if mode is not None:
            place.chmod(mode)
