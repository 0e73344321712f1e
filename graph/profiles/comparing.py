"""Actors side by side over all reforms."""

from collections.abc import Sequence

from graph.model import Accord, accord
from graph.profiles.types import ComparisonProfile, ComparisonRow
from graph.reading.catalogue import Named, actor, reform_tree, sides
from graph.store.embedded import Store


def comparison_profile(store: Store, ids: Sequence[str]) -> ComparisonProfile:
    """Actors side by side: where they agree, where they part, where one alone speaks. Raises UnknownActor."""
    compared = [actor(store, id) for id in dict.fromkeys(ids)]
    taken_by = [{each.reform: each for each in sides(store).of_actor.get(one.id, ())} for one in compared]
    tree = reform_tree(store)
    rows = []
    for id in dict.fromkeys(each for of in taken_by for each in of):
        taken = tuple(of.get(id) for of in taken_by)
        rows.append(
            ComparisonRow(
                reform=Named(id=id, label=tree[id].label if id in tree else id),
                sides=taken,
                verdict=accord(each.stance for each in taken if each is not None),
            )
        )
    order = list(Accord)
    rows.sort(key=lambda row: (order.index(row.verdict), row.reform.label.casefold()))
    return ComparisonProfile(
        actors=tuple(Named(id=one.id, label=one.label) for one in compared),
        rows=tuple(rows),
        counts={name: sum(1 for row in rows if row.verdict == name) for name in order},
        standing=store.counting,
    )
