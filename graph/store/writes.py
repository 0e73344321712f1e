"""What the last writes to a store changed, so that whoever has worked something out brings only that up to date."""

from collections import deque
from collections.abc import Iterable, Mapping

from graph.rdf.terms import Triple

Touched = Mapping[str, frozenset[str] | None]
"""The named graphs that were written to, each with the subjects whose triples changed; None: any of them."""

REMEMBERED = 1_000
"""Writes that are known; what is older than that is worked out anew."""

AT_MOST = 10_000
"""Subjects of one write that are told apart; a larger one is of the whole graph."""


class Writes:
    """The last writes, each from one version of the store to the next."""

    def __init__(self) -> None:
        self._last: deque[tuple[str, str, Touched | None]] = deque(maxlen=REMEMBERED)

    def note(self, before: str, after: str, touched: Touched | None) -> None:
        """The store was of the one version and is now of the other; None: nobody knows what changed in between."""
        self._last.append((before, after, touched))

    def between(self, first: str, last: str) -> Touched | None:
        """What changed from one version to a later one; None where that is not known."""
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
    """What a write of these triples touches."""
    found = frozenset(str(triple.subject) for some in triples for triple in some)
    return {graph: found if len(found) <= AT_MOST else None}
