"""The server's end of the processes that run queries.

A `Parent` starts and ends processes through its control socket. A `WorkerConnection` sends one query after another to a
worker, and a `QueryAnswer` is what comes back. The other end is `api.queries.workers`.
"""

import asyncio
import json
import os
import signal
import socket
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast

from api.queries.refused import Refused
from api.queries.workers import FRAME, OUT_OF_MEMORY
from graph.errors import StoreError

TICKS = os.sysconf("SC_CLK_TCK")

HELD = 1024 * 1024
"""Bytes of an answer to hold for a slow client, so that its worker is free for the next query."""


class QueryAnswer:
    """The answer of a worker, chunk by chunk as it arrives."""

    def __init__(self, worker: "WorkerConnection") -> None:
        self.worker = worker
        self._chunks: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._refused: Refused | None = None
        self._waiter: asyncio.Future[None] | None = None
        self.header: dict[str, Any] | None = None
        self.watchers: list[asyncio.Task[None]] = []
        self.spent: float | None = None
        """Processor time of the worker, in seconds, when the answer was a moment old."""

    async def begin(self) -> dict[str, Any]:
        """Wait for the first bytes and return the kind and format of the answer. Raises Refused."""
        while not (self._ended or (self.header is not None and self._chunks)):
            await self._wait()
        if self._refused:
            raise self._refused
        return self.header or {}

    def whole(self) -> bytes | None:
        """Return the bytes of the answer, or None if it is incomplete or refused."""
        return b"".join(self._chunks) if self._ended and not self._refused else None

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the bytes of the answer as they arrive. Raises Refused if the rest will not come."""
        while True:
            if self._refused:
                raise self._refused
            if self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                if not self._ended:
                    self.worker.resume()
                yield chunk
            elif self._ended:
                return
            else:
                await self._wait()

    def take(self, letter: bytes, content: bytes) -> bool:
        """Take a frame from the worker; return whether the answer is complete."""
        if letter == b"D":
            self._chunks.append(content)
            self._size += len(content)
            if self._size > HELD:
                self.worker.pause()
        elif letter == b"H":
            self.header = json.loads(content)
        elif letter == b"E":
            self._ended = True
        else:
            refusal = json.loads(content)
            self.refuse(Refused(refusal["status"], refusal["message"]))
        self._wake()
        return self._ended

    def refuse(self, reason: Refused) -> None:
        """End the answer without its (remaining) bytes."""
        if not self._ended:
            self._ended = True
            self._refused = reason
            self._wake()

    @property
    def ended(self) -> bool:
        """Return whether the answer has ended."""
        return self._ended

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter


class WorkerConnection(asyncio.Protocol):
    """The server's end of one worker's socket."""

    def __init__(self, parent: "Parent", pid: int, lost: Callable[["WorkerConnection"], None]) -> None:
        self.parent = parent
        self.pid = pid
        self.answer: QueryAnswer | None = None
        self.long = False
        self.doomed = False
        """Whether it was killed or is about to end, so that it gets no more requests."""
        self.lost = lost
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.free: Callable[[WorkerConnection], None] | None = None
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

    def send(self, request: dict[str, Any], body: bytes = b"") -> QueryAnswer:
        """Send a request to the worker, which must be free."""
        self.answer = QueryAnswer(self)
        data = json.dumps(request).encode()
        if self._transport is not None:
            self._transport.write(len(data).to_bytes(4, "big") + data + body)
        return self.answer

    def kill(self) -> None:
        """End the process at once."""
        self.doomed = True
        self.parent.kill(self.pid)

    def spent(self) -> float:
        """Return the processor time of the process in seconds, or the time of the clock if that is unknown."""
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
        """Return whether it can take a request."""
        return self._transport is not None

    def pause(self) -> None:
        """Stop reading the answer for now."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Continue to read the answer."""
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
    """Return the refusal of the query of a worker that this signal ended."""
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
    """The server's end of the control socket of the process that forks workers, or of one that keeps data in memory."""

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
        self._watchers: dict[int, Callable[[int], None]] = {}
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._control.fileno(), self._read)

    async def fork(self, **order: Any) -> tuple[int, socket.socket]:
        """Start a process and return its id and its socket. Raises StoreError if that is not possible."""
        self._next += 1
        ticket = self._next
        future: asyncio.Future[tuple[int, socket.socket]] = self._loop.create_future()
        self._tickets[ticket] = future
        self._tell({"ticket": ticket, **order})
        return await asyncio.wait_for(future, 30)

    def kill(self, pid: int) -> None:
        """End a child at once. If the parent has ended, so have its children."""
        if not self.gone.is_set():
            self._tell({"do": "kill", "pid": pid})

    def when_gone(self, pid: int, tell: Callable[[int], None]) -> None:
        """Call `tell` with the number of the signal that ended a child, once it is known."""
        if pid in self._exits:
            tell(self._exits.pop(pid))
            return
        self._watchers[pid] = tell
        self._loop.call_later(1.0, self._report, pid, 0)

    def close(self) -> None:
        """Let the process and its children end normally."""
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
            self._received(json.loads(line))

    def _received(self, message: dict[str, Any]) -> None:
        if "ticket" in message:
            future = self._tickets.pop(message["ticket"])
            end = socket.socket(fileno=self._fds.popleft())
            if future.done():
                end.close()
            else:
                future.set_result((message["pid"], end))
        elif "kept" in message:
            self.kept.set_result(True)
        else:
            if not self._report(message["exit"], message["signal"]):
                self._exits[message["exit"]] = message["signal"]
                while len(self._exits) > 1_000:
                    self._exits.popitem(last=False)

    def _report(self, pid: int, number: int) -> bool:
        tell = self._watchers.pop(pid, None)
        if tell is not None:
            tell(number)
        return tell is not None
