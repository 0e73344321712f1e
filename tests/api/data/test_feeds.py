"""Feeds are valid and contain the facts of the graph."""

import csv
import io
import json
import warnings
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.data.syndication import ATOM, JSON_FEED, NEVER, Feed, FeedEntry, atom, json_feed, moment, newest
from api.queries.pool import QueryPool
from api.queries.refused import Refused
from api.settings import Settings
from graph.building import build
from graph.model import Article, Stance
from graph.store.embedded import open_store
from tests import factory

with warnings.catch_warnings():
    # It uses a deprecated module of the standard library, which does not matter here.
    warnings.simplefilter("ignore")
    import feedparser  # type: ignore[import-untyped]  # has none

BEFORE = "The council doubted the fare cap."
AFTER = "The council welcomed the fare cap."
OTHER = "Harbour Lines opposed it."
ARTICLES = (
    Article(id="early", text=BEFORE, date="2030-02"),
    Article(id="late", text=f"{AFTER} {OTHER}", date="2031-03-04", title="News & views"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = str(tmp_path_factory.mktemp("feeds") / "store")
    with open_store(folder) as store:
        build(
            store,
            factory.domain(),
            ARTICLES,
            [
                factory.statement(BEFORE, article="early", stance=Stance.OPPOSE),
                factory.statement(AFTER, article="late", start=0, concerns=("cost",)),
                factory.statement(
                    OTHER,
                    article="late",
                    start=len(AFTER) + 1,
                    actor="harbour-lines",
                    actor_label="Harbour Lines",
                    stance=Stance.OPPOSE,
                ),
            ],
        )
    app = create_app(Settings(store=folder, base_url="https://buses.example"))
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def parsed(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return feedparser.parse(text)


@pytest.mark.parametrize(
    ("address", "texts"),
    [
        ("/feeds/statements", [OTHER, AFTER, BEFORE]),
        ("/feeds/statements?reform=fare-cap&limit=1", [AFTER]),
        ("/feeds/statements?actor=harbour-lines", [OTHER]),
        ("/feeds/statements?since=2031", [OTHER, AFTER]),
        ("/feeds/changes", [f"February 2030: {BEFORE}\n\n4 March 2031: {AFTER}"]),
        ("/feeds/changes?actor=harbour-lines", []),
        ("/feeds/questions/who-opposes?reform=fare-cap", [OTHER, AFTER, BEFORE]),
    ],
)
def test_the_three_formats_have_the_same_news(client: TestClient, address: str, texts: list[str]) -> None:
    path, _, query = address.partition("?")
    found = {form: client.get(f"{path}.{form}?{query}").text for form in ("atom", "json", "csv")}

    told = {
        "atom": [entry.content[0].value for entry in parsed(found["atom"]).entries],
        "json": [item["content_text"] for item in json.loads(found["json"])["items"]],
        "csv": [row["text"] for row in csv.DictReader(io.StringIO(found["csv"], newline=""))],
    }
    assert {form: sorted(news) for form, news in told.items()} == dict.fromkeys(told, sorted(texts))


def test_a_question_without_passages_gives_its_rows(client: TestClient) -> None:
    items = client.get("/feeds/questions/which-reforms-divide.json").json()["items"]

    assert all("reform" in item["content_text"] for item in items)


def test_a_reader_of_feeds_finds_nothing_amiss(client: TestClient) -> None:
    answer = client.get("/feeds/statements.atom")
    feed = parsed(answer.text)

    assert answer.headers["content-type"].startswith("application/atom+xml")
    assert not feed.bozo
    assert feed.version == "atom10"
    assert feed.feed.title == "New statements: Buses, checked and likely statements"
    assert {link.rel for link in feed.feed.links} == {"self", "alternate"}
    entry = feed.entries[-1]
    assert entry.link.startswith("https://buses.example/statements/")
    assert entry.author == "City Council"
    assert [tag.term for tag in entry.tags] == ["Fare cap", "oppose"]


def test_atom_has_what_its_standard_asks_for(client: TestClient) -> None:
    root = ElementTree.fromstring(client.get("/feeds/changes.atom").text)

    for it in (root, *root.iter(f"{{{ATOM}}}entry")):
        assert all(it.find(f"{{{ATOM}}}{name}") is not None for name in ("id", "title", "updated"))
    assert all(entry.find(f"{{{ATOM}}}author/{{{ATOM}}}name") is not None for entry in root.iter(f"{{{ATOM}}}entry"))


def test_json_feed_has_what_its_standard_asks_for(client: TestClient) -> None:
    answer = client.get("/feeds/statements.json")
    feed = answer.json()

    assert answer.headers["content-type"].startswith("application/feed+json")
    assert (feed["version"], feed["feed_url"]) == (JSON_FEED, "https://buses.example/feeds/statements.json")
    assert len({item["id"] for item in feed["items"]}) == 3
    assert all(isinstance(item["content_text"], str) and item["url"].startswith("https://") for item in feed["items"])
    assert feed["items"][-1]["date_published"] == "2030-02-01T00:00:00Z"


def test_nothing_is_sent_twice_while_the_graph_is_the_same(client: TestClient) -> None:
    first = client.get("/feeds/statements.atom")
    again = client.get("/feeds/statements.atom", headers={"If-None-Match": first.headers["etag"]})
    other = client.get("/feeds/statements.atom?limit=1", headers={"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content, other.status_code) == (304, b"", 200)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/feeds/statements.rss", 404),
        ("/feeds/statements.atom?actor=absent", 404),
        ("/feeds/changes.atom?reform=nothing", 404),
        ("/feeds/questions/no-such.atom", 404),
        ("/feeds/questions/who-opposes.atom", 400),
        ("/feeds/statements.atom?since=yesterday", 400),
    ],
)
def test_an_impossible_feed_is_refused(client: TestClient, address: str, status: int) -> None:
    assert client.get(address).status_code == status


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2031-03-04", "2031-03-04T00:00:00Z"),
        ("2031-03", "2031-03-01T00:00:00Z"),
        ("2031", "2031-01-01T00:00:00Z"),
        ("", NEVER),
    ],
)
def test_a_date_becomes_a_moment(date: str, expected: str) -> None:
    assert moment(date) == expected


@pytest.mark.parametrize(
    "address",
    ["/feeds/questions/who-opposes.atom?reform=fare-cap", "/api/questions/who-opposes?reform=fare-cap&format=json"],
)
def test_a_question_that_takes_too_long_is_ended(
    client: TestClient, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_long(*given: object, **more: object) -> None:
        raise Refused(503, "the query took longer than 10 seconds")

    monkeypatch.setattr(QueryPool, "ask", too_long)

    answer = client.get(address)

    assert (answer.status_code, answer.json()["detail"]) == (503, "the query took longer than 10 seconds")


def test_characters_that_xml_forbids_are_replaced() -> None:
    entry = FeedEntry(id="urn:x", title="a\x0cb", url="https://x.example/", text="\ud800<&>")

    feed = parsed(atom(Feed(id="urn:f", title="F", url="https://x", address="https://f", entries=(entry,))).decode())

    assert (feed.bozo, feed.entries[0].title, feed.entries[0].content[0].value) == (False, "a\ufffdb", "\ufffd<&>")


def test_a_feed_of_nothing_is_a_feed() -> None:
    empty = Feed(id="urn:f", title="F", url="https://x", address="https://f", entries=())

    assert not parsed(atom(empty).decode()).bozo
    assert json.loads(json_feed(empty))["items"] == []


def test_the_newest_come_first_and_no_more_than_asked() -> None:
    entries = [
        FeedEntry(id=date, title="", url="", text="", date=date) for date in ("2030", "2031-05", "2031-02-01", "")
    ]

    assert [entry.id for entry in newest(entries, 3)] == ["2031-05", "2031-02-01", "2030"]
