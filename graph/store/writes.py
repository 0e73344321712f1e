"""Record what the last writes to a store changed, so that caches can update only the affected parts."""

from collections import deque
from collections.abc import Iterable, Mapping

from graph.rdf.terms import Triple

Touched = Mapping[str, frozenset[str] | None]
"""The named graphs that were written to, each with the subjects whose triples changed; None means any subject."""

REMEMBERED = 1_000
"""Number of writes to remember; results older than that are worked out again."""

AT_MOST = 10_000
"""Number of subjects of one write to record; a larger write counts as changing the whole graph."""


class Writes:
    """The last writes, each from one version of the store to the next."""

    def __init__(self) -> None:
        self._last: deque[tuple[str, str, Touched | None]] = deque(maxlen=REMEMBERED)

    def note(self, before: str, after: str, touched: Touched | None) -> None:
        """Record a change of version; None means that what changed in between is unknown."""
        self._last.append((before, after, touched))

    def between(self, first: str, last: str) -> Touched | None:
        """Return what changed between two versions, or None if unknown."""
        if first == last:
            return {}
        found: dict[str, frozenset[str] | None] = {}
        within = False
        for before, after, touched in tuple(self._last):
            within = within or before == first
            if not within:
                continue
            if touched is None:
                return None
            for graph, subjects in touched.items():
                so_far = found.get(graph, frozenset())
                found[graph] = None if subjects is None or so_far is None else so_far | subjects
            if after == last:
                return found
        return None


def subjects(graph: str, *triples: Iterable[Triple]) -> Touched:
    """Return what a write of these triples touches."""
    found = frozenset(str(triple.subject) for some in triples for triple in some)
    return {graph: found if len(found) <= AT_MOST else None}
