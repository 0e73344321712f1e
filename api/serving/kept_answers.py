"""Answers kept for the next who asks the same, for as long as the graph stays as it is.

A page, or an answer of the API, is made in a thread, of which there are few. What has been made once goes out from here
without one, so that readers of the same things never wait for those who ask for much.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.as_of import names_version
from api.serving.users import COOKIE
from api.settings import Settings

LARGEST = 512 * 1024
"""Bytes of an answer that is kept, at the most."""

NEVER = (
    "/health",
    "/ready",
    "/metrics",
    "/static/",
    "/pictures/bokeh/",
    "/review",
    "/api/review",
    "/versions",
    "/api/versions",
)
"""What does not rest on the graph alone, or changes with who asks."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})
ASKING = frozenset({"/sparql", "/query"})
"""Where queries are posted that are too long for an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer as it was sent."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    tag: bytes
    route: Any


class KeptAnswers:
    """Middleware that answers from what is kept, and keeps what is whole, of status 200 and open to everybody."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._bound = settings.kept_answers
        self._held = 0
        self._version = ""
        self._era = ""
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._making: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING and scope["path"] not in ASKING:
            try:
                await self.app(scope, receive, send)
            finally:
                # It may have changed what is not in the graph: a version that is kept, a table of the domain.
                self._forget()
            return
        if not self._bound or not _open_to_all(scope):
            await self.app(scope, receive, send)
            return
        key, tag = self._key(scope)
        if await self._known(key, tag, scope, send):
            return
        making = self._making.get(key)
        if making is not None:
            await making.wait()
            if not await self._known(key, tag, scope, send):
                await self.app(scope, receive, send)
            return
        making = self._making[key] = asyncio.Event()
        try:
            await self.app(scope, receive, self._keeping(key, tag, scope, send))
        finally:
            making.set()
            self._making.pop(key, None)

    def _forget(self) -> None:
        self._era, self._held = secrets.token_hex(4), 0
        self._kept.clear()

    def _key(self, scope: Scope) -> tuple[str, bytes]:
        """What an answer rests on, and its tag: the request, the version of the graph, and the day."""
        version = str(scope["app"].state.store.version)
        if version != self._version:
            self._version = version
            self._forget()
        headers = Headers(scope=scope)
        asked = (
            *(self._era, version, str(date.today()), scope.get("scheme", ""), scope["path"], scope["query_string"]),
            *(headers.get(name, "") for name in ("host", "accept", "accept-encoding")),
        )
        key = hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()
        return key, f'W/"{key}"'.encode()

    async def _known(self, key: str, tag: bytes, scope: Scope, send: Send) -> bool:
        """Answer with what is kept, or that nothing has changed; False where neither can be."""
        kept = self._kept.get(key)
        # Only whoever has had the answer knows its tag.
        if tag.decode() in {part.strip() for part in Headers(scope=scope).get("if-none-match", "").split(",")}:
            named = (b"cache-control", b"vary", b"link")
            headers = [each for each in kept.headers if each[0] in named] if kept is not None else []
            headers.append((b"etag", tag))
            await send({"type": "http.response.start", "status": 304, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return True
        if kept is None:
            return False
        self._kept.move_to_end(key)
        scope["route"] = kept.route
        await send({"type": "http.response.start", "status": 200, "headers": list(kept.headers)})
        await send({"type": "http.response.body", "body": kept.body})
        return True

    def _keeping(self, key: str, tag: bytes, scope: Scope, send: Send) -> Send:
        begun: Message | None = None
        era = self._era

        async def keeping(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = message if message["status"] == 200 and _may_be_kept(message) else None
                if begun is None:
                    await send(message)
                return
            if begun is not None:
                start, begun = begun, None
                same = era == self._era
                # What comes in parts is passed on as it comes.
                if not message.get("more_body", False):
                    start["headers"] = [*start["headers"], (b"etag", tag)]
                    if same:
                        self._keep(key, tag, scope, list(start["headers"]), message.get("body", b""))
                await send(start)
            await send(message)

        return keeping

    def _keep(self, key: str, tag: bytes, scope: Scope, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        # The graph may have changed since the answer was begun: then nobody asks by this key again.
        if len(body) > LARGEST or str(scope["app"].state.store.version) != self._version:
            return
        if key not in self._kept:
            self._held += len(body)
        self._kept[key] = Kept(headers=headers, body=body, tag=tag, route=scope.get("route"))
        while self._held > self._bound:
            _, dropped = self._kept.popitem(last=False)
            self._held -= len(dropped.body)


def _open_to_all(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(NEVER):
        return False
    # An earlier version may be gone while the graph is as it was.
    if names_version(scope):
        return False
    headers = Headers(scope=scope)
    return "authorization" not in headers and COOKIE not in headers.get("cookie", "")


def _may_be_kept(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    own = any(name in headers for name in ("set-cookie", "etag", "x-derived-graphs"))
    return not own and "no-store" not in headers.get("cache-control", "")
