"""Agreement networks, camps and the matrix of positions as JSON and as files, the same options everywhere."""

from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from enum import StrEnum
from inspect import Parameter, Signature
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field

from api.data.comparisons import comparison_file
from api.data.rest import MISSING as NOT_FOUND
from api.data.rest import Page, Problem, page
from api.dependencies import SettingsDep, StoreDep
from api.forms.writing import FORMS, form
from api.selections import PagingDep
from api.showing.rendering import public
from graph.debate.agreement import (
    AgreementProfile,
    PositionMatrix,
    Split,
    camps_for,
    intervals_for,
    pairwise,
    splits,
    stored_agreement,
    stored_matrix,
    stored_network,
    stored_polarisation,
)
from graph.debate.camps import Polarisation
from graph.debate.files import DRESSED, ENDINGS, FORMATS, MEDIA_TYPES, network_file
from graph.debate.options import ENUMERATIONS, LISTS, NetworkOptions
from graph.debate.stored import stored_debate
from graph.domain.folder import DATE
from graph.errors import BadRequest
from graph.model import Agreement, Counting, Manner
from graph.profiles import ChangeEntry, ComparisonProfile, changes, comparison_profile
from graph.reading import catalogue

router = APIRouter(
    prefix="/api",
    tags=["agreement"],
    responses={400: {"model": Problem, "description": "An option that is not possible, or does not go with another"}},
)

MOST_RESAMPLES = 100
"""Over the web: each computes the whole network again, and takes some 4 ms for 170 statements."""
MOST_TIES = 20_000
"""Ties of one JSON answer; a file has them all."""

TOLD: Mapping[str, str] = {
    "mode": "What the nodes are",
    "aggregation": "What ties two nodes: congruence less conflict, either alone, or having spoken at all",
    "normalisation": "What a tie is divided by; /docs of the project have the formulas",
    "unit": "Count one position for each actor and reform, or each statement",
    "mixed": "Whether a mixed stance counts half for each side, as its own category, or not at all",
    "duplicates": "Where repeated statements of the same actor count once",
    "at_least": "Number of reforms on which both actors must have taken a side",
    "backbone": "Significance level of the disparity filter; every tie is kept if it is not set",
    "since": "First date: YYYY, YYYY-MM or YYYY-MM-DD",
    "until": "Last date, inclusive",
    "reforms": "Ids of reforms; several may be given",
    "narrower": "'true': statements on narrower reforms count towards the broader reform",
    "concerns": "Ids of concerns; a statement must raise at least one",
    "actors": "Ids of actors",
    "publishers": "Exact names of publishers",
    "manners": "How the words reach the reader",
    "min_confidence": "Lowest confidence, 0 to 1",
    "reviewed": "'true': only statements that a person has confirmed or corrected",
    "window": "Length of a moving window in days",
    "step": "Days between the starts of two windows",
    "kernel": "How a statement's weight falls with its distance from the middle of the window",
    "at": "Middle of the window, YYYY-MM-DD",
    "method": "How camps are found",
    "number": "How many camps, for ward, average and spectral",
    "choose": "How the number of camps is chosen",
    "resamples": "How often articles are resampled to estimate the stability of camps",
    "seed": "Seed of the random numbers",
}
"""The description of each option."""


def network_options(**given: Any) -> NetworkOptions:
    """Return the options in an address. An empty parameter counts as not set. Raise BadRequest."""
    found = NetworkOptions.read({name: value if isinstance(value, list) else [value] for name, value in given.items()})
    if found.resamples > MOST_RESAMPLES:
        raise BadRequest(
            f"resamples={found.resamples} is more than {MOST_RESAMPLES}, the limit over the web; "
            "use `positions network -o resamples=…` for more"
        )
    return found


def _signature() -> Signature:
    """Return a signature with a query parameter and its default for each option, so that options are listed once."""
    parameters = []
    for option in fields(NetworkOptions):
        default = option.default if option.default is not MISSING else ""
        told = (
            f"{TOLD[option.name]} (default {_written(default)})" if default not in ("", None, ()) else TOLD[option.name]
        )
        values: list[str] = [
            str(value) for value in ENUMERATIONS.get(option.name, Manner if option.name == "manners" else ())
        ]
        extra = {"enum": values} if values and option.name not in LISTS else None
        kind: Any = list[str] if option.name in LISTS else str
        annotation = Annotated[kind, Query(description=told, json_schema_extra=extra)]
        empty: Any = [] if option.name in LISTS else ""
        parameters.append(Parameter(option.name, Parameter.KEYWORD_ONLY, default=empty, annotation=annotation))
    return Signature(parameters)


def _written(default: Any) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)


# FastAPI reads the parameters of a dependency from its signature.
network_options.__signature__ = _signature()  # type: ignore[attr-defined]  # functions take attributes
OptionsDep = Annotated[NetworkOptions, Depends(network_options)]


class NetworkFormat(StrEnum):
    """The format of a network."""

    GRAPHML = "graphml"
    GEXF = "gexf"
    CSV = "csv"
    JSON = "json"
    PAJEK = "pajek"
    DOT = "dot"


class NetworkAnswer(BaseModel):
    """A network in the node-link format that networkx and d3 read."""

    directed: bool
    multigraph: bool
    graph: dict[str, str] = Field(description="The options of the network, and its first and last date")
    nodes: list[dict[str, Any]]
    edges: list[dict[str, Any]]


class Compared(BaseModel):
    """Actors side by side on all reforms, and the agreement of each pair."""

    comparison: ComparisonProfile
    agreements: list[Agreement]
    splits: list[Split] = Field(description="Reforms on which usual allies disagree")
    standing: Counting = Field(description="Which statements count")


COMPARISON_FILES: dict[int | str, dict[str, Any]] = {
    200: {"content": {media: {} for media in ("text/csv", *(kind.media_type for kind in FORMS.values()))}}
}

FILES = sorted({*MEDIA_TYPES.values()} - {"application/json"})
"""The media type of each file format of a network."""


@router.get(
    "/network",
    response_model=NetworkAnswer,
    responses={200: {"content": {media: {} for media in FILES}}},
)
def network(
    request: Request,
    store: StoreDep,
    options: OptionsDep,
    format: Annotated[
        str, Query(description="A file format instead of JSON", json_schema_extra={"enum": list(NetworkFormat)})
    ] = "",
) -> Response:
    """The network of agreement: nodes, ties and the camp of each actor, as JSON or as a file to download."""
    kind = format or "json"
    if kind not in FORMATS:
        raise BadRequest(f"format = {format!r} is not one of {', '.join(FORMATS)}")
    made = stored_network(store, options)
    if kind == "json" and not format and len(made) > MOST_TIES:
        raise BadRequest(
            f"the network has {len(made)} ties; one answer holds {MOST_TIES}. Ask for more shared reforms (at_least), "
            "a backbone, or a file (format)"
        )
    spans = intervals_for(store, options) if kind in DRESSED else {}
    content = network_file(made, kind, camps_for(store, options), spans)
    headers = {"X-Standing": str(store.counting)}
    if format:
        headers["Content-Disposition"] = f'attachment; filename="network.{ENDINGS[kind]}"'
    return Response(content, media_type=MEDIA_TYPES[kind], headers=headers)


@router.get("/camps", response_model=AgreementProfile)
def camps(store: StoreDep, options: OptionsDep) -> AgreementProfile:
    """The camps, the reforms that unite and divide them, and the actors between them."""
    return stored_agreement(store, options)


@router.get("/matrix", response_model=PositionMatrix)
def matrix(store: StoreDep, options: OptionsDep) -> PositionMatrix:
    """The positions of actors on reforms, in the order of the camps. An actor without a position has null."""
    return stored_matrix(store, options)


@router.get("/polarisation", response_model=list[Polarisation])
def polarisation(store: StoreDep, options: OptionsDep) -> tuple[Polarisation, ...]:
    """How divided the actors are in each moving window. `window` is required."""
    return stored_polarisation(store, options)


@router.get("/compare", response_model=Compared, responses={**NOT_FOUND, **COMPARISON_FILES})
def compare(
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    options: OptionsDep,
    *,
    actor: Annotated[tuple[str, ...], Query(description="Ids of actors, as on the page; another name for actors")] = (),
    format: Annotated[
        str, Query(description="A file format instead of JSON", json_schema_extra={"enum": ["json", "csv", *FORMS]})
    ] = "json",
) -> Compared | Response:
    """Actors side by side: where they agree, disagree or are silent, in which words, and what splits an alliance.

    Without actors, it compares the two with the most statements.
    """
    if format not in ("json", "csv"):
        form(format)
    named = [each for each in dict.fromkeys((*actor, *options.actors)) if each]
    chosen = named or [each.id for each in catalogue.actors(store, limit=2).items]
    comparison = comparison_profile(store, chosen)
    if format != "json":
        return comparison_file(comparison, format, statements_at=public(request, settings, "/statements/"))
    agreements = pairwise(stored_debate(store), chosen, replace(options, actors=()))
    return Compared(
        comparison=comparison,
        agreements=agreements,
        splits=splits(agreements),
        standing=store.counting,
    )


@router.get("/changes", response_model=Page[ChangeEntry], responses=NOT_FOUND)
def changed(
    request: Request,
    store: StoreDep,
    paging: PagingDep,
    *,
    actor: Annotated[str, Query(description="Id of an actor")] = "",
    reform: Annotated[str, Query(description="Id of a reform")] = "",
    narrower: Annotated[bool, Query(description="Include statements on narrower reforms")] = True,
    since: Annotated[str, Query(description="First date of the change: YYYY, YYYY-MM or YYYY-MM-DD")] = "",
) -> dict[str, Any]:
    """Changes of position, newest first, each with the passage before and the passage after."""
    if since and not DATE.fullmatch(since):
        raise BadRequest(f"since: {since!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
    if actor:
        catalogue.actor(store, actor)
    found = changes(
        store,
        actor=actor or None,
        reform=reform or None,
        narrower=narrower,
        since=since,
        limit=paging.limit,
        offset=paging.offset,
    )
    return page(request, found)
