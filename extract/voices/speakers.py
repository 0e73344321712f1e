"""Resolve speakers: turn a name, office, pronoun or common noun into an actor and a person."""

import re
from collections.abc import Iterator

from spacy.tokens import Token

from extract.marking.names import key
from extract.voices.descriptions import Descriptions
from extract.voices.roles import roles
from extract.voices.speaker import Speaker, of_actor
from graph.model import ActorKind
from graph.names import actor_slug


class Cast(Descriptions):
    """The people and organisations named in one article; resolves each mention to a speaker."""

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
            or (None if head.i in self.reforms_at else self.by_description(head, start, end))
        )

    def by_description(self, head: Token, start: int, end: int) -> Speaker | None:
        """Return the actor that a phrase means without naming it."""
        return (
            (self.by_role(head, start) if head.lower_ in roles().members else None)
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
        return Speaker(actor=actor_slug(name), label=name, person=name, kind=ActorKind.PERSON, listed=False)

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
