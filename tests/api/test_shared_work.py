"""Equal requests share one computation, also under different addresses."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.debate import camps
from graph.model import Stance
from graph.store.embedded import open_store
from tests import factory

AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
ADDRESSES = (
    "/api/agreement?resamples=20&seed=7",
    "/api/agreement?seed=7&resamples=20",
    "/api/camps?resamples=20&seed=7",
    "/agreement?resamples=20&seed=7",
)


@pytest.fixture
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("shared") / "store"
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement(), AGAINST])
    with TestClient(create_app(Settings(store=str(folder), query_workers=1))) as client:
        yield client


def test_resampling_is_done_once_for_equal_options(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[int] = []
    together = camps._together

    def counted(debate: Any, options: Any, names: Any) -> Any:
        drawn.append(options.seed)
        return together(debate, options, names)

    monkeypatch.setattr(camps, "_together", counted)
    with ThreadPoolExecutor(len(ADDRESSES)) as threads:
        answers = list(threads.map(client.get, ADDRESSES))

    assert {answer.status_code for answer in answers} == {200}
    assert drawn.count(7) == 1


@pytest.mark.parametrize("path", ["/agreement", "/api/agreement", "/api/camps", "/api/network", "/api/matrix"])
def test_resampling_over_the_web_is_bounded(client: TestClient, path: str) -> None:
    assert client.get(f"{path}?resamples=101").status_code == 400
