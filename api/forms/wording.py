"""Sentences of a briefing: counts, not adverbs, and never stronger than the passages."""

from collections.abc import Mapping, Sequence

from api.showing.wording import SAID, SIDE, agreeing, capital, count, date, dates, does, listed
from api.showing.wording import machine_right as machine_right
from graph.briefing.types import (
    UNCHECKED,
    BriefedSide,
    Caution,
    Coverage,
    DataBuild,
    Footnote,
    GroundFinding,
    Holder,
    Scope,
    Shift,
    Silence,
    Subject,
    ThinEvidence,
)
from graph.model import Accord, Manner, Stance, readers_of
from graph.proof import Refusal
from graph.reading.register import Named

ACCORDS = {
    Accord.PART: "They take opposite sides",
    Accord.AGREE: "They agree",
    Accord.MIXED: "At least one is on both sides or takes none",
    Accord.ONE: "Only one has spoken",
}
REVIEWS = {
    "unchecked": "as extracted, not checked by a person",
    "accepted": "checked by a person",
    "corrected": "corrected by a person",
}
MANNERS = {
    Manner.DIRECT: "quoted",
    Manner.REPORTED: "reported",
    Manner.OWN: "its own document",
    Manner.PLAN: "a plan that it announces",
}


def named(names: Sequence[str], *, more: int = 0) -> str:
    """'A', 'A and B', 'A, B and 3 more'."""
    return listed([*names, *([f"{more:,} more"] if more else [])])


def bounded(scope: Scope) -> str:
    """The period that was asked for; '' where none was."""
    since = f"from {date(scope.since)}" if scope.since else ""
    until = f"to {date(scope.until)}" if scope.until else ""
    return " ".join(part for part in (since, until) if part)


def title(scope: Scope, subjects: Sequence[Named]) -> str:
    """Return the title of the briefing."""
    names = [subject.label for subject in subjects]
    told = {
        Subject.REFORM: f"{listed(names)}: who stands where",
        Subject.REFORMS: f"{named(names[:3], more=max(0, len(names) - 3))}: who stands where",
        Subject.ACTOR: f"{listed(names)}: positions",
        Subject.COMPARISON: f"{listed(names)} compared",
        Subject.CAMP: f"{scope.title or 'Camp'}: what its members hold",
    }[scope.subject]
    period = bounded(scope)
    return f"{told}, {period}" if period else told


def covers(coverage: Coverage) -> str:
    """What a briefing rests on, in two sentences."""
    read = count(coverage.articles_read, "article")
    if not coverage.statements:
        if not coverage.articles_read:
            return "No article has been read yet."
        return f"None of the {read} contains a statement on this."
    when = dates(coverage.first, coverage.last) if coverage.first else ""
    rests = f"This rests on {count(coverage.statements, 'statement')} in {count(coverage.articles, 'article')}"
    if coverage.publishers:
        unnamed = max(0, coverage.publisher_count - len(coverage.publishers))
        rests += f" from {named(coverage.publishers, more=unnamed)}"
    rests += f", {when}" if when else ""
    return f"{rests}. {capital(read)} {agreeing(coverage.articles_read, 'was')} read in all."


def members(subjects: Sequence[Named], *, most: int) -> str:
    """Who belongs to a camp."""
    names = [subject.label for subject in subjects[:most]]
    return f"Its members: {named(names, more=len(subjects) - len(names))}."


def tallied(sides: Sequence[BriefedSide], about: str) -> str:
    """Return the number of actors on each side."""
    total = sum(side.count for side in sides)
    if not total:
        return f"No actor takes a position on {about} in the articles read. That does not mean they have none."
    parts = listed([f"{side.count:,} {SIDE[side.stance]}" for side in sides])
    return f"{count(total, 'actor')} {agreeing(total, 'speaks')} of {about}: {parts}."


def held(sides: Sequence[BriefedSide], actor: str) -> str:
    """How many reforms an actor is for, against, or both."""
    total = sum(side.count for side in sides)
    if not total:
        return f"{actor} takes no position in the articles read. That does not mean it has none."
    parts = listed([f"{side.count:,} {SIDE[side.stance]}" for side in sides])
    return f"{actor} speaks of {count(total, 'reform')}: {parts}."


def stands(holder: Holder, reform: str) -> str:
    """What an actor does, after its name: 'has reservations about the fare cap'."""
    return does(holder.degree, reform, plural=holder.plural)


def evidence(holder: Holder) -> str:
    """What the holder's place rests on: '5 statements in 2 articles of 1 publisher, 2 for, 3 critical, June 2024'."""
    total = sum(holder.counts.values())
    parts = [f"{count(total, 'statement')} in {count(holder.articles, 'article')}"]
    if holder.publishers:
        parts[0] += f" of {count(holder.publishers, 'publisher')}"
    if len(holder.counts) > 1:
        parts += [f"{number:,} {SAID[stance]}" for stance, number in holder.counts.items()]
    when = dates(holder.first, holder.last) if holder.first else ""
    return ", ".join([*parts, when] if when else parts)


def attributed(note: Footnote) -> str:
    """Return the speaker and date of a passage in short; the footnote has the rest."""
    who = ", ".join(part for part in (note.speaker or note.actor.label, note.office) if part)
    return f"{who}, {date(note.date)}" if note.date else who


def cautioned(warning: ThinEvidence) -> str:
    """Why a side's evidence is thin, in a sentence."""
    side = {
        Stance.SUPPORT: "What is said for it",
        Stance.MIXED: "What is said on condition, or for and against at once,",
        Stance.OPPOSE: "What is said against it, or in doubt of it,",
        Stance.NEUTRAL: "What is said without taking a side",
    }[warning.stance]
    named = f" ({warning.example})" if warning.example else ""
    if warning.caution is Caution.ONE_ARTICLE:
        return f"{side} rests on one article{named}."
    if warning.caution is Caution.ONE_PUBLISHER:
        return f"{side} rests on one publisher{named}."
    return f"{side} rests on readings with a confidence of {warning.confidence:.2f} or less."


def refused(refusal: Refusal) -> str:
    """Why a passage is not quoted."""
    return f"A passage of {refusal.actor_label} is not quoted: {refusal.reason}."


def changed(change: Shift) -> str:
    """Return an actor's earlier and current position, and the date of the change."""
    when = f", {date(change.date)}" if change.date else ""
    if change.before is None:
        return f"speaks for the first time on {change.reform.label}, {SAID[change.after]}{when}"
    return f"on {change.reform.label}: before {SAID[change.before]}, now {SAID[change.after]}{when}"


def checked(notes: Sequence[Footnote]) -> str:
    """Return how many of the quoted passages a person has checked."""
    seen = sum(note.review != UNCHECKED for note in notes)
    if not seen:
        several = f"None of the {len(notes):,} passages here has" if len(notes) > 1 else "The passage here has not"
        return f"{several} been checked by a person." if notes else ""
    if seen == len(notes):
        return f"A person has checked {'all passages' if seen > 1 else 'the passage'} here."
    return f"A person has checked {seen:,} of the {len(notes):,} passages here."


def read_by(notes: Sequence[Footnote]) -> str:
    """Return which readers found the quoted passages, and whether their confidence is calibrated."""
    readers = dict.fromkeys(name for note in notes for name in readers_of(note.reader))
    return f"Read by: {'; '.join(readers)}." if readers else ""


def made(produced: str, build: DataBuild | None, version: str) -> str:
    """Return when a briefing was produced, and from which data: 'Produced on 4 March 2031 from build 3 of …'."""
    begun = f"Produced on {date(produced)} from" if produced else "Based on"
    if build is None:
        return f"{begun} version {version} of the data."
    changed = ", with changes since then" if build.changed else ""
    return f"{begun} build {build.number:,} of the data, of {date(build.date)}{changed}."


def silence(silent: Sequence[Silence], number: int, unheard: int) -> list[str]:
    """Return which actors are silent, with the note that silence is not a stance."""
    names = [f"{each.actor.label} ({count(each.elsewhere, 'reform')})" for each in silent]
    told = []
    if number:
        told.append(
            f"{count(number, 'actor')} that {agreeing(number, 'holds')} a position on other reforms "
            f"{agreeing(number, 'has')} no statement on this: {named(names, more=number - len(names))}."
        )
    if unheard:
        more = "more " if number else ""
        told.append(
            f"{count(unheard, f'{more}actor')} in the tables {agreeing(unheard, 'has')} no statement on any reform "
            "in the articles read."
        )
    return [*told, "No statement is not the same as taking no side."] if told else []


def grounds(given: Sequence[GroundFinding], *, by: str, most: int = 3) -> list[str]:
    """Which grounds most actors give, or an actor on most reforms: `by` says which of them are counted."""
    told = [f"{ground.concern.label} ({count(ground.count, by)})" for ground in given[:most]]
    return [f"Grounds given: {named(told, more=len(given) - len(told))}."] if told else []


def compared(found: Mapping[Accord, Sequence[Named]], *, most: int) -> list[str]:
    """Return on how many reforms the compared actors agree, and on how many they differ."""
    told = []
    for accord, reforms in found.items():
        names = [reform.label for reform in reforms[:most]]
        told.append(
            f"{ACCORDS[accord]} on {count(len(reforms), 'reform')}: {named(names, more=len(reforms) - len(names))}."
        )
    return told
