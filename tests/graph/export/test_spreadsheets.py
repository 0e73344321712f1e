"""CSV for spreadsheets: no text is run as a formula."""

import pytest

from graph.records import for_spreadsheets


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert for_spreadsheets(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "words = more", "a-b", -1, -0.5, None])
def test_everything_else_stays_as_it_is(value: object) -> None:
    assert for_spreadsheets(value) == value
