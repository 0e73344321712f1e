"""A policy area as a folder of tables: who can hold positions, on what, on which grounds, in which articles."""

import logging
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from graph.domain.tables import DATE as DATE  # what else reads dates looks for it here
from graph.domain.tables import Sourced, Thing, actors, articles, check_period, concerns, reforms, undecodable_line
from graph.errors import BadDomain
from graph.model import LIKELY_FROM, Actor, Article, Concern, Reform

log = logging.getLogger(__name__)

BASE = "https://positions.example/"
"""Base IRI of a domain that names none; `.example` belongs to nobody (RFC 2606)."""

SETTINGS = ("id", "title", "language", "period", "base", "government", "reader")
"""The keys of domain.toml, each a string, beside the `[[package]]` entries."""
LIKELY = "likely_from"
READERS = ("local", "model", "both")
"""What can read a domain's documents."""
WORDINGS = ("aliases", "cues")
"""What Turtle adds to a table's row, where all else only fills what the row leaves empty."""


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
    likely_from: float = LIKELY_FROM
    """Confidence from which a statement is likely and counts although nobody has checked it."""
    government: str = ""
    """Id of the actor that 'the Government' and a plan told without a proposer speak for; empty where not known."""
    actors: Mapping[str, Actor] = field(default_factory=dict)
    reforms: Mapping[str, Reform] = field(default_factory=dict)
    concerns: Mapping[str, Concern] = field(default_factory=dict)
    packages: tuple[Package, ...] = ()
    articles: Mapping[str, Article] = field(default_factory=dict)
    """What articles.csv says of each; their text is empty here and is read by `extract.documents.reading`."""
    documents: Path
    """Folder of the documents to read."""
    reader: str = "local"
    """What reads the documents: local, model or both."""

    def package(self, date: str) -> Reform | None:
        """The reform that 'these reforms' stands for in an article of this date; None where none or several fit.

        An article without date may be of any time.
        """
        found = [p.reform for p in self.packages if not date or within(date, p.since, p.until)]
        return self.reforms[found[0]] if len(found) == 1 else None


def within(date: str, since: str, until: str) -> bool:
    """Whether an ISO date, as precise as it is, may lie in a period; both ends belong to it, '' leaves an end open."""
    if not date:
        return not since and not until
    if since and date[: len(since)] < since[: len(date)]:
        return False
    return not (until and date[: len(until)] > until[: len(date)])


def bare_domain(folder: Path) -> Domain:
    """A plain folder of documents as a domain without tables; a folder `articles` or `text` in it goes before it.

    Raises BadDomain.
    """
    if not folder.is_dir():
        raise BadDomain(folder, None, "no such folder of documents")
    inner = next((folder / name for name in ("articles", "text") if (folder / name).is_dir()), folder)
    return Domain(id=folder.resolve().name, folder=folder, title=folder.resolve().name, documents=inner)


def read_domain(folder: Path, *, documents: Path | None = None) -> Domain:
    """The domain in a folder; raises BadDomain with file and line of the first fault.

    `documents` takes the place of the folder's own `articles/`; an articles.csv that lies with those documents
    adds to, and goes before, the domain's own. Turtle files in the folder are merged with its tables.
    """
    if not folder.is_dir():
        raise BadDomain(folder, None, "no such folder; a domain is a folder with actors.csv and reforms.csv")
    if documents is not None and not documents.is_dir():
        raise BadDomain(documents, None, "no such folder of articles")
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
            settings_file, "government", f"government = {government!r} is no id of actors.csv; add its row"
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
            log.warning("%s: setting %r is not known and is passed over", path, key)
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
            raise _bad_setting(path, "[[package]]", "a [[package]] takes reform, since, until and words") from error
        words_are_text = isinstance(entry.get("words", []), list) and all(isinstance(w, str) for w in package.words)
        if not words_are_text or not all(isinstance(v, str) for v in (package.reform, package.since, package.until)):
            message = "in a [[package]] reform, since and until are text and words a list of texts"
            raise _bad_setting(path, "[[package]]", message)
        line = _setting_line(path, "reform", package.reform)
        if package.reform not in known:
            raise BadDomain(path, line, f"package reform {package.reform!r} is no id of reforms.csv; add its row")
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
    # Here and not above: a folder without Turtle does without rdflib's time to load.
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
    """What a table and the Turtle files tell of one kind, by id; where both tell of a thing the table goes first."""
    found = {row.thing.id: row for row in read(path)} if path.is_file() else {}
    described = [each for each in turtle if isinstance(each.thing, kind)]
    if required and not described and not path.is_file():
        raise BadDomain(path, None, "no such file; make it, with at least the columns id and label")
    for each in described:
        id = each.thing.id
        found[id] = replace(found[id], thing=_filled(found[id].thing, each.thing)) if id in found else each
    return found


def _filled(first: Thing, second: Thing) -> Thing:
    """The first, with what it leaves empty taken from the second, and the wordings of both."""
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
                raise found.fault(f"{found.thing.id!r} is a member of itself")
            if membership.organisation not in known:
                raise found.fault(f"member_of {membership.organisation!r} is the id of no actor; add its row")


def _check_tree(known: Mapping[str, Sourced[Reform]]) -> None:
    for found in known.values():
        seen = [found.thing.id]
        above = found.thing.broader
        while above:
            if above not in known:
                raise found.fault(f"broader {above!r} is the id of no reform; add its row")
            if above in seen:
                raise found.fault(f"broader goes round in a circle: {' > '.join((*seen, above))}; empty one of them")
            seen.append(above)
            above = known[above].thing.broader
