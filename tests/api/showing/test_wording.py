"""Sentences from numbers and codes: counts, never adverbs."""

import pytest

from api.showing import labels, wording
from graph.model import Stance
from graph.versions.builds import Version

SUPPORT, MIXED, OPPOSE, NEUTRAL = Stance


@pytest.mark.parametrize(
    ("counts", "articles", "conditional", "sentence"),
    [
        ({}, 0, 0, "no statements"),
        ({SUPPORT: 1}, 1, 0, "1 statement in 1 article: 1 for"),
        ({SUPPORT: 3, MIXED: 1}, 2, 1, "4 statements in 2 articles: 3 for, 1 on both sides; 1 sets a condition"),
        ({OPPOSE: 2}, 2, 0, "2 statements in 2 articles: 2 critical"),
        (
            {SUPPORT: 1, OPPOSE: 1200}, 9, 2,
            "1,201 statements in 9 articles: 1 for, 1,200 critical; 2 set a condition",
        ),
        ({NEUTRAL: 1, OPPOSE: 1}, 1, 0, "2 statements in 1 article: 1 critical, 1 taking no side"),
    ],
)  # fmt: skip
def test_tally(counts: dict[Stance, int], articles: int, conditional: int, sentence: str) -> None:
    assert wording.tally(counts, articles=articles, conditional=conditional) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        ({}, "no actor has a statement"),
        ({SUPPORT: 1}, "1 actor: 1 for"),
        (
            {SUPPORT: 2, MIXED: 1, OPPOSE: 3},
            "6 actors: 2 for, 1 on condition or on both sides and 3 against or with reservations",
        ),
        ({NEUTRAL: 2}, "2 actors: 2 taking no side"),
    ],
)
def test_actors_by_side(counts: dict[Stance, int], sentence: str) -> None:
    assert wording.actors_by_side(counts) == sentence


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [({}, "no statement on any reform"), ({SUPPORT: 1, OPPOSE: 2}, "for 1 reform, against or with reservations on 2")],
)
def test_reforms_by_side(counts: dict[Stance, int], sentence: str) -> None:
    assert wording.reforms_by_side(counts) == sentence


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("", "undated"),
        ("2031", "2031"),
        ("2031-03", "March 2031"),
        ("2031-03-04", "4 March 2031"),
        ("2031-13", "2031-13"),
    ],
)
def test_date(iso: str, words: str) -> None:
    assert wording.date(iso) == words


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2031", "2031", "2031"),
        ("2030", "2031-02", "2030 to February 2031"),
        ("", "", "undated"),
        ("", "2031", "until 2031"),
        ("2029", "", "2029"),
        ("2031-02", "2031-02-03", "February 2031"),
        ("2031-02-03", "2031", "2031"),
    ],
)
def test_dates(first: str, last: str, words: str) -> None:
    assert wording.dates(first, last) == words


@pytest.mark.parametrize(
    ("statements", "articles", "publishers", "words"),
    [
        (1, 1, 1, "rests on one statement"),
        (3, 1, 1, "rests on one article"),
        (3, 2, 1, "rests on one publisher"),
        (3, 2, 2, ""),
        (3, 2, 0, ""),
    ],
)
def test_rests_on(statements: int, articles: int, publishers: int, words: str) -> None:
    assert wording.rests_on(statements=statements, articles=articles, publishers=publishers) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Riders", "Riders"),
        ("a\u202eb\u0000c\nd", "a b c d"),
        ("x" * 500, "x" * 119 + "…"),
    ],
)
def test_text_for_places_that_cannot_isolate_it(text: str, shown: str) -> None:
    assert wording.plain(text) == shown


@pytest.mark.parametrize(
    ("parts", "words"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listed(parts: list[str], words: str) -> None:
    assert wording.listed(parts) == words


@pytest.mark.parametrize(
    ("number", "words"), [(0, "no reforms"), (1, "1 reform"), (2, "2 reforms"), (12345, "12,345 reforms")]
)
def test_count(number: int, words: str) -> None:
    assert wording.count(number, "reform") == words


@pytest.mark.parametrize(
    ("since", "until", "told"),
    [("2029", "", "since 2029"), ("", "2032-05", "until May 2032"), ("2029", "2032-05", "2029 to May 2032")],
)
def test_how_long_an_office_is_held(since: str, until: str, told: str) -> None:
    assert wording.tenure(since, until) == told


@pytest.mark.parametrize(
    ("text", "told"),
    [("no reform 'x' in this graph", "No reform 'x' in this graph."), ("What now?", "What now?"), ("", ".")],
)
def test_a_message_becomes_a_sentence(text: str, told: str) -> None:
    assert wording.sentence(text) == told


@pytest.mark.parametrize(
    ("newest", "before", "told"),
    [
        ((3, 20), (2, 15), "Built 2 March 2031: 1 more article and 5 more statements than on 1 March 2031."),
        ((2, 14), (2, 15), "Built 2 March 2031: 1 statement fewer than on 1 March 2031."),
        ((2, 15), (2, 15), "Built 2 March 2031: no more articles, statements or positions than on 1 March 2031."),
    ],
)
def test_what_a_build_has_brought(newest: tuple[int, int], before: tuple[int, int], told: str) -> None:
    def version(day: int, articles: int, statements: int) -> Version:
        return Version(
            number=day,
            built=f"2031-03-0{day}T10:00:00+00:00",
            articles=articles,
            statements=statements,
            positions=1,
            quads=1,
            sha256="",
            state="",
        )

    assert labels.since_last_build(version(2, *newest), version(1, *before)) == told
