"""Everyone named in an article so far, and what the tables know of them."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from spacy.tokens import Doc, Token

from extract.lexicon import grammar, pattern, table, words
from extract.marking.gazetteer import REFORMS
from extract.marking.names import Named, Names, key
from extract.marking.quotations import QUOTATIONS
from extract.voices.roles import roles
from extract.voices.speaker import Person, Speaker, of_actor
from graph.domain.folder import Domain
from graph.model import ActorKind, Article
from graph.names import actor_slug


def is_plan(name: str) -> bool:
    """Return whether a name is that of a plan and not of an organisation: 'Night Buses Bill'."""
    parts = name.lower().split()
    return bool(parts) and parts[-1] in words(table("sections")["plans"]["nouns"])


def goes_on(text: str, hit: Named) -> bool:
    """Return whether a name continues as the name of another body: 'Hill' in 'Hill Civic Society'."""
    match = re.match(r"(?: +[A-Z][\w’'-]*)+", text[hit.end :])
    kind = match[0].split()[-1].lower() if match else ""
    return kind in roles().organisations | roles().of_members and kind not in roles().government_names


@lru_cache(maxsize=1 << 12)
def _noun_of(name: str) -> str:
    """Return the noun that classifies the bearer of a name: 'society' for 'Society of Riders'."""
    parts = pattern("after_noun").split(key(name), maxsplit=1)[0].split()
    return parts[-1] if len(name.split()) > 1 and parts else ""


@dataclass
class Register:
    """The people and organisations named in one article; resolves each mention to a speaker."""

    doc: Doc
    article: Article
    domain: Domain
    names: Names
    people: dict[str, Person] = field(default_factory=dict)
    at: list[tuple[int, Person]] = field(default_factory=list)
    """Where people are named: first token and person, in text order."""
    spots: dict[int, Person] = field(default_factory=dict)
    hits: list[Named] = field(default_factory=list)
    organisations: list[tuple[int, Speaker]] = field(default_factory=list)
    history: list[tuple[int, Speaker]] = field(default_factory=list)
    """Speakers so far: token of the mention, and speaker."""
    human: set[int] = field(default_factory=set)
    """Mentions of a single person without a name ('a spokeswoman')."""

    def __post_init__(self) -> None:
        self.hits = [hit for hit in self.names.find(self.article.text) if not self._is_part(hit)]
        self.reforms_at = {
            i
            for span in self.doc.spans.get(REFORMS, ())
            if not any(hit.start < span.end_char and span.start_char < hit.end for hit in self.hits)
            for i in range(span.start, span.end)
        }
        """Tokens in the names of reforms, which are no actors."""
        self._quoted = [False] * len(self.doc)
        for quote in self.doc.spans.get(QUOTATIONS, ()):
            if len(quote) > 6:
                self._quoted[quote.start : quote.end] = [True] * len(quote)
        self.rival = self._rival()
        self.voice = self._voice()

    def _is_part(self, hit: Named) -> bool:
        """Return whether a name is only part of the name of another body: "the bakers' guild", 'Hill Civic Society'."""
        span = self.doc.char_span(hit.start, hit.end, alignment_mode="expand")
        if hit.person or span is None:
            return False
        head = span.root
        if span[-1].pos_ == "NOUN" and span[0].is_lower:
            owners = [c for c in head.children if c.dep_ in ("poss", "compound") and c.i < span.start]
            return any(c.pos_ in ("NOUN", "PROPN") for c in owners)
        # In a title all words have capitals, verbs too.
        return self.doc[span.end : span.end + 1].text[:1].isupper() and (
            self.doc[span.end].pos_ in ("PROPN", "ADJ") and goes_on(self.article.text, hit)
        )

    @cached_property
    def by_lemma(self) -> Mapping[str, Sequence[Token]]:
        """The tokens of the article by lemma."""
        found: defaultdict[str, list[Token]] = defaultdict(list)
        for token in self.doc:
            found[token.lemma_].append(token)
        return found

    def _rival(self) -> str:
        """Return the organisation whose plans the article is about: the most frequently named owner of a plan."""
        # A person belongs to a party as well as to the government.
        several = [actor.member_of for actor in self.domain.actors.values() if len(actor.member_of) > 1]
        first = {places[0].organisation for places in several} | {self.domain.government}
        parties = {m.organisation for actor in self.domain.actors.values() for m in actor.member_of} - first
        self.parties = frozenset(parties)
        nouns = words(table("sections")["plans"]["nouns"])
        counts: Counter[str] = Counter()
        for hit in self.hits:
            if hit.person or hit.actor not in parties:
                continue
            span = self.doc.char_span(hit.start, hit.end, alignment_mode="expand")
            if span is not None and span.root.dep_ in ("compound", "amod", "poss", "nmod"):
                counts[hit.actor] += span.root.head.lemma_ in nouns
        best = counts.most_common(2)
        if not best or best[0][1] < 1 or (len(best) > 1 and best[1][1] == best[0][1]):
            return ""
        return best[0][0]

    def _voice(self) -> Speaker | None:
        voice = self.article.voice
        if not voice:
            return None
        if voice in self.domain.actors:
            return of_actor(self.domain.actors[voice], self.domain, self.article.date)
        return self.unlisted(voice, ActorKind.ORGANISATION)

    def listed(self, actor: str) -> Speaker:
        """Return an actor of the table as a speaker at the date of the article."""
        return of_actor(self.domain.actors[actor], self.domain, self.article.date, against=self.rival)

    def unlisted(self, name: str, kind: ActorKind, person: str | None = None) -> Speaker | None:
        """Return an actor that no table lists, by its name in the article."""
        name = " ".join(name.split())
        if not any(c.isalnum() for c in name):
            return None
        known = self.names.by_key.get(key(name)) or self.names.nearly(name)
        if known is not None:
            return self.listed(known)
        return Speaker(actor=actor_slug(name), label=name, person=person, kind=kind, listed=False)

    def government(self) -> Speaker | None:
        """Return the actor that 'the government' means in this domain."""
        if self.domain.government:
            return of_actor(self.domain.actors[self.domain.government], self.domain)
        for name in roles().government_names:
            known = self.names.by_key.get(key(name))
            if known is not None:
                return of_actor(self.domain.actors[known], self.domain)
        return None

    def of_person(self, person: Person) -> Speaker:
        """Return a person of the article as a speaker: for their organisation, otherwise for themselves."""
        if person.speaker is not None:
            return person.speaker
        return Speaker(
            actor=actor_slug(person.name),
            label=person.name,
            person=person.name,
            kind=ActorKind.PERSON,
            listed=False,
        )

    def organisation_in(self, low: int, high: int, *, but: tuple[int, int] = (0, 0)) -> Speaker | None:
        """Return the organisation named in a stretch: the last in the table, else the last found by the model."""
        here = [(i, s) for i, s in self.organisations if low <= i < high and not but[0] <= i < but[1]]
        listed = [s for _, s in here if s.listed]
        if listed:
            return listed[-1]
        return here[-1][1] if here else None

    def _organisation_name(self, start: int, end: int) -> str:
        while start < end and (self.doc[start].lower_ in grammar("articles") or self.doc[start].is_punct):
            start += 1
        while end > start and (self.doc[end - 1].lower_ in grammar("possessives") or self.doc[end - 1].is_punct):
            end -= 1
        return self.doc[start:end].text

    def last(self, before: int, fits: Callable[[Speaker], bool]) -> Speaker | None:
        """Return the last speaker so far that matches."""
        for i, speaker in reversed(self.history):
            if i < before and fits(speaker):
                return speaker
        return None

    def by_short_name(self, name: str, before: int) -> Speaker | None:
        """Return the actor that 'the Society' means: the end of a longer name, the document's own voice first."""
        noun = key(name)
        if len(noun.split()) != 1 or not name[-1:].isalpha():
            return None
        if noun in roles().government_names:
            return self.government()
        if self.voice is not None and _noun_of(self.voice.label) == noun:
            return self.voice
        common = noun in roles().organisations
        same = [(i, s) for i, s in self.organisations if (s.listed or common) and _noun_of(s.label) == noun]
        speaker = next((s for i, s in reversed(same) if i < before), same[0][1] if same else None)
        if speaker is None and common:
            # The article is written for readers who know the organisation.
            listed = [actor for actor in self.domain.actors.values() if _noun_of(actor.label) == noun]
            return self.listed(listed[0].id) if len(listed) == 1 else None
        return replace(speaker, person=None) if speaker is not None else None

    def last_organisation(self, head: Token, lemma: str) -> Speaker | None:
        """Return what 'the association' means: an organisation with the word in its name, else the last speaker."""
        named = [s for i, s in self.organisations if i < head.i]
        for speaker in reversed(named):
            if lemma in speaker.label.lower().split():
                return speaker
        spoke = [(i, s) for i, s in self.history if i < head.i and s.kind is ActorKind.ORGANISATION]
        last = spoke[-1] if spoke else None
        if last is not None:
            return Speaker(actor=last[1].actor, label=last[1].label, kind=last[1].kind, listed=last[1].listed)
        return named[-1] if named else None
