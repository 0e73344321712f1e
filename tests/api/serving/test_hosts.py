"""A `Host` header that anyone can write decides nothing about links."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.serving.hosts import site
from api.settings import Settings
from graph.building import build
from graph.store.embedded import open_store
from graph.versions.builds import keep
from tests import factory

STATEMENT = factory.statement().id
LINKING = (
    "/feeds/statements.atom",
    "/feeds/statements.json",
    "/api/briefings/fare-cap",
    "/api/briefings/fare-cap?format=md",
    f"/statements/{STATEMENT}",
    "/api/export",
    "/api/export/dcat",
    "/sparql",
    "/.well-known/void",
    "/reforms",
)


def scope(host: str, *, server: object = ("10.0.0.5", 8000), scheme: str = "http") -> dict[str, Any]:
    return {"type": "http", "scheme": scheme, "server": server, "headers": [(b"host", host.encode("latin-1"))]}


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8000", "http://localhost:8000"),
        ("127.0.0.1:9000", "http://127.0.0.1:9000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("10.0.0.5:8000", "http://10.0.0.5:8000"),
        ("Positions.example", "http://positions.example"),
        ("a.inside.example", "http://a.inside.example"),
        ("inside.example.evil.example", "http://10.0.0.5:8000"),
        ("evilinside.example", "http://10.0.0.5:8000"),
        ("10.0.0.6:8000", "http://10.0.0.5:8000"),
        ("localhost.evil.example", "http://10.0.0.5:8000"),
        ("localhost:8000/x", "http://10.0.0.5:8000"),
        ("evil.example@localhost", "http://10.0.0.5:8000"),
        ("a b", "http://10.0.0.5:8000"),
        ("[::1", "http://10.0.0.5:8000"),
        ("\xe9", "http://10.0.0.5:8000"),
        ("", "http://10.0.0.5:8000"),
    ],
)
def test_only_our_own_and_trusted_names_count(host: str, expected: str) -> None:
    settings = Settings(store="unused", trusted_hosts=("*", "positions.example", "*.inside.example"))

    assert site(scope(host), settings) == expected


@pytest.mark.parametrize(
    ("server", "scheme", "expected"),
    [
        (("fe00::5", 8000), "http", "http://[fe00::5]:8000"),
        (("10.0.0.5", 443), "https", "https://10.0.0.5"),
        (("/run/positions.socket", None), "http", "http://localhost"),
        (None, "http", "http://localhost"),
    ],
)
def test_otherwise_it_is_the_address_that_the_connection_came_to(server: object, scheme: str, expected: str) -> None:
    assert site(scope("evil.example", server=server, scheme=scheme), Settings(store="unused")) == expected


def test_the_setting_comes_before_any_header() -> None:
    assert site(scope("localhost"), Settings(store="unused", base_url="https://a.example/b/")) == "https://a.example/b"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("hosts") / "store"
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
        keep(store, at_most=1)
    with TestClient(create_app(Settings(store=str(folder), query_workers=1))) as client:
        yield client


@pytest.mark.parametrize("before", ["", "/as-of/1"])
@pytest.mark.parametrize("path", LINKING)
def test_no_answer_repeats_a_foreign_host(client: TestClient, path: str, before: str) -> None:
    answer = client.get(before + path, headers={"Host": "evil.example"})

    assert answer.status_code == 200
    assert "evil" not in answer.text
    assert not any("evil" in value for value in answer.headers.values())


def test_a_foreign_host_gets_the_same_kept_answer(client: TestClient) -> None:
    tags = {client.get("/reforms", headers={"Host": f"{name}.example"}).headers["etag"] for name in "abc"}
    feeds = {client.get("/feeds/statements.atom", headers={"Host": f"{name}.example"}).headers["etag"] for name in "ab"}

    assert len(tags) == len(feeds) == 1


@pytest.mark.parametrize("host", ["a b", "a<b", "[::1", "a|b:99999999", "\xe9", '"'])
@pytest.mark.parametrize("path", ["/sparql", "/as-of/1/sparql"])
def test_relative_iris_need_no_valid_host(client: TestClient, path: str, host: str) -> None:
    query = {"query": "ASK { <x> ?p ?o }"}

    answer = client.get(path, params=query, headers={b"Host": host.encode("latin-1")})

    assert answer.status_code == 200, answer.text
