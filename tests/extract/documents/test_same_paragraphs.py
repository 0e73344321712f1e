"""An article has the same paragraphs and headings in every format."""

from pathlib import Path

import pytest

from extract.documents.reading import READERS, read
from graph.model import Article
from tests.extract import converted

DOMAINS = Path(__file__).parents[2] / "domains"
ARTICLES = sorted(path for path in DOMAINS.glob("*/articles/*") if path.suffix in READERS)


def test_there_are_articles() -> None:
    assert len(ARTICLES) > 60


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_each_article(path: Path) -> None:
    parts = converted.blocks(read(path).text)
    found = {
        ending: converted.blocks(READERS[ending](save(parts), Article(id=path.stem, text="")).text)
        for ending, save in converted.FORMATS.items()
    }

    assert parts
    assert {ending: theirs for ending, theirs in found.items() if theirs != parts} == {}
