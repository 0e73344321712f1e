"""Learnt weights are never worse than the shipped ones, and can be read as weights."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from extract.judging.linear import Judgement, judgements, learnt
from extract.measuring.learning import FEWEST, Gold, fitted, gold_of_verdicts, judged_by, learn, moved, together
from extract.models import Engine
from graph.building import build
from graph.errors import BadRequest
from graph.model import Stance
from graph.reviewing.reviews import Review, Verdict, record
from graph.store.embedded import memory_store
from tests import factory

SHIPPED = Judgement(base=0.5, weights={"hope": 1.0, "fear": -1.0})
SUPPORT = factory.statement()
OPPOSE = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)


def test_little_gold_leaves_the_shipped_weights() -> None:
    rows = [{"hope": 1.0}] * (FEWEST - 1)
    assert moved(SHIPPED, rows, [place % 2 == 0 for place in range(len(rows))], 0.03) is SHIPPED
    assert moved(SHIPPED, [{"hope": 1.0}] * FEWEST, [True] * FEWEST, 0.03) is SHIPPED


def test_gold_that_the_shipped_weights_get_wrong_moves_them() -> None:
    rows = [{"hope": 1.0}, {"fear": 1.0}, {"luck": 1.0}, {"luck": 1.0, "fear": 1.0}] * FEWEST
    labels = [True, False, True, True] * FEWEST
    new = moved(SHIPPED, rows, labels, 1.0)
    assert SHIPPED.probability({"luck": 1.0, "fear": 1.0}) < 0.5 < new.probability({"luck": 1.0, "fear": 1.0})
    assert new.probability({"hope": 1.0}) > 0.5 > new.probability({"fear": 1.0})


def test_nothing_taught_is_nothing_changed() -> None:
    assert fitted([], judgements(), 0.03) == dict(judgements())
    made = learn([], Gold(annotations=(), whole=frozenset()), factory.domain(), judgements())
    assert made.strength == 0
    assert made.gain == 0
    assert made.weights is judgements()


def test_verdicts_are_gold() -> None:
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], [SUPPORT, OPPOSE])
        given = Review(
            statement=SUPPORT.id, verdict=Verdict.CORRECTED, stance=Stance.MIXED, reviewer="ann", time="2032"
        )
        record(store, given)
        record(store, replace(given, statement=OPPOSE.id, verdict=Verdict.WRONG, stance=None))
        gold = gold_of_verdicts(store)
    (annotation,) = gold.annotations
    assert (annotation.actor, annotation.stance, annotation.quote) == ("council", Stance.MIXED, SUPPORT.quote)
    assert gold.rejected == {("cap-news", "harbour-lines", "fare-cap", OPPOSE.quote)}
    elsewhere = factory.statement(actor="riders")
    assert judged_by(gold, [SUPPORT, OPPOSE, elsewhere]) == [SUPPORT, OPPOSE]
    whole = Gold(annotations=(), whole=frozenset({"cap-news"}))
    assert judged_by(together([gold, whole]), [SUPPORT, elsewhere]) == [SUPPORT, elsewhere]


def test_learnt_weights_are_read_back(tmp_path: Path) -> None:
    from extract.measuring.fitting import write

    write(tmp_path / "weights.json", judgements())
    assert learnt((tmp_path / "weights.json").read_text()) == judgements()


@pytest.mark.parametrize("text", ["", "[]", "{}", json.dumps({"side": {"base": 1.0}})])
def test_a_file_of_no_weights_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        learnt(text)


def test_other_weights_are_another_engine() -> None:
    domain = factory.domain()
    digests = {Engine(domain=domain, weights=text).digest for text in ("", "{}", "{} ")}
    assert len(digests) == 3
