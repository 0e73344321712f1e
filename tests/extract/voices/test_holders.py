"""Who may hold a sentence: everyone in reach of it, with the facts that speak for each."""

import pytest

from extract.marking.gazetteer import Gazetteer
from extract.voices.holders import Holder, Holders
from extract.voices.passages import scene
from graph.model import Article
from tests import factory
from tests.extract.hand import parsed

SAID = (
    "The||DET|det|2 City||PROPN|compound|2 Council||PROPN|nsubj|3 said|say|VERB|ROOT|3 it||PRON|nsubj|5 "
    "welcomed|welcome|VERB|ccomp|3 the||DET|det|8 fare||NOUN|compound|8 cap||NOUN|dobj|5 .||PUNCT|punct|3"
)


def of(voice: str = "") -> dict[str, Holder]:
    domain = factory.domain()
    doc = Gazetteer(domain)(parsed(SAID))
    article = Article(id="cap", text=doc.text, date="2031", voice=voice)
    heard = scene(doc, article, domain)
    found = Holders(heard.cast, heard.passages, list(doc.sents), heard.owner).of(0)
    return {one.speaker.actor: one for one in found}


def test_whoever_the_rules_hear_is_marked() -> None:
    council = of()["council"]
    assert council.facts["rule"] == 1
    assert council.facts["subject"] == 1
    assert council.facts["with a verb of saying"] == 1
    assert council.facts["rules say nobody"] == 0


def test_whose_document_it_is_is_in_reach_of_every_sentence() -> None:
    found = of(voice="harbour-lines")
    assert found["harbour-lines"].facts["own document"] == 1
    assert found["harbour-lines"].facts["own document: declared"] == 1
    assert found["harbour-lines"].facts["rules say another"] == 1
    assert found["council"].facts["rule"] == 1


@pytest.mark.parametrize("fact", ["own document", "government"])
def test_nobody_is_in_reach_without_a_reason(fact: str) -> None:
    assert not any(one.facts.get(fact) for one in of().values())
