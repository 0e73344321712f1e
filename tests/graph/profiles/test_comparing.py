"""A comparison quotes the strongest passage of each actor, and lists conditions that another actor already meets."""

from typing import Any

import pytest

from graph.building import build
from graph.model import Manner, Reform, Stance, Statement
from graph.profiles import comparison_profile
from graph.profiles.comparing import named_in, reform_pattern
from graph.store.embedded import memory_store
from tests import factory

TEXT = "x" * 400
HARBOUR = {"actor": "harbour-lines", "actor_label": "Harbour Lines"}


def said(number: int, **fields: Any) -> Statement:
    """Return a statement whose place is its own."""
    quote = TEXT[:20]
    return factory.statement(quote, start=number * 20, **fields)


def test_the_strongest_passage_speaks_for_an_actor() -> None:
    reported = said(0, confidence=0.92, manner=Manner.REPORTED)
    quoted = said(1, confidence=0.90, manner=Manner.DIRECT)
    weaker = said(2, confidence=0.75, manner=Manner.DIRECT)
    other = said(3, stance=Stance.OPPOSE, **HARBOUR)
    with memory_store() as store:
        build(store, factory.domain(), [factory.article(text=TEXT)], [reported, quoted, weaker, other])
        (row,) = comparison_profile(store, ["council", "harbour-lines"]).rows
    assert row.verdict == "part"
    assert [[each.id for each in stand.evidence] for stand in row.stands if stand] == [[quoted.id], [other.id]]


def test_an_actor_on_both_sides_is_quoted_for_each_and_agrees_with_nobody() -> None:
    statements = [
        said(0, stance=Stance.SUPPORT),
        said(1, stance=Stance.OPPOSE),
        said(2, stance=Stance.MIXED, **HARBOUR),
    ]
    with memory_store() as store:
        build(store, factory.domain(), [factory.article(text=TEXT)], statements)
        (row,) = comparison_profile(store, ["council", "harbour-lines"]).rows
    assert row.verdict == "mixed"
    assert [[each.stance for each in stand.evidence] for stand in row.stands if stand] == [
        [Stance.SUPPORT, Stance.OPPOSE],
        [Stance.MIXED],
    ]


def test_grounds_are_shared_if_two_actors_give_them_and_one_sided_reforms_have_no_words() -> None:
    statements = [
        said(0, concerns=("access", "cost")),
        said(1, concerns=("access",), **HARBOUR),
        said(2, reform="night-buses"),
    ]
    with memory_store() as store:
        build(store, factory.domain(), [factory.article(text=TEXT)], statements)
        profile = comparison_profile(store, ["council", "harbour-lines"])
    assert [each.label for each in profile.shared[0].shared_grounds] == ["Access"]
    assert [(row.reform.id, row.stands) for row in profile.alone] == [("night-buses", ())]


@pytest.mark.parametrize(("stance", "expected"), [(Stance.SUPPORT, ["night-buses"]), (Stance.OPPOSE, [])])
def test_a_condition_counts_as_met_if_it_names_what_another_supports(stance: Stance, expected: list[str]) -> None:
    condition = said(0, stance=Stance.MIXED, condition="only if the night buses stay")
    support = said(1, reform="night-buses", stance=stance, **HARBOUR)
    with memory_store() as store:
        build(store, factory.domain(), [factory.article(text=TEXT)], [condition, support])
        profile = comparison_profile(store, ["council", "harbour-lines"])
    assert [each.supported.id for each in profile.met_conditions] == expected
    if expected:
        (met,) = profile.met_conditions
        assert (met.actor.id, met.supporter.id) == ("council", "harbour-lines")
        assert (met.condition.id, met.support.id) == (condition.id, support.id)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("provided that night buses run", True),
        ("once capped fares are in law", False),
        ("if the night bus returns", True),
        ("if midnight buses return", False),
    ],
)
def test_a_reform_is_named_by_whole_words(words: str, found: bool) -> None:
    reform = Reform(id="night-buses", label="Night buses", aliases=("night bus", "NB"))
    assert named_in(words, {"night-buses": reform_pattern(reform)}) == (["night-buses"] if found else [])
