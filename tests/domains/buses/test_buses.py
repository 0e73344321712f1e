"""The invented domain is consistent: its annotations are verbatim and use only ids in its tables."""

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
def buses() -> Domain:
    return read_domain(FOLDER)


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "gold.jsonl").read_text(encoding="utf-8").splitlines()]


def test_reads_without_a_note(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_domain(FOLDER)

    assert caplog.messages == []


def test_every_article_is_annotated(buses: Domain, gold: list[dict[str, Any]]) -> None:
    ids = [article.id for _, article in documents(buses)]

    assert len(ids) == 15
    assert {record["article"] for record in gold} == set(ids)


def test_gold_is_verbatim(buses: Domain, gold: list[dict[str, Any]]) -> None:
    texts = {article.id: read(path, article).text for path, article in documents(buses)}

    wrong = [r["id"] for r in gold if texts[str(r["article"])][slice(r["start"], r["end"])] != r["quote"]]

    assert len(gold) == 187
    assert wrong == []


def test_gold_uses_the_tables(buses: Domain, gold: list[dict[str, Any]]) -> None:
    assert {record["reform"] for record in gold} <= set(buses.reforms)
    assert {record["stance"] for record in gold} == set(Stance)
    assert {concern for r in gold for concern in r["concerns"]} <= set(buses.concerns)
    assert len({record["id"] for record in gold}) == len(gold)


@pytest.mark.parametrize(
    ("date", "package"), [("2029-06-20", "better-buses-plan"), ("2030-12-01", "network-charter"), ("2028", None)]
)
def test_what_these_reforms_means_depends_on_the_date(buses: Domain, date: str, package: str | None) -> None:
    found = buses.package(date)

    assert (found.id if found else None) == package
