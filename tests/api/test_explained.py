"""An explanation shows what was taken for what, and why."""

from api.explained import told
from extract.explain import Considered, Explained, Explanation, Unheard
from extract.linear import Reason
from graph.model import Cue, Manner, Stance


def considered(stance: Stance | None) -> Considered:
    return Considered(
        reform="fare-cap",
        stance=stance,
        statement=0.9,
        position=0.8,
        support=0.2,
        about=(Reason(name="named", amount=2.0),),
        side=(Reason(name="rejects", amount=-1.5),),
        cues=(Cue(text="rejected", start=12, end=20, effect="oppose"),),
        condition=None,
    )


def explanation(*taken: Considered) -> Explanation:
    sentence = Explained(
        start=0,
        end=34,
        quote="Harbour Lines rejected the fare cap.",
        actor="harbour-lines",
        actor_label="Harbour Lines",
        speaker="Ada Quill",
        manner=Manner.REPORTED,
        considered=taken,
    )
    unheard = Unheard(start=40, end=50, quote="Too dear.", mention="she")
    return Explanation(article="cap-news", sentences=(sentence,), unheard=(unheard,))


def test_a_statement_is_told_with_its_cues_and_reasons() -> None:
    lines = "\n".join(told(explanation(considered(Stance.OPPOSE))))
    assert "Harbour Lines (Ada Quill) · reported · 0-34" in lines
    assert "fare-cap: oppose (a statement 0.90, a position 0.80, support 0.20)" in lines
    assert "cues: rejected (oppose)" in lines
    assert "side: rejects -1.50" in lines


def test_a_near_miss_is_told_as_passed_over() -> None:
    assert any("fare-cap: passed over" in line for line in told(explanation(considered(None))))


def test_words_of_nobody_known_are_told() -> None:
    assert "nobody known · 40-50 · said by she" in list(told(explanation()))
