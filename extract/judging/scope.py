"""Determine what changes a cue: negation, reversal, contrast and condition, and how far each reaches."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Doc, Span, Token

from extract.judging.cues import Hit
from extract.lexicon import table

NEAR = 5
"""Words that a negation covers if the parse does not decide."""
STOPS = frozenset(',;:()"“”—–')
"""Punctuation that ends a reversal found by distance."""


@dataclass(frozen=True, slots=True)
class SidedCue:
    """A cue with a side, and what affects it."""

    hit: Hit
    negated: bool
    reversed: bool
    clause: frozenset[int]
    """The tokens of its clause."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A cue with a side, and its effect on one reform in this context."""

    hit: Hit
    side: int
    """1 or -1, after reversal."""
    negated: bool = False
    reversed: bool = False
    on_target: bool = False
    """Whether its clause mentions the reform by name, by the name's words or by a reference such as 'it'."""
    by_name: bool = False
    """Whether its clause names the reform."""


def turns(doc: Doc, hits: Sequence[Hit]) -> list[SidedCue]:
    """Return the cues that have a side, each with the words that affect it."""
    pseudo = {i for hit in hits if hit.group.effect == "nothing" for i in range(hit.start, hit.end)}
    negations = [hit for hit in hits if hit.group.effect == "negation" and hit.start not in pseudo]
    reversals = [hit for hit in hits if hit.group.effect == "reversal"]
    against = [hit for hit in hits if hit.group.name in AGAINST]
    bad = [hit for hit in hits if hit.group.name in TAKING]
    return [
        SidedCue(
            hit,
            any(negates(doc, negation, hit) for negation in negations),
            any(reverses(doc, reversal, hit) for reversal in reversals)
            # To oppose what harms a thing is to support the thing ('opposes any delay', 'regrets the loss of').
            or (hit in against and any(reverses(doc, hit, other) for other in bad if other is not hit)),
            frozenset(clause_of(doc[hit.head])),
        )
        for hit in hits
        if hit.group.side
    ]


def turned(
    found: Iterable[SidedCue],
    *,
    takes_away: bool = False,
    name: Collection[int] = (),
    target: Collection[int] = (),
    words: Collection[int] = (),
) -> list[Turned]:
    """Return the side of each cue towards a reform.

    `takes_away`: the measure itself cuts or ends something, so 'to cut' means to carry it out.
    `name`: tokens that name the reform; `target`: those and references to it; `words`: tokens that share a word with
    its name.
    """
    made = []
    for turn in found:
        side = turn.hit.group.side
        named = not turn.clause.isdisjoint(target)
        worded = not turn.clause.isdisjoint(words)
        if turn.hit.group.name in OPPOSITES:
            # Stopping something else says nothing about the reform.
            if not named and not worded:
                continue
            if takes_away and not named:
                side = -side
        if turn.negated != turn.reversed:
            side = -side
        by_name = not turn.clause.isdisjoint(name)
        made.append(Turned(turn.hit, side, turn.negated, turn.reversed, named or worded, by_name))
    return made


AGAINST = ("rejects",)
"""Groups of cues that express opposition to their object."""
TAKING = ("undoes", "falls short")
"""Groups of cues that remove or delay a thing."""
OPPOSITES = ("undoes", "keeps")
"""Groups of cues that treat the measure as already in place."""


def clause_of(token: Token) -> set[int]:
    """Return the words of the clause that contains a word, without subordinate clauses."""
    verb = token
    while verb.pos_ not in ("VERB", "AUX") and verb.head.i != verb.i and verb.dep_ != "relcl":
        verb = verb.head
    found = {verb.i}
    left = [child for child in verb.children if child.dep_ not in CLAUSES]
    while left:
        here = left.pop()
        found.add(here.i)
        left += [child for child in here.children if child.dep_ not in CLAUSES]
    # An infinitive shares the subject of its governing verb ('wants to scrap the fare cap').
    if verb.dep_ == "xcomp":
        found |= {child.i for child in verb.head.children if child.dep_ in ("nsubj", "nsubjpass")}
    if verb.dep_ == "relcl":
        found.add(verb.head.i)
    return found


CLAUSES = ("ccomp", "advcl", "conj", "parataxis", "relcl")


def negates(doc: Doc, negation: Hit, hit: Hit) -> bool:
    """Return whether a negation affects a cue, by the parse or by coming directly before it."""
    if negation.start < hit.end and hit.start < negation.end:
        return False
    head = doc[hit.head]
    word = doc[negation.head]
    if word.dep_ == "neg" and (word.head.i == head.i or _predicate(head, word.head)):
        # A clause before the negated verb is separate ('we welcome the end of it, it cannot come too soon').
        return not (head.dep_ == "ccomp" and head.i < word.head.i)
    if negation.end > hit.start:
        return False
    between = doc[negation.end : hit.start]
    return len(between) <= NEAR and not any(token.text in STOPS or token.lower_ in contrasts() for token in between)


def reverses(doc: Doc, reversal: Hit, hit: Hit) -> bool:
    """Return whether a cue is the object of a reversal ('dismissed fears', 'will end the delays')."""
    if (reversal.start < hit.end and hit.start < reversal.end) or hit.start < reversal.start:
        return False
    head = doc[reversal.head]
    token = doc[hit.head]
    if any(between.lower_ in contrasts() for between in doc[reversal.end : hit.start]):
        return False
    for _ in range(4):
        if token.head.i == head.i:
            return token.dep_ in OBJECTS
        if token.head.i == token.i:
            return False
        token = token.head
    return False


OBJECTS = ("dobj", "ccomp", "pobj", "prep", "attr", "nsubjpass", "xcomp", "pcomp")


def _predicate(head: Token, verb: Token) -> bool:
    """Return whether a verb links a word to its subject ('is not convinced', 'does not go far enough')."""
    return head.head.i == verb.i and head.dep_ in ("acomp", "attr", "xcomp", "oprd", "advmod", "dobj", "ccomp")


@cache
def contrasts() -> frozenset[str]:
    """Single words that mark a contrast within a sentence."""
    return frozenset(
        cue
        for group in table("stance")["group"]
        if group["effect"] == "contrast"
        for cue in group["phrases"]
        if " " not in cue
    )


def condition(span: Span, hits: Iterable[Hit]) -> Span | None:
    """Return the words of the first condition in a span, from its cue to the end of its clause."""
    for hit in hits:
        if hit.group.effect != "condition":
            continue
        doc = span.doc
        cue = doc[hit.start]
        clause = cue.head if cue.dep_ in ("mark", "advmod", "prep") else cue
        end = max(clause.right_edge.i + 1, hit.end)
        found = doc[hit.start : min(end, span.end)]
        while len(found) > 1 and (found[-1].is_punct or found[-1].is_space):
            found = found[:-1]
        if len(found) > hit.end - hit.start:
            return found
    return None
