"""The whole field at a glance."""

from graph.model import Selection
from graph.profiles.changing import changes
from graph.profiles.types import FieldProfile
from graph.rdf.vocabulary import HEAD, id_of
from graph.reading.catalogue import (
    Evidence,
    about,
    actor_table,
    article_table,
    reform_table,
    statements,
    unconfirmed,
)
from graph.store.embedded import Store
from graph.store.remembered import remembered

TOP = 7
"""Reforms on the first page."""
NEWEST = 6
UNOWNED = HEAD + "SELECT ?article WHERE { ?article :unowned true }"


def field_profile(store: Store) -> FieldProfile:
    """The field at a glance; worked out once for each version of the data."""
    return remembered(store, "field", lambda: _field(store), spared=("networks",))


def _field(store: Store) -> FieldProfile:
    articles = article_table(store).values()
    dates = sorted(each.date for each in articles if each.date and each.statements)
    table = reform_table(store)
    spoken = [each for each in table.values() if each.statements]
    return FieldProfile(
        title=about(store).title,
        statements=sum(each.statements for each in articles),
        articles=len(articles),
        actors=sum(1 for each in actor_table(store).values() if each.statements),
        positions=sum(sum(each.actors.values()) for each in table.values()),
        first=dates[0] if dates else "",
        last=dates[-1] if dates else "",
        undated=sum(1 for each in articles if not each.date),
        reforms=tuple(spoken[:TOP]),
        reforms_total=len(table),
        newest=_newest(store),
        changes=changes(store, limit=5).items,
        unowned=tuple(sorted(id_of(row["article"]) for row in store.rows(UNOWNED))),
        unconfirmed=unconfirmed(store, limit=1).total,
        standing=store.counting,
    )


def _newest(store: Store) -> tuple[Evidence, ...]:
    # By article: an order over all statements would cost the whole graph.
    found: list[Evidence] = []
    for each in article_table(store).values():
        if len(found) >= NEWEST:
            break
        if each.statements:
            found.extend(statements(store, Selection(article=each.id), limit=NEWEST - len(found)).items)
    return tuple(found)
