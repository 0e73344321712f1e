"""Find the names of a domain's actors in running text."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from extract.lexicon import table, words
from graph.model import Actor, ActorKind

APOSTROPHES = str.maketrans({"’": "'", "‘": "'", "\u00a0": " ", "‐": "-", "‑": "-"})
WHOLE = re.compile(r"\w+")
WORD = re.compile(r"(?<![\w'’])\w")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A place in the text where a name of an actor occurs."""

    start: int
    end: int
    actor: str
    person: bool


def key(text: str) -> str:
    """Return a name for comparison: lower case, straight apostrophes, single spaces, no initial 'the'."""
    text = " ".join(text.translate(APOSTROPHES).lower().split())
    return text.removeprefix("the ")


def loose(name: str) -> str:
    """Return a name without variable parts: plurals, 'and', brackets, a final legal form or country."""
    text = key(re.sub(r"\([^()]*\)", " ", name)).replace("&", " and ")
    parts = [re.sub(r"(?<=\w{3})s\Z", "", part) for part in re.findall(r"\w+", re.sub(r"'s?\b", "", text))]
    dropped = words(table("roles")["names"]["endings"])
    while len(parts) > 2 and parts[-1] in dropped:
        parts.pop()
        if parts[-1] in ("in", "of", "for"):
            parts.pop()
    return " ".join(part for part in parts if part not in ("and", "the"))


class Names:
    """Every label and alias of the actors, by first word."""

    def __init__(self, actors: Iterable[Actor]) -> None:
        self.by_key: dict[str, str] = {}
        self._by_loose: dict[str, str | None] = {}
        """By name without its variable parts; None if several actors share it."""
        self._by_first: defaultdict[str, list[tuple[str, str, bool, bool]]] = defaultdict(list)
        actors = list(actors)
        for actor in actors:
            for name in (actor.label, *actor.aliases):
                if not key(name) or key(name) in self.by_key:
                    continue
                self.by_key[key(name)] = actor.id
                if actor.kind is not ActorKind.PERSON:
                    self._by_loose[loose(name)] = (
                        actor.id if self._by_loose.get(loose(name), actor.id) == actor.id else None
                    )
                person = actor.kind is ActorKind.PERSON
                # 'the AA' must not match 'aa'; 'campaigners' may begin a sentence.
                capital = any(c.isupper() for c in key_case(name)[:1])
                first = re.match(r"\w+", key(name))
                if first:
                    self._by_first[first[0]].append((key(name), actor.id, person, capital))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def nearly(self, name: str) -> str | None:
        """Return the actor whose name a text nearly equals, up to plural, legal form, country or abbreviation."""
        return self._by_loose.get(loose(name)) if len(loose(name).split()) > 1 else None

    def find(self, text: str) -> Iterator[Named]:
        """Return the actors named in a text, the longest name first and none within another."""
        low = lowered(text)
        free = 0
        for match in WORD.finditer(low):
            start = match.start()
            if start < free:
                continue
            word = WHOLE.match(low, start)
            for name, actor, person, capital in self._by_first.get(word[0] if word else "", ()):
                end = start + len(name)
                if not low.startswith(name, start) or (end < len(low) and (low[end].isalnum() or low[end] == "_")):
                    continue
                if capital and not text[start].isupper():
                    continue
                yield Named(start=start, end=end, actor=actor, person=person)
                free = end
                break


def key_case(name: str) -> str:
    """Return the name without 'the', keeping its capitals."""
    return re.sub(r"^the\s+", "", name.strip(), flags=re.IGNORECASE)


def lowered(text: str) -> str:
    """Convert to lower case and straight apostrophes without changing the length, so that offsets stay valid."""
    low = text.translate(APOSTROPHES).lower()
    if len(low) != len(text):
        low = "".join(c.lower() if len(c.lower()) == 1 else c for c in text.translate(APOSTROPHES))
    return re.sub(r"[\t\r\n]", " ", low)
