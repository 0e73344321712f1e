"""Links, notices, captions, adverts, footers and contents are no evidence, and passages begin with their sentence."""

import pytest

from extract.marking.furniture import layout

FURNITURE = (
    "Read more: Operators fight the fare cap",
    "Read more about why we support the fare cap.",
    "Find out more about our support for night buses",
    "See also: the council backs the fare cap",
    "Related: Riders welcome capped fares",
    "Click here to support the fare cap.",
    "Download the full response to the fare cap (PDF, 2 MB)",
    "Back to top",
    "https://riders.example/why-we-back-the-fare-cap",
    "We use cookies to improve your visit. We support your choice.",
    "By continuing to use this site you agree to our use of cookies.",
    "Accept all cookies",
    "Sign up for our newsletter on the fare cap today.",
    "Subscribe to get updates on the fare cap by e-mail.",
    "Get the fare cap debate in your inbox.",
    "Share this on Facebook",
    "Facebook | Twitter | LinkedIn | Email",
    "Follow us on X for more on night buses.",
    "12 comments",
    "Photo: Riders welcome the fare cap. Ada Quill",
    "Riders cheer the fare cap (Photo: Ada Quill)",
    "Figure 3: Support for the fare cap",
    "Salary: £31,000 to £35,000 per annum",
    "£31,000 - £35,000 per annum plus benefits",
    "Closing date: 3 March",
    "We are recruiting a policy officer to campaign for the fare cap.",
    "Apply now to join the campaign for night buses.",
    "© 2031 Harbour Lines. All rights reserved.",
    "Registered charity number 123456, supporting riders",
    "Privacy policy",
    "Page 3 of 12",
    "3.2 Why we support the fare cap ............ 14",
    "Chapter 4 The case against night buses 27",
    "4.1 Opposition to the fare cap 12",
)
EVIDENCE = (
    "The council welcomed the fare cap.",
    "Read more widely, the plan is an attack on riders.",
    "We need to see more of this, the union said.",
    "Riders called for a salary of £31,000 per annum for every driver.",
    "We are recruiting more drivers, because the fare cap works.",
    "The union shares this view and follows us in backing the cap.",
    "The chart shows why we support the cap, Harbour Lines said.",
    "In 2031 the council agreed to cut fares by 12",
    "We support the cookie-cutter timetable that the council proposed.",
    "Sign the charter, the riders urged ministers.",
    "The related plan for night buses is welcome.",
    "Copyright law must not stop timetables from being shared, riders said.",
)


@pytest.mark.parametrize("line", FURNITURE)
def test_what_stands_around_the_words_is_no_evidence(line: str) -> None:
    text = f"The council met on Monday.\n\n{line}\n\nRiders spoke."
    start = text.index(line)
    assert layout(text).is_furniture(text, start, start + len(line))
    assert not layout(text).is_furniture(text, 0, 26)


@pytest.mark.parametrize("line", EVIDENCE)
def test_the_words_themselves_are_evidence(line: str) -> None:
    text = f"The council met on Monday.\n\n{line}\n\nRiders spoke."
    start = text.index(line)
    assert not layout(text).is_furniture(text, start, start + len(line))


def test_short_lines_below_a_heading_for_links_belong_to_it() -> None:
    text = (
        "Related articles\n\nCouncil backs the fare cap\n\n• Riders oppose night buses\n\nThe council supports the cap."
    )
    found = layout(text)
    for line in ("Council backs the fare cap", "Riders oppose night buses"):
        assert found.is_furniture(text, text.index(line), text.index(line) + len(line))
    assert not found.is_furniture(text, text.index("The council"), len(text))


@pytest.mark.parametrize(
    ("text", "words", "begins"),
    [
        ("We met. The council, which met on Monday, backs the cap.", "which met", "The council"),
        ("The council met; it backs the cap.", "it backs", "The council"),
        ("Riders spoke to the Rt. Hon. ada quill about it.", "ada quill", "Riders"),
        ("• up to 500 more buses for the town", "up to", "up to"),
        ("Ada Quill: I back the cap.", "I back", "I back"),
        ("3.1 The council backs the cap.", "The council", "The council"),
        ("We say: yes to the cap.", "yes", "yes"),
        ("She said she agreed. “I back the cap.”", "I back", "I back"),
        ("First line.\n\nThe cap is welcome.", "The cap", "The cap"),
    ],
)
def test_a_passage_begins_where_its_sentence_begins(text: str, words: str, begins: str) -> None:
    assert layout(text).beginning(text, text.index(words)) == text.index(begins)
