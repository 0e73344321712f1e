"""Plain questions: many wordings with one meaning; a question that is not understood is refused, not guessed."""

from dataclasses import replace

import pytest

from graph.asking.ask import ask, examples, grammar, understand
from graph.asking.questions import questions
from graph.building import build
from graph.errors import BadQuestion
from graph.model import Actor, Reform, Stance
from graph.store.embedded import Store, memory_store
from tests import factory

AGAINST = "Harbour Lines opposed it."


@pytest.fixture(scope="module")
def store() -> Store:
    domain = factory.domain()
    reforms = {
        **domain.reforms,
        "passes": Reform(id="passes", label="Support for bus passes", aliases=("passes",)),
        "day-passes": Reform(id="day-passes", label="Day passes", aliases=("passes",)),
    }
    actors = {**domain.actors, "nbu": Actor(id="nbu", label="Night Bus Union", aliases=("NBU",))}
    made = memory_store()
    statements = [
        factory.statement(),
        factory.statement(article="later", stance=Stance.OPPOSE, concerns=("cost",)),
        factory.statement(AGAINST, actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE),
    ]
    articles = [factory.article(), factory.article(id="later", date="2033")]
    build(made, replace(domain, reforms=reforms, actors=actors), articles, statements)
    return made


@pytest.mark.parametrize(
    ("text", "question", "values"),
    [
        ("who opposes the fare cap?", "who-opposes", {"reform": "fare-cap"}),
        ("WHO IS AGAINST FARE CAPS", "who-opposes", {"reform": "fare-cap"}),
        ("Who\u2019s opposed to capped fares?", "who-opposes", {"reform": "fare-cap"}),
        ("Which organisations object to night-buses?", "who-opposes", {"reform": "night-buses"}),
        ("Does anybody reject the night bus?", "who-opposes", {"reform": "night-buses"}),
        ("who supports support for bus passes?", "who-supports", {"reform": "passes"}),
        ("Who is in favour of night buses?", "who-supports", {"reform": "night-buses"}),
        ("who is split on the fare cap?", "who-is-split", {"reform": "fare-cap"}),
        ("who is split?", "who-is-split", {}),
        ("where does everybody stand on night buses?", "who-stands-where", {"reform": "night-buses"}),
        ("Night buses", "who-stands-where", {"reform": "night-buses"}),
        ("what does the NBU think of the fare cap", "what-an-actor-thinks", {"actor": "nbu", "reform": "fare-cap"}),
        ("What is NBU's position on the fare cap?", "what-an-actor-thinks", {"actor": "nbu", "reform": "fare-cap"}),
        (
            "Is the night bus union for or against night buses?",
            "what-an-actor-thinks",
            {"actor": "nbu", "reform": "night-buses"},
        ),
        ("Where does Harbour Lines stand?", "what-an-actor-thinks", {"actor": "harbour-lines"}),
        ("harbour", "what-an-actor-thinks", {"actor": "harbour-lines"}),
        ("what does harbour oppose?", "what-an-actor-thinks", {"actor": "harbour-lines", "held": "oppose"}),
        ("which reforms divide the field?", "which-reforms-divide", {}),
        ("Why is the fare cap opposed?", "grounds-of-opposition", {"reform": "fare-cap"}),
        (
            "on what grounds does the council oppose the fare cap?",
            "grounds-of-opposition",
            {"actor": "council", "reform": "fare-cap"},
        ),
        ("why is the fare cap supported", "grounds-of-support", {"reform": "fare-cap"}),
        ("On what conditions is the fare cap supported?", "conditions-of-support", {"reform": "fare-cap"}),
        ("whose position on the fare cap has changed?", "changed-position", {"reform": "fare-cap"}),
        ("who has changed their mind", "changed-position", {}),
        (
            "Has Harbour Lines changed its mind on the fare cap?",
            "changed-position",
            {"actor": "harbour-lines", "reform": "fare-cap"},
        ),
        ("who is silent on night buses?", "silent-on-a-reform", {"reform": "night-buses"}),
        ("who agrees with Harbour Lines?", "who-agrees-with", {"with": "harbour-lines"}),
        ("who disagrees with Cllr Quill", "who-disagrees-with", {"with": "ada-quill"}),
    ],
)
def test_wordings_are_understood(store: Store, text: str, question: str, values: dict[str, str]) -> None:
    answered = ask(store, text)
    assert (answered.question, dict(answered.parameters)) == (question, values)


@pytest.mark.parametrize(
    "text",
    ["who opposes fares reform and its parts?", "Who opposes the fares reform, including all its narrower reforms?"],
)
def test_narrower_reforms_are_meant_when_the_question_says_so(store: Store, text: str) -> None:
    answered = ask(store, text)
    assert answered.narrower
    assert answered.understood == "Who opposes Fares reform, including narrower reforms?"
    assert [answer.actor.id for answer in answered.answers if answer.actor] == ["harbour-lines", "council"]


def test_opponents_come_first_and_the_split_are_shown_as_such_with_both_passages(store: Store) -> None:
    answered = ask(store, "who opposes the fare cap?")
    assert answered.understood == "Who opposes Fare cap?"
    told = [
        (answer.actor.label if answer.actor else "", answer.stance, [each.stance for each in answer.evidence])
        for answer in answered.answers
    ]
    assert told == [
        ("Harbour Lines", Stance.OPPOSE, [Stance.OPPOSE]),
        ("City Council", Stance.MIXED, [Stance.SUPPORT, Stance.OPPOSE]),
    ]
    evidence = answered.answers[0].evidence[0]
    assert (evidence.quote, evidence.title, evidence.publisher, evidence.date, evidence.url) == (
        AGAINST,
        "A cap on fares",
        "The Tram Gazette",
        "2031-03-04",
        "https://gazette.example/cap",
    )


def test_the_query_run_by_hand_names_the_same_statements(store: Store) -> None:
    answered = ask(store, "who opposes the fare cap?")
    by_hand = {row["statement"].rpartition("/")[2] for row in store.select(answered.query)}
    assert by_hand == {each.id for answer in answered.answers for each in answer.evidence}


def test_grounds_and_changes_are_shown(store: Store) -> None:
    ground = ask(store, "why is the fare cap opposed?").answers[0]
    assert ground.concern is not None
    assert ground.concern.label == "Cost"
    change = ask(store, "whose position has changed?").answers[0].change
    assert change is not None
    assert (change.before, change.after, change.date) == (Stance.SUPPORT, Stance.OPPOSE, "2033")


def test_counts_are_shown_if_a_line_has_no_passage(store: Store) -> None:
    answer = ask(store, "who is silent on night buses?").answers[0]
    assert (answer.counts, answer.evidence) == ({"elsewhere": 1}, ())


def test_of_very_many_answers_the_first_are_given_and_all_are_counted(store: Store) -> None:
    answered = ask(store, "who opposes the fare cap?", limit=1)
    assert [answer.actor.id for answer in answered.answers if answer.actor] == ["harbour-lines"]
    assert answered.total == 2


def test_of_very_many_passages_some_of_each_stance_are_given(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    made = memory_store()
    first = [factory.statement(factory.TEXT[start : start + 9], start=start) for start in range(4)]
    last = factory.statement(AGAINST, stance=Stance.OPPOSE)
    build(made, factory.domain(), [factory.article()], [*first, last])
    monkeypatch.setattr("graph.asking.ask.PASSAGES", 2)
    answer = ask(made, "who opposes the fare cap?").answers[0]
    assert answer.statements == 5
    assert sorted(each.stance for each in answer.evidence) == [Stance.OPPOSE, Stance.SUPPORT]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" ?! ", "empty"),
        ("x" * 501, "at most 500"),
        ("who loves the fare cap?", "not a question that is understood here; ask for instance: Who"),
        ("who opposes", "Who opposes REFORM"),
        ("who opposes the fare cup?", "no reform 'the fare cup' in this graph; did you mean Fare cap"),
        ("who opposes fare?", "Fares reform"),
        ("who opposes zeppelins?", "nor any of a name like it"),
        ("who opposes Harbour Lines?", "'Harbour Lines'"),
        ("what does Harbor Lines think of the fare cap?", "no actor 'harbor lines'.*Harbour Lines"),
        ("who supports passes?", r"can mean .*Day passes.* or .*Support for bus passes"),
        ("who agrees with harbour lines and its parts", "no actor .*did you mean Harbour Lines"),
    ],
)
def test_a_question_that_is_not_understood_is_refused(store: Store, text: str, message: str) -> None:
    with pytest.raises(BadQuestion, match=message):
        ask(store, text)


def test_an_exact_name_beats_one_with_another_ending() -> None:
    domain = factory.domain()
    reforms = {**domain.reforms, "caps": Reform(id="caps", label="Fare caps")}
    made = memory_store()
    build(made, replace(domain, reforms=reforms), [], [])
    assert understand(made, "who opposes fare caps").values == (("reform", "caps"),)
    assert understand(made, "who opposes the fare cap").values == (("reform", "fare-cap"),)


def test_an_exact_name_beats_another_kind_of_thing_with_another_ending() -> None:
    domain = factory.domain()
    actors = {**domain.actors, "campaign": Actor(id="campaign", label="Fare Cap")}
    reforms = {"fare-caps": Reform(id="fare-caps", label="Fare caps")}
    made = memory_store()
    build(made, replace(domain, reforms=reforms, actors=actors), [], [])
    assert understand(made, "fare caps").values == (("reform", "fare-caps"),)
    assert understand(made, "fare cap").values == (("actor", "campaign"),)


def test_every_form_asks_a_stored_question_with_its_parameters() -> None:
    for form in grammar().forms:
        stored = {parameter.name for parameter in questions()[form.question].parameters}
        assert set(form.slots.values()) <= stored
        assert not form.held or "held" in stored


def test_every_stored_question_can_be_asked_in_words() -> None:
    assert {form.question for form in grammar().forms} == set(questions())


@pytest.mark.parametrize("example", examples())
def test_each_example_is_understood(store: Store, example: str) -> None:
    asked = example.replace("ACTOR", "Harbour Lines").replace("REFORM", "night buses")
    assert understand(store, asked).form.says.format(actor="ACTOR", reform="REFORM") == example
