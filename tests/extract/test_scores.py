"""Floors under the scores: they only go up.

All five sets took part in fitting the shipped models (`extract/encoder/README.md`), so these figures guard against a
broken reader and are no evidence of how it does elsewhere; the model card has the figures on what was left out.
"""

from dataclasses import dataclass
from pathlib import Path

import pytest

from extract.documents.reading import documents, read
from extract.pipeline import pipeline
from extract.statements import statements
from graph.coding.evaluate import actor_names, annotations, scores
from graph.domain.folder import read_domain

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared"


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A domain, its articles and annotations, and the minimum scores."""

    folder: Path
    articles: Path
    gold: Path
    position: float
    statement: float
    stance: float
    silent: frozenset[str] = frozenset()
    """Articles in which annotators found no position, so that every extracted one is wrong."""


SETS = {
    "invented": Annotated(
        folder=ROOT / "tests" / "domains" / "buses",
        articles=ROOT / "tests" / "domains" / "buses" / "articles",
        gold=ROOT / "tests" / "domains" / "buses" / "gold.jsonl",
        position=0.84,
        statement=0.8,
        stance=0.92,
    ),
    "invented, with hearings": Annotated(
        folder=ROOT / "tests" / "domains" / "rivers",
        articles=ROOT / "tests" / "domains" / "rivers" / "articles",
        gold=ROOT / "tests" / "domains" / "rivers" / "gold.jsonl",
        position=0.47,
        statement=0.4,
        stance=0.74,
    ),
    "field": Annotated(
        folder=ROOT / "corpus" / "childrens-social-care",
        articles=SHARED / "corpus",
        gold=SHARED / "evaluation" / "gold.jsonl",
        position=0.8,
        statement=0.69,
        stance=0.91,
    ),
    "news, odd": Annotated(
        folder=SHARED / "annotated-news" / "odd",
        articles=SHARED / "annotated-news" / "odd" / "articles",
        gold=SHARED / "annotated-news" / "odd" / "gold.jsonl",
        position=0.73,
        statement=0.74,
        stance=0.82,
        silent=frozenset({"politics-019", "politics-337", "politics-407"}),
    ),
    "news, even": Annotated(
        folder=SHARED / "annotated-news" / "even",
        articles=SHARED / "annotated-news" / "even" / "articles",
        gold=SHARED / "annotated-news" / "even" / "gold.jsonl",
        position=0.78,
        statement=0.73,
        stance=0.87,
        silent=frozenset({"politics-008", "politics-120", "politics-144"}),
    ),
}


@pytest.mark.parametrize("name", SETS)
def test_floor(name: str) -> None:
    chosen = SETS[name]
    if not chosen.gold.is_file():
        pytest.skip(f"no annotated articles at {chosen.gold.parent}")
    domain = read_domain(chosen.folder, documents=chosen.articles)
    annotated = annotations(chosen.gold, domain)
    counted = {annotation.article for annotation in annotated} | chosen.silent
    articles = [read(path, info) for path, info in documents(domain) if info.id in counted]
    assert {article.id for article in articles} == counted

    found = list(statements(articles, pipeline(domain), domain))

    texts = {article.id: article.text for article in articles}
    assert all(texts[s.article][s.start : s.end] == s.quote for s in found)
    assert all(texts[s.article][c.start : c.end] == c.text for s in found for c in s.cues)
    reached = scores(annotated, found, actor_names(domain))
    assert reached.position.f1 >= chosen.position
    assert reached.statement.f1 >= chosen.statement
    assert reached.stance_accuracy >= chosen.stance
