"""What has been worked out from the graph, kept until the graph changes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from graph.store import Store

Made = TypeVar("Made")

# A few lists and tables of the whole graph and the pages asked for last; each is small beside the graph itself.
AT_MOST = 512

_lock = threading.Lock()
_kept: "WeakKeyDictionary[Store, tuple[str, OrderedDict[Hashable, object]]]" = WeakKeyDictionary()


def remembered(store: Store, key: Hashable, make: Callable[[], Made]) -> Made:
    """What `make` gives for this version of the store, made once; two threads may both make it, and agree."""
    version = store.version
    with _lock:
        of, made = _kept.get(store, ("", OrderedDict[Hashable, object]()))
        if of == version and key in made:
            made.move_to_end(key)
            return cast(Made, made[key])
    value = make()
    with _lock:
        of, made = _kept.get(store, ("", OrderedDict[Hashable, object]()))
        if of != version:
            if store.version != version:
                return value
            made = OrderedDict()
            _kept[store] = (version, made)
        made[key] = value
        while len(made) > AT_MOST:
            made.popitem(last=False)
    return value
