"""Fit weights to annotated statements. Only this module needs scikit-learn; extraction does not use it."""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer  # type: ignore[import-untyped]  # ships no types
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # ships no types
from spacy.language import Language
from spacy.tokens import Doc

from extract.documents.reading import documents, read
from extract.judging.candidates import Candidate, candidates
from extract.judging.decisions import both_sides, context, decisions, pool, position, statement_of, together
from extract.judging.linear import Judgement
from extract.judging.targets import Topics
from extract.pipeline import docs
from extract.voices.passages import Passage, passages
from extract.voices.speaker import Speaker
from graph.coding.evaluate import Annotation, actor_names, annotated_as, annotations
from graph.domain.folder import Domain
from graph.model import ActorKind, Article, Manner, Stance, combine

FOLDS = 10
MOST_FROM_ONE = 1000
"""Number of candidates in one article above which further ones add no weight."""
OWN_VOICE = {"own voice: these words": 1.0, "own voice: all words": 0.3}
"""Set by hand: too few annotated documents are in an actor's own voice to fit it."""
LIMITS = {
    "mixed": 0.45,
    "mixed, own voice": 0.4,
    "position": 0.5,
    "position, among many": 0.37,
    "statement": 0.38,
    "neutral": 0.6,
    "both sides": 0.4,
    "surest": 0.79,
}
"""Limits above which a judgement counts as true, chosen together with the weights on the same articles."""
TIDIER = 1 / 3
"""Relative weight of texts written for annotation in an article about many reforms.

They follow their headings more strictly than published ones.
"""


@dataclass(frozen=True, kw_only=True)
class Example:
    """A candidate and its annotation."""

    group: str
    """Domain and article; a split must not separate its examples."""
    candidate: Candidate
    annotation: Annotation | None
    pair: bool
    """Whether any statement of this actor on this reform is annotated in the article."""
    side: Stance | None = None
    """The sides of all those statements."""
    weight: float = 1.0
    """Weight relative to other examples; texts written for annotation show less than published ones."""


def examples(
    article: Article,
    made: Iterable[Candidate],
    annotated: Sequence[Annotation],
    *,
    group: str,
    names: Mapping[str, str],
) -> list[Example]:
    """Pair the candidates of an article with its annotations."""
    places: dict[tuple[str, str], list[tuple[int, int, Annotation]]] = defaultdict(list)
    for annotation in annotated:
        start = article.text.find(annotation.quote)
        places[annotation.actor, annotation.reform].append((start, start + len(annotation.quote), annotation))
    found = []
    for candidate in made:
        speaker = candidate.unit.speaker
        key = annotated_as(speaker.actor, speaker.label, names), candidate.reform
        sentence = candidate.unit.span[0].sent
        match = next(
            (
                annotation
                for start, end, annotation in places.get(key, ())
                if 2 * (min(end, sentence.end_char) - max(start, sentence.start_char))
                >= min(end - start, len(sentence.text.strip()))
            ),
            None,
        )
        found.append(Example(group=group, candidate=candidate, annotation=match, pair=key in places))
    return found


def annotated_passages(article: Article, annotated: Iterable[Annotation], topics: Topics) -> list[Passage]:
    """Return passages at the annotated places, to fit stances independently of the earlier stages."""
    made = []
    for annotation in annotated:
        start = article.text.find(annotation.quote)
        if start < 0:
            continue
        actor = topics.domain.actors.get(annotation.actor)
        own = bool(article.voice) and article.voice in (annotation.actor, annotation.actor_label)
        quoted = '"' in annotation.quote or "“" in annotation.quote
        made.append(
            Passage(
                start=start,
                end=start + len(annotation.quote),
                manner=Manner.OWN if own else Manner.DIRECT if quoted else Manner.REPORTED,
                speaker=Speaker(
                    actor=annotation.actor,
                    label=annotation.actor_label,
                    person=annotation.speaker,
                    kind=actor.kind if actor else ActorKind.ORGANISATION,
                    listed=actor is not None,
                ),
            )
        )
    return made


def logistic_regression(
    rows: Sequence[Mapping[str, float]],
    labels: Sequence[bool],
    *,
    strength: float,
    weights: Sequence[float] | None = None,
) -> Judgement:
    """Fit weights that separate the labelled rows; `strength` is the inverse of the penalty."""
    if len(set(labels)) < 2:
        return Judgement(base=6.0 if labels and labels[0] else -6.0, weights={})
    vectors = DictVectorizer(sparse=False)
    matrix = vectors.fit_transform([dict(row) for row in rows])
    model = LogisticRegression(C=strength, solver="newton-cholesky").fit(
        matrix, np.array(labels), sample_weight=weights
    )
    names = vectors.get_feature_names_out()
    return Judgement(
        base=round(float(model.intercept_[0]), 3),
        weights={str(n): round(float(w), 3) for n, w in zip(names, model.coef_[0], strict=True) if abs(w) >= 0.0005},
    )


def with_weights(judgement: Judgement, more: Mapping[str, float]) -> Judgement:
    """Return the judgement with further weights added."""
    return replace(judgement, weights={**judgement.weights, **more})


def sided(example: Example) -> bool:
    """Return whether the annotations have exactly one side here."""
    return example.annotation is not None and example.annotation.stance in (Stance.SUPPORT, Stance.OPPOSE)


def fit(
    stated: Sequence[Example], found: Sequence[Example], *, fixed: Mapping[str, Judgement] | None = None
) -> dict[str, Judgement]:
    """Fit all judgements: stances on the annotated passages, the others on the passages found.

    `fixed` judgements are kept unchanged; the confidence is fitted on decisions that use them.
    """

    def side(rows: Sequence[Example]) -> Judgement:
        kept = [e for e in rows if sided(e)]
        return logistic_regression(
            [e.candidate.side for e in kept],
            [e.annotation is not None and e.annotation.stance is Stance.SUPPORT for e in kept],
            strength=0.2,
            weights=[e.weight * (1.0 if e.annotation and e.annotation.clear else 0.6) for e in kept],
        )

    def mixed(rows: Sequence[Example]) -> Judgement:
        kept = [e for e in rows if e.annotation is not None]
        return logistic_regression(
            [e.candidate.side for e in kept],
            [e.annotation is not None and e.annotation.stance is Stance.MIXED for e in kept],
            strength=0.5,
            weights=[e.weight for e in kept],
        )

    def statement(rows: Sequence[Example]) -> Judgement:
        return logistic_regression(
            [e.candidate.about for e in rows],
            [e.annotation is not None for e in rows],
            strength=0.3,
            weights=[e.weight * balance[e.group] for e in rows],
        )

    # A long document about forty reforms must not outweigh forty news stories.
    sizes = Counter(e.group for e in found)
    balance = {group: min(1.0, MOST_FROM_ONE / size) for group, size in sizes.items()}
    annotated = [e for e in stated if e.annotation is not None]
    judgements = {
        "statement": statement(found),
        "statement, among many": statement(among_many(found)),
        "side": side(stated),
        "mixed": mixed(stated),
        "neutral": logistic_regression(
            [e.candidate.side for e in annotated],
            [e.annotation is not None and e.annotation.stance is Stance.NEUTRAL for e in annotated],
            strength=0.1,
            weights=[e.weight for e in annotated],
        ),
    }
    # A judgement that uses others is fitted on their out-of-sample results.
    cross(stated, side, "leaning", "side")
    cross(stated, mixed, "mixed", "side")
    cross(found, statement, "holds", "statement")
    groups = pairs(stated)
    for group in groups.values():
        for e in group:
            e.candidate.holds = 1.0
        pooled = pool([e.candidate for e in group])
        for e in group:
            e.candidate.context = context(e.candidate, *pooled)
    kept = [e for e in stated if sided(e) and e.candidate.unit.manner is not Manner.OWN]
    judgements["side in context"] = with_weights(
        logistic_regression(
            [e.candidate.context for e in kept],
            [e.annotation is not None and e.annotation.stance is Stance.SUPPORT for e in kept],
            strength=1.0,
            weights=[e.weight for e in kept],
        ),
        OWN_VOICE,
    )
    told = [
        (both_sides([e.candidate for e in group]), combine(stances), group[0].weight)
        for group in groups.values()
        if (stances := [e.annotation.stance for e in group if e.annotation is not None])
    ]
    judgements["both sides"] = logistic_regression(
        [row for row, *_ in told],
        [stance is Stance.MIXED for _, stance, _ in told],
        strength=1.0,
        weights=[weight for *_, weight in told],
    )

    def held(rows: Sequence[Example]) -> Judgement:
        grouped = list(pairs(rows).values())
        return logistic_regression(
            [position([e.candidate for e in group]) for group in grouped],
            [group[0].pair for group in grouped],
            strength=1.0,
            weights=[group[0].weight for group in grouped],
        )

    judgements["position"] = held(found)
    of_many = among_many(found)
    cross(of_many, statement, "holds", "statement")
    judgements["position, among many"] = held(of_many)
    judgements["limits"] = Judgement(base=0.0, weights=dict(LIMITS))
    if fixed:
        judgements |= fixed
        for e in found:
            e.candidate.holds = judgements[statement_of(e.candidate)].sum(e.candidate.about)
    judgements["confidence"] = confidence(stated, found, judgements, side, mixed)
    return judgements


def among_many(found: Iterable[Example]) -> list[Example]:
    """Return the examples from articles about many reforms."""
    return [replace(e, weight=e.weight * TIDIER) if e.weight < 1 else e for e in found if e.candidate.among_many]


def confidence(
    stated: Sequence[Example],
    found: Sequence[Example],
    judgements: Mapping[str, Judgement],
    side: Callable[[Sequence[Example]], Judgement],
    mixed: Callable[[Sequence[Example]], Judgement],
) -> Judgement:
    """Return decisions and whether they are right, in articles left out of the fit."""
    groups = sorted({e.group for e in found})
    by_group: dict[str, list[Example]] = defaultdict(list)
    for e in found:
        by_group[e.group].append(e)
    rows: list[Mapping[str, float]] = []
    right: list[bool] = []
    for number in range(FOLDS):
        held = set(groups[number::FOLDS])
        rest = [e for e in stated if e.group not in held]
        by_words, of_both = side(rest), mixed(rest)
        for group in sorted(held):
            here = by_group[group]
            known = {id(e.candidate): e for e in here}
            for e in here:
                e.candidate.leaning = by_words.sum(e.candidate.side)
                e.candidate.mixed = of_both.sum(e.candidate.side)
            made = [e.candidate for e in here]
            for together_ in together(made):
                for candidate in together_:
                    candidate.context = context(candidate, *pool(together_))
            for decision in decisions(made, judgements):
                annotation = known[id(decision.candidate)].annotation
                rows.append(decision.certainty)
                right.append(annotation is not None and annotation.stance is decision.stance)
    return logistic_regression(rows, right, strength=0.3)


def cross(rows: Sequence[Example], fitted: Callable[[Sequence[Example]], Judgement], field: str, features: str) -> None:
    """Give each candidate a sum from weights fitted without its article."""
    names = sorted({e.group for e in rows})
    fold = {name: number % FOLDS for number, name in enumerate(names)}
    for number in range(FOLDS):
        rest = [e for e in rows if fold[e.group] != number]
        if not rest:
            continue
        judgement = fitted(rest)
        for e in rows:
            if fold[e.group] == number:
                value = judgement.sum(e.candidate.side if features == "side" else e.candidate.about)
                setattr(e.candidate, field, value)


def pairs(rows: Iterable[Example]) -> dict[tuple[str, str, str], list[Example]]:
    """Return the examples of an article that would make one position."""
    found: dict[tuple[str, str, str], list[Example]] = defaultdict(list)
    for e in rows:
        found[e.group, e.candidate.unit.speaker.actor, e.candidate.reform].append(e)
    return found


def plain(judgements: Mapping[str, Judgement]) -> dict[str, dict[str, float]]:
    """Return the judgements in the form that is written to a file."""
    return {
        name: {"base": judgement.base, **dict(sorted(judgement.weights.items()))}
        for name, judgement in judgements.items()
    }


def write(path: Path, judgements: Mapping[str, Judgement]) -> None:
    """Write the weights, one a line, ordered by name."""
    path.write_text(json.dumps(plain(judgements), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class Training:
    """A domain with annotated articles."""

    domain: Domain
    annotated: Path
    weight: float = 1.0
    """Weight of each of its articles relative to those of other domains."""


@dataclass(frozen=True, kw_only=True)
class Taught:
    """The examples of one annotated article."""

    article: Article
    stated: Sequence[Example]
    """From the annotated passages."""
    found: Sequence[Example]
    """From the passages found."""


def gather(training: Training, nlp: Language) -> list[Taught]:
    """Return the examples of a domain, article by article. Raises BadStatement if an annotation cannot be read."""
    topics = Topics(training.domain)
    names = actor_names(training.domain)
    by_id: dict[str, list[Annotation]] = defaultdict(list)
    for annotation in annotations(training.annotated, training.domain):
        by_id[annotation.article].append(annotation)
    texts = (read(path, info) for path, info in documents(training.domain) if info.id in by_id)
    taught = []
    for article, doc in docs(texts, nlp):
        here = by_id[article.id]
        group = f"{training.domain.id}:{training.domain.documents.parent.name}:{article.id}"

        def weighed(
            passages: Iterable[Passage],
            article: Article = article,
            doc: Doc = doc,
            here: Sequence[Annotation] = here,
            group: str = group,
        ) -> list[Example]:
            made = candidates(article, doc, topics, passages)
            found = examples(article, made, here, group=group, names=names)
            return [replace(example, weight=training.weight) for example in found]

        taught.append(
            Taught(
                article=article,
                stated=weighed(annotated_passages(article, here, topics)),
                found=weighed(passages(doc, article, training.domain)),
            )
        )
    return taught


def refit(taught: Iterable[Taught], *, kept: Mapping[str, Judgement] | None = None) -> dict[str, Judgement]:
    """Fit the judgements on these articles; `kept` has the meaning of `fixed` in `fit`."""
    held = list(taught)
    return fit([e for each in held for e in each.stated], [e for each in held for e in each.found], fixed=kept)
