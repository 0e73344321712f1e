"""Weights are fitted from rows of named features; needs scikit-learn."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is needed to fit weights only")

from extract.fitting import logistic_regression, with_weights, write  # after the check
from extract.linear import Judgement, read  # after the check


def test_weights_tell_rows_apart() -> None:
    rows = [{"named": 1.0}, {"named": 1.0}, {"far": 1.0}, {"far": 1.0}]
    fitted = logistic_regression(rows, [True, True, False, False], strength=1.0)
    assert fitted.weights["named"] > 0 > fitted.weights["far"]


@pytest.mark.parametrize(("label", "certain"), [(True, True), (False, False)])
def test_one_kind_of_rows_only(label: bool, certain: bool) -> None:
    fitted = logistic_regression([{"named": 1.0}], [label], strength=1.0)
    assert (fitted.probability({}) > 0.9) is certain


def test_no_rows() -> None:
    assert logistic_regression([], [], strength=1.0).probability({}) < 0.1


def test_further_weights() -> None:
    assert with_weights(Judgement(base=1.0, weights={"a": 1.0}), {"b": 2.0}).weights == {"a": 1.0, "b": 2.0}


def test_written_weights_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    fitted = {"side": Judgement(base=-0.5, weights={"b": 1.0, "a": 2.0})}
    write(path, fitted)
    assert read(json.loads(path.read_text(encoding="utf-8"))) == fitted
