"""The index beside the graph: tables of the statements that count and of positions, and the full text of passages.

In SQLite, with FTS5. It says which version of the graph it holds; one that is behind is brought up to date by the
articles that have changed. All that it holds is in the graph: without it, answers are the same and take longer.
"""

import hashlib
import logging
import os
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from graph.errors import StoreError
from graph.model import Selection
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD, P, graph_kind, id_of, iri, name_of
from graph.reading.evidence import UNCHECKED, Evidence, evidence
from graph.reading.register import article as stored_article
from graph.reading.register import base_of, reform_tree, touched_articles, touched_positions, with_narrower
from graph.store import temporary
from graph.store.embedded import Store
from graph.store.remembered import DERIVED

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Statements that are read from the graph at a time."""
AT_LEAST = 50
"""Changed articles with which a page still waits for the index; with more of them it asks the graph itself."""

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, mark TEXT NOT NULL, number INTEGER NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE statement (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, article TEXT NOT NULL, actor TEXT NOT NULL, reform TEXT NOT NULL,
    stance TEXT NOT NULL, publisher TEXT NOT NULL, year TEXT NOT NULL, date TEXT NOT NULL, manner TEXT NOT NULL,
    confidence REAL NOT NULL, place INTEGER NOT NULL, stop INTEGER NOT NULL, review TEXT NOT NULL, reader TEXT NOT NULL,
    speaker TEXT, condition TEXT
);
CREATE INDEX statement_article ON statement (article);
CREATE INDEX statement_actor ON statement (actor, reform);
CREATE INDEX statement_reform ON statement (reform);
CREATE INDEX statement_date ON statement (date DESC, article, place, stop, id);
CREATE TABLE ground (concern TEXT NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (concern, statement)) WITHOUT ROWID;
CREATE INDEX ground_statement ON ground (statement);
CREATE TABLE position (
    actor TEXT NOT NULL, reform TEXT NOT NULL, stance TEXT NOT NULL, statements INTEGER NOT NULL,
    support INTEGER NOT NULL, mixed INTEGER NOT NULL, oppose INTEGER NOT NULL, neutral INTEGER NOT NULL,
    articles INTEGER NOT NULL, publishers INTEGER NOT NULL, first TEXT NOT NULL, last TEXT NOT NULL,
    PRIMARY KEY (actor, reform)
) WITHOUT ROWID;
CREATE INDEX position_reform ON position (reform);
CREATE TABLE held_ground (
    actor TEXT NOT NULL, reform TEXT NOT NULL, concern TEXT NOT NULL, PRIMARY KEY (actor, reform, concern)
) WITHOUT ROWID;
CREATE TABLE turn (
    actor TEXT NOT NULL, reform TEXT NOT NULL, date TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL
);
CREATE INDEX turn_of ON turn (actor, reform);
CREATE INDEX turn_date ON turn (date DESC, actor, reform);
CREATE VIRTUAL TABLE passage USING fts5 (
    quote, actor, speaker, reform, concerns, title, tokenize = "porter unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE document USING fts5 (title, text, tokenize = "porter unicode61 remove_diacritics 2");
PRAGMA user_version = 4;
"""
VERSION = 4

# What in the graph an article's entries in the index rest on: when none of it has changed, neither have they.
MARKS = (
    HEAD
    + """
SELECT ?article ?sha ?input ?title ?publisher ?date ?statement ?stance ?manner ?confidence ?reader ?speaker ?condition
    ?concern    ?verdict ?right_stance ?right_actor ?right_reform WHERE {
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
COUNTED = (
    HEAD
    + """SELECT (COUNT(?statement) AS ?n) WHERE {
    ?statement prov:wasQuotedFrom ?article ; :stance ?stance FILTER NOT EXISTS { ?statement :verdict :rejected }
}"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the index should hold of an article, and a mark that changes with it."""

    article: str
    mark: str
    statements: tuple[str, ...]
    """IRIs."""


def conditions(store: Store, selection: Selection) -> tuple[str, list[object]]:
    """The selected rows of the table `s` of statements as a condition of SQL, and the values in it."""
    found, values = [], list[object]()
    for name in ("actor", "article", "publisher"):
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
    return " AND ".join(found), values


# Reading the index


@contextmanager
def current(store: Store) -> Iterator[sqlite3.Connection | None]:
    """The index where it is at the version of the graph, or can be brought there by what was written; else None."""
    path = _made(store)
    if path is None:
        yield None
        return
    with ExitStack() as ends:
        found = None
        try:
            index = ends.enter_context(closing(_connect(path)))
            found = index if _caught_up(index, store) and not _missing(index) else None
        except sqlite3.OperationalError as error:
            # No room, say: the graph itself is asked.
            log.warning("the search index cannot be used: %s", error)
        yield found


@contextmanager
def opened(store: Store) -> Iterator[sqlite3.Connection]:
    """The index at the version of the graph, whatever it takes to bring it there."""
    with closing(_brought(store)) as index:
        yield index


def _brought(store: Store) -> sqlite3.Connection:
    try:
        return _up_to_date(store)
    except sqlite3.OperationalError as error:
        log.warning("the search index cannot be kept beside the graph: %s", error)
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
            # One at a time; whoever waited finds it done.
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
    """Lay the index beside a copy of the store, where there is one that is up to date."""
    with current(store) as indexed:
        if indexed is not None:
            with closing(sqlite3.connect(folder / "search.sqlite")) as beside:
                indexed.backup(beside)


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What has to be read again: articles by id, and positions by actor and reform; None: all of them."""

    articles: set[str] | None
    positions: set[tuple[str, str]] | None


def _caught_up(index: sqlite3.Connection, store: Store) -> bool:
    if _version(index) == store.version:
        return True
    with _lock:
        if _version(index) == store.version:
            return True
        changed = _changed(index, store)
        if changed.articles is None or changed.positions is None or len(changed.articles) > AT_LEAST:
            return False
        _update(index, store, changed)
        return True


def _changed(index: sqlite3.Connection, store: Store) -> Changed:
    """What was written, or reviewed, since the index was brought up to date."""
    before = _version(index)
    touched = store.changed(before, store.version) if before else None
    if touched is None:
        return Changed(articles=None, positions=None)
    base = base_of(store)
    kinds = {graph: graph_kind(base, graph) for graph in touched}
    return Changed(
        articles=touched_articles(store, {it: of for it, of in touched.items() if kinds[it] not in DERIVED}),
        positions=touched_positions(store, {it: of for it, of in touched.items() if kinds[it] == "positions"}),
    )


# Keeping the index

_lock = threading.RLock()
_temporary: "WeakKeyDictionary[Store, Path]" = WeakKeyDictionary()


def _made(store: Store) -> Path | None:
    """Where the index is, once there is one."""
    found = _temporary.get(store)
    if found is None and store.folder is not None and (store.folder / "search.sqlite").is_file():
        found = _path(store)
    return found if found is not None and found.is_file() else None


def _connect(path: Path) -> sqlite3.Connection:
    """The index; a file that is none is thrown away, since all that it should hold is in the graph."""
    index = sqlite3.connect(path, timeout=60)
    try:
        _version(index)
    except sqlite3.OperationalError:
        # Locked or unreadable: not a reason to throw it away.
        index.close()
        raise
    except sqlite3.DatabaseError as error:
        log.warning("the search index %s is made anew: %s", path, error)
        index.close()
        for name in ("", "-wal", "-shm"):
            path.with_name(path.name + name).unlink(missing_ok=True)
        index = sqlite3.connect(path, timeout=60)
    index.execute("PRAGMA temp_store = MEMORY")
    return index


def _path(store: Store) -> Path:
    """Beside the graph; for a graph that lies in no folder, or in one that cannot be written, in a temporary file."""
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


def _missing(index: sqlite3.Connection) -> bool:
    """Whether there are statements in the graph that the index cannot hold, as something of them is not told."""
    return _about(index, "missing") != "0"


def _about(index: sqlite3.Connection, name: str) -> str:
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return ""
    row = index.execute("SELECT value FROM about WHERE name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _update(index: sqlite3.Connection, store: Store, what: Changed) -> None:
    version, changed = store.version, what.articles
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        _empty(index)
    wanted = _contents(store, changed)
    with index:
        _read_positions(index, store, what.positions)
        rows = index.execute("SELECT id, mark, number FROM article")
        kept: dict[str, tuple[str, int]] = {
            id: (mark, number) for id, mark, number in rows if changed is None or id in changed
        }
        # What was written is read again whatever its mark; the marks tell where nobody knows what was written.
        new = [each for id, each in wanted.items() if changed or kept.get(id, ("", 0))[0] != each.mark]
        gone = {each.article for each in new} | (kept.keys() - wanted.keys())
        for id in kept.keys() & gone:
            _remove(index, id, kept[id][1])
        for each in new:
            _add_article(index, store, each)
        statements = [it for each in new for it in each.statements]
        added = 0
        for start in range(0, len(statements), AT_ONCE):
            for found in evidence(store, statements[start : start + AT_ONCE]):
                _add_statement(index, found)
                added += 1
        if changed is None:
            counted = store.select(COUNTED)[0]["n"]
            missing = counted - index.execute("SELECT COUNT(*) FROM statement").fetchone()[0]
        else:
            missing = len(statements) - added
        if missing or changed is None:
            index.execute("INSERT OR REPLACE INTO about VALUES ('missing', ?)", (str(missing),))
        index.execute("INSERT OR REPLACE INTO about VALUES ('version', ?)", (version,))
    log.info("index: %d articles read, %d looked at", len(new), len(wanted))


POSITION_HEADS = (
    HEAD
    + """
SELECT ?actor ?reform ?stance ?number ?support ?mixed ?oppose ?neutral ?articles ?publishers ?first ?last WHERE {
    VALUES ?position { UNDEF }
    ?position :statementCount ?number ; :actor ?actor ; :reform ?reform ; :stance ?stance ; :supportCount ?support ;
        :mixedCount ?mixed ; :opposeCount ?oppose ; :neutralCount ?neutral ; :articleCount ?articles ;
        :publisherCount ?publishers .
    OPTIONAL { ?position :firstDate ?first }
    OPTIONAL { ?position :lastDate ?last }
}"""
)
POSITION_GROUNDS = (
    HEAD
    + """
SELECT ?actor ?reform ?concern WHERE {
    VALUES ?position { UNDEF }
    ?position :statementCount ?number ; :actor ?actor ; :reform ?reform ; :concern ?concern
}"""
)
TURNS = (
    HEAD
    + """
SELECT ?actor ?reform ?date ?before ?after WHERE {
    VALUES ?position { UNDEF }
    ?position :change ?change ; :actor ?actor ; :reform ?reform .
    ?change :before ?before ; :after ?after ; dct:date ?date
}"""
)


def _read_positions(index: sqlite3.Connection, store: Store, only: set[tuple[str, str]] | None) -> None:
    """Have the positions in the index as they stand in the graph: these, or all."""
    if only is not None and not only:
        return
    for table in ("position", "held_ground", "turn"):
        if only is None:
            index.execute(f"DELETE FROM {table}")  # noqa: S608  # one of ours
        else:
            index.executemany(f"DELETE FROM {table} WHERE actor = ? AND reform = ?", only)  # noqa: S608  # one of ours
    base = base_of(store)
    of = None if only is None else [iri(base, "position", *pair) for pair in sorted(only)]
    index.executemany(
        "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(id_of(row["actor"]), id_of(row["reform"]), name_of(row["stance"]), row["number"], row["support"]),
                *(row["mixed"], row["oppose"], row["neutral"], row["articles"], row["publishers"]),
                *(row.get("first", ""), row.get("last", "")),
            )
            for row in store.rows(POSITION_HEADS, position=of)
        ),
    )
    index.executemany(
        "INSERT OR IGNORE INTO held_ground VALUES (?, ?, ?)",
        (
            (id_of(row["actor"]), id_of(row["reform"]), id_of(row["concern"]))
            for row in store.rows(POSITION_GROUNDS, position=of)
        ),
    )
    index.executemany(
        "INSERT INTO turn VALUES (?, ?, ?, ?, ?)",
        (
            (
                *(id_of(row["actor"]), id_of(row["reform"]), row["date"]),
                *(name_of(row["before"]), name_of(row["after"])),
            )
            for row in store.rows(TURNS, position=of)
        ),
    )


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
    reforms = _digest("\x1f".join(sorted(f"{it.id}={it.label}" for it in reform_tree(store).values())))
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
        " stop, review, reader, speaker, condition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(found.id, found.article, found.actor, found.reform, str(found.stance), found.publisher, found.date[:4]),
            *(found.date, str(found.manner), found.confidence, found.start, found.end, found.review),
            *(found.reader, found.speaker, found.condition),
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
