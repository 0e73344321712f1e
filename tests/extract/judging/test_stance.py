"""The evidence of a sentence for a side, on sentences parsed by hand."""

import pytest
from spacy.tokens import Doc, Span

from extract.judging.linear import judgements
from extract.judging.stance import StanceEvidence, Words, name_side
from extract.judging.targets import Topics
from graph.model import Reform
from tests import factory
from tests.extract.hand import parsed

TOPICS = Topics(
    factory.domain(
        reforms={
            "fare-cap": Reform(id="fare-cap", label="Fare cap"),
            "kiosks": Reform(id="kiosks", label="Abolition of kiosks"),
            "night-buses": Reform(id="night-buses", label="Night buses"),
        }
    )
)
WELCOMED = (
    "The||DET|det|1 council||NOUN|nsubj|2 welcomed|welcome|VERB|ROOT|2 the||DET|det|5 fare||NOUN|compound|5 "
    "cap||NOUN|dobj|2 .||PUNCT|punct|2"
)
WELCOMED_BUT = (
    "The||DET|det|1 council||NOUN|nsubj|2 welcomed|welcome|VERB|ROOT|2 the||DET|det|5 fare||NOUN|compound|5 "
    "cap||NOUN|dobj|2 but||CCONJ|cc|2 feared|fear|VERB|conj|2 chaos||NOUN|dobj|7 .||PUNCT|punct|2"
)
UNFAIR = "The||DET|det|2 fare||NOUN|compound|2 cap||NOUN|nsubj|3 is|be|AUX|ROOT|3 unfair||ADJ|acomp|3 .||PUNCT|punct|3"
WHILE = (
    "While||SCONJ|mark|2 we||PRON|nsubj|2 welcome||VERB|advcl|8 the||DET|det|5 fare||NOUN|compound|5 cap||NOUN|dobj|2 "
    ",||PUNCT|punct|8 we||PRON|nsubj|8 regret||VERB|ROOT|8 it||PRON|dobj|8 .||PUNCT|punct|8"
)
NO_CUE = "The||DET|det|1 bus||NOUN|nsubj|2 stopped|pass|VERB|ROOT|2 at|at|ADP|prep|2 six||NUM|pobj|3 .||PUNCT|punct|2"
STOPPED = "The||DET|det|1 rain||NOUN|nsubj|2 stopped|stop|VERB|ROOT|2 .||PUNCT|punct|2"


def evidence(sentence: str, reform: str = "fare-cap") -> StanceEvidence:
    doc = parsed(sentence)
    return Words(doc[:], reforms=named(doc)).on(TOPICS.topics[reform])


def named(doc: Doc) -> list[Span]:
    """Return the place of 'fare cap'."""
    return [
        Span(doc, token.i, token.i + 2, label="REFORM", span_id="fare-cap")
        for token in doc[:-1]
        if (token.text, token.nbor().text) == ("fare", "cap")
    ]


@pytest.mark.parametrize(
    ("sentence", "support", "oppose"),
    [(WELCOMED, True, False), (UNFAIR, False, True), (WELCOMED_BUT, True, True), (NO_CUE, False, False)],
)
def test_cues_of_either_side(sentence: str, support: bool, oppose: bool) -> None:
    found = evidence(sentence)
    assert (found.support > 0, found.oppose > 0) == (support, oppose)


@pytest.mark.parametrize("sentence", [WELCOMED_BUT, WHILE])
def test_a_sentence_that_turns(sentence: str) -> None:
    assert evidence(sentence).features["support, but then not"] == 1.0


def test_a_judgement_by_name_counts_for_itself() -> None:
    assert evidence(WELCOMED).features["judged by name"] == 1.0
    assert evidence(UNFAIR).features["judged by name"] == -1.0


def test_plain_judgements_lean_to_their_side() -> None:
    side = judgements()["side"]
    assert side.sum(evidence(WELCOMED).features) > side.sum(evidence(NO_CUE).features)
    assert side.sum(evidence(UNFAIR).features) < side.sum(evidence(NO_CUE).features)


def test_cues_have_the_right_offsets() -> None:
    doc = parsed(WELCOMED_BUT)
    cues = Words(doc[:]).on(TOPICS.topics["fare-cap"]).cues()
    assert [doc.text[cue.start : cue.end] for cue in cues] == [cue.text for cue in cues]
    assert {cue.effect for cue in cues} >= {"support", "oppose", "contrast"}


@pytest.mark.parametrize(
    ("sentence", "weights"),
    [
        (WELCOMED, {"welcomed": 1.0}),
        (WELCOMED_BUT, {"welcomed": 1.0, "feared": 0.4, "chaos": 0.7}),
        (UNFAIR, {"unfair": 0.7}),
        (STOPPED, {}),
    ],
)
def test_a_cue_weighs_as_much_as_its_words_say(sentence: str, weights: dict[str, float]) -> None:
    """A doubt is weaker than a rejection, and words about something else are not cues."""
    sided = [cue for cue in evidence(sentence).cues() if cue.effect in ("support", "oppose")]
    assert {cue.text: cue.weight for cue in sided} == weights


def test_a_measure_that_takes_away() -> None:
    assert TOPICS.topics["kiosks"].takes_away
    assert not TOPICS.topics["night-buses"].takes_away


@pytest.mark.parametrize(
    ("label", "side"),
    [("Opponents of the cap", -1), ("Supporters of the cap", 1), ("Save the Night Bus", -1), ("Riders", 0)],
)
def test_a_name_can_show_a_side(label: str, side: int) -> None:
    assert name_side(label) == side
