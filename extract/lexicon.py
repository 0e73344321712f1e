"""The language data in `extract/english/`, one TOML file for each subject, read once."""

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
    """Return the content of a subject's file: `table("verbs")` reads verbs.toml."""
    return tomllib.loads((LANGUAGE / f"{name}.toml").read_text(encoding="utf-8"))


def words(text: str) -> frozenset[str]:
    """Return the words of a list that is written as running text."""
    return frozenset(text.split())


def lemmas_at(doc: Doc, wanted: frozenset[str]) -> list[int]:
    """Return the tokens with one of these lemmas, by array lookup: a loop over all tokens costs more than the rules."""
    return _at(doc, "LEMMA", wanted)


def words_at(doc: Doc, wanted: frozenset[str]) -> list[int]:
    """Return the tokens whose lower-case form is one of these words."""
    return _at(doc, "LOWER", wanted)


def _at(doc: Doc, attribute: str, wanted: frozenset[str]) -> list[int]:
    found: list[int] = np.flatnonzero(np.isin(doc.to_array(attribute), _ids(wanted))).tolist()
    return found


@cache
def _ids(wanted: frozenset[str]) -> "np.typing.NDArray[np.uint64]":
    return np.array(sorted(get_string_id(word) for word in wanted), dtype=np.uint64)
