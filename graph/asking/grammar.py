"""The language of plain questions, as `graph/asking/queries/grammar.toml` describes it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from graph.asking import questions
from graph.rdf.patterns import Pattern, Spelling, pattern

KINDS = {"one": "actor", "other": "actor"}
"""The kind of thing that fills a place, where the place is not called like its kind."""
PLACES = ("actor", "reform", "concern", "person", "publisher", "one", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionForm:
    """One kind of question: its wordings, and the stored question that it asks."""

    question: str
    says: str
    pattern: Pattern
    slots: Mapping[str, str]
    """For a place: the parameter that it fills, where the two have different names."""
    fixed: Mapping[str, str]
    """Parameters that the wording itself gives."""
    dated: str
    """The stored question that is asked for a period; empty if the question cannot be asked for one."""
    dated_fixed: Mapping[str, str]
    places: tuple[str, ...]
    """The places for names, in the order of `says`."""
    cues: tuple[frozenset[str], ...] | None
    """For the closest reading: a word of each list must occur. None: never a closest reading."""
    sided: bool
    """Whether the cues take a side, so that a negation would turn the question round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The language of the questions."""

    spelling: Spelling
    narrower: Pattern
    narrower_says: str
    lead: Pattern
    tail: Pattern
    periods: Mapping[str, Pattern]
    months: Mapping[str, int]
    this_year: tuple[str, ...]
    last_year: tuple[str, ...]
    negations: frozenset[str]
    passed_over: frozenset[str]
    """Words without a meaning of their own, which a closest reading may leave out without saying so."""
    forms: tuple[QuestionForm, ...]


@cache
def grammar() -> Grammar:
    """Read the grammar from its file."""
    data = tomllib.loads((questions.FOLDER / "grammar.toml").read_text(encoding="utf-8"))
    words = data["words"]
    return Grammar(
        spelling=Spelling(
            articles=frozenset(data["articles"]),
            same=data["same"],
            possessive=tuple(data["possessive"]),
            plural=tuple((ending, singular) for ending, singular in data["plural"]),
            not_plural=tuple(data["not_plural"]),
        ),
        narrower=pattern(data["narrower"], words),
        narrower_says=data["narrower_says"],
        lead=pattern(data["lead"], words),
        tail=pattern(data["tail"], words),
        periods={name: pattern(texts, words) for name, texts in data["periods"].items()},
        months={name: number for number, names in enumerate(data["months"], 1) for name in names},
        this_year=tuple(data["this_year"]),
        last_year=tuple(data["last_year"]),
        negations=frozenset(data["negations"]),
        passed_over=frozenset(data["passed_over"]),
        forms=tuple(_form(form, data) for form in data["form"]),
    )


def _form(form: Mapping[str, Any], data: Mapping[str, Any]) -> QuestionForm:
    lists = data["cues"]
    says = form["says"]
    return QuestionForm(
        question=form["question"],
        says=says,
        pattern=pattern(form["patterns"], data["words"]),
        slots=form.get("slots", {}),
        fixed=form.get("fixed", {}),
        dated=form.get("dated", ""),
        dated_fixed=form.get("dated_fixed", {}),
        places=tuple(
            sorted((each for each in PLACES if f"{{{each}}}" in says), key=lambda it: says.index(f"{{{it}}}"))
        ),
        cues=tuple(frozenset(lists[name]) for name in form["cues"]) if "cues" in form else None,
        sided=not set(data["sided"]).isdisjoint(form.get("cues", ())),
    )


def kind_of(place: str) -> str:
    """Return the kind of thing that a place takes."""
    return KINDS.get(place, place)


def examples(*, at_most: int | None = None) -> list[str]:
    """Return one wording of each kind of question, with the kind in capitals in place of each name."""
    told = dict.fromkeys(form.says.format(**{each: each.upper() for each in PLACES}) for form in grammar().forms)
    return list(told)[:at_most]
