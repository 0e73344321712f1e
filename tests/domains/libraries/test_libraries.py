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
def libraries() -> Domain:
    return read_domain(FOLDER)


@pytest.fixture(scope="module")
def gold() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "gold.jsonl").read_text(encoding="utf-8").splitlines()]


def test_reads_without_a_note(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        read_domain(FOLDER)

    assert caplog.messages == []


def test_every_article_is_listed_and_annotated(libraries: Domain, gold: list[dict[str, Any]]) -> None:
    ids = {article.id for _, article in documents(libraries)}

    assert len(ids) == 32
    assert ids == set(libraries.articles)
    assert ids == {record["article"] for record in gold}


def test_gold_is_verbatim(libraries: Domain, gold: list[dict[str, Any]]) -> None:
    texts = {article.id: read(path, article).text for path, article in documents(libraries)}

    wrong = [r["id"] for r in gold if texts[str(r["article"])][slice(r["start"], r["end"])] != r["quote"]]

    assert wrong == []


def test_gold_uses_the_tables(libraries: Domain, gold: list[dict[str, Any]]) -> None:
    packages = {package.reform for package in libraries.packages}

    assert {record["reform"] for record in gold} == set(libraries.reforms)
    assert packages == {"open-doors", "library-in-reach"}
    assert {record["stance"] for record in gold} == set(Stance)
    assert {concern for record in gold for concern in record["concerns"]} == set(libraries.concerns)
    assert len({record["id"] for record in gold}) == len(gold)


def test_gold_names_who_speaks(libraries: Domain, gold: list[dict[str, Any]]) -> None:
    texts = {article.id: read(path, article).text for path, article in documents(libraries)}

    wrong = [r["id"] for r in gold if r["speaker"] is not None and r["speaker"] not in texts[str(r["article"])]]

    assert wrong == []


def test_no_statement_occurs_twice(gold: list[dict[str, Any]]) -> None:
    keys = [(r["article"], r["start"], r["end"], r["actor"], r["speaker"], r["reform"], r["stance"]) for r in gold]

    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("date", "package"), [("2032-03", "open-doors"), ("2033-10-04", "library-in-reach"), ("2031", None)]
)
def test_what_these_reforms_means_depends_on_the_date(libraries: Domain, date: str, package: str | None) -> None:
    found = libraries.package(date)

    assert (found.id if found else None) == package
