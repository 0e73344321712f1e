"""Which claims become statements: the likeliest holder of each sentence, and no position on weak evidence."""

from extract.judging.choosing import JudgedClaim, chosen
from extract.judging.claims import ClaimJudgement, Limits
from graph.model import Stance

LIMITS = Limits(position=0.5, statement=0.3)


def claim(sentence: int, actor: str, holds: float, *, reform: str = "fare-cap", by_rule: bool = False) -> JudgedClaim:
    sides = {Stance.SUPPORT: 0.7, Stance.OPPOSE: 0.1, Stance.MIXED: 0.1, Stance.NEUTRAL: 0.1}
    verdict = ClaimJudgement(holds=holds, sides=sides)
    return JudgedClaim(sentence=sentence, actor=actor, reform=reform, by_rule=by_rule, verdict=verdict)


def test_the_likeliest_holder_of_a_sentence_is_kept() -> None:
    assert chosen([claim(0, "council", 0.8), claim(0, "riders", 0.6)], LIMITS) == [0]


def test_two_holders_are_kept_where_rules_name_both() -> None:
    both = [claim(0, "council", 0.8, by_rule=True), claim(0, "riders", 0.7, by_rule=True)]
    assert chosen(both, LIMITS) == [0, 1]


def test_one_sentence_may_be_about_two_reforms() -> None:
    assert chosen([claim(0, "council", 0.8), claim(0, "council", 0.6, reform="night-buses")], LIMITS) == [0, 1]


def test_a_weak_sentence_counts_only_next_to_a_strong_one() -> None:
    weak, strong = claim(0, "council", 0.35), claim(4, "council", 0.6)
    assert chosen([weak], LIMITS) == []
    assert chosen([weak, strong], LIMITS) == [0, 1]


def test_nothing_is_made_of_nothing() -> None:
    assert chosen([], LIMITS) == []
