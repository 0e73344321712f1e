"""Queries for a store on another server: passed on, within the same bounds of time, rows and what may go out.

What needs no data (reading a body, trying whether an update parses) is still done by workers here. A query that is
overdue is let go: the connection is closed, and the other server has bounds of its own, or none.
"""

import asyncio
import contextlib
import json
import time
from typing import Any

import httpx

from api.bounds import Bounds
from api.queries.pool import QueryPool
from api.queries.processes import QueryAnswer, WorkerConnection
from api.queries.refused import Refused, overdue
from graph.errors import BadQuery, StoreError, TooManyRows
from graph.rdf.sparql_text import read
from graph.rdf.terms import Iri
from graph.rdf.xml_text import Output
from graph.store.embedded import memory_store
from graph.store.formats import well_formed
from graph.store.remote import MEDIA, RemoteStore, credentials, with_union
from graph.store.snapshot import Query, RowCount

SPARE = 60.0
"""Seconds beyond the deadline after which a connection that says nothing is dead."""

GRAPHS = frozenset({"turtle", "ntriples", "rdfxml", "jsonld", "trig", "nquads"})


class Passing(WorkerConnection):
    """Stands where a worker does: a request to the other server, under way."""

    def __init__(self) -> None:
        self.going_on = asyncio.Event()
        self.going_on.set()
        self.task: asyncio.Task[None] | None = None

    def pause(self) -> None:
        self.going_on.clear()

    def resume(self) -> None:
        self.going_on.set()

    def kill(self) -> None:
        if self.task is not None:
            self.task.cancel()


class CountedRows:
    """Where `RowCount` writes what it has counted."""

    def __init__(self, answer: QueryAnswer) -> None:
        self._answer = answer

    def begin(self, **header: Any) -> None:
        """The kind and format of the answer."""
        self._answer.take(b"H", json.dumps({**header, "gzip": False}).encode())

    def write(self, data: bytes) -> int:
        self._answer.take(b"D", data)
        return len(data)


class RemotePool(QueryPool):
    """The pool for a store that lies on another server."""

    copies = False

    def __init__(self, store: RemoteStore, bounds: Bounds | None = None) -> None:
        super().__init__(memory_store(), bounds)
        self.remote = store
        self._http: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Start the workers that need no data, and connect."""
        await super().start()
        self._http = httpx.AsyncClient(timeout=self.bounds.seconds + SPARE, trust_env=False, **credentials())

    async def stop(self) -> None:
        """End the workers, and disconnect."""
        await super().stop()
        if self._http is not None:
            await self._http.aclose()

    async def ask(
        self, request: dict[str, Any], *, body: bytes = b"", deadline: float, on_data: bool = True
    ) -> QueryAnswer:
        """Pass the request on; see `QueryPool.ask`."""
        if not on_data:
            return await super().ask(request, body=body, deadline=deadline, on_data=False)
        if self.long >= self.bounds.long_queries:
            raise Refused(429, f"{self.long} queries are running, the most allowed at once; try again later")
        passing = Passing()
        answer = QueryAnswer(passing)
        work = self._dump(request, answer) if request["do"] == "dump" else self._pass_on(request, answer, passing)
        passing.task = asyncio.create_task(self._within(work, answer, deadline))
        return answer

    async def _within(self, work: Any, answer: QueryAnswer, deadline: float) -> None:
        self.long += 1
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                await work
        except TimeoutError:
            answer.refuse(overdue(self.bounds.seconds))
        except Refused as error:
            answer.refuse(error)
        except BadQuery as error:
            answer.refuse(Refused(400, str(error)))
        except TooManyRows as error:
            answer.refuse(Refused(400, str(error)))
        except (StoreError, httpx.HTTPError):
            answer.refuse(Refused(503, "the server that holds the data does not answer; try again later"))
        finally:
            self.long -= 1
            # In any case, end the answer so that no client waits for it in vain.
            answer.refuse(Refused(503, "the query was not answered; try again later"))

    async def _pass_on(self, request: dict[str, Any], answer: QueryAnswer, passing: Passing) -> None:
        reading = await asyncio.to_thread(read, request["text"])
        wanted = [MEDIA[form] for form in (request["table"], request["graph"]) if form]
        given = [("default-graph-uri", name) for name in request["default"] or ()]
        given += [("named-graph-uri", name) for name in request["named"] or ()]
        address = self.remote.address if given or reading.names_data_set else with_union(self.remote.address)
        headers = {"Content-Type": "application/sparql-query", "Accept": ", ".join(wanted)}
        assert self._http is not None  # noqa: S101  # start came before
        url = httpx.URL(address).copy_merge_params(given) if given else httpx.URL(address)
        async with self._http.stream("POST", url, content=request["text"].encode(), headers=headers) as response:
            if not response.is_success:
                await response.aread()
                raise _refusal(response)
            media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            form = next((name for name, known in MEDIA.items() if known == media), None)
            if form is None or form not in (request["table"], request["graph"]):
                raise Refused(406, f"the server that holds the data answers with {media or 'no type'}")
            feed = CountedRows(answer)
            feed.begin(kind="graph" if form in GRAPHS else "table", format=form, steady=reading.steady)
            into: Output | RowCount = well_formed(feed, form)
            if form not in GRAPHS:
                into = RowCount(well_formed(feed, form), Query(text="", base="", table=form, rows=request["rows"]))
            async for chunk in response.aiter_bytes(64 * 1024):
                await passing.going_on.wait()
                into.write(chunk)
        answer.take(b"E", b"")

    async def _dump(self, request: dict[str, Any], answer: QueryAnswer) -> None:
        feed, graph = CountedRows(answer), request["named"]
        if graph and not await asyncio.to_thread(self.remote.has_graph, graph):
            feed.begin(kind="absent")
        else:
            name = Iri(graph) if graph else None
            data = await asyncio.to_thread(self.remote.dump, format=request["format"], graph=name)
            feed.begin(kind="graph", format=request["format"], steady=True)
            feed.write(data)
        answer.take(b"E", b"")


def _refusal(response: httpx.Response) -> Refused:
    with contextlib.suppress(UnicodeDecodeError):
        if response.status_code in {400, 406, 413, 414, 429}:
            return Refused(response.status_code, response.text[:1_000].strip() or "the other server refuses the query")
    return Refused(503, "the server that holds the data cannot answer the query; try again later")
