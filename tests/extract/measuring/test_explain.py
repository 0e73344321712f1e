"""An explanation shows which sentences became statements, which did not, and why."""

import pytest
from spacy.tokens import Doc

from extract.judging.targets import Topics
from extract.marking.gazetteer import Gazetteer
from extract.measuring.explain import Explanation, explanation
from graph.model import Article, Stance
from tests import factory
from tests.extract.hand import parsed

SAID = (
    "The||DET|det|2 City||PROPN|compound|2 Council||PROPN|nsubj|3 said|say|VERB|ROOT|3 it||PRON|nsubj|5 "
    "welcomed|welcome|VERB|ccomp|3 the||DET|det|8 fare||NOUN|compound|8 cap||NOUN|dobj|5 .||PUNCT|punct|3"
)


@pytest.fixture(scope="module")
def explained() -> tuple[Doc, Explanation]:
    topics = Topics(factory.domain())
    doc = Gazetteer(topics.domain)(parsed(SAID))
    return doc, explanation(Article(id="cap", text=doc.text, date="2031"), doc, topics)


def test_a_sentence_and_its_reform(explained: tuple[Doc, Explanation]) -> None:
    doc, found = explained
    (sentence,) = found.sentences
    assert sentence.actor == "council"
    assert doc.text[sentence.start : sentence.end].strip() == sentence.quote
    likeliest = sentence.considered[0]
    assert (likeliest.reform, likeliest.stance) == ("fare-cap", Stance.SUPPORT)
    assert "welcomed" in [cue.text for cue in likeliest.cues]
    assert likeliest.about
    assert likeliest.side
    assert 0 <= likeliest.statement <= 1


def test_every_speaker_is_identified_here(explained: tuple[Doc, Explanation]) -> None:
    assert explained[1].unheard == ()
