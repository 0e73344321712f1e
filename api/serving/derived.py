"""Mark derived graphs as stale after a write to the graph, then rebuild them.

A file next to the data is the mark until the rebuild is done, so that a server that stops in between resumes it at the
next start.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from graph.errors import PositionsError, ReadOnly, StoreError
from graph.positions import derive
from graph.store.embedded import Store

log = logging.getLogger(__name__)

QUIET = 1.0
"""Seconds without a write after which the rebuild begins, so that many writes in a row need only one."""

MARK = "stale"
CONCERNED = """
PREFIX : <https://positions.example/ontology#>
ASK { { ?statement a :Statement } UNION { ?position a :Position } }
"""


class Derived:
    """Keeps the derived graphs of a store up to date."""

    def __init__(self, store: Store, writing: asyncio.Lock) -> None:
        self._store = store
        self._writing = writing
        self._mark = store.folder / MARK if store.folder is not None else None
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self.stale = self._mark is not None and self._mark.exists()

    async def __aenter__(self) -> Self:
        if self.stale:
            self._later()
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.wait([self._task])

    @asynccontextmanager
    async def change(self) -> AsyncIterator[None]:
        """Wrap a write by a client. Positions are stale from then until they have been updated."""
        if self._store.read_only:
            raise ReadOnly("these data are open for reading only and cannot be changed here")
        async with self._writing:
            # Before the write: a server that is killed right after it must know when it starts again.
            if self._mark is not None:
                try:
                    self._mark.touch()
                except OSError as error:
                    raise StoreError(f"the store in {self._mark.parent} cannot be written: {error.strerror}") from error
            before = self._store.version
            try:
                yield
            finally:
                if not self.stale and self._store.version != before:
                    self.stale = await asyncio.to_thread(self._store.ask, CONCERNED)
                if self.stale:
                    self._later()
                elif self._mark is not None:
                    self._mark.unlink(missing_ok=True)

    def _later(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(QUIET, self._begin)

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._rebuild())
        else:
            self._later()

    async def _rebuild(self) -> None:
        async with self._writing:
            timer = self._timer
            try:
                await asyncio.to_thread(derive, self._store)
            except PositionsError as error:
                log.error("positions stay stale because they cannot be updated: %s", error)
                return
            if timer is self._timer:
                self.stale = False
                if self._mark is not None:
                    self._mark.unlink(missing_ok=True)
