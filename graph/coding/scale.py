"""Scales of agreement: which number is for a reform, which against, and which is the middle."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from graph.errors import BadRequest
from graph.model import Stance

WRITTEN = re.compile(r"\s*([+−-]?\d+(?:[.,]\d+)?)\s*(?:\.\.+|…|:)\s*([+−-]?\d+(?:[.,]\d+)?)\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A scale from most against to most in favour; the first number is the larger one if the scale runs down."""

    against: float
    in_favour: float

    def stance(self, value: float) -> Stance | None:
        """Return the side of a value, neutral in the middle; None if the value lies outside the scale."""
        if not min(self.against, self.in_favour) <= value <= max(self.against, self.in_favour):
            return None
        middle = (self.against + self.in_favour) / 2
        if value == middle:
            return Stance.NEUTRAL
        return Stance.SUPPORT if (value > middle) == (self.in_favour > middle) else Stance.OPPOSE


def read_scale(written: str) -> Scale:
    """Read a scale such as `-1..1` or `1..5`. Raises BadRequest."""
    match = WRITTEN.fullmatch(written)
    ends = [number(part) for part in match.groups()] if match else []
    if len(ends) != 2 or ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        raise BadRequest(
            f"{written!r} is not a scale. Give the number most against and the number most in favour, such as 1..5"
        )
    return Scale(against=ends[0], in_favour=ends[1])


def scale_of(values: Iterable[float]) -> Scale | None:
    """Return the scale that values show: one that goes below nought has nought as its middle. None if it is not clear.

    Only noughts and ones may be no and yes, or the upper half of a scale; 1 to 5 may run either way.
    """
    given = list(values)
    if not given or min(given) >= 0:
        return None
    reach = max(abs(value) for value in given)
    return Scale(against=-reach, in_favour=reach)


def number(written: str) -> float | None:
    """Return the number that a cell holds, or None."""
    try:
        made = float(written.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return made if abs(made) < 1e9 else None
