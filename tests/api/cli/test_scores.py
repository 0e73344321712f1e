"""Scores as lines of text for the terminal."""

from collections.abc import Sequence
from typing import Any

import pytest

from api.cli.scores import compared, errors, lines
from graph.coding.evaluate import Annotation, actor_names
from graph.model import Stance, Statement
from tests import factory

NAMES = actor_names(factory.domain())


def annotation(**changes: Any) -> Annotation:
    """Return an annotation that agrees with the factory's statement, but for these changes."""
    fields: dict[str, Any] = {
        "article": "cap-news",
        "actor": "council",
        "actor_label": "City Council",
        "speaker": None,
        "reform": "fare-cap",
        "stance": Stance.SUPPORT,
        "quote": "The council welcomed the fare cap.",
    }
    return Annotation(**fields | changes)


@pytest.mark.parametrize(
    ("annotated", "found", "listed"),
    [
        ([annotation()], [factory.statement()], []),
        ([annotation()], [], ["support  missed           cap-news · council · fare-cap"]),
        (
            [annotation()],
            [factory.statement(stance=Stance.OPPOSE)],
            ["support  found as oppose  cap-news · council · fare-cap"],
        ),
        ([], [factory.statement()], ["none     found as support cap-news · council · fare-cap"]),
    ],
)
def test_each_error_is_named(annotated: Sequence[Annotation], found: Sequence[Statement], listed: list[str]) -> None:
    assert list(errors(annotated, found, NAMES)) == listed


def test_a_perfect_run_scores_one_by_each_measure() -> None:
    text = "\n".join(lines([annotation()], [factory.statement()], NAMES, by="article"))

    assert text.count("F1 1.000") == 3
    assert "1 of 1" in text
    assert "position F1 per article\n  1.000  cap-news" in text


def test_a_comparison_lists_what_was_gained_and_lost() -> None:
    shown = list(compared([factory.statement()], [factory.statement(stance=Stance.MIXED)]))

    assert shown == [
        "1 gained, 1 lost",
        "+ cap-news · council · fare-cap · mixed “The council welcomed the fare cap.”",
        "- cap-news · council · fare-cap · support “The council welcomed the fare cap.”",
    ]
