"""Each command, path and address in the documentation exists."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from fastapi.testclient import TestClient

from api.app import create_app
from api.cli import main as cli
from api.settings import Settings
from graph.building import build
from graph.store.embedded import open_store
from graph.versions.builds import keep
from tests import factory

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "corpus/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}(positions .+)$", re.MULTILINE)
FOLDERS = {path.name for path in ROOT.iterdir() if path.is_dir()}

# Placeholders in documented addresses, and addresses that exist in the test's graph.
FILLED = {
    "/id/…": "/id/actor/council",
    "/id/actor/…": "/id/actor/council",
    "/id/article/…": "/id/article/cap-news",
    "/id/reform/…": "/id/reform/fare-cap",
    "/id/statement/…": f"/id/statement/{factory.statement().id}",
    "/data/…": "/data/reform/fare-cap",
    "/feeds/…": "/feeds/changes.json",
    "/feeds": "/feeds/statements.atom",
    "/api/network?name=value": "/api/network",
    "/api/questions/NAME": "/api/questions/who-opposes?reform=fare-cap",
    "/api/questions/{name}?reform=…": "/api/questions/who-opposes?reform=fare-cap",
    "/sparql": "/sparql?query=ASK%7B%7D",
    "/as-of/1/sparql": "/as-of/1/sparql?query=ASK%7B%7D",
    "/api": "/api/docs",
}
ELSEWHERE = {"/update"}
"""Addresses of other servers."""
NAMED_GRAPHS = {f"graph/{name}" for name in ("found", "networks", "ontology", "positions", "reviews", "vocabulary")}
"""Ends of IRIs that look like paths."""


def found(pattern: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for path in DOCUMENTS:
        text = FENCE.sub("", path.read_text(encoding="utf-8")) if pattern is CODE else path.read_text(encoding="utf-8")
        for match in pattern.finditer(text):
            yield str(path.relative_to(ROOT)), match[1]


def commands() -> Iterator[tuple[str, str]]:
    """Yield every call of `positions` with its arguments."""
    for where, text in found(FENCE):
        for line in re.sub(r"\\\n", "", text).splitlines():
            call = re.search(r"(?:^|[ /])(positions [a-z].*)", line.partition("  #")[0].partition(" # ")[0])
            if call and not line.startswith(("#", "[")):
                yield where, call[1]
    yield from found(INDENTED)


def paths() -> Iterator[tuple[str, str]]:
    """Yield every path to the checkout."""
    for where, text in found(CODE):
        named = re.fullmatch(r"([\w.-]+)(/[\w./*-]*)?", text)
        if named and text not in NAMED_GRAPHS and (named[1] in FOLDERS if named[2] else text[1:].endswith(".md")):
            yield where, text


def addresses() -> Iterator[tuple[str, str]]:
    for where, text in found(CODE):
        if re.fullmatch(r"/[^/\s][^\s]*|/", text) and text not in ELSEWHERE:
            yield where, text


@pytest.mark.parametrize(("where", "text"), sorted(set(commands())))
def test_each_command_is_valid(where: str, text: str) -> None:
    verb, *words = shlex.split(text)[1:]
    command = typer.main.get_command(cli.app).get_command(None, verb)  # type: ignore[attr-defined]  # a group

    assert command is not None, f"{where}: no verb {verb}"
    # Parses all options and arguments and fails if one is unknown or missing, but runs nothing.
    command.make_context(verb, words)


@pytest.mark.parametrize(("where", "text"), sorted(set(paths())))
def test_each_path_exists(where: str, text: str) -> None:
    if "NAME" in text:
        text = text.rpartition("/")[0]

    assert list(ROOT.glob(text.rstrip("/"))) or list(ROOT.glob(f"docs/{text}")), f"{where}: {text}"


def test_the_table_of_places_is_true() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[2] for line in readme.partition("Where do I change …?")[2].splitlines() if "| `" in line]
    named = [name for row in rows for name in CODE.findall(row)]

    assert len(rows) > 5
    assert [name for name in named if "/" in name and not (ROOT / name).exists()] == []


def test_each_link_leads_somewhere() -> None:
    links = [
        (path, target)
        for path in DOCUMENTS
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", path.read_text(encoding="utf-8"))
    ]

    assert links
    assert [(str(path), target) for path, target in links if not (path.parent / target).exists()] == []


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("documented")
    with open_store(folder) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
        keep(store, at_most=1)
    with TestClient(create_app(Settings(store=str(folder), query_workers=1))) as http:
        yield http


@pytest.mark.parametrize(("where", "text"), sorted(set(addresses())))
def test_each_address_answers(client: TestClient, where: str, text: str) -> None:
    address = FILLED.get(text, text)

    assert "…" not in address, f"{where}: say in FILLED what to ask for {text}"
    assert client.get(address).status_code == 200, where


def test_the_deployment_calls_the_current_command() -> None:
    unit = (ROOT / "deploy" / "positions.service").read_text(encoding="utf-8")
    image = (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8")
    started = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)
    run = re.search(r"^CMD (.*)$", image, re.MULTILINE)
    assert started is not None
    assert run is not None

    for words in (shlex.split(started[1]), json.loads(run[1])):
        assert Path(words[0]).name == "positions"
        command = typer.main.get_command(cli.app).get_command(None, words[1])  # type: ignore[attr-defined]  # a group
        command.make_context(words[1], words[2:])
    # The installation is the same as in README.
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^RUN (python3 .*)$", image, re.MULTILINE)[0] in readme


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_systemd_accepts_the_unit() -> None:
    done = subprocess.run([ROOT / "deploy" / "check", "unit"], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_each_judgement_is_explained() -> None:
    fitted = json.loads((ROOT / "extract" / "english" / "weights.json").read_text(encoding="utf-8"))
    text = (ROOT / "docs" / "confidence.md").read_text(encoding="utf-8")

    assert [name for name in fitted if f"`{name}`" not in text] == []


def test_the_documentation_has_enough_to_check() -> None:
    assert len(list(commands())) > 10
    assert len(list(paths())) > 20
    assert len(list(addresses())) > 10
