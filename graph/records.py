"""Statements and articles as JSON lines: what lies on disk between extraction and the graph."""

import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from graph.errors import BadStatement
from graph.model import Article, Cue, Manner, Stance, Statement

REQUIRED = ("article", "start", "end", "quote", "actor", "reform", "stance")

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""Beginnings of a cell that spreadsheets read as a formula, or skip before one."""

MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?)"
)
TURNED = re.compile(
    rf"0\d+|\d{{12,}}|\d+e\d+|\d*\.\d+|\d{{1,4}}[-/.]\d{{1,2}}(?:[-/.]\d{{1,4}})?"
    rf"|{MONTH}[-. ]?\d{{1,4}}|\d{{1,2}}[-. ]?{MONTH}|true|false",
    re.IGNORECASE,
)
"""Ids that a spreadsheet would change when it reads them from CSV: 000, 12e4567, 1-2, mar1, and long numbers."""


IDS = frozenset({"id", "statement", "article", "actor", "reform", "concerns", "source", "target"})
"""Columns of tables that hold ids."""


def record(statement: Statement) -> dict[str, Any]:
    """The statement as the contract's JSON object, its id first."""
    return {"id": statement.id, **asdict(statement)}


def statement(fields: Mapping[str, Any]) -> Statement:
    """The statement that a JSON object tells; raises BadStatement, naming the field at fault."""
    missing = [name for name in REQUIRED if fields.get(name) is None]
    if missing:
        raise BadStatement(f"a statement lacks {', '.join(missing)}; each needs {', '.join(REQUIRED)}")
    try:
        made = Statement(
            article=str(fields["article"]),
            start=int(fields["start"]),
            end=int(fields["end"]),
            quote=str(fields["quote"]),
            actor=str(fields["actor"]),
            actor_label=str(fields.get("actor_label") or fields["actor"]),
            speaker=_text(fields, "speaker"),
            reform=str(fields["reform"]),
            stance=Stance(fields["stance"]),
            concerns=_texts(fields, "concerns"),
            condition=_text(fields, "condition"),
            manner=Manner(fields.get("manner") or Manner.REPORTED),
            cues=tuple(Cue(**cue) for cue in fields.get("cues") or ()),
            confidence=float(fields.get("confidence", 1.0)),
            reader=_text(fields, "reader") or "",
        )
    except (TypeError, ValueError, OverflowError) as error:
        raise BadStatement(f"a statement in article {fields['article']!r} has a wrong value: {error}") from error
    if not 0 <= made.start < made.end or made.end - made.start != len(made.quote):
        raise BadStatement(
            f"the quote at {made.start}-{made.end} of article {made.article!r} is not as long as its offsets say"
        )
    if not 0.0 <= made.confidence <= 1.0:
        raise BadStatement(f"the confidence {made.confidence} in article {made.article!r} is not between 0 and 1")
    return made


def read_statements(path: Path) -> Iterator[Statement]:
    """The statements of a JSON-lines file, one at a time; raises BadStatement with file and line."""
    for number, fields in _lines(path):
        try:
            yield statement(fields)
        except BadStatement as error:
            raise BadStatement(f"{path}:{number}: {error}") from error


def write_statements(path: Path, statements: Iterable[Statement]) -> int:
    """Write the statements, one a line, whole or not at all; how many they were."""
    return write_lines(path, map(record, statements))


def read_articles(path: Path) -> Iterator[Article]:
    """The articles, text and all, of a JSON-lines file."""
    for number, fields in _lines(path):
        try:
            pages = tuple(map(int, fields.pop("pages", None) or ()))
            confidential, unowned = (bool(fields.pop(name, False)) for name in ("confidential", "unowned"))
            for name in fields:
                fields[name] = _text(fields, name) or ""
            article = Article(**fields, pages=pages, confidential=confidential, unowned=unowned)
        except (TypeError, ValueError, OverflowError) as error:
            raise BadStatement(f"{path}:{number}: not an article record: {error}") from error
        yield article


def write_articles(path: Path, articles: Iterable[Article]) -> int:
    """Write the articles, one a line, whole or not at all; how many they were."""
    return write_lines(path, map(asdict, articles))


def articles_beside(statements: Path) -> Path:
    """Return the file with the texts that the statements quote: `x.articles.jsonl` for `x.jsonl`."""
    return statements.with_name(f"{statements.stem}.articles.jsonl")


def dumps(fields: Mapping[str, Any]) -> str:
    """One object on one line, readable, the same bytes for the same fields."""
    # A lone surrogate cannot be written as UTF-8; escaping everything but ASCII is the way out for that line only.
    text = json.dumps(fields, ensure_ascii=False, separators=(", ", ": "))
    return text if text.isprintable() or _encodes(text) else json.dumps(fields)


def for_spreadsheets(value: object) -> object:
    """The value for a CSV cell. A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def id_for_spreadsheets(value: object) -> object:
    """The id for a CSV cell. One that a spreadsheet would turn into a number or a date gets an apostrophe before it."""
    if isinstance(value, str) and any(TURNED.fullmatch(each) for each in value.split(";")):
        return f"'{value}"
    return for_spreadsheets(value)


def from_spreadsheet(cell: str) -> str:
    """The text of a CSV cell, without the apostrophe that an export put before it."""
    rest = cell[1:]
    if cell.startswith("'") and (rest.startswith(FORMULA) or id_for_spreadsheets(rest) != rest):
        return rest
    return cell


def write_lines(path: Path, objects: Iterable[Mapping[str, Any]]) -> int:
    """Write JSON lines to a new file that then replaces the target, so that a killed run leaves a complete file."""
    count = 0
    with whole_file(path) as out:
        for count, fields in enumerate(objects, 1):  # noqa: B007  # the count is the result
            out.write(dumps(fields).encode("utf-8") + b"\n")
    return count


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `path` at the end, when it is whole and on disk; else nothing changes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as out:
        try:
            yield out
            out.flush()
            os.fsync(out.fileno())
        except BaseException as error:
            Path(out.name).unlink(missing_ok=True)
            if isinstance(error, OSError) and error.filename is None:
                # A full disk does not say where.
                error.filename = str(path)
            raise
    umask = os.umask(0)
    os.umask(umask)
    Path(out.name).chmod(0o666 & ~umask)
    Path(out.name).replace(path)


def _encodes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    # Not splitlines(): U+2028 and its like may stand inside a quotation.
    with _told(path), path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                fields = json.loads(line.decode("utf-8"))
            except (ValueError, RecursionError) as error:
                raise BadStatement(f"{path}:{number}: not a JSON object: {error}") from error
            if not isinstance(fields, dict):
                raise BadStatement(f"{path}:{number}: not a JSON object")
            yield number, fields


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadStatement(f"{path}: cannot be read: {error.strerror}") from error


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} {value!r} is not text")
    return value


def _texts(fields: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = fields.get(name) or ()
    if not isinstance(values, list | tuple) or not all(isinstance(value, str) for value in values):
        raise TypeError(f"{name} {values!r} is no list of texts")
    return tuple(values)
