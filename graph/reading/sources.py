"""The articles that were read: their metadata, without their texts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.model import COUNTED
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import id_of, iri
from graph.reading import index
from graph.reading.evidence import SOURCES
from graph.reading.listing import LIMIT, Listing, page
from graph.reading.register import base_of, touched_articles
from graph.store.embedded import Store
from graph.store.remembered import DERIVED, remembered
from graph.store.writes import Touched


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEntry:
    """An article in a list: its metadata, and how many of its statements count."""

    id: str
    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    voice: str = ""
    release: str = ""
    """Id of the article that this one repeats."""
    statements: int = 0


def articles(
    store: Store, *, publisher: str | None = None, limit: int = LIMIT, offset: int = 0
) -> Listing[ArticleEntry]:
    """Return the articles, newest first."""
    table = [each for each in article_table(store).values() if publisher is None or each.publisher == publisher]
    return page(table, limit, offset)


def article_table(store: Store) -> Mapping[str, ArticleEntry]:
    """Return the metadata of every article by its id, newest first."""
    return remembered(
        store,
        "articles",
        lambda: _in_time(_read_articles(store, None)),
        spared=("ontology", *DERIVED),
        renewed=lambda before, touched: _renewed_articles(store, before, touched),
    )


def publishers(store: Store) -> tuple[str, ...]:
    """Return every publisher of an article, in alphabetical order."""
    return tuple(sorted({each.publisher for each in article_table(store).values() if each.publisher}, key=str.casefold))


def _read_articles(store: Store, only: Sequence[Iri] | None) -> Iterable[ArticleEntry]:
    counted = index.standing_in(COUNTED[store.counting])
    with index.opened(store) as table:
        numbers = dict(
            table.execute(f"SELECT s.article, COUNT(*) FROM statement s WHERE {counted} GROUP BY s.article").fetchall()  # noqa: S608  # words of this program
        )
    for row in store.rows(SOURCES, article=only):
        id = id_of(row["article"])
        yield ArticleEntry(
            id=id,
            title=row.get("title", "") or id,
            publisher=row.get("publisher", ""),
            date=row.get("date", ""),
            url=row.get("url", ""),
            voice=row.get("voice", ""),
            release=id_of(row["repeats"]) if "repeats" in row else "",
            statements=numbers.get(id, 0),
        )


def _in_time(found: Iterable[ArticleEntry]) -> Mapping[str, ArticleEntry]:
    entries = sorted(found, key=lambda each: each.id)
    entries.sort(key=lambda each: each.date, reverse=True)
    return {each.id: each for each in entries}


def _renewed_articles(
    store: Store, before: Mapping[str, ArticleEntry], touched: Touched
) -> Mapping[str, ArticleEntry] | None:
    changed = touched_articles(store, touched)
    if changed is None:
        return None
    new = {each.id: each for each in _read_articles(store, [iri(base_of(store), "article", id) for id in changed])}
    if all(id in before and id in new and before[id].date == new[id].date for id in changed):
        return {**before, **new}
    return _in_time([each for each in before.values() if each.id not in changed] + list(new.values()))
