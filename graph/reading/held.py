"""Positions, sides and changes, worked out from the statements that count in the store."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.degrees import Degree, together
from graph.model import COUNTED, Counting, Manner, Position, Selection, Stance, Standing, combine
from graph.positions import Claim
from graph.positions import positions as positions_of_claims
from graph.reading import index
from graph.reading.listing import LIMIT, Listing, page
from graph.reading.register import actor, actor_names, reform_tree, reforms_meant, touched_positions
from graph.reading.sources import article_table
from graph.store.embedded import Store
from graph.store.remembered import remembered
from graph.store.writes import Touched

Pair = tuple[str, str]
"""Id of an actor, id of a reform."""

SPARED = ("article", "vocabulary", "ontology", "found", "reviews", "networks")
"""Kinds of graphs whose changes leave positions alone: positions change in a graph of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A statement behind a position, without its words."""

    statement: str
    """Its id."""
    stance: Stance
    degree: Degree
    confidence: float
    date: str
    article: str = ""
    """The article that said it first."""
    publisher: str = ""
    conditional: bool = False
    standing: Standing = Standing.UNCONFIRMED
    manner: Manner = Manner.REPORTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A position, with the statements behind it in order of date."""

    position: Position
    claims: tuple[Claimed, ...]

    @property
    def degree(self) -> Degree:
        """How far the actor goes in all these statements together."""
        return together(self.position.stance, ((each.stance, each.degree) for each in self.claims))


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """The side an actor takes on a reform, and in how many statements."""

    actor: str
    reform: str
    stance: Stance
    statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Who takes which side on what: by actor and by reform, those with most statements first."""

    all: tuple[Side, ...]
    of_actor: Mapping[str, tuple[Side, ...]]
    on_reform: Mapping[str, tuple[Side, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An actor whose statements on a reform begin to take another stance at a date."""

    actor: str
    reform: str
    date: str
    before: Stance
    after: Stance


# Sides


def sides(store: Store) -> Sides:
    """Return the side of every actor on every reform. Read once, then only what a write has changed."""
    known = store.counting is Counting.LIKELY
    return remembered(
        store,
        "sides",
        lambda: _sorted_sides(_read_sides(store, None)),
        # The graph of positions covers checked and likely statements only; changes to others are not recorded.
        spared=SPARED if known else (),
        renewed=(lambda before, touched: _renewed_sides(store, before, touched)) if known else None,
    )


def _read_sides(store: Store, only: Collection[Pair] | None) -> Iterable[Side]:
    of: defaultdict[Pair, dict[Stance, int]] = defaultdict(dict)
    by_name = {str(stance): stance for stance in Stance}
    counted = index.standing_in(COUNTED[store.counting])
    chosen = f"SELECT s.actor, s.reform, s.stance, COUNT(*) FROM statement s WHERE {counted}"  # noqa: S608  # words of this program
    grouped = " GROUP BY s.actor, s.reform, s.stance"
    with index.opened(store) as table:
        if only is None:
            rows = table.execute(chosen + grouped).fetchall()
        else:
            asked = chosen + " AND s.actor = ? AND s.reform = ?" + grouped
            rows = [row for pair in sorted(only) for row in table.execute(asked, pair)]
    for who, what, stance, number in rows:
        of[who, what][by_name[stance]] = number
    return [
        Side(actor=who, reform=what, stance=combine(counts), statements=sum(counts.values()))
        for (who, what), counts in of.items()
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
    new = list(_read_sides(store, pairs))
    return _sorted_sides([each for each in before.all if (each.actor, each.reform) not in pairs] + new)


def selected_sides(store: Store, selection: Selection) -> list[Side]:
    """Return the sides of an actor, on a reform, of a stance, those with most statements first."""
    table = sides(store)
    found: Iterable[Side] = table.all
    if selection.actor is not None:
        found = table.of_actor.get(actor(store, selection.actor).id, ())
    if selection.reform is not None:
        meant = reforms_meant(store, selection)
        if selection.actor is None and len(meant) == 1:
            found = table.on_reform.get(meant[0], ())
        else:
            found = (each for each in found if each.reform in meant)
    return [each for each in found if selection.stance in (None, each.stance)]


# Positions


def positions(
    store: Store, selection: Selection | None = None, *, limit: int = LIMIT, offset: int = 0
) -> Listing[Position]:
    """Return what each actor holds on each reform by the selected statements, those with most statements first.

    A stance selects positions, not statements: an actor with a mixed position has statements of both sides.
    """
    selection = selection or Selection()
    if replace(selection, actor=None, reform=None, narrower=False, stance=None) != Selection():
        return page(positions_by(store, selection), limit, offset)
    chosen = selected_sides(store, selection)
    found = held(store, [(each.actor, each.reform) for each in chosen[offset : offset + limit]])
    return Listing(items=tuple(each.position for each in found), total=len(chosen), limit=limit, offset=offset)


def positions_by(store: Store, selection: Selection) -> list[Position]:
    """Return the positions as they would be if there were no statements but the selected ones."""
    made = positions_of_claims(_claims(store, replace(selection, stance=None)))
    found = [_named(store, each) for each in made if selection.stance in (None, each.stance)]
    return sorted(found, key=lambda each: (-len(each.statements), each.actor, each.reform))


def held(store: Store, pairs: Sequence[Pair]) -> tuple[Held, ...]:
    """Return the positions of these actors on these reforms, in this order, with the statements behind them."""
    rows = _rows(store, pairs)
    made = {
        (each.actor, each.reform): _named(store, each)
        for each in positions_of_claims(claim for pair in rows.values() for claim, _ in pair)
    }
    return tuple(
        Held(position=made[pair], claims=tuple(claimed for _, claimed in rows[pair])) for pair in pairs if pair in made
    )


def held_by(store: Store, selection: Selection) -> list[Held]:
    """Return the positions by the selected statements alone, with these statements in order of date."""
    of: defaultdict[Pair, list[tuple[Claim, Claimed]]] = defaultdict(list)
    for claim, each in _both(store, selection):
        of[claim.actor, claim.reform].append((claim, each))
    made = positions_of_claims(claim for rows in of.values() for claim, _ in rows)
    return [
        Held(
            position=_named(store, each),
            claims=tuple(claimed for _, claimed in sorted(of[each.actor, each.reform], key=_in_time)),
        )
        for each in made
    ]


def _in_time(row: tuple[Claim, Claimed]) -> tuple[bool, str, str]:
    return not row[1].date, row[1].date, row[1].statement


def claimed(store: Store, pairs: Sequence[Pair]) -> list[list[Claimed]]:
    """Return the statements behind each of these positions, in order of date."""
    rows = _rows(store, pairs)
    return [[each for _, each in rows[pair]] for pair in pairs]


COLUMNS = (
    "s.number, s.id, s.actor, s.reform, s.stance, s.article, s.condition, s.degree, s.confidence, s.date, s.standing,"
    " s.manner"
)


def _rows(store: Store, pairs: Sequence[Pair]) -> dict[Pair, list[tuple[Claim, Claimed]]]:
    found: dict[Pair, list[tuple[Claim, Claimed]]] = {}
    for who, what in dict.fromkeys(pairs):
        chosen = Selection(actor=who, reform=what)
        rows = list(_both(store, chosen, checked=False))
        found[who, what] = sorted(rows, key=_in_time)
    return found


def _claims(store: Store, selection: Selection) -> list[Claim]:
    """Return what the selected statements contribute to positions."""
    return [claim for claim, _ in _both(store, selection)]


def _both(store: Store, selection: Selection, *, checked: bool = True) -> Iterable[tuple[Claim, Claimed]]:
    if checked:
        index.check(store, selection)
    sources = article_table(store)
    with index.opened(store) as table:
        named: dict[int, list[str]] = defaultdict(list)
        joined = "JOIN ground g ON g.statement = s.number"
        for number, concern in index.chosen(table, store, selection, "s.number, g.concern", joined=joined):
            named[number].append(concern)
        rows = index.chosen(table, store, selection, COLUMNS).fetchall()
    for number, id, who, what, stance, article, condition, degree, confidence, date, standing, manner in rows:
        source = sources.get(article)
        original = sources.get(source.release, source) if source else None
        claim = Claim(
            statement=id,
            actor=who,
            reform=what,
            stance=Stance(stance),
            article=(source.release if source else "") or article,
            date=date,
            publisher=original.publisher if original else "",
            concerns=tuple(sorted(named.get(number, ()))),
            condition=condition,
        )
        behind = Claimed(
            statement=id,
            stance=claim.stance,
            degree=Degree(degree),
            confidence=confidence,
            date=date,
            article=claim.article,
            publisher=claim.publisher,
            conditional=condition is not None,
            standing=Standing(standing),
            manner=Manner(manner),
        )
        yield claim, behind


def _named(store: Store, position: Position) -> Position:
    names, tree = actor_names(store), reform_tree(store)
    return replace(
        position,
        actor_label=names[position.actor][0] if position.actor in names else position.actor,
        reform_label=tree[position.reform].label if position.reform in tree else position.reform,
    )


# Changes


def moves(store: Store, *, actor: str | None = None, reforms: Collection[str] | None = None) -> list[Moved]:
    """Return the changes of stance, newest first: of an actor, on these reforms, or all."""
    return [
        each
        for each in _all_moves(store)
        if actor in (None, each.actor) and (reforms is None or each.reform in reforms)
    ]


def _all_moves(store: Store) -> list[Moved]:
    def renewed(before: list[Moved], touched: Touched) -> list[Moved] | None:
        pairs = touched_positions(store, touched)
        if pairs is None:
            return None
        return _ordered([it for it in before if (it.actor, it.reform) not in pairs] + _moved(store, sorted(pairs)))

    known = store.counting is Counting.LIKELY
    return remembered(
        store,
        "moves",
        lambda: _ordered(_moves(store)),
        spared=SPARED if known else (),
        renewed=renewed if known else None,
    )


DIVIDED = """SELECT s.actor, s.reform FROM statement s WHERE s.date != '' AND s.stance != 'neutral' AND {counted}
GROUP BY s.actor, s.reform HAVING COUNT(DISTINCT s.stance) > 1 AND COUNT(DISTINCT s.date) > 1"""


def _moves(store: Store) -> list[Moved]:
    # Only who has taken two stances at two dates can have changed.
    with index.opened(store) as table:
        pairs = table.execute(DIVIDED.format(counted=index.standing_in(COUNTED[store.counting]))).fetchall()
    return _moved(store, pairs)


def _moved(store: Store, pairs: Sequence[Pair]) -> list[Moved]:
    return [
        Moved(
            actor=each.position.actor,
            reform=each.position.reform,
            date=change.date,
            before=change.before,
            after=change.after,
        )
        for each in held(store, pairs)
        for change in each.position.changes
    ]


def _ordered(found: Iterable[Moved]) -> list[Moved]:
    by_pair = sorted(found, key=lambda each: (each.actor, each.reform))
    return sorted(by_pair, key=lambda each: each.date, reverse=True)
