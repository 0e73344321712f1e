"""A judgement is a weighted sum that returns its reasons."""

import math

import pytest

from extract.judging.linear import Judgement, judgements, logistic, read

JUDGEMENT = Judgement(base=-1.0, weights={"named": 2.0, "far": -0.5})


def test_sum_counts_what_is_known() -> None:
    assert JUDGEMENT.sum({"named": 1.0, "far": 2.0, "unheard of": 9.0}) == pytest.approx(0.0)


def test_probability_of_even_odds() -> None:
    assert JUDGEMENT.probability({"named": 0.5}) == pytest.approx(0.5)


@pytest.mark.parametrize("value", [-800.0, -1.0, 0.0, 1.0, 800.0])
def test_logistic_is_symmetric(value: float) -> None:
    assert logistic(value) + logistic(-value) == pytest.approx(1.0)
    assert math.isfinite(logistic(value))


def test_reasons_come_weightiest_first() -> None:
    reasons = list(JUDGEMENT.reasons({"far": 1.0, "named": 1.0, "unheard of": 9.0}))
    assert [(reason.name, reason.amount) for reason in reasons] == [("named", 2.0), ("far", -0.5)]


def test_plain_form() -> None:
    assert read({"side": {"base": 0.25, "balance": 1.0}})["side"] == Judgement(base=0.25, weights={"balance": 1.0})


def test_all_judgements_are_fitted() -> None:
    assert set(judgements()) == {
        "both sides",
        "confidence",
        "limits",
        "mixed",
        "neutral",
        "position",
        "position, among many",
        "side",
        "side in context",
        "statement",
        "statement, among many",
    }
