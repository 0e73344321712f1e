"""The reliability diagram: how often statements of each confidence are right."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.showing import wording
from graph.coding.evaluate import Bin

SIDE = 240
"""Length of each axis, in pixels."""
LEFT, TOP = 34, 10
"""Room for the numbers on the left, and above the diagram."""
SMALLEST, LARGEST = 4.0, 14.0
"""Radius of the mark of one statement, and of the bin with most statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BinMark:
    """The statements of similar confidence."""

    x: float
    y: float
    radius: float
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliabilityPicture:
    """The diagram: a reader whose confidence is exact has all its marks on the diagonal."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    ticks: tuple[tuple[float, float, str], ...]
    """Place on the horizontal axis, place on the vertical axis, and number."""
    marks: tuple[BinMark, ...]
    says: str


def reliability_picture(bins: Sequence[Bin]) -> ReliabilityPicture | None:
    """Return the diagram of these bins, or None if there are no statements."""
    if not bins:
        return None
    most = max(each.found for each in bins)
    marks = tuple(
        BinMark(
            x=_across(each.mean),
            y=_up(each.right / each.found),
            radius=round(SMALLEST + (LARGEST - SMALLEST) * (each.found / most) ** 0.5, 1),
            says=f"Confidence {each.low:.1f} to {each.high:.1f}: {each.right:,} of "
            f"{wording.count(each.found, 'statement')} right",
        )
        for each in bins
    )
    ticks = tuple((_across(value), _up(value), f"{value:.1f}") for value in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0))
    return ReliabilityPicture(
        width=LEFT + SIDE + 20,
        height=TOP + SIDE + 40,
        left=LEFT,
        right=LEFT + SIDE,
        top=TOP,
        bottom=TOP + SIDE,
        ticks=ticks,
        marks=marks,
        says="Share of statements that are right, by confidence. On the diagonal, the confidence is exact.",
    )


def _across(value: float) -> float:
    return round(LEFT + SIDE * value, 1)


def _up(value: float) -> float:
    return round(TOP + SIDE * (1 - value), 1)
