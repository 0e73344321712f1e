"""The page of accuracy shows the figures of `positions evaluate`, and leads to each miss and each error."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings
from extract.documents.reading import documents, read
from graph.building import build
from graph.domain.folder import Domain, read_domain
from graph.model import Article, Stance, Statement
from graph.records import articles_beside, write_articles, write_statements
from graph.reviewing.by_hand import FILE, apply_hand_coding, read_hand_coding
from graph.reviewing.reviews import Review, Verdict
from graph.reviewing.reviews import record as give
from graph.store.embedded import open_store
from tests import factory

ROOT = Path(__file__).parents[3]
READER = "local 9"


@dataclass(frozen=True, kw_only=True)
class Served:
    """A domain with hand coding and invented readings of it, and a client of its service."""

    folder: Path
    statements: Path
    client: TestClient
    store: Path


def readings(domain: Domain, articles: list[Article]) -> list[Statement]:
    """Readings that miss some of the coding and get some of it wrong, each with another confidence."""
    made = []
    for number, each in enumerate(read_hand_coding(domain, articles).statements):
        if number % 3 == 0:
            continue
        changed = replace(each, reader=READER, confidence=round((number * 37 % 100) / 100, 2))
        if number % 5 == 0:
            changed = replace(changed, stance=Stance.OPPOSE if each.stance is Stance.SUPPORT else Stance.SUPPORT)
        if number % 7 == 0:
            changed = replace(changed, start=each.start, end=each.end - 4, quote=each.quote[:-4])
        if number % 11 == 0:
            changed = replace(changed, actor="unknown-body", actor_label="Unknown Body")
        made.append(changed)
    return made


@pytest.fixture(scope="module", params=["buses", "shipped"])
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(request.param) / "domain"
    if request.param == "buses":
        shutil.copytree(ROOT / "tests" / "domains" / "buses", folder)
        (folder / "gold.jsonl").rename(folder / FILE)
    else:
        shutil.copytree(ROOT / "corpus" / "childrens-social-care", folder)
    domain = read_domain(folder)
    articles = [read(path, info) for path, info in documents(domain)]
    found = readings(domain, articles)
    statements = folder / "statements.jsonl"
    write_statements(statements, found)
    write_articles(articles_beside(statements), articles)
    store = folder / "store"
    with open_store(store) as graph:
        build(graph, domain, articles, found)
        apply_hand_coding(graph, domain, articles, found)
    with TestClient(create_app(Settings(store=str(store)))) as client:
        yield Served(folder=folder, statements=statements, client=client, store=store)


def evaluated(served: Served, *options: str) -> str:
    done = CliRunner().invoke(app, ["evaluate", str(served.folder), str(served.statements), *options])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_the_figures_are_those_of_evaluate_to_the_digit(served: Served) -> None:
    told = served.client.get("/api/accuracy").json()
    wanted = json.loads(evaluated(served, "--json"))
    assert told["articles"] == len(list(documents(read_domain(served.folder))))
    for name in ("position", "pair", "statement"):
        assert {key: told["overall"][name][key] for key in wanted[name]} == wanted[name]
        assert 0 < told["overall"][name]["f1"] < 1
    for name in ("stance_accuracy", "calibration_error"):
        assert told["overall"][name] == wanted[name]
    assert [each["reader"] for each in told["readers"]] == [READER]
    assert told["readers"][0]["statement"] == told["overall"]["statement"]


def test_the_lines_of_evaluate_are_on_the_page(served: Served) -> None:
    lines = evaluated(served)
    page = served.client.get("/accuracy").text
    for f1, precision, recall in re.findall(r"F1 (\S+)   precision (\S+)   recall (\S+) ", lines):
        cells = "".join(f'<td class="number">{each}</td>' for each in (precision, recall, f1))
        assert cells in page
    for group, f1 in re.findall(r"^ +(\d\.\d{3})  (.+)$", lines, re.M):
        assert re.search(rf'<th scope="row">{re.escape(f1)}</th>.*<td class="number">{group}</td></tr>', page)
    assert f"calibration error {re.findall(r'calibration error (.+)', lines)[0]}." in page


def test_each_miss_and_each_error_leads_to_its_passage(served: Served) -> None:
    told = served.client.get("/api/accuracy?limit=1000").json()
    statement = told["overall"]["statement"]
    assert told["false"]["total"] == statement["found"] - statement["right"] == len(told["false"]["items"])
    assert told["missed"]["total"] == statement["annotated"] - statement["reached"] == len(told["missed"]["items"])
    assert told["missed"]["total"] > 5
    page = served.client.get("/accuracy?show=false&limit=3").text
    for each in told["false"]["items"][:3]:
        assert f'href="/statements/{each["statement"]}"' in page
        assert each["quote"] in served.client.get(f"/statements/{each['statement']}").text.replace("&#39;", "'")
    first = next(each for each in told["missed"]["items"] if each["statement"])
    assert served.client.get(f"/statements/{first['statement']}").status_code == 200


def test_the_page_says_how_many_readings_are_right(served: Served) -> None:
    told: dict[str, Any] = served.client.get("/api/accuracy").json()
    right, found = (told["overall"]["statement"][name] for name in ("right", "found"))
    sentence = f"Machine-read statements in this domain are right in {right} of {found} checked cases."
    assert sentence in served.client.get("/accuracy").text
    reform = served.client.get("/api/reforms?limit=1").json()["items"][0]["id"]
    briefing = served.client.get(f"/api/briefings/{reform}?format=md").text
    assert sentence in briefing
    assert "/accuracy" in briefing


def test_standing_marks_lead_to_the_page(served: Served) -> None:
    assert '<a href="/accuracy">checked</a>' in served.client.get("/search").text
    assert '<a href="/accuracy">Accuracy</a>' in served.client.get("/").text


def test_a_wrong_list_is_refused(served: Served) -> None:
    assert served.client.get("/accuracy?show=nothing", headers={"Accept": "text/html"}).status_code == 422


def test_without_hand_coding_the_page_says_so(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        assert "No article is coded by hand" in client.get("/accuracy").text
        assert client.get("/api/accuracy").json()["overall"] is None
        assert "checked case" not in client.get("/api/briefings/fare-cap?format=md").text


def test_a_verdict_leaves_the_comparison_alone(tmp_path: Path) -> None:
    """The comparison with the hand coding uses the readings themselves, before any verdict."""
    domain = replace(factory.domain(), folder=tmp_path)
    coded = factory.statement()
    line = {"article": coded.article, "quote": coded.quote, "actor": "council", "reform": "fare-cap"}
    (tmp_path / FILE).write_text(json.dumps({**line, "stance": "support"}) + "\n", encoding="utf-8")
    wrong = factory.statement("Harbour Lines opposed it.", reader=READER, stance=Stance.OPPOSE)
    with open_store(tmp_path / "store") as store:
        build(store, domain, [factory.article()], [wrong])
        apply_hand_coding(store, domain, [factory.article()], [wrong])
        give(store, Review(statement=wrong.id, verdict=Verdict.RIGHT, reviewer="Ada", time="2031-05-05T10:00:00Z"))
    with TestClient(create_app(Settings(store=str(tmp_path / "store")))) as client:
        told = client.get("/api/accuracy").json()
    assert told["overall"]["statement"]["right"] == 0
    assert [each["statement"] for each in told["false"]["items"]] == [wrong.id]
    assert [each["statement"] for each in told["missed"]["items"]] == [coded.id]
