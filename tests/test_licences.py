"""The command that lists licences: up to date, and strict about copyleft."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def test_no_required_package_is_under_an_unnamed_copyleft_licence() -> None:
    page = (HERE / "docs" / "licences.md").read_text(encoding="utf-8")
    required = page.partition("## Optional")[0]

    assert "krippendorff" not in page
    assert "| fpdf2 | LGPL-3.0-only: " in required
    assert "not stated" not in required


def test_a_copyleft_licence_is_recognised() -> None:
    program = (
        "import importlib.machinery as m, importlib.util as u;"
        "l = m.SourceFileLoader('licences', '.ci/licences');"
        "s = u.spec_from_loader('licences', l); d = u.module_from_spec(s); l.exec_module(d);"
        "names = ('GPL-3.0-or-later', 'AGPL-3.0', 'LGPL-2.1-only', 'MPL-2.0', 'MIT');"
        "print([bool(d.COPYLEFT.search(name)) for name in names])"
    )
    done = subprocess.run([sys.executable, "-B", "-c", program], cwd=HERE, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[True, True, True, True, False]"
