"""The language's words for titles, offices, groups and pronouns."""

import re
from dataclasses import dataclass
from functools import cache

from extract.lexicon import table, words


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The language's words for titles, offices, groups and pronouns."""

    titles: dict[str, str]
    offices: frozenset[str]
    members: frozenset[str]
    speaking: frozenset[str]
    """Offices that speak for a body even if their holder is one of its members too."""
    former: frozenset[str]
    government: frozenset[str]
    government_phrases: tuple[str, ...]
    government_names: tuple[str, ...]
    opposite: str
    organisations: frozenset[str]
    of_members: frozenset[str]
    """Further nouns for a body of its members: the bakers' guild."""
    groups: frozenset[str]
    bodies: frozenset[str]
    some: frozenset[str]
    """Words for part of a group that can be used alone: 'several', 'those'."""
    shares: frozenset[str]
    """Words that count part of a group: 'percent', 'majority'."""
    documents: frozenset[str]
    pronouns: dict[str, str]
    first: dict[str, str]
    statement: re.Pattern[str]
    between: str
    """A regular expression for what separates names in a list."""
    role_after_name: str
    """What follows a name and says what office or body the person speaks for."""


@cache
def roles() -> Roles:
    """Return the lexicon of roles, read from `roles.toml`."""
    data = table("roles")

    def by_word(section: str) -> dict[str, str]:
        return {word: kind for kind, several in data[section].items() for word in several.split()}

    return Roles(
        titles=by_word("titles"),
        offices=words(data["offices"]["words"]),
        members=words(data["members"]["words"]),
        speaking=words(data["offices"]["speaking"]),
        former=words(data["members"]["former"] if "former" in data["members"] else data["former"]),
        government=words(data["government"]["words"]),
        government_phrases=tuple(data["government"]["phrases"]),
        government_names=tuple(data["government"]["names"]),
        opposite=data["government"]["opposite"],
        organisations=words(data["organisations"]["words"]),
        of_members=words(data["organisations"]["of_members"]),
        groups=words(data["groups"]["words"]),
        bodies=words(data["groups"]["bodies"]),
        some=words(data["groups"]["some"]),
        shares=words(data["groups"]["shares"]),
        documents=words(data["documents"]["words"]),
        pronouns=by_word("pronouns"),
        first=by_word("first"),
        statement=re.compile(data["introductions"]["statement"], re.IGNORECASE | re.MULTILINE),
        between=data["names"]["between"],
        role_after_name=data["names"]["role_after"],
    )
