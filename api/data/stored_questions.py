"""The stored questions as an API: what there is to ask, and the answers as JSON, tables or SPARQL results."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.types import Receive, Scope, Send

from api.dependencies import SettingsDep, StoreDep
from api.negotiation import TABLES, Form, accepted, named
from api.sparql.answers import answered
from api.sparql.endpoint import Asked, query
from api.sparql.protocol import Exchange, exchanged
from graph.asking import questions
from graph.errors import BadRequest

router = APIRouter(prefix="/api/questions", tags=["questions"])

PLAIN = Form(name="plain", media="application/json", short=("json",))
FORMS = (PLAIN, *TABLES)


class ParameterEntry(BaseModel):
    """A value that a question asks for."""

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
    """With open parameters: `VALUES ?name { UNDEF }`."""


class QuestionAnswer(BaseModel):
    """What a stored question gave."""

    title: str
    sparql: str
    """The query that was run."""
    rows: list[dict[str, Any]]


class Results(Response):
    """The results of a query, run within the bounds of the endpoint at /sparql."""

    def __init__(self, text: str, format: str) -> None:
        super().__init__()
        self.asked = Asked(text, [("format", format)])
        self.background: BackgroundTask | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await exchanged(Exchange(scope, receive, send), lambda exchange: query(exchange, self.asked))


@router.get("")
def every_question() -> list[QuestionEntry]:
    """What is stored, with the type of each parameter and the SPARQL."""
    return [_entry(question) for question in questions.questions().values()]


@router.get(
    "/{name}",
    response_model=QuestionAnswer,
    responses={
        200: {"content": {form.media: {} for form in TABLES}},
        400: {"description": "A parameter is missing, not known, or has a value that the graph does not know"},
        404: {"description": "No such question, or no such thing in the graph"},
        406: {"description": "A form that is not made"},
    },
)
async def one_question(name: str, request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """The answer to a stored question; its parameters, ids of the graph, are parameters of the address.

    `narrower=true` counts what is said of narrower reforms as the reform's; `format` is json, csv, tsv, xml, or srj for
    SPARQL results in JSON.
    """
    values = dict(request.query_params)
    narrower = values.pop("narrower", "false").lower() in {"true", "1", "yes"}
    chosen = values.pop("format", None)
    form = named(chosen, FORMS) if chosen is not None else accepted(request.headers.get("accept", ""), FORMS)
    if form is None:
        offered = ", ".join(form.media for form in FORMS)
        if chosen is not None:
            raise BadRequest(f"there is no format {chosen!r}; there are json, csv, tsv, xml and srj")
        return JSONResponse({"detail": f"that form is not made here; there are {offered}"}, status_code=406)
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
