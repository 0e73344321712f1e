"""A speaker, that is, the actor who holds what is said and the person who says it; and a person named in an article."""

from dataclasses import dataclass

from graph.domain.folder import Domain, within
from graph.model import Actor, ActorKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A speaker: the actor who holds what is said, and the person who says it."""

    actor: str
    """Id of the organisation spoken for, or of the person or group; formed from the name if no table lists it."""
    label: str
    person: str | None = None
    """Fullest name in the article, without titles; None if the organisation or group itself speaks."""
    kind: ActorKind = ActorKind.ORGANISATION
    listed: bool = True
    """Whether a table of the domain lists the actor."""


@dataclass(slots=True, kw_only=True)
class Person:
    """A person named in an article."""

    name: str
    gender: str = ""
    speaker: Speaker | None = None
    """The actor they speak for; None until it is known."""
    office: str = ""
    """Their role in the table, in lower case."""
    role: str = ""
    """The words around the first mention, in lower case: '… the shadow transport secretary …'."""


def represented(actor: Actor, domain: Domain, date: str = "", *, against: str = "") -> Actor:
    """Return the organisation that a person in the table speaks for at a date, or the actor itself if there is none.

    `against` is the organisation whose plans are at issue.
    """
    if actor.kind is not ActorKind.PERSON:
        return actor
    places = [m for m in actor.member_of if not (date and (m.since or m.until)) or within(date, m.since, m.until)]
    if not places:
        return actor
    # A person in both government and a party speaks for their party when they answer another party.
    places.sort(key=lambda place: place.organisation != domain.government)
    rival = against and len(places) > 1 and against not in [m.organisation for m in places]
    return domain.actors[places[1 if rival else 0].organisation]


def of_actor(actor: Actor, domain: Domain, date: str = "", *, against: str = "") -> Speaker:
    """Return an actor of the table as a speaker."""
    held = represented(actor, domain, date, against=against)
    person = actor.label if actor.kind is ActorKind.PERSON else None
    return Speaker(actor=held.id, label=held.label, person=person, kind=held.kind)
