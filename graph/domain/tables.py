"""Read the tables of a domain folder row by row: CSV from any spreadsheet, each fault with file and line."""

import csv
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from graph.errors import BadDomain
from graph.model import Actor, ActorKind, Article, Concern, Membership, Reform
from graph.records import from_spreadsheet

log = logging.getLogger(__name__)

Thing = TypeVar("Thing", bound=Actor | Reform | Concern | Article)
ThingOf = TypeVar("ThingOf", bound=Actor | Reform | Concern | Article, covariant=True)

DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
COLUMNS = {
    "actors.csv": ("id", "label", "kind", "aliases", "member_of", "role", "since", "until", "short", "website"),
    "reforms.csv": ("id", "label", "broader", "definition", "aliases", "short"),
    "concerns.csv": ("id", "label", "cues"),
    "articles.csv": (
        *("id", "title", "publisher", "date", "url", "voice", "author", "language", "release"),
        *("confidential", "genre"),
    ),
}
NOT_SET = frozenset(["", "0", "no", "false", "n"])
"""Words that mean no in a yes-or-no column; any other word means yes."""
UNREAD = frozenset({"own"})
"""Columns of the shipped tables that the program does not use, so they cause no warning."""
REQUIRED = {
    "actors.csv": ("id", "label"),
    "reforms.csv": ("id", "label"),
    "concerns.csv": ("id", "label"),
    "articles.csv": ("id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sourced(Generic[ThingOf]):
    """A thing with its place in a file, so that a later fault can still be located."""

    thing: ThingOf
    path: Path
    line: int | None

    def fault(self, message: str) -> BadDomain:
        """Return an error that names this place."""
        return BadDomain(self.path, self.line, message)


def actors(path: Path) -> Iterator[Sourced[Actor]]:
    """Return the rows of `actors.csv`; the caller checks that `member_of` names known actors."""
    for line, row in _rows(path):
        kind = row["kind"].lower() or ActorKind.ORGANISATION
        if kind not in set(ActorKind):
            raise BadDomain(path, line, f"kind {row['kind']!r} is not one of {', '.join(ActorKind)}")
        actor = Actor(
            id=row["id"],
            label=row["label"],
            kind=ActorKind(kind),
            aliases=tuple(dict.fromkeys((*_several(row["aliases"]), *_several(row["short"])))),
            member_of=tuple(_memberships(path, line, row)),
            website=row["website"],
            short=next(iter(_several(row["short"])), ""),
        )
        yield Sourced(thing=actor, path=path, line=line)


def reforms(path: Path) -> Iterator[Sourced[Reform]]:
    """Return the rows of `reforms.csv`; the caller checks that `broader` forms a tree."""
    for line, row in _rows(path):
        reform = Reform(
            id=row["id"],
            label=row["label"],
            broader=row["broader"],
            definition=row["definition"],
            aliases=tuple(dict.fromkeys((*_several(row["aliases"]), *_several(row["short"])))),
            short=next(iter(_several(row["short"])), ""),
        )
        yield Sourced(thing=reform, path=path, line=line)


def concerns(path: Path) -> Iterator[Sourced[Concern]]:
    """Return the rows of `concerns.csv`."""
    for line, row in _rows(path):
        concern = Concern(id=row["id"], label=row["label"], cues=_several(row["cues"]))
        yield Sourced(thing=concern, path=path, line=line)


def articles(path: Path) -> Iterator[Sourced[Article]]:
    """Return the rows of `articles.csv`: the metadata of each document, with empty text."""
    for line, row in _rows(path):
        check_date(path, line, "date", row["date"])
        article = Article(
            id=row["id"],
            text="",
            title=row["title"],
            publisher=row["publisher"],
            author=row["author"],
            date=row["date"],
            url=row["url"],
            language=row["language"],
            voice=row["voice"],
            release=row["release"],
            confidential=row["confidential"].lower() not in NOT_SET,
            genre=row["genre"],
        )
        yield Sourced(thing=article, path=path, line=line)


def is_date(value: str) -> bool:
    """Return whether a value is a date of one of the three precisions, and a day of the calendar."""
    if not DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value + "-01-01"[len(value) - 4 :] if len(value) < 10 else value)
    except ValueError:
        return False
    return True


def check_date(path: Path, line: int | None, name: str, value: str) -> None:
    """Raise BadDomain for a date that has none of the three precisions or is not in the calendar."""
    if not value:
        return
    if not DATE.fullmatch(value):
        raise BadDomain(path, line, f"{name} {value!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
    if not is_date(value):
        raise BadDomain(path, line, f"{name} {value!r} does not exist in the calendar")


def check_period(path: Path, line: int | None, since: str, until: str) -> None:
    """Raise BadDomain if an end of a period is not a date, or the period ends before it begins."""
    check_date(path, line, "since", since)
    check_date(path, line, "until", until)
    if since and until and since[: len(until)] > until[: len(since)]:
        raise BadDomain(path, line, f"since {since!r} is later than until {until!r}")


def undecodable_line(path: Path) -> int:
    """Return the line of the first byte that is not UTF-8."""
    content = path.read_bytes()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return content.count(b"\n") + 1


def _memberships(path: Path, line: int, row: Mapping[str, str]) -> Iterator[Membership]:
    """Return the memberships of a row; role, since and until match member_of part by part, or one applies to all."""
    # The same organisation twice means two memberships.
    organisations = [part.strip() for part in row["member_of"].split(";") if part.strip()]
    parts = {column: _beside(path, line, column, row[column], organisations) for column in ("role", "since", "until")}
    for organisation, role, since, until in zip(organisations, *parts.values(), strict=True):
        check_period(path, line, since, until)
        yield Membership(organisation=organisation, role=role, since=since, until=until)


def _beside(path: Path, line: int, column: str, value: str, organisations: list[str]) -> list[str]:
    parts = [part.strip() for part in value.split(";")]
    if len(parts) == 1:
        return parts * len(organisations)
    if len(parts) != len(organisations):
        said = f"{column} has {len(parts)} parts, member_of {len(organisations)}"
        raise BadDomain(path, line, f"{said}; give one for each organisation, or one for all")
    return parts


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table by their first line, with every known column; a missing value is ''."""
    known = COLUMNS[path.name]
    ids: dict[str, int] = {}
    header: list[str] = []
    for line, cells in _lines(path):
        if not header:
            header = _header(path, line, cells)
            continue
        if any(cells[len(header) :]):
            raise BadDomain(path, line, 'more fields than columns; put "quotation marks" around a field with commas')
        row = dict.fromkeys(known, "") | dict(zip(header, cells, strict=False))
        for column in REQUIRED[path.name]:
            if not row[column]:
                raise BadDomain(path, line, f"{column} is missing; every row needs one")
        if row["id"] in ids:
            raise BadDomain(path, line, f"id {row['id']!r} is already in line {ids[row['id']]}; change one of them")
        ids[row["id"]] = line
        yield line, row
    if not header:
        raise BadDomain(path, None, f"the file is empty; its first line must name the columns: {','.join(known)}")


def _header(path: Path, line: int, cells: list[str]) -> list[str]:
    header = [cell.lower() for cell in cells]
    if len(header) == 1 and (odd := re.search(r"[;\t|]", header[0])):
        raise BadDomain(path, line, f"columns are separated by {odd[0]!r}; save the table with commas")
    for column in REQUIRED[path.name]:
        if column not in header:
            raise BadDomain(path, line, f"column {column!r} is missing; add it to the first line")
    for column in dict.fromkeys(filter(None, header)):
        if header.count(column) > 1:
            raise BadDomain(path, line, f"column {column!r} appears twice; rename or remove one")
        if column not in COLUMNS[path.name] and column not in UNREAD:
            log.warning("%s:%d: unknown column %r is ignored", path, line, column)
    return header


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the non-empty records of a CSV file with line numbers; a record over several lines has its first."""
    done = 0
    try:
        # A CSV file from a spreadsheet often begins with a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            try:
                for record in reader:
                    line, done = done + 1, reader.line_num
                    cells = [from_spreadsheet(cell.strip()) for cell in record]
                    if any(cells):
                        yield line, cells
            except csv.Error as error:
                raise BadDomain(
                    path, done + 1, f"not CSV: {error}; correct the quotation marks in this line"
                ) from error
    except UnicodeDecodeError as error:
        raise BadDomain(path, undecodable_line(path), "not UTF-8 text; save the table as CSV UTF-8") from error
    except OSError as error:
        raise BadDomain(path, None, f"cannot be read: {error.strerror}") from error


def _several(value: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in value.split(";") if part.strip()))
