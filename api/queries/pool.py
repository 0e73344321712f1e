"""Where queries wait, run and end: the server's side of the processes in `api.queries.workers`.

Every query starts in a small set of workers for short queries. A query that takes longer than a moment continues in its
worker, but another worker takes its place in the set. So a short query never waits for long ones, and there is no need
to guess which queries are long. The number of long queries at once is limited; one more is ended.

A single deadline covers waiting, parsing, planning and sending the whole answer. After it, the worker is killed. It has
its own copy of the data, so only the query is lost.
"""

import asyncio
import logging
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from api.bounds import Bounds
from api.queries.cache import Cache
from api.queries.processes import Parent, QueryAnswer, WorkerConnection
from api.queries.refused import Refused, overdue
from graph.errors import StoreError
from graph.store import temporary
from graph.store.embedded import Store

log = logging.getLogger(__name__)

MOMENT = 0.05
"""Seconds after which a query counts as a long one."""

LOOKS = 2
"""How often to check again, a moment later, whether a query runs or waits for a processor."""

ENDLESS = 10_000
"""Most queries to remember that ran until their deadline."""

PATIENCE = 0.5
"""Seconds after which a query runs only while the processor is otherwise idle."""

SETTLED = 2.0
"""Seconds without a change after which the data are read into memory."""

LOWEST = 19
"""The `nice` value of a long query."""

WAITING_EACH = 64
"""Most short queries that may wait for each worker; one more is refused."""


@dataclass(eq=False)
class Generation:
    """The workers on one version of the data."""

    version: str
    copy: Path
    parent: Parent
    ours: bool = True
    """Whether these are a copy, and not the data themselves."""
    keeper: Parent | None = None
    idle: list[WorkerConnection] = field(default_factory=list)
    workers: set[WorkerConnection] = field(default_factory=set)
    short: int = 0
    """Number of workers for short queries, including those that are starting."""
    waiting: deque[asyncio.Future[WorkerConnection]] = field(default_factory=deque)
    endless: set[int] = field(default_factory=set)
    """Queries that ran until their deadline on these data."""
    retired: bool = False


class QueryPool:
    """Runs queries on copies of a store, within bounds. `start` in a running event loop, `stop` at the end."""

    copies = True
    """Whether the data can be copied, so that an update can be tried on a copy first."""

    def __init__(self, store: Store, bounds: Bounds | None = None) -> None:
        self.store = store
        self.bounds = bounds or Bounds()
        self.cache = Cache()
        self.long = 0
        self.writing = asyncio.Lock()
        """Held from the trial of an update until the update itself, so that both see the same data."""
        self._nursery: subprocess.Popen[bytes] | None = None
        self._parent: Parent | None = None
        self._generation: Generation | None = None
        self._renewing = asyncio.Lock()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._settle: asyncio.TimerHandle | None = None
        kept = store.folder is not None and os.access(store.folder, os.W_OK)
        self._copies = store.folder / "copies" if store.folder is not None and kept else temporary.folder("copies")

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start the process from which workers are forked."""
        shutil.rmtree(self._copies, ignore_errors=True)
        try:
            self._copies.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            log.warning("no room for copies of the data: %s", error)
        self._start_nursery()

    async def stop(self) -> None:
        """End all workers and delete the copies."""
        if self._settle:
            self._settle.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._generation:
            for worker in tuple(self._generation.workers):
                worker.close()
            if self._generation.keeper:
                self._generation.keeper.close()
            self._generation = None
        if self._parent:
            self._parent.close()
        if self._nursery:
            await asyncio.to_thread(self._nursery.wait)
            self._nursery = None
        # Workers' sockets are closed by the loop's next rounds.
        await asyncio.sleep(0)
        shutil.rmtree(self._copies, ignore_errors=True)

    async def ask(
        self, request: dict[str, Any], *, body: bytes = b"", deadline: float, on_data: bool = True
    ) -> QueryAnswer:
        """Give the request to a worker. `deadline`: a time of `time.monotonic`. Raises Refused.

        Without `on_data` the request does not depend on the data, so a worker with an older copy may take it.
        """
        generation = self._generation
        if on_data or generation is None or generation.parent.gone.is_set():
            generation = await self._fresh()
        if _text_of(request) in generation.endless and self.long >= self.bounds.long_queries:
            # It ran until its deadline on these data before, so there is no need to start it to know that it is long.
            raise self._too_many()
        worker = await self._worker(generation, deadline)
        return self._watched(worker, generation, request, body, deadline)

    def give_up(self, answer: QueryAnswer) -> None:
        """End an answer that no client waits for."""
        if not answer.ended:
            answer.refuse(Refused(499, "the client has left"))
            answer.worker.kill()

    async def copy(self) -> tuple[str, Path]:
        """Return a copy of the current data for one use, and its version. The caller deletes the folder."""
        folder = self._copies / secrets.token_hex(6)
        return await asyncio.to_thread(self.store.backup, folder), folder

    # Time

    def _watched(
        self, worker: WorkerConnection, generation: Generation, request: dict[str, Any], body: bytes, deadline: float
    ) -> QueryAnswer:
        loop = asyncio.get_running_loop()
        answer = worker.send(request, body)
        moment = loop.call_later(MOMENT, self._moment_has_passed, worker, generation, answer)
        known = _text_of(request) in generation.endless
        later = loop.call_later(0.0 if known else PATIENCE, _give_way, worker, answer)
        left = max(0.0, deadline - time.monotonic())
        end = loop.call_later(left, self._overdue, worker, answer, generation, _text_of(request))

        def free(worker: WorkerConnection) -> None:
            moment.cancel()
            later.cancel()
            end.cancel()
            worker.free = None
            worker.resume()
            if worker.doomed or (worker.long and len(generation.idle) >= self.bounds.workers):
                worker.close()
                return
            if worker.long:
                # It has loaded the memory that it shares with the keeper, so the next query runs at once.
                worker.long = False
                self.long -= 1
                generation.short += 1
            self._give_back(worker, generation)

        worker.free = free
        if known:
            # Counted as long at once, so that it takes no worker from the short ones.
            self._moment_has_passed(worker, generation, answer, 0.0, 0)
        return answer

    def _moment_has_passed(
        self,
        worker: WorkerConnection,
        generation: Generation,
        answer: QueryAnswer,
        spent: float | None = None,
        looks: int = LOOKS,
    ) -> None:
        """Count the query as a long one; check again later if it only waits for a processor."""
        if answer.ended or not worker.alive:
            return
        now = worker.spent()
        if answer.spent is None:
            answer.spent = now
        waits = looks > 0 and (spent is None or now - spent < MOMENT / 2)
        # Its first part is being sent. Ending it now is worse than half a second with one long query too many.
        begun = looks > -PATIENCE / MOMENT and answer.header is not None and self.long >= self.bounds.long_queries
        if waits or begun:
            again = (worker, generation, answer, now, looks - 1)
            asyncio.get_running_loop().call_later(MOMENT, self._moment_has_passed, *again)
            return
        if self.long >= self.bounds.long_queries:
            answer.refuse(self._too_many())
            worker.kill()
            return
        self.long += 1
        worker.long = True
        generation.short -= 1
        self._top_up(generation)

    def _too_many(self) -> Refused:
        return Refused(429, f"{self.long} long queries are running, the most allowed at once; try again in a while")

    def _overdue(self, worker: WorkerConnection, answer: QueryAnswer, generation: Generation, text: int) -> None:
        if not answer.ended:
            if text and len(generation.endless) < ENDLESS:
                generation.endless.add(text)
            answer.refuse(overdue(self.bounds.seconds))
            worker.kill()

    # Workers

    async def _worker(self, generation: Generation, deadline: float) -> WorkerConnection:
        while generation.idle:
            worker = generation.idle.pop()
            if worker.alive:
                return worker
        if len(generation.waiting) >= WAITING_EACH * self.bounds.workers:
            raise Refused(429, "too many queries are waiting; try again in a while")
        future: asyncio.Future[WorkerConnection] = asyncio.get_running_loop().create_future()
        generation.waiting.append(future)
        self._top_up(generation)
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await future
        except TimeoutError:
            raise overdue(self.bounds.seconds) from None

    def _top_up(self, generation: Generation) -> None:
        """Start workers for the waiting queries and a spare one, within the number for short queries."""
        spare = 0 if generation.idle or generation.retired else 1
        wanted = min(self.bounds.workers, generation.short + max(len(generation.waiting), spare))
        while generation.short < wanted:
            generation.short += 1
            self._run(self._add_worker(generation))

    async def _add_worker(self, generation: Generation) -> None:
        try:
            parent = generation.keeper or generation.parent
            pid, end = await parent.fork(do="fork", copy=str(generation.copy))
            _, worker = await asyncio.get_running_loop().create_unix_connection(
                lambda: WorkerConnection(parent, pid, lambda worker: self._lost(worker, generation)), sock=end
            )
            await worker.ready
            if not worker.alive:
                raise StoreError("a query worker ended immediately after its start")
            generation.workers.add(worker)
        except (StoreError, OSError, TimeoutError) as error:
            log.error("no query worker: %s", error)
            generation.short -= 1
            while generation.waiting:
                future = generation.waiting.popleft()
                if not future.done():
                    future.set_exception(Refused(503, "no query can be run at the moment; try again in a while"))
            if self._generation is generation:
                self._generation = None
            self._retire(generation)
            return
        self._give_back(worker, generation)

    def _give_back(self, worker: WorkerConnection, generation: Generation) -> None:
        if not worker.alive:
            return
        stale = generation.keeper is not None and worker.parent is not generation.keeper
        if not stale:
            while generation.waiting:
                future = generation.waiting.popleft()
                if not future.done():
                    future.set_result(worker)
                    return
        if generation.retired or stale:
            worker.close()
        else:
            generation.idle.append(worker)

    def _lost(self, worker: WorkerConnection, generation: Generation) -> None:
        if worker not in generation.workers:
            return
        generation.workers.discard(worker)
        if worker.long:
            self.long -= 1
        else:
            generation.short -= 1
        if worker in generation.idle:
            generation.idle.remove(worker)
        if generation.waiting:
            self._top_up(generation)
        self._tidy(generation)

    # Versions

    async def _fresh(self) -> Generation:
        generation = self._generation
        if generation is not None and generation.version == self.store.version and not generation.parent.gone.is_set():
            return generation
        async with self._renewing:
            generation = self._generation
            if generation is None or generation.version != self.store.version or generation.parent.gone.is_set():
                generation = await self._renew()
            return generation

    async def _renew(self) -> Generation:
        if self._parent is None or self._parent.gone.is_set():
            self._start_nursery()
        version, folder, ours = await self._readable()
        before = self._generation
        self._generation = Generation(version=version, copy=folder, parent=cast(Parent, self._parent), ours=ours)
        self.cache.clear()
        if before is not None:
            self._retire(before)
        if self._settle is not None:
            self._settle.cancel()
        if self.bounds.quads_in_memory:
            self._settle = asyncio.get_running_loop().call_later(
                SETTLED, lambda generation: self._run(self._into_memory(generation)), self._generation
            )
        return self._generation

    async def _readable(self) -> tuple[str, Path, bool]:
        """Return the version of the data, the folder to read them from, and whether that is a copy."""
        try:
            return *(await self.copy()), True
        except (StoreError, OSError) as error:
            folder = self.store.folder
            if folder is None:
                raise
            # The disk is full or read-only. There are no writes then, so the data can be read in place.
            log.warning("queries run on the data themselves: %s", error)
            return self.store.version, folder / "data", False

    def _retire(self, generation: Generation) -> None:
        generation.retired = True
        for worker in generation.idle:
            worker.close()
        self._tidy(generation)

    def _tidy(self, generation: Generation) -> None:
        """Delete the copy once no worker uses it or is about to use it."""
        if generation.retired and not generation.workers and not generation.short and not generation.waiting:
            if generation.ours:
                self._run(asyncio.to_thread(shutil.rmtree, generation.copy, True))
            if generation.keeper:
                generation.keeper.close()

    async def _into_memory(self, generation: Generation) -> None:
        if generation.retired:
            return
        try:
            _, end = await generation.parent.fork(
                do="keep", copy=str(generation.copy), at_most=self.bounds.quads_in_memory
            )
        except (StoreError, TimeoutError) as error:
            log.warning("the data stay on disk: %s", error)
            return
        keeper = Parent(end)
        if not await keeper.kept or generation.retired:
            keeper.close()
            return
        generation.keeper = keeper
        for worker in generation.idle:
            worker.close()
        generation.idle.clear()

    def _start_nursery(self) -> None:
        ours, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), str(self.bounds.memory)]
        if self._nursery is not None:
            self._nursery.wait()
        # A fresh interpreter: the server has threads, so that its own fork would not be sound.
        self._nursery = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-P", "-m", "api.queries.workers", *arguments],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            # Not a session of its own: the system shares the processor out among sessions, whatever their priority.
            process_group=0,
        )
        theirs.close()
        self._parent = Parent(ours)

    def _run(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _text_of(request: dict[str, Any]) -> int:
    """Return a number that identifies a query, or 0 if the request is not a query."""
    return hash(request["text"]) if request["do"] == "query" else 0


def _give_way(worker: WorkerConnection, answer: QueryAnswer) -> None:
    """Lower the priority of a long query; its process runs no other query."""
    if answer.ended or not worker.alive:
        return
    if answer.spent is not None and worker.spent() - answer.spent < PATIENCE / 4:
        # It waits for a processor, and with a lower priority would wait even longer.
        asyncio.get_running_loop().call_later(PATIENCE, _give_way, worker, answer)
        return
    threads = Path(f"/proc/{worker.pid}/task")
    try:
        # Each thread has a priority of its own; the engine runs in one, and may start more.
        for thread in (int(each.name) for each in threads.iterdir()) if threads.is_dir() else (worker.pid,):
            os.setpriority(os.PRIO_PROCESS, thread, LOWEST)
    except OSError as error:
        log.debug("a query keeps its priority: %s", error)
        return
    # A lower priority cannot be raised again without rights that a server should not have.
    worker.doomed = True
