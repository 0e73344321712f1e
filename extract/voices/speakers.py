"""Resolve speakers: turn a name, office, pronoun or common noun into an actor and a person."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, lru_cache

from spacy.tokens import Doc, Token

from extract.lexicon import table, words
from extract.marking.names import Named, Names, key
from extract.marking.quotations import QUOTATIONS
from graph.domain.folder import Domain, within
from graph.model import Actor, ActorKind, Article
from graph.names import slug


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A speaker: the actor who holds what is said, and the person who says it."""

    actor: str
    """Id of the organisation spoken for, or of the person or group; formed from the name if no table lists it."""
    label: str
    person: str | None = None
    """Fullest name in the article, without titles; None if the organisation or group itself speaks."""
    kind: ActorKind = ActorKind.ORGANISATION
    listed: bool = True
    """Whether a table of the domain lists the actor."""


@dataclass(slots=True, kw_only=True)
class Person:
    """A person named in an article."""

    name: str
    gender: str = ""
    speaker: Speaker | None = None
    """The actor they speak for; None until it is known."""
    office: str = ""
    """Their role in the table, in lower case."""
    role: str = ""
    """The words around the first mention, in lower case: '… the shadow transport secretary …'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The language's words for titles, offices, groups and pronouns."""

    titles: dict[str, str]
    offices: frozenset[str]
    members: frozenset[str]
    former: frozenset[str]
    government: frozenset[str]
    government_phrases: tuple[str, ...]
    government_names: tuple[str, ...]
    opposite: str
    organisations: frozenset[str]
    groups: frozenset[str]
    bodies: frozenset[str]
    some: frozenset[str]
    """Words for part of a group that can be used alone: 'several', 'those'."""
    shares: frozenset[str]
    """Words that count part of a group: 'percent', 'majority'."""
    documents: frozenset[str]
    pronouns: dict[str, str]
    first: dict[str, str]
    statement: re.Pattern[str]
    between: str
    """A regular expression for what separates names in a list."""
    beside_name: str
    """What follows a name and says what office or body the person speaks for."""


@cache
def roles() -> Roles:
    """Return the lexicon of roles, read from `roles.toml`."""
    data = table("roles")

    def by_word(section: str) -> dict[str, str]:
        return {word: kind for kind, several in data[section].items() for word in several.split()}

    return Roles(
        titles=by_word("titles"),
        offices=words(data["offices"]["words"]),
        members=words(data["members"]["words"]),
        former=words(data["members"]["former"] if "former" in data["members"] else data["former"]),
        government=words(data["government"]["words"]),
        government_phrases=tuple(data["government"]["phrases"]),
        government_names=tuple(data["government"]["names"]),
        opposite=data["government"]["opposite"],
        organisations=words(data["organisations"]["words"]),
        groups=words(data["groups"]["words"]),
        bodies=words(data["groups"]["bodies"]),
        some=words(data["groups"]["some"]),
        shares=words(data["groups"]["shares"]),
        documents=words(data["documents"]["words"]),
        pronouns=by_word("pronouns"),
        first=by_word("first"),
        statement=re.compile(data["introductions"]["statement"], re.IGNORECASE | re.MULTILINE),
        between=data["names"]["between"],
        beside_name=data["names"]["beside"],
    )


def _is_plan(name: str) -> bool:
    """Return whether a name is that of a plan and not of an organisation: 'Night Buses Bill'."""
    parts = name.lower().split()
    return bool(parts) and parts[-1] in words(table("sections")["plans"]["nouns"])


@lru_cache(maxsize=1 << 12)
def _noun_of(name: str) -> str:
    """Return the noun that classifies the bearer of a name: 'society' for 'Society of Riders'."""
    parts = re.split(r"\s+(?:of|for)\s+", key(name), maxsplit=1)[0].split()
    return parts[-1] if len(name.split()) > 1 and parts else ""


def represented(actor: Actor, domain: Domain, date: str = "", *, against: str = "") -> Actor:
    """Return the organisation that a person in the table speaks for at a date, or the actor itself if there is none.

    `against` is the organisation whose plans are at issue.
    """
    if actor.kind is not ActorKind.PERSON:
        return actor
    places = [m for m in actor.member_of if not (date and (m.since or m.until)) or within(date, m.since, m.until)]
    if not places:
        return actor
    # A person in both government and a party speaks for their party when they answer another party.
    places.sort(key=lambda place: place.organisation != domain.government)
    rival = against and len(places) > 1 and against not in [m.organisation for m in places]
    return domain.actors[places[1 if rival else 0].organisation]


def of_actor(actor: Actor, domain: Domain, date: str = "", *, against: str = "") -> Speaker:
    """Return an actor of the table as a speaker."""
    held = represented(actor, domain, date, against=against)
    person = actor.label if actor.kind is ActorKind.PERSON else None
    return Speaker(actor=held.id, label=held.label, person=person, kind=held.kind)


@dataclass
class Cast:
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
        self.hits = list(self.names.find(self.article.text))
        self._quoted = [False] * len(self.doc)
        for quote in self.doc.spans.get(QUOTATIONS, ()):
            if len(quote) > 6:
                self._quoted[quote.start : quote.end] = [True] * len(quote)
        self.rival = self._rival()
        self.voice = self._voice()
        self._find_people()
        self._affiliate()

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

    # ---- who is there

    def _find_people(self) -> None:
        found: list[tuple[int, int, str, str | None]] = []
        for hit in self.hits:
            span = self.doc.char_span(hit.start, hit.end, alignment_mode="expand")
            if span is None:
                continue
            if hit.person:
                found.append((span.start, span.end, self.domain.actors[hit.actor].label, hit.actor))
            else:
                self.organisations.append((span.start, of_actor(self.domain.actors[hit.actor], self.domain)))
        taken = {i for start, end, _, _ in found for i in range(start, end)}
        listed_words = {
            i
            for hit in self.hits
            if not hit.person
            for span in [self.doc.char_span(hit.start, hit.end, alignment_mode="expand")]
            if span is not None
            for i in range(span.start, span.end)
        }
        titles = roles().titles
        for ent in self.doc.ents:
            start, end = ent.start, ent.end
            if ent.label_ not in ("PERSON", "ORG", "GPE", "NORP", "FAC"):
                continue
            titled = start > 0 and self.doc[start - 1].lower_ in titles and self.doc[start - 1].is_title
            titled = titled or (self.doc[start].lower_ in titles and self.doc[start].is_title)
            if ent.label_ != "PERSON" and not titled:
                if (
                    ent.label_ == "ORG"
                    and not (set(range(start, end)) & (taken | listed_words))
                    and not _is_plan(self._organisation_name(start, end))
                ):
                    name = self._organisation_name(start, end)
                    speaker = self.by_short_name(name, start) or self.unlisted(name, ActorKind.ORGANISATION)
                    if speaker is not None:
                        self.organisations.append((start, speaker))
                continue
            while start < end and (self.doc[start].lower_ in titles or not self.doc[start].text[:1].isupper()):
                start += 1
            while end > start and (
                self.doc[end - 1].lower_ in ("'s", "’s", "'", "’") or not self.doc[end - 1].text[:1].isupper()
            ):
                end -= 1
            while end < len(self.doc) and self._goes_on(end) and end - start < 4:
                end += 1
            if end - start > 4 or start == end or set(range(start, end)) & (taken | listed_words):
                continue
            if _is_plan(self.doc[start:end].text) and (
                end - start > 1 or (start > 0 and self.doc[start - 1].lower_ in ("the", "this", "that", "a"))
            ):
                # 'the Bill' is not an actor.
                continue
            found.append((start, end, self.doc[start:end].text, None))
        self._find_introduced()
        full = {name.split()[-1] for _, _, name, _ in found if len(name.split()) > 1} | {
            person.name.split()[-1] for person in self.people.values()
        }
        for start, end, name, actor in sorted(found):
            if actor is None and name not in full and len(name.split()) == 1 and self._titled(start):
                name, actor = self._surname(name)
            person = self._person(name, actor)
            if actor is not None and not person.office:
                person.office = " ".join(self._offices(actor))
            gender = self._title(start)
            person.gender = person.gender or gender or roles().first.get(person.name.split()[0].lower(), "")
            if not person.role and len(name.split()) > 1:
                self._introduce(person, start, end)
            self.at.append((start, person))
            for i in range(start, end):
                self.spots[i] = person
        self.organisations.sort(key=lambda entry: entry[0])

    def _affiliate(self) -> None:
        """Whom people speak for who are listed with their organisation: 'Ada Quill, chair, Riders' Union; …'."""
        text = self.article.text
        for person in {id(p): p for p in self.people.values()}.values():
            if person.speaker is not None or len(person.name.split()) < 2:
                continue
            for match in re.finditer(re.escape(person.name) + roles().beside_name, text):
                held = self._organisation_of(match["role"], guess=match["by"] in (",", "("))
                if held is not None:
                    person.speaker = replace(held, person=person.name)
                    person.role = person.role or match["role"].strip().lower()
                    break

    def _organisation_of(self, role: str, *, guess: bool) -> Speaker | None:
        """The one organisation that a role next to a name names; one of no table only where `guess`."""
        role = role[: next((m.start() for m in re.finditer(r"[”\"]|\b(?:said|says|told|who)\b", role)), len(role))]
        if set(re.findall(r"[\w-]+", role.lower())) & roles().former:
            return None
        hits = {hit.actor for hit in self.names.find(role) if not hit.person}
        if len(hits) == 1:
            return self.listed(hits.pop())
        last = role.split(",")[-1].strip()
        parts = last.removeprefix("the ").removeprefix("The ").split()
        small = {"of", "for", "and", "the", "in", "on", "&"}
        offices = roles().offices | roles().members
        if not offices.isdisjoint(part.lower() for part in parts):
            return None
        if hits or not guess or len(parts) < 2 or not all(part[:1].isupper() or part in small for part in parts):
            return None
        return self.unlisted(" ".join(parts), ActorKind.ORGANISATION)

    def _titled(self, start: int) -> bool:
        return start > 0 and self.doc[start - 1].lower_ in roles().titles and self.doc[start - 1].text[:1].isupper()

    def _surname(self, name: str) -> tuple[str, str | None]:
        """Return the person with this surname: the only one in the table, otherwise the full name in the article."""
        people = [actor for actor in self.domain.actors.values() if actor.kind is ActorKind.PERSON]
        same = [actor for actor in people if actor.label.split()[-1] == name]
        if len(same) == 1:
            return same[0].label, same[0].id
        lexicon = roles()
        common = {*lexicon.titles, *lexicon.offices, *lexicon.members, *lexicon.organisations}
        for token in self.doc[1:]:
            first = self.doc[token.i - 1]
            if (
                token.text == name
                and first.pos_ == "PROPN"
                and first.is_title
                and first.lower_ not in common
                and first.text[1:].isalpha()
            ):
                return f"{first.text} {name}", None
        return name, None

    def _offices(self, actor: str) -> Iterator[str]:
        listed = self.domain.actors[actor]
        yield from (alias.lower() for alias in listed.aliases)
        for place in listed.member_of:
            if not self.article.date or within(self.article.date, place.since, place.until):
                yield place.role.lower()

    def _find_introduced(self) -> None:
        """Read the witnesses of a hearing from its headings: 'STATEMENT OF ADA QUILL, CHAIR, CITY COUNCIL'."""
        for match in roles().statement.finditer(self.article.text):
            name, role = match["name"], match["role"] or ""
            name = name.title() if name.isupper() else name
            person = self._person(" ".join(part for part in name.split() if len(part) > 2 or part[-1:] != "."), None)
            person.role = person.role or role.lower()
            if person.speaker is not None or not role or set(re.findall(r"[\w-]+", person.role)) & roles().former:
                continue
            hits = [hit for hit in self.names.find(role) if not hit.person]
            parts = [" ".join(part.split()) for part in role.split(",")]
            held = self.listed(hits[-1].actor) if hits else None
            if held is None and len(parts) > 1 and set(re.findall(r"[\w-]+", person.role)) & roles().offices:
                organisation = parts[1].title() if parts[1].isupper() else parts[1]
                held = self.unlisted(organisation, ActorKind.ORGANISATION)
            if held is not None:
                person.speaker = replace(held, person=person.name)

    def by_label(self, mention: tuple[int, int]) -> Speaker | None:
        """Return the speaker for a transcript label: 'Ms. QUILL', 'Ada Quill', 'The Chair'."""
        text = self.doc[mention[0] : mention[1]].text.strip(" .,:")
        known = self.names.by_key.get(key(text))
        if known is not None:
            return self.listed(known)
        titles = roles().titles
        parts = [part for part in text.split() if part.lower() not in titles and part.lower().rstrip(".") not in titles]
        parts = [part.title() if part.isupper() else part for part in parts if part.lower() != "the"]
        if not parts:
            parts = text.split()
        if parts[-1].lower() in roles().offices:
            head = self.doc[mention[1] - 1]
            return self.by_role(head, head.i) or self.by_role_anywhere(parts[-1].lower())
        last = parts[-1].lower()
        same = {p.name: p for p in self.people.values() if p.name.split()[-1].lower() == last}
        if len(parts) > 1:
            same = {n: p for n, p in same.items() if len(n.split()) == 1 or n.split()[0].lower() == parts[0].lower()}
        full = {n: p for n, p in same.items() if len(n.split()) > 1} or same
        if len(full) == 1:
            return self.of_person(next(iter(full.values())))
        listed = [
            actor
            for actor in self.domain.actors.values()
            if actor.kind is ActorKind.PERSON and actor.label.split()[-1].lower() == last
        ]
        if len(listed) == 1:
            return self.listed(listed[0].id)
        name = " ".join(parts)
        return Speaker(
            actor=slug(name, otherwise="somebody"), label=name, person=name, kind=ActorKind.PERSON, listed=False
        )

    def by_role_anywhere(self, office: str) -> Speaker | None:
        """Return the only person in the article who holds an office."""
        same = {p.name: p for p in self.people.values() if office in re.findall(r"[\w-]+", f"{p.role} {p.office}")}
        return self.of_person(next(iter(same.values()))) if len(same) == 1 else None

    def _goes_on(self, i: int) -> bool:
        """Return whether a token continues a name that the language model cut short."""
        token = self.doc[i]
        return token.pos_ == "PROPN" and token.text[:1].isupper() and token.text[1:].islower() and not token.ent_type_

    def _person(self, name: str, actor: str | None) -> Person:
        name = " ".join(name.split())
        if name in self.people:
            return self.people[name]
        parts = name.split()
        if actor is None:
            same = {
                id(p): p
                for p in self.people.values()
                if p.name.split()[-1] == parts[-1]
                and (len(parts) == 1 or parts[0] == p.name.split()[0] or len(p.name.split()) == 1)
            }
            if not same and len(parts) == 1:
                same = {id(p): p for p in self.people.values() if p.name.split()[0] == parts[0]}
            if len(same) == 1:
                person = next(iter(same.values()))
                if len(parts) > len(person.name.split()):
                    person.name = name
                self.people[name] = person
                return person
        else:
            for known in self.people.values():
                if known.speaker is None and known.name.split()[-1] == parts[-1]:
                    known.name, known.speaker = (
                        name,
                        self.listed(actor),
                    )
                    self.people[name] = known
                    return known
        person = Person(name=name)
        if actor is not None:
            person.speaker = self.listed(actor)
        self.people[name] = person
        return person

    def _title(self, start: int) -> str:
        for i in (start - 1, start):
            if 0 <= i < len(self.doc):
                kind = roles().titles.get(self.doc[i].lower_, "")
                if kind in ("m", "f"):
                    return kind
        return ""

    def _introduce(self, person: Person, start: int, end: int) -> None:
        """Read what the text next to a name says of the person: office and organisation."""
        top = self.doc[end - 1]
        for _ in range(4):
            if (
                top.dep_ in ("compound", "appos", "nmod", "poss", "flat")
                and top.head.i != top.i
                and top.head.pos_ in ("NOUN", "PROPN")
            ):
                if top.dep_ == "poss":
                    break
                top = top.head
        low, high = min(top.left_edge.i, start), max(top.right_edge.i + 1, end)
        # The parser may have attached 'Director of X at Y' before the name to another word.
        while (
            low > 0
            and start - low < 14
            and (
                self.doc[low - 1].pos_ in ("NOUN", "PROPN", "ADJ", "ADP", "DET", "PART", "CCONJ")
                or self.doc[low - 1].text in (",", "'s", "’s")
            )
            and self.doc[low].is_sent_start is not True
        ):
            if self.doc[low - 1].text == "," and not (low - 2 >= 0 and self.doc[low - 2].pos_ in ("NOUN", "PROPN")):
                break
            low -= 1
        after = end
        if after < len(self.doc) and self.doc[after].text in (",", "("):
            while (
                after < len(self.doc)
                and after - end < 22
                and not self.doc[after].is_sent_end
                and self.doc[after].pos_ != "VERB"
                and self.doc[after].text not in (":", '"', "“")
            ):
                after += 1
        else:
            after = min(high, end + 1) if high <= end + 1 else high
            if after < len(self.doc) and after == end and self.doc[after].lower_ in ("of", "from", "at", "for"):
                after = min(end + 8, len(self.doc))
        high = max(end, min(after, len(self.doc)))
        low = max(low, start - 20)
        person.role = self.doc[low:high].text.lower()
        if person.speaker is None:
            person.speaker = self._affiliation(low, high, start, end, person)

    def _affiliation(self, low: int, high: int, start: int, end: int, person: Person) -> Speaker | None:
        lexicon = roles()
        around = [t for t in self.doc[low:high] if not start <= t.i < end]
        lemmas = {t.lemma_.lower() for t in around} | {t.lower_ for t in around}
        if lemmas & lexicon.former:
            return None
        office = bool(lemmas & lexicon.offices)
        if lemmas & lexicon.members and not (
            lemmas & {"spokesman", "spokeswoman", "spokesperson", "leader", "director", "chairman", "president"}
        ):
            return None
        organisation = self.organisation_in(low, high, but=(start, end))
        for token in around:
            # 'its director Jo Bloggs'
            if token.tag_ == "PRP$" and token.head.lemma_.lower() in lexicon.offices:
                before = [s for i, s in self.organisations if i < token.i]
                if token.lower_ in ("its", "their") and before:
                    organisation = before[-1]
            # 'the charity's director, Jo Bloggs'
            if token.dep_ == "poss" and token.pos_ == "NOUN" and token.lemma_ in lexicon.organisations:
                organisation = self.last_organisation(token, token.lemma_) or organisation
        if organisation is not None and (
            office or organisation.listed or self.doc[end : end + 3].text.startswith((",", "of", "from"))
        ):
            return Speaker(
                actor=organisation.actor,
                label=organisation.label,
                person=person.name,
                kind=organisation.kind,
                listed=organisation.listed,
            )
        if office and lemmas & lexicon.government and lexicon.opposite not in lemmas:
            government = self.government()
            if government is not None:
                return Speaker(
                    actor=government.actor,
                    label=government.label,
                    person=person.name,
                    kind=government.kind,
                    listed=government.listed,
                )
        return None

    def organisation_in(self, low: int, high: int, *, but: tuple[int, int] = (0, 0)) -> Speaker | None:
        """Return the organisation named in a stretch: the last in the table, else the last found by the model."""
        here = [(i, s) for i, s in self.organisations if low <= i < high and not but[0] <= i < but[1]]
        listed = [s for _, s in here if s.listed]
        if listed:
            return listed[-1]
        return here[-1][1] if here else None

    def _organisation_name(self, start: int, end: int) -> str:
        while start < end and (self.doc[start].lower_ in ("the", "a", "an") or self.doc[start].is_punct):
            start += 1
        while end > start and (self.doc[end - 1].lower_ in ("'s", "’s", "'", "’") or self.doc[end - 1].is_punct):
            end -= 1
        return self.doc[start:end].text

    def unlisted(self, name: str, kind: ActorKind, person: str | None = None) -> Speaker | None:
        """Return an actor that no table lists, by its name in the article."""
        name = " ".join(name.split())
        if not any(c.isalnum() for c in name):
            return None
        known = self.names.by_key.get(key(name)) or self.names.nearly(name)
        if known is not None:
            return self.listed(known)
        return Speaker(actor=slug(name, otherwise="somebody"), label=name, person=person, kind=kind, listed=False)

    def listed(self, actor: str) -> Speaker:
        """Return an actor of the table as a speaker at the date of the article."""
        return of_actor(self.domain.actors[actor], self.domain, self.article.date, against=self.rival)

    def government(self) -> Speaker | None:
        """Return the actor that 'the government' means in this domain."""
        if self.domain.government:
            return of_actor(self.domain.actors[self.domain.government], self.domain)
        for name in roles().government_names:
            known = self.names.by_key.get(key(name))
            if known is not None:
                return of_actor(self.domain.actors[known], self.domain)
        return None

    def _voice(self) -> Speaker | None:
        voice = self.article.voice
        if not voice:
            return None
        if voice in self.domain.actors:
            return of_actor(self.domain.actors[voice], self.domain, self.article.date)
        return self.unlisted(voice, ActorKind.ORGANISATION)

    def of_person(self, person: Person) -> Speaker:
        """Return a person of the article as a speaker: for their organisation, otherwise for themselves."""
        if person.speaker is not None:
            return person.speaker
        return Speaker(
            actor=slug(person.name, otherwise="somebody"),
            label=person.name,
            person=person.name,
            kind=ActorKind.PERSON,
            listed=False,
        )

    # ---- who is meant

    def resolve(self, mention: tuple[int, int], holder: int) -> Speaker | None:
        """Return the speaker that a mention means, or None; `holder` is the head of the phrase that names them."""
        head = self.doc[holder]
        kind = roles().pronouns.get(head.lower_)
        if kind is not None and head.pos_ in ("PRON", "DET"):
            return self.by_pronoun(kind, holder)
        start, end = self._phrase(head, mention)
        if head.lemma_.lower() in roles().shares:
            return self.by_share(head)
        if self.voice is not None and head.lower_ in roles().some and self._alone(head):
            # 'Several suggested' or 'those who disagreed' means part of the group that the document reports on.
            return self.asked() or self.last(head.i, lambda s: s.kind is ActorKind.GROUP)
        return (
            self.by_person(head, start, end)
            or self.by_name(head, start, end)
            or (self.by_role(head, start) if head.lower_ in roles().members else None)
            or self.by_office(head, start, end)
            or self.by_noun(head, start, end)
        )

    def _phrase(self, head: Token, mention: tuple[int, int]) -> tuple[int, int]:
        start, end = head.left_edge.i, head.right_edge.i + 1
        for child in head.children:
            if child.dep_ in ("relcl", "acl", "ccomp", "advcl", "parataxis", "conj", "cc") and child.i > head.i:
                end = min(end, child.left_edge.i)
        if mention[0] <= head.i < mention[1]:
            start, end = min(start, mention[0]), max(end, mention[1])
        return start, max(end, head.i + 1)

    def single(self, holder: int) -> bool:
        """Return whether a phrase means a single office holder ('a spokeswoman')."""
        token = self.doc[holder]
        return token.tag_ in ("NN", "NNP") and token.lemma_.lower() in roles().offices | roles().members

    def answered(self, speaker: Speaker, start: int, end: int) -> Speaker:
        """Return the same person as a speaker for their party, if the words at these offsets are about another."""
        person = self.names.by_key.get(key(speaker.person or ""))
        if person is None or len(self.domain.actors[person].member_of) < 2:
            return speaker
        own = {m.organisation for m in self.domain.actors[person].member_of}
        for hit in self.hits:
            if start <= hit.start < end and hit.actor in self.parties - own:
                return of_actor(self.domain.actors[person], self.domain, self.article.date, against=hit.actor)
        return speaker

    def all_in(self, mention: tuple[int, int]) -> Iterator[tuple[tuple[int, int], Speaker]]:
        """Return every actor of the table that a list names."""
        span = self.doc[mention[0] : mention[1]]
        for hit in self.hits:
            place = self.doc.char_span(hit.start, hit.end, alignment_mode="expand")
            if place is not None and span.start_char <= hit.start < span.end_char:
                yield (place.start, place.end), self.listed(hit.actor)

    def others(self, mention: tuple[int, int], holder: int) -> Iterator[tuple[tuple[int, int], Speaker]]:
        """Return the other speakers in a joint mention: 'the council and its staff', 'critics, including Jo Bloggs'."""
        head = self.doc[holder]
        row = list(self._in_a_row(head))
        yield from row
        beside = {speaker.actor for _, speaker in row}
        heads = [t for t in head.conjuncts if t.i > holder]
        for token in [head, *heads]:
            for child in token.children:
                if child.lower_ == "including" and child.i > token.i:
                    heads += [t for c in child.children if c.dep_ == "pobj" for t in (c, *c.conjuncts)]
        for token in heads:
            if token.pos_ not in ("NOUN", "PROPN") or token.i == holder:
                continue
            start, end = self._phrase(token, (token.i, token.i + 1))
            speaker = self.resolve((start, end), token.i)
            if speaker is not None and speaker.actor not in beside:
                yield (start, end), speaker

    def _in_a_row(self, head: Token) -> Iterator[tuple[tuple[int, int], Speaker]]:
        """Return the organisations of the table listed next to the first, regardless of the parse."""
        end = None
        for hit in self.hits:
            if end is None:
                end = hit.end if hit.start <= head.idx < hit.end else None
                continue
            if not re.fullmatch(roles().between, self.article.text[end : hit.start], re.IGNORECASE):
                return
            place = self.doc.char_span(hit.start, hit.end, alignment_mode="expand")
            if place is not None:
                yield (place.start, place.end), self.listed(hit.actor)
            end = hit.end

    def by_person(self, head: Token, start: int, end: int) -> Speaker | None:
        person = self.spots.get(head.i)
        if person is None:
            # 'the minister, Jo Bloggs' and 'Minister Jo Bloggs', whichever word is the head
            for child in head.children:
                if (
                    child.dep_ in ("appos", "compound", "flat", "nmod")
                    and child.i in self.spots
                    and start <= child.i < end
                ):
                    if (
                        child.dep_ != "appos"
                        and child.i < head.i
                        and head.lemma_.lower() in roles().offices | roles().members | roles().organisations
                    ):
                        continue
                    person = self.spots[child.i]
            if person is None and head.pos_ == "PROPN":
                later = [
                    self.spots[i]
                    for i in range(head.i, end)
                    if i in self.spots and not any(t.dep_ == "prep" for t in self.doc[head.i : i])
                ]
                person = later[0] if later else None
        return self.of_person(person) if person is not None else None

    def by_name(self, head: Token, start: int, end: int) -> Speaker | None:
        for hit in self.hits:
            if hit.start <= head.idx < hit.end:
                return self.listed(hit.actor)
        whole = self.names.by_key.get(key(self.doc[start:end].text))
        if whole is not None:
            return self.listed(whole)
        return None

    def by_office(self, head: Token, start: int, end: int) -> Speaker | None:
        lexicon = roles()
        lemma = head.lemma_.lower()
        if lemma not in lexicon.offices:
            return None
        text = self.doc[start:end].text.lower()
        owner = next((c for c in head.children if c.dep_ == "poss"), None)
        if owner is not None and owner.lemma_.lower() in lexicon.organisations and owner.pos_ == "NOUN":
            return self.last_organisation(owner, owner.lemma_.lower())
        organisation = self.organisation_in(start, end)
        if organisation is not None and not organisation.listed and end - 1 > head.i and end - 1 in self.spots:
            # 'the leader of the House Jo Bloggs'
            return self.of_person(self.spots[end - 1])
        if organisation is not None:
            return organisation
        if owner is not None:
            kind = lexicon.pronouns.get(owner.lower_)
            if kind is not None:
                return self.by_pronoun(kind, owner.i)
            if owner.i in self.spots:
                return self.of_person(self.spots[owner.i])
            return self.by_noun(owner, owner.left_edge.i, owner.i + 1)
        named = [self.spots[i] for i in range(head.i + 1, end) if i in self.spots]
        if named and self.doc[end - 1].tag_ != "POS":
            return self.of_person(named[-1])
        indefinite = any(t.lower_ in ("a", "an", "one", "another") for t in self.doc[start : head.i])
        if not indefinite:
            known = self.by_role(head, start)
            if known is not None:
                return known
        if lexicon.opposite in text:
            return None
        if lemma in lexicon.government or any(phrase in text for phrase in lexicon.government_phrases):
            return self.government()
        if not indefinite:
            return self.last(head.i, lambda s: s.person is not None)
        return self.last(head.i, lambda s: s.kind is ActorKind.ORGANISATION)

    def by_role(self, head: Token, start: int) -> Speaker | None:
        """Return the last person introduced in these words: 'The archbishop'."""
        wanted = {t.lower_ for t in self.doc[start : head.i + 1] if t.pos_ in ("NOUN", "PROPN", "ADJ")}
        for i, person in reversed(self.at):
            if i < head.i and wanted <= set(re.findall(r"[\w-]+", f"{person.role} {person.office}")):
                return self.of_person(person)
        same = {
            p.name: p for i, p in self.at if i < head.i and head.lower_ in re.findall(r"[\w-]+", f"{p.role} {p.office}")
        }
        return self.of_person(next(iter(same.values()))) if len(same) == 1 else None

    def named(self, token: Token) -> Speaker | None:
        """Return the person or organisation that a word names on its own."""
        low = token.left_edge.i
        return self.by_person(token, low, token.i + 1) or self.by_name(token, low, token.i + 1)

    def by_document(self, head: Token, start: int, end: int, *, this: bool) -> Speaker | None:
        """Return the author of 'the report': its owner here or at its first mention, else the last organisation."""
        plans = table("sections")["plans"]
        if this and self.voice is not None and head.lemma_.lower() not in words(plans["laws"]):
            return self.voice
        planned = head.lemma_.lower() in words(plans["nouns"])
        for token in [head, *(t for t in self.by_lemma[head.lemma_] if t.i != head.i)]:
            owner = next((c for c in token.children if c.dep_ == "poss"), None)
            if owner is not None and owner.i != head.i:
                kind = roles().pronouns.get(owner.lower_)
                found = self.by_pronoun(kind, owner.i) if kind else self.named(owner)
                if found is not None:
                    return found
            low, high = token.left_edge.i, min(token.right_edge.i + 1, token.i + 12)
            person = next((self.spots[i] for i in range(low, high) if i in self.spots), None)
            found = self.organisation_in(low, high) or (self.of_person(person) if person is not None else None)
            if found is not None and (found.listed or not planned):
                return found
        if planned and (government := self.government()) is not None:
            return government
        return self.last_organisation(head, head.lemma_)

    def by_noun(self, head: Token, start: int, end: int) -> Speaker | None:
        lexicon = roles()
        lemma, low = head.lemma_.lower(), head.lower_
        while start < end and (self.doc[start].is_punct or self.doc[start].is_space):
            start += 1
        definite = self.doc[start].lower_ in ("the", "this", "that", "these", "those") or self.doc[start].tag_ == "PRP$"
        if head.pos_ == "PROPN" or (head.ent_type_ == "ORG" and head.text[:1].isupper()):
            name = self._organisation_name(*self._proper(head, start, end))
            if _is_plan(name) and self.names.nearly(name) is None:
                return self.by_document(head, start, end, this=self.doc[start].lower_ == "this")
            short = self.by_short_name(name, head.i)
            if short is not None:
                return short
            if len(name) > 1:
                for person in self.people.values():
                    if person.name.split()[-1].lower() == name.split()[-1].lower() and len(name.split()) <= 2:
                        return self.of_person(person)
                return self.member(name, head.i, end) or self.unlisted(name, ActorKind.ORGANISATION)
        if lemma in lexicon.documents:
            return self.by_document(head, start, end, this=self.doc[start].lower_ == "this")
        if low in lexicon.groups or (head.tag_ == "NNS" and not definite):
            return self.group(head, start, end)
        if lemma in lexicon.organisations:
            inner = self.organisation_in(start, end)
            if inner is not None and not definite:
                return inner
            if definite:
                return self.last_organisation(head, lemma)
            return inner
        if definite and head.tag_ == "NN":
            known = self.by_role(head, start)
            if known is not None:
                return known
            return self.last(head.i, lambda s: s.person is not None) if lemma in lexicon.members else None
        inner = self.organisation_in(start, end)
        return inner if inner is not None and inner.listed and head.tag_ == "NN" and not definite else None

    def member(self, name: str, at: int, end: int) -> Speaker | None:
        """Return a person when the model joined the name to an organisation's, or by a surname in the table."""
        for preposition in ("of", "from", "at"):
            person, found, _ = name.partition(f" {preposition} ")
            hits = [hit for hit in self.names.find(name) if hit.start > len(person)] if found else []
            if hits and not hits[0].person and len(person.split()) in (2, 3):
                held = self.listed(hits[0].actor)
                return Speaker(actor=held.actor, label=held.label, person=person, kind=held.kind, listed=held.listed)
        if len(name.split()) == 1:
            people = (actor for actor in self.domain.actors.values() if actor.kind is ActorKind.PERSON)
            same = [actor for actor in people if actor.label.split()[-1] == name]
            if len(same) == 1 and self._title(at):
                return self.listed(same[0].id)
        return None

    def _proper(self, head: Token, start: int, end: int) -> tuple[int, int]:
        low = high = head.i
        while low > start and (
            self.doc[low - 1].text[:1].isupper()
            or self.doc[low - 1].lower_ in ("of", "for", "and", "&", "'s", "’s", "-")
        ):
            low -= 1
        while high + 1 < end and (
            self.doc[high + 1].text[:1].isupper()
            or (
                self.doc[high + 1].lower_ in ("of", "for", "and", "&", "'s", "’s", "-")
                and high + 2 < end
                and self.doc[high + 2].text[:1].isupper()
            )
        ):
            high += 1
        while low < head.i and not self.doc[low].text[:1].isupper():
            low += 1
        return low, high + 1

    def _alone(self, head: Token) -> bool:
        return not any(c.dep_ == "prep" and c.lower_ in ("of", "among", "from") for c in head.children)

    def asked(self) -> Speaker | None:
        """Return the first group of the table that an organisation's own document names."""
        for hit in self.hits:
            if self.domain.actors[hit.actor].kind is ActorKind.GROUP:
                return self.listed(hit.actor)
        return None

    def by_share(self, head: Token) -> Speaker | None:
        """Return the group that a share belongs to: '42% of riders', 'of the riders asked, 42%', 'the other 18%'."""
        for child in (*head.children, *head.head.children):
            if child.dep_ != "prep" or child.lower_ not in ("of", "among"):
                continue
            whole = next((c for c in child.children if c.dep_ == "pobj"), None)
            if whole is not None and (whole.tag_ in ("NNS", "NNPS") or whole.lower_ in roles().groups):
                return self.group(whole, whole.left_edge.i, whole.i + 1)
        if self.voice is not None:
            return self.asked() or self.last(head.i, lambda s: s.kind is ActorKind.GROUP)
        last = self.history[-1] if self.history else None
        return last[1] if last is not None and last[1].kind is ActorKind.GROUP else None

    def group(self, head: Token, start: int, end: int) -> Speaker | None:
        """Return people without a name of their own, with the article's wording as their label."""
        low = start
        while low < head.i and (
            self.doc[low].lower_ in ("the", "these", "those", "all") or self.doc[low].is_punct or self.doc[low].like_num
        ):
            low += 1
        stop = head.i + 1
        of = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "of"), None)
        inner = next((c for c in of.children if c.dep_ == "pobj"), None) if of is not None else None
        source = next((c for c in head.children if c.dep_ == "prep" and c.lower_ == "from"), None)
        part = next((c for c in source.children if c.dep_ == "pobj"), None) if source is not None else None
        if self.voice is not None and part is not None and part.tag_ == "NNS":
            # 'respondents from small firms'
            return self.group(part, part.left_edge.i, part.i + 1)
        if inner is not None and head.lemma_.lower() in roles().bodies:
            held = self.by_name(inner, inner.i, inner.i)
            if held is not None:
                return held
        for label in (self.doc[low:end].text, self.doc[low:stop].text, self.doc[head.i : stop].text):
            known = self.names.by_key.get(key(label))
            if known is not None:
                return self.listed(known)
        label = self.doc[low:stop].text
        if not label[:1].isalpha() or len(label.split()) > 6:
            return None
        return Speaker(
            actor=slug(label, otherwise="somebody"),
            label=label[:1].upper() + label[1:],
            kind=ActorKind.GROUP,
            listed=False,
        )

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

    def by_pronoun(self, kind: str, at: int) -> Speaker | None:
        if kind == "own":
            return self.voice
        if kind in ("m", "f"):
            return self._by_gender(kind, at)
        return self._by_thing(kind, at)

    def _by_gender(self, gender: str, at: int) -> Speaker | None:
        def fits(person: Person) -> bool:
            return person.gender in ("", gender)

        spoke = next(
            ((i, s) for i, s in reversed(self.history) if i < at and (s.person is not None or i in self.human)), None
        )
        since = spoke[0] if spoke else -1
        named = [(i, p) for i, p in self.at if i < at and fits(p) and not self._quoted[i] and at - i < 150]
        subjects = [(i, p) for i, p in named if i > since and self._is_subject(i)]
        if subjects:
            subjects[-1][1].gender = gender
            return self.of_person(subjects[-1][1])
        if spoke is not None:
            person = self.people.get(spoke[1].person or "")
            if person is None or fits(person):
                if person is not None:
                    person.gender = gender
                return spoke[1]
        if named:
            return self.of_person(named[-1][1])
        return None

    def _is_subject(self, i: int, *, main: bool = False) -> bool:
        token = self.doc[i]
        for _ in range(4):
            if token.dep_ in ("nsubj", "nsubjpass"):
                return not main or token.head.dep_ in ("ROOT", "conj")
            if token.dep_ not in ("compound", "appos", "flat", "nmod") or token.head.i == token.i:
                return False
            token = token.head
        return False

    def _by_thing(self, kind: str, at: int) -> Speaker | None:
        """Return what 'it' or 'they' means: the organisation or group that last spoke or has since been a subject."""
        spoke = next(
            ((i, s) for i, s in reversed(self.history) if i < at and (s.person is None or kind == "they")), None
        )
        since = spoke[0] if spoke else -1
        subjects = [
            (i, s)
            for i, s in self.organisations
            if since < i < at and at - i < 60 and not self._quoted[i] and self._is_subject(i, main=True)
        ]
        if subjects:
            return subjects[-1][1]
        if spoke is not None and at - spoke[0] < 200:
            return spoke[1]
        return None
