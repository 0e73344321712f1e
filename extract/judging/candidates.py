"""Collect candidate statements: each sentence in a speaker's voice, with each reform that it may be about."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc, Span

from extract.judging.stance import StanceEvidence, Words, name_side
from extract.judging.targets import Discourse, Topics, relation
from extract.voices.passages import Passage
from extract.voices.speaker import Speaker
from graph.model import Article, Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicedSentence:
    """A sentence, or the part of it, that is in one actor's voice."""

    sentence: int
    """Number of the sentence in the article."""
    span: Span
    """The words in the voice and the words that attribute them."""
    speaker: Speaker
    manner: Manner
    fellows: tuple[int, ...]
    """Numbers of the sentences in the same passage."""
    second_hand: bool = False


@dataclass(kw_only=True)
class Candidate:
    """A unit and a reform that it may take a stance on, with the judgements made so far."""

    unit: VoicedSentence
    reform: str
    evidence: StanceEvidence
    about: Mapping[str, float]
    """Features for the question whether this is a statement on the reform."""
    side: Mapping[str, float]
    """Features for the question which side it takes."""
    among_many: bool = False
    """Whether the article discusses many reforms."""
    holds: float = 0.0
    """Log-odds that it is a statement."""
    leaning: float = 0.0
    """Log-odds of support against opposition, from its own words."""
    mixed: float = 0.0
    """Log-odds that its own words take both sides."""
    context: dict[str, float] = field(default_factory=dict)
    """Features: the leaning of this passage and of the actor's other passages."""


def units(discourse: Discourse, found: Iterable[Passage], *, voice: str = "") -> list[VoicedSentence]:
    """Yield the sentences of passages with a known speaker, once for each actor; `voice` is the document's author."""
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
        # The fullest name in any of them.
        speaker = max((speaker for _, speaker, _ in group), key=lambda speaker: len(speaker.person or ""))
        alone = len(actors[number]) == 1
        made.append(
            VoicedSentence(
                sentence=number,
                span=sentence if alone else _region(sentence, [passage for passage, _, _ in group]),
                speaker=speaker,
                # 'We welcome …' in an organisation's own document is its own voice, even if a verb attributes it.
                manner=Manner.OWN if speaker.actor == voice else group[0][0].manner,
                fellows=tuple(sorted({i for _, _, here in group for i in here})),
                second_hand=any(passage.reporter is not None for passage, _, _ in group),
            )
        )
    return made


def _sentences(discourse: Discourse, passage: Passage) -> Iterator[int]:
    """Return the sentences that lie wholly or mostly within a passage."""
    for number in range(discourse.first_after(passage.start), len(discourse.sentences)):
        sentence = discourse.sentences[number]
        start, end = sentence.start, sentence.end
        if start >= passage.end:
            break
        inner = sum(max(0, min(end, piece.end) - max(start, piece.start)) for piece in passage.pieces or (passage,))
        if inner and inner * 2 >= min(sentence.length, passage.end - passage.start):
            yield number


def _region(sentence: Span, group: Sequence[Passage]) -> Span:
    """Return the part of a sentence from the first to the last word that belongs to these passages."""
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
    """Return all candidate statements of an article, with the features by which they are judged."""
    discourse = Discourse(doc, topics, article.date)
    made = []
    heard: set[str] = set()
    standings: dict[tuple[str, str], dict[str, float]] = {}
    for unit in units(discourse, found, voice=topics.actor_named(article.voice)):
        actor = unit.speaker.actor
        first = actor not in heard
        heard.add(actor)
        possible = discourse.candidates(unit.sentence)
        words = Words(unit.span, reforms=discourse.reforms_in[unit.sentence], actors=discourse.actors_in[unit.sentence])
        told = {
            f"manner {unit.manner}": 1.0,
            f"kind {unit.speaker.kind}": 1.0,
            "listed": float(unit.speaker.listed),
            "second hand": float(unit.second_hand),
            "short": float(len(unit.span) < 8),
            "length": min(4.0, len(unit.span) / 12),
            "figures": float(any(token.like_num for token in unit.span)),
            "first of the actor": float(first),
            "how far down": unit.sentence / max(1, len(discourse.sentences)),
        }
        named = name_side(unit.speaker.label)
        for reform in sorted(possible):
            topic = topics.topics[reform]
            said = words.on(topic)
            if (actor, reform) not in standings:
                standings[actor, reform] = relation(actor, topic, discourse)
            standing = standings[actor, reform] | {"name tells": float(named)}
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
                "question": said.features.get("question", 0.0),
                "sides": float(min(4, len(said.turned))),
                "on it": float(min(3, sum(cue.on_target for cue in said.turned))),
                "name tells": float(abs(named)),
            }
            strength |= {f"cue: {hit.group.name}": 1.0 for hit in said.hits}
            made.append(
                Candidate(
                    unit=unit,
                    reform=reform,
                    among_many=discourse.many,
                    evidence=said,
                    about={**about, **voice, **standing, **told, **strength},
                    side={**said.features, **standing, f"manner {unit.manner}": 1.0},
                )
            )
    return made
