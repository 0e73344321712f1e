"""A verdict counts at once, is kept permanently, and finds its statement again."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from graph.building import build
from graph.errors import BadRequest, NotVerbatim, UnknownActor, UnknownStatement
from graph.model import Stance, Statement
from graph.positions import stored_positions
from graph.reviewing.reviews import (
    Fault,
    Review,
    Verdict,
    add_missed,
    carry_over,
    disagreements,
    history,
    record,
    record_all,
    settle,
    standing,
)
from graph.store.embedded import Store, memory_store
from graph.validate import validate
from tests import factory

NOW = "2032-01-02T03:04:05Z"
SUPPORT = factory.statement()
OPPOSE = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)


def review(verdict: Verdict, statement: Statement = OPPOSE, *, reviewer: str = "ann", **changes: Any) -> Review:
    return replace(
        Review(statement=statement.id, verdict=verdict, reviewer=reviewer, time=NOW),
        **changes,
    )


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        build(made, factory.domain(), [factory.article()], [SUPPORT, OPPOSE])
        yield made


def held(store: Store) -> dict[tuple[str, str], Stance]:
    return {(position.actor, position.reform): position.stance for position in stored_positions(store)}


def test_a_rejected_statement_leaves_no_position(store: Store) -> None:
    record(store, review(Verdict.WRONG, fault=Fault.POSITION))
    assert held(store) == {("council", "fare-cap"): Stance.SUPPORT}


def test_withdrawing_the_verdict_brings_the_position_back(store: Store) -> None:
    before = held(store)
    record(store, review(Verdict.WRONG))
    record(store, review(Verdict.WITHDRAWN))
    assert held(store) == before
    assert [r.verdict for r in history(store, OPPOSE.id)] == [Verdict.WRONG, Verdict.WITHDRAWN]


@pytest.mark.parametrize(
    ("correction", "position"),
    [
        ({"stance": Stance.MIXED}, (("harbour-lines", "fare-cap"), Stance.MIXED)),
        ({"actor": "riders"}, (("riders", "fare-cap"), Stance.OPPOSE)),
        ({"reform": "night-buses"}, (("harbour-lines", "night-buses"), Stance.OPPOSE)),
    ],
)
def test_a_corrected_statement_counts_as_corrected(
    store: Store, correction: dict[str, Any], position: tuple[tuple[str, str], Stance]
) -> None:
    record(store, review(Verdict.CORRECTED, **correction))
    assert held(store) == {("council", "fare-cap"): Stance.SUPPORT, position[0]: position[1]}


def test_a_correction_corrected_again_leaves_nothing_of_the_first(store: Store) -> None:
    record(store, review(Verdict.CORRECTED, actor="riders"))
    record(store, review(Verdict.CORRECTED, reform="night-buses"))
    assert held(store) == {
        ("council", "fare-cap"): Stance.SUPPORT,
        ("harbour-lines", "night-buses"): Stance.OPPOSE,
    }


def test_the_same_finding_sent_twice_is_kept_once(store: Store) -> None:
    first = record(store, review(Verdict.WRONG))
    again = record(store, review(Verdict.WRONG, time="2032-01-02T03:04:06Z"))
    assert again.id == first.id
    assert len(history(store)) == 1


def test_the_latest_reviewer_counts_and_disagreement_is_reported(store: Store) -> None:
    record(store, review(Verdict.WRONG))
    record(store, review(Verdict.RIGHT, reviewer="bo"))
    assert held(store)["harbour-lines", "fare-cap"] is Stance.OPPOSE
    ((statement, reviews),) = disagreements(history(store))
    assert statement == OPPOSE.id
    assert {r.reviewer for r in reviews} == {"ann", "bo"}


def test_a_withdrawn_verdict_falls_back_to_the_other_reviewer() -> None:
    reviews = [
        review(Verdict.RIGHT, reviewer="bo", number=1),
        review(Verdict.WRONG, number=2),
        review(Verdict.WITHDRAWN, number=3),
    ]
    counting = standing(reviews)
    assert counting is not None
    assert counting.reviewer == "bo"


def test_verdicts_together_are_kept_all_or_none(store: Store) -> None:
    unknown = replace(review(Verdict.RIGHT), statement="0" * 16)
    with pytest.raises(UnknownStatement):
        record_all(store, [review(Verdict.WRONG), unknown])
    assert history(store) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (review(Verdict.CORRECTED), BadRequest),
        (review(Verdict.CORRECTED, actor="absent"), UnknownActor),
        (review(Verdict.RIGHT, note="x" * 2_001), BadRequest),
    ],
)
def test_a_verdict_that_cannot_be_kept_is_refused(store: Store, given: Review, error: type[Exception]) -> None:
    with pytest.raises(error):
        record(store, given)
    assert history(store) == []


def test_a_verdict_survives_another_build(store: Store) -> None:
    record(store, review(Verdict.WRONG))
    build(store, factory.domain(), [factory.article()], [SUPPORT, OPPOSE])
    assert ("harbour-lines", "fare-cap") not in held(store)


def test_a_verdict_finds_its_statement_when_the_text_has_moved(store: Store) -> None:
    record(store, review(Verdict.WRONG))
    moved = [replace(s, start=s.start + 4, end=s.end + 4) for s in (SUPPORT, OPPOSE)]
    build(store, factory.domain(), [factory.article(text="New " + factory.TEXT)], moved)
    assert ("harbour-lines", "fare-cap") in held(store)
    assert carry_over(store) == 1
    assert ("harbour-lines", "fare-cap") not in held(store)
    assert carry_over(store) == 0


def test_a_missed_statement_counts_and_survives_another_build(store: Store) -> None:
    missed = factory.statement(
        "Riders were split on night buses.",
        actor="riders",
        actor_label="Riders",
        reform="night-buses",
        stance=Stance.MIXED,
    )
    add_missed(store, missed, reviewer="ann", time=NOW)
    build(store, factory.domain(), [factory.article()], [SUPPORT, OPPOSE])
    assert held(store)["riders", "night-buses"] is Stance.MIXED


def test_a_missed_statement_follows_its_words(store: Store) -> None:
    quote = "Riders were split on night buses."
    missed = factory.statement(quote, actor="riders", actor_label="Riders", reform="night-buses", stance=Stance.MIXED)
    add_missed(store, missed, reviewer="ann", time=NOW)
    moved = [replace(s, start=s.start + 4, end=s.end + 4) for s in (SUPPORT, OPPOSE)]
    build(store, factory.domain(), [factory.article(text="New " + factory.TEXT)], moved)
    assert carry_over(store) == 1
    (position,) = [each for each in stored_positions(store) if each.actor == "riders"]
    assert position.statements == (replace(missed, start=missed.start + 4, end=missed.end + 4).id,)
    assert carry_over(store) == 0


def test_a_missed_statement_is_verbatim_or_refused(store: Store) -> None:
    with pytest.raises(NotVerbatim):
        add_missed(store, replace(SUPPORT, quote="The council welcomed the fare cup."), reviewer="ann", time=NOW)


@pytest.mark.parametrize(("start", "end", "quote"), [(20, 3, ""), (3, 3, ""), (3, 4, " "), (90, 10**6, "es.")])
def test_a_missed_statement_has_words(store: Store, start: int, end: int, quote: str) -> None:
    with pytest.raises(NotVerbatim):
        add_missed(store, replace(SUPPORT, start=start, end=end, quote=quote), reviewer="ann", time=NOW)


def test_a_verdict_not_counted_yet_is_counted_when_settled(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as stopped:
        stopped.setattr("graph.reviewing.reviews.derive", _stop)
        with pytest.raises(KeyboardInterrupt):
            record(store, review(Verdict.WRONG))
    assert ("harbour-lines", "fare-cap") in held(store)
    assert settle(store) == 1
    assert ("harbour-lines", "fare-cap") not in held(store)
    assert settle(store) == 0


def _stop(*args: object, **options: object) -> int:
    raise KeyboardInterrupt


def test_the_graph_of_reviews_is_well_formed(store: Store) -> None:
    record(store, review(Verdict.WRONG, note="said by a rival"))
    record(store, review(Verdict.WITHDRAWN))
    record(store, review(Verdict.CORRECTED, SUPPORT, stance=Stance.MIXED, reviewer="bo"))
    assert list(validate(store)) == []
