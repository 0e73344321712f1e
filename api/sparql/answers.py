"""A query's whole answer for a page or a feed, within the bounds of the endpoint at /sparql."""

import json
from typing import Any

from fastapi import HTTPException, Request

from api.queries.pool import QueryPool
from api.queries.refused import Refused
from api.settings import Settings
from api.sparql.protocol import deadline
from graph.reading import catalogue
from graph.store.embedded import Store
from graph.store.remote import plain


async def whole_answer(pool: QueryPool, store: Store, settings: Settings, text: str) -> tuple[dict[str, Any], bytes]:
    """What came before the answer, and the answer: SPARQL results in JSON, or a graph in Turtle. Raises Refused."""
    if len(text) > settings.max_query_length:
        raise Refused(413, f"the query is longer than {settings.max_query_length:,} bytes")
    order = {
        "do": "query",
        "text": text,
        "base": catalogue.base_of(store),
        "default": None,
        "named": None,
        "table": "json",
        "graph": "turtle",
        "gzip": False,
        "rows": settings.max_rows,
    }
    answer = await pool.ask(order, deadline=deadline(settings))
    taken = bytearray()
    try:
        header: dict[str, Any] = await answer.begin()
        async for chunk in answer.chunks():
            taken += chunk
            if len(taken) > settings.max_body:
                raise Refused(413, "the result is too large for a page; narrow the query, or use /sparql")
    finally:
        pool.give_up(answer)
    return header, bytes(taken)


async def answered(request: Request, store: Store, settings: Settings, text: str) -> list[dict[str, Any]]:
    """The rows of a SELECT as plain values; what is unbound has no key. A refusal is the answer to the request."""
    try:
        _, content = await whole_answer(request.app.state.queries, store, settings, text)
    except Refused as refused:
        raise HTTPException(refused.status, str(refused)) from refused
    found = json.loads(content)["results"]["bindings"]
    return [{name: plain(term) for name, term in row.items()} for row in found]
