"""Patterns of words with placeholders for names, and rules for when two spellings are the same name."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*'?|&")
PART = re.compile(r"\s*([\[\](){}<>|]|[^\s\[\](){}<>|]+)")
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}

Slots = tuple[tuple[str, tuple[str, ...]], ...]
"""Kind and words of each name in a match."""
Fits = Callable[[str, tuple[str, ...]], bool]
"""Returns whether these words can name something of this kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """Differences to ignore when comparing names; the words and endings come from language data."""

    articles: frozenset[str]
    same: Mapping[str, str]
    possessive: tuple[str, ...]
    plural: tuple[tuple[str, str], ...]
    not_plural: tuple[str, ...]

    def tokens(self, text: str) -> tuple[str, ...]:
        """Return the words of a text in lower case, without marks, accents and hyphens."""
        plain = unicodedata.normalize("NFKD", text.casefold()).replace("\u2019", "'").replace("\u2018", "'")
        without_accents = "".join(each for each in plain if not unicodedata.combining(each))
        return tuple(self.same.get(token, token) for token in TOKEN.findall(without_accents))

    def exact(self, tokens: Sequence[str]) -> str:
        """Return a key for names that ignores spaces, hyphens and an initial article."""
        return "".join(self.named(tokens))

    def loose(self, tokens: Sequence[str]) -> str:
        """Return a key for names that also ignores plural and possessive endings."""
        return "".join(map(self._stem, self.named(tokens)))

    def named(self, tokens: Sequence[str]) -> Sequence[str]:
        """Return the words of a name without a first article."""
        return tokens[1:] if len(tokens) > 1 and tokens[0] in self.articles else tokens

    def _stem(self, token: str) -> str:
        for ending in self.possessive:
            if token.endswith(ending):
                token = token.removesuffix(ending)
                break
        token = token.replace("'", "")
        for ending, singular in self.plural:
            if token.endswith(ending) and not token.endswith(self.not_plural) and len(token) > len(ending) + 1:
                return token.removesuffix(ending) + singular
        return token


class Pattern:
    """A part of a pattern; `matches` yields the ways in which it matches a whole list of words."""

    def matches(self, tokens: Sequence[str], fits: Fits) -> Iterator[Slots]:
        """Yield the names for each way to match all these words, longer names first."""
        for end, slots in self.ways(tuple(tokens), 0, fits):
            if end == len(tokens):
                yield slots

    def ways(self, tokens: tuple[str, ...], at: int, fits: Fits) -> Iterator[tuple[int, Slots]]:
        """Yield each place where the pattern can end if it begins here, with the names matched so far."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Word(Pattern):
    """A literal word."""

    word: str

    def ways(self, tokens: tuple[str, ...], at: int, fits: Fits) -> Iterator[tuple[int, Slots]]:
        if at < len(tokens) and tokens[at] == self.word:
            yield at + 1, ()


@dataclass(frozen=True, slots=True)
class Slot(Pattern):
    """The name of something of a kind."""

    kind: str

    def ways(self, tokens: tuple[str, ...], at: int, fits: Fits) -> Iterator[tuple[int, Slots]]:
        for end in range(len(tokens), at, -1):
            if fits(self.kind, tokens[at:end]):
                yield end, ((self.kind, tokens[at:end]),)


@dataclass(frozen=True, slots=True)
class InOrder(Pattern):
    """One part after another."""

    parts: tuple[Pattern, ...]

    def ways(self, tokens: tuple[str, ...], at: int, fits: Fits) -> Iterator[tuple[int, Slots]]:
        if not self.parts:
            yield at, ()
            return
        rest = InOrder(self.parts[1:])
        for between, met in self.parts[0].ways(tokens, at, fits):
            for end, later in rest.ways(tokens, between, fits):
                yield end, met + later


@dataclass(frozen=True, slots=True)
class AnyOf(Pattern):
    """One part or another."""

    parts: tuple[Pattern, ...]

    def ways(self, tokens: tuple[str, ...], at: int, fits: Fits) -> Iterator[tuple[int, Slots]]:
        for part in self.parts:
            yield from part.ways(tokens, at, fits)


def pattern(texts: Sequence[str], words: Mapping[str, Sequence[str]]) -> Pattern:
    """Compile patterns: words, (a|b), [optional], <list of words>, {kind of name}. Raises ValueError."""
    return AnyOf(tuple(_read(text, words) for text in texts))


def _read(text: str, words: Mapping[str, Sequence[str]]) -> Pattern:
    parts = PART.findall(text)
    read, rest = _choice(parts, words)
    if rest:
        raise ValueError(f"{text!r}: {rest[0]!r} closes a bracket that was not opened")
    return read


def _choice(parts: Sequence[str], words: Mapping[str, Sequence[str]]) -> tuple[Pattern, Sequence[str]]:
    choices: list[Pattern] = []
    row: list[Pattern] = []
    while parts and parts[0] not in CLOSING.values():
        first, parts = parts[0], parts[1:]
        if first == "|":
            choices.append(InOrder(tuple(row)))
            row = []
        elif first in CLOSING:
            inner, rest = _choice(parts, words) if first in "([" else (None, parts[1:])
            if not rest or rest[0] != CLOSING[first]:
                raise ValueError(f"{first!r} is not closed")
            if first == "{":
                row.append(Slot(parts[0]))
            elif first == "<":
                row.append(pattern(words[parts[0]], words))
            elif inner is not None:
                row.append(inner if first == "(" else AnyOf((inner, InOrder(()))))
            parts = rest[1:]
        else:
            row.append(Word(first))
    choices.append(InOrder(tuple(row)))
    return (choices[0] if len(choices) == 1 else AnyOf(tuple(choices))), parts
