"""An off-topic article is skipped before parsing; an article with a statement never is."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import spacy

from extract.documents.reading import documents, read
from extract.judging.relevance import Relevance
from extract.judging.targets import Topics
from extract.marking.gazetteer import Gazetteer
from extract.marking.names import Names
from extract.pipeline import docs
from graph.domain.folder import Domain, Package, read_domain
from graph.model import Article, Reform
from tests import factory

DOMAINS = Path(__file__).parents[2] / "domains"
SHARED = Path(__file__).parents[4] / "shared"
LONG = Reform(id="wardens", label="Evening wardens on trams", aliases=("trams with wardens in the evening",))


@pytest.fixture(scope="module")
def domain() -> Domain:
    made = factory.domain()
    return replace(
        made,
        reforms={**made.reforms, LONG.id: LONG},
        packages=(Package(reform="fares", words=("city transport charter", "the plan")),),
    )


@pytest.fixture(scope="module")
def relevant(domain: Domain) -> Callable[[Article], bool]:
    held = Relevance(Topics(domain), Names(domain.actors.values()))
    mark, words = Gazetteer(domain), spacy.blank("en")
    return lambda article: held(article, [mark(words(article.text))])


@pytest.mark.parametrize(
    ("text", "voice", "expected"),
    [
        ("", "", False),
        ("The harvest was late this year, farmers said.", "", False),
        ("A fare cap was agreed.", "", True),
        ("Wardens will ride on all trams from seven in the evening.", "", True),
        ("Wardens were praised.\n\nTrams run in the evening.", "", False),
        ("The charter for transport in the city came up again.", "", True),
        ("The plan came up again.", "", False),
        ("The council met Harbour Lines.", "", False),
        ("The council met Harbour Lines; Ada Quill was in the chair.", "", True),
        ("Harbour Lines, Harbour Lines and Harbour Lines.", "", False),
        ("We look back on a good year.", "harbour-lines", True),
    ],
)
def test_what_makes_an_article_one_about_the_domain(
    text: str, voice: str, expected: bool, relevant: Callable[[Article], bool]
) -> None:
    assert relevant(Article(id="a", text=text, voice=voice)) is expected


def annotated() -> list[object]:
    invented = [pytest.param(folder, id=folder.name) for folder in sorted(DOMAINS.iterdir()) if folder.is_dir()]
    news = [
        pytest.param(
            SHARED / "annotated-news" / half,
            id=half,
            marks=pytest.mark.skipif(not (SHARED / "annotated-news").is_dir(), reason="no annotated news here"),
        )
        for half in ("odd", "even")
    ]
    return [*invented, *news]


@pytest.mark.parametrize("folder", annotated())
def test_no_article_with_an_annotated_statement_is_left_out(folder: Path) -> None:
    with (folder / "gold.jsonl").open(encoding="utf-8") as lines:
        wanted = {json.loads(line)["article"] for line in lines}
    area = read_domain(folder)
    held = Relevance(Topics(area), Names(area.actors.values()))
    mark, words = Gazetteer(area), spacy.blank("en")
    articles = [read(path, info) for path, info in documents(area) if info.id in wanted]
    assert articles
    assert [article.id for article in articles if not held(article, [mark(words(article.text))])] == []


def test_what_is_left_out_is_not_parsed(domain: Domain) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("gazetteer").use(domain)  # type: ignore[attr-defined]  # add_pipe types no component
    texts = {"cap": "A fare cap.", "rain": "It rained.", "long": "It rained. " * 3000 + "A fare cap."}
    articles = [Article(id=id, text=text) for id, text in texts.items()]
    held = Relevance(Topics(domain), Names(domain.actors.values()))
    found = {article.id: doc.text for article, doc in docs(articles, nlp, relevant=held)}
    assert found == {id: texts[id] for id in ("cap", "long")}
