"""Find what stands around the words of a document: links, notices, captions, adverts, footers and contents."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from extract.lexicon import table, words
from extract.marking.sections import BULLET, lines

SENTENCE = re.compile(r"""[.!?…]["'”’)\]]*\s*\Z""")
"""The end of a line that is a sentence, so no entry of a list of links."""
OPENED = re.compile(r"""(?:[.!?…:—–]["'”’)\]]*|\s-)\s*["'“‘(\[]*\Z""")
"""What comes before a sentence, or before words that a colon, a dash or a quotation mark introduces."""
LABEL = re.compile(r"[^.:!?]{2,60}:\s+")
"""The label of a speaker."""
BOUNDARY = re.compile(r"""[.!?…]["'”’)\]]*\s+(?=["'“‘(\[]?[A-Z0-9£])""")
ENTRY = 20
"""Words of the longest entry of a list of links."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The paragraphs of a text, and which of them are no evidence."""

    paragraphs: tuple[tuple[int, int], ...]
    furniture: tuple[tuple[int, int], ...]

    def is_furniture(self, text: str, start: int, end: int) -> bool:
        """Return whether words lie in a paragraph that is no evidence, or are such words themselves."""
        if any(begin < end and start < stop for begin, stop in self.furniture):
            return True
        return _line().match(text[start:end].strip().lower()) is not None

    def beginning(self, text: str, start: int) -> int:
        """Return where the sentence begins in which a place lies."""
        begin = next((first for first, last in self.paragraphs if first <= start < last), start)
        for mark in (BULLET, LABEL):
            opening = mark.match(text[begin:start])
            begin += opening.end() if opening else 0
        before = text[begin:start]
        spoken = any(character.isalpha() for character in before)
        if not spoken or (OPENED.search(before) and not text[start : start + 1].islower()):
            return start
        ends = [match.end() for match in BOUNDARY.finditer(before) if not _abbreviated(before[: match.start()])]
        return begin + ends[-1] if ends else begin


def layout(text: str) -> Layout:
    """Return the paragraphs of a text, and those that are no evidence."""
    paragraphs = tuple(lines(text))
    return Layout(paragraphs=paragraphs, furniture=tuple(_furniture(text, paragraphs)))


def _furniture(text: str, paragraphs: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    listing = False
    for start, end in paragraphs:
        line = text[start:end]
        bullet = BULLET.match(line)
        plain = (line[bullet.end() :] if bullet else line).strip().lower()
        if _list().fullmatch(plain.rstrip(":")):
            listing = True
        elif listing and (SENTENCE.search(line) or len(line.split()) > ENTRY):
            listing = False
        if listing or _line().match(plain):
            yield start, end


def _abbreviated(before: str) -> bool:
    """Return whether a full stop after these words belongs to an abbreviation."""
    return before.rpartition(" ")[2].lower() in words(table("furniture")["abbreviations"])


@cache
def _line() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{each})" for each in table("furniture")["lines"]), re.IGNORECASE)


@cache
def _list() -> re.Pattern[str]:
    return re.compile(table("furniture")["lists"], re.IGNORECASE)
