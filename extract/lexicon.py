"""The language data beside this package, read once: one TOML file a subject."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGE = Path(__file__).parent / "english"


@cache
def table(name: str) -> dict[str, Any]:
    """The file of a subject, as it stands (`table("verbs")` is verbs.toml)."""
    return tomllib.loads((LANGUAGE / f"{name}.toml").read_text(encoding="utf-8"))


def words(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())
