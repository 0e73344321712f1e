"""Words that change the effect of a cue, on sentences parsed by hand."""

import pytest
from spacy.tokens import Doc

from extract.judging.cues import hits
from extract.judging.scope import condition, turned, turns
from tests.extract.hand import parsed

OPPOSES = "Riders||NOUN|nsubj|1 oppose||VERB|ROOT|1 the||DET|det|3 cap||NOUN|dobj|1 .||PUNCT|punct|1"
NOT_OPPOSE = "Riders||NOUN|nsubj|3 do||AUX|aux|3 not||PART|neg|3 oppose||VERB|ROOT|3 it||PRON|dobj|3 .||PUNCT|punct|3"
NOT_CONVINCED = "Riders||NOUN|nsubj|1 are|be|AUX|ROOT|1 not||PART|neg|1 worried||ADJ|acomp|1 .||PUNCT|punct|1"
NEVER_UNFAIR = "It|it|PRON|nsubj|1 was|be|AUX|ROOT|1 never||ADV|neg|1 unfair||ADJ|acomp|1 .||PUNCT|punct|1"
NOT_ONLY = "It|it|PRON|nsubj|1 is|be|AUX|ROOT|1 not||PART|neg|1 only||ADV|advmod|4 unfair||ADJ|acomp|1 .||PUNCT|punct|1"
FEARS_DISMISSED = "She||PRON|nsubj|1 dismissed|dismiss|VERB|ROOT|1 fears|fear|NOUN|dobj|1 .||PUNCT|punct|1"
FEARS_BUT = (
    "She||PRON|nsubj|1 dismissed|dismiss|VERB|ROOT|1 it||PRON|dobj|1 but||CCONJ|cc|1 fears|fear|VERB|conj|1 "
    "delays|delay|NOUN|dobj|4 .||PUNCT|punct|1"
)

AGAINST_DELAY = "Riders||NOUN|nsubj|1 oppose||VERB|ROOT|1 any||DET|det|3 delay||NOUN|dobj|1 .||PUNCT|punct|1"
AGAINST_BURDEN = "Riders||NOUN|nsubj|1 oppose||VERB|ROOT|1 the||DET|det|3 burden||NOUN|dobj|1 .||PUNCT|punct|1"
TWO_CLAUSES = (
    "We||PRON|nsubj|1 welcome||VERB|ccomp|6 it||PRON|dobj|1 ,||PUNCT|punct|6 it||PRON|nsubj|6 cannot||AUX|neg|6 "
    "come||VERB|ROOT|6 too||ADV|advmod|8 soon||ADV|advmod|6 .||PUNCT|punct|6"
)


def sides(doc: Doc) -> dict[str, int]:
    found = turned(turns(doc, list(hits(doc[:]))))
    return {doc[cue.hit.start : cue.hit.end].text: cue.side for cue in found}


@pytest.mark.parametrize(
    ("sentence", "word", "side"),
    [
        (OPPOSES, "oppose", -1),
        (NOT_OPPOSE, "oppose", 1),
        (NOT_CONVINCED, "worried", 1),
        (NEVER_UNFAIR, "unfair", 1),
        (NOT_ONLY, "unfair", -1),
        (FEARS_DISMISSED, "fears", 1),
        (FEARS_BUT, "fears", -1),
        (AGAINST_DELAY, "oppose", 1),
        (AGAINST_BURDEN, "oppose", -1),
        (TWO_CLAUSES, "welcome", 1),
    ],
)
def test_side(sentence: str, word: str, side: int) -> None:
    assert sides(parsed(sentence))[word] == side


SCRAP = "They||PRON|nsubj|1 scrapped|scrap|VERB|ROOT|1 the||DET|det|3 cap||NOUN|dobj|1 .||PUNCT|punct|1"


@pytest.mark.parametrize(
    ("takes_away", "name", "words", "side"),
    [
        # To scrap the measure is to oppose it, whatever it does.
        (False, {3}, set(), -1),
        (True, {3}, set(), -1),
        # To scrap what the measure removes is to carry it out.
        (True, set(), {3}, 1),
        (False, set(), {3}, -1),
        # To scrap something else shows no side.
        (False, set(), set(), 0),
        (True, set(), set(), 0),
    ],
)
def test_taking_away(takes_away: bool, name: set[int], words: set[int], side: int) -> None:
    doc = parsed(SCRAP)
    found = turned(turns(doc, list(hits(doc[:]))), takes_away=takes_away, name=name, target=name, words=words)
    assert sum(cue.side for cue in found) == side
    assert all(cue.on_target for cue in found)
    assert [cue.by_name for cue in found] == [bool(name)] * len(found)


IF_FUNDED = (
    "We||PRON|nsubj|1 agree||VERB|ROOT|1 if||SCONJ|mark|5 it||PRON|nsubjpass|5 is|be|AUX|auxpass|5 "
    "funded|fund|VERB|advcl|1 .||PUNCT|punct|1"
)


@pytest.mark.parametrize(("sentence", "words"), [(IF_FUNDED, "if it is funded"), (OPPOSES, None)])
def test_condition(sentence: str, words: str | None) -> None:
    doc = parsed(sentence)
    found = condition(doc[:], list(hits(doc[:])))
    assert (found.text if found is not None else None) == words
