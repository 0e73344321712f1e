"""Two kills at random moments; `benchmarks/kills.py` is the long run."""

import pytest

from benchmarks import kills


@pytest.mark.filterwarnings("ignore:.*unclosed.*:ResourceWarning")  # connections that the kill cut
def test_what_was_acknowledged_is_there_after_each_kill() -> None:
    told: list[str] = []
    counted = kills.run(2, articles=30, seed=3, tell=told.append)

    assert {"serving", "building"} <= set(counted)
    assert len(told) == 2


def test_what_a_process_acknowledged_is_there_after_it_was_killed() -> None:
    told: list[str] = []
    counted = kills.run(3, articles=3, seed=3, kinds=("writing",), tell=told.append)

    assert counted["writing"] == 3
    assert not told[-1].startswith("3/3 writing: 0 acknowledged")
