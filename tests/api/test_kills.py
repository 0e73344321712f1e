"""Two kills at random moments; `benchmarks/kills.py` is the long run."""

import pytest

from benchmarks import kills


@pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")  # connections that the kill cut
def test_what_was_acknowledged_is_there_after_each_kill() -> None:
    told: list[str] = []
    counted = kills.run(2, articles=30, seed=3, tell=told.append)

    assert {"serving", "building"} <= set(counted)
    assert len(told) == 2
