"""A built graph conforms to the shapes; each breach is reported in a sentence about its subject."""

import pytest

from graph import validate as validation
from graph.building import build
from graph.rdf.terms import XSD, Iri, Literal, Term, Triple
from graph.rdf.vocabulary import DCT, OA, PROV, RDF, SCHEMA, SKOS, P, graph_iri, iri
from graph.store.embedded import Store, memory_store
from graph.validate import validate
from tests import factory

STATEMENT = factory.statement(concerns=("cost",), speaker="Bo Tern")
IT = iri(factory.BASE, "statement", STATEMENT.id)
POSITION = iri(factory.BASE, "position", "council", "fare-cap")
ARTICLE = iri(factory.BASE, "article", "cap-news")
COUNCIL = iri(factory.BASE, "actor", "council")
ABSENT = iri(factory.BASE, "actor", "absent")
ARTICLE_GRAPH = graph_iri(factory.BASE, "article", "cap-news")
POSITIONS = graph_iri(factory.BASE, "positions")
VOCABULARY = graph_iri(factory.BASE, "vocabulary")


def built() -> Store:
    store = memory_store()
    build(store, factory.domain(), [factory.article()], [STATEMENT])
    return store


@pytest.mark.parametrize("at_once", [validation.AT_ONCE, 0])
def test_a_built_graph_conforms(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "AT_ONCE", at_once)
    assert list(validate(built())) == []


@pytest.mark.parametrize(
    ("graph", "subject", "predicate", "value", "message"),
    [
        (ARTICLE_GRAPH, IT, P.actor, None, "one actor"),
        (ARTICLE_GRAPH, IT, P.actor, ABSENT, "one actor, which must be in the vocabulary"),
        (ARTICLE_GRAPH, IT, P.reform, None, "one reform"),
        (ARTICLE_GRAPH, IT, P.stance, P.direct, "one stance"),
        (ARTICLE_GRAPH, IT, P.manner, None, "one manner"),
        (ARTICLE_GRAPH, IT, P.confidence, Literal("1.5", XSD + "decimal"), "from 0 to 1"),
        (ARTICLE_GRAPH, IT, P.concern, ABSENT, "concerns must be in the vocabulary"),
        (ARTICLE_GRAPH, IT, P.speaker, COUNCIL, "who is a person"),
        (ARTICLE_GRAPH, IT, P.passage, None, "one passage"),
        (ARTICLE_GRAPH, IT, PROV.wasQuotedFrom, None, "quoted from one article"),
        (ARTICLE_GRAPH, Iri(f"{IT}#quote"), OA.exact, None, "one passage"),
        (ARTICLE_GRAPH, Iri(f"{IT}#quote"), OA.exact, Literal("The council loved it."), "Extract the article again"),
        (ARTICLE_GRAPH, Iri(f"{IT}#place"), OA.end, Literal("0", XSD + "integer"), "one passage"),
        (ARTICLE_GRAPH, Iri(f"{IT}#passage"), OA.hasSelector, None, "one passage"),
        (ARTICLE_GRAPH, ARTICLE, SCHEMA.text, None, "one text"),
        (ARTICLE_GRAPH, ARTICLE, DCT.date, Literal("last spring"), "a year, a month or a day"),
        (VOCABULARY, COUNCIL, SKOS.prefLabel, None, "An actor has one label"),
        (
            VOCABULARY,
            iri(factory.BASE, "reform", "fare-cap"),
            SKOS.broader,
            ABSENT,
            "broader reform, which must be in the vocabulary",
        ),
        (POSITIONS, POSITION, P.statement, ABSENT, "statements, which must be in the graph"),
        (POSITIONS, POSITION, P.stance, None, "A position has one stance"),
        (POSITIONS, POSITION, P.statementCount, None, "the number of its statements"),
        (
            POSITIONS,
            COUNCIL,
            P.opposes,
            iri(factory.BASE, "reform", "fare-cap"),
            "does not both support and oppose a reform",
        ),
        (POSITIONS, IT, P.verdict, P.direct, "A verdict is"),
    ],
)
def test_a_breach_is_reported(graph: Iri, subject: Iri, predicate: Iri, value: Term | None, message: str) -> None:
    store = built()
    old = [triple for triple in store.triples(graph, subject=subject) if triple.predicate == predicate]
    store.amend(graph, remove=old, add=[Triple(subject, predicate, value)] if value is not None else [])
    told = list(validate(store))
    assert any(message in each for each in told), told
    assert all(each.startswith("<") and each.endswith(".") for each in told)


def test_each_missing_part_of_a_thing_is_reported_once() -> None:
    store = built()
    store.amend(POSITIONS, add=[Triple(ABSENT, RDF.type, P.Change)])
    assert [each for each in validate(store) if str(ABSENT) in each] == [
        f"<{ABSENT}>: A change has one date.",
        f"<{ABSENT}>: A change has one stance after it.",
        f"<{ABSENT}>: A change has one stance before it, different from the one after it.",
    ]


def test_every_shape_is_checked() -> None:
    shapes = validation._shapes()
    named = {str(it).removeprefix(validation.SHAPE) for it in shapes.subjects() if validation.SHAPE in str(it)}
    assert named == {*validation.OF_ARTICLES, *validation.OF_THE_REST, *validation.REFERRED}
