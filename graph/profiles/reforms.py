"""Profile of a reform: who takes which side, in which words, on what grounds, and who is silent."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from graph.model import Selection, Stance
from graph.profiles.stands import periods, stands
from graph.profiles.types import GroundEntry, ReformProfile, ReformSide, SilentEntry
from graph.reading.catalogue import (
    Listing,
    ReformEntry,
    above,
    concerns,
    grounds,
    reform,
    reform_table,
    sides,
    silent,
    summary,
    unconfirmed,
    with_narrower,
)
from graph.reading.held import selected_sides
from graph.store.embedded import Store

ON_A_SIDE = 7
"""Positions on each side of a reform, before the page of that side."""
SILENT = 12
UNCONFIRMED = 5
"""Unconfirmed statements on the page of a reform or an actor."""


def reform_profile(
    store: Store, id: str, *, stance: Stance | None = None, limit: int = ON_A_SIDE, offset: int = 0
) -> ReformProfile:
    """All there is to say about a reform; with a stance, only who takes that side, a page at a time."""
    it = reform(store, id)
    table = reform_table(store)
    family = with_narrower(store, id)
    selection = Selection(reform=id)
    told = summary(store, selection)
    stances = [stance] if stance is not None else _sides_to_show(table[id])
    return ReformProfile(
        reform=it,
        above=above(store, id),
        narrower=tuple(table[each] for each in family[1:]),
        actors=table[id].actors,
        with_narrower=_actors_by_side(store, family) if len(family) > 1 else table[id].actors,
        statements=told.statements,
        articles=told.articles,
        publishers=told.publishers,
        conditional=told.conditional,
        sides=_reform_sides(store, id, stances, limit=limit, offset=offset),
        grounds=_grounds(store, selection),
        periods=periods(told),
        silent=_silent(store, id),
        unconfirmed=unconfirmed(store, selection, limit=UNCONFIRMED),
        standing=store.counting,
    )


def _sides_to_show(entry: ReformEntry) -> Sequence[Stance]:
    always = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE)
    return (*always, Stance.NEUTRAL) if entry.actors.get(Stance.NEUTRAL) else always


def _reform_sides(
    store: Store, id: str, stances: Sequence[Stance], *, limit: int, offset: int
) -> tuple[ReformSide, ...]:
    taken = {each: selected_sides(store, Selection(reform=id, stance=each)) for each in stances}
    shown = [side for of in taken.values() for side in of[offset : offset + limit]]
    shown_stands = stands(store, shown)
    return tuple(
        ReformSide(
            stance=each,
            stands=Listing(
                items=tuple(stand for stand in shown_stands if stand.position.stance is each),
                total=len(of),
                limit=limit,
                offset=offset,
            ),
        )
        for each, of in taken.items()
    )


def _actors_by_side(store: Store, family: Sequence[str]) -> Mapping[Stance, int]:
    taken = sides(store).on_reform
    found: dict[Stance, set[str]] = defaultdict(set)
    for narrower in family:
        for each in taken.get(narrower, ()):
            found[each.stance].add(each.actor)
    return {each: len(found[each]) for each in Stance if each in found}


def _grounds(store: Store, selection: Selection) -> tuple[GroundEntry, ...]:
    known = concerns(store)
    found = [
        GroundEntry(
            id=id,
            label=known[id].label if id in known else id,
            statements={each: of[each] for each in Stance if each in of},
        )
        for id, of in grounds(store, selection).items()
    ]
    return tuple(sorted(found, key=lambda each: (-sum(each.statements.values()), each.label)))


def _silent(store: Store, reform: str) -> Listing[SilentEntry]:
    quiet = silent(store, {each.actor for each in sides(store).on_reform.get(reform, ())})
    spoken = [each for each in quiet if each.reforms]
    named = tuple(
        SilentEntry(id=each.id, label=each.label, statements=each.statements, reforms=sum(each.reforms.values()))
        for each in spoken[:SILENT]
    )
    return Listing(items=named, total=len(spoken), limit=SILENT)
