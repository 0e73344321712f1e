"""Find the people named in an article, and whom each of them speaks for."""

import re
from collections.abc import Iterator
from dataclasses import replace

from extract.lexicon import grammar, pattern
from extract.voices.named import Register, goes_on, is_plan
from extract.voices.roles import roles
from extract.voices.speaker import Person, Speaker, of_actor
from graph.domain.folder import within
from graph.model import ActorKind


class People(Register):
    """The people of one article."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self._find_people()
        self._affiliate()

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
        found += self._recognised(taken, listed_words)
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

    def _recognised(self, taken: set[int], listed_words: set[int]) -> Iterator[tuple[int, int, str, None]]:
        """Yield the persons of no table that the language model recognises, and note its organisations."""
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
                    and not (set(range(start, end)) & (taken | listed_words | self.reforms_at))
                    and not is_plan(self._organisation_name(start, end))
                ):
                    name = self._organisation_name(start, end)
                    speaker = self.by_short_name(name, start) or self.unlisted(name, ActorKind.ORGANISATION)
                    if speaker is not None:
                        self.organisations.append((start, speaker))
                continue
            while start < end and (self.doc[start].lower_ in titles or not self.doc[start].text[:1].isupper()):
                start += 1
            while end > start and (
                self.doc[end - 1].lower_ in grammar("possessives") or not self.doc[end - 1].text[:1].isupper()
            ):
                end -= 1
            while end < len(self.doc) and self._goes_on(end) and end - start < 4:
                end += 1
            if end - start > 4 or start == end or set(range(start, end)) & (taken | listed_words):
                continue
            if is_plan(self.doc[start:end].text) and (
                end - start > 1 or (start > 0 and self.doc[start - 1].lower_ in grammar("before_plans"))
            ):
                # 'the Bill' is not an actor.
                continue
            yield start, end, self.doc[start:end].text, None

    def _affiliate(self) -> None:
        """Whom people speak for who are listed with their organisation: 'Ada Quill, chair, Riders' Union; …'."""
        text = self.article.text
        for person in {id(p): p for p in self.people.values()}.values():
            if person.speaker is not None or len(person.name.split()) < 2:
                continue
            for match in re.finditer(re.escape(person.name) + roles().role_after_name, text):
                held = self.organisation_of(match["role"], guess=match["by"] in (",", "("))
                if held is not None:
                    person.speaker = replace(held, person=person.name)
                    person.role = person.role or match["role"].strip().lower()
                    break

    def organisation_of(self, role: str, *, guess: bool) -> Speaker | None:
        """The one organisation that a role next to a name names; one of no table only where `guess`."""
        role = role[: next((m.start() for m in pattern("beyond_role").finditer(role)), len(role))]
        if set(re.findall(r"[\w-]+", role.lower())) & roles().former:
            return None
        hits = {hit.actor for hit in self.names.find(role) if not hit.person and not goes_on(role, hit)}
        if len(hits) == 1:
            return self.listed(hits.pop())
        last = role.split(",")[-1].strip()
        parts = last.removeprefix("the ").removeprefix("The ").split()
        small = grammar("within_names")
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
        yield from self._roles(actor)

    def _roles(self, actor: str) -> Iterator[str]:
        """Yield the offices that a person of the table holds at the date of the article."""
        for place in self.domain.actors[actor].member_of:
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
            if after < len(self.doc) and after == end and self.doc[after].lower_ in grammar("belonging"):
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
        if lemmas & lexicon.members and not (lemmas & lexicon.speaking):
            return None
        organisation = self.organisation_in(low, high, but=(start, end))
        for token in around:
            # 'its director Jo Bloggs'
            if token.tag_ == "PRP$" and token.head.lemma_.lower() in lexicon.offices:
                before = [s for i, s in self.organisations if i < token.i]
                if token.lower_ in grammar("their_possessives") and before:
                    organisation = before[-1]
            # 'the charity's director, Jo Bloggs'
            if token.dep_ == "poss" and token.pos_ == "NOUN" and token.lemma_ in lexicon.organisations:
                organisation = self.last_organisation(token, token.lemma_) or organisation
        if organisation is not None and (
            office or organisation.listed or self.doc[end : end + 3].text.startswith((",", *grammar("members_of")))
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
