"""What a well-formed graph satisfies, and each breach of it as a sentence."""

from collections.abc import Collection, Iterable, Iterator
from functools import cache
from pathlib import Path

import pyshacl
import rdflib
from rdflib.namespace import SH

from graph.errors import StoreError
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.triples import Facts
from graph.rdf.vocabulary import OA, RDF, SCHEMA, P, graph_iri, id_of, iri
from graph.store.dataset import base_of
from graph.store.embedded import Store

SHAPES = Path(__file__).parent / "shapes.ttl"
SHAPE = "https://positions.example/shapes#"
OF_ARTICLES = ("Statement", "Cue", "Article", "Extraction")
OF_THE_REST = (
    *("Agent", "Reform", "Concern", "Position", "Change", "Standing", "Reviewed", "Review", "Agreement", "Camp"),
)
# Shapes that others refer to: one that is not named here would be passed over without a word.
REFERRED = ("Passage", "Place", "Date")
# Triples that are checked at once: enough that the set-up of a run does not count, few enough for memory.
AT_ONCE = 40_000
LONGEST = 80
STATEMENTS = "PREFIX : <https://positions.example/ontology#> SELECT ?it WHERE { ?it a :Statement }"


def validate(store: Store) -> Iterator[str]:
    """Each breach in the store as one sentence: of the shapes, and of the rule that a quote is verbatim.

    Articles are checked some at a time, so that the size of the store does not matter for memory.
    """
    base = base_of(store)
    start = graph_iri(base, "article") + "/"
    shared = [
        triple
        for graph in store.graphs()
        if not graph.startswith(start) and graph != graph_iri(base, "ontology")
        for triple in store.triples(graph)
    ]
    # Statements that people have added are in the graph of reviews. They are checked after those of the articles.
    types = [it for it in shared if it.predicate == RDF.type and it.object not in (P.Statement, P.Cue)]
    batch: list[Triple] = []
    read: list[Triple] = []
    for graph in store.graphs():
        if graph.startswith(start):
            article = list(store.triples(graph))
            yield from not_verbatim(Facts(article))
            batch += article
            read.append(Triple(iri(base, "article", id_of(graph)), RDF.type, SCHEMA.Article))
        if len(batch) > AT_ONCE:
            yield from breaches([*batch, *types], OF_ARTICLES)
            batch = []
    yield from breaches([*batch, *types], OF_ARTICLES)
    added = list(store.triples(graph_iri(base, "reviews")))
    if any(it.object == P.Statement for it in added):
        yield from breaches([*added, *types, *read], ("Statement", "Cue"))
    statements = [Triple(Iri(row["it"]), RDF.type, P.Statement) for row in store.rows(STATEMENTS)]
    yield from breaches([*shared, *statements], OF_THE_REST)


def breaches(triples: Iterable[Triple], shapes: Collection[str]) -> list[str]:
    """What these triples breach of these shapes, by the things' order."""
    _, report, text = pyshacl.validate(
        _rdf(triples),
        shacl_graph=_shapes(),
        inference="none",
        use_shapes=[SHAPE + name for name in (*shapes, *REFERRED)],
    )
    if not isinstance(report, rdflib.Graph):
        raise StoreError(f"the shapes could not be checked: {text}")
    told = set()
    for result in report.objects(None, SH.result):
        message = min(map(str, report.objects(result, SH.resultMessage)), key=len)
        value = report.value(result, SH.value)
        found = f" Here it is {str(value)[:LONGEST]!r}." if value is not None else ""
        told.add(f"<{report.value(result, SH.focusNode)}>: {message}{found}")
    return sorted(told)


def not_verbatim(facts: Facts) -> Iterator[str]:
    """Report the statements of one article whose quote differs from the article's text."""
    for article in facts.of_type(SCHEMA.Article):
        text = facts.maybe(article, SCHEMA.text) or ""
        for it in facts.of_type(P.Statement):
            quote, start, end = (
                facts.maybe(f"{it}#{part}", predicate)
                for part, predicate in (("quote", OA.exact), ("place", OA.start), ("place", OA.end))
            )
            # The shapes report a missing one.
            if quote is not None and start is not None and end is not None and text[int(start) : int(end)] != quote:
                yield f"<{it}>: The quote differs from its article at {start}-{end}. Extract the article again."


@cache
def _shapes() -> rdflib.Graph:
    return rdflib.Graph().parse(SHAPES, format="turtle")


def _rdf(triples: Iterable[Triple]) -> rdflib.Graph:
    rdf = rdflib.Graph()
    for subject, predicate, object in triples:
        rdf.add((rdflib.URIRef(subject), rdflib.URIRef(predicate), _term(object)))
    return rdf


def _term(term: Iri | Literal) -> rdflib.URIRef | rdflib.Literal:
    if isinstance(term, Iri):
        return rdflib.URIRef(term)
    # Not normalised: '2023' is a year, and a text of digits is not a number.
    return rdflib.Literal(term.value, lang=term.language or None, datatype=term.datatype or None, normalize=False)
