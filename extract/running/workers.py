"""Worker processes that run one task at a time, within limits on time and memory, so that failures stay contained."""

import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from graph.errors import PositionsError
from graph.extras import missing

log = logging.getLogger(__name__)

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 3
"""Most wall-clock seconds for a second of computing on a busy machine."""
SLACK = 10.0
"""Seconds allowed for sending a document to a worker and back."""
STARTING = 300
"""Seconds allowed for a worker to get ready."""
STATM = Path("/proc/self/statm")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLimits:
    """The limits on one task."""

    seconds: float = 60.0
    """Seconds of computing, not of waiting, so that a busy machine refuses no more than an idle one."""
    memory: int = 2 * 1024**3
    """Bytes in addition to what a worker uses before its first task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A task that crashed its worker or exceeded a limit."""

    reason: str
    lasting: bool = True
    """Whether another attempt would fail in the same way."""


def worked(
    tasks: Iterable[T], make: Callable[[], Callable[[T], R]], *, workers: int = 1, bounds: TaskLimits | None = None
) -> Iterator[tuple[T, R | Broken]]:
    """Yield each task with its result as it finishes; take no more tasks than are in progress.

    `make` is called once in each process and returns the function that runs a task, so it must be picklable. A
    PositionsError from `make` is raised here.
    """
    limits = bounds or TaskLimits()
    waiting = iter(tasks)
    crew: list[_Worker[T, R]] = []
    idle: deque[_Worker[T, R]] = deque()
    try:
        more = True
        while more or any(worker.busy for worker in crew):
            while more and (idle or len(crew) < workers):
                try:
                    task = next(waiting)
                except StopIteration:
                    more = False
                    break
                if not idle:
                    crew.append(_Worker(make, limits))
                    idle.append(crew[-1])
                idle.popleft().begin(task)
            for worker in _ready([worker for worker in crew if worker.busy]):
                done, result = worker.task, worker.result()
                if done is not None and not isinstance(result, Starting):
                    idle.append(worker)
                    yield done, result
    finally:
        for worker in crew:
            worker.close()


def _ready(busy: list["_Worker[T, R]"]) -> list["_Worker[T, R]"]:
    """Wait for workers that have finished or are out of time, and return them."""
    if not busy:
        return []
    patience = max(0.0, min(worker.deadline for worker in busy) - time.monotonic())
    spoken = wait([worker.connection for worker in busy], timeout=patience)
    now = time.monotonic()
    return [worker for worker in busy if worker.connection in spoken or worker.deadline <= now]


class Starting:
    """Return a worker that is ready and has started its task."""


class _Worker(Generic[T, R]):
    """The parent's handle of a worker process."""

    def __init__(self, make: Callable[[], Callable[[T], R]], bounds: TaskLimits) -> None:
        self.make = make
        self.bounds = bounds
        self.task: T | None = None
        self.deadline = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def busy(self) -> bool:
        return self.task is not None

    def begin(self, task: T) -> None:
        self.task = task
        if self.process is None:
            self._start()
        try:
            self.connection.send(task)
        except (BrokenPipeError, ConnectionResetError):
            # The worker was killed between two tasks: a new one takes the task.
            self.close()
            self._start()
            self.connection.send(task)
        self._expect()

    def result(self) -> R | Broken | Starting:
        """Return the result of the task."""
        if not self.connection.poll():
            self.close()
            return Broken(reason=self._too_long)
        if self.starting:
            self._started()
            return Starting()
        self.task = None
        try:
            result, last = self.connection.recv()
        except (EOFError, ConnectionResetError):
            result, last = self._broken(), True
        if last:
            self.close()
        return cast("R | Broken", result)

    def close(self) -> None:
        self.task = None
        if self.process is not None:
            self.connection.close()
            self.process.kill()
            self.process.wait()
            self.process = None

    def _start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            # Not multiprocessing, whose children run the caller's main module again.
            self.process = subprocess.Popen(  # noqa: S603  # our own module
                [sys.executable, "-P", "-m", "extract.running.workers", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # One thread each: with more, sums differ in their last digits and threads compete for cores.
                env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"},
            )
        self.connection = Connection(ours.detach())
        self.starting = True
        self.connection.send((self.make, self.bounds))

    def _started(self) -> None:
        try:
            failed = self.connection.recv()
        except (EOFError, ConnectionResetError) as error:
            assert self.process is not None  # noqa: S101  # for the type checker: a worker that starts has a process
            code = self.process.wait()
            why = "is there enough memory?" if code < 0 else f"exit code {code}; its message above says why"
            raise PositionsError(f"a worker process ended before its first document; {why}") from error
        if failed is not None:
            raise failed
        self.starting = False
        self._expect()

    def _expect(self) -> None:
        self.deadline = time.monotonic() + (STARTING if self.starting else PATIENCE * self.bounds.seconds + SLACK)

    @property
    def _too_long(self) -> str:
        return f"takes longer than {self.bounds.seconds:g} seconds"

    def _broken(self) -> Broken:
        assert self.process is not None  # noqa: S101  # for the type checker: a worker at work has a process
        code = self.process.wait()
        if -code == signal.SIGXCPU:
            return Broken(reason=self._too_long)
        if -code == signal.SIGKILL:
            return Broken(reason="needs more memory than the machine has, or its process was killed", lasting=False)
        return Broken(reason=f"crashed the process that read it (code {code})")


def serve(connection: Connection) -> None:
    """Run a worker: prepare once, then run one task after another until the parent closes the connection."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    make, bounds = connection.recv()
    try:
        work = make()
    except PositionsError as error:
        connection.send(error)
        return
    except ImportError as error:
        told = missing(error)
        if told is None:
            raise
        connection.send(told)
        return
    connection.send(None)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit = _limit_memory(bounds.memory)
    while True:
        task = connection.recv()
        _limit_time(bounds.seconds)
        result, last = _done(work, task, bounds)
        # A worker that has grown exits to free its memory; the next one starts small.
        connection.send((result, last or (limit is not None and _virtual_memory() > limit - bounds.memory // 2)))


def _done(work: Callable[[Any], Any], task: Any, bounds: TaskLimits) -> tuple[Any, bool]:
    try:
        return work(task), False
    except MemoryError:
        return Broken(reason=f"needs more than {bounds.memory // 1024**2:,} MB of memory"), True
    except RecursionError:
        return Broken(reason="is nested too deeply"), False
    except Exception as error:
        # The only place that catches every exception: a document that breaks a reader must not stop the run.
        log.debug("a task failed", exc_info=error)
        return Broken(reason=f"cannot be read: {type(error).__name__}: {str(error)[:200]}"), False


def _limit_memory(more: int) -> int | None:
    """Limit the address space and return the limit, or None if the system does not report current use."""
    if not STATM.exists():
        return None
    limit = _virtual_memory() + more
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    return limit


def _limit_time(seconds: float) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _virtual_memory() -> int:
    return int(STATM.read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE") if STATM.exists() else 0


if __name__ == "__main__":
    try:
        # Under its full name, so that unpickling in the other process finds it.
        from extract.running import workers

        workers.serve(Connection(int(sys.argv[1])))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
