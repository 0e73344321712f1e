"""Whose words a passage is: from the marked Doc to the actor, on Docs built by hand."""

from dataclasses import replace

import pytest
from spacy.tokens import Doc

from extract.marking.gazetteer import Gazetteer
from extract.voices.passages import Passage, passages, records
from extract.voices.speaker import represented
from graph.model import Actor, ActorKind, Article, Manner, Membership
from tests import factory
from tests.extract.hand import parsed


def heard(doc: Doc, date: str = "", voice: str = "") -> list[Passage]:
    return passages(doc, Article(id="cap-news", text=doc.text, date=date, voice=voice), factory.domain())


def speakers(doc: Doc, date: str = "") -> list[tuple[str, str | None] | None]:
    """Return the actor and the person of each passage."""
    return [
        (passage.speaker.actor, passage.speaker.person) if passage.speaker else None
        for passage in heard(doc, date=date)
    ]


QUILL = (
    "Cllr||PROPN|compound|2 Ada||PROPN|compound|2 Quill||PROPN|nsubj|3 said|say|VERB|ROOT|3 "
    "fares||NOUN|nsubj|5 rose|rise|VERB|ccomp|3 .||PUNCT|punct|3"
)


@pytest.mark.parametrize(
    ("date", "speaker"),
    [
        ("2031-03-04", ("council", "Ada Quill")),
        ("2040", ("ada-quill", "Ada Quill")),
    ],
)
def test_a_person_speaks_for_the_organisation_of_the_time(date: str, speaker: tuple[str, str]) -> None:
    assert speakers(parsed(QUILL), date=date) == [speaker]


@pytest.mark.parametrize(
    ("second", "speaker"),
    [
        ("She||PRON|nsubj|1 said|say|VERB|ROOT|1 fares||NOUN|nsubj|3 fell|fall|VERB|ccomp|1", ("council", "Ada Quill")),
        (
            "Ms||PROPN|compound|1 Quill||PROPN|nsubj|2 said|say|VERB|ROOT|2 fares||NOUN|nsubj|4 fell|fall|VERB|ccomp|2",
            ("council", "Ada Quill"),
        ),
        (
            "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|2 said|say|VERB|ROOT|2 fares||NOUN|nsubj|4 "
            "fell|fall|VERB|ccomp|2",
            ("harbour-lines", None),
        ),
        (
            "Some||DET|det|1 campaigners|campaigner|NOUN|nsubj|2 said|say|VERB|ROOT|2 "
            "fares||NOUN|nsubj|4 fell|fall|VERB|ccomp|2",
            ("some-campaigners", None),
        ),
    ],
)
def test_who_is_meant_by_a_mention(second: str, speaker: tuple[str, str | None] | None) -> None:
    assert speakers(parsed(QUILL, second), date="2031")[-1] == speaker


@pytest.mark.parametrize(
    ("sentence", "speaker"),
    [
        (
            "42||NUM|nummod|1 %||NOUN|nsubj|5 of||ADP|prep|1 city||NOUN|compound|4 owners|owner|NOUN|pobj|2|NNS "
            "said|say|VERB|ROOT|5 fares||NOUN|nsubj|7 rose|rise|VERB|ccomp|5",
            ("city-owners", None),
        ),
        (
            "Of||ADP|prep|6 the||DET|det|3 90||NUM|nummod|3 riders|rider|NOUN|pobj|0|NNS 42||NUM|nummod|5 "
            "%||NOUN|nsubj|6 said|say|VERB|ROOT|6 fares||NOUN|nsubj|8 rose|rise|VERB|ccomp|6",
            ("riders", None),
        ),
        (
            "The||DET|det|2 Night||PROPN|compound|2 Bill||PROPN|nsubj|3 proposed|propose|VERB|ROOT|3 "
            "a||DET|det|5 cap||NOUN|dobj|3",
            None,
        ),
        (
            "The||DET|det|1 leader||NOUN|nsubj|7 of||ADP|prep|1 the||DET|det|4 Chamber||PROPN|pobj|2 "
            "Bo||PROPN|compound|6 Hale||PROPN|appos|1 said|say|VERB|ROOT|7 fares||NOUN|nsubj|9 rose|rise|VERB|ccomp|7",
            ("chamber", "Bo Hale"),
        ),
    ],
)
def test_who_is_meant_by_a_share_a_plan_and_an_office(sentence: str, speaker: tuple[str, str | None] | None) -> None:
    entities = [(4, 5, "ORG"), (5, 7, "PERSON")] if "leader" in sentence else []
    assert speakers(parsed(sentence, entities=entities)) == [speaker]


def test_ministers_speak_for_the_government_in_any_order_of_the_table() -> None:
    domain = factory.domain()
    places = (Membership(organisation="harbour-lines"), Membership(organisation="council"))
    quill = replace(domain.actors["ada-quill"], member_of=places)
    assert represented(quill, replace(domain, government="council")).id == "council"


def test_all_speakers_in_a_list_hold_the_view() -> None:
    doc = parsed(
        "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|5 and||CCONJ|cc|1 the||DET|det|4 council||NOUN|conj|1 "
        "said|say|VERB|ROOT|5 fares||NOUN|nsubj|7 rose|rise|VERB|ccomp|5"
    )
    assert sorted(speakers(doc), key=str) == [("council", None), ("harbour-lines", None)]


def test_all_names_in_a_list_hold_the_view_however_they_are_parsed() -> None:
    doc = parsed(
        "Fares||NOUN|nsubjpass|2 were|be|AUX|auxpass|2 defended|defend|VERB|ROOT|2|VBN by||ADP|agent|2 "
        "Harbour||PROPN|compound|5 Lines||PROPN|pobj|3 ,||PUNCT|punct|9 and||CCONJ|cc|9 the||DET|det|9 "
        "council||NOUN|dep|2 .||PUNCT|punct|2"
    )
    assert sorted(speakers(doc), key=str) == [("council", None), ("harbour-lines", None)]


def test_a_titled_surname_is_of_the_table_or_has_its_first_name_in_the_article() -> None:
    said = "{}||PROPN|compound|1 {}||PROPN|nsubj|2 said|say|VERB|ROOT|2 fares||NOUN|nsubj|4 rose|rise|VERB|ccomp|2"
    quill = parsed(said.format("Ms", "Quill"), entities=[(1, 2, "PERSON")])
    assert speakers(quill, date="2031") == [("council", "Ada Quill")]
    hale = parsed(
        said.format("Mr", "Hale"),
        "Drivers|driver|NOUN|nsubj|1 followed|follow|VERB|ROOT|1 Bo||PROPN|compound|3 Hale||PROPN|dobj|1",
        entities=[(1, 2, "PERSON")],
    )
    assert speakers(hale) == [("bo-hale", "Bo Hale")]


@pytest.mark.parametrize(
    ("voice", "word", "speaker"),
    [("Society of Drivers", "Society", "society-of-drivers"), ("", "Union", "union-of-owners")],
)
def test_a_short_name_is_the_documents_own_or_that_of_the_full_name(voice: str, word: str, speaker: str) -> None:
    doc = parsed(
        "The||DET|det|1 Union||PROPN|nsubj|4 of||ADP|prep|1 Owners||PROPN|pobj|2 met|meet|VERB|ROOT|4 .||PUNCT|punct|4",
        f"The||DET|det|1 {word}||PROPN|nsubj|2 says|say|VERB|ROOT|2 fares||NOUN|nsubj|4 rose|rise|VERB|ccomp|2",
        entities=[(1, 4, "ORG"), (7, 8, "ORG")],
    )
    assert [p.speaker.actor for p in heard(doc, voice=voice) if p.manner is Manner.REPORTED and p.speaker] == [speaker]


@pytest.mark.parametrize(
    ("sentence", "heard_there"),
    [
        (
            "Several||ADJ|nsubj|1 disagreed|disagree|VERB|ROOT|1 with||ADP|prep|1 it||PRON|pobj|2 .||PUNCT|punct|1",
            ["riders"],
        ),
        ("Half|half|NOUN|nsubj|1 were|be|AUX|ROOT|1 in||ADP|prep|1 favour||NOUN|pobj|2 .||PUNCT|punct|1", ["riders"]),
        (
            "Owners|owner|NOUN|nsubj|1|NNS said|say|VERB|ROOT|1 fares||NOUN|nsubj|3 rose|rise|VERB|ccomp|1 "
            ".||PUNCT|punct|1",
            ["owners"],
        ),
        (
            "The||DET|det|1 plan||NOUN|nsubj|2 says|say|VERB|ROOT|2 fares||NOUN|nsubj|4 "
            "rose|rise|VERB|ccomp|2 .||PUNCT|punct|2",
            ["council", "harbour-lines"],
        ),
        (
            "Owners|owner|NOUN|nsubj|1|NNS told|tell|VERB|ROOT|1 us|we|PRON|dobj|1 fares||NOUN|nsubj|4 "
            "rose|rise|VERB|ccomp|1 .||PUNCT|punct|1",
            ["owners", "harbour-lines"],
        ),
    ],
)
def test_an_own_document_reports_what_others_say(sentence: str, heard_there: list[str]) -> None:
    doc = parsed("Riders|rider|NOUN|nsubj|1|NNS wrote|write|VERB|ROOT|1 .||PUNCT|punct|1 ¶||SPACE|dep|1", sentence)
    found = passages(
        doc, Article(id="cap-news", text=doc.text, voice="harbour-lines"), factory.domain(government="council")
    )
    after = doc.text.index("\n")
    assert {p.speaker.actor for p in found if p.start > after and p.speaker} == set(heard_there)


def test_an_actor_of_no_table_gets_an_id_from_its_name() -> None:
    doc = parsed(
        "Moor||PROPN|compound|1 Trams||PROPN|nsubj|2 said|say|VERB|ROOT|2 fares||NOUN|nsubj|4 rose|rise|VERB|ccomp|2",
        entities=[(0, 2, "ORG")],
    )
    (passage,) = heard(doc)
    assert passage.speaker is not None
    assert (passage.speaker.actor, passage.speaker.label, passage.speaker.listed) == ("moor-trams", "Moor Trams", False)


def test_words_about_another_actor_are_second_hand() -> None:
    doc = parsed(
        "The||DET|det|1 council||NOUN|nsubj|2 said|say|VERB|ROOT|2 Harbour||PROPN|compound|4 Lines||PROPN|nsubj|5 "
        "opposes|oppose|VERB|ccomp|2 the||DET|det|7 cap||NOUN|dobj|5"
    )
    outer, inner = heard(doc)
    assert outer.reporter is None
    assert inner.reporter == outer.speaker
    assert [record["speaker_start"] for record in records(factory.article(text=doc.text), [outer, inner])] == [0]


def test_an_organisations_own_document_is_in_its_voice() -> None:
    doc = parsed("Fares||NOUN|nsubj|1 are|be|AUX|ROOT|1 too||ADV|advmod|3 high||ADJ|acomp|1 .||PUNCT|punct|1")
    (passage,) = heard(doc, voice="Harbour Lines")
    assert (passage.manner, passage.speaker and passage.speaker.actor) == (Manner.OWN, "harbour-lines")
    assert heard(doc) == []


def test_a_section_headed_as_a_view_is_in_that_voice_until_the_next_heading() -> None:
    doc = parsed(
        "Harbour||PROPN|compound|1 Lines||PROPN|compound|2 view||NOUN|ROOT|2 ¶||SPACE|dep|2",
        "Fares||NOUN|nsubj|1 are|be|AUX|ROOT|1 too||ADV|advmod|3 high||ADJ|acomp|1 .||PUNCT|punct|1 ¶||SPACE|dep|1",
        "Timetable||NOUN|ROOT|0 ¶||SPACE|dep|0",
        "Buses|bus|NOUN|nsubj|1 run||VERB|ROOT|1 at||ADP|prep|1 night||NOUN|pobj|2 .||PUNCT|punct|1",
    )
    assert [(passage.manner, doc.text[passage.start : passage.end]) for passage in heard(doc)] == [
        (Manner.OWN, "Fares are too high.")
    ]


@pytest.mark.parametrize(("headings", "manner"), [(1, Manner.OWN), (2, Manner.PLAN)])
def test_plans_are_found_outside_the_views_of_a_document(headings: int, manner: Manner) -> None:
    view = (
        "Our||PRON|poss|1 view||NOUN|ROOT|1 ¶||SPACE|dep|1",
        "Fares||NOUN|nsubj|1 are|be|AUX|ROOT|1 high||ADJ|acomp|1 .||PUNCT|punct|1 ¶||SPACE|dep|1",
    )
    plan = "Fares||NOUN|nsubj|1 rise||VERB|ROOT|1 next||ADJ|amod|3 year||NOUN|npadvmod|1 .||PUNCT|punct|1"
    doc = parsed(*view * headings, "Summary||NOUN|ROOT|0 ¶||SPACE|dep|0", plan)
    found = passages(
        doc, Article(id="cap-note", text=doc.text, voice="harbour-lines"), factory.domain(government="council")
    )
    assert found[-1].manner is manner


def test_a_plan_without_a_speaker_belongs_to_its_owner() -> None:
    doc = parsed(
        "The||DET|det|1 council||NOUN|poss|3 ’s||PART|case|1 plan||NOUN|nsubj|5 would||AUX|aux|5 cap||VERB|ROOT|5 "
        "all||DET|det|7 fares|fare|NOUN|dobj|5 .||PUNCT|punct|5"
    )
    (passage,) = heard(doc)
    assert (passage.manner, passage.speaker and passage.speaker.actor) == (Manner.PLAN, "council")


@pytest.mark.parametrize(
    ("sentence", "owner"),
    [
        (
            "Operators|operator|NOUN|nsubj|2 will||AUX|aux|2 have||VERB|ROOT|2 to||PART|aux|4 wait||VERB|xcomp|2 "
            ".||PUNCT|punct|2",
            "council",
        ),
        (
            "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|3 will||AUX|aux|3 get||VERB|ROOT|3 money||NOUN|dobj|3 "
            ".||PUNCT|punct|3",
            "council",
        ),
        (
            "Harbour||PROPN|compound|1 Lines||PROPN|nsubj|3 will||AUX|aux|3 cap||VERB|ROOT|3 fares||NOUN|dobj|3 "
            ".||PUNCT|punct|3",
            "harbour-lines",
        ),
        (
            "Plans|plan|NOUN|nsubjpass|2 were|be|AUX|auxpass|2 unveiled|unveil|VERB|ROOT|2|VBN by||ADP|agent|2 "
            "Harbour||PROPN|compound|5 Lines||PROPN|pobj|3 .||PUNCT|punct|2",
            "harbour-lines",
        ),
        (
            "Features|feature|NOUN|nsubj|4 of||ADP|prep|0 the||DET|det|3 bill||NOUN|pobj|1 include||VERB|ROOT|4 "
            "a||DET|det|6 cap||NOUN|dobj|4 .||PUNCT|punct|4",
            "council",
        ),
        (
            "The||DET|det|1 council||NOUN|nsubj|3 is|be|AUX|aux|3 widening|widen|VERB|ROOT|3|VBG the||DET|det|5 "
            "cap||NOUN|dobj|3 .||PUNCT|punct|3",
            "council",
        ),
    ],
)
def test_a_plan_is_its_makers_not_those_who_are_to_do_it(sentence: str, owner: str) -> None:
    doc = parsed(sentence)
    found = passages(doc, Article(id="cap-news", text=doc.text), factory.domain(government="council"))
    assert [(passage.manner, passage.speaker and passage.speaker.actor) for passage in found] == [(Manner.PLAN, owner)]


@pytest.mark.parametrize("words", ["", "Fares||NOUN|ROOT|0", '"||PUNCT|ROOT|0', "😀||SYM|ROOT|0 “||PUNCT|punct|0"])
def test_almost_empty_text_is_not_a_passage(words: str) -> None:
    assert heard(parsed(*([words] if words else []))) == []


def test_a_hearings_heading_introduces_its_witness() -> None:
    doc = parsed(
        "STATEMENT||NOUN|ROOT|0 OF||ADP|prep|0 BO||PROPN|compound|3 HALE||PROPN|pobj|1 ,||PUNCT|punct|0 "
        "CHAIR||NOUN|appos|3 ,||PUNCT|punct|5 HARBOUR||PROPN|compound|8 LINES||PROPN|appos|5 ¶||SPACE|dep|0",
        "Mr.||PROPN|compound|1 Hale||PROPN|ROOT|1 .||PUNCT|punct|1 Fares||NOUN|nsubj|4 fell|fall|VERB|dep|1 "
        ".||PUNCT|punct|1 ¶||SPACE|dep|1",
        "Ms.||PROPN|compound|1 Quill||PROPN|ROOT|1 .||PUNCT|punct|1 They||PRON|nsubj|4 rose|rise|VERB|dep|1 "
        ".||PUNCT|punct|1",
    )
    assert speakers(doc, date="2031") == [("harbour-lines", "Bo Hale"), ("council", "Ada Quill")]


MAYOR = "The||DET|det|1 mayor||NOUN|nsubj|2 said|say|VERB|ROOT|2 fares||NOUN|nsubj|4 fell|fall|VERB|ccomp|2"
NEW_MAYOR = (
    "The||DET|det|2 new||ADJ|amod|2 mayor||NOUN|nsubj|3 said|say|VERB|ROOT|3 fares||NOUN|nsubj|5 fell|fall|VERB|ccomp|3"
)


@pytest.mark.parametrize(
    ("sentence", "date", "speaker"),
    [
        (MAYOR, "2030-04-02", ("council", "Ines Moss")),
        (MAYOR, "2030-07-02", ("council", "Tom Reed")),
        # The article has no date, so the statement is the council's without a speaker.
        (MAYOR, "", ("council", None)),
        # Before anybody in the table held it.
        (MAYOR, "2020", None),
        # Not just this office.
        (NEW_MAYOR, "2030-07-02", None),
    ],
)
def test_an_office_means_who_held_it_then(sentence: str, date: str, speaker: tuple[str, str | None] | None) -> None:
    domain = factory.domain()
    mayors = {
        name: Actor(
            id=name.lower().replace(" ", "-"),
            label=name,
            kind=ActorKind.PERSON,
            member_of=(Membership(organisation="council", role="mayor", since=since, until=until),),
        )
        for name, since, until in (("Ines Moss", "2026-05", "2030-05"), ("Tom Reed", "2030-05", ""))
    }
    domain = replace(domain, actors={**domain.actors, **{each.id: each for each in mayors.values()}})
    doc = parsed(sentence)
    (found,) = passages(doc, Article(id="cap-news", text=doc.text, date=date), domain)
    assert (found.speaker and (found.speaker.actor, found.speaker.person)) == speaker


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        ("The||DET|det|1 council||NOUN|nsubj|2 opposed|oppose|VERB|ROOT|2 it||PRON|dobj|2", "council"),
        (
            "The||DET|det|3 bakers|baker|NOUN|poss|3|NNS '||PART|case|1 council||NOUN|nsubj|4|NN "
            "opposed|oppose|VERB|ROOT|4 it||PRON|dobj|4",
            "bakers-council",
        ),
        (
            "The||DET|det|2 youth||NOUN|compound|2 council||NOUN|nsubj|3|NN opposed|oppose|VERB|ROOT|3 it||PRON|dobj|3",
            None,
        ),
        ("Harbour||PROPN|nsubj|1 opposed|oppose|VERB|ROOT|1 it||PRON|dobj|1", "harbour-lines"),
        (
            "Harbour||PROPN|compound|2 Civic||PROPN|compound|2 Society||PROPN|nsubj|3 opposed|oppose|VERB|ROOT|3 "
            "it||PRON|dobj|3",
            "harbour-civic-society",
        ),
        (
            "The||DET|det|2 Harbour||PROPN|compound|2 Network||PROPN|nsubj|3 opposed|oppose|VERB|ROOT|3 "
            "it||PRON|dobj|3",
            "harbour-network",
        ),
    ],
)
def test_a_body_with_a_listed_word_in_its_name_is_another(sentence: str, actor: str | None) -> None:
    (found,) = heard(parsed(sentence))
    assert (found.speaker and found.speaker.actor) == actor


@pytest.mark.parametrize(
    ("sentence", "actor"),
    [
        (
            "Night||NOUN|compound|1 buses|bus|NOUN|nsubj|2|NNS mean|mean|VERB|ROOT|2 that||SCONJ|mark|5 "
            "riders||NOUN|nsubj|5 wait|wait|VERB|ccomp|2",
            None,
        ),
        (
            "Capped||PROPN|amod|1 Fares||PROPN|nsubj|2 mean|mean|VERB|ROOT|2 that||SCONJ|mark|5 "
            "riders||NOUN|nsubj|5 wait|wait|VERB|ccomp|2",
            None,
        ),
        (
            "Night||NOUN|compound|1 drivers|driver|NOUN|nsubj|2|NNS mean|mean|VERB|ROOT|2 that||SCONJ|mark|5 "
            "riders||NOUN|nsubj|5 wait|wait|VERB|ccomp|2",
            "night-drivers",
        ),
    ],
)
def test_a_reform_is_no_actor(sentence: str, actor: str | None) -> None:
    domain = factory.domain()
    doc = Gazetteer(domain)(parsed(sentence))
    (found,) = passages(doc, Article(id="cap-news", text=doc.text), domain)
    assert (found.speaker and found.speaker.actor) == actor


def test_an_officer_speaks_for_the_body_of_the_longer_name() -> None:
    doc = parsed(
        "Bo||PROPN|compound|1 Hale||PROPN|nsubj|10 ,||PUNCT|punct|1 chair||NOUN|appos|1 of||ADP|prep|3 "
        "the||DET|det|8 Harbour||PROPN|compound|8 Civic||PROPN|compound|8 Society||PROPN|pobj|4 ,||PUNCT|punct|1 "
        "said|say|VERB|ROOT|10 fares||NOUN|nsubj|12 fell|fall|VERB|ccomp|10",
        entities=[(0, 2, "PERSON"), (6, 9, "ORG")],
    )
    assert speakers(doc) == [("harbour-civic-society", "Bo Hale")]
