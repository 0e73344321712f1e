"""The page of new names: accept each as new or as an alias of a known thing, or dismiss it."""

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.dependencies import SettingsDep, StoreDep
from api.serving.users import AdminSenderDep
from api.settings import Settings
from api.showing import addresses
from api.showing.rendering import alternates, render
from graph.errors import BadRequest
from graph.model import ActorKind
from graph.reviewing.proposals import (
    ACTOR,
    REFORM,
    Proposal,
    accept,
    accept_as_alias,
    dismiss,
    proposals,
    with_passages,
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
data = APIRouter(prefix="/api/review", tags=["reviews"])

SHOWN = 10
"""Largest number of new names on a page."""
NEW, ALIAS, DISMISS = "new", "alias", "dismiss"


@data.get("/names")
def new_names(
    store: StoreDep,
    settings: SettingsDep,
    *,
    kind: Annotated[str, Query(description="actor or reform")] = ACTOR,
    limit: Annotated[int, Query(ge=1, le=100)] = SHOWN,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> list[Proposal]:
    """Return names that are in no table, with passages, most frequent first."""
    found = proposals(store, kind, domain=settings.domain)
    return [with_passages(store, each) for each in found[offset : offset + limit]]


@router.get("/review/names")
def names(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    *,
    kind: str = ACTOR,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> HTMLResponse:
    """Show new actors and reforms that need a decision."""
    found = proposals(store, kind, domain=settings.domain)
    return render(
        request,
        store,
        "names.html",
        figures=False,
        alternates=alternates(request),
        kind=kind,
        kinds=((ACTOR, "Actors"), (REFORM, "Reforms")),
        total=len(found),
        offset=offset,
        following=offset + SHOWN if offset + SHOWN < len(found) else None,
        proposals=[with_passages(store, each) for each in found[offset : offset + SHOWN]],
        actor_kinds=tuple((each.value, each.value) for each in ActorKind),
        writable=settings.domain is not None,
    )


@router.post("/review/names")
def decide(
    settings: SettingsDep,
    user: AdminSenderDep,
    *,
    kind: Annotated[str, Form()],
    name: Annotated[str, Form(min_length=1, max_length=300)],
    decision: Annotated[str, Form()],
    id: Annotated[str, Form()] = "",
    actor_kind: Annotated[str, Form()] = "",
) -> Response:
    """Write a decision into the domain's tables. It takes effect from the next extraction."""
    folder = _folder(settings)
    if decision == NEW:
        if actor_kind and actor_kind not in set(ActorKind):
            raise BadRequest(f"actor_kind={actor_kind!r} is not one of {', '.join(ActorKind)}")
        accept(folder, kind, name, actor_kind=actor_kind)
    elif decision == ALIAS:
        accept_as_alias(folder, kind, name, id)
    elif decision == DISMISS:
        dismiss(folder, kind, name)
    else:
        raise BadRequest(f"decision={decision!r} is not one of {NEW}, {ALIAS}, {DISMISS}")
    return RedirectResponse(addresses.with_query("/review/names", {"kind": kind}), status_code=303)


def _folder(settings: Settings) -> Path:
    if settings.domain is None:
        raise BadRequest("the service does not know the domain's folder; set `domain`")
    return settings.domain
