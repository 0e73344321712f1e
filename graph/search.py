"""Full text over passages and articles: a ranked index beside the graph, with how many hits each filter would leave.

SQLite's FTS5: bm25 over stemmed words. The index says which version of the graph it holds; one that is behind is
brought up to date before it answers, by the articles that have changed.
"""

import hashlib
import logging
import os
import re
import sqlite3
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from weakref import WeakKeyDictionary

from graph import catalogue
from graph.catalogue import Evidence, Listing
from graph.model import Selection
from graph.store import Store
from graph.vocabulary import PREFIXES, P, id_of, iri

log = logging.getLogger(__name__)

FACET = 12
"""Values of one facet that are told; those with most hits."""
ARTICLES = 5
"""Articles beside the passages."""
AT_ONCE = 500
"""Statements that are read from the graph at a time."""
LONGEST = 300
"""Characters of a search; a longer one is cut."""

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE article (id TEXT PRIMARY KEY, mark TEXT NOT NULL, number INTEGER NOT NULL UNIQUE) WITHOUT ROWID;
CREATE TABLE statement (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, article TEXT NOT NULL, actor TEXT NOT NULL, reform TEXT NOT NULL,
    stance TEXT NOT NULL, publisher TEXT NOT NULL, year TEXT NOT NULL, date TEXT NOT NULL, manner TEXT NOT NULL,
    confidence REAL NOT NULL, place INTEGER NOT NULL, review TEXT NOT NULL
);
CREATE INDEX statement_article ON statement (article);
CREATE INDEX statement_actor ON statement (actor);
CREATE INDEX statement_reform ON statement (reform);
CREATE INDEX statement_date ON statement (date DESC, article, place);
CREATE TABLE ground (concern TEXT NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (concern, statement)) WITHOUT ROWID;
CREATE INDEX ground_statement ON ground (statement);
CREATE VIRTUAL TABLE passage USING fts5 (
    quote, actor, speaker, reform, concerns, title, tokenize = "porter unicode61 remove_diacritics 2"
);
CREATE VIRTUAL TABLE document USING fts5 (title, text, tokenize = "porter unicode61 remove_diacritics 2");
PRAGMA user_version = 1;
"""
VERSION = 1
# The words themselves weigh most, then whom and what they are about.
WEIGHTS = "10.0, 4.0, 4.0, 4.0, 2.0, 1.0"

WORD = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
LETTERS = re.compile(r"\w", re.UNICODE)

# What in the graph an article's entries in the index rest on: when none of it has changed, neither have they.
MARKS = (
    "".join(f"PREFIX {prefix}: <{start}>\n" for prefix, start in PREFIXES.items())
    + """
SELECT ?article ?sha ?title ?publisher ?date ?statement ?stance ?verdict ?right_stance
    ?right_actor ?right_reform WHERE {
    ?article :sha256 ?sha
    OPTIONAL { ?article dct:title ?title }
    OPTIONAL { ?article dc:publisher ?publisher }
    OPTIONAL { ?article dct:date ?date }
    OPTIONAL {
        ?statement prov:wasQuotedFrom ?article ; :stance ?stance
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value of a facet, and how many of the hits have it."""

    id: str
    label: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facet:
    """A way to narrow the hits: the values of one field, those with most hits first."""

    name: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleHit:
    """An article that has the words, with a piece of its text around them."""

    id: str
    title: str
    publisher: str
    date: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    """Where the words stand in the snippet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProfile:
    """What a search found: passages, best first, articles, and the facets of the passages."""

    words: str
    loose: bool
    """Whether no passage had all the words, so that those with some of them are shown."""
    passages: Listing[Evidence]
    articles: tuple[ArticleHit, ...]
    facets: tuple[Facet, ...]


def search(
    store: Store, words: str, selection: Selection | None = None, *, limit: int = 20, offset: int = 0
) -> SearchProfile:
    """The passages with these words among the selected statements, best first; without words, newest first.

    "Several words" in quotation marks stand together; a word with a minus before it must not occur. Raises UnknownActor
    and its like for a selection of what is not in the graph.
    """
    selection = selection or Selection()
    catalogue.narrowed(store, selection)
    words = words[:LONGEST]
    where, values = _filters(store, selection)
    with _index(store) as index:
        expression = _expression(words, " AND ")
        found = _passages(index, expression, where, values, limit, offset)
        loose = False
        if expression and not found[1]:
            some = _expression(words, " OR ")
            if some != expression:
                found = _passages(index, some, where, values, limit, offset)
                loose, expression = bool(found[1]), some if found[1] else expression
        ids, total, facets = found
        articles = tuple(_articles(index, store, expression)) if expression and not offset else ()
    base = catalogue.base_of(store)
    items = tuple(catalogue.evidence(store, [iri(base, "statement", id) for id in ids]))
    return SearchProfile(
        words=words,
        loose=loose,
        passages=Listing(items=items, total=total, limit=limit, offset=offset),
        articles=articles,
        facets=_named(store, facets),
    )


def refresh(store: Store) -> None:
    """Bring the index up to the version of the graph."""
    with _index(store):
        pass


# Reading the index


def _expression(words: str, joined: str) -> str:
    """The words as FTS5 reads them, each quoted, so that nothing in them is an operator."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for found in WORD.finditer(words):
        text = found["phrase"] if found["phrase"] is not None else found["word"]
        if not text or not LETTERS.search(text):
            continue
        quoted = '"' + text.replace('"', '""') + '"'
        (unwanted if found["minus"] else wanted).append(quoted)
    if not wanted:
        return ""
    expression = joined.join(wanted)
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression


def _filters(store: Store, selection: Selection) -> tuple[str, list[object]]:
    conditions, values = [], list[object]()
    for name in ("actor", "article", "publisher"):
        value = getattr(selection, name)
        if value is not None:
            conditions.append(f"s.{name} = ?")
            values.append(value)
    if selection.reform is not None:
        meant = catalogue.with_narrower(store, selection.reform) if selection.narrower else (selection.reform,)
        conditions.append(f"s.reform IN ({', '.join('?' * len(meant))})")
        values.extend(meant)
    if selection.stance is not None:
        conditions.append("s.stance = ?")
        values.append(str(selection.stance))
    if selection.manner is not None:
        conditions.append("s.manner = ?")
        values.append(str(selection.manner))
    if selection.concern is not None:
        conditions.append("s.number IN (SELECT statement FROM ground WHERE concern = ?)")
        values.append(selection.concern)
    if selection.since:
        conditions.append("s.date != '' AND substr(s.date, 1, length(?)) >= substr(?, 1, length(s.date))")
        values += [selection.since] * 2
    if selection.until:
        conditions.append("s.date != '' AND substr(s.date, 1, length(?)) <= substr(?, 1, length(s.date))")
        values += [selection.until] * 2
    if selection.min_confidence > 0:
        conditions.append("s.confidence >= ?")
        values.append(selection.min_confidence)
    if selection.reviewed is not None:
        conditions.append("s.review != ?" if selection.reviewed else "s.review = ?")
        values.append(catalogue.UNCHECKED)
    return " AND ".join(conditions), values


FACETS = ("stance", "reform", "actor", "concern", "publisher", "year")


def _passages(
    index: sqlite3.Connection, expression: str, where: str, values: Sequence[object], limit: int, offset: int
) -> tuple[list[str], int, dict[str, list[tuple[str, int]]]]:
    """Ids of the hits on this page, how many there are, and the values of the facets."""
    if expression:
        source = "passage p JOIN statement s ON s.number = p.rowid"
        condition = "passage MATCH ?" + (f" AND {where}" if where else "")
        given = [expression, *values]
        order = f"bm25(passage, {WEIGHTS}), s.date DESC, s.number"
    else:
        source, condition, given = "statement s", where or "1", list(values)
        order = "s.date DESC, s.article, s.place, s.id"
    hits = f"FROM {source} WHERE {condition}"
    page = index.execute(f"SELECT s.id {hits} ORDER BY {order} LIMIT ? OFFSET ?", [*given, limit, offset])
    ids = [row[0] for row in page]
    index.execute("CREATE TEMP TABLE IF NOT EXISTS hit (number INTEGER PRIMARY KEY)")
    index.execute("DELETE FROM hit")
    index.execute(f"INSERT INTO hit SELECT s.number {hits}", given)
    total = index.execute("SELECT COUNT(*) FROM hit").fetchone()[0]
    facets = {}
    for name in FACETS:
        if name == "concern":
            query = "SELECT concern, COUNT(*) AS n FROM hit JOIN ground ON statement = number GROUP BY 1"
        else:
            query = f"SELECT {name}, COUNT(*) AS n FROM hit JOIN statement USING (number) WHERE {name} != '' GROUP BY 1"  # noqa: S608  # one of FACETS
        facets[name] = list(index.execute(f"{query} ORDER BY n DESC, 1 LIMIT {FACET}"))
    index.rollback()
    return ids, total, facets


def _articles(index: sqlite3.Connection, store: Store, expression: str) -> Iterator[ArticleHit]:
    rows = index.execute(
        "SELECT a.id, snippet(document, 1, char(2), char(3), ' … ', 40) FROM document d"
        " JOIN article a ON a.number = d.rowid WHERE document MATCH ? ORDER BY bm25(document, 5.0, 1.0) LIMIT ?",
        (expression, ARTICLES),
    )
    table = catalogue.article_table(store)
    for id, told in rows:
        entry = table.get(id)
        if entry is None:
            continue
        snippet, marks, start = "", [], 0
        for piece in re.split("([\x02\x03])", told):
            if piece == "\x02":
                start = len(snippet)
            elif piece == "\x03":
                marks.append((start, len(snippet)))
            else:
                snippet += piece
        yield ArticleHit(
            id=id, title=entry.title, publisher=entry.publisher, date=entry.date, snippet=snippet, marks=tuple(marks)
        )


def _named(store: Store, facets: Mapping[str, list[tuple[str, int]]]) -> tuple[Facet, ...]:
    base = catalogue.base_of(store)
    actors = catalogue.labels(store, (iri(base, "actor", id) for id, _ in facets["actor"]))
    tree, grounds = catalogue.reform_tree(store), catalogue.concerns(store)
    labels = {
        "actor": {id: actors.get(iri(base, "actor", id), id) for id, _ in facets["actor"]},
        "reform": {id: tree[id].label for id, _ in facets["reform"] if id in tree},
        "concern": {id: grounds[id].label for id, _ in facets["concern"] if id in grounds},
    }
    return tuple(
        Facet(
            name=name,
            values=tuple(Value(id=id, label=labels.get(name, {}).get(id, id), number=n) for id, n in facets[name]),
        )
        for name in FACETS
    )


# Keeping the index

_lock = threading.Lock()
_temporary: "WeakKeyDictionary[Store, Path]" = WeakKeyDictionary()


@contextmanager
def _index(store: Store) -> Iterator[sqlite3.Connection]:
    """The index at the version of the graph."""
    with closing(_connect(_path(store))) as index:
        if _version(index) != store.version:
            # One at a time; whoever waited finds it done.
            with _lock:
                if _version(index) != store.version:
                    _update(index, store)
        yield index


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
            path = Path(tempfile.mkdtemp(prefix="positions-search-")) / "search.sqlite"
        _temporary[store] = path
        return path


def _version(index: sqlite3.Connection) -> str:
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        return ""
    row = index.execute("SELECT value FROM about WHERE name = 'version'").fetchone()
    return str(row[0]) if row else ""


def _update(index: sqlite3.Connection, store: Store) -> None:
    version = store.version
    if index.execute("PRAGMA user_version").fetchone()[0] != VERSION:
        _empty(index)
    wanted = _contents(store)
    with index:
        kept = {id: (mark, number) for id, mark, number in index.execute("SELECT id, mark, number FROM article")}
        for id, (mark, number) in kept.items():
            if id not in wanted or wanted[id].mark != mark:
                _remove(index, id, number)
        new = [each for id, each in wanted.items() if kept.get(id, ("", 0))[0] != each.mark]
        for each in new:
            _add_article(index, store, each)
        statements = [it for each in new for it in each.statements]
        for start in range(0, len(statements), AT_ONCE):
            for found in catalogue.evidence(store, statements[start : start + AT_ONCE]):
                _add_statement(index, found)
        index.execute("INSERT OR REPLACE INTO about VALUES ('version', ?)", (version,))
    log.info("search index: %d articles read, %d in all", len(new), len(wanted))


def _empty(index: sqlite3.Connection) -> None:
    names = [
        row[0] for row in index.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE%'")
    ]
    for name in names:
        if not name.startswith(("passage_", "document_", "sqlite_")):
            index.execute(f'DROP TABLE IF EXISTS "{name}"')
    index.executescript(SCHEMA)
    index.execute("PRAGMA journal_mode = WAL")


def _contents(store: Store) -> dict[str, Content]:
    """What the index should hold of each article."""
    marks: defaultdict[str, int] = defaultdict(int)
    statements: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.rows(MARKS):
        id = id_of(row["article"])
        # The order of rows is open, so the mark must not depend on it.
        marks[id] ^= _digest("\x1f".join(f"{name}={row[name]}" for name in sorted(row)))
        if "statement" in row and row.get("verdict") != REJECTED:
            statements[id].append(row["statement"])
    reforms = _digest("\x1f".join(sorted(f"{it.id}={it.label}" for it in catalogue.reform_tree(store).values())))
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
    article = catalogue.article(store, content.article)
    number = index.execute("INSERT INTO document (title, text) VALUES (?, ?)", (article.title, article.text)).lastrowid
    index.execute("INSERT INTO article VALUES (?, ?, ?)", (content.article, content.mark, number))


def _add_statement(index: sqlite3.Connection, found: Evidence) -> None:
    number = index.execute(
        "INSERT INTO statement (id, article, actor, reform, stance, publisher, year, date, manner, confidence, place,"
        " review) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(found.id, found.article, found.actor, found.reform, str(found.stance), found.publisher, found.date[:4]),
            *(found.date, str(found.manner), found.confidence, found.start, found.review),
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
