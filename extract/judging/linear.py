"""Judgements as weighted sums: each reason has a name, a value and a fitted weight."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from extract.lexicon import LANGUAGE
from graph.errors import BadRequest

WEIGHTS = LANGUAGE / "weights.json"
"""The fitted weights, produced by `extract.measuring.fitting`."""

Features = Mapping[str, float]
"""The evidence by name; a missing name counts as 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """A named part of a judgement and its contribution to the sum."""

    name: str
    amount: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A logistic judgement: the sum of its reasons as a probability."""

    base: float
    weights: Mapping[str, float]

    def sum(self, features: Features) -> float:
        """Return the log-odds."""
        # An exact sum, rounded once, gives the same last bit in whatever order the features come.
        weights = self.weights
        return self.base + math.fsum([weights[name] * value for name, value in features.items() if name in weights])

    def probability(self, features: Features) -> float:
        """Return the probability, from 0 to 1."""
        return logistic(self.sum(features))

    def reasons(self, features: Features) -> Iterator[Contribution]:
        """Return the reasons, those with the largest contribution first."""
        parts = [(name, self.weights.get(name, 0.0) * value) for name, value in features.items()]
        for name, amount in sorted(parts, key=lambda part: (-abs(part[1]), part[0])):
            if abs(amount) >= 0.05:
                yield Contribution(name=name, amount=amount)


def logistic(sum_: float) -> float:
    """Convert log-odds to a probability."""
    if sum_ >= 0:
        return 1.0 / (1.0 + math.exp(-sum_))
    return math.exp(sum_) / (1.0 + math.exp(sum_))


@cache
def judgements() -> Mapping[str, Judgement]:
    """Return the fitted judgements of the language, by name."""
    return read(json.loads(WEIGHTS.read_text(encoding="utf-8")))


def learnt(text: str) -> Mapping[str, Judgement]:
    """Read the judgements in a file of learnt weights. Raises BadRequest if one is missing or invalid."""
    try:
        found = read(json.loads(text))
    except (ValueError, AttributeError, TypeError) as error:
        raise BadRequest(f"not a file of weights, as `positions learn` writes them: {error}") from error
    missing = judgements().keys() - found.keys()
    if missing:
        raise BadRequest(f"the file of weights lacks {', '.join(sorted(missing))}; learn the weights again")
    return found


def read(fields: Mapping[str, Mapping[str, float]]) -> Mapping[str, Judgement]:
    """Build judgements from their plain form: one table of weights each, including its base."""
    return {
        name: Judgement(base=weights.get("base", 0.0), weights={k: v for k, v in weights.items() if k != "base"})
        for name, weights in fields.items()
    }
