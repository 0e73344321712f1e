"""Find passages: stretches of an article in one speaker's voice, each with the mention of the speaker."""

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from spacy.tokens import Doc

from extract.marking.names import Names
from extract.marking.transcripts import Turn, turns
from extract.voices.attribution import Attribution
from extract.voices.attributions import attributions
from extract.voices.captions import Captions
from extract.voices.own import Owner, owned, owner
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from extract.voices.voices import Voices
from extract.voices.witnesses import Roll
from graph.domain.folder import Domain
from graph.model import Article, Manner

TOLD = frozenset({"clause", "quote", "according"})
"""Frames that report another actor's words. 'wants to' or 'agrees with' say more about the reporter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A place in an article's text, in code points; the end is exclusive."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of text in one speaker's voice."""

    start: int
    end: int
    """The attributed words from the first piece to the last, with quotation marks and 'that'."""
    manner: Manner
    pieces: tuple[Stretch, ...] = ()
    """The attributed words in pieces if something interrupts them ('"A," she said, "B."'); otherwise one piece."""
    cue: Stretch | None = None
    """The words that attribute: a verb, a noun, 'according to' or a colon."""
    mention: Stretch | None = None
    """The nearest mention of the speaker, which may be a pronoun; None if there is none nearby."""
    speaker: Speaker | None = None
    """None if the mention cannot be resolved."""
    reporter: Speaker | None = None
    """Who reports the words, if not the journalist: A in 'A says that B opposes …', where the words are B's."""
    within: Stretch | None = None
    """The reporter's words that contain this passage."""


_names: "dict[int, tuple[Domain, Names]]" = {}


def names_of(domain: Domain) -> Names:
    """The names of a domain's actors, built once for each domain."""
    held = _names.get(id(domain))
    if held is None or held[0] is not domain:
        _names.clear()
        held = _names[id(domain)] = (domain, Names(domain.actors.values()))
    return held[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The people and bodies named in an article, its own voice, and the passages in each voice."""

    cast: Cast
    owner: Owner | None
    passages: list[Passage]


def scene(doc: Doc, article: Article, domain: Domain) -> Scene:
    """Read who speaks where in an article; where no table says whose document it is, infer it."""
    names = names_of(domain)
    found = owner(article, names, domain)
    cast = Cast(doc, owned(article, found), domain, names)
    return Scene(cast=cast, owner=found, passages=_passages(doc, cast.article, cast))


def passages(doc: Doc, article: Article, domain: Domain) -> list[Passage]:
    """Return the passages of an article in text order."""
    return scene(doc, article, domain).passages


def _passages(doc: Doc, article: Article, cast: Cast) -> list[Passage]:
    found = []
    together: dict[int, list[tuple[tuple[int, int], Speaker]]] = {}
    """Further speakers by attribution: attributions that follow share them."""
    known: list[tuple[Attribution, Speaker | None]] = []
    resolved: dict[int, Speaker | None] = {}
    taken_down = turns(article.text)
    said = list(_said(taken_down, Roll(cast, taken_down))) if taken_down else []
    until = taken_down[0].label.start if taken_down else len(article.text) + 1
    read = sorted(attributions(doc, transcript=bool(taken_down)), key=lambda a: (a.mention or a.pieces[0])[0])
    captions = Captions(cast, [attribution.caption for attribution in read if attribution.caption is not None])
    for attribution in read:
        speaker: Speaker | None = None
        if attribution.caption is not None:
            speaker = captions.speaker(attribution.caption)
        if speaker is not None:
            pass
        elif attribution.follows is not None and id(attribution.follows) in resolved:
            speaker = resolved[id(attribution.follows)]
        elif attribution.mention is None or attribution.holder is None:
            speaker = None
        else:
            speaker = _speaker(cast, attribution, attribution.mention, attribution.holder)
        resolved[id(attribution)] = speaker
        if doc[attribution.pieces[-1][0]].idx >= until and not _retold(doc, attribution, speaker, said):
            continue
        known.append((attribution, speaker))
        found.append(_passage(doc, attribution, speaker))
        several: list[tuple[tuple[int, int], Speaker]] = []
        if attribution.follows is not None:
            several = together.get(id(attribution.follows), []) if speaker is resolved[id(attribution.follows)] else []
        elif attribution.mention is not None and attribution.holder is not None and attribution.frame != "label":
            several = list(
                cast.all_in(attribution.mention)
                if attribution.frame == "list"
                else cast.others(attribution.mention, attribution.holder)
            )
        together[id(attribution)] = several
        for mention, other in several:
            if speaker is None or other.actor != speaker.actor:
                found.append(replace(_passage(doc, attribution, other), mention=_stretch(doc, *mention)))
    found += said
    first = next((token.i for token in doc if token.idx >= until), None) if taken_down else None
    for voice in Voices(cast, known, until=first).voices():
        place = _stretch(doc, voice.start, voice.end)
        found.append(
            Passage(
                start=place.start,
                end=place.end,
                manner=voice.manner,
                pieces=(place,),
                cue=_stretch(doc, *voice.cue) if voice.cue else None,
                speaker=voice.speaker,
            )
        )
    return sorted(second_hand(found), key=lambda passage: (passage.start, passage.end))


def _speaker(cast: Cast, attribution: Attribution, mention: tuple[int, int], holder: int) -> Speaker | None:
    """Return whom a mention means, and remember that they spoke."""
    speaker = cast.by_label(mention) if attribution.frame == "label" else cast.resolve(mention, holder)
    if speaker is None:
        return None
    cast.history.append((mention[0], speaker))
    if cast.single(holder):
        cast.human.add(mention[0])
    place = _stretch(cast.doc, attribution.pieces[0][0], attribution.pieces[-1][1])
    return cast.answered(speaker, place.start, place.end)


def _said(taken_down: Iterable[Turn], roll: Roll) -> Iterator[Passage]:
    """Return the turns of a transcript as passages, one for each paragraph."""
    for turn in taken_down:
        speaker = roll.speaker(turn)
        mention = Stretch(start=turn.label.place[0], end=turn.label.place[1]) if turn.label.name else None
        for start, end in turn.pieces:
            piece = Stretch(start=start, end=end)
            yield Passage(start=start, end=end, manner=Manner.DIRECT, pieces=(piece,), mention=mention, speaker=speaker)


def _retold(doc: Doc, attribution: Attribution, speaker: Speaker | None, said: Sequence[Passage]) -> bool:
    """Return whether a speaker in a transcript reports the words of another named actor."""
    if speaker is None or not speaker.listed or attribution.holder is None or doc[attribution.holder].pos_ == "PRON":
        return False
    if not attribution.quoted and attribution.frame not in TOLD:
        return False
    place = doc[attribution.pieces[0][0]].idx
    at = bisect(said, place, key=lambda passage: passage.start) - 1
    around = said[at] if at >= 0 and place < said[at].end else None
    return around is not None and around.speaker is not None and around.speaker.actor != speaker.actor


BLOCK = 512
"""Characters in each block of the index."""


def second_hand(found: Sequence[Passage]) -> Iterator[Passage]:
    """Return the passages, adding the reporter to those that lie within another speaker's words."""
    by_start = sorted(found, key=lambda passage: passage.start)
    near: defaultdict[int, list[tuple[Stretch, Passage]]] = defaultdict(list)
    """An index of reported pieces by position, so that a mention in a long text is compared only with those nearby."""
    for passage in by_start:
        for piece in passage.pieces if passage.manner is not Manner.PLAN else ():
            for block in range(piece.start // BLOCK, piece.end // BLOCK + 1):
                near[block].append((piece, passage))
    for passage in by_start:
        mention = passage.mention
        teller = None
        if mention is not None:
            for piece, other in near.get(mention.start // BLOCK, ()):
                if piece.start <= mention.start and mention.end <= piece.end and other.mention != mention:
                    teller = other
                    break
        if teller is None:
            yield passage
        else:
            yield replace(passage, reporter=teller.speaker, within=Stretch(start=teller.start, end=teller.end))


def records(article: Article, found: Iterable[Passage]) -> Iterator[dict[str, Any]]:
    """Return first-hand passages and the places where their speakers are mentioned, one JSON object for each piece.

    Fields: article, start, end, speaker_start and speaker_end (null without a mention), manner, and actor,
    person and label (null if the speaker is unresolved).
    """
    given: set[Stretch] = set()
    found = [passage for passage in found if passage.manner not in (Manner.OWN, Manner.PLAN)]
    tellers = {(passage.start, passage.end) for passage in found}
    for passage in found:
        # An organisation may report what others say in its own document; that is not a quotation of them.
        if passage.within is not None and (passage.within.start, passage.within.end) in tellers:
            continue
        for piece in passage.pieces:
            if piece in given or piece == passage.cue:
                continue
            given.add(piece)
            yield {
                "article": article.id,
                "start": piece.start,
                "end": piece.end,
                "speaker_start": passage.mention.start if passage.mention else None,
                "speaker_end": passage.mention.end if passage.mention else None,
                "manner": passage.manner,
                "actor": passage.speaker.actor if passage.speaker else None,
                "label": passage.speaker.label if passage.speaker else None,
                "person": passage.speaker.person if passage.speaker else None,
            }


def _passage(doc: Doc, attribution: Attribution, speaker: Speaker | None) -> Passage:
    pieces = tuple(_stretch(doc, *piece) for piece in merged(attribution.pieces))
    return Passage(
        start=pieces[0].start,
        end=pieces[-1].end,
        manner=Manner.DIRECT if attribution.quoted else Manner.REPORTED,
        pieces=pieces,
        cue=_stretch(doc, *attribution.cue) if attribution.cue else None,
        mention=_stretch(doc, *attribution.mention) if attribution.mention else None,
        speaker=speaker,
    )


def merged(pieces: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Return the pieces in order, merging those that overlap."""
    held: tuple[int, int] | None = None
    for start, end in sorted(pieces):
        if held is None:
            held = (start, end)
        elif start < held[1]:
            held = (held[0], max(held[1], end))
        else:
            yield held
            held = (start, end)
    if held is not None:
        yield held


def _stretch(doc: Doc, start: int, end: int) -> Stretch:
    span = doc[start:end]
    return Stretch(start=span.start_char, end=span.end_char)
