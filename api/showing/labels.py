"""The headings of the parts of profiles, and their labels for screen readers."""

from markupsafe import Markup

from api.showing import wording
from graph.asking.ask import Answer
from graph.model import Accord, Standing
from graph.profiles import (
    ActorProfile,
    ChangeEntry,
    ComparisonProfile,
    ComparisonRow,
    Kin,
    ReformSide,
    SpeakerEntry,
    Stand,
)
from graph.reading.catalogue import UNCHECKED, Evidence
from graph.versions.builds import Version


def evidence_label(item: Evidence) -> str:
    """Return the label of a statement for screen readers."""
    actor, reform = wording.plain(item.actor_label), wording.plain(item.reform_label)
    unconfirmed = " (unconfirmed)" if item.standing is Standing.UNCONFIRMED else ""
    return f"{actor} {wording.does(item.degree, reform, plural=item.plural)}, {wording.date(item.date)}{unconfirmed}"


def standing_words(item: Evidence) -> str:
    """Return the standing of a statement and the verdict of a person: 'likely, not checked'."""
    if item.review == UNCHECKED:
        return f"{wording.STANDING[item.standing]}, not checked"
    return wording.REVIEW[item.review]


def does_to(item: Evidence, address: str) -> Markup:
    """Return what an actor does, after its name, with a link to the reform."""
    link = Markup('<a href="{}"><bdi>{}</bdi></a>').format(address, wording.cut(item.reform_label or item.reform))
    before, _, after = wording.does(item.degree, "{reform}", plural=item.plural).partition("{reform}")
    return Markup("{}{}{}").format(before, link, after)


def stand_words(stand: Stand) -> str:
    """Return a position in counts."""
    held = stand.position
    return wording.tally(held.counts, articles=held.articles, conditional=len(held.conditions))


def stand_label(stand: Stand) -> str:
    held = stand.position
    plural = any(each.plural for each in stand.evidence)
    does = wording.does(stand.degree, wording.plain(held.reform_label), plural=plural)
    return f"{wording.plain(held.actor_label)} {does}"


def stand_warning(stand: Stand) -> str:
    """Return what to know before quoting a position, or an empty string."""
    held = stand.position
    return wording.rests_on(statements=len(held.statements), articles=held.articles, publishers=held.publishers)


def side_heading(side: ReformSide) -> str:
    """Return the heading of a side: 'For: 3 actors'."""
    return f"{wording.SIDE_TITLE[side.stance]}: {wording.count(side.stands.total, 'actor')}"


def turn_label(turn: ChangeEntry) -> str:
    return f"{wording.plain(turn.actor_label)} on {wording.plain(turn.reform_label)}"


def office_of(profile: ActorProfile, speaker: SpeakerEntry) -> str:
    """Return the role in which a person speaks for an actor, or an empty string if none or several are known."""
    roles = {each.role for each in profile.members if each.label == speaker.label and each.role}
    return roles.pop() if len(roles) == 1 else ""


def quoted_for(profile: ActorProfile) -> str:
    """Return in how many statements a person speaks for others, and for whom."""
    bodies = list(dict.fromkeys(each.label for each in profile.spoken))
    return f"Quoted in {wording.count(profile.quoted, 'statement')}, for {wording.listed(bodies)}."


def since_last_build(newest: Version, before: Version) -> str:
    """Return the changes that a build made, in counts."""
    parts = [
        wording.more_or_less(newest.articles, before.articles, "article"),
        wording.more_or_less(newest.statements, before.statements, "statement"),
        wording.more_or_less(newest.positions, before.positions, "position"),
    ]
    told = wording.listed([part for part in parts if part]) or "no more articles, statements or positions"
    now, then = (wording.date(each.built[:10]) for each in (newest, before))
    return f"Built {now}: {told} than {'in the build before' if now == then else f'on {then}'}."


def kin_words(other: Kin) -> str:
    return wording.kin(len(other.agree), len(other.conflict))


def answer_label(answer: Answer) -> str:
    """Return the label of a line of an answer: its actor and its subject."""
    about = [each.label for each in (answer.actor, answer.concern, answer.reform) if each is not None]
    return wording.plain(", ".join(about)) or "Answer"


NAMED = 3
"""Reforms that the sentences on a comparison name."""


def comparison_sentences(profile: ComparisonProfile) -> list[str]:
    """Return what compared actors agree on and why, and what they take opposite sides on, in sentences."""
    names = [wording.plain(each.label) for each in profile.actors]
    # Of three or more actors, some may not have spoken on a reform.
    who = wording.listed(names) if len(names) == 2 else "Those who have spoken"
    told = []
    for accord, words in (
        (Accord.AGREE, "{who} take the same side on {on}."),
        (Accord.PART, "{who} take opposite sides on {on}."),
    ):
        rows = [row for row in profile.rows if row.verdict is accord]
        if rows:
            on = [_with_grounds(row) for row in rows[:NAMED]]
            more = len(rows) - len(on)
            told.append(words.format(who=who, on=wording.listed([*on, *([f"{more:,} more"] if more else [])])))
    return told


def _with_grounds(row: ComparisonRow) -> str:
    label = wording.plain(row.reform.label)
    if row.verdict is not Accord.AGREE or not row.shared_grounds:
        return label
    return f"{label} (shared grounds: {wording.listed([wording.plain(each.label) for each in row.shared_grounds])})"
