"""The SPARQL endpoint over HTTP: protocol, formats, limits and permissions."""

import asyncio
import gzip
import http.client
import http.server
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, cast

import httpx
import pytest

from api.bounds import Bounds
from api.queries.pool import Generation, QueryPool, _text_of
from api.queries.processes import Parent
from api.queries.refused import Refused
from graph.store.embedded import memory_store
from tests.serving import Server

QUERY, UPDATE = "application/sparql-query", "application/sparql-update"
JSON = "application/sparql-results+json"
FORM = "application/x-www-form-urlencoded"
THOUSAND = "VALUES ?{} {{ " + " ".join(map(str, range(1_000))) + " }}"
FOR_EVER = " ".join(THOUSAND.format(name) for name in "abcd")
RUNAWAYS = {
    "cross product": f"SELECT (COUNT(*) AS ?n) {{ {FOR_EVER} }}",
    "order": f"SELECT * {{ {FOR_EVER} }} ORDER BY ?d LIMIT 1",
    "filter": f"ASK {{ {FOR_EVER} FILTER(?a + ?b + ?c + ?d < 0) }}",
    "offset": f"SELECT * {{ {FOR_EVER} }} OFFSET 100000000000 LIMIT 1",
    "concat": f"SELECT (STRLEN(GROUP_CONCAT(?a)) AS ?n) {{ {FOR_EVER} }}",
}
DATA = """
@prefix : <http://example.org/> .
:night-buses :label "night buses"@en ; :lines 4 .
:fare-cap :label "fare cap, \\"two\\" pounds"@en .
"""
G = "http://example.org/graph"


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=30, trust_env=False) as client:
        body = DATA.encode()
        client.put("/graphs", params={"graph": G}, content=body, headers=server.admin | {"Content-Type": "text/turtle"})
        yield client


def ask(client: httpx.Client, query: str, **headers: str) -> httpx.Response:
    return client.post("/sparql", content=query.encode(), headers={"Content-Type": QUERY, **headers})


def write(client: httpx.Client, server: Server, update: str) -> httpx.Response:
    return client.post("/sparql", content=update.encode(), headers=server.admin | {"Content-Type": UPDATE})


def count(client: httpx.Client, pattern: str) -> int:
    rows = ask(client, f"SELECT (COUNT(*) AS ?n) WHERE {{ {pattern} }}").json()["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def test_a_query_comes_in_three_ways(client: httpx.Client) -> None:
    query = "SELECT ?lines WHERE { ?s <http://example.org/lines> ?lines }"
    answers = [
        client.get("/sparql", params={"query": query}),
        client.post("/sparql", data={"query": query}),
        ask(client, query),
    ]
    assert [answer.json()["results"]["bindings"][0]["lines"]["value"] for answer in answers] == ["4"] * 3


@pytest.mark.parametrize("media", ["text/csv", "text/tab-separated-values", JSON, "application/sparql-results+xml"])
def test_a_table_comes_in_each_form(client: httpx.Client, media: str) -> None:
    answer = ask(client, "SELECT ?label WHERE { ?s <http://example.org/label> ?label }", Accept=media)
    assert answer.headers["content-type"].split(";")[0] == media
    assert "night buses" in answer.text


@pytest.mark.parametrize(
    "media",
    ["text/turtle", *(f"application/{kind}" for kind in ("n-triples", "rdf+xml", "ld+json", "trig", "n-quads"))],
)
def test_a_graph_comes_in_each_form(client: httpx.Client, media: str) -> None:
    answer = ask(client, "CONSTRUCT WHERE { ?s <http://example.org/label> ?label }", Accept=media)
    assert answer.headers["content-type"].split(";")[0] == media
    assert "night buses" in answer.text


@pytest.mark.parametrize(("name", "media"), [("csv", "text/csv"), ("xml", "application/sparql-results+xml")])
def test_a_browser_names_the_form_in_the_address(client: httpx.Client, name: str, media: str) -> None:
    answer = client.get("/sparql", params={"query": "SELECT ?x { VALUES ?x { 1 } }", "format": name})
    assert answer.headers["content-type"].split(";")[0] == media


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        ("SELECT ?x { VALUES ?x { 1 } }", "image/png"),
        ("SELECT ?x { VALUES ?x { 1 } }", "text/turtle"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", JSON),
    ],
)
def test_a_form_that_is_not_made_is_406(client: httpx.Client, query: str, accept: str) -> None:
    assert ask(client, query, Accept=accept).status_code == 406


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT * WHERE { ?s ?p ", "line 1, column 23"),
        ("ASK { ex:a ex:b ex:c }", "line 1, column "),
        ("", "does not parse"),
        ("SELECT (<http://example.org/f>(1) AS ?x) { }", "http://example.org/f"),
        ("INSERT DATA { <urn:a> <urn:b> <urn:c> }", "line 1, column 1"),
        ("ASK { SERVICE <http://127.0.0.1:9/> { } }", "SERVICE is refused"),
        ("ASK { " + "{" * 20_000, "nested more than 200 levels deep"),
        ("ASK { FILTER(" + "!" * 20_000 + "true) }", "nested more than 200 levels deep"),
        ("ASK { " + "{} UNION " * 20_000 + "{} }", "more than 2000 operators"),
        ("ASK { ?s " + "<urn:p>/" * 20_000 + "<urn:p> ?o }", "more than 2000 operators"),
    ],
)
def test_an_invalid_query_is_explained_with_its_place(client: httpx.Client, query: str, words: str) -> None:
    answer = ask(client, query)
    assert answer.status_code == 400
    assert words in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "parameters", "headers", "body", "status"),
    [
        ("POST", {}, {"Content-Type": "text/plain"}, b"ASK {}", 415),
        ("POST", {}, {}, b"ASK {}", 415),
        ("POST", {}, {"Content-Type": QUERY + "; charset=UTF-16"}, "ASK {}".encode("utf-16"), 415),
        ("POST", {}, {"Content-Type": QUERY}, b'ASK { FILTER("\xff" = "x") }', 400),
        ("POST", {"query": "ASK {}"}, {"Content-Type": QUERY}, b"ASK {}", 400),
        ("POST", {}, {"Content-Type": FORM}, b"foo=bar", 400),
        ("POST", {}, {"Content-Type": FORM}, b"query=ASK%20%7B%7D&update=CLEAR%20ALL", 400),
        ("POST", {}, {"Content-Type": FORM}, b"&".join([b"a=b"] * 2_000), 400),
        ("GET", {"query": ["ASK {}", "ASK {}"]}, {}, None, 400),
        ("GET", {"default-graph-uri": G}, {}, None, 400),
        ("GET", {"update": "CLEAR ALL"}, {}, None, 400),
        ("GET", {"query": "ASK {}", "default-graph-uri": "not an iri<>"}, {}, None, 400),
        ("GET", {"query": "ASK {}", "format": "gif"}, {}, None, 400),
        ("POST", {}, {"Content-Type": QUERY}, b"ASK { } #" + b"x" * 300_000, 413),
        ("PUT", {}, {}, b"", 405),
        ("DELETE", {}, {}, None, 405),
    ],
)  # fmt: skip
def test_a_request_that_breaks_the_protocol(
    client: httpx.Client,
    method: str,
    parameters: dict[str, Any],
    headers: dict[str, str],
    body: bytes | None,
    status: int,
) -> None:
    answer = client.request(method, "/sparql", params=parameters, headers=headers, content=body)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert status != 405 or "POST" in answer.headers["allow"]


@pytest.mark.parametrize(
    ("query", "parameters", "expected"),
    [
        ("ASK { ?s <http://example.org/lines> 4 }", {}, True),
        ("ASK { ?s <http://example.org/lines> 4 }", {"default-graph-uri": G}, True),
        ("ASK { ?s <http://example.org/lines> 4 }", {"default-graph-uri": G + "s"}, False),
        ("ASK { ?s <http://example.org/lines> 4 }", {"named-graph-uri": G}, False),
        ("ASK { GRAPH ?g { ?s <http://example.org/lines> 4 } }", {"named-graph-uri": G}, True),
        (f"ASK FROM <{G}s> {{ ?s <http://example.org/lines> 4 }}", {}, False),
        (f"ASK FROM <{G}s> {{ ?s <http://example.org/lines> 4 }}", {"default-graph-uri": G}, True),
        (f"ASK FROM NAMED <{G}> {{ ?s ?p ?o }}", {}, False),
    ],
)
def test_the_data_set_is_the_requests_then_the_texts_then_the_union(
    client: httpx.Client, query: str, parameters: dict[str, str], expected: bool
) -> None:
    assert client.get("/sparql", params={"query": query, **parameters}).json()["boolean"] is expected


def test_head_and_options(client: httpx.Client) -> None:
    head = client.head("/sparql", params={"query": "ASK {}"})
    options = client.options("/sparql", headers={"Origin": "https://a.example"})
    assert (head.status_code, head.headers["content-type"], head.content) == (200, JSON, b"")
    assert options.status_code == 204
    assert "authorization" in options.headers["access-control-allow-headers"]


def test_the_service_describes_itself(client: httpx.Client, server: Server) -> None:
    answer = client.get("/sparql", headers={"Accept": "application/n-triples"})
    assert f"<http://www.w3.org/ns/sparql-service-description#endpoint> <{server.sparql}>" in answer.text
    assert f"<http://www.w3.org/ns/sparql-service-description#name> <{G}>" in answer.text
    assert "BasicFederatedQuery" not in answer.text


def test_a_large_answer_is_compressed_if_the_client_accepts_it(client: httpx.Client) -> None:
    query = "SELECT ?x { VALUES ?x { " + " ".join(map(str, range(300))) + " } }"
    with client.stream("GET", "/sparql", params={"query": query}, headers={"Accept-Encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    plain = client.get("/sparql", params={"query": query}, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert "content-encoding" not in plain.headers


def test_an_unchanged_answer_is_not_sent_again(client: httpx.Client, server: Server) -> None:
    query = {"query": "SELECT * WHERE { ?s <http://example.org/seen> ?o }"}
    tag = client.get("/sparql", params=query).headers["etag"]
    assert client.get("/sparql", params=query, headers={"If-None-Match": tag}).status_code == 304
    write(client, server, "INSERT DATA { GRAPH <urn:seen> { <urn:s> <http://example.org/seen> 1 } }")
    again = client.get("/sparql", params=query, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert len(again.json()["results"]["bindings"]) == 1


def test_a_large_answer_is_the_same_again(client: httpx.Client) -> None:
    # More than one chunk, so that it is cached while it is sent.
    query = f"SELECT ?a ?x {{ {THOUSAND.format('a')} BIND('{'x' * 300}' AS ?x) }} LIMIT 400"
    first, again = ask(client, query), ask(client, query)
    assert len(first.content) > 100_000
    assert first.content == again.content
    assert first.headers["etag"] == again.headers["etag"]


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "STRUUID()"])
def test_what_differs_each_time_is_not_kept(client: httpx.Client, function: str) -> None:
    query = {"query": f"SELECT ({function} AS ?x) {{ }}"}
    first, second = client.get("/sparql", params=query), client.get("/sparql", params=query)
    assert first.text != second.text
    assert "etag" not in first.headers


# Bounds


@pytest.mark.parametrize("name", RUNAWAYS)
def test_a_runaway_query_is_ended_at_the_limit(client: httpx.Client, name: str) -> None:
    begun = time.monotonic()
    answer = ask(client, RUNAWAYS[name])
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    # The limit is 2 s; the rest is what a busy machine takes.
    assert time.monotonic() - begun < 10
    assert ask(client, "ASK {}").json()["boolean"] is True


def test_too_many_long_queries_at_once_are_429(client: httpx.Client) -> None:
    queries = [f"{RUNAWAYS['filter']} # {number}" for number in range(12)]
    with ThreadPoolExecutor(12) as threads:
        statuses = [answer.status_code for answer in threads.map(lambda query: ask(client, query), queries)]
    assert sorted(set(statuses)) == [429, 503]
    assert statuses.count(503) <= 8


def test_what_ran_to_the_end_of_its_time_waits_for_a_place() -> None:
    async def refused() -> int:
        pool = QueryPool(memory_store(), Bounds(long_queries=2))
        parent = cast(Parent, SimpleNamespace(gone=asyncio.Event()))
        pool._generation = Generation(version=pool.store.version, copy=Path(), parent=parent)
        request = {"do": "query", "text": RUNAWAYS["filter"]}
        pool._generation.endless.add(_text_of(request))
        pool.long = 2
        with pytest.raises(Refused) as error:
            await pool.ask(request, deadline=time.monotonic() + 5)
        return error.value.status

    assert asyncio.run(refused()) == 429


@pytest.mark.parametrize("media", ["text/csv", "text/tab-separated-values", JSON, "application/sparql-results+xml"])
def test_an_answer_with_too_many_rows_is_none(client: httpx.Client, media: str) -> None:
    query = "SELECT ?x { VALUES ?x { " + " ".join(map(str, range(501))) + " } }"
    answer = ask(client, query, Accept=media)
    assert answer.status_code == 400
    assert "more than 500 rows" in answer.text
    assert ask(client, query + " LIMIT 500", Accept=media).status_code == 200


def test_a_graph_with_too_many_triples_is_none(client: httpx.Client) -> None:
    values = " ".join(map(str, range(501)))
    answer = ask(client, f"CONSTRUCT {{ <urn:s> <urn:p> ?x }} WHERE {{ VALUES ?x {{ {values} }} }}")
    assert answer.status_code == 400


def test_an_answer_that_fails_on_its_way_ends_as_a_broken_transfer(client: httpx.Client) -> None:
    # A row of 1 kB: the first chunk leaves before the 501st row is met.
    query = f"SELECT ?a ?x {{ {THOUSAND.format('a')} BIND('{'x' * 1_000}' AS ?x) }}"
    with pytest.raises(httpx.RemoteProtocolError):
        ask(client, query)


def test_a_client_that_leaves_takes_its_query_along(client: httpx.Client, server: Server) -> None:
    for number in range(16):
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(
                server.sparql, params={"query": f"{RUNAWAYS['filter']} # {number} left"}, timeout=0.6, trust_env=False
            )
    # Eight may run at once: those of clients that have left are not among them.
    assert ask(client, RUNAWAYS["filter"]).status_code == 503


class Canary(http.server.BaseHTTPRequestHandler):
    """Records every request that reaches it."""

    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.seen.append(self.path)
        self.send_response(204)
        self.end_headers()

    do_POST = do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def canary() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Canary) as listening:
        threading.Thread(target=listening.serve_forever).start()
        yield f"http://127.0.0.1:{listening.server_address[1]}/"
        listening.shutdown()


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * {{ SERVICE <{}> {{ ?s ?p ?o }} }}",
        "PREFIX : <{}> SELECT * {{ SERVICE:x {{ ?s ?p ?o }} }}",
        "SELECT * {{ VALUES ?e {{ <{}> }} SERVICE SILENT ?e {{ ?s ?p ?o }} }}",
        "SELECT * FROM <{}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    ],
)
def test_no_query_reaches_another_server(client: httpx.Client, canary: str, query: str) -> None:
    ask(client, query.format(canary))
    assert Canary.seen == []


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <{}>",
        "LOAD SILENT <{}> INTO GRAPH <urn:g>",
        "INSERT DATA {{ <urn:a> <urn:b> 1 }} ; LOAD <{}>",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{}> {{ ?s ?p ?o }} }}",
    ],
)
def test_no_update_reaches_another_server(client: httpx.Client, server: Server, canary: str, update: str) -> None:
    assert write(client, server, update.format(canary)).status_code == 400
    assert Canary.seen == []


@pytest.mark.parametrize(
    ("media", "body"),
    [
        ("application/ld+json", '{{"@context": "{}", "@id": "urn:a", "name": "b"}}'),
        ("application/rdf+xml", '<!DOCTYPE a [<!ENTITY b SYSTEM "{}">]><a>&b;</a>'),
    ],
)
def test_no_document_reaches_another_server(
    client: httpx.Client, server: Server, canary: str, media: str, body: str
) -> None:
    headers = server.admin | {"Content-Type": media}
    answer = client.put("/graphs", params={"graph": "urn:g"}, content=body.format(canary), headers=headers)
    assert answer.status_code == 400
    assert Canary.seen == []


# Writing


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Basic YTpi"}, 401), ({"Authorization": "Bearer wrong"}, 401)],
)
def test_only_the_administrator_writes(client: httpx.Client, headers: dict[str, str], status: int) -> None:
    text = "INSERT DATA { GRAPH <urn:no> { <urn:a> <urn:b> <urn:c> } }"
    direct = client.post("/sparql", content=text, headers=headers | {"Content-Type": UPDATE})
    form = client.post("/sparql", data={"update": text}, headers=headers)
    assert (direct.status_code, form.status_code) == (status, status)
    assert status != 401 or "Bearer" in direct.headers["www-authenticate"]
    assert ask(client, "ASK { GRAPH <urn:no> { ?s ?p ?o } }").json()["boolean"] is False


def test_the_next_query_sees_an_update(client: httpx.Client, server: Server) -> None:
    for number in range(5):
        write(client, server, f"INSERT DATA {{ GRAPH <urn:next> {{ <urn:s> <urn:p> {number} }} }}")
        assert count(client, "GRAPH <urn:next> { ?s ?p ?o }") == number + 1


def test_reading_continues_during_a_write(client: httpx.Client, server: Server) -> None:
    done = threading.Event()

    def read(number: int) -> set[int]:
        statuses = set()
        while not done.is_set():
            statuses.add(ask(client, f"ASK {{ GRAPH <urn:busy> {{ ?s ?p {number} }} }}").status_code)
        return statuses

    with ThreadPoolExecutor(6) as threads:
        readers = [threads.submit(read, number) for number in range(6)]
        for number in range(40):
            write(client, server, f"INSERT DATA {{ GRAPH <urn:busy> {{ <urn:s> <urn:p> {number} }} }}")
        done.set()
        assert [reader.result() for reader in readers] == [{200}] * 6


def test_an_update_is_one_transaction(client: httpx.Client, server: Server) -> None:
    half = "INSERT DATA { GRAPH <urn:half> { <urn:s> <urn:p> 1 } } ; DROP GRAPH <urn:not-there>"
    answer = write(client, server, half)
    assert answer.status_code == 400
    assert "urn:not-there" in answer.text
    assert count(client, "GRAPH <urn:half> { ?s ?p ?o }") == 0


@pytest.mark.parametrize("pattern", [FOR_EVER + " FILTER(?a + ?b + ?c + ?d < 0)", FOR_EVER])
def test_a_runaway_update_is_ended_and_changes_nothing(client: httpx.Client, server: Server, pattern: str) -> None:
    answer = write(client, server, f"INSERT {{ GRAPH <urn:run> {{ <urn:s> <urn:p> ?d }} }} WHERE {{ {pattern} }}")
    assert answer.status_code == 503
    assert count(client, "GRAPH <urn:run> { ?s ?p ?o }") == 0
    assert write(client, server, "INSERT DATA { GRAPH <urn:after> { <urn:s> <urn:p> 1 } }").status_code == 204


def test_the_graphs_of_the_request_bound_an_update(client: httpx.Client, server: Server) -> None:
    parameters = {"using-graph-uri": G}
    text = "INSERT { GRAPH <urn:used> { ?s <urn:p> ?lines } } WHERE { ?s <http://example.org/lines> ?lines }"
    headers = server.admin | {"Content-Type": UPDATE}
    assert client.post("/sparql", params=parameters, content=text, headers=headers).status_code == 204
    assert count(client, "GRAPH <urn:used> { ?s ?p ?o }") == 1


@pytest.mark.parametrize("path", ["/reforms", "/api/positions", "/feeds/statements.atom"])
def test_http_head_leaves_the_connection_ready(client: httpx.Client, path: str) -> None:
    held = http.client.HTTPConnection(client.base_url.host, client.base_url.port, timeout=60)
    held.auto_open = 0
    held.connect()
    for method in ("HEAD", "GET"):
        held.request(method, path)
        answer = held.getresponse()
        body = answer.read()
        assert (answer.status, bool(body)) == (200, method == "GET")
    held.close()
