"""The sentences of an article, numbered by rules alone: no parser runs, so thousands of articles cost minutes."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extract.marking.sections import PARAGRAPHS, paragraphs  # noqa: F401  # registers the component
from extract.pipeline import pieces

OPENING = re.compile(r"(?<=\s)[“‘\"'(\[]+\Z")
"""An opening mark that the splitter has left at the end of a sentence."""
LONGEST = 1500
"""Characters of one numbered sentence; a longer one is cut between words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A numbered sentence and its place in the article's text."""

    number: int
    start: int
    end: int
    paragraph: int


@cache
def _splitter() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("paragraphs")
    nlp.add_pipe("sentencizer")
    return nlp


def numbered(text: str) -> list[Sentence]:
    """The sentences of a text, from 1; together they hold every word of it."""
    found: list[Sentence] = []
    offset = paragraph = 0
    for piece in pieces(text):
        doc = _splitter()(piece)
        begins = {span.start_char for span in doc.spans[PARAGRAPHS]}
        for begin, stop, opens in _bounds(doc, begins):
            paragraph += opens
            for start, end in _cut(text, offset + begin, offset + stop):
                found.append(Sentence(number=len(found) + 1, start=start, end=end, paragraph=paragraph))
        offset += len(piece)
    return found


def _bounds(doc: Doc, begins: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield the start and end of each sentence and if it begins a paragraph; opening marks belong to what follows."""
    start = 0
    for sentence in doc.sents:
        opening = OPENING.search(sentence.text)
        end = sentence.start_char + opening.start() if opening else sentence.end_char
        yield start, end, sentence.start_char in begins
        start = end
    if start < len(doc.text):
        yield start, len(doc.text), False


def one_line(text: str) -> str:
    """A text on one line: no line break or control character in it can begin a line of the request."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in text).split())


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A span without white space at its ends, in pieces that are short enough; nothing where it holds no word."""
    while start < end:
        stop = end
        if end - start > LONGEST:
            space = max(text.rfind(" ", start, start + LONGEST), text.rfind("\n", start, start + LONGEST))
            stop = space if space > start else start + LONGEST
        piece = text[start:stop]
        if re.search(r"\w", piece):
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = stop
