"""Find the speaker in the lines above a quotation: 'Riders' Union' and 'Ada Quill, chair' on lines of their own."""

import re
from dataclasses import replace

from spacy.tokens import Span

from extract.lexicon import pattern
from extract.marking.sections import PARAGRAPHS
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from graph.model import ActorKind

LINES = 2
"""How many lines may introduce the words: the organisation, and the person who speaks for it."""

SIGNED = re.compile(r"([A-Z][\w.'’-]*(?:\s+[A-Z][\w.'’-]*){1,4}),\s[^.!?:;]{3,80}")
"""'Ada Quill, chair', for names that the language model does not recognise."""


def captioned(cast: Cast, number: int) -> Speaker | None:
    """Return the speaker named in the heading lines directly above a paragraph, if those lines contain only names."""
    paragraphs = list(cast.doc.spans.get(PARAGRAPHS, ()))
    lines: list[Span] = []
    while number > 0 and len(lines) < LINES and paragraphs[number - 1].label_ == "heading":
        number -= 1
        lines.insert(0, paragraphs[number])
    found: Speaker | None = None
    person: str | None = None
    for line in lines:
        named = next((cast.spots[t.i] for t in line if t.i in cast.spots), None)
        if named is not None and _leads(line, named.name):
            person = named.name
            if named.speaker is not None:
                found = found or named.speaker
            continue
        held = _organisation(cast, line)
        if held is None and found is not None and (signed := SIGNED.fullmatch(line.text.strip())):
            parts = [part for part in signed[1].split() if part.lower() not in roles().titles]
            person = " ".join(parts) or None
            continue
        if held is None:
            # This line is not a name, so the lines above it do not count.
            found = person = None
            continue
        found = held
    if found is None:
        return cast.of_person(cast.people[person]) if person is not None and person in cast.people else None
    if person is not None and person in cast.people and cast.people[person].speaker is None:
        cast.people[person].speaker = replace(found, person=person)
    return replace(found, person=person or found.person)


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
