"""What queries may take."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Time, rows, memory and places for queries over the web."""

    seconds: float = 10.0
    rows: int = 1_000_000
    long_queries: int = 16
    """Queries that run longer than a moment at once."""
    workers: int = 4
    """Processes kept for queries that do not."""
    memory: int = 1024**3
    """Bytes for one query."""
    quads_in_memory: int = 1_000_000
    """Up to so many quads the data are read into memory, where queries run several times as fast; 0: never."""
