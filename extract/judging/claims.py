"""Which of all possible claims an article makes, found in three steps of rising cost.

Trees find the plausible claims by their facts; a small encoder reads those, and trees pick the likely ones; a larger
encoder reads these closely, and trees decide which are statements and which side they take. The models are package
data in `extract/judges`, written by `training/judges.py`; the encoders are in `extract/encoder`.
"""

import json
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from extract.judging import encoder as shipped_encoders
from extract.judging.encoder import CLASSES, Encoders
from extract.judging.linear import judgements
from extract.judging.sessions import Session
from graph.model import Stance

FOLDER = Path(__file__).parents[1] / "judges"
STANCES = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL)
LIKELY_ENOUGH = 0.05
"""Probability by its facts alone from which on the small encoder reads a claim."""
KEPT = 4
"""Claims of one sentence that the encoder reads, the most plausible first."""
LIKELY = 0.08
"""Probability after the small encoder's reading from which on the larger one reads a claim."""

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class PossibleClaim:
    """A possible claim as the judges see it."""

    sentence: int
    actor: str
    reform: str
    features: Mapping[str, float]
    plausible: float
    """Probability that it is a statement, by its facts alone."""


def vectors(features: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    """Return features as a matrix (rows, names); a feature that is absent is 0."""
    place = {name: column for column, name in enumerate(names)}
    matrix = np.zeros((len(features), len(names)), dtype=np.float32)
    for row, some in enumerate(features):
        for name, value in some.items():
            column = place.get(name)
            if column is not None:
                matrix[row, column] = value
    return matrix


def kept(rows: Sequence[PossibleClaim]) -> list[int]:
    """Return the numbers of the rows that the encoder should read, in the order of the text."""
    by_sentence: dict[int, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        if row.plausible >= LIKELY_ENOUGH:
            by_sentence[row.sentence].append(number)
    chosen = []
    for numbers in by_sentence.values():
        chosen += sorted(numbers, key=lambda i: (-rows[i].plausible, i))[:KEPT]
    return sorted(chosen)


ANSWERS = tuple(f"encoder: {name}" for name in CLASSES)
AROUND = (
    "plausible",
    "plausible: rank in the sentence",
    "plausible: best other holder",
    "plausible: best other reform",
    "plausible: sentence before, same claim",
    "plausible: sentence after, same claim",
    "plausible: rest of the article, same claim",
    "encoder: support over oppose",
    "encoder: any side over none",
    "encoder: support over oppose, rest of the article",
    "encoder: any side, best other reform",
    "encoder: any side, best other holder",
    "encoder: sides taken in the article",
)


def context_names(first: Sequence[str]) -> list[str]:
    """Return the names of all features of the second judges."""
    return [*first, *ANSWERS, *AROUND, *LINEAR]


def in_context(rows: Sequence[PossibleClaim], answers: Floats) -> list[dict[str, float]]:
    """Return the features of each kept claim, including the encoder's answers for it and for its neighbours."""
    some: list[dict[str, float]] = []
    of_sentence: dict[int, list[int]] = defaultdict(list)
    of_claim: dict[tuple[str, str], list[int]] = defaultdict(list)
    lean = [float(answer[1] - answer[3]) for answer in answers]
    sided = [float(max(answer[1:4]) - answer[0]) for answer in answers]
    for number, row in enumerate(rows):
        of_sentence[row.sentence].append(number)
        of_claim[row.actor, row.reform].append(number)
    for number, row in enumerate(rows):
        here = [i for i in of_sentence[row.sentence] if i != number]
        same = [i for i in of_claim[row.actor, row.reform] if i != number]
        others = [i for i in here if rows[i].reform == row.reform]
        elsewhere = [i for i in here if rows[i].actor == row.actor]
        weights = [rows[i].plausible for i in same]

        def near(step: int, row: PossibleClaim = row, same: list[int] = same) -> float:
            return max((rows[i].plausible for i in same if rows[i].sentence == row.sentence + step), default=0.0)

        around = (
            log_odds(row.plausible),
            float(sum(rows[i].plausible > row.plausible for i in here)),
            max((rows[i].plausible for i in others), default=0.0),
            max((rows[i].plausible for i in elsewhere), default=0.0),
            near(-1),
            near(1),
            math.fsum(weights),
            lean[number],
            sided[number],
            math.fsum(w * lean[i] for w, i in zip(weights, same, strict=True)) / (math.fsum(weights) + 0.1),
            max((sided[i] for i in elsewhere), default=-6.0),
            max((sided[i] for i in others), default=-6.0),
            float(min(8, sum(sided[i] > 0 for i in same))),
        )
        some.append(
            {
                **row.features,
                **dict(zip(ANSWERS, map(float, answers[number]), strict=True)),
                **dict(zip(AROUND, around, strict=True)),
            }
        )
    return with_linear(rows, some)


LINEAR = (
    "linear: side",
    "linear: mixed",
    "linear: neutral",
    "linear: side, rest of the article",
    "linear: side, whole article",
)
PARTS = {"words: ": "", "standing: ": "", "manner: ": "manner "}
"""How the facts of a claim are called by the linear judge."""


def with_linear(rows: Sequence[PossibleClaim], features: Sequence[dict[str, float]]) -> list[dict[str, float]]:
    """Add the linear judge's scores of each claim's words, and of its holder's other words, to the features."""
    weights = judgements()
    plain = [
        {
            PARTS[prefix] + name.removeprefix(prefix): value
            for name, value in row.features.items()
            for prefix in PARTS
            if name.startswith(prefix)
        }
        for row in rows
    ]
    side = [max(-3.0, min(3.0, weights["side"].sum(some))) for some in plain]
    of_claim: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        of_claim[row.actor, row.reform].append(number)
    made = []
    for number, (row, some) in enumerate(zip(rows, features, strict=True)):
        same = of_claim[row.actor, row.reform]
        total = math.fsum(rows[i].plausible for i in same)
        whole = math.fsum(rows[i].plausible * side[i] for i in same)
        values = (
            side[number],
            weights["mixed"].sum(plain[number]),
            weights["neutral"].sum(plain[number]),
            (whole - row.plausible * side[number]) / (total - row.plausible + 0.1),
            max(-6.0, min(6.0, whole)),
        )
        made.append({**some, **dict(zip(LINEAR, values, strict=True))})
    return made


CLOSE_ANSWERS = tuple(f"close: {name}" for name in CLASSES)
CLOSE = (
    *CLOSE_ANSWERS,
    "close: support over oppose",
    "close: any side over none",
    "close: rank in the sentence",
    "close: any side, best other reform",
    "close: any side, best other holder",
    "close: any side, best of the claim elsewhere",
    "close: support over oppose, rest of the article",
    "close: sides taken in the article",
)


def read_closely(
    rows: Sequence[PossibleClaim], features: Sequence[Mapping[str, float]], answers: Floats
) -> list[dict[str, float]]:
    """Return the features of likely claims with the larger encoder's answers, and with what their neighbours say."""
    lean = [float(answer[1] - answer[3]) for answer in answers]
    sided = [float(max(answer[1:]) - answer[0]) for answer in answers]
    weights = [1 / (1 + math.exp(-max(-20.0, min(20.0, value)))) for value in sided]
    made = []
    for number, (row, some) in enumerate(zip(rows, features, strict=True)):
        here = [i for i, other in enumerate(rows) if i != number and other.sentence == row.sentence]
        same = [
            i for i, other in enumerate(rows) if i != number and (other.actor, other.reform) == (row.actor, row.reform)
        ]
        around = (
            lean[number],
            sided[number],
            float(sum(sided[i] > sided[number] for i in here)),
            max((sided[i] for i in here if rows[i].actor == row.actor), default=-6.0),
            max((sided[i] for i in here if rows[i].reform == row.reform), default=-6.0),
            max((sided[i] for i in same), default=-6.0),
            math.fsum(weights[i] * lean[i] for i in same) / (math.fsum(weights[i] for i in same) + 0.1),
            float(min(8, sum(sided[i] > 0 for i in same))),
        )
        values = (*map(float, answers[number]), *around)
        made.append({**some, **dict(zip(CLOSE, values, strict=True))})
    return made


def log_odds(chance: float) -> float:
    """Return a probability as log-odds, bounded to ±7."""
    chance = min(max(chance, 0.001), 0.999)
    return math.log(chance / (1 - chance))


Sides = Mapping[Stance, float]

UNREAD: Sides = dict.fromkeys(STANCES, 0.25)
"""The stances of a claim that the larger encoder does not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimJudgement:
    """What the judges make of a claim."""

    holds: float
    """Probability that it is a statement."""
    sides: Sides
    """Probability of each stance, if it is one."""

    @property
    def stance(self) -> Stance:
        """The likeliest stance."""
        return max(STANCES, key=lambda stance: self.sides[stance])


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From which probability on a claim is taken for a statement."""

    position: float
    """Of the best statement of an actor on a reform."""
    statement: float
    """Of each further one."""
    leaning: float = 1.1
    """Share of one side among an actor's statements on a reform from which on they lean to it; above 1: never."""
    plain: float = 0.9
    """Probability of a statement's own stance from which on it stands against that leaning."""


class Judges:
    """The fitted models, with the encoder that they rest on."""

    def __init__(self, folder: Path = FOLDER, *, encoders: Encoders) -> None:
        told = json.loads((folder / "judges.json").read_text(encoding="utf-8"))
        self.encoders = encoders
        self.first: list[str] = told["first"]
        self.second: list[str] = told["second"]
        self.third: list[str] = [*self.second, *CLOSE]
        self.limits = Limits(**told["limits"])
        self._base, self._slope = float(told["calibration"]["base"]), float(told["calibration"]["slope"])
        self._plausible, self._likely, self._statement, self._stance = (
            Session(folder / f"{name}.onnx") for name in ("plausible", "likely", "statement", "stance")
        )

    def plausible(self, features: Sequence[Mapping[str, float]]) -> Floats:
        """Return, for each possible claim, the probability that it is a statement by its facts alone: (claims,)."""
        found: Floats = self._plausible.run({"features": vectors(features, self.first)}, output=1)[:, 1]
        return found

    def likely(self, features: Sequence[Mapping[str, float]]) -> Floats:
        """Return, for each kept claim, the probability that it is a statement after the small encoder's reading."""
        if not features:
            return np.zeros(0, dtype=np.float32)
        found: Floats = self._likely.run({"features": vectors(features, self.second)}, output=1)[:, 1]
        return found

    def verdicts(self, features: Sequence[Mapping[str, float]]) -> list[ClaimJudgement]:
        """Return what is made of likely claims after the larger encoder's reading."""
        if not features:
            return []
        told = {"features": vectors(features, self.third)}
        holds, sides = self._statement.run(told, output=1)[:, 1], self._stance.run(told, output=1)
        return [
            ClaimJudgement(holds=float(chance), sides=dict(zip(STANCES, map(float, row), strict=True)))
            for chance, row in zip(holds, sides, strict=True)
        ]

    def confidence(self, verdict: ClaimJudgement, stance: Stance) -> float:
        """Return how often claims with such a verdict were right with this stance, on domains left out."""
        value = log_odds(verdict.holds * verdict.sides[stance])
        return 1 / (1 + math.exp(-(self._base + self._slope * value)))


@cache
def shipped() -> Judges | None:
    """The judges that come with the package; None where they or the encoders are missing."""
    found = shipped_encoders.shipped()
    if found is None or not (FOLDER / "judges.json").is_file():
        return None
    return Judges(encoders=found)
