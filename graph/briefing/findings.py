"""Findings on a subject: which actors take which side on what grounds, each with supporting statements."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from graph.briefing.types import (
    ALLOWANCES,
    SIDES,
    UNCHECKED,
    Allowance,
    BriefedSide,
    Briefing,
    BriefingMaterial,
    Caution,
    Condition,
    Footnote,
    GroundFinding,
    Holder,
    ReformFindings,
    Scope,
    Subject,
    ThinEvidence,
)
from graph.degrees import FIRM, LOW_CONFIDENCE, stands
from graph.domain.folder import within
from graph.model import Accord, Actor, Article, Position, Stance, Standing, Statement, accord, is_calibrated
from graph.names import is_plural
from graph.proof import Proof, proofs
from graph.reading.register import Named
from graph.strength import strength


def briefing(material: BriefingMaterial) -> Briefing:
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
        standing=material.standing,
        unconfirmed=material.unconfirmed,
        machine=material.machine,
        accuracy_at=_beside(material.statements_at),
        version=material.version,
        build=material.build,
    )


def _beside(statements_at: str) -> str:
    """Return the address of the page of accuracy, next to the pages of statements; '' where these have none."""
    site = statements_at.removesuffix("/statements/")
    return f"{site}/accuracy" if site != statements_at else ""


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
    standings: Mapping[str, Standing] = MappingProxyType({}),
) -> list[Statement]:
    """Return at most `most` passages: the strongest first, then those in plain words, then the newest.

    Strong is what is checked, then what is certain, then what is quoted. Each holder gets one passage before any gets a
    second, and at most `each`. No two passages on a reform come from the same release, and no two of a holder come from
    the same article or use the same words.
    """
    ranked = sorted(statements, key=lambda s: s.id)
    ranked.sort(key=lambda s: _date(s, articles), reverse=True)
    ranked.sort(key=_plain, reverse=True)
    ranked.sort(
        key=lambda s: strength(standings.get(s.id, Standing.LIKELY), s.confidence, s.manner),
        reverse=True,
    )
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


class _Notes:
    """Footnotes in the order in which they are first asked for."""

    def __init__(self, material: BriefingMaterial, proved: Mapping[str, Proof]) -> None:
        self.material = material
        self.proved = proved
        self.made: dict[str, Footnote] = {}

    def strongest(self, statements: Iterable[Statement], **bounds: Any) -> list[Statement]:
        """Return the strongest of these statements by the articles and standings of the material."""
        return strongest(statements, self.material.articles, standings=self.material.standings, **bounds)

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
            standing=material.standings.get(statement.id, Standing.LIKELY),
            reader=statement.reader,
            calibrated=is_calibrated(statement.reader),
        )


def _standing(
    reform: Named | None,
    positions: Sequence[Position],
    quotable: Sequence[Statement],
    material: BriefingMaterial,
    notes: _Notes,
    allowance: Allowance,
) -> ReformFindings:
    sides = tuple(
        _side(stance, [p for p in positions if p.stance is stance], quotable, notes, allowance) for stance in SIDES
    )
    return ReformFindings(
        reform=reform,
        sides=tuple(side for side in sides if side.count),
        grounds=_grounds(positions, quotable, notes, allowance),
        conditions=_conditions(quotable, notes, allowance),
        warnings=tuple(_warnings(reform, material)),
    )


def _side(
    stance: Stance, positions: Sequence[Position], quotable: Sequence[Statement], notes: _Notes, allowance: Allowance
) -> BriefedSide:
    held = {(p.actor, p.reform): p for p in positions}
    candidates = [s for s in quotable if _held(s) in held]
    if stance is Stance.MIXED:
        chosen = _both(candidates, notes, allowance)
    else:
        own = [s for s in candidates if s.stance is stance]
        chosen = notes.strongest(own, most=allowance.passages, each=allowance.each, holder=_held)
    passages: dict[tuple[str, str], list[Statement]] = {}
    for statement in chosen:
        passages.setdefault(_held(statement), []).append(statement)
    rest = [position for key, position in held.items() if key not in passages]
    rest.sort(key=lambda p: (-sum(p.counts.values()), p.actor_label, p.reform_label))
    return BriefedSide(
        stance=stance,
        count=len(held),
        statements=sum(sum(p.counts.values()) for p in positions),
        holders=tuple(_holder(held[key], quoted, notes) for key, quoted in passages.items()),
        others=tuple(_holder(position, (), notes) for position in rest[: allowance.names]),
        more=max(0, len(rest) - allowance.names),
    )


def _both(candidates: Sequence[Statement], notes: _Notes, allowance: Allowance) -> list[Statement]:
    """Of each actor on both sides its strongest passage of each stance; of as many actors as there is room for."""
    sided = [s for s in candidates if s.stance is not Stance.NEUTRAL]
    first = notes.strongest(sided, most=allowance.passages, each=1, holder=_held)
    chosen: list[Statement] = []
    for leading in first:
        of_actor = [s for s in sided if _held(s) == _held(leading) and s.stance is not leading.stance]
        # From the same release too: both sides of an actor are shown, wherever it showed them.
        other = [
            statement
            for stance in SIDES
            for statement in notes.strongest([s for s in of_actor if s.stance is stance], most=1)
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
        degree=notes.material.degrees.get((position.actor, position.reform)) or stands(position.stance, quoted),
        counts={stance: position.counts[stance] for stance in SIDES if position.counts.get(stance)},
        articles=position.articles,
        publishers=position.publishers,
        first=position.first,
        last=position.last,
        plural=position.actor in notes.material.groups and is_plural(position.actor_label),
        passages=tuple(notes.number(statement) for statement in quoted),
    )


def _grounds(
    positions: Sequence[Position], quotable: Sequence[Statement], notes: _Notes, allowance: Allowance
) -> tuple[GroundFinding, ...]:
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
        shown = cited or notes.strongest(quoted, most=1 if allowance.details else 0)
        grounds.append(
            GroundFinding(
                concern=Named(id=concern, label=labels.get(concern, concern)),
                holders={stance: found for stance, found in holders.items() if found},
                passages=tuple(sorted(notes.number(s) for s in shown)),
            )
        )
    return tuple(sorted(grounds, key=lambda ground: (-ground.count, ground.concern.label)))


def _conditions(quotable: Sequence[Statement], notes: _Notes, allowance: Allowance) -> tuple[Condition, ...]:
    stated = [s for s in quotable if s.condition and s.condition in s.quote]
    chosen = notes.strongest(stated, most=allowance.conditions, each=allowance.each, holder=_held)
    return tuple(
        Condition(
            actor=Named(id=s.actor, label=s.actor_label),
            reform=_reform(notes.material, s.reform),
            words=s.condition or "",
            passage=notes.number(s),
        )
        for s in chosen
    )


def _warnings(reform: Named | None, material: BriefingMaterial) -> Iterable[ThinEvidence]:
    for footing in material.footings:
        if reform is None or footing.reform != reform.id:
            continue
        if footing.originals == 1:
            yield ThinEvidence(stance=footing.stance, caution=Caution.ONE_ARTICLE, example=footing.article)
        elif footing.publishers == 1:
            yield ThinEvidence(stance=footing.stance, caution=Caution.ONE_PUBLISHER, example=footing.publisher)
        if footing.confidence < LOW_CONFIDENCE:
            yield ThinEvidence(stance=footing.stance, caution=Caution.LOW_CONFIDENCE, confidence=footing.confidence)


def _subjects(material: BriefingMaterial) -> tuple[Named, ...]:
    scope = material.scope
    ids, labels = (scope.actors, material.actors) if scope.actors else (scope.reforms, material.reforms)
    return tuple(Named(id=id, label=labels.get(id, id)) for id in ids)


def _reform(material: BriefingMaterial, reform: str) -> Named:
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
    """Return one key for a press release and all its copies, or one for each holder in any other article."""
    release = articles[statement.article].release if statement.article in articles else ""
    if release or statement.article in releases:
        return (release or statement.article, statement.reform)
    return (statement.article, *_held(statement))
