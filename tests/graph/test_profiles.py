"""Profiles: sides, passages, grounds, time, silence, allies, changes and comparison."""

from dataclasses import replace

import pytest

from graph.building import build
from graph.errors import UnknownActor, UnknownArticle, UnknownReform, UnknownStatement
from graph.model import Stance, accord
from graph.profiles import (
    PART,
    SHOWN,
    actor_profile,
    article_profile,
    changes,
    comparison_profile,
    field_profile,
    reform_profile,
    statement_profile,
)
from graph.store.embedded import Store, memory_store
from tests import factory

SUPPORT, MIXED, OPPOSE, NEUTRAL = Stance
CAP = factory.statement(concerns=("access", "cost"))
LATER = factory.statement(article="later", stance=OPPOSE, condition="the fare cap", speaker="Ada Quill")
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=OPPOSE, concerns=("cost",)
)
FOR_NIGHT = factory.statement(
    "Riders were split on night buses.", actor="riders", actor_label="Riders", reform="night-buses"
)
LINES_NIGHT = replace(FOR_NIGHT, actor="harbour-lines", actor_label="Harbour Lines", stance=OPPOSE)
COUNCIL_NIGHT = replace(FOR_NIGHT, actor="council", actor_label="City Council")
ARTICLES = [
    factory.article(voice="harbour-lines"),
    factory.article(id="later", date="2032-05", publisher="Harbour Post"),
]
ALL = [CAP, LATER, AGAINST, FOR_NIGHT, LINES_NIGHT, COUNCIL_NIGHT]


@pytest.fixture(scope="module")
def store() -> Store:
    made = memory_store()
    build(made, factory.domain(), ARTICLES, ALL)
    return made


def test_the_field_in_numbers(store: Store) -> None:
    field = field_profile(store)
    assert (field.statements, field.articles, field.actors, field.positions) == (6, 2, 3, 5)
    assert (field.first, field.last, field.undated) == ("2031-03-04", "2032-05", 0)
    assert [each.id for each in field.reforms] == ["night-buses", "fare-cap"]
    assert field.newest[0].id == LATER.id
    assert [(each.before.id, each.after.id) for each in field.changes] == [(CAP.id, LATER.id)]


def test_a_reform_has_its_sides_with_their_passages(store: Store) -> None:
    profile = reform_profile(store, "fare-cap")
    told = {
        side.stance: [(stand.position.actor, [each.id for each in stand.evidence]) for stand in side.stands.items]
        for side in profile.sides
    }
    assert told[SUPPORT] == []
    assert told[OPPOSE] == [("harbour-lines", [AGAINST.id])]
    ((actor, shown),) = told[MIXED]
    assert (actor, set(shown)) == ("council", {CAP.id, LATER.id})


def test_a_reform_in_numbers(store: Store) -> None:
    profile = reform_profile(store, "fare-cap")
    assert profile.actors == {MIXED: 1, OPPOSE: 1}
    assert profile.statements == {SUPPORT: 1, OPPOSE: 2}
    assert (profile.articles, profile.publishers, profile.conditional) == (2, 2, 1)
    assert {ground.id: ground.statements for ground in profile.grounds} == {
        "access": {SUPPORT: 1},
        "cost": {SUPPORT: 1, OPPOSE: 1},
    }
    assert [(period.period, period.statements) for period in profile.periods] == [
        ("2031-03", {SUPPORT: 1, OPPOSE: 1}),
        ("2032-05", {OPPOSE: 1}),
    ]


def test_only_one_side_a_page_at_a_time(store: Store) -> None:
    profile = reform_profile(store, "fare-cap", stance=OPPOSE, limit=1)
    (side,) = profile.sides
    assert (side.stance, side.stands.total, len(side.stands.items)) == (OPPOSE, 1, 1)
    assert reform_profile(store, "fare-cap", stance=OPPOSE, offset=1).sides[0].stands.items == ()


def test_narrower_reforms_are_counted_apart_and_together(store: Store) -> None:
    profile = reform_profile(store, "fares")
    assert profile.actors == {}
    assert profile.with_narrower == {MIXED: 1, OPPOSE: 1}
    assert [each.id for each in profile.narrower] == ["fare-cap"]
    assert [each.id for each in reform_profile(store, "fare-cap").above] == ["fares"]


def test_who_is_silent_has_spoken_elsewhere(store: Store) -> None:
    silent = reform_profile(store, "fare-cap").silent
    # Riders have spoken elsewhere, but are a group, which cannot be asked.
    assert [(each.id, each.statements, each.reforms) for each in silent.items] == []
    # Ada Quill has no statement anywhere, so she does not count as silent on this.
    assert silent.total == 0


def test_the_passages_of_a_position_are_the_surest_of_each_side() -> None:
    made = memory_store()
    sure = [
        replace(CAP, start=start, end=start + 3, quote=factory.TEXT[start : start + 3], confidence=confidence)
        for start, confidence in ((0, 0.5), (4, 0.9), (8, 0.7), (12, 0.8))
    ]
    against = replace(CAP, start=20, end=23, quote=factory.TEXT[20:23], stance=OPPOSE, confidence=0.1)
    build(made, factory.domain(), ARTICLES[:1], [*sure, against])
    (stand,) = actor_profile(made, "council").stands.items
    assert len(stand.evidence) == SHOWN
    assert [each.confidence for each in stand.evidence] == [0.9, 0.1, 0.8]


def test_an_actor_over_all_reforms(store: Store) -> None:
    profile = actor_profile(store, "council")
    assert profile.reforms == {SUPPORT: 1, MIXED: 1}
    assert [each.position.reform for each in profile.stands.items] == ["fare-cap", "night-buses"]
    assert [each.label for each in profile.speakers] == ["Ada Quill"]
    assert [(each.id, each.role) for each in profile.members] == [("ada-quill", "chair of transport")]
    assert [each.id for each in actor_profile(store, "ada-quill").memberships] == ["council"]


def test_allies_and_opponents_are_listed_with_the_deciding_reforms(store: Store) -> None:
    profile = actor_profile(store, "riders")
    assert [(each.id, [it.id for it in each.agree]) for each in profile.allies] == [("council", ["night-buses"])]
    assert [(each.id, [it.id for it in each.conflict]) for each in profile.opponents] == [
        ("harbour-lines", ["night-buses"])
    ]


def test_mixed_makes_neither_an_ally_nor_an_opponent(store: Store) -> None:
    # The council is mixed on the fare cap that Harbour Lines oppose; only the night buses set them apart.
    (opponent, *_) = actor_profile(store, "harbour-lines").opponents
    assert {each.id: [it.id for it in each.conflict] for each in (opponent,)} == {"council": ["night-buses"]}


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, 1), ({"actor": "council"}, 1), ({"actor": "riders"}, 0), ({"reform": "fares"}, 0),
     ({"reform": "fares", "narrower": True}, 1), ({"since": "2032"}, 1), ({"since": "2033"}, 0)],
)  # fmt: skip
def test_changes_have_a_passage_of_each_side(store: Store, options: dict[str, object], expected: int) -> None:
    found = changes(store, **options)  # type: ignore[arg-type]  # a table of keyword arguments
    assert found.total == expected
    assert [(each.before.id, each.after.id) for each in found.items] == [(CAP.id, LATER.id)] * expected


def test_an_article_with_its_statements_in_the_order_of_its_text(store: Store) -> None:
    profile = article_profile(store, "cap-news", chosen=AGAINST.id)
    starts = [each.start for each in profile.statements]
    assert starts == sorted(starts)
    assert (profile.total, profile.counts, profile.chosen) == (5, {SUPPORT: 3, OPPOSE: 2}, AGAINST.id)
    assert (profile.part, profile.parts, profile.text) == (1, 1, factory.TEXT)
    assert profile.voice is not None
    assert profile.voice.id == "harbour-lines"


@pytest.mark.parametrize("text", ["a line\n" * 30_000, "x" * 200_000, "word " * 40_000])
def test_the_parts_of_a_long_article_are_its_whole_text(text: str) -> None:
    store = memory_store()
    build(store, factory.domain(), [factory.article(text=text)], [])
    first = article_profile(store, "cap-news")
    parts = [article_profile(store, "cap-news", part=part) for part in range(1, first.parts + 1)]
    assert "".join(part.text for part in parts) == text
    assert max(len(part.text) for part in parts) <= PART * 1.25
    assert article_profile(store, "cap-news", part=99).part == first.parts
    assert article_profile(store, "cap-news", whole=True).text == text


def test_a_statement_is_shown_in_its_context(store: Store) -> None:
    profile = statement_profile(store, AGAINST.id)
    assert profile.before + profile.statement.quote + profile.after == factory.TEXT
    assert profile.generator.startswith("stakeholder-positions")
    assert [each.id for each in statement_profile(store, CAP.id).others] == [LATER.id]
    assert profile.history == ()


def test_the_context_of_a_statement_begins_and_ends_with_whole_words() -> None:
    text = "wordy " * 500 + factory.TEXT + " wordy" * 500
    store = memory_store()
    made = factory.statement(start=3_000, end=3_034)
    build(store, factory.domain(), [factory.article(text=text)], [made])
    profile = statement_profile(store, made.id)
    assert set(profile.before.split()) == {"wordy"}
    assert set(profile.after.split()[9:]) >= {"wordy"}
    assert profile.after.split()[-1] == "wordy"


def test_actors_side_by_side(store: Store) -> None:
    profile = comparison_profile(store, ["council", "harbour-lines", "council"])
    told = {row.reform.id: (row.verdict, [side.stance if side else None for side in row.sides]) for row in profile.rows}
    assert told == {"fare-cap": ("mixed", [MIXED, OPPOSE]), "night-buses": ("part", [SUPPORT, OPPOSE])}
    assert profile.counts == {"part": 1, "agree": 0, "mixed": 1, "one": 0}
    assert [each.id for each in profile.actors] == ["council", "harbour-lines"]


@pytest.mark.parametrize(
    ("stances", "expected"),
    [
        ([SUPPORT], "one"),
        ([SUPPORT, SUPPORT], "agree"),
        ([MIXED, MIXED], "mixed"),
        ([SUPPORT, OPPOSE], "part"),
        ([SUPPORT, MIXED, OPPOSE], "part"),
        ([SUPPORT, MIXED], "mixed"),
        ([OPPOSE, NEUTRAL], "mixed"),
    ],
)
def test_what_several_stances_come_to(stances: list[Stance], expected: str) -> None:
    assert accord(stances) == expected


def test_unknown_things_are_reported(store: Store) -> None:
    with pytest.raises(UnknownReform):
        reform_profile(store, "nothing")
    with pytest.raises(UnknownActor):
        actor_profile(store, "absent")
    with pytest.raises(UnknownArticle):
        article_profile(store, "nothing")
    with pytest.raises(UnknownStatement):
        statement_profile(store, "nothing")
    with pytest.raises(UnknownActor):
        comparison_profile(store, ["council", "absent"])


def test_years_replace_months_over_long_periods() -> None:
    store = memory_store()
    dates = ["2020-01", "2023-05-06", "2023-07", ""]
    articles = [factory.article(id=f"a{n}", date=date) for n, date in enumerate(dates)]
    build(store, factory.domain(), articles, [factory.statement(article=each.id) for each in articles])
    assert [(each.period, sum(each.statements.values())) for each in reform_profile(store, "fare-cap").periods] == [
        ("2020", 1),
        ("2023", 2),
        ("", 1),
    ]
