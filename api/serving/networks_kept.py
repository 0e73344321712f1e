"""The agreement network in the graph, worked out again after verdicts: when they pause, in a process of its own.

A file beside the data keeps that word until it is done, so that a server that stops in between goes on with it when it
starts again.
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
from graph.store.embedded import Store, parse

log = logging.getLogger(__name__)

QUIET = 5.0
"""Seconds without a verdict after which it begins."""

MARK = "networks-stale"
COPY = "networks-copy"


class NetworkKeeper:
    """Keeps the triples of agreements and camps true."""

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
        """A verdict was kept: work them out after a pause."""
        if self._mark is not None:
            self._mark.touch()
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(QUIET, self._keep)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Leave what waits to the next start; where nothing outlasts this process, do it now."""
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
                    log.error("agreements in the graph stay as they were: %s", error)
                return
            with self._lock:
                if self._mark is not None and self._timer is None and not self._closed:
                    self._mark.unlink(missing_ok=True)

    def _keep_beside(self, folder: Path) -> None:
        """On a copy, by a process that gives way to all else: here it would hold up every reader."""
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
                raise StoreError(f"the process that works them out ended with {status}")
            gone, new = (parse((folder / name).read_bytes(), format="ntriples") for name in ("gone.nt", "new.nt"))
            if gone or new:
                self._store.amend(graph_iri(base_of(self._store), "networks"), remove=gone, add=new)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def keep_soon(request: Request) -> None:
    """Work out the agreements in the graph again, soon."""
    keeper: NetworkKeeper = request.app.state.network_keeper
    keeper.soon()
