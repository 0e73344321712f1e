"""Middleware: limits, headers, log and counters."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request
from prometheus_client import REGISTRY
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from api.serving.bodies import Bodies
from api.serving.middleware import SECURITY_HEADERS, BoundedRequests, RequestLog, SafeHeaders
from api.settings import Settings

BOUND = 1_000


def application(**changes: Any) -> FastAPI:
    """Two handlers behind the middleware under test, in the order of the real application."""
    settings = Settings(max_body=BOUND, **changes)
    app = FastAPI()

    @app.post("/size")
    async def size(request: Request) -> int:
        return len(await request.body())

    @app.get("/things/{id}")
    async def thing(id: str) -> str:
        return id

    app.add_middleware(Bodies, settings=settings)
    app.add_middleware(SafeHeaders, settings=settings)
    app.add_middleware(RequestLog, settings=settings)
    return app


def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def pieces(count: int) -> AsyncIterator[bytes]:
    """A body without an announced length."""
    for _ in range(count):
        yield b"x" * 100


@pytest.fixture(autouse=True)
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.INFO, logger="positions.requests"):
        yield caplog


def logged(lines: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in lines.records if record.name == "positions.requests"]


@pytest.mark.anyio
@pytest.mark.parametrize(("length", "status"), [(0, 200), (BOUND, 200), (BOUND + 1, 413)])
async def test_a_body_is_refused_by_its_length(length: int, status: int) -> None:
    async with client(application()) as http:
        answer = await http.post("/size", content=b"x" * length)

    assert answer.status_code == status
    if status == 413:
        assert answer.json() == {"detail": "The body is larger than 1,000 bytes; send it in parts."}


@pytest.mark.anyio
@pytest.mark.parametrize(("count", "status"), [(10, 200), (11, 413)])
async def test_a_body_of_unknown_length_is_refused_while_it_arrives(count: int, status: int) -> None:
    async with client(application()) as http:
        answer = await http.post("/size", content=pieces(count))

    assert "content-length" not in answer.request.headers
    assert answer.status_code == status


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/things/a", "/nothing"])
async def test_every_answer_has_the_security_headers(path: str) -> None:
    async with client(application()) as http:
        answer = await http.get(path)

    assert {name: answer.headers.get(name) for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert "strict-transport-security" not in answer.headers


@pytest.mark.anyio
async def test_behind_tls_the_server_sends_hsts() -> None:
    async with client(application(https=True)) as http:
        answer = await http.get("/things/a")

    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")


@pytest.mark.anyio
async def test_each_request_has_an_id_of_its_own_and_its_line(lines: pytest.LogCaptureFixture) -> None:
    async with client(application()) as http:
        answers = [await http.get(f"/things/{id}") for id in ("a", "b")]

    ids = [answer.headers["x-request-id"] for answer in answers]
    assert len(set(ids)) == 2
    assert [line["id"] for line in logged(lines)] == ids


@pytest.mark.anyio
@pytest.mark.parametrize(("log_queries", "logs_query"), [(False, False), (True, True)])
async def test_the_log_has_the_route_and_the_query_only_if_set(
    lines: pytest.LogCaptureFixture, log_queries: bool, logs_query: bool
) -> None:
    async with client(application(log_queries=log_queries)) as http:
        await http.get("/things/private?q=draft")

    (line,) = logged(lines)
    assert (line["method"], line["route"], line["status"]) == ("GET", "/things/{id}", 200)
    assert "private" not in json.dumps(line)
    assert ("draft" in json.dumps(line)) is logs_query


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("method", "path", "labels"),
    [
        ("GET", "/things/a", ("GET", "/things/{id}", "200")),
        ("GET", "/no-such-address-1", ("GET", "(none)", "404")),
        ("MAKEUP", "/no-such-address-2", ("(other)", "(none)", "404")),
        ("POST", "/size", ("POST", "/size", "200")),
    ],
)
async def test_requests_are_counted_by_route(method: str, path: str, labels: tuple[str, str, str]) -> None:
    named = dict(zip(("method", "route", "status"), labels, strict=True))
    before = REGISTRY.get_sample_value("positions_requests_total", named) or 0.0

    async with client(application()) as http:
        await http.request(method, path)

    assert REGISTRY.get_sample_value("positions_requests_total", named) == before + 1


@pytest.mark.anyio
async def test_a_failure_is_counted_and_answered_with_500(lines: pytest.LogCaptureFixture) -> None:
    app = application()

    @app.get("/fails")
    async def fails() -> None:
        raise RuntimeError("broken on purpose")

    async with client(app) as http:
        with pytest.raises(RuntimeError, match="broken on purpose"):
            await http.get("/fails")

    assert [(line["route"], line["status"]) for line in logged(lines)] == [("/fails", 500)]


@pytest.mark.anyio
async def test_one_request_too_many_is_asked_to_retry() -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            entered.set()
            await go_on.wait()
        await PlainTextResponse("done")(scope, receive, send)

    bounded = BoundedRequests(slow, settings=Settings(concurrent_requests=1))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url="http://test") as http:
        first = asyncio.create_task(http.get("/slow"))
        await entered.wait()
        refused, alive = await http.get("/"), await http.get("/health")
        go_on.set()
        done = await first
        after = await http.get("/")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    assert [answer.status_code for answer in (alive, done, after)] == [200, 200, 200]
