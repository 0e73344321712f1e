"""The graph as JSON: the content of each page, and lists with filters, one page at a time."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, TypeAdapter

from api.dependencies import SettingsDep, StoreDep, counting
from api.selections import Paging, PagingDep, SelectionDep, parsed_stance
from graph.asking.ask import Answers, ask
from graph.errors import BadRequest
from graph.model import Counting, Position, Selection
from graph.profiles import (
    AccuracyProfile,
    ActorProfile,
    ArticleProfile,
    FieldProfile,
    ReformProfile,
    StatementProfile,
    accuracy_profile,
    actor_profile,
    article_profile,
    field_profile,
    reform_profile,
    statement_profile,
)
from graph.reading import catalogue
from graph.reading.catalogue import ActorEntry, ArticleEntry, Evidence, Listing, ReformEntry
from graph.reading.search import SearchProfile, search
from graph.records import IDS, for_spreadsheets, id_for_spreadsheets
from graph.store.embedded import Store

Item = TypeVar("Item")


class Problem(BaseModel):
    """One sentence that says what went wrong."""

    detail: str = Field(examples=["no actor 'counsil' in this graph"])


router = APIRouter(
    prefix="/api",
    responses={400: {"model": Problem, "description": "A parameter has an invalid value"}},
)
MISSING: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "Not found in the graph"}}


class Page(BaseModel, Generic[Item]):
    """One page of a list."""

    total: int = Field(description="Number of entries in the whole list")
    limit: int
    offset: int
    next: str | None = Field(description="Address of the next page; null on the last")
    standing: Counting = Field(description="Which statements count: checked, likely (checked and likely) or all")
    items: list[Item]


def page(request: Request, listing: Listing[Item]) -> dict[str, Any]:
    """Return the listing with the address of its next page."""
    further = listing.offset + listing.limit
    following = None
    if further < listing.total:
        url = request.url.include_query_params(limit=listing.limit, offset=further)
        # The next page of an earlier version stays within that version.
        following = f"{request.scope.get('prefix', '')}{url.path}?{url.query}"
    return {
        "total": listing.total,
        "limit": listing.limit,
        "offset": listing.offset,
        "next": following,
        "standing": counting(request.query_params.get("standing", "")),
        "items": listing.items,
    }


@router.get("", tags=["field"], response_model=FieldProfile)
def field(store: StoreDep) -> FieldProfile:
    """An overview: reforms with their sides, the newest statements, and changes of position."""
    return field_profile(store)


@router.get("/reforms", tags=["reforms"], response_model=Page[ReformEntry])
def reforms(request: Request, store: StoreDep, paging: PagingDep) -> dict[str, Any]:
    """The reforms; those with most actors on a side come first."""
    return page(request, catalogue.reforms(store, limit=paging.limit, offset=paging.offset))


@router.get("/reforms/{id:path}", tags=["reforms"], response_model=ReformProfile, responses=MISSING)
def reform(
    id: str, store: StoreDep, paging: PagingDep, *, stance: Annotated[str, Query(description="Only this side")] = ""
) -> ReformProfile:
    """Who supports or opposes a reform, in which words, on what grounds and since when, and who is silent."""
    return reform_profile(store, id, stance=parsed_stance(stance), limit=paging.limit, offset=paging.offset)


@router.get("/actors", tags=["actors"], response_model=Page[ActorEntry])
def actors(
    request: Request,
    store: StoreDep,
    selection: SelectionDep,
    paging: PagingDep,
    *,
    silent: Annotated[bool, Query(description="Without filters: also actors that have no statement")] = False,
) -> dict[str, Any]:
    """The actors of the selected statements, those with most statements first. Without filters, all that speak."""
    return page(request, catalogue.actors(store, selection, silent=silent, limit=paging.limit, offset=paging.offset))


@router.get("/actors/{id:path}", tags=["actors"], response_model=ActorProfile, responses=MISSING)
def actor(id: str, store: StoreDep, paging: PagingDep) -> ActorProfile:
    """An actor's position on every reform over time, its speakers, and its allies and opponents."""
    return actor_profile(store, id, limit=paging.limit, offset=paging.offset)


@router.get("/articles", tags=["articles"], response_model=Page[ArticleEntry])
def articles(
    request: Request, store: StoreDep, paging: PagingDep, *, publisher: Annotated[str, Query()] = ""
) -> dict[str, Any]:
    """The articles, newest first."""
    listing = catalogue.articles(store, publisher=publisher or None, limit=paging.limit, offset=paging.offset)
    return page(request, listing)


@router.get("/articles/{id:path}", tags=["articles"], response_model=ArticleProfile, responses=MISSING)
def article(id: str, store: StoreDep) -> ArticleProfile:
    """An article's metadata, its exact text and its statements. `text` is the whole text; `part` is always 1 of 1."""
    return article_profile(store, id, whole=True)


@router.get(
    "/statements",
    tags=["statements"],
    response_model=Page[Evidence],
    responses={200: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
)
def statements(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    selection: SelectionDep,
    paging: PagingDep,
    *,
    format: Annotated[str, Query(description="`csv` and `jsonl` return every statement", examples=["csv"])] = "json",
    verbatim: Annotated[
        bool, Query(description="CSV without the apostrophe before a text that a spreadsheet would run as a formula")
    ] = False,
) -> Any:
    """The selected statements, newest article first, in the order of the text."""
    if format == "json":
        return page(request, catalogue.statements(store, selection, limit=paging.limit, offset=paging.offset))
    return download(store, selection, format, settings.max_page_size, verbatim=verbatim)


@router.get("/statements/{id}", tags=["statements"], response_model=StatementProfile, responses=MISSING)
def statement(id: str, store: StoreDep) -> StatementProfile:
    """A statement in context: its passage, the words that decided its side, and the actor's other statements."""
    return statement_profile(store, id)


@router.get("/accuracy", tags=["accuracy"], response_model=AccuracyProfile)
def accuracy(store: StoreDep, paging: PagingDep) -> AccuracyProfile:
    """The readers compared with the hand coding, as `positions evaluate` compares them, with each miss and each error.

    `limit` and `offset` apply to both lists.
    """
    return accuracy_profile(store, limit=paging.limit, offset=paging.offset)


@router.get("/positions", tags=["positions"], response_model=Page[Position])
def positions(request: Request, store: StoreDep, selection: SelectionDep, paging: PagingDep) -> dict[str, Any]:
    """Each actor's position on each reform, derived from the selected statements. Most statements come first."""
    return page(request, catalogue.positions(store, selection, limit=paging.limit, offset=paging.offset))


@router.get("/ask", tags=["questions"], response_model=Answers)
def answer(
    store: StoreDep,
    *,
    q: Annotated[str, Query(description="A plain question", max_length=5_000, examples=["Who opposes the fare cap?"])],
) -> Answers:
    """The answer to a question in plain English, with its passages and the SPARQL query."""
    return ask(store, q)


@router.get("/search", tags=["search"], response_model=SearchProfile)
def found(
    store: StoreDep,
    selection: SelectionDep,
    paging: PagingDep,
    *,
    q: Annotated[str, Query(description='Words; "a phrase" in quotation marks, -excluded', max_length=5_000)] = "",
) -> SearchProfile:
    """Passages and articles with these words, best match first, and the number of hits for each further filter."""
    return search(store, q, selection, limit=paging.limit, offset=paging.offset)


# Downloads


COLUMNS = tuple(each.name for each in fields(Evidence) if each.name != "plural")
STATEMENT = TypeAdapter(Evidence)


def download(
    store: Store, selection: Selection, format: str, at_once: int, *, verbatim: bool = False
) -> StreamingResponse:
    """Return all selected statements as a streamed file."""
    if format not in ("csv", "jsonl"):
        raise BadRequest(f"format={format!r} is not one of json, csv, jsonl")
    # Refuse an unknown id before the answer has begun.
    catalogue.narrowed(store, selection)
    pages = _pages(store, selection, Paging(limit=at_once, offset=0))
    lines = csv_lines(pages, verbatim=verbatim) if format == "csv" else jsonl_lines(pages)
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8" if format == "csv" else "application/x-ndjson",
        headers={"Content-Disposition": f'attachment; filename="statements.{format}"'},
    )


def _pages(store: Store, selection: Selection, paging: Paging) -> Iterator[Evidence]:
    while True:
        listing = catalogue.statements(store, selection, limit=paging.limit, offset=paging.offset)
        yield from listing.items
        paging = replace(paging, offset=paging.offset + paging.limit)
        if paging.offset >= listing.total:
            return


def csv_lines(statements: Iterator[Evidence], *, verbatim: bool = False) -> Iterator[str]:
    """Statements as CSV with ";" between several values in a field. No cell is a formula unless `verbatim`."""
    yield _csv_line(COLUMNS)
    for each in statements:
        cells = {name: _cell(getattr(each, name)) for name in COLUMNS}
        safe = (id_for_spreadsheets(it) if name in IDS else for_spreadsheets(it) for name, it in cells.items())
        yield _csv_line(cells.values() if verbatim else safe)


def jsonl_lines(statements: Iterator[Evidence]) -> Iterator[str]:
    """Yield statements as JSON, one per line."""
    for each in statements:
        yield json.dumps(STATEMENT.dump_python(each, mode="json"), ensure_ascii=False) + "\n"


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ";".join(each if isinstance(each, str) else each.text for each in value)
    return str(value)
