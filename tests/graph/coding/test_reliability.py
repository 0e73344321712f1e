"""Agreement between coders, checked by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.coding.reliability import cohens_kappa, krippendorffs_alpha, reliability
from graph.errors import BadRequest
from graph.model import Stance, Statement
from tests.factory import statement

FOR, AGAINST = Stance.SUPPORT, Stance.OPPOSE


def coded(actor: str, stance: Stance = FOR, **changes: Any) -> Statement:
    return statement(actor=actor, stance=stance, **changes)


FIRST = [coded("a"), coded("b"), coded("c", AGAINST), coded("d", AGAINST), coded("e", article="unread")]
SECOND = [coded("a"), coded("b", AGAINST), coded("c", AGAINST, start=20), coded("f")]


def test_two_codings_by_hand() -> None:
    found = reliability(FIRST, SECOND, names=("Mira", "Sol"))
    assert (found.first, found.articles, found.both, found.only_first, found.only_second) == ("Mira", 1, 3, 1, 1)
    assert (found.precision, found.recall, found.f1) == (0.75, 0.75, 0.75)
    # Of three units in common the stance is the same in two.
    assert found.f1_stance == pytest.approx(2 * 2 / 8)
    assert found.f1_passages == pytest.approx(0.75)
    # Observed 2/3; by chance (2 x 1 + 1 x 2) / 9.
    assert found.kappa == pytest.approx((2 / 3 - 4 / 9) / (5 / 9))
    # Krippendorff: one of three pairs differs; of six values three are each, so chance differs in 18 of 30.
    assert found.alpha == pytest.approx(1 - (1 / 3) / (18 / 30))
    assert found.confusion == {
        "none": {"support": 1},
        "oppose": {"none": 1, "oppose": 1},
        "support": {"oppose": 1, "support": 1},
    }


def test_passages_apart_are_not_the_same_passage() -> None:
    found = reliability([coded("a")], [coded("a", start=60)])
    assert (found.f1, found.f1_passages) == (1.0, 0.0)
    assert (found.kappa, found.alpha) == (None, None)


def test_statements_of_one_unit_count_together() -> None:
    torn = [coded("a"), coded("a", AGAINST, start=60), coded("b")]
    assert reliability(torn, [coded("a", Stance.MIXED), coded("b")]).f1_stance == 1.0


def test_codings_of_different_articles_cannot_be_compared() -> None:
    with pytest.raises(BadRequest, match="Mira and Sol"):
        reliability([coded("a")], [coded("a", article="other")], names=("Mira", "Sol"))


pairs = st.lists(st.tuples(st.sampled_from("sox"), st.sampled_from("sox")), min_size=2)


@given(pairs=pairs)
def test_measures_do_not_depend_on_who_comes_first_or_on_order(pairs: list[tuple[str, str]]) -> None:
    turned = [(right, left) for left, right in reversed(pairs)]
    for measure in (cohens_kappa, krippendorffs_alpha):
        assert measure(pairs) == pytest.approx(measure(turned))


@given(values=st.lists(st.sampled_from("sox"), min_size=2).filter(lambda values: len(set(values)) > 1))
def test_coders_who_agree_on_everything_score_one(values: list[str]) -> None:
    pairs = [(value, value) for value in values]
    assert cohens_kappa(pairs) == pytest.approx(1)
    assert krippendorffs_alpha(pairs) == pytest.approx(1)


# The examples of K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), with his results.
PUBLISHED = [
    ("two coders, two values", ("0100000010", "1110010000"), 0.095),
    ("two coders, five values", ("aabbdcccedda", "babbbccceddd"), 0.692),
    ("four coders, missing values", ("123321412...", "1233224125.3", ".3332342251.", "12332441251."), 0.743),
]


@pytest.mark.parametrize(("coders", "alpha"), [each[1:] for each in PUBLISHED], ids=[each[0] for each in PUBLISHED])
def test_alpha_is_that_of_the_published_examples(coders: tuple[str, ...], alpha: float) -> None:
    units = [[None if value == "." else value for value in unit] for unit in zip(*coders, strict=True)]

    assert krippendorffs_alpha(units) == pytest.approx(alpha, abs=0.0005)


def test_alpha_is_not_defined_for_a_single_value_or_none() -> None:
    assert krippendorffs_alpha([]) is None
    assert krippendorffs_alpha([("a", "a")]) is None
    assert krippendorffs_alpha([("a", None), (None, "b")]) is None
