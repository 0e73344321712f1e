"""Two hundred articles against a server that fails, and runs that are killed."""

import json
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from extract.documents.reading import documents, read
from extract.model_reading import runs
from extract.model_reading.kept import AnswerFile, ModelAnswer, answers_beside
from extract.model_reading.requests import Asking
from extract.model_reading.runs import RunProgress, read_all, write_run
from extract.model_reading.server import Answerer, Client, ModelServer, read_key
from graph.domain.folder import Domain, read_domain
from graph.model import Article
from tests.chat_server import chat_server

SECRET = "key-of-the-test-8842"
KILLED = 3


def area(folder: Path, articles: int) -> Path:
    """A domain of short invented articles."""
    (folder / "articles").mkdir(parents=True)
    (folder / "actors.csv").write_text("id,label\ncouncil,City Council\n", encoding="utf-8")
    (folder / "reforms.csv").write_text("id,label\nfare-cap,Fare cap\n", encoding="utf-8")
    for number in range(articles):
        text = f"City Council welcomed the fare cap on line {number}. Riders cheered.\n" * 3
        (folder / "articles" / f"a{number:03}.txt").write_text(text, encoding="utf-8")
    return folder


def answer(body: dict[str, Any]) -> str:
    record = {
        "actor": "council",
        "speaker": None,
        "reform": "fare-cap",
        "stance": "support",
        "sentences": [1],
        "condition": None,
        "concerns": [],
        "certainty": "clear",
    }
    return json.dumps({"statements": [record]})


def test_two_hundred_articles_are_read_though_a_fifth_of_the_requests_fail(tmp_path: Path) -> None:
    domain = read_domain(area(tmp_path / "d", 200))
    chance = random.Random(5)
    faults = [chance.choice(("429", "500", "503", "half", "html")) if chance.random() < 0.2 else "" for _ in range(999)]
    with (
        chat_server(answer, lambda number: faults[number]) as server,
        AnswerFile(tmp_path / "k.jsonl") as kept,
        Client(ModelServer(url=server.url, first_wait=0.01), SECRET) as client,
    ):
        run = read_all(domain, kept, Asking(model="tiny"), answerer=client.answer, at_once=4)
    assert (len(run.articles), len(run.statements), run.failures) == (200, 200, ())
    assert server.count > 220


def texts_here(domain: Domain) -> Iterator[tuple[str, Article | str]]:
    """Read documents in this process: how they are read elsewhere is tested there."""
    return ((info.id, read(path, info)) for path, info in documents(domain) if not info.confidential)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "texts", texts_here)


class Counted:
    """Answers at once, and counts what was asked."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def __call__(self, key: str, body: Mapping[str, Any]) -> ModelAnswer:
        with self.lock:
            self.count += 1
        return ModelAnswer(key=key, text=answer(dict(body)), input=10, output=5)


def written(
    domain: Domain, out: Path, ask: Answerer, on_article: Callable[[RunProgress], None] = lambda _: None
) -> bytes:
    """Run to the end, and return the bytes of both files."""
    with AnswerFile(answers_beside(out)) as kept:
        run = read_all(domain, kept, Asking(model="tiny"), answerer=ask, on_article=on_article)
    write_run(out, run.articles, run.statements)
    return out.read_bytes() + out.with_name(f"{out.stem}.articles.jsonl").read_bytes()


def read_on() -> None:
    """Read a domain into a file from a server until someone kills the process; run in a process of its own."""
    folder, url, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    runs.texts = texts_here  # type: ignore[assignment]  # as `here` does
    with Client(ModelServer(url=url), read_key()) as client:
        written(read_domain(folder), out, client.answer)


class Held:
    """Answers a number of requests and holds the others back until the next run."""

    def __init__(self) -> None:
        self.left = 0
        self.holds = threading.Event()
        self.released = threading.Event()
        self.lock = threading.Lock()

    def give(self, number: int) -> None:
        self.released.set()
        self.left, self.holds, self.released = number, threading.Event(), threading.Event()

    def __call__(self, body: dict[str, Any]) -> str:
        with self.lock:
            self.left -= 1
            holds, released = self.holds, self.released
            held = self.left < 0
        if held:
            holds.set()
            released.wait()
        return answer(body)


@pytest.mark.usefixtures("here")
def test_a_killed_run_continues_to_the_same_bytes_and_the_key_is_in_no_file(tmp_path: Path) -> None:
    folder = area(tmp_path / "d", 40)
    out = tmp_path / "out" / "s.jsonl"
    chance, held = random.Random(3), Held()
    program = "from tests.extract.model_reading.test_runs import read_on; read_on()"
    with chat_server(held) as server:

        def start() -> "subprocess.Popen[bytes]":
            environment = {"POSITIONS_MODEL_KEY": SECRET, "PYTHONPATH": ":".join(sys.path)}
            return subprocess.Popen([sys.executable, "-c", program, str(folder), server.url, str(out)], env=environment)

        for _ in range(KILLED):
            held.give(chance.randint(1, 30 // KILLED))
            process = start()
            while not held.holds.wait(0.05):
                assert process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        held.give(100)
        assert start().wait() == 0
        sent = server.count
    # A killed run may have sent four requests whose answers it did not live to keep.
    assert 40 <= sent <= 40 + 8 * KILLED
    found = out.read_bytes() + out.with_name("s.articles.jsonl").read_bytes()
    left = Counted()
    assert found == written(read_domain(folder), tmp_path / "whole.jsonl", Counted())
    assert found == written(read_domain(folder), out, left)
    assert left.count == 0
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


@pytest.mark.usefixtures("here")
def test_answers_cut_off_anywhere_are_continued_to_the_same_bytes(tmp_path: Path) -> None:
    # All that a killed run leaves is a part of the file of answers, which is only ever appended to.
    domain = read_domain(area(tmp_path / "d", 12))
    out, chance = tmp_path / "s.jsonl", random.Random(17)
    whole = written(domain, out, Counted())
    answers = answers_beside(out).read_bytes()
    for cut in [0, 1, len(answers) - 1, *(chance.randrange(len(answers)) for _ in range(20))]:
        answers_beside(out).write_bytes(answers[:cut])
        again = Counted()
        assert written(domain, out, again) == whole, cut
        assert again.count == 12 - answers[:cut].count(b"\n"), cut


@pytest.mark.usefixtures("here")
def test_an_interrupted_run_keeps_what_was_answered(tmp_path: Path) -> None:
    domain = read_domain(area(tmp_path / "d", 30))
    out, first = tmp_path / "s.jsonl", Counted()

    def interrupt(tally: RunProgress) -> None:
        if tally.articles == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        written(domain, out, first, interrupt)
    assert not out.exists()
    kept = answers_beside(out).read_bytes().count(b"\n")
    assert 7 <= kept <= first.count < 30
    second = Counted()
    assert written(domain, out, second) == written(domain, tmp_path / "t.jsonl", Counted())
    assert second.count == 30 - kept


@pytest.mark.usefixtures("here")
def test_a_run_tells_articles_refused_records_and_tokens_so_far(tmp_path: Path) -> None:
    domain = read_domain(area(tmp_path / "d", 10))
    told: list[tuple[int, int, int]] = []

    def invent(key: str, body: Mapping[str, Any]) -> ModelAnswer:
        records = json.loads(answer(dict(body)))["statements"]
        invented = [each | {"actor": "Not Here"} for each in records]
        return ModelAnswer(key=key, text=json.dumps({"statements": records + invented}), input=10, output=5)

    with AnswerFile(tmp_path / "k.jsonl") as kept:
        on_article = lambda tally: told.append((tally.articles, tally.refused, tally.tokens))  # noqa: E731  # one line
        run = read_all(domain, kept, Asking(model="tiny"), answerer=invent, at_once=1, on_article=on_article)
    assert [articles for articles, _, _ in told] == list(range(1, 11))
    assert [refused for _, refused, _ in told] == list(range(1, 11))
    # Each article takes a request and one retry of 15 tokens each; the next may be under way.
    assert all(30 * articles <= tokens <= 300 for articles, _, tokens in told)
    assert told[-1] == (10, 10, run.input + run.output) == (10, 10, 300)
