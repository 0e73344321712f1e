"""Patterns match questions word by word; names match whatever their spelling."""

import pytest

from graph.asking.grammar import grammar
from graph.rdf.patterns import Slots, pattern

NAMES = {"actor": {"council", "city council"}, "reform": {"fare cap", "council fares"}}
WORDS = {"like": ["likes", "is (fond|in favour) of"]}


def fits(kind: str, words: tuple[str, ...]) -> bool:
    return " ".join(words) in NAMES[kind]


@pytest.mark.parametrize(
    ("text", "question", "ways"),
    [
        ("who likes {reform}", "who likes fare cap", [(("reform", ("fare", "cap")),)]),
        ("who likes {reform}", "who likes trams", []),
        ("who likes {reform}", "who likes fare cap now", []),
        ("(who|which actor) <like> {reform}", "which actor is fond of fare cap", [(("reform", ("fare", "cap")),)]),
        ("who <like> it [all|now]", "who likes it", [()]),
        ("who <like> it [all|now]", "who is in favour of it now", [()]),
        (
            "{actor} on {reform}",
            "city council on council fares",
            [(("actor", ("city", "council")), ("reform", ("council", "fares")))],
        ),
        ("{actor} {reform}", "council council fares", [(("actor", ("council",)), ("reform", ("council", "fares")))]),
    ],
)
def test_a_pattern_meets_all_words_or_none(text: str, question: str, ways: list[Slots]) -> None:
    assert list(pattern([text], WORDS).matches(question.split(), fits)) == ways


@pytest.mark.parametrize("text", ["who (likes", "who likes)", "[who", "{actor", "<like"])
def test_an_unbalanced_bracket_is_reported(text: str) -> None:
    with pytest.raises(ValueError, match="close"):
        pattern([text], WORDS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Night Buses", "night buses"),
        ("night-buses", "Nightbuses"),
        ("The Night Buses", "night buses"),
        ("Transport & Trams", "transport and trams"),
        ("Café fares", "cafe fares"),
        ("Riders\u2019 Union", "Riders' Union"),
        ("Fares, Trams and Buses", "fares trams and buses"),
    ],
)
def test_spellings_of_one_name_are_exactly_the_same(one: str, other: str) -> None:
    spelling = grammar().spelling
    assert spelling.exact(spelling.tokens(one)) == spelling.exact(spelling.tokens(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("fare caps", "fare cap"),
        ("the council's", "Council"),
        ("NBU\u2019s", "NBU"),
        ("riders'", "rider"),
        ("subsidies", "subsidy"),
        ("Riders Union", "Riders\u2019 Union"),
    ],
)
def test_endings_make_no_difference_to_the_loose_key(one: str, other: str) -> None:
    spelling = grammar().spelling
    assert spelling.loose(spelling.tokens(one)) == spelling.loose(spelling.tokens(other))
    assert spelling.exact(spelling.tokens(one)) != spelling.exact(spelling.tokens(other))


@pytest.mark.parametrize(("one", "other"), [("bus", "bu"), ("access", "acces"), ("s", ""), ("trams", "tram fare")])
def test_other_words_stay_other_names(one: str, other: str) -> None:
    spelling = grammar().spelling
    assert spelling.loose(spelling.tokens(one)) != spelling.loose(spelling.tokens(other))
