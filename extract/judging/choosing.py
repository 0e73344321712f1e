"""Which claims are kept as statements: one holder for each sentence and reform, and no position on weak evidence."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from extract.judging.claims import ClaimJudgement, Limits
from graph.model import Stance

TOGETHER = 0.7
"""Share of the best holder's probability from which on a second one, whom a rule names too, holds it as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClaim:
    """A claim with the judges' verdict."""

    sentence: int
    actor: str
    reform: str
    by_rule: bool
    """Whether a rule of attribution names this holder for the sentence."""
    verdict: ClaimJudgement


def chosen(claims: Sequence[JudgedClaim], limits: Limits) -> list[int]:
    """Return the numbers of the claims that are taken for statements, in the order of the text."""
    best: dict[tuple[int, str], int] = {}
    for number, claim in enumerate(claims):
        place = claim.sentence, claim.reform
        held = best.get(place)
        if held is None or claim.verdict.holds > claims[held].verdict.holds:
            best[place] = number
    left = set(best.values())
    for number, claim in enumerate(claims):
        first = claims[best[claim.sentence, claim.reform]]
        if claim.by_rule and first.by_rule and claim.verdict.holds >= TOGETHER * first.verdict.holds:
            left.add(number)
    positions: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in sorted(left):
        positions[claims[number].actor, claims[number].reform].append(number)
    taken = []
    for numbers in positions.values():
        top = max(claims[i].verdict.holds for i in numbers)
        if top >= limits.position:
            taken += [i for i in numbers if claims[i].verdict.holds >= min(limits.statement, top)]
    return sorted(taken)


def settled(claims: Sequence[JudgedClaim], taken: Sequence[int], limits: Limits) -> dict[int, Stance]:
    """Return the stance of each statement, in the light of all that its holder says of the reform in the article.

    Where the statements together lean clearly to one side, a single one that seems to contradict them is more often
    misread than meant, so it follows them unless its own words are plain.
    """
    positions: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number in taken:
        positions[claims[number].actor, claims[number].reform].append(number)
    found = {}
    for numbers in positions.values():
        verdicts = [claims[i].verdict for i in numbers]
        support, oppose = (
            sum(v.holds * (v.sides[side] + v.sides[Stance.MIXED] / 2) for v in verdicts)
            for side in (Stance.SUPPORT, Stance.OPPOSE)
        )
        share = support / max(1e-9, support + oppose)
        leaning = Stance.SUPPORT if share >= 0.5 else Stance.OPPOSE
        clear = max(share, 1 - share) >= limits.leaning
        for number, verdict in zip(numbers, verdicts, strict=True):
            own = verdict.stance
            follows = clear and own is not Stance.NEUTRAL and own is not leaning and verdict.sides[own] < limits.plain
            found[number] = leaning if follows else own
    return found
