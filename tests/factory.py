"""Invented objects for tests; a test names only the fields that matter to it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from graph.domain.folder import Domain
from graph.model import Actor, ActorKind, Article, Concern, Membership, Reform, Stance, Statement

BASE = "https://buses.example/"
TEXT = "The council welcomed the fare cap. Harbour Lines opposed it. Riders were split on night buses."


def article(**changes: Any) -> Article:
    """Return an invented article; its text is TEXT by default."""
    return replace(
        Article(
            id="cap-news",
            text=TEXT,
            title="A cap on fares",
            publisher="The Tram Gazette",
            date="2031-03-04",
            url="https://gazette.example/cap",
        ),
        **changes,
    )


def statement(quote: str = "The council welcomed the fare cap.", **changes: Any) -> Statement:
    """Return an invented statement by the council on the fare cap, at the place of the quotation in TEXT."""
    start = changes.pop("start", max(TEXT.find(quote), 0))
    return replace(
        Statement(
            article="cap-news",
            start=start,
            end=start + len(quote),
            quote=quote,
            actor="council",
            actor_label="City Council",
            reform="fare-cap",
            stance=Stance.SUPPORT,
        ),
        **changes,
    )


def domain(**changes: Any) -> Domain:
    """An invented domain of two reforms and a few actors, in which a statement of any confidence counts."""
    actors = (
        Actor(id="council", label="City Council", aliases=("the council",)),
        Actor(id="harbour-lines", label="Harbour Lines", aliases=("Harbour",)),
        Actor(
            id="ada-quill",
            label="Ada Quill",
            kind=ActorKind.PERSON,
            aliases=("Cllr Quill",),
            member_of=(Membership(organisation="council", role="chair of transport", since="2029", until="2032-05"),),
        ),
        Actor(id="riders", label="Riders", kind=ActorKind.GROUP),
    )
    reforms = (
        Reform(id="fares", label="Fares reform"),
        Reform(
            id="fare-cap", label="Fare cap", broader="fares", definition="A highest fare.", aliases=("capped fares",)
        ),
        Reform(id="night-buses", label="Night buses", aliases=("night bus",)),
    )
    concerns = (Concern(id="cost", label="Cost", cues=("too dear",)), Concern(id="access", label="Access"))
    return replace(
        Domain(
            id="buses",
            folder=Path("buses"),
            documents=Path("buses/articles"),
            title="Buses",
            base=BASE,
            likely_from=0.0,
            actors={actor.id: actor for actor in actors},
            reforms={reform.id: reform for reform in reforms},
            concerns={concern.id: concern for concern in concerns},
        ),
        **changes,
    )
