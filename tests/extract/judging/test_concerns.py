"""Grounds are found by the cues of the domain's table."""

import pytest

from extract.judging.concerns import concerns
from graph.model import Concern
from tests.factory import domain

BUSES = domain(
    concerns={
        "cost": Concern(id="cost", label="Cost", cues=("cost", "too dear")),
        "access": Concern(id="access", label="Access", cues=("step-free",)),
        "none": Concern(id="none", label="No cues"),
    }
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It costs the riders.", ("cost",)),
        ("Too dear, and not step free.", ("cost", "access")),
        ("A costume on a bus.", ()),
        ("", ()),
    ],
)
def test_concerns(text: str, found: tuple[str, ...]) -> None:
    assert concerns(text, BUSES) == found
