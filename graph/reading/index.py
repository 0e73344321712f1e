"""The index next to the graph: a table of statements, and the full text of passages and articles.

It is an SQLite file with FTS5. Pages read their counts and lists from it. It records the version of the graph that it
holds. If it is out of date, opening it first updates it with the articles that have changed. Everything in it is also
in the graph, so it can be deleted and rebuilt.
"""

import hashlib
import logging
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from graph.errors import StoreError, Unknown, UnknownArticle
from graph.model import COUNTED, Selection, Standing
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD, P, graph_kind, id_of, iri
from graph.reading.evidence import UNCHECKED, Evidence, evidence
from graph.reading.register import (
    about,
    actor_names,
    base_of,
    concerns,
    iri_of,
    reform,
    reform_tree,
    touched_articles,
    with_narrower,
)
from graph.reading.register import actor as stored_actor
from graph.reading.register import article as stored_article
from graph.store import temporary
from graph.store.embedded import Store
from graph.store.remembered import DERIVED

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Statements that are read from the graph at a time."""

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, mark TEXT NOT NULL, number INTEGER NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE statement (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, article TEXT NOT NULL, actor TEXT NOT NULL, reform TEXT NOT NULL,
    stance TEXT NOT NULL, publisher TEXT NOT NULL, year TEXT NOT NULL, date TEXT NOT NULL, manner TEXT NOT NULL,
    confidence REAL NOT NULL, place INTEGER NOT NULL, stop INTEGER NOT NULL, review TEXT NOT NULL, reader TEXT NOT NULL,
    speaker TEXT, condition TEXT, standing TEXT NOT NULL, degree TEXT NOT NULL
);
CREATE INDEX statement_article ON statement (article);
CREATE INDEX statement_actor ON statement (actor, reform);
CREATE INDEX statement_reform ON statement (reform);
CREATE INDEX statement_date ON statement (date DESC, article, place, stop, id);
CREATE TABLE ground (concern TEXT NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (concern, statement)) WITHOUT ROWID;
CREATE INDEX ground_statement ON ground (statement);
CREATE VIRTUAL TABLE passage USING fts5 (
    quote, actor, speaker, reform, concerns, title, tokenize = "porter unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE document USING fts5 (title, text, tokenize = "porter unicode61 remove_diacritics 2");
PRAGMA user_version = 5;
"""
VERSION = 5

# What in the graph an article's entries in the index rest on: when none of it has changed, neither have they.
MARKS = (
    HEAD
    + """
SELECT ?article ?sha ?input ?title ?publisher ?date ?statement ?stance ?manner ?confidence ?reader ?speaker ?condition
    ?concern ?verdict ?right_stance ?right_actor ?right_reform WHERE {
    VALUES ?article { UNDEF }
    ?article :sha256 ?sha
    OPTIONAL { ?extraction prov:used ?article ; :inputSha256 ?input }
    OPTIONAL { ?article dct:title ?title }
    OPTIONAL { ?article dc:publisher ?publisher }
    OPTIONAL { ?article dct:date ?date }
    OPTIONAL {
        ?statement prov:wasQuotedFrom ?article ; :stance ?stance
        OPTIONAL { ?statement :manner ?manner }
        OPTIONAL { ?statement :confidence ?confidence }
        OPTIONAL { ?statement :reader ?reader }
        OPTIONAL { ?statement :speakerName ?speaker }
        OPTIONAL { ?statement :condition ?condition }
        OPTIONAL { ?statement :concern ?concern }
        OPTIONAL { ?statement :verdict ?verdict }
        OPTIONAL { ?statement :correctedStance ?right_stance }
        OPTIONAL { ?statement :correctedActor ?right_actor }
        OPTIONAL { ?statement :correctedReform ?right_reform }
    }
}"""
)


REJECTED = str(P.rejected)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the index should hold of an article, and a mark that changes with it."""

    article: str
    mark: str
    statements: tuple[str, ...]
    """IRIs."""


def check(store: Store, selection: Selection) -> None:
    """Raise UnknownActor, or a similar error, for an id that is not in the graph."""
    if selection.actor is not None and selection.actor not in actor_names(store):
        stored_actor(store, selection.actor)
    if selection.reform is not None:
        reform(store, selection.reform)
    if selection.concern is not None and selection.concern not in concerns(store):
        raise Unknown(f"no concern {selection.concern!r} in this graph")
    if selection.article is not None:
        iri_of(store, "article", selection.article, UnknownArticle)


def conditions(store: Store, selection: Selection) -> tuple[str, list[object]]:
    """The selected rows of the table `s` of statements as a condition of SQL, and the values in it."""
    found, values = [], list[object]()
    for name in ("actor", "article", "publisher", "speaker"):
        value = getattr(selection, name)
        if value is not None:
            found.append(f"s.{name} = ?")
            values.append(value)
    if selection.reform is not None:
        meant = with_narrower(store, selection.reform) if selection.narrower else (selection.reform,)
        found.append(f"s.reform IN ({', '.join('?' * len(meant))})")
        values.extend(meant)
    if selection.stance is not None:
        found.append("s.stance = ?")
        values.append(str(selection.stance))
    if selection.manner is not None:
        found.append("s.manner = ?")
        values.append(str(selection.manner))
    if selection.concern is not None:
        found.append("s.number IN (SELECT statement FROM ground WHERE concern = ?)")
        values.append(selection.concern)
    if selection.since:
        found.append("s.date != '' AND substr(s.date, 1, length(?)) >= substr(?, 1, length(s.date))")
        values += [selection.since] * 2
    if selection.until:
        found.append("s.date != '' AND substr(s.date, 1, length(?)) <= substr(?, 1, length(s.date))")
        values += [selection.until] * 2
    if selection.min_confidence > 0:
        found.append("s.confidence >= ?")
        values.append(selection.min_confidence)
    if selection.reader is not None:
        found.append("instr('; ' || s.reader, '; ' || ?) > 0")
        values.append(selection.reader)
    if selection.reviewed is not None:
        found.append("s.review != ?" if selection.reviewed else "s.review = ?")
        values.append(UNCHECKED)
    wanted = COUNTED[store.counting] if selection.standing is None else (selection.standing,)
    if len(wanted) < len(Standing):
        found.append(standing_in(wanted))
    return " AND ".join(found), values


def standing_in(standings: Iterable[Standing]) -> str:
    """Return the SQL condition that a statement `s` has one of these standings."""
    return f"s.standing IN ({', '.join(repr(str(each)) for each in standings)})"


# Reading the index


@contextmanager
def opened(store: Store) -> Iterator[sqlite3.Connection]:
    """Open the index, brought up to the version of the graph."""
    with closing(_brought(store.whole)) as index:
        yield index


def _brought(store: Store) -> sqlite3.Connection:
    try:
        return _up_to_date(store)
    except sqlite3.OperationalError as error:
        log.warning("the search index cannot be stored next to the graph: %s", error)
        with _lock:
            _temporary[store] = temporary.folder("search") / "search.sqlite"
    try:
        return _up_to_date(store)
    except sqlite3.OperationalError as error:
        raise StoreError(f"the search index cannot be written: {error}; make room") from error


def _up_to_date(store: Store) -> sqlite3.Connection:
    index = _connect(_path(store))
    try:
        if _version(index) != store.version:
            # One thread at a time; those that waited find it done.
            with _lock:
                if _version(index) != store.version:
                    _update(index, store, _changed(index, store))
    except BaseException:
        index.close()
        raise
    return index


def chosen(
    table: sqlite3.Connection, store: Store, selection: Selection, columns: str, *, joined: str = "", then: str = ""
) -> sqlite3.Cursor:
    """Columns of the selected statements `s`; `joined` and `then` are what stands before and after the condition."""
    where, values = conditions(store, selection)
    return table.execute(f"SELECT {columns} FROM statement s {joined} WHERE {where or '1'} {then}", values)  # noqa: S608  # words of this program


def refresh(store: Store) -> None:
    """Bring the index up to the version of the graph."""
    with opened(store):
        pass


def copy(store: Store, folder: Path) -> None:
    """Put a copy of the index next to a copy of the store."""
    with opened(store) as indexed, closing(sqlite3.connect(folder / "search.sqlite")) as target:
        indexed.backup(target)


def _changed(index: sqlite3.Connection, store: Store) -> set[str] | None:
    """Return the articles written or reviewed since the last update of the index; None if any may have been."""
    before = _version(index)
    touched = store.changed(before, store.version) if before else None
    if touched is None:
        return None
    base = base_of(store)
    return touched_articles(store, {it: of for it, of in touched.items() if graph_kind(base, it) not in DERIVED})


# Keeping the index

_lock = threading.RLock()
_temporary: "WeakKeyDictionary[Store, Path]" = WeakKeyDictionary()


def _connect(path: Path) -> sqlite3.Connection:
    """Open the index. Delete an invalid file, because everything in the index is also in the graph."""
    index = sqlite3.connect(path, timeout=60)
    try:
        _version(index)
    except sqlite3.OperationalError:
        # Locked or unreadable: not a reason to throw it away.
        index.close()
        raise
    except sqlite3.DatabaseError as error:
        log.warning("rebuilding the search index %s: %s", path, error)
        index.close()
        for name in ("", "-wal", "-shm"):
            path.with_name(path.name + name).unlink(missing_ok=True)
        index = sqlite3.connect(path, timeout=60)
    index.execute("PRAGMA temp_store = MEMORY")
    return index


def _path(store: Store) -> Path:
    """Return its place: next to the graph or, if the graph has no folder that can be written, a temporary file."""
    with _lock:
        if store in _temporary:
            return _temporary[store]
        folder = store.folder
        if folder is not None and folder.is_dir() and os.access(folder, os.W_OK):
            path = folder / "search.sqlite"
        else:
            path = temporary.folder("search") / "search.sqlite"
        _temporary[store] = path
        return path


def _version(index: sqlite3.Connection) -> str:
    return _about(index, "version")


def _about(index: sqlite3.Connection, name: str) -> str:
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return ""
    row = index.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _update(index: sqlite3.Connection, store: Store, changed: set[str] | None) -> None:
    """Read the changed articles again, or all of them."""
    version = store.version
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        _empty(index)
    wanted = _contents(store, changed)
    with index:
        rows = index.execute("SELECT id, mark, number FROM article")
        kept: dict[str, tuple[str, int]] = {
            id: (mark, number) for id, mark, number in rows if changed is None or id in changed
        }
        # Read everything that was written again, whatever its mark. The marks help if it is not known what was written.
        new = [each for id, each in wanted.items() if changed or kept.get(id, ("", 0))[0] != each.mark]
        gone = {each.article for each in new} | (kept.keys() - wanted.keys())
        for id in kept.keys() & gone:
            _remove(index, id, kept[id][1])
        for each in new:
            _add_article(index, store, each)
        statements = [it for each in new for it in each.statements]
        for start in range(0, len(statements), AT_ONCE):
            for found in evidence(store, statements[start : start + AT_ONCE]):
                _add_statement(index, found)
        index.execute("INSERT OR REPLACE INTO about VALUES ('version', ?)", (version,))
    log.info("index: %d articles read, %d looked at", len(new), len(wanted))


def _empty(index: sqlite3.Connection) -> None:
    names = [
        row[0] for row in index.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE%'")
    ]
    for name in names:
        if not name.startswith(("passage_", "document_", "sqlite_")):
            index.execute(f'DROP TABLE IF EXISTS "{name}"')
    index.executescript(SCHEMA)
    index.execute("PRAGMA journal_mode = WAL")


def _contents(store: Store, only: Iterable[str] | None) -> dict[str, Content]:
    """What the index should hold of each article; of all, or of these."""
    base = base_of(store)
    marks: defaultdict[str, int] = defaultdict(int)
    statements: defaultdict[str, dict[str, None]] = defaultdict(dict)
    within: list[Iri] | None = None if only is None else [iri(base, "article", id) for id in sorted(only)]
    for row in store.rows(MARKS, article=within) if within is None or within else ():
        id = id_of(row["article"])
        # The order of rows is open, so the mark must not depend on it.
        marks[id] ^= _digest("\x1f".join(f"{name}={row[name]}" for name in sorted(row)))
        if "statement" in row and row.get("verdict") != REJECTED:
            statements[id][row["statement"]] = None
    labels = sorted(f"{it.id}={it.label}" for it in reform_tree(store).values())
    reforms = _digest("\x1f".join((*labels, f"{about(store).likely_from}")))
    return {
        id: Content(article=id, mark=f"{number ^ reforms:032x}", statements=tuple(statements[id]))
        for id, number in marks.items()
    }


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=16).digest(), "big")


def _remove(index: sqlite3.Connection, id: str, number: int) -> None:
    numbers = [row[0] for row in index.execute("SELECT number FROM statement WHERE article = ?", (id,))]
    index.executemany("DELETE FROM passage WHERE rowid = ?", ((each,) for each in numbers))
    index.executemany("DELETE FROM ground WHERE statement = ?", ((each,) for each in numbers))
    index.execute("DELETE FROM statement WHERE article = ?", (id,))
    index.execute("DELETE FROM document WHERE rowid = ?", (number,))
    index.execute("DELETE FROM article WHERE id = ?", (id,))


def _add_article(index: sqlite3.Connection, store: Store, content: Content) -> None:
    article = stored_article(store, content.article)
    number = index.execute("INSERT INTO document (title, text) VALUES (?, ?)", (article.title, article.text)).lastrowid
    index.execute("INSERT INTO article VALUES (?, ?, ?)", (content.article, content.mark, number))


def _add_statement(index: sqlite3.Connection, found: Evidence) -> None:
    number = index.execute(
        "INSERT INTO statement (id, article, actor, reform, stance, publisher, year, date, manner, confidence, place,"
        " stop, review, reader, speaker, condition, standing, degree)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(found.id, found.article, found.actor, found.reform, str(found.stance), found.publisher, found.date[:4]),
            *(found.date, str(found.manner), found.confidence, found.start, found.end, found.review, found.reader),
            *(found.speaker, found.condition, str(found.standing), str(found.degree)),
        ),
    ).lastrowid
    index.executemany("INSERT INTO ground VALUES (?, ?)", ((concern, number) for concern in found.concerns))
    index.execute(
        "INSERT INTO passage (rowid, quote, actor, speaker, reform, concerns, title) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            *(number, found.quote, found.actor_label, found.speaker or "", found.reform_label),
            *(" ".join(found.concern_labels), found.title),
        ),
    )
