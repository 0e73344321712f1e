"""The language data in `extract/english/`, one TOML file for each subject, read once."""

import re
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


@cache
def grammar(name: str) -> frozenset[str]:
    """Return a class of function words: `grammar("relatives")` is who, which and that."""
    return words(table("grammar")["words"][name])


@cache
def pattern(name: str) -> re.Pattern[str]:
    """Return a pattern of grammar.toml."""
    return re.compile(table("grammar")["patterns"][name], re.VERBOSE)


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
