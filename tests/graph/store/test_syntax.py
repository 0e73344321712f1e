"""A SPARQL text that does not parse: the sentence names line, column and what was expected."""

import pytest

from graph.errors import BadQuery
from graph.store.embedded import memory_store
from graph.store.trials import parses


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (
            "SELECT * WHERE { ?s ?p }",
            "line 1, column 24: expected a variable, an IRI, a name, a string, a number or '(', but",
        ),
        (
            "SELEC * WHERE { ?s ?p ?o }",
            "line 1, column 1: expected SELECT, CONSTRUCT, ASK, DESCRIBE or PREFIX, but found",
        ),
        ("SELEC * WHERE { ?s ?p ?o }", "did you mean SELECT?"),
        (
            "SELECT *\nWHER { ?s ?p ?o }",
            "line 2, column 1: expected a keyword or '{', but found 'WHER'; did you mean WHERE?",
        ),
        (
            "SELECT * WHERE { ?s ?p ?o",
            "line 1, column 26: expected a keyword, ',', '.', ';', '{' or '}', but the query ends",
        ),
        ("SELECT * {\n ?s foo:bar ?o }", "line 2, column 5: the prefix 'foo:' is not declared; add PREFIX foo: <…> at"),
        ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", "the SELECT contains a variable that is unbound"),
        ("SELECT * { FILTER(?a = ) }", "line 1, column 24: expected a variable"),
        ("ASK { ?s ?p 'x }", "line 1, column 17: expected a closing quotation mark, but the query ends"),
        ("SELECT * { ?s ?p ?o } LIMIT ten", "line 1, column 29: expected a number, but found 'ten'"),
        ("SELECT * { ?s ?p ?o }}", "line 1, column 22: expected the end of the query, but found '}'"),
        ("# 'a'\n\nSELECT ?s { ?s ?p 1.5 . FILTR(?o > 1e5) }", "line 3, column 25:"),
        ("", "line 1, column 1: expected SELECT, CONSTRUCT, ASK, DESCRIBE or PREFIX, but the query ends"),
    ],
)
def test_http_a_query_that_does_not_parse_is_told_in_one_sentence(query: str, told: str) -> None:
    with pytest.raises(BadQuery) as error:
        memory_store().select(query)

    assert told in str(error.value)
    assert str(error.value).startswith("the query does not parse: ")
    assert "\n" not in str(error.value)
    assert len(str(error.value)) < 250


@pytest.mark.parametrize(
    ("update", "told"),
    [
        (
            "INSRT DATA { <a> <b> <c> }",
            "line 1, column 1: expected INSERT, DELETE, CLEAR, WITH or PREFIX, but found 'INSRT'",
        ),
        ("INSERT DATA { ?s a ?b }", "variables are not allowed in INSERT DATA"),
        ("INSERT DATA { <a> <b> <c> } DELETE", "line 1, column 29: expected the end of the update, but found 'DELETE'"),
    ],
)
def test_http_an_update_that_does_not_parse_is_told_in_one_sentence(update: str, told: str) -> None:
    with pytest.raises(BadQuery, match="the update does not parse") as error:
        parses(update)

    assert told in str(error.value)


def test_http_a_text_that_names_another_server_is_not_tried_in_parts() -> None:
    with pytest.raises(BadQuery, match="line 1, column 57: '}' is not expected here"):
        memory_store().select("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } } }")
