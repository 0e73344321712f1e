"""All there is to say about a reform, an actor, an article, a statement, the field, a comparison.

A page, its JSON and its paragraph in a briefing are renderings of one profile.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graph.model import Accord, Actor, Agreement, Article, Position, Reform, Selection, Stance, accord, agreement
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD, STANCES, id_of, iri, name_of
from graph.reading import index
from graph.reading.catalogue import (
    EVERY,
    Claimed,
    Evidence,
    Listing,
    Named,
    ReformEntry,
    Side,
    Summary,
    about,
    above,
    actor,
    actor_named,
    actor_table,
    article,
    article_table,
    base_of,
    claimed,
    concerns,
    evidence,
    grounds,
    held,
    labels,
    reform,
    reform_table,
    reform_tree,
    selected_sides,
    sides,
    silent,
    speakers,
    statement,
    statements,
    summary,
    with_narrower,
)
from graph.reading.register import touched_positions
from graph.reviewing.reviews import Review, history
from graph.store.embedded import Store
from graph.store.remembered import remembered
from graph.store.writes import Touched

SHOWN = 3
"""Passages of one position on a page that shows many; the rest are one click away."""
ON_A_SIDE = 7
"""Positions on each side of a reform, before the page of that side."""
ON_A_PAGE = 15
"""Positions of an actor on one page."""
NEWEST = 6
CHANGED = 20
SILENT = 12
KIN = 6
"""Closest allies, and strongest opponents, of an actor."""
AROUND = 400
"""Characters of the article on each side of a statement's passage."""
PART = 60_000
"""Characters of an article on one page: with its marks and its statements that is a page of about 100 kB."""
MONTHS = 24
"""A time line of at most this many months is told by months, a longer one by years."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A position with the passages that show it best: one of each side it takes, the most certain first."""

    position: Position
    evidence: tuple[Evidence, ...]
    concern_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformSide:
    """Who takes one side on a reform."""

    stance: Stance
    stands: Listing[Stand]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Statements of a year or a month; '' holds those without a date."""

    period: str
    statements: Mapping[Stance, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A concern, and how many statements of each side name it."""

    id: str
    label: str
    statements: Mapping[Stance, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """An actor with no statement on a reform, and how much it has said on others."""

    id: str
    label: str
    statements: int
    reforms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change of position: the last passage of the side before, and the first of the side after."""

    actor: str
    actor_label: str
    reform: str
    reform_label: str
    before: Evidence
    after: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProfile:
    """The whole field at a glance."""

    title: str
    statements: int
    articles: int
    actors: int
    """Actors with a statement."""
    positions: int
    first: str
    last: str
    undated: int
    reforms: tuple[ReformEntry, ...]
    reforms_total: int
    newest: tuple[Evidence, ...]
    changes: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformProfile:
    """A reform: who stands on which side of it, in which words, on what grounds, since when, and who is silent."""

    reform: Reform
    above: tuple[Named, ...]
    narrower: tuple[ReformEntry, ...]
    actors: Mapping[Stance, int]
    with_narrower: Mapping[Stance, int]
    """Actors by side where a stance on a narrower reform counts as one on this; an actor counts once a side."""
    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    sides: tuple[ReformSide, ...]
    grounds: tuple[Ground, ...]
    periods: tuple[Period, ...]
    silent: Listing[Silent]


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEntry:
    """A place in an organisation, seen from either end."""

    id: str
    label: str
    role: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerEntry:
    """Somebody who is quoted for an actor."""

    label: str
    statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Another actor, and on which reforms the two stand together or apart; mixed and neutral count for neither."""

    id: str
    label: str
    agree: tuple[Named, ...]
    conflict: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorProfile:
    """An actor: its position on every reform, over time, who speaks for it, and who stands with and against it."""

    actor: Actor
    memberships: tuple[MembershipEntry, ...]
    members: tuple[MembershipEntry, ...]
    reforms: Mapping[Stance, int]
    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    stands: Listing[Stand]
    changes: tuple[Turn, ...]
    periods: tuple[Period, ...]
    speakers: tuple[SpeakerEntry, ...]
    allies: tuple[Kin, ...]
    opponents: tuple[Kin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProfile:
    """An article, or one part of a long one, with the statements whose passages begin in it."""

    article: Article
    voice: Named | None
    part: int
    parts: int
    start: int
    """Offset of the part in the article's text."""
    text: str
    statements: tuple[Evidence, ...]
    total: int
    """Statements of the whole article."""
    counts: Mapping[Stance, int]
    chosen: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProfile:
    """A statement with the words around its passage and what is known of how it was read."""

    statement: Evidence
    before: str
    after: str
    generator: str
    others: tuple[Evidence, ...]
    history: tuple[Review, ...]
    """What people have said of it, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """A reform, and the side that each compared actor takes on it; None where it has no statement."""

    reform: Named
    sides: tuple[Side | None, ...]
    verdict: Accord


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonProfile:
    """Actors side by side over all reforms."""

    actors: tuple[Named, ...]
    rows: tuple[ComparisonRow, ...]
    counts: Mapping[Accord, int] = field(default_factory=dict)
    """On how many reforms the actors agree, part and so on."""


# The field


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
        reforms=tuple(spoken[:ON_A_SIDE]),
        reforms_total=len(table),
        newest=_newest(store),
        changes=changes(store, limit=5).items,
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


# A reform


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
        periods=_periods(told),
        silent=_silent(store, id),
    )


def _sides_to_show(entry: ReformEntry) -> Sequence[Stance]:
    always = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE)
    return (*always, Stance.NEUTRAL) if entry.actors.get(Stance.NEUTRAL) else always


def _reform_sides(
    store: Store, id: str, stances: Sequence[Stance], *, limit: int, offset: int
) -> tuple[ReformSide, ...]:
    taken = {each: selected_sides(store, Selection(reform=id, stance=each)) for each in stances}
    shown = [side for of in taken.values() for side in of[offset : offset + limit]]
    stands = _stands(store, shown)
    return tuple(
        ReformSide(
            stance=each,
            stands=Listing(
                items=tuple(stand for stand in stands if stand.position.stance is each),
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


def _grounds(store: Store, selection: Selection) -> tuple[Ground, ...]:
    known = concerns(store)
    found = [
        Ground(
            id=id,
            label=known[id].label if id in known else id,
            statements={each: of[each] for each in Stance if each in of},
        )
        for id, of in grounds(store, selection).items()
    ]
    return tuple(sorted(found, key=lambda each: (-sum(each.statements.values()), each.label)))


def _silent(store: Store, reform: str) -> Listing[Silent]:
    quiet = silent(store, {each.actor for each in sides(store).on_reform.get(reform, ())})
    spoken = [each for each in quiet if each.reforms]
    named = tuple(
        Silent(id=each.id, label=each.label, statements=each.statements, reforms=sum(each.reforms.values()))
        for each in spoken[:SILENT]
    )
    return Listing(items=named, total=len(spoken), limit=SILENT)


# An actor


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
        stands=_actor_stands(store, id, limit=limit, offset=offset),
        changes=changes(store, actor=id).items,
        periods=_periods(told),
        speakers=tuple(SpeakerEntry(label=name, statements=number) for name, number in speakers(store, selection)),
        allies=allies,
        opponents=opponents,
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


# An article, a statement


def article_profile(
    store: Store, id: str, *, part: int | None = None, chosen: str = "", whole: bool = False
) -> ArticleProfile:
    """An article with its statements; of a long one the part that is asked for, or that holds the chosen statement."""
    it = article(store, id)
    found = statements(store, Selection(article=id), limit=EVERY).items
    starts = [0] if whole else _parts(it.text)
    if part is None:
        at = next((each.start for each in found if each.id == chosen), 0)
        part = sum(1 for start in starts if start <= at)
    part = min(max(part, 1), len(starts))
    start = starts[part - 1]
    end = starts[part] if part < len(starts) else len(it.text)
    counts: dict[Stance, int] = defaultdict(int)
    for each in found:
        counts[each.stance] += 1
    voice = actor_named(store, it.voice) if it.voice else None
    return ArticleProfile(
        article=it,
        voice=Named(id=voice, label=actor_table(store)[voice].label) if voice else None,
        part=part,
        parts=len(starts),
        start=start,
        text=it.text[start:end],
        statements=tuple(each for each in found if start <= each.start < end),
        total=len(found),
        counts={each: counts[each] for each in Stance if counts[each]},
        chosen=chosen if any(each.id == chosen for each in found) else "",
    )


def _parts(text: str) -> list[int]:
    """Where the parts of a text begin: at the first new line after each so many characters, or just there."""
    starts = [0]
    while len(text) - starts[-1] > PART:
        least = starts[-1] + PART
        line = text.find("\n", least, least + PART // 4)
        starts.append(line + 1 if line >= 0 else least)
    return starts


# Within the graph of the statement's article: every article tells of the software that read it.
GENERATOR = (
    HEAD
    + """
SELECT ?name ?version ?model WHERE {
    VALUES ?statement { UNDEF }
    GRAPH ?graph {
        ?statement prov:wasGeneratedBy ?activity .
        ?activity prov:wasAssociatedWith ?software .
        ?software foaf:name ?name ; schema:softwareVersion ?version
        OPTIONAL { ?activity :model ?model }
    }
} LIMIT 1"""
)


def statement_profile(store: Store, id: str) -> StatementProfile:
    """A statement in its context. Raises UnknownStatement."""
    it = statement(store, id)
    text = article(store, it.article).text
    rows = store.select(GENERATOR, statement=iri(base_of(store), "statement", id))
    made = rows[0] if rows else {}
    generator = " ".join(filter(None, (made.get("name", ""), made.get("version", ""))))
    if "model" in made:
        generator = f"{generator}, {made['model']}"
    others = statements(store, Selection(actor=it.actor, reform=it.reform), limit=10).items
    return StatementProfile(
        statement=it,
        before=_from_a_word(text[max(0, it.start - AROUND) : it.start], cut=it.start > AROUND),
        after=_to_a_word(text[it.end : it.end + AROUND], cut=len(text) - it.end > AROUND),
        generator=generator,
        others=tuple(each for each in others if each.id != it.id),
        history=tuple(history(store, id)),
    )


def _from_a_word(text: str, *, cut: bool) -> str:
    space = re.search(r"\s", text) if cut else None
    return text[space.end() :] if space else text


def _to_a_word(text: str, *, cut: bool) -> str:
    space = re.search(r"\s\S*$", text) if cut else None
    return text[: space.start()] if space else text


# Changes, comparison

CHANGES = (
    HEAD
    + """
SELECT ?actor ?reform ?date ?before ?after WHERE {
    VALUES ?actor { UNDEF }
    VALUES ?reform { UNDEF }
    ?position :change ?change ; :actor ?actor ; :reform ?reform .
    ?change :before ?before ; :after ?after ; dct:date ?date
} ORDER BY DESC(STR(?date)) ?actor ?reform"""
)


def changes(
    store: Store,
    *,
    actor: str | None = None,
    reform: str | None = None,
    narrower: bool = False,
    since: str = "",
    limit: int = CHANGED,
    offset: int = 0,
) -> Listing[Turn]:
    """Changed positions with a passage of each side, newest first."""
    base = base_of(store)
    meant = (
        [iri(base, "reform", each) for each in (with_narrower(store, reform) if narrower else (reform,))]
        if reform is not None
        else None
    )
    rows = _all_changes(store) if actor is None and reform is None else _changes_of(store, actor, meant)
    if since:
        rows = [row for row in rows if row["date"][: len(since)] >= since[: len(row["date"])]]
    turns = _turns(store, rows[offset : offset + limit])
    return Listing(items=turns, total=len(rows), limit=limit, offset=offset)


def _all_changes(store: Store) -> list[dict[str, Any]]:
    def renewed(before: list[dict[str, Any]], touched: Touched) -> list[dict[str, Any]] | None:
        pairs = touched_positions(store, touched)
        if pairs is None:
            return None
        base = base_of(store)
        gone = {(iri(base, "actor", actor), iri(base, "reform", reform)) for actor, reform in pairs}
        rows = [row for row in before if (row["actor"], row["reform"]) not in gone]
        new = [row for who, what in sorted(gone) for row in store.rows(CHANGES, actor=who, reform=what)]
        if new:
            rows += new
            rows.sort(key=lambda row: (row["actor"], row["reform"]))
            rows.sort(key=lambda row: str(row["date"]), reverse=True)
        return rows

    return remembered(
        store,
        "changes",
        lambda: _changes_of(store, None, None),
        spared=("article", "vocabulary", "ontology", "found", "reviews", "networks"),
        renewed=renewed,
    )


def _changes_of(store: Store, actor: str | None, reforms: Sequence[Iri] | None) -> list[dict[str, Any]]:
    """The changes of an actor, on these reforms, or all, newest first; from the index where that holds them."""
    base = base_of(store)
    with index.current(store) as indexed:
        if indexed is None:
            who = iri(base, "actor", actor) if actor is not None else None
            return store.select(CHANGES, actor=who, reform=reforms)
        asked, values = "SELECT actor, reform, date, before, after FROM turn WHERE 1", list[str]()
        if actor is not None:
            asked += " AND actor = ?"
            values.append(actor)
        if reforms is not None:
            asked += f" AND reform IN ({', '.join('?' * len(reforms))})"
            values += map(id_of, reforms)
        found = [
            {
                "actor": iri(base, "actor", who),
                "reform": iri(base, "reform", what),
                "date": date,
                "before": STANCES[Stance(before)],
                "after": STANCES[Stance(after)],
            }
            for who, what, date, before, after in indexed.execute(asked, values)
        ]
    found.sort(key=lambda row: (row["actor"], row["reform"]))
    found.sort(key=lambda row: str(row["date"]), reverse=True)
    return found


def _turns(store: Store, rows: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    pairs = []
    held_by = claimed(store, [(id_of(row["actor"]), id_of(row["reform"])) for row in rows])
    for row, of in zip(rows, held_by, strict=True):
        claims = [each for each in of if each.date and each.stance is not Stance.NEUTRAL]
        before = [each for each in claims if each.date < row["date"]]
        after = [each for each in claims if each.date >= row["date"]]
        if before and after:
            earlier = next((it for it in reversed(before) if it.stance == name_of(row["before"])), before[-1])
            later = next((it for it in after if it.stance == name_of(row["after"])), after[0])
            pairs.append((earlier.statement, later.statement))
    base = base_of(store)
    shown: dict[str, Evidence] = {
        iri(base, "statement", each.id): each for each in evidence(store, [it for pair in pairs for it in pair])
    }
    return tuple(
        Turn(
            actor=shown[later].actor,
            actor_label=shown[later].actor_label,
            reform=shown[later].reform,
            reform_label=shown[later].reform_label,
            before=shown[earlier],
            after=shown[later],
        )
        for earlier, later in pairs
    )


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
    )


# Stands and periods


def _actor_stands(store: Store, id: str, *, limit: int, offset: int) -> Listing[Stand]:
    taken = selected_sides(store, Selection(actor=id))
    stands = tuple(_stands(store, taken[offset : offset + limit]))
    return Listing(items=stands, total=len(taken), limit=limit, offset=offset)


def _stands(store: Store, taken: Sequence[Side]) -> list[Stand]:
    found = held(store, taken)
    chosen = [_best(each.claims) for each in found]
    base = base_of(store)
    shown: dict[str, Evidence] = {
        iri(base, "statement", each.id): each for each in evidence(store, [it for of in chosen for it in of])
    }
    known = concerns(store)
    return [
        Stand(
            position=each.position,
            evidence=tuple(shown[it] for it in of if it in shown),
            concern_labels=tuple(known[it].label if it in known else it for it in each.position.concerns),
        )
        for each, of in zip(found, chosen, strict=True)
    ]


def _best(claims: Sequence[Claimed]) -> list[str]:
    """The statements to show of a position: the most certain of each stance in turn, the newer of two equal ones."""
    by: dict[Stance, list[Claimed]] = defaultdict(list)
    for each in claims:
        by[each.stance].append(each)
    ranked = [
        sorted(of, key=lambda each: (each.confidence, each.date, each.statement), reverse=True)
        for _, of in sorted(by.items(), key=lambda each: (-len(each[1]), each[0]))
    ]
    chosen = [of[turn].statement for turn in range(SHOWN) for of in ranked if turn < len(of)]
    return chosen[:SHOWN]


def _periods(told: Summary) -> tuple[Period, ...]:
    months = sorted({when[:7] for when in told.dates if when})
    by_month = bool(months) and all(len(each) == 7 for each in months) and len(months) <= MONTHS and _near(months)
    counts: dict[str, dict[Stance, int]] = defaultdict(lambda: defaultdict(int))
    for when, of in told.dates.items():
        for stance, number in of.items():
            counts[when[: 7 if by_month else 4]][stance] += number
    return tuple(
        Period(period=when, statements={each: counts[when][each] for each in Stance if counts[when][each]})
        for when in sorted(counts, key=lambda each: (not each, each))
    )


def _near(months: Sequence[str]) -> bool:
    """Whether all lie within two years."""
    first, last = months[0], months[-1]
    return (int(last[:4]) - int(first[:4])) * 12 + int(last[5:]) - int(first[5:]) < MONTHS
