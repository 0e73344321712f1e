"""Reduce words to stems, so that the forms of a word in a name, a definition and a sentence are the same."""

from functools import cache

from extract.lexicon import table
from extract.marking.gazetteer import normal


def stems(text: str) -> frozenset[str]:
    """Return the significant words of a text, reduced to the stem that their forms share ('abolish', 'abolition')."""
    skip = stop_words()
    return frozenset(stem(word) for word in normal(text) if word not in skip and (len(word) > 2 or word.isupper()))


@cache
def stem(word: str) -> str:
    """Return a word without its ending, at most six letters: enough to distinguish words within a domain."""
    for ending in endings():
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:6]


@cache
def endings() -> tuple[str, ...]:
    """Word endings of the language, longest first."""
    return tuple(sorted(table("stance")["stems"]["endings"], key=lambda ending: (-len(ending), ending)))


@cache
def stop_words() -> frozenset[str]:
    """Words that carry no information about a reform."""
    return frozenset(table("stance")["stop"]["words"].split())
