"""Learn weights from a domain's own gold standard: annotated statements and reviews of statements.

Learning starts from the shipped weights: their sum is one reason among others, so a small gold standard changes
little. Learnt weights are written to a separate file, which extraction reads only on request.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from spacy.language import Language

from extract.judging.candidates import Candidate, candidates
from extract.judging.decisions import decisions, judge
from extract.judging.linear import Features, Judgement
from extract.judging.targets import Topics
from extract.measuring.fitting import Example, annotated_passages, examples, logistic_regression, sided
from extract.pipeline import docs
from extract.statements import decided
from extract.voices.passages import passages
from graph.coding.evaluate import Annotation, Scores, actor_names, scores
from graph.domain.folder import Domain
from graph.model import Article, Stance, Statement
from graph.rdf.vocabulary import iri
from graph.reading.catalogue import base_of, evidence
from graph.reviewing.queue import verdicts
from graph.store.embedded import Store

SHIPPED = "shipped sum"
"""The reason that represents all shipped weights of a judgement."""
FREE = 3.0
"""Factor that enlarges this reason, so that the penalty hardly affects its weight."""
STRENGTHS = (0.003, 0.03)
"""Inverse penalties to try: how far new weights may move from the shipped ones."""
FEWEST = 20
"""Number of labelled rows below which a judgement keeps its shipped weights."""

Weights = Mapping[str, Judgement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gold:
    """The gold standard: statements that are right, and places that contain none."""

    annotations: tuple[Annotation, ...]
    whole: frozenset[str]
    """Fully annotated articles: anything not annotated in them is not a statement."""
    rejected: frozenset[tuple[str, str, str, str]] = frozenset()
    """Article, actor, reform and words of statements that reviewers have rejected."""


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """An article with its candidates and its gold standard."""

    article: Article
    made: list[Candidate]
    stated: list[Example]
    found: list[Example]
    annotated: list[Annotation] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """New weights, and their score on articles left out of the learning."""

    weights: Weights
    before: Scores
    after: Scores
    strength: float
    """The best inverse penalty; 0 if none beat the shipped weights, which are then returned."""
    articles: int

    @property
    def gain(self) -> float:
        """F1 of positions."""
        return self.after.position.f1 - self.before.position.f1


def gold_of_verdicts(store: Store) -> Gold:
    """Convert current verdicts to a gold standard: accepted, corrected and added statements, and rejected ones."""
    base = base_of(store)
    judged = evidence(store, [iri(base, "statement", id) for id in sorted(verdicts(store))])
    return Gold(
        annotations=tuple(
            Annotation(
                article=each.article,
                actor=each.actor,
                actor_label=each.actor_label,
                speaker=each.speaker,
                reform=each.reform,
                stance=each.stance,
                quote=each.quote,
            )
            for each in judged
            if each.review != "rejected"
        ),
        whole=frozenset(),
        rejected=frozenset(
            (each.article, each.actor, each.reform, each.quote) for each in judged if each.review == "rejected"
        ),
    )


def together(golds: Iterable[Gold]) -> Gold:
    """Merge several gold standards; a rejected statement that is also annotated stays rejected."""
    every = list(golds)
    rejected = frozenset(each for gold in every for each in gold.rejected)
    kept = {
        (each.article, each.actor, each.reform, each.quote): each
        for gold in every
        for each in gold.annotations
        if (each.article, each.actor, each.reform, each.quote) not in rejected
    }
    return Gold(
        annotations=tuple(kept.values()),
        whole=frozenset(article for gold in every for article in gold.whole),
        rejected=rejected,
    )


def judged_by(gold: Gold, found: Iterable[Statement]) -> list[Statement]:
    """Return the statements that the gold standard covers: all in fully annotated articles, else those judged."""
    pairs = {(each.article, each.actor, each.reform) for each in gold.annotations}
    pairs |= {(article, actor, reform) for article, actor, reform, _ in gold.rejected}
    return [each for each in found if each.article in gold.whole or (each.article, each.actor, each.reform) in pairs]


def lessons(articles: Iterable[Article], gold: Gold, domain: Domain, nlp: Language) -> list[Lesson]:
    """Return the articles in the gold standard, each read once."""
    topics = Topics(domain)
    names = actor_names(domain)
    by_article: defaultdict[str, list[Annotation]] = defaultdict(list)
    for annotation in gold.annotations:
        by_article[annotation.article].append(annotation)
    wanted = {*by_article, *gold.whole, *(article for article, *_ in gold.rejected)}
    made = []
    for article, doc in docs((each for each in articles if each.id in wanted), nlp):
        here = by_article[article.id]
        ours = candidates(article, doc, topics, passages(doc, article, domain))
        theirs = candidates(article, doc, topics, annotated_passages(article, here, topics))
        found = examples(article, ours, here, group=article.id, names=names)
        if article.id not in gold.whole:
            found = [each for each in found if each.annotation is not None or _rejected(each, article, gold)]
        stated = examples(article, theirs, here, group=article.id, names=names)
        made.append(Lesson(article=article, made=list(ours), stated=stated, found=found, annotated=here))
    return made


def learn(taught: Sequence[Lesson], gold: Gold, domain: Domain, shipped: Weights) -> Learnt:
    """Return the weights that score best on articles left out one at a time, or the shipped ones if none are better."""
    topics = Topics(domain)
    names = actor_names(domain)

    def scored(weights_without: Callable[[Lesson], Weights]) -> Scores:
        found = [
            statement
            for lesson in taught
            for statement in decided(lesson.article, lesson.made, topics, weights=weights_without(lesson))
        ]
        annotated = [annotation for lesson in taught for annotation in lesson.annotated]
        return scores(annotated, judged_by(gold, found), names)

    before = scored(lambda _: shipped)
    best, strength = before, 0.0
    for tried in STRENGTHS:
        after = scored(partial(_without, taught=taught, shipped=shipped, strength=tried))
        if (after.position.f1, after.statement.f1) > (best.position.f1, best.statement.f1):
            best, strength = after, tried
    weights = fitted(taught, shipped, strength) if strength else shipped
    return Learnt(weights=weights, before=before, after=best, strength=strength, articles=len(taught))


def _without(lesson: Lesson, *, taught: Sequence[Lesson], shipped: Weights, strength: float) -> Weights:
    return fitted([each for each in taught if each is not lesson], shipped, strength)


def fitted(taught: Sequence[Lesson], shipped: Weights, strength: float) -> Weights:
    """Fit weights that start from the shipped ones to these articles."""
    stated = [each for lesson in taught for each in lesson.stated if each.annotation is not None]
    found = [each for lesson in taught for each in lesson.found]
    with_side = [each for each in stated if sided(each)]
    made = dict(shipped)
    made["statement"] = moved(
        shipped["statement"], [e.candidate.about for e in found], [e.annotation is not None for e in found], strength
    )
    made["side"] = moved(
        shipped["side"], [e.candidate.side for e in with_side], [_is(e, Stance.SUPPORT) for e in with_side], strength
    )
    made["mixed"] = moved(
        shipped["mixed"], [e.candidate.side for e in stated], [_is(e, Stance.MIXED) for e in stated], strength
    )
    # The confidence of a decision is fitted on the decisions that the new weights make.
    rows: list[Features] = []
    right: list[bool] = []
    for lesson in taught:
        known = {id(each.candidate): each for each in lesson.found}
        judge(lesson.made, made)
        for decision in decisions(lesson.made, made):
            example = known.get(id(decision.candidate))
            if example is not None:
                rows.append(decision.certainty)
                right.append(_is(example, decision.stance))
    made["confidence"] = moved(shipped["confidence"], rows, right, strength)
    return made


def moved(shipped: Judgement, rows: Sequence[Features], labels: Sequence[bool], strength: float) -> Judgement:
    """Fit a judgement with its shipped sum as one more reason, and return it as plain weights."""
    if len(rows) < FEWEST or len(set(labels)) < 2:
        return shipped
    told = [{**row, SHIPPED: FREE * shipped.sum(row)} for row in rows]
    new = logistic_regression(told, labels, strength=strength)
    slope = FREE * new.weights.get(SHIPPED, 0.0)
    names = (shipped.weights.keys() | new.weights.keys()) - {SHIPPED}
    return Judgement(
        base=round(new.base + slope * shipped.base, 3),
        weights={
            name: round(slope * shipped.weights.get(name, 0.0) + new.weights.get(name, 0.0), 3)
            for name in sorted(names)
        },
    )


def _is(example: Example, stance: Stance) -> bool:
    return example.annotation is not None and example.annotation.stance is stance


def _rejected(example: Example, article: Article, gold: Gold) -> bool:
    sentence = example.candidate.unit.span[0].sent.text.strip()
    key = (article.id, example.candidate.unit.speaker.actor, example.candidate.reform)
    return any(each[:3] == key and each[3].strip() == sentence for each in gold.rejected)
