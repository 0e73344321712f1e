"""Words for numbers and codes: counts, never adverbs."""

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from graph.degrees import Degree
from graph.model import Accord, Counting, Manner, Stance, Standing
from graph.reading.catalogue import Evidence
from graph.reviewing.reviews import BY_HAND, Review

SIGN = {Stance.SUPPORT: "+", Stance.MIXED: "±", Stance.OPPOSE: "−", Stance.NEUTRAL: "○"}
"""Signs for readers who do not see the colours."""

DEGREE = {
    Degree.SUPPORTS: "supports {reform}",
    Degree.SUPPORTS_IF: "supports {reform}, provided that a condition is met",
    Degree.PLANS: "has plans for {reform}",
    Degree.SPEAKS_FOR: "speaks in favour of {reform}",
    Degree.SETS_CONDITION: "sets a condition for {reform}",
    Degree.FOR_WITH_RESERVATIONS: "speaks in favour of {reform}, with reservations",
    Degree.BOTH_SIDES: "speaks both for and against {reform}",
    Degree.HAS_RESERVATIONS: "has reservations about {reform}",
    Degree.CRITICISES: "criticises {reform}",
    Degree.OPPOSES: "opposes {reform}",
    Degree.TAKES_NO_SIDE: "takes no side on {reform}",
}
"""What an actor does, never stronger than its passages: pages, JSON, feeds, answers and briefings use these words."""

SHORT_DEGREE = {
    Degree.SUPPORTS: "supports",
    Degree.SUPPORTS_IF: "supports on condition",
    Degree.PLANS: "has plans",
    Degree.SPEAKS_FOR: "in favour",
    Degree.SETS_CONDITION: "sets a condition",
    Degree.FOR_WITH_RESERVATIONS: "in favour, with reservations",
    Degree.BOTH_SIDES: "for and against",
    Degree.HAS_RESERVATIONS: "has reservations",
    Degree.CRITICISES: "criticises",
    Degree.OPPOSES: "opposes",
    Degree.TAKES_NO_SIDE: "takes no side",
}
"""The same in short, for a mark next to a name."""

SIDE = {
    Stance.SUPPORT: "for",
    Stance.MIXED: "on condition or on both sides",
    Stance.OPPOSE: "against or with reservations",
    Stance.NEUTRAL: "taking no side",
}
"""The side of a group of actors."""

SIDE_TITLE = {
    Stance.SUPPORT: "For",
    Stance.MIXED: "On condition, or on both sides",
    Stance.OPPOSE: "Against, or with reservations",
    Stance.NEUTRAL: "Taking no side",
}

SAID = {
    Stance.SUPPORT: "for",
    Stance.MIXED: "on both sides",
    Stance.OPPOSE: "critical",
    Stance.NEUTRAL: "taking no side",
}
"""The side of a statement in a few words: a doubt is critical, but not against."""

STANDING = {
    Standing.CHECKED: "checked",
    Standing.LIKELY: "likely",
    Standing.UNCONFIRMED: "unconfirmed",
}

COUNTED = {
    Counting.CHECKED: "checked statements only",
    Counting.LIKELY: "checked and likely statements",
    Counting.ALL: "all statements, unconfirmed ones included",
}
"""The statements that the figures of a page count."""

SWITCH = {
    "checked": "checked statements only",
    "likely": "checked and likely statements",
    "all": "all statements",
}
"""The choices for the statements that count."""

MANNER = {
    Manner.DIRECT: "quoted",
    Manner.REPORTED: "reported",
    Manner.OWN: "own document",
    Manner.PLAN: "own plan",
}
COLUMN = {
    "together": "agree on",
    "apart": "differ on",
    "elsewhere": "other reforms it speaks on",
    "support": "for",
    "mixed": "on condition or on both sides",
    "oppose": "against or with reservations",
    "neutral": "taking no side",
}
"""The headings of columns of stored questions; other columns use their names."""

ACCORD_TITLE = {
    Accord.PART: "Opposite sides",
    Accord.AGREE: "Same side",
    Accord.MIXED: "Neither agreement nor opposite sides",
}
"""The headings of a comparison. An actor on both sides or none neither agrees nor disagrees with another."""

REVIEW = {
    "unchecked": "not checked",
    "accepted": "checked",
    "corrected": "corrected by a person",
    "rejected": "rejected by a person",
}
"""The verdict of a person on a statement."""

EFFECT = {
    "support": "speaks for it",
    "oppose": "speaks against it",
    "mixed": "on both sides",
    "neutral": "takes no side",
    "negation": "denies what follows",
    "reversal": "reverses what follows",
    "contrast": "sets one part against the other",
    "condition": "makes it depend on something",
    "demand": "asks for something",
}
"""The effect of the words that decided a side."""

FILE = {"graphml": "GraphML", "gexf": "GEXF", "csv": "CSV", "pajek": "Pajek", "dot": "DOT", "dna": "DNA"}
"""The usual spelling of file formats."""

FACET = {
    "stance": "Side",
    "reform": "Reform",
    "actor": "Actor",
    "concern": "Ground",
    "publisher": "Publisher",
    "speaker": "Speaker",
    "year": "Year",
}
FILTER = {
    **FACET,
    "narrower": "With narrower reforms",
    "article": "Article",
    "manner": "Manner",
    "reader": "Read by",
    "since": "Since",
    "until": "Until",
    "min_confidence": "Confidence at least",
    "reviewed": "Checked by a person",
}

IRREGULAR = {"is": "are", "has": "have", "was": "were", "takes": "take", "holds": "hold"}

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
NAME_LENGTH = 120
"""Longest name in a list, in characters; the page of the thing shows the whole name."""


def count(number: int, singular: str, plural: str | None = None) -> str:
    """Return a number with its noun: '1 article', '1,200 articles', 'no articles'."""
    several = plural or f"{singular}s"
    if number == 0:
        return f"no {several}"
    return f"{number:,} {singular if number == 1 else several}"


def listed(parts: Sequence[str], *, last: str = "and") -> str:
    """Return a list in words: 'a', 'a and b', 'a, b and c'."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def tally(counts: Mapping[Stance, int], *, articles: int, conditional: int = 0) -> str:
    """Return how many statements say what: '4 statements in 2 articles: 3 for, 1 critical; 1 sets a condition'."""
    total = sum(counts.values())
    if not total:
        return "no statements"
    said = f"{count(total, 'statement')} in {count(articles, 'article')}: {split(counts)}"
    if conditional:
        said += f"; {conditional:,} {'sets a condition' if conditional == 1 else 'set a condition'}"
    return said


def split(counts: Mapping[Stance, int]) -> str:
    """Return the numbers of statements by side: '2 for, 3 critical'."""
    return ", ".join(f"{counts[stance]:,} {SAID[stance]}" for stance in Stance if counts.get(stance))


def actors_by_side(counts: Mapping[Stance, int]) -> str:
    """Return the number of actors on each side: '3 actors: 2 for, 1 against or with reservations'."""
    total = sum(counts.values())
    if not total:
        return "no actor has a statement"
    parts = [f"{counts[stance]:,} {SIDE[stance]}" for stance in Stance if counts.get(stance)]
    return f"{count(total, 'actor')}: {listed(parts)}"


def reforms_by_side(counts: Mapping[Stance, int]) -> str:
    """Return the positions of one actor, in numbers: 'for 2 reforms, against or with reservations on 1'."""
    words = {
        Stance.SUPPORT: "for {}",
        Stance.MIXED: "on condition or on both sides on {}",
        Stance.OPPOSE: "against or with reservations on {}",
        Stance.NEUTRAL: "taking no side on {}",
    }
    parts: list[str] = []
    for stance in Stance:
        number = counts.get(stance, 0)
        if number:
            parts.append(words[stance].format(count(number, "reform") if not parts else f"{number:,}"))
    return ", ".join(parts) if parts else "no statement on any reform"


def agreeing(number: int, verb: str) -> str:
    """Return the verb for one or for several: 'is' or 'are', 'supports' or 'support'."""
    return verb if number == 1 else IRREGULAR.get(verb, verb.removesuffix("s"))


def does(degree: Degree, reform: str, *, plural: bool = False) -> str:
    """Return what an actor does, after its name: 'has reservations about the fare cap'."""
    verb, _, rest = DEGREE[degree].partition(" ")
    return f"{agreeing(2 if plural else 1, verb)} {rest.format(reform=reform)}"


def counted(counting: Counting, unconfirmed: int = 0) -> str:
    """Return what the figures of a page count, and how many statements they leave out."""
    said = f"Figures count {COUNTED[counting]}."
    if unconfirmed:
        said += f" {capital(count(unconfirmed, 'unconfirmed statement'))} {agreeing(unconfirmed, 'is')} left out."
    return said


def machine_right(right: int, found: int) -> str:
    """Return how many machine-read statements are right, among those that the hand coding can check."""
    return f"Machine-read statements in this domain are right in {right:,} of {count(found, 'checked case')}."


def compared(counts: Mapping[Accord, int]) -> str:
    """Return how compared actors relate, in numbers: 'Agree on 6 reforms, differ on 1; on 23 only one has spoken'."""
    said = (
        (Accord.AGREE, "agree on {}"),
        (Accord.PART, "differ on {}"),
        (Accord.MIXED, "mixed on {}"),
    )
    parts: list[str] = []
    for each, words in said:
        number = counts.get(each, 0)
        if number:
            parts.append(words.format(f"{number:,}" if parts else count(number, "reform")))
    together = ", ".join(parts)
    alone = counts.get(Accord.ONE, 0)
    if alone:
        reforms = f"{alone:,}" if parts else count(alone, "reform")
        together += f"{'; ' if together else ''}on {reforms} only one has spoken"
    return capital(together) if together else "No statement on any reform"


def kin(agree: int, conflict: int) -> str:
    """Return how often two actors agree, in numbers: 'agree on 3 reforms, differ on 1'."""
    parts = []
    if agree:
        parts.append(f"agree on {count(agree, 'reform')}")
    if conflict:
        parts.append(f"differ on {f'{conflict:,}' if parts else count(conflict, 'reform')}")
    return ", ".join(parts)


def date(iso: str) -> str:
    """Return a date to its precision: '7 February 2023', 'February 2023', '2023', or 'undated' if there is none."""
    year, _, rest = iso.partition("-")
    month, _, day = rest.partition("-")
    if not year:
        return "undated"
    if not (month.isdigit() and 1 <= int(month) <= 12):
        return iso if month else year
    name = f"{MONTHS[int(month) - 1]} {year}"
    return f"{int(day)} {name}" if day[:2].isdigit() and len(day) == 2 else name


def moment(at: datetime) -> str:
    """Return a time in UTC to the minute."""
    return f"{date(at.date().isoformat())} at {at:%H:%M} UTC"


def dates(first: str, last: str) -> str:
    """Return a period in words, or one date if its ends are the same or one contains the other."""
    if first == last or not last:
        return date(first)
    if first and (last.startswith(first) or first.startswith(last)):
        return date(min(first, last, key=len))
    return f"{date(first)} to {date(last)}" if first else f"until {date(last)}"


def tenure(since: str, until: str) -> str:
    """Return the term of an office: 'since 2029', 'until May 2032', '2029 to May 2032'."""
    return dates(since, until) if until else f"since {date(since)}"


def rests_on(*, statements: int, articles: int, publishers: int) -> str:
    """Return a caution if a position rests on a single source, or an empty string."""
    if statements == 1:
        return "rests on one statement"
    if articles == 1:
        return "rests on one article"
    if publishers == 1:
        return "rests on one publisher"
    return ""


def confidence(value: float) -> str:
    """Return a confidence with two digits."""
    return f"{value:.2f}"


def certainty(value: float, *, calibrated: bool) -> str:
    """Return the confidence of a statement, and whether it was never compared with checked statements."""
    return confidence(value) if calibrated else f"{confidence(value)} (not calibrated for this model)"


def plain(text: str, *, length: int = NAME_LENGTH) -> str:
    """Return text for a title or a file name: no control characters or direction marks, cut to length."""
    shown = "".join(" " if unicodedata.category(c)[0] == "C" else c for c in text)
    return cut(" ".join(shown.split()), length=length)


def cut(text: str, *, length: int = NAME_LENGTH) -> str:
    """Return the text, cut with an ellipsis if it is too long."""
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"


def capital(text: str) -> str:
    """Return the text with a capital first letter and the rest unchanged."""
    return text[:1].upper() + text[1:]


def more_or_less(now: int, before: int, noun: str) -> str:
    """Return the change of a number: '3 more articles', '1 statement fewer', or an empty string for no change."""
    if now > before:
        return f"{now - before:,} more {noun if now - before == 1 else f'{noun}s'}"
    return f"{count(before - now, noun)} fewer" if now < before else ""


def sentence(text: str) -> str:
    """Return a message as a sentence with a capital letter and a full stop."""
    return f"{capital(text)}{'' if text.endswith(('.', '?', '!', '…')) else '.'}"


def effect(name: str) -> str:
    """Return the effect of a cue in words."""
    return EFFECT.get(name, name)


def review(given: Review) -> str:
    """Return a verdict in words: 'checked by Ada, 4 March 2031: note'."""
    told = {"right": "checked", "wrong": "rejected", "corrected": "corrected"}.get(given.verdict, given.verdict)
    if given.reviewer == BY_HAND:
        return f"{told} by the hand coding"
    fault = f" ({given.fault})" if given.fault else ""
    note = f": {given.note}" if given.note else ""
    return f"{told} by {given.reviewer}, {date(given.time[:10])}{fault}{note}"


def citation(statement: Evidence, address: str) -> str:
    """Return a statement as a footnote: the actor, the words, the source and the address."""
    who = f"{statement.speaker}, {statement.actor_label}" if statement.speaker else statement.actor_label
    source = ", ".join(filter(None, (statement.title or statement.article, statement.publisher)))
    original = f" {statement.url}." if statement.url else ""
    return f"{who}: “{statement.quote}” {source}, {date(statement.date)}.{original} Statement {statement.id}, {address}"
