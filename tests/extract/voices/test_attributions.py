import pytest
from spacy.tokens import Doc

from extract.voices.attributions import attributions
from tests.extract.hand import parsed

COUNCIL = "The||DET|det|1 council||NOUN|nsubj|2"


def told(doc: Doc) -> list[tuple[str, str | None]]:
    """Return the words and the mention of their speaker."""
    return [
        (
            " … ".join(doc[start:end].text for start, end in found.pieces),
            doc[found.mention[0] : found.mention[1]].text if found.mention else None,
        )
        for found in attributions(doc)
    ]


@pytest.mark.parametrize(
    ("sentence", "said", "mention"),
    [
        (
            f"{COUNCIL} said|say|VERB|ROOT|2 that||SCONJ|mark|5 fares||NOUN|nsubj|5 "
            "rose|rise|VERB|ccomp|2 .||PUNCT|punct|2",
            "that fares rose",
            "The council",
        ),
        (
            "Fares||NOUN|nsubj|1 rose|rise|VERB|ccomp|5 ,||PUNCT|punct|5 the||DET|det|4 council||NOUN|nsubj|5 "
            "said|say|VERB|ROOT|5 .||PUNCT|punct|5",
            "Fares rose",
            "the council",
        ),
        (
            f"{COUNCIL} wants|want|VERB|ROOT|2 to||PART|aux|4 wait||VERB|xcomp|2 .||PUNCT|punct|2",
            "to wait",
            "The council",
        ),
        (
            f"{COUNCIL} opposes|oppose|VERB|ROOT|2 the||DET|det|4 cap||NOUN|dobj|2 .||PUNCT|punct|2",
            "the cap",
            "The council",
        ),
        (
            "The||DET|det|1 cap||NOUN|nsubjpass|3 is|be|AUX|auxpass|3 opposed|oppose|VERB|ROOT|3 by||ADP|agent|3 "
            "riders|rider|NOUN|pobj|4 .||PUNCT|punct|3",
            "The cap",
            "riders",
        ),
        (
            f"{COUNCIL} called|call|VERB|ROOT|2 for||ADP|prep|2 night||NOUN|compound|5 "
            "buses|bus|NOUN|pobj|3 .||PUNCT|punct|2",
            "night buses",
            "The council",
        ),
        (
            f"{COUNCIL} urged|urge|VERB|ROOT|2 riders|rider|NOUN|dobj|2 to||PART|aux|5 "
            "wait||VERB|xcomp|2 .||PUNCT|punct|2",
            "riders to wait",
            "The council",
        ),
        (
            f"{COUNCIL} is|be|AUX|ROOT|2 against||ADP|prep|2 the||DET|det|5 cap||NOUN|pobj|3 .||PUNCT|punct|2",
            "the cap",
            "The council",
        ),
        (
            "Riders|rider|NOUN|nsubj|1 are|be|AUX|ROOT|1 worried||ADJ|acomp|1 about||ADP|prep|2 "
            "fares|fare|NOUN|pobj|3 .||PUNCT|punct|1",
            "fares",
            "Riders",
        ),
        (
            "According|accord|VERB|prep|5 to||ADP|prep|0 riders|rider|NOUN|pobj|1 ,||PUNCT|punct|5 "
            "fares||NOUN|nsubj|5 "
            "rose|rise|VERB|ROOT|5 .||PUNCT|punct|5",
            "fares rose",
            "riders",
        ),
        (
            "Riders|rider|NOUN|poss|2 ’s||PART|case|0 opposition||NOUN|nsubj|6 to||ADP|prep|2 "
            "the||DET|det|5 cap||NOUN|pobj|3 "
            "grew|grow|VERB|ROOT|6 .||PUNCT|punct|6",
            "the cap",
            "Riders ’s".replace(" ’s", ""),
        ),
        (
            "The||DET|det|1 cap||NOUN|nsubj|2 met|meet|VERB|ROOT|2 with||ADP|prep|2 anger||NOUN|pobj|3 "
            "from||ADP|prep|4 riders|rider|NOUN|pobj|5 .||PUNCT|punct|2",
            "The cap",
            "riders",
        ),
        (
            f"{COUNCIL} gave|give|VERB|ROOT|2 its||PRON|poss|4 backing||NOUN|dobj|2 to||ADP|dative|2 the||DET|det|7 "
            "cap||NOUN|pobj|5 .||PUNCT|punct|2",
            "the cap",
            "The council",
        ),
        (
            "Riders|rider|NOUN|poss|2 ’s||PART|case|0 view||NOUN|nsubj|3 is|be|AUX|ROOT|3 that||SCONJ|mark|6 "
            "fares||NOUN|nsubj|6 rose|rise|VERB|ccomp|3 .||PUNCT|punct|3",
            "that fares rose",
            "Riders",
        ),
        (
            "In||ADP|prep|5 the||DET|det|2 view||NOUN|pobj|0 of||ADP|prep|2 riders|rider|NOUN|pobj|3 "
            "fares||NOUN|nsubj|6 rose|rise|VERB|ROOT|6 .||PUNCT|punct|6",
            "fares rose",
            "riders",
        ),
        (
            "Campaign||NOUN|compound|1 group||NOUN|nsubj|4 Night||PROPN|compound|3 Riders||PROPN|nsubj|4 "
            "opposes|oppose|VERB|ROOT|4 the||DET|det|6 cap||NOUN|dobj|4 .||PUNCT|punct|4",
            "the cap",
            "Night Riders",
        ),
        (
            "Riders|rider|NOUN|nsubjpass|2 were|be|AUX|auxpass|2 worried|worry|VERB|ROOT|2|VBN that||SCONJ|mark|5 "
            "fares||NOUN|nsubj|5 rose|rise|VERB|ccomp|2 .||PUNCT|punct|2",
            "that fares rose",
            "Riders",
        ),
        (
            "Riders|rider|NOUN|nsubj|1 are|be|AUX|ROOT|1 in||ADP|prep|1 favour||NOUN|pobj|2 .||PUNCT|punct|1",
            "are in favour",
            "Riders",
        ),
        (
            "Riders|rider|NOUN|nsubj|1 argued|argue|VERB|ROOT|1 in||ADP|prep|1 favour||NOUN|pobj|2 of||ADP|prep|3 "
            "the||DET|det|6 cap||NOUN|pobj|4 .||PUNCT|punct|1",
            "the cap",
            "Riders",
        ),
        (
            "Riders|rider|NOUN|nsubj|1 gave|give|VERB|ROOT|1 the||DET|det|3 cap||NOUN|dative|1 a||DET|det|5 "
            "welcome||NOUN|dobj|1 .||PUNCT|punct|1",
            "the cap",
            "Riders",
        ),
        (
            "This||DET|det|1 week||NOUN|nsubj|4 ,||PUNCT|punct|4 riders|rider|NOUN|nsubj|4 "
            "opposed|oppose|VERB|ROOT|4 the||DET|det|6 cap||NOUN|dobj|4 .||PUNCT|punct|4",
            "the cap",
            "riders",
        ),
    ],
)
def test_what_attributes_words(sentence: str, said: str, mention: str) -> None:
    found = told(parsed(sentence, entities=[(0, 2, "DATE")] if sentence.startswith("This") else []))
    assert [(words, who.removesuffix("’s") if who else who) for words, who in found] == [(said, mention)]


def test_who_refers_to_the_noun_before() -> None:
    doc = parsed(
        "Riders|rider|NOUN|ROOT|0 who||PRON|nsubj|2 said|say|VERB|relcl|0 fares||NOUN|nsubj|4 rose|rise|VERB|ccomp|2"
    )
    (found,) = attributions(doc)
    assert found.mention == (1, 2)
    assert found.holder == 0


def test_a_sentence_without_a_subject_belongs_to_the_last_speaker() -> None:
    doc = parsed(
        f"{COUNCIL} said|say|VERB|ROOT|2|VBD fares||NOUN|nsubj|4 rose|rise|VERB|ccomp|2 .||PUNCT|punct|2",
        "But||CCONJ|cc|1 added|add|VERB|ROOT|1|VBD that||SCONJ|mark|4 riders|rider|NOUN|nsubj|4 "
        "stayed|stay|VERB|ccomp|1 .||PUNCT|punct|1",
    )
    assert told(doc) == [("fares rose", "The council"), ("that riders stayed", "The council")]


def test_an_imposed_action_is_not_speech() -> None:
    doc = parsed(
        f"{COUNCIL} will||AUX|aux|3 have||VERB|ROOT|3 operators|operator|NOUN|nsubj|5 disclose||VERB|ccomp|3|VB "
        "their||PRON|poss|7 costs|cost|NOUN|dobj|5 .||PUNCT|punct|3"
    )
    assert told(doc) == []


def test_a_quotation_around_its_verb_is_one() -> None:
    doc = parsed(
        '"||PUNCT|punct|2 Fares||NOUN|nsubj|2 fell|fall|VERB|ccomp|6 ,||PUNCT|punct|6 '
        '"||PUNCT|punct|6 she||PRON|nsubj|6 '
        "said|say|VERB|ROOT|6 .||PUNCT|punct|6",
        '"||PUNCT|punct|2 Riders||NOUN|nsubj|2 came|come|VERB|ROOT|2 back||ADV|advmod|2 '
        "to||ADP|prep|2 us||PRON|pobj|4 "
        '.||PUNCT|punct|2 "||PUNCT|punct|2',
    )
    assert told(doc) == [('"Fares fell," … "Riders came back to us."', "she")]


def test_the_next_paragraph_belongs_to_the_last_speaker() -> None:
    doc = parsed(
        "She||PRON|nsubj|1 said|say|VERB|ROOT|1 fares||NOUN|nsubj|3 fell|fall|VERB|ccomp|1 "
        ".||PUNCT|punct|1 ¶||SPACE|dep|1",
        '"||PUNCT|punct|2 Riders||NOUN|nsubj|2 came|come|VERB|ROOT|2 back||ADV|advmod|2 '
        "to||ADP|prep|2 us||PRON|pobj|4 "
        '.||PUNCT|punct|2 "||PUNCT|punct|2',
    )
    assert told(doc) == [("fares fell", "She"), ('"Riders came back to us."', "She")]


def test_a_transcript_gives_each_paragraph_to_its_label() -> None:
    doc = parsed(
        "Ms.||PROPN|compound|1 QUILL||PROPN|ROOT|1 :||PUNCT|punct|1 Fares||NOUN|nsubj|4 "
        "fell|fall|VERB|dep|1 .||PUNCT|punct|1 ¶||SPACE|dep|1",
        "Mr.||PROPN|compound|1 HALE||PROPN|ROOT|1 :||PUNCT|punct|1 They||PRON|nsubj|4 "
        "rose|rise|VERB|dep|1 .||PUNCT|punct|1",
    )
    assert told(doc) == [("Fares fell", "Ms. QUILL"), ("They rose", "Mr. HALE")]


def test_a_name_and_a_colon_introduce_a_quotation() -> None:
    doc = parsed(
        "Ada||PROPN|compound|1 Quill||NOUN|ROOT|1 :||PUNCT|punct|1 “||PUNCT|punct|5 Fares||NOUN|nsubj|5 "
        "fell|fall|VERB|acl|1 last||ADJ|amod|7 year||NOUN|npadvmod|5 here||ADV|advmod|5 .||PUNCT|punct|1 "
        "”||PUNCT|punct|1"
    )
    assert told(doc) == [("“Fares fell last year here.”", "Ada Quill")]


def test_a_signature_names_the_speaker() -> None:
    doc = parsed(
        '"||PUNCT|punct|2 Riders||NOUN|nsubj|2 came|come|VERB|ROOT|2 back||ADV|advmod|2 '
        "to||ADP|prep|2 us||PRON|pobj|4 "
        '.||PUNCT|punct|2 "||PUNCT|punct|2 –||PUNCT|punct|2 Ada||PROPN|compound|10 Quill||PROPN|dep|2'
    )
    assert told(doc) == [('"Riders came back to us."', "Ada Quill")]


def test_words_inside_a_quotation_are_not_attributed_again() -> None:
    doc = parsed(
        'She||PRON|nsubj|1 said|say|VERB|ROOT|1 :||PUNCT|punct|1 "||PUNCT|punct|5 Riders|rider|NOUN|nsubj|5 '
        "believe||VERB|ccomp|1 that||SCONJ|mark|8 fares||NOUN|nsubj|8 fell|fall|VERB|ccomp|5 .||PUNCT|punct|5 "
        '"||PUNCT|punct|5'
    )
    assert told(doc) == [('"Riders believe that fares fell."', "She")]


@pytest.mark.parametrize("word", ["whether", "if"])
def test_what_somebody_is_asked_is_nobodys_view(word: str) -> None:
    doc = parsed(
        f"Asked|ask|VERB|advcl|7|VBN {word}||SCONJ|mark|4 he||PRON|nsubj|4 would||AUX|aux|4 back||VERB|ccomp|0 "
        "it||PRON|dobj|4 Hale||PROPN|nsubj|7 said|say|VERB|ROOT|7 no||INTJ|dobj|7 .||PUNCT|punct|7"
    )
    assert not any(mention == "he" for _, mention in told(doc))


def test_what_somebody_says_of_a_third_person_is_their_view() -> None:
    doc = parsed(
        "Hale||PROPN|nsubj|1 said|say|VERB|ROOT|1 he||PRON|nsubj|4 would||AUX|aux|4 back||VERB|ccomp|1 "
        "it||PRON|dobj|4 .||PUNCT|punct|1"
    )
    assert any(mention == "he" for _, mention in told(doc))
