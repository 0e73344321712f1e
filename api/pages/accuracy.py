"""The page that compares the readers with the hand coding."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from api.dependencies import StoreDep
from api.pictures.reliability import reliability_picture
from api.showing.rendering import alternates, render
from graph.profiles import AccuracyProfile, ReaderFigures, accuracy_profile
from graph.profiles.accuracy import LISTED
from graph.reading.catalogue import about
from graph.versions.builds import versions

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


class Shown(StrEnum):
    """The list that a page shows alone."""

    BOTH = ""
    MISSED = "missed"
    FALSE = "false"


def _titled(profile: AccuracyProfile) -> Iterator[tuple[str, ReaderFigures]]:
    """Yield the figures of all readings together, unless one reader read them all, then those of each reader."""
    if profile.overall is None:
        return
    if [each.statement for each in profile.readers] != [profile.overall.statement]:
        yield "All readings", profile.overall
    for each in profile.readers:
        yield each.reader, each


@router.get("/accuracy")
def accuracy(
    request: Request,
    store: StoreDep,
    *,
    show: Shown = Shown.BOTH,
    limit: Annotated[int, Query(ge=1, le=100)] = LISTED,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> HTMLResponse:
    """Show how often each reader is right, by genre, manner, kind of actor and confidence."""
    profile = accuracy_profile(store, limit=limit, offset=offset)
    return render(
        request,
        store,
        "accuracy.html",
        figures=False,
        alternates=alternates(request),
        profile=profile,
        readers=[(title, each, reliability_picture(each.bins)) for title, each in _titled(profile)],
        show=show.value,
        likely_from=about(store).likely_from,
        builds=versions(store).items,
    )
