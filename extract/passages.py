"""Passages: stretches of an article in somebody's voice, each with the mention of whoever speaks."""

from dataclasses import dataclass

from spacy.tokens import Doc

from extract.lexicon import table, words
from graph.domain import Domain
from graph.model import ActorKind, Article, Manner


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A place in an article's text: code points, end exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Who speaks: the actor that holds what is said, and the person whose words they are."""

    actor: str
    """Id of the organisation spoken for, or of the person or group; made from the name where no table has it."""
    label: str
    person: str | None = None
    """Fullest name in the article, without title; None where the organisation or group itself speaks."""
    kind: ActorKind = ActorKind.ORGANISATION
    listed: bool = True
    """Whether a table of the domain has the actor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of text in somebody's voice."""

    start: int
    end: int
    """The words attributed, quotation marks and 'that' included, from the first piece to the last."""
    manner: Manner
    pieces: tuple[Stretch, ...] = ()
    """The words attributed where something stands between them ('"A," she said, "B."'); else the one stretch."""
    cue: Stretch | None = None
    """What attributes: verb, noun, 'according to', colon."""
    mention: Stretch | None = None
    """The speaker as named nearest to the words, be it by a pronoun; None where nobody is named there."""
    speaker: Speaker | None = None
    """None where the mention stays open."""
    reporter: Speaker | None = None
    """Who tells it of the speaker, where that is not the journalist ('A says that B opposes …': B's words by A)."""
    within: Stretch | None = None
    """The words of the reporter that this passage is part of."""


def passages(doc: Doc, article: Article, domain: Domain) -> list[Passage]:
    """The passages of an article, in the order of the text."""
    verbs = words(table("verbs")["speech"]["verbs"])
    names = {
        name.lower(): actor for actor in domain.actors.values() for name in (actor.label, actor.id, *actor.aliases)
    }
    found = []
    for token in doc:
        if token.pos_ != "VERB" or token.lemma_ not in verbs:
            continue
        subjects = [child for child in token.children if child.dep_ in ("nsubj", "nsubjpass")]
        contents = [child for child in token.children if child.dep_ in ("ccomp", "xcomp", "parataxis")]
        if not subjects or not contents:
            continue
        mention = doc[subjects[0].left_edge.i : subjects[0].right_edge.i + 1]
        content = doc[contents[0].left_edge.i : contents[0].right_edge.i + 1]
        actor = next((names[name] for name in names if name in mention.text.lower()), None)
        found.append(
            Passage(
                start=content.start_char,
                end=content.end_char,
                manner=Manner.DIRECT if '"' in content.text else Manner.REPORTED,
                pieces=(Stretch(start=content.start_char, end=content.end_char),),
                cue=Stretch(start=token.idx, end=token.idx + len(token)),
                mention=Stretch(start=mention.start_char, end=mention.end_char),
                speaker=Speaker(actor=actor.id, label=actor.label, kind=actor.kind) if actor else None,
            )
        )
    return sorted(found, key=lambda passage: passage.start)
