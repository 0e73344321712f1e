"""The features of a claim: its facts, the encoder's answer, and its neighbours."""

import logging
from pathlib import Path

import numpy as np
import pytest

from extract.judging import encoder
from extract.judging.claims import CLOSE, KEPT, Judges, PossibleClaim, in_context, kept, read_closely, shipped, vectors
from extract.judging.encoder import BEFORE, CLASSES, StanceQuestion
from graph.model import Stance


def row(sentence: int, plausible: float, *, actor: str = "council", reform: str = "fare-cap") -> PossibleClaim:
    return PossibleClaim(sentence=sentence, actor=actor, reform=reform, features={"figures": 1.0}, plausible=plausible)


def test_features_become_columns_by_name() -> None:
    matrix = vectors([{"a": 1.0, "c": 3.0}, {"b": 2.0}], ["a", "b"])
    assert matrix.tolist() == [[1.0, 0.0], [0.0, 2.0]]


def test_the_encoder_reads_only_plausible_claims() -> None:
    many = [row(0, 0.1 + number / 100, actor=f"actor-{number}") for number in range(KEPT + 2)]
    picked = kept([row(1, 0.001), *many])
    assert 0 not in picked
    assert len(picked) == KEPT
    assert picked == sorted(picked)


def test_a_claim_is_told_its_neighbours() -> None:
    answers = np.array([[0, 4, 0, 0, 0], [0, 0, 0, 4, 0], [0, 4, 0, 0, 0]], dtype=np.float32)
    rows = [row(0, 0.5), row(0, 0.3, actor="riders"), row(1, 0.2)]
    first, second, third = in_context(rows, answers)
    assert first["plausible: best other holder"] == 0.3
    assert first["plausible: sentence after, same claim"] == 0.2
    assert third["plausible: sentence before, same claim"] == 0.5
    assert second["encoder: support over oppose"] == -4
    assert first["encoder: sides taken in the article"] == 1


def test_a_close_reading_is_told_its_neighbours() -> None:
    answers = np.array([[0, 4, 0, 0, 0], [0, 0, 0, 2, 0], [0, 3, 0, 0, 0]], dtype=np.float32)
    rows = [row(0, 0.5), row(0, 0.3, actor="riders"), row(1, 0.2)]
    first, second, third = read_closely(rows, [{"figures": 1.0}, {}, {}], answers)
    assert set(first) == {"figures", *CLOSE}
    assert (first["close: support over oppose"], second["close: support over oppose"]) == (4, -2)
    assert (first["close: rank in the sentence"], second["close: rank in the sentence"]) == (0, 1)
    assert first["close: any side, best other holder"] == 2
    assert third["close: any side, best of the claim elsewhere"] == 4
    assert second["close: sides taken in the article"] == 0


@pytest.fixture(scope="module")
def judges() -> Judges:
    found = shipped()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("sentence", "stance"),
    [
        ("The Riders' Union welcomed the fare cap and urged ministers to bring it in at once.", Stance.SUPPORT),
        ("The Riders' Union condemned the fare cap as unworkable and said it must be scrapped.", Stance.OPPOSE),
    ],
)
def test_the_encoder_reads_a_plain_side(judges: Judges, sentence: str, stance: Stance) -> None:
    question = StanceQuestion(holder="Riders' Union", reform="Fare cap", sentence=sentence)
    answer = judges.encoders.stance.answers([question])[0]
    assert CLASSES[int(answer.argmax())] == stance


def test_the_larger_encoder_sees_that_a_sentence_takes_no_side(judges: Judges) -> None:
    question = StanceQuestion(holder="Riders", reform="Fare cap", sentence="The committee met on Tuesday at the depot.")
    assert CLASSES[int(judges.encoders.stance.answers([question])[0].argmax())] == "none"


def test_the_larger_encoder_reads_the_end_of_the_sentence_before() -> None:
    before = "The mayor set out the fare cap last week, " * 9
    read = StanceQuestion(holder="Union", reform="Fare cap", sentence="It opposed the idea.", before=before).in_context[
        1
    ]
    assert read == f"{before[-BEFORE:]} | It opposed the idea."
    long = "It opposed the idea, which it called unfair to the small operators of the north. " * 5
    assert StanceQuestion(holder="Union", reform="Fare cap", sentence=long, before=before).in_context[1] == long


def test_answers_do_not_depend_on_what_is_asked_with_them(judges: Judges) -> None:
    one = StanceQuestion(holder="Riders' Union", reform="Fare cap", sentence="It welcomed the fare cap.")
    other = StanceQuestion(holder="Council", reform="Night buses", sentence="The council said nothing of night buses.")
    alone, together = judges.encoders.stance.answers([one])[0], judges.encoders.stance.answers([other, one])[1]
    assert np.allclose(alone, together, atol=0.3)


def test_without_its_file_the_encoder_is_passed_over_with_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(encoder, "FOLDER", tmp_path)
    encoder.shipped.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert encoder.shipped() is None
    encoder.shipped.cache_clear()
    (message,) = caplog.messages
    assert message == (
        f"{tmp_path / 'reading'} is missing, so claims are judged without the encoder; reinstall to restore it"
    )
