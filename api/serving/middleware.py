"""Middleware for every request: an id and a log line, a limit on requests at once, security headers, and metrics."""

import json
import logging
import secrets
import time
from functools import lru_cache

from prometheus_client import Counter, Histogram
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.settings import Settings

log = logging.getLogger("positions.requests")

REQUESTS = Counter("positions_requests_total", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram("positions_request_seconds", "Seconds from a request to the end of its answer", ("route",))

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
A_YEAR = 365 * 24 * 3600


class RequestLog:
    """Give each request an id, and write one line when it has been answered."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.log_queries = settings.log_queries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        name = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = name
        status = 500
        begun = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", name.encode())]
            await send(message)

        try:
            await self.app(scope, receive, answer)
        finally:
            took = time.perf_counter() - begun
            self._tell(scope, name, status, took)

    def _tell(self, scope: Scope, name: str, status: int, took: float) -> None:
        # The template of the route, not the address: an address may hold a query, and each would make another series.
        route = getattr(scope.get("route"), "path", "(none)")
        method = scope["method"] if scope["method"] in METHODS else "(other)"
        count, seconds = measures(method, route, status)
        count.inc()
        seconds.observe(took)
        if not log.isEnabledFor(logging.INFO):
            return
        line = {"id": name, "method": method, "route": route, "status": status, "ms": round(took * 1000, 1)}
        if self.log_queries:
            line["query"] = scope["query_string"].decode("ascii", "replace")
        log.info(json.dumps(line))


@lru_cache(maxsize=4_000)
def measures(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    """The counter and the histogram for a request, cached because looking them up costs more than counting."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


class SafeHeaders:
    """Add the security headers that an answer does not set itself, except to a 304."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.headers = dict(SECURITY_HEADERS)
        if settings.https:
            self.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            # A browser copies the headers of a 304 onto the page that it kept. A page may have its own policy, so a 304
            # carries none and the page keeps what it came with.
            if message["type"] == "http.response.start" and message["status"] != 304:
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, answer)


class BoundedRequests:
    """Refuse a request with 503 while too many others are being answered. Health checks are always answered."""

    ALWAYS = frozenset({"/health", "/ready", "/metrics"})

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.bound = settings.concurrent_requests
        self.running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.ALWAYS:
            await self.app(scope, receive, send)
            return
        if self.running >= self.bound:
            refusal = JSONResponse(
                {"detail": f"More than {self.bound:,} requests at once; try again in a second."},
                status_code=503,
                headers={"Retry-After": "1"},
            )
            await refusal(scope, receive, send)
            return
        self.running += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.running -= 1


def client_is_program(request: Request) -> bool:
    """Whether to answer with an error in JSON and not with a page."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return not wants_page or request.url.path.startswith(("/api/", "/sparql", "/graphs", "/feeds/"))
