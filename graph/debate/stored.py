"""The debate in the graph, with the verdicts of people applied to the statements."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from sqlite3 import Connection

from graph.debate.columns import Debate
from graph.domain.tables import is_date
from graph.model import COUNTED, Actor, ActorKind, Article, Manner, Stance, Statement
from graph.rdf.vocabulary import HEAD, id_of
from graph.reading import index
from graph.reading.catalogue import UNCHECKED, actor_table, article_table, concerns, reform_tree, short_names
from graph.store.embedded import Store
from graph.store.remembered import DERIVED, remembered

INDEXED = """
SELECT s.number, s.id, s.article, s.place, s.stop, p.quote, s.actor, p.actor, s.speaker, s.reform, s.stance,
    s.condition, s.manner, s.confidence, s.review
FROM statement s JOIN passage p ON p.rowid = s.number
"""
TEXTS = (
    HEAD + "SELECT ?article ?text ?author WHERE { ?article schema:text ?text OPTIONAL { ?article dc:creator ?author } }"
)


def stored_debate(store: Store) -> Debate:
    """Return all statements that count, with the metadata of their articles; kept until the graph changes.

    A rejected statement is left out and a corrected one counts as corrected; `Debate.stored` has its own id.
    """
    return remembered(store, "debate", lambda: read_debate(store), spared=DERIVED)


def with_texts(store: Store, debate: Debate) -> dict[str, Article]:
    """The articles of the debate with their texts, for files that carry them."""
    rows = {id_of(row["article"]): row for row in store.rows(TEXTS)}
    return {
        id: replace(article, text=rows[id]["text"], author=rows[id].get("author", ""))
        for id, article in debate.articles.items()
        if id in rows
    }


def read_debate(store: Store) -> Debate:
    """Return the debate read again from the graph, for code that writes to it."""
    with index.opened(store) as table:
        found = list(_from_index(table, index.standing_in(COUNTED[store.counting])))
    found.sort(key=lambda each: _order(each[0]))
    return Debate(
        statements=[statement for statement, _, _ in found],
        articles=_articles(store),
        actors=_actors(store),
        reforms=reform_tree(store),
        concerns=concerns(store),
        reviewed=frozenset(statement.id for statement, _, reviewed in found if reviewed),
        stored={statement.id: stored for statement, stored, reviewed in found if reviewed and statement.id != stored},
    )


def _order(statement: Statement) -> tuple[str, int, int, str, str]:
    return statement.article, statement.start, statement.end, statement.actor, statement.reform


def _from_index(indexed: Connection, counted: str) -> Iterator[tuple[Statement, str, bool]]:
    """Each statement, the id that it is stored by, and whether a person has confirmed or corrected it."""
    raised: defaultdict[int, list[str]] = defaultdict(list)
    for number, concern in indexed.execute("SELECT statement, concern FROM ground ORDER BY concern"):
        raised[number].append(concern)
    stances, manners = {str(each): each for each in Stance}, {str(each): each for each in Manner}
    for row in indexed.execute(f"{INDEXED} WHERE {counted}"):
        number, stored, article, start, end, quote, actor, label, speaker, reform, side, condition, manner, sure, by = (
            row
        )
        statement = Statement(
            article=article,
            start=start,
            end=end,
            quote=quote,
            actor=actor,
            actor_label=label,
            speaker=speaker,
            reform=reform,
            stance=stances[side],
            concerns=tuple(raised.get(number, ())),
            condition=condition,
            manner=manners[manner],
            confidence=sure,
        )
        yield statement, stored, by != UNCHECKED


def _articles(store: Store) -> Mapping[str, Article]:
    return {
        each.id: Article(
            id=each.id,
            text="",
            title=each.title,
            publisher=each.publisher,
            # Anyone who may write can put any text in place of a date.
            date=each.date if is_date(each.date) else "",
            release=each.release,
        )
        for each in article_table(store).values()
    }


def _actors(store: Store) -> Mapping[str, Actor]:
    short = short_names(store)
    return {
        each.id: Actor(
            id=each.id,
            label=each.label,
            kind=ActorKind(each.kind) if each.kind in set(ActorKind) else ActorKind.ORGANISATION,
            short=short.get(("actor", each.id), ""),
        )
        for each in actor_table(store).values()
    }
