"""Workers keep each task within its limits, and a failure stays in its process."""

import operator
import re
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from extract.extraction import Task, document_extractor
from extract.models import Engine
from extract.running.workers import Broken, TaskLimits, worked
from graph.errors import BadRequest
from tests import factory

# What is sent to workers must be found there as well: functions of the standard library, and makers from `partial`.
LENGTHS: Callable[[], Callable[[str], int]] = partial(partial, len)


@pytest.mark.parametrize("workers", [1, 3])
def test_each_task_has_its_result(workers: int) -> None:
    tasks = ["a" * length for length in range(20)]
    assert sorted(worked(tasks, LENGTHS, workers=workers)) == [(task, len(task)) for task in tasks]


def test_one_worker_keeps_the_order() -> None:
    tasks = ["ccc", "a", "bb"]
    assert list(worked(tasks, LENGTHS)) == [("ccc", 3), ("a", 1), ("bb", 2)]


def test_no_tasks_start_no_process() -> None:
    assert list(worked([], partial(partial, operator.index))) == []


def test_no_more_is_taken_than_is_under_way() -> None:
    taken: list[str] = []
    tasks = (taken.append(task) or task for task in "abcd")  # type: ignore[func-returns-value]  # that is None
    results = worked(tasks, LENGTHS)
    next(results)
    assert taken == ["a"]
    assert len(list(results)) == 3


def test_a_task_that_needs_too_much_memory_is_reported_and_the_next_runs() -> None:
    bounds = TaskLimits(seconds=60, memory=256 * 1024**2)
    results = list(worked([2**30, 3], partial(partial, bytes), bounds=bounds))
    assert results == [(2**30, Broken(reason="needs more than 256 MB of memory")), (3, b"\0\0\0")]


def test_a_task_that_runs_too_long_is_reported_and_the_next_runs() -> None:
    endless = re.compile("(a|aa)+$")
    results = list(worked(["a" * 60 + "b", "aab"], partial(partial, endless.match), bounds=TaskLimits(seconds=0.2)))
    assert results == [("a" * 60 + "b", Broken(reason="takes longer than 0.2 seconds")), ("aab", None)]


def test_a_task_that_only_waits_is_ended_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extract.running.workers.PATIENCE", 1)
    monkeypatch.setattr("extract.running.workers.SLACK", 0.2)
    results = list(worked([60.0], partial(partial, time.sleep), bounds=TaskLimits(seconds=0.3)))
    assert results == [(60.0, Broken(reason="takes longer than 0.3 seconds"))]


def test_a_killed_worker_is_reported_and_its_task_retried_in_the_next_run() -> None:
    ((_, result),) = worked([signal.SIGKILL], partial(partial, signal.raise_signal))
    assert isinstance(result, Broken)
    assert not result.lasting


def test_an_error_of_a_task_is_a_sentence() -> None:
    ((_, result),) = worked(["x"], partial(partial, int))
    assert result == Broken(reason="cannot be read: ValueError: invalid literal for int() with base 10: 'x'")


def test_what_cannot_be_made_ready_is_raised_here() -> None:
    make = partial(document_extractor, Engine(domain=factory.domain(), model="no_such_model"))
    with pytest.raises(BadRequest, match="the language model 'no_such_model' is not installed"):
        list(worked([Task(path=Path("a.txt"), info=factory.article())], make))
