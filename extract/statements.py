"""Turn passages into statements: one for each sentence with a stance, and each claim once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from spacy.language import Language
from spacy.tokens import Doc, Span

from extract.judging import claims
from extract.judging.candidates import Candidate, VoicedSentence, candidates
from extract.judging.claims import Judges
from extract.judging.concerns import concerns
from extract.judging.conditions import stated
from extract.judging.considering import Considered, considered
from extract.judging.decisions import Decision, Weights, decisions, judge
from extract.judging.linear import judgements
from extract.judging.relevance import Relevance
from extract.judging.targets import Topics
from extract.marking.furniture import layout
from extract.models import local_reader
from extract.pipeline import docs
from extract.voices.passages import names_of, passages
from graph.domain.folder import Domain
from graph.model import Article, Manner, Stance, Statement

LEAST = 0.25
"""Confidence below which a claim is left out: keeping them, or asking the linear judge too, lost accuracy."""


def statements(articles: Iterable[Article], nlp: Language, domain: Domain) -> Iterator[Statement]:
    """Yield the statements of each article that is about the domain, in the order of the text."""
    topics = Topics(domain)
    for article, doc in docs(articles, nlp, relevant=Relevance(topics, names_of(domain))):
        yield from article_statements(article, doc, topics)


def article_statements(
    article: Article, doc: Doc, topics: Topics, *, weights: Weights | None = None
) -> list[Statement]:
    """Return the statements of one parsed article.

    The shipped judges decide; with `weights` of one's own, or without the models' files, the linear judge does.
    """
    if weights is None and (judges := claims.shipped()) is not None:
        return _evident(article, judged(article, doc, topics, judges))
    found = passages(doc, article, topics.domain)
    made = decided(article, candidates(article, doc, topics, found), topics, weights=weights or judgements())
    return _evident(article, made)


def judged(article: Article, doc: Doc, topics: Topics, judges: Judges) -> list[Statement]:
    """Return the statements among all possible claims of an article, by the shipped judges."""
    taken = [one for one in considered(article, doc, topics, judges) if one.stance is not None]
    made = (_of_claim(article, one, topics, judges) for one in _announced_once(taken))
    return _once(statement for statement in made if statement.confidence >= LEAST)


def _evident(article: Article, found: Iterable[Statement]) -> list[Statement]:
    """Leave out links, notices, captions and the like, and let each passage begin where its sentence begins."""
    found = list(found)
    if not found:
        return []
    parts = layout(article.text)
    kept = []
    for each in found:
        start = parts.beginning(article.text, each.start)
        if not parts.is_furniture(article.text, start, each.end):
            kept.append(replace(each, start=start, quote=article.text[start : each.end]))
    return _once(kept)


def _announced_once(taken: Iterable[Considered]) -> Iterator[Considered]:
    """Keep one announcement of each plan: the guidelines count it once for each article."""
    announced: set[tuple[str, str]] = set()
    for one in taken:
        if one.pair.holder.manner is Manner.PLAN and one.stance is Stance.SUPPORT:
            if (one.claim.actor, one.claim.reform) in announced:
                continue
            announced.add((one.claim.actor, one.claim.reform))
        yield one


def _of_claim(article: Article, one: Considered, topics: Topics, judges: Judges) -> Statement:
    pair, verdict, stance = one.pair, one.claim.verdict, one.stance or one.claim.verdict.stance
    start, end = trimmed(article.text, pair.span)
    quote = article.text[start:end]
    condition = stated(pair.span)
    speaker = pair.holder.speaker
    return Statement(
        article=article.id,
        start=start,
        end=end,
        quote=quote,
        actor=speaker.actor,
        actor_label=speaker.label,
        speaker=speaker.person,
        reform=pair.reform,
        stance=stance,
        concerns=concerns(quote, topics.domain) if stance is not Stance.SUPPORT else (),
        condition=condition.text if condition is not None and stance is not Stance.OPPOSE else None,
        manner=pair.holder.manner,
        cues=pair.evidence.cues(),
        confidence=round(judges.confidence(verdict, stance), 3),
        reader=local_reader(),
    )


def decided(article: Article, made: Sequence[Candidate], topics: Topics, *, weights: Weights) -> list[Statement]:
    """Return the candidates that are statements."""
    judge(made, weights)
    return _once(_statement(article, decision, topics, weights) for decision in decisions(made, weights))


def _statement(article: Article, decision: Decision, topics: Topics, weights: Weights) -> Statement:
    candidate, stance = decision.candidate, decision.stance
    unit = candidate.unit
    start, end = trimmed(article.text, sentence_of(unit))
    quote = article.text[start:end]
    condition = stated(sentence_of(unit))
    # No confidence exceeds the share of such statements that were right on held-out articles.
    highest = weights["limits"].weights.get("surest", 1.0)
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
        confidence=round(min(highest, weights["confidence"].probability(decision.certainty)), 3),
        reader=local_reader(),
    )


def sentence_of(unit: VoicedSentence) -> Span:
    """Return the sentence around a unit."""
    return unit.span[0].sent


def trimmed(text: str, span: Span) -> tuple[int, int]:
    """Return the offsets of a span without white space at its ends."""
    start, end = span.start_char, span.end_char
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _once(found: Iterable[Statement]) -> list[Statement]:
    """Sort statements by place; a sentence repeated verbatim is one claim."""
    kept: dict[tuple[str, str, str], Statement] = {}
    for statement in sorted(found, key=lambda s: (s.start, s.end, s.actor, s.reform)):
        kept.setdefault((statement.actor, statement.reform, statement.quote), statement)
    return list(kept.values())
