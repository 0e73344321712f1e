"""The language data: each class of words lists a word once, and each pattern is valid."""

import pytest

from extract.lexicon import grammar, pattern, table


@pytest.mark.parametrize("name", table("grammar")["words"])
def test_a_class_of_function_words_lists_each_word_once(name: str) -> None:
    listed = table("grammar")["words"][name].split()
    assert sorted(grammar(name)) == sorted(listed)


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("label", "Q1. Ms. QUILL: We agree with it.", "Ms. QUILL"),
        ("label", "The Council: Fares will rise again.", "The Council"),
        ("names", "Society for the Protection of Ferries", "Society for the Protection of Ferries"),
        ("place", "director of the Riders' Union", "of the Riders' Union"),
        ("first_person", "Yes, we agree", " we agree"),
    ],
)
def test_a_pattern_finds_its_words(name: str, text: str, found: str) -> None:
    match = pattern(name).search(text)
    assert match is not None
    assert (match["who"] if name == "label" else match[0]) == found
