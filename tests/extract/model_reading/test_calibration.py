import json
from dataclasses import replace
from pathlib import Path

from extract.model_reading.calibration import TABLE, calibrate, confidence_of
from extract.model_reading.requests import version
from extract.model_reading.together import together
from graph.coding.evaluate import Annotation, actor_names, judged
from graph.coding.readers import by_reader, groups_of
from graph.model import Stance
from tests.factory import domain, statement

READER = f"model tiny, prompt {version()}, not calibrated"
RIGHT = statement(reader=READER, confidence=0.5)
WRONG = statement("Harbour Lines opposed it.", actor="harbour-lines", reader=READER, confidence=0.3)
GOLD = [
    Annotation(
        article=RIGHT.article,
        actor=RIGHT.actor,
        actor_label=RIGHT.actor_label,
        speaker=None,
        reform=RIGHT.reform,
        stance=RIGHT.stance,
        quote=RIGHT.quote,
    )
]


def test_confidence_comes_from_a_table_of_how_often_a_reader_was_right(tmp_path: Path) -> None:
    area = replace(domain(), folder=tmp_path)
    assert not confidence_of(area, "tiny").calibrated
    names = actor_names(area)
    made = calibrate(area, judged(GOLD, [RIGHT] * 8 + [WRONG] * 2, names))
    assert list(made) == [f"tiny, prompt {version()}"]
    sure = confidence_of(area, "tiny")
    assert (sure.clear, sure.arguable, sure.calibrated) == (0.9, 0.25, True)
    assert not confidence_of(area, "other").calibrated
    assert list(json.loads((tmp_path / TABLE).read_text())) == [f"tiny, prompt {version()}"]
    again = [replace(RIGHT, confidence=0.9), replace(WRONG, confidence=0.25)]
    assert calibrate(area, judged(GOLD, again, names))[f"tiny, prompt {version()}"].arguable == 0.333


def test_readers_are_compared_on_the_same_annotations() -> None:
    local = replace(RIGHT, reader="local 0.1")
    found = together([local], [RIGHT, WRONG])
    first, second = by_reader(GOLD, found, actor_names(domain()), groups_of(domain()))
    assert (first.reader, second.reader) == ("local 0.1", READER)
    assert (first.scores.position.f1, second.scores.position.f1) == (1.0, 2 / 3)
    assert [kind for kind, _ in first.kinds] == ["organisation"]


def test_two_readers_agree_where_their_passages_overlap_by_half() -> None:
    local = replace(RIGHT, reader="local 0.1", confidence=0.6)
    other = replace(RIGHT, start=RIGHT.start, end=RIGHT.end - 10, quote=RIGHT.quote[:-10])
    (found,) = together([local], [other])
    assert (found.id, found.reader, found.confidence) == (local.id, f"local 0.1; {READER}", 0.8)
    assert len(together([local], [replace(other, stance=Stance.OPPOSE)])) == 2
    far = replace(other, start=40, end=40 + len(other.quote))
    assert len(together([local], [far])) == 2
