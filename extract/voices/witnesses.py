"""Resolve the speakers of a transcript: the person that a label means and the organisation they speak for."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extract.lexicon import grammar, pattern
from extract.marking.names import key
from extract.marking.transcripts import Label, ListedPerson, Turn, forms, roster
from extract.voices.roles import roles
from extract.voices.speaker import Speaker
from extract.voices.speakers import Cast
from graph.domain.folder import within
from graph.model import Actor, ActorKind
from graph.names import actor_slug, slug

INTRODUCTION = 700
"""Characters of a person's first words in which they may introduce themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """The name and role that a label gives a speaker."""

    name: str
    """The name without titles; an empty string if the label gives only an office."""
    titles: frozenset[str] = frozenset()
    role: str = ""
    member: bool = False
    """Whether the label means a member of the chamber or committee, who by default speaks only for themselves."""
    chair: bool = False


class Roll:
    """Everyone who speaks in one transcript."""

    def __init__(self, cast: Cast, found: Sequence[Turn]) -> None:
        self.cast = cast
        self.text = cast.article.text
        self.entries = roster(self.text)
        self.chamber = bool(forms().chamber.search(self.text))
        self.called = {turn.label.start: called(turn.label, chamber=self.chamber) for turn in found}
        for turn in found:
            self.entries += _told_by(self.called[turn.label.start])
        self.entries += self._introduced(found)
        self.first: dict[str, Turn] = {}
        """The first turn of each speaker, by the name on the label."""
        for turn in found:
            self.first.setdefault(turn.label.name.lower(), turn)
        self.head = self.text[: found[0].label.start] if found else ""
        self.persons = [actor for actor in cast.domain.actors.values() if actor.kind is ActorKind.PERSON]
        self._known: dict[tuple[str, str], Speaker | None] = {}

    def speaker(self, turn: Turn) -> Speaker | None:
        """Return the speaker of a turn, or None if their words cannot be a statement."""
        place = (turn.label.name, turn.label.role)
        if place not in self._known:
            self._known[place] = self._speaker(turn.label)
        found = self._known[place]
        return self.cast.answered(found, turn.start, turn.end) if found is not None else None

    def _speaker(self, label: Label) -> Speaker | None:
        known = self.cast.names.by_key.get(key(label.name))
        if known is not None and self.cast.domain.actors[known].kind is not ActorKind.PERSON:
            return self.cast.listed(known)
        told = self.called[label.start]
        if told.name:
            return self._person(label, told)
        if known is not None:
            return self.cast.listed(known)
        spoken = [word.lower() for word in re.findall(r"[\w-]+", label.name)]
        if set(spoken) & forms().chairs and not set(spoken) & roles().government:
            chairs = {entry.name for entry in self.entries if entry.chair}
            return self._named(chairs.pop(), member=True) if len(chairs) == 1 else None
        if set(spoken) & forms().guests:
            return self._guest()
        if set(spoken) & forms().unattributed or not spoken:
            return None
        return self._office(label.name)

    # ---- persons

    def _named(self, name: str, *, member: bool = False) -> Speaker | None:
        return self._person(None, Called(name=name, member=member))

    def _person(self, label: Label | None, told: Called) -> Speaker | None:
        """Return a person, speaking for the organisation in the table, a witness list, the label or their own words."""
        mine = [entry for entry in self.entries if _same(entry.name, told.name)]
        full = max((told.name, *(entry.name for entry in mine)), key=lambda name: len(name.split()))
        member = told.member or self._is_member(full)
        listed = self._listed(full, told.titles)
        if listed is not None:
            seated = self._for_themselves(listed)
            if seated is not None:
                return seated
            speaker = self.cast.listed(listed.id)
            if speaker.actor != listed.id or member:
                return speaker
            full = listed.label
        else:
            full = self._fuller(full)
        told_roles = [role for role in (told.role, *(entry.role for entry in mine)) if role]
        held = self._affiliation(label, told_roles, full, member=member)
        if held is not None:
            return replace(held, person=full)
        if listed is not None:
            return Speaker(actor=listed.id, label=listed.label, person=listed.label, kind=listed.kind)
        return Speaker(actor=actor_slug(full), label=full, person=full, kind=ActorKind.PERSON, listed=False)

    def _is_member(self, name: str) -> bool:
        """Return whether a list, or a label of any turn, names a person as a member of the chamber."""
        listed = any(entry.member for entry in self.entries if _same(entry.name, name))
        return listed or any(told.member for told in self.called.values() if _same(told.name, name))

    def _for_themselves(self, actor: Actor) -> Speaker | None:
        """Return a person of the table as speaking for themselves, if they hold only a seat."""
        date = self.cast.article.date
        held = [m for m in actor.member_of if not (date and (m.since or m.until)) or within(date, m.since, m.until)]
        if not held or not all(forms().seat.match(place.role) for place in held):
            return None
        return Speaker(actor=actor.id, label=actor.label, person=actor.label, kind=actor.kind)

    def _listed(self, name: str, titles: frozenset[str]) -> Actor | None:
        """Return the only person of the table that a name can mean, by surname alone if it has no first name."""
        whole = self.cast.names.by_key.get(key(name))
        if whole is not None and self.cast.domain.actors[whole].kind is ActorKind.PERSON:
            return self.cast.domain.actors[whole]
        genders = {roles().titles.get(title, "") for title in titles} & {"m", "f"}
        same = []
        for actor in self.persons:
            gender = roles().first.get(actor.label.split()[0].lower(), "")
            if gender and genders and gender not in genders:
                continue
            if any(_same(_plain(wording), name) for wording in (actor.label, *actor.aliases)):
                same.append(actor)
        return same[0] if len(same) == 1 else None

    def _fuller(self, name: str) -> str:
        """Return the fullest name that the article gives a person."""
        same = {person.name for person in self.cast.people.values() if _same(person.name, name)}
        same = {each for each in same if len(each.split()) > len(name.split()) and not each.isupper()}
        return same.pop() if len(same) == 1 else name

    # ---- whom they speak for

    def _affiliation(self, label: Label | None, told: Sequence[str], name: str, *, member: bool) -> Speaker | None:
        for role in told:
            parts = set(re.findall(r"[\w-]+", role.lower()))
            if parts & (forms().private | roles().former):
                return None
            held = (None if member else self._organisation(role)) or self._governing(parts)
            if held is not None:
                return held
        if member or told:
            return None
        own = self._of_themselves(label)
        if own is not None:
            return own
        known = [person.speaker for person in self.cast.people.values() if _same(person.name, name) and person.speaker]
        if known and known[0].listed and known[0].kind is ActorKind.ORGANISATION:
            return known[0]
        return self._heard() if label is not None and not self.chamber else None

    def _governing(self, parts: set[str]) -> Speaker | None:
        """Return the government, for one of its ministers."""
        lexicon = roles()
        if not parts & lexicon.government or lexicon.opposite in parts or parts & forms().unofficial:
            return None
        return self.cast.government()

    def _organisation(self, role: str) -> Speaker | None:
        """Return the organisation that a role names: one in the table, otherwise the words next to an office."""
        hits = [hit for hit in self.cast.names.find(role) if not hit.person]
        if hits:
            return self.cast.listed(hits[-1].actor)
        parts = [part for part in (part.strip(" .()") for part in role.split(",")) if part]
        offices = [n for n, part in enumerate(parts) if set(re.findall(r"[\w-]+", part.lower())) & roles().offices]
        if not offices:
            return None
        after = [part for part in parts[offices[-1] + 1 :] if part[:1].isupper()]
        kinds = [part for part in after if set(part.lower().split()) & roles().organisations]
        if kinds:
            name = kinds[-1]
        elif after:
            name = after[0] if len(after[-1]) < 3 and len(after) > 1 else after[-1]
        elif set(re.findall(r"[\w-]+", parts[offices[-1]].lower())) & roles().government:
            return None
        else:
            within = pattern("place").search(parts[offices[-1]])
            if within is None:
                return None
            name = within[1]
        return self.cast.unlisted(name.title() if name.isupper() and " " in name else name, ActorKind.ORGANISATION)

    def _of_themselves(self, label: Label | None) -> Speaker | None:
        """Return the organisation that a person says, in their first words, they speak for."""
        turn = self.first.get(label.name.lower()) if label is not None else None
        if turn is None:
            return None
        opening = self.text[turn.start : min(turn.end, turn.start + INTRODUCTION)]
        for said in (forms().myself, forms().behalf):
            for match in said.finditer(opening):
                hits = [hit for hit in self.cast.names.find(match["role"]) if not hit.person and hit.start < 60]
                if hits:
                    return self.cast.listed(hits[0].actor)
        return None

    def _heard(self) -> Speaker | None:
        """Return the only organisation that the lines before the transcript announce as giving evidence."""
        found = {
            hit.actor
            for match in forms().heard.finditer(self.head)
            for hit in self.cast.names.find(match["role"])
            if not hit.person and hit.start < 6
        }
        return self.cast.listed(found.pop()) if len(found) == 1 else None

    def _guest(self) -> Speaker | None:
        """Return the interviewee, if the article names only one."""
        if self.cast.voice is not None:
            return self.cast.voice
        named = {person.name for at, person in self.cast.at if self.cast.doc[at].idx < len(self.head)}
        named |= {entry.name for entry in self.entries}
        return self._named(named.pop()) if len(named) == 1 else None

    def _office(self, name: str) -> Speaker | None:
        """Return who holds an office at the time: from the table, from the article, otherwise the government."""
        wanted = set(re.findall(r"[\w-]+", name.lower())) - {"the"}
        if not wanted & roles().offices:
            return None
        holders = {
            actor.id
            for actor in self.persons
            for place in actor.member_of
            if place.role and wanted == set(re.findall(r"[\w-]+", place.role.lower()))
        }
        if len(holders) == 1:
            return self.cast.listed(holders.pop())
        entries = {entry.name for entry in self.entries if wanted <= set(re.findall(r"[\w-]+", entry.role.lower()))}
        if len(entries) == 1:
            return self._named(entries.pop())
        return self._governing(wanted)

    def _introduced(self, found: Sequence[Turn]) -> Iterator[ListedPerson]:
        """Read the turns in which speakers introduce themselves, with full name and office."""
        for turn in found:
            told = self.called[turn.label.start]
            opening = self.text[turn.start : min(turn.end, turn.start + INTRODUCTION)]
            for match in forms().myself.finditer(opening):
                name = _plain(match["name"])
                if told.name and _same(name, told.name):
                    yield ListedPerson(name=name, role=match["role"])


def called(label: Label, *, chamber: bool = False) -> Called:
    """Split a label into name, titles and role; in a `chamber`, brackets give a seat or party."""
    known = forms()
    brackets = [inner.strip() for inner in re.findall(r"\(([^()]*)\)", label.role)]
    rest = re.sub(r"\s*\([^()]*\)", "", label.role).strip(" ,")
    titles = frozenset(word.lower().rstrip(".") for word in (known.titles.match(label.name) or [""])[0].split())
    name = _plain(label.name)
    official = set(re.findall(r"[\w-]+", label.role.lower())) & (roles().offices | roles().government)
    words = [word.lower().strip(".,") for word in name.split()]
    member = label.member or bool(titles & known.legislators) or (chamber and bool(brackets) and not official)
    if _is_office(label.name, words):
        person = next((inner for inner in brackets if _is_person(inner)), "")
        if person:
            chair = bool(set(re.findall(r"\w+", label.name.lower())) & known.chairs)
            role = ", ".join(part for part in (label.name, rest) if part)
            return Called(
                name=_plain(person), titles=titles, role=rest if chair else role, member=member or chair, chair=chair
            )
        return Called(name="", titles=titles, role=rest, member=member)
    return Called(
        name=name,
        titles=titles,
        role=", ".join((*(b for b in brackets if b), *([rest] if rest else []))),
        member=member,
    )


def _is_office(whole: str, words: Sequence[str]) -> bool:
    """Return whether a label is not a name but an office, a chair or an anonymous speaker."""
    known = forms()
    if not words or whole.lower().startswith("the "):
        return True
    if words[0] in known.chairs | known.unattributed | known.guests or words[-1] in known.unattributed | known.guests:
        return True
    return all(word in roles().offices | roles().government for word in words)


def _is_person(text: str) -> bool:
    bare = _plain(text)
    words = bare.lower().split()
    return (
        len(text.split()) > 1
        and bool(words)
        and bare[:1].isupper()
        and "," not in text
        and not set(words) & (roles().offices | grammar("posts"))
    )


def _told_by(told: Called) -> Iterator[ListedPerson]:
    """Yield the entry that a label's own role adds to the lists."""
    if told.name and (told.role or told.chair or len(told.name.split()) > 1):
        yield ListedPerson(name=told.name, role=told.role, chair=told.chair, member=told.member)


def _plain(name: str) -> str:
    """Return a name in ordinary capitals, without titles or letters after it."""
    known = forms()
    bare = known.titles.sub("", " ".join(name.split())).strip(" .,")
    parts = bare.split()
    while len(parts) > 1 and parts[-1].lower().strip(".,") in known.suffixes:
        parts.pop()
    if "of" in parts[1:] and _is_capital(parts[0]):
        parts = parts[: parts.index("of")]
    parts = [_cased(part) if _is_capital(part) or part.islower() else part for part in parts]
    return " ".join(part.strip(",") for part in parts)


def _is_capital(part: str) -> bool:
    return sum(character.isupper() for character in part) > 2 or (len(part) > 1 and part.isupper())


def _cased(part: str) -> str:
    """Return 'OKONJO-HALE' in ordinary capitals; 'McCAIN' keeps both capitals."""
    if match := re.match(r"(Mc|Mac|De|La|Le|Di|Del|Van|Von|O['’])(?=[^\W\d_a-z]{2})", part):
        return match[0] + part[match.end() :].capitalize()
    return re.sub(r"[^\W_]+", lambda word: word[0].capitalize(), part) if not re.search(r"['’]", part) else part.title()


def _same(one: str, other: str) -> bool:
    """Return whether two names without titles can mean one person: same surname, no conflicting first name."""
    a, b = (_folded(name).split() for name in (one, other))
    if not a or not b or a[-1] != b[-1]:
        return False
    if len(a) == 1 or len(b) == 1:
        return True
    return a[0] == b[0] or (min(len(a[0]), len(b[0])) == 1 and a[0][0] == b[0][0])


def _folded(name: str) -> str:
    folded = slug(name.replace("-", "")).split("-")
    while len(folded) > 1 and folded[-1] in forms().suffixes:
        folded.pop()
    return " ".join(folded)
