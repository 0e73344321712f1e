"""`requirements.lock` has a hash for each package of README's first command, in the versions of constraints.txt."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.markers import Marker
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parents[1]
LOCK = (HERE / "requirements.lock").read_text(encoding="utf-8")
ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>[^\s;]+)(?: ; (?P<marker>.*?))?(?P<hashes>(?: \\\n    --hash=\S+)+)$", re.M
)
PINNED = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)


def loaded(name: str) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader(name, str(HERE / ".ci" / name))
    spec = importlib.util.spec_from_loader(name, loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


@pytest.fixture(autouse=True)
def no_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


def test_every_line_is_a_version_with_hashes() -> None:
    entries = list(ENTRY.finditer(LOCK))

    assert "".join(f"{each[0]}\n" for each in entries) == LOCK
    assert all(re.fullmatch(r"( \\\n    --hash=sha256:[0-9a-f]{64})+", each["hashes"]) for each in entries)


def test_the_versions_are_those_of_the_constraints() -> None:
    constraints = {
        canonicalize_name(name): version
        for name, version in PINNED.findall((HERE / "constraints.txt").read_text(encoding="utf-8"))
    }
    locked = {canonicalize_name(name): version for name, version in PINNED.findall(LOCK)}
    differ = {name: (locked[name], constraints[name]) for name in locked.keys() & constraints.keys()}

    assert {name: both for name, both in differ.items() if len(set(both)) > 1} == {}, (
        "docs/operations.md says how to lock"
    )


def test_all_that_the_command_installs_is_there() -> None:
    project = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = loaded("licences").closure([*project["dependencies"], *project["optional-dependencies"]["extract"]])
    here = {
        canonicalize_name(each["name"])
        for each in ENTRY.finditer(LOCK)
        if each["marker"] is None or Marker(each["marker"]).evaluate()
    }

    assert needed - here == set(), "docs/operations.md says how to lock"


def test_the_bill_of_materials_lists_every_locked_package() -> None:
    subprocess.run([sys.executable, "-B", str(HERE / ".ci" / "sbom")], check=True, capture_output=True)
    made: dict[str, Any] = json.loads((HERE / "dist" / "sbom.cdx.json").read_text(encoding="utf-8"))
    listed = {f"{each['name']}=={each['version']}" for each in made["components"]}

    assert made["bomFormat"] == "CycloneDX"
    assert made["metadata"]["component"]["name"] == "stakeholder-positions"
    assert listed == {f"{name}=={version}" for name, version in PINNED.findall(LOCK)}
    assert all(each["hashes"] for each in made["components"])
