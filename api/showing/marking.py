"""Cut a text into parts at its passages and cues, which may overlap."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from graph.reading.catalogue import Evidence
from graph.reading.search import ArticleHit

BETWEEN_PARAGRAPHS = re.compile(r"\n[^\S\n]*(?:\n\s*)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a text that has the same marks throughout."""

    text: str
    marks: tuple[Evidence, ...] = ()
    """The statements whose passages contain it, the one that began last first."""
    begins: tuple[Evidence, ...] = ()
    """The statements whose passages begin here."""
    cue: bool = False
    effect: str = ""
    chosen: bool = False


def quotation(item: Evidence) -> list[Part]:
    """Return the words of a statement with the words that decided its side marked."""
    parts, at = [], item.start
    for cue in sorted(item.cues, key=lambda cue: cue.start):
        start, end = max(cue.start, at), min(cue.end, item.end)
        if start >= end:
            continue
        if start > at:
            parts.append(Part(text=item.quote[at - item.start : start - item.start]))
        parts.append(Part(text=item.quote[start - item.start : end - item.start], cue=True, effect=cue.effect))
        at = end
    if at < item.end:
        parts.append(Part(text=item.quote[at - item.start :]))
    return parts


def snippet(hit: ArticleHit) -> list[Part]:
    """Return a piece of an article's text, with the words of a search marked as cues."""
    parts, at = [], 0
    for start, end in hit.marks:
        parts += [Part(text=hit.snippet[at:start]), Part(text=hit.snippet[start:end], cue=True)]
        at = end
    return [part for part in (*parts, Part(text=hit.snippet[at:])) if part.text]


def paragraphs(text: str, statements: Sequence[Evidence], *, offset: int = 0, chosen: str = "") -> list[list[Part]]:
    """Return every paragraph of a text as its parts. `start` is the offset of the text in its article."""
    spans, at = [], 0
    for gap in BETWEEN_PARAGRAPHS.finditer(text):
        spans.append((at, gap.start()))
        at = gap.end()
    spans.append((at, len(text)))
    paragraph_edges = {edge for span in spans for edge in span}
    found = list(_parts(text, statements, paragraph_edges, offset=offset, chosen=chosen))
    made: list[list[Part]] = []
    place = 0
    for start, end in spans:
        inside = []
        while place < len(found) and found[place][0] < end:
            if found[place][0] >= start:
                inside.append(found[place][1])
            place += 1
        if inside:
            made.append(inside)
    return made


def _parts(
    text: str, statements: Sequence[Evidence], edges: set[int], *, offset: int, chosen: str
) -> Iterator[tuple[int, Part]]:
    begin: dict[int, list[Evidence]] = defaultdict(list)
    end: dict[int, list[Evidence]] = defaultdict(list)
    cues: set[tuple[int, int]] = set()
    for each in statements:
        start, stop = max(each.start - offset, 0), min(each.end - offset, len(text))
        if start < stop:
            begin[start].append(each)
            end[stop].append(each)
            cues |= {(cue.start - offset, cue.end - offset) for cue in each.cues}
    cue_starts = {start for start, _ in cues}
    cue_ends = {stop for _, stop in cues}
    places = sorted({0, len(text), *begin, *end, *edges, *(p for p in cue_starts | cue_ends if 0 < p < len(text))})
    active: list[Evidence] = []
    open_cues = 0
    waiting: list[Evidence] = []
    for at, to in pairwise(places):
        active = [each for each in active if each not in end[at]] + begin[at]
        open_cues += sum(1 for start, _ in cues if start == at) if at in cue_starts else 0
        open_cues -= sum(1 for _, stop in cues if stop == at) if at in cue_ends else 0
        waiting += begin[at]
        if not text[at:to].strip() and at in edges:
            # A gap between paragraphs is not shown; the next part announces passages that begin in it.
            continue
        yield (
            at,
            Part(
                text=text[at:to],
                marks=tuple(reversed(active)),
                begins=tuple(waiting),
                cue=open_cues > 0 and bool(active),
                chosen=any(each.id == chosen for each in active),
            ),
        )
        waiting = []
