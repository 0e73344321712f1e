"""What has been worked out from the graph, kept until the graph changes, then brought up to date where it can be."""

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

# A few lists and tables of the whole graph and the pages asked for last; each is small beside the graph itself.
AT_MOST = 512

DERIVED = frozenset({"positions", "networks"})
"""The kinds of named graphs that are worked out from the others."""
REVIEWED = DERIVED | {"reviews"}
"""The kinds that a verdict writes to."""


@dataclass(slots=True)
class _Memory:
    """What is kept of one store: by key, the version it is of, and whether it outlives that version."""

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
    """What `make` gives for this version of the store, made once; who asks meanwhile waits for it.

    A write to named graphs of the kinds in `spared` alone leaves it as it is. After another, `renewed` may bring it up
    to date by what changed; None says that it cannot.
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
    """The value at the later version; None where it has to be made anew."""
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
