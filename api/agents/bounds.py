"""Keep the answers to agents short enough for a model to read: fewer entries, and the number of those left out."""

import json
from collections.abc import Callable
from typing import Any

LARGEST = 16_000
"""Bytes of an answer, about 4,000 tokens."""
SHORTER = (None, 12, 6, 3)
"""Limits to try, in this order, for the length of lists other than the requested one."""
FEWEST = 3
"""Entries below which an answer is not shortened further."""

Told = dict[str, Any]


def bounded(make: Callable[[int], Told], limit: int) -> Told:
    """Return the answer with as many of the `limit` entries as fit. `make` returns it with a number of entries."""
    found: Told = {}
    for longest in SHORTER:
        entries = limit
        found = _shortened(make(entries), longest)
        while _size(found) > LARGEST and entries > FEWEST:
            entries = max(FEWEST, entries // 2)
            found = _shortened(make(entries), longest)
        if _size(found) <= LARGEST:
            return found
    return found


def _size(told: Told) -> int:
    return len(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))


def _shortened(value: Any, longest: int | None) -> Any:
    """Return the value with shorter lists, and the number of entries that each leaves out."""
    if longest is None:
        return value
    if isinstance(value, list):
        return [_shortened(each, longest) for each in value]
    if not isinstance(value, dict):
        return value
    found: Told = {}
    for key, each in value.items():
        # `items` is a page of a list, which has `total`, `limit` and `offset` of its own.
        if isinstance(each, list) and key != "items" and len(each) > longest:
            found[key] = _shortened(each[:longest], longest)
            found[f"{key}_left_out"] = len(each) - longest
        else:
            found[key] = _shortened(each, longest)
    return found
