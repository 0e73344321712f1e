"""The network has the same options, names and defaults over HTTP, on the command line and in Python."""

import io
import json
from collections.abc import Iterator
from dataclasses import asdict, fields

import networkx as nx
import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.data.networks import TOLD, NetworkFormat, network_options
from api.settings import Settings
from graph.building import build
from graph.debate.agreement import agreement_profile, position_matrix, stored_agreement
from graph.debate.camps import camps
from graph.debate.columns import Debate
from graph.debate.files import FORMATS
from graph.debate.network import network
from graph.debate.options import ENUMERATIONS, NetworkOptions
from graph.debate.paths import graph
from graph.debate.stored import stored_debate, with_texts
from graph.model import Stance
from graph.store.embedded import Store, memory_store, open_store
from tests.factory import TEXT, article, domain, statement

SIDES = [
    ("council", "fare-cap", Stance.SUPPORT),
    ("council", "night-buses", Stance.SUPPORT),
    ("riders", "fare-cap", Stance.SUPPORT),
    ("riders", "night-buses", Stance.SUPPORT),
    ("harbour-lines", "fare-cap", Stance.OPPOSE),
    ("harbour-lines", "night-buses", Stance.SUPPORT),
    ("ferry-guild", "fare-cap", Stance.OPPOSE),
    ("ferry-guild", "night-buses", Stance.OPPOSE),
]
ARTICLES = [
    article(id=f"news-{number}", date=f"2031-0{number % 3 + 1}-04", publisher=f"Paper {number % 2}")
    for number in range(len(SIDES))
]
STATEMENTS = [
    statement(article=f"news-{number}", actor=actor, actor_label=actor.title(), reform=reform, stance=stance)
    for number, (actor, reform, stance) in enumerate(SIDES)
]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with memory_store() as store:
        build(store, domain(), ARTICLES, STATEMENTS)
        yield store


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = str(tmp_path_factory.mktemp("networks") / "store")
    with open_store(folder) as store:
        build(store, domain(), ARTICLES, STATEMENTS)
    with TestClient(create_app(Settings(store=folder)), base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture(scope="module")
def debate(store: Store) -> Debate:
    return stored_debate(store)


def test_every_option_is_a_parameter_with_the_same_name_and_default(client: TestClient) -> None:
    names = [option.name for option in fields(NetworkOptions)]
    assert list(TOLD) == names
    paths = client.get("/api/openapi.json").json()["paths"]
    for path in ("network", "camps", "matrix", "polarisation", "compare"):
        told = {each["name"]: each for each in paths[f"/api/{path}"]["get"]["parameters"]}
        assert set(names) <= set(told)
        for name, kind in ENUMERATIONS.items():
            assert told[name]["schema"]["enum"] == list(kind)
    assert network_options() == NetworkOptions()
    assert network_options(**dict.fromkeys(names, "")) == NetworkOptions()
    assert list(NetworkFormat) == list(FORMATS)


def test_the_network_is_the_one_of_the_library(client: TestClient, debate: Debate) -> None:
    answer = client.get("/api/network").json()
    expected = graph(network(debate), camps(debate).of())
    found = nx.node_link_graph(answer, edges="edges")
    assert list(found.nodes(data=True)) == list(expected.nodes(data=True))
    assert list(found.edges(data=True)) == list(expected.edges(data=True))


@pytest.mark.parametrize(
    "query", ["normalisation=jaccard&aggregation=congruence", "mode=reforms", "mode=actors-reforms"]
)
def test_options_reach_the_network(client: TestClient, debate: Debate, query: str) -> None:
    answer = client.get(f"/api/network?{query}").json()
    options = NetworkOptions.read({key: [value] for key, value in (pair.split("=") for pair in query.split("&"))})
    assert {frozenset((e["source"], e["target"])): e["weight"] for e in answer["edges"]} == {
        frozenset(ends): data["weight"] for *ends, data in graph(network(debate, options)).edges(data=True)
    }


@pytest.mark.parametrize("format", FORMATS)
def test_files_are_downloads(client: TestClient, format: str) -> None:
    answer = client.get(f"/api/network?format={format}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    if format == "gexf":
        assert set(nx.read_gexf(io.BytesIO(answer.content))) == {"council", "riders", "harbour-lines", "ferry-guild"}


def test_camps_are_those_of_the_library(client: TestClient, debate: Debate) -> None:
    answer = client.get("/api/camps").json()
    expected = agreement_profile(debate)
    assert [[m["id"] for m in camp["members"]] for camp in answer["camps"]] == [
        [m.id for m in camp.members] for camp in expected.camps
    ]
    assert answer["modularity"] == pytest.approx(expected.modularity)
    assert answer == json.loads(json.dumps(asdict(expected)))


def test_the_profile_is_made_once_for_a_version_of_the_data(store: Store) -> None:
    assert stored_agreement(store, NetworkOptions()) is stored_agreement(store, NetworkOptions())


def test_the_matrix_distinguishes_silence_from_a_stance(client: TestClient, debate: Debate) -> None:
    answer = client.get("/api/matrix?actors=council&actors=riders").json()
    assert [actor["id"] for actor in answer["actors"]] == ["council", "riders"]
    assert answer["cells"][0] == [{"stance": "support", "statements": 1}] * 2
    silent = position_matrix(Debate(statements=debate.statements[:3]))
    assert None in {cell for row in silent.cells for cell in row}


def test_a_comparison_lists_where_two_actors_part(client: TestClient) -> None:
    answer = client.get("/api/compare?actors=council&actors=harbour-lines").json()
    assert answer["comparison"]["counts"] == {"part": 1, "agree": 1, "mixed": 0, "one": 0}
    (pair,) = answer["agreements"]
    assert (pair["agree"], pair["conflict"], pair["score"]) == (["night-buses"], ["fare-cap"], 0.0)


def test_polarisation_needs_a_window(client: TestClient) -> None:
    assert client.get("/api/polarisation").status_code == 400
    course = client.get("/api/polarisation?window=40&step=28").json()
    assert [each["at"] for each in course] == ["2031-01-04", "2031-02-01", "2031-03-01"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/network?normalisation=euclid", 400),
        ("/api/network?window=soon", 400),
        ("/api/network?format=xlsx", 400),
        ("/api/network?kernel=gaussian", 400),
        ("/api/network?mode=actors&mode=reforms", 200),
        ("/api/camps?mode=reforms", 400),
        ("/api/compare?actors=council", 400),
        ("/api/compare?actors=council&actors=absent", 404),
        ("/api/changes", 200),
    ],
)
def test_answers_have_the_right_status(client: TestClient, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    if status >= 400:
        assert answer.json()["detail"]


def test_texts_come_with_the_debate_where_a_file_needs_them(store: Store) -> None:
    assert with_texts(store, stored_debate(store))["news-0"].text == TEXT
