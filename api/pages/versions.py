"""The page of stored builds, which says how to see the data after each of them."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from api.dependencies import SettingsDep, StoreDep
from api.serving.users import AdminDep
from api.showing.rendering import alternates, render
from graph.versions import builds as versions
from graph.versions.builds import Version, Versions

router = APIRouter(tags=["service"])
page = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.get("/api/versions")
def kept(store: StoreDep) -> Versions:
    """The versions of the data, newest first. See one at /as-of/NUMBER/… or with ?as_of=NUMBER."""
    return versions.versions(store)


@router.post("/api/versions", status_code=201)
def keep(store: StoreDep, settings: SettingsDep, admin: AdminDep) -> Version | None:
    """Store the current data as a version. Returns the newest version, or null if no versions are kept."""
    return versions.keep(store, at_most=settings.versions)


@page.get("/versions")
def shown(request: Request, store: StoreDep) -> HTMLResponse:
    """Show every version with a link to it."""
    return render(
        request,
        store,
        "versions.html",
        figures=False,
        alternates=alternates(request),
        versions=versions.versions(store),
    )
