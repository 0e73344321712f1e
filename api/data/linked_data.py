"""Linked data: the IRI of each thing leads to its page or its RDF, and the data set describes itself."""

import asyncio
from urllib.parse import unquote

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.negotiation import GRAPHS, accepted, named, prefers_html
from api.queries.refused import Refused
from api.serving.parameters import told
from api.showing import addresses
from api.sparql.endpoint import SparqlRequest, query
from api.sparql.protocol import PREFLIGHT, Exchange, exchanged, one
from api.sparql.service_description import describe
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import iri
from graph.reading import catalogue, things

ALLOW = (b"allow", b"GET, HEAD, OPTIONS")
METHODS = (b"access-control-allow-methods", b"GET, HEAD, OPTIONS")


class LinkedDataEndpoint:
    """The ASGI application at the addresses of things and of their data."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await exchanged(Exchange(scope, receive, send), answer)


routes = [
    Route("/id/{kind}/{rest:path}", endpoint=LinkedDataEndpoint(), name="thing"),
    Route("/data/{kind}/{rest:path}", endpoint=LinkedDataEndpoint(), name="data"),
    Route("/.well-known/void", endpoint=LinkedDataEndpoint(), name="void"),
]


async def answer(exchange: Exchange) -> None:
    """Redirect from a thing to its page or its data, or send its data."""
    if exchange.method == "OPTIONS":
        await exchange.reply(204, headers=[ALLOW, METHODS, *PREFLIGHT])
        return
    if exchange.method not in {"GET", "HEAD"}:
        await exchange.refuse(Refused(405, f"{exchange.method} is not allowed here; use GET"), [ALLOW])
        return
    for name, _ in exchange.parameters():
        if name != "format":
            raise Refused(422, told(name, ("format",)))
    if exchange.scope["path"] == "/.well-known/void":
        await describe(exchange, one(exchange.parameters(), "format"))
        return
    kind, ids = _kind_and_ids(exchange)
    if not kind.isidentifier():
        raise Refused(404, f"nothing is known of the kind {kind!r}")
    thing = iri(await asyncio.to_thread(catalogue.base_of, exchange.store), kind, *ids)
    if not await asyncio.to_thread(things.is_known, exchange.store, thing):
        raise Refused(404, f"nothing is known of {thing}")
    if exchange.scope["path"].startswith("/id/"):
        await _show_the_way(exchange, kind, ids)
    else:
        await _data(exchange, thing)


async def _show_the_way(exchange: Exchange, kind: str, ids: tuple[str, ...]) -> None:
    """303: a thing is not a document, but there are documents about it."""
    format = one(exchange.parameters(), "format")
    if format is None and kind in addresses.PLURAL and prefers_html(exchange.header(b"accept")):
        where = addresses.page(kind, "/".join(ids))
    else:
        where = str(iri("/", kind, *ids)).replace("/id/", "/data/", 1) + (f"?format={format}" if format else "")
        if format is not None and named(format, GRAPHS) is None:
            raise Refused(
                400, f"there is no format {format!r}; there are {', '.join(form.short[0] for form in GRAPHS)}"
            )
    await exchange.reply(303, headers=[(b"location", where.encode()), (b"vary", b"Accept")])


async def _data(exchange: Exchange, thing: Iri) -> None:
    format = one(exchange.parameters(), "format")
    accept = exchange.header(b"accept")
    if format is None and accepted(accept, GRAPHS) is None and "text/html" in accept:
        format = GRAPHS[0].name
    await query(exchange, SparqlRequest(things.description(thing), [("format", format)] if format else []))


def _kind_and_ids(exchange: Exchange) -> tuple[str, tuple[str, ...]]:
    """From the address as it was sent: an id may hold a slash, written %2F."""
    raw: bytes = exchange.scope.get("raw_path") or exchange.scope["path"].encode()
    _, _, kind, *ids = raw.partition(b"?")[0].decode("ascii", "replace").split("/")
    return unquote(kind), tuple(unquote(id) for id in ids)
