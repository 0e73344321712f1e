"""Attacks over real sockets on `positions serve`, during which an honest client still gets answers."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from api.serving.as_of import OPEN
from api.serving.connections import HEAD_SECONDS
from graph.rdf.terms import Iri, Literal, Triple
from graph.store.embedded import open_store
from graph.versions.builds import keep
from tests.attacks import connection, status, unfinished
from tests.serving import Server, serve

SIGN_IN = "POST /review/sign-in HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 50"


def test_unfinished_forms_take_no_place_and_are_ended(server: Server) -> None:
    with unfinished(server, SIGN_IN, count=12) as slow:
        begun = time.monotonic()
        for number in range(5):
            assert httpx.get(f"{server.address}/search?q=not-kept-{number}", trust_env=False).status_code == 200
        assert time.monotonic() - begun < 4
        assert {status(each) for each in slow} == {408}


@pytest.mark.parametrize(
    "path", ["/api/reviews/batch", "/api/reviews", "/review/verdict", "/review/names", "/api/versions"]
)
def test_a_body_is_not_read_before_the_token_is_known(server: Server, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 60000000"
    with unfinished(server, head, body=b"[[],[],") as (one,):
        begun = time.monotonic()
        assert status(one) == 401
        assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("path", "length", "expected"),
    [
        ("/api/reviews", 64 * 1024, 422),
        ("/api/reviews", 64 * 1024 + 1, 413),
        ("/api/reviews/batch", 1024**2 + 1, 413),
        ("/review/sign-in", 64 * 1024 + 1, 413),
        ("/nothing", 64 * 1024 + 1, 413),
        ("/query", 10**6, 413),
        ("/sparql", 10**6, 413),
    ],
)
def test_each_address_bounds_its_bodies(server: Server, path: str, length: int, expected: int) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"} if path in {"/sparql", "/query"} else {}
    who = server.admin if path.startswith("/api/") else {}
    answer = httpx.post(server.address + path, content=b"1" * length, headers=who | form, trust_env=False)

    assert answer.status_code == expected


def test_a_reviewers_large_body_delays_no_one(server: Server) -> None:
    body = b"[" + b",".join([b"[]"] * 349_000) + b"]"
    begun = time.monotonic()
    answer = httpx.post(f"{server.address}/api/reviews/batch", content=body, headers=server.admin, trust_env=False)

    assert answer.status_code == 422
    assert time.monotonic() - begun < 2


def test_one_client_may_leave_so_many_bodies_unfinished(server: Server) -> None:
    head = "POST /sparql HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 800000"
    with unfinished(server, head, count=40, body=b"query=" + b"x" * 1000) as slow:
        answers = [status(each) for each in slow]
        page = httpx.get(f"{server.address}/health", trust_env=False)

    assert answers.count(429) == 8
    assert answers.count(408) == 32
    assert page.status_code == 200


def test_writing_by_form_is_not_bounded_like_a_query(server: Server) -> None:
    update = f'INSERT DATA {{ <https://a.example/a> <https://a.example/b> "{"x" * 900_000}" }}'

    assert httpx.post(server.sparql, data={"update": update}, headers=server.admin, trust_env=False).status_code == 204
    assert httpx.post(server.sparql, data={"update": "DROP ALL"}, headers=server.admin, trust_env=False).is_success


@pytest.mark.parametrize("path", ["/sparql", "/graphs", "/sparql?query=ASK%7B%7D"])
def test_data_are_never_served_as_a_page(server: Server, path: str) -> None:
    answer = httpx.get(server.address + path, trust_env=False)

    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_refused_write_empties_no_cache(server: Server) -> None:
    before = httpx.get(f"{server.address}/reforms", trust_env=False).headers["etag"]
    assert httpx.post(f"{server.address}/nothing", trust_env=False).status_code in {404, 405}
    assert httpx.post(f"{server.address}/as-of/1/query", trust_env=False).status_code < 500

    assert httpx.get(f"{server.address}/reforms", trust_env=False).headers["etag"] == before


# Connections that send nothing, and readers that do not read


def test_idle_connections_make_room_for_new_ones(tmp_path: Path) -> None:
    with limited_server(tmp_path, connections=20) as server, ExitStack() as stack:
        idle = [stack.enter_context(connection(server)) for _ in range(40)]
        page = httpx.get(f"{server.address}/reforms", trust_env=False)
        left = sum(1 for each in idle if not closed(each))

    assert page.status_code == 200
    assert left <= 20


def test_a_head_that_is_not_finished_in_time_ends_the_connection(server: Server) -> None:
    with connection(server) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        begun = time.monotonic()
        while time.monotonic() - begun < HEAD_SECONDS + 5 and not closed(slow):
            time.sleep(1)
            with suppress(OSError):
                slow.sendall(b"X-More: a\r\n")

    assert time.monotonic() - begun < HEAD_SECONDS + 3


def test_a_head_that_is_too_large_is_refused(server: Server) -> None:
    with connection(server) as large:
        large.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n")
        with suppress(OSError):
            for _ in range(400):
                large.sendall(b"X-More: " + b"a" * 1_000 + b"\r\n")
        assert status(large) in {431, 0}
    assert httpx.get(f"{server.address}/health", trust_env=False).status_code == 200


def test_a_stalled_client_delays_no_download(tmp_path: Path) -> None:
    address = Iri("https://a.example/p")
    with open_store(tmp_path / "store") as store:
        rows = (Triple(Iri(f"https://a.example/{number}"), address, Literal("x" * 1_000)) for number in range(4_000))
        store.replace(Iri("https://a.example/g"), rows)
    with serve(tmp_path / "store") as server, ExitStack() as stack:
        for _ in range(3):
            stalled = stack.enter_context(small_window(server))
            stalled.sendall(b"GET /api/export/nquads HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stalled.recv(10)
        answer = httpx.get(
            f"{server.address}/api/export/nquads", headers={"Host": "localhost"}, trust_env=False, timeout=20
        )
        files = list(server.store.glob("export-*"))

    assert answer.status_code == 200
    assert len(answer.content) > 4_000_000
    assert len(files) == 1


def closed(sock: socket.socket) -> bool:
    sock.setblocking(False)
    try:
        return sock.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        sock.setblocking(True)


@contextmanager
def small_window(server: Server) -> Iterator[socket.socket]:
    """A connection whose client reads slowly."""
    parts = urlsplit(server.address)
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.connect((parts.hostname, parts.port))
        yield made


@contextmanager
def limited_server(folder: Path, *, connections: int) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POSITIONS_CONNECTIONS", str(connections))
        with serve(folder / "store") as running:
            yield running


def test_stalled_readers_of_versions_keep_no_other_version_closed(tmp_path: Path) -> None:
    says = Iri("https://a.example/p")
    with open_store(tmp_path / "store") as store:
        rows = (Triple(Iri(f"https://a.example/{number}"), says, Literal("x" * 1_000)) for number in range(4_000))
        store.replace(Iri("https://a.example/g"), rows)
        for number in range(OPEN + 1):
            store.replace(
                Iri("https://a.example/of"), [Triple(Iri("https://a.example/it"), says, Literal(str(number)))]
            )
            keep(store, at_most=OPEN + 1)
    with serve(tmp_path / "store") as server, ExitStack() as stack:
        for number in range(1, OPEN + 1):
            stalled = stack.enter_context(small_window(server))
            path = f"/as-of/{number}/graphs?graph=https://a.example/g&format=nt"
            stalled.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert b" 200 " in stalled.recv(20)
        asked = {"query": "SELECT ?o { <https://a.example/it> ?p ?o }"}
        where = f"{server.address}/as-of/{OPEN + 1}/sparql"
        answer = httpx.get(where, params=asked, headers={"Accept": "text/csv"}, trust_env=False, timeout=60)

    assert answer.status_code == 200, answer.text
    assert answer.text.split() == ["o", str(OPEN)]
