"""Find the grounds of a statement: the concerns of the domain whose cues occur in a passage."""

from collections import defaultdict
from functools import cache

from extract.lexicon import table
from extract.marking.gazetteer import normal
from graph.domain.folder import Domain


def concerns(text: str, domain: Domain) -> tuple[str, ...]:
    """Return the ids of the concerns whose cues a text contains, in the order of their table."""
    words = normal(text)
    cues = _by_first_word(tuple((concern.id, concern.cues) for concern in domain.concerns.values()))
    found = {
        id
        for place, word in enumerate(words)
        for end in range(1, len(word) + 1)
        for id, cue in cues.get(word[:end], ())
        if place + len(cue) <= len(words) and all(map(_same, words[place : place + len(cue)], cue))
    }
    return tuple(id for id in domain.concerns if id in found)


@cache
def _by_first_word(concerns: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """Return the cues and their concerns, by the shared start of all forms of the first word."""
    found: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for id, cues in concerns:
        for cue in cues:
            if words := tuple(normal(cue)):
                found[_stem(words[0])].append((id, words))
    return dict(found)


def _same(word: str, wanted: str) -> bool:
    """Return a pattern for the forms of a word: 'cost' matches 'costs' and 'costed'."""
    if word == wanted:
        return True
    stem = _stem(wanted)
    return len(wanted) > 3 and word.startswith(stem) and word[len(stem) :] in table("stance")["stems"]["inflections"]


def _stem(wanted: str) -> str:
    return wanted.removesuffix("e")
