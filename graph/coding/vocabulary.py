"""Actors, reforms and concerns of a domain by whatever a coding file calls them."""

import hashlib
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from graph.domain.folder import Domain
from graph.model import Actor, ActorKind, Reform
from graph.names import by_name, folded, slug


@cache
def spellings() -> dict[str, Any]:
    """Return what spellings.toml says."""
    return tomllib.loads(Path(__file__).with_name("spellings.toml").read_text(encoding="utf-8"))


def bare(name: str) -> str:
    """Return the name of a variable without case, spaces, hyphens and underscores."""
    return "".join(char for char in folded(name) if char.isalnum())


def clean(name: str) -> str:
    """Return a name on one line, without characters that no table can hold."""
    return " ".join("".join(char for char in name if char.isprintable() or char.isspace()).split())


class Vocabulary:
    """Looks names up, and makes actors and reforms of those that the domain does not know."""

    def __init__(self, domain: Domain) -> None:
        language = domain.language.partition("-")[0]
        self.leading = tuple(f"{word} " for word in spellings()["leading"].get(language, ()))
        self.actors = by_name({a.id: self._with_short((a.label, *a.aliases)) for a in domain.actors.values()})
        self.reforms = by_name({r.id: self._with_short((r.label, *r.aliases)) for r in domain.reforms.values()})
        self.concerns = by_name({c.id: (c.label,) for c in domain.concerns.values()})
        self.domain = domain
        self.found: dict[str, Actor] = {}
        """Actors that a file names and the domain does not know."""
        self.new_reforms: dict[str, Reform] = {}

    def actor(self, name: str, *, id: str = "", kind: ActorKind = ActorKind.ORGANISATION) -> tuple[str, str]:
        """Return the id and label of an actor; one that is not known gets an id from its name.

        `id` is the one that a file of our own gives.
        """
        known = id or self._known(self.actors, name)
        if known in self.domain.actors:
            return known, self.domain.actors[known].label
        label = clean(name)
        made = id or _unused(
            label, {each.id: each.label for each in (*self.domain.actors.values(), *self.found.values())}
        )
        self.found.setdefault(made, Actor(id=made, label=label, kind=kind))
        return made, label

    def reform(self, name: str, *, id: str = "") -> str:
        """Return the id of a reform that the domain knows, by id, label or alias; empty if it knows none."""
        known = id or self._known(self.reforms, name)
        return known if known in self.domain.reforms else ""

    def new_reform(self, name: str, *, id: str = "") -> str:
        """Return the id of a reform; one that is not known gets an id from its name."""
        if known := self.reform(name, id=id):
            return known
        label = clean(name)
        taken = {each.id: each.label for each in (*self.domain.reforms.values(), *self.new_reforms.values())}
        made = id or _unused(label, taken)
        self.new_reforms.setdefault(made, Reform(id=made, label=label))
        return made

    def concern(self, name: str) -> str | None:
        """Return the id of a concern, or None if the domain has none of this name."""
        return self.concerns.get(folded(name))

    def _known(self, names: dict[str, str], name: str) -> str:
        return names.get(folded(name)) or names.get(self._short(name)) or ""

    def _short(self, name: str) -> str:
        """The folded name without the article before it."""
        plain = folded(name)
        return next((plain.removeprefix(word) for word in self.leading if plain.startswith(word)), plain)

    def _with_short(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return (*names, *(self._short(name) for name in names))


def _unused(label: str, taken: dict[str, str]) -> str:
    """An id for a name that no other name has."""
    made = slug(label, otherwise=hashlib.sha256(label.encode("utf-8", "replace")).hexdigest()[:8])
    number = 2
    id = made
    while id in taken and folded(taken[id]) != folded(label):
        id, number = f"{made}-{number}", number + 1
    return id
