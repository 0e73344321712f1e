"""Files that ship with the product are found in a checkout and in an installation."""

import tomllib
from pathlib import Path

import pytest

from graph.shipped import CHECKOUT, installed, shipped

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
PACKED = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]


def test_a_checkout_has_its_files_at_the_top() -> None:
    assert {name: shipped(name) for name in PACKED} == {name: CHECKOUT / name for name in PACKED}
    assert all(shipped(name).exists() for name in PACKED)
    assert not installed()


def test_the_wheel_has_them_where_they_are_looked_for() -> None:
    assert {name: f"graph/shipped/{name}" for name in ("corpus", "ontology.ttl")} == PACKED


def test_an_installation_has_them_in_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "ontology.ttl").write_text("", encoding="utf-8")
    monkeypatch.setattr("importlib.resources.files", lambda _: tmp_path)

    assert shipped("ontology.ttl") == tmp_path / "ontology.ttl"
    assert installed()
