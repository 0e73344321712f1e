"""Findings supported by statements, worded no stronger than they are, with passages from several actors."""

from dataclasses import replace
from typing import Any

import pytest

from graph.briefing.findings import briefing, office, strongest
from graph.briefing.types import BriefingMaterial, Caution, Coverage, Footing, Length, Scope, Subject, ThinEvidence
from graph.degrees import Degree, degree, stands
from graph.model import Accord, Article, Cue, Manner, Position, Stance, Standing, Statement
from graph.positions import claims, positions
from tests import factory

SENTENCES = {
    "council": "The council welcomed the fare cap.",
    "harbour": "Harbour Lines said that the cap would empty its tills.",
    "riders": "Riders found the cap fair.",
    "riders-but": "Riders feared that fewer buses would run.",
    "guild": "The guild backs a cap if drivers are paid for it.",
    "chamber": "The chamber awaits the details.",
}


def said(who: str, stance: Stance, *, article: str = "one", actor: str = "", **changes: Any) -> Statement:
    quote = SENTENCES[who]
    start = TEXT.index(quote)
    actor = actor or who.partition("-")[0]
    return factory.statement(
        quote, article=article, start=start, actor=actor, actor_label=actor.title(), stance=stance, **changes
    )


TEXT = " ".join(SENTENCES.values())


def article(id: str, **changes: Any) -> Article:
    return factory.article(id=id, text=TEXT, **changes)


def material(statements: list[Statement], *articles: Article, **changes: Any) -> BriefingMaterial:
    known = {each.id: each for each in articles or (article("one"),)}
    return replace(
        BriefingMaterial(
            scope=Scope(subject=Subject.REFORM, reforms=("fare-cap",)),
            reforms={"fare-cap": "Fare cap", "night-buses": "Night buses"},
            concerns={"cost": "Cost"},
            positions=held(statements, known),
            statements=statements,
            articles=known,
            coverage=Coverage(articles=len(known), articles_read=len(known), statements=len(statements)),
            statements_at="https://buses.example/id/statement/",
        ),
        **changes,
    )


def held(statements: list[Statement], articles: dict[str, Article]) -> list[Position]:
    return positions(claims(statements, articles))


def firm(effect: str, weight: float = 0.9) -> tuple[Cue, ...]:
    return (Cue(text="x", start=0, end=1, effect=effect, weight=weight),)


@pytest.mark.parametrize(
    ("stance", "cues", "condition", "expected"),
    [
        (Stance.SUPPORT, firm("support"), None, Degree.SUPPORTS),
        (Stance.SUPPORT, firm("support", 0.5), None, Degree.SPEAKS_FOR),
        (Stance.SUPPORT, (), None, Degree.SPEAKS_FOR),
        (Stance.SUPPORT, firm("support"), "if it is paid for", Degree.SUPPORTS_IF),
        (Stance.MIXED, firm("support"), "if it is paid for", Degree.SUPPORTS_IF),
        (Stance.MIXED, firm("condition"), "it must be paid for", Degree.SETS_CONDITION),
        (Stance.MIXED, firm("support"), None, Degree.BOTH_SIDES),
        (Stance.OPPOSE, firm("oppose"), None, Degree.OPPOSES),
        (Stance.OPPOSE, firm("oppose", 0.5), None, Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, firm("oppose", 0.7), None, Degree.CRITICISES),
        (Stance.OPPOSE, firm("oppose", 0.7) + firm("oppose", 0.4), None, Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, firm("oppose") + firm("oppose", 0.4), None, Degree.OPPOSES),
        (Stance.OPPOSE, (), None, Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, firm("support"), None, Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, firm("oppose") + firm("support"), None, Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, firm("oppose") + firm("support", -1.0), None, Degree.OPPOSES),
        (Stance.SUPPORT, firm("support") + firm("oppose"), None, Degree.SPEAKS_FOR),
        (Stance.NEUTRAL, firm("support"), None, Degree.TAKES_NO_SIDE),
    ],
)
def test_a_passage_is_worded_no_stronger_than_its_cues(
    stance: Stance, cues: tuple[Cue, ...], condition: str | None, expected: Degree
) -> None:
    assert degree(factory.statement(stance=stance, cues=cues, condition=condition)) is expected


def test_an_uncertain_passage_is_not_worded_as_plain() -> None:
    doubtful = factory.statement(stance=Stance.OPPOSE, cues=firm("oppose"), confidence=0.49)

    assert degree(doubtful) is Degree.HAS_RESERVATIONS


@pytest.mark.parametrize(
    ("stance", "passages", "expected"),
    [
        (Stance.OPPOSE, [("oppose", 0.5), ("oppose", 0.9)], Degree.OPPOSES),
        (Stance.OPPOSE, [("oppose", 0.5)], Degree.HAS_RESERVATIONS),
        (Stance.OPPOSE, [], Degree.HAS_RESERVATIONS),
        (Stance.SUPPORT, [], Degree.SPEAKS_FOR),
        (Stance.MIXED, [], Degree.BOTH_SIDES),
        (Stance.NEUTRAL, [], Degree.TAKES_NO_SIDE),
    ],
)
def test_an_actor_is_worded_like_its_quoted_passages(
    stance: Stance, passages: list[tuple[str, float]], expected: Degree
) -> None:
    quoted = [factory.statement(stance=stance, cues=firm(effect, weight)) for effect, weight in passages]

    assert stands(stance, quoted) is expected


def test_passages_of_both_sides_are_never_reduced_to_a_condition() -> None:
    conditional = factory.statement(stance=Stance.MIXED, condition="if", cues=firm("support"))
    doubts, rejects = (factory.statement(stance=Stance.OPPOSE, cues=firm("oppose", weight)) for weight in (0.4, 1.0))

    assert stands(Stance.MIXED, [conditional]) is Degree.SUPPORTS_IF
    assert stands(Stance.MIXED, [conditional, doubts]) is Degree.FOR_WITH_RESERVATIONS
    assert stands(Stance.MIXED, [conditional, rejects]) is Degree.BOTH_SIDES
    assert stands(Stance.MIXED, [doubts]) is Degree.BOTH_SIDES


def test_a_plan_is_worded_as_a_plan_if_no_passage_supports_it_plainly() -> None:
    plan = factory.statement(manner=Manner.PLAN)
    welcome = factory.statement(cues=firm("support"))

    assert stands(Stance.SUPPORT, [plan]) is Degree.PLANS
    assert stands(Stance.SUPPORT, [plan, welcome]) is Degree.SUPPORTS


def test_a_footnote_states_whether_a_person_has_checked() -> None:
    statements = [said("council", Stance.SUPPORT), said("harbour", Stance.OPPOSE)]

    made = briefing(material(statements, reviews={statements[0].id: "accepted"}))

    assert [note.review for note in made.footnotes] == ["accepted", "unchecked"]


def test_every_actor_is_quoted_once_before_any_twice() -> None:
    sure = said("council", Stance.SUPPORT, confidence=0.9)
    again = said("riders", Stance.SUPPORT, actor="council", article="two", confidence=0.8)
    weak = said("guild", Stance.SUPPORT, confidence=0.4)
    known = {id: article(id) for id in ("one", "two")}

    assert strongest([again, weak, sure], known, most=2, each=2) == [sure, weak]
    assert strongest([again, weak, sure], known, most=3, each=2) == [sure, weak, again]
    assert strongest([again, weak, sure], known, most=3, each=1) == [sure, weak]


def test_checked_passages_go_first_and_quoted_ones_before_reported_ones() -> None:
    checked = said("guild", Stance.SUPPORT, confidence=0.4)
    reported = said("council", Stance.SUPPORT, confidence=0.9, manner=Manner.REPORTED)
    quoted = said("riders", Stance.SUPPORT, confidence=0.9, manner=Manner.DIRECT)
    standings = {checked.id: Standing.CHECKED, reported.id: Standing.LIKELY, quoted.id: Standing.LIKELY}

    found = strongest([reported, quoted, checked], {"one": article("one")}, most=3, standings=standings)

    assert found == [checked, quoted, reported]


def test_of_passages_about_as_sure_the_newest_goes_first() -> None:
    older = said("council", Stance.SUPPORT, confidence=0.93, article="old")
    newer = said("riders", Stance.SUPPORT, confidence=0.91, article="new")
    known = {"old": article("old", date="2029-05"), "new": article("new", date="2031")}

    assert strongest([older, newer], known, most=1) == [newer]


def test_of_passages_about_as_sure_plain_words_go_before_newer_ones() -> None:
    plain = said("council", Stance.SUPPORT, cues=firm("support"), article="old")
    newer = said("riders", Stance.SUPPORT, cues=firm("support", 0.5), article="new")
    known = {"old": article("old", date="2029-05"), "new": article("new", date="2031")}

    assert strongest([newer, plain], known, most=1) == [plain]


def test_a_comparison_counts_all_reforms_and_lists_disagreements_first() -> None:
    statements = [
        said("council", Stance.SUPPORT),
        said("riders", Stance.SUPPORT),
        said("riders-but", Stance.OPPOSE, reform="night-buses"),
        said("council", Stance.SUPPORT, reform="night-buses"),
        said("council", Stance.SUPPORT, reform="lanes"),
    ]
    scope = Scope(subject=Subject.COMPARISON, actors=("council", "riders"), length=Length.ONE_PAGE)
    reforms = {"fare-cap": "Fare cap", "lanes": "Lanes", "night-buses": "Night buses"}

    made = briefing(material(statements, scope=scope, reforms=reforms))

    assert [standing.reform.id for standing in made.standings if standing.reform] == ["night-buses", "fare-cap"]
    assert {verdict: [reform.id for reform in found] for verdict, found in made.compared.items()} == {
        Accord.PART: ["night-buses"],
        Accord.AGREE: ["fare-cap"],
        Accord.ONE: ["lanes"],
    }
    assert (made.untold_count, [reform.id for reform in made.untold]) == (1, ["lanes"])


def test_a_camps_briefing_begins_with_what_most_members_speak_on() -> None:
    statements = [
        said("council", Stance.SUPPORT),
        said("council", Stance.SUPPORT, reform="night-buses"),
        said("riders", Stance.SUPPORT, reform="night-buses"),
    ]

    made = briefing(material(statements, scope=Scope(subject=Subject.CAMP, actors=("council", "riders"))))

    assert [standing.reform.id for standing in made.standings if standing.reform] == ["night-buses", "fare-cap"]


@pytest.mark.parametrize(("release", "expected"), [("", 2), ("first", 1)])
def test_never_two_passages_come_from_one_release(release: str, expected: int) -> None:
    known = {"first": article("first"), "copy": article("copy", release=release)}
    statements = [said("council", Stance.SUPPORT, article="first"), said("riders", Stance.SUPPORT, article="copy")]

    assert len(strongest(statements, known, most=5)) == expected


def test_an_actor_is_not_quoted_twice_from_one_article_or_in_the_same_words() -> None:
    known = {id: article(id) for id in ("one", "two")}
    first = said("council", Stance.SUPPORT, article="one", confidence=0.9)
    same_article = said("riders", Stance.SUPPORT, article="one", actor="council", confidence=0.7)
    same_words = said("council", Stance.SUPPORT, article="two", confidence=0.8)

    assert strongest([first, same_article, same_words], known, most=9, each=9) == [first]


def test_sides_list_their_actors_with_full_counts() -> None:
    made = briefing(
        material(
            [
                said("council", Stance.SUPPORT),
                said("harbour", Stance.OPPOSE),
                said("riders", Stance.SUPPORT),
                said("riders-but", Stance.OPPOSE),
                said("chamber", Stance.NEUTRAL),
            ]
        )
    )

    sides = {side.stance: [holder.actor.id for holder in side.holders] for side in made.standings[0].sides}
    assert sides == {
        Stance.SUPPORT: ["council"],
        Stance.MIXED: ["riders"],
        Stance.OPPOSE: ["harbour"],
        Stance.NEUTRAL: ["chamber"],
    }


def test_who_is_on_both_sides_is_shown_with_a_passage_of_each_even_from_one_release() -> None:
    copy = article("one", release="first")
    made = briefing(material([said("riders", Stance.SUPPORT), said("riders-but", Stance.OPPOSE)], copy))

    riders = made.standings[0].side(Stance.MIXED).holders[0]
    quotes = [made.footnotes[number - 1].quote for number in riders.passages]
    assert quotes == [SENTENCES["riders"], SENTENCES["riders-but"]]
    assert riders.degree is Degree.FOR_WITH_RESERVATIONS
    assert riders.counts == {Stance.SUPPORT: 1, Stance.OPPOSE: 1}


def test_a_passage_that_is_not_in_its_article_is_replaced_by_the_next() -> None:
    bad = replace(said("council", Stance.SUPPORT, confidence=0.9), quote="The council welcomed the fare lid.")
    good = said("riders", Stance.SUPPORT, actor="council", confidence=0.5)

    made = briefing(material([bad, good]))

    assert [note.quote for note in made.footnotes] == [SENTENCES["riders"]]
    assert [refusal.statement for refusal in made.refused] == [bad.id]


def test_an_actor_whose_only_passage_is_refused_still_counts() -> None:
    bad = replace(said("council", Stance.SUPPORT), quote="The council welcomed the fare lid.")

    side = briefing(material([bad])).standings[0].side(Stance.SUPPORT)

    assert (side.count, side.holders, [holder.actor.id for holder in side.others]) == (1, (), ["council"])


def test_footnotes_are_numbered_in_reading_order_and_locate_the_words() -> None:
    note = briefing(
        material([said("council", Stance.SUPPORT, speaker="Ada Quill")], people=list(factory.domain().actors.values()))
    ).footnotes[0]

    assert (note.number, note.speaker, note.office) == (1, "Ada Quill", "chair of transport")
    assert note.address == f"https://buses.example/id/statement/{note.statement}"
    assert (note.publisher, note.date, note.url) == ("The Tram Gazette", "2031-03-04", "https://gazette.example/cap")
    assert TEXT[note.proof.start : note.proof.end] == note.quote


@pytest.mark.parametrize(
    ("speaker", "date", "expected"),
    [
        ("Ada Quill", "2031-03-04", "chair of transport"),
        ("Cllr Quill", "2031", "chair of transport"),
        ("Ada Quill", "", "chair of transport"),
        ("Ada Quill", "2027", ""),
        ("Ada Quill", "2033-01", ""),
        ("Bo Larch", "2031", ""),
        (None, "2031", ""),
    ],
)
def test_an_office_is_the_one_held_when_it_was_said(speaker: str | None, date: str, expected: str) -> None:
    people = factory.domain().actors.values()

    assert office(factory.statement(speaker=speaker), date, people) == expected


def test_grounds_name_their_actors_and_cite_a_passage() -> None:
    made = briefing(
        material(
            [
                said("harbour", Stance.OPPOSE, concerns=("cost",)),
                said("guild", Stance.MIXED, concerns=("cost",)),
                said("council", Stance.SUPPORT),
            ]
        )
    )

    (ground,) = made.standings[0].grounds
    assert (ground.concern.label, ground.count) == ("Cost", 2)
    assert {stance: [actor.id for actor in actors] for stance, actors in ground.holders.items()} == {
        Stance.MIXED: ["guild"],
        Stance.OPPOSE: ["harbour"],
    }
    assert {made.footnotes[number - 1].actor.id for number in ground.passages} == {"guild", "harbour"}


def test_a_condition_is_quoted_only_in_words_of_its_passage() -> None:
    statements = [
        said("guild", Stance.MIXED, condition="if drivers are paid for it"),
        said("riders", Stance.SUPPORT, condition="if it rains"),
    ]

    conditions = briefing(material(statements)).standings[0].conditions

    assert [(each.actor.id, each.words) for each in conditions] == [("guild", "if drivers are paid for it")]


@pytest.mark.parametrize(
    ("footing", "expected"),
    [
        ({"originals": 1, "article": "A cap"}, [Caution.ONE_ARTICLE]),
        ({"publishers": 1, "publisher": "The Tram Gazette"}, [Caution.ONE_PUBLISHER]),
        ({"confidence": 0.4}, [Caution.LOW_CONFIDENCE]),
        ({"originals": 1, "confidence": 0.4}, [Caution.ONE_ARTICLE, Caution.LOW_CONFIDENCE]),
        ({}, []),
    ],
)
def test_a_side_that_rests_on_little_is_warned_of(footing: dict[str, Any], expected: list[Caution]) -> None:
    rests = Footing(
        **{
            "reform": "fare-cap",
            "stance": Stance.OPPOSE,
            "originals": 2,
            "publishers": 2,
            "confidence": 1.0,
            **footing,
        }
    )

    warnings: tuple[ThinEvidence, ...] = (
        briefing(material([said("harbour", Stance.OPPOSE)], footings=[rests])).standings[0].warnings
    )

    assert [warning.caution for warning in warnings] == expected


def test_an_actors_briefing_puts_its_reforms_on_the_sides() -> None:
    statements = [said("council", Stance.SUPPORT), said("council", Stance.OPPOSE, reform="night-buses")]

    made = briefing(material(statements, scope=Scope(subject=Subject.ACTOR, actors=("council",))))

    (standing,) = made.standings
    assert standing.reform is None
    assert [(side.stance, side.holders[0].reform.id) for side in standing.sides] == [
        (Stance.SUPPORT, "fare-cap"),
        (Stance.OPPOSE, "night-buses"),
    ]


@pytest.mark.parametrize(("length", "quoted"), [(Length.ONE_PAGE, 2), (Length.TWO_PAGES, 3), (Length.FULL, 6)])
def test_a_shorter_length_quotes_fewer_and_names_the_rest(length: Length, quoted: int) -> None:
    statements = [said(who, Stance.SUPPORT, actor=f"a-{who}") for who in SENTENCES]
    scope = Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=length)

    side = briefing(material(statements, scope=scope)).standings[0].side(Stance.SUPPORT)

    assert (len(side.holders), len(side.others), side.more) == (quoted, 6 - quoted, 0)


def test_the_order_of_the_material_does_not_matter() -> None:
    statements = [said(who, Stance.SUPPORT) for who in ("council", "harbour", "guild")]

    assert briefing(material(statements)) == briefing(material(statements[::-1]))


def test_a_reform_without_statements_has_a_standing_without_sides() -> None:
    made = briefing(material([], reforms={"fare-cap": "Fare cap"}))

    assert [(standing.reform.label, standing.sides) for standing in made.standings if standing.reform] == [
        ("Fare cap", ())
    ]
