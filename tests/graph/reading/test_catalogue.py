"""Selections from the graph: each filter narrows, pages cover the list, unknown ids are reported."""

from dataclasses import replace

import pytest

from graph.building import build
from graph.errors import Unknown, UnknownActor, UnknownArticle, UnknownReform, UnknownStatement
from graph.model import Cue, Manner, Selection, Stance
from graph.reading import catalogue
from graph.reading.catalogue import UNCHECKED
from graph.store.embedded import Store, memory_store
from tests import factory

CAP = factory.statement(
    cues=(Cue(text="welcomed", start=12, end=20, effect="support", weight=0.8),), concerns=("access", "cost")
)
AGAINST = factory.statement(
    "Harbour Lines opposed it.",
    actor="harbour-lines",
    actor_label="Harbour Lines",
    stance=Stance.OPPOSE,
    confidence=0.4,
    concerns=("cost",),
    condition="it",
    speaker="Ada Quill",
    manner=Manner.DIRECT,
)
LATER = factory.statement(article="later", stance=Stance.OPPOSE)
NIGHT = factory.statement(
    "Riders were split on night buses.", article="undated", actor="riders", actor_label="Riders",
    reform="night-buses", stance=Stance.MIXED,
)  # fmt: skip
ARTICLES = (
    factory.article(),
    factory.article(id="later", date="2032-05", publisher="Harbour Post", title="Second thoughts"),
    factory.article(id="undated", date="", publisher=""),
)
ALL = [LATER, CAP, AGAINST, NIGHT]


@pytest.fixture(scope="module")
def store() -> Store:
    made = memory_store()
    build(made, factory.domain(), ARTICLES, ALL)
    return made


def test_a_statement_is_read_back_unchanged(store: Store) -> None:
    for each in ALL:
        assert catalogue.statement(store, each.id).statement() == each


def test_a_statement_is_shown_with_its_article_and_names(store: Store) -> None:
    shown = catalogue.statement(store, AGAINST.id)
    assert (shown.title, shown.publisher, shown.date) == ("A cap on fares", "The Tram Gazette", "2031-03-04")
    assert (shown.reform_label, shown.concern_labels, shown.review) == ("Fare cap", ("Cost",), UNCHECKED)


def test_statements_are_newest_first_then_in_the_order_of_the_text(store: Store) -> None:
    assert [each.id for each in catalogue.statements(store).items] == [each.id for each in ALL]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(actor="council"), [LATER, CAP]),
        (Selection(reform="fare-cap"), [LATER, CAP, AGAINST]),
        (Selection(reform="fares"), []),
        (Selection(reform="fares", narrower=True), [LATER, CAP, AGAINST]),
        (Selection(stance=Stance.OPPOSE), [LATER, AGAINST]),
        (Selection(concern="cost"), [CAP, AGAINST]),
        (Selection(article="undated"), [NIGHT]),
        (Selection(publisher="Harbour Post"), [LATER]),
        (Selection(manner=Manner.DIRECT), [AGAINST]),
        (Selection(since="2032"), [LATER]),
        (Selection(since="2032-05-31"), [LATER]),
        (Selection(since="2032-06"), []),
        (Selection(until="2031"), [CAP, AGAINST]),
        (Selection(until="2032"), [LATER, CAP, AGAINST]),
        (Selection(min_confidence=0.5), [LATER, CAP, NIGHT]),
        (Selection(reviewed=True), []),
        (Selection(reviewed=False, actor="riders"), [NIGHT]),
        (Selection(actor="council", stance=Stance.SUPPORT, until="2031-03"), [CAP]),
    ],
)
def test_each_filter_narrows(store: Store, selection: Selection, expected: list[object]) -> None:
    found = catalogue.statements(store, selection)
    assert [each.statement() for each in found.items] == expected
    assert found.total == len(expected)


def test_pages_cover_the_list(store: Store) -> None:
    pages = [catalogue.statements(store, limit=3, offset=offset) for offset in (0, 3)]
    assert [each.id for page in pages for each in page.items] == [each.id for each in ALL]
    assert {page.total for page in pages} == {4}


@pytest.mark.parametrize(
    ("selection", "error"),
    [
        (Selection(actor="absent"), UnknownActor),
        (Selection(reform="nothing"), UnknownReform),
        (Selection(concern="nothing"), Unknown),
    ],
)
def test_unknown_ids_are_reported(store: Store, selection: Selection, error: type[Unknown]) -> None:
    with pytest.raises(error, match="no"):
        catalogue.statements(store, selection)


@pytest.mark.parametrize("id", ["nothing", "no/thing", "'\" } #", "\ud800"])
def test_unknown_things_are_reported(store: Store, id: str) -> None:
    with pytest.raises(UnknownActor):
        catalogue.actor(store, id)
    with pytest.raises(UnknownReform):
        catalogue.reform(store, id)
    with pytest.raises(UnknownArticle):
        catalogue.article(store, id)
    with pytest.raises(UnknownStatement):
        catalogue.statement(store, id)


def test_the_summary_counts_by_side_date_article_and_publisher(store: Store) -> None:
    told = catalogue.summary(store, Selection(reform="fare-cap"))
    assert told.statements == {Stance.SUPPORT: 1, Stance.OPPOSE: 2}
    assert (told.articles, told.publishers, told.conditional) == (2, 2, 1)
    assert told.dates == {
        "2031-03-04": {Stance.SUPPORT: 1, Stance.OPPOSE: 1},
        "2032-05": {Stance.OPPOSE: 1},
    }


def test_positions_combine_statements(store: Store) -> None:
    found = {(each.actor, each.reform): each for each in catalogue.positions(store).items}
    council = found["council", "fare-cap"]
    assert council.stance is Stance.MIXED
    assert council.statements == (CAP.id, LATER.id)
    assert (council.first, council.last, council.articles, council.publishers) == ("2031-03-04", "2032-05", 2, 2)
    assert set(found) == {("council", "fare-cap"), ("harbour-lines", "fare-cap"), ("riders", "night-buses")}


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(stance=Stance.MIXED), {("council", "mixed"), ("riders", "mixed")}),
        (Selection(reform="fares", narrower=True), {("council", "mixed"), ("harbour-lines", "oppose")}),
        (Selection(until="2031"), {("council", "support"), ("harbour-lines", "oppose")}),
        (Selection(until="2031", stance=Stance.SUPPORT), {("council", "support")}),
        (Selection(concern="cost"), {("council", "support"), ("harbour-lines", "oppose")}),
    ],
)
def test_positions_by_the_selected_statements(
    store: Store, selection: Selection, expected: set[tuple[str, str]]
) -> None:
    assert {(each.actor, each.stance) for each in catalogue.positions(store, selection).items} == expected


def test_stored_and_computed_positions_are_the_same(store: Store) -> None:
    stored = catalogue.positions(store).items
    # Every statement is at least this certain, so the selection leaves none out and makes positions be computed.
    computed = catalogue.positions(store, Selection(min_confidence=0.01)).items
    assert {(each.actor, each.reform): each for each in stored} == {
        (each.actor, each.reform): each for each in computed
    }


def test_actors_come_with_what_they_hold(store: Store) -> None:
    first, *others = catalogue.actors(store).items
    assert (first.id, first.kind, first.reforms, first.statements) == ("council", "organisation", {Stance.MIXED: 1}, 2)
    assert {each.id: each.kind for each in others}["ada-quill"] == "person"


def test_actors_of_a_selection(store: Store) -> None:
    found = catalogue.actors(store, Selection(stance=Stance.OPPOSE))
    assert [each.id for each in found.items] == ["harbour-lines"]


def test_reforms_include_who_takes_which_side(store: Store) -> None:
    found = {each.id: each for each in catalogue.reforms(store).items}
    assert found["fare-cap"].actors == {Stance.MIXED: 1, Stance.OPPOSE: 1}
    assert (found["fare-cap"].statements, found["fares"].statements) == (3, 0)


def test_the_tree_of_reforms(store: Store) -> None:
    assert set(catalogue.with_narrower(store, "fares")) == {"fares", "fare-cap"}
    assert [each.id for each in catalogue.above(store, "fare-cap")] == ["fares"]


def test_articles_are_newest_first(store: Store) -> None:
    assert [(each.id, each.statements) for each in catalogue.articles(store).items] == [
        ("later", 1),
        ("cap-news", 2),
        ("undated", 1),
    ]
    assert [each.id for each in catalogue.articles(store, publisher="Harbour Post").items] == ["later"]
    assert catalogue.article(store, "cap-news") == ARTICLES[0]


def test_ids_of_any_letters_are_found() -> None:
    odd = "a/b c?d#e%2F'\"<é>"
    store = memory_store()
    build(
        store,
        factory.domain(),
        [factory.article(id=odd)],
        [factory.statement(article=odd, actor=odd, actor_label="Odd")],
    )
    assert catalogue.article(store, odd).id == odd
    assert [each.actor for each in catalogue.statements(store, Selection(actor=odd, article=odd)).items] == [odd]


def test_what_is_remembered_is_forgotten_when_the_graph_changes() -> None:
    store = memory_store()
    build(store, factory.domain(), ARTICLES[:1], [CAP])
    assert catalogue.actors(store).items[0].statements == 1
    build(store, factory.domain(), ARTICLES[:1], [CAP, AGAINST, replace(CAP, reform="night-buses")])
    assert catalogue.actors(store).items[0].statements == 2


def test_an_empty_store_has_empty_lists() -> None:
    store = memory_store()
    assert catalogue.statements(store).total == 0
    assert catalogue.positions(store).total == 0
    assert catalogue.actors(store).total == catalogue.reforms(store).total == catalogue.articles(store).total == 0
