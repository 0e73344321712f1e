"""Some cases of each kind of hostile input; `benchmarks/fuzz.py` is the long run."""

from collections.abc import Callable

import pytest

from benchmarks import hostile
from tests.serving import Server

Run = Callable[[int, int, Callable[[str], None]], None]


@pytest.mark.parametrize(("run", "cases"), [(hostile.imports, 300), (hostile.restores, 25), (hostile.agents, 60)])
def test_hostile_input_is_read_or_refused(run: Run, cases: int) -> None:
    told: list[str] = []
    run(cases, 5, told.append)

    assert f"{cases:,} cases" in told[-1]


def test_no_request_over_a_raw_connection_makes_the_service_fail(server: Server) -> None:
    told: list[str] = []
    hostile.sockets(server, 150, 5, told.append)

    assert "150 cases" in told[-1]
    assert "'200'" in told[-1]
    assert "'400'" in told[-1]


def test_the_same_seed_gives_the_same_case() -> None:
    made = [hostile.changed(b"a valid request", hostile.case(1, 7)) for _ in range(2)]

    assert made[0] == made[1] != hostile.changed(b"a valid request", hostile.case(1, 8))


def test_an_unknown_error_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*given: object, **options: object) -> None:
        raise KeyError("a mistake")

    monkeypatch.setattr(hostile, "read_coding", broken)
    with pytest.raises(hostile.Found, match=r"case \d+ of seed 5, \.\w+: KeyError: 'a mistake'"):
        hostile.imports(50, 5, lambda line: None)
