"""An earlier version over HTTP: its data, links within it, and no writing."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.serving.as_of import within
from api.settings import Settings
from graph.building import build
from graph.model import Stance
from graph.store.embedded import open_store
from graph.versions import builds as versions
from graph.versions.builds import Version
from tests import factory

TOKEN = "a token for tests"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
PAGE = {"Accept": "text/html"}
FIRST = factory.statement()
OPPOSED = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
COUNT = "SELECT (COUNT(?s) AS ?n) WHERE { ?s a <https://positions.example/ontology#Statement> }"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Two builds, of one statement and of two."""
    folder = tmp_path_factory.mktemp("as-of") / "store"
    with open_store(folder) as store:
        for number, statements in enumerate(([FIRST], [FIRST, OPPOSED]), 1):
            build(store, factory.domain(), [factory.article()], statements)
            versions.keep(store, at_most=5, now=datetime(2031, 3, number, 9, 30, tzinfo=UTC))
    settings = Settings(store=str(folder), admin_token=TOKEN, query_workers=1)  # type: ignore[arg-type]  # a secret of it
    with TestClient(create_app(settings), follow_redirects=False) as http:
        yield http


@pytest.mark.parametrize(
    "address", ["/as-of/1/sparql?query={}", "/sparql?as_of=1&query={}", "/sparql?query={}&as_of=1"]
)
def test_sparql_answers_from_the_version(client: TestClient, address: str) -> None:
    def count(where: str) -> str:
        answer = client.get(where, params=None, headers={"Accept": "text/csv"})
        assert answer.status_code == 200, answer.text
        return answer.text.split()[1]

    query = COUNT.replace(" ", "%20").replace("?", "%3F").replace("#", "%23")
    assert count(address.format(query)) == "1"
    assert count(f"/sparql?query={query}") == "2"


def test_a_long_query_is_posted_to_the_version(client: TestClient) -> None:
    answer = client.post("/as-of/1/sparql", data={"query": COUNT}, headers={"Accept": "text/csv"})

    assert answer.text.split()[1] == "1"


@pytest.mark.parametrize(
    ("path", "then", "now"),
    [
        ("/api/statements", 200, 200),
        (f"/api/statements/{OPPOSED.id}", 404, 200),
        (f"/statements/{OPPOSED.id}", 404, 200),
        ("/api/briefings/fare-cap?format=md", 200, 200),
        ("/feeds/statements.json", 200, 200),
        (f"/data/statement/{OPPOSED.id}", 404, 200),
        ("/api/network", 200, 200),
        ("/search?q=opposed", 200, 200),
        ("/", 200, 200),
    ],
)
def test_each_way_in_shows_what_was_there_then(client: TestClient, path: str, then: int, now: int) -> None:
    joined = "&" if "?" in path else "?"
    answers = [client.get(where) for where in (f"/as-of/1{path}", f"{path}{joined}as_of=1", path)]

    assert [each.status_code for each in answers] == [then, then, now]
    if then == 200 and "network" not in path:
        assert ["Harbour Lines opposed it" in each.text for each in answers] == [False, False, True]


def test_a_page_says_which_version_it_is_and_leads_on_within_it(client: TestClient) -> None:
    answer = client.get("/as-of/1/reforms/fare-cap", headers=PAGE)
    links = {unescape(link) for link in re.findall(r'<a [^>]*href="(/[^"]*)"', answer.text)}

    assert "As of version 1, built on" in answer.text
    assert "1 March 2031 at 09:30 UTC" in answer.text
    assert "/as-of/1/actors/council" in links
    # Links out of the version: the current page, the list, the documentation, reviewing.
    outside = {link for link in links if not link.startswith("/as-of/1/")}
    assert outside == {"/reforms/fare-cap", "/versions", "/review", "/api/docs"}
    for link in links:
        there = client.get(link, headers=PAGE)
        assert there.status_code == 200 or there.headers["location"].startswith("/as-of/1/data/"), link


def test_headers_say_which_version_it_is(client: TestClient) -> None:
    answer = client.get("/as-of/1/api/reforms", params={"limit": "1"})

    assert answer.headers["memento-datetime"] == "Sat, 01 Mar 2031 09:30:00 GMT"
    assert '</api/reforms>; rel="original latest-version"' in answer.headers["link"]
    assert answer.json()["next"] == "/as-of/1/api/reforms?limit=1&offset=1"


@pytest.mark.parametrize("day", ["2031-03-01", "2031-03-02T09:29:59Z"])
def test_a_time_leads_to_the_version_of_then(client: TestClient, day: str) -> None:
    answer = client.get(f"/as-of/{day}/actors?limit=5")

    assert (answer.status_code, answer.headers["location"]) == (302, "/as-of/1/actors?limit=5")
    assert client.get("/api/statements", params={"as_of": day}).json()["total"] == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/as-of/7/", 404),
        ("/as-of/7/api/reforms", 404),
        ("/api/reforms?as_of=7", 404),
        ("/sparql?query=ASK%7B%7D&as_of=2030-01-01", 404),
        ("/as-of/x/reforms", 400),
        ("/as-of/1/nothing", 404),
    ],
)
def test_what_is_not_kept_is_one_sentence(client: TestClient, path: str, status: int) -> None:
    as_json, as_page = client.get(path), client.get(path, headers=PAGE)

    assert (as_json.status_code, as_page.status_code) == (status, status)
    if "nothing" not in path:
        assert "version" in as_json.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        ("POST", "/as-of/1/sparql", {"data": {"update": "CLEAR ALL"}}),
        ("POST", "/sparql?as_of=1", {"data": {"update": "CLEAR ALL"}}),
        ("POST", "/as-of/1/sparql", {"content": "CLEAR ALL", "headers": {"Content-Type": "application/sparql-update"}}),
        ("PUT", "/as-of/1/graphs?default", {"content": ""}),
        ("DELETE", "/graphs?default&as_of=1", {}),
        ("POST", "/as-of/1/api/reviews", {"json": {"statement": FIRST.id, "verdict": "correct"}}),
        ("POST", "/as-of/1/review/verdict", {"data": {"statement": FIRST.id, "verdict": "correct"}}),
        ("POST", "/as-of/1/api/versions", {}),
    ],
)
def test_nothing_is_written_to_a_version(
    client: TestClient, method: str, path: str, options: dict[str, dict[str, str]]
) -> None:
    headers = ADMIN | options.pop("headers", {})
    answer = client.request(method, path, headers=headers, **options)  # type: ignore[arg-type]  # as each case says

    assert answer.status_code == 405
    assert "cannot be changed" in answer.text or "stay" in answer.text
    assert answer.headers["allow"]
    assert client.get("/api/statements", params={"as_of": "1"}).json()["total"] == 1
    assert client.get("/api/statements").json()["total"] == 2


def test_the_versions_are_listed(client: TestClient) -> None:
    told = client.get("/api/versions").json()
    page = client.get("/versions").text

    assert [each["number"] for each in told["items"]] == [2, 1]
    assert not told["changed"]
    assert all(f'href="/as-of/{number}/"' in page for number in (1, 2))


def test_an_operator_can_keep_a_version_of_a_running_service(client: TestClient, tmp_path: Path) -> None:
    shutil.copytree(client.app.state.store.folder, tmp_path / "store", ignore=shutil.ignore_patterns("copies"))  # type: ignore[attr-defined]  # of FastAPI
    settings = Settings(store=str(tmp_path / "store"), admin_token=TOKEN, versions=2)  # type: ignore[arg-type]  # a secret
    with TestClient(create_app(settings)) as http:
        assert http.get("/as-of/1/api/statements").json()["total"] == 1
        update = "INSERT DATA { GRAPH <https://a.example/g> { <https://a.example/a> <https://a.example/b> 1 } }"
        http.post("/sparql", data={"update": update}, headers=ADMIN)
        assert http.post("/api/versions").status_code == 401
        assert http.post("/api/versions", headers=ADMIN).json()["number"] == 3

        assert [each["number"] for each in http.get("/api/versions").json()["items"]] == [3, 2]
        assert http.get("/as-of/1/api/statements").status_code == 404
        assert http.get("/as-of/3/api/statements").json()["total"] == 2


@pytest.mark.parametrize(
    ("tag", "made"),
    [
        ('<a href="/actors">', '<a href="/as-of/3/actors">'),
        ('<form action="/search" method="get">', '<form action="/as-of/3/search" method="get">'),
        ('<figure data-picture="/api/network">', '<figure data-picture="/as-of/3/api/network">'),
        ('<a class="x" href="/as-of/2/actors">', '<a class="x" href="/as-of/2/actors">'),
        ('<link href="/static/site.css">', '<link href="/static/site.css">'),
        ('<a href="https://a.example/x">', '<a href="https://a.example/x">'),
        ('<a href="//a.example/x">', '<a href="//a.example/x">'),
        ('<a href="/actors" data-newest>', '<a href="/actors" data-newest>'),
        ('<p>say href="/actors"</p>', '<p>say href="/actors"</p>'),
    ],
)
def test_links_of_a_page(tag: str, made: str) -> None:
    version = Version(
        number=3, built="2031-03-01T09:30:00Z", articles=1, statements=1, positions=1, quads=1, sha256="", state=""
    )
    assert within(tag, version) == made
