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


TEXT = (
    "The||DET|det|1 board||NOUN|nsubj|2 met|meet|VERB|ROOT|2 on||ADP|prep|2 Monday||PROPN|pobj|3 .||PUNCT|punct|2 "
    "¶||SPACE|dep|2"
)
HALE = (
    "Bo||PROPN|compound|1 Hale||PROPN|ROOT|1 ,||PUNCT|punct|1 chair||NOUN|appos|1 of||ADP|prep|3 "
    "Harbour||PROPN|compound|6 Lines||PROPN|pobj|4 ¶||SPACE|dep|1"
)
MARSH = (
    "Cy||PROPN|compound|1 Marsh||PROPN|ROOT|1 ,||PUNCT|punct|1 Night||PROPN|compound|5 Riders||PROPN|compound|5 "
    "Union||PROPN|appos|1 ¶||SPACE|dep|1"
)


@pytest.mark.parametrize(
    ("parts", "speakers"),
    [
        ((TEXT, QUOTE, HALE, QUOTE, QUILL), [("harbour-lines", "Bo Hale"), ("council", "Ada Quill")]),
        ((TEXT, QUOTE, MARSH, QUOTE, HARBOUR), [("night-riders-union", "Cy Marsh"), ("harbour-lines", None)]),
        ((TOPIC, QUOTE, HALE, QUOTE, HARBOUR), [("harbour-lines", "Bo Hale"), ("harbour-lines", None)]),
        # All names are above their quotations.
        ((TOPIC, HALE, QUOTE, QUILL, QUOTE), [("harbour-lines", "Bo Hale"), ("council", "Ada Quill")]),
        ((TEXT, HARBOUR, QUOTE, MARSH, QUOTE), [("harbour-lines", None), ("night-riders-union", "Cy Marsh")]),
    ],
)
def test_names_stand_on_one_side_of_all_quotations(
    parts: tuple[str, ...], speakers: list[tuple[str, str | None]]
) -> None:
    doc = parsed(*parts)
    found = passages(doc, Article(id="cap-news", text=doc.text, date="2031"), factory.domain())
    assert [(each.speaker.actor, each.speaker.person) for each in found if each.speaker] == speakers


def test_a_heading_below_a_quotation_names_nobody() -> None:
    doc = parsed(TEXT, QUOTE, TOPIC)
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain())
    assert [passage.speaker for passage in found] == [None]


SAID = (
    '"||PUNCT|punct|2 Fares||NOUN|nsubj|2 are|be|AUX|ROOT|2 far||ADV|advmod|4 too||ADV|advmod|5 '
    'high||ADJ|acomp|2 today||NOUN|npadvmod|2 .||PUNCT|punct|2 "||PUNCT|punct|2'
)


@pytest.mark.parametrize(
    ("signature", "speaker"),
    [
        ("Ada||PROPN|compound|1 Quill||PROPN|ROOT|1 ,||PUNCT|punct|1 chair||NOUN|appos|1", "Ada Quill"),
        ("(||PUNCT|punct|2 Ada||PROPN|compound|2 Quill||PROPN|ROOT|2 )||PUNCT|punct|2", "Ada Quill"),
        ("–||PUNCT|punct|2 Ada||PROPN|compound|2 Quill||PROPN|ROOT|2", "Ada Quill"),
        # A sentence about a person is not a signature.
        (
            "Ada||PROPN|compound|1 Quill||PROPN|nsubj|5 ,||PUNCT|punct|1 the||DET|det|4 chair||NOUN|appos|1 "
            "left|leave|VERB|ROOT|5 early||ADV|advmod|5",
            None,
        ),
    ],
)
def test_a_name_next_to_a_quotation_signs_it(signature: str, speaker: str | None) -> None:
    doc = parsed(SAID, signature)
    found = passages(doc, Article(id="cap-news", text=doc.text, date="2031"), factory.domain())
    assert [each.speaker.person for each in found if each.speaker] == ([speaker] if speaker else [])
