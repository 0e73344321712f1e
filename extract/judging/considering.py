"""Take every possible claim of an article through the judges: plausible by its facts, read by the encoder, judged."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from spacy.tokens import Doc

from extract.judging.choosing import JudgedClaim, chosen, settled
from extract.judging.claims import UNREAD, ClaimJudgement, Judges, PossibleClaim, in_context, kept
from extract.judging.encoder import StanceQuestion
from extract.judging.pairs import Pair, pairs
from extract.judging.targets import Topics
from extract.voices.passages import scene
from graph.model import Article, Stance


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """A claim that the encoder has read, with the judges' verdict."""

    pair: Pair
    plausible: float
    """Probability that it is a statement, by its facts alone."""
    claim: JudgedClaim
    features: Mapping[str, float]
    """All features that the judges received."""
    stance: Stance | None
    """None where it is not taken for a statement."""


def considered(article: Article, doc: Doc, topics: Topics, judges: Judges) -> list[Considered]:
    """Return the plausible claims of an article with their verdicts, in the order of the text."""
    made = list(pairs(article, doc, topics, scene(doc, article, topics.domain)))
    if not made:
        return []
    chances = judges.plausible([pair.features for pair in made])
    rows = [
        PossibleClaim(
            sentence=pair.sentence,
            actor=pair.holder.speaker.actor,
            reform=pair.reform,
            features=pair.features,
            plausible=float(chance),
        )
        for pair, chance in zip(made, chances, strict=True)
    ]
    picked = kept(rows)
    if not picked:
        return []
    questions = [question(made[i], topics) for i in picked]
    features = in_context([rows[i] for i in picked], judges.encoders.reading.answers(questions))
    claims = [
        JudgedClaim(
            sentence=rows[i].sentence,
            actor=rows[i].actor,
            reform=rows[i].reform,
            by_rule=bool(made[i].features.get("holder: rule")),
            verdict=ClaimJudgement(holds=chance, sides=UNREAD),
        )
        for i, chance in zip(picked, judges.holds(features), strict=True)
    ]
    taken = chosen(claims, judges.limits)
    sides = judges.sides([features[i] for i in taken], [questions[i] for i in taken])
    for i, side in zip(taken, sides, strict=True):
        claims[i] = replace(claims[i], verdict=replace(claims[i].verdict, sides=side))
    stances = settled(claims, taken, judges.limits)
    return [
        Considered(
            pair=made[place],
            plausible=rows[place].plausible,
            claim=claim,
            features=told,
            stance=stances.get(i),
        )
        for i, (place, claim, told) in enumerate(zip(picked, claims, features, strict=True))
    ]


def question(pair: Pair, topics: Topics) -> StanceQuestion:
    """Return what the encoder is asked about a claim."""
    return StanceQuestion(
        holder=pair.holder.speaker.label,
        reform=topics.domain.reforms[pair.reform].label,
        sentence=" ".join(pair.span.text.split()),
    )
