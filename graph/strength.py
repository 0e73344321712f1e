"""How strong the evidence of a statement is: the order in which passages are chosen and shown."""

from graph.model import Manner, Standing

DIRECTNESS = {Manner.DIRECT: 3, Manner.OWN: 2, Manner.PLAN: 1, Manner.REPORTED: 0}
"""How directly the words come from the actor."""

Strength = tuple[int, float, int]


def strength(standing: Standing, confidence: float, manner: Manner) -> Strength:
    """Return a key that orders evidence from weak to strong: by standing, then confidence, then directness."""
    # One digit: a difference in the second digit is no reason to prefer a reported passage to a quoted one.
    return -list(Standing).index(standing), round(confidence, 1), DIRECTNESS[manner]
