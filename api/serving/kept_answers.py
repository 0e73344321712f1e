"""Cache pages and API answers until the graph changes.

A page is made in a thread, and there are few threads. A kept answer needs none, so readers of common pages do not wait
for readers of expensive ones.
"""

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.as_of import names_version, path_within
from api.serving.hosts import site
from api.serving.users import COOKIE
from api.settings import Settings

LARGEST = 512 * 1024
"""Bytes of the largest answer that is kept."""

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
"""Answers that depend on more than the graph, or on the user."""

SESSIONS = "/review/sign-"
"""Signing in and out changes nothing that others see, and anyone can send these forms."""

READING = frozenset({"GET", "HEAD", "OPTIONS"})
ASKING = frozenset({"/sparql", "/query"})
"""Queries too long for an address are posted here; they change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer in the form in which it was sent."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    tag: bytes
    route: Any


class KeptAnswers:
    """Middleware that sends kept answers, and keeps complete answers of status 200 that everyone may see."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        self._bound = settings.kept_answers
        self._held = 0
        self._version = ""
        self._era = ""
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._making: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in READING and path_within(scope) not in ASKING:
            await self._write(scope, receive, send)
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

        def settled() -> None:
            # Decide whether to keep the answer before sending it, so that no request waits for this client to read it.
            making.set()
            if self._making.get(key) is making:
                del self._making[key]

        try:
            await self.app(scope, receive, self._keeping(key, tag, scope, send, settled))
        finally:
            settled()

    async def _write(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a writing request on, and forget all answers if it succeeded.

        It may have changed something outside the graph, such as a kept version or a table of the domain.
        """

        async def answer(message: Message) -> None:
            ended = message["type"] == "http.response.start" and message["status"] < 400
            if ended and not path_within(scope).startswith(SESSIONS):
                self._forget()
            await send(message)

        await self.app(scope, receive, answer)

    def _forget(self) -> None:
        self._era, self._held = secrets.token_hex(4), 0
        self._kept.clear()

    def _key(self, scope: Scope) -> tuple[str, bytes]:
        """Return the key of an answer, from the request, the version of the graph and the day, and its ETag."""
        version = str(scope["app"].state.store.version)
        if version != self._version:
            self._version = version
            self._forget()
        headers = Headers(scope=scope)
        asked = (
            *(self._era, version, str(date.today()), site(scope, self._settings), scope["path"], scope["query_string"]),
            *(headers.get(name, "") for name in ("accept", "accept-encoding")),
            scope.get("prefix", ""),
        )
        key = hashlib.blake2b(repr(asked).encode(), digest_size=16).hexdigest()
        return key, f'W/"{key}"'.encode()

    async def _known(self, key: str, tag: bytes, scope: Scope, send: Send) -> bool:
        """Send a kept answer, or 304 Not Modified. Returns False if neither is possible."""
        kept = self._kept.get(key)
        # Only a client that has received the answer knows its tag.
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

    def _keeping(self, key: str, tag: bytes, scope: Scope, send: Send, settled: Callable[[], None]) -> Send:
        begun: Message | None = None
        era = self._era

        async def keeping(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = message if message["status"] == 200 and _may_be_kept(message) else None
                if begun is None:
                    settled()
                    await send(message)
                return
            if begun is not None:
                start, begun = begun, None
                # An answer that comes in parts is passed on and not kept.
                if not message.get("more_body", False):
                    start["headers"] = [*start["headers"], (b"etag", tag)]
                    if era == self._era:
                        self._keep(key, tag, scope, list(start["headers"]), message.get("body", b""))
                settled()
                await send(start)
            await send(message)

        return keeping

    def _keep(self, key: str, tag: bytes, scope: Scope, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        # If the graph changed meanwhile, this key will not be asked for again.
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
    # An earlier version may be removed while the graph stays the same.
    if names_version(scope):
        return False
    headers = Headers(scope=scope)
    return "authorization" not in headers and COOKIE not in headers.get("cookie", "")


def _may_be_kept(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    own = any(name in headers for name in ("set-cookie", "etag", "x-derived-graphs"))
    return not own and "no-store" not in headers.get("cache-control", "")
