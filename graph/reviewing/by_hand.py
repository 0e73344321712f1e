"""The hand coding in `coding.jsonl` of a domain, applied to the graph as reviews "coded by hand".

Each line is a statement that a person has coded: the full statement record, or `article`, `quote`, `actor`, `reform`
and `stance`, with `speaker`, `concerns` and `condition` if they apply. A line with an `article` alone says that the
person has read it and found no statement in it. An article named in the file counts as coded in full: what a reader
finds there beyond the coding is kept as a machine reading and does not count.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.building import name_found, people
from graph.coding.coded import kept_coding
from graph.coding.evaluate import Annotation, actor_names
from graph.domain.folder import Domain
from graph.errors import BadStatement
from graph.model import Article, Manner, Stance, Statement
from graph.names import actor_slug, by_name, folded
from graph.positions import derive
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.triples import Source, statement_triples
from graph.rdf.vocabulary import FOAF, HEAD, PROV, RDF, P, graph_iri, id_of, iri
from graph.reviewing.accuracy import annotation_of, coded_triples
from graph.reviewing.reviews import BY_HAND, Fault, Review, Verdict, effect, history, review_triples, standing
from graph.store.dataset import base_of
from graph.store.embedded import Store

FILE = "coding.jsonl"
TIME = "2000-01-01T00:00:00Z"
"""The time of each of these reviews: the same files must give the same graph."""
REQUIRED = ("article", "quote", "actor", "reform", "stance")
ADDED = HEAD + "SELECT ?statement WHERE { VALUES ?reviewer { UNDEF } ?statement prov:wasGeneratedBy ?reviewer }"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandCoded:
    """The hand coding of a domain: the coded statements, and the articles that were read in full."""

    statements: tuple[Statement, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    """The same statements, to compare readers with."""
    articles: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    """Lines that cannot be used, each with its place and the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What the hand coding did to the graph."""

    added: int = 0
    """Statements that no reader had found."""
    confirmed: int = 0
    corrected: int = 0
    rejected: int = 0
    faults: tuple[str, ...] = ()
    """Lines of the coding that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingReviews:
    """The reviews that follow from a hand coding, and the statements to add."""

    reviews: tuple[Review, ...]
    added: tuple[Statement, ...]


def read_hand_coding(domain: Domain, articles: Iterable[Article]) -> HandCoded:
    """Read the hand coding in a domain's folder, if there is one. Raise BadStatement for a line that is not JSON."""
    path = domain.folder / FILE
    if not path.is_file():
        return HandCoded()
    texts = {article.id: article for article in articles}
    names = {
        "actor": by_name({it.id: (it.label, *it.aliases) for it in domain.actors.values()}),
        "reform": by_name({it.id: (it.label, *it.aliases) for it in domain.reforms.values()}),
        "concern": by_name({it.id: (it.label,) for it in domain.concerns.values()}),
    }
    known = actor_names(domain)
    made: dict[str, Statement] = {}
    annotations: dict[str, Annotation] = {}
    whole: set[str] = set()
    faults: list[str] = []
    for number, fields in _lines(path):
        place = f"{path}:{number}"
        article = texts.get(str(fields.get("article", "")))
        if article is None:
            faults.append(f"{place}: there is no article {fields.get('article')!r}")
            continue
        whole.add(article.id)
        if not fields.keys() - {"article", "note"}:
            continue
        found = _statement(fields, article, domain, names)
        if isinstance(found, Statement):
            made[found.id] = found
            clear = fields.get("certainty", "clear") == "clear"
            annotations[found.id] = annotation_of(found, known, clear=clear)
        else:
            faults.append(f"{place}: {found}")
    return HandCoded(
        statements=tuple(made.values()),
        annotations=tuple(annotations.values()),
        articles=frozenset(whole),
        faults=tuple(faults),
    )


Claim = tuple[str, str, str, str]
"""Article, words, actor and reform of a statement."""


def compare(
    coding: HandCoded, statements: Sequence[Statement], *, imported: Collection[Claim] = frozenset()
) -> CodingReviews:
    """Compare what was extracted with the hand coding.

    A reading with the same passage, actor and reform is confirmed, or corrected to the coded side. A reading whose
    passage overlaps a coded one and that says the same of the same actor and reform is confirmed if it has the same
    condition; then the coded statement is not added. All other readings of these articles are rejected.
    """
    machine: defaultdict[str, list[Statement]] = defaultdict(list)
    for each in statements:
        if each.article in coding.articles:
            machine[each.article].append(each)
    coded: defaultdict[str, list[Statement]] = defaultdict(list)
    for each in coding.statements:
        coded[each.article].append(each)
    reviews: list[Review] = []
    added: list[Statement] = []
    for article in sorted(coding.articles):
        left = {each.id: each for each in machine[article]}
        for one in sorted(coded[article], key=lambda it: (it.start, it.end, it.actor, it.reform)):
            same = left.get(one.id) or next((it for it in left.values() if _says_the_same(it, one)), None)
            if same is not None:
                del left[same.id]
                right = same.stance is one.stance
                verdict = Verdict.RIGHT if right else Verdict.CORRECTED
                reviews.append(_review(same, verdict, stance=None if right else one.stance))
            else:
                added.append(one)
                reviews.append(_review(one, Verdict.RIGHT))
        reviews += [_review(it, Verdict.WRONG, fault=_fault(it, coded[article])) for it in left.values()]
    for each in statements:
        if each.article not in coding.articles and (each.article, each.quote, each.actor, each.reform) in imported:
            reviews.append(_review(each, Verdict.RIGHT))
    return CodingReviews(reviews=tuple(reviews), added=tuple(added))


def apply_hand_coding(
    store: Store, domain: Domain, articles: Iterable[Article], statements: Sequence[Statement]
) -> Applied:
    """Make the graph hold the reviews that follow from the hand coding, in the place of those of an earlier build.

    `articles` and `statements` are those the graph was built from. Statements imported from tables and DNA files are
    confirmed as well. A verdict that a person gives on a statement goes before the hand coding.
    """
    texts = {article.id: article for article in articles}
    coding = read_hand_coding(domain, texts.values())
    compared = compare(coding, statements, imported=_imported(domain))
    base = base_of(store)
    reviewer = iri(base, "reviewer", BY_HAND)
    known = people(domain)
    with store.writing():
        of: defaultdict[str, list[Review]] = defaultdict(list)
        for each in history(store):
            of[each.statement].append(each)
        old = [each for several in of.values() for each in several if each.reviewer == BY_HAND]
        graph = graph_iri(base, "reviews")
        remove: list[Triple] = []
        for each in old:
            remove += review_triples(base, each, None)
        for row in store.rows(ADDED, reviewer=reviewer):
            remove += _with_parts(store, graph, Iri(row["statement"]))
        remove += [it for it in store.triples(graph) if it.predicate == P.handCoding]
        add: list[Triple] = []
        for each in compared.reviews:
            add += review_triples(base, each, None)
        if compared.reviews:
            add += [Triple(reviewer, RDF.type, PROV.Person), Triple(reviewer, FOAF.name, Literal(BY_HAND))]
        new = {each.statement: each for each in compared.reviews}
        for statement in sorted({*new, *(each.statement for each in old)}):
            given = [each for each in of[statement] if each.reviewer != BY_HAND]
            remove += effect(base, statement, standing(of[statement]))
            add += effect(base, statement, standing([*given, *([new[statement]] if statement in new else [])]))
        for made in compared.added:
            source = Source(base=base, article=texts[made.article], people=known)
            extraction = iri(base, "extraction", made.article)
            add += [it for it in statement_triples(made, source) if it.object != extraction]
            add.append(Triple(iri(base, "statement", made.id), PROV.wasGeneratedBy, reviewer))
        add += coding_triples(base, coding)
        before, after = dict.fromkeys(remove), dict.fromkeys(add)
        if before.keys() != after.keys():
            store.amend(graph, remove=before.keys() - after.keys(), add=after.keys() - before.keys())
            name_found(store, base)
            derive(store)
    verdicts = [each.verdict for each in compared.reviews]
    return Applied(
        added=len(compared.added),
        confirmed=verdicts.count(Verdict.RIGHT) - len(compared.added),
        corrected=verdicts.count(Verdict.CORRECTED),
        rejected=verdicts.count(Verdict.WRONG),
        faults=coding.faults,
    )


def coding_triples(base: str, coding: HandCoded) -> Iterator[Triple]:
    """The hand coding as the graph keeps it."""
    return coded_triples(base, coding.articles, zip(coding.annotations, coding.statements, strict=True))


def recoded(store: Store, domain: Domain, articles: Iterable[Article]) -> tuple[str, ...]:
    """Return the articles, by id, whose hand coding is not the one that the graph was built with."""
    base = base_of(store)
    wanted = {id_of(each.subject): each.object for each in coding_triples(base, read_hand_coding(domain, articles))}
    graph = graph_iri(base, "reviews")
    held = {id_of(each.subject): each.object for each in store.triples(graph) if each.predicate == P.handCoding}
    return tuple(sorted(id for id in wanted.keys() | held.keys() if wanted.get(id) != held.get(id)))


def _imported(domain: Domain) -> set[Claim]:
    coded = (each for coding in kept_coding(domain) for each in coding.statements)
    return {(each.article, each.quote, each.actor, each.reform) for each in coded}


def _lines(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                fields = json.loads(line.decode("utf-8"))
            except ValueError as error:
                raise BadStatement(f"{path}:{number}: not a JSON object: {error}") from error
            if not isinstance(fields, dict):
                raise BadStatement(f"{path}:{number}: not a JSON object")
            yield number, fields


def _statement(
    fields: Mapping[str, Any], article: Article, domain: Domain, names: Mapping[str, Mapping[str, str]]
) -> Statement | str:
    """Return the coded statement of a line, or why there is none."""
    missing = [name for name in REQUIRED if not fields.get(name)]
    if missing:
        return f"the line has no {', '.join(missing)}"
    reform = names["reform"].get(folded(str(fields["reform"])))
    if reform is None:
        return f"{fields['reform']!r} is neither the id nor the name of a reform; add its row to reforms.csv"
    if fields["stance"] not in set(Stance):
        return f"stance {fields['stance']!r} is not one of {', '.join(Stance)}"
    manner = fields.get("manner") or Manner.REPORTED
    if manner not in set(Manner):
        return f"manner {manner!r} is not one of {', '.join(Manner)}"
    quote = str(fields["quote"])
    start = _place(quote, article.text, fields.get("start"))
    if start is None:
        return "the quote is not in the text of the article, or is there more than once; give its start as well"
    said = str(fields["actor"]).strip()
    actor = names["actor"].get(folded(said))
    label = domain.actors[actor].label if actor is not None else str(fields.get("actor_label") or said)
    concerns = {names["concern"].get(folded(str(it)), "") for it in fields.get("concerns") or ()} - {""}
    return Statement(
        article=article.id,
        start=start,
        end=start + len(quote),
        quote=quote,
        actor=actor or actor_slug(said),
        actor_label=label,
        speaker=fields.get("speaker") or None,
        reform=reform,
        stance=Stance(fields["stance"]),
        concerns=tuple(sorted(concerns)),
        condition=fields.get("condition") or None,
        manner=Manner(manner),
        confidence=1.0,
    )


def _place(quote: str, text: str, told: Any) -> int | None:
    """Return where a quotation begins: at the place given, or at the nearest or only place where the words stand."""
    if isinstance(told, int) and text[told : told + len(quote)] == quote:
        return told
    places: list[int] = []
    at = text.find(quote)
    while at >= 0:
        places.append(at)
        at = text.find(quote, at + 1)
    if isinstance(told, int) and places:
        return min(places, key=lambda place: abs(place - told))
    return places[0] if len(places) == 1 else None


def _overlap(a: Statement, b: Statement) -> bool:
    return a.start < b.end and b.start < a.end


def _says_the_same(machine: Statement, coded: Statement) -> bool:
    of_same = (machine.actor, machine.reform, machine.stance) == (coded.actor, coded.reform, coded.stance)
    return of_same and _overlap(machine, coded) and (machine.condition is None) == (coded.condition is None)


def _fault(machine: Statement, coded: Iterable[Statement]) -> Fault:
    """Return what is wrong with a reading, by the coded statements on the same words."""
    near = [each for each in coded if _overlap(machine, each)]
    if any(each.actor == machine.actor and each.reform == machine.reform for each in near):
        return Fault.STANCE if all(each.stance is not machine.stance for each in near) else Fault.PASSAGE
    if any(each.reform == machine.reform for each in near):
        return Fault.ACTOR
    if any(each.actor == machine.actor for each in near):
        return Fault.REFORM
    return Fault.POSITION


def _review(of: Statement, verdict: Verdict, *, stance: Stance | None = None, fault: Fault | None = None) -> Review:
    return Review(
        statement=of.id,
        verdict=verdict,
        reviewer=BY_HAND,
        time=TIME,
        fault=fault,
        stance=stance,
        held_by=of.actor,
        about=of.reform,
        article=of.article,
        start=of.start,
        end=of.end,
        quote=of.quote,
    )


def _with_parts(store: Store, graph: Iri, statement: Iri) -> Iterator[Triple]:
    """The triples of a statement in a graph, and those of its passage and cues."""
    for triple in store.triples(graph, subject=statement):
        yield triple
        if isinstance(triple.object, Iri) and triple.object.startswith(f"{statement}#"):
            yield from _with_parts(store, graph, triple.object)
