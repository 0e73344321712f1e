"""Every claim that a sentence may make: one of its possible holders on one of its possible reforms, with the facts."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc, Span

from extract.judging.stance import StanceEvidence, Words, name_side
from extract.judging.targets import FAR, Discourse, Topics, relation
from extract.voices.holders import Holder, Holders
from extract.voices.passages import Scene
from graph.model import Article

REFORMS = 9
"""Reforms that are considered for one sentence, the likeliest first."""

HOLDERS = 9
"""Holders that are considered for one sentence."""

MAIN = 2
"""Reforms with the largest share of the article that every sentence may be about."""

WORDED = 0.3
"""Share of a reform's name, by weight, from which on a sentence is read without the one before."""


@dataclass(kw_only=True)
class Pair:
    """A sentence, who may hold what it says, and the reform that it may be about."""

    sentence: int
    span: Span
    holder: Holder
    reform: str
    evidence: StanceEvidence
    features: Mapping[str, float]
    side: Mapping[str, float] = field(default_factory=dict)
    """The part of the features that speaks for one side or another."""
    before: str = ""
    """The sentence before, where this one does not word the reform: it may say what "it" or "the plan" is."""


def pairs(article: Article, doc: Doc, topics: Topics, heard: Scene) -> Iterator[Pair]:
    """Yield each possible claim of an article, in the order of its sentences."""
    discourse = Discourse(doc, topics, article.date)
    holders = Holders(heard.cast, heard.passages, [sentence.span for sentence in discourse.sentences], heard.owner)
    standings: dict[tuple[str, str], Mapping[str, float]] = {}
    for number, sentence in enumerate(discourse.sentences):
        text = doc.text[sentence.start : sentence.end].strip()
        place = holders.places[number]
        if place.heading or not any(character.isalpha() for character in text):
            continue
        possible = _likeliest(discourse, number)
        heads = sorted(holders.of(number), key=lambda one: -_weight(one))[:HOLDERS]
        if possible and heads:
            yield from _of_sentence(discourse, number, possible, heads, standings)


def _weight(one: Holder) -> float:
    facts = one.facts
    return (
        4 * facts.get("rule", 0.0)
        + 2 * facts.get("own document", 0.0)
        + 2 * facts.get("subject", 0.0)
        + facts.get("named", 0.0)
        + facts.get("last speaker", 0.0)
        + facts.get("subject before", 0.0)
        + facts.get("named before", 0.0)
    )


def _likeliest(discourse: Discourse, number: int) -> Sequence[str]:
    """Return the reforms that a sentence may be about by itself, by what stands around it or by the whole article."""
    sentence = discourse.sentences[number]
    share, whole = discourse.weight_at(number), discourse.weight
    near: Mapping[str, float] = {}
    main: Sequence[str] = ()
    if not sentence.named or sentence.taken_up or sentence.package:
        # Else the name in the sentence outweighs what stands around it.
        near = _near(discourse, number)
        main = sorted(whole, key=lambda reform: (-whole[reform], reform))[:MAIN]

    def likely(reform: str) -> tuple[float, str]:
        here = 2 * (reform in sentence.named) + sentence.worded.get(reform, 0.0)
        return -(here + share.get(reform, 0.0) + whole.get(reform, 0.0) + near.get(reform, 0.0)), reform

    return sorted({*discourse.candidates(number), *main, *near}, key=likely)[:REFORMS]


def _near(discourse: Discourse, number: int) -> Mapping[str, float]:
    """Return the reforms of the sentences before, of the one after and of the heading, with how near they are."""
    found: defaultdict[str, float] = defaultdict(float)
    for back in range(1, min(FAR, number) + 1):
        for reform, share in _worded(discourse, number - back):
            found[reform] = max(found[reform], 0.7 * share / back)
    if number + 1 < len(discourse.sentences):
        for reform in discourse.sentences[number + 1].named:
            found[reform] += 0.2
    heading = discourse.heading[number]
    if heading is not None:
        for reform, _ in _worded(discourse, heading):
            found[reform] += 0.3
    return found


def _worded(discourse: Discourse, number: int) -> Iterator[tuple[str, float]]:
    sentence = discourse.sentences[number]
    for reform in sentence.named:
        yield reform, 1.0
    for reform, share in sentence.worded.items():
        if share > 0.5 and reform not in sentence.named:
            yield reform, 0.8 * share


def _of_sentence(
    discourse: Discourse,
    number: int,
    possible: Sequence[str],
    heads: Sequence[Holder],
    standings: dict[tuple[str, str], Mapping[str, float]],
) -> Iterator[Pair]:
    sentence = discourse.sentences[number]
    words = Words(sentence.span, reforms=discourse.reforms_in[number], actors=discourse.actors_in[number])
    whole = {
        "words": min(4.0, len(sentence.span) / 12),
        "figures": float(any(token.like_num for token in sentence.span)),
        "how far down": number / max(1, len(discourse.sentences)),
        "sentences": min(6.0, len(discourse.sentences) / 20),
        "reforms named": float(min(4, len(sentence.named))),
        "reforms possible": float(len(possible)),
        "holders possible": float(len(heads)),
        "many reforms": float(discourse.many),
        "past tense": float(any(token.tag_ == "VBD" for token in sentence.span)),
        "will": float(any(token.lower_ in ("will", "'ll", "’ll", "would") for token in sentence.span)),
        "first person": float(any(token.lower_ in ("i", "we", "our", "my", "us") for token in sentence.span)),
        "ends in a question": float(sentence.span.text.rstrip(" \n\"”’'").endswith("?")),
    }
    for reform in possible:
        topic = discourse.topics.topics[reform]
        said = words.on(topic)
        evidence = {f"words: {name}": value for name, value in said.features.items()}
        evidence |= {f"cue: {hit.group.name}": 1.0 for hit in said.hits}
        about = {f"reform: {name}": value for name, value in discourse.features(number, reform).items()}
        clear = reform in sentence.named or sentence.worded.get(reform, 0.0) >= WORDED
        before = "" if clear or not number else discourse.sentences[number - 1].span.text
        for one in heads:
            actor = one.speaker.actor
            if (actor, reform) not in standings:
                standings[actor, reform] = {
                    **{f"standing: {name}": value for name, value in relation(actor, topic, discourse).items()},
                    "standing: name takes a side": float(name_side(one.speaker.label)),
                }
            side = {**evidence, **standings[actor, reform], f"manner: {one.manner}": 1.0}
            facts = {f"holder: {name}": value for name, value in one.facts.items()}
            yield Pair(
                sentence=number,
                span=sentence.span,
                holder=one,
                reform=reform,
                evidence=said,
                features={**whole, **about, **side, **facts},
                side=side,
                before=" ".join(before.split()),
            )
