"""Read the bodies of requests: after the token is checked, within a size and a time, and before a place is taken.

A client that never finishes its body therefore costs a connection, not a place among the requests being answered.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.as_of import path_within
from api.serving.attempts import network
from api.serving.users import Role, Users, must_hold
from api.settings import Settings
from graph.errors import PositionsError

READING = frozenset({"GET", "HEAD", "OPTIONS"})
OWN = frozenset({"/sparql", "/graphs"})
"""These check tokens and read bodies themselves, with `read_body`."""

SMALL = 64 * 1024
"""Bytes of a form or of one record."""
SHORTEST, LONGEST = 5.0, 60.0
"""Seconds for a small body, and for one of any size."""
PACE = 100_000
"""Bytes a second that a large body must reach."""
FROM_ONE = 32
"""Unfinished bodies from one client at once."""
FROM_ALL = 512
HELD = 128 * 1024**2
"""Bytes of unfinished bodies at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyRule:
    """Who may send a body to the addresses that begin like this, and how long it may be."""

    start: str
    role: Role | None = None
    bound: int = SMALL


def entries(settings: Settings) -> tuple[BodyRule, ...]:
    """The addresses that take a body, the more specific first. All others take a small body from anyone."""
    return (
        BodyRule(start="/api/reviews/batch", role=Role.REVIEW, bound=1024**2),
        BodyRule(start="/api/reviews", role=Role.REVIEW),
        BodyRule(start="/review/sign-"),
        BodyRule(start="/review/names", role=Role.ADMIN),
        BodyRule(start="/review", role=Role.REVIEW),
        BodyRule(start="/api/versions", role=Role.ADMIN),
        BodyRule(start="/query", bound=form_bound(settings)),
        BodyRule(start=""),
    )


def form_bound(settings: Settings) -> int:
    """Bytes of a form with a query: each of its bytes may be written as three, and there are other fields."""
    return min(settings.max_body, 3 * settings.max_query_length + SMALL)


class BodyRefused(Exception):
    """A body that is too large, too slow, or one too many."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class ClientLeft(Exception):
    """The client closed the connection before its request was complete."""


class Arriving:
    """The bodies that are being received: how many from each client, and how many bytes in all."""

    def __init__(self) -> None:
        self.held = 0
        self._from: Counter[str] = Counter()

    @contextmanager
    def one_more(self, scope: Scope) -> Iterator[None]:
        """Count a body while it arrives. Raises BodyRefused if there are too many."""
        client = scope.get("client")
        address = network(client[0]) if client else ""
        if self._from[address] >= FROM_ONE:
            raise BodyRefused(429, "you have too many unfinished requests; finish them first")
        if self._from.total() >= FROM_ALL:
            raise BodyRefused(503, "too many unfinished requests; try again in a few seconds")
        self._from[address] += 1
        try:
            yield
        finally:
            self._from[address] -= 1
            if not self._from[address]:
                del self._from[address]


arriving = Arriving()
"""For the whole process, whatever part of it reads the body."""


async def read_body(scope: Scope, receive: Receive, bound: int) -> bytes:
    """The whole body of a request. Raises BodyRefused, ClientLeft."""
    too_large = BodyRefused(413, f"The body is larger than {bound:,} bytes; send it in parts.")
    announced = Headers(scope=scope).get("content-length", "")
    if announced.isdecimal() and int(announced) > bound:
        raise too_large
    parts = bytearray()
    seconds = min(LONGEST, SHORTEST + max(0, bound - SMALL) / PACE)
    with arriving.one_more(scope):
        try:
            async with asyncio.timeout(seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ClientLeft
                    chunk = message.get("body", b"")
                    if len(parts) + len(chunk) > bound:
                        raise too_large
                    if arriving.held + len(chunk) > HELD:
                        raise BodyRefused(503, "too many large requests at once; try again in a few seconds")
                    arriving.held += len(chunk)
                    parts += chunk
                    if not message.get("more_body", False):
                        return bytes(parts)
        except TimeoutError:
            raise BodyRefused(408, f"the body took longer than {seconds:g} seconds") from None
        finally:
            arriving.held -= len(parts)


def refusal_headers(status: int) -> dict[str, str]:
    """What goes with a refusal: when to try again, and that nothing more is read from this connection."""
    again = {"Retry-After": "5"} if status in {429, 503} else {}
    return again | ({"Connection": "close"} if status in {408, 429, 503} else {})


class Bodies:
    """Middleware that checks the token, reads the body, and only then passes a writing request on."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._entries = entries(settings)
        self._bound = settings.max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING or path_within(scope) in OWN:
            await self.app(scope, receive, send)
            return
        entry = next(each for each in self._entries if path_within(scope).startswith(each.start))
        try:
            if entry.role is not None:
                must_hold(Request(scope), cast(Users, scope["app"].state.users), entry.role)
            body = await read_body(scope, receive, min(entry.bound, self._bound))
        except PositionsError as error:
            handler = scope["app"].exception_handlers[PositionsError]
            await cast(Response, handler(Request(scope), error))(scope, receive, send)
        except BodyRefused as error:
            headers = refusal_headers(error.status)
            await JSONResponse({"detail": str(error)}, status_code=error.status, headers=headers)(scope, receive, send)
        except ClientLeft:
            return
        else:
            await self.app(scope, again(body, receive), send)


def again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives a body that has been read, and then whatever comes after it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Message:
        return left.pop() if left else await receive()

    return received
