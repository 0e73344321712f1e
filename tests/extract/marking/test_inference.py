"""A pipeline that is sped up gives the same results as the model alone, in every attribute."""

from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from extract.marking import inference
from extract.marking.inference import quicken
from extract.models import MODEL

ARTICLES = Path(__file__).parents[2] / "domains" / "buses" / "articles"
TEXTS = {
    **{path.stem: path.read_text(encoding="utf-8") for path in sorted(ARTICLES.glob("*.txt"))[:6]},
    "empty": "",
    "white space": " \n\n \t\n",
    "one word": "Thornley",
    "a name at the end": "It was said by Ada Quill",
    "short forms": "Let's go, y'all: he'd gotta say they gonna 'cause it won't, c'mon! Somethin' ain't doin' right.",
    "emoji": "👩‍👩‍👧 Thornley 🚌🚌 said “No” – נגד – ضد the fare cap in 2031 🎉.",
}


@pytest.fixture(scope="module")
def alone() -> Language:
    pytest.importorskip(MODEL)
    return spacy.load(MODEL)


@pytest.fixture(scope="module")
def faster(alone: Language) -> Language:
    nlp = spacy.load(MODEL)
    quicken(nlp)
    return nlp


def told(doc: Doc) -> list[tuple[object, ...]]:
    return [
        (t.text, t.tag_, t.pos_, str(t.morph), t.lemma_, t.dep_, t.head.i, t.ent_iob_, t.ent_type_, t.is_sent_start)
        for t in doc
    ]


@pytest.mark.parametrize("name", TEXTS)
def test_the_same_as_the_model_alone(name: str, alone: Language, faster: Language) -> None:
    assert told(faster(TEXTS[name])) == told(alone(TEXTS[name]))


def test_all_parts_that_are_known_are_made_faster(faster: Language) -> None:
    assert type(faster.get_pipe("ner")).__name__ == "EntitiesAtOnce"
    assert type(faster.get_pipe("attribute_ruler")).__name__ == "RememberedAttributes"


def test_forms_are_forgotten_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch, alone: Language) -> None:
    monkeypatch.setattr(inference, "MOST", 20)
    nlp = spacy.load(MODEL)
    quicken(nlp)
    for name in ("short forms", "emoji", "a name at the end", "short forms"):
        assert told(nlp(TEXTS[name])) == told(alone(TEXTS[name]))


def test_vectors_are_the_same_to_the_last_digit_whatever_was_read_before(faster: Language) -> None:
    fresh = spacy.load(MODEL)
    quicken(fresh)
    for name in reversed(TEXTS):
        assert np.array_equal(fresh(TEXTS[name]).tensor, faster(TEXTS[name]).tensor)


def test_entities_that_are_there_stay(alone: Language, faster: Language) -> None:
    def marked(nlp: Language) -> list[tuple[object, ...]]:
        doc = nlp.make_doc("The Night Owl of Thornley met Ada Quill on Tuesday.")
        doc.set_ents([Span(doc, 1, 3, label="ORG")], default="unmodified")
        return told(nlp(doc))

    assert marked(faster) == marked(alone)


def test_parts_that_are_not_known_are_left_alone() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("sentencizer")
    quicken(nlp)
    assert nlp.pipe_names == ["sentencizer"]
    assert [token.text for token in nlp("One stop. Another.")][-1] == "."
