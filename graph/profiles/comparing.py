"""Actors side by side over all reforms, in their own words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.model import Accord, Reform, Selection, Stance, accord
from graph.profiles.stands import leading_stands
from graph.profiles.types import ComparisonProfile, ComparisonRow, MetCondition, Stand
from graph.rdf.vocabulary import iri
from graph.reading.catalogue import Evidence, Named, actor, base_of, concerns, evidence, reform_tree, sides
from graph.reading.held import Side, positions_by
from graph.store.embedded import Store

SHORTEST = 5
"""Characters of the shortest name of a reform that is looked for in a condition: shorter ones are often other words."""

Taken = Mapping[str, Side]
"""The sides of one actor, by the id of the reform."""


def comparison_profile(store: Store, ids: Sequence[str]) -> ComparisonProfile:
    """Actors side by side: where they part, where they agree, in which words. Raises UnknownActor."""
    compared = [actor(store, id) for id in dict.fromkeys(ids)]
    actors = tuple(Named(id=one.id, label=one.label) for one in compared)
    taken_by = [{each.reform: each for each in sides(store).of_actor.get(one.id, ())} for one in compared]
    shared = [id for id, number in Counter(id for of in taken_by for id in of).items() if number > 1]
    stands = _stands(store, [of[id] for id in shared for of in taken_by if id in of])
    tree = reform_tree(store)
    rows = []
    for id in dict.fromkeys(each for of in taken_by for each in of):
        taken = tuple(of.get(id) for of in taken_by)
        found = tuple(stands.get((one.id, id)) for one in compared) if id in shared else ()
        rows.append(
            ComparisonRow(
                reform=_named(tree, id),
                sides=taken,
                verdict=accord(each.stance for each in taken if each is not None),
                stands=found,
                shared_grounds=_shared_grounds(store, found),
            )
        )
    order = list(Accord)
    rows.sort(key=lambda row: (order.index(row.verdict), row.reform.label.casefold()))
    return ComparisonProfile(
        actors=actors,
        rows=tuple(rows),
        counts={name: sum(1 for row in rows if row.verdict == name) for name in order},
        met_conditions=tuple(_met_conditions(store, actors, taken_by)),
        standing=store.counting,
    )


def _stands(store: Store, taken: Sequence[Side]) -> dict[tuple[str, str], Stand]:
    return {(each.position.actor, each.position.reform): each for each in leading_stands(store, taken)}


def _shared_grounds(store: Store, found: Iterable[Stand | None]) -> tuple[Named, ...]:
    given = Counter(ground for each in found if each is not None for ground in each.position.concerns)
    known = concerns(store)
    return tuple(
        Named(id=id, label=known[id].label if id in known else id) for id, number in given.items() if number > 1
    )


def _met_conditions(store: Store, actors: Sequence[Named], taken_by: Sequence[Taken]) -> Iterator[MetCondition]:
    """Yield the conditions of each actor that name a reform which another of the actors supports."""
    tree = reform_tree(store)
    for one, own in zip(actors, taken_by, strict=True):
        others = [(other, of) for other, of in zip(actors, taken_by, strict=True) if other is not one]
        supported = {id for _, of in others for id, side in of.items() if side.stance is Stance.SUPPORT}
        names = {id: reform_pattern(tree[id]) for id in supported if id in tree}
        for statement in _conditional(store, one, own) if names else ():
            for id in named_in(statement.condition or "", names):
                for other, of in others:
                    if id != statement.reform and id in of and of[id].stance is Stance.SUPPORT:
                        (stand,) = leading_stands(store, [of[id]])
                        yield MetCondition(
                            actor=one,
                            reform=_named(tree, statement.reform),
                            condition=statement,
                            supporter=other,
                            supported=_named(tree, id),
                            support=stand.evidence[0],
                        )


def _conditional(store: Store, one: Named, own: Taken) -> list[Evidence]:
    """Return the statements of an actor that set a condition."""
    held = [each for each in positions_by(store, Selection(actor=one.id)) if each.conditions and each.reform in own]
    base = base_of(store)
    found = evidence(store, [iri(base, "statement", id) for each in held for id in each.statements])
    return [each for each in found if each.condition]


def named_in(words: str, names: Mapping[str, re.Pattern[str]]) -> list[str]:
    """Return the ids of the reforms whose names occur in these words."""
    return [id for id, pattern in names.items() if pattern.search(words)]


def reform_pattern(reform: Reform) -> re.Pattern[str]:
    """Return what finds any name of the reform, also in the plural."""
    names = [name for name in (reform.label, *reform.aliases) if len(name) >= SHORTEST]
    told = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"\b(?:{told})s?\b" if told else r"(?!)", re.IGNORECASE)


def _named(tree: Mapping[str, Reform], id: str) -> Named:
    return Named(id=id, label=tree[id].label if id in tree else id)
