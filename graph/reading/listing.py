"""One page of a list, with the length of the whole list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")

LIMIT = 50
"""Default number of entries in a list."""

EVERY = 10_000_000
"""A limit that no list reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Generic[Item]):
    """One page of a list, and how long the list is."""

    items: tuple[Item, ...]
    total: int
    limit: int
    offset: int = 0


def page(entries: Sequence[Item], limit: int, offset: int) -> Listing[Item]:
    """Return one page of these entries."""
    return Listing(items=tuple(entries[offset : offset + limit]), total=len(entries), limit=limit, offset=offset)
