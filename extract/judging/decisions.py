"""Decide on the candidates: who holds a position, in which sentences, on which side, and their confidence."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extract.judging.candidates import Candidate
from extract.judging.linear import Judgement, logistic
from graph.model import Manner, Stance

Weights = Mapping[str, Judgement]

CLEAR = 0.9
"""Log-odds of a side above which a passage's own words decide, in an article about many reforms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A candidate accepted as a statement."""

    candidate: Candidate
    stance: Stance
    certainty: Mapping[str, float]
    """Features for the question whether the whole statement is right."""


def judge(made: Sequence[Candidate], weights: Weights) -> None:
    """Score each candidate on its own and by the same actor's other candidates on the same reform."""
    for candidate in made:
        candidate.holds = weights[statement_of(candidate)].sum(candidate.about)
        candidate.leaning = weights["side"].sum(candidate.side)
        candidate.mixed = weights["mixed"].sum(candidate.side)
    for group in together(made):
        pooled, total = pool(group)
        for candidate in group:
            candidate.context = context(candidate, pooled, total)


def statement_of(candidate: Candidate) -> str:
    """Return the judgement that decides on statements; an article on many reforms has one of its own."""
    return "statement, among many" if candidate.among_many else "statement"


def position_of(group: Sequence[Candidate]) -> str:
    """Return the judgement that decides on positions, with the name of its limit."""
    return "position, among many" if group[0].among_many else "position"


def together(made: Sequence[Candidate]) -> list[list[Candidate]]:
    """Group the candidates by actor and reform: each group would be one position."""
    found: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in made:
        found[candidate.unit.speaker.actor, candidate.reform].append(candidate)
    return list(found.values())


def pool(group: Sequence[Candidate]) -> tuple[float, float]:
    """Return the leanings of a group, weighted by how likely each is a statement, and the expected number of them."""
    weighed = [(logistic(other.holds), bounded(other.leaning)) for other in group]
    return math.fsum(weight * leaning for weight, leaning in weighed), math.fsum(weight for weight, _ in weighed)


def context(candidate: Candidate, pooled: float, total: float) -> dict[str, float]:
    """Return the features for the side of a passage, from everything the actor says of the reform in the article.

    Others quote an actor for one side; an organisation's own document weighs both sides, sentence by sentence.
    """
    if candidate.unit.manner is Manner.OWN:
        return {
            "own voice: these words": bounded(candidate.leaning),
            "own voice: all words": pooled / (total + 0.5),
        }
    return {"all words": max(-6.0, min(6.0, pooled)), "all words on average": pooled / (total + 0.1)}


def both_sides(group: Sequence[Candidate]) -> dict[str, float]:
    """Features for the question whether the actor takes both sides in the article."""
    weighed = [(logistic(candidate.holds), bounded(candidate.leaning)) for candidate in group]
    support = max(weight * max(0.0, leaning) for weight, leaning in weighed)
    oppose = max(weight * max(0.0, -leaning) for weight, leaning in weighed)
    total = math.fsum(weight for weight, _ in weighed) + 0.1
    mean = math.fsum(weight * leaning for weight, leaning in weighed) / total
    return {
        "the weaker side": min(support, oppose),
        "the stronger side": max(support, oppose),
        "balance": -abs(mean),
        "mixed words": max(logistic(candidate.holds) * logistic(candidate.mixed) for candidate in group),
        "own voice": float(any(candidate.unit.manner is Manner.OWN for candidate in group)),
    }


def bounded(leaning: float) -> float:
    """Limit log-odds to the confidence that words alone can give."""
    return max(-3.0, min(3.0, leaning))


def decisions(made: Sequence[Candidate], weights: Weights) -> Iterator[Decision]:
    """Return the statements among scored candidates."""
    limits = weights["limits"].weights
    for group in together(made):
        judgement = position_of(group)
        holds = weights[judgement].sum(position(group))
        if logistic(holds) < limits[judgement]:
            continue
        best = max(candidate.holds for candidate in group)
        apart = weights["both sides"].probability(both_sides(group)) >= limits["both sides"]
        told = False
        for candidate in group:
            if logistic(candidate.holds) < limits["statement"] and candidate.holds < best:
                continue
            # A plan is reported once, at its first clear statement.
            if candidate.unit.manner is Manner.PLAN and told:
                continue
            told = told or candidate.unit.manner is Manner.PLAN
            yield _decision(candidate, holds, weights, apart=apart)


def _decision(candidate: Candidate, holds: float, weights: Weights, *, apart: bool) -> Decision:
    # An actor who takes both sides has each passage judged by its own words; otherwise all words together give the side
    # of each. In an article about many reforms an actor weighs both sides, so clear words count by themselves.
    clear = candidate.among_many and abs(candidate.leaning) > CLEAR
    side = candidate.leaning if apart or clear else weights["side in context"].sum(candidate.context)
    mixed = logistic(candidate.mixed)
    neutral = weights["neutral"].probability(candidate.side)
    limits = weights["limits"].weights
    if candidate.unit.manner is Manner.PLAN:
        # An actor who states a plan without judging it repeats the planner's support.
        stance = Stance.SUPPORT
    elif neutral > limits["neutral"]:
        stance = Stance.NEUTRAL
    elif mixed > limits["mixed, own voice" if candidate.unit.manner is Manner.OWN else "mixed"]:
        stance = Stance.MIXED
    else:
        stance = Stance.SUPPORT if side >= 0 else Stance.OPPOSE
    return Decision(
        candidate=candidate,
        stance=stance,
        certainty={
            "position": max(-4.0, min(4.0, holds)),
            "statement": max(-4.0, min(4.0, candidate.holds)),
            "one side": abs(bounded(side)) if stance in (Stance.SUPPORT, Stance.OPPOSE) else 0.0,
            "own words agree": float(bounded(side) * bounded(candidate.leaning) > 0),
            "mixed": mixed,
            f"stance {stance}": 1.0,
            f"manner {candidate.unit.manner}": 1.0,
            "cues": float(min(3, len(candidate.evidence.turned))),
        },
    )


def position(group: Sequence[Candidate]) -> dict[str, float]:
    """Features for the question whether the actor holds a position on this reform."""
    sums = sorted((candidate.holds for candidate in group), reverse=True)
    return {
        "best": sums[0],
        "second": max(-4.0, sums[1]) if len(sums) > 1 else -4.0,
        "expected": math.log(0.1 + math.fsum(logistic(value) for value in sums)),
    }
