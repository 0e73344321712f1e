"""The types of briefings and of their material."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from graph.coding.evaluate import Share
from graph.degrees import Degree
from graph.model import Accord, Actor, Agreement, Article, Counting, Manner, Position, Stance, Standing, Statement
from graph.proof import Proof, Refusal
from graph.reading.register import Named

UNCHECKED = "unchecked"
"""The review of an unchecked statement."""


class Subject(StrEnum):
    """What a briefing can be on."""

    REFORM = "reform"
    REFORMS = "reforms"
    ACTOR = "actor"
    COMPARISON = "comparison"
    CAMP = "camp"


class Length(StrEnum):
    """How long a briefing is."""

    ONE_PAGE = "one-page"
    TWO_PAGES = "two-pages"
    FULL = "full"


class Caution(StrEnum):
    """Why a side's evidence is thin."""

    ONE_ARTICLE = "one-article"
    ONE_PUBLISHER = "one-publisher"
    LOW_CONFIDENCE = "low-confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How much of each thing a length has room for."""

    reforms: int
    """Reforms of a set that get sections of their own."""
    passages: int
    """Passages on one side of a reform."""
    each: int
    """Passages of one actor on one side."""
    conditions: int
    """Largest number of conditions quoted in full."""
    names: int
    """Names in one list before 'and so many more'."""
    details: bool
    """Whether the tables of grounds, articles and queries are included."""


ALLOWANCES = {
    Length.ONE_PAGE: Allowance(reforms=2, passages=2, each=1, conditions=0, names=6, details=False),
    Length.TWO_PAGES: Allowance(reforms=4, passages=3, each=1, conditions=3, names=12, details=False),
    Length.FULL: Allowance(reforms=40, passages=12, each=3, conditions=12, names=40, details=True),
}
SIDES = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The subject, period and length of a briefing."""

    subject: Subject
    reforms: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    title: str = ""
    """Only where the subject's own names do not say it: a camp's."""
    since: str = ""
    until: str = ""
    changed_since: str = ""
    """First date of the changes to report; all changes of the period if empty."""
    length: Length = Length.FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What a briefing rests on."""

    articles: int = 0
    """Articles with a statement on the subject in the period."""
    articles_read: int = 0
    """Articles in the graph, whatever they speak of."""
    statements: int = 0
    publishers: tuple[str, ...] = ()
    publisher_count: int = 0
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footing:
    """What all statements of one stance on one reform rest on."""

    reform: str
    stance: Stance
    originals: int
    """Articles, where the repeats of one release count once; told up to two."""
    publishers: int
    """Likewise."""
    confidence: float
    """None of the statements has a higher one; exact only where it is low."""
    article: str = ""
    """The title of the only one."""
    publisher: str = ""
    """The only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """An actor without a statement on the subject; not the same as neutral."""

    actor: Named
    elsewhere: int = 0
    """Other reforms on which it does hold a position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """An actor that stands elsewhere than before, or is heard for the first time ('before' is None)."""

    actor: Named
    reform: Named
    before: Stance | None
    after: Stance
    date: str
    """Of the first statement that moved it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionQuery:
    """The complete SPARQL query behind a section, which can be run unchanged."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBuild:
    """The build that the data come from."""

    number: int
    date: str
    """The day of the build, in UTC: YYYY-MM-DD."""
    changed: bool = False
    """Whether the data have been written to since, such as by reviews."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefingMaterial:
    """The material of a briefing: full counts, and the statements that may be quoted."""

    scope: Scope
    reforms: Mapping[str, str] = field(default_factory=dict)
    """Labels by id, in the order in which they are shown."""
    actors: Mapping[str, str] = field(default_factory=dict)
    concerns: Mapping[str, str] = field(default_factory=dict)
    positions: Sequence[Position] = ()
    degrees: Mapping[tuple[str, str], Degree] = field(default_factory=dict)
    """The degree of each actor on each reform, from all statements. If missing, the quoted passages decide."""
    statements: Sequence[Statement] = ()
    reviews: Mapping[str, str] = field(default_factory=dict)
    """The verdict of a person on a statement, by its id; unchecked statements are missing."""
    standings: Mapping[str, Standing] = field(default_factory=dict)
    articles: Mapping[str, Article] = field(default_factory=dict)
    """Those that the statements quote, with their text."""
    groups: Collection[str] = frozenset()
    """Ids of the actors that are groups: they are spoken of in the plural."""
    people: Sequence[Actor] = ()
    """Persons with their memberships, for a speaker's office."""
    coverage: Coverage = Coverage()
    footings: Sequence[Footing] = ()
    silent: Sequence[Silence] = ()
    """Those who hold a position elsewhere, who speak most first."""
    unheard: int = 0
    """Actors that are known and hold no position anywhere."""
    shifts: Sequence[Shift] = ()
    agreements: Sequence[Agreement] = ()
    sources: Sequence[Article] = ()
    """What the coverage counts, without text, oldest first."""
    queries: Sequence[SectionQuery] = ()
    standing: Counting = Counting.LIKELY
    """Which statements count."""
    unconfirmed: int = 0
    """Number of statements on the subject that do not count because they are unconfirmed."""
    statements_at: str = ""
    """What the address of a statement begins with; its id follows."""
    machine: Share | None = None
    """Machine readings in the articles coded by hand, and how many are right; None without hand coding."""
    version: str = ""
    build: DataBuild | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Footnote:
    """Everything a reader needs to find a passage again."""

    number: int
    statement: str
    address: str
    actor: Named
    speaker: str | None
    office: str
    reform: Named
    stance: Stance
    manner: Manner
    confidence: float
    quote: str
    condition: str | None
    article: str
    title: str
    publisher: str
    date: str
    url: str
    proof: Proof
    review: str = UNCHECKED
    """Whether a person has looked at the statement: unchecked, accepted or corrected."""
    standing: Standing = Standing.LIKELY
    reader: str = ""
    """Name and version of what read it; several, separated by '; ', where readers agree; empty for hand coding."""
    calibrated: bool = True
    """Whether the confidence of what read it has been compared with checked statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """An actor on a reform: its counts over all its statements, and the footnotes of its quoted passages."""

    actor: Named
    reform: Named
    stance: Stance
    degree: Degree
    counts: Mapping[Stance, int]
    articles: int
    publishers: int
    first: str
    last: str
    plural: bool = False
    passages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BriefedSide:
    """Those who hold one stance: some with passages, the rest by name, the remainder by number."""

    stance: Stance
    count: int
    statements: int
    holders: tuple[Holder, ...] = ()
    others: tuple[Holder, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundFinding:
    """A concern, and who gives it, by the side on which they stand; of an actor's briefing, on which reforms."""

    concern: Named
    holders: Mapping[Stance, tuple[Named, ...]]
    passages: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        return sum(map(len, self.holders.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The words in which an actor makes its support depend on something."""

    actor: Named
    reform: Named
    words: str
    passage: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinEvidence:
    """A side whose evidence is thin."""

    stance: Stance
    caution: Caution
    example: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReformFindings:
    """The sides of one reform or, in an actor's briefing, the sides of the actor on all reforms."""

    reform: Named | None
    sides: tuple[BriefedSide, ...]
    grounds: tuple[GroundFinding, ...] = ()
    conditions: tuple[Condition, ...] = ()
    warnings: tuple[ThinEvidence, ...] = ()

    def side(self, stance: Stance) -> BriefedSide:
        return next(
            (side for side in self.sides if side.stance is stance), BriefedSide(stance=stance, count=0, statements=0)
        )

    @property
    def actors(self) -> int:
        return sum(side.count for side in self.sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """Findings on a subject, each with the footnotes that carry it."""

    scope: Scope
    subjects: tuple[Named, ...]
    coverage: Coverage
    standings: tuple[ReformFindings, ...]
    compared: Mapping[Accord, tuple[Named, ...]] = field(default_factory=dict)
    """All reforms on which compared actors have spoken, whether told or not."""
    untold: tuple[Named, ...] = ()
    """Reforms of a set that the length has no room for."""
    untold_count: int = 0
    silent: tuple[Silence, ...] = ()
    silent_count: int = 0
    unheard: int = 0
    shifts: tuple[Shift, ...] = ()
    more_shifts: bool = False
    """Whether there are older ones that are not told."""
    agreements: tuple[Agreement, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Of the actors in the agreements, by their ids."""
    sources: tuple[Article, ...] = ()
    refused: tuple[Refusal, ...] = ()
    footnotes: tuple[Footnote, ...] = ()
    queries: tuple[SectionQuery, ...] = ()
    standing: Counting = Counting.LIKELY
    """Which statements count."""
    unconfirmed: int = 0
    """Number of statements on the subject that do not count because they are unconfirmed."""
    machine: Share | None = None
    """Machine readings in the articles coded by hand, and how many are right; None without hand coding."""
    accuracy_at: str = ""
    """Address of the page that compares readers with the hand coding."""
    version: str = ""
    """Digest of the data behind the briefing."""
    build: DataBuild | None = None
    """The build that the data come from; None if no builds are kept."""
