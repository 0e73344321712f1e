"""Weights are fitted from rows of named features; needs scikit-learn."""

import json
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="scikit-learn is needed to fit weights only")

from spacy.tokens import Doc

from extract.judging.candidates import Candidate, VoicedSentence
from extract.judging.linear import Judgement, read  # after the check
from extract.judging.stance import Words
from extract.judging.targets import Topics
from extract.measuring.fitting import Example, among_many, logistic_regression, with_weights, write  # after the check
from extract.voices.speaker import Speaker
from graph.coding.evaluate import annotated_as
from graph.model import Manner
from tests import factory
from tests.extract.hand import VOCAB


def test_weights_separate_the_rows() -> None:
    rows = [{"named": 1.0}, {"named": 1.0}, {"far": 1.0}, {"far": 1.0}]
    fitted = logistic_regression(rows, [True, True, False, False], strength=1.0)
    assert fitted.weights["named"] > 0 > fitted.weights["far"]


@pytest.mark.parametrize(("label", "certain"), [(True, True), (False, False)])
def test_one_kind_of_rows_only(label: bool, certain: bool) -> None:
    fitted = logistic_regression([{"named": 1.0}], [label], strength=1.0)
    assert (fitted.probability({}) > 0.9) is certain


def test_no_rows() -> None:
    assert logistic_regression([], [], strength=1.0).probability({}) < 0.1


def test_further_weights() -> None:
    assert with_weights(Judgement(base=1.0, weights={"a": 1.0}), {"b": 2.0}).weights == {"a": 1.0, "b": 2.0}


def test_written_weights_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    fitted = {"side": Judgement(base=-0.5, weights={"b": 1.0, "a": 2.0})}
    write(path, fitted)
    assert read(json.loads(path.read_text(encoding="utf-8"))) == fitted


@pytest.mark.parametrize(
    ("actor", "label", "annotated"),
    [
        ("council", "City Council", "council"),
        ("ada-quill", "Ada Quill", "ada quill"),
        ("the-council", "The Council", "council"),
    ],
)
def test_actors_are_compared_as_annotators_name_them(actor: str, label: str, annotated: str) -> None:
    assert annotated_as(actor, label, {"council": "council", "city council": "council"}) == annotated


def test_written_texts_count_less_where_reforms_are_many() -> None:
    one, other = (
        Example(group=name, candidate=candidate(), annotation=None, pair=False, weight=weight)
        for name, weight in (("found", 1.5), ("written", 0.3))
    )
    assert [e.weight for e in among_many([one, other])] == [1.5, pytest.approx(0.1)]


def candidate() -> Candidate:
    doc = Doc(VOCAB, words=["Riders", "waited"])
    speaker = Speaker(actor="riders", label="Riders")
    return Candidate(
        unit=VoicedSentence(sentence=0, span=doc[:], speaker=speaker, manner=Manner.DIRECT, fellows=(0,)),
        reform="fare-cap",
        evidence=Words(doc[:]).on(Topics(factory.domain()).topics["fare-cap"]),
        about={},
        side={},
        among_many=True,
    )
