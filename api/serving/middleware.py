"""What every request passes: its id and log line, its bounds, the headers of its answer, and what is counted of it."""

import json
import logging
import secrets
import time
from functools import lru_cache

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
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
    """Gives each request an id, and writes one line when it has been answered."""

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
        # The template, not the address: an address may hold a query, and would make a series of its own.
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
    """The count and the times that a request belongs to; finding them by their labels costs more than counting."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(route)


class SafeHeaders:
    """Adds the security headers that an answer does not set itself."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.headers = dict(SECURITY_HEADERS)
        if settings.https:
            self.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}; includeSubDomains"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, answer)


class BodyTooLarge(Exception):
    """A body grew past the bound while it was read."""


class BoundedBody:
    """Refuses a request body over the bound with 413, by its announced length or while it arrives."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.bound = settings.max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self.bound:
            await self._refuse(scope, receive, send)
            return
        arrived = 0
        begun = False

        async def bounded() -> Message:
            nonlocal arrived
            message = await receive()
            if message["type"] == "http.request":
                arrived += len(message.get("body", b""))
                if arrived > self.bound:
                    raise BodyTooLarge
            return message

        async def answer(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, bounded, answer)
        except BodyTooLarge:
            if begun:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = JSONResponse(
            {"detail": f"The body is larger than {self.bound:,} bytes; send it in parts."}, status_code=413
        )
        await refusal(scope, receive, send)


class BoundedRequests:
    """Refuses a request with 503 while too many others are being answered; asking how the service is stays possible."""

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
                {"detail": f"More than {self.bound:,} requests at once; ask again in a second."},
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
    """Whether an error is better told as JSON than as a page."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return not wants_page or request.url.path.startswith(("/api/", "/sparql", "/graphs", "/feeds/"))
