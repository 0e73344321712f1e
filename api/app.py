"""The web application: its parts, and the HTTP status of each error.                     ← start here"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from anyio import to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api.data import administration, briefings, exports, feeds, linked_data, networks, rest, reviews, stored_questions
from api.pages import accuracy as accuracy_page
from api.pages import agreement as agreement_page
from api.pages import asking, comparing, debate_map, documentation, pictures
from api.pages import names as names_page
from api.pages import query as query_page
from api.pages import review as review_page
from api.pages import things as pages
from api.pages import versions as versions_page
from api.queries.pool import QueryPool
from api.queries.remote import RemotePool
from api.serving import health
from api.serving.as_of import AsOf, OpenVersions
from api.serving.bodies import Bodies
from api.serving.derived import Derived
from api.serving.kept_answers import KeptAnswers
from api.serving.middleware import BoundedRequests, RequestLog, SafeHeaders, client_is_program
from api.serving.mounting import HeadAsGet, Links, Mounted
from api.serving.networks_kept import NetworkKeeper
from api.serving.parameters import KnownOnly
from api.serving.turns import LONG_AT_ONCE, Turns
from api.serving.users import Users
from api.settings import Settings
from api.showing import rendering
from api.sparql import endpoint as sparql
from api.sparql import graph_store
from graph.errors import (
    NotAllowed,
    NotSignedIn,
    NotVerbatim,
    PositionsError,
    ReadOnly,
    StoreError,
    StoreInUse,
    TooManyAttempts,
    Unknown,
)
from graph.reviewing.reviews import settle
from graph.store.embedded import Store, open_store
from graph.store.remote import RemoteStore

log = logging.getLogger(__name__)

ROUTERS = (
    *(health.router, documentation.router, networks.router, pictures.router, pictures.page, rest.router),
    debate_map.router,
    *(asking.router, pages.router, comparing.router, agreement_page.router, query_page.router),
    accuracy_page.router,
    *(reviews.router, review_page.router, review_page.data, names_page.router, names_page.data),
    stored_questions.router,
    *(exports.router, exports.page),
    *(briefings.router, feeds.router, administration.router, versions_page.router, versions_page.page),
)

STATUS: dict[type[PositionsError], int] = {
    NotSignedIn: 401,
    NotAllowed: 403,
    TooManyAttempts: 429,
    Unknown: 404,
    ReadOnly: 405,
    NotVerbatim: 409,
    StoreError: 503,
    PositionsError: 400,
}
"""The HTTP status for each class of error; a subclass takes the status of its nearest parent."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application for the store in the settings, which stays open while the application runs."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = opened(settings)
        # One interpreter renders all pages, so more than a few threads only take turns and keep the event loop waiting.
        to_thread.current_default_thread_limiter().total_tokens = settings.page_threads + LONG_AT_ONCE
        app.state.network_keeper = NetworkKeeper(app.state.store)
        app.state.versions = OpenVersions(app.state.store, settings, app.state.users)
        try:
            async with (
                query_pool(app.state.store, settings) as app.state.queries,
                Derived(app.state.store, app.state.queries.writing) as app.state.derived,
            ):
                yield
        finally:
            await app.state.versions.close()
            app.state.network_keeper.close()
            app.state.store.close()

    app = FastAPI(
        title="Stakeholder positions",
        summary="Who stands where on which reform, with the words that show it",
        description=(
            "Every address also serves earlier versions of the data: put `/as-of/VERSION` in front of it, or add "
            "`?as_of=VERSION`. VERSION is one of `/api/versions`, or a day: the newest build by then."
        ),
        version=version("stakeholder-positions"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        dependencies=[KnownOnly],
    )
    app.state.settings = settings
    app.state.users = Users(settings)
    for router in ROUTERS:
        app.include_router(router)
    direct = [*sparql.routes, *graph_store.routes]
    app.router.routes[:0] = [*direct, *linked_data.routes]
    documentation.mount(app)
    pictures.mount(app)
    debate_map.mount(app)
    rendering.mount(app)
    app.add_exception_handler(PositionsError, _answer)
    app.add_exception_handler(HTTPException, rendering.http_error)
    app.add_exception_handler(RequestValidationError, rendering.http_error)
    # A request passes the last one added first.
    app.add_middleware(AsOf)
    app.add_middleware(Links)
    app.add_middleware(GZipMiddleware, minimum_size=1_000)
    app.add_middleware(Turns, settings=settings)
    app.add_middleware(KeptAnswers, settings=settings)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=list(settings.trusted_hosts))
    app.add_middleware(BoundedRequests, settings=settings)
    app.add_middleware(Bodies, settings=settings)
    app.add_middleware(SafeHeaders, settings=settings)
    app.add_middleware(HeadAsGet)
    if "*" in settings.trusted_hosts:
        app.add_middleware(sparql.Direct, routes=direct)
    app.add_middleware(RequestLog, settings=settings)
    app.add_middleware(Mounted, settings=settings)
    return app


def opened(settings: Settings) -> Store:
    """Open the store, read-only if it cannot be written. Raise StoreError or StoreInUse."""
    try:
        store = open_store(settings.store)
    except StoreInUse:
        raise
    except StoreError as error:
        if not (Path(settings.store) / "data").is_dir():
            raise
        log.error("%s; it is served for reading only", error)
        return open_store(settings.store, read_only=True)
    settle(store)
    return store


def query_pool(store: Store, settings: Settings) -> QueryPool:
    """Return what runs queries: workers on copies of the data, or the remote server that holds the data."""
    if isinstance(store, RemoteStore):
        return RemotePool(store, settings.query_bounds)
    return QueryPool(store, settings.query_bounds)


def _answer(request: Request, error: Exception) -> Response:
    """Return the error's sentence with the HTTP status of its class."""
    status = next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)
    headers = {
        401: {"WWW-Authenticate": 'Bearer realm="positions"'},
        405: {"Allow": "GET, HEAD, OPTIONS"},
        429: {"Retry-After": str(getattr(error, "seconds", 1))},
        503: {"Retry-After": "1"},
    }.get(status)
    if not client_is_program(request) and status != 503:
        page = rendering.error_page(request, status, str(error))
        page.headers.update(headers or {})
        return page
    return JSONResponse({"detail": str(error)}, status_code=status, headers=headers)
