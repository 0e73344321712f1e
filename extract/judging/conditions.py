"""Find the condition of a position: the words that make it depend on something."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

from spacy.tokens import Span, Token

from extract.lexicon import table, words

BREAKS = frozenset(";:—–")
"""Punctuation that ends the part of a sentence in which a condition counts."""
OPENS = frozenset(",;:—–(-") | {"but", "and"}
"""Words and marks after which a part of a sentence begins."""


def stated(span: Span) -> Span | None:
    """Return the words of the first condition in a sentence, from its cue to the end of its clause."""
    for cue in _cues(span):
        found = _clause(span, cue)
        if len(found) > len(cue):
            return found
    return None


@cache
def _phrases(name: str) -> tuple[tuple[str, ...], ...]:
    """The phrases of a list in conditions.toml, the longest first."""
    return tuple(sorted((tuple(each.split()) for each in table("conditions")[name]), key=len, reverse=True))


@cache
def _words(name: str) -> frozenset[str]:
    return words(table("conditions")[name])


def _cues(span: Span) -> Iterator[Span]:
    """Yield the words that set a condition, in order."""
    lower = [token.lower_ for token in span]
    for at in range(len(span)):
        if length := _length("always", lower[at:]):
            yield span[at : at + length]
        elif (length := _length("at_a_break", lower[at:])) and _opens(span, at):
            if not _has_object(span[at]):
                yield span[at : at + length]
        elif (length := _length("with_success", lower[at:])) and _matters(span, at, length):
            yield span[at : at + length]


def _length(name: str, lower: Sequence[str]) -> int:
    """Return the number of words in the longest phrase of a list with which the text begins, or 0."""
    return next((len(each) for each in _phrases(name) if tuple(lower[: len(each)]) == each), 0)


def _opens(span: Span, at: int) -> bool:
    """Return whether a part of the sentence begins here."""
    return at == 0 or span[at - 1].lower_ in OPENS


def _has_object(token: Token) -> bool:
    """Return whether a word is a verb with an object: 'providing more support'."""
    return any(child.dep_ in ("dobj", "obj") for child in token.children)


def _matters(span: Span, at: int, length: int) -> bool:
    """Return whether something good depends on what follows."""
    if span[at].lower_ != "if":
        before = [token for token in _part(span, at) if token.i < span[at].i]
        return any(token.lemma_.lower() in _words("success") for token in before)
    if at and span[at - 1].lower_ in _words("not_after"):
        return False
    clause = _clause(span, span[at : at + length])
    inside = {token.i for token in clause}
    rest = [token for token in _part(span, at) if token.i not in inside]
    asked = [token for token in rest[-3:] if token.i < span[at].i]
    if any(token.lemma_.lower() in _words("questions") for token in asked):
        return False
    # 'If children are to thrive' is an aim, and 'if this is the plan, it has to work' a demand.
    if _followed_by_to(clause, "be") or _followed_by_to(rest, "have", "need"):
        return False
    if any(token.lemma_.lower() in _words("demands") for token in rest):
        return False
    if any(token.lemma_.lower() in _words("means") for token in clause):
        return True
    return any(token.lemma_.lower() in _words("success") for token in rest)


def _followed_by_to(tokens: Iterable[Token], *lemmas: str) -> bool:
    """Return whether one of these verbs comes directly before 'to'."""
    return any(token.lemma_.lower() in lemmas and following.lower_ == "to" for token, following in pairwise(tokens))


def _part(span: Span, at: int) -> list[Token]:
    """Return the words of the part of a sentence in which a place lies, between semicolons, colons and dashes."""
    start = next((i + 1 for i in range(at - 1, -1, -1) if span[i].text in BREAKS), 0)
    end = next((i for i in range(at, len(span)) if span[i].text in BREAKS), len(span))
    return list(span[start:end])


def _clause(span: Span, cue: Span) -> Span:
    """Return the words from a cue to the end of its clause."""
    doc, head = span.doc, cue[0]
    while head.dep_ in ("mark", "advmod", "prep") and head.head.i >= cue.start:
        head = head.head
    end = min(max(head.right_edge.i + 1, cue.end), span.end)
    part = [token for token in span if token.i >= cue.end and token.text in BREAKS]
    if part:
        end = min(end, part[0].i)
    found = doc[cue.start : max(end, cue.end)]
    while len(found) > 1 and (found[-1].is_punct or found[-1].is_space):
        found = found[:-1]
    return found
