"""Put together: from passages to statements, one a sentence that carries a stance, one claim once."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.language import Language
from spacy.tokens import Doc, Span

from extract.concerns import concerns
from extract.linear import Judgement, judgements, logistic
from extract.passages import Passage, passages
from extract.pipeline import docs
from extract.speakers import Speaker
from extract.stance import Evidence, Words, name_side
from extract.targets import Discourse, Topics, relation
from graph.domain import Domain
from graph.model import Article, Manner, Stance, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A sentence, or the part of it, that is in one actor's voice."""

    sentence: int
    """Its number in the article."""
    span: Span
    """The words in the voice and those that attribute them."""
    speaker: Speaker
    manner: Manner
    fellows: tuple[int, ...]
    """Sentences of the same passage."""
    second_hand: bool = False


@dataclass(kw_only=True)
class Candidate:
    """A unit and a reform that it may take a stance on, with what has been judged of it so far."""

    unit: Unit
    reform: str
    evidence: Evidence
    about: Mapping[str, float]
    """Features: is this a statement on this reform?"""
    side: Mapping[str, float]
    """Features: which side?"""
    holds: float = 0.0
    """Log-odds that it is a statement."""
    leaning: float = 0.0
    """Log-odds of support against opposition, by its own words."""
    mixed: float = 0.0
    """Log-odds that its own words take both sides."""
    context: dict[str, float] = field(default_factory=dict)
    """Features: the leaning of this and of the actor's other passages."""


def statements(articles: Iterable[Article], nlp: Language, domain: Domain) -> Iterator[Statement]:
    """The statements of each article, in the order of the text."""
    topics = Topics(domain)
    for article, doc in docs(articles, nlp):
        yield from article_statements(article, doc, topics)


def article_statements(
    article: Article, doc: Doc, topics: Topics, *, weights: Mapping[str, Judgement] | None = None
) -> list[Statement]:
    """The statements of one parsed article."""
    found = passages(doc, article, topics.domain)
    return decided(article, candidates(article, doc, topics, found), topics, weights=weights or judgements())


def units(discourse: Discourse, found: Iterable[Passage], *, voice: str = "") -> list[Unit]:
    """The sentences of the passages whose speaker is known, once for each actor; `voice`: whose own document it is."""
    by_place: dict[tuple[int, str], list[tuple[Passage, Speaker, tuple[int, ...]]]] = defaultdict(list)
    actors: dict[int, set[str]] = defaultdict(set)
    for passage in found:
        if passage.speaker is None:
            continue
        here = tuple(_sentences(discourse, passage))
        for number in here:
            by_place[number, passage.speaker.actor].append((passage, passage.speaker, here))
            actors[number].add(passage.speaker.actor)
    made = []
    for (number, _), group in sorted(by_place.items()):
        sentence = discourse.sentences[number].span
        # The fullest name that any of them has.
        speaker = max((speaker for _, speaker, _ in group), key=lambda speaker: len(speaker.person or ""))
        alone = len(actors[number]) == 1
        made.append(
            Unit(
                sentence=number,
                span=sentence if alone else _region(sentence, [passage for passage, _, _ in group]),
                speaker=speaker,
                # 'We welcome …' in an organisation's own paper is its own voice, whatever verb attributes it.
                manner=Manner.OWN if speaker.actor == voice else group[0][0].manner,
                fellows=tuple(sorted({i for _, _, here in group for i in here})),
                second_hand=any(passage.reporter is not None for passage, _, _ in group),
            )
        )
    return made


def _sentences(discourse: Discourse, passage: Passage) -> Iterator[int]:
    """The sentences that a passage fills, or that fill most of it."""
    for number in range(discourse.first_after(passage.start), len(discourse.sentences)):
        sentence = discourse.sentences[number]
        start, end = sentence.span.start_char, sentence.span.end_char
        if start >= passage.end:
            break
        inner = sum(max(0, min(end, piece.end) - max(start, piece.start)) for piece in passage.pieces or (passage,))
        length = len(sentence.span.text.strip())
        if inner and inner * 2 >= min(length, passage.end - passage.start):
            yield number


def _region(sentence: Span, group: Sequence[Passage]) -> Span:
    """The part of a sentence from the first word to the last of what belongs to these passages."""
    places = [
        place
        for passage in group
        for place in (*(passage.pieces or ()), passage.cue, passage.mention)
        if place is not None and place.start < sentence.end_char and sentence.start_char < place.end
    ]
    if not places:
        return sentence
    start = max(min(place.start for place in places), sentence.start_char)
    end = min(max(place.end for place in places), sentence.end_char)
    return sentence.doc.char_span(start, end, alignment_mode="expand") or sentence


def candidates(article: Article, doc: Doc, topics: Topics, found: Iterable[Passage]) -> list[Candidate]:
    """Whatever could be a statement, with the features by which it is judged."""
    discourse = Discourse(doc, topics, article.date)
    made = []
    for unit in units(discourse, found, voice=topics.actor_named(article.voice)):
        possible = discourse.candidates(unit.sentence)
        words = Words(unit.span, reforms=discourse.reforms_in[unit.sentence], actors=discourse.actors_in[unit.sentence])
        named = name_side(unit.speaker.label)
        for reform in sorted(possible):
            topic = topics.topics[reform]
            said = words.on(topic)
            standing = relation(unit.speaker.actor, topic, discourse) | {"name tells": float(named)}
            about = discourse.features(unit.sentence, reform, passage=unit.fellows)
            voice = {
                f"{unit.manner}: {name}": about[name]
                for name in ("named", "worded", "longest name")
                if unit.manner in (Manner.OWN, Manner.PLAN) and about.get(name)
            }
            strength = {
                "any cue": said.features["any cue"],
                "strength": float(min(3, abs(said.support - said.oppose))),
                "neutral": said.features.get("neutral", 0.0),
                "calls for": said.features.get("calls for", 0.0),
                f"manner {unit.manner}": 1.0,
                f"kind {unit.speaker.kind}": 1.0,
                "listed": float(unit.speaker.listed),
                "second hand": float(unit.second_hand),
                "short": float(len(unit.span) < 8),
            }
            made.append(
                Candidate(
                    unit=unit,
                    reform=reform,
                    evidence=said,
                    about={**about, **voice, **strength, **standing},
                    side={**said.features, **standing, f"manner {unit.manner}": 1.0},
                )
            )
    return made


def judge(made: Sequence[Candidate], weights: Mapping[str, Judgement]) -> None:
    """What each candidate says by itself, and what the same actor's others on the same reform add."""
    together: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in made:
        candidate.holds = weights["statement"].sum(candidate.about)
        candidate.leaning = weights["side"].sum(candidate.side)
        candidate.mixed = weights["mixed"].sum(candidate.side)
        together[candidate.unit.speaker.actor, candidate.reform].append(candidate)
    for group in together.values():
        for candidate in group:
            candidate.context = context(candidate, group)


def context(candidate: Candidate, group: Sequence[Candidate]) -> dict[str, float]:
    """What tells the side of a passage among all that the same actor says of the reform in the article.

    Who is quoted by others is quoted for one side; an organisation's own paper weighs up, sentence by sentence.
    """
    weighed = [(logistic(other.holds), bounded(other.leaning)) for other in group]
    pooled = math.fsum(weight * leaning for weight, leaning in weighed)
    total = math.fsum(weight for weight, _ in weighed)
    if candidate.unit.manner is Manner.OWN:
        return {
            "own voice: these words": bounded(candidate.leaning),
            "own voice: all words": pooled / (total + 0.5),
        }
    return {"all words": max(-6.0, min(6.0, pooled)), "all words on average": pooled / (total + 0.1)}


def both_sides(group: Sequence[Candidate]) -> dict[str, float]:
    """Features: does the actor take both sides in the article?"""
    weighed = [(logistic(candidate.holds), bounded(candidate.leaning)) for candidate in group]
    support = max(weight * max(0.0, leaning) for weight, leaning in weighed)
    oppose = max(weight * max(0.0, -leaning) for weight, leaning in weighed)
    total = math.fsum(weight for weight, _ in weighed) + 0.1
    mean = math.fsum(weight * leaning for weight, leaning in weighed) / total
    return {
        "the weaker side": min(support, oppose),
        "the stronger side": max(support, oppose),
        "balance": -abs(mean),
        "mixed words": max(logistic(candidate.holds) * logistic(candidate.mixed) for candidate in group),
        "own voice": float(any(candidate.unit.manner is Manner.OWN for candidate in group)),
    }


def bounded(leaning: float) -> float:
    """Log-odds no surer than words can be."""
    return max(-3.0, min(3.0, leaning))


def decided(
    article: Article, made: Sequence[Candidate], topics: Topics, *, weights: Mapping[str, Judgement]
) -> list[Statement]:
    """The statements among the candidates."""
    judge(made, weights)
    together: dict[tuple[str, str], list[Candidate]] = defaultdict(list)
    for candidate in made:
        together[candidate.unit.speaker.actor, candidate.reform].append(candidate)
    limits = weights["limits"].weights
    found = []
    for group in together.values():
        sure = weights["position"].probability(position(group))
        if sure < limits["position"]:
            continue
        best = max(candidate.holds for candidate in group)
        apart = weights["both sides"].probability(both_sides(group)) >= limits["both sides"]
        told = False
        for candidate in group:
            if logistic(candidate.holds) >= limits["statement"] or candidate.holds == best:
                # A plan is told once, where it is first told clearly.
                if candidate.unit.manner is Manner.PLAN and told:
                    continue
                told = told or candidate.unit.manner is Manner.PLAN
                found.append(_statement(article, candidate, topics, sure, weights, apart=apart))
    return _once(found)


def position(group: Sequence[Candidate]) -> dict[str, float]:
    """Features: does this actor hold a position on this reform at all?"""
    sums = sorted((candidate.holds for candidate in group), reverse=True)
    return {
        "best": sums[0],
        "second": max(-4.0, sums[1]) if len(sums) > 1 else -4.0,
        "expected": math.log(0.1 + math.fsum(logistic(value) for value in sums)),
    }


def _statement(
    article: Article,
    candidate: Candidate,
    topics: Topics,
    sure: float,
    weights: Mapping[str, Judgement],
    *,
    apart: bool,
) -> Statement:
    unit = candidate.unit
    # Who takes both sides is taken at each word; else all words together tell the side of each.
    support = logistic(candidate.leaning) if apart else weights["side in context"].probability(candidate.context)
    mixed = logistic(candidate.mixed)
    neutral = weights["neutral"].probability(candidate.side)
    limits = weights["limits"].weights
    if unit.manner is not Manner.PLAN and neutral > limits["neutral"]:
        stance, chance = Stance.NEUTRAL, neutral
    elif unit.manner is not Manner.PLAN and mixed > limits["mixed"]:
        stance, chance = Stance.MIXED, mixed
    elif unit.manner is Manner.PLAN:
        # Whoever tells what is planned without a word of judgement tells of the planner's support.
        stance, chance = Stance.SUPPORT, max(support, 0.9)
    else:
        stance = Stance.SUPPORT if support >= 0.5 else Stance.OPPOSE
        chance = max(support, 1 - support)
    start, end = trimmed(article.text, sentence_of(unit))
    quote = article.text[start:end]
    condition = candidate.evidence.condition
    confidence = weights["confidence"].probability({"position": logit(sure), "stance": logit(chance)})
    return Statement(
        article=article.id,
        start=start,
        end=end,
        quote=quote,
        actor=unit.speaker.actor,
        actor_label=unit.speaker.label,
        speaker=unit.speaker.person,
        reform=candidate.reform,
        stance=stance,
        concerns=concerns(quote, topics.domain) if stance is not Stance.SUPPORT else (),
        condition=condition.text if condition is not None and stance is not Stance.OPPOSE else None,
        manner=unit.manner,
        cues=candidate.evidence.cues(),
        confidence=round(confidence, 3),
    )


def logit(probability: float) -> float:
    """Log-odds of a probability, within what can be told."""
    kept = min(0.995, max(0.005, probability))
    return math.log(kept / (1 - kept))


def sentence_of(unit: Unit) -> Span:
    """The sentence around a unit."""
    return unit.span[0].sent


def trimmed(text: str, span: Span) -> tuple[int, int]:
    """Offsets of a span without the white space at its ends."""
    start, end = span.start_char, span.end_char
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _once(found: Iterable[Statement]) -> list[Statement]:
    """In order of the text; a sentence that stands several times to the letter is one claim."""
    kept: dict[tuple[str, str, str], Statement] = {}
    for statement in sorted(found, key=lambda s: (s.start, s.end, s.actor, s.reform)):
        kept.setdefault((statement.actor, statement.reform, statement.quote), statement)
    return list(kept.values())
