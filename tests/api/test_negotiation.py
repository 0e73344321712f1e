"""Which format an Accept header prefers."""

import pytest

from api.negotiation import GRAPHS, TABLES, accepted, named, prefers_html

JSON = "application/sparql-results+json"
XML = "application/sparql-results+xml"


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "json"),
        ("*/*", "json"),
        (JSON, "json"),
        ("application/json", "json"),
        (f"{XML};q=0.5, {JSON};q=0.9, text/csv;q=0.1", "json"),
        (f"{JSON};q=0.2, {XML}", "xml"),
        ("text/*", "csv"),
        ("application/*", "json"),
        ("*/*;q=0.1, text/csv", "csv"),
        (f"{JSON};q=0, */*", "xml"),
        ("image/png, application/sparql-results+xml;q=0.3", "xml"),
        ("Application/SPARQL-Results+XML", "xml"),
        ("text/tab-separated-values; charset=utf-8", "tsv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "xml"),
        (";;;q=,", "json"),
        (f"{XML};q=much", "xml"),
        ("image/png", None),
        ("text/turtle", None),
        (f"{JSON};q=0", None),
    ],
)
def test_the_form_of_a_table(accept: str, name: str | None) -> None:
    form = accepted(accept, TABLES)
    assert (form.name if form else None) == name


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("", "turtle"),
        ("application/ld+json", "jsonld"),
        ("application/json", "jsonld"),
        ("application/n-quads, application/trig;q=0.9", "nquads"),
        ("application/xml", "rdfxml"),
        ("text/*", "turtle"),
        (JSON, None),
    ],
)
def test_the_form_of_a_graph(accept: str, name: str | None) -> None:
    form = accepted(accept, GRAPHS)
    assert (form.name if form else None) == name


@pytest.mark.parametrize(
    ("name", "found"), [("csv", "csv"), ("JSON", "json"), ("text/csv", "csv"), ("ttl", None), ("gif", None)]
)
def test_a_form_by_its_name(name: str, found: str | None) -> None:
    form = named(name, TABLES)
    assert (form.name if form else None) == found


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("text/html;q=0.4, text/turtle", False),
        ("*/*", False),
        ("text/turtle", False),
        ("", False),
    ],
)
def test_who_wants_a_page(accept: str, page: bool) -> None:
    assert prefers_html(accept) is page
