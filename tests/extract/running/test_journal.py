"""The journal keeps the complete results of a killed run, and nothing else."""

import re
from pathlib import Path

import pytest

from extract.extraction import Outcome
from extract.running.journal import Journal
from graph.errors import BadRequest

FIRST = Outcome(article='{"id": "a", "text": "é"}', statements=('{"id": 1}', '{"id": 2}'))
SECOND = Outcome(article='{"id": "b"}')


def kept(path: Path) -> dict[str, str]:
    with Journal(path) as journal:
        return {id: entry.key for id, entry in journal.entries.items()}


def made(path: Path) -> Path:
    with Journal(path) as journal:
        journal.add("a", "key-a", FIRST)
        journal.add("b", "key-b", SECOND)
        journal.add("c", "key-c", Outcome(failure="c.txt: is empty"))
    return path


def test_what_was_added_is_there_when_it_is_opened_again(tmp_path: Path) -> None:
    with Journal(made(tmp_path / "s.state.jsonl")) as journal:
        assert {id: (e.key, e.count, e.failure) for id, e in journal.entries.items()} == {
            "a": ("key-a", 2, ""),
            "b": ("key-b", 0, ""),
            "c": ("key-c", 0, "c.txt: is empty"),
        }
        journal.write_out(["b", "a"], statements=tmp_path / "s.jsonl", articles=tmp_path / "s.articles.jsonl")
    assert (tmp_path / "s.jsonl").read_text() == '{"id": 1}\n{"id": 2}\n'
    assert (tmp_path / "s.articles.jsonl").read_text() == '{"id": "b"}\n{"id": "a", "text": "é"}\n'


def test_whatever_a_killed_run_was_writing_is_dropped(tmp_path: Path) -> None:
    whole = made(tmp_path / "s.state.jsonl").read_bytes()
    path = tmp_path / "cut.state.jsonl"
    ends = [match.start() for match in re.finditer(rb'\{"id": "[abc]", "key"', whole)] + [len(whole)]
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        entries = kept(path)
        assert len(entries) == sum(1 for end in ends[1:] if end <= length)
        assert path.stat().st_size == max(end for end in ends if end <= length)


def test_what_is_damaged_is_not_believed(tmp_path: Path) -> None:
    path = made(tmp_path / "s.state.jsonl")
    path.write_bytes(path.read_bytes().replace(b'{"id": 2}', b'{"id": 3}'))
    assert kept(path) == {}


def test_a_later_result_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    path = made(tmp_path / "s.state.jsonl")
    with Journal(path) as journal:
        for number in range(20):
            journal.add("a", f"key-{number}", FIRST)
        before = path.stat().st_size
        journal.tidy(["a"])
    assert path.stat().st_size < before / 10
    assert kept(path) == {"a": "key-19"}


def test_two_runs_at_once_are_refused(tmp_path: Path) -> None:
    with Journal(tmp_path / "s.state.jsonl"), pytest.raises(BadRequest, match="another run"):
        Journal(tmp_path / "s.state.jsonl")
