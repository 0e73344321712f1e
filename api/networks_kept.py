"""The agreement network in the graph, worked out again after verdicts: in a thread, when they pause."""

import logging
import threading

from fastapi import Request

from graph.errors import PositionsError
from graph.store import Store

log = logging.getLogger(__name__)

QUIET = 5.0
"""Seconds without a verdict after which it begins."""


class NetworkKeeper:
    """Keeps the triples of agreements and camps true."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    def soon(self) -> None:
        """A verdict was kept: work them out after a pause."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(QUIET, self._keep)
            self._timer.daemon = True
            self._timer.start()

    def close(self) -> None:
        """Do what waits, now."""
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
            timer.join()
            self._keep()

    def _keep(self) -> None:
        from graph.network_triples import keep_network  # networkx and scipy

        with self._lock:
            self._timer = None
        try:
            keep_network(self._store)
        except PositionsError as error:
            log.error("agreements in the graph stay as they were: %s", error)


def keep_soon(request: Request) -> None:
    """Work out the agreements in the graph again, soon."""
    keeper: NetworkKeeper = request.app.state.network_keeper
    keeper.soon()
