"""Backup and restore from the command line."""

import io
import json
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from api.cli import main as cli
from graph.building import build
from graph.store.embedded import open_store
from graph.versions.backup import verified
from graph.versions.builds import keep
from graph.versions.manifest import DATA
from tests import factory
from tests.serving import TOKEN, Server, serve


class Done(NamedTuple):
    """Exit code and standard error of a command."""

    code: int
    err: str


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    def called(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["positions", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Done(int(ended.value.code or 0), capsys.readouterr().err)

    return called


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("backed-up") / "store"
    with open_store(made) as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Any:
    with serve(folder, "--query-timeout", "5") as running:
        yield running


def test_a_graph_is_saved_and_restored(call: Any, folder: Path, tmp_path: Path) -> None:
    assert call("backup", tmp_path / "a.positions", "--store", folder).code == 0
    done = call("restore", tmp_path / "a.positions", "--store", tmp_path / "again")

    assert done.code == 0
    assert "quads in" in done.err
    with open_store(tmp_path / "again", read_only=True) as again, open_store(folder, read_only=True) as store:
        assert sorted(again.dump().splitlines()) == sorted(store.dump().splitlines())


def test_the_versions_are_listed(
    call: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with open_store(tmp_path / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])

    def listed(*words: str) -> str:
        monkeypatch.setattr(sys, "argv", ["positions", "versions", "--store", str(tmp_path / "store"), *words])
        with pytest.raises(SystemExit):
            cli.main()
        return capsys.readouterr().out

    assert "has no versions" in listed()
    with open_store(tmp_path / "store") as store:
        keep(store, at_most=3, now=datetime(2031, 3, 4, tzinfo=UTC))
        store.update("INSERT DATA { GRAPH <https://a.example/g> { <https://a.example/a> <https://a.example/b> 1 } }")
    assert "1  2031-03-04T00:00:00Z  1 statements in 1 articles" in listed()
    assert "changed since the newest version" in listed()
    shown = json.loads(listed("--json"))
    assert (shown["items"][0]["number"], shown["changed"]) == (1, True)

    call("backup", tmp_path / "all.positions", "--store", tmp_path / "store")
    call("backup", tmp_path / "now.positions", "--store", tmp_path / "store", "--newest")
    assert [len(verified(tmp_path / name).versions) for name in ("all.positions", "now.positions")] == [1, 0]


def test_a_second_restore_needs_replace(call: Any, folder: Path, tmp_path: Path) -> None:
    call("backup", tmp_path / "a.positions", "--store", folder)
    words = ("restore", tmp_path / "a.positions", "--store", tmp_path / "again")

    assert [call(*words).code, call(*words).code, call(*words, "--replace").code] == [0, 1, 0]


def test_a_running_server_gives_a_backup(
    call: Any, server: Server, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSITIONS_ADMIN_TOKEN", TOKEN)

    held = call("backup", tmp_path / "a.positions", "--store", folder)
    assert held.code == 1
    assert "positions backup FILE --from" in held.err
    assert not (tmp_path / "a.positions").exists()

    assert call("backup", tmp_path / "a.positions", "--from", server.address).code == 0
    assert verified(tmp_path / "a.positions").quads > 50
    assert [path.name for path in folder.iterdir() if "backup" in path.name] == []


@pytest.mark.parametrize("token", ["", "another"])
def test_a_backup_needs_the_right_token(
    call: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv("POSITIONS_ADMIN_TOKEN", token)

    done = call("backup", tmp_path / "a.positions", "--from", server.address)

    assert done.code == 1
    assert "answered 401" in done.err
    assert list(tmp_path.iterdir()) == []


def test_an_unreachable_server_is_reported(call: Any, tmp_path: Path) -> None:
    done = call("backup", tmp_path / "a.positions", "--from", "http://127.0.0.1:9")

    assert done.code == 1
    assert "cannot be reached" in done.err


def test_writing_continues_during_a_backup(server: Server) -> None:
    """Each backup is consistent: it contains every write acknowledged before it, and no partial one."""
    with httpx.Client(base_url=server.address, headers=server.admin, trust_env=False, timeout=60) as http:
        for number in range(5):
            pair = " ".join(f"<https://a.example/{number}> <https://a.example/p> {end} ." for end in (1, 2))
            update = f"INSERT DATA {{ GRAPH <https://a.example/g> {{ {pair} }} }}"
            assert http.post("/sparql", data={"update": update}).status_code in {200, 204}
            with zipfile.ZipFile(io.BytesIO(http.get("/api/admin/backup").content)) as file:
                data = file.read(DATA)
            assert data.count(b"<https://a.example/p>") == 2 * (number + 1)
