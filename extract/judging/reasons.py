"""Why the judges decided as they did: what changes when a fact, or a word, is taken out."""

from collections.abc import Mapping, Sequence

import numpy as np

from extract.judging.claims import CLOSE_ANSWERS, Judges, log_odds
from extract.judging.encoder import CLASSES, StanceQuestion
from extract.judging.linear import Contribution
from graph.model import Stance

LEAST = 0.05
"""Change of log-odds below which a reason is not shown."""
LONGEST = 60
"""Words of a sentence that are taken out one at a time."""


def by_facts(judges: Judges, features: Mapping[str, float]) -> list[Contribution]:
    """Return the facts that speak for or against a claim being a statement, the weightiest first, in log-odds."""
    names = [name for name, value in features.items() if value]
    without = [{other: value for other, value in features.items() if other != name} for name in names]
    told = [dict(features), *without]
    read = CLOSE_ANSWERS[0] in features
    chances = [verdict.holds for verdict in judges.verdicts(told)] if read else map(float, judges.likely(told))
    whole, *rest = map(log_odds, chances)
    made = [Contribution(name=name, amount=whole - other) for name, other in zip(names, rest, strict=True)]
    return _weightiest(made)


def by_words(judges: Judges, question: StanceQuestion, stance: Stance) -> list[Contribution]:
    """Return the words whose removal changes the encoder's answer most, the weightiest first, in log-odds."""
    words = question.sentence.split()[:LONGEST]
    tail = question.sentence.split()[LONGEST:]
    asked = [question] + [
        StanceQuestion(
            holder=question.holder,
            reform=question.reform,
            sentence=" ".join([*words[:place], *words[place + 1 :], *tail]),
            before=question.before,
        )
        for place in range(len(words))
    ]
    answers = judges.encoders.stance.answers(asked)
    column = CLASSES.index(stance)
    others = [number for number in range(len(CLASSES)) if number != column]
    lead = answers[:, column] - np.max(answers[:, others], axis=1)
    made = [
        Contribution(name=word.strip(".,;:“”\"'‘’()"), amount=float(lead[0] - lead[place]))
        for place, word in enumerate(words, 1)
    ]
    return _weightiest([reason for reason in made if reason.name])


def _weightiest(reasons: Sequence[Contribution]) -> list[Contribution]:
    shown = [reason for reason in reasons if abs(reason.amount) >= LEAST]
    return sorted(shown, key=lambda reason: (-abs(reason.amount), reason.name))
