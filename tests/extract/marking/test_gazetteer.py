"""Names in the tables are found in the forms that people write."""

import pytest
import spacy

from extract.marking.gazetteer import ACTORS, REFORMS, Gazetteer, normal, variants
from graph.model import Actor, ActorKind, Reform
from tests.factory import domain

NLP = spacy.blank("en")


def named(text: str, key: str, gazetteer: Gazetteer) -> list[tuple[str, str]]:
    doc = gazetteer(NLP(text))
    return [(span.text, span.id_) for span in doc.spans[key]]


@pytest.fixture(scope="module")
def buses() -> Gazetteer:
    actors = (
        Actor(id="council", label="City Council", aliases=("the council",)),
        Actor(id="harbour", label="Harbour"),
        Actor(id="forum", label="Night Bus Forum"),
        Actor(id="twg", label="TWG"),
        Actor(id="public", label="Passengers", kind=ActorKind.GROUP, aliases=("the public",)),
    )
    reforms = (
        Reform(id="fare-cap", label="Fare cap"),
        Reform(id="higher-fare-cap", label="Higher fare cap"),
        Reform(id="smart-card", label="Smart-card tickets"),
        Reform(id="bus-subsidy", label="Bus subsidy"),
        Reform(id="zones", label="Zonal fares (ZF)"),
    )
    return Gazetteer(domain(actors={a.id: a for a in actors}, reforms={r.id: r for r in reforms}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two fare caps were tried.", [("fare caps", "fare-cap")]),
        ("The FARE CAP is here.", [("FARE CAP", "fare-cap")]),
        ("A higher fare cap is wanted.", [("higher fare cap", "higher-fare-cap")]),
        (
            "A smart card ticket is a smart-card ticket.",
            [("smart card ticket", "smart-card"), ("smart-card ticket", "smart-card")],
        ),
        ("The fare cap’s cost", [("fare cap", "fare-cap")]),
        ("Bus subsidies end.", [("Bus subsidies", "bus-subsidy")]),
        ("Zonal fares came, then ZF went.", [("Zonal fares", "zones"), ("ZF", "zones")]),
        ("No cap on this fare.", []),
    ],
)
def test_reforms(text: str, found: list[tuple[str, str]], buses: Gazetteer) -> None:
    assert named(text, REFORMS, buses) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Harbour sails on.", ["harbour"]),
        ("The harbour is cold.", []),
        ("A twg of people.", []),
        ("The TWG struck.", ["twg"]),
        ("The council and a City Council.", ["council", "council"]),
        ("Council to act.", ["council"]),
        ("A parish council acted.", []),
        ("The public pays.", ["public"]),
        ("A public row.", []),
        ("The Night Bus Forum (NBF) met; the NBF left.", ["forum", "forum", "forum"]),
    ],
)
def test_actors(text: str, found: list[str], buses: Gazetteer) -> None:
    assert [id for _, id in named(text, ACTORS, buses)] == found


def test_an_abbreviation_applies_to_its_article_only(buses: Gazetteer) -> None:
    assert named("The Night Bus Forum (NBF) met.", ACTORS, buses)
    assert named("The NBF left.", ACTORS, buses) == []


def test_without_a_domain_nothing_is_marked() -> None:
    assert named("The fare cap", REFORMS, Gazetteer()) == []


def test_a_text_is_compared_without_hyphens_and_marks_of_possession() -> None:
    assert normal("The riders’ smart-card isn't Harbour's") == ["the", "riders", "smart", "card", "isn", "t", "harbour"]


def test_variants_of_a_name() -> None:
    found = set(variants("the bus pass (BP)"))
    assert {("bus", "pass"), ("bus", "passes"), ("bp",)} <= found
    assert set(variants("the bus pass", numbers=False)) == {("bus", "pass")}
