"""The second invented domain is consistent: its annotations are verbatim and use only ids in its tables."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from extract.documents.reading import documents, read
from graph.domain.folder import Domain, read_domain
from graph.model import Stance

FOLDER = Path(__file__).parent


@pytest.fixture(scope="module")
def rivers() -> Domain:
    return read_domain(FOLDER)


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "gold.jsonl").read_text(encoding="utf-8").splitlines()]


def test_rivers_read_without_a_note(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_domain(FOLDER)

    assert caplog.messages == []


def test_every_text_of_the_rivers_is_listed_and_annotated(rivers: Domain, gold: list[dict[str, Any]]) -> None:
    ids = {article.id for _, article in documents(rivers)}

    assert len(ids) == 24
    assert set(rivers.articles) == ids
    assert {record["article"] for record in gold} == ids


def test_gold_of_the_rivers_is_verbatim(rivers: Domain, gold: list[dict[str, Any]]) -> None:
    texts = {article.id: read(path, article).text for path, article in documents(rivers)}

    wrong = [r["id"] for r in gold if texts[str(r["article"])][slice(r["start"], r["end"])] != r["quote"]]

    assert wrong == []


def test_gold_of_the_rivers_uses_the_tables(rivers: Domain, gold: list[dict[str, Any]]) -> None:
    assert {record["reform"] for record in gold} == set(rivers.reforms)
    assert {record["stance"] for record in gold} == set(Stance)
    assert {concern for r in gold for concern in r["concerns"]} == set(rivers.concerns)
    assert len({record["id"] for record in gold}) == len(gold)
