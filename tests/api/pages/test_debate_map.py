"""The debate map keeps every actor at its place, and its ties follow the filters."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Stance
from graph.store.embedded import open_store
from tests import factory

SIDES = (
    ("council", "fare-cap", Stance.SUPPORT, "early"),
    ("council", "night-buses", Stance.SUPPORT, "late"),
    ("riders", "fare-cap", Stance.SUPPORT, "early"),
    ("riders", "night-buses", Stance.SUPPORT, "late"),
    ("harbour-lines", "fare-cap", Stance.OPPOSE, "late"),
    ("ada-quill", "fares", Stance.SUPPORT, "late"),
)
STATEMENTS = [
    factory.statement(article=article, start=number, actor=actor, actor_label=actor.title(), reform=reform, stance=side)
    for number, (actor, reform, side, article) in enumerate(SIDES)
]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = str(tmp_path_factory.mktemp("map") / "store")
    articles = [
        factory.article(id=id, date=date, text=factory.TEXT[:34] * 3)
        for id, date in (("early", "2030"), ("late", "2031-06"))
    ]
    statements = [
        factory.statement(
            articles[0].text[each.start : each.start + 30],
            start=each.start,
            article=each.article,
            actor=each.actor,
            actor_label=each.actor_label,
            reform=each.reform,
            stance=each.stance,
        )
        for each in STATEMENTS
    ]
    with open_store(folder) as store:
        build(store, factory.domain(), articles, statements)
    with TestClient(create_app(Settings(store=folder)), base_url="http://127.0.0.1") as client:
        yield client


def shown(client: TestClient, **asked: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/map", params=asked).json()
    return found


def ties(found: dict[str, Any]) -> set[tuple[str, ...]]:
    return {(*sorted((tie["a"], tie["b"])), tie["kind"]) for tie in found["ties"]}


def test_ties_are_of_agreement_or_of_conflict(client: TestClient) -> None:
    found = shown(client)
    assert ties(found) == {
        ("council", "riders", "agree"),
        ("council", "harbour-lines", "conflict"),
        ("harbour-lines", "riders", "conflict"),
    }
    assert found["says"] == "3 actors with ties: 1 tie of agreement, 2 of conflict. 1 actor without ties."
    assert (found["first"], found["last"]) == ("2030", "2031-06")
    assert found["words"]["supports"] == "supports"
    assert found["signs"]["oppose"] == "−"


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"ties": "conflict"}, {("council", "harbour-lines", "conflict"), ("harbour-lines", "riders", "conflict")}),
        ({"at_least": "2"}, {("council", "riders", "agree")}),
        ({"until": "2030"}, {("council", "riders", "agree")}),
        ({"standing": "checked"}, set()),
    ],
)
def test_a_filter_changes_ties_and_leaves_actors_at_their_places(
    client: TestClient, asked: dict[str, str], expected: set[tuple[str, ...]]
) -> None:
    places = {node["id"]: (node["x"], node["y"]) for node in shown(client)["nodes"]}
    found = shown(client, **asked)
    assert ties(found) == expected
    assert {node["id"]: (node["x"], node["y"]) for node in found["nodes"]}.items() <= places.items()
    tied = {end for tie in found["ties"] for end in (tie["a"], tie["b"])}
    assert {node["id"] for node in found["nodes"] if node["tied"]} == tied


def test_a_highlighted_reform_gives_each_actor_its_side(client: TestClient) -> None:
    sides = {node["id"]: node["side"] for node in shown(client, highlight="fare-cap")["nodes"]}
    assert sides == {"council": "support", "riders": "support", "harbour-lines": "oppose", "ada-quill": None}
    before = {node["id"]: node["side"] for node in shown(client, highlight="fare-cap", until="2030")["nodes"]}
    assert "oppose" not in before.values()


@pytest.mark.parametrize(
    ("asked", "status"), [({"ties": "love"}, 400), ({"mode": "reforms"}, 400), ({"highlight": "nothing"}, 404)]
)
def test_what_the_map_cannot_show_is_refused(client: TestClient, asked: dict[str, str], status: int) -> None:
    answer = client.get("/api/map", params=asked)
    assert answer.status_code == status
    assert set(answer.json()) == {"detail"}


def test_the_library_comes_from_this_service(client: TestClient) -> None:
    page = client.get("/agreement?ties=conflict&highlight=fare-cap&chosen=council").text
    assert 'src="/pictures/d3/d3.v7.min.def.js"' in page
    assert "d3js.org" in client.get("/pictures/d3/d3.v7.min.def.js").text
    assert "&ties=" not in page.partition("alternates")[2]
