"""Transcripts in common layouts are recognised by their labels and split into turns."""

import pytest
from spacy.tokens import Doc

from extract.marking.transcripts import roster, sentence_starts, turns
from tests.extract.hand import VOCAB

NUMBERED = """Transport Committee
Oral evidence: Bus fares, HC 12

Q1 Chair: Welcome. What do you make of the cap?

Ada Quill: We asked for it.

Q2 Bo Larch: At any price?

Ada Quill: At two crowns.

We would pay for it.
"""
PORTRAIT = """Fares Bill
Bo Larch Portrait Bo Larch (Kelm) (Tide)
- View Speech - Hansard - -

I welcome the cap.

None Portrait The Chair
- Hansard -

Order.

Una Fell Portrait The Minister for Ferries (Una Fell)
- Hansard - -

Q Is it fair?
"""
RECORD = """[Congressional Record Volume 9]

                         Night Bus Act

  Mr. LARCH. Mr. President, I come to talk about
the bus that stops at ten, and I will be
brief.

[[Page S12]]

  It should not stop.
  Ms. FELL of Kelm. I object.
  The PRESIDING OFFICER. Objection is heard.
"""
SHARED = """House debates
Photo of Bo LarchBo Larch (Kelm, Tide Party, Shadow Minister for Ferries) Share this | Hansard source

The cap is sound.
"""
LINES = """Evidence of meeting #12 for Transport. A recording is available.

Also speaking

Ada Quill  Chair, City Council
Bo Larch  As an Individual

The Chair Tide Una Fell

Ms. Quill is next.

12:55 p.m.

Chair, City Council

Ada Quill

We asked for the cap.

Bo Larch

I did not.
"""
STATEMENTS = """HEARING ON FARES

STATEMENT OF ADA QUILL, CHAIR, CITY COUNCIL

Thank you for having me.

I support the cap.

STATEMENT OF BO LARCH, PRESIDENT, HARBOUR
LINES

Mr. LARCH. I do not.
"""
CHAMBER = """The Minister for Ferries (Una Fell): I beg to move.

Bo Larch (Kelm) (Tide): Will she give way?

Una Fell: I will.
"""
PROVINCE = """Hon. Una Fell (Kelm South, Tide Party): Mr. Speaker, I rise on fares.

Some Hon. Members: Hear, hear!

Mr. Larch: Sit down.

Hon. Ms. Fell: I shall.
"""
CAPTIONS = """4:30 pm
and so i oppose it. the speaker pro tempore: the gentleman from kelm. mr. larch: i support the cap. it is
4:31 pm
time. ms. fell: i do not."""
PRESS = """MS. FELL: Good morning. The cap stays.

QUESTION: For how long?

MS. FELL: For good.
"""
INTERVIEW = """Q: Is the cap dear?

A: It is not.

Q: Will it last?

A: It will.
"""
PODCAST = """Podcast: Night buses

[00:01:12] HOST: Hello.

[00:01:20] Ada Quill: We want more of them.

[00:02:00] HOST: Why?
"""
CAPITALS = """Rt Hon UNA FELL (Minister for Ferries): I move that the bill be read.

BO LARCH (Tide): It is a poor bill.

Rt Hon UNA FELL: It is not.
"""
UNION = """Bo Larch, on behalf of the Tide Group. – Madam President, the cap is sound.

Una Fell (Reed). – Madam President, it is not.

President. – Thank you.
"""
SENATOR = """Interview on fares

Transcript
Senator FELL: Is the cap dear?
Mr Larch: No.
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (NUMBERED, ["Chair: Welcome. What", "Ada Quill: We asked", "Bo Larch: At any", "Ada Quill: At two"]),
        (PORTRAIT, ["Bo Larch: I welcome", "The Chair: Order.", "Una Fell: Is it"]),
        (RECORD, ["Mr. LARCH: Mr. President,", "Ms. FELL of Kelm: I object.", "The PRESIDING OFFICER: Objection is"]),
        (SHARED, ["Bo Larch: The cap"]),
        (LINES, ["The Chair: Ms. Quill", "Ada Quill: We asked", "Bo Larch: I did"]),
        (STATEMENTS, ["ADA QUILL: Thank you", "Mr. LARCH: I do"]),
        (CHAMBER, ["The Minister for Ferries: I beg", "Bo Larch: Will she", "Una Fell: I will."]),
        (
            PROVINCE,
            [
                "Hon. Una Fell: Mr. Speaker,",
                "Some Hon. Members: Hear, hear!",
                "Mr. Larch: Sit down.",
                "Hon. Ms. Fell: I shall.",
            ],
        ),
        (CAPTIONS, [": 4:30 pm", "the speaker pro tempore: the gentleman", "mr. larch: i support", "ms. fell: i do"]),
        (PRESS, ["MS. FELL: Good morning.", "QUESTION: For how", "MS. FELL: For good."]),
        (INTERVIEW, ["Q: Is the", "A: It is", "Q: Will it", "A: It will."]),
        (PODCAST, ["HOST: Hello.", "Ada Quill: We want", "HOST: Why?"]),
        (CAPITALS, ["Rt Hon UNA FELL: I move", "BO LARCH: It is", "Rt Hon UNA FELL: It is"]),
        (UNION, ["Bo Larch: Madam President,", "Una Fell: Madam President,", "President: Thank you."]),
        (SENATOR, ["Senator FELL: Is the", "Mr Larch: No."]),
    ],
)
def test_turns_by_their_labels(text: str, found: list[str]) -> None:
    begun = [(turn.label.name, text[turn.start : turn.end].split()) for turn in turns(text)]

    assert [f"{name}: {' '.join(words[:2])}" for name, words in begun] == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ada Quill said: it is a fair cap.\n\nBo Larch said: it is not.",
        "Ada Quill: The cap is fair.\n\nBo Larch: It is not.\n\nUna Fell: Who knows.",
        "City Council: for the cap.\n\nHarbour Lines: against.\n\nRiders: split.",
        "Where: the Old Exchange\nWhen: Tuesday\nWho: all riders\nWhere: the Old Exchange again",
        "Present: Cllr Quill, Cllr Larch.\n\n1. Apologies: none.\n\n2. Fares: Cllr Quill said that they rose.",
        "1. The council welcomes the cap.\n\n2. The council asks: who pays?\n\n3. Riders do not.",
        "Ada Quill\n\nThe chair of the council writes about fares.\n\nBo Larch\n\nThe owner answers.",
        "The fare rose, as mr. larch had said it would: by two crowns. It fell, mr. larch said.",
    ],
)
def test_news_minutes_and_lists_are_not_transcripts(text: str) -> None:
    assert turns(text) == []


def test_a_turn_continues_over_paragraphs_but_not_over_headings_and_stage_directions() -> None:
    text = NUMBERED + "\nClause 4\n\n(Laughter.)\n\n[Interruption.]\n\nThat is all.\n"

    assert [text[start:end] for start, end in turns(text)[-1].pieces] == [
        "At two crowns.",
        "We would pay for it.",
        "That is all.",
    ]


def test_what_comes_before_the_first_label_is_not_in_a_turn() -> None:
    assert turns(NUMBERED)[0].label.start == NUMBERED.index("Q1")


@pytest.mark.parametrize("piece", ["A", "A-", "(", " ", "Ada Quill\n", "Ada Quill: we\n", "The Aa of the for\n"])
def test_a_long_text_without_turns_is_read_to_its_end(piece: str) -> None:
    assert turns(piece * (100_000 // len(piece))) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I: Dame Ada Quill, Chair, City Council; and Bo Larch, Director, Fares, Harbour Lines.", 2),
        ("Professor Ada Quill, City Council, Dr Bo Larch, reader in fares, Kelm University, gave evidence.", 2),
        ("QUILL, Ms Ada, Chair, City Council\nLARCH, Mr Bo, Director, Harbour Lines", 2),
        ("Ada Quill  Chair, City Council\nBo Larch  As an Individual", 2),
        ("Ada Quill, D-KM 4th\n", 1),
    ],
)
def test_a_list_of_witnesses(text: str, found: int) -> None:
    entries = roster(text)

    assert [entry.name for entry in entries] == ["Ada Quill", "Bo Larch"][:found]
    assert all(entry.role for entry in entries)


@pytest.mark.parametrize(
    "text",
    ["Members present: Ada Quill (Chair); Bo Larch.", "Hon. Ada Quill (chairwoman of the panel) presiding."],
)
def test_who_is_in_the_chair(text: str) -> None:
    assert {entry.name for entry in roster(text) if entry.chair} == {"Ada Quill"}


def test_a_sentence_begins_with_a_label_and_after_it() -> None:
    words = ["MS.", "FELL", ":", "Yes", ".", "\n\n", "MS.", "LARCH", ":", "No", "."]
    spaces = [True, False, True, False, False, False, True, False, True, False, False]

    doc = sentence_starts(Doc(VOCAB, words=words, spaces=spaces))

    assert [token.text for token in doc if token.is_sent_start] == ["MS.", "Yes", "MS.", "No"]


def test_a_sentence_of_captions_ends_with_its_full_stop() -> None:
    words = ["the", "speaker", ":", "order", "now", ".", "mr.", "larch", ":", "it", "rains", ".", "i", "go", "."]

    doc = sentence_starts(Doc(VOCAB, words=words, spaces=_spaces(words)))

    assert [token.text for token in doc if token.is_sent_start] == ["the", "order", "mr.", "it", "i"]


def test_no_sentence_begins_after_an_abbreviation() -> None:
    words = ["MS.", "FELL", ":", "My", "hon", ".", "Friend", "left", ".", "\n", "MS.", "ORR", ":", "No", "."]

    doc = sentence_starts(Doc(VOCAB, words=words, spaces=_spaces(words)))

    assert [token.text for token in doc if token.is_sent_start is False] == ["FELL", "Friend", "ORR"]


def _spaces(words: list[str]) -> list[bool]:
    return [following not in (":", ".") for following in (*words[1:], "")]


SHORT = """Fares Bill: the cap, in committee

Ada Quill (Tide): I welcome the cap.

{second}: We would sooner have night buses.
"""


def test_speakers_with_an_office_or_party_make_a_short_record_a_transcript() -> None:
    found = turns(SHORT.format(second="Bo Larch (Minister for Transport)"))
    assert [turn.label.name for turn in found] == ["Ada Quill", "Bo Larch"]


@pytest.mark.parametrize("second", ["The riders' answer", "Ada Quill (Tide)"])
def test_one_speaker_with_a_party_makes_no_transcript(second: str) -> None:
    assert not turns(SHORT.format(second=second))
