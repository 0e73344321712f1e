"""Find cues: words that express a stance, or reverse one, according to the tables of the language."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from spacy.tokens import Span, Token

from extract.lexicon import table

PARTS = {"verbs": ("VERB", "AUX"), "nouns": ("NOUN", "PROPN"), "adjectives": ("ADJ", "ADV", "VERB"), "phrases": ()}
"""Parts of speech for each name in the table; participles count as adjectives ('disappointed')."""
NAMES = ("PERSON", "GPE", "DATE")
"""Entity types whose words are not cues ('May', 'Hope')."""
SIDES = {"support": 1, "oppose": -1}


@dataclass(frozen=True, slots=True)
class Group:
    """Cues with the same effect."""

    name: str
    effect: str
    reaches: str
    strength: float = 1.0
    """How strongly its words express their side: a doubt is weaker than a rejection. Decisions do not use it."""

    @property
    def side(self) -> int:
        """1 for support, -1 for oppose, 0 for a cue that reverses another or takes no side."""
        return SIDES.get(self.effect, 0)


@dataclass(frozen=True, slots=True)
class Hit:
    """A cue at its place in a text."""

    group: Group
    start: int
    """First token in the Doc."""
    end: int
    """Token after the last."""
    head: int
    """The token that connects the cue to the rest of the sentence."""


Entry = tuple[tuple[str, ...], tuple[str, ...], Group]
"""The words of a cue, its allowed parts of speech and its group."""


@cache
def entries() -> Mapping[str, Sequence[Entry]]:
    """Return all cues of the language by their first word, longest first."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for fields in table("stance")["group"]:
        group = Group(fields["name"], fields["effect"], fields.get("reaches", "both"), fields.get("strength", 1.0))
        for part, parts in PARTS.items():
            for cue in fields.get(part, ()):
                words = tuple(cue.lower().split())
                # A phrase in the table of verbs consists of verb and particle: only the first word must be a verb.
                found[words[0]].append((words, parts, group))
    return {word: sorted(cues, key=lambda cue: -len(cue[0])) for word, cues in found.items()}


def hits(span: Span) -> Iterator[Hit]:
    """Return the cues of a span in order; a shorter cue within a longer one of the same group is not counted."""
    table_of = entries()
    tokens = [token for token in span if not token.is_space]
    forms = [_forms(token) for token in tokens]
    covered: dict[str, int] = {}
    for place, token in enumerate(tokens):
        if token.ent_type_ in NAMES:
            continue
        for form in sorted(forms[place]):
            for words, parts, group in table_of.get(form, ()):
                last = place + len(words) - 1
                if last >= len(tokens) or covered.get(group.name, -1) >= place:
                    continue
                if parts and token.pos_ not in parts:
                    continue
                if all(word in forms[place + step] for step, word in enumerate(words)):
                    covered[group.name] = last
                    yield Hit(group, token.i, tokens[last].i + 1, _head(tokens[place : last + 1]))


def _forms(token: Token) -> frozenset[str]:
    lower = token.lower_.replace("’", "'")
    return frozenset((lower, token.lemma_.lower().replace("’", "'")))


def _head(tokens: Sequence[Token]) -> int:
    """Return the token of the cue whose syntactic head lies outside the cue."""
    inside = {token.i for token in tokens}
    for token in tokens:
        if token.head.i not in inside or token.head.i == token.i:
            return token.i
    return tokens[0].i
