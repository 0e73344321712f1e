"""Answers as lines of text for the terminal."""

from typing import Any

import pytest

from api.cli.answers import heading, lines, passage
from graph.asking.ask import Answer, Answers, ask
from graph.building import build
from graph.degrees import Degree
from graph.model import Selection, Stance
from graph.reading.catalogue import Named, statements
from graph.store.embedded import Store, memory_store
from tests import factory

COUNCIL = Named(id="council", label="City Council")
CAP = Named(id="fare-cap", label="Fare cap")


@pytest.fixture(scope="module")
def store() -> Store:
    """Two actors on opposite sides of the fare cap."""
    against = factory.statement(
        "Harbour Lines opposed it.",
        actor="harbour-lines",
        actor_label="Harbour Lines",
        stance=Stance.OPPOSE,
        speaker="Vera Tide",
    )
    made = memory_store()
    build(made, factory.domain(), [factory.article()], [factory.statement(), against])
    return made


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"actor": COUNCIL}, "City Council"),
        ({"actor": COUNCIL, "person": "Ada Quill"}, "Ada Quill, City Council"),
        ({"actor": COUNCIL, "reform": CAP, "stance": Stance.OPPOSE}, "City Council, Fare cap · oppose"),
        (
            {"actor": COUNCIL, "reform": CAP, "degree": Degree.HAS_RESERVATIONS},
            "City Council, Fare cap · has reservations",
        ),
        ({"actor": COUNCIL, "condition": "if funded"}, "City Council · on condition: “if funded”"),
        ({"reform": CAP, "counts": {"support": 2, "oppose": 1}}, "Fare cap · 2 support · 1 oppose"),
    ],
)
def test_a_heading_shows_only_what_the_answer_contains(fields: dict[str, Any], line: str) -> None:
    assert heading(Answer(**fields)) == line


def test_an_answer_shows_words_speaker_source_and_query(store: Store) -> None:
    text = "\n".join(lines(ask(store, "who opposes the fare cap?")))

    assert text.startswith("Who opposes Fare cap?: 1 answer (checked and likely statements)\n")
    assert "oppose  “Harbour Lines opposed it.”" in text
    assert "Vera Tide, A cap on fares, The Tram Gazette, 4 March 2031 [cap-news] https://gazette.example/cap" in text
    assert text.endswith(ask(store, "who opposes the fare cap?").query.strip())


def test_a_question_that_is_read_freely_says_so(store: Store) -> None:
    assert "Not used: “loves”" in "\n".join(lines(ask(store, "who loves the fare cap?")))


def test_a_question_without_an_answer_still_shows_its_query(store: Store) -> None:
    answers = ask(store, "who opposes night buses?")

    shown = list(lines(answers))

    assert shown[0] == "Who opposes Night buses?: no answers (checked and likely statements)"
    assert "SELECT" in shown[-1]


def test_missing_details_of_a_source_leave_no_gap() -> None:
    bare = memory_store()
    build(bare, factory.domain(), [factory.article(title="", publisher="", date="", url="")], [factory.statement()])
    (shown,) = statements(bare, Selection()).items

    assert list(passage(shown))[-1] == "          [cap-news]"


def test_an_answer_without_matches_has_every_line(store: Store) -> None:
    nothing = Answers(
        asked="?",
        understood="Who?",
        question="who",
        parameters={},
        narrower=False,
        query="ASK {}",
        answers=(),
        total=0,
    )

    assert list(lines(nothing)) == [
        "Who?: no answers (checked and likely statements)",
        "",
        "The SPARQL that was run:",
        "",
        "ASK {}",
    ]
