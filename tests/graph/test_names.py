"""One way to make an id from a name, and one way to look a name up."""

import pytest

from graph.names import by_name, slug


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("City Council", "city-council"),
        ("Café & Co.", "cafe-co"),
        ("Riders’ Union", "riders-union"),
        ("Night_Bus Ltd", "night-bus-ltd"),
        ("Ωμέγα", "ωμέγα"),
        ("…", "absent"),
    ],
)
def test_a_name_becomes_the_same_id_everywhere(name: str, id: str) -> None:
    assert slug(name, otherwise="absent") == id


def test_a_name_means_one_thing_or_nothing() -> None:
    known = by_name({"council": ["City Council", "the council"], "lines": ["Harbour", "the council"]})
    assert known == {"council": "council", "city council": "council", "lines": "lines", "harbour": "lines"}
