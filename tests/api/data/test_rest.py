"""The graph as JSON over HTTP: the same as the catalogue and the profiles say, with filters and pages."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.model import Manner, Stance
from graph.store.embedded import open_store
from tests import factory

CAP = factory.statement(concerns=("access", "cost"))
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE,
    confidence=0.4, manner=Manner.DIRECT,
)  # fmt: skip
LATER = factory.statement(article="later", stance=Stance.OPPOSE)
NIGHT = factory.statement(
    "Riders were split on night buses.", article="undated", actor="riders", actor_label="Riders",
    reform="night-buses", stance=Stance.MIXED,
)  # fmt: skip
RECORD = (
    *("id", "article", "start", "end", "quote", "actor", "actor_label", "speaker", "reform", "stance", "concerns"),
    *("condition", "manner", "cues", "confidence"),
)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("rest")
    articles = [factory.article(), factory.article(id="later", date="2032-05"), factory.article(id="undated", date="")]
    with open_store(folder) as store:
        build(store, factory.domain(), articles, [CAP, AGAINST, LATER, NIGHT])
    with TestClient(create_app(Settings(store=str(folder)))) as client:
        yield client


def test_a_statement_has_every_field_of_the_record(client: TestClient) -> None:
    (item,) = client.get("/api/statements", params={"actor": "harbour-lines"}).json()["items"]
    assert set(RECORD) <= set(item)
    assert (item["id"], item["quote"], item["stance"]) == (AGAINST.id, AGAINST.quote, "oppose")


@pytest.mark.parametrize(
    ("address", "total"),
    [
        ("/api/statements", 4),
        ("/api/statements?actor=council", 2),
        ("/api/statements?reform=fares&narrower=true", 3),
        ("/api/statements?stance=oppose&manner=direct", 1),
        ("/api/statements?since=2031-03&until=2031", 2),
        ("/api/statements?min_confidence=0.5", 3),
        ("/api/statements?concern=cost", 1),
        ("/api/statements?actor=&stance=&since=", 4),
        ("/api/positions", 3),
        ("/api/positions?stance=mixed", 2),
        ("/api/positions?until=2031&stance=support", 1),
        ("/api/actors", 3),
        ("/api/actors?silent=true", 4),
        ("/api/actors?stance=oppose", 1),
        ("/api/reforms", 3),
        ("/api/articles", 3),
        ("/api/changes", 1),
    ],
)
def test_lists_are_narrowed(client: TestClient, address: str, total: int) -> None:
    listing = client.get(address).json()
    assert (listing["total"], len(listing["items"])) == (total, total)


def test_the_next_link_leads_through_the_whole_list(client: TestClient) -> None:
    seen, address = [], "/api/statements?limit=3"
    while address:
        listing = client.get(address).json()
        seen += [item["id"] for item in listing["items"]]
        address = listing["next"]
    assert seen == [LATER.id, CAP.id, AGAINST.id, NIGHT.id]


def test_more_than_the_service_gives_at_once_is_cut(client: TestClient) -> None:
    assert client.get("/api/statements?limit=99999999").json()["limit"] == 1_000


@pytest.mark.parametrize(
    ("address", "status", "says"),
    [
        ("/api/statements?stance=maybe", 400, "support, mixed, oppose, neutral"),
        ("/api/statements?manner=loud", 400, "direct"),
        ("/api/statements?since=March", 400, "YYYY-MM"),
        ("/api/statements?min_confidence=2", 400, "0 to 1"),
        ("/api/statements?min_confidence=nan", 400, "0 to 1"),
        ("/api/statements?narrower=perhaps", 400, "true"),
        ("/api/statements?format=xml", 400, "jsonl"),
        ("/api/statements?actor=absent", 404, "absent"),
        ("/api/statements?format=csv&actor=absent", 404, "absent"),
        ("/api/statements/0000", 404, "0000"),
        ("/api/actors/absent", 404, "absent"),
        ("/api/reforms/nothing", 404, "nothing"),
        ("/api/articles/nothing", 404, "nothing"),
        ("/api/ask?q=hm", 400, "hm"),
        ("/api/search?actor=absent", 404, "absent"),
    ],
)
def test_a_bad_request_is_explained_in_one_sentence(client: TestClient, address: str, status: int, says: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


@pytest.mark.parametrize("parameters", ["limit=0", "limit=-1", "limit=x", "offset=-1", "offset=99999999999"])
def test_impossible_pages_are_refused(client: TestClient, parameters: str) -> None:
    assert client.get(f"/api/statements?{parameters}").status_code == 422


def test_profiles(client: TestClient) -> None:
    field = client.get("/api").json()
    assert (field["statements"], field["articles"], field["actors"], field["positions"]) == (4, 3, 3, 3)
    reform = client.get("/api/reforms/fare-cap").json()
    assert reform["actors"] == {"mixed": 1, "oppose": 1}
    # Riders have spoken elsewhere, but a group cannot be asked.
    assert reform["silent"]["items"] == []
    actor = client.get("/api/actors/council").json()
    assert [each["position"]["reform"] for each in actor["stands"]["items"]] == ["fare-cap"]
    assert [(each["before"]["id"], each["after"]["id"]) for each in actor["changes"]] == [(CAP.id, LATER.id)]
    article = client.get("/api/articles/cap-news").json()
    assert article["article"]["text"] == factory.TEXT
    assert [each["id"] for each in article["statements"]] == [CAP.id, AGAINST.id]
    statement = client.get(f"/api/statements/{CAP.id}").json()
    assert statement["before"] + statement["statement"]["quote"] + statement["after"] == factory.TEXT


def test_every_passage_of_a_profile_is_where_it_says(client: TestClient) -> None:
    article = client.get("/api/articles/cap-news").json()
    for each in article["statements"]:
        assert article["article"]["text"][each["start"] : each["end"]] == each["quote"]


def test_statements_as_csv(client: TestClient) -> None:
    answer = client.get("/api/statements?format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["id"] for row in rows] == [LATER.id, CAP.id, AGAINST.id, NIGHT.id]
    assert (rows[1]["quote"], rows[1]["concerns"]) == (CAP.quote, "access;cost")


def test_statements_as_json_lines(client: TestClient) -> None:
    answer = client.get("/api/statements?format=jsonl&actor=council")
    assert [json.loads(line)["id"] for line in answer.text.splitlines()] == [LATER.id, CAP.id]


def test_a_question(client: TestClient) -> None:
    answer = client.get("/api/ask", params={"q": "Who opposes the fare cap?"}).json()
    assert [each["actor"]["id"] for each in answer["answers"]] == ["harbour-lines", "council"]
    assert "SELECT" in answer["query"]


def test_search(client: TestClient) -> None:
    found = client.get("/api/search", params={"q": "welcomed", "until": "2031"}).json()
    assert [each["id"] for each in found["passages"]["items"]] == [CAP.id]


def test_ids_with_any_letters_have_an_address(tmp_path: Path) -> None:
    odd = "a/b c?d#é"
    made = factory.statement(article=odd, actor=odd, actor_label="Odd")
    with open_store(tmp_path) as store:
        build(store, factory.domain(), [factory.article(id=odd)], [made])
    with TestClient(create_app(Settings(store=str(tmp_path)))) as client:
        for kind in ("actors", "articles"):
            assert client.get(f"/api/{kind}/{quote(odd, safe='')}").status_code == 200
            assert client.get(f"/{kind}/{quote(odd, safe='')}").status_code == 200


def test_the_description_names_every_list_and_profile(client: TestClient) -> None:
    told = client.get("/api/openapi.json").json()
    paths = told["paths"]
    for path in ("/api/statements", "/api/positions", "/api/actors", "/api/reforms/{id}", "/api/ask", "/api/search"):
        operation = paths[path]["get"]
        assert operation["tags"]
        assert operation["summary"]
        assert operation["description"]
    assert {each["name"] for each in paths["/api/statements"]["get"]["parameters"]} >= {
        *("actor", "reform", "narrower", "stance", "concern", "article", "publisher", "manner", "since", "until"),
        *("min_confidence", "reviewed", "limit", "offset"),
    }
