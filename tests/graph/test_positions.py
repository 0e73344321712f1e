"""Positions from statements: combined, in order of time, with a repeated text counted once."""

from dataclasses import replace
from typing import Any

import pytest

from graph.model import Change, Stance, combine
from graph.positions import Claim, changes, claims, positions
from tests import factory

SUPPORT, MIXED, OPPOSE, NEUTRAL = Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL


def claim(statement: str = "s1", stance: Stance = SUPPORT, date: str = "2031", **changes: Any) -> Claim:
    made = Claim(statement=statement, actor="council", reform="fare-cap", stance=stance, date=date, article="cap-news")
    return replace(made, **changes)


@pytest.mark.parametrize(
    ("stances", "together"),
    [
        ([SUPPORT], SUPPORT),
        ([SUPPORT, NEUTRAL], SUPPORT),
        ([SUPPORT, OPPOSE], MIXED),
        ([OPPOSE, MIXED], MIXED),
        ([NEUTRAL], NEUTRAL),
    ],
)
def test_stances_together_are_one_side_or_mixed(stances: list[Stance], together: Stance) -> None:
    assert combine(stances) is together
    assert positions(claim(str(n), stance) for n, stance in enumerate(stances))[0].stance is together


@pytest.mark.parametrize(
    ("dated", "turns"),
    [
        ([("2031", SUPPORT), ("2032", OPPOSE)], [("2032", SUPPORT, OPPOSE)]),
        ([("2032", OPPOSE), ("2031", SUPPORT)], [("2032", SUPPORT, OPPOSE)]),
        ([("2031", SUPPORT), ("2032", SUPPORT)], []),
        ([("2031-01", SUPPORT), ("2031-01", OPPOSE)], []),
        ([("2031-01", SUPPORT), ("2031-02", SUPPORT), ("2031-02", OPPOSE)], [("2031-02", SUPPORT, MIXED)]),
        ([("2031", SUPPORT), ("2031-02", OPPOSE)], []),
        ([("2031", SUPPORT), ("2031-02", OPPOSE), ("2031-05-01", SUPPORT)], []),
        ([("2031-02", SUPPORT), ("2031-02-28", OPPOSE), ("2031-03-01", OPPOSE)], [("2031-03-01", MIXED, OPPOSE)]),
        ([("2031", SUPPORT), ("2032", NEUTRAL), ("2033", SUPPORT)], []),
        ([("", OPPOSE), ("2031", SUPPORT)], []),
        (
            [("2031", SUPPORT), ("2032", OPPOSE), ("2033", SUPPORT)],
            [("2032", SUPPORT, OPPOSE), ("2033", OPPOSE, SUPPORT)],
        ),
        ([], []),
    ],
)
def test_a_stance_changes_only_if_the_dates_show_it(
    dated: list[tuple[str, Stance]], turns: list[tuple[str, Stance, Stance]]
) -> None:
    assert changes(dated) == tuple(Change(date=date, before=before, after=after) for date, before, after in turns)


def test_statements_are_in_order_of_time_with_undated_ones_last() -> None:
    position = positions([claim("a", date=""), claim("b", date="2032-05"), claim("c", date="2031")])[0]
    assert position.statements == ("c", "b", "a")
    assert (position.first, position.last) == ("2031", "2032-05")


def test_a_position_counts_its_statements_articles_and_publishers() -> None:
    position = positions(
        [
            claim("a", article="one", publisher="Gazette"),
            claim("b", article="one", publisher="Gazette"),
            claim("c", OPPOSE, article="two"),
        ]
    )[0]
    assert position.counts == {SUPPORT: 2, OPPOSE: 1}
    assert (position.articles, position.publishers) == (2, 1)


def test_each_actor_and_reform_has_a_position_of_its_own() -> None:
    made = positions([claim(), claim("b", actor="harbour-lines"), claim("c", reform="night-buses")])
    assert [(each.actor, each.reform) for each in made] == [
        ("council", "fare-cap"),
        ("council", "night-buses"),
        ("harbour-lines", "fare-cap"),
    ]


def test_a_text_that_another_outlet_repeats_is_one_article_of_its_first_publisher() -> None:
    first = factory.article(publisher="The Tram Gazette")
    second = factory.article(id="copy", publisher="The Echo", release="cap-news")
    told = claims([factory.statement(), factory.statement(article="copy")], {each.id: each for each in (first, second)})
    position = positions(told)[0]
    assert sum(position.counts.values()) == 2
    assert (position.articles, position.publishers) == (1, 1)


def test_a_statement_of_an_unknown_article_counts_without_a_date() -> None:
    position = positions(claims([factory.statement()], {}))[0]
    assert (position.first, position.articles, position.publishers) == ("", 1, 0)


def test_concerns_and_conditions_are_those_of_all_statements_once() -> None:
    told = [
        factory.statement(concerns=("cost",), condition="if funded"),
        factory.statement("Harbour Lines opposed it.", concerns=("access", "cost"), condition="if funded"),
    ]
    position = positions(claims(told, {}), labels={"fare-cap": "Fare cap"})[0]
    assert position.concerns == ("access", "cost")
    assert position.conditions == ("if funded",)
    assert (position.actor_label, position.reform_label) == ("City Council", "Fare cap")
