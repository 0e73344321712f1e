"""Two hundred articles against a server that fails, and runs that are killed."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from extract.model_reading.kept import Kept
from extract.model_reading.requests import Asking
from extract.model_reading.runs import read_all
from extract.model_reading.server import Client, ModelServer
from graph.domain.folder import read_domain
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
        Kept(tmp_path / "k.jsonl") as kept,
        Client(ModelServer(url=server.url, first_wait=0.01), SECRET) as client,
    ):
        run = read_all(domain, kept, Asking(model="tiny"), answerer=client.answer, at_once=4)
    assert (len(run.articles), len(run.statements), run.failures) == (200, 200, ())
    assert server.count > 220


def test_a_killed_run_continues_to_the_same_bytes_and_the_key_is_in_no_file(tmp_path: Path) -> None:
    folder = area(tmp_path / "d", 40)
    chance = random.Random(3)
    program = (
        "import sys; from pathlib import Path; from extract.model_reading.kept import Kept; "
        "from extract.model_reading.requests import Asking; from extract.model_reading.runs import *; "
        "from extract.model_reading.server import *; from graph.domain.folder import read_domain\n"
        "out = Path(sys.argv[3])\n"
        "with Kept(answers_beside(out)) as kept, Client(ModelServer(url=sys.argv[2]), read_key()) as client:\n"
        "    run = read_all(read_domain(Path(sys.argv[1])), kept, Asking(model='tiny'), answerer=client.answer)\n"
        "write_run(out, run.articles, run.statements)\n"
    )
    out = tmp_path / "out" / "s.jsonl"
    killed = 0
    with chat_server(answer) as server:

        def start(to: Path) -> "subprocess.Popen[bytes]":
            environment = {"POSITIONS_MODEL_KEY": SECRET, "PYTHONPATH": ":".join(sys.path)}
            command = [sys.executable, "-c", program, str(folder), server.url, str(to)]
            return subprocess.Popen(command, env=environment)

        while killed < KILLED:
            process = start(out)
            before = server.count
            # Wait until it works, then for a moment that is never the same.
            while server.count == before and process.poll() is None:
                time.sleep(0.005)
            time.sleep(chance.random() * 0.3)
            process.send_signal(signal.SIGKILL)
            process.wait()
            killed += 1
            if out.is_file():
                break
        assert start(out).wait() == 0
        whole = tmp_path / "whole" / "s.jsonl"
        assert start(whole).wait() == 0
        assert out.read_bytes() == whole.read_bytes()
        assert out.with_name("s.articles.jsonl").read_bytes() == whole.with_name("s.articles.jsonl").read_bytes()
        sent = server.count
        assert start(out).wait() == 0
        assert server.count == sent
    assert killed >= 2
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
