"""Files that killed processes leave are removed; files in use are not."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from graph.store import temporary


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_folders_of_processes_that_are_gone_go(place: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    for name in (
        f"positions-search-{int(gone.stdout)}-abc",
        f"positions-search-{os.getpid()}-abc",
        "positions-of-mine",
    ):
        (place / name).mkdir()

    made = temporary.folder("copies")

    left = {path.name for path in place.iterdir()}
    assert left == {f"positions-search-{os.getpid()}-abc", "positions-of-mine", made.name}


def test_a_folder_goes_with_its_process(place: Path) -> None:
    code = "from graph.store.temporary import folder; print(folder('search'))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"TMPDIR": str(place)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert Path(done.stdout.strip()).parent == place
    assert list(place.iterdir()) == []
