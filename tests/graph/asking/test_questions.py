"""Stored questions: each has a title, runs with typed parameters, and is complete SPARQL."""

from typing import Any

import pytest

from graph.asking import questions
from graph.asking.questions import Kind, ask, query
from graph.building import build
from graph.errors import BadQuestion, PositionsError, Unknown, UnknownQuestion
from graph.model import Stance, Statement
from graph.rdf.vocabulary import id_of, name_of
from graph.store.embedded import Store, memory_store
from tests import factory

HARBOUR = {"actor": "harbour-lines", "actor_label": "Harbour Lines"}
RIDERS = {"actor": "riders", "actor_label": "Riders"}
AGAINST = "Harbour Lines opposed it."
SPLIT = "Riders were split on night buses."
STATEMENTS: tuple[Statement, ...] = (
    factory.statement(condition="if it is funded", concerns=("access",)),
    factory.statement(article="later", stance=Stance.OPPOSE, concerns=("cost",)),
    factory.statement(AGAINST, stance=Stance.OPPOSE, concerns=("cost",), speaker="Vera Tide", **HARBOUR),
    factory.statement(AGAINST, article="later", reform="night-buses", **HARBOUR),
    factory.statement(SPLIT, stance=Stance.MIXED, reform="night-buses", **RIDERS),
    factory.statement(SPLIT, stance=Stance.SUPPORT, **RIDERS),
    factory.statement(SPLIT, stance=Stance.OPPOSE, reform="fares", **RIDERS),
    factory.statement(AGAINST, stance=Stance.OPPOSE, reform="fares", **HARBOUR),
)


@pytest.fixture(scope="module")
def store() -> Store:
    made = memory_store()
    build(made, factory.domain(), [factory.article(), factory.article(id="later", date="2033")], STATEMENTS)
    return made


def told(rows: tuple[Any, ...], *names: str) -> list[tuple[str, ...]]:
    """Return each distinct combination of these values, in the order of the rows."""
    plain = [tuple(_plain(row.get(name, "")) for name in names) for row in rows]
    return list(dict.fromkeys(plain))


def _plain(value: Any) -> str:
    text = str(value)
    return name_of(text) if "#" in text else id_of(text) if text.startswith("http") else text


@pytest.mark.parametrize(
    ("name", "values", "columns", "rows"),
    [
        (
            "who-opposes",
            {"reform": "fare-cap"},
            ("actor", "held"),
            [("harbour-lines", "oppose"), ("council", "mixed")],
        ),
        ("who-supports", {"reform": "fare-cap"}, ("actor", "held"), [("riders", "support"), ("council", "mixed")]),
        ("who-is-split", {"reform": "fare-cap"}, ("actor", "stance"), [("council", "support"), ("council", "oppose")]),
        ("who-is-split", {}, ("actor", "reform"), [("council", "fare-cap"), ("riders", "night-buses")]),
        (
            "who-stands-where",
            {"reform": "night-buses"},
            ("actor", "held"),
            [("harbour-lines", "support"), ("riders", "mixed")],
        ),
        (
            "what-an-actor-thinks",
            {"actor": "riders"},
            ("reform", "held"),
            [("fare-cap", "support"), ("fares", "oppose"), ("night-buses", "mixed")],
        ),
        ("what-an-actor-thinks", {"actor": "riders", "held": "oppose"}, ("reform",), [("fares",)]),
        ("what-an-actor-thinks", {"actor": "riders", "reform": "fares"}, ("held",), [("oppose",)]),
        ("which-reforms-divide", {}, ("reform", "support", "mixed", "oppose"), [("fare-cap", "1", "1", "1")]),
        (
            "grounds-of-opposition",
            {"reform": "fare-cap"},
            ("concern", "actor"),
            [("cost", "council"), ("cost", "harbour-lines")],
        ),
        ("grounds-of-opposition", {"reform": "fares"}, ("concern", "actor"), [("", "harbour-lines"), ("", "riders")]),
        (
            "grounds-of-support",
            {"reform": "fare-cap"},
            ("concern", "actor"),
            [("access", "council"), ("", "riders")],
        ),
        ("conditions-of-support", {}, ("condition", "actor"), [("if it is funded", "council")]),
        (
            "changed-position",
            {},
            ("actor", "reform", "before", "after", "changed"),
            [("council", "fare-cap", "support", "oppose", "2033")],
        ),
        ("changed-position", {"actor": "riders"}, ("actor",), []),
        ("silent-on-a-reform", {"reform": "night-buses"}, ("actor", "elsewhere"), [("council", "1")]),
        (
            "who-agrees-with",
            {"with": "riders"},
            ("actor", "together", "apart", "reform", "held", "compared"),
            [
                ("harbour-lines", "1", "1", "fares", "oppose", "oppose"),
                ("harbour-lines", "1", "1", "fare-cap", "oppose", "support"),
            ],
        ),
        ("who-disagrees-with", {"with": "riders"}, ("actor", "apart"), [("harbour-lines", "1")]),
        ("who-disagrees-with", {"with": "council"}, ("actor",), []),
        ("who-disagrees-with", {"with": "riders", "reform": "fares"}, ("actor",), []),
        (
            "who-disagrees-with",
            {"with": "riders", "reform": "fare-cap"},
            ("actor", "reform"),
            [("harbour-lines", "fare-cap")],
        ),
        ("who-agrees-with", {"with": "riders", "reform": "fares"}, ("actor", "reform"), [("harbour-lines", "fares")]),
        ("changed-position", {"since": "2034"}, ("actor",), []),
        ("changed-position", {"until": "2034"}, ("actor",), [("council",)]),
        ("conditions-of-support", {"since": "2032"}, ("condition",), []),
        (
            "said-in-a-period",
            {"reform": "fare-cap", "before": "2032"},
            ("actor", "held"),
            [("council", "support"), ("riders", "support"), ("harbour-lines", "oppose")],
        ),
        ("said-in-a-period", {"side": "oppose", "since": "2033"}, ("actor", "reform"), [("council", "fare-cap")]),
        ("grounds-given", {"concern": "cost"}, ("concern", "actor"), [("cost", "council"), ("cost", "harbour-lines")]),
        ("grounds-given", {"actor": "council", "before": "2033"}, ("concern",), [("access",)]),
        (
            "compare-two",
            {"one": "riders", "other": "harbour-lines"},
            ("reform", "compared", "held", "alike"),
            [
                ("fare-cap", "support", "oppose", "no"),
                ("night-buses", "mixed", "support", "partly"),
                ("fares", "oppose", "oppose", "yes"),
            ],
        ),
        ("compare-two", {"one": "riders", "other": "harbour-lines", "same": "yes"}, ("reform",), [("fares",)]),
        ("said-by-a-person", {"person": "Vera Tide"}, ("actor", "reform"), [("harbour-lines", "fare-cap")]),
        ("who-speaks-for", {"actor": "harbour-lines"}, ("person",), [("Vera Tide",)]),
        (
            "published-by",
            {"publisher": "The Tram Gazette", "reform": "fares"},
            ("actor",),
            [("harbour-lines",), ("riders",)],
        ),
        ("published-by", {"publisher": "Absent Paper"}, ("actor",), []),
        ("reforms-not-spoken-on", {"actor": "council"}, ("reform", "actors"), [("fares", "2"), ("night-buses", "2")]),
        ("how-many", {"reform": "fares"}, ("statements", "actors", "articles"), [("2", "2", "1")]),
        ("which-reforms-unite", {}, ("reform",), []),
        ("most-discussed", {}, ("reform", "actors"), [("fare-cap", "3"), ("fares", "2"), ("night-buses", "2")]),
        (
            "who-speaks-most",
            {"reform": "fare-cap"},
            ("actor", "statements"),
            [("council", "2"), ("harbour-lines", "1"), ("riders", "1")],
        ),
    ],
)
def test_a_question_is_answered(
    store: Store, name: str, values: dict[str, Any], columns: tuple[str, ...], rows: list[tuple[str, ...]]
) -> None:
    assert told(ask(store, name, **values).rows, *columns) == rows


def test_every_question_is_tried() -> None:
    tried = test_a_question_is_answered.pytestmark[0].args[1]
    assert {case[0] for case in tried} == set(questions.questions())


@pytest.mark.parametrize("name", sorted(questions.questions()))
def test_a_question_describes_itself_and_runs_without_values(store: Store, name: str) -> None:
    question = questions.question(name)
    assert question.title.endswith("?")
    assert question.comment.endswith(".")
    assert isinstance(store.select(question.text), list)


def test_narrower_reforms_count_when_asked(store: Store) -> None:
    assert told(ask(store, "who-supports", reform="fares").rows, "actor") == []
    rows = ask(store, "who-supports", reform="fares", narrower=True).rows
    assert told(rows, "actor", "reform") == [("riders", "fare-cap"), ("council", "fare-cap")]


def test_the_query_gives_the_same_when_it_is_run_by_hand(store: Store) -> None:
    answered = ask(store, "who-opposes", reform="fare-cap")
    assert "UNDEF" not in answered.query
    assert store.select(answered.query) == list(answered.rows)


@pytest.mark.parametrize(
    ("name", "values", "error", "message"),
    [
        ("who-oposes", {}, UnknownQuestion, "who-opposes"),
        ("who-opposes", {}, BadQuestion, "needs reform"),
        ("who-opposes", {"reform": ""}, BadQuestion, "needs reform"),
        ("who-opposes", {"reform": "fare-cap", "colour": "red"}, BadQuestion, "not 'colour'"),
        ("who-opposes", {"reform": "free-buses"}, Unknown, "free-buses"),
        ("who-opposes", {"reform": "fare-cap> } DROP ALL"}, Unknown, "no reform"),
        ("what-an-actor-thinks", {"actor": "absent"}, Unknown, "absent"),
        ("what-an-actor-thinks", {"actor": "riders", "held": "angry"}, BadQuestion, "support, mixed"),
    ],
)
def test_a_bad_parameter_is_reported(
    store: Store, name: str, values: dict[str, Any], error: type[PositionsError], message: str
) -> None:
    with pytest.raises(error, match=message):
        query(store, name, **values)


def test_the_kinds_of_parameter_have_their_terms() -> None:
    assert set(questions.TERMS) == set(Kind)
