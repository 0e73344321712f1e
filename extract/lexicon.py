"""The language data beside this package, read once: one TOML file a subject."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from spacy.strings import get_string_id
from spacy.tokens import Doc

LANGUAGE = Path(__file__).parent / "english"


@cache
def table(name: str) -> dict[str, Any]:
    """The file of a subject, as it stands (`table("verbs")` is verbs.toml)."""
    return tomllib.loads((LANGUAGE / f"{name}.toml").read_text(encoding="utf-8"))


def words(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


def lemmas_at(doc: Doc, wanted: frozenset[str]) -> list[int]:
    """The tokens with one of these lemmas, looked up at once: a loop over all tokens costs more than the rules."""
    return _at(doc, "LEMMA", wanted)


def words_at(doc: Doc, wanted: frozenset[str]) -> list[int]:
    """The tokens that are one of these words, in small letters."""
    return _at(doc, "LOWER", wanted)


def _at(doc: Doc, attribute: str, wanted: frozenset[str]) -> list[int]:
    found: list[int] = np.flatnonzero(np.isin(doc.to_array(attribute), _ids(wanted))).tolist()
    return found


@cache
def _ids(wanted: frozenset[str]) -> "np.typing.NDArray[np.uint64]":
    return np.array(sorted(get_string_id(word) for word in wanted), dtype=np.uint64)
