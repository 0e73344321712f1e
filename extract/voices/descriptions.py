"""Resolve a description: an office, a document, a group or a common noun that means an actor."""

import re
from dataclasses import replace

from spacy.tokens import Token

from extract.lexicon import grammar, table, words
from extract.marking.names import key
from extract.voices.named import is_plan
from extract.voices.pronouns import Pronouns
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from graph.model import ActorKind
from graph.names import actor_slug


class Descriptions(Pronouns):
    """Finds whom the descriptions of one article mean."""

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

    def by_listed_office(self, head: Token, start: int) -> Speaker | None:
        """Return the only person in the table who holds exactly this office at the date of the article, or None."""
        titles = [token.lower_ for token in self.doc[start : head.i + 1] if not token.is_punct]
        while titles and titles[0] in grammar("definite"):
            titles.pop(0)
        office = " ".join(titles)
        holders = {
            self.listed(actor.id)
            for actor in self.domain.actors.values()
            if actor.kind is ActorKind.PERSON and any(role == office for role in self._roles(actor.id))
        }
        if len(holders) > 1 and len({holder.actor for holder in holders}) == 1:
            # The article has no date, or the office changed hands in its month.
            return replace(min(holders, key=lambda holder: holder.label), person=None)
        return holders.pop() if len(holders) == 1 else None

    def by_role_anywhere(self, office: str) -> Speaker | None:
        """Return the only person in the article who holds an office."""
        same = {p.name: p for p in self.people.values() if office in re.findall(r"[\w-]+", f"{p.role} {p.office}")}
        return self.of_person(next(iter(same.values()))) if len(same) == 1 else None

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

    def named(self, token: Token) -> Speaker | None:
        """Return the person or organisation that a word names on its own."""
        low = token.left_edge.i
        return self.by_person(token, low, token.i + 1) or self.by_name(token, low, token.i + 1)

    def by_name(self, head: Token, start: int, end: int) -> Speaker | None:
        for hit in self.hits:
            if hit.start <= head.idx < hit.end:
                return self.listed(hit.actor)
        whole = self.names.by_key.get(key(self.doc[start:end].text))
        if whole is not None:
            return self.listed(whole)
        return None

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
        definite = self.doc[start].lower_ in grammar("definite") or self.doc[start].tag_ == "PRP$"
        if head.pos_ == "PROPN" or (head.ent_type_ == "ORG" and head.text[:1].isupper()):
            name = self._organisation_name(*self._proper(head, start, end))
            if is_plan(name) and self.names.nearly(name) is None:
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
        of_members = any(child.dep_ == "poss" and child.tag_ == "NNS" for child in head.children)
        if of_members and lemma in lexicon.organisations | lexicon.of_members:
            return self.unlisted(self._organisation_name(start, head.i + 1), ActorKind.ORGANISATION)
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
        for preposition in grammar("home"):
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
            self.doc[low - 1].text[:1].isupper() or self.doc[low - 1].lower_ in grammar("between_names")
        ):
            low -= 1
        while high + 1 < end and (
            self.doc[high + 1].text[:1].isupper()
            or (
                self.doc[high + 1].lower_ in grammar("between_names")
                and high + 2 < end
                and self.doc[high + 2].text[:1].isupper()
            )
        ):
            high += 1
        while low < head.i and not self.doc[low].text[:1].isupper():
            low += 1
        return low, high + 1

    def asked(self) -> Speaker | None:
        """Return the first group of the table that an organisation's own document names."""
        for hit in self.hits:
            if self.domain.actors[hit.actor].kind is ActorKind.GROUP:
                return self.listed(hit.actor)
        return None

    def by_share(self, head: Token) -> Speaker | None:
        """Return the group that a share belongs to: '42% of riders', 'of the riders asked, 42%', 'the other 18%'."""
        for child in (*head.children, *head.head.children):
            if child.dep_ != "prep" or child.lower_ not in grammar("shares"):
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
            self.doc[low].lower_ in grammar("before_groups") or self.doc[low].is_punct or self.doc[low].like_num
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
            actor=actor_slug(label),
            label=label[:1].upper() + label[1:],
            kind=ActorKind.GROUP,
            listed=False,
        )

    def _alone(self, head: Token) -> bool:
        return not any(c.dep_ == "prep" and c.lower_ in grammar("parts") for c in head.children)

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
        indefinite = any(t.lower_ in grammar("indefinite") for t in self.doc[start : head.i])
        if not indefinite:
            known = self.by_role(head, start) or self.by_listed_office(head, start)
            if known is not None:
                return known
        if lexicon.opposite in text:
            return None
        if lemma in lexicon.government or any(phrase in text for phrase in lexicon.government_phrases):
            return self.government()
        if not indefinite:
            return self.last(head.i, lambda s: s.person is not None)
        return self.last(head.i, lambda s: s.kind is ActorKind.ORGANISATION)
