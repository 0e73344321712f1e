"""Positions: what each actor holds on each reform over time, worked out from the statements that count."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from graph.model import Article, Change, Position, Stance, Standing, Statement, combine, is_calibrated, standing
from graph.rdf.terms import Iri, Triple
from graph.rdf.triples import position_triples
from graph.rdf.vocabulary import HEAD, SHORTCUTS, STANDINGS, P, graph_iri, id_of, iri, name_of
from graph.store.dataset import base_of, dataset
from graph.store.embedded import Store

Pair = tuple[str, str]
"""Id of an actor, id of a reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a position takes from one statement and its article."""

    statement: str
    actor: str
    reform: str
    stance: Stance
    article: str
    """The article that said it first: a press release in several outlets is one article."""
    actor_label: str = ""
    date: str = ""
    publisher: str = ""
    concerns: tuple[str, ...] = ()
    condition: str | None = None
    standing: Standing = Standing.CHECKED
    rejected: bool = False
    """Whether a person has rejected the statement; then it never counts."""


def claims(statements: Iterable[Statement], articles: Mapping[str, Article]) -> Iterator[Claim]:
    """What positions take from these statements; an article that is not known has no date and no publisher."""
    for statement in statements:
        article = articles.get(statement.article)
        original = articles.get(article.release, article) if article is not None else None
        yield Claim(
            statement=statement.id,
            actor=statement.actor,
            actor_label=statement.actor_label,
            reform=statement.reform,
            stance=statement.stance,
            article=(article.release if article is not None else "") or statement.article,
            date=article.date if article is not None else "",
            publisher=original.publisher if original is not None else "",
            concerns=statement.concerns,
            condition=statement.condition,
        )


def positions(claims: Iterable[Claim], *, labels: Mapping[str, str] | None = None) -> list[Position]:
    """One position for each actor and reform that the claims name, in the order of their ids.

    `labels` are of reforms by their id; without one the id is shown.
    """
    of: defaultdict[Pair, list[Claim]] = defaultdict(list)
    for claim in claims:
        of[claim.actor, claim.reform].append(claim)
    return [_position(sorted(held, key=_time), labels or {}) for _, held in sorted(of.items())]


def changes(dated: Iterable[tuple[str, Stance]]) -> tuple[Change, ...]:
    """Where the stance of dated statements turns into another, in order of time.

    Statements of one date are taken together. So are those whose order the dates do not tell: one of '2023' may lie
    before or after one of '2023-05', and a change must not come out of that. Neutral and undated ones tell nothing.
    """
    periods: list[tuple[str, set[Stance]]] = []
    for date, stance in sorted(dated):
        if not date or stance is Stance.NEUTRAL:
            continue
        if periods and date.startswith(periods[-1][0]):
            periods[-1][1].add(stance)
        else:
            periods.append((date, {stance}))
    held = [(date, combine(stances)) for date, stances in periods]
    return tuple(
        Change(before=before, after=after, date=date)
        for (_, before), (date, after) in pairwise(held)
        if before is not after
    )


def _time(claim: Claim) -> tuple[bool, str, str]:
    return not claim.date, claim.date, claim.statement


def _position(held: list[Claim], labels: Mapping[str, str]) -> Position:
    first = held[0]
    dates = [claim.date for claim in held if claim.date]
    return Position(
        actor=first.actor,
        actor_label=next((claim.actor_label for claim in held if claim.actor_label), first.actor),
        reform=first.reform,
        reform_label=labels.get(first.reform, first.reform),
        stance=combine(claim.stance for claim in held),
        first=dates[0] if dates else "",
        last=dates[-1] if dates else "",
        statements=tuple(claim.statement for claim in held),
        counts=dict(sorted(Counter(claim.stance for claim in held).items())),
        articles=len({claim.article for claim in held}),
        publishers=len({claim.publisher for claim in held if claim.publisher}),
        concerns=tuple(sorted({concern for claim in held for concern in claim.concerns})),
        conditions=tuple(sorted({claim.condition for claim in held if claim.condition})),
        changes=changes((claim.date, claim.stance) for claim in held),
    )


# From the store, and into it

REJECTED = name_of(P.rejected)
CONFIRMED = frozenset({name_of(P.accepted), name_of(P.corrected)})
"""The verdicts that make a statement checked."""

# Several plain queries in place of one with many OPTIONALs: the engine works out each of those for the whole graph.
STATEMENTS = (
    HEAD
    + """SELECT ?statement ?actor ?actorLabel ?reform ?stance ?article ?confidence WHERE {
  VALUES ?statement { UNDEF }
  VALUES ?actor { UNDEF }
  VALUES ?reform { UNDEF }
  ?statement :actor ?actor ; :reform ?reform ; :stance ?stance ; :actorLabel ?actorLabel ;
    prov:wasQuotedFrom ?article .
  OPTIONAL { ?statement :confidence ?confidence }
}
"""
)
CONDITIONS = (
    HEAD
    + """SELECT ?statement ?condition WHERE { VALUES ?statement { UNDEF } ?statement :condition ?condition }
"""
)
READERS = HEAD + "SELECT ?statement ?reader WHERE { VALUES ?statement { UNDEF } ?statement :reader ?reader }"
CONCERNS = (
    HEAD
    + """SELECT ?statement ?concern WHERE { VALUES ?statement { UNDEF } ?statement :concern ?concern }
"""
)
ARTICLES = (
    HEAD
    + """SELECT ?article ?date ?publisher ?original ?originalPublisher WHERE {
  VALUES ?article { UNDEF }
  ?article a schema:Article .
  OPTIONAL { ?article dct:date ?date }
  OPTIONAL { ?article dc:publisher ?publisher }
  OPTIONAL { ?article :repeats ?original }
  OPTIONAL { ?article :repeats/dc:publisher ?originalPublisher }
}
"""
)
REVIEWED = (
    HEAD
    + """SELECT ?statement ?verdict ?actor ?reform ?stance WHERE {
  ?statement :verdict ?verdict .
  OPTIONAL { ?statement :correctedActor ?actor }
  OPTIONAL { ?statement :correctedReform ?reform }
  OPTIONAL { ?statement :correctedStance ?stance }
}
"""
)
# A review can assign a statement to another actor or another reform.
MOVED = (
    HEAD
    + """SELECT DISTINCT ?actor ?reform WHERE {
  { ?statement :correctedActor ?new ; :actor ?actor ; :reform ?reform }
  UNION { ?statement :correctedReform ?new ; :actor ?actor ; :reform ?reform }
}
"""
)
HEADS = (
    HEAD
    + """SELECT * WHERE {
  VALUES ?actor { UNDEF }
  VALUES ?reform { UNDEF }
  ?position a :Position ; :actor ?actor ; :reform ?reform ; :stance ?stance ; :articleCount ?articles ;
    :publisherCount ?publishers ; :supportCount ?support ; :mixedCount ?mixed ; :opposeCount ?oppose ;
    :neutralCount ?neutral .
  ?actor skos:prefLabel ?actorLabel .
  ?reform skos:prefLabel ?reformLabel .
  OPTIONAL { ?position :firstDate ?first }
  OPTIONAL { ?position :lastDate ?last }
}
"""
)
PARTS = (
    HEAD
    + """SELECT ?position ?statement ?date ?concern ?condition ?before ?after ?changed WHERE {
  VALUES ?actor { UNDEF }
  VALUES ?reform { UNDEF }
  ?position a :Position ; :actor ?actor ; :reform ?reform .
  { ?position :statement ?statement OPTIONAL { ?statement prov:wasQuotedFrom/dct:date ?date } }
  UNION { ?position :concern ?concern }
  UNION { ?position :condition ?condition }
  UNION { ?position :change ?change . ?change :before ?before ; :after ?after ; dct:date ?changed }
}
"""
)
LABELS = (
    HEAD
    + """SELECT ?thing ?label WHERE { { ?thing a foaf:Agent } UNION { ?thing a :Reform } ?thing skos:prefLabel ?label }
"""
)


def derive(store: Store, pairs: Iterable[Pair] | None = None, *, touched: Collection[str] | None = None) -> int:
    """Work out positions and the standing of statements again, and keep them in their graph. Return how many positions.

    `pairs` limits the work to the positions of these actors on these reforms. `touched` has the ids of the statements
    that were added, removed or reviewed since; then only those and the statements behind the positions are read.

    Positions rest on the statements that count in the store. Rejected statements never count. A corrected statement
    counts as corrected. In the graph of reviews a statement has `:verdict :rejected`, or `:correctedStance`,
    `:correctedActor`, `:correctedReform`.
    """
    base = base_of(store)
    graph = graph_iri(base, "positions")
    labels = {row["thing"]: row["label"] for row in store.rows(LABELS)}
    if pairs is None:
        found = list(stored_claims(store))
        made = _labelled(positions(_counted(store, found)), base, labels)
        new = dict.fromkeys(triple for position in made for triple in position_triples(position, base))
        new |= dict.fromkeys(_standings(base, found))
        old = dict.fromkeys(store.triples(graph))
        if not old:
            store.add({graph: new})
        elif old.keys() != new.keys():
            store.amend(graph, remove=old.keys() - new.keys(), add=new.keys() - old.keys())
        return len(made)
    wanted = sorted(set(pairs))
    found = list(stored_claims(store, wanted, touched=touched))
    counted = (each for each in _counted(store, found) if (each.actor, each.reform) in set(wanted))
    made = _labelled(positions(counted), base, labels)
    remove = [triple for pair in wanted for triple in _kept(store, graph, base, pair)]
    for id in sorted({*(touched or ()), *(each.statement for each in found)}):
        it = iri(base, "statement", id)
        remove += [each for each in store.triples(graph, subject=it) if each.predicate == P.standing]
    add = [triple for position in made for triple in position_triples(position, base)]
    store.amend(graph, remove=remove, add=[*add, *_standings(base, found)])
    return len(made)


def _counted(store: Store, found: Iterable[Claim]) -> Iterator[Claim]:
    return (each for each in found if not each.rejected and store.counting.counts(each.standing))


def _standings(base: str, found: Iterable[Claim]) -> Iterator[Triple]:
    for each in found:
        yield Triple(iri(base, "statement", each.statement), P.standing, STANDINGS[each.standing])


def stored_claims(
    store: Store, pairs: Iterable[Pair] | None = None, *, touched: Collection[str] | None = None
) -> Iterator[Claim]:
    """What the statements of the store give to positions, after reviews; for these pairs, or all. See `derive`."""
    if pairs is None:
        yield from _claims(store, store.select(STATEMENTS, statement=None, actor=None, reform=None))
        return
    base = base_of(store)
    wanted = set(pairs)
    rows: list[dict[str, Any]] = []
    if touched is not None:
        known = {iri(base, "statement", each) for each in touched}
        for actor, reform in wanted:
            position = store.triples(graph_iri(base, "positions"), subject=iri(base, "position", actor, reform))
            known.update(Iri(str(triple.object)) for triple in position if triple.predicate == P.statement)
        rows += store.rows(STATEMENTS, statement=sorted(known), actor=None, reform=None)
    else:
        moved = {(id_of(row["actor"]), id_of(row["reform"])) for row in store.rows(MOVED)}
        for actor, reform in sorted(wanted | moved):
            who, what = iri(base, "actor", actor), iri(base, "reform", reform)
            rows += store.rows(STATEMENTS, statement=None, actor=who, reform=what)
    for claim in _claims(
        store, rows, only={each: {Iri(row[each]) for row in rows} for each in ("statement", "article")}
    ):
        if (claim.actor, claim.reform) in wanted or (touched is not None and claim.statement in touched):
            yield claim


def stored_positions(store: Store, *, actor: str | None = None, reform: str | None = None) -> list[Position]:
    """The positions of the store, in the order of their ids; of one actor, on one reform, or all."""
    base = base_of(store)
    who = iri(base, "actor", actor) if actor is not None else None
    what = iri(base, "reform", reform) if reform is not None else None
    parts: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in store.rows(PARTS, actor=who, reform=what):
        parts[row["position"]].append(row)
    found = [_stored(row, parts[row["position"]]) for row in store.rows(HEADS, actor=who, reform=what)]
    return sorted(found, key=lambda position: (position.actor, position.reform))


def _claims(
    store: Store, rows: Iterable[Mapping[str, Any]], *, only: Mapping[str, Collection[Iri]] | None = None
) -> Iterator[Claim]:
    """The claims of these statements; `only` names them and their articles where they are not all."""
    statements, articles = (only["statement"], only["article"]) if only is not None else (None, None)
    concerns: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.rows(CONCERNS, statement=statements):
        concerns[row["statement"]].append(id_of(row["concern"]))
    readers: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.rows(READERS, statement=statements):
        readers[row["statement"]].append(row["reader"])
    conditions = {row["statement"]: row["condition"] for row in store.rows(CONDITIONS, statement=statements)}
    sources = {row["article"]: row for row in store.rows(ARTICLES, article=articles)}
    reviews = {row["statement"]: row for row in store.rows(REVIEWED)}
    likely_from = dataset(store).likely_from
    for found in rows:
        it, article = found["statement"], found["article"]
        review = reviews.get(it, {})
        verdict = name_of(review.get("verdict", ""))
        confidence = float(found.get("confidence", 0.0))
        source = sources.get(article, {})
        yield Claim(
            statement=id_of(it),
            actor=id_of(review.get("actor", found["actor"])),
            # Another actor's label is not known to the statement; the vocabulary has it.
            actor_label="" if "actor" in review else found["actorLabel"],
            reform=id_of(review.get("reform", found["reform"])),
            stance=Stance(name_of(review.get("stance", found["stance"]))),
            article=id_of(source.get("original", article)),
            date=source.get("date", ""),
            publisher=source.get("originalPublisher", source.get("publisher", "")),
            concerns=tuple(sorted(concerns[it])),
            condition=conditions.get(it),
            standing=standing(
                confidence,
                checked=verdict in CONFIRMED,
                likely_from=likely_from,
                calibrated=is_calibrated("; ".join(readers[it])),
            ),
            rejected=verdict == REJECTED,
        )


def _labelled(made: Iterable[Position], base: str, labels: Mapping[str, str]) -> list[Position]:
    return [
        replace(
            position,
            actor_label=labels.get(iri(base, "actor", position.actor), position.actor_label),
            reform_label=labels.get(iri(base, "reform", position.reform), position.reform_label),
        )
        for position in made
    ]


def _kept(store: Store, graph: Iri, base: str, pair: Pair) -> Iterator[Triple]:
    """Yield the stored triples of one position."""
    it, actor, reform = iri(base, "position", *pair), iri(base, "actor", pair[0]), iri(base, "reform", pair[1])
    for triple in store.triples(graph, subject=it):
        yield triple
        if triple.predicate == P.change:
            yield from store.triples(graph, subject=Iri(str(triple.object)))
    yield from (
        triple
        for triple in store.triples(graph, subject=actor)
        if triple.predicate in SHORTCUTS.values() and triple.object == reform
    )


def _stored(head: Mapping[str, Any], parts: Sequence[Mapping[str, Any]]) -> Position:
    statements = sorted(
        ("date" not in part, part.get("date", ""), id_of(part["statement"])) for part in parts if "statement" in part
    )
    turns = sorted((part["changed"], part["before"], part["after"]) for part in parts if "changed" in part)
    return Position(
        actor=id_of(head["actor"]),
        actor_label=head["actorLabel"],
        reform=id_of(head["reform"]),
        reform_label=head["reformLabel"],
        stance=Stance(name_of(head["stance"])),
        first=head.get("first", ""),
        last=head.get("last", ""),
        statements=tuple(id for _, _, id in statements),
        counts={stance: head[stance] for stance in sorted(Stance) if head[stance]},
        articles=head["articles"],
        publishers=head["publishers"],
        concerns=tuple(sorted(id_of(part["concern"]) for part in parts if "concern" in part)),
        conditions=tuple(sorted(part["condition"] for part in parts if "condition" in part)),
        changes=tuple(
            Change(before=Stance(name_of(before)), after=Stance(name_of(after)), date=date)
            for date, before, after in turns
        ),
    )
