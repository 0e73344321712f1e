"""Cache results worked out from the graph until the graph changes, then update them if possible."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast
from weakref import WeakKeyDictionary

from graph.rdf.vocabulary import graph_kind
from graph.store.dataset import base_of
from graph.store.embedded import Store
from graph.store.writes import Touched

Made = TypeVar("Made")

# A few lists and tables of the whole graph and the most recent pages; each is small compared with the graph.
AT_MOST = 512

DERIVED = frozenset({"positions", "networks"})
"""The kinds of named graphs that are derived from the others."""
REVIEWED = DERIVED | {"reviews"}
"""The kinds that a verdict writes to."""


@dataclass(slots=True)
class _Memory:
    """The cache of one store: by key, the version of each result and whether it survives that version."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: OrderedDict[Hashable, tuple[str, bool, object]] = field(default_factory=OrderedDict)
    making: dict[Hashable, threading.RLock] = field(default_factory=dict)


_lock = threading.Lock()
_memories: "WeakKeyDictionary[Store, _Memory]" = WeakKeyDictionary()


def remembered(
    store: Store,
    key: Hashable,
    make: Callable[[], Made],
    *,
    spared: Collection[str] = (),
    renewed: Callable[[Made, Touched], Made | None] | None = None,
) -> Made:
    """Return the result of `make` for this version of the store, made once; concurrent callers wait for it.

    A write only to named graphs of the kinds in `spared` leaves it valid. After any other write, `renewed` may update
    it from what changed, or return None if it cannot.
    """
    with _lock:
        memory = _memories.setdefault(store, _Memory())
    version = store.version
    with memory.lock:
        found = memory.made.get(key)
        if found is not None and found[0] == version:
            memory.made.move_to_end(key)
            return cast(Made, found[2])
        making = memory.making.setdefault(key, threading.RLock())
    with making:
        version = store.version
        found = memory.made.get(key)
        if found is not None and found[0] == version:
            return cast(Made, found[2])
        value: Any = None
        if found is not None and (spared or renewed):
            value = _brought(store, found[0], version, found[2], spared, renewed)
        if value is None:
            value = make()
        with memory.lock:
            _keep(memory, key, (version, bool(spared or renewed), value))
    return cast(Made, value)


def _brought(
    store: Store,
    before: str,
    version: str,
    value: Any,
    spared: Collection[str],
    renewed: Callable[[Any, Touched], Any] | None,
) -> Any:
    """Return the value at the later version, or None if it must be made again."""
    touched = store.changed(before, version)
    if touched is None:
        return None
    base = base_of(store)
    rest = {graph: subjects for graph, subjects in touched.items() if graph_kind(base, graph) not in spared}
    if not rest:
        return value
    return renewed(value, rest) if renewed is not None else None


def _keep(memory: _Memory, key: Hashable, entry: tuple[str, bool, object]) -> None:
    version = entry[0]
    memory.made[key] = entry
    memory.made.move_to_end(key)
    for other in [each for each, (of, outlives, _) in memory.made.items() if of != version and not outlives]:
        del memory.made[other]
    while len(memory.made) > AT_MOST:
        memory.made.popitem(last=False)
    if len(memory.making) > 2 * AT_MOST:
        for other in [each for each in memory.making if each not in memory.made and each != key]:
            del memory.making[other]
