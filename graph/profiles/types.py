"""The parts of a profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from graph.degrees import Degree
from graph.model import Accord, Actor, Article, Counting, Position, Reform, Stance
from graph.reading.catalogue import Evidence, Listing, Named, ReformEntry
from graph.reading.held import Side
from graph.reviewing.reviews import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """A position with the passages that show it best: one of each side it takes, the most certain first."""

    position: Position
    degree: Degree
    """How far the actor goes in all statements of the position together."""
    evidence: tuple[Evidence, ...]
    concern_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformSide:
    """Who takes one side on a reform."""

    stance: Stance
    stands: Listing[Stand]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Statements of a year or a month; '' holds those without a date."""

    period: str
    statements: Mapping[Stance, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundEntry:
    """A concern, and how many statements of each side name it."""

    id: str
    label: str
    statements: Mapping[Stance, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentEntry:
    """An actor with no statement on a reform, and how much it has said on others."""

    id: str
    label: str
    statements: int
    reforms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeEntry:
    """A change of position: the last passage of the side before, and the first of the side after."""

    actor: str
    actor_label: str
    reform: str
    reform_label: str
    before: Evidence
    after: Evidence
    was: Stance
    """The side of all statements before the change together; one passage alone may take another."""
    now: Stance
    """The side of all statements after it together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProfile:
    """The whole field at a glance."""

    title: str
    statements: int
    articles: int
    actors: int
    """Actors with a statement."""
    positions: int
    first: str
    last: str
    undated: int
    reforms: tuple[ReformEntry, ...]
    reforms_total: int
    newest: tuple[Evidence, ...]
    changes: tuple[ChangeEntry, ...]
    unowned: tuple[str, ...] = ()
    """Articles, by id, that speak as 'we' without anything that says for whom."""
    unconfirmed: int = 0
    """Unconfirmed statements, which do not count."""
    standing: Counting = Counting.LIKELY
    """Which statements the figures count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformProfile:
    """A reform: who takes which side, in which words, on what grounds and since when, and who is silent."""

    reform: Reform
    above: tuple[Named, ...]
    narrower: tuple[ReformEntry, ...]
    actors: Mapping[Stance, int]
    with_narrower: Mapping[Stance, int]
    """Actors by side where a stance on a narrower reform counts as one on this; an actor counts once a side."""
    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    sides: tuple[ReformSide, ...]
    grounds: tuple[GroundEntry, ...]
    periods: tuple[Period, ...]
    silent: Listing[SilentEntry]
    unconfirmed: Listing[Evidence]
    """Unconfirmed statements, which do not count."""
    standing: Counting = Counting.LIKELY
    """Which statements the figures count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipEntry:
    """A place in an organisation, seen from either end."""

    id: str
    label: str
    role: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerEntry:
    """A person who is quoted for an actor."""

    label: str
    statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFor:
    """What a person said for one body in one role, newest first."""

    id: str
    label: str
    role: str
    """The person's role there at the time, if the tables know it."""
    said: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kin:
    """Another actor, and on which reforms the two stand together or apart; mixed and neutral count for neither."""

    id: str
    label: str
    agree: tuple[Named, ...]
    conflict: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorProfile:
    """An actor: its position on each reform over time, its speakers, its allies and its opponents."""

    actor: Actor
    memberships: tuple[MembershipEntry, ...]
    members: tuple[MembershipEntry, ...]
    reforms: Mapping[Stance, int]
    statements: Mapping[Stance, int]
    articles: int
    publishers: int
    conditional: int
    stands: Listing[Stand]
    changes: tuple[ChangeEntry, ...]
    periods: tuple[Period, ...]
    speakers: tuple[SpeakerEntry, ...]
    allies: tuple[Kin, ...]
    opponents: tuple[Kin, ...]
    unconfirmed: Listing[Evidence]
    """Unconfirmed statements, which do not count."""
    spoken: tuple[SpokenFor, ...] = ()
    """What this person said for others, by the body it spoke for and its role at the time."""
    quoted: int = 0
    """Statements in which this person speaks for another actor."""
    standing: Counting = Counting.LIKELY
    """Which statements the figures count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleProfile:
    """An article, or one part of a long one, with the statements whose passages begin in it."""

    article: Article
    voice: Named | None
    part: int
    parts: int
    start: int
    """Offset of the part in the article's text."""
    text: str
    statements: tuple[Evidence, ...]
    total: int
    """Statements of the whole article."""
    counts: Mapping[Stance, int]
    unconfirmed: tuple[Evidence, ...] = ()
    """Unconfirmed statements, which do not count."""
    rejected: tuple[Evidence, ...] = ()
    """Machine readings that a person has rejected, or that the hand coding contradicts."""
    chosen: str = ""
    standing: Counting = Counting.LIKELY
    """Which statements the figures count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementProfile:
    """A statement with the words around its passage and what is known of how it was read."""

    statement: Evidence
    before: str
    after: str
    generator: str
    others: tuple[Evidence, ...]
    history: tuple[Review, ...]
    """What people have said of it, oldest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """A reform, and the side that each compared actor takes on it; None where it has no statement."""

    reform: Named
    sides: tuple[Side | None, ...]
    verdict: Accord
    stands: tuple[Stand | None, ...] = ()
    """Each actor's position with its strongest passage; empty if only one actor has spoken."""
    shared_grounds: tuple[Named, ...] = ()
    """Grounds that two or more of the actors give."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MetCondition:
    """A condition that one compared actor sets, and a reform named in it that another one supports."""

    actor: Named
    reform: Named
    condition: Evidence
    """The statement that sets the condition."""
    supporter: Named
    supported: Named
    support: Evidence
    """The strongest passage in which the other actor supports that reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonProfile:
    """Actors side by side over all reforms."""

    actors: tuple[Named, ...]
    rows: tuple[ComparisonRow, ...]
    counts: Mapping[Accord, int] = field(default_factory=dict)
    """On how many reforms the actors agree, part and so on."""
    met_conditions: tuple[MetCondition, ...] = ()
    """Conditions of one actor that name what another already supports."""
    standing: Counting = Counting.LIKELY
    """Which statements the figures count."""

    @property
    def shared(self) -> tuple[ComparisonRow, ...]:
        """The reforms on which two or more of the actors have spoken."""
        return tuple(row for row in self.rows if row.verdict is not Accord.ONE)

    @property
    def alone(self) -> tuple[ComparisonRow, ...]:
        """The reforms on which only one of the actors has spoken."""
        return tuple(row for row in self.rows if row.verdict is Accord.ONE)
