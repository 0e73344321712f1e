"""The tutorial, followed exactly in an empty folder."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
import typer.testing

from api.cli import main as cli
from tests.serving import serve

TUTORIAL = Path(__file__).parents[1] / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Followed(NamedTuple):
    """The folder afterwards, and the output of each command."""

    folder: Path
    said: dict[str, str]


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Followed:
    """Write every file and run every command in the order of the text, except the server."""
    folder = tmp_path_factory.mktemp("tutorial")
    said = {}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for language, name, content in BLOCK.findall(TUTORIAL.read_text(encoding="utf-8")):
        if language != "sh":
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(content, encoding="utf-8")
        elif not name:
            for line in content.splitlines():
                done = subprocess.run(
                    ["bash", "-c", line],
                    cwd=folder,
                    env=os.environ | {"PATH": path},
                    capture_output=True,
                    text=True,
                    timeout=300,
                    check=False,
                )
                assert done.returncode == 0, f"{line}\n{done.stderr}"
                said[line] = done.stdout + done.stderr
    return Followed(folder, said)


def test_the_tutorial_runs_to_its_end(followed: Followed) -> None:
    verbs = [line.split()[1] for line in followed.said if line.startswith("positions ")]

    assert verbs == ["extract", "build", "validate", "ask", "ask", "brief", "network"]
    assert "from 2 articles" in next(iter(text for line, text in followed.said.items() if " extract " in line))


@pytest.mark.parametrize(
    ("question", "actor", "source"),
    [
        ("who opposes the pier toll?", "Selwick Anglers' Club", "Toll on the pier gets its votes"),
        ("who supports night ferries?", "Selwick Port Authority", "Who wants boats at night?"),
    ],
)
def test_the_questions_have_their_answers(followed: Followed, question: str, actor: str, source: str) -> None:
    answer = next(text for line, text in followed.said.items() if question in line)

    assert actor in answer
    assert f"{source}, Selwick Mercury" in answer


def test_the_exported_files_are_there(followed: Followed) -> None:
    assert "Pier toll" in (followed.folder / "harbour" / "pier-toll.md").read_text(encoding="utf-8")
    assert (followed.folder / "harbour" / "network.gexf").read_text(encoding="utf-8").startswith("<?xml")


def test_it_can_be_served(followed: Followed) -> None:
    with serve(followed.folder / "harbour" / "graph") as server:
        page = httpx.get(server.address + "/reforms/pier-toll", trust_env=False, timeout=60)

    assert page.status_code == 200
    assert "Pier toll" in page.text


def test_every_export_command_works_as_documented(followed: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the commands of the next page, which continues with this graph."""
    monkeypatch.chdir(followed.folder)
    commands = [
        line
        for language, _, content in BLOCK.findall((TUTORIAL.parent / "briefings.md").read_text(encoding="utf-8"))
        if language == "sh"
        for line in content.splitlines()
    ]
    for line in commands:
        words = shlex.split(line)
        out = Path(words[words.index("--out") + 1])
        run = typer.testing.CliRunner().invoke(cli.app, words[1:])
        assert run.exit_code == 0, f"{line}\n{run.output}\n{run.exception}"
        assert out.stat().st_size > 100, line

    assert len(commands) == 11
