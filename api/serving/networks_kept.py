"""Update the agreement network in the graph when verdicts pause, in a separate process.

A file next to the data is the mark until the update is done, so that a server that stops in between resumes it at the
next start.
"""

import logging
import shutil
import subprocess
import sys
import threading
from pathlib import Path

from fastapi import Request

from graph.errors import PositionsError, StoreError
from graph.rdf.vocabulary import graph_iri
from graph.reading import index
from graph.store.dataset import base_of
from graph.store.embedded import Store
from graph.store.formats import parse

log = logging.getLogger(__name__)

QUIET = 5.0
"""Seconds without a verdict after which the update begins."""

MARK = "networks-stale"
COPY = "networks-copy"


class NetworkKeeper:
    """Keeps the triples of agreements and camps up to date."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._keeping = threading.Lock()
        self._timer: threading.Timer | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        self._mark = store.folder / MARK if store.folder is not None and not store.read_only else None
        if self._mark is not None and self._mark.exists():
            self.soon()

    def soon(self) -> None:
        """Note that a verdict was stored, and update the network after a pause."""
        if self._mark is not None:
            self._mark.touch()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(QUIET, self._keep)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Leave a waiting update to the next start, or do it now if the store is in memory."""
        with self._lock:
            self._closed = True
            timer, self._timer = self._timer, None
            if self._process is not None:
                self._process.terminate()
        if timer is not None:
            timer.cancel()
            timer.join()
            if self._mark is None:
                self._keep()
        with self._keeping:
            return

    def _keep(self) -> None:
        with self._keeping:
            with self._lock:
                self._timer = None
            try:
                if self._mark is None:
                    from graph.debate.triples import keep_network  # networkx and scipy

                    keep_network(self._store)
                elif not self._closed:
                    self._keep_beside(self._mark.parent / COPY)
            except (PositionsError, OSError) as error:
                if not self._closed:
                    log.error("agreements in the graph were not updated: %s", error)
                return
            with self._lock:
                if self._mark is not None and self._timer is None and not self._closed:
                    self._mark.unlink(missing_ok=True)

    def _keep_beside(self, folder: Path) -> None:
        """Update on a copy in a low-priority process, because here it would delay every reader."""
        shutil.rmtree(folder, ignore_errors=True)
        try:
            version = self._store.backup(folder / "data")
            (folder / "version").write_text(version, encoding="ascii")
            format = folder.parent / "format"
            if format.is_file():
                shutil.copy(format, folder / "format")
            if version == self._store.version:
                index.copy(self._store, folder)
            command = [sys.executable, "-P", "-m", "graph.debate.triples", str(folder)]
            with self._lock:
                if self._closed:
                    return
                self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603  # our own interpreter and module
            status = self._process.wait()
            with self._lock:
                self._process = None
            if status:
                raise StoreError(f"the process that updates agreements ended with {status}")
            gone, new = (parse((folder / name).read_bytes(), format="ntriples") for name in ("gone.nt", "new.nt"))
            if gone or new:
                self._store.amend(graph_iri(base_of(self._store), "networks"), remove=gone, add=new)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def keep_soon(request: Request) -> None:
    """Work out the agreements in the graph again, soon."""
    keeper: NetworkKeeper = request.app.state.network_keeper
    keeper.soon()
