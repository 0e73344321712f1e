"""A full disk and a read-only disk: one sentence, reading continues, nothing is lost or broken.

On a file system of a few megabytes in memory; skipped where none can be mounted.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from api.cli import main as cli
from api.data.exports import EXPORTS
from graph.building import build
from graph.records import articles_beside, write_articles, write_statements
from graph.store.embedded import open_store
from graph.validate import validate
from tests import factory
from tests.serving import Server, serve

DOMAIN = Path(__file__).parents[1] / "domains" / "buses"
SIZE = 8 * 1024**2
READS = ("/", "/api/statements", "/reforms/fare-cap", "/search?q=fare", "/sparql?query=ASK%7B%7D", "/api/network")
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH <https://a.example/g> { ?s ?p ?o } }"


def mounted(*words: str) -> bool:
    return subprocess.run(["mount", *words], capture_output=True, check=False).returncode == 0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with space for a small graph."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None or not mounted("-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(place)):
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def store(disk: Path) -> Path:
    with open_store(disk / "store") as made:
        build(made, factory.domain(), [factory.article()], [factory.statement()])
    # The server writes its log next to the store; move it off the full disk.
    (disk / "store.log").symlink_to(disk.parent / "server.log")
    return disk / "store"


def fill(disk: Path) -> None:
    """Fill the disk."""
    with (disk / "filler").open("wb", buffering=0) as file:
        for size in (64 * 1024, 4096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


def empty(disk: Path) -> None:
    (disk / "filler").unlink()


def insert(server: Server, number: int) -> httpx.Response:
    data = " ".join(
        f'<https://a.example/{number}-{it}> <https://a.example/p> "{os.urandom(50).hex()}" .' for it in range(200)
    )
    update = f"INSERT DATA {{ GRAPH <https://a.example/g> {{ {data} }} }}"
    return httpx.post(server.sparql, data={"update": update}, headers=server.admin, trust_env=False, timeout=60)


def counted(server: Server) -> int:
    answer = httpx.get(server.sparql, params={"query": COUNT}, headers={"Accept": "text/csv"}, trust_env=False)
    return int(answer.text.split()[1])


def statuses(server: Server) -> list[int]:
    with httpx.Client(base_url=server.address, trust_env=False, timeout=60) as http:
        return [http.get(path).status_code for path in READS]


class Done(NamedTuple):
    """Exit code and standard error of a command."""

    code: int
    err: str


@pytest.fixture
def positions(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Done]:
    def called(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["positions", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        return Done(int(ended.value.code or 0), capsys.readouterr().err)

    return called


def is_well_formed(store: Path) -> bool:
    with open_store(store, read_only=True) as held:
        return not list(validate(held))


def test_a_server_on_a_full_disk_keeps_reading_and_writes_again_when_there_is_space(store: Path, disk: Path) -> None:
    with serve(store) as server:
        assert insert(server, 0).status_code == 204
        fill(disk)
        written = 200
        for number in range(1, 100):
            refused = insert(server, number)
            if refused.status_code != 204:
                break
            written += 200
        assert refused.status_code == 503
        assert "No space left on device" in refused.text
        assert refused.headers["retry-after"]
        assert statuses(server) == [200] * len(READS)
        backup = httpx.get(f"{server.address}/api/admin/backup", headers=server.admin, trust_env=False)
        assert backup.status_code == 503
        assert "No space left" in backup.json()["detail"]

        for name in EXPORTS:
            export = httpx.get(f"{server.address}/api/export/{name}", trust_env=False, timeout=60)
            assert export.status_code == 503, f"{name}: {export.text}"
            assert "No space left" in export.json()["detail"]
            assert export.headers["retry-after"]
        assert not list(store.glob("export-*"))

        empty(disk)
        after = insert(server, 1000)
        assert after.status_code == 204, after.text
        assert counted(server) == written + 200
        assert statuses(server) == [200] * len(READS)
    assert is_well_formed(store)


def test_a_graph_on_a_read_only_disk_is_served(store: Path, disk: Path) -> None:
    assert mounted("-o", "remount,ro", str(disk))
    with serve(store) as server:
        assert statuses(server) == [200] * len(READS)
        refused = insert(server, 1)

    assert refused.status_code == 405
    assert "reading" in refused.text


@pytest.fixture
def material(tmp_path: Path) -> Path:
    """Statements with their texts, on a working disk."""
    path = tmp_path / "statements.jsonl"
    write_statements(path, [factory.statement()])
    write_articles(articles_beside(path), [factory.article()])
    shutil.copytree(DOMAIN, tmp_path / "domain")
    return path


@pytest.mark.parametrize("fault", ["No space left on device", "Read-only file system"])
def test_each_verb_that_writes_reports_it_in_one_sentence(
    positions: Callable[..., Done], store: Path, disk: Path, material: Path, fault: str
) -> None:
    sound = disk.parent / "sound.positions"
    assert positions("backup", sound, "--store", store).code == 0
    (disk / "old.csv").write_text("as it was")
    if fault == "Read-only file system":
        assert mounted("-o", "remount,ro", str(disk))
    else:
        fill(disk)
    domain = material.parent / "domain"
    for words in (
        ("build", domain, material, "--store", store),
        ("backup", disk / "old.csv", "--store", store),
        ("restore", sound, "--store", store, "--replace"),
        ("restore", sound, "--store", disk / "new"),
        ("network", "--store", store, "--out", disk / "old.csv"),
        ("brief", "fare-cap", "--store", store, "--out", disk / "old.csv"),
        ("export", "--store", store, "--out", disk / "old.csv"),
        ("export", "--store", store, "--format", "rocrate", "--out", disk / "old.csv"),
        ("review", "export", disk / "old.csv", "--store", store),
    ):
        done = positions(*words)
        assert done.code == 1, (words, done)
        assert done.err.startswith("positions: "), (words, done.err[-1500:])
        assert done.err.count("\n") == 1, (words, done.err)
        assert fault in done.err, (words, done.err)
    assert (disk / "old.csv").read_text() == "as it was"

    # Verbs that only read still work.
    assert positions("ask", "who supports the fare cap?", "--store", store).code == 0
    assert is_well_formed(store)
