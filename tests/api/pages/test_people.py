"""People speak: their pages, the list of actors, and questions about them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from extract.documents.reading import documents, read
from graph.asking.ask import ask
from graph.building import build
from graph.domain.folder import Domain, read_domain
from graph.model import Counting, Membership, Stance
from graph.profiles import actor_profile, changes
from graph.reading import catalogue
from graph.reviewing.by_hand import apply_hand_coding, read_hand_coding
from graph.store.embedded import Store, memory_store, open_store
from tests import factory

CORPUS = Path(__file__).parents[3] / "corpus" / "childrens-social-care"
EARLY = factory.statement(speaker="Ada Quill")
LATE = factory.statement(
    "Harbour Lines opposed it.",
    article="later",
    actor="harbour-lines",
    actor_label="Harbour Lines",
    speaker="Cllr Quill",
    stance=Stance.OPPOSE,
)
UNSURE = factory.statement(
    "Riders were split on night buses.", speaker="Ada Quill", reform="night-buses", confidence=0.1
)


def domain() -> Domain:
    """The invented domain, in which Ada Quill moves from the council to an operator."""
    made = factory.domain()
    moved = Membership(organisation="harbour-lines", role="director", since="2032-06")
    ada = replace(made.actors["ada-quill"], member_of=(*made.actors["ada-quill"].member_of, moved))
    return replace(made, actors={**made.actors, "ada-quill": ada}, likely_from=0.7)


def fill(store: Store) -> None:
    articles = [factory.article(), factory.article(id="later", date="2033-01", title="Second thoughts")]
    build(store, domain(), articles, [EARLY, LATE, UNSURE])


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        fill(made)
        yield made


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("people")
    with open_store(folder) as made:
        fill(made)
    with TestClient(create_app(Settings(store=str(folder)))) as running:
        yield running


def test_a_person_has_what_it_said_for_which_body_in_which_role(store: Store) -> None:
    profile = actor_profile(store, "ada-quill")
    spoken = [(each.id, each.role, [it.id for it in each.said]) for each in profile.spoken]
    assert spoken == [
        ("harbour-lines", "director", [LATE.id]),
        ("council", "chair of transport", [EARLY.id]),
    ]
    assert profile.quoted == 2
    assert actor_profile(store.counted(Counting.ALL), "ada-quill").quoted == 3
    assert actor_profile(store, "council").spoken == ()


def test_the_page_of_a_person_shows_its_words(client: TestClient) -> None:
    page = client.get("/actors/ada-quill").text
    assert "Quoted in 2 statements, for Harbour Lines and City Council." in page
    assert "The council welcomed the fare cap." in page
    assert "as <bdi>director</bdi>" in page
    assert "o statement on any reform" not in page


def test_the_list_of_actors_leaves_out_the_silent_unless_asked(client: TestClient, store: Store) -> None:
    spoken = [each.id for each in catalogue.actors(store, silent=False).items]
    assert spoken == ["council", "harbour-lines", "ada-quill"]
    page, whole = client.get("/actors").text, client.get("/actors?silent=true").text
    assert "/actors/ada-quill" in page
    assert "/actors/riders" not in page
    assert "/actors/riders" in whole
    told = client.get("/api/actors").json()
    assert [each["id"] for each in told["items"]] == spoken
    assert all(each["statements"] or each["quoted"] for each in told["items"])
    assert client.get("/api/actors?silent=true").json()["total"] == 4


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What did Ada Quill say?", {EARLY.id, LATE.id}),
        ("What did Cllr Quill say about the fare cap?", {EARLY.id, LATE.id}),
        ("What has Ada Quill said about night buses?", set()),
    ],
)
def test_any_name_of_a_person_answers(store: Store, question: str, found: set[str]) -> None:
    answered = ask(store, question)
    assert answered.question == "said-by-a-person"
    assert {each.id for answer in answered.answers for each in answer.evidence} == found


@pytest.fixture(scope="module")
def shipped() -> Iterator[Store]:
    """The shipped domain with its hand coding alone."""
    made = read_domain(CORPUS)
    articles = [read(path, info) for path, info in documents(made)]
    with memory_store() as held:
        build(held, made, articles, [])
        apply_hand_coding(held, made, articles, [])
        assert read_hand_coding(made, articles).faults == ()
        yield held


@pytest.mark.parametrize(
    ("question", "body"),
    [
        ("What did Andy Smith say?", "adcs"),
        ("What did James Jamieson say about Stable Homes, Built on Love?", "lga"),
        ("What does Anne Longfield think?", "childrens-commissioner"),
        ("What has Josh MacAlister said?", "care-review"),
        ("Where does Lucy Peake stand on kinship care?", "kinship-charity"),
        ("What did Baroness Barran say?", "conservatives"),
        ("quotes from Cathy Ashley", "family-rights-group"),
        ("What does Jacqui Smith say?", "dfe"),
        ("Neil O'Brien", "conservatives"),
        ("What did Natalie Evans say about multi-agency child protection?", "natalie-evans"),
    ],
)
def test_ten_questions_about_people_answer(shipped: Store, question: str, body: str) -> None:
    answered = ask(shipped, question)
    assert answered.question == "said-by-a-person"
    assert body in {answer.actor.id for answer in answered.answers if answer.actor is not None}


def test_every_listed_actor_of_the_shipped_domain_speaks(shipped: Store) -> None:
    listed = catalogue.actors(shipped, silent=False, limit=catalogue.EVERY).items
    assert all(each.statements or each.quoted for each in listed)
    assert len([each for each in listed if each.kind == "person"]) > 20
    assert len(listed) < catalogue.actors(shipped).total


def test_links_keep_the_statements_that_count(client: TestClient) -> None:
    page = client.get("/reforms/fare-cap?standing=all").text
    assert 'href="/actors/council?standing=all"' in page
    assert f'href="/articles/cap-news?statement={EARLY.id}&amp;standing=all#s-{EARLY.id}"' in page
    assert '<a href="/review">' in page
    search = client.get("/search?standing=checked").text
    assert '<input type="hidden" name="standing" value="checked">' in search
    assert "standing=" not in client.get("/actors/council").text.partition("Show")[2].partition("</p>")[2]
    assert json.loads(client.get("/api/actors?standing=all").text)["standing"] == "all"


def test_a_change_shows_the_sides_of_all_statements_before_and_after() -> None:
    split = [factory.statement(), factory.statement("Harbour Lines opposed it.", stance=Stance.OPPOSE)]
    later = [replace(each, article="later", stance=Stance.SUPPORT) for each in split]
    with memory_store() as made:
        build(made, factory.domain(), [factory.article(), factory.article(id="later", date="2033-01")], split + later)
        (change,) = changes(made).items
    assert (change.was, change.now) == (Stance.MIXED, Stance.SUPPORT)
    assert change.before.stance is not Stance.MIXED
