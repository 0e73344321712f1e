"""Answers to queries in memory, for the next client that sends the same query."""

from collections import OrderedDict
from typing import Any

CACHE = 64 * 1024**2
CACHED = 1024 * 1024
"""Most bytes of all cached answers (`CACHE`) and of a single one (`CACHED`)."""


class Cache:
    """Cached answers by their request, until the data change. The least recently requested are dropped first."""

    def __init__(self, size: int = CACHE) -> None:
        self._size = size
        self._held = 0
        self._answers: OrderedDict[Any, tuple[dict[str, Any], bytes]] = OrderedDict()

    def get(self, key: Any) -> tuple[dict[str, Any], bytes] | None:
        """Return the header and the bytes of a cached answer."""
        found = self._answers.get(key)
        if found is not None:
            self._answers.move_to_end(key)
        return found

    def put(self, key: Any, header: dict[str, Any], data: bytes) -> None:
        """Cache an answer, unless it is too large."""
        if len(data) > CACHED or key in self._answers:
            return
        self._answers[key] = header, data
        self._held += len(data) + 1_000
        while self._held > self._size:
            _, (_, dropped) = self._answers.popitem(last=False)
            self._held -= len(dropped) + 1_000

    def clear(self) -> None:
        """Remove all answers, because the data have changed."""
        self._answers.clear()
        self._held = 0
