"""What is in the graph: statements, positions, actors, reforms and articles, by a selection and a page at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from sqlite3 import Connection
from typing import Generic, TypeVar

from graph.errors import Unknown, UnknownArticle
from graph.model import Change, Position, Selection, Stance
from graph.names import by_name, folded
from graph.positions import Claim
from graph.positions import positions as positions_of_claims
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD, MANNERS, PREFIXES, STANCES, id_of, iri, name_of
from graph.reading import index
from graph.reading.evidence import CONCERNS_OF, SOURCES
from graph.reading.evidence import UNCHECKED as UNCHECKED
from graph.reading.evidence import Evidence as Evidence
from graph.reading.evidence import evidence as evidence
from graph.reading.evidence import statement as statement
from graph.reading.register import Named as Named
from graph.reading.register import about as about
from graph.reading.register import above as above
from graph.reading.register import actor as actor
from graph.reading.register import article as article
from graph.reading.register import base_of as base_of
from graph.reading.register import concerns as concerns
from graph.reading.register import iri_of, touched_articles, touched_positions
from graph.reading.register import labels as labels
from graph.reading.register import reform as reform
from graph.reading.register import reform_tree as reform_tree
from graph.reading.register import with_narrower as with_narrower
from graph.store.embedded import Bound, Store
from graph.store.remembered import DERIVED, REVIEWED, remembered
from graph.store.writes import Touched

Item = TypeVar("Item")

SIDES = tuple(Stance)
"""In the order in which they are told; a class of names takes its time to be gone through."""

LIMIT = 50
"""Entries of a list where nobody says how many."""

EVERY = 10_000_000
"""A limit that no list reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Item]):
    """One page of a list, and how long the list is."""

    items: tuple[Item, ...]
    total: int
    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEntry:
    """An actor in a list: on how many reforms it takes which side, in how many statements."""

    id: str
    label: str
    kind: str
    reforms: Mapping[Stance, int] = field(default_factory=dict)
    statements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformEntry:
    """A reform in a list: how many actors take which side on it, in how many statements."""

    id: str
    label: str
    broader: str = ""
    definition: str = ""
    actors: Mapping[Stance, int] = field(default_factory=dict)
    statements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleEntry:
    """An article in a list: its metadata, and how many statements it holds."""

    id: str
    title: str
    publisher: str = ""
    date: str = ""
    url: str = ""
    voice: str = ""
    release: str = ""
    """Id of the article that this one repeats."""
    statements: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a selection of statements comes to."""

    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    """Statements that set a condition."""
    dates: Mapping[str, Mapping[Stance, int]]
    """Statements by the date of their article, as precise as it is known; '' where it has none."""


# Each of them has one value, and a statement stands in one graph only: nothing is counted twice.
STATEMENT = {
    "stance": "?statement prov:wasQuotedFrom ?article ; :stance ?stance .",
    "actor": "?statement :actor ?actor .",
    "reform": "?statement :reform ?reform .",
}
# Where people have checked statements: a rejected one is left out, a corrected one counts as corrected.
CHECKED = {
    "stance": """?statement prov:wasQuotedFrom ?article ; :stance ?found_stance .
    OPTIONAL { ?statement :correctedStance ?right_stance }
    BIND(COALESCE(?right_stance, ?found_stance) AS ?stance)
    FILTER NOT EXISTS { ?statement :verdict :rejected }""",
    "actor": """{ ?statement :actor ?actor FILTER NOT EXISTS { ?statement :correctedActor ?right_actor } }
    UNION { ?statement :correctedActor ?actor }""",
    "reform": """{ ?statement :reform ?reform FILTER NOT EXISTS { ?statement :correctedReform ?right_reform } }
    UNION { ?statement :correctedReform ?reform }""",
}
# What narrows a list of statements, by the field of the selection that asks for it. Dates of any precision compare over
# the digits that both have, so that an article of '2023-02' is within '2023'.
NARROWED = {
    "actor": "VALUES ?actor { UNDEF }",
    "reform": "VALUES ?reform { UNDEF }",
    "stance": "VALUES ?stance { UNDEF }",
    "concern": "VALUES ?concern { UNDEF } ?statement :concern ?concern .",
    "article": "VALUES ?article { UNDEF }",
    "publisher": "VALUES ?publisher { UNDEF } ?article dc:publisher ?publisher .",
    "manner": "VALUES ?manner { UNDEF } ?statement :manner ?manner .",
    "since": """VALUES ?since { UNDEF } ?article dct:date ?began .
        FILTER(SUBSTR(STR(?began), 1, STRLEN(?since)) >= SUBSTR(?since, 1, STRLEN(STR(?began))))""",
    "until": """VALUES ?until { UNDEF } ?article dct:date ?ended .
        FILTER(SUBSTR(STR(?ended), 1, STRLEN(?until)) <= SUBSTR(?until, 1, STRLEN(STR(?ended))))""",
    "reader": "VALUES ?reader { UNDEF } FILTER EXISTS { ?statement :reader ?by FILTER(STRSTARTS(?by, ?reader)) }",
    "min_confidence": "VALUES ?least { UNDEF } ?statement :confidence ?confidence . FILTER(?confidence >= ?least)",
}

ABOUT = HEAD + "SELECT ?thing ?predicate ?value WHERE { VALUES ?thing { UNDEF } ?thing ?predicate ?value }"

POSITIONS = (
    HEAD
    + """
SELECT ?actor ?reform ?stance ?number WHERE {
    VALUES ?position { UNDEF }
    ?position :statementCount ?number ; :actor ?actor ; :reform ?reform ; :stance ?stance
}"""
)
POSITION_DETAILS = (
    HEAD
    + """
SELECT ?position ?support ?mixed ?oppose ?neutral ?articles ?publishers ?first ?last WHERE {
    VALUES ?position { UNDEF }
    ?position :supportCount ?support ; :mixedCount ?mixed ; :opposeCount ?oppose ; :neutralCount ?neutral ;
        :articleCount ?articles ; :publisherCount ?publishers .
    OPTIONAL { ?position :firstDate ?first }
    OPTIONAL { ?position :lastDate ?last }
}"""
)
STATEMENTS_OF_POSITIONS = (
    HEAD
    + """
SELECT ?position ?statement ?article ?stance ?right_stance ?confidence WHERE {
    VALUES ?position { UNDEF }
    ?position :statement ?statement .
    ?statement prov:wasQuotedFrom ?article ; :stance ?stance ; :confidence ?confidence .
    OPTIONAL { ?statement :correctedStance ?right_stance }
}"""
)
CONDITIONS_OF = (
    HEAD + "SELECT ?it ?condition WHERE { VALUES ?it { UNDEF } ?it :condition ?condition } ORDER BY ?condition"
)

CHANGES_OF = (
    HEAD
    + """
SELECT ?position ?before ?after ?date WHERE {
    VALUES ?position { UNDEF }
    ?position :change ?change .
    ?change :before ?before ; :after ?after ; dct:date ?date
} ORDER BY STR(?date)"""
)


# Statements


def statements(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[Evidence]:
    """The selected statements, newest article first and within one in the order of its text."""
    selection = selection or Selection()
    with index.current(store) as indexed:
        if indexed is not None:
            return _statements_of_rows(store, indexed, selection, limit, offset)
    table = article_table(store)
    of = _statements_by_article(store, selection)
    # Only the articles on the page are read: an order over all statements would cost the whole graph.
    counts = {id: len(found) for id, found in of.items()} if of is not None else _counted(table, selection)
    wanted: list[str] = []
    passed = skipped = 0
    for id in table:
        number = counts.get(id, 0)
        if passed < offset + limit and passed + number > offset:
            if not wanted:
                skipped = offset - passed
            wanted.append(id)
        passed += number
    if of is None:
        of = _statements_by_article(store, selection, within=wanted) or {}
    rows = evidence(store, [each for id in wanted for each in of.get(id, ())])
    order = {id: place for place, id in enumerate(wanted)}
    rows.sort(key=lambda each: (order[each.article], each.start, each.end, each.id))
    return Listing(items=tuple(rows[skipped : skipped + limit]), total=passed, limit=limit, offset=offset)


def _statements_of_rows(
    store: Store, indexed: Connection, selection: Selection, limit: int, offset: int
) -> Listing[Evidence]:
    checked(store, selection)
    (total,) = index.chosen(indexed, store, selection, "COUNT(*)").fetchone()
    order = f"ORDER BY s.date DESC, s.article, s.place, s.stop, s.id LIMIT {limit:d} OFFSET {offset:d}"
    ids = [row[0] for row in index.chosen(indexed, store, selection, "s.id", then=order)]
    base = base_of(store)
    found = evidence(store, [iri(base, "statement", id) for id in ids])
    return Listing(items=tuple(found), total=total, limit=limit, offset=offset)


def _statements_by_article(
    store: Store, selection: Selection, *, within: Sequence[str] | None = None
) -> Mapping[str, list[str]] | None:
    """IRIs of the selected statements by the id of their article; None where only whole articles are selected."""
    where, bindings = narrowed(store, selection)
    if within is not None:
        where += NARROWED["article"] if selection.article is None else ""
        bindings["article"] = [iri(base_of(store), "article", id) for id in within]
    elif selection in (Selection(), Selection(publisher=selection.publisher)):
        return None
    found: dict[str, list[str]] = defaultdict(list)
    if within is None or within:
        for row in store.rows(HEAD + "SELECT ?statement ?article WHERE {" + where + "}", **bindings):
            found[id_of(row["article"])].append(row["statement"])
    return found


def _counted(table: Mapping[str, "ArticleEntry"], selection: Selection) -> Mapping[str, int]:
    return {each.id: each.statements for each in table.values() if selection.publisher in (None, each.publisher)}


def narrowed(store: Store, selection: Selection, *, binding: Collection[str] = ()) -> tuple[str, dict[str, Bound]]:
    """The graph pattern of the selected statements and the values of its parameters.

    The pattern binds ?statement, ?article and ?stance; ?actor and ?reform where they are selected, or named in
    `binding`. Raises UnknownActor and its like for an id that
    is not in the graph.
    """
    base = base_of(store)
    bindings: dict[str, Bound] = {}
    if selection.actor is not None:
        bindings["actor"] = iri(base, "actor", actor(store, selection.actor).id)
    if selection.reform is not None:
        bindings["reform"] = [iri(base, "reform", each) for each in _reforms_meant(store, selection)]
    if selection.stance is not None:
        bindings["stance"] = STANCES[selection.stance]
    if selection.concern is not None:
        if selection.concern not in concerns(store):
            raise Unknown(f"no concern {selection.concern!r} in this graph")
        bindings["concern"] = iri(base, "concern", selection.concern)
    if selection.article is not None:
        bindings["article"] = iri_of(store, "article", selection.article, UnknownArticle)
    if selection.publisher is not None:
        bindings["publisher"] = selection.publisher
    if selection.manner is not None:
        bindings["manner"] = MANNERS[selection.manner]
    if selection.reader is not None:
        bindings["reader"] = selection.reader
    if selection.since:
        bindings["since"] = selection.since
    if selection.until:
        bindings["until"] = selection.until
    reviewed = remembered(
        store, "reviewed", lambda: store.ask(HEAD + "ASK { ?statement :verdict ?verdict }"), spared=DERIVED
    )
    parts = CHECKED if reviewed else STATEMENT
    # What selects few statements comes first: the engine keeps to the order where something is optional.
    first = [name for name in ("actor", "reform", "article") if name in bindings]
    patterns = [NARROWED[name] for name in first]
    patterns += [parts[name] for name in ("actor", "reform") if name in bindings or name in binding]
    patterns += [parts["stance"], *(NARROWED[name] for name in bindings if name not in first)]
    if selection.min_confidence > 0:
        bindings["least"] = selection.min_confidence
        patterns.append(NARROWED["min_confidence"])
    if selection.reviewed is not None:
        patterns.append(f"FILTER {'' if selection.reviewed else 'NOT '}EXISTS {{ ?statement :verdict ?any }}")
    return "\n    ".join(patterns), bindings


def checked(store: Store, selection: Selection) -> None:
    """Raises UnknownActor and its like for an id that is not in the graph."""
    if selection.actor is not None and selection.actor not in actor_table(store):
        actor(store, selection.actor)
    if selection.reform is not None:
        reform(store, selection.reform)
    if selection.concern is not None and selection.concern not in concerns(store):
        raise Unknown(f"no concern {selection.concern!r} in this graph")
    if selection.article is not None:
        iri_of(store, "article", selection.article, UnknownArticle)


def summary(store: Store, selection: Selection) -> Summary:
    """How many statements, of which side, when, in how many articles of how many publishers."""
    with index.current(store) as indexed:
        if indexed is not None:
            return _summary_of_rows(store, indexed, selection)
    where, bindings = narrowed(store, selection)
    by_article = store.select(
        HEAD
        + "SELECT ?article ?stance (COUNT(?statement) AS ?n) (COUNT(?condition) AS ?conditional) WHERE {"
        + where
        + " OPTIONAL { ?statement :condition ?condition } } GROUP BY ?article ?stance",
        **bindings,
    )
    metadata = article_table(store)
    by_stance: dict[Stance, int] = defaultdict(int)
    dates: dict[str, dict[Stance, int]] = defaultdict(lambda: defaultdict(int))
    publishers = set()
    for row in by_article:
        stance = Stance(name_of(row["stance"]))
        source = metadata.get(id_of(row["article"]))
        by_stance[stance] += row["n"]
        dates[source.date if source else ""][stance] += row["n"]
        publishers.add(source.publisher if source else "")
    return Summary(
        statements=_in_order(by_stance),
        articles=len({row["article"] for row in by_article}),
        publishers=len(publishers),
        conditional=sum(row["conditional"] for row in by_article),
        dates={when: _in_order(dates[when]) for when in sorted(dates)},
    )


def _summary_of_rows(store: Store, indexed: Connection, selection: Selection) -> Summary:
    checked(store, selection)
    by_name = {str(stance): stance for stance in SIDES}
    by_stance: dict[Stance, int] = defaultdict(int)
    dates: dict[str, dict[Stance, int]] = defaultdict(dict)
    conditional = 0
    columns = "s.date, s.stance, COUNT(*), COUNT(s.condition)"
    for date, side, number, conditions in index.chosen(
        indexed, store, selection, columns, then="GROUP BY s.date, s.stance"
    ):
        stance = by_name[side]
        by_stance[stance] += number
        dates[date][stance] = number
        conditional += conditions
    sources = index.chosen(indexed, store, selection, "COUNT(DISTINCT s.article), COUNT(DISTINCT s.publisher)")
    articles, publishers = sources.fetchone()
    return Summary(
        statements=_in_order(by_stance),
        articles=articles,
        publishers=publishers,
        conditional=conditional,
        dates={when: _in_order(dates[when]) for when in sorted(dates)},
    )


def grounds(store: Store, selection: Selection) -> Mapping[str, Mapping[Stance, int]]:
    """How many of the selected statements of each side name a concern, by the concern's id."""
    counts: dict[str, dict[Stance, int]] = defaultdict(dict)
    with index.current(store) as indexed:
        if indexed is not None:
            checked(store, selection)
            joined, grouped = "JOIN ground g ON g.statement = s.number", "GROUP BY g.concern, s.stance"
            columns = "g.concern, s.stance, COUNT(*)"
            for concern, side, number in index.chosen(indexed, store, selection, columns, joined=joined, then=grouped):
                counts[concern][Stance(side)] = number
            return counts
    where, bindings = narrowed(store, selection)
    counted = "SELECT ?ground ?stance (COUNT(?statement) AS ?n) WHERE {" + where + " ?statement :concern ?ground }"
    for row in store.select(HEAD + counted + " GROUP BY ?ground ?stance", **bindings):
        counts[id_of(row["ground"])][Stance(name_of(row["stance"]))] = row["n"]
    return counts


def speakers(store: Store, selection: Selection, *, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Who is quoted in the selected statements, and in how many of them; the most quoted first."""
    with index.current(store) as indexed:
        if indexed is not None:
            checked(store, selection)
            grouped = (
                f"GROUP BY s.speaker HAVING s.speaker IS NOT NULL ORDER BY COUNT(*) DESC, s.speaker LIMIT {limit:d}"
            )
            return list(index.chosen(indexed, store, selection, "s.speaker, COUNT(*)", then=grouped))
    where, bindings = narrowed(store, selection)
    counted = "SELECT ?speaker (COUNT(?statement) AS ?n) WHERE {" + where + " ?statement :speakerName ?speaker }"
    rows = store.select(f"{HEAD}{counted} GROUP BY ?speaker ORDER BY DESC(?n) ?speaker LIMIT {limit:d}", **bindings)
    return [(row["speaker"], row["n"]) for row in rows]


# Positions


def positions(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[Position]:
    """What each actor holds on each reform by the selected statements, those with most statements first.

    A stance selects positions, not statements: who is mixed has statements of both sides.
    """
    selection = selection or Selection()
    if replace(selection, actor=None, reform=None, narrower=False, stance=None) != Selection():
        return _page(_positions_from_statements(store, selection), limit, offset)
    chosen = selected_sides(store, selection)
    found = held(store, chosen[offset : offset + limit])
    return Listing(items=tuple(each.position for each in found), total=len(chosen), limit=limit, offset=offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a statement of a position comes to, without its words."""

    statement: str
    """IRI."""
    stance: Stance
    confidence: float
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position of the graph, with what each of its statements comes to, in order of date."""

    position: Position
    claims: tuple[Claimed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """That an actor takes a side on a reform, in so many statements."""

    actor: str
    reform: str
    stance: Stance
    statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Who takes which side on what, without the words: by actor and by reform, those with most statements first."""

    all: tuple[Side, ...]
    of_actor: Mapping[str, tuple[Side, ...]]
    on_reform: Mapping[str, tuple[Side, ...]]


def sides(store: Store) -> Sides:
    """Every position of the graph in short; read once, and what has changed after each write."""
    return remembered(
        store,
        "sides",
        lambda: _sorted_sides(_read_sides(store, None)),
        # Positions stand in their own graph, whatever else is written.
        spared=("article", "vocabulary", "ontology", "found", "reviews", "networks"),
        renewed=lambda before, touched: _renewed_sides(store, before, touched),
    )


def _read_sides(store: Store, positions: Sequence[Iri] | None) -> Iterable[Side]:
    if positions is None:
        with index.current(store) as indexed:
            if indexed is not None:
                by_name = {str(stance): stance for stance in Stance}
                rows = indexed.execute("SELECT actor, reform, stance, statements FROM position")
                return [Side(actor=a, reform=r, stance=by_name[side], statements=n) for a, r, side, n in rows]
    stances = {str(term): stance for stance, term in STANCES.items()}
    names: dict[str, str] = {}

    def id(thing: str) -> str:
        return names.get(thing) or names.setdefault(thing, id_of(thing))

    return [
        Side(actor=id(row["actor"]), reform=id(row["reform"]), stance=stances[row["stance"]], statements=row["number"])
        for row in store.rows(POSITIONS, position=positions)
    ]


def _sorted_sides(found: Iterable[Side]) -> Sides:
    ordered = sorted(found, key=lambda each: (-each.statements, each.actor, each.reform))
    of_actor: dict[str, list[Side]] = defaultdict(list)
    on_reform: dict[str, list[Side]] = defaultdict(list)
    for each in ordered:
        of_actor[each.actor].append(each)
        on_reform[each.reform].append(each)
    return Sides(
        all=tuple(ordered),
        of_actor={id: tuple(of) for id, of in of_actor.items()},
        on_reform={id: tuple(of) for id, of in on_reform.items()},
    )


def _renewed_sides(store: Store, before: Sides, touched: Touched) -> Sides | None:
    pairs = touched_positions(store, touched)
    if pairs is None:
        return None
    base = base_of(store)
    new = list(_read_sides(store, [iri(base, "position", *pair) for pair in sorted(pairs)]))
    return _sorted_sides([each for each in before.all if (each.actor, each.reform) not in pairs] + new)


def selected_sides(store: Store, selection: Selection) -> list[Side]:
    """The sides of an actor, on a reform, of a stance, those with most statements first."""
    table = sides(store)
    found: Iterable[Side] = table.all
    if selection.actor is not None:
        found = table.of_actor.get(actor(store, selection.actor).id, ())
    if selection.reform is not None:
        meant = _reforms_meant(store, selection)
        if selection.actor is None and len(meant) == 1:
            found = table.on_reform.get(meant[0], ())
        else:
            found = (each for each in found if each.reform in meant)
    return [each for each in found if selection.stance in (None, each.stance)]


def held(store: Store, chosen: Sequence[Side]) -> tuple[Held, ...]:
    """The positions that these are, with all that is known of them."""
    base = base_of(store)
    iris = {each: iri(base, "position", each.actor, each.reform) for each in chosen}
    wanted = list(iris.values())
    if not wanted:
        return ()
    details = {row["position"]: row for row in store.select(POSITION_DETAILS, position=wanted)}
    claims = _claimed(store, [(each.actor, each.reform) for each in chosen])
    grounds: dict[str, list[str]] = defaultdict(list)
    conditions: dict[str, list[str]] = defaultdict(list)
    turns: dict[str, list[Change]] = defaultdict(list)
    for row in store.select(CONCERNS_OF, it=wanted):
        grounds[row["it"]].append(id_of(row["concern"]))
    for row in store.select(CONDITIONS_OF, it=wanted):
        conditions[row["it"]].append(row["condition"])
    for row in store.select(CHANGES_OF, position=wanted):
        before, after = Stance(name_of(row["before"])), Stance(name_of(row["after"]))
        turns[row["position"]].append(Change(before=before, after=after, date=row["date"]))
    names = actor_table(store)
    tree = reform_tree(store)

    def made(side: Side, it: str) -> Held:
        row = details[it]
        position = Position(
            actor=side.actor,
            actor_label=names[side.actor].label if side.actor in names else side.actor,
            reform=side.reform,
            reform_label=tree[side.reform].label if side.reform in tree else side.reform,
            stance=side.stance,
            first=row.get("first", ""),
            last=row.get("last", ""),
            statements=tuple(id_of(each.statement) for each in claims[side.actor, side.reform]),
            counts={stance: row[stance.value] for stance in Stance if row[stance.value]},
            articles=row["articles"],
            publishers=row["publishers"],
            concerns=tuple(grounds[it]),
            conditions=tuple(conditions[it]),
            changes=tuple(turns[it]),
        )
        return Held(position=position, claims=tuple(claims[side.actor, side.reform]))

    return tuple(made(each, it) for each, it in iris.items() if it in details)


def claimed(store: Store, pairs: Sequence[tuple[str, str]]) -> list[list[Claimed]]:
    """What the statements of each position (actor, reform) come to, in order of date."""
    found = _claimed(store, pairs)
    return [found[pair] for pair in pairs]


def _claimed(store: Store, pairs: Collection[tuple[str, str]]) -> Mapping[tuple[str, str], list[Claimed]]:
    found: dict[tuple[str, str], list[Claimed]] = {pair: [] for pair in pairs}
    if not pairs:
        return found
    with index.current(store) as indexed:
        if indexed is not None:
            base = base_of(store)
            columns = "SELECT id, stance, confidence, date FROM statement WHERE actor = ? AND reform = ?"
            for pair in found:
                for id, stance, confidence, date in indexed.execute(columns, pair):
                    found[pair].append(
                        Claimed(
                            statement=iri(base, "statement", id),
                            stance=Stance(stance),
                            confidence=confidence,
                            date=date,
                        )
                    )
        else:
            _claimed_of_positions(store, found)
    for claims in found.values():
        claims.sort(key=lambda each: (not each.date, each.date, each.statement))
    return found


def _claimed_of_positions(store: Store, found: Mapping[tuple[str, str], list[Claimed]]) -> None:
    base = base_of(store)
    pairs = {str(iri(base, "position", *pair)): pair for pair in found}
    table = article_table(store)
    for row in store.select(STATEMENTS_OF_POSITIONS, position=map(Iri, pairs)):
        source = table.get(id_of(row["article"]))
        claim = Claimed(
            statement=row["statement"],
            stance=Stance(name_of(row.get("right_stance", row["stance"]))),
            confidence=float(row["confidence"]),
            date=source.date if source else "",
        )
        found[pairs[row["position"]]].append(claim)


def _positions_from_statements(store: Store, selection: Selection) -> list[Position]:
    """The positions as they would be if there were no statements but the selected ones."""
    tree, known = reform_tree(store), actor_table(store)
    made = [
        replace(
            each,
            actor_label=known[each.actor].label if each.actor in known else each.actor,
            reform_label=tree[each.reform].label if each.reform in tree else each.reform,
        )
        for each in positions_of_claims(_claims(store, replace(selection, stance=None)))
    ]
    found = [each for each in made if selection.stance in (None, each.stance)]
    return sorted(found, key=lambda each: (-len(each.statements), each.actor, each.reform))


def _claims(store: Store, selection: Selection) -> list[Claim]:
    """What the selected statements give to positions."""
    sources = article_table(store)

    def claim(
        id: str, actor: str, reform: str, stance: Stance, article: str, concerns: Iterable[str], condition: str | None
    ) -> Claim:
        source = sources.get(article)
        original = sources.get(source.release, source) if source else None
        return Claim(
            statement=id,
            actor=actor,
            reform=reform,
            stance=stance,
            article=(source.release if source else "") or article,
            date=source.date if source else "",
            publisher=original.publisher if original else "",
            concerns=tuple(sorted(concerns)),
            condition=condition,
        )

    with index.current(store) as indexed:
        if indexed is not None:
            checked(store, selection)
            named: dict[int, list[str]] = defaultdict(list)
            joined = "JOIN ground g ON g.statement = s.number"
            for number, concern in index.chosen(indexed, store, selection, "s.number, g.concern", joined=joined):
                named[number].append(concern)
            columns = "s.number, s.id, s.actor, s.reform, s.stance, s.article, s.condition"
            return [
                claim(id, actor, reform, Stance(stance), article, named.get(number, ()), condition)
                for number, id, actor, reform, stance, article, condition in index.chosen(
                    indexed, store, selection, columns
                )
            ]
    where, bindings = narrowed(store, selection, binding=("actor", "reform"))
    rows = store.select(
        HEAD
        + "SELECT ?statement ?actor ?reform ?stance ?article ?condition WHERE {"
        + where
        + " OPTIONAL { ?statement :condition ?condition } }",
        **bindings,
    )
    concerns_of: dict[str, list[str]] = defaultdict(list)
    concern_of = "SELECT ?statement ?ground WHERE {" + where + " ?statement :concern ?ground }"
    for row in store.select(HEAD + concern_of, **bindings):
        concerns_of[row["statement"]].append(id_of(row["ground"]))
    return [
        claim(
            id_of(row["statement"]),
            id_of(row["actor"]),
            id_of(row["reform"]),
            Stance(name_of(row["stance"])),
            id_of(row["article"]),
            concerns_of[row["statement"]],
            row.get("condition"),
        )
        for row in rows
    ]


# Actors


def actors(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[ActorEntry]:
    """The actors of the selected statements, those with most first; every actor where nothing is selected."""
    if selection is None or selection == Selection():
        return _page(list(actor_table(store).values()), limit, offset)
    known = actor_table(store)
    of: dict[str, list[Position]] = defaultdict(list)
    for each in positions(store, selection, limit=EVERY).items:
        of[each.actor].append(each)
    entries = [
        ActorEntry(
            id=id,
            label=held[0].actor_label,
            kind=known[id].kind if id in known else "",
            reforms=_in_order(Counter(each.stance for each in held)),
            statements=sum(len(each.statements) for each in held),
        )
        for id, held in of.items()
    ]
    entries.sort(key=lambda each: (-each.statements, each.label.casefold()))
    return _page(entries, limit, offset)


def actor_table(store: Store) -> Mapping[str, ActorEntry]:
    """Every actor by its id, those with most statements first."""
    return remembered(store, "actors", lambda: _actor_table(store), spared=("networks",))


def _actor_table(store: Store) -> Mapping[str, ActorEntry]:
    of_actor = sides(store).of_actor
    entries = []
    for id, (label, kind) in _actor_names(store).items():
        taken = of_actor.get(id, ())
        counts = Counter(each.stance for each in taken)
        number = sum(each.statements for each in taken)
        entries.append(ActorEntry(id=id, label=label, kind=kind, reforms=_in_order(counts), statements=number))
    return {each.id: each for each in sorted(entries, key=lambda each: (-each.statements, each.label.casefold()))}


def actor_named(store: Store, name: str) -> str | None:
    """Return the id of the one actor with this id or name, whatever its case; None if there is none, or several."""

    def read() -> Mapping[str, str]:
        return by_name({id: (label,) for id, (label, _) in _actor_names(store).items()})

    return remembered(store, "actors by name", read, spared=REVIEWED).get(folded(name))


def _actor_names(store: Store) -> Mapping[str, tuple[str, str]]:
    """Label and kind of every actor by its id."""

    def read() -> Mapping[str, tuple[str, str]]:
        rows = store.select(
            HEAD + "SELECT ?it ?label ?type WHERE { ?it a foaf:Agent ; skos:prefLabel ?label OPTIONAL { ?it a ?type } }"
        )
        names: dict[str, str] = {}
        kinds: dict[str, str] = {}
        of_type = {
            PREFIXES["org"] + "Organization": "organisation",
            PREFIXES["foaf"] + "Person": "person",
            PREFIXES["foaf"] + "Group": "group",
        }
        for row in rows:
            names[row["it"]] = min(names.get(row["it"], row["label"]), row["label"])
            if row.get("type") in of_type:
                kinds[row["it"]] = of_type[row["type"]]
        return {id_of(it): (label, kinds.get(it, "not known")) for it, label in names.items()}

    return remembered(store, "actor names", read, spared=REVIEWED)


MEMBERS = HEAD + "SELECT DISTINCT ?actor WHERE { ?actor org:hasMembership ?membership }"


def silent(store: Store, spoken: Collection[str]) -> list[ActorEntry]:
    """Return the actors who could speak for themselves and are not among those who have, most positions first.

    A group has no name of its own and cannot be asked. A person who belongs to an organisation speaks for it.
    """

    def read() -> list[ActorEntry]:
        members = {id_of(row["actor"]) for row in store.rows(MEMBERS)}
        asked = [each for each in actor_table(store).values() if each.kind != "group" and each.id not in members]
        return sorted(asked, key=lambda each: (-sum(each.reforms.values()), each.label.casefold(), each.id))

    return [each for each in remembered(store, "could speak", read) if each.id not in spoken]


# Reforms


def reforms(store: Store, *, limit: int = LIMIT, offset: int = 0) -> Listing[ReformEntry]:
    """The reforms, those on which most actors take a side first."""
    return _page(list(reform_table(store).values()), limit, offset)


def reform_table(store: Store) -> Mapping[str, ReformEntry]:
    """Every reform by its id, those on which most actors take a side first."""

    def read() -> Mapping[str, ReformEntry]:
        on_reform = sides(store).on_reform
        entries = [
            ReformEntry(
                id=each.id,
                label=each.label,
                broader=each.broader,
                definition=each.definition,
                actors=_in_order(Counter(side.stance for side in on_reform.get(each.id, ()))),
                statements=sum(side.statements for side in on_reform.get(each.id, ())),
            )
            for each in reform_tree(store).values()
        ]
        entries.sort(key=lambda each: (-sum(each.actors.values()), -each.statements, each.label.casefold()))
        return {each.id: each for each in entries}

    return remembered(store, "reform table", read, spared=("networks",))


# Concerns


# Articles


def articles(
    store: Store, *, publisher: str | None = None, limit: int = LIMIT, offset: int = 0
) -> Listing[ArticleEntry]:
    """The articles, newest first."""
    table = [each for each in article_table(store).values() if publisher is None or each.publisher == publisher]
    return _page(table, limit, offset)


def article_table(store: Store) -> Mapping[str, ArticleEntry]:
    """Every article's metadata by its id, newest first; without the texts."""
    return remembered(
        store,
        "articles",
        lambda: _in_time(_read_articles(store, None)),
        spared=("vocabulary", *DERIVED),
        renewed=lambda before, touched: _renewed_articles(store, before, touched),
    )


def _read_articles(store: Store, only: Sequence[Iri] | None) -> Iterable[ArticleEntry]:
    where, _ = narrowed(store, Selection())
    counted = f"SELECT ?article (COUNT(?statement) AS ?n) WHERE {{ {NARROWED['article']} {where} }} GROUP BY ?article"
    with index.current(store) as indexed:
        if indexed is not None and only is None:
            base = base_of(store)
            counts = indexed.execute("SELECT article, COUNT(*) FROM statement GROUP BY article")
            numbers = {str(iri(base, "article", id)): number for id, number in counts}
        else:
            numbers = {row["article"]: row["n"] for row in store.select(HEAD + counted, article=only)}
    for row in store.rows(SOURCES, article=only):
        yield ArticleEntry(
            id=id_of(row["article"]),
            title=row.get("title", "") or id_of(row["article"]),
            publisher=row.get("publisher", ""),
            date=row.get("date", ""),
            url=row.get("url", ""),
            voice=row.get("voice", ""),
            release=id_of(row["repeats"]) if "repeats" in row else "",
            statements=numbers.get(row["article"], 0),
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


# Reading


def publishers(store: Store) -> tuple[str, ...]:
    """Every publisher of an article, in the order of the alphabet."""
    return tuple(sorted({each.publisher for each in article_table(store).values() if each.publisher}, key=str.casefold))


def _reforms_meant(store: Store, selection: Selection) -> tuple[str, ...]:
    assert selection.reform is not None  # noqa: S101  # both callers have looked
    if selection.narrower:
        return with_narrower(store, selection.reform)
    return (reform(store, selection.reform).id,)


def _in_order(counts: Mapping[Stance, int]) -> Mapping[Stance, int]:
    return {stance: counts[stance] for stance in SIDES if counts.get(stance)}


def _page(entries: Sequence[Item], limit: int, offset: int) -> Listing[Item]:
    return Listing(items=tuple(entries[offset : offset + limit]), total=len(entries), limit=limit, offset=offset)
