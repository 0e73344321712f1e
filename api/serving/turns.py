"""Limit how many requests are processed at once, and refuse requests while the queue does not become shorter.

One interpreter renders all pages, so many at once are all late. When it is overloaded, an immediate "try again" is more
useful than a page in ten seconds.
"""

import asyncio
import time
from collections import deque

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.serving.as_of import path_within
from api.settings import Settings

LONG = (
    *("/agreement", "/api/agreement", "/api/network", "/api/camps", "/api/matrix", "/api/polarisation"),
    *("/pictures/", "/api/pictures/", "/api/briefings", "/briefings"),
)
"""Addresses that use all data or draw pictures, which can take seconds."""
FREE = ("/health", "/ready", "/metrics", "/static/", "/pictures/bokeh/", "/sparql", "/graphs")
"""Addresses that are fast or have their own limits."""

LONG_AT_ONCE = 2
"""Largest number of slow requests at once, next to the others."""

STANDING = 2.0
"""Seconds after which a queue counts as persistent."""
CALM = 5.0
"""Seconds without a queue after which the next one counts as new. Refusing all requests does not end a queue."""
PATIENT, BUSY = 3.0, 0.2
"""Longest wait in seconds: with a short queue, and with a persistent one."""
PATIENT_FOR_LONG = 60.0


class Gate:
    """A limit on simultaneous requests. Waiting requests enter one after the other, or are refused.

    The bound on waiting is that of Nichols and Jacobson's controlled delay (2012): a burst may wait, a queue may not.
    """

    def __init__(self, places: int, *, patient: float, busy: float) -> None:
        self._free = places
        self._patient = patient
        self._busy = busy
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._since = self._last = -CALM

    async def enter(self) -> bool:
        """Wait for a place. Return False if it takes too long."""
        if self._free and not self._waiting:
            self._free -= 1
            return True
        now = time.monotonic()
        if not self._waiting and now - self._last > CALM:
            self._since = now
        stays = now - self._since > STANDING
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            async with asyncio.timeout(self._busy if stays else self._patient):
                await place
        except TimeoutError:
            return self._given(place)
        except asyncio.CancelledError:
            if self._given(place):
                self.leave()
            raise
        finally:
            self._last = time.monotonic()
        return True

    def _given(self, place: "asyncio.Future[None]") -> bool:
        """Return whether a request that no longer waits already has the place; if not, take it off the list."""
        if place in self._waiting:
            self._waiting.remove(place)
        return place.done() and not place.cancelled()

    def leave(self) -> None:
        """Give the place to the request that has waited longest."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class Turns:
    """Middleware that limits how many requests are processed at once."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self._gate = Gate(settings.page_threads, patient=PATIENT, busy=BUSY)
        self._long = Gate(LONG_AT_ONCE, patient=PATIENT_FOR_LONG, busy=PATIENT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or path_within(scope).startswith(FREE):
            await self.app(scope, receive, send)
            return
        gate = self._long if path_within(scope).startswith(LONG) else self._gate
        if not await gate.enter():
            told = "The service is busy. Try again in a few seconds."
            refusal = JSONResponse({"detail": told}, status_code=503, headers={"Retry-After": "1"})
            await refusal(scope, receive, send)
            return
        inside = True

        async def sending(message: Message) -> None:
            nonlocal inside
            if inside and message["type"] == "http.response.start":
                # The answer is ready; how long the client takes to read it does not matter here.
                inside = False
                gate.leave()
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if inside:
                gate.leave()
