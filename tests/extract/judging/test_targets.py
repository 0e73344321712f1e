"""What a sentence is about, on articles with sentences marked by hand."""

import pytest
import spacy
from spacy.tokens import Doc

from extract.judging.stems import stem
from extract.judging.targets import Discourse, Topics, relation
from extract.marking.gazetteer import Gazetteer
from graph.domain.folder import Domain, Package
from graph.model import Actor, Reform
from tests import factory

VOCAB = spacy.blank("en").vocab


@pytest.fixture(scope="module")
def buses() -> Domain:
    actors = (
        Actor(id="council", label="City Council", aliases=("the council", "the government")),
        Actor(id="greens", label="Green Party"),
        Actor(id="riders", label="Riders"),
    )
    reforms = (
        Reform(id="fares", label="Fares plan", definition="The council's plan for fares as a whole."),
        Reform(id="fare-cap", label="Fare cap", broader="fares", definition="A highest price for any trip."),
        Reform(
            id="kiosks",
            label="Kiosks",
            definition="The Green plan for tickets; the council's are not part of it.",
        ),
        Reform(id="lanes", label="Bus lanes", definition="Lanes without cars, painted by any body."),
    )
    return factory.domain(
        actors={a.id: a for a in actors},
        reforms={r.id: r for r in reforms},
        packages=(Package(reform="fares", since="2030", words=("the big shake-up",)),),
    )


def discourse(domain: Domain, *sentences: str, date: str = "2031") -> Discourse:
    words = [sentence.split() for sentence in sentences]
    flat = [word for sentence in words for word in sentence]
    starts = [number == 0 for sentence in words for number in range(len(sentence))]
    doc = Gazetteer(domain)(Doc(VOCAB, words=flat, sent_starts=list(starts)))
    return Discourse(doc, Topics(domain), date)


@pytest.mark.parametrize(
    ("reform", "owners"), [("fares", {"council"}), ("kiosks", {"greens"}), ("fare-cap", set()), ("lanes", set())]
)
def test_the_owner_of_a_plan_in_a_definition(reform: str, owners: set[str], buses: Domain) -> None:
    assert Topics(buses).topics[reform].proposers == owners


@pytest.mark.parametrize(
    ("actor", "reform", "name"),
    [
        ("council", "fares", "own plan"),
        ("riders", "fares", "another's plan"),
        ("council", "lanes", "government"),
        ("riders", "lanes", "not government"),
        ("not-listed", "lanes", "not government"),
    ],
)
def test_the_relation_of_an_actor_to_a_plan(actor: str, reform: str, name: str, buses: Domain) -> None:
    found = discourse(buses, "Nothing was said .")
    assert relation(actor, found.topics.topics[reform], found) == {name: 1.0}


def test_a_name_in_the_sentence(buses: Domain) -> None:
    found = discourse(buses, "The fare cap is here .", "It is raining .")
    assert found.features(0, "fare-cap")["named"] == 1.0
    assert found.features(0, "lanes")["another named"] == 1.0
    assert "named" not in found.features(1, "fare-cap")


def test_what_was_named_before_may_be_taken_up(buses: Domain) -> None:
    found = discourse(buses, "The fare cap is here .", "This plan is fair .", "Rain fell .")
    assert found.features(1, "fare-cap")["taken up"] == 1.0
    assert "taken up" not in found.features(2, "fare-cap")
    assert found.features(2, "fare-cap")["named before"] == 0.5


def test_words_of_a_name_in_another_order(buses: Domain) -> None:
    found = discourse(buses, "They capped every fare .")
    assert found.features(0, "fare-cap")["worded"] > found.features(0, "lanes")["worded"]


@pytest.mark.parametrize(
    ("sentence", "date", "package"),
    [
        ("These reforms are good .", "2031", 1.0),
        ("The big shake-up is good .", "2031", 1.0),
        ("These trams are good .", "2031", 0.0),
        ("These reforms are good .", "2029", None),
    ],
)
def test_a_package_by_the_date(sentence: str, date: str, package: float | None, buses: Domain) -> None:
    assert discourse(buses, sentence, date=date).features(0, "fares").get("package") == package


def test_a_narrower_reform_goes_first(buses: Domain) -> None:
    found = discourse(buses, "The fare cap is here .")
    assert found.features(0, "fares")["a narrower named"] == 1.0


def test_the_main_topic_is_a_candidate_everywhere(buses: Domain) -> None:
    found = discourse(buses, "The fare cap is here .", *["Rain fell ."] * 9)
    assert found.candidates(9) >= {"fare-cap"}
    assert found.features(9, "fare-cap")["main topic"] == 1.0


def test_shares_add_up(buses: Domain) -> None:
    found = discourse(buses, "Fare cap and bus lanes .", "Bus lanes again .")
    assert sum(found.weight.values()) == pytest.approx(1.0)
    assert found.weight["lanes"] > found.weight["fare-cap"]


@pytest.mark.parametrize(
    ("one", "other"), [("abolish", "abolition"), ("policy", "policies"), ("cap", "capped"), ("lane", "lanes")]
)
def test_forms_of_a_word_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


def test_an_actor_by_any_name(buses: Domain) -> None:
    topics = Topics(buses)
    assert [topics.actor_named(name) for name in ("council", "The Council", "city council", "", "Unknown")] == [
        "council",
        "council",
        "council",
        "",
        "",
    ]


@pytest.mark.parametrize(
    ("sentence", "reforms"),
    [
        ("Riders like the fare cap .", {"fare-cap"}),
        ("The council wants bus lanes .", {"lanes"}),
        # Without a name, or where a sentence refers back, what came before is possible.
        ("Riders like a lot of things .", {"fare-cap", "lanes"}),
        ("Riders like this plan and bus lanes .", {"fare-cap", "lanes"}),
    ],
)
def test_a_name_in_the_sentence_outweighs_what_the_article_is_about(
    sentence: str, reforms: set[str], buses: Domain
) -> None:
    found = discourse(buses, "Bus lanes and the fare cap divide the town .", sentence).candidates(1)
    assert found & {"fare-cap", "lanes"} == reforms
