"""The scores, on statements written by hand."""

import json
from pathlib import Path

import pytest

from graph.coding.evaluate import (
    Annotation,
    Voiced,
    actor_names,
    annotations,
    by_manner,
    calibration,
    calibration_error,
    changes,
    comparable,
    grouped,
    overlap,
    scores,
    stages,
)
from graph.errors import BadStatement
from graph.model import Manner, Stance, Statement
from tests import factory

NAMES = actor_names(factory.domain())
WELCOMED = "The council welcomed the fare cap."
OPPOSED = "Harbour Lines opposed it."


def annotation(**changes: object) -> Annotation:
    fields: dict[str, object] = {
        "article": "cap-news",
        "actor": "council",
        "actor_label": "City Council",
        "speaker": None,
        "reform": "fare-cap",
        "stance": Stance.SUPPORT,
        "quote": WELCOMED,
    }
    return Annotation(**{**fields, **changes})  # type: ignore[arg-type]  # a table of fields


def test_all_right() -> None:
    found = scores([annotation()], [factory.statement()], NAMES)
    assert (found.position.f1, found.pair.f1, found.statement.f1, found.stance_accuracy) == (1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("annotated", "found", "position", "accuracy"),
    [
        ([annotation()], [factory.statement(stance=Stance.OPPOSE)], (0.0, 0.0), 0.0),
        ([annotation()], [], (0.0, 0.0), 0.0),
        ([], [factory.statement()], (0.0, 0.0), 0.0),
        # Two sides make a mixed position.
        ([annotation()], [factory.statement(), factory.statement(OPPOSED, stance=Stance.OPPOSE)], (0.0, 0.0), 0.0),
        ([annotation(), annotation(stance=Stance.OPPOSE)], [factory.statement(stance=Stance.MIXED)], (1.0, 1.0), 1.0),
        # Neutral does not count.
        ([annotation()], [factory.statement(), factory.statement(OPPOSED, stance=Stance.NEUTRAL)], (1.0, 1.0), 1.0),
        # An arguable position is right if found, not missed if absent, and neither if it has another stance.
        ([annotation(clear=False)], [], (0.0, 0.0), 0.0),
        ([annotation(clear=False)], [factory.statement()], (1.0, 0.0), 0.0),
        ([annotation(clear=False)], [factory.statement(stance=Stance.OPPOSE)], (0.0, 0.0), 0.0),
        ([annotation(), annotation(stance=Stance.OPPOSE, clear=False)], [factory.statement()], (1.0, 1.0), 1.0),
        ([annotation(stance=Stance.NEUTRAL)], [factory.statement()], (0.0, 0.0), 0.0),
    ],
)
def test_positions(
    annotated: list[Annotation], found: list[Statement], position: tuple[float, float], accuracy: float
) -> None:
    result = scores(annotated, found, NAMES)
    assert (result.position.precision, result.position.recall) == position
    assert result.stance_accuracy == accuracy


def test_an_arguable_one_on_another_side_is_not_counted() -> None:
    result = scores([annotation(clear=False)], [factory.statement(stance=Stance.OPPOSE)], NAMES)
    assert (result.position.found, result.pair.found) == (0, 1)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (WELCOMED, "The council welcomed the fare cap", True),
        ("welcomed the fare cap", WELCOMED, True),
        (
            "On Monday the council welcomed the fare cap in full",
            "Ada said: the council welcomed the fare cap, again",
            True,
        ),
        (WELCOMED, OPPOSED, False),
        ("", WELCOMED, False),
    ],
)
def test_overlap(one: str, other: str, same: bool) -> None:
    assert overlap(one, other) is same
    assert overlap(other, one) is same


@pytest.mark.parametrize(
    ("name", "key"),
    [("The Council", "council"), ("Some riders", "riders"), ("Riders’ Voice", "riders' voice"), ("A-B", "a b")],
)
def test_comparable_names(name: str, key: str) -> None:
    assert comparable(name) == key


def test_stages_show_where_a_statement_is_lost() -> None:
    annotated = [
        annotation(),
        annotation(reform="night-buses"),
        annotation(actor="riders"),
        annotation(quote="Riders were split on night buses."),
        annotation(stance=Stance.MIXED),
    ]
    found = stages(
        annotated, [Voiced(article="cap-news", actor="council", quote=WELCOMED)], [factory.statement()], NAMES
    )
    assert (found.annotated, found.passage, found.speaker, found.reform, found.stance) == (5, 4, 3, 2, 1)
    assert found.lost() == {"passage": 1, "speaker": 1, "reform": 1, "stance": 1}


def test_changes_by_name() -> None:
    kept, turned = factory.statement(), factory.statement(OPPOSED, stance=Stance.OPPOSE)
    after = factory.statement(OPPOSED)
    change = changes([kept, turned], [kept, after])
    assert (change.gained, change.lost) == ((after,), (turned,))


def test_groups() -> None:
    found = dict(grouped([annotation()], [factory.statement(actor="riders", actor_label="Riders")], NAMES, by="actor"))
    assert {name: (s.position.found, s.position.annotated) for name, s in found.items()} == {
        "council": (0, 1),
        "riders": (1, 0),
    }


def test_manners() -> None:
    shares = by_manner([annotation()], [factory.statement(), factory.statement(OPPOSED, manner=Manner.OWN)], NAMES)
    assert [(share.name, share.found, share.right) for share in shares] == [("own", 1, 0), ("reported", 1, 1)]


def test_calibration() -> None:
    found = [factory.statement(confidence=0.9), factory.statement(OPPOSED, confidence=0.3)]
    bins = calibration([annotation()], found, NAMES)
    assert [(b.low, b.found, b.right) for b in bins] == [(0.3, 1, 0), (0.9, 1, 1)]
    assert calibration_error(bins) == pytest.approx((0.3 + 0.1) / 2)


def test_reads_annotations(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    record = {
        "article": "a",
        "actor": "The Council",
        "reform": "fare-cap",
        "stance": "mixed",
        "quote": "x",
        "certainty": "arguable",
    }
    path.write_text(json.dumps(record) + "\n\n", encoding="utf-8")
    (read,) = annotations(path, factory.domain())
    assert (read.actor, read.stance, read.clear) == ("council", Stance.MIXED, False)


@pytest.mark.parametrize(
    "line", ['{"article": "a"}', "no json", '{"article":"a","actor":"b","reform":"c","stance":"d","quote":"e"}', "[]"]
)
def test_a_bad_annotation_names_its_line(line: str, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n" + line + "\n", encoding="utf-8")
    with pytest.raises(BadStatement, match=r"gold\.jsonl:2: "):
        annotations(path, factory.domain())
