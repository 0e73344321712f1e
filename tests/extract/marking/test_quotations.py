from itertools import pairwise

import pytest

from extract.marking.quotations import quoted
from extract.marking.sections import lines


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('"Fares fell," she said. "Riders came."', ['"Fares fell,"', '"Riders came."']),
        ("“Fares fell,” she said.", ["“Fares fell,”"]),
        ("Fares, she said, were ‘too high’ for riders' taste.", ["‘too high’"]),
        ("The drivers' hall is full; 'not one seat,' he said.", ["'not one seat,'"]),
        ("He said ''wait'' and ``stop''.", ["''wait''", "``stop''"]),
        # Joined paragraphs of one quotation: opened again before it was closed.
        ('She said: "Fares fell. "Riders came." Then it ended.', ['"Fares fell.', '"Riders came."']),
        # Each paragraph opens the quotation and only the last closes it.
        ("“Fares fell.\n\n“Riders came,” he said.", ["“Fares fell.", "“Riders came,”"]),
        # The next paragraph continues without a mark.
        ("He said: “Fares fell.\n\nRiders came.” So it was.", ["“Fares fell.", "Riders came.”"]),
        # Speech in single marks, with apostrophes, over paragraphs.
        (
            "'We're late,' he said. 'We've lost the drivers' trust.\n\n'It's over.'",
            ["'We're late,'", "'We've lost the drivers' trust.", "'It's over.'"],
        ),
        (
            "‘The riders’ fares fell.\n\n‘They won’t rise,’ she said.",
            ["‘The riders’ fares fell.", "‘They won’t rise,’"],
        ),
        ("'Fares fell,' she said of the 'fare cap' and the riders' hall.", ["'Fares fell,'", "'fare cap'"]),
        ("It is 6\" wide and don't ask.", []),
        ("", []),
    ],
)
def test_quotations_by_their_marks(text: str, found: list[str]) -> None:
    assert [text[start:end] for start, end, _ in quoted(text, list(lines(text)))] == found


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("'Fares fell,' she said of the 'fare cap'.", ["double", "single"]),
        ("“Fares fell,” she said of the 'fare cap'.", ["double", "single"]),
        ("'Fares fell.\n\n'Riders came,' she said.", ["open", "double"]),
    ],
)
def test_single_marks_count_as_speech_where_no_others_do(text: str, labels: list[str]) -> None:
    assert [label for _, _, label in quoted(text, list(lines(text)))] == labels


@pytest.mark.parametrize("text", ['"', "'''", "”“", '" " "', "‘’‘", "«»„“", "\u202e“שלום”", "😀 “😀” 😀'"])
def test_mixed_up_marks_neither_fail_nor_overlap(text: str) -> None:
    found = list(quoted(text, list(lines(text))))
    assert all(0 <= start < end <= len(text) for start, end, _ in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
