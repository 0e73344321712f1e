"""The filters and pages of lists, the same for pages and for JSON: an empty parameter is one that is not set."""

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
    """Which page of a list is meant."""

    limit: int
    offset: int


def _one_of(*values: str) -> dict[str, object]:
    return {"enum": list(values)}


def selection(
    *,
    actor: Annotated[str, Query(description="Id of an actor")] = "",
    reform: Annotated[str, Query(description="Id of a reform")] = "",
    narrower: Annotated[str, Query(description="'true': count narrower reforms as the reform")] = "",
    stance: Annotated[str, Query(description="Side taken", json_schema_extra=_one_of(*Stance))] = "",
    concern: Annotated[str, Query(description="Id of a concern that is named")] = "",
    article: Annotated[str, Query(description="Id of an article")] = "",
    publisher: Annotated[str, Query(description="Publisher of the article, to the letter")] = "",
    manner: Annotated[str, Query(description="How the words reach us", json_schema_extra=_one_of(*Manner))] = "",
    since: Annotated[str, Query(description="First date: YYYY, YYYY-MM or YYYY-MM-DD", examples=["2023-02"])] = "",
    until: Annotated[str, Query(description="Last date, inclusive: '2023' is until its end", examples=["2023"])] = "",
    reader: Annotated[str, Query(description="Name of the reader, or its beginning", examples=["model"])] = "",
    min_confidence: Annotated[str, Query(description="Least confidence, 0 to 1", examples=["0.5"])] = "",
    reviewed: Annotated[str, Query(description="'true': only what a person has checked; 'false': only the rest")] = "",
) -> Selection:
    """Which statements are meant. Raises BadRequest for a value that is none of the possible ones."""
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
    limit: Annotated[int | None, Query(ge=1, description="Entries at the most")] = None,
    offset: Annotated[int, Query(ge=0, le=MOST, description="Entries to pass over")] = 0,
) -> Paging:
    """The page of a list; more than the service gives at once is cut to that."""
    return Paging(limit=min(limit or settings.page_size, settings.max_page_size), offset=offset)


def parsed_stance(value: str) -> Stance | None:
    """The stance that a parameter names, None for ''. Raises BadRequest."""
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
