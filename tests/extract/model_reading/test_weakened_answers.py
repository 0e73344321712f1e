"""Answers to the invented domain by its annotations, then weakened: only what is invented is refused."""

import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from extract.documents.reading import documents, read
from extract.model_reading.kept import ModelAnswer
from extract.model_reading.proving import RefusalReason
from extract.model_reading.reading import ModelReader, ReadArticle
from extract.model_reading.requests import Asking, Request
from graph.coding.evaluate import Annotation, actor_names, annotations, scores
from graph.domain.folder import Domain, read_domain
from graph.model import Article, Stance

BUSES = Path(__file__).parents[2] / "domains" / "buses"
INVENTED = "Guild of Invented Bodies"
Records = list[dict[str, Any]]


@pytest.fixture(scope="module")
def buses() -> Domain:
    return read_domain(BUSES)


@pytest.fixture(scope="module")
def articles(buses: Domain) -> list[Article]:
    return [read(path, info) for path, info in documents(buses)]


@pytest.fixture(scope="module")
def gold(buses: Domain) -> list[Annotation]:
    return annotations(BUSES / "gold.jsonl", buses)


class Careful:
    """Answers each request as the annotators coded its part, then as `change` makes of it."""

    def __init__(self, gold: list[Annotation], articles: list[Article]) -> None:
        self.gold = gold
        self.texts = {article.id: article.text for article in articles}
        self.given: Records = []

    def change(self, records: Records) -> Records:
        return records

    def __call__(self, request: Request) -> ModelAnswer:
        if len(request.messages) > 2:
            # Asked once more: it insists.
            records = [each for each in self.given if each["actor"] == INVENTED]
        else:
            records = self.given = self.change(list(self.records(request)))
        return ModelAnswer(key="", text=json.dumps({"statements": records}))

    def records(self, request: Request) -> Records:
        text = self.texts[request.article]
        made: Records = []
        for each in self.gold:
            start = text.find(each.quote)
            if each.article != request.article:
                continue
            assert start >= 0
            end = start + len(each.quote)
            numbers = [s.number for s in request.sentences if s.start < end and s.end > start]
            fields: dict[str, Any] = {"actor": each.actor, "speaker": each.speaker, "reform": each.reform}
            fields |= {"stance": each.stance, "sentences": numbers[:3]}
            made.append(fields | {"condition": None, "concerns": [], "certainty": "clear"})
        return made


class Weak(Careful):
    """Drops a tenth of the records, turns the stance of a tenth, and gives a tenth more to a body that is invented."""

    def __init__(self, gold: list[Annotation], articles: list[Article]) -> None:
        super().__init__(gold, articles)
        self.chance = random.Random(3)
        self.did: Counter[str] = Counter()

    def change(self, records: Records) -> Records:
        kept: Records = []
        for each in records:
            throw = self.chance.random()
            if throw < 0.1:
                self.did["dropped"] += 1
                continue
            if throw < 0.2:
                self.did["turned"] += 1
                stance = Stance.OPPOSE if each["stance"] == Stance.SUPPORT else Stance.SUPPORT
                each = each | {"stance": stance}
            kept.append(each)
            if throw > 0.9:
                self.did["invented"] += 1
                kept.append(each | {"actor": INVENTED})
        return kept


def run(buses: Domain, articles: list[Article], ask: Careful) -> list[ReadArticle]:
    reader = ModelReader(buses, ask, Asking())
    return [reader.read(article) for article in articles]


def test_careful_answers_are_all_proved(buses: Domain, articles: list[Article], gold: list[Annotation]) -> None:
    found = run(buses, articles, Careful(gold, articles))
    assert [refused for each in found for refused in each.refused] == []
    measured = scores(gold, [made for each in found for made in each.statements], actor_names(buses))
    assert measured.position.f1 > 0.95
    assert measured.statement.f1 > 0.95


def test_of_weakened_answers_only_what_is_invented_is_refused(
    buses: Domain, articles: list[Article], gold: list[Annotation]
) -> None:
    ask = Weak(gold, articles)
    found = run(buses, articles, ask)
    assert min(ask.did["dropped"], ask.did["turned"], ask.did["invented"]) > 3
    refused = [each for one in found for each in one.refused]
    assert {(each.entry["actor"], each.reason) for each in refused} == {(INVENTED, RefusalReason.ACTOR)}
    assert len(refused) == ask.did["invented"]
    statements = [made for each in found for made in each.statements]
    assert INVENTED not in {each.actor_label for each in statements}
    measured = scores(gold, statements, actor_names(buses))
    assert 0.5 < measured.statement.f1 < 0.95
