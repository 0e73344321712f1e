"""The processes in which queries run: each on a copy of the data, with bounds of its own, ended at any time.

The engine has no limit of time or memory, cannot be stopped in a thread, and ends its process on a text that is too
much for its stack. So every query runs in a worker that may be killed:

    server ── control socket ── nursery ──fork── worker (copy on disk)
                                   └─────fork── keeper (copy in memory) ──fork── worker (shares that memory)

The nursery is a fresh interpreter with one thread, so that forking is sound; a fork takes milliseconds. A worker is
handed to the server as the other end of a socket pair. When the server goes, however it goes, all of them go.

Messages on a worker's socket are frames: a letter, four bytes of length, the content. H is the kind of answer, D its
bytes, E its end, X an error with the HTTP status that fits it.
"""

import ctypes
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import threading
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graph.errors import NotAcceptable, PositionsError, StoreError
from graph.rdf.sparql_text import read, using
from graph.store.formats import lines_of
from graph.store.snapshot import Query, Snapshot
from graph.store.trials import parses, rehearse

FRAME = struct.Struct(">cI")
CHUNK = 64 * 1024
"""Bytes that are sent at a time; an answer that fits is whole before its first byte leaves."""

WORTH_COMPRESSING = 1_400
"""Bytes: below one network packet nothing is won."""

STACK = 64 * 1024**2
"""Bytes of stack for the engine's parser and planner."""

SPENT = 64 * 1024
"""KiB by which a worker may have grown; then a new one takes its place, and the memory is free again."""


# The parents: nursery and keeper


def main(control: int, memory: int) -> None:
    """The nursery, on its end of the control socket. `memory`: bytes that each worker may take."""
    os.environ.setdefault("MALLOC_ARENA_MAX", "2")
    _Parent(socket.socket(fileno=control), memory=memory).run()


class _Parent:
    """Forks workers as the server asks, reports their ends, and ends them all when the server has gone."""

    def __init__(self, control: socket.socket, *, memory: int, snapshot: Snapshot | None = None) -> None:
        self.control = control
        self.memory = memory
        self.snapshot = snapshot
        self.children: set[int] = set()

    def run(self) -> None:
        wake, woken = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(woken)
        rest = b""
        while True:
            ready, _, _ = select.select([self.control.fileno(), wake], [], [])
            if wake in ready:
                os.read(wake, 512)
                self._reap()
            if self.control.fileno() in ready:
                data = self.control.recv(CHUNK)
                if not data:
                    break
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self._do(json.loads(line))
        for child in self.children:
            os.kill(child, signal.SIGKILL)

    def _do(self, order: dict[str, Any]) -> None:
        match order["do"]:
            case "fork":
                self._fork(order, self._work)
            case "keep":
                self._fork(order, self._keep)
            case "kill" if order["pid"] in self.children:
                os.kill(order["pid"], signal.SIGKILL)

    def _fork(self, order: dict[str, Any], become: Callable[[dict[str, Any], socket.socket], None]) -> None:
        ours, theirs = socket.socketpair()
        child = os.fork()
        if child:
            self.children.add(child)
            theirs_told = json.dumps({"ticket": order["ticket"], "pid": child}).encode() + b"\n"
            socket.send_fds(self.control, [theirs_told], [theirs.fileno()])
            ours.close()
            theirs.close()
            return
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.closerange(3, ours.fileno())
            os.closerange(ours.fileno() + 1, 4096)
            _die_with_parent()
            become(order, ours)
            status = 0
        except (OSError, PositionsError) as error:
            sys.stderr.write(f"query worker: {error}\n")
        finally:
            # No clean-up of the parent's objects in the child.
            os._exit(status)

    def _work(self, order: dict[str, Any], to_server: socket.socket) -> None:
        snapshot = self.snapshot or (Snapshot.on_disk(order["copy"]) if order.get("copy") else None)
        give_up_sockets()
        bound_memory(self.memory)
        # The main thread's stack is as the system set it; a thread's can be chosen.
        threading.stack_size(STACK)
        thread = threading.Thread(target=Worker(to_server, snapshot).run)
        thread.start()
        thread.join()

    def _keep(self, order: dict[str, Any], to_server: socket.socket) -> None:
        snapshot = Snapshot.in_memory(order["copy"], at_most=order["at_most"])
        if snapshot is None:
            return
        to_server.sendall(b'{"kept": true}\n')
        _Parent(to_server, memory=self.memory, snapshot=snapshot).run()

    def _reap(self) -> None:
        while self.children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            self.children.discard(child)
            told = {"exit": child, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}
            self.control.sendall(json.dumps(told).encode() + b"\n")


# What a worker gives up


def bound_memory(size: int) -> None:
    """Let this process take so many bytes beyond what it has."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except OSError:
        pages = 0
    limit = pages * resource.getpagesize() + size + STACK
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        # Where the machine itself runs out of memory, a query goes before the server does.
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return


SOCKET_CALLS = {"x86_64": (0xC000003E, (41, 42, 425)), "aarch64": (0xC00000B7, (198, 203, 425))}
"""By machine: the number of its architecture, and of the calls socket, connect and io_uring_setup."""


def give_up_sockets() -> bool:
    """Have the system end this process when it opens a socket; False where the system has no such filter.

    Open sockets stay open. This backs up the check of the query text, in case it misses a way to open one.
    """
    known = SOCKET_CALLS.get(os.uname().machine) if sys.platform == "linux" else None
    if known is None:
        return False
    architecture, calls = known
    load, jump_equal, give = 0x20, 0x15, 0x06
    allow, kill = 0x7FFF0000, 0x80000000
    # Another architecture's numbering (32 bit) would slip through: ended as well.
    program = [(load, 0, 0, 4), (jump_equal, 1, 0, architecture), (give, 0, 0, kill), (load, 0, 0, 0)]
    for number, call in enumerate(calls):
        program.append((jump_equal, len(calls) - number, 0, call))
    program += [(give, 0, 0, allow), (give, 0, 0, kill)]
    code = b"".join(struct.pack("HBBI", *step) for step in program)
    buffer = ctypes.create_string_buffer(code)
    head = struct.pack("HP", len(program), ctypes.addressof(buffer))
    libc = ctypes.CDLL(None, use_errno=True)
    no_new_privileges, set_filter, filter_mode = 38, 22, 2
    libc.prctl(no_new_privileges, 1, 0, 0, 0)
    return bool(libc.prctl(set_filter, filter_mode, ctypes.create_string_buffer(head), 0, 0) == 0)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        parent_death_signal = 1
        ctypes.CDLL(None).prctl(parent_death_signal, signal.SIGKILL, 0, 0, 0)


# The worker


class Frames:
    """An answer on its way: collected into chunks, compressed where the client takes that."""

    def __init__(self, to_server: socket.socket, *, gzip: bool) -> None:
        self._to_server = to_server
        self._may_compress = gzip
        self._compressor: Any = None
        self._header: dict[str, Any] = {}
        self._begun = False
        self._held = bytearray()
        self.steady = True

    def begin(self, **header: Any) -> None:
        """What the answer will be; sent with its first bytes."""
        self._header = header

    def write(self, data: bytes) -> int:
        self._held += data
        if len(self._held) >= CHUNK:
            self._to_server.sendall(self._chunk())
        return len(data)

    def flush(self) -> None:
        """The engine asks for it after each part; chunks go when they are full."""

    def end(self, *, last: bool) -> None:
        """The answer is whole; the `last` one that this process gives."""
        rest = self._chunk()
        if self._compressor is not None:
            rest += _frame(b"D", self._compressor.flush())
        self._to_server.sendall(rest + _frame(b"E", b"last" if last else b""))

    def fail(self, status: int, message: str) -> None:
        """Report that there is no answer, or that the part already sent is invalid."""
        self._to_server.sendall(_frame(b"X", json.dumps({"status": status, "message": message}).encode()))

    def _chunk(self) -> bytes:
        before = b""
        if not self._begun:
            self._begun = True
            if self._may_compress and len(self._held) > WORTH_COMPRESSING:
                self._compressor = zlib.compressobj(1, zlib.DEFLATED, 31)
            header = {**self._header, "gzip": self._compressor is not None, "steady": self.steady}
            before = _frame(b"H", json.dumps(header).encode())
        data = bytes(self._held)
        self._held.clear()
        if self._compressor is not None:
            data = self._compressor.compress(data)
        return before + (_frame(b"D", data) if data else b"")


class Worker:
    """Answers one request after another until the server closes the socket."""

    def __init__(self, to_server: socket.socket, snapshot: Snapshot | None) -> None:
        self._socket = to_server
        self._snapshot = snapshot
        self._at_first = _peak()

    def run(self) -> None:
        # The first frame of all says that the process is ready.
        self._socket.sendall(_frame(b"H", b"{}"))
        while (request := self._read()) is not None:
            frames = Frames(self._socket, gzip=request.get("gzip", False))
            try:
                self._do(request, frames)
            except NotAcceptable as error:
                frames.fail(406, str(error))
            except StoreError as error:
                frames.fail(500, str(error))
            except PositionsError as error:
                frames.fail(400, str(error))
            except MemoryError:
                frames.fail(503, OUT_OF_MEMORY)
            else:
                spent = _peak() > self._at_first + SPENT
                frames.end(last=spent)
                if spent:
                    return

    def _do(self, request: dict[str, Any], frames: Frames) -> None:
        match request["do"]:
            case "query":
                self._query(request, frames)
            case "dump":
                if not self._copy.dump(request["named"], frames, format=request["format"]):
                    frames.begin(kind="absent")
            case "check":
                self._check(request, frames)
            case "rehearse":
                rehearse(request["text"], request["copy"], base=request["base"])
            case "lines":
                body = self._exactly(request["length"])
                lines_of(body, frames, format=request["format"], base=request["base"], quads=request["quads"])

    @property
    def _copy(self) -> Snapshot:
        if self._snapshot is None:
            raise StoreError("this worker has no data")
        return self._snapshot

    def _query(self, request: dict[str, Any], frames: Frames) -> None:
        query = Query(
            text=request["text"],
            base=request["base"],
            default_graphs=_tuple(request["default"]),
            named_graphs=_tuple(request["named"]),
            table=request["table"],
            graph=request["graph"],
            rows=request["rows"],
        )
        reading = read(query.text)
        frames.steady = reading.steady
        self._copy.answer(query, frames, union=not reading.names_data_set)

    def _check(self, request: dict[str, Any], frames: Frames) -> None:
        text = request["text"]
        default, named = request["default"], request["named"]
        if default is not None or named is not None:
            text = using(text, default or (), named or ())
        reading = read(text)
        parses(text)
        frames.begin(kind="update", looks=bool(reading.wheres) or "where" in reading.words)
        frames.write(text.encode())

    def _read(self) -> dict[str, Any] | None:
        head = self._exactly(4)
        if len(head) < 4:
            return None
        request: dict[str, Any] = json.loads(self._exactly(int.from_bytes(head, "big")))
        return request

    def _exactly(self, size: int) -> bytes:
        parts = bytearray()
        while len(parts) < size:
            data = self._socket.recv(min(size - len(parts), 1 << 20))
            if not data:
                break
            parts += data
        return bytes(parts)


OUT_OF_MEMORY = "the query needs more memory than one query may take; narrow it, or ask for less at a time"


def _frame(letter: bytes, content: bytes = b"") -> bytes:
    return FRAME.pack(letter, len(content)) + content


def _tuple(graphs: list[str] | None) -> tuple[str, ...] | None:
    return None if graphs is None else tuple(graphs)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
