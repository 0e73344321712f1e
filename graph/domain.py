"""A policy area as a folder of tables: who can hold positions, on what, on which grounds, in which articles."""

import csv
import logging
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.errors import BadDomain
from graph.model import Actor, ActorKind, Article, Concern, Membership, Reform

log = logging.getLogger(__name__)

BASE = "https://positions.example/"
"""Base IRI of a domain that names none; `.example` belongs to nobody (RFC 2606)."""

DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
COLUMNS = {
    "actors.csv": ("id", "label", "kind", "aliases", "member_of", "role", "since", "until"),
    "reforms.csv": ("id", "label", "broader", "definition", "aliases"),
    "concerns.csv": ("id", "label", "cues"),
    "articles.csv": ("id", "title", "publisher", "date", "url", "voice", "author", "language", "release"),
}
REQUIRED = {
    "actors.csv": ("id", "label"),
    "reforms.csv": ("id", "label"),
    "concerns.csv": ("id", "label"),
    "articles.csv": ("id",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What 'these reforms' means in articles of a period: a reform that stands for a whole set."""

    reform: str
    since: str = ""
    until: str = ""
    words: tuple[str, ...] = ()
    """Wordings of this package only ('the white paper'), beside those the language has for any package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The vocabularies of a policy area, by id, in the order of their tables."""

    id: str
    folder: Path
    title: str
    language: str = "en"
    period: str = ""
    base: str = BASE
    government: str = ""
    """Id of the actor that 'the Government' and a plan told without a proposer speak for; empty where not known."""
    actors: Mapping[str, Actor] = field(default_factory=dict)
    reforms: Mapping[str, Reform] = field(default_factory=dict)
    concerns: Mapping[str, Concern] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    articles: Mapping[str, Article] = field(default_factory=dict)
    """What articles.csv says of each; their text is empty here and is read by `extract.reading`."""
    documents: Path
    """Folder of the documents to read."""

    def package(self, date: str) -> Reform | None:
        """The reform that 'these reforms' stands for in an article of this date; None where none or several fit."""
        found = [p.reform for p in self.packages if within(date, p.since, p.until)]
        return self.reforms[found[0]] if len(found) == 1 else None


def within(date: str, since: str, until: str) -> bool:
    """Whether an ISO date, as precise as it is, may lie in a period; both ends belong to it, '' leaves an end open."""
    if not date:
        return not since and not until
    if since and date[: len(since)] < since[: len(date)]:
        return False
    return not (until and date[: len(until)] > until[: len(date)])


def read_domain(folder: Path, *, documents: Path | None = None) -> Domain:
    """The domain in a folder; raises BadDomain with file and line of the first fault.

    `documents` takes the place of the folder's own `articles/`; an articles.csv that lies with those documents
    adds to, and goes before, the domain's own.
    """
    if not folder.is_dir():
        raise BadDomain(folder, None, "no such folder; a domain is a folder with actors.csv and reforms.csv")
    if documents is not None and not documents.is_dir():
        raise BadDomain(documents, None, "no such folder of articles")
    settings_file = folder / "domain.toml"
    settings = _settings(settings_file)
    actors = _actors(folder / "actors.csv")
    reforms = _reforms(folder / "reforms.csv")
    articles = _articles(folder / "articles.csv")
    if documents is not None:
        articles |= _articles(documents / "articles.csv")
    government = settings.get("government", "")
    if government and government not in actors:
        raise BadDomain(settings_file, None, f"government = {government!r} is no id of actors.csv")
    return Domain(
        id=settings.get("id", folder.resolve().name),
        folder=folder,
        title=settings.get("title", folder.resolve().name),
        language=settings.get("language", "en"),
        period=settings.get("period", ""),
        base=settings.get("base", BASE),
        government=government,
        actors=actors,
        reforms=reforms,
        concerns=_concerns(folder / "concerns.csv"),
        packages=tuple(_packages(settings_file, settings, reforms)),
        articles=articles,
        documents=documents if documents is not None else folder / "articles",
    )


def _settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDomain(path, None, f"not TOML: {error}") from error


def _packages(path: Path, settings: Mapping[str, Any], reforms: Mapping[str, Reform]) -> Iterator[Package]:
    for entry in settings.get("package", ()):
        try:
            package = Package(**{**entry, "words": tuple(entry.get("words", ()))})
        except TypeError as error:
            raise BadDomain(path, None, f"a [[package]] takes reform, since, until and words: {error}") from error
        if package.reform not in reforms:
            raise BadDomain(path, None, f"package reform {package.reform!r} is no id of reforms.csv")
        yield package


def _actors(path: Path) -> dict[str, Actor]:
    actors: dict[str, Actor] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(path):
        kind = row["kind"] or ActorKind.ORGANISATION
        if kind not in set(ActorKind):
            raise BadDomain(path, line, f"kind {kind!r} is none of {', '.join(ActorKind)}")
        memberships = tuple(_memberships(path, line, row))
        lines[row["id"]] = line
        actors[row["id"]] = Actor(
            id=row["id"],
            label=row["label"],
            kind=ActorKind(kind),
            aliases=_several(row["aliases"]),
            member_of=memberships,
        )
    for actor in actors.values():
        for membership in actor.member_of:
            if membership.organisation not in actors:
                raise BadDomain(
                    path, lines[actor.id], f"member_of {membership.organisation!r} is no id in this table; add its row"
                )
    return actors


def _memberships(path: Path, line: int, row: Mapping[str, str]) -> Iterator[Membership]:
    """Where the person of a row belongs; role, since and until go with member_of part by part, or one for all."""
    organisations = _several(row["member_of"])
    parts = {column: _beside(path, line, column, row[column], organisations) for column in ("role", "since", "until")}
    for organisation, role, since, until in zip(organisations, *parts.values(), strict=True):
        _check_dates(path, line, since, until)
        yield Membership(organisation=organisation, role=role, since=since, until=until)


def _beside(path: Path, line: int, column: str, value: str, organisations: tuple[str, ...]) -> list[str]:
    parts = [part.strip() for part in value.split(";")]
    if len(parts) == 1:
        return parts * len(organisations)
    if len(parts) != len(organisations):
        raise BadDomain(
            path,
            line,
            f"{column} has {len(parts)} parts, member_of {len(organisations)}; give one for each, or one for all",
        )
    return parts


def _check_dates(path: Path, line: int | None, since: str, until: str) -> None:
    for name, date in (("since", since), ("until", until)):
        if date and not DATE.fullmatch(date):
            raise BadDomain(path, line, f"{name} {date!r} is none of YYYY, YYYY-MM, YYYY-MM-DD")
    if since and until and since[: len(until)] > until[: len(since)]:
        raise BadDomain(path, line, f"since {since!r} lies after until {until!r}")


def _reforms(path: Path) -> dict[str, Reform]:
    reforms: dict[str, Reform] = {}
    lines: dict[str, int] = {}
    for line, row in _rows(path):
        lines[row["id"]] = line
        reforms[row["id"]] = Reform(
            id=row["id"],
            label=row["label"],
            broader=row["broader"],
            definition=row["definition"],
            aliases=_several(row["aliases"]),
        )
    for reform in reforms.values():
        seen = {reform.id}
        above = reform.broader
        while above:
            if above not in reforms:
                raise BadDomain(path, lines[reform.id], f"broader {above!r} is no id in this table; add its row")
            if above in seen:
                raise BadDomain(path, lines[reform.id], f"reform {reform.id!r} is broader than itself")
            seen.add(above)
            above = reforms[above].broader
    return reforms


def _concerns(path: Path) -> dict[str, Concern]:
    if not path.is_file():
        return {}
    return {row["id"]: Concern(id=row["id"], label=row["label"], cues=_several(row["cues"])) for _, row in _rows(path)}


def _articles(path: Path) -> dict[str, Article]:
    if not path.is_file():
        return {}
    articles = {}
    for line, row in _rows(path):
        if row["date"] and not DATE.fullmatch(row["date"]):
            raise BadDomain(path, line, f"date {row['date']!r} is none of YYYY, YYYY-MM, YYYY-MM-DD")
        articles[row["id"]] = Article(
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
        )
    return articles


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a table by their line, with every known column; what is not there is ''."""
    name = path.name
    if not path.is_file():
        raise BadDomain(path, None, f"no such file; it needs the columns {', '.join(REQUIRED[name])}")
    known, required = COLUMNS[name], REQUIRED[name]
    ids: dict[str, int] = {}
    try:
        # A spreadsheet's CSV often begins with a byte order mark.
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            header = [column.strip() for column in reader.fieldnames or ()]
            reader.fieldnames = header
            for column in required:
                if column not in header:
                    raise BadDomain(path, 1, f"no column {column!r}; the first line names the columns, add it there")
            for column in header:
                if column not in known:
                    log.info("%s: column %r is not known and is passed over", path, column)
            for row in reader:
                line = reader.line_num
                if not any(value and value.strip() for value in row.values() if isinstance(value, str)):
                    continue
                if None in row:
                    raise BadDomain(path, line, 'more fields than columns; put "quotation marks" around commas')
                fields = {column: (row.get(column) or "").strip() for column in known}
                for column in required:
                    if not fields[column]:
                        raise BadDomain(path, line, f"no {column}; every row needs one")
                if fields["id"] in ids:
                    raise BadDomain(path, line, f"id {fields['id']!r} stands in line {ids[fields['id']]} already")
                ids[fields["id"]] = line
                yield line, fields
    except UnicodeDecodeError as error:
        raise BadDomain(path, None, "not UTF-8 text; save the table as CSV UTF-8") from error
    except csv.Error as error:
        raise BadDomain(path, reader.line_num, f"not CSV: {error}") from error


def _several(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(";") if part.strip())
