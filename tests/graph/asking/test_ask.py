"""Plain questions: many wordings have one meaning, and a question that is read freely says how it was read."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from graph.asking.ask import ask
from graph.asking.grammar import examples, grammar
from graph.asking.names import id_meant
from graph.asking.periods import ALWAYS, periods
from graph.asking.questions import questions
from graph.asking.understanding import NotUnderstood, understand
from graph.building import build
from graph.domain.folder import read_domain
from graph.errors import BadQuestion, UnknownReform
from graph.model import Actor, Article, Reform, Stance, Statement
from graph.store.embedded import Store, memory_store
from tests import factory

AGAINST = "Harbour Lines opposed it."
SHIPPED = Path(__file__).parents[3] / "corpus" / "childrens-social-care"


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
        factory.statement(
            AGAINST, actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE, speaker="Vera Tide"
        ),
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


def test_grounds_and_changes_are_told(store: Store) -> None:
    ground = ask(store, "why is the fare cap opposed?").answers[0]
    assert ground.concern is not None
    assert ground.concern.label == "Cost"
    change = ask(store, "whose position has changed?").answers[0].change
    assert change is not None
    assert (change.before, change.after, change.date) == (Stance.SUPPORT, Stance.OPPOSE, "2033")


def test_counts_are_told_where_a_line_has_no_passage(store: Store) -> None:
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
        ("", "empty; ask for instance: .*Fare cap"),
        (" ?! ", "empty"),
        ("x" * 501, "at most 500"),
        ("who opposes", "not a question that is understood here; ask for instance: "),
        ("who opposes fare?", "Fares reform"),
        ("who opposes zeppelins?", "nor any of a name like it"),
        ("who supports passes?", r"can mean .*Day passes.* or .*Support for bus passes"),
    ],
)
def test_a_question_without_a_reading_is_refused(store: Store, text: str, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        ask(store, text)


@pytest.mark.parametrize("text", ["", "what is that", "who opposes", "who opposes fare?", "who supports passes?"])
def test_every_refused_question_leads_to_questions_that_are_understood(store: Store, text: str) -> None:
    with pytest.raises(NotUnderstood) as refused:
        ask(store, text)
    assert refused.value.others
    for other in refused.value.others:
        assert ask(store, other).note == ""


@pytest.mark.parametrize(
    ("text", "understood", "note"),
    [
        ("who loves the fare cap?", "Who stands where on Fare cap?", "“loves”"),
        ("who opposes the fare cup?", "Who opposes Fare cap?", "“fare cup” was read as “Fare cap”"),
        (
            "what does Harbor Lines think of the fare cap?",
            "What does Harbour Lines think of Fare cap?",
            "“harbor lines”",
        ),
        ("who agrees with harbour lines and its parts", "Who agrees with Harbour Lines?", "closest"),
        ("who isn't keen on the fare cap", "Who stands where on Fare cap?", "“isn't”"),
        ("is there anything that Zork opposes on night buses", "Who opposes Night buses?", "“zork”"),
    ],
)
def test_the_closest_reading_says_how_it_reads(store: Store, text: str, understood: str, note: str) -> None:
    answered = ask(store, text)
    assert answered.understood == understood
    assert note in answered.note
    assert answered.recognised
    assert understood not in answered.others


def test_a_person_a_publisher_and_a_ground_can_be_asked_about(store: Store) -> None:
    said = ask(store, "What did Vera Tide say?")
    assert [each.quote for answer in said.answers for each in answer.evidence] == [AGAINST]
    assert ask(store, "who speaks for Harbour Lines?").answers[0].person == "Vera Tide"
    assert ask(store, "What has the Tram Gazette reported?").parameters == {"publisher": "The Tram Gazette"}
    assert [it.actor.id for it in ask(store, "who is worried about the cost?").answers if it.actor] == ["council"]


def test_a_position_of_a_period_rests_on_the_statements_of_the_period(store: Store) -> None:
    asked = ask(store, "who supported the fare cap before 2032?")
    assert asked.understood == "Who supports Fare cap, before 2032?"
    assert [(it.actor.id, it.stance) for it in asked.answers if it.actor] == [("council", Stance.SUPPORT)]
    assert ask(store, asked.understood).query == asked.query


@pytest.mark.parametrize(
    ("words", "since", "before"),
    [
        ("before 2024", "", "2024"),
        ("since March 2023", "2023-03", ""),
        ("after 2023-05-31", "2023-06-01", ""),
        ("until december 2023", "", "2024"),
        ("in 2023", "2023", "2024"),
        ("on 5 May", "", ""),
        ("between 2022 and June 2023", "2022", "2023-07"),
        ("last year", "2030", "2031"),
        ("this year", "2031", "2032"),
        ("since 2023-13", "", ""),
        ("since 31 February 2023", "", ""),
    ],
)
def test_periods_are_read(words: str, since: str, before: str) -> None:
    tokens = grammar().spelling.tokens(f"who opposes it {words}")
    found = [
        period for period, rest in periods(tokens, today=date(2031, 3, 4)) if list(rest) == ["who", "opposes", "it"]
    ]
    assert [(each.since, each.before) for each in found if each != ALWAYS] == (
        [(since, before)] if since or before else []
    )


def test_an_id_is_found_by_any_name(store: Store) -> None:
    assert id_meant(store, "reform", "capped fares") == id_meant(store, "reform", "fare-cap") == "fare-cap"
    assert id_meant(store, "actor", "the NBU") == "nbu"
    with pytest.raises(BadQuestion, match="can mean"):
        id_meant(store, "reform", "the passes")
    with pytest.raises(BadQuestion, match="did you mean Fare cap"):
        id_meant(store, "reform", "fare cup")
    with pytest.raises(UnknownReform):
        id_meant(store, "reform", "zeppelins")


@pytest.fixture(scope="module")
def shipped() -> Store:
    """The shipped policy area with its coded statements; of each text, the passages."""
    coded = [json.loads(line) for line in (SHIPPED / "coding.jsonl").read_text(encoding="utf-8").splitlines()]
    made = memory_store()
    build(made, read_domain(SHIPPED), _articles(coded), [_statement(each) for each in coded])
    return made


def _articles(coded: list[dict[str, str]]) -> Iterator[Article]:
    with (SHIPPED / "articles.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            passages = [each for each in coded if each["article"] == row["id"]]
            text = [" "] * max(int(each["end"]) for each in passages)
            for each in passages:
                text[int(each["start"]) : int(each["end"])] = each["quote"]
            yield Article(
                id=row["id"], text="".join(text), title=row["title"], publisher=row["publisher"], date=row["date"]
            )


def _statement(coded: dict[str, str]) -> Statement:
    return Statement(
        article=coded["article"],
        start=int(coded["start"]),
        end=int(coded["end"]),
        quote=coded["quote"],
        actor=coded["actor"],
        actor_label=coded["actor_label"],
        speaker=coded["speaker"],
        reform=coded["reform"],
        stance=Stance(coded["stance"]),
        concerns=tuple(coded["concerns"]),
        condition=coded["condition"],
    )


@pytest.mark.parametrize(("file", "number"), [("phrasings.tsv", 111), ("phrasings_aside.tsv", 40)])
def test_nine_of_ten_natural_wordings_are_read_right_and_none_wrong_without_a_note(
    shipped: Store, file: str, number: int
) -> None:
    rows = [line.split("\t") for line in (Path(__file__).parent / file).read_text(encoding="utf-8").splitlines()[1:]]
    assert len(rows) == number
    right, silent = 0, []
    for text, question, given in rows:
        wanted = dict(pair.split("=") for pair in given.split(";") if pair)
        try:
            reading = understand(shipped, text)
        except NotUnderstood:
            continue
        if (reading.question, reading.parameters()) == (question, wanted):
            right += 1
        elif not reading.note:
            silent.append(text)
    assert silent == []
    assert right >= 0.9 * number


def test_a_name_to_the_letter_goes_before_one_with_another_ending() -> None:
    domain = factory.domain()
    reforms = {**domain.reforms, "caps": Reform(id="caps", label="Fare caps")}
    made = memory_store()
    build(made, replace(domain, reforms=reforms), [], [])
    assert understand(made, "who opposes fare caps").values == (("reform", "caps"),)
    assert understand(made, "who opposes the fare cap").values == (("reform", "fare-cap"),)


def test_a_name_to_the_letter_goes_before_another_kind_of_thing_with_another_ending() -> None:
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
        assert set(form.slots.values()) - {"until"} | {form.slots.get(it, it) for it in form.places} <= stored
        assert set(form.fixed) <= stored
        if form.dated:
            dated = {parameter.name for parameter in questions()[form.dated].parameters}
            limits = {form.slots.get(it, it) for it in ("since", "before")}
            places = {form.slots.get(it, it) for it in form.places}
            assert limits | places | set(form.dated_fixed) <= dated


def test_every_stored_question_can_be_asked_in_words() -> None:
    assert {name for form in grammar().forms for name in (form.question, form.dated) if name} == set(questions())


@pytest.mark.parametrize("says", list(dict.fromkeys(form.says for form in grammar().forms)))
def test_each_kind_of_question_is_understood_in_its_own_words(store: Store, says: str) -> None:
    places = {
        "actor": "Harbour Lines",
        "one": "Harbour Lines",
        "other": "City Council",
        "reform": "Night buses",
        "concern": "Cost",
        "person": "Vera Tide",
        "publisher": "The Tram Gazette",
    }
    reading = understand(store, says.format(**places))
    assert (reading.form.says, reading.note) == (says, "")


def test_examples_name_no_thing() -> None:
    assert "Who opposes REFORM?" in examples()
