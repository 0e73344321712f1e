"""Find the speaker in the lines next to a quotation: 'Riders' Union' and 'Ada Quill, chair' on lines of their own."""

import re
from collections.abc import Sequence
from dataclasses import replace

from spacy.tokens import Span

from extract.lexicon import pattern
from extract.marking.sections import PARAGRAPHS
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from graph.model import ActorKind

LINES = 2
"""How many lines may name the speaker: the organisation, and the person who speaks for it."""

SIGNED = re.compile(r"([A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){1,4}),\s([^.!?:;]{3,80})")
"""'Ada Quill, chair', for names that the language model does not recognise."""


class Captions:
    """Finds the speakers of quotations that lines of their own name, all above or all below their quotation."""

    def __init__(self, cast: Cast, places: Sequence[tuple[int, int]]) -> None:
        self.cast = cast
        self.paragraphs = list(cast.doc.spans.get(PARAGRAPHS, ()))
        self.below = sum(map(self._leans_down, places)) > 0

    def speaker(self, place: tuple[int, int]) -> Speaker | None:
        """Return who is named next to the paragraphs from the first to the last of a quotation."""
        named = self._named(place, below=self.below)
        if named is None:
            return None
        found, person = named
        people = self.cast.people
        if found is None:
            return self.cast.of_person(people[person]) if person in people else None
        if person in people and people[person].speaker is None:
            people[person].speaker = replace(found, person=person)
        return replace(found, person=person or found.person)

    def _leans_down(self, place: tuple[int, int]) -> int:
        """Return 1 if the name seems to be below its quotation, -1 if above it, and 0 if that is unclear."""
        above, below = (self._named(place, below=side) is not None for side in (False, True))
        if above and below:
            gaps = [self._lines_between(place[0] - 1), self._lines_between(place[1])]
            return (gaps[0] > gaps[1]) - (gaps[0] < gaps[1])
        return below - above

    def _lines_between(self, number: int) -> int:
        """Return how many line ends separate a paragraph from the next."""
        before, after = self.paragraphs[number : number + 2]
        return self.cast.doc.text[before.end_char : after.start_char].count("\n")

    def _named(self, place: tuple[int, int], *, below: bool) -> tuple[Speaker | None, str] | None:
        """Return the organisation and the person that the lines on one side name; None if neither."""
        lines: list[Span] = []
        number, step = (place[1], 1) if below else (place[0], -1)
        while len(lines) < LINES and 0 <= number + step < len(self.paragraphs):
            number += step
            if self.paragraphs[number].label_ != "heading":
                break
            lines.append(self.paragraphs[number])
        found: Speaker | None = None
        person = ""
        for line in lines if below else reversed(lines):
            held, name = self._line(line, signed=found is not None)
            if held is None and not name:
                if below:
                    break
                # This line is not a name, so the lines above it do not count.
                found, person = None, ""
                continue
            # A person's own organisation counts only if no line names one.
            found = (found or held) if name else held
            person = name or person
        return (found, person) if found is not None or person in self.cast.people else None

    def _line(self, line: Span, *, signed: bool) -> tuple[Speaker | None, str]:
        """Return the organisation and the person that one line names; `signed` after a line with an organisation."""
        cast = self.cast
        named = next((cast.spots[t.i] for t in line if t.i in cast.spots), None)
        if named is not None and _leads(line, named.name):
            return named.speaker, named.name
        held = _organisation(cast, line)
        if held is not None:
            return held, ""
        match = SIGNED.fullmatch(line.text.strip())
        if match is None:
            return None, ""
        name = " ".join(part for part in match[1].split() if part.lower() not in roles().titles)
        held = cast.organisation_of(match[2], guess=True)
        return (held, name) if held is not None or signed else (None, "")


def _leads(line: Span, name: str) -> bool:
    """Return whether a line consists of a name, after any titles, and at most a role."""
    words = line.text.split()
    while words and words[0].lower() in roles().titles:
        words.pop(0)
    return " ".join(words).startswith(name) and len(words) - len(name.split()) <= 12


def _organisation(cast: Cast, line: Span) -> Speaker | None:
    text = line.text.strip().rstrip(":")
    hits = [hit for hit in cast.names.find(text) if not hit.person]
    if hits and text[: hits[0].start].lower().strip() in ("", "the"):
        after = text[hits[0].end :].strip()
        if not after or after[0] in ",(–—-:|":
            return cast.listed(hits[0].actor)
    if not pattern("names").fullmatch(text) or len(text.split()) < 2:
        return None
    last = {part.lower().strip("'’") for part in text.split()}
    if last & roles().organisations:
        return cast.unlisted(text, ActorKind.ORGANISATION)
    return None
