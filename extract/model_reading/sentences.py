"""The sentences of an article, numbered by rules alone: no parser runs, so thousands of articles cost minutes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest

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
class NumberedSentence:
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


def numbered(text: str) -> list[NumberedSentence]:
    """The sentences of a text, from 1; together they hold every word of it."""
    found: list[NumberedSentence] = []
    offset = paragraph = 0
    for piece in pieces(text):
        doc = _splitter()(piece)
        begins = {span.start_char for span in doc.spans[PARAGRAPHS]}
        for begin, stop, opens in _bounds(doc, piece, begins):
            paragraph += opens
            for start, end in _cut(text, offset + begin, offset + stop):
                found.append(NumberedSentence(number=len(found) + 1, start=start, end=end, paragraph=paragraph))
        offset += len(piece)
    return found


def _bounds(doc: Doc, text: str, begins: set[int]) -> Iterator[tuple[int, int, bool]]:
    """Yield start and end of each sentence, and whether a paragraph begins there; move opening marks to what they open.

    Arrays instead of `doc.sents`: making an object for each token takes longer than finding the sentences.
    """
    begin = 0
    told = doc.to_array(["SENT_START", "IDX"])
    starts = [0, *(int(place) for is_start, place in told[1:] if is_start == 1)]
    for start, following in zip_longest(starts, starts[1:], fillvalue=len(text)):
        end = following - 1 if text[following - 1 : following] == " " else following
        opening = OPENING.search(text, start, end)
        end = opening.start() if opening else end
        yield begin, end, start in begins
        begin = end
    if begin < len(text):
        yield begin, len(text), False


BREAKING = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""Characters that can begin a line or are no text: the Unicode categories Cc, Cs, Zl and Zp."""


def one_line(text: str) -> str:
    """A text on one line: no line break or control character in it can begin a line of the request."""
    return " ".join(BREAKING.sub(" ", text).split())


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
