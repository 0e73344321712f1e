"""Reviewing from the command line: queue, verdicts, files of verdicts and new names."""

import csv
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings
from graph.building import build
from graph.errors import BadRequest, UnknownStatement
from graph.model import Stance
from graph.reviewing.reviews import history
from graph.store.embedded import open_store
from tests import factory

SUPPORT = factory.statement(confidence=0.9)
OPPOSE = factory.statement(
    "Harbour Lines opposed it.",
    actor="harbour-lines",
    actor_label="Harbour Lines",
    stance=Stance.OPPOSE,
    confidence=0.3,
)
FOUND = factory.statement("Riders were split on night buses.", actor="bus-watch", actor_label="Bus Watch")


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return made(tmp_path / "store")


def made(folder: Path) -> Path:
    with open_store(folder) as graph:
        build(graph, factory.domain(), [factory.article()], [SUPPORT, OPPOSE, FOUND])
    return folder


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, ["review", *map(str, arguments)])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_the_queue_lists_the_least_certain_first(store: Path) -> None:
    queue = json.loads(run("list", "--store", store, "--json"))
    assert queue[0]["statement"] == OPPOSE.id
    assert run("list", "--store", store, "--stance", "oppose").endswith("1 unchecked\n")


def test_a_verdict_is_recorded_under_a_name(store: Path) -> None:
    run("verdict", OPPOSE.id, "corrected", "--stance", "mixed", "--as", "Ann", "--store", store)
    with open_store(store, read_only=True) as graph:
        (kept,) = history(graph)
    assert (kept.reviewer, kept.stance) == ("Ann", Stance.MIXED)
    with pytest.raises(UnknownStatement):
        run("verdict", "0" * 16, "right", "--store", store)


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_exported_verdicts_are_imported_once(store: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"verdicts.{ending}"
    run("verdict", OPPOSE.id, "wrong", "--note", 'a "note", and more', "--as", "Ann", "--store", store)
    run("verdict", SUPPORT.id, "right", "--as", "Bo", "--store", store)
    run("verdict", SUPPORT.id, "withdrawn", "--as", "Bo", "--store", store)
    assert run("export", file, "--store", store).startswith("3 verdicts")
    other = made(tmp_path / "other")
    assert run("import", file, "--store", other) == "3 verdicts recorded, 0 already there\n"
    assert run("import", file, "--store", other) == "0 verdicts recorded, 3 already there\n"
    with open_store(store, read_only=True) as one, open_store(other, read_only=True) as two:
        assert history(one) == history(two)


def test_a_spreadsheet_needs_two_columns(store: Path, tmp_path: Path) -> None:
    file = tmp_path / "sheet.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        csv.writer(out).writerows([["statement", "verdict"], [SUPPORT.id, "Right"], [OPPOSE.id, "wrong"]])
    run("import", file, "--as", "Ann", "--store", store)
    with open_store(store, read_only=True) as graph:
        assert [(each.reviewer, each.verdict) for each in history(graph)] == [("Ann", "right"), ("Ann", "wrong")]


@pytest.mark.parametrize("row", [f"{SUPPORT.id},perhaps", f"{SUPPORT.id},", ",right"])
def test_a_bad_line_is_named_and_nothing_is_recorded(store: Path, tmp_path: Path, row: str) -> None:
    file = tmp_path / "sheet.csv"
    file.write_text(f"statement,verdict\n{OPPOSE.id},right\n{row}\n")
    with pytest.raises(BadRequest, match=":3"):
        run("import", file, "--store", store)
    with open_store(store, read_only=True) as graph:
        assert history(graph) == []


def test_agreement_is_shown(store: Path) -> None:
    for name, verdict in (("Ann", "right"), ("Bo", "wrong")):
        run("verdict", SUPPORT.id, verdict, "--as", name, "--store", store)
        run("verdict", OPPOSE.id, "right", "--as", name, "--store", store)
    shown = run("agreement", "--store", store)
    assert "2 checked, 1 right" in shown
    assert "Ann and Bo: 1 of 2 the same" in shown


def test_new_names_are_listed_and_added(store: Path, tmp_path: Path) -> None:
    folder = tmp_path / "domain"
    folder.mkdir()
    (folder / "actors.csv").write_text("id,label,kind,aliases\ncouncil,City Council,,\n")
    (folder / "reforms.csv").write_text("id,label\nfare-cap,Fare cap\n")
    assert run("names", folder, "--store", store).endswith("1 new names\n")
    run("names", folder, "--alias", "Bus Watch", "--of", "council")
    assert (folder / "actors.csv").read_text() == "id,label,kind,aliases\ncouncil,City Council,,Bus Watch\n"
    assert run("names", folder, "--store", store) == "0 new names\n"
    with pytest.raises(BadRequest):
        run("names", folder, "--alias", "Bus Watch")


def test_a_first_reviewer_signs_in_with_the_printed_token(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with TestClient(create_app(Settings(store=str(store), query_workers=1))) as client:
        assert "positions review token NAME" in client.get("/review").text

        told = run("token", 'Ann O"Hare')
        token = re.search(r"Token for Ann O\"Hare: (\S+)\nSign in with it at http://127.0.0.1:8000/review\n", told)

        assert token is not None
        answer = client.post("/review/sign-in", data={"token": token[1]}, follow_redirects=True)
        assert "Signed in as <bdi>Ann O&#34;Hare</bdi>" in answer.text
    file = tmp_path / "users.toml"
    assert token[1] not in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0


def test_a_name_gets_one_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run("token", "Ann")
    run("token", "Bo", "--role", "admin")

    result = CliRunner().invoke(app, ["review", "token", "ann"])

    assert "already has a token" in str(result.exception)


def test_a_token_needs_a_name_and_a_file_that_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITIONS_USERS_FILE", str(tmp_path / "missing" / "users.toml"))

    assert "give the name" in str(CliRunner().invoke(app, ["review", "token", " "]).exception)
    assert "cannot write" in str(CliRunner().invoke(app, ["review", "token", "Ann"]).exception)
