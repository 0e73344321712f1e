"""What the parts of profiles are called: their headings, and their names for whoever cannot see them."""

from api.showing import wording
from graph.asking.ask import Answer
from graph.profiles import ActorProfile, Kin, ReformSide, SpeakerEntry, Stand, Turn
from graph.reading.catalogue import Evidence
from graph.versions.builds import Version


def evidence_label(item: Evidence) -> str:
    """What a statement is called where its parts cannot be seen."""
    actor, reform = wording.plain(item.actor_label), wording.plain(item.reform_label)
    return f"{actor} {wording.VERB[item.stance]} {reform}, {wording.date(item.date)}"


def stand_words(stand: Stand) -> str:
    """A position in counts."""
    held = stand.position
    return wording.tally(held.counts, articles=held.articles, conditional=len(held.conditions))


def stand_label(stand: Stand) -> str:
    held = stand.position
    return f"{wording.plain(held.actor_label)} {wording.VERB[held.stance]} {wording.plain(held.reform_label)}"


def stand_warning(stand: Stand) -> str:
    """What to know before quoting a position; '' where nothing is."""
    held = stand.position
    return wording.rests_on(statements=len(held.statements), articles=held.articles, publishers=held.publishers)


def side_heading(side: ReformSide) -> str:
    """'Supported by 3 actors' and its like."""
    return f"{wording.SIDE[side.stance]} {wording.count(side.stands.total, 'actor')}"


def turn_label(turn: Turn) -> str:
    return f"{wording.plain(turn.actor_label)} on {wording.plain(turn.reform_label)}"


def office_of(profile: ActorProfile, speaker: SpeakerEntry) -> str:
    """The role in which somebody speaks for an actor; '' where none is known, or more than one."""
    roles = {each.role for each in profile.members if each.label == speaker.label and each.role}
    return roles.pop() if len(roles) == 1 else ""


def since_last_build(newest: Version, before: Version) -> str:
    """What a build has brought, in counts."""
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
    """One line of an answer, by whom and what it is about."""
    about = [each.label for each in (answer.actor, answer.concern, answer.reform) if each is not None]
    return wording.plain(", ".join(about)) or "Answer"
