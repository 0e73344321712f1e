"""The query page: a SPARQL editor whose form works without JavaScript, with its result as a table."""

import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import SettingsDep, StoreDep
from api.queries.pool import QueryPool
from api.queries.refused import Refused
from api.settings import Settings
from api.showing import addresses
from api.showing.rendering import Alternate, render
from api.sparql.answers import whole_answer
from graph.asking import questions
from graph.rdf.vocabulary import ONTOLOGY, PREFIXES, SPACES, kind_and_ids
from graph.reading import catalogue
from graph.store.embedded import Store

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

ROWS = 500
"""Largest number of rows of a result on the page; downloads have every row."""
GRAPH = 200_000
"""Largest number of characters of a graph on the page."""
LONGEST_LINK = 6_000
"""Longest query, in characters, that fits in a link; servers and browsers refuse longer addresses."""
FIRST = (
    "# Which reforms have the most statements?\n"
    f"PREFIX : <{ONTOLOGY}>\n"
    f"PREFIX skos: <{PREFIXES['skos']}>\n"
    "SELECT ?reform ?label (COUNT(?statement) AS ?statements) WHERE {\n"
    "  ?statement a :Statement ; :reform ?reform .\n"
    "  ?reform skos:prefLabel ?label\n"
    "} GROUP BY ?reform ?label ORDER BY DESC(?statements) LIMIT 20\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultCell:
    """A value in a row: its text, and the address of its page here."""

    text: str
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a query: a table, yes or no, or a graph."""

    columns: tuple[str, ...] = ()
    rows: tuple[tuple[ResultCell, ...], ...] = ()
    more: bool = False
    """Whether there are more rows than are shown."""
    answer: bool | None = None
    graph: str = ""


@router.get("/query")
async def query(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    *,
    query: Annotated[str, Query()] = "",
    question: Annotated[str, Query()] = "",
    run: Annotated[str, Query()] = "true",
) -> HTMLResponse:
    """Show the editor with the query of a link, which it runs, a stored question or an example."""
    text = query
    if not text and question:
        text = questions.question(question).text
        run = "false" if questions.question(question).parameters else run
    return await _page(request, store, settings, text, run=bool(text) and run != "false")


@router.post("/query")
async def posted(
    request: Request, store: StoreDep, settings: SettingsDep, *, query: Annotated[str, Form()] = ""
) -> HTMLResponse:
    """Show the editor for a query that is too long for a link."""
    return await _page(request, store, settings, query, run=bool(query.strip()))


async def _page(request: Request, store: Store, settings: Settings, text: str, *, run: bool) -> HTMLResponse:
    result, problem, status = None, "", 200
    if run:
        try:
            result = await result_of(request.app.state.queries, store, settings, text)
        except Refused as refused:
            problem, status = str(refused), refused.status
    share = addresses.with_query("/query", {"query": text}) if text and len(text) <= LONGEST_LINK else ""
    return render(
        request,
        store,
        "query.html",
        figures=False,
        files=downloads(text, graph=bool(result and result.graph)) if result and share else (),
        status=status,
        text=text or FIRST,
        result=result,
        problem=problem,
        share=share,
        stored=tuple(questions.questions().values()),
        prefixes=PREFIXES,
        terms=tuple(f"{space.namespace_prefix}:{name}" for space in SPACES for name in space.terms),
        most=ROWS,
    )


async def result_of(pool: QueryPool, store: Store, settings: Settings, text: str) -> Result:
    """Return the result of a query under the limits of the endpoint at /sparql. Raise Refused."""
    header, taken = await whole_answer(pool, store, settings, text)
    if header["kind"] == "graph":
        return Result(graph=taken.decode("utf-8", "replace")[:GRAPH])
    told = json.loads(taken)
    if "boolean" in told:
        return Result(answer=told["boolean"])
    columns = tuple(told["head"]["vars"])
    bindings = told["results"]["bindings"]
    base = catalogue.base_of(store)
    rows = tuple(tuple(_cell(row.get(name), base) for name in columns) for row in bindings[:ROWS])
    return Result(columns=columns, rows=rows, more=len(bindings) > ROWS)


def _cell(term: dict[str, str] | None, base: str) -> ResultCell:
    if term is None:
        return ResultCell(text="")
    if term["type"] != "uri":
        return ResultCell(text=term["value"])
    thing = kind_and_ids(base, term["value"])
    if thing is not None and thing[0] in addresses.PLURAL:
        return ResultCell(text=term["value"], href=addresses.page(thing[0], "/".join(thing[1])))
    for prefix, start in PREFIXES.items():
        if term["value"].startswith(start):
            return ResultCell(text=f"{prefix}:{term['value'][len(start) :]}")
    return ResultCell(text=term["value"])


def downloads(text: str, *, graph: bool) -> list[Alternate]:
    """Return links to the whole result in the formats of the endpoint."""
    formats = (
        (("Turtle", "turtle", "text/turtle"), ("JSON-LD", "jsonld", "application/ld+json"))
        if graph
        else (
            ("CSV", "csv", "text/csv"),
            ("TSV", "tsv", "text/tab-separated-values"),
            ("JSON", "json", "application/sparql-results+json"),
            ("XML", "xml", "application/sparql-results+xml"),
        )
    )
    return [
        Alternate(
            label=label,
            href=addresses.with_query("/sparql", {"query": text, "format": name}),
            type=media,
            download=True,
        )
        for label, name, media in formats
    ]
