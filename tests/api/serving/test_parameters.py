"""A parameter that an address does not have is refused: a misspelt filter must not return everything."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.store.embedded import open_store
from tests import factory

STATEMENT = factory.statement(speaker="Ada Quill", concerns=("access",))
SILENT = factory.statement("Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines")
HREF = re.compile(r'(?:href|src|action|data-picture)="(/[^"#]*)')


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("parameters")
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article()], [STATEMENT, SILENT])
    with TestClient(create_app(Settings(store=str(folder), query_workers=1)), follow_redirects=False) as http:
        yield http


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("/api/statements?actr=council", "actor"),
        ("/api/reforms?stanse=support", "limit"),
        ("/api/reforms/fare-cap?stanse=support", "stance"),
        ("/api/network?reform=fare-cap", "reforms"),
        ("/api/questions/who-stands-where?reform=fare-cap&actr=council", "reform"),
        ("/api/export/csv?stance=support", "standing"),
        ("/api/briefings/fare-cap?form=md", "format"),
        ("/api/openapi.json?x=1", "as_of"),
        ("/feeds/statements.atom?actr=council", "actor"),
        ("/feeds/questions/who-stands-where.json?reform=fare-cap&actr=council", "reform"),
        ("/api/review?actr=council", "actor"),
        ("/health?x=1", "as_of"),
        ("/id/actor/council?from=here", "format"),
        ("/data/actor/council?from=here", "format"),
        ("/.well-known/void?from=here", "format"),
    ],
)
def test_http_an_unknown_parameter_names_the_known_ones(client: TestClient, address: str, known: str) -> None:
    answer = client.get(address)

    assert answer.status_code == 422
    assert "There is no parameter" in answer.text
    assert known in answer.text.partition("The parameters are:")[2]


@pytest.mark.parametrize(
    "address",
    [
        *("/?x=1", "/reforms?actr=council", "/reforms/fare-cap?x=1", "/actors/council?x=1", "/articles?x=1"),
        *("/articles/cap-news?x=1", f"/statements/{STATEMENT.id}?x=1", "/search?actr=council", "/ask?q=a&x=1"),
        *("/agreement?actor=council", "/compare?actr=council", "/changes?x=1", "/data?x=1", "/versions?x=1"),
        *("/review?x=1", "/review/names?x=1", "/query?x=1", "/pictures/network?x=1", "/as-of/1/reforms?x=1"),
    ],
)
def test_http_an_unknown_parameter_of_a_page_is_named_on_a_page(client: TestClient, address: str) -> None:
    answer = client.get(address.replace("/as-of/1", ""), headers={"Accept": "text/html"})

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")
    assert "There is no parameter" in answer.text


def test_http_a_near_name_is_suggested(client: TestClient) -> None:
    (fault,) = client.get("/api/statements?actr=council").json()["detail"]

    assert fault["loc"] == ["query", "actr"]
    assert "There is no parameter 'actr' here. Did you mean 'actor'?" in fault["msg"]


@pytest.mark.parametrize("address", ["/sparql?query=ASK{}&whatever=1", "/graphs?default&whatever=1"])
def test_http_the_protocols_of_sparql_take_further_parameters(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 200


def test_http_no_link_of_ours_has_an_unknown_parameter(client: TestClient) -> None:
    """Follow every link from the home page, two steps deep."""
    seen: dict[str, int] = {}
    new = {
        "/",
        "/search?actor=council&stance=support",
        "/agreement?since=2031",
        "/compare?actor=council",
        "/changes?since=2031",
    }
    for _ in range(3):
        found: set[str] = set()
        for address in sorted(new):
            answer = client.get(address, headers={"Accept": "text/html"})
            seen[address] = answer.status_code
            if answer.headers.get("content-type", "").startswith("text/html"):
                found |= {each.replace("&amp;", "&") for each in HREF.findall(answer.text)}
        new = {each for each in found - set(seen) if not each.startswith(("/static", "/api/export", "/pictures/bokeh"))}

    assert [address for address, status in seen.items() if status == 422] == []
    assert len(seen) > 60


@pytest.mark.parametrize("address", ["/api/statements", "/api/positions", "/api/actors"])
def test_http_statements_are_selected_by_who_speaks(client: TestClient, address: str) -> None:
    assert client.get(address).json()["total"] >= 2
    assert client.get(address, params={"speaker": "Ada Quill"}).json()["total"] == 1
    assert client.get(address, params={"speaker": "Ada"}).json()["total"] == 0


def test_http_a_speaker_can_be_chosen_on_pages_feeds_and_downloads(client: TestClient) -> None:
    page = {"Accept": "text/html"}
    asked = {"speaker": "Ada Quill"}

    assert "/search?speaker=Ada+Quill" in client.get("/search", headers=page).text
    chosen = client.get("/search", params=asked, headers=page).text
    assert "1 statement." in chosen.lower()
    assert "Speaker: <bdi>Ada Quill</bdi>" in chosen
    assert "/search?actor=council&amp;speaker=Ada+Quill" in client.get("/actors/council", headers=page).text
    assert len(client.get("/feeds/statements.json", params=asked).json()["items"]) == 1
    assert len(client.get("/api/statements", params=asked | {"format": "jsonl"}).text.splitlines()) == 1
