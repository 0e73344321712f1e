"""What is written to the graph is read back complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import BadStatement
from graph.model import Article, Cue, Manner, Stance, Statement
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.triples import (
    CONTEXT,
    Facts,
    Source,
    actor_triples,
    actors_of,
    article_of,
    article_triples,
    concern_triples,
    concerns_of,
    reform_triples,
    reforms_of,
    statement_triples,
    statements_of,
)
from graph.rdf.vocabulary import FOAF, OA, ORG, PROV, P, graph_iri, iri, kind_and_ids
from graph.store.embedded import memory_store
from tests import factory

# Half a surrogate pair is refused elsewhere, because RDF cannot store it.
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
ID = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
DATE = st.sampled_from(["", "2031", "2031-05", "2031-05-06"])
NUMBER = st.floats(min_value=0, max_value=1)
CUES = st.lists(
    st.builds(Cue, text=TEXT, start=st.integers(0, 10**6), end=st.integers(0, 10**6), effect=TEXT, weight=NUMBER),
    max_size=3,
).map(tuple)


@st.composite
def articles_with_a_statement(draw: st.DrawFn) -> tuple[Article, Statement]:
    text = draw(TEXT.filter(bool))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    pages = draw(st.sets(st.integers(0, len(text)), max_size=3))
    article = Article(
        id=draw(ID),
        text=text,
        title=draw(TEXT),
        publisher=draw(TEXT),
        author=draw(TEXT),
        date=draw(DATE),
        url=draw(TEXT),
        language=draw(TEXT),
        voice=draw(TEXT),
        pages=tuple(sorted(pages)),
        release=draw(st.one_of(st.just(""), ID)),
    )
    statement = Statement(
        article=article.id,
        start=start,
        end=end,
        quote=text[start:end],
        actor=draw(ID),
        actor_label=draw(TEXT),
        reform=draw(ID),
        stance=draw(st.sampled_from(Stance)),
        speaker=draw(st.none() | TEXT),
        concerns=tuple(sorted(draw(st.sets(ID, max_size=3)))),
        condition=draw(st.none() | TEXT),
        manner=draw(st.sampled_from(Manner)),
        cues=draw(CUES),
        confidence=draw(NUMBER),
    )
    return article, statement


@given(articles_with_a_statement())
def test_an_article_and_its_statement_are_read_back_from_the_store(made: tuple[Article, Statement]) -> None:
    article, statement = made
    source = Source(base=factory.BASE, article=article)
    store = memory_store()
    graph = graph_iri(factory.BASE, "article", article.id)
    store.replace(graph, [*article_triples(source), *statement_triples(statement, source)])
    facts = Facts(store.triples(graph))
    assert article_of(facts) == article
    assert list(statements_of(facts)) == [statement]


@given(st.lists(ID, min_size=1, max_size=3))
def test_an_iri_yields_the_ids_in_it(ids: list[str]) -> None:
    assert kind_and_ids(factory.BASE, iri(factory.BASE, "position", *ids)) == ("position", tuple(ids))


def test_an_iri_with_another_base_yields_no_ids() -> None:
    assert kind_and_ids(factory.BASE, "https://trams.example/id/actor/council") is None


def test_the_tables_are_read_back_from_the_store() -> None:
    domain = factory.domain()
    store = memory_store()
    triples = [triple for actor in domain.actors.values() for triple in actor_triples(actor, domain.base)]
    triples += [triple for reform in domain.reforms.values() for triple in reform_triples(reform, domain.base)]
    triples += [triple for concern in domain.concerns.values() for triple in concern_triples(concern, domain.base)]
    graph = graph_iri(domain.base, "vocabulary")
    store.replace(graph, triples)
    facts = Facts(store.triples(graph))
    assert {actor.id: actor for actor in actors_of(facts)} == domain.actors
    assert {reform.id: reform for reform in reforms_of(facts)} == domain.reforms
    assert {concern.id: concern for concern in concerns_of(facts)} == domain.concerns


def facts_of(statement: Statement, source: Source | None = None) -> Facts:
    return Facts(statement_triples(statement, source or Source(base=factory.BASE, article=factory.article())))


@pytest.mark.parametrize("quote", ["Harbour Lines opposed it.", "council welcomed the fare cap. Harbour Lines"])
def test_a_passage_has_two_selectors_and_the_words_around_it(quote: str) -> None:
    statement = factory.statement(quote)
    facts = facts_of(statement)
    passage = facts.one(iri(factory.BASE, "statement", statement.id), P.passage)
    quote, place = facts.all(passage, OA.hasSelector)[::-1]
    assert facts.one(quote, OA.exact) == statement.quote
    assert facts.one(quote, OA.prefix) == factory.TEXT[: statement.start][-CONTEXT:]
    assert facts.one(quote, OA.suffix) == factory.TEXT[statement.end : statement.end + CONTEXT]
    assert (facts.one(place, OA.start), facts.one(place, OA.end)) == (str(statement.start), str(statement.end))


def test_a_speaker_who_is_in_the_table_is_that_person() -> None:
    source = Source(base=factory.BASE, article=factory.article(), people={"cllr quill": "ada-quill"})
    statement = factory.statement(speaker="Cllr Quill")
    facts = facts_of(statement, source)
    it = iri(factory.BASE, "statement", statement.id)
    assert facts.one(it, P.speaker) == iri(factory.BASE, "actor", "ada-quill")
    assert facts.one(it, P.speakerName) == "Cllr Quill"


def test_a_speaker_who_is_in_no_table_speaks_for_the_actor() -> None:
    statement = factory.statement(speaker="Bo Tern")
    facts = facts_of(statement)
    speaker = facts.one(iri(factory.BASE, "statement", statement.id), P.speaker)
    assert facts.of_type(FOAF.Person) == [speaker]
    assert facts.one(speaker, PROV.actedOnBehalfOf) == iri(factory.BASE, "actor", "council")


def test_a_membership_has_role_and_time() -> None:
    facts = Facts(actor_triples(factory.domain().actors["ada-quill"], factory.BASE))
    membership = facts.one(iri(factory.BASE, "actor", "ada-quill"), ORG.hasMembership)
    assert facts.one(membership, ORG.organization) == iri(factory.BASE, "actor", "council")


def test_a_statement_that_lacks_a_part_is_reported() -> None:
    source = Source(base=factory.BASE, article=factory.article())
    triples = [each for each in statement_triples(factory.statement(), source) if each.predicate != P.stance]
    with pytest.raises(BadStatement, match="stance"):
        list(statements_of(Facts(triples)))


def test_cues_keep_their_order() -> None:
    cues = tuple(Cue(text=str(place), start=place, end=place + 1, effect="support") for place in range(12))
    statement = factory.statement(cues=cues)
    assert next(statements_of(facts_of(statement))).cues == cues


def test_statements_come_in_the_order_of_the_text() -> None:
    source = Source(base=factory.BASE, article=factory.article())
    later, earlier = factory.statement("Harbour Lines opposed it."), factory.statement()
    triples = [*statement_triples(later, source), *statement_triples(earlier, source)]
    assert list(statements_of(Facts(triples))) == [earlier, later]


def test_an_article_that_is_not_there_is_none() -> None:
    assert article_of(Facts([Triple(Iri("http://b.example/x"), P.voice, Literal("council"))])) is None


def test_the_document_of_an_actor_is_attributed_to_it() -> None:
    source = Source(base=factory.BASE, article=factory.article(voice="council"), author="council")
    facts = Facts(article_triples(source))
    it = iri(factory.BASE, "article", source.article.id)
    assert facts.one(it, PROV.wasAttributedTo) == iri(factory.BASE, "actor", "council")
    assert facts.one(it, P.voice) == "council"
    assert article_of(facts) == source.article
