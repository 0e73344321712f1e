"""Reviews over HTTP: permissions, form tokens, no visible token, and no review lost or duplicated."""

import json
import logging
import os
import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Stance
from graph.reviewing.reviews import history
from graph.store.embedded import open_store
from tests import factory
from tests.serving import serve

TOKENS = {"ann": "token of ann", "bo": "token of bo", "rea": "token of rea", "ada": "token of ada"}
ROLES = {"ann": "review", "bo": "review", "rea": "read", "ada": "admin"}
SUPPORT = factory.statement(confidence=0.9)
OPPOSE = factory.statement(
    "Harbour Lines opposed it.",
    actor="harbour-lines",
    actor_label="Harbour Lines",
    stance=Stance.OPPOSE,
    confidence=0.3,
)
AGAIN = factory.statement(article="elsewhere", confidence=0.9)
PAGE = {"accept": "text/html"}
VERDICT = {"statement": OPPOSE.id, "verdict": "wrong"}
MISSED = {
    "article": "cap-news",
    "actor": "Riders",
    "reform": "night-buses",
    "stance": "mixed",
    "words": "Riders were  split\non night buses.",
}
FORMS = (("/review/verdict", VERDICT), ("/review/missed", MISSED))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with open_store(tmp_path / "store") as store:
        articles = [factory.article(), factory.article(id="elsewhere", release="cap-news", publisher="Harbour Post")]
        build(store, factory.domain(), articles, [SUPPORT, OPPOSE, AGAIN])
    return tmp_path


@pytest.fixture
def settings(folder: Path) -> Settings:
    users = folder / "users.toml"
    users.write_text(
        "".join(f'[[user]]\nname = "{n}"\nrole = "{ROLES[n]}"\ntoken = "{t}"\n' for n, t in TOKENS.items())
    )
    return Settings(store=str(folder / "store"), users_file=users)


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    with TestClient(create_app(settings)) as client:
        yield client


def by(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {TOKENS[name]}"}


def sign_in(client: TestClient, name: str) -> str:
    """Begin a session and return the token of its forms."""
    answer = client.post("/review/sign-in", data={"token": TOKENS[name]}, headers=PAGE)
    assert answer.status_code == 200
    found = re.search(r'name="form_token" value="(\w+)"', answer.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"Authorization": "Bearer unknown"}, 401), (by("rea"), 403), (by("ann"), 201), (by("ada"), 201)],
)
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/reviews", VERDICT),
        ("/api/reviews/batch", [VERDICT]),
        (
            "/api/reviews/missed",
            {"article": "cap-news", "start": 0, "end": 11, "actor": "riders", "reform": "fares", "stance": "mixed"},
        ),
    ],
)
def test_who_may_give_verdicts_by_program(
    client: TestClient, headers: dict[str, str], status: int, path: str, body: Any
) -> None:
    assert client.post(path, json=body, headers=headers).status_code == status
    assert bool(client.get("/api/reviews").json()) is (status == 201)


@pytest.mark.parametrize(("path", "form"), FORMS)
def test_a_page_refuses_forms_of_strangers_readers_and_other_sites(
    client: TestClient, path: str, form: dict[str, str]
) -> None:
    assert client.post(path, data=form, headers=PAGE).status_code == 401
    token = sign_in(client, "rea")
    assert client.post(path, data={**form, "form_token": token}, headers=PAGE).status_code == 403
    token = sign_in(client, "ann")
    assert client.post(path, data=form, headers=PAGE).status_code == 403
    assert client.post(path, data={**form, "form_token": token[::-1]}, headers=PAGE).status_code == 403
    for foreign in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(path, data={**form, "form_token": token}, headers=PAGE | foreign).status_code == 403
    assert client.get("/api/reviews").json() == []
    assert client.post(path, data={**form, "form_token": token}, headers=PAGE).status_code == 200
    assert len(client.get("/api/reviews").json()) == 1


def test_a_form_token_in_the_header_is_as_good(client: TestClient) -> None:
    token = sign_in(client, "ann")
    assert client.post("/review/verdict", data=VERDICT, headers={"X-Form-Token": token}).status_code == 200
    assert client.post("/api/reviews", json=VERDICT).status_code == 403
    assert client.post("/api/reviews", json=VERDICT, headers={"X-Form-Token": token}).status_code == 201


@pytest.mark.parametrize("https", [False, True])
def test_the_cookie_is_for_this_site_and_no_script(settings: Settings, https: bool) -> None:
    with TestClient(create_app(settings.model_copy(update={"https": https}))) as client:
        answer = client.post("/review/sign-in", data={"token": TOKENS["ann"]}, follow_redirects=False)
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert ("Secure" in cookie) is https
    assert TOKENS["ann"] not in cookie


def test_a_wrong_token_does_not_sign_in(client: TestClient) -> None:
    answer = client.post("/review/sign-in", data={"token": "guess"}, headers=PAGE)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session(client: TestClient) -> None:
    token = sign_in(client, "ann")
    assert client.post("/review/sign-out", headers=PAGE).status_code == 403
    copied = client.cookies["positions_session"]
    assert client.post("/review/sign-out", data={"form_token": token}, headers=PAGE).status_code == 200
    client.cookies.set("positions_session", copied)
    assert client.get("/api/reviews/whoami").status_code == 401
    client.cookies.clear()
    assert client.post("/review/verdict", data={**VERDICT, "form_token": token}, headers=PAGE).status_code == 401


def test_no_token_shows_in_pages_logs_or_exports(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    form_token = sign_in(client, "ann")
    client.post("/review/verdict", data={**VERDICT, "form_token": form_token}, headers=PAGE)
    client.post("/api/reviews", json={"statement": SUPPORT.id, "verdict": "right"}, headers=by("bo"))
    client.post("/api/reviews", json={"verdict": "right"}, headers=by("bo"))
    paths = ("/review", f"/statements/{OPPOSE.id}", "/articles/cap-news", "/api/review", "/api/reviews", "/metrics")
    shown = [client.get(path).text for path in paths]
    shown.append(client.get("/graphs", params={"graph": f"{factory.BASE}graph/reviews"}).text)
    shown.append(caplog.text)
    assert "ann" in shown[4]
    for token in TOKENS.values():
        assert not any(token in text for text in shown)


def test_the_doubtful_statement_that_alone_carries_a_position_comes_first(client: TestClient) -> None:
    queue = client.get("/api/review").json()
    assert queue["total"] == 3
    assert queue["items"][0]["statement"]["id"] == OPPOSE.id
    assert queue["items"][0]["rank"]["alone"]
    client.post("/api/reviews", json=VERDICT, headers=by("ann"))
    left = client.get("/api/review").json()
    assert OPPOSE.id not in [each["statement"]["id"] for each in left["items"]]
    assert left["total"] == 2


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"actor": "council"}, {SUPPORT.id, AGAIN.id}),
        ({"article": "elsewhere"}, {AGAIN.id}),
        ({"stance": "oppose"}, {OPPOSE.id}),
        ({"reform": "night-buses"}, set()),
    ],
)
def test_the_queue_is_narrowed(client: TestClient, query: dict[str, str], ids: set[str]) -> None:
    found = client.get("/api/review", params=query).json()["items"]
    assert {each["statement"]["id"] for each in found} == ids


def test_a_verdict_is_given_to_the_whole_release(client: TestClient) -> None:
    token = sign_in(client, "ann")
    page = client.get("/review", params={"statement": SUPPORT.id}).text
    assert f'name="also" value="{AGAIN.id}"' in page
    form = {"statement": SUPPORT.id, "also": AGAIN.id, "verdict": "right", "form_token": token}
    assert client.post("/review/verdict", data=form).status_code == 200
    assert {each["statement"] for each in client.get("/api/reviews").json()} == {SUPPORT.id, AGAIN.id}


def test_a_missed_statement_is_shown_in_its_article_as_checked(client: TestClient) -> None:
    token = sign_in(client, "ann")
    answer = client.post("/review/missed", data={**MISSED, "form_token": token}, headers=PAGE)
    assert answer.url.path == "/articles/cap-news"
    (kept,) = client.get("/api/reviews").json()
    assert kept["quote"] == "Riders were split on night buses."
    held = client.get("/api/positions", params={"actor": "riders"}).json()["items"]
    assert [(each["reform"], each["stance"]) for each in held] == [("night-buses", "mixed")]
    assert client.get("/api/review").json()["total"] == 3


@pytest.mark.parametrize(
    ("changed", "status"), [({"words": "no one said this"}, 409), ({"words": " "}, 400), ({"actor": "stranger"}, 404)]
)
def test_a_missed_statement_must_be_found_in_the_text(client: TestClient, changed: dict[str, str], status: int) -> None:
    token = sign_in(client, "ann")
    form = MISSED | changed | {"form_token": token}
    assert client.post("/review/missed", data=form, headers=PAGE).status_code == status


def test_the_form_leads_nowhere_else(client: TestClient) -> None:
    token = sign_in(client, "ann")
    for back in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        form = {**VERDICT, "form_token": token, "back": back}
        answer = client.post("/review/verdict", data=form, follow_redirects=False)
        assert answer.headers["location"] == "/review"


def test_what_is_selected_by_review(client: TestClient) -> None:
    client.post("/api/reviews", json={"statement": SUPPORT.id, "verdict": "right"}, headers=by("ann"))
    for reviewed, ids in (("true", {SUPPORT.id}), ("false", {OPPOSE.id, AGAIN.id})):
        found = client.get("/api/statements", params={"reviewed": reviewed}).json()["items"]
        assert {each["id"] for each in found} == ids


def test_current_agreement_is_shown(client: TestClient) -> None:
    for name, verdict in (("ann", "right"), ("bo", "wrong")):
        client.post("/api/reviews", json={"statement": SUPPORT.id, "verdict": verdict}, headers=by(name))
        client.post("/api/reviews", json={"statement": OPPOSE.id, "verdict": "right"}, headers=by(name))
    told = client.get("/api/review/measures").json()
    assert told["extractor"] | {"f1": 0, "kappa": 0} == {
        "checked": 2, "right": 1, "corrected": 0, "wrong": 1, "missed": 0, "precision": 0.5, "f1": 0, "kappa": 0,
    }  # fmt: skip
    assert told["extractor"]["f1"] == pytest.approx(2 / 3)
    (pair,) = told["pairings"]
    assert (pair["first"], pair["second"], pair["both"], pair["same"]) == ("ann", "bo", 2, 1)
    assert SUPPORT.id in client.get("/review").text
    assert "People have checked 2 statements" in client.get("/reforms/fare-cap").text


def test_two_writers_at_once_lose_nothing(client: TestClient, folder: Path) -> None:
    def send(number: int) -> int:
        body = {"statement": OPPOSE.id, "verdict": "right", "note": f"note {number}"}
        return client.post("/api/reviews", json=body, headers=by("ann" if number % 2 else "bo")).status_code

    with ThreadPoolExecutor(2) as writers:
        assert set(writers.map(send, range(40))) == {201}
    kept = client.get("/api/reviews").json()
    assert [each["number"] for each in kept] == list(range(1, 41))
    assert {each["note"] for each in kept} == {f"note {number}" for number in range(40)}


def test_a_killed_server_has_kept_every_verdict_that_it_acknowledged_and_none_twice(folder: Path) -> None:
    location = folder / "store"
    acknowledged: list[str] = []
    enough = threading.Event()
    with serve(location) as server:

        def write() -> None:
            with httpx.Client(trust_env=False, headers=server.admin, timeout=30) as sender:
                for number in range(200):
                    body = {"statement": OPPOSE.id, "verdict": "right", "note": f"note {number}"}
                    try:
                        answer = sender.post(server.address + "/api/reviews", json=body)
                    except httpx.TransportError:
                        return
                    assert answer.status_code == 201
                    acknowledged.append(body["note"])
                    if len(acknowledged) == 60:
                        enough.set()

        writer = threading.Thread(target=write)
        writer.start()
        assert enough.wait(60)
        os.kill(server.pid, signal.SIGKILL)
        writer.join(30)
    assert 60 <= len(acknowledged) < 200
    with open_store(location) as store:
        notes = [review.note for review in history(store)]
    assert len(notes) == len(set(notes))
    # One more may be stored whose answer was not sent.
    assert set(acknowledged) <= set(notes) <= {*acknowledged, f"note {len(acknowledged)}"}


def test_new_names_are_decided_by_admins_alone(settings: Settings, folder: Path) -> None:
    domain = folder / "domain"
    domain.mkdir()
    (domain / "actors.csv").write_text("id,label,kind\ncouncil,City Council,organisation\n")
    (domain / "reforms.csv").write_text("id,label\nfare-cap,Fare cap\n")
    form = {"kind": "actor", "name": "Bus Watch", "decision": "new", "actor_kind": "group"}
    with TestClient(create_app(settings.model_copy(update={"domain": domain}))) as client:
        assert client.post("/review/names", data=form, headers=PAGE).status_code == 401
        token = sign_in(client, "ann")
        assert client.post("/review/names", data={**form, "form_token": token}, headers=PAGE).status_code == 403
        token = sign_in(client, "ada")
        assert client.post("/review/names", data=form, headers=PAGE).status_code == 403
        assert client.get("/review/names", params={"kind": "reform"}).status_code == 200
        assert client.post("/review/names", data={**form, "form_token": token}, headers=PAGE).status_code == 200
    assert (domain / "actors.csv").read_text().splitlines()[-1] == "bus-watch,Bus Watch,group"
    assert (domain / "actors.csv.bak").read_text().count("\n") == 2


# What no file could hold


@pytest.mark.parametrize(
    "body",
    [
        {"note": "a\x00b"},
        {"note": "a\x1bb"},
        {"note": "\ud800"},
        {"statement": "x" * 301},
        {"note": "x" * 2_001},
        {"note": float("nan")},
        {"verdict": float("nan")},
        {"\ud800": "\ud800", "statement": 1},
    ],
    ids=repr,
)
def test_characters_that_would_break_files_are_refused(client: TestClient, body: dict[str, Any]) -> None:
    headers = by("ann") | {"Content-Type": "application/json"}
    content = json.dumps(VERDICT | body)

    for path, text in (("/api/reviews", content), ("/api/reviews/batch", f"[{content}]")):
        answer = client.post(path, content=text, headers=headers)
        assert answer.status_code == 422, answer.text
    assert client.get("/api/reviews").json() == []


@pytest.mark.parametrize("speaker", ["x" * 301, "a\x00b", "\ud800", "a\ufffe"])
def test_a_speaker_has_a_name_of_printable_letters(client: TestClient, speaker: str) -> None:
    headers = by("ann") | {"Content-Type": "application/json"}
    fields = {"article": "cap-news", "start": 0, "end": 5, "actor": "riders", "reform": "night-buses"}
    body = json.dumps(fields | {"stance": "mixed", "speaker": speaker})

    assert client.post("/api/reviews/missed", content=body, headers=headers).status_code == 422


def test_a_form_with_control_characters_is_refused(client: TestClient) -> None:
    answer = client.post("/review/verdict", data=VERDICT | {"note": "a\x00b"}, headers=by("ann"))

    assert answer.status_code == 400
    assert client.get("/search?q=a%00b").status_code == 200
    assert client.get("/api/search?q=%22a%00b%22").status_code == 200
