"""Briefings over HTTP, as data and as files to download."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from api.data.rest import MISSING, Problem
from api.dependencies import SettingsDep, StoreDep
from api.forms.writing import FORMS, build_of, form, written
from api.showing.rendering import public
from graph.briefing.material import briefing_for
from graph.briefing.types import Briefing, Length, Scope, Subject
from graph.debate.agreement import stored_camps
from graph.debate.options import NetworkOptions
from graph.domain.folder import DATE
from graph.errors import BadRequest, Unknown
from graph.store.embedded import Store

router = APIRouter(
    prefix="/api",
    tags=["briefings"],
    responses={400: {"model": Problem, "description": "A parameter has an invalid value"}, **MISSING},
)
FILES: dict[int | str, dict[str, object]] = {
    200: {"content": {kind.media_type: {"schema": {"type": "string"}} for kind in FORMS.values()}}
}
OWN_STYLE = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""The content security policy of a briefing: its own styles, and nothing that loads or runs."""
MOST = 100
"""Largest number of reforms or actors in one briefing."""


def period(
    *,
    since: Annotated[str, Query(description="First date: YYYY, YYYY-MM or YYYY-MM-DD")] = "",
    until: Annotated[str, Query(description="Last date, inclusive")] = "",
    changed_since: Annotated[str, Query(description="Report changes of position since this date")] = "",
    length: Annotated[
        str, Query(description="How long the briefing is", json_schema_extra={"enum": list(Length)})
    ] = Length.FULL,
) -> Scope:
    """Return a brief with its period and length, but no subject yet. Raise BadRequest."""
    for name, date in (("since", since), ("until", until), ("changed_since", changed_since)):
        if date and not DATE.fullmatch(date):
            raise BadRequest(f"{name}: {date!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
    if length not in set(Length):
        raise BadRequest(f"length={length!r} is not one of {', '.join(Length)}")
    return Scope(subject=Subject.REFORM, since=since, until=until, changed_since=changed_since, length=Length(length))


PeriodDep = Annotated[Scope, Depends(period)]
AnnexParameter = Annotated[bool, Query(description="Add the SPARQL query behind each section; not for JSON")]
FormatParameter = Annotated[
    str, Query(description="A file format instead of JSON", json_schema_extra={"enum": ["json", *FORMS]})
]


@router.get("/briefings", response_model=Briefing, responses=FILES)
def briefing_on(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    period: PeriodDep,
    *,
    reform: Annotated[list[str] | None, Query(description="Ids of reforms", max_length=MOST)] = None,
    actor: Annotated[
        list[str] | None, Query(description="Ids of actors; several are compared", max_length=MOST)
    ] = None,
    camp: Annotated[str, Query(description="Id of a camp, from /api/camps")] = "",
    format: FormatParameter = "json",
    annex: AnnexParameter = False,
) -> Briefing | Response:
    """A briefing on one actor, a comparison of several, a camp, or a set of reforms."""
    scope = subject(store, period, reforms=reform or (), actors=actor or (), camp=camp)
    return _answer(store, scope, format, public(request, settings, "/statements/"), annex=annex)


@router.get("/briefings/{reform:path}", response_model=Briefing, responses=FILES)
def reform_briefing(
    reform: str,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    period: PeriodDep,
    *,
    format: FormatParameter = "json",
    annex: AnnexParameter = False,
) -> Briefing | Response:
    """A briefing on a reform: who supports it, sets conditions, opposes it or is silent, why, and what changed."""
    scope = subject(store, period, reforms=(reform,))
    return _answer(store, scope, format, public(request, settings, "/statements/"), annex=annex)


def subject(
    store: Store,
    period: Scope,
    *,
    reforms: tuple[str, ...] | list[str] = (),
    actors: tuple[str, ...] | list[str] = (),
    camp: str = "",
) -> Scope:
    """Return the subject of a briefing. Raise BadRequest if the request names no subject or two kinds of subject."""
    named_reforms, named_actors = tuple(dict.fromkeys(reforms)), tuple(dict.fromkeys(actors))
    if bool(named_reforms) + bool(named_actors) + bool(camp) != 1:
        raise BadRequest("a briefing covers reforms, actors or a camp; name one of these")
    if camp:
        members, title = _camp(store, camp)
        return _with(period, Subject.CAMP, actors=members, title=title)
    if named_actors:
        kind = Subject.ACTOR if len(named_actors) == 1 else Subject.COMPARISON
        return _with(period, kind, actors=named_actors)
    return _with(period, Subject.REFORM if len(named_reforms) == 1 else Subject.REFORMS, reforms=named_reforms)


def _with(
    period: Scope, kind: Subject, *, reforms: tuple[str, ...] = (), actors: tuple[str, ...] = (), title: str = ""
) -> Scope:
    return Scope(
        subject=kind,
        reforms=reforms,
        actors=actors,
        title=title,
        since=period.since,
        until=period.until,
        changed_since=period.changed_since,
        length=period.length,
    )


def _camp(store: Store, id: str) -> tuple[tuple[str, ...], str]:
    # The stability of a camp is not shown here and would cost many networks.
    found = stored_camps(store, NetworkOptions(resamples=0)).camps
    for camp in found:
        if camp.id == id:
            return camp.members, f"Camp {camp.id.removeprefix('camp-')}"
    raise Unknown(f"no camp {id!r}; the camps are: {', '.join(camp.id for camp in found) or 'none'}")


def _answer(store: Store, scope: Scope, format: str, statements_at: str, *, annex: bool) -> Briefing | Response:
    if format != "json":
        form(format)
    made = briefing_for(store, scope, statements_at=statements_at, build=build_of(store))
    if format == "json":
        return made
    chosen = form(format)
    name = "-".join(["briefing", *((scope.title,) if scope.title else scope.reforms or scope.actors)])[:80]
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    shown = "inline" if format in ("html", "pdf") else "attachment"
    headers = {"Content-Disposition": f'{shown}; filename="{safe}.{chosen.ending}"'}
    if format == "html":
        headers["Content-Security-Policy"] = OWN_STYLE
    content = written(made, format, produced=datetime.now(UTC).date().isoformat(), annex=annex)
    return Response(content, media_type=chosen.media_type, headers=headers)
