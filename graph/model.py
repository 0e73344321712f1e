"""The types that flow through the product: frozen, keyword-only, plain values.

Everything before the `Statement` makes statements; everything after it is computed from them.
Standard library only, so that any part may import it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt


class Stance(StrEnum):
    """The side that an actor takes on a reform."""

    SUPPORT = "support"
    MIXED = "mixed"
    OPPOSE = "oppose"
    NEUTRAL = "neutral"


DECIDED = (Stance.SUPPORT, Stance.OPPOSE)
"""The stances that put an actor on one side of a reform."""


class Manner(StrEnum):
    """How the words reach us: quoted, reported, an organisation's own document, or a plan told."""

    DIRECT = "direct"
    REPORTED = "reported"
    OWN = "own"
    PLAN = "plan"


class ActorKind(StrEnum):
    """What an actor is; a group has no name of its own ('consultation respondents')."""

    ORGANISATION = "organisation"
    PERSON = "person"
    GROUP = "group"


def combine(stances: Iterable[Stance]) -> Stance:
    """The stance of several statements together: one side, or mixed; neutral only where nothing else is."""
    sides = set(stances) - {Stance.NEUTRAL}
    if not sides:
        return Stance.NEUTRAL
    return sides.pop() if len(sides) == 1 else Stance.MIXED


class Standing(StrEnum):
    """How far a statement can be relied on."""

    CHECKED = "checked"
    """A person has confirmed or corrected it, or coded it by hand."""
    LIKELY = "likely"
    """A calibrated reader is at least as sure of it as the domain asks."""
    UNCONFIRMED = "unconfirmed"
    """The reader is less sure, or its confidence is not calibrated."""


class Counting(StrEnum):
    """Which statements count: those a person has checked, likely ones as well, or all."""

    CHECKED = "checked"
    LIKELY = "likely"
    ALL = "all"

    def counts(self, standing: Standing) -> bool:
        """Return whether a statement of this standing counts."""
        return standing in COUNTED[self]


COUNTED = {
    Counting.CHECKED: (Standing.CHECKED,),
    Counting.LIKELY: (Standing.CHECKED, Standing.LIKELY),
    Counting.ALL: tuple(Standing),
}
LIKELY_FROM = 0.7
"""Confidence from which a statement is likely, unless a domain says otherwise."""


def standing(confidence: float, *, checked: bool, likely_from: float, calibrated: bool = True) -> Standing:
    """Return the standing of a statement from its confidence and from whether a person has checked it."""
    if checked:
        return Standing.CHECKED
    return Standing.LIKELY if calibrated and confidence >= likely_from else Standing.UNCONFIRMED


class Accord(StrEnum):
    """How the positions of compared actors on one reform relate."""

    PART = "part"
    """At least one supports the reform and at least one opposes it."""
    AGREE = "agree"
    """All who have spoken support it, or all oppose it."""
    MIXED = "mixed"
    """Neither: at least one is mixed or takes no side."""
    ONE = "one"
    """Only one of them has spoken."""


def accord(stances: Iterable[Stance]) -> Accord:
    """Return how the positions of compared actors on one reform relate. Actors who have not spoken are left out."""
    held = list(stances)
    taken = set(held)
    if len(held) < 2:
        return Accord.ONE
    if {Stance.SUPPORT, Stance.OPPOSE} <= taken:
        return Accord.PART
    return Accord.AGREE if taken in ({Stance.SUPPORT}, {Stance.OPPOSE}) else Accord.MIXED


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One source document with its exact text; all offsets count code points of that text."""

    id: str
    text: str
    title: str = ""
    publisher: str = ""
    author: str = ""
    date: str = ""
    """An ISO 8601 date of any precision: YYYY, YYYY-MM or YYYY-MM-DD."""
    url: str = ""
    language: str = ""
    voice: str = ""
    """Whose own document it is: an actor's id or name; empty for a journalist's."""
    pages: tuple[int, ...] = ()
    """Offset at which each page begins, for documents that have pages."""
    release: str = ""
    """Id of the article that this one repeats (the same press release in another outlet)."""
    confidential: bool = False
    """Whether its text must not be sent to a model server."""
    genre: str = ""
    """The kind of document, such as 'press-release' or 'debate'."""
    unowned: bool = False
    """Whether it speaks as 'we' and nothing says whose document it is, so that 'we' stays unattributed."""

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A person's place in an organisation, in a role, for a time ('' where not known)."""

    organisation: str
    role: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who can hold a position: an organisation, a person, or an unnamed group."""

    id: str
    label: str
    kind: ActorKind = ActorKind.ORGANISATION
    aliases: tuple[str, ...] = ()
    member_of: tuple[Membership, ...] = ()
    website: str = ""
    """Host of its website: a document from there is its own."""
    short: str = ""
    """A short name for tables and pictures, such as an abbreviation; it is one of the aliases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reform:
    """What a position is about: a concept in a tree."""

    id: str
    label: str
    broader: str = ""
    definition: str = ""
    aliases: tuple[str, ...] = ()
    short: str = ""
    """A short name for tables and pictures; it is one of the aliases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """A ground for a stance, a reservation or a condition."""

    id: str
    label: str
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that decided a stance, with their place in the article, their effect and their weight."""

    text: str
    start: int
    end: int
    effect: str
    """support, oppose, mixed, neutral, or what turns a cue: negation, contrast, condition, hedge …"""
    weight: float = 1.0
    """How far the words go for that side, 0 to 1: a doubt is less than a rejection; below 0 where they were turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A passage in which an actor takes a position on a reform."""

    article: str
    start: int
    end: int
    quote: str
    actor: str
    actor_label: str
    reform: str
    stance: Stance
    speaker: str | None = None
    concerns: tuple[str, ...] = ()
    condition: str | None = None
    manner: Manner = Manner.REPORTED
    cues: tuple[Cue, ...] = ()
    confidence: float = 1.0
    reader: str = ""
    """Name and version of what read it; several, separated by '; ', where readers agree; empty for hand coding."""

    @property
    def readers(self) -> tuple[str, ...]:
        """The names of what read it."""
        return readers_of(self.reader)

    @property
    def id(self) -> str:
        """Hash of article, place, actor and reform: a link survives a corrected stance."""
        return statement_id(self.article, self.start, self.end, self.actor, self.reform)


def is_calibrated(reader: str) -> bool:
    """Return whether the confidence of a reader is calibrated; of several readers that agree, one is enough."""
    names = readers_of(reader)
    return not names or any(not name.endswith(NOT_CALIBRATED) for name in names)


NOT_CALIBRATED = "not calibrated"
"""The end of the name of a reader whose confidence has not been compared with checked statements."""


def readers_of(reader: str) -> tuple[str, ...]:
    """Return the single names in a statement's `reader`, which several readers share where they agree."""
    return tuple(name for name in reader.split("; ") if name)


def statement_id(article: str, start: int, end: int, actor: str, reform: str) -> str:
    """The id of the statement at this place by this actor on this reform: 16 hexadecimal digits."""
    key = "\x1f".join((article, str(start), str(end), actor, reform))
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A point in time at which an actor's statements on a reform begin to take another stance."""

    before: Stance
    after: Stance
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What one actor holds on one reform, worked out from its statements."""

    actor: str
    actor_label: str
    reform: str
    reform_label: str
    stance: Stance
    first: str = ""
    last: str = ""
    statements: tuple[str, ...] = ()
    """Ids, in order of date."""
    counts: Mapping[Stance, int] = field(default_factory=dict)
    """How many statements of each stance."""
    articles: int = 0
    publishers: int = 0
    concerns: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    """In order of time; empty where the stance has stayed, or where the dates do not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How far two actors agree: the reforms on which they stand together and those on which they part."""

    a: str
    b: str
    agree: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()
    score: float = 0.0
    """By the measure that made it; see graph/debate/network.py."""


def agreement(a: str, b: str, sides: Mapping[str, Mapping[str, Stance]]) -> Agreement:
    """Compare the positions of two actors, given the positions of each actor by reform.

    They agree on a reform if both support it or both oppose it, and conflict if one supports it and the other opposes
    it. Mixed and neutral positions count for neither. The score is (agree - conflict) / sqrt(n * m), where n and m are
    the numbers of reforms each supports or opposes: the default measure of networks (docs/measures.md).
    """
    first, second = (
        {reform: stance for reform, stance in sides.get(actor, {}).items() if stance in DECIDED} for actor in (a, b)
    )
    shared = sorted(first.keys() & second.keys())
    agree = tuple(reform for reform in shared if first[reform] is second[reform])
    conflict = tuple(reform for reform in shared if first[reform] is not second[reform])
    length = sqrt(len(first) * len(second))
    score = (len(agree) - len(conflict)) / length if length else 0.0
    return Agreement(a=a, b=b, agree=agree, conflict=conflict, score=score)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camp:
    """A group of actors that agree with one another more than with the rest."""

    id: str
    members: tuple[str, ...]
    stability: float = 0.0
    """Mean share of resamples in which two of its members end up together, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which statements are meant: every field that is set narrows them."""

    actor: str | None = None
    reform: str | None = None
    narrower: bool = False
    """Count statements on narrower reforms as the reform's."""
    stance: Stance | None = None
    concern: str | None = None
    article: str | None = None
    publisher: str | None = None
    speaker: str | None = None
    """The name of the person who speaks, as the statements have it."""
    manner: Manner | None = None
    since: str | None = None
    until: str | None = None
    """Inclusive: an article of '2023-02' is within until='2023'."""
    min_confidence: float = 0.0
    reader: str | None = None
    """The beginning of the name of what read them, such as 'local' or 'model'; statements of both have each."""
    reviewed: bool | None = None
    standing: Standing | None = None
    """Only statements of this standing; None selects those that count in the store."""
