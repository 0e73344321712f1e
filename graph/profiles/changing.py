"""Actors who have changed their position, each with a passage from before and one from after."""

from graph.model import Stance
from graph.profiles.types import ChangeEntry
from graph.rdf.vocabulary import iri
from graph.reading.catalogue import Evidence, Listing, base_of, evidence, with_narrower
from graph.reading.held import Moved, claimed, moves
from graph.store.embedded import Store

CHANGED = 20


def changes(
    store: Store,
    *,
    actor: str | None = None,
    reform: str | None = None,
    narrower: bool = False,
    since: str = "",
    limit: int = CHANGED,
    offset: int = 0,
) -> Listing[ChangeEntry]:
    """Return changed positions with a passage of each side, newest first."""
    meant = None if reform is None else with_narrower(store, reform) if narrower else (reform,)
    found = moves(store, actor=actor, reforms=meant)
    if since:
        found = [each for each in found if each.date[: len(since)] >= since[: len(each.date)]]
    items = _with_passages(store, found[offset : offset + limit])
    return Listing(items=items, total=len(found), limit=limit, offset=offset)


def _with_passages(store: Store, found: list[Moved]) -> tuple[ChangeEntry, ...]:
    pairs = []
    for move, of in zip(found, claimed(store, [(each.actor, each.reform) for each in found]), strict=True):
        dated = [each for each in of if each.date and each.stance is not Stance.NEUTRAL]
        before = [each for each in dated if each.date < move.date]
        after = [each for each in dated if each.date >= move.date]
        if before and after:
            earlier = next((it for it in reversed(before) if it.stance is move.before), before[-1])
            later = next((it for it in after if it.stance is move.after), after[0])
            pairs.append((earlier.statement, later.statement, move))
    base = base_of(store)
    wanted = [iri(base, "statement", id) for pair in pairs for id in pair[:2]]
    shown: dict[str, Evidence] = {each.id: each for each in evidence(store, wanted)}
    return tuple(
        ChangeEntry(
            actor=shown[later].actor,
            actor_label=shown[later].actor_label,
            reform=shown[later].reform,
            reform_label=shown[later].reform_label,
            before=shown[earlier],
            after=shown[later],
            was=move.before,
            now=move.after,
        )
        for earlier, later, move in pairs
    )
