"""A client that guesses tokens has to wait; no one else does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.serving.attempts import ADDRESSES, WINDOW, Attempts
from api.settings import Settings
from graph.building import build
from graph.errors import TooManyAttempts
from graph.store.embedded import open_store
from tests import factory

TOKEN = "the right one"
UPDATE = {"update": "INSERT DATA { <https://a.example/a> <https://a.example/b> 1 }"}


class Clock:
    """A clock that a test sets."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def waits(attempts: Attempts, address: str) -> int:
    try:
        attempts.check(address)
    except TooManyAttempts as error:
        return error.seconds
    return 0


@pytest.mark.parametrize(
    ("address", "waiting"),
    [
        ("192.0.2.1", True),
        ("192.0.2.2", False),
        ("2001:db8::1", True),
        ("2001:db8::ffff:1", True),
        ("2001:db8:1::1", False),
        ("::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.3", False),
    ],
)
def test_an_address_waits_and_no_other(address: str, *, waiting: bool) -> None:
    attempts = Attempts(2)
    for known in ("192.0.2.1", "2001:db8::1"):
        attempts.failed(known)
        attempts.failed(known)

    assert (waits(attempts, address) > 0) is waiting


def test_after_a_while_it_may_try_again() -> None:
    clock = Clock()
    attempts = Attempts(2, clock=clock)
    attempts.failed("a")
    clock.now += 100
    attempts.failed("a")

    assert waits(attempts, "a") == WINDOW - 100 + 1
    clock.now += WINDOW - 100
    assert waits(attempts, "a") == 0
    attempts.failed("a")
    assert waits(attempts, "a") > 0


def test_only_so_many_addresses_are_remembered() -> None:
    attempts = Attempts(1)
    for number in range(ADDRESSES + 1):
        attempts.failed(f"host-{number}")

    assert waits(attempts, "host-0") == 0
    assert waits(attempts, f"host-{ADDRESSES}") > 0


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    with open_store(tmp_path / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
    settings = Settings(store=str(tmp_path / "store"), admin_token=TOKEN, wrong_tokens=3, query_workers=1)  # type: ignore[arg-type]  # a secret of it
    with TestClient(create_app(settings)) as http:
        yield http


def by_form(http: TestClient, token: str) -> Any:
    return http.post("/review/sign-in", data={"token": token}, follow_redirects=False)


def by_api(http: TestClient, token: str) -> Any:
    return http.get("/api/admin/backup", headers={"Authorization": f"Bearer {token}"})


def by_sparql(http: TestClient, token: str) -> Any:
    return http.post("/sparql", data=UPDATE, headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("way", [by_form, by_api, by_sparql])
def test_each_way_in_counts_wrong_tokens(client: TestClient, way: Any) -> None:
    assert [way(client, f"guess {number}").status_code for number in range(5)] == [401, 401, 401, 429, 429]

    # A right token is refused then too, and requests without a token are answered.
    for answer in (by_form(client, TOKEN), by_api(client, TOKEN), by_sparql(client, TOKEN)):
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW + 1
        assert "too many wrong tokens" in answer.text
    assert client.get("/api/reforms").status_code == 200


def test_a_right_token_is_taken_before_that(client: TestClient) -> None:
    for _ in range(2):
        by_api(client, "guess")

    assert by_form(client, TOKEN).status_code == 303
    assert by_sparql(client, TOKEN).status_code == 204
