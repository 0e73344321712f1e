"""The careful words for a side: how far a passage goes, never further than its own words."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from graph.model import Manner, Stance, Statement

FIRM, JUDGING = 0.8, 0.6
"""Weights from which a cue plainly says a side ('rejects'), and from which it is more than a doubt."""
LOW_CONFIDENCE = 0.5
"""Below this a statement is as likely to be misread as not."""


class Degree(StrEnum):
    """How far a passage goes in support of a reform or against it."""

    SUPPORTS = "supports"
    SUPPORTS_IF = "supports-if"
    PLANS = "plans"
    SPEAKS_FOR = "speaks-for"
    SETS_CONDITION = "sets-condition"
    FOR_WITH_RESERVATIONS = "for-with-reservations"
    BOTH_SIDES = "both-sides"
    HAS_RESERVATIONS = "has-reservations"
    CRITICISES = "criticises"
    OPPOSES = "opposes"
    TAKES_NO_SIDE = "takes-no-side"


STRONGEST = {
    Stance.SUPPORT: (Degree.SUPPORTS, Degree.PLANS, Degree.SPEAKS_FOR, Degree.SUPPORTS_IF),
    Stance.OPPOSE: (Degree.OPPOSES, Degree.CRITICISES, Degree.HAS_RESERVATIONS),
}
"""The words for several passages of one side: the strongest that any of them allows."""
UNQUOTED = {
    Stance.SUPPORT: Degree.SPEAKS_FOR,
    Stance.MIXED: Degree.BOTH_SIDES,
    Stance.OPPOSE: Degree.HAS_RESERVATIONS,
    Stance.NEUTRAL: Degree.TAKES_NO_SIDE,
}
"""The words for a side where no passage is known."""


def degree(statement: Statement) -> Degree:
    """Return how far a passage goes.

    It is the weaker word unless the passage is plain and the reading is sure. A passage is plain if it has a cue of
    full weight for its side and none for the other. A reading is sure from LOW_CONFIDENCE on. A passage that voices a
    doubt is a reservation, whatever else it names, unless it also rejects the reform in so many words.
    """
    effects = {cue.effect for cue in statement.cues if cue.weight > 0}
    of_side = [cue.weight for cue in statement.cues if cue.effect == statement.stance and cue.weight > 0]
    strongest, weakest = max(of_side, default=0.0), min(of_side, default=0.0)
    sure = statement.confidence >= LOW_CONFIDENCE and not {Stance.SUPPORT, Stance.OPPOSE} <= effects
    match statement.stance:
        case Stance.SUPPORT if statement.condition:
            return Degree.SUPPORTS_IF
        case Stance.SUPPORT if sure and strongest >= FIRM:
            return Degree.SUPPORTS
        case Stance.SUPPORT:
            return Degree.PLANS if statement.manner is Manner.PLAN else Degree.SPEAKS_FOR
        case Stance.MIXED if statement.condition:
            return Degree.SUPPORTS_IF if Stance.SUPPORT in effects else Degree.SETS_CONDITION
        case Stance.MIXED:
            return Degree.BOTH_SIDES
        case Stance.OPPOSE if sure and strongest >= FIRM:
            return Degree.OPPOSES
        case Stance.OPPOSE:
            return Degree.CRITICISES if sure and weakest >= JUDGING else Degree.HAS_RESERVATIONS
        case _:
            return Degree.TAKES_NO_SIDE


def together(stance: Stance, passages: Iterable[tuple[Stance, Degree]]) -> Degree:
    """Return how far an actor goes in several passages together, given the side of each and how far it goes."""
    found = list(passages)
    degrees = {each for _, each in found}
    if stance in STRONGEST:
        return next((each for each in STRONGEST[stance] if each in degrees), UNQUOTED[stance])
    if len(degrees) == 1 and {side for side, _ in found} == {stance}:
        return degrees.pop()
    speaks_for = degrees & {Degree.SUPPORTS, Degree.PLANS, Degree.SPEAKS_FOR, Degree.SUPPORTS_IF}
    if stance is Stance.MIXED and speaks_for and degrees - speaks_for == {Degree.HAS_RESERVATIONS}:
        return Degree.FOR_WITH_RESERVATIONS
    return UNQUOTED[stance]


def stands(stance: Stance, passages: Collection[Statement]) -> Degree:
    """Return how far an actor goes in these statements together."""
    return together(stance, [(each.stance, degree(each)) for each in passages])
