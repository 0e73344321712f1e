"""The debate map as data for the page's script, and the drawing library that it uses."""

from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query
from fastapi.staticfiles import StaticFiles

from api.data.networks import OptionsDep
from api.data.rest import Problem
from api.dependencies import StoreDep
from api.pictures.debate_map import MOST_NODES, MOST_TIES, DebateMap, debate_map
from api.pictures.drawing import NetworkDrawing, network_drawing
from api.showing import wording
from graph.debate.agreement import camps_for, stored_network
from graph.debate.options import Mode, NetworkOptions
from graph.errors import BadRequest
from graph.model import Counting, Selection, Stance
from graph.reading import catalogue
from graph.store.embedded import Store
from graph.store.remembered import remembered

router = APIRouter(
    prefix="/api",
    tags=["agreement"],
    responses={400: {"model": Problem, "description": "An option that is not possible, or does not go with another"}},
)
KINDS = ("agree", "conflict")


@router.get("/map", response_model=DebateMap)
def map_of_the_debate(
    store: StoreDep,
    options: OptionsDep,
    *,
    ties: Annotated[str, Query(description="Only ties of this kind", json_schema_extra={"enum": list(KINDS)})] = "",
    highlight: Annotated[str, Query(description="Id of a reform: each actor has its side on it")] = "",
) -> DebateMap:
    """The debate map: actors at places that no filter changes, and the ties that the filters leave."""
    if ties and ties not in KINDS:
        raise BadRequest(f"ties={ties!r} is not one of {', '.join(KINDS)}")
    if options.mode != Mode.ACTORS:
        raise BadRequest(f"the map shows actors; mode = {options.mode} has other nodes")
    options = replace(options, resamples=0)
    made = debate_map(
        whole_layout(store),
        _drawing(store, options),
        kinds=(ties,) if ties else KINDS,
        sides=_sides(store, highlight, options) if highlight else {},
        dates=_dates(store),
    )
    return replace(
        made,
        words={str(degree): words for degree, words in wording.SHORT_DEGREE.items()},
        signs={str(stance): sign for stance, sign in wording.SIGN.items()},
    )


def whole_layout(store: Store) -> NetworkDrawing:
    """Return the layout of the whole debate, all statements counted; it changes only with the data."""
    whole = store.counted(Counting.ALL)
    return remembered(whole, "layout of the map", lambda: _drawing(whole, NetworkOptions(resamples=0)))


def _drawing(store: Store, options: NetworkOptions) -> NetworkDrawing:
    made, camps = stored_network(store, options), camps_for(store, options)
    return network_drawing(made, camps, most_nodes=MOST_NODES, most_ties=MOST_TIES)


def _sides(store: Store, reform: str, options: NetworkOptions) -> dict[str, Stance]:
    catalogue.reform(store, reform)
    chosen = Selection(reform=reform, since=options.since or None, until=options.until or None)
    found = catalogue.positions(store, chosen, limit=catalogue.EVERY)
    return {each.actor: each.stance for each in found.items}


def _dates(store: Store) -> tuple[str, str]:
    dates = sorted(each.date for each in catalogue.article_table(store).values() if each.date and each.statements)
    return (dates[0], dates[-1]) if dates else ("", "")


def mount(app: FastAPI) -> None:
    """Serve D3 from the package that it comes in."""
    package = find_spec("gravis")
    if package is None or package.origin is None:
        raise ImportError("gravis is not installed")
    folder = Path(package.origin).parent / "_internal" / "plotting" / "third_party" / "d3"
    app.mount("/pictures/d3", StaticFiles(directory=folder))
