"""What a briefing is made from, gathered from a store: counts by aggregates, and only the strongest passages whole."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

from graph.briefing import indexed as indexed_material
from graph.briefing.findings import (
    ALLOWANCES,
    LOW_CONFIDENCE,
    SIDES,
    Briefing,
    Coverage,
    Footing,
    Material,
    Named,
    Scope,
    SectionQuery,
    Shift,
    Silence,
    Subject,
    briefing,
    in_order,
)
from graph.domain.folder import within
from graph.errors import BadRequest
from graph.model import Actor, Agreement, Article, Position, Selection, Stance, agreement
from graph.rdf.terms import Iri, written
from graph.rdf.vocabulary import HEAD, PREFIXES, id_of, iri, name_of
from graph.reading import index
from graph.reading.catalogue import (
    EVERY,
    Evidence,
    actor,
    article,
    base_of,
    concerns,
    evidence,
    narrowed,
    reform,
    reform_tree,
    silent,
)
from graph.reading.catalogue import positions as selected_positions
from graph.reading.evidence import SOURCES as SOURCES_OF
from graph.store.embedded import Bound, Store, bound

QUERIES = Path(__file__).parent / "queries"
# One more than a side quotes of an actor: where a passage is refused, or repeats a release, the next one stands in.
SPARE = 1
PUBLISHERS_TOLD = 8
PAIRED = 40
"""Actors whose agreement with one another is told."""
PAIRS_TOLD = 60

Key = tuple[str, str]
"""Id of an actor, id of a reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A statement that may be quoted, as far as choosing needs it."""

    statement: str
    """Its IRI."""
    stance: Stance
    confidence: float
    date: str
    conditional: bool


def briefing_for(store: Store, scope: Scope, *, statements_at: str = "") -> Briefing:
    """The briefing on a subject. Raises UnknownReform, UnknownActor, and BadRequest where nothing is asked about.

    `statements_at` is what the address of a statement begins with; without it that is the statement's IRI.
    """
    return briefing(material(store, scope, statements_at=statements_at))


def material(store: Store, scope: Scope, *, statements_at: str = "") -> Material:
    """All counts on a subject, and the statements that may be quoted with the articles that they quote."""
    base = base_of(store)
    ours = _Ours(store, base, scope)
    positions = _limited_positions(store, ours.selections) if ours.limited else ours.positions()
    told = dict.fromkeys((*(scope.reforms or _by_weight(positions)), *(p.reform for p in positions)))
    quoted = evidence(store, _quotable(ours, told, positions))
    statements = [each.statement() for each in quoted]
    articles = {id: article(store, id) for id in dict.fromkeys(each.article for each in statements)}
    coverage = _coverage(ours, positions)
    spoken = {position.actor for position in positions}
    silent = [] if scope.subject is Subject.ACTOR else ours.silent(spoken)
    shifts = ours.shifts(positions)
    positions_elsewhere = ours.positions_elsewhere(positions)
    tree = reform_tree(store)
    return Material(
        scope=scope,
        reforms={id: tree[id].label if id in tree else id for id in told},
        actors={id: actor(store, id).label for id in scope.actors},
        concerns={id: concern.label for id, concern in concerns(store).items()},
        positions=positions,
        statements=statements,
        reviews={each.id: each.review for each in quoted},
        articles=articles,
        groups=frozenset(id_of(row["actor"]) for row in store.rows(HEAD + GROUPS)),
        people=_people(store, [iri(base, "statement", each.id) for each in statements]),
        coverage=coverage,
        footings=[] if scope.actors else list(_footings(store, ours.selections)),
        silent=[each for each in silent if each.elsewhere],
        unheard=sum(1 for each in silent if not each.elsewhere),
        shifts=shifts,
        agreements=agreements(positions_elsewhere) if positions_elsewhere else [],
        sources=_sources(ours) if ALLOWANCES[scope.length].details else [],
        queries=_queries(ours),
        statements_at=statements_at or f"{base}id/statement/",
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
        self.subject: dict[str, Bound] = {
            name: [iri(base, name, id) for id in ids]
            for name, ids in (("actor", scope.actors), ("reform", scope.reforms))
            if ids
        }

    def moment(self) -> dict[str, Bound]:
        """From when and to when changes are told."""
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

    def rows(self, name: str, subject: Mapping[str, Bound]) -> Sequence[Mapping[str, Any]]:
        """The answer to one of the questions on the subject, from the index where that holds it."""
        with index.current(self.store) as indexed:
            if indexed is not None:
                asked = {"positions": indexed_material.positions, "grounds": indexed_material.grounds}[name]
                return list(asked(indexed, self.store, self.base, indexed_material.ids_of(subject)))
        return self.store.select(self.text(name), **subject)

    def positions(self, subject: Mapping[str, Bound] | None = None) -> list[Position]:
        """What is held on the subject, with most statements first; the ids of the statements are left out."""
        subject = self.subject if subject is None else subject
        grounds: dict[Key, set[str]] = defaultdict(set)
        for row in self.rows("grounds", subject):
            grounds[_key(row)].add(id_of(row["concern"]))
        tree = reform_tree(self.store)
        found: dict[Key, Position] = {}
        for row in sorted(self.rows("positions", subject), key=lambda row: row["label"]):
            key = holder, on = _key(row)
            found.setdefault(
                key,
                Position(
                    actor=holder,
                    actor_label=row["label"],
                    reform=on,
                    reform_label=tree[on].label if on in tree else on,
                    stance=Stance(name_of(row["stance"])),
                    first=row.get("first", ""),
                    last=row.get("last", ""),
                    counts={stance: row[stance.value] for stance in SIDES if row[stance.value]},
                    articles=row["articles"],
                    publishers=row["publishers"],
                    concerns=tuple(sorted(grounds[key])),
                ),
            )
        return sorted(found.values(), key=_weight)

    def positions_elsewhere(self, positions: Sequence[Position]) -> list[Position]:
        """What those who speak most on the subject hold on any reform; nothing where that is not asked."""
        if self.scope.subject is Subject.ACTOR or self.limited or not ALLOWANCES[self.scope.length].details:
            return []
        actors = list(dict.fromkeys(position.actor for position in positions))[:PAIRED]
        return self.positions({"actor": [iri(self.base, "actor", id) for id in actors]}) if actors else []

    def candidates(self, positions: Sequence[Position]) -> Mapping[Key, list[Candidate]]:
        """The statements of these positions."""
        found: dict[Key, list[Candidate]] = defaultdict(list)
        for row in self._passages([(each.actor, each.reform) for each in positions]):
            found[_key(row)].append(
                Candidate(
                    statement=row["statement"],
                    stance=Stance(name_of(row.get("correctedStance", row["stance"]))),
                    confidence=float(row["confidence"]),
                    date=row.get("date", ""),
                    conditional="condition" in row,
                )
            )
        return found

    def _passages(self, pairs: Sequence[Key]) -> Sequence[Mapping[str, Any]]:
        with index.current(self.store) as indexed:
            if indexed is not None:
                return list(indexed_material.passages(indexed, self.base, pairs))
        held = [iri(self.base, "position", *pair) for pair in pairs]
        return self.store.select(self.text("passages"), position=held) if held else []

    def _turns(self) -> Sequence[Mapping[str, Any]]:
        with index.current(self.store) as indexed:
            if indexed is not None:
                moment = {name: str(value) for name, value in self.moment().items()}
                subject = indexed_material.ids_of(self.subject)
                return indexed_material.changes(indexed, self.base, subject, **moment)
        return self.store.select(self.text("changes"), **self.subject, **self.moment())

    def sources(self) -> Sequence[Mapping[str, Any]]:
        """What it rests on, by publisher."""
        with index.current(self.store) as indexed:
            if indexed is not None:
                subject = indexed_material.ids_of(self.subject)
                return list(indexed_material.sources(indexed, subject, self.selections[0]))
        return self.store.select(self.about(SOURCES))

    def newest(self) -> list[Article]:
        """The newest of its articles, without their texts."""
        with index.current(self.store) as indexed:
            if indexed is not None:
                subject = indexed_material.ids_of(self.subject)
                ids = indexed_material.newest(indexed, subject, self.selections[0])
                wanted = [iri(self.base, "article", id) for id in ids]
                rows = self.store.select(SOURCES_OF, article=wanted) if wanted else []
            else:
                rows = self.store.select(self.about(NEWEST))
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

    def silent(self, spoken: set[str]) -> list[Silence]:
        """Return the actors without a position on the subject, those with most positions elsewhere first."""
        return [
            Silence(actor=Named(id=each.id, label=each.label), elsewhere=sum(each.reforms.values()))
            for each in silent(self.store, spoken)
        ]

    def shifts(self, positions: Sequence[Position]) -> list[Shift]:
        """Who stands elsewhere than before, or is heard for the first time, newest first."""
        scope = self.scope
        since = scope.changed_since or scope.since
        names = {position.actor: position.actor_label for position in positions}
        tree = reform_tree(self.store)
        found = [
            Shift(
                actor=Named(id=holder, label=names[holder]),
                reform=Named(id=on, label=tree[on].label if on in tree else on),
                before=Stance(name_of(row["before"])),
                after=Stance(name_of(row["after"])),
                date=row["date"],
            )
            for row in self._turns()
            for holder, on in (_key(row),)
            if holder in names
        ]
        if since:
            found += [
                Shift(
                    actor=Named(id=each.actor, label=each.actor_label),
                    reform=Named(id=each.reform, label=each.reform_label),
                    before=None,
                    after=each.stance,
                    date=each.first,
                )
                for each in (self.positions() if scope.since else positions)
                if each.actor in names and within(each.first, since, scope.until)
            ]
        found.sort(key=lambda each: (each.actor.label, each.reform.label))
        return sorted(found, key=lambda each: each.date, reverse=True)


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


def _limited_positions(store: Store, selections: Iterable[Selection]) -> list[Position]:
    """The positions as they are by the statements of a period alone."""
    found = [p for each in selections for p in selected_positions(store, each, limit=EVERY).items]
    return sorted(found, key=_weight)


def _quotable(ours: _Ours, told: Iterable[str], positions: Sequence[Position]) -> list[str]:
    """Of each side's leading actors the surest and newest statements of each stance, and the best with a condition."""
    allowance = ALLOWANCES[ours.scope.length]
    sides: dict[tuple[str, Stance], list[Position]] = defaultdict(list)
    if ours.scope.subject is not Subject.ACTOR:
        # Nothing is quoted on a reform that there is no room for.
        among = in_order(ours.scope, told, positions)[: allowance.reforms]
        chosen = {reform for reform, _ in among}
        positions = [position for position in positions if position.reform in chosen]
    for position in positions:
        sides["" if ours.scope.subject is Subject.ACTOR else position.reform, position.stance].append(position)
    leading = [side[: allowance.passages + SPARE] for side in sides.values()]
    of = ours.candidates([position for side in leading for position in side])
    wanted: list[str] = []
    for side in leading:
        # Where a side has many actors, each is quoted less often than it might be.
        each = min(allowance.each, -(-allowance.passages // len(side))) + SPARE
        for position in side:
            held = of[position.actor, position.reform]
            if ours.limited:
                held = [c for c in held if id_of(c.statement) in position.statements]
            held.sort(key=lambda c: c.statement)
            held.sort(key=lambda c: (round(c.confidence, 1), c.date), reverse=True)
            for stance in SIDES:
                wanted += [c.statement for c in held if c.stance is stance][:each]
            wanted += [c.statement for c in held if c.conditional][:1]
    return wanted


SOURCES = """SELECT ?publisher (COUNT(?article) AS ?articles) (MIN(STR(?date)) AS ?first) (MAX(STR(?date)) AS ?last)
WHERE {
  { SELECT DISTINCT ?article WHERE {
    %s
  } }
  OPTIONAL { ?article dc:publisher ?publisher }
  OPTIONAL { ?article dct:date ?date }
} GROUP BY ?publisher"""
NEWEST = """SELECT ?article ?title ?publisher ?date ?url WHERE {
  { SELECT DISTINCT ?article WHERE {
    %s
  } }
  OPTIONAL { ?article dct:title ?title }
  OPTIONAL { ?article dc:publisher ?publisher }
  OPTIONAL { ?article dct:date ?date }
  OPTIONAL { ?article schema:url ?url }
} ORDER BY DESC(STR(?date)) ?article LIMIT 100"""
# What positions are worked out from where a period leaves some statements out.
COUNTED = "SELECT DISTINCT ?statement ?actor ?reform ?stance ?article WHERE {\n  %s\n}"
# Through the positions, which know what people have rejected or corrected.
HELD = """VALUES ?actor { UNDEF }
    VALUES ?reform { UNDEF }
    GRAPH <graph/positions> { ?position :actor ?actor ; :reform ?reform ; :statement ?statement }
    ?statement prov:wasQuotedFrom ?article ."""
GROUPS = "SELECT ?actor WHERE { ?actor a foaf:Group }"
READ = "SELECT (COUNT(?article) AS ?n) WHERE { ?article a schema:Article }"
# Two are enough to know that a side does not rest on one.
ORIGINALS = """SELECT DISTINCT ?original WHERE {
  %s
  OPTIONAL { ?article :repeats ?repeated }
  BIND(COALESCE(?repeated, ?article) AS ?original)
} LIMIT 2"""
PUBLISHERS = "SELECT DISTINCT ?publisher WHERE { %s ?article dc:publisher ?publisher } LIMIT 2"
SURE = "SELECT ?statement WHERE { %s } LIMIT 1"
SUREST = "SELECT (MAX(?confidence) AS ?highest) WHERE { %s ?statement :confidence ?confidence }"


def _select(store: Store, query: str, selection: Selection) -> list[dict[str, Any]]:
    where, bindings = narrowed(store, selection)
    return store.select(HEAD + query % where, **bindings)


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


def _footings(store: Store, selections: Iterable[Selection]) -> Iterable[Footing]:
    """What each side rests on; only as far as it matters whether that is thin."""
    for selection in selections:
        for stance in SIDES:
            side = replace(selection, stance=stance)
            originals = [id_of(row["original"]) for row in _select(store, ORIGINALS, side)]
            if not originals:
                continue
            publishers = [row["publisher"] for row in _select(store, PUBLISHERS, side)]
            sure = bool(_select(store, SURE, replace(side, min_confidence=LOW_CONFIDENCE)))
            yield Footing(
                reform=selection.reform or "",
                stance=stance,
                originals=len(originals),
                publishers=len(publishers),
                confidence=1.0 if sure else _select(store, SUREST, side)[0]["highest"],
                article=article(store, originals[0]).title if len(originals) == 1 else "",
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
            name="statements", title="Which statements of the period are counted?", text=ours.about(COUNTED)
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
    """A digest of the data that a briefing is made from: the same data, the same version, wherever they lie."""
    parts = [repr(position) for position in positions]
    parts += [repr(coverage), *(f"{each.statement()!r} {each.review}" for each in quoted)]
    parts += [f"{article.id} {article.digest}" for article in articles]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def agreements(positions: Iterable[Position]) -> list[Agreement]:
    """Return the pairs of actors that agree or conflict on a reform, those on most shared reforms first."""
    sides: dict[str, dict[str, Stance]] = defaultdict(dict)
    for position in positions:
        sides[position.actor][position.reform] = position.stance
    compared = (agreement(a, b, sides) for a, b in combinations(sorted(sides), 2))
    found = [pair for pair in compared if pair.agree or pair.conflict]
    found.sort(key=lambda pair: (-len(pair.agree) - len(pair.conflict), -abs(pair.score), pair.a, pair.b))
    return found[:PAIRS_TOLD]


def _key(row: Mapping[str, Any]) -> Key:
    return id_of(row["actor"]), id_of(row["reform"])


def _weight(position: Position) -> tuple[int, str, str, str]:
    return -sum(position.counts.values()), position.actor_label, position.actor, position.reform


def _by_weight(positions: Iterable[Position]) -> list[str]:
    """Reforms of which most is said first."""
    said: dict[str, int] = defaultdict(int)
    for position in positions:
        said[position.reform] += sum(position.counts.values())
    return sorted(said, key=lambda reform: (-said[reform], reform))
