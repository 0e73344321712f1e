"""On which grounds: the concerns of the domain whose cues stand in a passage."""

from collections.abc import Sequence

from extract.gazetteer import normal
from extract.lexicon import table
from graph.domain import Domain


def concerns(text: str, domain: Domain) -> tuple[str, ...]:
    """Ids of the concerns whose cues a text holds, in the order of their table."""
    words = normal(text)
    return tuple(
        concern.id for concern in domain.concerns.values() if any(_holds(words, normal(cue)) for cue in concern.cues)
    )


def _holds(words: Sequence[str], cue: Sequence[str]) -> bool:
    if not cue:
        return False
    return any(
        all(_same(word, wanted) for word, wanted in zip(words[place : place + len(cue)], cue, strict=True))
        for place in range(len(words) - len(cue) + 1)
    )


def _same(word: str, wanted: str) -> bool:
    """One form or another of a word: 'cost' is met by 'costs' and 'costed'."""
    if word == wanted:
        return True
    stem = wanted.removesuffix("e")
    return len(wanted) > 3 and word.startswith(stem) and word[len(stem) :] in table("stance")["stems"]["inflections"]
