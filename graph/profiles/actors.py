"""An actor: its positions, who speaks for it, and who agrees and disagrees with it."""

from graph.model import Agreement, Selection, agreement
from graph.profiles.changing import changes
from graph.profiles.reforms import UNCONFIRMED
from graph.profiles.stands import actor_stands, periods
from graph.profiles.types import ActorProfile, Kin, MembershipEntry, SpeakerEntry
from graph.rdf.vocabulary import HEAD, id_of, iri
from graph.reading.catalogue import (
    Named,
    actor,
    actor_table,
    base_of,
    labels,
    reform_tree,
    sides,
    speakers,
    summary,
    unconfirmed,
)
from graph.store.embedded import Store

ON_A_PAGE = 15
"""Positions of an actor on one page."""
KIN = 6
"""Closest allies, and strongest opponents, of an actor."""


def actor_profile(store: Store, id: str, *, limit: int = ON_A_PAGE, offset: int = 0) -> ActorProfile:
    """All there is to say about an actor. Raises UnknownActor."""
    it = actor(store, id)
    selection = Selection(actor=id)
    told = summary(store, selection)
    entry = actor_table(store).get(id)
    allies, opponents = _kin(store, id)
    organisations = labels(store, (iri(base_of(store), "actor", each.organisation) for each in it.member_of))
    return ActorProfile(
        actor=it,
        memberships=tuple(
            MembershipEntry(
                id=each.organisation,
                label=organisations.get(iri(base_of(store), "actor", each.organisation), each.organisation),
                role=each.role,
                since=each.since,
                until=each.until,
            )
            for each in it.member_of
        ),
        members=_members(store, id),
        reforms=entry.reforms if entry else {},
        statements=told.statements,
        articles=told.articles,
        publishers=told.publishers,
        conditional=told.conditional,
        stands=actor_stands(store, id, limit=limit, offset=offset),
        changes=changes(store, actor=id).items,
        periods=periods(told),
        speakers=tuple(SpeakerEntry(label=name, statements=number) for name, number in speakers(store, selection)),
        allies=allies,
        opponents=opponents,
        unconfirmed=unconfirmed(store, selection, limit=UNCONFIRMED),
        standing=store.counting,
    )


MEMBERS = (
    HEAD
    + """
SELECT ?member ?label ?role ?since ?until WHERE {
    VALUES ?organisation { UNDEF }
    ?membership org:organization ?organisation ; org:member ?member .
    ?member skos:prefLabel ?label
    OPTIONAL { ?membership schema:roleName ?role }
    OPTIONAL { ?membership schema:startDate ?since }
    OPTIONAL { ?membership schema:endDate ?until }
} ORDER BY ?label LIMIT 100"""
)


def _members(store: Store, id: str) -> tuple[MembershipEntry, ...]:
    rows = store.select(MEMBERS, organisation=iri(base_of(store), "actor", id))
    return tuple(
        MembershipEntry(
            id=id_of(row["member"]),
            label=row["label"],
            role=row.get("role", ""),
            since=row.get("since", ""),
            until=row.get("until", ""),
        )
        for row in rows
    )


def _kin(store: Store, id: str) -> tuple[tuple[Kin, ...], tuple[Kin, ...]]:
    """Return the actors that agree most with an actor, and those that disagree most: by agreements less conflicts."""
    taken = sides(store)
    shared = {each.reform for each in taken.of_actor.get(id, ())}
    others = sorted({each.actor for reform in shared for each in taken.on_reform[reform]} - {id})
    held = {one: {each.reform: each.stance for each in taken.of_actor.get(one, ())} for one in (id, *others)}
    compared = [agreement(id, other, held) for other in others]

    def balance(pair: Agreement) -> int:
        return len(pair.agree) - len(pair.conflict)

    nearest = sorted((it for it in compared if balance(it) > 0), key=lambda it: (-balance(it), it.b))[:KIN]
    farthest = sorted((it for it in compared if balance(it) < 0), key=lambda it: (balance(it), it.b))[:KIN]
    names = actor_table(store)
    tree = reform_tree(store)

    def kin(pair: Agreement) -> Kin:
        return Kin(
            id=pair.b,
            label=names[pair.b].label if pair.b in names else pair.b,
            agree=tuple(Named(id=each, label=tree[each].label) for each in pair.agree),
            conflict=tuple(Named(id=each, label=tree[each].label) for each in pair.conflict),
        )

    return tuple(map(kin, nearest)), tuple(map(kin, farthest))
