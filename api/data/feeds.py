"""Feeds of new statements, changes of position, and answers to stored questions."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response

from api.data.rest import MISSING, Problem
from api.data.syndication import FORMS, Feed, FeedEntry, newest
from api.dependencies import SettingsDep, StoreDep
from api.selections import PagingDep, SelectionDep
from api.serving.parameters import OwnParameters, check
from api.settings import Settings
from api.showing import addresses, wording
from api.showing.labels import evidence_label, turn_label
from api.showing.rendering import public
from api.sparql.answers import answered
from graph.asking.questions import query, question
from graph.errors import Unknown
from graph.profiles import ChangeEntry, changes
from graph.rdf.vocabulary import iri
from graph.reading import catalogue
from graph.reading.catalogue import Evidence
from graph.store.embedded import Store


def _shape(media_type: str) -> dict[str, str]:
    return {"type": "object" if "json" in media_type else "string"}


router = APIRouter(
    prefix="/feeds",
    tags=["feeds"],
    responses={
        200: {"content": {form.media_type: {"schema": _shape(form.media_type)} for form in FORMS.values()}},
        400: {"model": Problem, "description": "A parameter has an invalid value"},
        **MISSING,
    },
)
ANSWERED = ("limit", "offset", "narrower")
"""Parameters of the feed itself, not of the question."""
FormatPath = Annotated[str, Path(description="Atom, JSON Feed or CSV", json_schema_extra={"enum": list(FORMS)})]


@router.get("/statements.{format}", response_class=Response)
def new_statements(
    format: FormatPath,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    selection: SelectionDep,
    paging: PagingDep,
) -> Response:
    """The newest statements: all, on a reform, by an actor, or by other filters."""
    found = catalogue.statements(store, selection, limit=paging.limit, offset=paging.offset).items
    named = _named(store, selection.actor, selection.reform)
    entries = (_statement(store, request, settings, each) for each in found)
    return _answer(request, store, settings, format, f"New statements{named}", "/search", entries, paging.limit)


@router.get("/changes.{format}", response_class=Response)
def changed_positions(
    format: FormatPath,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    paging: PagingDep,
    *,
    actor: Annotated[str, Query(description="Id of an actor")] = "",
    reform: Annotated[str, Query(description="Id of a reform")] = "",
) -> Response:
    """The newest changes of position: all, on a reform, or by an actor."""
    named = _named(store, actor, reform)
    found = changes(store, actor=actor or None, reform=reform or None, limit=paging.limit, offset=paging.offset).items
    entries = (_turn(store, request, settings, each) for each in found)
    return _answer(request, store, settings, format, f"Changed positions{named}", "/changes", entries, paging.limit)


@router.get(
    "/questions/{name}.{format}",
    response_class=Response,
    responses={503: {"description": "The question took too long, or too many are running"}},
    dependencies=[OwnParameters],
)
async def found_by_question(
    name: Annotated[str, Path(description="Name of a stored question")],
    format: FormatPath,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    paging: PagingDep,
) -> Response:
    """The answers to a stored question, newest first. Put the question's own parameters in the address."""
    check(request, (*(each.name for each in question(name).parameters), *ANSWERED))
    values = {key: value for key, value in request.query_params.items() if key not in ANSWERED}
    narrower = request.query_params.get("narrower", "").lower() in ("true", "1")
    text = await run_in_threadpool(lambda: query(store, name, narrower=narrower, **values))
    # In the pool, where it can be stopped: a question may cost more than a feed is allowed.
    found = await answered(request, store, settings, text)

    def answer() -> Response:
        entries = _found(request, store, settings, name, found, paging.limit)
        page = addresses.with_query("/query", {"question": name})
        return _answer(request, store, settings, format, question(name).title, page, entries, paging.limit)

    return await run_in_threadpool(answer)


def _found(
    request: Request, store: Store, settings: Settings, name: str, rows: Sequence[Mapping[str, Any]], most: int
) -> list[FeedEntry]:
    """Return the statements behind the rows, newest first, or the rows themselves if they have none."""
    dated = {row["statement"]: str(row.get("date", "")) for row in rows if "statement" in row}
    if not dated:
        return [_row(request, settings, name, row) for row in rows]
    wanted = sorted(dated, key=lambda it: dated[it], reverse=True)[:most]
    return [_statement(store, request, settings, each) for each in catalogue.evidence(store, wanted)]


def _answer(
    request: Request,
    store: Store,
    settings: Settings,
    format: str,
    title: str,
    page: str,
    entries: Iterable[FeedEntry],
    most: int,
) -> Response:
    if format not in FORMS:
        raise Unknown(f"no feed in the format {format!r}; the formats are {', '.join(FORMS)}")
    # Feed readers poll often. If the data are unchanged, the answer is a 304 without a body.
    query = f"?{request.url.query}" if request.url.query else ""
    address = public(request, settings, f"{request.url.path}{query}")
    tag = f'W/"{hashlib.sha256(f"{store.version} {address}".encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    field = catalogue.about(store)
    counted = wording.COUNTED[store.counting]
    feed = Feed(
        id=address,
        title=f"{title}: {field.title}, {counted}" if field.title else f"{title}, {counted}",
        url=public(request, settings, page),
        address=address,
        entries=newest(entries, most),
        language=field.language,
    )
    return Response(FORMS[format].write(feed), media_type=FORMS[format].media_type, headers=headers)


def _statement(store: Store, request: Request, settings: Settings, item: Evidence) -> FeedEntry:
    return FeedEntry(
        id=iri(catalogue.base_of(store), "statement", item.id),
        title=evidence_label(item),
        url=public(request, settings, addresses.page("statement", item.id)),
        text=item.quote,
        date=item.date,
        authors=(item.actor_label,),
        tags=(item.reform_label, str(item.stance), *item.concern_labels),
    )


def _turn(store: Store, request: Request, settings: Settings, turn: ChangeEntry) -> FeedEntry:
    before, after = (wording.SHORT_DEGREE[each.degree] for each in (turn.before, turn.after))
    position = iri(catalogue.base_of(store), "position", turn.actor, turn.reform)
    return FeedEntry(
        id=f"{position}#{turn.after.date}",
        title=f"{turn_label(turn)}: before, {before}; now, {after}",
        url=public(request, settings, addresses.page("statement", turn.after.id)),
        text="\n\n".join(f"{wording.date(side.date)}: {side.quote}" for side in (turn.before, turn.after)),
        date=turn.after.date,
        authors=(turn.actor_label,),
        tags=(turn.reform_label, str(turn.after.stance)),
    )


def _row(request: Request, settings: Settings, name: str, row: Mapping[str, Any]) -> FeedEntry:
    """Return a feed entry for a row without a single statement: its names, then its other values."""
    told = "; ".join(f"{key}: {value}" for key, value in row.items())
    labels = [str(value) for key, value in row.items() if key.endswith("Label")]
    digest = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:16]
    return FeedEntry(
        id=public(request, settings, f"/feeds/questions/{name}#{digest}"),
        title=wording.plain(", ".join(labels) or told),
        url=public(request, settings, addresses.with_query("/query", {"question": name})),
        text=told,
        date=str(row.get("date", "")),
    )


def _named(store: Store, actor: str | None, reform: str | None) -> str:
    """Return the end of a title, which names the actor and the reform. Raise UnknownActor or UnknownReform."""
    whose = f" of {catalogue.actor(store, actor).label}" if actor else ""
    on = f" on {catalogue.reform(store, reform).label}" if reform else ""
    return whose + on
