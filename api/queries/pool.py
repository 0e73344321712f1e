"""Where queries wait, run and are ended: the server's side of the processes in `api.queries.workers`.

Every query starts in a small set of workers for short queries. A query that takes longer than a moment continues in its
worker, but another worker takes its place in the set. So a short query never waits for long ones, and there is no need
to guess which queries are long. The number of long queries at once is limited; one more is ended.

A single deadline covers waiting, parsing, planning and sending the whole answer. After it, the worker is killed. It has
its own copy of the data, so only the query is lost.
"""

import asyncio
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, cast

from api.bounds import Bounds
from api.queries.workers import FRAME, OUT_OF_MEMORY
from graph.errors import PositionsError, StoreError
from graph.store import temporary
from graph.store.embedded import Store

log = logging.getLogger(__name__)

MOMENT = 0.05
"""Seconds after which a query counts as a long one."""

LOOKS = 2
"""How often to check again, a moment later, whether a query runs or waits for a processor."""
TICKS = os.sysconf("SC_CLK_TCK")

ENDLESS = 10_000
"""Queries that are known to have run to the end of their time."""

PATIENCE = 0.5
"""Seconds after which a query runs only while the processor is otherwise idle."""

SETTLED = 2.0
"""Seconds without a change after which the data are worth reading into memory."""

LOWEST = 19
"""The `nice` value of a long query."""

WAITING_EACH = 64
"""Short queries that may wait for each worker kept for them; one more is refused."""

HELD = 1024 * 1024
"""Bytes of an answer that wait here for a slow client, so that its worker is free for the next."""

CACHE = 64 * 1024**2
CACHED = 1024 * 1024
"""Bytes of all answers kept for the next who asks the same, and of one of them."""


class Refused(PositionsError):
    """A query that got no answer, with the HTTP status that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Answer:
    """What comes back from a worker, as it comes."""

    def __init__(self, worker: "Worker") -> None:
        self._worker = worker
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._refused: Refused | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.header: dict[str, Any] | None = None
        self.watchers: list[asyncio.Task[None]] = []
        self.spent: float | None = None
        """Seconds of the processor that the worker had had when the answer was a moment old."""

    async def begin(self) -> dict[str, Any]:
        """The kind and format of the answer, once its first bytes are there. Raises Refused."""
        while not (self._ended or (self.header is not None and self._chunks)):
            await self._wait()
        if self._refused:
            raise self._refused
        return self.header or {}

    def whole(self) -> bytes | None:
        """The answer's bytes, where all of them have come."""
        return b"".join(self._chunks) if self._ended and not self._refused else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """The answer's bytes as they come. Raises Refused where the rest will not come."""
        while True:
            if self._refused:
                raise self._refused
            if self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                if not self._ended:
                    self._worker.resume()
                yield chunk
            elif self._ended:
                return
            else:
                await self._wait()

    def take(self, letter: bytes, content: bytes) -> bool:
        """A frame has come; whether the worker has done its work with it."""
        if letter == b"D":
            self._chunks.append(content)
            self._size += len(content)
            if self._size > HELD:
                self._worker.pause()
        elif letter == b"H":
            self.header = json.loads(content)
        elif letter == b"E":
            self._ended = True
        else:
            told = json.loads(content)
            self.refuse(Refused(told["status"], told["message"]))
        self._wake()
        return self._ended

    def refuse(self, reason: Refused) -> None:
        """There will be no (more of the) answer."""
        if not self._ended:
            self._ended = True
            self._refused = reason
            self._wake()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter


class Worker(asyncio.Protocol):
    """The server's end of one worker's socket."""

    def __init__(self, parent: "Parent", pid: int, lost: Callable[["Worker"], None]) -> None:
        self.parent = parent
        self.pid = pid
        self.answer: Answer | None = None
        self.long = False
        self.doomed = False
        """Killed or about to end, so that it gets no more requests."""
        self.lost = lost
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.free: Callable[[Worker], None] | None = None
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        at, size = 0, len(data)
        while size - at >= FRAME.size:
            letter, length = FRAME.unpack_from(data, at)
            end = at + FRAME.size + length
            if end > size:
                break
            self._frame(letter, data[at + FRAME.size : end])
            at = end
        self._rest = data[at:]

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if not self.ready.done():
            self.ready.set_exception(StoreError("a query worker did not start"))
            self.ready.exception()
        self.lost(self)
        answer = self.answer
        if answer is not None and not answer.ended:
            self.parent.when_gone(self.pid, lambda number: answer.refuse(_why(number)))

    def send(self, request: dict[str, Any], body: bytes = b"") -> Answer:
        """Ask the worker, which must be free."""
        self.answer = Answer(self)
        data = json.dumps(request).encode()
        if self._transport is not None:
            self._transport.write(len(data).to_bytes(4, "big") + data + body)
        return self.answer

    def kill(self) -> None:
        """End the process, whatever it is at."""
        self.doomed = True
        self.parent.kill(self.pid)

    def spent(self) -> float:
        """Seconds of the processor that the process has had; what the clock says where the system does not tell."""
        try:
            parts = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2]
            return sum(map(int, parts.split()[11:13])) / TICKS
        except (OSError, ValueError):
            return time.monotonic()

    def close(self) -> None:
        """Let the process end normally."""
        if self._transport is not None:
            self._transport.close()

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return self._transport is not None

    def pause(self) -> None:
        """Take no more of the answer for now."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Take more of the answer again."""
        if self._paused and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def _frame(self, letter: bytes, content: bytes) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
            return
        self.doomed = self.doomed or (letter == b"E" and bool(content))
        if self.answer is not None and self.answer.take(letter, content) and self.free is not None:
            self.free(self)


def _why(number: int) -> Refused:
    """What the signal that ended a worker says of its query."""
    match number:
        case signal.SIGSEGV | signal.SIGBUS | signal.SIGILL:
            return Refused(400, "the query is nested or chained too deep to be read; write it flatter")
        case signal.SIGSYS:
            return Refused(400, "the query was ended because it tried to contact another server")
        case signal.SIGABRT | signal.SIGKILL:
            return Refused(503, OUT_OF_MEMORY)
        case _:
            return Refused(503, "the process that ran the query ended; ask again")


class Parent:
    """The server's end of the control socket of the nursery, or of a keeper of the data in memory."""

    def __init__(self, control: socket.socket) -> None:
        self.gone = asyncio.Event()
        self.kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._control = control
        self._control.setblocking(False)
        self._tickets: dict[int, asyncio.Future[tuple[int, socket.socket]]] = {}
        self._fds: deque[int] = deque()
        self._rest = b""
        self._next = 0
        self._exits: OrderedDict[int, int] = OrderedDict()
        self._mourners: dict[int, Callable[[int], None]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._control.fileno(), self._read)

    async def fork(self, **order: Any) -> tuple[int, socket.socket]:
        """A new process and the socket to it. Raises StoreError where there is none to be had."""
        self._next += 1
        ticket = self._next
        future: asyncio.Future[tuple[int, socket.socket]] = self._loop.create_future()
        self._tickets[ticket] = future
        self._tell({"ticket": ticket, **order})
        return await asyncio.wait_for(future, 30)

    def kill(self, pid: int) -> None:
        """End a child at once; it has ended already where its parent has."""
        if not self.gone.is_set():
            self._tell({"do": "kill", "pid": pid})

    def when_gone(self, pid: int, tell: Callable[[int], None]) -> None:
        """Return the number of the signal that ended a child, once it is known."""
        if pid in self._exits:
            tell(self._exits.pop(pid))
            return
        self._mourners[pid] = tell
        self._loop.call_later(1.0, self._mourn, pid, 0)

    def close(self) -> None:
        """Let the process and its children end."""
        if not self.gone.is_set():
            self.gone.set()
            self._loop.remove_reader(self._control.fileno())
            self._control.close()
            while self._fds:
                os.close(self._fds.popleft())
            for future in self._tickets.values():
                if not future.done():
                    future.set_exception(StoreError("the process that starts query workers has ended; ask again"))
            if not self.kept.done():
                self.kept.set_result(False)

    def _tell(self, order: dict[str, Any]) -> None:
        if self.gone.is_set():
            raise StoreError("the process that starts query workers has ended; ask again")
        # Orders are short and read at once: the socket's buffer holds hundreds of them.
        self._control.setblocking(True)
        try:
            self._control.sendall(json.dumps(order).encode() + b"\n")
        except OSError:
            self.close()
            return
        self._control.setblocking(False)

    def _read(self) -> None:
        try:
            data, fds, _, _ = socket.recv_fds(self._control, 64 * 1024, 64)
        except BlockingIOError:
            return
        except OSError:
            data, fds = b"", []
        self._fds.extend(fds)
        if not data:
            self.close()
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._heard(json.loads(line))

    def _heard(self, told: dict[str, Any]) -> None:
        if "ticket" in told:
            future = self._tickets.pop(told["ticket"])
            end = socket.socket(fileno=self._fds.popleft())
            if future.done():
                end.close()
            else:
                future.set_result((told["pid"], end))
        elif "kept" in told:
            self.kept.set_result(True)
        else:
            if not self._mourn(told["exit"], told["signal"]):
                self._exits[told["exit"]] = told["signal"]
                while len(self._exits) > 1_000:
                    self._exits.popitem(last=False)

    def _mourn(self, pid: int, number: int) -> bool:
        tell = self._mourners.pop(pid, None)
        if tell is not None:
            tell(number)
        return tell is not None


@dataclass(eq=False)
class Generation:
    """The workers on one version of the data."""

    version: str
    copy: Path
    parent: Parent
    ours: bool = True
    """Whether the copy is one, and not the data themselves."""
    keeper: Parent | None = None
    idle: list[Worker] = field(default_factory=list)
    workers: set[Worker] = field(default_factory=set)
    short: int = 0
    """Workers, there or on their way, that are kept for short queries."""
    waiting: deque[asyncio.Future[Worker]] = field(default_factory=deque)
    endless: set[int] = field(default_factory=set)
    """Queries that ran to the end of their time on these data."""
    retired: bool = False


class QueryPool:
    """Runs queries on copies of a store, within bounds. `start` in a running event loop, `stop` at the end."""

    copies = True
    """Whether there can be copies of the data, on which an update may be tried first."""

    def __init__(self, store: Store, bounds: Bounds | None = None) -> None:
        self.store = store
        self.bounds = bounds or Bounds()
        self.cache = Cache()
        self.long = 0
        self.writing = asyncio.Lock()
        """Held from the trial of an update until it is carried out, so that both see the same data."""
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
        """End all workers, take the copies away."""
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

    async def ask(self, request: dict[str, Any], *, body: bytes = b"", deadline: float, on_data: bool = True) -> Answer:
        """Give the request to a worker. `deadline`: a time of `time.monotonic`. Raises Refused.

        Without `on_data` the request asks nothing of the data, so that a worker on an older copy does as well.
        """
        generation = self._generation
        if on_data or generation is None or generation.parent.gone.is_set():
            generation = await self._fresh()
        if _text_of(request) in generation.endless and self.long >= self.bounds.long_queries:
            # It ran to the end of its time on these data before: no need to begin, to see that it takes long.
            raise self._too_many()
        worker = await self._worker(generation, deadline)
        return self._watched(worker, generation, request, body, deadline)

    def give_up(self, answer: Answer) -> None:
        """Give up an answer that no client waits for."""
        if not answer.ended:
            answer.refuse(Refused(499, "the client has left"))
            answer._worker.kill()

    async def copy(self) -> tuple[str, Path]:
        """Return a copy of the current data for one use, and its version. The caller deletes the folder."""
        folder = self._copies / secrets.token_hex(6)
        return await asyncio.to_thread(self.store.backup, folder), folder

    # Time

    def _watched(
        self, worker: Worker, generation: Generation, request: dict[str, Any], body: bytes, deadline: float
    ) -> Answer:
        loop = asyncio.get_running_loop()
        answer = worker.send(request, body)
        moment = loop.call_later(MOMENT, self._moment_has_passed, worker, generation, answer)
        known = _text_of(request) in generation.endless
        later = loop.call_later(0.0 if known else PATIENCE, _give_way, worker, answer)
        left = max(0.0, deadline - time.monotonic())
        end = loop.call_later(left, self._overdue, worker, answer, generation, _text_of(request))

        def free(worker: Worker) -> None:
            moment.cancel()
            later.cancel()
            end.cancel()
            worker.free = None
            worker.resume()
            if worker.doomed or (worker.long and len(generation.idle) >= self.bounds.workers):
                worker.close()
                return
            if worker.long:
                # It has touched the memory that it shares with the keeper, so that the next query runs at once.
                worker.long = False
                self.long -= 1
                generation.short += 1
            self._give_back(worker, generation)

        worker.free = free
        if known:
            # Counted as long at once, so that it keeps no worker from the short ones.
            self._moment_has_passed(worker, generation, answer, 0.0, 0)
        return answer

    def _moment_has_passed(
        self, worker: Worker, generation: Generation, answer: Answer, spent: float | None = None, looks: int = LOOKS
    ) -> None:
        """Count the query among the long ones; one that only waits for a processor is looked at again."""
        if answer.ended or not worker.alive:
            return
        now = worker.spent()
        if answer.spent is None:
            answer.spent = now
        waits = looks > 0 and (spent is None or now - spent < MOMENT / 2)
        # Its first part is on its way: to break it off now is worse than a long query too many for half a second.
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
        return Refused(429, f"{self.long} long queries are running, as many as may at once; ask again in a while")

    def _overdue(self, worker: Worker, answer: Answer, generation: Generation, text: int) -> None:
        if not answer.ended:
            if text and len(generation.endless) < ENDLESS:
                generation.endless.add(text)
            answer.refuse(overdue(self.bounds.seconds))
            worker.kill()

    # Workers

    async def _worker(self, generation: Generation, deadline: float) -> Worker:
        while generation.idle:
            worker = generation.idle.pop()
            if worker.alive:
                return worker
        if len(generation.waiting) >= WAITING_EACH * self.bounds.workers:
            raise Refused(429, "too many queries are waiting; ask again in a while")
        future: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
        generation.waiting.append(future)
        self._top_up(generation)
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await future
        except TimeoutError:
            raise overdue(self.bounds.seconds) from None

    def _top_up(self, generation: Generation) -> None:
        """Have as many workers as are waited for, and a spare one, within the number kept for short queries."""
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
                lambda: Worker(parent, pid, lambda worker: self._lost(worker, generation)), sock=end
            )
            await worker.ready
            if not worker.alive:
                raise StoreError("a query worker ended as soon as it was there")
            generation.workers.add(worker)
        except (StoreError, OSError, TimeoutError) as error:
            log.error("no query worker: %s", error)
            generation.short -= 1
            while generation.waiting:
                future = generation.waiting.popleft()
                if not future.done():
                    future.set_exception(Refused(503, "no query can be run at the moment; ask again in a while"))
            if self._generation is generation:
                self._generation = None
            self._retire(generation)
            return
        self._give_back(worker, generation)

    def _give_back(self, worker: Worker, generation: Generation) -> None:
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

    def _lost(self, worker: Worker, generation: Generation) -> None:
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
        """The version of the data, where they can be read, and whether that is a copy."""
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
    """Tells one query from another; 0 for what is no query."""
    return hash(request["text"]) if request["do"] == "query" else 0


def _give_way(worker: Worker, answer: Answer) -> None:
    """Let everything else go before a query that takes long; its process has no second one."""
    if answer.ended or not worker.alive:
        return
    if answer.spent is not None and worker.spent() - answer.spent < PATIENCE / 4:
        # It waits for a processor, and would wait longer still.
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


def overdue(seconds: float) -> Refused:
    """The refusal of what took too long."""
    return Refused(503, f"the query took longer than {seconds:g} s and was ended; narrow it, or ask for less at a time")


class Cache:
    """Cached answers by their request, until the data change. The least requested are dropped first."""

    def __init__(self, size: int = CACHE) -> None:
        self._size = size
        self._held = 0
        self._answers: OrderedDict[Any, tuple[dict[str, Any], bytes]] = OrderedDict()

    def get(self, key: Any) -> tuple[dict[str, Any], bytes] | None:
        """The header and bytes of an answer."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: Any, header: dict[str, Any], data: bytes) -> None:
        """Keep an answer, where it is not too large."""
        if len(data) > CACHED or key in self._answers:
            return
        self._answers[key] = header, data
        self._held += len(data) + 1_000
        while self._held > self._size:
            _, (_, dropped) = self._answers.popitem(last=False)
            self._held -= len(dropped) + 1_000

    def clear(self) -> None:
        """The data have changed."""
        self._answers.clear()
        self._held = 0
