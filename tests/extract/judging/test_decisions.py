"""From sums to statements: positions are judged together, and each statement is recorded once."""

import pytest
from spacy.tokens import Doc

from extract.judging.candidates import Candidate, VoicedSentence, units
from extract.judging.decisions import both_sides, bounded, context, decisions, pool, position
from extract.judging.linear import Judgement
from extract.judging.stance import Words
from extract.judging.targets import Discourse, Topics
from extract.statements import trimmed
from extract.voices.passages import Passage, Stretch
from extract.voices.speaker import Speaker
from graph.model import Manner, Stance
from tests import factory
from tests.extract.hand import VOCAB

TOPICS = Topics(factory.domain())
COUNCIL = Speaker(actor="council", label="City Council")
RIDERS = Speaker(actor="riders", label="Riders")
WEIGHTS = {
    "position": Judgement(base=0.0, weights={"best": 1.0}),
    "position, among many": Judgement(base=0.0, weights={"best": 1.0}),
    "both sides": Judgement(base=-9.0, weights={}),
    "side in context": Judgement(base=0.0, weights={"all words": 1.0, "own voice: these words": 1.0}),
    "neutral": Judgement(base=-9.0, weights={}),
    "limits": Judgement(
        base=0.0,
        weights={
            "position": 0.5,
            "statement": 0.5,
            "both sides": 0.5,
            "neutral": 0.5,
            "mixed": 0.5,
            "mixed, own voice": 0.5,
        },
    ),
}


def candidate(holds: float, leaning: float, *, mixed: float = -9.0, manner: Manner = Manner.DIRECT) -> Candidate:
    doc = Doc(VOCAB, words=["Riders", "waited", "."], sent_starts=[True, False, False])
    unit = VoicedSentence(sentence=0, span=doc[:], speaker=COUNCIL, manner=manner, fellows=(0,))
    evidence = Words(doc[:]).on(TOPICS.topics["fare-cap"])
    return Candidate(
        unit=unit, reform="fare-cap", evidence=evidence, about={}, side={}, holds=holds, leaning=leaning, mixed=mixed
    )


def decided(*made: Candidate) -> list[Stance]:
    for one in made:
        one.context = context(one, *pool(made))
    return [decision.stance for decision in decisions(made, WEIGHTS)]


@pytest.mark.parametrize(
    ("made", "stances"),
    [
        ([candidate(3, 2)], [Stance.SUPPORT]),
        ([candidate(3, -2)], [Stance.OPPOSE]),
        # No position.
        ([candidate(-3, 2)], []),
        # A quoted actor is quoted for one side.
        ([candidate(3, 2), candidate(3, 2), candidate(3, -1)], [Stance.SUPPORT] * 3),
        # An actor's own paper weighs both sides.
        ([candidate(3, 2, manner=Manner.OWN), candidate(3, -1, manner=Manner.OWN)], [Stance.SUPPORT, Stance.OPPOSE]),
        # A sentence that is not a statement on its own is dropped.
        ([candidate(3, 2), candidate(-1, 2)], [Stance.SUPPORT]),
        ([candidate(3, 2, mixed=3)], [Stance.MIXED]),
        # A plan is recorded once, as its owner's support.
        ([candidate(3, -2, manner=Manner.PLAN), candidate(3, -2, manner=Manner.PLAN)], [Stance.SUPPORT]),
    ],
)
def test_decisions(made: list[Candidate], stances: list[Stance]) -> None:
    assert decided(*made) == stances


def test_features_of_a_position() -> None:
    found = position([candidate(1, 0), candidate(2, 0)])
    assert (found["best"], found["second"]) == (2, 1)
    assert position([candidate(1, 0)])["second"] == -4.0


def test_the_weaker_side() -> None:
    assert both_sides([candidate(9, 2), candidate(9, -1)])["the weaker side"] == pytest.approx(1.0, abs=0.01)
    assert both_sides([candidate(9, 2), candidate(9, 1)])["the weaker side"] == 0.0


@pytest.mark.parametrize(("leaning", "kept"), [(9.0, 3.0), (-9.0, -3.0), (0.5, 0.5)])
def test_words_can_be_so_sure_and_no_surer(leaning: float, kept: float) -> None:
    assert bounded(leaning) == kept


def spoken(*passages: Passage, voice: str = "") -> list[VoicedSentence]:
    doc = Doc(
        VOCAB,
        words=["Riders", "cheered", ",", "the", "council", "wept", ".", "It", "rained", "."],
        sent_starts=[True, *[False] * 6, True, False, False],
    )
    return units(Discourse(doc, TOPICS), passages, voice=voice)


def passage(start: int, end: int, speaker: Speaker | None, **changes: object) -> Passage:
    return Passage(start=start, end=end, manner=Manner.REPORTED, speaker=speaker, **changes)  # type: ignore[arg-type]  # a table


def test_a_sentence_of_one_voice_is_taken_whole() -> None:
    (unit,) = spoken(passage(0, 14, COUNCIL))
    assert (unit.sentence, unit.span.start, unit.span.end) == (0, 0, 7)


def test_a_sentence_of_two_voices_is_parted() -> None:
    one, other = spoken(
        passage(0, 14, RIDERS, pieces=(Stretch(start=0, end=14),)),
        passage(29, 33, COUNCIL, pieces=(Stretch(start=29, end=33),), mention=Stretch(start=17, end=28)),
    )
    assert {one.span.text, other.span.text} == {"Riders cheered", "the council wept"}


def test_who_is_not_known_says_nothing() -> None:
    assert spoken(passage(0, 14, None)) == []


def test_a_paper_is_its_owners_voice() -> None:
    (unit,) = spoken(passage(0, 14, COUNCIL), voice="council")
    assert unit.manner is Manner.OWN


def test_quotations_have_no_space_around_them() -> None:
    doc = Doc(VOCAB, words=["\n\n", "Riders", "cheered", "\n"])
    start, end = trimmed(doc.text, doc[:])
    assert doc.text[start:end] == "Riders cheered"
