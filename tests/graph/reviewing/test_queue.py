"""The order of the review queue, and which statements have the same words."""

from collections.abc import Mapping

import pytest

from graph.building import build
from graph.model import Selection, Stance
from graph.reading import catalogue
from graph.reviewing.queue import GONE, TURNED, identical, queue, what_hangs
from graph.store.embedded import memory_store
from tests import factory

SUPPORT, MIXED, OPPOSE, NEUTRAL = Stance.SUPPORT, Stance.MIXED, Stance.OPPOSE, Stance.NEUTRAL


@pytest.mark.parametrize(
    ("counts", "stance", "share"),
    [
        ({OPPOSE: 1}, OPPOSE, GONE),
        ({OPPOSE: 4}, OPPOSE, 0.25),
        ({SUPPORT: 5, OPPOSE: 1}, OPPOSE, TURNED),
        ({SUPPORT: 2, OPPOSE: 2}, OPPOSE, 0.25),
        ({SUPPORT: 1, NEUTRAL: 3}, SUPPORT, TURNED),
        ({SUPPORT: 1, NEUTRAL: 1}, NEUTRAL, 0.5),
        ({SUPPORT: 1, MIXED: 1}, MIXED, TURNED),
    ],
)
def test_what_hangs_on_a_statement(counts: Mapping[Stance, int], stance: Stance, share: float) -> None:
    assert what_hangs(counts, stance) == share


def test_doubt_and_weight_order_the_queue() -> None:
    sure = factory.statement(confidence=0.99, actor="ada-quill")
    several = [factory.statement(quote, confidence=0.5) for quote in ("The council", "welcomed", "the fare cap")]
    alone = factory.statement(actor="riders", confidence=0.5)
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], [sure, *several, alone])
        ranked = queue(store)
        assert ranked[0].statement == alone.id
        assert ranked[-1].statement == sure.id
        assert [each.alone for each in ranked] == [True, False, False, False, True]
        assert {each.statement for each in queue(store, Selection(actor="council"))} == {each.id for each in several}


def test_a_reform_that_others_speak_on_comes_first() -> None:
    lonely = factory.statement(reform="night-buses", confidence=0.4)
    heard = [factory.statement(actor=actor, confidence=0.5) for actor in ("council", "riders", "ada-quill")]
    with memory_store() as store:
        build(store, factory.domain(), [factory.article()], [lonely, *heard])
        assert queue(store)[-1].statement == lonely.id


def test_the_same_words_count_in_one_release_only() -> None:
    said = [factory.statement(article=article) for article in ("cap-news", "copy", "other")]
    with memory_store() as store:
        articles = [
            factory.article(),
            factory.article(id="copy", release="cap-news"),
            factory.article(id="other"),
        ]
        build(store, factory.domain(), articles, said)
        for one, other in ((said[0], said[1]), (said[1], said[0])):
            assert [each.id for each in identical(store, catalogue.statement(store, one.id))] == [other.id]
        assert identical(store, catalogue.statement(store, said[2].id)) == ()
