"""The pages for reviewers: signing in, the queue with one statement per screen, and forms for verdicts."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.data.reviews import now
from api.dependencies import StoreDep
from api.pages.comparing import Filter, actor_options, reform_options
from api.selections import PagingDep, parsed_stance
from api.serving.networks_kept import keep_soon
from api.serving.users import COOKIE, SESSION_SECONDS, ReviewSenderDep, UsersDep, address_of, must_be_own
from api.showing import addresses, wording
from api.showing.rendering import alternates, render
from graph.errors import BadRequest, NotSignedIn, NotVerbatim, UnknownActor
from graph.model import Selection, Stance, Statement
from graph.profiles import StatementProfile, statement_profile
from graph.rdf.vocabulary import iri
from graph.reading import catalogue
from graph.reading.catalogue import Evidence
from graph.reviewing import reviews
from graph.reviewing.measures import Measures, measures
from graph.reviewing.queue import Ranked, identical, other_readings, queue, shown
from graph.reviewing.reviews import Fault, Review, Verdict, disagreements
from graph.store.embedded import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
data = APIRouter(prefix="/api", tags=["reviews"])

DISAGREEMENTS = 20
"""Largest number of disputed statements on the page."""
SIDES = tuple((stance.value, wording.SIDE[stance]) for stance in Stance)
FAULTS = tuple((fault.value, fault.value) for fault in Fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An unchecked statement with the reasons for its place in the queue."""

    rank: Ranked
    statement: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The statements to check; the first ones are complete."""

    total: int
    limit: int
    offset: int
    items: tuple[Waiting, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One statement to check, in its context."""

    profile: StatementProfile
    rank: Ranked | None
    """None for a statement that is already checked."""
    same: tuple[Evidence, ...]
    """The same words in other articles of the release."""
    others: tuple[Evidence, ...]
    """The other reader's statements in the same passage."""
    following: str
    """Id of the next statement in the queue; empty on the last one."""


def filters(
    *, actor: str = "", reform: str = "", article: str = "", stance: str = "", reader: str = ""
) -> dict[str, str]:
    """The part of the queue that a request asks for."""
    return {"actor": actor, "reform": reform, "article": article, "stance": stance, "reader": reader}


FiltersDep = Annotated[dict[str, str], Depends(filters)]


def selection(chosen: dict[str, str]) -> Selection:
    """Return the filters as a selection. Raise BadRequest."""
    return Selection(
        actor=chosen["actor"] or None,
        reform=chosen["reform"] or None,
        article=chosen["article"] or None,
        stance=parsed_stance(chosen["stance"]),
        reader=chosen["reader"] or None,
    )


@data.get("/review")
def waiting(store: StoreDep, chosen: FiltersDep, paging: PagingDep) -> Queue:
    """The unchecked statements, least certain and most consequential first."""
    ranked = queue(store, selection(chosen))
    page = ranked[paging.offset : paging.offset + paging.limit]
    by_id = {each.id: each for each in shown(store, page)}
    items = tuple(Waiting(rank=each, statement=by_id[each.statement]) for each in page if each.statement in by_id)
    return Queue(total=len(ranked), limit=paging.limit, offset=paging.offset, items=items)


@data.get("/review/measures")
def agreement(store: StoreDep) -> Measures:
    """Agreement between reviewers and with extraction, and the recent precision of extraction."""
    return measures(store)


@router.get("/review")
def review(
    request: Request,
    store: StoreDep,
    users: UsersDep,
    chosen: FiltersDep,
    *,
    statement: Annotated[str, Query(description="The statement to show instead of the first")] = "",
    done: Annotated[str, Query(description="The statement that was checked last")] = "",
) -> HTMLResponse:
    """Show the queue, one statement per screen."""
    ranked = queue(store, selection(chosen))
    screen = _screen(store, ranked, statement)
    told = measures(store)
    return render(
        request,
        store,
        "review.html",
        figures=False,
        alternates=alternates(request),
        chosen=chosen,
        filters=(
            Filter(name="reform", label="Reform", value=chosen["reform"], options=reform_options(store)),
            Filter(name="actor", label="Actor", value=chosen["actor"], options=actor_options(store)),
            Filter(name="article", label="Article", value=chosen["article"], options=_articles(store)),
            Filter(name="stance", label="Side", value=chosen["stance"], options=SIDES),
        ),
        left=len(ranked),
        screen=screen,
        item=screen.profile.statement if screen else None,
        done=_known(store, done),
        measures=told,
        disagreements=list(disagreements(reviews.history(store)))[:DISAGREEMENTS],
        anybody=bool(users),
        **choices(store),
    )


def choices(store: Store) -> dict[str, Any]:
    """Return the choices in the form of a verdict."""
    return {
        "actor_choices": actor_options(store),
        "reform_choices": reform_options(store),
        "stance_choices": SIDES,
        "fault_choices": FAULTS,
    }


def _screen(store: Store, ranked: list[Ranked], wanted: str) -> Screen | None:
    places = {each.statement: place for place, each in enumerate(ranked)}
    place = places.get(wanted, 0)
    id = wanted or (ranked[0].statement if ranked else "")
    if not id:
        return None
    # The order may be slightly older than the graph.
    if not wanted and not shown(store, ranked[:1]):
        ranked = ranked[1:]
        return _screen(store, ranked, "")
    profile = statement_profile(store, id)
    after = ranked[place + 1 :] if id in places else ranked
    return Screen(
        profile=profile,
        rank=ranked[place] if id in places else None,
        same=identical(store, profile.statement),
        others=other_readings(store, profile.statement),
        following=next((each.statement for each in after), ""),
    )


def _known(store: Store, id: str) -> Evidence | None:
    found = catalogue.evidence(store, [iri(catalogue.base_of(store), "statement", id)]) if id else []
    return found[0] if found else None


def _articles(store: Store) -> tuple[tuple[str, str], ...]:
    return tuple((each.id, each.title) for each in catalogue.article_table(store).values() if each.statements)[:500]


# Signing in


@router.post("/review/sign-in")
def sign_in(request: Request, users: UsersDep, *, token: Annotated[str, Form()] = "") -> Response:
    """Begin a session for a person with a known token."""
    must_be_own(request)
    user = users.by_token(token.strip(), address=address_of(request))
    if user is None:
        raise NotSignedIn("this token is not known; ask the operator of this service for yours")
    answer = RedirectResponse("/review", status_code=303)
    answer.set_cookie(
        COOKIE,
        users.session(user),
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=users.secure,
        path="/",
    )
    return answer


@router.post("/review/sign-out")
def sign_out(request: Request, users: UsersDep, *, form_token: Annotated[str, Form()] = "") -> Response:
    """End the session in this browser."""
    must_be_own(request)
    users.check_form(request, form_token)
    users.end_session(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/review", status_code=303)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=users.secure)
    return answer


# Verdicts by form


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The fields of the form of a verdict."""

    statement: str
    verdict: Verdict
    note: str
    fault: Fault | None
    actor: str | None
    reform: str | None
    stance: Stance | None
    also: tuple[str, ...]
    """The same words in other articles, which get the same verdict."""


def given(
    *,
    statement: Annotated[str, Form()],
    verdict: Annotated[Verdict, Form()],
    note: Annotated[str, Form(max_length=reviews.LONGEST_NOTE)] = "",
    fault: Annotated[str, Form()] = "",
    actor: Annotated[str, Form()] = "",
    reform: Annotated[str, Form()] = "",
    stance: Annotated[str, Form()] = "",
    also: Annotated[tuple[str, ...], Form()] = (),
) -> Given:
    """Return the fields of a form without the empty ones. Raise BadRequest."""
    if fault and fault not in set(Fault):
        raise BadRequest(f"fault={fault!r} is not one of {', '.join(Fault)}")
    corrected = verdict is Verdict.CORRECTED
    return Given(
        statement=statement,
        verdict=verdict,
        note=note.strip(),
        fault=Fault(fault) if fault and verdict is Verdict.WRONG else None,
        actor=(actor or None) if corrected else None,
        reform=(reform or None) if corrected else None,
        stance=parsed_stance(stance) if corrected else None,
        also=also,
    )


@router.post("/review/verdict")
def verdict(
    request: Request,
    store: StoreDep,
    user: ReviewSenderDep,
    form: Annotated[Given, Depends(given)],
    *,
    back: Annotated[str, Form()] = "/review",
) -> Response:
    """Store a verdict and show the next statement."""
    same = {name: getattr(form, name) for name in ("verdict", "note", "fault", "reform", "stance")}
    if form.actor is not None:
        same["actor"] = _actor_meant(store, form.actor)
    time = now()
    reviews.record_all(
        store,
        [
            Review(statement=id, reviewer=user.name, time=time, **same)
            for id in dict.fromkeys((form.statement, *form.also))
        ],
    )
    keep_soon(request)
    return RedirectResponse(_own(back), status_code=303)


@router.post("/review/missed")
def missed(
    request: Request,
    store: StoreDep,
    user: ReviewSenderDep,
    *,
    article: Annotated[str, Form()],
    actor: Annotated[str, Form()],
    reform: Annotated[str, Form()],
    stance: Annotated[Stance, Form()],
    words: Annotated[str, Form()],
    start: Annotated[str, Form()] = "",
    note: Annotated[str, Form(max_length=reviews.LONGEST_NOTE)] = "",
) -> Response:
    """Add a statement that extraction missed, by its words."""
    holder = _actor_meant(store, actor)
    text = catalogue.article(store, article).text
    begin, end = place_of(words, text, near=int(start) if start.isdecimal() else None)
    found = Statement(
        article=article,
        start=begin,
        end=end,
        quote=text[begin:end],
        actor=holder,
        actor_label=catalogue.actor(store, holder).label,
        reform=catalogue.reform(store, reform).id,
        stance=stance,
    )
    reviews.add_missed(store, found, reviewer=user.name, time=now(), note=note.strip())
    keep_soon(request)
    return RedirectResponse(f"{addresses.page('article', article)}?statement={found.id}#s-{found.id}", status_code=303)


def place_of(words: str, text: str, *, near: int | None = None) -> tuple[int, int]:
    """Return the place of the words in the text, whatever white space a browser put between them.

    If there are several places, return the nearest. Raise NotVerbatim if there is none.
    """
    parts = words.split()
    if not parts:
        raise BadRequest("no words; enter the passage, or select it in the text")
    places = [match.span() for match in re.finditer(r"\s+".join(map(re.escape, parts)), text)]
    if not places:
        raise NotVerbatim("these words are not in the article; copy them from its text")
    if near is None and len(places) > 1:
        raise BadRequest(f"these words appear {len(places)} times in the article; enter more of the passage")
    return min(places, key=lambda place: abs(place[0] - (near or 0)))


def _actor_meant(store: Store, name: str) -> str:
    """Return the actor with this id or name. Raise UnknownActor."""
    found = catalogue.actor_named(store, name)
    if found is None:
        raise UnknownActor(f"there is no actor {name!r}; enter the id or the full name of an actor in the graph")
    return found


def _own(back: str) -> str:
    """Return an address within this service, whatever the form says."""
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) else "/review"
