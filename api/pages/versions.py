"""The builds that are kept, and how to ask for the data as they were after each."""

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
    """The versions of the data, the newest first: each can be asked for at /as-of/NUMBER/…, or with ?as_of=NUMBER."""
    return versions.versions(store)


@router.post("/api/versions", status_code=201)
def keep(store: StoreDep, settings: SettingsDep, admin: AdminDep) -> Version | None:
    """Keep the data as they are now; the newest version, or null where none is kept."""
    return versions.keep(store, at_most=settings.versions)


@page.get("/versions")
def shown(request: Request, store: StoreDep) -> HTMLResponse:
    """Every version with a link to it."""
    return render(
        request,
        store,
        "versions.html",
        figures=False,
        alternates=alternates(request),
        versions=versions.versions(store),
    )
