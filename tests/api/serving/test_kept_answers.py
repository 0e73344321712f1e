"""Which answers are cached, and which are not."""

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from api.serving.kept_answers import KeptAnswers
from api.serving.users import COOKIE
from api.settings import Settings


class Graph:
    """A substitute for the application and its store."""

    def __init__(self, answer: Callable[[Request], Response]) -> None:
        self.state = SimpleNamespace(store=SimpleNamespace(version="1"))
        self.made: list[str] = []
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.made.append(scope["path"])
        await asyncio.sleep(0)
        await self.answer(Request(scope))(scope, receive, send)


def client(graph: Graph, **settings: Any) -> httpx.AsyncClient:
    kept = KeptAnswers(graph, settings=Settings(**settings))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = graph
        await kept(scope, receive, send)

    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture(autouse=True)
def anyio_backend() -> str:
    return "asyncio"


def page(request: Request) -> Response:
    return PlainTextResponse(f"{request.url.path} {request.headers.get('accept', '')}")


def chunks(request: Request) -> Response:
    async def parts() -> Any:
        yield b"a"
        yield b"b"

    return StreamingResponse(parts())


@pytest.mark.anyio
async def test_the_same_is_made_once_until_the_graph_changes() -> None:
    graph = Graph(page)
    async with client(graph) as http:
        first, again = await http.get("/a"), await http.get("/a")
        assert (first.content, dict(first.headers)) == (again.content, dict(again.headers))
        await http.get("/a?b")
        await http.get("/a", headers={"accept": "text/html"})
        assert graph.made == ["/a", "/a", "/a"]
        graph.state.store.version = "2"
        later = await http.get("/a")
    assert graph.made == ["/a"] * 4
    assert later.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("method", "path", "made"),
    [
        ("POST", "/api/versions", 2),
        ("POST", "/query", 1),
        ("POST", "/review/sign-out", 1),
        ("POST", "/as-of/1/review/sign-in", 1),
        ("HEAD", "/b", 1),
    ],
)
@pytest.mark.anyio
async def test_whatever_may_have_changed_something_ends_what_is_kept(method: str, path: str, made: int) -> None:
    graph = Graph(page)
    async with client(graph) as http:
        first = await http.get("/a")
        await http.request(method, path)
        again = await http.get("/a")
    assert graph.made.count("/a") == made
    assert (first.headers["etag"] == again.headers["etag"]) == (made == 1)


@pytest.mark.anyio
async def test_those_who_ask_at_once_wait_for_the_first() -> None:
    graph = Graph(page)
    async with client(graph) as http:
        answers = await asyncio.gather(*(http.get("/a") for _ in range(5)))
    assert graph.made == ["/a"]
    assert {answer.text for answer in answers} == {"/a */*"}


@pytest.mark.anyio
async def test_a_client_with_the_answer_gets_304() -> None:
    graph = Graph(page)
    async with client(graph) as http:
        tag = (await http.get("/a")).headers["etag"]
        same = await http.get("/a", headers={"if-none-match": f'"x", {tag}'})
        graph.state.store.version = "2"
        other = await http.get("/a", headers={"if-none-match": tag})
    assert (same.status_code, same.content, same.headers["etag"], other.status_code) == (304, b"", tag, 200)


@pytest.mark.parametrize(
    ("answer", "request_headers", "path", "method"),
    [
        (page, {"authorization": "Bearer x"}, "/a", "GET"),
        (page, {"cookie": f"{COOKIE}=x"}, "/a", "GET"),
        (page, {}, "/review/next", "GET"),
        (page, {}, "/health", "GET"),
        (page, {}, "/a", "POST"),
        (lambda request: PlainTextResponse("no", status_code=404), {}, "/a", "GET"),
        (lambda request: PlainTextResponse("a", headers={"cache-control": "private, no-store"}), {}, "/a", "GET"),
        (lambda request: PlainTextResponse("a", headers={"etag": '"own"'}), {}, "/a", "GET"),
        (lambda request: PlainTextResponse("a", headers={"set-cookie": "a=b"}), {}, "/a", "GET"),
        (chunks, {}, "/a", "GET"),
    ],
)
@pytest.mark.anyio
async def test_what_is_not_for_all_or_not_whole_is_made_each_time(
    answer: Callable[[Request], Response], request_headers: dict[str, str], path: str, method: str
) -> None:
    graph = Graph(answer)
    async with client(graph) as http:
        first = await http.request(method, path, headers=request_headers)
        again = await http.request(method, path, headers=request_headers)
    assert len(graph.made) == 2
    assert first.content == again.content


@pytest.mark.anyio
async def test_the_size_limit_holds_and_the_last_answers_stay() -> None:
    graph = Graph(lambda request: PlainTextResponse("x" * 400))
    async with client(graph, kept_answers=1_000) as http:
        for path in ("/a", "/b", "/a", "/c", "/a", "/b"):
            await http.get(path)
    assert graph.made == ["/a", "/b", "/c", "/b"]


@pytest.mark.anyio
async def test_nothing_is_kept_where_the_setting_says_so() -> None:
    graph = Graph(page)
    async with client(graph, kept_answers=0) as http:
        await http.get("/a")
        await http.get("/a")
    assert len(graph.made) == 2
