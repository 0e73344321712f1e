"""The audit of pinned versions fails on a known vulnerability, and reports what it had to skip."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "audit"
SOUND = {"name": "tram", "version": "1.0", "vulns": []}
FAULTY = {"name": "ferry", "version": "2.1", "vulns": [{"id": "PYSEC-2031-7", "fix_versions": ["2.2"]}]}
NOT_ASKED = {"name": "tram", "skip_reason": "the service cannot be reached"}


def audit(folder: Path, report: str, code: int) -> subprocess.CompletedProcess[str]:
    """Run the script with a substitute for pip-audit that gives this report."""
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci" / "audit")
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "python").symlink_to(sys.executable)
    (folder / "report").write_text(report)
    stub = programs / "pip-audit"
    stub.write_text(f'#!/bin/sh\nwhile [ "$1" != -o ]; do shift; done\ncp "{folder}/report" "$2"\nexit {code}\n')
    stub.chmod(0o755)
    return subprocess.run(
        ["bash", str(folder / ".ci" / "audit")], capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("dependencies", "code", "fails", "says"),
    [
        ([SOUND], 0, False, "audit: no known vulnerability (1 of 1 packages audited)"),
        ([SOUND, FAULTY], 1, True, "ferry 2.1: PYSEC-2031-7, fixed in 2.2"),
        ([NOT_ASKED], 0, False, "audit: SKIPPED, 1 packages not checked: the advisories could not be reached"),
    ],
)
def test_findings_are_reported(
    tmp_path: Path, dependencies: list[dict[str, Any]], code: int, *, fails: bool, says: str
) -> None:
    done = audit(tmp_path, json.dumps({"dependencies": dependencies}), code)

    assert (done.returncode != 0) is fails
    assert says in done.stdout


@pytest.mark.parametrize("report", ["", "Traceback", "[]", "{}"])
def test_a_missing_answer_is_reported_as_skipped(tmp_path: Path, report: str) -> None:
    done = audit(tmp_path, report, 1)

    assert done.returncode == 0
    assert "audit: SKIPPED, pip-audit gave no answer (exit code 1)" in done.stdout
