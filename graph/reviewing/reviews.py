"""The verdicts of people on statements, stored permanently in their own graph and counted everywhere.

Each verdict is a `:Review` that stays (PROV-O: an entity, revised by the next one; Web Annotation: an annotation that
assesses). The finding of the latest one is a property of the statement itself, also in the graph of reviews, where all
counts use it. A review stores its passage, so that it finds its statement again after offsets have moved.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from graph.errors import BadRequest, UnknownActor, UnknownReform
from graph.model import Selection, Stance, Statement
from graph.names import UNPRINTABLE
from graph.positions import Pair, derive
from graph.proof import proof
from graph.rdf.terms import XSD, Iri, Literal, Triple, integer
from graph.rdf.triples import Source, statement_triples
from graph.rdf.vocabulary import DCT, FOAF, HEAD, OA, PROV, RDF, STANCES, P, graph_iri, id_of, iri, name_of
from graph.reading import catalogue
from graph.reading.catalogue import Evidence
from graph.store.dataset import base_of
from graph.store.embedded import Store


class Verdict(StrEnum):
    """A person's finding on a statement."""

    RIGHT = "right"
    WRONG = "wrong"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    """The reviewer withdraws an earlier verdict."""


class Fault(StrEnum):
    """What is wrong with a statement."""

    POSITION = "not a position"
    ACTOR = "wrong actor"
    REFORM = "wrong reform"
    STANCE = "wrong stance"
    PASSAGE = "wrong passage"


TERMS = {
    Verdict.RIGHT: P.accepted,
    Verdict.WRONG: P.rejected,
    Verdict.CORRECTED: P.corrected,
    Verdict.WITHDRAWN: P.withdrawn,
}
VERDICTS = {term: verdict for verdict, term in TERMS.items()}
LONGEST_NOTE = 2_000
BY_HAND = "coded by hand"
"""The reviewer in whose name the hand coding of a domain is applied."""
LONGEST_NAME = 300
"""Characters of an id or of a person's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One person's verdict on one statement, with the passage that it was given on."""

    statement: str
    verdict: Verdict
    reviewer: str
    time: str
    """When, as ISO 8601 with a time zone."""
    note: str = ""
    fault: Fault | None = None
    actor: str | None = None
    """Id of the right value; None if the extracted one is right."""
    reform: str | None = None
    stance: Stance | None = None
    held_by: str = ""
    """The actor and the reform that extraction found, by id."""
    about: str = ""
    article: str = ""
    start: int = 0
    end: int = 0
    quote: str = ""
    number: int = 0
    """Its number in the order of all reviews."""

    @property
    def id(self) -> str:
        """Return a hash of the reviewer, the finding, the statement and the number of the review."""
        key = "\x1f".join((str(self.number), self.statement, self.reviewer, self.verdict))
        return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def same_finding(self, other: "Review") -> bool:
        """Return whether both reviews have the same finding on the same statement by the same person."""
        return self.findings() == other.findings()

    def findings(self) -> tuple[object, ...]:
        """All that is said, without when."""
        said = (self.verdict, self.fault, self.actor, self.reform, self.stance, self.note)
        return (self.statement, self.reviewer, *said)


REVIEWS = (
    HEAD
    + """SELECT * WHERE {
  VALUES ?statement { UNDEF }
  ?review a :Review ; :statement ?statement ; :verdict ?verdict ; :number ?number ; dct:date ?time ;
    :actor ?held_by ; :reform ?about ; prov:wasAttributedTo/foaf:name ?reviewer .
  OPTIONAL { ?review :note ?note }
  OPTIONAL { ?review :fault ?fault }
  OPTIONAL { ?review :correctedActor ?actor }
  OPTIONAL { ?review :correctedReform ?reform }
  OPTIONAL { ?review :correctedStance ?stance }
  OPTIONAL {
    ?review oa:hasTarget ?target .
    ?target oa:hasSource ?article ; oa:hasSelector ?quoted , ?placed .
    ?quoted oa:exact ?quote .
    ?placed oa:start ?start ; oa:end ?end
  }
}
"""
)
NEXT = (
    HEAD
    + """SELECT (MAX(?number) AS ?last) WHERE { ?review a :Review ; :number ?number }
"""
)
ORPHANS = (
    HEAD
    + """SELECT DISTINCT ?statement WHERE {
  ?review a :Review ; :statement ?statement
  FILTER NOT EXISTS { ?statement a :Statement }
}
"""
)
EXTRACTED = (
    HEAD
    + """
SELECT ?actor ?reform WHERE {
  VALUES ?statement { UNDEF } ?statement a :Statement ; :actor ?actor ; :reform ?reform
}
"""
)
ADDED = (
    HEAD
    + """SELECT ?statement WHERE { VALUES ?graph { UNDEF } GRAPH ?graph { ?statement a :Statement } }
"""
)
SEVERAL = 1_000
"""Largest number of statements of one actor on one reform in one article."""
UNSETTLED = (
    HEAD
    + """SELECT ?actor ?reform WHERE { ?change a :Unsettled ; :actor ?actor ; :reform ?reform }
"""
)


def record(store: Store, review: Review) -> Review:
    """Store a verdict, count it at once, and return the stored review with its number and passage.

    A verdict that repeats the person's last one is not stored twice, so an unanswered request can be sent again.
    Raise UnknownStatement, UnknownActor, UnknownReform or BadRequest.
    """
    return record_all(store, [review])[0]


def record_all(store: Store, reviews: Sequence[Review]) -> list[Review]:
    """Store several verdicts in one transaction: all of them or none."""
    with store.writing():
        base = base_of(store)
        last = _last(store)
        kept: list[Review] = []
        new: list[Review] = []
        touched: set[Pair] = set()
        for given in reviews:
            found = catalogue.statement(store, given.statement)
            held_by, about = _extracted(store, given.statement)
            review = replace(
                _checked(store, given),
                held_by=held_by,
                about=about,
                article=found.article,
                start=found.start,
                end=found.end,
                quote=found.quote,
            )
            earlier = [r for r in (*history(store, given.statement), *new) if r.statement == review.statement]
            own = [r for r in earlier if r.reviewer == review.reviewer]
            if own and own[-1].same_finding(review):
                kept.append(own[-1])
                continue
            last += 1
            review = replace(review, number=last)
            new.append(review)
            kept.append(review)
            touched |= _meant([*earlier, review])
        if new:
            _write(store, base, new, touched)
        return kept


def history(store: Store, statement: str | None = None) -> list[Review]:
    """Return the reviews of a statement, or of all statements, oldest first."""
    base = base_of(store)
    wanted = iri(base, "statement", statement) if statement is not None else None
    return sorted((_review(row) for row in store.rows(REVIEWS, statement=wanted)), key=lambda review: review.number)


def standing(reviews: Iterable[Review]) -> Review | None:
    """Return the review of a statement that counts: the latest one that its reviewer has not withdrawn."""
    latest: dict[str, Review] = {}
    for review in sorted(reviews, key=lambda review: review.number):
        latest.pop(review.reviewer, None)
        latest[review.reviewer] = review
    counting = [review for review in latest.values() if review.verdict is not Verdict.WITHDRAWN]
    return counting[-1] if counting else None


def disagreements(reviews: Iterable[Review]) -> Iterator[tuple[str, tuple[Review, ...]]]:
    """Return the statements on which reviewers disagree, each with the latest review of each reviewer."""
    of: defaultdict[str, dict[str, Review]] = defaultdict(dict)
    for review in sorted(reviews, key=lambda review: review.number):
        of[review.statement][review.reviewer] = review
    for statement, latest in sorted(of.items()):
        counting = tuple(review for review in latest.values() if review.verdict is not Verdict.WITHDRAWN)
        if len({(review.verdict, review.actor, review.reform, review.stance) for review in counting}) > 1:
            yield statement, counting


def add_missed(store: Store, missed: Statement, *, reviewer: str, time: str, note: str = "") -> Review:
    """Add a statement that extraction missed and a person found. It counts as checked.

    It stays in the graph of reviews, where no extraction touches it. Raises NotVerbatim, UnknownArticle, UnknownActor,
    UnknownReform.
    """
    with store.writing():
        base = base_of(store)
        article = catalogue.article(store, missed.article)
        if len(missed.speaker or "") > LONGEST_NAME or UNPRINTABLE.search(missed.speaker or ""):
            raise BadRequest(f"speaker: use at most {LONGEST_NAME} characters, and no control characters")
        proof(missed, article)
        made = replace(missed, confidence=1.0)
        review = Review(
            statement=made.id,
            verdict=Verdict.RIGHT,
            reviewer=reviewer,
            time=time,
            note=note,
            held_by=made.actor,
            about=made.reform,
            article=made.article,
            start=made.start,
            end=made.end,
            quote=made.quote,
            number=_last(store) + 1,
        )
        _checked(store, replace(review, verdict=Verdict.CORRECTED, actor=made.actor, reform=made.reform))
        source = Source(base=base, article=article)
        extraction = iri(base, "extraction", made.article)
        told = [triple for triple in statement_triples(made, source) if triple.object != extraction]
        it = iri(base, "statement", made.id)
        told.append(Triple(it, PROV.wasGeneratedBy, iri(base, "reviewer", reviewer)))
        _write(store, base, [review], {(made.actor, made.reform)}, told)
        return review


def carry_over(store: Store) -> int:
    """After a new extraction, move verdicts on missing statements to the statements on the same words. Return how many.

    The article, actor, reform and quotation must match, apart from white space. If several match, take the nearest.
    """
    lost = [id_of(row["statement"]) for row in store.rows(ORPHANS)]
    moved = 0
    for statement in lost:
        reviews = [review for review in history(store, statement) if review.reviewer != BY_HAND]
        heir = _heir(store, reviews[-1]) if reviews else None
        if heir is None or any(review.statement == heir.id for review in history(store, heir.id)):
            continue
        moved += 1
        record_all(store, [replace(review, statement=heir.id) for review in reviews])
    return moved + _follow_added(store)


def _follow_added(store: Store) -> int:
    """Move statements added by hand to the new place of their words, and reject the old ones. Return how many."""
    moved = 0
    for row in list(store.rows(ADDED, graph=graph_iri(base_of(store), "reviews"))):
        found = catalogue.statement(store, id_of(row["statement"]))
        counting = standing(history(store, found.id))
        if (
            counting is None
            or counting.reviewer == BY_HAND
            or counting.verdict is Verdict.WRONG
            or found.article not in catalogue.article_table(store)
        ):
            continue
        text = catalogue.article(store, found.article).text
        if text[found.start : found.end] == found.quote:
            continue
        places = [match.start() for match in re.finditer(re.escape(found.quote), text)]
        if not places:
            continue
        start = min(places, key=lambda place: abs(place - found.start))
        made = replace(found.statement(), start=start, end=start + len(found.quote))
        add_missed(store, made, reviewer=counting.reviewer, time=counting.time, note=counting.note)
        gone = Review(
            statement=found.id,
            verdict=Verdict.WRONG,
            reviewer=counting.reviewer,
            time=counting.time,
            fault=Fault.PASSAGE,
            note=f"the text has moved; it is {made.id} now",
        )
        record(store, gone)
        moved += 1
    return moved


def settle(store: Store) -> int:
    """Update the positions that a stopped process left with an uncounted verdict. Return the number of pairs."""
    rows = store.select(UNSETTLED)
    if rows:
        pairs = {(id_of(row["actor"]), id_of(row["reform"])) for row in rows}
        derive(store, pairs)
        _clear(store, base_of(store), pairs)
    return len(rows)


def _checked(store: Store, review: Review) -> Review:
    """Return the review, with corrections only if it corrects. Raise BadRequest, UnknownActor or UnknownReform."""
    corrections = (review.actor, review.reform, review.stance)
    if review.verdict is Verdict.CORRECTED and not any(corrections):
        raise BadRequest("a corrected statement needs the right actor, reform or stance")
    for name in ("statement", "reviewer", "note", "actor", "reform"):
        if UNPRINTABLE.search(getattr(review, name) or ""):
            raise BadRequest(f"{name}: remove the control characters")
    if len(review.note) > LONGEST_NOTE:
        raise BadRequest(f"a note may have {LONGEST_NOTE:,} characters")
    if review.actor is not None and review.actor not in catalogue.actor_table(store):
        raise UnknownActor(f"there is no actor {review.actor!r}; use the id of one that the graph knows")
    if review.reform is not None and review.reform not in catalogue.reform_tree(store):
        raise UnknownReform(f"there is no reform {review.reform!r}; use the id of one in the domain's table")
    if review.verdict is not Verdict.CORRECTED:
        return replace(review, actor=None, reform=None, stance=None)
    return review


def _write(store: Store, base: str, reviews: Sequence[Review], touched: set[Pair], more: Iterable[Triple] = ()) -> None:
    graph = graph_iri(base, "reviews")
    statements = sorted({review.statement for review in reviews})
    remove: list[Triple] = []
    add: list[Triple] = [*more]
    for statement in statements:
        earlier = history(store, statement)
        remove += effect(base, statement, standing(earlier))
        new = [review for review in reviews if review.statement == statement]
        add += effect(base, statement, standing([*earlier, *new]))
        before: Review | None = earlier[-1] if earlier else None
        for review in new:
            add += review_triples(base, review, before)
            before = review
    # Record uncounted changes in the same transaction, so that no crash can lose them.
    add += [triple for pair in sorted(touched) for triple in _unsettled(base, pair)]
    store.amend(graph, remove=remove, add=add)
    derive(store, touched, touched=statements)
    _clear(store, base, touched)


def _clear(store: Store, base: str, pairs: Iterable[Pair]) -> None:
    store.amend(graph_iri(base, "reviews"), remove=[t for pair in sorted(pairs) for t in _unsettled(base, pair)])


def _unsettled(base: str, pair: Pair) -> Iterator[Triple]:
    it = iri(base, "unsettled", *pair)
    yield Triple(it, RDF.type, P.Unsettled)
    yield Triple(it, P.actor, iri(base, "actor", pair[0]))
    yield Triple(it, P.reform, iri(base, "reform", pair[1]))


def effect(base: str, statement: str, review: Review | None) -> Iterator[Triple]:
    """Return what a review puts on the statement itself."""
    if review is None:
        return
    it = iri(base, "statement", statement)
    yield Triple(it, P.verdict, TERMS[review.verdict])
    if review.verdict is Verdict.WRONG:
        yield Triple(it, PROV.invalidatedAtTime, Literal(review.time, XSD + "dateTime"))
    yield from _corrections(base, it, review)


def _corrections(base: str, it: Iri, review: Review) -> Iterator[Triple]:
    if review.actor is not None:
        yield Triple(it, P.correctedActor, iri(base, "actor", review.actor))
    if review.reform is not None:
        yield Triple(it, P.correctedReform, iri(base, "reform", review.reform))
    if review.stance is not None:
        yield Triple(it, P.correctedStance, STANCES[review.stance])


def review_triples(base: str, review: Review, before: Review | None) -> Iterator[Triple]:
    """Return a review as triples, with the review it revises."""
    it = iri(base, "review", review.id)
    target, quoted, placed = Iri(f"{it}#passage"), Iri(f"{it}#quote"), Iri(f"{it}#place")
    reviewer = iri(base, "reviewer", review.reviewer)
    yield Triple(it, RDF.type, P.Review)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, RDF.type, OA.Annotation)
    yield Triple(it, OA.motivatedBy, OA.assessing)
    yield Triple(it, P.statement, iri(base, "statement", review.statement))
    yield Triple(it, P.verdict, TERMS[review.verdict])
    yield Triple(it, P.number, integer(review.number))
    yield Triple(it, DCT.date, Literal(review.time, XSD + "dateTime"))
    yield Triple(it, P.actor, iri(base, "actor", review.held_by))
    yield Triple(it, P.reform, iri(base, "reform", review.about))
    yield Triple(it, PROV.wasAttributedTo, reviewer)
    yield Triple(reviewer, RDF.type, PROV.Person)
    yield Triple(reviewer, FOAF.name, Literal(review.reviewer))
    if before is not None:
        yield Triple(it, PROV.wasRevisionOf, iri(base, "review", before.id))
    if review.note:
        yield Triple(it, P.note, Literal(review.note))
    if review.fault is not None:
        yield Triple(it, P.fault, Literal(review.fault))
    yield from _corrections(base, it, review)
    yield Triple(it, OA.hasTarget, target)
    yield Triple(target, RDF.type, OA.SpecificResource)
    yield Triple(target, OA.hasSource, iri(base, "article", review.article))
    yield Triple(target, OA.hasSelector, quoted)
    yield Triple(target, OA.hasSelector, placed)
    yield Triple(quoted, RDF.type, OA.TextQuoteSelector)
    yield Triple(quoted, OA.exact, Literal(review.quote))
    yield Triple(placed, RDF.type, OA.TextPositionSelector)
    yield Triple(placed, OA.start, integer(review.start))
    yield Triple(placed, OA.end, integer(review.end))


def _review(row: Mapping[str, Any]) -> Review:
    return Review(
        statement=id_of(row["statement"]),
        verdict=VERDICTS[Iri(row["verdict"])],
        reviewer=row["reviewer"],
        time=row["time"],
        note=row.get("note", ""),
        fault=Fault(row["fault"]) if "fault" in row else None,
        actor=id_of(row["actor"]) if "actor" in row else None,
        reform=id_of(row["reform"]) if "reform" in row else None,
        stance=Stance(name_of(row["stance"])) if "stance" in row else None,
        held_by=id_of(row["held_by"]),
        about=id_of(row["about"]),
        article=id_of(row["article"]) if "article" in row else "",
        start=row.get("start", 0),
        end=row.get("end", 0),
        quote=row.get("quote", ""),
        number=row["number"],
    )


def _last(store: Store) -> int:
    return int(next(iter(store.select(NEXT)), {}).get("last", 0))


def _meant(reviews: Iterable[Review]) -> set[Pair]:
    """Every pair that a statement counts for, or counted for, by its reviews and without them."""
    return {
        pair
        for review in reviews
        for pair in (
            (review.held_by, review.about),
            (review.actor or review.held_by, review.reform or review.about),
        )
    }


def _extracted(store: Store, statement: str) -> Pair:
    """The actor and reform that the statement was extracted for, whatever reviews say."""
    (row,) = store.select(EXTRACTED, statement=iri(base_of(store), "statement", statement))
    return id_of(row["actor"]), id_of(row["reform"])


def _heir(store: Store, review: Review) -> Evidence | None:
    page = catalogue.statements(
        store, Selection(article=review.article, actor=review.held_by, reform=review.about), limit=SEVERAL
    )
    words = " ".join(review.quote.split())
    alike = [found for found in page.items if " ".join(found.quote.split()) == words]
    return min(alike, key=lambda found: abs(found.start - review.start), default=None)
