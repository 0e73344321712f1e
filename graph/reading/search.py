"""Full text over passages and articles: ranked, with how many hits each filter would leave.

SQLite's FTS5: bm25 over stemmed words, in the index next to the graph.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.model import Counting, Selection, Standing
from graph.names import UNPRINTABLE
from graph.rdf.vocabulary import iri
from graph.reading import catalogue
from graph.reading.catalogue import Evidence, Listing
from graph.reading.index import check, conditions, opened
from graph.reading.index import refresh as refresh
from graph.store.embedded import Store

FACET = 12
"""Largest number of values of one facet; those with most hits are shown."""
ARTICLES = 5
"""Largest number of articles next to the passages."""
LONGEST = 300
"""Characters of a search; a longer one is cut."""

# The words themselves weigh most, then whom and what they are about.
WEIGHTS = "10.0, 4.0, 4.0, 4.0, 2.0, 1.0"

WORD = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
LETTERS = re.compile(r"\w", re.UNICODE)


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
    """The places of the words in the snippet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProfile:
    """What a search found: passages, best first, articles, and the facets of the passages."""

    words: str
    loose: bool
    """Whether no passage had all the words, so that those with some of them are shown."""
    passages: Listing[Evidence]
    articles: tuple[ArticleHit, ...]
    facets: tuple[Facet, ...]
    standing: Counting = Counting.LIKELY
    """Which statements are shown and counted."""
    unconfirmed: int = 0
    """Unconfirmed statements with these words that are left out."""


def search(
    store: Store, words: str, selection: Selection | None = None, *, limit: int = 20, offset: int = 0
) -> SearchProfile:
    """The passages with these words among the selected statements, best first; without words, newest first.

    "Several words" in quotation marks stand together; a word with a minus before it must not occur. Raises UnknownActor
    and its like for a selection of what is not in the graph.
    """
    selection = selection or Selection()
    check(store, selection)
    words = UNPRINTABLE.sub(" ", words[:LONGEST])
    where, values = conditions(store, selection)
    with opened(store) as index:
        expression = _expression(words, " AND ")
        found = _passages(index, expression, where, values, limit, offset)
        loose = False
        if expression and not found[1]:
            some = _expression(words, " OR ")
            if some != expression:
                found = _passages(index, some, where, values, limit, offset)
                loose, expression = bool(found[1]), some if found[1] else expression
        ids, total, facets = found
        unconfirmed = _left_out(index, store, expression, selection)
        articles = tuple(_articles(index, store, expression)) if expression and not offset else ()
    base = catalogue.base_of(store)
    items = tuple(catalogue.evidence(store, [iri(base, "statement", id) for id in ids]))
    return SearchProfile(
        words=words,
        loose=loose,
        passages=Listing(items=items, total=total, limit=limit, offset=offset),
        articles=articles,
        facets=_named(store, facets),
        standing=store.counting,
        unconfirmed=unconfirmed,
    )


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


FACETS = ("stance", "reform", "actor", "concern", "publisher", "speaker", "year")


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


def _left_out(index: sqlite3.Connection, store: Store, expression: str, selection: Selection) -> int:
    """Return how many unconfirmed statements with these words do not count."""
    if store.counting.counts(Standing.UNCONFIRMED) or selection.standing is not None:
        return 0
    where, values = conditions(store, replace(selection, standing=Standing.UNCONFIRMED))
    if not expression:
        return int(index.execute(f"SELECT COUNT(*) FROM statement s WHERE {where}", values).fetchone()[0])  # noqa: S608  # words of this program
    joined = "passage p JOIN statement s ON s.number = p.rowid"
    counted = f"SELECT COUNT(*) FROM {joined} WHERE passage MATCH ? AND {where}"  # noqa: S608  # words of this program
    return int(index.execute(counted, [expression, *values]).fetchone()[0])


def _articles(index: sqlite3.Connection, store: Store, expression: str) -> Iterator[ArticleHit]:
    rows = index.execute(
        "SELECT a.id, snippet(document, 1, char(2), char(3), ' … ', 40) FROM document d"
        " JOIN article a ON a.number = d.rowid WHERE document MATCH ? ORDER BY bm25(document, 5.0, 1.0) LIMIT ?",
        (expression, ARTICLES),
    )
    table = catalogue.article_table(store)
    for id, marked in rows:
        entry = table.get(id)
        if entry is None:
            continue
        snippet, marks, start = "", [], 0
        for piece in re.split("([\x02\x03])", marked):
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
