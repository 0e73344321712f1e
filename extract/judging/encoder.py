"""The fine-tuned encoders: whether a sentence takes a side on a reform in a holder's name, and which side.

A small one reads every plausible claim; a larger one reads only the likely ones. Weights and tokenisers
are package data in `extract/encoder`; its README is the model card.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from extract.judging.sessions import Session

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parents[1] / "encoder"
CLASSES = ("none", "support", "mixed", "oppose", "neutral")
"""The classes of both encoders."""
LONGEST = 96
"""Tokens of one question; longer ones are cut."""
BEFORE = 130
"""Characters of the sentence before that the larger encoder reads; fewer where a long sentence would be cut."""
AT_ONCE = 8
"""Questions that are calculated together: of like length, so that little is padded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StanceQuestion:
    """Does this sentence take a side on a reform, in the holder's name?"""

    holder: str
    reform: str
    sentence: str
    before: str = ""
    """The sentence before, where it may say what this one is about."""

    @property
    def segments(self) -> tuple[str, str]:
        """The two texts that the small encoder reads, as in training."""
        return f"{self.holder} on {self.reform}", self.sentence

    @property
    def in_context(self) -> tuple[str, str]:
        """The two texts that the larger encoder reads, as in training: with the end of the sentence before."""
        room = min(BEFORE, 2 * BEFORE - len(self.sentence))
        before = self.before[-room:] if room > 0 else ""
        return f"{self.holder} on {self.reform}", f"{before} | {self.sentence}" if before else self.sentence


class Encoder:
    """Answers questions with the log-odds of each class."""

    def __init__(self, folder: Path, *, in_context: bool = False) -> None:
        self._in_context = in_context
        self._session = Session(folder / "model.onnx")
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(LONGEST)

    def answers(self, questions: Sequence[StanceQuestion]) -> npt.NDArray[np.float32]:
        """Return the log-odds of the classes for each question: (questions, classes)."""
        found = np.zeros((len(questions), self._session.width), dtype=np.float32)
        encoded = self._tokenizer.encode_batch(
            [question.in_context if self._in_context else question.segments for question in questions]
        )
        order = sorted(range(len(questions)), key=lambda i: (len(encoded[i].ids), i))
        for first in range(0, len(order), AT_ONCE):
            batch = order[first : first + AT_ONCE]
            shape = (len(batch), max(len(encoded[i].ids) for i in batch))
            tensors = {name: np.zeros(shape, dtype=np.int64) for name in ("ids", "types", "mask")}
            for row, i in enumerate(batch):
                count = len(encoded[i].ids)
                tensors["ids"][row, :count] = encoded[i].ids
                tensors["types"][row, :count] = encoded[i].type_ids
                tensors["mask"][row, :count] = 1
            found[batch] = self._session.run(tensors)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoders:
    """The two that ship together."""

    reading: Encoder
    """Reads every plausible claim."""
    stance: Encoder
    """Reads likely claims, with the sentence before where it may help."""


def encoders(folder: Path) -> Encoders:
    """Return both encoders of a folder."""
    return Encoders(reading=Encoder(folder / "reading"), stance=Encoder(folder / "stance", in_context=True))


@cache
def shipped() -> Encoders | None:
    """The encoders that come with the package; None, with a warning, where a file is missing."""
    for part in ("reading", "stance"):
        if not (FOLDER / part / "model.onnx").is_file():
            log.warning(
                "%s is missing, so claims are judged without the encoder; reinstall to restore it", FOLDER / part
            )
            return None
    return encoders(FOLDER)
