"""Full-text search: results, order, filters, and updates with the graph."""

from dataclasses import replace
from pathlib import Path

import pytest

from graph.building import build, put_article
from graph.errors import UnknownActor
from graph.model import Article, Selection, Stance, Statement
from graph.reading.search import SearchProfile, refresh, search
from graph.store.embedded import Store, memory_store, open_store
from tests import factory

NIGHT = Article(
    id="night",
    title="After midnight",
    date="2033",
    publisher="Harbour Post",
    text="Riders cheered the night buses. A café owner by the quay said <b>nothing</b>. The depot stayed shut.",
)
CHEER = factory.statement(
    "Riders cheered the night buses.", article="night", start=0, actor="riders", actor_label="Riders",
    reform="night-buses", concerns=("access",),
)  # fmt: skip
CAP = factory.statement()
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)
ALL = (CAP, AGAINST, CHEER)


def filled(store: Store, statements: tuple[Statement, ...] = ALL) -> Store:
    build(store, factory.domain(), [factory.article(), NIGHT], statements)
    return store


@pytest.fixture(scope="module")
def store() -> Store:
    return filled(memory_store())


def ids(found: SearchProfile) -> list[str]:
    return [each.id for each in found.passages.items]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("welcomed", [CAP]),
        ("welcoming", [CAP]),
        ("WELCOME cap", [CAP]),
        ("harbour", [AGAINST]),
        ('"night buses"', [CHEER]),
        ('"buses night"', []),
        ("council -welcomed", []),
        ("access", [CHEER]),
        ("zebra", []),
        ("NEAR( AND * ^ : -", []),
        ("' OR 1=1 --", []),
    ],
)
def test_words_find_passages(store: Store, words: str, expected: list[Statement]) -> None:
    found = search(store, words)
    assert (ids(found), found.loose) == ([each.id for each in expected], False)


@pytest.mark.parametrize("words", ["", "  ", '"', "-", "?!"])
def test_without_words_the_newest_come_first(store: Store, words: str) -> None:
    assert ids(search(store, words)) == [CHEER.id, CAP.id, AGAINST.id]


def test_words_of_the_passage_weigh_more_than_those_of_the_title() -> None:
    title = factory.article(id="title", title="The council welcomed the fare cap", text="Harbour Lines opposed it.")
    other = replace(AGAINST, article="title", start=0, end=len(AGAINST.quote))
    store = memory_store()
    build(store, factory.domain(), [title, factory.article()], [other, CAP])
    assert ids(search(store, "welcomed fare cap")) == [CAP.id, other.id]


def test_partial_matches_are_shown_and_labelled_if_nothing_has_all_the_words(store: Store) -> None:
    found = search(store, "welcomed zebra")
    assert (ids(found), found.loose) == ([CAP.id], True)


def test_articles_are_found_by_words_that_no_passage_has(store: Store) -> None:
    found = search(store, "cafe quay")
    (hit,) = found.articles
    assert (hit.id, hit.title) == ("night", "After midnight")
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["café", "quay"]
    assert "<b>nothing</b>" in hit.snippet


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(actor="riders"), [CHEER]),
        (Selection(reform="fares"), []),
        (Selection(reform="fares", narrower=True), [CAP, AGAINST]),
        (Selection(stance=Stance.OPPOSE), [AGAINST]),
        (Selection(concern="access"), [CHEER]),
        (Selection(publisher="Harbour Post"), [CHEER]),
        (Selection(article="night"), [CHEER]),
        (Selection(since="2032"), [CHEER]),
        (Selection(until="2031-03"), [CAP, AGAINST]),
        (Selection(min_confidence=1.0, reviewed=False), [CHEER, CAP, AGAINST]),
        (Selection(reviewed=True), []),
    ],
)
def test_filters_narrow(store: Store, selection: Selection, expected: list[Statement]) -> None:
    assert ids(search(store, "", selection)) == [each.id for each in expected]


def test_unknown_ids_are_reported(store: Store) -> None:
    with pytest.raises(UnknownActor):
        search(store, "", Selection(actor="absent"))


def test_facets_count_what_each_filter_would_leave(store: Store) -> None:
    facets = {facet.name: {value.id: value.number for value in facet.values} for facet in search(store, "").facets}
    assert facets == {
        "stance": {"support": 2, "oppose": 1},
        "reform": {"fare-cap": 2, "night-buses": 1},
        "actor": {"council": 1, "harbour-lines": 1, "riders": 1},
        "concern": {"access": 1},
        "publisher": {"The Tram Gazette": 2, "Harbour Post": 1},
        "speaker": {},
        "year": {"2031": 2, "2033": 1},
    }


def test_pages_cover_the_hits(store: Store) -> None:
    pages = [search(store, "", limit=2, offset=offset) for offset in (0, 2)]
    assert [id for page in pages for id in ids(page)] == [CHEER.id, CAP.id, AGAINST.id]
    assert {page.passages.total for page in pages} == {3}


def test_the_index_follows_the_graph(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        filled(store)
        assert search(store, "cheered").passages.total == 1
        put_article(store, factory.domain(), replace(NIGHT, text="Riders wept."), [])
        assert search(store, "cheered").passages.total == 0
        assert [hit.id for hit in search(store, "wept").articles] == ["night"]
        assert ids(search(store, "welcomed")) == [CAP.id]


def test_the_index_is_stored_next_to_the_graph(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        filled(store)
        refresh(store)
    made = (tmp_path / "search.sqlite").stat().st_mtime_ns
    with open_store(tmp_path) as store:
        assert search(store, "welcomed").passages.total == 1
    assert (tmp_path / "search.sqlite").stat().st_mtime_ns == made


def test_a_corrupt_index_is_rebuilt(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        filled(store)
        (tmp_path / "search.sqlite").write_bytes(b"not a database at all, but long enough to be looked at" * 100)
        assert search(store, "welcomed").passages.total == 1


def test_an_empty_graph_has_no_hits() -> None:
    assert search(memory_store(), "welcomed").passages.total == 0
