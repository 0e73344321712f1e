"""Terms as text: the content of a value never becomes part of a query."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graph.errors import StoreError
from graph.rdf.terms import XSD, Iri, Literal, Term, date, number, written
from graph.store.embedded import memory_store


@pytest.mark.parametrize(
    ("term", "text"),
    [
        (Iri("https://buses.example/id/actor/council"), "<https://buses.example/id/actor/council>"),
        (Literal('a "b" \\ c\nd'), '"a \\"b\\" \\\\ c\\nd"'),
        (Literal("bus", language="en-GB"), '"bus"@en-GB'),
        (Literal("7", XSD + "integer"), f'"7"^^<{XSD}integer>'),
        ("plain", '"plain"'),
        (7, f'"7"^^<{XSD}integer>'),
        (0.25, f'"0.25"^^<{XSD}decimal>'),
        (True, f'"true"^^<{XSD}boolean>'),
    ],
)
def test_a_term_is_written_as_sparql_has_it(term: Term | str | float, text: str) -> None:
    assert written(term) == text


@pytest.mark.parametrize(
    "term",
    [
        Iri("https://buses.example/> } DROP ALL ; #"),
        Iri("https://buses.example/a b"),
        Iri("council"),
        Iri("https://buses.example/\ud800"),
        Literal("half a pair \ud83d"),
        Literal("bus", language="en> ."),
        Literal("7", "no iri"),
    ],
)
def test_what_would_break_out_of_its_place_is_refused(term: Term) -> None:
    with pytest.raises(StoreError):
        written(term)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_goes_through_a_query_unchanged(text: str) -> None:
    query = "SELECT ?it WHERE { VALUES ?it { UNDEF } }"
    assert memory_store().select(query, it=text) == [{"it": text}]


@given(st.floats(min_value=0, max_value=1))
@example(1e-20)
@example(1.0)
def test_a_confidence_is_the_same_float_after_the_store(value: float) -> None:
    query = "SELECT ?it WHERE { VALUES ?it { UNDEF } }"
    assert memory_store().select(query, it=number(value))[0]["it"] == value


@pytest.mark.parametrize(
    ("value", "kind"), [("2031", "gYear"), ("2031-02", "gYearMonth"), ("2031-02-03", "date"), ("soon", "")]
)
def test_a_date_has_the_type_of_its_precision(value: str, kind: str) -> None:
    assert date(value) == Literal(value, XSD + kind if kind else "")
