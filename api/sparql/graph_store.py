"""The SPARQL 1.1 Graph Store HTTP Protocol at /graphs: read, put, add to and delete graphs as a whole."""

import asyncio
import hashlib
import secrets

from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.negotiation import DATA_SETS, GRAPHS, READ, Form, accepted, named
from api.queries.refused import Refused
from api.sparql.protocol import PREFLIGHT, VARY, Exchange, Header, deadline, exchanged, one
from graph.errors import StoreError
from graph.rdf.terms import Iri, written

ALLOW = (b"allow", b"GET, HEAD, PUT, POST, DELETE, OPTIONS")
METHODS = (b"access-control-allow-methods", b"GET, HEAD, PUT, POST, DELETE, OPTIONS")
WHOLE = {"trig", "nquads", "jsonld"}
"""Formats with named graphs."""

GROWTH = 8
"""How many times longer a body may become when its abbreviations are written out."""

NESTED = 10
"""Triples within each other."""


class GraphStoreEndpoint:
    """The ASGI application at /graphs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await exchanged(Exchange(scope, receive, send), answer)


routes = [Route("/graphs", endpoint=GraphStoreEndpoint(), name="graphs")]


async def answer(exchange: Exchange) -> None:
    """Apply the request's method to the graph."""
    match exchange.method:
        case "GET" | "HEAD":
            await read(exchange, _graph(exchange))
        case "PUT" | "POST":
            exchange.must_be_admin()
            await write(exchange, _graph(exchange), replace=exchange.method == "PUT")
        case "DELETE":
            exchange.must_be_admin()
            await delete(exchange, _graph(exchange))
        case "OPTIONS":
            await exchange.reply(204, headers=[ALLOW, METHODS, *PREFLIGHT])
        case method:
            await exchange.refuse(Refused(405, f"{method} is not for this address"), [ALLOW])


async def read(exchange: Exchange, graph: str | None) -> None:
    """One graph, or the whole data set where none is named."""
    form = _form(exchange, DATA_SETS if graph is None else GRAPHS)
    version = exchange.store.version
    key = f"{version} {graph} {form.name} {exchange.takes_gzip}"
    tag = b'"%s"' % hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=12).hexdigest().encode()
    if exchange.headers.get(b"if-none-match") == tag:
        await exchange.reply(304, headers=[(b"etag", tag), VARY])
        return
    request = {"do": "dump", "named": graph, "format": form.name, "gzip": exchange.takes_gzip}
    result = await exchange.pool.ask(request, deadline=deadline(exchange.settings))
    header = await result.begin()
    if header["kind"] == "absent":
        raise Refused(404, f"there is no graph {graph}")
    charset = "; charset=utf-8" if form.media.startswith("text/") else ""
    headers: list[Header] = [(b"content-type", (form.media + charset).encode()), VARY]
    headers += [(b"etag", tag), (b"cache-control", b"no-cache")] if version == exchange.store.version else []
    if header["gzip"]:
        headers.append((b"content-encoding", b"gzip"))
    await exchange.stream(result, headers)


async def write(exchange: Exchange, graph: str | None, *, replace: bool) -> None:
    """Put RDF in the graph's place, or add it; where no graph is named, in place of everything, or as the body says."""
    media = exchange.media_type
    if media not in READ:
        raise Refused(415, f"the body's type {media or '(none)'!r} is not read here; there are {', '.join(READ)}")
    format = READ[media]
    location: list[Header] = []
    if graph is None and format not in WHOLE:
        if replace:
            raise Refused(400, "name the graph (?graph=… or ?default), or send a format with named graphs")
        graph = f"{exchange.address}/{secrets.token_hex(8)}"
        location.append((b"location", f"{exchange.address}?graph={graph}".encode()))
    body = await exchange.body(exchange.settings.max_body)
    lines = await _lines(exchange, body, format, graph)
    async with exchange.derived.change():
        if graph is None:
            new = False
            await asyncio.to_thread(exchange.store.put_all, lines, replace=replace)
        else:
            new = await asyncio.to_thread(exchange.store.put, graph or None, lines, replace=replace)
    await exchange.reply(201 if new else 204, headers=location)


async def delete(exchange: Exchange, graph: str | None) -> None:
    """Delete the graph, or everything if no graph is named."""
    store = exchange.store
    async with exchange.derived.change():
        if graph and not store.has_graph(graph):
            raise Refused(404, f"there is no graph {graph}")
        text = "DROP ALL" if graph is None else f"DROP GRAPH {written(Iri(graph))}" if graph else "DROP DEFAULT"
        await asyncio.to_thread(store.update, text)
    await exchange.reply(204)


async def _lines(exchange: Exchange, body: bytes, format: str, graph: str | None) -> bytes:
    """The body as N-Triples or N-Quads: read by a worker, as a body can be made to be too much for its reader."""
    base = graph or exchange.address
    request = {"do": "lines", "length": len(body), "format": format, "base": base, "quads": graph is None}
    result = await exchange.pool.ask(request, body=body, deadline=deadline(exchange.settings), on_data=False)
    await result.begin()
    parts = bytearray()
    async for chunk in result.chunks():
        parts += chunk
        if len(parts) > GROWTH * exchange.settings.max_body:
            exchange.pool.give_up(result)
            raise Refused(413, "the body is too large when its abbreviations are written out")
    if b"<<(" in parts and max(line.count(b"<<(") for line in parts.splitlines()) > NESTED:
        raise Refused(400, f"triples are nested more than {NESTED} deep")
    return bytes(parts)


def _graph(exchange: Exchange) -> str | None:
    """The graph that the request is about; '' is the default graph, None all of them."""
    parameters = exchange.parameters()
    default = any(name == "default" for name, _ in parameters)
    graph = one(parameters, "graph")
    if graph is None:
        return "" if default else None
    if default:
        raise Refused(400, "either graph or default, not both")
    try:
        written(Iri(graph))
    except StoreError:
        raise Refused(400, f"{graph!r} is not an absolute IRI") from None
    return graph


def _form(exchange: Exchange, forms: tuple[Form, ...]) -> Form:
    name = one(exchange.parameters(), "format")
    form = accepted(exchange.header(b"accept"), forms) if name is None else named(name, forms)
    if form is None:
        offered = ", ".join(f"{form.media} ({form.short[0]})" for form in forms)
        raise Refused(406 if name is None else 400, f"that format is not made here; there are {offered}")
    return form
