"""How many requests run at once, how long others wait, and which are asked to retry."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.serving import turns
from api.serving.turns import LONG_AT_ONCE, Gate, Turns
from api.settings import Settings


@pytest.fixture(autouse=True)
def anyio_backend() -> str:
    return "asyncio"


class Work:
    """Handlers that run until they are released."""

    def __init__(self) -> None:
        self.running: dict[str, int] = {}
        self.most: dict[str, int] = {}
        self.go = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.running[path] = self.running.get(path, 0) + 1
        self.most[path] = max(self.most.get(path, 0), self.running[path])
        await self.go.wait()
        self.running[path] -= 1
        await PlainTextResponse("done")(scope, receive, send)


def client(work: Work, threads: int = 2) -> httpx.AsyncClient:
    app = Turns(work, settings=Settings(page_threads=threads))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def rest() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.mark.anyio
@pytest.mark.parametrize(("path", "bound"), [("/reforms", 2), ("/agreement", LONG_AT_ONCE), ("/health", 6)])
async def test_only_so_many_at_once(path: str, bound: int) -> None:
    work = Work()
    async with client(work) as http:
        asked = [asyncio.ensure_future(http.get(path)) for _ in range(6)]
        await rest()
        work.go.set()
        answers = await asyncio.gather(*asked)
    assert work.most[path] == bound
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.anyio
async def test_what_takes_long_does_not_keep_pages_waiting() -> None:
    work = Work()
    async with client(work) as http:
        asked = [asyncio.ensure_future(http.get("/agreement")) for _ in range(6)]
        await rest()
        asked.append(asyncio.ensure_future(http.get("/reforms")))
        await rest()
        assert work.running["/reforms"] == 1
        work.go.set()
        await asyncio.gather(*asked)


@pytest.mark.anyio
async def test_a_request_that_waits_too_long_is_asked_to_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "PATIENT", 0.01)
    work = Work()
    async with client(work, threads=1) as http:
        first = asyncio.ensure_future(http.get("/reforms"))
        await rest()
        refused = await http.get("/reforms")
        work.go.set()
        assert (await first).status_code == 200
        assert (await http.get("/reforms")).status_code == 200
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")


@pytest.mark.anyio
async def test_a_burst_may_wait_and_a_queue_that_stays_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "STANDING", 0.05)
    monkeypatch.setattr(turns, "CALM", 0.2)
    gate = Gate(1, patient=60, busy=0.001)
    assert await gate.enter()
    waits = asyncio.ensure_future(gate.enter())
    await rest()
    await asyncio.sleep(0.1)
    assert not await gate.enter()
    gate.leave()
    assert await waits
    assert not await gate.enter()
    await asyncio.sleep(0.25)
    patient = asyncio.ensure_future(gate.enter())
    await asyncio.sleep(0.01)
    assert not patient.done()
    gate.leave()
    assert await patient


@pytest.mark.anyio
async def test_who_leaves_while_waiting_takes_no_place() -> None:
    gate = Gate(1, patient=60, busy=60)
    assert await gate.enter()
    gone, given = asyncio.ensure_future(gate.enter()), asyncio.ensure_future(gate.enter())
    await rest()
    gone.cancel()
    await rest()
    gate.leave()
    given.cancel()
    await rest()
    assert await asyncio.wait_for(gate.enter(), 1)


@pytest.mark.anyio
async def test_a_slow_reader_keeps_no_place() -> None:
    reading = asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        async def parts() -> AsyncIterator[bytes]:
            yield b"a"
            await reading.wait()

        await StreamingResponse(parts())(scope, receive, send)

    app = Turns(slow, settings=Settings(page_threads=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        first = asyncio.ensure_future(http.get("/a"))
        await rest()
        second = asyncio.ensure_future(http.get("/a"))
        await rest()
        reading.set()
        assert [(await each).status_code for each in (first, second)] == [200, 200]
