"""The page of agreement: camps and their reasons, the matrix of positions, and pairs, under shared filters."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.data.networks import OptionsDep
from api.dependencies import StoreDep
from api.pages.comparing import Filter, date_filter, reform_options
from api.pages.pictures import MAP_ONLY, course_on_page, network_on_page
from api.pictures.drawing import most_discussed
from api.showing import addresses, wording
from api.showing.rendering import Alternate, render
from graph.debate.agreement import AgreementProfile, PositionMatrix, stored_agreement, stored_matrix
from graph.debate.files import FORMATS
from graph.debate.options import Method, NetworkOptions
from graph.debate.reasons import Reason
from graph.reading import catalogue
from graph.store.embedded import Store

router = APIRouter()

ROWS, COLUMNS = 18, 12
"""Largest matrix on the page; the file has every actor and reform."""
RESAMPLED = 150
"""Largest number of actors for which the page computes the stability of camps without being asked."""
WINDOW = 365
"""Length in days of the moving window for polarisation."""
SHOWN = 8
"""Largest number of entries in each other list, which keeps the page under 100 kB."""


@router.get("/api/agreement", tags=["agreement"], response_model=AgreementProfile)
def agreement_as_data(request: Request, store: StoreDep, options: OptionsDep) -> AgreementProfile:
    """Return the camps, the reforms that unite and divide them, and the actors between them, as /api/camps does."""
    return stored_agreement(store, affordable(store, options, "resamples" in request.query_params))


def affordable(store: Store, options: NetworkOptions, asked: bool) -> NetworkOptions:
    """Return the options, without resamples if there are many actors and the request does not ask for them.

    Each resample costs a network.
    """
    actors = sum(1 for each in catalogue.actor_table(store).values() if each.statements)
    return options if asked or actors <= RESAMPLED else replace(options, resamples=0)


@router.get("/agreement", include_in_schema=False, response_class=HTMLResponse)
def agreement(
    request: Request,
    store: StoreDep,
    options: OptionsDep,
    *,
    ties: str = "",
    highlight: str = "",
    chosen: str = "",
) -> HTMLResponse:
    """Map, camps, matrix, allies and opponents. `ties`, `highlight` and `chosen` are read by the map's script."""
    options = affordable(store, options, "resamples" in request.query_params)
    profile = stored_agreement(store, options)
    matrix = stored_matrix(store, options)
    shown = most_discussed(matrix, rows=ROWS, columns=COLUMNS)
    given = [(name, value) for name, value in request.query_params.multi_items() if value and name not in MAP_ONLY]
    return render(
        request,
        store,
        "agreement.html",
        alternates=_alternates(given),
        profile=profile,
        matrix=matrix,
        rows=list(zip(shown.actors, shown.camps, shown.cells, strict=True)),
        columns=shown.reforms,
        filters=_filters(store, options),
        how=_how(options),
        heading=_heading(profile),
        names=ProfileNames(profile),
        picture=network_on_page(store, options),
        map_reforms=reform_options(store),
        course_=course_on_page(store, replace(options, window=WINDOW)),
        # A briefing covers a camp of the unfiltered network; filters give other camps.
        briefings=not given,
        query=addresses.with_query("", given),
        network_file="/api/pictures/network",
        network_live=addresses.with_query("/pictures/network", given),
        matrix_picture=addresses.with_query("/pictures/matrix", given),
        polarisation=addresses.with_query("/pictures/polarisation", [*given, ("window", WINDOW)]),
        shown=SHOWN,
        cut_off=_cut_off(matrix),
    )


class ProfileNames:
    """The labels of the things that the profile names by id."""

    def __init__(self, profile: AgreementProfile) -> None:
        self._labels = profile.labels

    def actor(self, id: str) -> str:
        return self._labels["actors"].get(id, id)

    def reform(self, id: str) -> str:
        return self._labels["reforms"].get(id, id)

    def about(self, reason: Reason) -> str:
        return self._labels[f"{reason.kind}s"].get(reason.about, reason.about)


def _heading(profile: AgreementProfile) -> str:
    placed = sum(len(camp.members) for camp in profile.camps)
    told = f"{wording.count(profile.actors, 'actor')} with {wording.count(profile.statements, 'statement')}"
    if not profile.camps:
        return wording.capital(f"{told}; no camps among them.")
    return wording.capital(f"{told}; {placed:,} of them in {wording.count(len(profile.camps), 'camp')}.")


def _cut_off(matrix: PositionMatrix) -> str:
    parts = []
    if len(matrix.actors) > ROWS:
        parts.append(f"{ROWS} of {wording.count(len(matrix.actors), 'actor')}")
    if len(matrix.reforms) > COLUMNS:
        parts.append(f"{COLUMNS} of {wording.count(len(matrix.reforms), 'reform')}")
    return wording.listed(parts)


def _alternates(chosen: Sequence[tuple[str, str]]) -> list[Alternate]:
    made = [Alternate(label="JSON", href=addresses.with_query("/api/agreement", chosen), type="application/json")]
    made.append(Alternate(label="Matrix as JSON", href=addresses.with_query("/api/matrix", chosen)))
    for name in FORMATS:
        if name != "json":
            href = addresses.with_query("/api/network", [*chosen, ("format", name)])
            made.append(Alternate(label=f"Network as {wording.FILE.get(name, name)}", href=href, download=True))
    return made


def _only(values: Sequence[Any]) -> str:
    return str(values[0]) if values else ""


def _filters(store: Store, options: NetworkOptions) -> tuple[Filter, ...]:
    concerns = tuple((each.id, each.label) for each in catalogue.concerns(store).values())
    publishers = tuple((each, each) for each in catalogue.publishers(store))
    return (
        date_filter("since", "Since", options.since),
        date_filter("until", "Until", options.until),
        Filter(name="reforms", label="Reform", value=_only(options.reforms), options=reform_options(store)),
        Filter(name="concerns", label="Ground", value=_only(options.concerns), options=concerns),
        Filter(name="publishers", label="Publisher", value=_only(options.publishers), options=publishers),
        Filter(name="manners", label="Manner", value=_only(options.manners), options=tuple(wording.MANNER.items())),
        Filter(
            name="min_confidence",
            label="Confidence at least",
            value=str(options.min_confidence or ""),
            pattern=r"0?\.\d+|0|1(\.0+)?",
            hint="from 0 to 1",
        ),
        Filter(name="narrower", label="With narrower reforms", value="true" if options.narrower else "", check=True),
        Filter(name="reviewed", label="Checked by a person", value="true" if options.reviewed else "", check=True),
    )


def _how(options: NetworkOptions) -> tuple[Filter, ...]:
    def choice(name: str, label: str, values: Sequence[str]) -> Filter:
        return Filter(name=name, label=label, value=str(getattr(options, name)), options=tuple((v, v) for v in values))

    return (
        choice("aggregation", "A tie is", ("subtract", "congruence", "conflict")),
        choice("normalisation", "Divided by", ("cosine", "jaccard", "activity", "none")),
        choice("mixed", "A mixed stance counts as", ("half", "category", "omit")),
        choice("method", "Camps found by", tuple(Method)),
        Filter(
            name="at_least",
            label="Reforms both speak on",
            value=str(options.at_least),
            pattern=r"\d+",
            hint="1 or more",
        ),
    )
