"""Pages, JSON, briefings and answers agree."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.showing.wording import does
from graph.asking.ask import ask
from graph.briefing.material import briefing_for
from graph.briefing.types import Scope, Subject
from graph.building import build
from graph.debate.agreement import stored_network
from graph.debate.network import agreements
from graph.debate.options import NetworkOptions
from graph.degrees import Degree
from graph.model import Actor, ActorKind, Article, Cue, Membership, Reform, Stance, Statement
from graph.profiles import actor_profile, comparison_profile, reform_profile
from graph.store.embedded import Store, memory_store, open_store
from tests import factory

ACTORS = ("ash", "birch", "cedar")
STANCES: tuple[Stance | None, ...] = (None, *Stance)
COMBINATIONS = dict(enumerate(product(STANCES, repeat=3)))
SENTENCE = "One view was given. "
TEXT = SENTENCE * 400


def every_combination() -> Iterator[Statement]:
    """Three actors take every combination of stances, each on a reform of its own."""
    number = 0
    for reform, stances in COMBINATIONS.items():
        for actor, stance in zip(ACTORS, stances, strict=True):
            if stance is not None:
                start = number * len(SENTENCE)
                number += 1
                yield factory.statement(
                    SENTENCE.strip(),
                    start=start,
                    actor=actor,
                    actor_label=actor.title(),
                    reform=f"r{reform}",
                    stance=stance,
                )


def fill(store: Store) -> None:
    people = Actor(id="dale", label="Dale", kind=ActorKind.PERSON, member_of=(Membership(organisation="ash"),))
    group = Actor(id="riders", label="Riders", kind=ActorKind.GROUP)
    actors = {each: Actor(id=each, label=each.title()) for each in ACTORS} | {"dale": people, "riders": group}
    reforms = {f"r{number}": Reform(id=f"r{number}", label=f"Reform {number}") for number in COMBINATIONS}
    said = list(every_combination())
    # A group and a member of an organisation hold a position too; neither can be called silent.
    said += [replace(said[0], actor=it, actor_label=it.title(), reform="r1") for it in ("dale", "riders")]
    texts = [factory.article(text=TEXT), Article(id="empty", text="")]
    build(store, replace(factory.domain(), actors=actors, reforms=reforms), texts, said)


@pytest.fixture(scope="module")
def store() -> Store:
    made = memory_store()
    fill(made)
    return made


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("one") / "store"
    with open_store(folder) as made_up:
        fill(made_up)
    with TestClient(create_app(Settings(store=str(folder)))) as made:
        yield made


def test_page_json_and_briefing_compare_alike(client: TestClient) -> None:
    asked = {"actor": list(ACTORS)}
    rows = client.get("/api/compare", params=asked).json()["comparison"]["rows"]
    data = {row["reform"]["id"]: row["verdict"] for row in rows}
    told = client.get("/api/briefings", params=asked).json()["compared"]
    briefing = {reform["id"]: accord for accord, reforms in told.items() for reform in reforms}
    assert briefing == data
    assert len(data) == len(COMBINATIONS) - 1  # no one has spoken on one reform
    expected = {
        (None, Stance.SUPPORT, Stance.OPPOSE): "part",
        (Stance.MIXED, Stance.MIXED, None): "mixed",
        (Stance.SUPPORT, Stance.SUPPORT, None): "agree",
        (Stance.NEUTRAL, None, None): "one",
        (Stance.OPPOSE, Stance.OPPOSE, Stance.NEUTRAL): "mixed",
    }
    numbers = {stances: f"r{number}" for number, stances in COMBINATIONS.items()}
    assert {stances: data[numbers[stances]] for stances in expected} == expected
    page = client.get("/compare", params=asked).text
    agree, part = (sum(value == name for value in data.values()) for name in ("agree", "part"))
    assert f"Agree on {agree} reforms, differ on {part}" in page


def test_two_actors_agree_alike_on_pages_in_networks_and_in_briefings(store: Store) -> None:
    network = {
        (pair.a, pair.b): (pair.agree, pair.conflict, round(pair.score, 6))
        for pair in agreements(stored_network(store, NetworkOptions()))
    }
    scope = Scope(subject=Subject.REFORMS, reforms=tuple(f"r{number}" for number in COMBINATIONS))
    briefing = briefing_for(store, scope).agreements
    assert {(it.a, it.b): (it.agree, it.conflict, round(it.score, 6)) for it in briefing if it.score} == {
        pair: found for pair, found in network.items() if found[2]
    }
    page = actor_profile(store, "ash")
    for kin in (*page.allies, *page.opponents):
        agree, conflict, _ = network["ash", kin.id]
        assert ({it.id for it in kin.agree}, {it.id for it in kin.conflict}) == ({*agree}, {*conflict})


def test_the_silent_are_the_same_everywhere(store: Store) -> None:
    page = reform_profile(store, "r6").silent
    briefing = briefing_for(store, Scope(subject=Subject.REFORM, reforms=("r6",)))
    answer = ask(store, "Who is silent on Reform 6?")
    names = {each.id for each in page.items}
    assert names == {it.actor.id for it in briefing.silent} == {it.actor.id for it in answer.answers if it.actor}
    assert page.total == briefing.silent_count == answer.total == 1


def test_compared_actors_are_counted_by_how_they_relate(store: Store) -> None:
    profile = comparison_profile(store, ACTORS)
    assert sum(profile.counts.values()) == len(profile.rows)


CUES = {
    "doubt": (Stance.OPPOSE, (Cue(text="worried", start=0, end=3, effect="oppose", weight=0.4),)),
    "no": (Stance.OPPOSE, (Cue(text="rejects", start=0, end=3, effect="oppose", weight=1.0),)),
    "plan": (Stance.SUPPORT, ()),
    "yes": (Stance.SUPPORT, (Cue(text="backs", start=0, end=3, effect="support", weight=1.0),)),
    "both": (Stance.MIXED, ()),
}


def test_a_side_is_worded_alike_on_pages_in_data_in_answers_and_in_briefings() -> None:
    said = [
        factory.statement(
            SENTENCE.strip(), start=number * len(SENTENCE), actor=name, actor_label=name.title(), stance=side, cues=cues
        )
        for number, (name, (side, cues)) in enumerate(CUES.items())
    ]
    actors = {name: Actor(id=name, label=name.title()) for name in CUES}
    with memory_store() as store:
        build(store, replace(factory.domain(), actors=actors), [factory.article(text=TEXT)], said)
        page = {
            it.position.actor: it.degree for side in reform_profile(store, "fare-cap").sides for it in side.stands.items
        }
        single = {name: actor_profile(store, name).stands.items[0].degree for name in CUES}
        answer = {it.actor.id: it.degree for it in ask(store, "Who stands where on the fare cap?").answers if it.actor}
        (found,) = briefing_for(store, Scope(subject=Subject.REFORM, reforms=("fare-cap",))).standings
    briefing = {it.actor.id: it.degree for side in found.sides for it in (*side.holders, *side.others)}
    assert page == single == answer == briefing
    assert page["doubt"] == Degree.HAS_RESERVATIONS
    assert page["no"] == Degree.OPPOSES
    assert does(page["doubt"], "Fare cap") == "has reservations about Fare cap"
