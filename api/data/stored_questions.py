"""The stored questions as an API: the list of questions, and answers as JSON, tables or SPARQL results."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from api.dependencies import SettingsDep, StoreDep
from api.negotiation import TABLES, Form, accepted, named
from api.serving.parameters import OwnParameters, check
from api.sparql.answers import answered
from api.sparql.endpoint import SparqlRequest, query
from api.sparql.protocol import Exchange, exchanged
from graph.asking import questions
from graph.errors import BadRequest

router = APIRouter(prefix="/api/questions", tags=["questions"])

PLAIN = Form(name="plain", media="application/json", short=("json",))
FORMS = (PLAIN, *TABLES)


class ParameterEntry(BaseModel):
    """A parameter of a question."""

    name: str
    kind: questions.Kind
    optional: bool


class QuestionEntry(BaseModel):
    """A stored question."""

    name: str
    title: str
    comment: str
    parameters: list[ParameterEntry]
    sparql: str
    """The query with its parameters left open: `VALUES ?name { UNDEF }`."""


class QuestionAnswer(BaseModel):
    """The answer to a stored question."""

    title: str
    sparql: str
    """The query that was run."""
    rows: list[dict[str, Any]]


class Results(Response):
    """Return the results of a query under the limits of the endpoint at /sparql."""

    def __init__(self, text: str, format: str) -> None:
        super().__init__()
        self.asked = SparqlRequest(text, [("format", format)])
        self.background: BackgroundTask | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await exchanged(Exchange(scope, receive, send), lambda exchange: query(exchange, self.asked))


@router.get("")
def every_question() -> list[QuestionEntry]:
    """The stored questions, with their SPARQL and the type of each parameter."""
    return [_entry(question) for question in questions.questions().values()]


@router.get(
    "/{name}",
    response_model=QuestionAnswer,
    dependencies=[OwnParameters],
    responses={
        200: {"content": {form.media: {} for form in TABLES}},
        400: {"description": "A parameter is missing or unknown, or its value is not in the graph"},
        404: {"description": "The question, or a thing that it names, does not exist"},
        406: {"description": "The format is not available"},
    },
)
async def one_question(name: str, request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """The answer to a stored question. Give its parameters, which are ids of the graph, in the address.

    `narrower=true` includes statements on narrower reforms. `format` is json, csv, tsv, xml, or srj for SPARQL results
    in JSON.
    """
    check(request, (*(each.name for each in questions.question(name).parameters), "narrower", "format"))
    values = dict(request.query_params)
    narrower = values.pop("narrower", "false").lower() in {"true", "1", "yes"}
    chosen = values.pop("format", None)
    form = named(chosen, FORMS) if chosen is not None else accepted(request.headers.get("accept", ""), FORMS)
    if form is None:
        offered = ", ".join(form.media for form in FORMS)
        if chosen is not None:
            raise BadRequest(f"there is no format {chosen!r}; use json, csv, tsv, xml or srj")
        return JSONResponse({"detail": f"that format is not available; use one of {offered}"}, status_code=406)
    text = await run_in_threadpool(lambda: questions.query(store, name, narrower=narrower, **values))
    if form is PLAIN:
        rows = await answered(request, store, settings, text)
        answer = QuestionAnswer(title=questions.question(name).title, sparql=text, rows=rows)
        return JSONResponse(answer.model_dump(mode="json"), headers={"Access-Control-Allow-Origin": "*"})
    return Results(text, form.short[-1])


def _entry(question: questions.Question) -> QuestionEntry:
    return QuestionEntry(
        name=question.name,
        title=question.title,
        comment=question.comment,
        parameters=[
            ParameterEntry(name=each.name, kind=each.kind, optional=each.optional) for each in question.parameters
        ],
        sparql=question.text,
    )
