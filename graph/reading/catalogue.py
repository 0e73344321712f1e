"""What is in the graph: statements, actors, reforms and articles, by a selection and a page at a time."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from graph.model import Position, Selection, Stance, Standing
from graph.rdf.vocabulary import HEAD, id_of, iri
from graph.reading import index
from graph.reading.evidence import UNCHECKED as UNCHECKED
from graph.reading.evidence import Evidence as Evidence
from graph.reading.evidence import evidence as evidence
from graph.reading.evidence import statement as statement
from graph.reading.held import positions as positions
from graph.reading.held import sides as sides
from graph.reading.listing import EVERY as EVERY
from graph.reading.listing import LIMIT, page
from graph.reading.listing import Listing as Listing
from graph.reading.register import Named as Named
from graph.reading.register import about as about
from graph.reading.register import above as above
from graph.reading.register import actor as actor
from graph.reading.register import actor_named as actor_named
from graph.reading.register import actor_names
from graph.reading.register import article as article
from graph.reading.register import base_of as base_of
from graph.reading.register import concerns as concerns
from graph.reading.register import labels as labels
from graph.reading.register import reform as reform
from graph.reading.register import reform_tree as reform_tree
from graph.reading.register import short_names as short_names
from graph.reading.register import with_narrower as with_narrower
from graph.reading.selected import narrowed as narrowed
from graph.reading.sources import ArticleEntry as ArticleEntry
from graph.reading.sources import article_table as article_table
from graph.reading.sources import articles as articles
from graph.reading.sources import publishers as publishers
from graph.store.embedded import Store
from graph.store.remembered import remembered

REJECTED = "rejected"
"""The review of a statement that a person has rejected."""
SIDES = tuple(Stance)
"""In the order in which pages show them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorEntry:
    """An actor in a list: on how many reforms it takes which side, in how many statements."""

    id: str
    label: str
    kind: str
    reforms: Mapping[Stance, int] = field(default_factory=dict)
    statements: int = 0
    quoted: int = 0
    """Statements in which this person speaks for another actor."""


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
class Summary:
    """What a selection of statements comes to."""

    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    """Statements that set a condition."""
    dates: Mapping[str, Mapping[Stance, int]]
    """Number of statements by the date of their article, at its precision; an empty string if it has none."""


# Statements


def statements(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[Evidence]:
    """Return the selected statements, newest article first and within an article in the order of its text."""
    selection = selection or Selection()
    index.check(store, selection)
    order = f"ORDER BY s.date DESC, s.article, s.place, s.stop, s.id LIMIT {limit:d} OFFSET {offset:d}"
    with index.opened(store) as table:
        (total,) = index.chosen(table, store, selection, "COUNT(*)").fetchone()
        ids = [row[0] for row in index.chosen(table, store, selection, "s.id", then=order)]
    base = base_of(store)
    found = evidence(store, [iri(base, "statement", id) for id in ids])
    return Listing(items=tuple(found), total=total, limit=limit, offset=offset)


def unconfirmed(store: Store, selection: Selection | None = None, *, limit: int = LIMIT) -> Listing[Evidence]:
    """Return the selected statements that do not count because they are unconfirmed; an empty list if all count."""
    if store.counting.counts(Standing.UNCONFIRMED):
        return Listing(items=(), total=0, limit=limit)
    return statements(store, replace(selection or Selection(), standing=Standing.UNCONFIRMED), limit=limit)


def left_out(store: Store) -> int:
    """Return how many statements of the store do not count because they are unconfirmed."""
    return remembered(store, "left out", lambda: unconfirmed(store, limit=0).total)


def summary(store: Store, selection: Selection) -> Summary:
    """Return how many statements take which side, when, and in how many articles of how many publishers."""
    index.check(store, selection)
    by_name = {str(stance): stance for stance in SIDES}
    by_stance: dict[Stance, int] = defaultdict(int)
    dates: dict[str, dict[Stance, int]] = defaultdict(dict)
    conditional = 0
    columns = "s.date, s.stance, COUNT(*), COUNT(s.condition)"
    with index.opened(store) as table:
        rows = index.chosen(table, store, selection, columns, then="GROUP BY s.date, s.stance").fetchall()
        sources = index.chosen(table, store, selection, "COUNT(DISTINCT s.article), COUNT(DISTINCT s.publisher)")
        articles, publishers = sources.fetchone()
    for date, side, number, conditions in rows:
        stance = by_name[side]
        by_stance[stance] += number
        dates[date][stance] = number
        conditional += conditions
    return Summary(
        statements=_in_order(by_stance),
        articles=articles,
        publishers=publishers,
        conditional=conditional,
        dates={when: _in_order(dates[when]) for when in sorted(dates)},
    )


def grounds(store: Store, selection: Selection) -> Mapping[str, Mapping[Stance, int]]:
    """Return how many of the selected statements of each side name a concern, by the concern's id."""
    index.check(store, selection)
    counts: dict[str, dict[Stance, int]] = defaultdict(dict)
    joined, grouped = "JOIN ground g ON g.statement = s.number", "GROUP BY g.concern, s.stance"
    with index.opened(store) as table:
        columns = "g.concern, s.stance, COUNT(*)"
        for concern, side, number in index.chosen(table, store, selection, columns, joined=joined, then=grouped):
            counts[concern][Stance(side)] = number
    return counts


def speakers(store: Store, selection: Selection, *, limit: int = 20) -> Sequence[tuple[str, int]]:
    """Return who is quoted in the selected statements, and in how many of them; the most quoted first."""
    index.check(store, selection)
    grouped = f"GROUP BY s.speaker HAVING s.speaker IS NOT NULL ORDER BY COUNT(*) DESC, s.speaker LIMIT {limit:d}"
    with index.opened(store) as table:
        return list(index.chosen(table, store, selection, "s.speaker, COUNT(*)", then=grouped))


# Actors


def actors(
    store: Store,
    selection: Selection | None = None,
    *,
    silent: bool = True,
    limit: int = LIMIT,
    offset: int = 0,
) -> Listing[ActorEntry]:
    """The actors of the selected statements, those with most first; every actor where nothing is selected.

    Without `silent`, actors that hold no position and are not quoted are left out.
    """
    if selection is None or selection == Selection():
        listed = [each for each in actor_table(store).values() if silent or each.statements or each.quoted]
        return page(listed, limit, offset)
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
    return page(entries, limit, offset)


def actor_table(store: Store) -> Mapping[str, ActorEntry]:
    """Every actor by its id, those with most statements first."""
    return remembered(store, "actors", lambda: _actor_table(store), spared=("networks",))


def _actor_table(store: Store) -> Mapping[str, ActorEntry]:
    of_actor = sides(store).of_actor
    quoted = _quoted(store)
    entries = []
    for id, (label, kind) in actor_names(store).items():
        taken = of_actor.get(id, ())
        counts = Counter(each.stance for each in taken)
        number = sum(each.statements for each in taken)
        entries.append(
            ActorEntry(
                id=id,
                label=label,
                kind=kind,
                reforms=_in_order(counts),
                statements=number,
                quoted=quoted.get(id, 0),
            )
        )
    entries.sort(key=lambda each: (-each.statements, -each.quoted, each.label.casefold()))
    return {each.id: each for each in entries}


SPOKEN = (
    HEAD
    + """SELECT ?statement ?person WHERE {
  ?statement :speaker ?person ; :actor ?actor . ?person a foaf:Agent FILTER(?actor != ?person)
}"""
)
SPOKEN_BY = HEAD + "SELECT ?statement WHERE { VALUES ?person { UNDEF } ?statement :speaker ?person }"


def _quoted(store: Store) -> Mapping[str, int]:
    """Return in how many statements that count each person of the tables speaks for another actor."""
    with index.opened(store) as table:
        counted = {row[0] for row in index.chosen(table, store, Selection(), "s.id", then="AND s.speaker IS NOT NULL")}
    return Counter(id_of(row["person"]) for row in store.rows(SPOKEN) if id_of(row["statement"]) in counted)


def spoken_by(store: Store, person: str) -> tuple[Evidence, ...]:
    """Return the statements that count in which a person of the tables speaks for another actor, newest first."""
    rows = store.rows(SPOKEN_BY, person=iri(base_of(store), "actor", person))
    found = [each for each in evidence(store, [row["statement"] for row in rows]) if each.review != REJECTED]
    found = [each for each in found if each.actor != person and store.counting.counts(each.standing)]
    found.sort(key=lambda each: (each.article, each.start, each.id))
    return tuple(sorted(found, key=lambda each: each.date, reverse=True))


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
    return page(list(reform_table(store).values()), limit, offset)


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


def _in_order(counts: Mapping[Stance, int]) -> Mapping[Stance, int]:
    return {stance: counts[stance] for stance in SIDES if counts.get(stance)}
