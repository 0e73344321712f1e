"""Any request to the documented interface is answered or refused, and never makes the service fail."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from api.app import create_app
from api.settings import Settings
from benchmarks import fuzz
from graph.building import build
from graph.domain.folder import read_domain
from graph.errors import PositionsError
from graph.model import Stance
from graph.store.embedded import memory_store, open_store
from tests import factory
from tests.fuzzing import tries

PATIENT = tries(50)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A graph of two actors, served without tokens, so that every write is refused."""
    folder = tmp_path_factory.mktemp("fuzzed")
    against = factory.statement(
        "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
    )
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement(), against])
    with TestClient(create_app(Settings(store=str(folder), query_workers=1)), raise_server_exceptions=False) as http:
        yield http


def operations() -> list[tuple[str, str]]:
    paths = create_app(Settings(store="unused")).openapi()["paths"]
    return [(method.upper(), path) for path, methods in paths.items() for method in methods]


def parameters(path: str, method: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = SCHEMA["paths"][path][method.lower()].get("parameters", [])
    return found


SCHEMA = create_app(Settings(store="unused")).openapi()
# Input from people and programs, and input that no one should send.
KNOWN = st.sampled_from(
    [
        "council",
        "harbour-lines",
        "fare-cap",
        "night-buses",
        "cap-news",
        "oppose",
        "support",
        "2031",
        "2031-03-04",
        "json",
    ]
)
ODD = st.sampled_from(["", " ", "\x00", "'", '"', ">", "} #", "%", "..", "/", "-1", "1e9", "NaN", "ß\u202e", "9" * 40])
WORDS = KNOWN | ODD | st.text(max_size=20).filter(lambda text: text.isprintable()) | st.integers().map(str)


@pytest.mark.parametrize(("method", "path"), operations())
def test_no_request_makes_the_service_fail(client: TestClient, method: str, path: str) -> None:
    named = parameters(path, method)
    inside = [each["name"] for each in named if each["in"] == "path"]
    asked = [each["name"] for each in named if each["in"] == "query"]

    @PATIENT
    @given(
        ids=st.fixed_dictionaries(dict.fromkeys(inside, WORDS)),
        query=st.dictionaries(st.sampled_from(asked or ["nothing"]), WORDS, max_size=4),
        body=st.none() | st.binary(max_size=50),
    )
    def run(ids: dict[str, str], query: dict[str, str], body: bytes | None) -> None:
        address = path
        for name, value in ids.items():
            address = address.replace(f"{{{name}}}", quoted(value))
        answer = client.request(
            method, address, params=query, content=body if method in {"POST", "PUT", "PATCH"} else None
        )
        assert answer.status_code < 500, f"{method} {answer.request.url}: {answer.text[:300]}"

    run()


def quoted(value: str) -> str:
    return "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "replace"))


CELLS = st.text(st.sampled_from('ab;,"\n\r\t \ufeff-|\x00é'), max_size=12)


@PATIENT
@given(
    head=st.lists(CELLS | st.sampled_from(["id", "label", "broader", "member_of", "since"]), max_size=5),
    rows=st.lists(st.lists(CELLS, max_size=5), max_size=4),
)
def test_any_table_is_read_or_refused_in_one_sentence(tmp_path: Path, head: list[str], rows: list[list[str]]) -> None:
    text = "\n".join(",".join(row) for row in [head, *rows])
    (tmp_path / "actors.csv").write_text(text, encoding="utf-8", newline="")
    (tmp_path / "reforms.csv").write_text("id,label\ncap,Fare cap\n", encoding="utf-8")

    told = ""
    try:
        area = read_domain(tmp_path)
    except PositionsError as error:
        told = str(error)

    if told:
        assert told.startswith(str(tmp_path / "actors.csv"))
    else:
        assert all(actor.id == id and actor.label for id, actor in area.actors.items())


@PATIENT
@given(value=st.text(max_size=40))
def test_a_value_in_a_query_stays_a_value(value: str) -> None:
    store = memory_store()
    query = "SELECT ?v WHERE { VALUES ?v { UNDEF } }"

    try:
        rows = store.select(query, v=value)
    except PositionsError:
        # RDF cannot store half a surrogate pair.
        assert not value.isprintable()
        return

    assert rows == [{"v": value}]


@pytest.mark.parametrize("test", fuzz.TESTS)
def test_the_long_run_names_tests_that_exist(test: str) -> None:
    path, _, function = test.partition("::")

    assert f"def {function}" in (fuzz.ROOT / path).read_text(encoding="utf-8")
