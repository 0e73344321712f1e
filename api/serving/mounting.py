"""Serve under a path of another address, such as https://example.org/positions, and answer HEAD wherever GET works.

The application knows nothing of that path. It is taken from a request on its way in, and put in front of the addresses
of an answer on its way out. `scope["mounted"]` is the path; `scope["prefix"]` also contains the version that the
address names.
"""

import re
from typing import Any, cast
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.serving.links import TARGET, moved
from api.settings import Settings

FORWARDED = "x-forwarded-prefix"
PATH = re.compile(r"(/[A-Za-z0-9._~-]+)+")
"""A path that may precede addresses: without characters that have a meaning in HTML or in a header."""
COOKIE_PATH = re.compile(r"(;\s*path=)/", re.IGNORECASE)
PAGES = ("text/html", "image/svg+xml")


def path_of(address: str) -> str:
    """Return the path of a public address, without a slash at its end."""
    return urlsplit(address).path.rstrip("/")


class Mounted:
    """Middleware that finds out the path under which a request reaches the service.

    It is the path of `base_url`, or else what a trusted proxy sends as X-Forwarded-Prefix. A proxy may remove it from
    the address or leave it.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._path = path_of(settings.base_url)
        # This replaces the client's address by one from the headers, so their sender must be checked first.
        self._forwarded = ProxyHeadersMiddleware(cast(Any, app), settings.forwarded_allow_ips)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path = self._path or self._forwarded_path(scope)
        scope["mounted"] = scope["prefix"] = path
        if path and not path.startswith(OWN):
            _take(scope, path)
        await self._forwarded(cast(Any, scope), cast(Any, receive), cast(Any, send))

    def _forwarded_path(self, scope: Scope) -> str:
        client = scope.get("client")
        given = Headers(scope=scope).get(FORWARDED, "")
        if not given or (client[0] if client else None) not in self._forwarded.trusted_hosts:
            return ""
        # Each proxy in a row may add its own.
        path = "".join("/" + part.strip().strip("/") for part in given.split(",") if part.strip(" /"))
        return path if PATH.fullmatch(path) else ""


OWN = ("/api", "/data", "/id", "/static", "/reforms", "/actors", "/articles", "/statements", "/as-of", "/review")
"""Beginnings of our own addresses. It is unknown whether a proxy has removed them, so they stay."""


def _take(scope: Scope, path: str) -> None:
    """Remove the path from the beginning of a request's address, if it is there."""
    if scope["path"] == path or scope["path"].startswith(f"{path}/"):
        scope["path"] = scope["path"].removeprefix(path) or "/"
        raw: bytes = scope.get("raw_path") or b""
        if raw.startswith(path.encode()):
            scope["raw_path"] = raw.removeprefix(path.encode()) or b"/"


class Links:
    """Middleware that puts the path in front of the addresses in pages, redirects, links and cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mounted = scope.get("mounted", "") if scope["type"] == "http" else ""
        await self.app(scope, receive, MountedAnswer(send, mounted, scope) if mounted else send)


class MountedAnswer:
    """Pass an answer on with its addresses under the path."""

    def __init__(self, send: Send, path: str, scope: Scope) -> None:
        self._send = send
        self._path = path
        self._origin = f"{scope.get('scheme', 'http')}://{Headers(scope=scope).get('host', '')}"
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=[self._header(name, value) for name, value in message["headers"]])
            message["headers"] = headers.raw
            if headers.get("content-type", "").startswith(PAGES) and "content-encoding" not in headers:
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            start, self._start = self._start, None
            body = moved(self._body.decode("utf-8"), self._path).encode("utf-8")
            headers = MutableHeaders(raw=start["headers"])
            headers["content-length"] = str(len(body))
            await self._send(start)
            message = {"type": "http.response.body", "body": body}
        await self._send(message)

    def _header(self, name: bytes, value: bytes) -> tuple[bytes, bytes]:
        text = value.decode("latin-1")
        match name.lower():
            case b"location" | b"content-location":
                text = text.removeprefix(self._origin) if text.startswith(f"{self._origin}/") else text
                text = self._path + text if text.startswith("/") and not text.startswith("//") else text
            case b"link":
                text = TARGET.sub(lambda found: f"<{self._path}{found[1]}>", text)
            case b"set-cookie":
                text = COOKIE_PATH.sub(lambda found: f"{found[1]}{self._path}/", text, count=1)
        return name, text.encode("latin-1")


class HeadAsGet:
    """Middleware that answers HEAD as it answers GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def headers_only(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        # A copy: the server looks at its own scope to know that no body follows.
        await self.app({**scope, "method": "GET"}, receive, headers_only)
