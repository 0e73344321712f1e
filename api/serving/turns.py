"""Turns for what has to be made: only so much at once, and nobody waits in a queue that does not become shorter.

Pages are made by one interpreter, so that many at once are all late. Beyond what it can make, an answer now that says
to come again is worth more than a page in ten seconds.
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
"""What is worked out from the whole field, or draws: seconds where there is very much."""
FREE = ("/health", "/ready", "/metrics", "/static/", "/pictures/bokeh/", "/sparql", "/graphs")
"""What is made at once, or has bounds of its own."""

LONG_AT_ONCE = 2
"""Requests of those that take long that run at once, beside the others."""

STANDING = 2.0
"""Seconds after which a queue is one that stays."""
CALM = 5.0
"""Seconds without a queue after which the next one is a new one: sending all away does not end it."""
PATIENT, BUSY = 3.0, 0.2
"""Seconds that a request waits for its turn: where the queue comes and goes, and where it stays."""
PATIENT_FOR_LONG = 60.0


class Gate:
    """So many may pass at once. Those who wait are let in one after the other, or told to come again.

    The bound on waiting is that of Nichols and Jacobson's controlled delay (2012): a burst may wait, a queue may not.
    """

    def __init__(self, places: int, *, patient: float, busy: float) -> None:
        self._free = places
        self._patient = patient
        self._busy = busy
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._since = self._last = -CALM

    async def enter(self) -> bool:
        """Wait for a place; False where it takes too long."""
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
        """Whether the place has been given to one who no longer waits for it; who has none is off the list."""
        if place in self._waiting:
            self._waiting.remove(place)
        return place.done() and not place.cancelled()

    def leave(self) -> None:
        """Give the place to the one who has waited longest."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1


class Turns:
    """Middleware that lets only a few requests be worked on at once."""

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
            told = "More is asked for at the moment than can be made; ask again in a second."
            refusal = JSONResponse({"detail": told}, status_code=503, headers={"Retry-After": "1"})
            await refusal(scope, receive, send)
            return
        inside = True

        async def sending(message: Message) -> None:
            nonlocal inside
            if inside and message["type"] == "http.response.start":
                # It has been made; how long the client takes is no matter of turns.
                inside = False
                gate.leave()
            await send(message)

        try:
            await self.app(scope, receive, sending)
        finally:
            if inside:
                gate.leave()
