"""From a model's records to statements: each is proved against the text and the tables, or refused with a reason."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from extract.marking.furniture import layout
from extract.marking.names import Names, key, lowered
from extract.model_reading.answers import Record, record
from extract.model_reading.requests import Request
from extract.voices.roles import roles
from extract.voices.speaker import of_actor
from graph.domain.folder import Domain
from graph.model import ActorKind, Article, Manner, Stance, Statement, combine
from graph.names import actor_slug, slug

LONGEST_NAME = 120
QUOTED = re.compile(r"[“\"‘][^“”\"]{25,}|[^“”\"]{25,}[”\"]")
"""A passage with a quotation of some length, whole or in part."""


class RefusalReason(StrEnum):
    """Why a record is refused."""

    FORM = "it lacks a field or has a value of the wrong type"
    ACTOR = "the actor is neither in the list nor named in the document"
    SPEAKER = "the speaker is not named in the document"
    REFORM = "the reform is not in the list"
    STANCE = "the stance is not support, mixed, oppose or neutral"
    CONCERN = "a concern is not in the list"
    SENTENCE = "a sentence number is not in the part that was sent"
    LONG = "it needs one to three sentences that stand together"
    FURNITURE = "the words are a link, a notice, a caption or the like"
    CONDITION = "the words of the condition are not in those sentences"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRecord:
    """A record that was left out, and why."""

    article: str
    reason: RefusalReason
    entry: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """What an answer came to."""

    statements: tuple[Statement, ...] = ()
    refused: tuple[RefusedRecord, ...] = ()


class Unproved(Exception):
    """Raised where a record fails; carries the reason."""

    def __init__(self, reason: RefusalReason) -> None:
        self.reason = reason
        super().__init__(str(reason))


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidence:
    """How sure a statement is, by what the model said of it; unknown until the reader has been calibrated."""

    clear: float = 0.5
    arguable: float = 0.3
    calibrated: bool = False


class Prover:
    """Proves the records about one article."""

    def __init__(self, article: Article, domain: Domain, names: Names, *, reader: str, confidence: Confidence) -> None:
        self.article = article
        self.domain = domain
        self.names = names
        self.reader = reader
        self.confidence = confidence
        self.layout = layout(article.text)
        self.low = " ".join(lowered(article.text).split())
        self.plain = _straight(article.text)

    def proved(self, request: Request, entries: Iterable[Any]) -> Proved:
        """The statements among the entries of an answer, and what was refused."""
        statements, refused = [], []
        for entry in entries:
            found = record(entry)
            try:
                if found is None:
                    raise Unproved(RefusalReason.FORM)
                statements.append(self.statement(request, found))
            except Unproved as error:
                refused.append(RefusedRecord(article=self.article.id, reason=error.reason, entry=entry))
        return Proved(statements=tuple(statements), refused=tuple(refused))

    def statement(self, request: Request, found: Record) -> Statement:
        """The statement of a record. Raises Unproved."""
        start, end = self._place(request, found.sentences)
        quote = self.article.text[start:end]
        if self.layout.is_furniture(self.article.text, start, end):
            raise Unproved(RefusalReason.FURNITURE)
        if found.reform not in request.reforms:
            raise Unproved(RefusalReason.REFORM)
        if found.stance not in list(Stance):
            raise Unproved(RefusalReason.STANCE)
        concerns = tuple(dict.fromkeys(found.concerns or ()))
        if not set(concerns) <= set(self.domain.concerns):
            raise Unproved(RefusalReason.CONCERN)
        actor, label, person = self._actor(found.actor, found.speaker)
        speaker = self._speaker(found.speaker, actor) or person
        sure = self.confidence.clear if found.certainty == "clear" else self.confidence.arguable
        return Statement(
            article=self.article.id,
            start=start,
            end=end,
            quote=quote,
            actor=actor,
            actor_label=label,
            speaker=speaker,
            reform=found.reform,
            stance=Stance(found.stance),
            concerns=concerns,
            condition=_condition(found.condition, quote),
            manner=self._manner(actor, speaker, quote),
            confidence=sure,
            reader=self.reader,
        )

    def _place(self, request: Request, numbers: Sequence[int]) -> tuple[int, int]:
        first = request.sentences[0].number
        wanted = sorted(set(numbers))
        if not wanted or len(wanted) > 3:
            raise Unproved(RefusalReason.LONG)
        if wanted[0] < first or wanted[-1] > request.sentences[-1].number:
            raise Unproved(RefusalReason.SENTENCE)
        if wanted[-1] - wanted[0] > 2:
            raise Unproved(RefusalReason.LONG)
        return request.sentences[wanted[0] - first].start, request.sentences[wanted[-1] - first].end

    def _actor(self, name: str, speaker: str | None) -> tuple[str, str, str | None]:
        """Return the id and label of an actor, and the person if the name is that of a person who speaks for it.

        A person who is named as actor and as speaker holds a view of their own.
        """
        name = _untitled(name)
        known = self._listed(name) or self.names.nearly(name)
        if known is not None:
            if speaker and self._listed(_untitled(speaker)) == known:
                return known, self.domain.actors[known].label, None
            held = of_actor(self.domain.actors[known], self.domain, self.article.date)
            return held.actor, held.label, held.person
        if not self._named(name):
            raise Unproved(RefusalReason.ACTOR)
        label = self._in_full(name)
        return actor_slug(label), label, None

    def _listed(self, name: str) -> str | None:
        """Return the actor in the table with this id or name or, for a person, with this surname if it is unique."""
        if name in self.domain.actors:
            return name
        known = self.names.by_key.get(key(name))
        if known is not None or " " in name or not name[:1].isupper():
            return known
        full = self._in_full(name)
        if full != name:
            return self.names.by_key.get(key(full))
        people = [
            actor.id
            for actor in self.domain.actors.values()
            if actor.kind is ActorKind.PERSON and actor.label.split()[-1] == name
        ]
        return people[0] if len(people) == 1 and self._named(name) else None

    def _speaker(self, name: str | None, actor: str) -> str | None:
        name = _untitled(name or "")
        if not name or name.lower() in ("null", "none") or name == actor:
            return None
        known = self._listed(name)
        if known is not None:
            listed = self.domain.actors[known]
            if listed.kind is not ActorKind.PERSON:
                # An organisation in place of a person: no speaker is named.
                return None
            wordings = (listed.label, listed.label.split()[-1], *listed.aliases)
            if not any(map(self._named, wordings)) and not any(map(self._exactly, listed.aliases)):
                raise Unproved(RefusalReason.SPEAKER)
            return listed.label
        if not self._named(name):
            raise Unproved(RefusalReason.SPEAKER)
        # 'A spokeswoman' is not a name.
        return self._in_full(name) if name[:1].isupper() else None

    def _named(self, name: str) -> bool:
        """Return whether the article contains a name as whole words: a proper name or a word for a group."""
        wanted = " ".join(lowered(name).split())
        if not 2 <= len(wanted) <= LONGEST_NAME or not re.search(r"[^\W\d_]{2}", wanted):
            return False
        place = re.compile(rf"(?<!\w){re.escape(wanted)}(?!\w)")
        if not place.search(self.low):
            return False
        exact = _straight(name)
        bare = re.sub(r"^(?:the|some|many|other)\s+", "", exact, flags=re.IGNORECASE)
        if not bare[:1].isupper() and not _is_group(bare.lower()):
            return False
        return self._exactly(name) if any(part[:1].isupper() for part in exact.split()) else True

    def _exactly(self, wording: str) -> bool:
        """Return whether these words are in the article, letter for letter."""
        words = _straight(wording)
        return len(words) > 1 and re.search(rf"(?<!\w){re.escape(words)}(?!\w)", self.plain) is not None

    def _in_full(self, name: str) -> str:
        """Return the full name for a single surname if the article has exactly one, or else the name without 'the'."""
        name = re.sub(r"^(?:the|some|many|other)\s+", "", " ".join(name.split()), flags=re.IGNORECASE)
        if " " in name or not name[:1].isupper():
            return name
        full = {
            match[1]
            for match in re.finditer(rf"\b((?:[A-Z][\w'’-]+ ){{1,2}}{re.escape(name)})\b", self.article.text)
            if _untitled(match[1]) != name
        }
        full = {_untitled(each) for each in full}
        return full.pop() if len(full) == 1 else name

    def _manner(self, actor: str, speaker: str | None, quote: str) -> Manner:
        voice = self.article.voice
        if voice and actor in (voice, self.names.by_key.get(key(voice)), slug(voice)):
            return Manner.OWN
        if QUOTED.search(quote):
            return Manner.DIRECT
        return Manner.PLAN if actor == self.domain.government and speaker is None else Manner.REPORTED


def once(found: Iterable[Statement]) -> list[Statement]:
    """In the order of the text, one statement for each place, actor and reform; a repeated sentence counts once.

    Where one passage was read as two sides, it is mixed.
    """
    kept: dict[tuple[str, str, str], Statement] = {}
    for each in sorted(found, key=lambda s: (s.start, s.end, s.actor, s.reform)):
        place = (each.actor, each.reform, each.quote)
        before = kept.setdefault(place, each)
        if before.stance is not each.stance and before.start == each.start:
            kept[place] = replace(before, stance=combine((before.stance, each.stance)))
    return list(kept.values())


def _condition(words: str | None, quote: str) -> str | None:
    """The words of a condition as the passage has them. Raises Unproved where it has not."""
    wanted = [re.escape(word) for word in lowered(words or "").split()]
    if not wanted or words in ("null", "none"):
        return None
    match = re.search(r"\s+".join(wanted), lowered(quote))
    if match is None or not re.search(r"\w{2}", match[0]):
        raise Unproved(RefusalReason.CONDITION)
    return quote[match.start() : match.end()]


def _straight(text: str) -> str:
    """Return a text with straight apostrophes and single spaces."""
    return " ".join(text.translate({0x2019: "'", 0x2018: "'", 0xA0: " "}).split())


def _untitled(name: str) -> str:
    parts = " ".join(name.split()).split(" ")
    while len(parts) > 1 and parts[0].lower() in roles().titles:
        parts.pop(0)
    return " ".join(parts)


def _is_group(name: str) -> bool:
    """Whether a name in small letters can be that of a group or body: its head is such a noun, or a plural."""
    lexicon = roles()
    parts = re.findall(r"\w+", name)
    nouns = lexicon.groups | lexicon.bodies | lexicon.organisations
    return bool(parts) and (any(p in nouns for p in parts) or bool(re.search(r"\w{3}(?<![su])s\Z", parts[-1])))
