"""Who speaks in a transcript: labels, lists and tables together identify the person and the organisation."""

from dataclasses import replace

import pytest
import spacy

from extract.marking.transcripts import sentence_starts
from extract.voices.passages import Passage, passages
from graph.model import Actor, ActorKind, Article, Manner, Membership
from tests import factory
from tests.extract.hand import marked

BLANK = spacy.blank("en")
BLANK.add_pipe("sentencizer")
TABLE = factory.domain()
MORE = (
    Actor(
        id="bo-larch",
        label="Bo Larch",
        kind=ActorKind.PERSON,
        member_of=(Membership(organisation="harbour-lines", role="member for Kelm"),),
    ),
    Actor(id="una-fell", label="Una Fell", kind=ActorKind.PERSON),
    Actor(id="kelm-government", label="Kelm Government", aliases=("the government",)),
)
DOMAIN = replace(TABLE, actors={**TABLE.actors, **{actor.id: actor for actor in MORE}}, government="kelm-government")


def heard(text: str, voice: str = "") -> list[Passage]:
    doc = sentence_starts(marked(BLANK(text)))
    return passages(doc, Article(id="hearing", text=text, date="2031-03-04", voice=voice), DOMAIN)


def speakers(text: str, voice: str = "") -> list[tuple[str, str | None] | None]:
    """Return the actor and the person of each passage."""
    return [
        (passage.speaker.actor, passage.speaker.person) if passage.speaker else None for passage in heard(text, voice)
    ]


HEAD = "Oral evidence: Bus fares\n\n"
END = "\n\nQ2 Chair: Thank you all."


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        # By the table: for the organisation of the time, by surname alone and in capitals too.
        ("Ada Quill: It is fair.", ("council", "Ada Quill")),
        ("Ms QUILL: It is fair.", ("council", "Ada Quill")),
        ("Ms. QUILL. It is fair.", ("council", "Ada Quill")),
        ("City Council: It is fair.", ("council", None)),
        # A member of a chamber speaks for no one else.
        ("Una Fell (Kelm) (Tide): It is fair.", ("una-fell", "Una Fell")),
        ("Bo Larch: It is fair.", ("bo-larch", "Bo Larch")),
        ("Senator ORR: It is fair.", ("orr", "Orr")),
        ("Mr. McORR of Kelm. It is fair.", ("mcorr", "McOrr")),
        ("Jo Orr (Harbour Lines) (Tide): It is fair.", ("jo-orr", "Jo Orr")),
        # By a role next to the name.
        ("Jo Orr (Director, Harbour Lines): It is fair.", ("harbour-lines", "Jo Orr")),
        ("Jo Orr, Director, Kelm Ferries: It is fair.", ("kelm-ferries", "Jo Orr")),
        ("Jo Orr (former Director, Harbour Lines): It is fair.", ("jo-orr", "Jo Orr")),
        ("The Minister for Ferries (Jo Orr): It is fair.", ("kelm-government", "Jo Orr")),
        ("The Shadow Minister for Ferries (Jo Orr): It is fair.", ("jo-orr", "Jo Orr")),
        # By a list of witnesses.
        ("Witnesses: Dr Jo Orr, Director, Harbour Lines.\n\nDr Orr: It is fair.", ("harbour-lines", "Jo Orr")),
        ("ORR, Dr Jo, Director, Kelm Ferries\n\nDr Orr: It is fair.", ("kelm-ferries", "Jo Orr")),
        ("Witnesses: Jo Orr, appearing as an individual.\n\nJo Orr: It is fair.", ("jo-orr", "Jo Orr")),
        ("Witnesses: Jo Orr, reader in law, Kelm University.\n\nJo Orr: It is fair.", ("jo-orr", "Jo Orr")),
        ("STATEMENT OF JO ORR, PRESIDENT, KELM FERRIES\n\nMs. ORR. It is fair.", ("kelm-ferries", "Jo Orr")),
        # By their own words.
        ("Ms Orr: I am Jo Orr, director of Harbour Lines. It is fair.", ("harbour-lines", "Jo Orr")),
        ("Ms Orr: I speak on behalf of Harbour Lines. It is fair.", ("harbour-lines", "Orr")),
        # Words without a speaker.
        ("The Chair: It is fair.", None),
        ("Some Hon. Members: It is fair.", None),
        ("QUESTION: It is fair.", None),
        ("HOST: It is fair.", None),
        # The chair, if the transcript names the person.
        ("Members present: Jo Orr (Chair); Una Fell.\n\nChair: It is fair.", ("jo-orr", "Jo Orr")),
        ("CHAIR (Mrs Orr): It is fair.", ("orr", "Orr")),
    ],
)
def test_who_speaks(text: str, speaker: tuple[str, str] | None) -> None:
    assert speakers(HEAD + text + END)[0] == speaker


def test_the_one_who_is_asked_is_the_documents_own_voice() -> None:
    text = "Q: Is it dear?\n\nA: It is not.\n\nQ: Will it last?\n\nA: It will."

    assert speakers(text, voice="council") == [None, ("council", None), None, ("council", None)]


def test_a_witness_speaks_for_the_organisation_announced_before() -> None:
    text = "The panel heard evidence from Harbour Lines.\n\nTranscript\n\nSenator FELL: Is it fair?\n\nMs Orr: It is."

    assert speakers(text) == [("una-fell", "Una Fell"), ("harbour-lines", "Orr")]


def test_turns_are_direct_words_and_readers_are_not_among_those_who_speak() -> None:
    text = HEAD + "Q1 Una Fell: I ask you.\n\nAda Quill: I told my council.\n\nI did.\n\nI would do it again, I said."

    found = heard(text)

    assert {passage.manner for passage in found} == {Manner.DIRECT}
    assert [p.speaker.actor for p in found if p.speaker] == ["una-fell", "council", "council", "council"]


def test_text_before_a_transcript_has_the_documents_voice() -> None:
    text = "We asked the panel to back the cap.\n\nTranscript\n\nSenator FELL: Is it fair?\n\nMs Quill: It is."

    assert speakers(text, voice="harbour-lines") == [
        ("harbour-lines", None),
        ("una-fell", "Una Fell"),
        ("council", "Ada Quill"),
    ]
