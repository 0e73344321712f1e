"""What is in the graph: statements, positions, actors, reforms and articles, by a selection and a page at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from graph.dataset import dataset
from graph.errors import Unknown, UnknownActor, UnknownArticle, UnknownReform, UnknownStatement
from graph.model import Actor, Article, Change, Concern, Cue, Manner, Position, Reform, Selection, Stance, Statement
from graph.positions import Claim
from graph.positions import positions as positions_of_claims
from graph.remembered import DERIVED, REVIEWED, remembered
from graph.store import Bound, Store
from graph.terms import Iri, Triple
from graph.triples import Dataset, Facts, actors_of, article_of, concerns_of, reforms_of
from graph.vocabulary import (
    MANNERS,
    PREFIXES,
    STANCES,
    graph_iri,
    graph_kind,
    id_of,
    iri,
    kind_and_ids,
    name_of,
)
from graph.writes import Touched

Item = TypeVar("Item")

LIMIT = 50
"""Entries of a list where nobody says how many."""

EVERY = 10_000_000
"""A limit that no list reaches."""

RENEWED = 1_000
"""Things that are read again one by one after a write; where more have changed, all are."""

UNCHECKED = "unchecked"
"""The review of a statement that nobody has looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Item]):
    """One page of a list, and how long the list is."""

    items: tuple[Item, ...]
    total: int
    limit: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing by its id, with the name that people read."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A statement as it is shown: the record, with its article's metadata and the names of what it is about."""

    id: str
    article: str
    start: int
    end: int
    quote: str
    actor: str
    actor_label: str
    speaker: str | None
    reform: str
    reform_label: str
    stance: Stance
    concerns: tuple[str, ...]
    concern_labels: tuple[str, ...]
    condition: str | None
    manner: Manner
    cues: tuple[Cue, ...]
    confidence: float
    title: str
    publisher: str
    date: str
    url: str
    release: str = ""
    """Id of the article that its article repeats."""
    review: str = UNCHECKED
    """What a person has said of it: accepted, rejected or corrected."""

    def statement(self) -> Statement:
        """The bare record."""
        return Statement(
            article=self.article,
            start=self.start,
            end=self.end,
            quote=self.quote,
            actor=self.actor,
            actor_label=self.actor_label,
            speaker=self.speaker,
            reform=self.reform,
            stance=self.stance,
            concerns=self.concerns,
            condition=self.condition,
            manner=self.manner,
            cues=self.cues,
            confidence=self.confidence,
        )


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


HEAD = "".join(f"PREFIX {prefix}: <{start}>\n" for prefix, start in PREFIXES.items())

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
    "actor": """?statement :actor ?found_actor .
    OPTIONAL { ?statement :correctedActor ?right_actor }
    BIND(COALESCE(?right_actor, ?found_actor) AS ?actor)""",
    "reform": """?statement :reform ?found_reform .
    OPTIONAL { ?statement :correctedReform ?right_reform }
    BIND(COALESCE(?right_reform, ?found_reform) AS ?reform)""",
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
    "min_confidence": "VALUES ?least { UNDEF } ?statement :confidence ?confidence . FILTER(?confidence >= ?least)",
}

DETAILS = (
    HEAD
    + """
SELECT ?statement ?article ?actor ?actor_label ?speaker ?reform ?stance ?condition ?manner ?confidence ?quote ?start
    ?end ?right_actor ?right_reform ?right_stance ?verdict
WHERE {
    VALUES ?statement { UNDEF }
    ?statement prov:wasQuotedFrom ?article ; :actor ?actor ; :actorLabel ?actor_label ; :reform ?reform ;
        :stance ?stance ; :manner ?manner ; :confidence ?confidence ; :passage ?passage .
    ?passage oa:hasSelector ?words , ?place .
    ?words oa:exact ?quote .
    ?place oa:start ?start ; oa:end ?end .
    OPTIONAL { ?statement :speakerName ?speaker }
    OPTIONAL { ?statement :condition ?condition }
    OPTIONAL { ?statement :correctedActor ?right_actor }
    OPTIONAL { ?statement :correctedReform ?right_reform }
    OPTIONAL { ?statement :correctedStance ?right_stance }
    OPTIONAL { ?statement :verdict ?verdict }
}"""
)
CONCERNS_OF = HEAD + "SELECT ?it ?concern WHERE { VALUES ?it { UNDEF } ?it :concern ?concern } ORDER BY ?concern"
CUES_OF = (
    HEAD
    + """
SELECT ?statement ?cue ?text ?start ?end ?effect ?weight WHERE {
    VALUES ?statement { UNDEF }
    ?statement :cue ?cue .
    ?cue oa:exact ?text ; oa:start ?start ; oa:end ?end ; :effect ?effect ; :weight ?weight
}"""
)
SOURCES = (
    HEAD
    + """
SELECT ?article ?title ?publisher ?date ?url ?voice ?repeats WHERE {
    VALUES ?article { UNDEF }
    ?article a schema:Article
    OPTIONAL { ?article dct:title ?title }
    OPTIONAL { ?article dc:publisher ?publisher }
    OPTIONAL { ?article dct:date ?date }
    OPTIONAL { ?article schema:url ?url }
    OPTIONAL { ?article :voice ?voice }
    OPTIONAL { ?article :repeats ?repeats }
}"""
)
LABELS = HEAD + "SELECT ?thing ?label WHERE { VALUES ?thing { UNDEF } ?thing skos:prefLabel ?label }"
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


def base_of(store: Store) -> str:
    """The beginning of the IRIs of all things in the store."""
    return about(store).base


def about(store: Store) -> Dataset:
    """What the graph is about."""
    return remembered(store, "dataset", lambda: dataset(store), spared=REVIEWED)


# Statements


def statements(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[Evidence]:
    """The selected statements, newest article first and within one in the order of its text."""
    selection = selection or Selection()
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


def statement(store: Store, id: str) -> Evidence:
    """The statement with this id. Raises UnknownStatement."""
    found = evidence(store, [_iri(store, "statement", id, UnknownStatement)])
    if not found:
        raise UnknownStatement(f"no statement {id!r} in this graph")
    return found[0]


def evidence(store: Store, iris: Sequence[str]) -> list[Evidence]:
    """The statements with these IRIs, in this order; one that is not there is left out."""
    if not iris:
        return []
    wanted = [Iri(each) for each in iris]
    rows = {row["statement"]: row for row in store.select(DETAILS, statement=wanted)}
    concerns_named = concerns(store)
    grounds = defaultdict(list)
    for row in store.select(CONCERNS_OF, it=wanted):
        grounds[row["it"]].append(id_of(row["concern"]))
    cues = defaultdict(list)
    for row in store.select(CUES_OF, statement=wanted):
        cues[row["statement"]].append(row)
    sources = {row["article"]: row for row in store.select(SOURCES, article=_distinct(rows.values(), "article"))}
    reforms_named = reform_tree(store)
    renamed = labels(store, (row["right_actor"] for row in rows.values() if "right_actor" in row))
    found = []
    for each in dict.fromkeys(iris):
        if each not in rows:
            continue
        row = rows[each]
        source = sources.get(row["article"], {})
        who = row.get("right_actor", row["actor"])
        reform = id_of(row.get("right_reform", row["reform"]))
        named = tuple(sorted(set(grounds[each])))
        found.append(
            Evidence(
                id=id_of(each),
                article=id_of(row["article"]),
                start=row["start"],
                end=row["end"],
                quote=row["quote"],
                actor=id_of(who),
                actor_label=renamed.get(who, row["actor_label"]),
                speaker=row.get("speaker"),
                reform=reform,
                reform_label=reforms_named[reform].label if reform in reforms_named else reform,
                stance=Stance(name_of(row.get("right_stance", row["stance"]))),
                concerns=named,
                concern_labels=tuple(concerns_named[it].label if it in concerns_named else it for it in named),
                condition=row.get("condition"),
                manner=Manner(name_of(row["manner"])),
                cues=tuple(_cue(cue) for cue in sorted(cues[each], key=lambda cue: (cue["start"], cue["cue"]))),
                confidence=float(row["confidence"]),
                title=source.get("title", ""),
                publisher=source.get("publisher", ""),
                date=source.get("date", ""),
                url=source.get("url", ""),
                release=id_of(source["repeats"]) if "repeats" in source else "",
                review=name_of(row["verdict"]) if "verdict" in row else UNCHECKED,
            )
        )
    return found


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
        bindings["article"] = _iri(store, "article", selection.article, UnknownArticle)
    if selection.publisher is not None:
        bindings["publisher"] = selection.publisher
    if selection.manner is not None:
        bindings["manner"] = MANNERS[selection.manner]
    if selection.since:
        bindings["since"] = selection.since
    if selection.until:
        bindings["until"] = selection.until
    reviewed = remembered(
        store, "reviewed", lambda: store.ask(HEAD + "ASK { ?statement :verdict ?verdict }"), spared=DERIVED
    )
    parts = CHECKED if reviewed else STATEMENT
    patterns = [parts["stance"]]
    patterns += [parts[name] for name in ("actor", "reform") if name in bindings or name in binding]
    patterns += [NARROWED[name] for name in bindings]
    if selection.min_confidence > 0:
        bindings["least"] = selection.min_confidence
        patterns.append(NARROWED["min_confidence"])
    if selection.reviewed is not None:
        patterns.append(f"FILTER {'' if selection.reviewed else 'NOT '}EXISTS {{ ?statement :verdict ?any }}")
    return "\n    ".join(patterns), bindings


def summary(store: Store, selection: Selection) -> Summary:
    """How many statements, of which side, when, in how many articles of how many publishers."""
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
        spared=("article", "vocabulary", "reviews", "networks"),
        renewed=lambda before, touched: _renewed_sides(store, before, touched),
    )


def _read_sides(store: Store, positions: Sequence[Iri] | None) -> Iterable[Side]:
    stances = {str(term): stance for stance, term in STANCES.items()}
    names: dict[str, str] = {}

    def id(thing: str) -> str:
        return names.get(thing) or names.setdefault(thing, id_of(thing))

    for row in store.rows(POSITIONS, position=positions):
        yield Side(
            actor=id(row["actor"]), reform=id(row["reform"]), stance=stances[row["stance"]], statements=row["number"]
        )


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


def touched_positions(store: Store, touched: Touched) -> set[tuple[str, str]] | None:
    """Actor and reform of each position that was written; None where that is not known, or of too many."""
    base = base_of(store)
    found: set[tuple[str, str]] = set()
    for graph, subjects in touched.items():
        if subjects is None or graph_kind(base, graph) != "positions":
            return None
        for subject in subjects:
            match kind_and_ids(base, subject.partition("#")[0]):
                case "position", (actor, reform):
                    found.add((actor, reform))
    return found if len(found) <= RENEWED else None


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
    claims = _claimed(store, wanted)
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
            statements=tuple(id_of(each.statement) for each in claims[it]),
            counts={stance: row[stance.value] for stance in Stance if row[stance.value]},
            articles=row["articles"],
            publishers=row["publishers"],
            concerns=tuple(grounds[it]),
            conditions=tuple(conditions[it]),
            changes=tuple(turns[it]),
        )
        return Held(position=position, claims=tuple(claims[it]))

    return tuple(made(each, it) for each, it in iris.items() if it in details)


def claimed(store: Store, pairs: Sequence[tuple[str, str]]) -> list[list[Claimed]]:
    """What the statements of each position (actor, reform) come to, in order of date."""
    iris = [iri(base_of(store), "position", *pair) for pair in pairs]
    found = _claimed(store, iris)
    return [found[it] for it in iris]


def _claimed(store: Store, of: Sequence[Iri]) -> Mapping[str, list[Claimed]]:
    found: dict[str, list[Claimed]] = defaultdict(list)
    if of:
        table = article_table(store)
        for row in store.select(STATEMENTS_OF_POSITIONS, position=of):
            source = table.get(id_of(row["article"]))
            claim = Claimed(
                statement=row["statement"],
                stance=Stance(name_of(row.get("right_stance", row["stance"]))),
                confidence=float(row["confidence"]),
                date=source.date if source else "",
            )
            found[row["position"]].append(claim)
    for claims in found.values():
        claims.sort(key=lambda each: (not each.date, each.date, each.statement))
    return found


def _positions_from_statements(store: Store, selection: Selection) -> list[Position]:
    """The positions as they would be if there were no statements but the selected ones."""
    where, bindings = narrowed(store, replace(selection, stance=None), binding=("actor", "reform"))
    rows = store.select(
        HEAD
        + "SELECT ?statement ?actor ?reform ?stance ?article ?condition WHERE {"
        + where
        + " OPTIONAL { ?statement :condition ?condition } }",
        **bindings,
    )
    grounds: dict[str, list[str]] = defaultdict(list)
    concern_of = "SELECT ?statement ?ground WHERE {" + where + " ?statement :concern ?ground }"
    for row in store.select(HEAD + concern_of, **bindings):
        grounds[row["statement"]].append(id_of(row["ground"]))
    sources = article_table(store)
    claims = []
    for row in rows:
        source = sources.get(id_of(row["article"]))
        original = sources.get(source.release, source) if source else None
        claims.append(
            Claim(
                statement=id_of(row["statement"]),
                actor=id_of(row["actor"]),
                reform=id_of(row["reform"]),
                stance=Stance(name_of(row["stance"])),
                article=(source.release if source else "") or id_of(row["article"]),
                date=source.date if source else "",
                publisher=original.publisher if original else "",
                concerns=tuple(sorted(grounds[row["statement"]])),
                condition=row.get("condition"),
            )
        )
    tree, known = reform_tree(store), actor_table(store)
    made = [
        replace(
            each,
            actor_label=known[each.actor].label if each.actor in known else each.actor,
            reform_label=tree[each.reform].label if each.reform in tree else each.reform,
        )
        for each in positions_of_claims(claims)
    ]
    found = [each for each in made if selection.stance in (None, each.stance)]
    return sorted(found, key=lambda each: (-len(each.statements), each.actor, each.reform))


# Actors


def actor(store: Store, id: str) -> Actor:
    """The actor with this id. Raises UnknownActor."""
    wanted = _iri(store, "actor", id, UnknownActor)
    about = _facts(store, [wanted])
    nodes = about.all(wanted, Iri(PREFIXES["org"] + "hasMembership"))
    if nodes:
        about = _facts(store, [wanted, *map(Iri, nodes)])
    found = next(actors_of(about), None)
    if found is None:
        raise UnknownActor(f"no actor {id!r} in this graph")
    return found


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


# Reforms


def reform_tree(store: Store) -> Mapping[str, Reform]:
    """Every reform by its id."""

    def read() -> Mapping[str, Reform]:
        rows = store.select(HEAD + "SELECT ?it WHERE { ?it a :Reform }")
        wanted = _distinct(rows, "it")
        return {each.id: each for each in reforms_of(_facts(store, wanted))} if wanted else {}

    return remembered(store, "reforms", read, spared=REVIEWED)


def reform(store: Store, id: str) -> Reform:
    """The reform with this id. Raises UnknownReform."""
    try:
        return reform_tree(store)[id]
    except KeyError:
        raise UnknownReform(f"no reform {id!r} in this graph") from None


def with_narrower(store: Store, id: str) -> tuple[str, ...]:
    """The reform and all that are narrower, however deep."""
    tree = reform_tree(store)
    found = [reform(store, id).id]
    for each in found:
        found.extend(it.id for it in tree.values() if it.broader == each and it.id not in found)
    return tuple(found)


def above(store: Store, id: str) -> tuple[Named, ...]:
    """The broader reforms, the broadest first."""
    tree = reform_tree(store)
    found: list[Named] = []
    broader = reform(store, id).broader
    while broader in tree and broader not in {each.id for each in found}:
        found.insert(0, Named(id=broader, label=tree[broader].label))
        broader = tree[broader].broader
    return tuple(found)


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


def concerns(store: Store) -> Mapping[str, Concern]:
    """Every concern by its id."""

    def read() -> Mapping[str, Concern]:
        wanted = _distinct(store.select(HEAD + "SELECT ?it WHERE { ?it a :Concern }"), "it")
        return {each.id: each for each in concerns_of(_facts(store, wanted))} if wanted else {}

    return remembered(store, "concerns", read, spared=REVIEWED)


# Articles


def article(store: Store, id: str) -> Article:
    """The article with this id, its text to the letter. Raises UnknownArticle."""
    wanted = _iri(store, "article", id, UnknownArticle)
    found = article_of(Facts(store.triples(graph_iri(base_of(store), "article", id), subject=wanted)))
    if found is None:
        raise UnknownArticle(f"no article {id!r} in this graph")
    return found


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


ARTICLES_OF = (
    HEAD + "SELECT DISTINCT ?article WHERE { VALUES ?statement { UNDEF } ?statement prov:wasQuotedFrom ?article }"
)


def touched_articles(store: Store, touched: Touched) -> set[str] | None:
    """The articles that were written, or whose statements were reviewed; None where that is not known, or too many."""
    base = base_of(store)
    statements: list[Iri] = []
    found: set[str] = set()
    for graph, subjects in touched.items():
        match graph_kind(base, graph):
            case "article":
                found.add(id_of(graph))
            case "reviews" if subjects is not None:
                begin = iri(base, "statement", "")
                statements += [Iri(it) for it in subjects if it.startswith(begin) and "#" not in it]
            case _:
                return None
    if len(statements) > RENEWED:
        return None
    if statements:
        found.update(id_of(row["article"]) for row in store.rows(ARTICLES_OF, statement=statements))
    return found if len(found) <= RENEWED else None


# Reading


def labels(store: Store, iris: Iterable[str]) -> Mapping[str, str]:
    """The names of things by their IRI; the first in the alphabet where one has several."""
    wanted = [Iri(each) for each in dict.fromkeys(iris)]
    found: dict[str, str] = {}
    if wanted:
        for row in store.select(LABELS, thing=wanted):
            found[row["thing"]] = min(found.get(row["thing"], row["label"]), row["label"])
    return found


def publishers(store: Store) -> tuple[str, ...]:
    """Every publisher of an article, in the order of the alphabet."""
    return tuple(sorted({each.publisher for each in article_table(store).values() if each.publisher}, key=str.casefold))


def _reforms_meant(store: Store, selection: Selection) -> tuple[str, ...]:
    assert selection.reform is not None  # noqa: S101  # both callers have looked
    if selection.narrower:
        return with_narrower(store, selection.reform)
    return (reform(store, selection.reform).id,)


def _iri(store: Store, kind: str, id: str, unknown: type[Unknown]) -> Iri:
    if not _encodes(id):
        raise unknown(f"no {kind} {id!r} in this graph")
    return iri(base_of(store), kind, id)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _facts(store: Store, things: Iterable[Iri]) -> Facts:
    # Each thing's own triples, wherever they stand: an actor may be named by several articles.
    triples: list[Triple] = []
    for each in things:
        triples.extend(store.triples(subject=each))
    return Facts(triples)


def _cue(row: Mapping[str, Any]) -> Cue:
    return Cue(text=row["text"], start=row["start"], end=row["end"], effect=row["effect"], weight=float(row["weight"]))


def _distinct(rows: Iterable[Mapping[str, Any]], name: str) -> list[Iri]:
    return [Iri(each) for each in dict.fromkeys(row[name] for row in rows)]


def _in_order(counts: Mapping[Stance, int]) -> Mapping[Stance, int]:
    return {stance: counts[stance] for stance in Stance if counts.get(stance)}


def _page(entries: Sequence[Item], limit: int, offset: int) -> Listing[Item]:
    return Listing(items=tuple(entries[offset : offset + limit]), total=len(entries), limit=limit, offset=offset)
