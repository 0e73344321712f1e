"""A policy area as a folder of tables: who can hold positions, on what, on which grounds, in which articles."""

import logging
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from graph.domain.tables import DATE as DATE  # other modules that read dates import it from here
from graph.domain.tables import Sourced, Thing, actors, articles, check_period, concerns, reforms, undecodable_line
from graph.errors import BadDomain
from graph.model import LIKELY_FROM, Actor, Article, Concern, Reform

log = logging.getLogger(__name__)

BASE = "https://positions.example/"
"""Base IRI of a domain that names none; `.example` is a reserved name (RFC 2606)."""

SETTINGS = ("id", "title", "language", "period", "base", "government", "reader")
"""The string keys of `domain.toml`; it may also have `[[package]]` entries."""
LIKELY = "likely_from"
READERS = ("local", "model", "both")
"""The readers that a domain can choose for its documents."""
WORDINGS = ("aliases", "cues")
"""Fields that Turtle adds to in a table's row; other fields are filled only if the row leaves them empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What 'these reforms' means in articles of a period: one reform that represents a whole set."""

    reform: str
    since: str = ""
    until: str = ""
    words: tuple[str, ...] = ()
    """Wordings of this package only ('the white paper'), in addition to the language's wordings for any package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """The vocabularies of a policy area, by id, in the order of their tables."""

    id: str
    folder: Path
    title: str
    language: str = "en"
    period: str = ""
    base: str = BASE
    likely_from: float = LIKELY_FROM
    """Confidence from which a statement is likely and counts without a review."""
    government: str = ""
    """Id of the actor meant by 'the Government' and by plans without a named proposer; empty if unknown."""
    actors: Mapping[str, Actor] = field(default_factory=dict)
    reforms: Mapping[str, Reform] = field(default_factory=dict)
    concerns: Mapping[str, Concern] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    articles: Mapping[str, Article] = field(default_factory=dict)
    """The metadata in `articles.csv`; the text is empty here and read by `extract.documents.reading`."""
    documents: Path
    """Folder of the documents to read."""
    reader: str = "local"
    """Which reader reads the documents: local, model or both."""

    def package(self, date: str) -> Reform | None:
        """Return the reform that 'these reforms' means in an article of this date, or None if none or several fit.

        An article without a date may belong to any period.
        """
        found = [p.reform for p in self.packages if not date or within(date, p.since, p.until)]
        return self.reforms[found[0]] if len(found) == 1 else None


def within(date: str, since: str, until: str) -> bool:
    """Return whether an ISO date of any precision may lie in a period, ends included; '' leaves an end open."""
    if not date:
        return not since and not until
    if since and date[: len(since)] < since[: len(date)]:
        return False
    return not (until and date[: len(until)] > until[: len(date)])


def bare_domain(folder: Path) -> Domain:
    """Return a plain folder of documents as a domain without tables, preferring its folder `articles` or `text`.

    Raises BadDomain.
    """
    if not folder.is_dir():
        raise BadDomain(folder, None, "the folder of documents does not exist")
    inner = next((folder / name for name in ("articles", "text") if (folder / name).is_dir()), folder)
    return Domain(id=folder.resolve().name, folder=folder, title=folder.resolve().name, documents=inner)


def read_domain(folder: Path, *, documents: Path | None = None) -> Domain:
    """Read the domain in a folder. Raises BadDomain with file and line of the first fault.

    `documents` replaces the folder's own `articles/`; an `articles.csv` next to those documents adds to the domain's
    own and takes precedence. Turtle files in the folder are merged with its tables.
    """
    if not folder.is_dir():
        raise BadDomain(folder, None, "the folder does not exist; a domain is a folder with actors.csv and reforms.csv")
    if documents is not None and not documents.is_dir():
        raise BadDomain(documents, None, "the folder of articles does not exist")
    settings_file = folder / "domain.toml"
    settings = _settings(settings_file)
    language = settings.get("language", "en")
    turtle = [found for path in sorted(folder.glob("*.ttl")) for found in _turtle(path, language)]
    known_actors = _known(folder / "actors.csv", actors, Actor, turtle)
    known_reforms = _known(folder / "reforms.csv", reforms, Reform, turtle)
    known_concerns = _known(folder / "concerns.csv", concerns, Concern, turtle, required=False)
    _check_members(known_actors)
    _check_tree(known_reforms)
    about = _known(folder / "articles.csv", articles, Article, required=False)
    if documents is not None:
        about |= _known(documents / "articles.csv", articles, Article, required=False)
    government = settings.get("government", "")
    if government and government not in known_actors:
        raise _bad_setting(
            settings_file, "government", f"government = {government!r} is not an id in actors.csv; add a row for it"
        )
    reader = settings.get("reader", "local")
    if reader not in READERS:
        raise _bad_setting(settings_file, "reader", f"reader = {reader!r} is not one of {', '.join(READERS)}")
    return Domain(
        id=settings.get("id", folder.resolve().name),
        folder=folder,
        title=settings.get("title", folder.resolve().name),
        language=language,
        period=settings.get("period", ""),
        base=settings.get("base", BASE),
        likely_from=float(settings.get(LIKELY, LIKELY_FROM)),
        government=government,
        actors={id: found.thing for id, found in known_actors.items()},
        reforms={id: found.thing for id, found in known_reforms.items()},
        concerns={id: found.thing for id, found in known_concerns.items()},
        packages=tuple(_packages(settings_file, settings, known_reforms)),
        articles={id: found.thing for id, found in about.items()},
        documents=documents if documents is not None else folder / "articles",
        reader=reader,
    )


def _settings(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadDomain(path, undecodable_line(path), "not UTF-8 text; save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise BadDomain(path, int(place[1]) if place else None, f"not TOML: {error}") from error
    for key, value in settings.items():
        if key in SETTINGS and not isinstance(value, str):
            raise _bad_setting(path, key, f"{key} must be text in quotation marks")
        if key == LIKELY and (isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1):
            raise _bad_setting(path, key, f"{key} must be a number from 0 to 1")
        if key not in (*SETTINGS, LIKELY, "package"):
            log.warning("%s: unknown setting %r is ignored", path, key)
    base = settings.get("base", BASE)
    if not re.fullmatch(r"https?://[^\s<>\"{}|^`\\]+[/#]", base):
        raise _bad_setting(path, "base", f"base {base!r} must be an http or https address that ends with / or #")
    return settings


def _packages(path: Path, settings: Mapping[str, Any], known: Mapping[str, Sourced[Reform]]) -> Iterator[Package]:
    entries = settings.get("package", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _bad_setting(path, "package", "each package begins with a line [[package]]")
    for entry in entries:
        try:
            package = Package(**{**entry, "words": tuple(entry.get("words", ()))})
        except TypeError as error:
            raise _bad_setting(path, "[[package]]", "a [[package]] accepts reform, since, until and words") from error
        words_are_text = isinstance(entry.get("words", []), list) and all(isinstance(w, str) for w in package.words)
        if not words_are_text or not all(isinstance(v, str) for v in (package.reform, package.since, package.until)):
            message = "in a [[package]], reform, since and until must be text, and words a list of texts"
            raise _bad_setting(path, "[[package]]", message)
        line = _setting_line(path, "reform", package.reform)
        if package.reform not in known:
            raise BadDomain(
                path, line, f"package reform {package.reform!r} is not an id in reforms.csv; add a row for it"
            )
        check_period(path, line, package.since, package.until)
        yield package


def _setting_line(path: Path, key: str, value: str = "") -> int | None:
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    for number, line in enumerate(lines, 1):
        if line.strip().startswith(key) and value in line:
            return number
    return None


def _bad_setting(path: Path, key: str, message: str) -> BadDomain:
    return BadDomain(path, _setting_line(path, key), message)


def _turtle(path: Path, language: str) -> Iterator[Sourced[Actor | Reform | Concern]]:
    # Imported here so that a folder without Turtle does not wait for rdflib to load.
    from graph.domain.skos import vocabulary

    yield from vocabulary(path, language=language)


def _known(
    path: Path,
    read: Callable[[Path], Iterator[Sourced[Thing]]],
    kind: type[Thing],
    turtle: Iterable[Sourced[Any]] = (),
    *,
    required: bool = True,
) -> dict[str, Sourced[Thing]]:
    """Merge the things of one kind from a table and Turtle files, by id; the table takes precedence."""
    found = {row.thing.id: row for row in read(path)} if path.is_file() else {}
    described = [each for each in turtle if isinstance(each.thing, kind)]
    if required and not described and not path.is_file():
        raise BadDomain(path, None, "the file does not exist; create it with at least the columns id and label")
    for each in described:
        id = each.thing.id
        found[id] = replace(found[id], thing=_filled(found[id].thing, each.thing)) if id in found else each
    return found


def _filled(first: Thing, second: Thing) -> Thing:
    """Return the first, with its empty fields filled from the second and the wordings of both."""
    parts: dict[str, Any] = {}
    for each in fields(first):
        mine: Any = getattr(first, each.name)
        other: Any = getattr(second, each.name)
        parts[each.name] = tuple(dict.fromkeys((*mine, *other))) if each.name in WORDINGS else mine or other
    return replace(first, **parts)


def _check_members(known: Mapping[str, Sourced[Actor]]) -> None:
    for found in known.values():
        for membership in found.thing.member_of:
            if membership.organisation == found.thing.id:
                raise found.fault(f"{found.thing.id!r} names itself in member_of; remove it there")
            if membership.organisation not in known:
                raise found.fault(f"member_of {membership.organisation!r} is not the id of an actor; add a row for it")


def _check_tree(known: Mapping[str, Sourced[Reform]]) -> None:
    for found in known.values():
        seen = [found.thing.id]
        above = found.thing.broader
        while above:
            if above not in known:
                raise found.fault(f"broader {above!r} is not the id of a reform; add a row for it")
            if above in seen:
                raise found.fault(f"broader forms a loop: {' > '.join((*seen, above))}; clear one of them")
            seen.append(above)
            above = known[above].thing.broader
