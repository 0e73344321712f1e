"""A sourced page on who stands where: findings, each with the statements that carry it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from graph.domain.folder import within
from graph.model import Accord, Actor, Agreement, Article, Manner, Position, Stance, Statement, accord
from graph.proof import Proof, Refusal, proofs

# The weight from which a cue is a plain word for or against ('rejects'), and from which it is more than a doubt: 'is
# wrong', 'a burden' say what somebody thinks of a thing, 'is concerned that' leaves it open.
FIRM, JUDGING = 0.8, 0.6
# What is said of a statement that nobody has looked at.
UNCHECKED = "unchecked"
# Below this an extracted statement is as likely to be misread as not.
LOW_CONFIDENCE = 0.5


class Subject(StrEnum):
    """What a briefing can be on."""

    REFORM = "reform"
    REFORMS = "reforms"
    ACTOR = "actor"
    COMPARISON = "comparison"
    CAMP = "camp"


class Length(StrEnum):
    """How much of it is told."""

    ONE_PAGE = "one-page"
    TWO_PAGES = "two-pages"
    FULL = "full"


class Degree(StrEnum):
    """How far somebody's words go; never further than the passages that are quoted for it."""

    SUPPORTS = "supports"
    SUPPORTS_IF = "supports-if"
    PLANS = "plans"
    SPEAKS_FOR = "speaks-for"
    SETS_CONDITION = "sets-condition"
    FOR_WITH_RESERVATIONS = "for-with-reservations"
    BOTH_SIDES = "both-sides"
    HAS_RESERVATIONS = "has-reservations"
    CRITICISES = "criticises"
    OPPOSES = "opposes"
    TAKES_NO_SIDE = "takes-no-side"


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
    """Conditions that are told in their own words."""
    names: int
    """Names in one list before 'and so many more'."""
    details: bool
    """Whether the tables of grounds, articles and queries are told."""


ALLOWANCES = {
    Length.ONE_PAGE: Allowance(reforms=2, passages=2, each=1, conditions=0, names=6, details=False),
    Length.TWO_PAGES: Allowance(reforms=4, passages=3, each=1, conditions=3, names=12, details=False),
    Length.FULL: Allowance(reforms=40, passages=12, each=3, conditions=12, names=40, details=True),
}
SIDES = (Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing by its id and what people call it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a briefing is on, over which time, and how long it is to be."""

    subject: Subject
    reforms: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    title: str = ""
    """Only where the subject's own names do not say it: a camp's."""
    since: str = ""
    until: str = ""
    changed_since: str = ""
    """From when on changes are told; '' tells all of the period's."""
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
    """The SPARQL behind a section: complete, to be run as it stands."""

    name: str
    title: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that a briefing is made from: whole counts, and those statements that may be quoted."""

    scope: Scope
    reforms: Mapping[str, str] = field(default_factory=dict)
    """Labels by id, in the order in which they are told."""
    actors: Mapping[str, str] = field(default_factory=dict)
    concerns: Mapping[str, str] = field(default_factory=dict)
    positions: Sequence[Position] = ()
    statements: Sequence[Statement] = ()
    reviews: Mapping[str, str] = field(default_factory=dict)
    """What a person has said of a statement, by its id; none where nobody has."""
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
    statements_at: str = ""
    """What the address of a statement begins with; its id follows."""
    version: str = ""


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
class Side:
    """Those who hold one stance: some with passages, the rest by name, the remainder by number."""

    stance: Stance
    count: int
    statements: int
    holders: tuple[Holder, ...] = ()
    others: tuple[Holder, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
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
class Warning:
    """A side whose evidence is thin."""

    stance: Stance
    caution: Caution
    example: str = ""
    confidence: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Who stands where on one reform; of an actor's briefing, where the actor stands on all of them."""

    reform: Named | None
    sides: tuple[Side, ...]
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[Condition, ...] = ()
    warnings: tuple[Warning, ...] = ()

    def side(self, stance: Stance) -> Side:
        return next((side for side in self.sides if side.stance is stance), Side(stance=stance, count=0, statements=0))

    @property
    def actors(self) -> int:
        return sum(side.count for side in self.sides)


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """Findings on a subject, each with the footnotes that carry it."""

    scope: Scope
    subjects: tuple[Named, ...]
    coverage: Coverage
    standings: tuple[Standing, ...]
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
    version: str = ""


def briefing(material: Material) -> Briefing:
    """The briefing that the material allows: nothing in it that no statement shows."""
    scope = material.scope
    allowance = ALLOWANCES[scope.length]
    proved, refused = proofs(material.statements, material.articles)
    notes = _Notes(material, proved)
    compared: dict[Accord, list[Named]] = defaultdict(list)
    if scope.subject is Subject.ACTOR:
        groups: list[tuple[Named | None, list[Position]]] = [(None, list(material.positions))]
        untold: tuple[Named, ...] = ()
    else:
        spoken = in_order(scope, material.reforms, material.positions)
        if scope.subject is Subject.COMPARISON:
            for reform, held in spoken:
                compared[accord(each.stance for each in held)].append(_reform(material, reform))
        groups = [(_reform(material, reform), held) for reform, held in spoken[: allowance.reforms]]
        untold = tuple(_reform(material, reform) for reform, _ in spoken[allowance.reforms :])
    every = [statement for statement in material.statements if statement.id in proved]
    quotable: dict[str, list[Statement]] = defaultdict(list)
    for statement in every:
        quotable[statement.reform].append(statement)
    standings = tuple(
        _standing(reform, held, every if reform is None else quotable[reform.id], material, notes, allowance)
        for reform, held in groups
    )
    agreements = tuple(material.agreements) if allowance.details else ()
    paired = {actor for pair in agreements for actor in (pair.a, pair.b)}
    return Briefing(
        scope=scope,
        subjects=_subjects(material),
        coverage=material.coverage,
        standings=standings,
        compared={each: tuple(compared[each]) for each in Accord if compared[each]},
        untold=untold[: allowance.names],
        untold_count=len(untold),
        silent=tuple(material.silent[: allowance.names]),
        silent_count=len(material.silent),
        unheard=material.unheard,
        shifts=tuple(material.shifts[: allowance.names]),
        more_shifts=len(material.shifts) > allowance.names,
        agreements=agreements,
        names={p.actor: p.actor_label for p in material.positions if p.actor in paired},
        sources=tuple(material.sources) if allowance.details else (),
        refused=refused,
        footnotes=tuple(notes.made.values()),
        queries=tuple(material.queries),
        version=material.version,
    )


def in_order(scope: Scope, reforms: Iterable[str], positions: Iterable[Position]) -> list[tuple[str, list[Position]]]:
    """The reforms on which something is held, with who holds what, in the order in which a briefing tells them."""
    of: dict[str, list[Position]] = {reform: [] for reform in reforms}
    for position in positions:
        of.setdefault(position.reform, []).append(position)
    spoken = [(reform, held) for reform, held in of.items() if held or len(of) == 1]
    if scope.subject is Subject.CAMP:
        # What several members speak on says more of a camp than what one says often.
        spoken.sort(key=lambda each: -len(each[1]))
    if scope.subject is Subject.COMPARISON:
        spoken.sort(key=lambda each: list(Accord).index(accord(it.stance for it in each[1])))
    return spoken


def strongest(
    statements: Iterable[Statement],
    articles: Mapping[str, Article],
    *,
    most: int,
    each: int = 1,
    holder: Callable[[Statement], Hashable] = lambda statement: statement.actor,
) -> list[Statement]:
    """Up to so many passages, the surest first, of equals those in plain words, then the newest; every holder once
    before any holder twice.

    Never two from one release on one reform, never two of one holder from one article or in the same words.
    """
    ranked = sorted(statements, key=lambda s: s.id)
    ranked.sort(key=lambda s: _date(s, articles), reverse=True)
    ranked.sort(key=_plain, reverse=True)
    # One digit: a difference in the second is no reason to prefer an old passage to a new one.
    ranked.sort(key=lambda s: round(s.confidence, 1), reverse=True)
    releases = {article.release for article in articles.values() if article.release}
    chosen: list[Statement] = []
    turns: Counter[Hashable] = Counter()
    taken: set[Hashable] = set()
    for turn in range(each):
        for statement in ranked:
            marks = {_source(statement, articles, releases), (*_held(statement), " ".join(statement.quote.split()))}
            if len(chosen) < most and turns[holder(statement)] == turn and not marks & taken:
                chosen.append(statement)
                turns[holder(statement)] += 1
                taken |= marks
    return chosen


def degree(statement: Statement) -> Degree:
    """How far a passage goes; told as the weaker of the possible words unless it is surely and plainly for its side.

    Plain is a cue of full weight for the side and none for the other; sure is a reading above LOW_CONFIDENCE. A passage
    with a doubt in it is told as a doubt, whatever else it names, unless it also rejects in so many words.
    """
    effects = {cue.effect for cue in statement.cues if cue.weight > 0}
    of_side = [cue.weight for cue in statement.cues if cue.effect == statement.stance and cue.weight > 0]
    strongest, weakest = max(of_side, default=0.0), min(of_side, default=0.0)
    sure = statement.confidence >= LOW_CONFIDENCE and not {Stance.SUPPORT, Stance.OPPOSE} <= effects
    match statement.stance:
        case Stance.SUPPORT if statement.condition:
            return Degree.SUPPORTS_IF
        case Stance.SUPPORT if sure and strongest >= FIRM:
            return Degree.SUPPORTS
        case Stance.SUPPORT:
            return Degree.PLANS if statement.manner is Manner.PLAN else Degree.SPEAKS_FOR
        case Stance.MIXED if statement.condition:
            return Degree.SUPPORTS_IF if Stance.SUPPORT in effects else Degree.SETS_CONDITION
        case Stance.MIXED:
            return Degree.BOTH_SIDES
        case Stance.OPPOSE if sure and strongest >= FIRM:
            return Degree.OPPOSES
        case Stance.OPPOSE:
            return Degree.CRITICISES if sure and weakest >= JUDGING else Degree.HAS_RESERVATIONS
        case _:
            return Degree.TAKES_NO_SIDE


def office(statement: Statement, date: str, people: Iterable[Actor]) -> str:
    """The role in which the speaker spoke: in the actor's organisation, at the article's date; '' where not known."""
    roles = {
        membership.role
        for person in people
        if statement.speaker and statement.speaker in (person.label, *person.aliases)
        for membership in person.member_of
        if membership.role
        and membership.organisation == statement.actor
        and (within(date, membership.since, membership.until) if date else True)
    }
    return roles.pop() if len(roles) == 1 else ""


# The strongest wording of several passages, and what is said of a side whose passages are not quoted.
STRONGEST = {
    Stance.SUPPORT: (Degree.SUPPORTS, Degree.PLANS, Degree.SPEAKS_FOR, Degree.SUPPORTS_IF),
    Stance.OPPOSE: (Degree.OPPOSES, Degree.CRITICISES, Degree.HAS_RESERVATIONS),
}
UNQUOTED = {
    Stance.SUPPORT: Degree.SPEAKS_FOR,
    Stance.MIXED: Degree.BOTH_SIDES,
    Stance.OPPOSE: Degree.HAS_RESERVATIONS,
    Stance.NEUTRAL: Degree.TAKES_NO_SIDE,
}


def stands(stance: Stance, passages: Sequence[Statement]) -> Degree:
    """How far an actor goes in all these passages together."""
    degrees = {degree(statement) for statement in passages}
    if stance in STRONGEST:
        return next((found for found in STRONGEST[stance] if found in degrees), UNQUOTED[stance])
    if len(degrees) == 1 and {s.stance for s in passages} == {stance}:
        return degrees.pop()
    speaks_for = degrees & {Degree.SUPPORTS, Degree.PLANS, Degree.SPEAKS_FOR, Degree.SUPPORTS_IF}
    if stance is Stance.MIXED and speaks_for and degrees - speaks_for == {Degree.HAS_RESERVATIONS}:
        return Degree.FOR_WITH_RESERVATIONS
    return UNQUOTED[stance]


class _Notes:
    """Footnotes in the order in which they are first asked for."""

    def __init__(self, material: Material, proved: Mapping[str, Proof]) -> None:
        self.material = material
        self.proved = proved
        self.made: dict[str, Footnote] = {}

    def number(self, statement: Statement) -> int:
        return self.made.setdefault(statement.id, self._footnote(statement)).number

    def _footnote(self, statement: Statement) -> Footnote:
        material = self.material
        article = material.articles[statement.article]
        return Footnote(
            number=len(self.made) + 1,
            statement=statement.id,
            address=f"{material.statements_at}{statement.id}",
            actor=Named(id=statement.actor, label=statement.actor_label),
            speaker=statement.speaker,
            office=office(statement, article.date, material.people),
            reform=_reform(material, statement.reform),
            stance=statement.stance,
            manner=statement.manner,
            confidence=statement.confidence,
            quote=statement.quote,
            condition=statement.condition if statement.condition and statement.condition in statement.quote else None,
            article=article.id,
            title=article.title,
            publisher=article.publisher,
            date=article.date,
            url=article.url,
            proof=self.proved[statement.id],
            review=material.reviews.get(statement.id, UNCHECKED),
        )


def _standing(
    reform: Named | None,
    positions: Sequence[Position],
    quotable: Sequence[Statement],
    material: Material,
    notes: _Notes,
    allowance: Allowance,
) -> Standing:
    sides = tuple(
        _side(stance, [p for p in positions if p.stance is stance], quotable, notes, allowance) for stance in SIDES
    )
    return Standing(
        reform=reform,
        sides=tuple(side for side in sides if side.count),
        grounds=_grounds(positions, quotable, notes, allowance),
        conditions=_conditions(quotable, notes, allowance),
        warnings=tuple(_warnings(reform, material)),
    )


def _side(
    stance: Stance, positions: Sequence[Position], quotable: Sequence[Statement], notes: _Notes, allowance: Allowance
) -> Side:
    held = {(p.actor, p.reform): p for p in positions}
    candidates = [s for s in quotable if _held(s) in held]
    articles = notes.material.articles
    if stance is Stance.MIXED:
        chosen = _both(candidates, articles, allowance)
    else:
        own = [s for s in candidates if s.stance is stance]
        chosen = strongest(own, articles, most=allowance.passages, each=allowance.each, holder=_held)
    passages: dict[tuple[str, str], list[Statement]] = {}
    for statement in chosen:
        passages.setdefault(_held(statement), []).append(statement)
    rest = [position for key, position in held.items() if key not in passages]
    rest.sort(key=lambda p: (-sum(p.counts.values()), p.actor_label, p.reform_label))
    return Side(
        stance=stance,
        count=len(held),
        statements=sum(sum(p.counts.values()) for p in positions),
        holders=tuple(_holder(held[key], quoted, notes) for key, quoted in passages.items()),
        others=tuple(_holder(position, (), notes) for position in rest[: allowance.names]),
        more=max(0, len(rest) - allowance.names),
    )


def _both(candidates: Sequence[Statement], articles: Mapping[str, Article], allowance: Allowance) -> list[Statement]:
    """Of each actor on both sides its strongest passage of each stance; of as many actors as there is room for."""
    sided = [s for s in candidates if s.stance is not Stance.NEUTRAL]
    first = strongest(sided, articles, most=allowance.passages, each=1, holder=_held)
    chosen: list[Statement] = []
    for leading in first:
        of_actor = [s for s in sided if _held(s) == _held(leading) and s.stance is not leading.stance]
        # From the same release too: both sides of an actor are shown, wherever it showed them.
        other = [
            statement
            for stance in SIDES
            for statement in strongest([s for s in of_actor if s.stance is stance], articles, most=1)
        ]
        both = [leading, *other]
        if not allowance.details and {Stance.SUPPORT, Stance.OPPOSE} <= {s.stance for s in both}:
            both = [s for s in both if s.stance is not Stance.MIXED]
        chosen += sorted(both, key=lambda s: (SIDES.index(s.stance), s.start))
    return chosen


def _holder(position: Position, quoted: Sequence[Statement], notes: _Notes) -> Holder:
    return Holder(
        actor=Named(id=position.actor, label=position.actor_label),
        reform=Named(id=position.reform, label=position.reform_label),
        stance=position.stance,
        degree=stands(position.stance, quoted),
        counts={stance: position.counts[stance] for stance in SIDES if position.counts.get(stance)},
        articles=position.articles,
        publishers=position.publishers,
        first=position.first,
        last=position.last,
        plural=position.actor in notes.material.groups,
        passages=tuple(notes.number(statement) for statement in quoted),
    )


def _grounds(
    positions: Sequence[Position], quotable: Sequence[Statement], notes: _Notes, allowance: Allowance
) -> tuple[Ground, ...]:
    labels = notes.material.concerns
    by_reform = notes.material.scope.subject is Subject.ACTOR
    grounds = []
    for concern in dict.fromkeys(c for position in positions for c in position.concerns):
        held = [p for p in positions if concern in p.concerns]
        holders = {
            stance: tuple(
                Named(id=p.reform, label=p.reform_label) if by_reform else Named(id=p.actor, label=p.actor_label)
                for p in held
                if p.stance is stance
            )
            for stance in SIDES
        }
        quoted = [s for s in quotable if concern in s.concerns]
        cited = [s for s in quoted if s.id in notes.made]
        shown = cited or strongest(quoted, notes.material.articles, most=1 if allowance.details else 0)
        grounds.append(
            Ground(
                concern=Named(id=concern, label=labels.get(concern, concern)),
                holders={stance: found for stance, found in holders.items() if found},
                passages=tuple(sorted(notes.number(s) for s in shown)),
            )
        )
    return tuple(sorted(grounds, key=lambda ground: (-ground.count, ground.concern.label)))


def _conditions(quotable: Sequence[Statement], notes: _Notes, allowance: Allowance) -> tuple[Condition, ...]:
    stated = [s for s in quotable if s.condition and s.condition in s.quote]
    chosen = strongest(stated, notes.material.articles, most=allowance.conditions, each=allowance.each, holder=_held)
    return tuple(
        Condition(
            actor=Named(id=s.actor, label=s.actor_label),
            reform=_reform(notes.material, s.reform),
            words=s.condition or "",
            passage=notes.number(s),
        )
        for s in chosen
    )


def _warnings(reform: Named | None, material: Material) -> Iterable[Warning]:
    for footing in material.footings:
        if reform is None or footing.reform != reform.id:
            continue
        if footing.originals == 1:
            yield Warning(stance=footing.stance, caution=Caution.ONE_ARTICLE, example=footing.article)
        elif footing.publishers == 1:
            yield Warning(stance=footing.stance, caution=Caution.ONE_PUBLISHER, example=footing.publisher)
        if footing.confidence < LOW_CONFIDENCE:
            yield Warning(stance=footing.stance, caution=Caution.LOW_CONFIDENCE, confidence=footing.confidence)


def _subjects(material: Material) -> tuple[Named, ...]:
    scope = material.scope
    ids, labels = (scope.actors, material.actors) if scope.actors else (scope.reforms, material.reforms)
    return tuple(Named(id=id, label=labels.get(id, id)) for id in ids)


def _reform(material: Material, reform: str) -> Named:
    return Named(id=reform, label=material.reforms.get(reform, reform))


def _held(statement: Statement) -> tuple[str, str]:
    return statement.actor, statement.reform


def _plain(statement: Statement) -> bool:
    """Whether its words say its side, and nothing else."""
    said = [cue for cue in statement.cues if cue.weight > 0 and cue.effect in (Stance.SUPPORT, Stance.OPPOSE)]
    return bool(said) and all(cue.effect == statement.stance for cue in said) and said[0].weight >= FIRM


def _date(statement: Statement, articles: Mapping[str, Article]) -> str:
    return articles[statement.article].date if statement.article in articles else ""


def _source(statement: Statement, articles: Mapping[str, Article], releases: set[str]) -> tuple[str, ...]:
    """One for all of a press release and its repeats, whoever speaks; else one for each holder in the article."""
    release = articles[statement.article].release if statement.article in articles else ""
    if release or statement.article in releases:
        return (release or statement.article, statement.reform)
    return (statement.article, *_held(statement))
