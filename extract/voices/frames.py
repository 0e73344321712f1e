"""The verbs, adjectives and nouns that attribute words to a speaker, with the frames that show which words they are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from extract.lexicon import table, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The attributing verbs, adjectives and nouns, each with its frames, by lemma."""

    verbs: Mapping[str, frozenset[str]]
    phrasal: Mapping[tuple[str, str], frozenset[str]]
    minds: Mapping[str, frozenset[str]]
    nouns: Mapping[str, frozenset[str]]
    all: frozenset[str]
    """Every lemma that may attribute words."""
    with_particle: frozenset[str]
    according: frozenset[str]
    views: frozenset[str]
    """Nouns that attribute in the way 'according to' does: 'in the view of'."""
    receiving: frozenset[str]
    giving: frozenset[str]
    received: frozenset[str]
    """Nouns for how a plan is received: 'met with approval', 'gave its backing'."""
    causes: frozenset[str]
    """Verbs that make another actor do something."""
    alone: frozenset[str]
    """Adjectives that state a side with nothing after them: 'was scathing'."""
    sides: frozenset[str]
    compound_sides: frozenset[str]
    favours: frozenset[str]
    """Nouns for the side that an actor takes after 'in': 'in favour'."""


@cache
def lexicon() -> Lexicon:
    """Return the lexicon of attribution, read from `verbs.toml`."""
    data = table("verbs")

    def frames(section: str) -> dict[str, frozenset[str]]:
        found: defaultdict[str, set[str]] = defaultdict(set)
        for group in data[section]:
            for word in group["words"].split():
                found[word].update(group["frames"].split())
        return {word: frozenset(names) for word, names in found.items()}

    particles = frozenset(entry["verb"] for entry in data["phrasal"])
    return Lexicon(
        all=frozenset(
            {
                *frames("verbs"),
                *frames("minds"),
                *frames("nouns"),
                *particles,
                *words(data["according"]["views"]),
                *words(data["reception"]["receiving"]),
                *words(data["reception"]["giving"]),
                *words(data["sides"]["favours"]),
                "include",
                "be",
            }
        ),
        with_particle=particles,
        according=words(data["according"]["words"]),
        views=words(data["according"]["views"]),
        receiving=words(data["reception"]["receiving"]),
        giving=words(data["reception"]["giving"]),
        received=words(data["reception"]["nouns"]),
        causes=words(data["causes"]["words"]),
        verbs=frames("verbs"),
        phrasal={(entry["verb"], entry["particle"]): words(entry["frames"]) for entry in data["phrasal"]},
        minds=frames("minds"),
        nouns=frames("nouns"),
        alone=words(data["alone"]["words"]),
        sides=words(data["sides"]["plain"]),
        compound_sides=frozenset(data["sides"]["compound"]),
        favours=words(data["sides"]["favours"]),
    )
