"""Answer any address from an earlier build: /as-of/VERSION before the address, or ?as_of=VERSION after it.

The same application answers, using that version's store instead of the newest. VERSION is a number, or a day or moment,
which means the newest version built by then. Links in an answer stay within the version.
"""

import asyncio
import logging
import time
from collections import OrderedDict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email.utils import format_datetime
from itertools import chain
from typing import Any, cast
from urllib.parse import quote, unquote_plus

from starlette.datastructures import Headers, MutableHeaders, State
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.queries.pool import QueryPool
from api.serving.derived import Derived
from api.serving.links import TARGET, moved
from api.serving.networks_kept import NetworkKeeper
from api.settings import Settings
from graph.errors import PositionsError, ReadOnly, StoreError
from graph.store.embedded import Store
from graph.versions.builds import Version, as_of, open_version

log = logging.getLogger(__name__)

START = "/as-of/"
PARAMETER = b"as_of="
OPEN = 3
"""Versions that are open at once, each with processes for its queries."""
STALLED = 5.0
"""Seconds after which a client that reads nothing of its answer no longer keeps its version open."""
LONGEST = 60.0
"""Seconds after which a client that still reads its answer no longer keeps its version open."""
AGAIN = 0.1
"""Seconds between two looks for a version that can be closed."""
READING = frozenset({"GET", "HEAD", "OPTIONS"})
POSTED = frozenset({"/sparql", "/query"})
"""Queries too long for an address are posted here."""
OF_NOW = ("/static/", "/as-of/", "/versions", "/api/versions", "/review", "/api/docs", "/api/openapi.json")
"""Addresses that are the same for all versions: they show no data, or only the newest."""
UPDATE = "application/sparql-update"


@dataclass(kw_only=True)
class Opened:
    """An open version: the state of the application for its requests."""

    state: State
    ends: AsyncExitStack
    running: int = 0
    """Requests that are being answered."""
    sending: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Of these, those whose answer is being sent: when the first and the last part of it was ready."""

    def stalled(self, now: float) -> bool:
        """Whether all that is left are clients that read their answer too slowly."""
        return len(self.sending) == self.running and all(
            now - last > STALLED or now - first > LONGEST for first, last in self.sending.values()
        )


class OpenVersions:
    """The open versions, the most recently used last; call `close` at the end."""

    def __init__(self, store: Store, settings: Settings, users: Any) -> None:
        self._store = store
        # Requests for earlier versions get few resources, so that those for the newest have enough.
        few = {"query_workers": 1, "concurrent_queries": max(1, settings.concurrent_queries // 4), "quads_in_memory": 0}
        self._settings = settings.model_copy(update=few)
        self._users = users
        self._open: OrderedDict[int, Opened] = OrderedDict()
        self._lock = asyncio.Lock()

    async def get(self, version: Version) -> Opened:
        """The version, opened if necessary. Raises UnknownVersion, StoreError.

        If all that are open are being read, it waits for one of them, or for its readers to count as stalled.
        """
        until = time.monotonic() + STALLED + 1
        while True:
            async with self._lock:
                found = self._open.get(version.number)
                if found is None and await self._make_room():
                    found = self._open[version.number] = await self._opened(version)
                if found is not None:
                    self._open.move_to_end(version.number)
                    found.running += 1
                    return found
            if time.monotonic() > until:
                raise StoreError(f"{OPEN} earlier versions are in use, which is the limit; try again in a few seconds")
            await asyncio.sleep(AGAIN)

    async def close(self) -> None:
        """Close all of them."""
        async with self._lock:
            while self._open:
                _, each = self._open.popitem()
                await each.ends.aclose()

    async def _make_room(self) -> bool:
        """Close a version if too many are open. Return False if all of them are being read."""
        while len(self._open) >= OPEN:
            now = time.monotonic()
            idle = (number for number, each in self._open.items() if not each.running)
            stalled = (number for number, each in self._open.items() if each.stalled(now))
            chosen = next(chain(idle, stalled), None)
            if chosen is None:
                return False
            await self._open.pop(chosen).ends.aclose()
        return True

    async def _opened(self, version: Version) -> Opened:
        async with AsyncExitStack() as ends:
            store = await asyncio.to_thread(open_version, self._store, version)
            ends.callback(store.close)
            state = State()
            state.store, state.settings, state.users, state.as_of = store, self._settings, self._users, version
            state.network_keeper = NetworkKeeper(store)
            state.queries = await ends.enter_async_context(QueryPool(store, self._settings.query_bounds))
            state.derived = await ends.enter_async_context(Derived(store, state.queries.writing))
            return Opened(state=state, ends=ends.pop_all())
        raise AssertionError("not reached")


class AsOf:
    """Middleware that answers from the version that a request names."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not names_version(scope):
            await self.app(scope, receive, send)
            return
        state: State = scope["app"].state
        inner, text = _within(scope)
        if not text:
            await self.app(scope, receive, send)
            return
        try:
            version = await asyncio.to_thread(as_of, state.store, text)
            if not _reads(inner):
                raise ReadOnly(
                    f"version {version.number} of the data cannot be changed; send this to the newest version"
                )
            if inner["path"].startswith(OF_NOW):
                await self.app(inner, receive, send)
                return
            if scope["path"].startswith(START) and text != str(version.number) and inner["method"] in READING:
                # A link to keep names the version, not a time.
                await RedirectResponse(_address(version, inner), 302)(scope, receive, send)
                return
            opened = await state.versions.get(version)
        except PositionsError as error:
            await _told(inner, error)(inner, receive, send)
            return
        inner["app"] = opened
        inner["prefix"] = f"{scope.get('prefix', '')}{START}{version.number}"
        request = id(inner)

        async def sending(message: Message) -> None:
            now = time.monotonic()
            opened.sending[request] = opened.sending.get(request, (now, now))[0], now
            await send(message)

        try:
            await self.app(inner, receive, VersionedAnswer(sending, version, inner))
        finally:
            opened.running -= 1
            opened.sending.pop(request, None)
            scope.update({name: inner[name] for name in ("route", "endpoint") if name in inner})


class VersionedAnswer:
    """Pass an answer on, with links that stay within the version and headers that name the version (RFC 7089)."""

    def __init__(self, send: Send, version: Version, scope: Scope) -> None:
        self._send = send
        self._version = version
        self._scope = scope
        self._start: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            self._tell(headers)
            message["headers"] = headers.raw
            if not headers.get("content-type", "").startswith("text/html"):
                await self._send(message)
                return
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)

    async def _send_page(self, start: Message) -> None:
        body = within(self._body.decode("utf-8"), self._version).encode("utf-8")
        headers = MutableHeaders(raw=start["headers"])
        headers["content-length"] = str(len(body))
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})

    def _tell(self, headers: MutableHeaders) -> None:
        prefix = f"{START}{self._version.number}"
        for name in ("location", "content-location"):
            if headers.get(name, "").startswith("/") and not headers[name].startswith(OF_NOW):
                headers[name] = prefix + headers[name]
        links = [TARGET.sub(lambda found: f"<{prefix}{found[1]}>", headers["link"])] if "link" in headers else []
        newest = quote(self._scope["path"], safe="/%:@!$&'()*+,;=~-._")
        links += [f'<{newest}>; rel="original latest-version"', '</versions>; rel="version-history"']
        headers["link"] = ", ".join(links)
        headers["memento-datetime"] = format_datetime(self._version.at, usegmt=True)


def names_version(scope: Scope) -> bool:
    """Whether a request names a version."""
    return scope["path"].startswith(START) or PARAMETER in scope["query_string"]


def path_within(scope: Scope) -> str:
    """The path of a request without the version."""
    path: str = scope["path"]
    return "/" + path.removeprefix(START).partition("/")[2] if path.startswith(START) else path


def within(page: str, version: Version) -> str:
    """The page with links that stay within the version, except in tags with `data-newest`."""
    return moved(page, f"{START}{version.number}", stay=OF_NOW, newest=False)


def _within(scope: Scope) -> tuple[dict[str, Any], str]:
    """The request without its version, and the name of the version."""
    inner = dict(scope)
    path, text = scope["path"], ""
    if path.startswith(START):
        text, _, rest = path.removeprefix(START).partition("/")
        raw: bytes = scope.get("raw_path") or quote(path).encode()
        inner["path"] = f"/{rest}"
        inner["raw_path"] = b"/" + raw.partition(b"?")[0].removeprefix(START.encode()).partition(b"/")[2]
    parts = scope["query_string"].split(b"&")
    given = [part for part in parts if part.startswith(PARAMETER)]
    inner["query_string"] = b"&".join(part for part in parts if part not in given)
    return inner, text or (unquote_plus(given[-1].removeprefix(PARAMETER).decode("latin-1")) if given else "")


def _reads(scope: Scope) -> bool:
    if scope["method"] == "POST" and scope["path"] in POSTED:
        return not Headers(scope=scope).get("content-type", "").lower().startswith(UPDATE)
    return scope["method"] in READING


def _address(version: Version, scope: Scope) -> str:
    query = scope["query_string"].decode("latin-1")
    return f"{START}{version.number}{scope['raw_path'].decode('latin-1')}{'?' if query else ''}{query}"


def _told(scope: Scope, error: PositionsError) -> Response:
    handler = scope["app"].exception_handlers[PositionsError]
    return cast(Response, handler(Request(scope), error))
