"""Split transcripts of speech into turns, by the labels that introduce each speaker."""

import re
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc

from extract.lexicon import table, words
from extract.marking.sections import lines

SPEAKERS = 2
"""Different speakers with an office or party in brackets that make a transcript of a text without other signs."""

HEAD = 2_500
"""Characters at the start of an article in which a line may identify it as a transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """The label that introduces a turn, and what it says about the speaker."""

    start: int
    end: int
    """Offset at which the words begin."""
    name: str
    role: str = ""
    """Text from brackets, after a comma or in the line before: office and organisation, or place and party."""
    weight: str = "likely"
    member: bool = False
    """Whether its form is that of a chamber's member."""
    place: tuple[int, int] = (0, 0)
    """Start and end of the name itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One speaker's words up to the next label, in code points, without headings and stage directions."""

    start: int
    end: int
    label: Label
    pieces: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPerson:
    """A person in a list of witnesses or members."""

    name: str
    role: str = ""
    chair: bool = False
    member: bool = False
    """Whether they are of the chamber or committee."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forms:
    """The forms of transcripts in this language."""

    labels: tuple[tuple[re.Pattern[str], str, bool], ...]
    captions: tuple[re.Pattern[str], ...]
    statement: re.Pattern[str]
    header: re.Pattern[str]
    chamber: re.Pattern[str]
    stage: re.Pattern[str]
    chair: re.Pattern[str]
    in_the_chair: re.Pattern[str]
    myself: re.Pattern[str]
    behalf: re.Pattern[str]
    heard: re.Pattern[str]
    seat: re.Pattern[str]
    roster: tuple[re.Pattern[str], ...]
    lists: tuple[re.Pattern[str], ...]
    entry: re.Pattern[str]
    titled: re.Pattern[str]
    titles: re.Pattern[str]
    chairs: frozenset[str]
    unattributed: frozenset[str]
    guests: frozenset[str]
    never: frozenset[str]
    legislators: frozenset[str]
    private: frozenset[str]
    unofficial: frozenset[str]
    suffixes: frozenset[str]
    short: frozenset[str]
    """Abbreviations that a capital may follow within a sentence."""


@cache
def forms() -> Forms:
    """Return the forms in `sections.toml`."""
    data: dict[str, Any] = table("sections")["transcripts"]
    parts: dict[str, str] = data["parts"]

    def made(pattern: str, flags: int = 0) -> re.Pattern[str]:
        for _ in parts:
            for name, part in parts.items():
                pattern = pattern.replace("{" + name + "}", part)
        return re.compile(pattern, re.MULTILINE | flags)

    return Forms(
        labels=tuple((made(each["pattern"]), each["weight"], each.get("member", False)) for each in data["labels"]),
        captions=tuple(made(each["pattern"]) for each in data["captions"]),
        statement=re.compile(table("roles")["introductions"]["statement"], re.IGNORECASE | re.MULTILINE),
        header=made(data["header"], re.IGNORECASE),
        chamber=made(data["chamber"], re.IGNORECASE),
        stage=made(data["stage"], re.IGNORECASE),
        chair=made(data["chair"]),
        in_the_chair=made(data["in_the_chair"], re.IGNORECASE),
        myself=made(data["myself"]),
        behalf=made(data["behalf"]),
        heard=made(data["heard"]),
        seat=made(data["seat"], re.IGNORECASE),
        roster=tuple(made(pattern) for pattern in data["roster"]),
        lists=tuple(made(pattern) for pattern in data["lists"]),
        entry=made(data["entry"]),
        titled=made(r",?\s+(?:and\s+)?(?={TITLED})"),
        titles=made(r"^(?:{TITLE}\s+|[Tt]he\s+)+"),
        chairs=words(data["chairs"]),
        unattributed=words(data["unattributed"]),
        guests=words(data["guests"]),
        never=words(data["never"]),
        legislators=words(data["legislators"]),
        private=words(data["private"]),
        unofficial=words(data["unofficial"]),
        suffixes=words(data["suffixes"]),
        short=words(data["short"]),
    )


def turns(text: str) -> list[Turn]:
    """Return the turns of a transcript in order, or nothing if the text is not one."""
    found = captions(text) or labels(text)
    if not found:
        return []
    paragraphs = list(lines(text))
    made = []
    place = 0
    for number, label in enumerate(found):
        end = found[number + 1].start if number + 1 < len(found) else len(text)
        while place < len(paragraphs) and paragraphs[place][1] <= label.end:
            place += 1
        pieces = tuple(_pieces(text, paragraphs, place, label.end, end, caption=label.weight == "caption"))
        if pieces:
            made.append(Turn(start=label.end, end=end, label=label, pieces=pieces))
    return made


def _pieces(
    text: str, paragraphs: Sequence[tuple[int, int]], place: int, start: int, end: int, *, caption: bool
) -> Iterator[tuple[int, int]]:
    for number in range(place, len(paragraphs)):
        low, high = paragraphs[number]
        if low >= end:
            return
        low, high = max(low, start), min(high, end)
        while low < high and text[low].isspace():
            low += 1
        while high > low and text[high - 1].isspace():
            high -= 1
        piece = text[low:high]
        if low >= high or forms().stage.fullmatch(piece) or not (caption or _is_prose(piece, first=low == start)):
            continue
        yield low, high


def _is_prose(piece: str, *, first: bool) -> bool:
    """Return whether a paragraph is speech. A line without a full stop is a heading, unless a speech starts with it."""
    return first or bool(re.search(r"""[.!?:;…,—–-]["'”’»)\]]*\Z""", piece)) or len(piece.split()) > 20


# ---- labels


def labels(text: str) -> list[Label]:
    """Return the labels of a transcript in order, or nothing if the text is not one."""
    known = forms()
    found = _matched(text)
    if not found:
        return []
    header = bool(known.header.search(text[:HEAD])) or bool(re.search(r"(?im)^\W*transcript\W*$", text))
    weights = Counter(label.weight for label in found)
    found = list(_plausible(found))
    names = Counter(label.name for label in found if label.weight in ("likely", "firm"))
    several = sum(names.values())
    back = any(count > 1 for count in names.values())
    questions = Counter(label.name for label in found if label.weight == "none")
    chamber = bool(known.chamber.search(text))
    bracketed = sum("(" in label.role for label in found if label.weight == "likely")
    standing = weights["line"] + weights["name"]
    with_office = [label for label in found if label.weight == "likely" and label.role.startswith("(")]
    if not (
        weights["sure"]
        or weights["statement"]
        or weights["firm"] >= (1 if header or chamber else 2)
        or (chamber and (bracketed >= 2 or several >= 3))
        or (header and (several >= 2 or standing >= 2 or weights["line"]))
        or (several >= 3 and back and len(names) >= 2)
        or (questions["Q"] >= 2 and (questions["A"] >= 2 or several >= 2))
    ):
        # Nothing else says that it is a record, but each speaker stands at the start of a line with an office or party.
        return with_office if len({label.name for label in with_office}) >= SPEAKERS else []
    if not header and not weights["sure"]:
        found = [label for label in found if label.weight not in ("line", "name")]
    return found


def _plausible(found: Sequence[Label]) -> Iterator[Label]:
    """Drop single words that are not part of a name, not an office and not repeated: 'Where: …'."""
    known = forms()
    parts = {part for label in found for part in _person(label.name).split() if len(label.name.split()) > 1}
    often = Counter(label.name for label in found)
    offices = known.chairs | known.unattributed | known.guests | words(table("roles")["offices"]["words"])
    for label in found:
        spoken = label.name.lower() in offices
        single = label.weight == "likely" and " " not in label.name and not label.name.isupper()
        if not single or spoken or label.name in parts or often[label.name] > 2:
            yield label


def _matched(text: str) -> list[Label]:
    """Return everything in the form of a label, none within another."""
    every: list[Label] = []
    known = forms()
    for match in known.statement.finditer(text):
        capital = match[0].isupper()
        every.append(
            Label(
                start=match.start(),
                end=match.end(),
                name=match["name"],
                role=" ".join((match["role"] or "").split()),
                weight="statement" if capital else "heading",
                place=match.span("name"),
            )
        )
    for pattern, weight, member in known.labels:
        for match in pattern.finditer(text):
            label = _label(match, weight, member=member)
            if label is not None:
                every.append(label)
    kept: list[Label] = []
    order = ("sure", "statement", "heading", "firm", "likely", "none", "line", "name")
    for label in sorted(every, key=lambda label: (order.index(label.weight), label.start)):
        at = bisect(kept, label.start, key=lambda other: other.start)
        if (at == 0 or kept[at - 1].end <= label.start) and (at == len(kept) or label.end <= kept[at].start):
            kept.insert(at, label)
    return list(_named_lines(text, _joined(text, kept)))


def _label(match: re.Match[str], weight: str, *, member: bool) -> Label | None:
    known = forms()
    groups = match.groupdict()
    name = " ".join(match["name"].split())
    role = " ".join((groups.get("role") or "").split())
    name = _bare_end(name)
    after = (groups.get("after") or "").strip(" ,")
    parts = [part.lower().strip(".,'’") for part in name.split()]
    if len(parts) == 1 and (parts[0] in known.never or (len(parts[0]) < 3 and weight not in ("none",))):
        return None
    if after and len(parts) == 1:
        return None
    if set(parts) & known.never and not (role or known.titles.match(name)):
        return None
    if weight == "line" and (name.isupper() or known.in_the_chair.search(role)):
        return None
    full = groups.get("full") or ""
    if full and full != "None" and len(full.split()) > 1:
        # A heading gives the full name of a person whom the label calls only by title.
        role = f"{role} ({name})" if not name.startswith(full) else role
        if not set(parts) & known.chairs:
            name = full
    return Label(
        start=match.start(),
        end=match.end(),
        name=name,
        role=", ".join(part for part in (role, after) if part),
        weight=weight,
        # A person who asks a numbered question is a member of the committee.
        member=member or bool(groups.get("number")) or len(re.findall(r"\([^)]*\)", role)) > 1,
        place=match.span("name"),
    )


def _joined(text: str, found: Sequence[Label]) -> Iterator[Label]:
    """Merge a heading that names a speaker with the label below it, and drop a bare `Q` next to a label."""
    held: Label | None = None
    for label in found:
        if held is not None and label.start - held.end < 200 and not text[held.end : label.start].strip():
            if label.name == "Q" and held.weight != "none":
                held = replace(held, end=label.end)
                continue
            if held.weight in ("statement", "heading"):
                held = replace(label, role=f"{held.role} ({held.name})" if held.role else f"({held.name})")
                continue
        if held is not None:
            yield held
        held = label
    if held is not None:
        yield held


def _named_lines(text: str, found: Iterator[Label]) -> Iterator[Label]:
    """Drop names on lines of their own if nothing else shows that they are speakers."""
    every = list(found)
    listed = {entry.name for entry in roster(text)}
    often = Counter(label.name for label in every if label.weight == "name")
    for number, label in enumerate(every):
        if label.weight == "name":
            bare = forms().titles.sub("", label.name)
            following = every[number + 1].start if number + 1 < len(every) else len(text)
            if len(bare.split()) < 2 or (bare not in listed and often[label.name] < 2):
                continue
            if not text[label.end : min(following, label.end + 200)].strip() or label.name.isupper():
                continue
            before = text[max(0, label.start - 200) : label.start].rstrip().rsplit("\n", 1)[-1].strip()
            if 3 < len(before) < 140 and before[-1] not in ".!?:" and not re.match(r"\d", before):
                label = replace(label, role=before)
        yield label


def captions(text: str) -> list[Label]:
    """Return the labels of subtitles: lower case, anywhere. Words before the first have no speaker."""
    letters = sum(character.isalpha() for character in text[:4000])
    if not letters or sum(character.isupper() for character in text[:4000]) > 0.06 * letters:
        return []
    found = [
        Label(
            start=match.start(),
            end=match.end(),
            name=match["name"],
            weight="caption",
            place=match.span("name"),
        )
        for pattern in forms().captions
        for match in pattern.finditer(text)
    ]
    if len(found) < 2:
        return []
    return [Label(start=0, end=0, name="", weight="caption"), *found]


# ---- lists of witnesses and members


def roster(text: str) -> list[ListedPerson]:
    """Return the people in the lists of a transcript, in text order."""
    known = forms()
    found = []
    headings = {match.start() for match in known.statement.finditer(text)}
    for pattern in known.roster:
        for match in pattern.finditer(text):
            if match.start() in headings:
                continue
            groups = match.groupdict()
            name = groups.get("name") or f"{groups['first']} {groups['last'].title()}"
            found.append(ListedPerson(name=_person(name), role=(groups.get("role") or "").strip(" .")))
    for pattern in known.lists:
        for match in pattern.finditer(text):
            member = bool(match.groupdict().get("members"))
            for piece in _listed(match["names"]):
                entry = known.entry.match(piece)
                if entry is not None:
                    bracket = entry["bracket"] or ""
                    role = ", ".join(part.strip(" .;") for part in (bracket, entry["role"] or "") if part)
                    found.append(ListedPerson(name=_person(entry["name"]), role=role, member=member))
    for match in known.chair.finditer(text):
        found.append(ListedPerson(name=_person(match["name"]), chair=True, member=True))
    return found


def _listed(names: str) -> list[str]:
    """Return the entries of a line that lists several people."""
    if ";" in names:
        return names.split(";")
    return forms().titled.split(names)


def _person(name: str) -> str:
    """Return a name without titles and in ordinary capitals."""
    bare = _bare_end(forms().titles.sub("", " ".join(name.split())))
    return bare.title() if bare.isupper() or bare.islower() else bare


def _bare_end(name: str) -> str:
    """Return a name without the full stop of its sentence, but with that of an initial."""
    return name if re.search(r"(?:^|\s)\w{1,2}\.$", name) else name.rstrip(".")


# ---- sentences


@Language.component("turns", assigns=["token.is_sent_start"])
def sentence_starts(doc: Doc) -> Doc:
    """Begin a sentence at each new speaker, and in subtitles after each full stop."""
    found = turns(doc.text)
    if not found:
        return doc
    starts = {turn.pieces[0][0] for turn in found} | {turn.label.start for turn in found}
    if found[0].label.weight == "caption":
        starts |= {
            stop.end()
            for turn in found
            for low, high in turn.pieces
            for stop in re.compile(r"(?<=[^\W\d_]{3})[.?!]\s+(?=\w)").finditer(doc.text, low, high)
        }
    short = forms().short
    for token in doc:
        if token.idx in starts:
            token.is_sent_start = True
        elif token.i and not token.is_sent_start and token.text[0].isalpha() and _ends_short(doc, token.i, short):
            token.is_sent_start = False
    return doc


def _ends_short(doc: Doc, i: int, short: frozenset[str]) -> bool:
    """Return whether an abbreviation comes before a token: 'my hon. Friend' does not end a sentence."""
    before = doc[i - 1].lower_
    return before.rstrip(".") in short if len(before) > 1 else before == "." and i > 1 and doc[i - 2].lower_ in short
