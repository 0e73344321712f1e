"""Take every possible claim of an article through the judges: plausible by its facts, read by the encoder, judged."""

from collections.abc import Mapping
from dataclasses import dataclass

from spacy.tokens import Doc

from extract.judging.choosing import JudgedClaim, chosen, settled
from extract.judging.claims import LIKELY, UNREAD, ClaimJudgement, Judges, PossibleClaim, in_context, kept, read_closely
from extract.judging.encoder import StanceQuestion
from extract.judging.pairs import Pair, pairs
from extract.judging.targets import Topics
from extract.voices.passages import scene
from graph.model import Article, Stance

UNLIKELY = 0.1
"""What a claim that the larger encoder does not read keeps of its probability, so that it is never a statement."""


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
    chances = judges.likely(features)
    verdicts = [ClaimJudgement(holds=float(chance) * UNLIKELY, sides=UNREAD) for chance in chances]
    asked = [i for i, chance in enumerate(chances) if chance >= LIKELY]
    answers = judges.encoders.stance.answers([questions[i] for i in asked])
    close = read_closely([rows[picked[i]] for i in asked], [features[i] for i in asked], answers)
    for i, told, verdict in zip(asked, close, judges.verdicts(close), strict=True):
        features[i], verdicts[i] = told, verdict
    claims = [
        JudgedClaim(
            sentence=rows[i].sentence,
            actor=rows[i].actor,
            reform=rows[i].reform,
            by_rule=bool(made[i].features.get("holder: rule")),
            verdict=verdict,
        )
        for i, verdict in zip(picked, verdicts, strict=True)
    ]
    taken = chosen(claims, judges.limits)
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
        before=pair.before,
    )
