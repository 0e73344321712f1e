"""The refusal of a query, with the HTTP status that gives the reason."""

from graph.errors import PositionsError


class Refused(PositionsError):
    """A query that got no answer, with the HTTP status that gives the reason."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


def overdue(seconds: float) -> Refused:
    """Return the refusal of a query that took too long."""
    return Refused(503, f"the query took longer than {seconds:g} s and was ended; narrow it, or ask for less at a time")
