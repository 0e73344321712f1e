"""Whose voice a section is in, on Docs built by hand."""

import pytest
from spacy.tokens import Span

from extract.voices.passages import passages
from graph.model import Article, Manner
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


@pytest.mark.parametrize(
    ("sentence", "also"),
    [
        (
            "The||DET|det|1 bill||NOUN|nsubj|2 offers|offer|VERB|ROOT|2 free||ADJ|amod|4 travel||NOUN|dobj|2 "
            ".||PUNCT|punct|2",
            True,
        ),
        (
            "The||DET|det|1 council||NOUN|nsubj|3 is|be|AUX|aux|3 preparing|prepare|VERB|ROOT|3|VBG a||DET|det|5 "
            "cap||NOUN|dobj|3 .||PUNCT|punct|3",
            True,
        ),
        (
            "The||DET|det|1 council||NOUN|nsubj|2 announced|announce|VERB|ROOT|2 a||DET|det|4 cap||NOUN|dobj|2 "
            ".||PUNCT|punct|2",
            True,
        ),
        ("Our||PRON|poss|1 bill||NOUN|nsubj|2 offers|offer|VERB|ROOT|2 travel||NOUN|dobj|2 .||PUNCT|punct|2", False),
        ("The||DET|det|1 council||NOUN|nsubj|2 slept|sleep|VERB|ROOT|2 .||PUNCT|punct|2", False),
    ],
)
def test_the_governments_plans_in_another_document_are_the_governments(sentence: str, also: bool) -> None:
    doc = parsed(sentence)
    article = Article(id="cap-note", text=doc.text, voice="harbour-lines")
    found = passages(doc, article, factory.domain(government="council"))
    planned = [passage.speaker.actor for passage in found if passage.manner is Manner.PLAN and passage.speaker]
    assert planned == (["council"] if also else [])
    assert any(passage.speaker and passage.speaker.actor == "harbour-lines" for passage in found)


def test_a_bill_is_not_an_actor_and_belongs_to_the_government() -> None:
    doc = parsed(
        "This||DET|det|1 Bill|bill|PROPN|nsubj|2 proposes|propose|VERB|ROOT|2 a||DET|det|4 cap||NOUN|dobj|2 "
        ".||PUNCT|punct|2",
        entities=[(1, 2, "PERSON")],
    )
    article = Article(id="cap-note", text=doc.text, voice="harbour-lines")
    found = passages(doc, article, factory.domain(government="council"))
    told = {(passage.manner, passage.speaker.actor) for passage in found if passage.speaker}
    assert told == {
        (Manner.OWN, "harbour-lines"),
        (Manner.PLAN, "council"),
        (Manner.REPORTED, "council"),
    }


CALLS = (
    "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|2 called|call|VERB|ROOT|2 for||ADP|prep|2 help||NOUN|pobj|3 "
    ":||PUNCT|punct|2 ¶||SPACE|dep|2"
)
HIGH = "Fares||NOUN|nsubj|1 are|be|AUX|ROOT|1 high||ADJ|acomp|1 .||PUNCT|punct|1 ¶||SPACE|dep|1"
BULLET = "-||PUNCT|punct|1 Cheaper|cheap|ADJ|amod|2 tickets|ticket|NOUN|ROOT|2 .||PUNCT|punct|2 ¶||SPACE|dep|2"
OURS = "We||PRON|nsubj|1 want||VERB|ROOT|1 change||NOUN|dobj|1 .||PUNCT|punct|1 ¶||SPACE|dep|1"


@pytest.mark.parametrize(
    ("following", "words"),
    [
        ((HIGH,), []),
        ((OURS, HIGH), ["We want change."]),
        ((BULLET, BULLET, HIGH), ["Cheaper tickets.", "Cheaper tickets."]),
    ],
)
def test_words_after_a_colon_belong_to_the_name_before_it(following: tuple[str, ...], words: list[str]) -> None:
    doc = parsed(CALLS, *following)
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain())
    said = [p for p in found if p.speaker and p.speaker.actor == "harbour-lines" and p.start > 27]
    assert [doc.text[passage.start : passage.end] for passage in said] == words


def test_joint_speakers_continue_together() -> None:
    doc = parsed(
        "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|5 and||CCONJ|cc|1 the||DET|det|4 council||NOUN|conj|1 "
        "said|say|VERB|ROOT|5 fares||NOUN|nsubj|7 rose|rise|VERB|ccomp|5 .||PUNCT|punct|5 ¶||SPACE|dep|5",
        '"||PUNCT|punct|2 Riders|rider|NOUN|nsubj|2 came|come|VERB|ROOT|2 back||ADV|advmod|2 to||ADP|prep|2 '
        'us||PRON|pobj|4 .||PUNCT|punct|2 "||PUNCT|punct|2',
    )
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain())
    said = [passage.speaker.actor for passage in found if passage.speaker and passage.start > 40]
    assert sorted(said) == ["council", "harbour-lines"]


HALE = (
    "Bo||PROPN|compound|1 Hale||PROPN|nsubj|8 ,||PUNCT|punct|1 chair||NOUN|appos|1 of||ADP|prep|3 "
    "Harbour||PROPN|compound|6 Lines||PROPN|pobj|4 ,||PUNCT|punct|1 said|say|VERB|ROOT|8 "
    ":||PUNCT|punct|8 ¶||SPACE|dep|8"
)
COUNCIL = (
    "The||DET|det|2 City||PROPN|compound|2 Council||PROPN|nsubj|3 added|add|VERB|ROOT|3 :||PUNCT|punct|3 ¶||SPACE|dep|3"
)
WE = "We||PRON|nsubj|1 like||VERB|ROOT|1 it||PRON|dobj|1 .||PUNCT|punct|1 ¶||SPACE|dep|1"
OURS = (
    "It||PRON|nsubj|1 helps|help|VERB|ROOT|1 our||PRON|poss|3 riders|rider|NOUN|dobj|1 .||PUNCT|punct|1 ¶||SPACE|dep|1"
)
NEWS = "Fares||NOUN|nsubj|1 rose|rise|VERB|ROOT|1 again||ADV|advmod|1 .||PUNCT|punct|1 ¶||SPACE|dep|1"


@pytest.mark.parametrize(
    ("parts", "speakers"),
    [
        ((HALE, WE, OURS), ["harbour-lines", "harbour-lines"]),
        ((COUNCIL, OURS, HALE, WE), ["council", "harbour-lines"]),
        # The journalist's own sentence ends the block.
        ((COUNCIL, WE, NEWS, WE), ["council"]),
    ],
)
def test_a_block_without_marks_belongs_to_who_is_announced_above_it(
    parts: tuple[str, ...], speakers: list[str]
) -> None:
    doc = parsed(*parts)
    doc.set_ents([Span(doc, token.i - 1, token.i + 1, label="PERSON") for token in doc if token.text == "Hale"])
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain())
    whole = [p for p in found if p.manner is Manner.REPORTED and p.mention is None]
    assert [p.speaker.actor for p in whole if p.speaker] == speakers
