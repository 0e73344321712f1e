"""An actor: its positions, who speaks for it, and who agrees and disagrees with it."""

from collections.abc import Iterator, Sequence

from graph.domain.folder import within
from graph.model import Actor, ActorKind, Agreement, Selection, agreement
from graph.profiles.changing import changes
from graph.profiles.reforms import UNCONFIRMED
from graph.profiles.stands import actor_stands, periods
from graph.profiles.types import ActorProfile, Kin, MembershipEntry, SpeakerEntry, SpokenFor
from graph.rdf.vocabulary import HEAD, id_of, iri
from graph.reading.catalogue import (
    Evidence,
    Named,
    actor,
    actor_table,
    base_of,
    labels,
    reform_tree,
    sides,
    speakers,
    spoken_by,
    summary,
    unconfirmed,
)
from graph.store.embedded import Store

ON_A_PAGE = 15
"""Positions of an actor on one page."""
SAID = 12
"""Statements shown of those that a person made for one body in one role."""
KIN = 6
"""Closest allies, and strongest opponents, of an actor."""


def actor_profile(store: Store, id: str, *, limit: int = ON_A_PAGE, offset: int = 0) -> ActorProfile:
    """All there is to say about an actor. Raises UnknownActor."""
    it = actor(store, id)
    selection = Selection(actor=id)
    told = summary(store, selection)
    entry = actor_table(store).get(id)
    allies, opponents = _kin(store, id)
    said = spoken_by(store, id) if it.kind is ActorKind.PERSON else ()
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
        spoken=tuple(_spoken(it, said)),
        quoted=len(said),
        standing=store.counting,
    )


def _spoken(person: Actor, said: Sequence[Evidence]) -> Iterator[SpokenFor]:
    """Yield what a person said, grouped by the body and the role at that time, the newest group first."""
    groups: dict[tuple[str, str], list[Evidence]] = {}
    for each in said:
        groups.setdefault((each.actor, role_of(person, each.actor, each.date)), []).append(each)
    for (body, role), items in groups.items():
        yield SpokenFor(id=body, label=items[0].actor_label, role=role, said=tuple(items[:SAID]))


def role_of(person: Actor, body: str, date: str) -> str:
    """Return the role in which a person spoke for a body at a date; '' if none or several are known."""
    roles = {
        each.role
        for each in person.member_of
        if each.role and each.organisation == body and (within(date, each.since, each.until) if date else True)
    }
    return roles.pop() if len(roles) == 1 else ""


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
