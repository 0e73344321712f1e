"""Resolve a pronoun: who 'she', 'it' or 'they' means at a place of an article."""

from extract.voices.people import People
from extract.voices.speaker import Person, Speaker


class Pronouns(People):
    """Finds whom the pronouns of one article mean."""

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
