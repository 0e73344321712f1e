"""Gather the material of a briefing from a store: counts, and statements that may be quoted."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

from graph.briefing import indexed
from graph.briefing.findings import briefing, in_order
from graph.briefing.types import (
    ALLOWANCES,
    SIDES,
    Briefing,
    BriefingMaterial,
    Coverage,
    DataBuild,
    Footing,
    Scope,
    SectionQuery,
    Shift,
    Silence,
    Subject,
)
from graph.degrees import LOW_CONFIDENCE
from graph.domain.folder import within
from graph.errors import BadRequest
from graph.model import COUNTED, Actor, Agreement, Article, Position, Selection, Stance, agreement
from graph.rdf.terms import Iri, written
from graph.rdf.vocabulary import HEAD, PREFIXES, id_of, iri
from graph.reading import index
from graph.reading.catalogue import (
    Evidence,
    actor,
    article,
    base_of,
    concerns,
    evidence,
    narrowed,
    reform,
    reform_tree,
    sides,
    silent,
    unconfirmed,
)
from graph.reading.evidence import SOURCES as SOURCES_OF
from graph.reading.held import Claimed, Held, Side, held_by, moves
from graph.reading.register import Named
from graph.reviewing.accuracy import accuracy
from graph.store.embedded import Store
from graph.store.parameters import Bound, bound

QUERIES = Path(__file__).parent / "queries"
# One more than a side quotes of an actor, as a reserve if a passage is refused or repeats a press release.
SPARE = 1
PUBLISHERS_TOLD = 8
PAIRED = 40
"""Largest number of actors whose agreement is reported."""
PAIRS_TOLD = 60

CHANGES = 100
"""Changes of position that are looked at."""


def briefing_for(store: Store, scope: Scope, *, statements_at: str = "", build: DataBuild | None = None) -> Briefing:
    """The briefing on a subject. Raises UnknownReform, UnknownActor, and BadRequest where nothing is asked about.

    `statements_at` is what the address of a statement begins with; without it that is the statement's IRI.
    """
    return briefing(replace(material(store, scope, statements_at=statements_at), build=build))


def material(store: Store, scope: Scope, *, statements_at: str = "") -> BriefingMaterial:
    """Gather the counts on a subject, and the statements that may be quoted with the articles they quote."""
    base = base_of(store)
    ours = _Ours(store, base, scope)
    held = ours.held
    positions = [each.position for each in held]
    reforms = dict.fromkeys((*(scope.reforms or _by_weight(positions)), *(each.reform for each in positions)))
    quoted = evidence(store, [iri(base, "statement", id) for id in _quotable(ours, reforms)])
    statements = [each.statement() for each in quoted]
    articles = {id: article(store, id) for id in dict.fromkeys(each.article for each in statements)}
    coverage = _coverage(ours, positions)
    quiet = [] if scope.subject is Subject.ACTOR else ours.silent({position.actor for position in positions})
    compared = ours.sides_elsewhere(positions)
    tree = reform_tree(store)
    return BriefingMaterial(
        scope=scope,
        reforms={id: tree[id].label if id in tree else id for id in reforms},
        actors={id: actor(store, id).label for id in scope.actors},
        concerns={id: concern.label for id, concern in concerns(store).items()},
        positions=positions,
        degrees={(each.position.actor, each.position.reform): each.degree for each in held},
        statements=statements,
        reviews={each.id: each.review for each in quoted},
        standings={each.id: each.standing for each in quoted},
        articles=articles,
        groups=frozenset(id_of(row["actor"]) for row in store.rows(HEAD + GROUPS)),
        people=_people(store, [iri(base, "statement", each.id) for each in statements]),
        coverage=coverage,
        footings=[] if scope.actors else list(_footings(ours)),
        silent=[each for each in quiet if each.elsewhere],
        unheard=sum(1 for each in quiet if not each.elsewhere),
        shifts=ours.shifts(positions),
        agreements=agreements(compared),
        sources=_sources(ours) if ALLOWANCES[scope.length].details else [],
        queries=_queries(ours),
        standing=store.counting,
        unconfirmed=sum(unconfirmed(store, each, limit=1).total for each in ours.selections),
        statements_at=statements_at or f"{base}id/statement/",
        machine=accuracy(store).read,
        version=_version(scope, positions, coverage, quoted, articles.values()),
    )


class _Ours:
    """The queries of the folder `briefings`, with the subject filled in."""

    def __init__(self, store: Store, base: str, scope: Scope) -> None:
        self.store = store
        self.base = base
        self.scope = scope
        self.selections = _selections(store, scope)
        self.limited = bool(scope.since or scope.until)
        found = [each for selection in self.selections for each in held_by(store, selection)]
        self.held = sorted(found, key=lambda each: _weight(each.position))
        """The positions on the subject, those with most statements first."""
        self.subject: dict[str, Bound] = {
            name: [iri(base, name, id) for id in ids]
            for name, ids in (("actor", scope.actors), ("reform", scope.reforms))
            if ids
        }

    def moment(self) -> dict[str, Bound]:
        """Return the first and last date of the changes to report."""
        since, until = self.scope.changed_since or self.scope.since, self.scope.until
        return {name: date for name, date in (("since", since), ("until", until)) if date}

    def text(self, name: str) -> str:
        """The query with the address to which its relative IRIs belong."""
        return f"BASE {written(Iri(self.base))}\n{(QUERIES / f'{name}.rq').read_text(encoding='utf-8')}"

    def query(self, name: str) -> SectionQuery:
        """The query as anybody can run it."""
        text = self.text(name)
        known = self.subject | self.moment()
        parameters = {key: value for key, value in known.items() if f"VALUES ?{key} " in text}
        title = text.split("\n")[1].removeprefix("# ")
        return SectionQuery(name=name, title=title, text=bound(text, **parameters))

    def about(self, query: str) -> str:
        """The query on the articles of the subject and the period, complete."""
        where, bindings = HELD, self.subject
        if self.limited:
            where, bindings = narrowed(self.store, self.selections[0])
            bindings |= self.subject
        filled = bound(query % where, **bindings)
        used = (name for name in PREFIXES if re.search(rf"(?<!\w){name}:\w", filled))
        prefixes = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in used)
        return f"BASE {written(Iri(self.base))}\n{prefixes}{filled}"

    def sides_elsewhere(self, positions: Sequence[Position]) -> list[Side]:
        """Return the sides, on any reform, of the actors who speak most on the subject; none in a short briefing."""
        if self.scope.subject is Subject.ACTOR or self.limited or not ALLOWANCES[self.scope.length].details:
            return []
        of_actor = sides(self.store).of_actor
        speaking = list(dict.fromkeys(position.actor for position in positions))[:PAIRED]
        return [side for id in speaking for side in of_actor.get(id, ())]

    def sources(self) -> Sequence[Mapping[str, Any]]:
        """Return what the subject rests on, by publisher."""
        with index.opened(self.store) as table:
            return list(indexed.sources(table, self._ids(), self.selections[0], self._counted()))

    def newest(self) -> list[Article]:
        """Return the newest articles on the subject, without their texts."""
        with index.opened(self.store) as table:
            ids = indexed.newest(table, self._ids(), self.selections[0], self._counted())
        wanted = [iri(self.base, "article", id) for id in ids]
        rows = self.store.select(SOURCES_OF, article=wanted) if wanted else []
        return [
            Article(
                id=id_of(row["article"]),
                text="",
                title=row.get("title", ""),
                publisher=row.get("publisher", ""),
                date=row.get("date", ""),
                url=row.get("url", ""),
            )
            for row in rows
        ]

    def _ids(self) -> Mapping[str, Sequence[str]]:
        return {name: ids for name, ids in (("actor", self.scope.actors), ("reform", self.scope.reforms)) if ids}

    def _counted(self) -> str:
        return index.standing_in(COUNTED[self.store.counting])

    def silent(self, spoken: set[str]) -> list[Silence]:
        """Return the actors without a position on the subject, those with most positions elsewhere first."""
        return [
            Silence(actor=Named(id=each.id, label=each.label), elsewhere=sum(each.reforms.values()))
            for each in silent(self.store, spoken)
        ]

    def shifts(self, positions: Sequence[Position]) -> list[Shift]:
        """Return who has changed position, or is heard for the first time, newest first."""
        scope = self.scope
        since = scope.changed_since or scope.since
        names = {position.actor: position.actor_label for position in positions}
        tree = reform_tree(self.store)
        moved = moves(self.store, reforms=scope.reforms or None)
        found = [
            Shift(
                actor=Named(id=each.actor, label=names[each.actor]),
                reform=Named(id=each.reform, label=tree[each.reform].label if each.reform in tree else each.reform),
                before=each.before,
                after=each.after,
                date=each.date,
            )
            for each in moved
            if each.actor in names
            and (not scope.actors or each.actor in scope.actors)
            and within(each.date, since, scope.until)
        ][:CHANGES]
        if since:
            found += [_first(each) for each in self._whole(positions) if each.actor in names and self._is_new(each)]
        found.sort(key=lambda each: (each.actor.label, each.reform.label))
        return sorted(found, key=lambda each: each.date, reverse=True)

    def _whole(self, positions: Sequence[Position]) -> Sequence[Position]:
        """Return the positions by all statements, whatever the period."""
        if not self.scope.since:
            return positions
        whole = (replace(each, since=None, until=None) for each in self.selections)
        return [each.position for selection in whole for each in held_by(self.store, selection)]

    def _is_new(self, position: Position) -> bool:
        return within(position.first, self.scope.changed_since or self.scope.since, self.scope.until)


def _first(position: Position) -> Shift:
    return Shift(
        actor=Named(id=position.actor, label=position.actor_label),
        reform=Named(id=position.reform, label=position.reform_label),
        before=None,
        after=position.stance,
        date=position.first,
    )


def _selections(store: Store, scope: Scope) -> list[Selection]:
    """The statements that are meant: a selection for each reform, or for each actor."""
    for id in scope.reforms:
        reform(store, id)
    for id in scope.actors:
        actor(store, id)
    period = Selection(since=scope.since or None, until=scope.until or None)
    if scope.actors:
        return [replace(period, actor=id) for id in scope.actors]
    if scope.reforms:
        return [replace(period, reform=id) for id in scope.reforms]
    raise BadRequest("a briefing needs a subject: name at least one reform or actor")


def _quotable(ours: _Ours, reforms: Iterable[str]) -> list[str]:
    """Return the ids of the statements that may be quoted.

    They are the most certain and newest statements of each stance of the leading actors on each side, and the best
    statement with a condition.
    """
    allowance = ALLOWANCES[ours.scope.length]
    of_one = ours.scope.subject is Subject.ACTOR
    held = ours.held
    if not of_one:
        # Nothing is quoted on a reform that there is no room for.
        among = in_order(ours.scope, reforms, [each.position for each in held])[: allowance.reforms]
        chosen = {reform for reform, _ in among}
        held = [each for each in held if each.position.reform in chosen]
    on_side: dict[tuple[str, Stance], list[Held]] = defaultdict(list)
    for each in held:
        on_side["" if of_one else each.position.reform, each.position.stance].append(each)
    wanted: list[str] = []
    for side in on_side.values():
        leading = side[: allowance.passages + SPARE]
        # Where a side has many actors, each is quoted less often than it might be.
        most = min(allowance.each, -(-allowance.passages // len(leading))) + SPARE
        for one in leading:
            claims = sorted(one.claims, key=lambda c: c.statement)
            claims.sort(key=lambda c: (round(c.confidence, 1), c.date), reverse=True)
            for stance in SIDES:
                wanted += [c.statement for c in claims if c.stance is stance][:most]
            wanted += [c.statement for c in claims if c.conditional][:1]
    return wanted


SOURCES = """SELECT ?publisher (COUNT(?article) AS ?articles) (MIN(STR(?date)) AS ?first) (MAX(STR(?date)) AS ?last)
WHERE {
  { SELECT DISTINCT ?article WHERE {
    %s
  } }
  OPTIONAL { ?article dc:publisher ?publisher }
  OPTIONAL { ?article dct:date ?date }
} GROUP BY ?publisher"""
# What positions are worked out from where a period leaves some statements out.
OF_PERIOD = "SELECT DISTINCT ?statement ?actor ?reform ?stance ?article WHERE {\n  %s\n}"
# Through the positions, which know what people have rejected or corrected.
HELD = """VALUES ?actor { UNDEF }
    VALUES ?reform { UNDEF }
    GRAPH <graph/positions> { ?position :actor ?actor ; :reform ?reform ; :statement ?statement }
    ?statement prov:wasQuotedFrom ?article ."""
GROUPS = "SELECT ?actor WHERE { ?actor a foaf:Group }"
READ = "SELECT (COUNT(?article) AS ?n) WHERE { ?article a schema:Article }"


def _coverage(ours: _Ours, positions: Sequence[Position]) -> Coverage:
    """What the subject rests on."""
    rows = ours.sources()
    named = {row["publisher"]: row["articles"] for row in rows if "publisher" in row}
    dates = [row[end] for row in rows for end in ("first", "last") if end in row]
    return Coverage(
        articles=sum(row["articles"] for row in rows),
        articles_read=ours.store.select(HEAD + READ)[0]["n"],
        statements=sum(sum(position.counts.values()) for position in positions),
        publishers=tuple(sorted(named, key=lambda name: (-named[name], name))[:PUBLISHERS_TOLD]),
        publisher_count=len(named),
        first=min(dates, default=""),
        last=max(dates, default=""),
    )


def _sources(ours: _Ours) -> list[Article]:
    """The newest of its articles, oldest first; without their texts."""
    found = ours.newest()
    return sorted(found, key=lambda source: (source.date, source.id))


def _footings(ours: _Ours) -> Iterable[Footing]:
    """Return what each side of each reform rests on, as far as it matters whether that is thin."""
    of: dict[tuple[str, Stance], list[Claimed]] = defaultdict(list)
    for each in ours.held:
        for claim in each.claims:
            of[each.position.reform, claim.stance].append(claim)
    for (about, stance), claims in sorted(of.items(), key=lambda each: (each[0][0], SIDES.index(each[0][1]))):
        originals = sorted({claim.article for claim in claims})
        publishers = sorted({claim.publisher for claim in claims if claim.publisher})
        surest = max(claim.confidence for claim in claims)
        yield Footing(
            reform=about,
            stance=stance,
            originals=len(originals),
            publishers=len(publishers),
            confidence=1.0 if surest >= LOW_CONFIDENCE else surest,
            article=article(ours.store, originals[0]).title if len(originals) == 1 else "",
            publisher=publishers[0] if len(publishers) == 1 else "",
        )


def _people(store: Store, statements: Sequence[Iri]) -> list[Actor]:
    """The persons among the speakers whose memberships are known."""
    if not statements:
        return []
    query = (QUERIES / "offices.rq").read_text(encoding="utf-8")
    return [actor(store, id_of(row["person"])) for row in store.rows(query, statement=statements)]


def _queries(ours: _Ours) -> tuple[SectionQuery, ...]:
    """What was asked, so that anybody can ask it again."""
    sources = SectionQuery(name="sources", title="Which articles does this rest on?", text=ours.about(SOURCES))
    if ours.limited:
        counted = SectionQuery(
            name="statements", title="Which statements of the period are counted?", text=ours.about(OF_PERIOD)
        )
        return sources, counted, *(ours.query(name) for name in ("silence", "changes"))
    return sources, *(ours.query(name) for name in ("positions", "passages", "grounds", "silence", "changes"))


def _version(
    scope: Scope,
    positions: Iterable[Position],
    coverage: Coverage,
    quoted: Iterable[Evidence],
    articles: Iterable[Article],
) -> str:
    """Return a digest of the data behind a briefing, which is the same for the same data in any folder."""
    parts = [repr(position) for position in positions]
    parts += [repr(coverage), *(f"{each.statement()!r} {each.review}" for each in quoted)]
    parts += [f"{article.id} {article.digest}" for article in articles]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def agreements(positions: Iterable[Position | Side]) -> list[Agreement]:
    """Return the pairs of actors that agree or conflict on a reform, those on most shared reforms first."""
    sides: dict[str, dict[str, Stance]] = defaultdict(dict)
    for position in positions:
        sides[position.actor][position.reform] = position.stance
    compared = (agreement(a, b, sides) for a, b in combinations(sorted(sides), 2))
    found = [pair for pair in compared if pair.agree or pair.conflict]
    found.sort(key=lambda pair: (-len(pair.agree) - len(pair.conflict), -abs(pair.score), pair.a, pair.b))
    return found[:PAIRS_TOLD]


def _weight(position: Position) -> tuple[int, str, str, str]:
    return -sum(position.counts.values()), position.actor_label, position.actor, position.reform


def _by_weight(positions: Iterable[Position]) -> list[str]:
    """Return the reforms, those with most statements first."""
    said: dict[str, int] = defaultdict(int)
    for position in positions:
        said[position.reform] += sum(position.counts.values())
    return sorted(said, key=lambda reform: (-said[reform], reform))
