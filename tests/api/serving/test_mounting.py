"""HTTP as proxies and clients expect it: HEAD wherever GET works, and addresses under the path of another site."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.serving.links import moved
from api.serving.mounting import path_of
from api.settings import Settings
from graph.building import build
from graph.store.embedded import open_store
from graph.versions import builds as versions
from tests import factory

TOKEN = "a token for tests"
PAGE = {"Accept": "text/html"}
STATEMENT = factory.statement(speaker="Ada Quill")
ADDRESS = re.compile(r"""\s(?:href|action|src)=["'](/[^"']*)["']""")
EVERY = (
    *("/", "/reforms", "/reforms/fare-cap", "/actors/council", "/articles/cap-news", f"/statements/{STATEMENT.id}"),
    *("/ask?q=who+supports+the+fare+cap", "/search?q=council", "/query", "/compare", "/changes", "/agreement", "/data"),
    *(
        "/versions",
        "/review",
        "/api/docs",
        "/api/docs/try",
        "/api/docs/start.js",
        "/api/openapi.json",
        "/static/site.css",
    ),
    *("/api", "/api/reforms", "/api/actors/council", "/api/statements", "/api/statements?format=csv", "/api/positions"),
    *("/api/network", "/api/network?format=gexf", "/api/matrix", "/api/pictures/network.svg", "/pictures/network"),
    *("/api/questions", "/api/questions/who-stands-where?reform=fare-cap", "/api/briefings/fare-cap?format=html"),
    *("/api/export", "/api/export/csv", "/api/export/turtle", "/api/versions", "/feeds/statements.atom"),
    *("/feeds/changes.json", "/feeds/questions/who-stands-where.csv?reform=fare-cap", "/health", "/ready", "/metrics"),
    *("/sparql", "/graphs", "/data/actor/council", "/.well-known/void", "/as-of/1/reforms", "/reforms?as_of=1"),
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mounted") / "store"
    with open_store(made) as store:
        build(store, factory.domain(), [factory.article()], [STATEMENT])
        versions.keep(store, at_most=2)
    return made


@contextmanager
def served(folder: Path, client: str = "127.0.0.1", **settings: str) -> Iterator[TestClient]:
    # One application at a time may hold a graph.
    copy = folder.with_name("-".join((folder.name, client, *settings.values())).replace("/", "-"))
    shutil.copytree(folder, copy)
    made = Settings(store=str(copy), admin_token=TOKEN, query_workers=1, **settings)  # type: ignore[arg-type]
    with TestClient(create_app(made), client=(client, 4711), follow_redirects=False) as http:
        yield http


@pytest.fixture(scope="module")
def plain(folder: Path) -> Iterator[TestClient]:
    with served(folder) as http:
        yield http


@pytest.fixture(scope="module")
def below(folder: Path) -> Iterator[TestClient]:
    with served(folder, base_url="https://gov.example/positions") as http:
        yield http


@pytest.mark.parametrize("address", EVERY)
def test_http_head_answers_as_get_does_without_a_body(plain: TestClient, address: str) -> None:
    got, head = plain.get(address), plain.head(address)

    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.status_code == 200, head.headers
    assert head.headers["content-type"] == got.headers["content-type"]


def test_http_head_of_an_absent_thing_is_404_and_of_a_form_405(plain: TestClient) -> None:
    assert plain.head("/actors/unknown").status_code == 404
    assert plain.head("/review/sign-in").status_code == 405


def test_http_head_is_answered_from_the_kept_page(plain: TestClient) -> None:
    tag = plain.get("/actors", headers=PAGE).headers["etag"]

    assert plain.head("/actors", headers=PAGE).headers["etag"] == tag


@pytest.mark.parametrize("kept", ["", "/positions"], ids=["removed by the proxy", "left by the proxy"])
@pytest.mark.parametrize(
    "address", [each for each in EVERY if each.startswith("/as-of") or not each.startswith(("/api/", "/feeds"))]
)
def test_http_every_address_on_a_page_is_under_the_path(below: TestClient, address: str, kept: str) -> None:
    answer = below.get(kept + address, headers=PAGE)

    if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
        found = ADDRESS.findall(answer.text)
        assert found
        assert [each for each in found if not each.startswith("/positions/")] == []
        assert "/positions/positions" not in answer.text


def test_http_every_address_on_a_page_under_the_path_leads_somewhere(below: TestClient) -> None:
    seen = {"/positions/"}
    for page in ("/", "/reforms/fare-cap", "/actors/council", "/agreement", "/data", "/as-of/1/actors/council"):
        found = ADDRESS.findall(below.get(page, headers=PAGE).text)
        seen |= {each.replace("&amp;", "&").partition("#")[0] for each in found}

    wrong = {each: status for each in sorted(seen) if (status := below.head(each).status_code) not in (200, 303)}
    assert wrong == {}


def test_http_redirects_and_cookies_stay_under_the_path(below: TestClient) -> None:
    signed = below.post("/review/sign-in", data={"token": TOKEN})
    thing = below.get("/id/actor/council", headers=PAGE)
    slash = below.get("/compare/")
    version = below.get(f"/as-of/{datetime.now(UTC).date()}/reforms", headers=PAGE)

    assert signed.headers["location"] == "/positions/review"
    assert "path=/positions/" in signed.headers["set-cookie"].lower()
    assert thing.headers["location"] == "/positions/actors/council"
    assert slash.headers["location"] == "/positions/compare"
    assert version.headers["location"] == "/positions/as-of/1/reforms"


def test_http_json_feeds_and_the_description_name_the_path(below: TestClient) -> None:
    assert below.get("/api/openapi.json").json()["servers"] == [{"url": "https://gov.example/positions"}]
    assert below.get("/api/actors?limit=1").json()["next"].startswith("/positions/api/actors?")
    assert below.get("/api/actors?limit=1&as_of=1").json()["next"].startswith("/positions/as-of/1/api/actors?")
    assert below.get("/api/export").json()[0]["url"].startswith("https://gov.example/positions/api/export/")
    feed = below.get("/feeds/statements.json").json()
    assert feed["feed_url"] == "https://gov.example/positions/feeds/statements.json"
    assert feed["items"][0]["url"] == f"https://gov.example/positions/statements/{STATEMENT.id}"


def test_http_a_trusted_proxy_may_name_the_path(plain: TestClient) -> None:
    page = plain.get("/reforms", headers=PAGE | {"X-Forwarded-Prefix": "/buses"})
    description = plain.get("/api/openapi.json", headers={"X-Forwarded-Prefix": "/buses/"})

    assert 'href="/buses/reforms/fare-cap"' in page.text
    assert 'href="/reforms/fare-cap"' in plain.get("/reforms", headers=PAGE).text
    assert description.json()["servers"] == [{"url": "/buses"}]
    assert "servers" not in plain.get("/api/openapi.json").json()
    several = plain.get("/reforms", headers=PAGE | {"X-Forwarded-Prefix": "/city, /buses"})
    assert 'href="/city/buses/reforms/fare-cap"' in several.text


@pytest.mark.parametrize("given", ['/"><script>', "//evil.example", "/a\\b", "javascript:", "/a b", "/"])
def test_http_a_path_that_is_none_is_passed_over(plain: TestClient, given: str) -> None:
    page = plain.get("/reforms", headers=PAGE | {"X-Forwarded-Prefix": given})

    assert page.text == plain.get("/reforms", headers=PAGE).text or "evil.example/reforms" in page.text
    assert "<script>" not in page.text
    assert 'href="//' not in page.text


def test_http_nobody_else_may_name_the_path(folder: Path) -> None:
    with served(folder, client="192.0.2.7") as http:
        page = http.get("/reforms", headers=PAGE | {"X-Forwarded-Prefix": "/buses", "X-Forwarded-For": "127.0.0.1"})

    assert 'href="/reforms/fare-cap"' in page.text


def test_http_the_setting_counts_before_the_header(below: TestClient) -> None:
    page = below.get("/reforms", headers=PAGE | {"X-Forwarded-Prefix": "/buses"})

    assert 'href="/positions/reforms/fare-cap"' in page.text


def test_http_a_path_like_one_of_ours_is_never_taken_away(folder: Path) -> None:
    with served(folder, base_url="https://gov.example/api") as http:
        assert http.get("/api/reforms").json()["total"] == 3
        assert json.loads(http.get("/api").text)["reforms"]
        assert 'href="/api/api/reforms"' in http.get("/reforms", headers=PAGE).text


def test_http_sparql_knows_its_public_address(below: TestClient) -> None:
    query = "SELECT (<x> AS ?it) {}"

    told = below.get("/sparql", params={"query": query}, headers={"Accept": "text/csv"}).text.split()[1]
    assert urlsplit(told).path == "/positions/x"


def test_http_addresses_in_text_and_of_others_stay() -> None:
    page = '<p data-x="1">/reforms</p><a href="https://a.example/b">x</a><a href="//c.example">y</a><a href="/d">z</a>'

    assert moved(page, "/p") == page.replace('"/d"', '"/p/d"')
    assert path_of("https://gov.example/positions/") == "/positions"
