"""Whose voice a section is in, on Docs built by hand."""

from extract.passages import passages
from graph.model import Article
from tests import factory
from tests.extract.hand import parsed


def test_a_section_headed_by_a_short_name_is_the_documents_own() -> None:
    doc = parsed(
        "The||DET|det|1 Council||PROPN|poss|3 ’s||PART|case|1 view||NOUN|ROOT|3 ¶||SPACE|dep|3",
        "Fares||NOUN|nsubj|1 are|be|AUX|ROOT|1 high||ADJ|acomp|1 .||PUNCT|punct|1",
    )
    article = Article(id="cap-note", text=doc.text, voice="Hill Council")
    found = passages(doc, article, factory.domain(actors={}))
    assert [passage.speaker and passage.speaker.actor for passage in found] == ["hill-council"]
