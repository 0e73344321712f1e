"""Who may hold what a sentence says: every actor in reach of it, with the facts by which one of them is chosen."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from spacy.tokens import Doc, Span, Token

from extract.lexicon import grammar, table, words
from extract.marking.quotations import QUOTATIONS
from extract.marking.sections import PARAGRAPHS
from extract.voices.own import Owner
from extract.voices.passages import Passage
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from graph.model import ActorKind, Manner

BACK = 3
"""Number of earlier sentences whose actors may still be speaking."""


@dataclass(kw_only=True)
class Holder:
    """An actor that may hold what a sentence says."""

    speaker: Speaker
    manner: Manner
    facts: dict[str, float] = field(default_factory=dict)
    """What speaks for it, by name."""

    def add(self, name: str, value: float = 1.0) -> None:
        """Note a fact; the highest value stays."""
        self.facts[name] = max(self.facts.get(name, 0.0), value)


@dataclass(kw_only=True)
class Place:
    """A sentence as the search for its holder sees it."""

    span: Span
    paragraph: int
    heading: bool
    quoted: float
    """Share of its words in quotation marks."""
    said: list[tuple[Passage, Speaker]] = field(default_factory=list)
    """The passages that fill it, with who speaks by the rules."""
    subjects: list[tuple[Token, Speaker]] = field(default_factory=list)
    named: list[tuple[int, Speaker]] = field(default_factory=list)
    """Actors named in it, by token."""
    we: bool = False
    """Whether it says 'we' or 'our' outside quotation marks."""


class Holders:
    """Finds who may hold each sentence of one article."""

    def __init__(self, cast: Cast, found: Sequence[Passage], sentences: Sequence[Span], owner: Owner | None) -> None:
        self.cast = cast
        self.doc: Doc = cast.doc
        self.owner = owner
        self.said: Counter[str] = Counter()
        self.named: Counter[str] = Counter()
        self.government = cast.government()
        self.publisher = self._publisher()
        self.quoted = [False] * len(self.doc)
        for quote in self.doc.spans.get(QUOTATIONS, ()):
            if len(quote) > 2:
                self.quoted[quote.start : quote.end] = [True] * len(quote)
        self.places = [self._place(span) for span in sentences]
        self._paragraphs()
        self._name()
        self._attribute(found)
        self.last = self._last_speakers()
        self._subjects()

    # ---- the facts of each sentence

    def _place(self, span: Span) -> Place:
        plain = [token for token in span if not token.is_space]
        inside = sum(self.quoted[token.i] for token in plain)
        own = roles().pronouns
        return Place(
            span=span,
            paragraph=0,
            heading=False,
            quoted=inside / max(1, len(plain)),
            we=any(own.get(token.lower_) == "own" and not self.quoted[token.i] for token in plain),
        )

    def _paragraphs(self) -> None:
        spans = list(self.doc.spans.get(PARAGRAPHS, ()))
        number = 0
        for place in self.places:
            while number + 1 < len(spans) and spans[number + 1].start <= place.span.start:
                number += 1
            place.paragraph = number
            place.heading = bool(spans) and spans[number].label_ == "heading"

    def _at(self, token: int) -> Place | None:
        low, high = 0, len(self.places)
        while low < high:
            middle = (low + high) // 2
            if self.places[middle].span.end <= token:
                low = middle + 1
            else:
                high = middle
        return self.places[low] if low < len(self.places) and self.places[low].span.start <= token else None

    def _name(self) -> None:
        for i, speaker in self.cast.organisations:
            if (place := self._at(i)) is not None:
                place.named.append((i, speaker))
                self.named[speaker.actor] += 1
        for i, person in self.cast.at:
            if (place := self._at(i)) is not None:
                speaker = self.cast.of_person(person)
                place.named.append((i, speaker))
                self.named[speaker.actor] += 1
        for place in self.places:
            if place.heading and not place.named and (named := self._headed(place)) is not None:
                place.named.append((place.span.start, named))
            place.named.sort(key=lambda entry: entry[0])

    def _headed(self, place: Place) -> Speaker | None:
        """Whom a heading names that the model did not find ('STATEMENT OF ADA QUILL, CHAIR')."""
        match = re.search(r"[A-Z][\w’'-]+(?: [A-Z][\w’'.-]+){1,3}", place.span.text)
        if match is None:
            return None
        name = match[0].title() if match[0].isupper() else match[0]
        person = self.cast.people.get(name)
        if person is not None:
            return self.cast.of_person(person)
        return next((s for _, s in self.cast.organisations if s.label.lower() == name.lower()), None)

    def _attribute(self, found: Sequence[Passage]) -> None:
        starts = [place.span.start_char for place in self.places]
        for passage in found:
            if passage.speaker is None:
                continue
            self.said[passage.speaker.actor] += 1
            first = next((n for n, place in enumerate(self.places) if place.span.end_char > passage.start), len(starts))
            for place in self.places[first:]:
                if place.span.start_char >= passage.end:
                    break
                pieces = passage.pieces or (passage,)
                start, end = place.span.start_char, place.span.end_char
                inner = sum(max(0, min(end, piece.end) - max(start, piece.start)) for piece in pieces)
                length = len(place.span.text.strip())
                if inner and inner * 2 >= min(length, passage.end - passage.start):
                    place.said.append((passage, passage.speaker))

    def _last_speakers(self) -> list[tuple[int, Speaker] | None]:
        """For each sentence, who last spoke before it by the rules, and how many sentences ago."""
        last: tuple[int, Speaker] | None = None
        made: list[tuple[int, Speaker] | None] = []
        for number, place in enumerate(self.places):
            made.append((number - last[0], last[1]) if last is not None else None)
            spoken = [s for p, s in place.said if p.manner in (Manner.DIRECT, Manner.REPORTED)]
            if spoken:
                last = (number, spoken[-1])
        return made

    def _subjects(self) -> None:
        wanted = {"nsubj", "nsubjpass"}
        for place in self.places:
            for token in place.span:
                agent = (
                    token.dep_ == "pobj"
                    and token.head.dep_ in ("agent", "prep")
                    and (token.head.dep_ == "agent" or token.head.lower_ in grammar("agents"))
                )
                if token.dep_ not in wanted and not agent:
                    continue
                if token.pos_ not in ("NOUN", "PROPN", "PRON") or token.lower_ in grammar("unnamed"):
                    continue
                if agent and token.pos_ == "PRON":
                    continue
                mention = (token.left_edge.i, token.i + 1)
                speaker = self.cast.resolve(mention, token.i)
                if speaker is not None:
                    place.subjects.append((token, speaker))

    def _publisher(self) -> Speaker | None:
        name = self.cast.article.publisher
        return self.cast.unlisted(name, ActorKind.ORGANISATION) if name else None

    # ---- the candidates

    def of(self, number: int) -> list[Holder]:
        """The actors that may hold what a sentence says, those with most facts first."""
        place = self.places[number]
        found: dict[str, Holder] = {}

        def holder(speaker: Speaker, manner: Manner = Manner.REPORTED) -> Holder:
            known = found.get(speaker.actor)
            if known is None:
                known = found[speaker.actor] = Holder(speaker=speaker, manner=manner)
            elif speaker.person and not known.speaker.person:
                known.speaker = speaker
            return known

        rules = {speaker.actor for _, speaker in place.said}
        for passage, speaker in place.said:
            one = holder(speaker, passage.manner)
            one.manner = passage.manner
            one.add(f"rule: {passage.manner}")
            one.add("rule")
            if passage.reporter is not None:
                one.add("rule: told by another")
            if passage.mention is not None and place.span.start_char <= passage.mention.start < place.span.end_char:
                one.add("rule: named beside it")
        self._beside(number, holder)
        self._in_sentence(place, holder)
        self._before(number, holder)
        voice = self.cast.voice
        if voice is not None:
            one = holder(voice, Manner.OWN)
            one.add("own document")
            one.add(f"own document: {self.owner.reason if self.owner else 'declared'}")
            one.add("own document and 'we'", float(place.we))
        if self.government is not None:
            holder(self.government, Manner.PLAN).add("government")
        for one in found.values():
            self._common(one, place, rules)
        return list(found.values())

    def _beside(self, number: int, holder: Callable[..., Holder]) -> None:
        place = self.places[number]
        for step, name in ((-1, "rule in the sentence before"), (1, "rule in the sentence after")):
            other = self.places[number + step] if 0 <= number + step < len(self.places) else None
            if other is None:
                continue
            same = float(other.paragraph == place.paragraph)
            for passage, speaker in other.said:
                one = holder(speaker, passage.manner)
                one.add(name)
                one.add(f"{name}, in the paragraph", same)
        if (last := self.last[number]) is not None:
            ago, speaker = last
            one = holder(speaker)
            one.add("last speaker", 1.0 / ago)
            one.add("last speaker, in the paragraph", float(self.places[number - ago].paragraph == place.paragraph))

    def _in_sentence(self, place: Place, holder: Callable[..., Holder]) -> None:
        verbs = _verbs()
        for token, speaker in place.subjects:
            one = holder(speaker)
            head = token.head
            if token.dep_ == "pobj":
                one.add(f"after '{head.lower_}'" if head.dep_ == "prep" else "agent")
                head = head.head
            else:
                one.add("subject")
                one.add("subject of the main verb", float(head.dep_ == "ROOT"))
            lemma = head.lemma_.lower()
            one.add("with a verb of saying", float(lemma in verbs))
            one.add("a pronoun", float(token.pos_ == "PRON"))
            one.add("a pronoun 'we'", float(roles().pronouns.get(token.lower_) == "own"))
            one.add("subject in quotation marks", float(self.quoted[token.i]))
        for order, (i, speaker) in enumerate(place.named):
            one = holder(speaker)
            one.add("named")
            one.add("named first", float(order == 0))
            one.add("named last", float(order == len(place.named) - 1))
            one.add("named outside quotation marks", float(not self.quoted[i]))
            one.add("named at the start", float(i - place.span.start < 4))

    def _before(self, number: int, holder: Callable[..., Holder]) -> None:
        place = self.places[number]
        for back in range(1, BACK + 1):
            if back > number:
                break
            other = self.places[number - back]
            same = other.paragraph == place.paragraph
            for token, speaker in other.subjects:
                if token.dep_ == "pobj":
                    continue
                one = holder(speaker)
                one.add("subject before", 1.0 / back)
                one.add("subject before, in the paragraph", float(same) / back)
            for _, speaker in other.named:
                one = holder(speaker)
                one.add("named before", 1.0 / back)
                one.add("named before, in the paragraph", float(same) / back)
            if other.heading:
                for _, speaker in other.named:
                    holder(speaker).add("named in the heading")
        heading = next((p for p in reversed(self.places[:number]) if p.heading), None)
        if heading is not None:
            for _, speaker in heading.named:
                holder(speaker).add("named in the heading above")

    def _common(self, one: Holder, place: Place, rules: set[str]) -> None:
        actor = one.speaker.actor
        facts = one.facts
        facts["kind"] = {ActorKind.ORGANISATION: 0.0, ActorKind.PERSON: 1.0, ActorKind.GROUP: 2.0}[one.speaker.kind]
        facts["listed"] = float(one.speaker.listed)
        facts["has a person"] = float(one.speaker.person is not None)
        facts["times named"] = float(min(8, self.named[actor]))
        facts["times speaking"] = float(min(8, self.said[actor]))
        facts["rules say another"] = float(bool(rules - {actor}))
        facts["rules say nobody"] = float(not rules)
        facts["quoted"] = place.quoted
        facts["publisher"] = float(self.publisher is not None and self.publisher.actor == actor)
        facts["somebody's document"] = float(self.cast.voice is not None)
        facts["'we' in the sentence"] = float(place.we)
        facts["actors named here"] = float(min(5, len({s.actor for _, s in place.named})))


@cache
def _verbs() -> frozenset[str]:
    return frozenset().union(*(words(group["words"]) for group in table("verbs")["verbs"]))
