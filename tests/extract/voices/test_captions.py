"""Words below a name, on Docs built by hand."""

import pytest

from extract.voices.passages import passages
from graph.model import Article
from tests import factory
from tests.extract.hand import parsed

QUOTE = (
    '"||PUNCT|punct|2 Fares||NOUN|nsubj|2 are|be|AUX|ROOT|2 far||ADV|advmod|4 too||ADV|advmod|5 '
    'high||ADJ|acomp|2 today||NOUN|npadvmod|2 .||PUNCT|punct|2 "||PUNCT|punct|2 ¶||SPACE|dep|2'
)
HARBOUR = "Harbour||PROPN|compound|1 Lines||PROPN|ROOT|1 ¶||SPACE|dep|1"
UNION = "Night||PROPN|compound|1 Riders||PROPN|compound|2 Union||PROPN|ROOT|2 ¶||SPACE|dep|2"
CHAIR = "Bo||PROPN|compound|1 Hale||PROPN|ROOT|1 ,||PUNCT|punct|1 chair||NOUN|appos|1 ¶||SPACE|dep|1"
TOPIC = "Fares||NOUN|ROOT|0 and||CCONJ|cc|0 buses|bus|NOUN|conj|0 ¶||SPACE|dep|0"
QUILL = "Ada||PROPN|compound|1 Quill||PROPN|ROOT|1 ¶||SPACE|dep|1"


@pytest.mark.parametrize(
    ("lines", "speaker"),
    [
        ((HARBOUR,), ("harbour-lines", None)),
        ((HARBOUR, CHAIR), ("harbour-lines", "Bo Hale")),
        ((UNION, CHAIR), ("night-riders-union", "Bo Hale")),
        ((QUILL,), ("council", "Ada Quill")),
        ((TOPIC,), None),
        ((HARBOUR, TOPIC), None),
    ],
)
def test_a_quotation_belongs_to_the_person_named_above_it(
    lines: tuple[str, ...], speaker: tuple[str, str | None] | None
) -> None:
    doc = parsed(*lines, QUOTE)
    (found,) = passages(doc, Article(id="cap-news", text=doc.text, date="2031"), factory.domain())
    assert (found.speaker and (found.speaker.actor, found.speaker.person)) == speaker


def test_a_name_above_a_quotation_ends_what_the_last_speaker_said() -> None:
    doc = parsed(
        "Riders|rider|NOUN|nsubj|1 said|say|VERB|ROOT|1 fares||NOUN|nsubj|3 fell|fall|VERB|ccomp|1 .||PUNCT|punct|1 "
        "¶||SPACE|dep|1",
        HARBOUR,
        QUOTE,
    )
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain())
    assert [passage.speaker and passage.speaker.actor for passage in found] == ["riders", "harbour-lines"]
