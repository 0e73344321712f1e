"""The SPARQL 1.1 Protocol at /sparql: queries for everyone, updates for holders of the administrator's token."""

import asyncio
import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.negotiation import GRAPHS, TABLES, Form, accepted, named
from api.queries.refused import Refused
from api.serving.as_of import names_version
from api.sparql.protocol import (
    FORM,
    PREFLIGHT,
    VARY,
    Exchange,
    Header,
    deadline,
    exchanged,
    one,
    utf8,
)
from api.sparql.service_description import describe

QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
ALLOW = (b"allow", b"GET, HEAD, POST, OPTIONS")
METHODS = (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS")


@dataclass(frozen=True, slots=True)
class SparqlRequest:
    """A query as it came, in any of the protocol's three ways."""

    text: str
    parameters: list[tuple[str, str]]


class SparqlEndpoint:
    """The ASGI application at /sparql."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await exchanged(Exchange(scope, receive, send), answer)


routes = [Route("/sparql", endpoint=SparqlEndpoint(), name="sparql")]


class Direct:
    """Middleware that answers some routes at once: what stands between costs more than most queries do.

    For an application that believes every host name; with names to check, the routes are met in their usual place.
    """

    def __init__(self, app: ASGIApp, *, routes: Iterable[Route]) -> None:
        self._app = app
        self._routes = {route.path: route for route in routes}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get(scope.get("path", "")) if scope["type"] == "http" else None
        if route is None or names_version(scope):
            await self._app(scope, receive, send)
        else:
            scope["route"] = route
            await route.app(scope, receive, send)


async def answer(exchange: Exchange) -> None:
    """Query, update or service description, as the request has it."""
    match exchange.method:
        case "GET" | "HEAD":
            parameters = exchange.parameters()
            if one(parameters, "update") is not None:
                raise Refused(400, "an update is sent by POST")
            text = one(parameters, "query")
            if text is not None:
                await query(exchange, SparqlRequest(text, parameters))
            elif all(name == "format" for name, _ in parameters):
                await describe(exchange, one(parameters, "format"))
            else:
                raise Refused(400, "the parameter query is missing")
        case "POST":
            await _post(exchange)
        case "OPTIONS":
            await exchange.reply(204, headers=[ALLOW, METHODS, *PREFLIGHT])
        case method:
            await exchange.refuse(Refused(405, f"{method} is not for this address; use GET or POST"), [ALLOW])


async def _post(exchange: Exchange) -> None:
    media = exchange.media_type
    parameters = exchange.parameters()
    settings = exchange.settings
    if media == QUERY:
        _only_body(parameters)
        await query(exchange, SparqlRequest(utf8(await exchange.body(settings.max_query_length)), parameters))
    elif media == UPDATE:
        _only_body(parameters)
        exchange.must_be_admin()
        await update(exchange, SparqlRequest(utf8(await exchange.body(settings.max_body)), parameters))
    elif media == FORM:
        parameters += await exchange.form()
        text, changes = one(parameters, "query"), one(parameters, "update")
        if text is not None and changes is not None:
            raise Refused(400, "either query or update, not both")
        if changes is not None:
            exchange.must_be_admin()
            await update(exchange, SparqlRequest(changes, parameters))
        elif text is not None:
            await query(exchange, SparqlRequest(text, parameters))
        else:
            raise Refused(400, "the form has neither a query nor an update")
    else:
        raise Refused(415, f"the body's type {media or '(none)'!r} is not read here; use {QUERY}, {UPDATE} or {FORM}")


def _only_body(parameters: list[tuple[str, str]]) -> None:
    for name, _ in parameters:
        if name in {"query", "update"}:
            raise Refused(400, f"the body is the text; the parameter {name} cannot be given as well")


async def query(exchange: Exchange, asked: SparqlRequest) -> None:
    """Answer from the cache for the same question on the same data, or from a worker."""
    settings, pool = exchange.settings, exchange.pool
    if len(asked.text) > settings.max_query_length:
        raise Refused(413, f"the query is longer than {settings.max_query_length:,} bytes")
    table, graph = _forms(exchange, one(asked.parameters, "format"))
    request = {
        "do": "query",
        "text": asked.text,
        "base": exchange.address,
        "default": _graphs(asked, "default-graph-uri"),
        "named": _graphs(asked, "named-graph-uri"),
        "table": table.name if table else None,
        "graph": graph.name if graph else None,
        "gzip": exchange.takes_gzip,
        "rows": settings.max_rows,
    }
    version = exchange.store.version
    key = (version, *(tuple(value) if isinstance(value, list) else value for value in request.values()))
    tag = b'"%s"' % hashlib.blake2b(repr(key).encode("utf-8", "replace"), digest_size=16).hexdigest().encode()
    # Only a client that has received the answer knows its tag, so there is no need to run the query again.
    if tag in {part.strip().removeprefix(b"W/") for part in exchange.headers.get(b"if-none-match", b"").split(b",")}:
        await exchange.reply(304, headers=[(b"etag", tag), VARY])
        return
    known = pool.cache.get(tag)
    if known is not None:
        header, data = known
        await exchange.reply(200, data, _headers(header, tag))
        return
    result = await pool.ask(request, deadline=deadline(settings))
    watch = exchange.watch(result)
    try:
        header = await result.begin()
    finally:
        watch.cancel()
        for task in result.watchers:
            task.cancel()
    # The data may have changed since the version was read: then the answer is newer than its tag.
    same = version == exchange.store.version and header["steady"]

    def keep(data: bytes) -> None:
        if version == exchange.store.version:
            pool.cache.put(tag, header, data)

    await exchange.stream(result, _headers(header, tag if same else None), keep=keep if same else None)


async def update(exchange: Exchange, asked: SparqlRequest) -> None:
    """Try the update where it can do no harm, then carry it out: one transaction."""
    pool, store, base = exchange.pool, exchange.store, exchange.address
    until = deadline(exchange.settings)
    checked = await pool.ask(
        {
            "do": "check",
            "text": asked.text,
            "default": _graphs(asked, "using-graph-uri"),
            "named": _graphs(asked, "using-named-graph-uri"),
        },
        deadline=until,
        on_data=False,
    )
    header = await checked.begin()
    text = b"".join([chunk async for chunk in checked.chunks()]).decode()
    async with exchange.derived.change():
        if header["looks"] and pool.copies:
            # A pattern can take for ever and the engine cannot be stopped, so try it in a worker first.
            _, copy = await pool.copy()
            try:
                rehearsed = await pool.ask(
                    {"do": "rehearse", "text": text, "base": base, "copy": str(copy)},
                    deadline=until,
                    on_data=False,
                )
                await rehearsed.begin()
            finally:
                await asyncio.to_thread(shutil.rmtree, copy, ignore_errors=True)
        await asyncio.to_thread(store.update, text, base=base)
    await exchange.reply(204)


def _forms(exchange: Exchange, name: str | None) -> tuple[Form | None, Form | None]:
    if name is not None:
        table, graph = named(name, TABLES), named(name, GRAPHS)
        if table is None and graph is None:
            known = ", ".join(form.short[0] for form in (*TABLES, *GRAPHS))
            raise Refused(400, f"there is no format {name!r}; use one of {known}")
        return table, graph
    accept = exchange.header(b"accept")
    table, graph = accepted(accept, TABLES), accepted(accept, GRAPHS)
    if table is None and graph is None:
        offered = ", ".join(form.media for form in (*TABLES, *GRAPHS))
        raise Refused(406, f"none of the types in Accept is available; use one of {offered}")
    return table, graph


def _graphs(asked: SparqlRequest, name: str) -> list[str] | None:
    return [value for key, value in asked.parameters if key == name] or None


def _headers(header: dict[str, str | bool], tag: bytes | None) -> list[Header]:
    forms = GRAPHS if header["kind"] == "graph" else TABLES
    media = next(form.media for form in forms if form.name == header["format"])
    charset = "; charset=utf-8" if media.startswith("text/") else ""
    headers = [(b"content-type", (media + charset).encode()), VARY]
    if tag:
        headers += [(b"etag", tag), (b"cache-control", b"no-cache")]
    else:
        headers.append((b"cache-control", b"no-store"))
    if header["gzip"]:
        headers.append((b"content-encoding", b"gzip"))
    return headers
