"""Short names in tables and pictures, verbs that agree with groups, and articles without an owner."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings
from graph.building import build
from graph.domain.tables import actors, reforms
from graph.model import Stance
from graph.names import is_plural
from graph.records import articles_beside, write_articles, write_statements
from graph.store.embedded import open_store
from tests import factory

RIDERS = factory.statement(
    "Riders were split on night buses.", actor="riders", actor_label="Riders", stance=Stance.OPPOSE
)
FOUND = [factory.statement(), factory.statement("Harbour Lines opposed it.", actor="harbour-lines"), RIDERS]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("short")
    made = factory.domain()
    council = replace(made.actors["council"], short="CC", aliases=("CC",))
    cap = replace(made.reforms["fare-cap"], short="FC", aliases=("FC",))
    made = replace(made, actors={**made.actors, "council": council}, reforms={**made.reforms, "fare-cap": cap})
    with open_store(folder) as store:
        build(store, made, [factory.article(unowned=True)], FOUND)
    with TestClient(create_app(Settings(store=str(folder)))) as running:
        yield running


def test_tables_give_the_short_names(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("id,label,short\ncouncil,City Council,CC;the CC\n", encoding="utf-8")
    (tmp_path / "reforms.csv").write_text("id,label,short\ncap,Fare cap,\n", encoding="utf-8")
    (council,) = (each.thing for each in actors(tmp_path / "actors.csv"))
    (cap,) = (each.thing for each in reforms(tmp_path / "reforms.csv"))
    assert (council.short, council.aliases, cap.short) == ("CC", ("CC", "the CC"), "")


def test_the_matrix_and_the_network_use_short_names(client: TestClient) -> None:
    page = client.get("/agreement").text
    assert '<a href="/actors/council" title="City Council"><bdi>CC</bdi></a>' in page
    assert '<a href="/reforms/fare-cap" title="Fare cap"><bdi>FC</bdi></a>' in page
    assert '<a href="/actors/harbour-lines">' in page
    picture = client.get("/api/pictures/network.svg?resamples=0&at_least=1").text
    assert "CC" in picture
    nodes = {each["id"]: each["short"] for each in client.get("/api/matrix").json()["actors"]}
    assert nodes["council"] == "CC"


def test_pages_of_things_keep_the_full_name(client: TestClient) -> None:
    assert "<h1><bdi>City Council</bdi></h1>" in client.get("/actors/council").text


@pytest.mark.parametrize(
    ("name", "plural"),
    [
        ("Riders", True),
        ("Young people", True),
        ("Children in the city", True),
        ("Respondents to the consultation", True),
        ("The public", False),
        ("Business", False),
        ("A panel of drivers", False),
    ],
)
def test_a_groups_name_may_be_in_the_plural(name: str, plural: bool) -> None:
    assert is_plural(name) is plural


def test_verbs_agree_with_groups(client: TestClient) -> None:
    riders = client.get(f"/statements/{RIDERS.id}").text
    council = client.get(f"/statements/{FOUND[0].id}").text
    assert "</bdi></a> oppose <a" in riders or "</bdi></a> criticise <a" in riders or "</bdi></a> have " in riders
    assert "</bdi></a> supports <a" in council or "</bdi></a> speaks in favour" in council


def test_the_front_page_names_articles_without_an_owner(client: TestClient) -> None:
    page = client.get("/").text
    assert "1 article speaks as “we”, and nothing says for whom" in page
    assert "<code>cap-news,ACTOR</code>" in page
    assert client.get("/api").json()["unowned"] == ["cap-news"]


def test_status_names_articles_without_an_owner(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("id,label\ncouncil,City Council\n", encoding="utf-8")
    (tmp_path / "reforms.csv").write_text("id,label\nfare-cap,Fare cap\n", encoding="utf-8")
    statements = tmp_path / "s.jsonl"
    write_statements(statements, [])
    write_articles(articles_beside(statements), [factory.article(unowned=True), factory.article(id="b")])
    given = ["status", str(tmp_path), "--statements", str(statements), "--store", str(tmp_path / "none")]
    done = CliRunner().invoke(app, given)
    assert done.exit_code == 0, done.output
    assert "article cap-news speaks as 'we', and nothing says for whom; give the owner in" in done.output
    assert "cap-news,ACTOR" in done.output
