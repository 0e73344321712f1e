"""What this endpoint is: SPARQL service description and VoID, with counts, graphs, formats and limits."""

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

from api.negotiation import GRAPHS, TABLES, accepted, named
from api.queries.refused import Refused
from api.sparql.protocol import VARY, Exchange
from graph.rdf.terms import Iri, Literal, Triple, integer
from graph.rdf.vocabulary import DCT, RDF
from graph.store.formats import written_out

SD = "http://www.w3.org/ns/sparql-service-description#"
VOID = "http://rdfs.org/ns/void#"

PATIENCE = 2.0
"""Seconds that counting may take; in a store so large that it takes longer, the counts are left out."""

MOST_GRAPHS = 1_000
"""Graphs that are listed one by one."""

GRAPH_COUNTS = "SELECT ?name (COUNT(*) AS ?n) WHERE { GRAPH ?name { ?s ?p ?o } } GROUP BY ?name ORDER BY ?name"
PROPERTY_COUNTS = "SELECT ?name (COUNT(*) AS ?n) WHERE { ?s ?name ?o } GROUP BY ?name ORDER BY ?name LIMIT 500"
CLASS_COUNTS = "SELECT ?name (COUNT(DISTINCT ?s) AS ?n) WHERE { ?s a ?name } GROUP BY ?name ORDER BY ?name LIMIT 500"


async def describe(exchange: Exchange, format: str | None) -> None:
    """Answer with the description, in a form that the client takes."""
    accept = exchange.header(b"accept")
    form = accepted(accept, GRAPHS) if format is None else named(format, GRAPHS)
    if form is None and "text/html" in accept:
        form = GRAPHS[0]
    if form is None:
        raise Refused(406, f"a service description is RDF; there are {', '.join(form.media for form in GRAPHS)}")
    address = exchange.address.removesuffix("/.well-known/void").removesuffix("/sparql") + "/sparql"
    graphs, properties, classes = [
        await counts(exchange, question) for question in (GRAPH_COUNTS, PROPERTY_COUNTS, CLASS_COUNTS)
    ]
    triples = list(description(address, exchange, graphs, properties, classes))
    # Written by the store's library: in a thread, as a list of a thousand graphs takes a while.
    body = await asyncio.to_thread(written_out, triples, format=form.name)
    charset = "; charset=utf-8" if form.media.startswith("text/") else ""
    await exchange.reply(200, body, [(b"content-type", (form.media + charset).encode()), VARY])


def description(
    address: str,
    exchange: Exchange,
    graphs: dict[str, int] | None,
    properties: dict[str, int] | None,
    classes: dict[str, int] | None,
) -> Iterator[Triple]:
    """The triples of the description. None stands for what could not be counted in time."""
    service, data, default = Iri(address + "#service"), Iri(address + "#data"), Iri(address + "#default")
    settings = exchange.settings
    yield Triple(service, RDF.type, Iri(SD + "Service"))
    yield Triple(service, Iri(SD + "endpoint"), Iri(address))
    for language in ("SPARQL10Query", "SPARQL11Query", "SPARQL11Update"):
        yield Triple(service, Iri(SD + "supportedLanguage"), Iri(SD + language))
    for feature in ("UnionDefaultGraph", "EmptyGraphs"):
        yield Triple(service, Iri(SD + "feature"), Iri(SD + feature))
    for form in (*TABLES, *GRAPHS):
        yield Triple(service, Iri(SD + "resultFormat"), Iri(form.iri))
    for form in GRAPHS:
        yield Triple(service, Iri(SD + "inputFormat"), Iri(form.iri))
    yield Triple(
        service,
        Iri("http://www.w3.org/2000/01/rdf-schema#comment"),
        Literal(
            f"A query may take {settings.query_timeout:g} s, {settings.query_memory:,} bytes of memory and "
            f"{settings.max_rows:,} rows or triples, and be {settings.max_query_length:,} bytes long; "
            f"{settings.concurrent_queries} long queries run at once. Without FROM it sees the union of all graphs. "
            "SERVICE and LOAD are refused.",
            "",
            "en",
        ),
    )
    yield Triple(service, Iri(SD + "defaultDataset"), data)
    yield Triple(data, RDF.type, Iri(SD + "Dataset"))
    yield Triple(data, RDF.type, Iri(VOID + "Dataset"))
    yield Triple(data, Iri(VOID + "sparqlEndpoint"), Iri(address))
    yield Triple(data, Iri(SD + "defaultGraph"), default)
    yield Triple(default, RDF.type, Iri(SD + "Graph"))
    for form in GRAPHS:
        yield Triple(data, Iri(VOID + "feature"), Iri(form.iri))
    if graphs is not None:
        yield Triple(data, Iri(VOID + "triples"), integer(sum(graphs.values())))
        for number, (name, count) in enumerate(graphs.items()):
            if number >= MOST_GRAPHS:
                break
            entry, graph = Iri(f"{address}#graph-{number}"), Iri(f"{address}#content-{number}")
            yield Triple(data, Iri(SD + "namedGraph"), entry)
            yield Triple(entry, RDF.type, Iri(SD + "NamedGraph"))
            yield Triple(entry, Iri(SD + "name"), Iri(name))
            yield Triple(entry, Iri(SD + "graph"), graph)
            yield Triple(graph, RDF.type, Iri(SD + "Graph"))
            yield Triple(graph, Iri(VOID + "triples"), integer(count))
    if properties is not None:
        yield Triple(data, Iri(VOID + "properties"), integer(len(properties)))
        for vocabulary in sorted({_vocabulary(name) for name in [*properties, *(classes or ())]}):
            yield Triple(data, Iri(VOID + "vocabulary"), Iri(vocabulary))
    if classes is not None:
        yield Triple(data, Iri(VOID + "classes"), integer(len(classes)))
        for number, (name, count) in enumerate(classes.items()):
            part = Iri(f"{address}#class-{number}")
            yield Triple(data, Iri(VOID + "classPartition"), part)
            yield Triple(part, Iri(VOID + "class"), Iri(name))
            yield Triple(part, Iri(VOID + "entities"), integer(count))
    yield Triple(data, DCT.title, Literal("Who stands where on which reform, with the words that show it", "", "en"))


async def counts(exchange: Exchange, question: str) -> dict[str, int] | None:
    """Return the name and count of each row, cached until the data change, or None if counting takes too long."""
    pool, version = exchange.pool, exchange.store.version
    key = ("description", version, question)
    known = pool.cache.get(key)
    if known is None:
        request: dict[str, Any] = {
            "do": "query",
            "text": question,
            "base": exchange.address,
            "default": None,
            "named": None,
            "table": "json",
            "graph": None,
            "rows": 1_000_000,
        }
        try:
            result = await pool.ask(request, deadline=time.monotonic() + PATIENCE)
            header = await result.begin()
            data = b"".join([chunk async for chunk in result.chunks()])
        except Refused:
            return None
        pool.cache.put(key, header, data)
    else:
        _, data = known
    rows = json.loads(data)["results"]["bindings"]
    return {row["name"]["value"]: int(row["n"]["value"]) for row in rows if row.get("name", {}).get("type") == "uri"}


def _vocabulary(name: str) -> str:
    """The namespace of a term."""
    return name[: max(name.rfind("#"), name.rfind("/")) + 1] or name
