"""Explain extraction: each attributed sentence, how it was judged and why, and what it nearly became."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from spacy.tokens import Doc

from extract.judging import claims
from extract.judging.candidates import candidates
from extract.judging.claims import Judges
from extract.judging.considering import considered, question
from extract.judging.decisions import Decision, Weights, decisions, judge, position, position_of, statement_of, together
from extract.judging.linear import Contribution, judgements, logistic
from extract.judging.pairs import Pair
from extract.judging.reasons import by_facts, by_words
from extract.judging.relevance import Relevance
from extract.judging.targets import Topics
from extract.marking.gazetteer import REFORMS
from extract.voices.passages import Passage, names_of, passages
from graph.model import Article, Cue, Manner, Stance

NEAR = 0.15
"""Lowest probability of being a statement at which a rejected sentence is shown as a near miss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainedReform:
    """A reform that a sentence was judged, or nearly judged, to be about."""

    reform: str
    stance: Stance | None
    """The stance, or None if the sentence did not become a statement."""
    statement: float
    """Probability that the sentence is a statement on the reform."""
    position: float
    """Probability that the actor holds a position on the reform in the article."""
    support: float
    """Probability of support rather than opposition, from these words alone."""
    about: tuple[Contribution, ...]
    """Reasons why it is, or is not, about the reform."""
    side: tuple[Contribution, ...]
    """Reasons for the stance."""
    cues: tuple[Cue, ...]
    condition: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """An attributed sentence."""

    start: int
    end: int
    quote: str
    actor: str
    actor_label: str
    speaker: str | None
    manner: Manner
    considered: tuple[ExplainedReform, ...]
    """Most likely reform first; empty if the sentence is about none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Words of a speaker who could not be identified."""

    start: int
    end: int
    quote: str
    mention: str
    """The speaker as the text names it, or ''."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A mention of a speaker or a reform in the text."""

    start: int
    end: int
    kind: Literal["speaker", "reform"]
    label: str
    """The label of the speaker or reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Everything that extraction found in an article."""

    article: str
    sentences: tuple[Explained, ...]
    unheard: tuple[Unheard, ...]
    mentions: tuple[Mention, ...] = ()
    left_out: bool = False
    """Whether extraction skips the article as off-topic."""


def explanation(
    article: Article, doc: Doc, topics: Topics, *, weights: Weights | None = None, most: int = 6
) -> Explanation:
    """Explain a parsed article, including near misses, with at most `most` reasons for each judgement."""
    if weights is None and (judges := claims.shipped()) is not None:
        return _judged(article, doc, topics, judges, most)
    weights = weights or judgements()
    found = passages(doc, article, topics.domain)
    made = candidates(article, doc, topics, found)
    judge(made, weights)
    taken: dict[int, Decision] = {id(d.candidate): d for d in decisions(made, weights)}
    holds = {
        id(candidate): weights[position_of(group)].probability(position(group))
        for group in together(made)
        for candidate in group
    }
    rows: dict[tuple[int, str], list[ExplainedReform]] = {}
    units = {}
    for candidate in made:
        unit = candidate.unit
        key = unit.sentence, unit.speaker.actor
        units[key] = unit
        here = rows.setdefault(key, [])
        decision = taken.get(id(candidate))
        chance = logistic(candidate.holds)
        if decision is None and chance < NEAR:
            continue
        condition = candidate.evidence.condition
        here.append(
            ExplainedReform(
                reform=candidate.reform,
                stance=decision.stance if decision else None,
                statement=chance,
                position=holds[id(candidate)],
                support=logistic(candidate.leaning),
                about=_first(list(weights[statement_of(candidate)].reasons(candidate.about)), most),
                side=_first(list(weights["side"].reasons(candidate.side)), most),
                cues=candidate.evidence.cues(),
                condition=condition.text if condition is not None else None,
            )
        )
    return Explanation(
        article=article.id,
        sentences=tuple(
            Explained(
                start=unit.span.start_char,
                end=unit.span.end_char,
                quote=unit.span.text.strip(),
                actor=unit.speaker.actor,
                actor_label=unit.speaker.label,
                speaker=unit.speaker.person,
                manner=unit.manner,
                considered=tuple(sorted(rows[key], key=lambda row: (-row.statement, row.reform))),
            )
            for key, unit in sorted(units.items())
        ),
        unheard=_unheard(article, found),
        mentions=tuple(sorted(_mentions(doc, topics, found), key=lambda mention: (mention.start, mention.end))),
        left_out=not Relevance(topics, names_of(topics.domain))(article, [doc]),
    )


def _judged(article: Article, doc: Doc, topics: Topics, judges: Judges, most: int) -> Explanation:
    """Explain the decisions of the shipped judges: each claim that they took, and those that came near."""
    read = considered(article, doc, topics, judges)
    best: dict[tuple[str, str], float] = {}
    for one in read:
        pair = one.claim.actor, one.claim.reform
        best[pair] = max(best.get(pair, 0.0), one.claim.verdict.holds)
    rows: dict[tuple[int, str], list[ExplainedReform]] = {}
    units: dict[tuple[int, str], Pair] = {}
    for one in read:
        verdict = one.claim.verdict
        if one.stance is None and verdict.holds < NEAR:
            continue
        key = one.claim.sentence, one.claim.actor
        units[key] = one.pair
        sides = verdict.sides
        condition = one.pair.evidence.condition
        rows.setdefault(key, []).append(
            ExplainedReform(
                reform=one.claim.reform,
                stance=one.stance,
                statement=verdict.holds,
                position=best[one.claim.actor, one.claim.reform],
                support=sides[Stance.SUPPORT] / max(1e-9, sides[Stance.SUPPORT] + sides[Stance.OPPOSE]),
                about=_first(by_facts(judges, one.features), most),
                side=_first(by_words(judges, question(one.pair, topics), one.stance), most) if one.stance else (),
                cues=one.pair.evidence.cues(),
                condition=condition.text if condition is not None else None,
            )
        )
    found = passages(doc, article, topics.domain)
    return Explanation(
        article=article.id,
        sentences=tuple(
            Explained(
                start=pair.span.start_char,
                end=pair.span.end_char,
                quote=pair.span.text.strip(),
                actor=pair.holder.speaker.actor,
                actor_label=pair.holder.speaker.label,
                speaker=pair.holder.speaker.person,
                manner=pair.holder.manner,
                considered=tuple(sorted(rows[key], key=lambda row: (-row.statement, row.reform))),
            )
            for key, pair in sorted(units.items(), key=lambda item: item[0])
        ),
        unheard=_unheard(article, found),
        mentions=tuple(sorted(_mentions(doc, topics, found), key=lambda mention: (mention.start, mention.end))),
        left_out=not Relevance(topics, names_of(topics.domain))(article, [doc]),
    )


def _unheard(article: Article, found: Iterable[Passage]) -> tuple[Unheard, ...]:
    return tuple(
        Unheard(
            start=passage.start,
            end=passage.end,
            quote=article.text[passage.start : passage.end],
            mention=article.text[passage.mention.start : passage.mention.end] if passage.mention else "",
        )
        for passage in found
        if passage.speaker is None
    )


def _mentions(doc: Doc, topics: Topics, found: Iterable[Passage]) -> set[Mention]:
    speakers = {
        Mention(start=p.mention.start, end=p.mention.end, kind="speaker", label=p.speaker.person or p.speaker.label)
        for p in found
        if p.mention is not None and p.speaker is not None
    }
    reforms = topics.domain.reforms
    return speakers | {
        Mention(start=span.start_char, end=span.end_char, kind="reform", label=reforms[span.id_].label)
        for span in doc.spans.get(REFORMS, ())
    }


def _first(reasons: Sequence[Contribution], most: int) -> tuple[Contribution, ...]:
    return tuple(reasons[:most])
