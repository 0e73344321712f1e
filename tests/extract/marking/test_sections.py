import pytest
import spacy

from extract.marking.sections import lines, paragraphs
from tests.extract.hand import parsed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One fare.\n\nTwo fares.", ["One fare.", "Two fares."]),
        ("One fare.\r\nTwo fares.", ["One fare.", "Two fares."]),
        ("  • night buses\n  • day buses", ["• night buses", "• day buses"]),
        ("The council said on Tuesday that all of the new fares would\nbe capped.", 1),
        ("The council said that\nfares would be capped.", 1),
        ("A title\nThe council met.", ["A title", "The council met."]),
        ("\n \n", []),
    ],
)
def test_paragraphs_by_line_ends(text: str, found: list[str] | int) -> None:
    pieces = [text[start:end] for start, end in lines(text)]
    assert pieces == (found if isinstance(found, list) else [text])


def test_a_line_without_a_full_stop_is_a_heading() -> None:
    doc = parsed(
        "Council||NOUN|compound|1 view||NOUN|ROOT|1 ¶||SPACE|dep|1",
        "It||PRON|nsubj|1 helps|help|VERB|ROOT|1 .||PUNCT|punct|1",
    )
    assert [span.label_ for span in doc.spans["paragraphs"]] == ["heading", "text"]


@pytest.mark.parametrize("bullet", ["•", "-", "*", "–", "4.", "(b)", "iv."])
def test_a_sentence_begins_after_a_bullet(bullet: str) -> None:
    doc = paragraphs(spacy.blank("en")(f"{bullet} We welcome the cap.\n\n{bullet} It helps."))

    begins = [token.text for token in doc if token.is_sent_start and token.text not in bullet]
    assert begins == ["We", "It"]
    # The parts of a bullet are not taken apart; about the rest of the sentence the parser decides.
    assert all(token.is_sent_start is None for token in doc if token.text in {"welcome", "the", "cap", "helps"})
    assert not any(token.is_sent_start for token in doc if token.text in {")", "b"})
