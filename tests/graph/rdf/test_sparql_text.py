"""Tokens of a SPARQL text, and what is refused because of them."""

import pytest

from graph.errors import BadQuery
from graph.rdf.sparql_text import DEEPEST, LONGEST_CHAIN, read, using


@pytest.mark.parametrize(
    "text",
    [
        'SELECT ?service { VALUES ?service { "SERVICE <http://x/> { }" <http://x/SERVICE> } # SERVICE <y>\n}',
        "SELECT * { ?load ?p 'LOAD <http://x/>' }",
        'SELECT * { ?s ?p """one " two\nSERVICE <http://x/>""" }',
        "PREFIX s: <http://x#> SELECT * { ?s s:service ?o ; s:loads _:service FILTER(?s < ?o) }",
        'SELECT * { ?s ?p "bus"@en FILTER(?s<?o && ?o>3) }',
    ],
)
def test_reserved_words_are_allowed_outside_keyword_positions(text: str) -> None:
    assert read(text).words


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("ASK { SERVICE <http://x/> { } }", 7),
        ("ASK { service silent ?where { } }", 7),
        ("ASK { SERVICE:x { ?s ?p ?o } }", 7),
        ("ASK { ?s ?p 1SERVICE <http://x/> { } }", 14),
        ("ASK { ?s ?p trueSERVICE <http://x/> { } }", 13),
        ("ASK{?s ?p ?o.SERVICE<http://x/>{}}", 14),
        ("ASK { ?s ?p ex:a.SERVICE <http://x/> { } }", 18),
        ("LOAD SILENT <http://x/>", 1),
        ("CLEAR ALL;LOAD<http://x/>", 11),
    ],
)
def test_what_would_leave_the_server_is_refused_with_its_place(text: str, column: int) -> None:
    with pytest.raises(BadQuery, match=f"line 1, column {column}: (SERVICE|LOAD) is refused"):
        read(text)


def test_a_comparison_that_looks_like_an_iri_hides_nothing() -> None:
    with pytest.raises(BadQuery, match="line 2, column 3: SERVICE"):
        read('ASK { FILTER(?a<?b#>"""\n) SERVICE <http://x/> {} #"""\n }')


@pytest.mark.parametrize("unit", ["{", "(", "[", "!", "(!"])
def test_nesting_is_bounded(unit: str) -> None:
    assert read("ASK { FILTER" + unit * (DEEPEST // 2 - 1))
    with pytest.raises(BadQuery, match=f"nested more than {DEEPEST} levels deep"):
        read("ASK { FILTER" + unit * 20_000)


@pytest.mark.parametrize("unit", ["{} UNION ", "<urn:p>/", "true && ", "OPTIONAL {} "])
def test_chains_are_bounded(unit: str) -> None:
    assert read("ASK { " + unit * (LONGEST_CHAIN - 1))
    with pytest.raises(BadQuery, match=f"more than {LONGEST_CHAIN} operators"):
        read("ASK { " + unit * 20_000)


@pytest.mark.parametrize(
    ("text", "steady"),
    [
        ("ASK { }", True),
        ("SELECT (NOW() AS ?t) { }", False),
        ("SELECT (rand() AS ?t) { }", False),
        ("ASK { ?now ?p 'RAND()' }", True),
    ],
)
def test_functions_with_another_value_each_time_are_seen(text: str, steady: bool) -> None:
    assert read(text).steady is steady


def test_graphs_of_the_request_go_before_each_where() -> None:
    text = "DELETE { ?s ?p 1 } WHERE { { ?s ?p 1 } } ; DELETE WHERE { ?s ?p 2 } ; INSERT DATA { <a:a> <a:b> 'WHERE' }"
    assert using(text, ["urn:a"], ["urn:b"]) == (
        "DELETE { ?s ?p 1 } USING <urn:a> USING NAMED <urn:b> WHERE { { ?s ?p 1 } } ; "
        "DELETE { ?s ?p 2 } USING <urn:a> USING NAMED <urn:b> WHERE { ?s ?p 2 } ; INSERT DATA { <a:a> <a:b> 'WHERE' }"
    )


@pytest.mark.parametrize("clause", ["USING <urn:x>", "WITH <urn:x>"])
def test_an_update_names_its_graphs_itself_or_leaves_it_to_the_request(clause: str) -> None:
    with pytest.raises(BadQuery, match="USING or WITH"):
        using(f"{clause} DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}", ["urn:a"], [])
