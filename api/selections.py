"""The filters and paging of lists, shared by pages and JSON. An empty parameter counts as not set."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query

from api.dependencies import SettingsDep
from graph.domain.folder import DATE
from graph.errors import BadRequest
from graph.model import Manner, Selection, Stance

MOST = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """The part of a list that a request asks for."""

    limit: int
    offset: int


def _one_of(*values: str) -> dict[str, object]:
    return {"enum": list(values)}


def selection(
    *,
    actor: Annotated[str, Query(description="Id of an actor")] = "",
    reform: Annotated[str, Query(description="Id of a reform")] = "",
    narrower: Annotated[str, Query(description="'true': include statements on narrower reforms")] = "",
    stance: Annotated[str, Query(description="Side taken", json_schema_extra=_one_of(*Stance))] = "",
    concern: Annotated[str, Query(description="Id of a concern that the statement raises")] = "",
    article: Annotated[str, Query(description="Id of an article")] = "",
    publisher: Annotated[str, Query(description="Exact name of the article's publisher")] = "",
    speaker: Annotated[str, Query(description="Exact name of the person who speaks")] = "",
    manner: Annotated[
        str,
        Query(description="How the words reach the reader", json_schema_extra=_one_of(*Manner)),
    ] = "",
    since: Annotated[str, Query(description="First date: YYYY, YYYY-MM or YYYY-MM-DD", examples=["2023-02"])] = "",
    until: Annotated[str, Query(description="Last date, inclusive: '2023' means its end", examples=["2023"])] = "",
    reader: Annotated[str, Query(description="Name of the reader, or the start of its name", examples=["model"])] = "",
    min_confidence: Annotated[str, Query(description="Lowest confidence, 0 to 1", examples=["0.5"])] = "",
    reviewed: Annotated[
        str, Query(description="'true': only statements checked by a person; 'false': only the others")
    ] = "",
) -> Selection:
    """Return the selection of statements that the parameters describe. Raise BadRequest for an invalid value."""
    for name, date in (("since", since), ("until", until)):
        if date and not DATE.fullmatch(date):
            raise BadRequest(f"{name}: {date!r} is not a valid date; use YYYY, YYYY-MM or YYYY-MM-DD")
    return Selection(
        actor=actor or None,
        reform=reform or None,
        narrower=bool(_truth("narrower", narrower)),
        stance=parsed_stance(stance),
        concern=concern or None,
        article=article or None,
        publisher=publisher or None,
        speaker=speaker or None,
        manner=_manner(manner),
        since=since or None,
        until=until or None,
        min_confidence=_confidence(min_confidence),
        reader=reader or None,
        reviewed=_truth("reviewed", reviewed),
    )


def paging(
    settings: SettingsDep,
    *,
    limit: Annotated[int | None, Query(ge=1, description="Largest number of entries")] = None,
    offset: Annotated[int, Query(ge=0, le=MOST, description="Number of entries to skip")] = 0,
) -> Paging:
    """Return the part of a list to show, limited to the service's largest page."""
    return Paging(limit=min(limit or settings.page_size, settings.max_page_size), offset=offset)


def parsed_stance(value: str) -> Stance | None:
    """Return the stance that a parameter names, or None for an empty one. Raise BadRequest."""
    try:
        return Stance(value) if value else None
    except ValueError:
        raise BadRequest(f"stance={value!r} is not one of {', '.join(Stance)}") from None


def _manner(value: str) -> Manner | None:
    try:
        return Manner(value) if value else None
    except ValueError:
        raise BadRequest(f"manner={value!r} is not one of {', '.join(Manner)}") from None


def _confidence(value: str) -> float:
    try:
        number = float(value or 0)
    except ValueError:
        number = -1.0
    if not 0.0 <= number <= 1.0:
        raise BadRequest(f"min_confidence={value!r} is not a number from 0 to 1")
    return number


def _truth(name: str, value: str) -> bool | None:
    known = {"": None, "true": True, "1": True, "false": False, "0": False}
    if value.lower() not in known:
        raise BadRequest(f"{name}={value!r} is neither 'true' nor 'false'")
    return known[value.lower()]


SelectionDep = Annotated[Selection, Depends(selection)]
PagingDep = Annotated[Paging, Depends(paging)]
