"""On which grounds: the concerns of the domain whose cues stand in a passage."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cache

from extract.gazetteer import normal
from extract.lexicon import table
from graph.domain import Domain


def concerns(text: str, domain: Domain) -> tuple[str, ...]:
    """Ids of the concerns whose cues a text holds, in the order of their table."""
    words = normal(text)
    # A word that is met begins with the letter of the word that is wanted: most cues are passed over by that alone.
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(words):
        starts[word[:1]].append(place)
    return tuple(
        concern.id
        for concern in domain.concerns.values()
        if any(_holds(words, cue, starts.get(cue[0][:1], ())) for cue in _cues(concern.cues))
    )


@cache
def _cues(cues: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(words for words in (tuple(normal(cue)) for cue in cues) if words)


def _holds(words: Sequence[str], cue: Sequence[str], places: Sequence[int]) -> bool:
    return any(
        all(_same(word, wanted) for word, wanted in zip(words[place : place + len(cue)], cue, strict=True))
        for place in places
        if place + len(cue) <= len(words)
    )


def _same(word: str, wanted: str) -> bool:
    """One form or another of a word: 'cost' is met by 'costs' and 'costed'."""
    if word == wanted:
        return True
    stem = wanted.removesuffix("e")
    return len(wanted) > 3 and word.startswith(stem) and word[len(stem) :] in table("stance")["stems"]["inflections"]
