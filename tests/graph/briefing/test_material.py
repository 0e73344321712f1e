"""What a briefing gathers from a store: the counts of the graph, the passages worth quoting, and runnable queries."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from graph.briefing.material import agreements, briefing_for, material
from graph.briefing.types import Briefing, Caution, Length, Scope, Subject
from graph.building import build
from graph.errors import BadRequest, UnknownActor, UnknownReform
from graph.model import Article, Position, Stance, Statement
from graph.positions import derive
from graph.rdf.terms import Literal, Triple
from graph.rdf.vocabulary import SCHEMA, graph_iri, iri
from graph.store.embedded import Store, memory_store
from tests import factory

EARLY = "The council doubted the fare cap. Harbour Lines opposed it."
LATE = "The council welcomed the fare cap, its chair said. Riders were split on night buses."
ARTICLES = (
    Article(id="early", text=EARLY, title="Early days", publisher="The Tram Gazette", date="2030-02"),
    Article(id="late", text=LATE, title="Late news", publisher="Evening Rail", date="2031-03-04"),
    Article(id="empty", text="Nothing of this.", date="2031-04"),
)


def said(article: str, quote: str, actor: str, stance: Stance, **changes: object) -> Statement:
    text = {each.id: each.text for each in ARTICLES}[article]
    domain = factory.domain()
    return factory.statement(
        quote,
        article=article,
        start=text.index(quote),
        actor=actor,
        actor_label=domain.actors[actor].label,
        stance=stance,
        **changes,
    )


STATEMENTS = (
    said("early", "The council doubted the fare cap.", "council", Stance.OPPOSE, concerns=("cost",), confidence=0.7),
    said("early", "Harbour Lines opposed it.", "harbour-lines", Stance.OPPOSE, confidence=0.3),
    said("late", LATE[:50], "council", Stance.SUPPORT, speaker="Ada Quill", confidence=0.9),
    said("late", LATE[51:], "riders", Stance.MIXED, reform="night-buses"),
)


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        build(made, factory.domain(), ARTICLES, STATEMENTS)
        yield made


def on(*reforms: str, **changes: object) -> Scope:
    kind = Subject.REFORM if len(reforms) == 1 else Subject.REFORMS
    return replace(Scope(subject=kind, reforms=reforms), **changes)  # type: ignore[arg-type]  # fields of the scope


def sides(briefing: Briefing) -> dict[Stance, list[str]]:
    return {
        side.stance: [holder.actor.id for holder in (*side.holders, *side.others)]
        for standing in briefing.standings
        for side in standing.sides
    }


def test_a_reform_has_the_counts_of_the_graph(store: Store) -> None:
    made = briefing_for(store, on("fare-cap"))

    assert sides(made) == {Stance.MIXED: ["council"], Stance.OPPOSE: ["harbour-lines"]}
    assert made.standings[0].side(Stance.MIXED).holders[0].counts == {Stance.SUPPORT: 1, Stance.OPPOSE: 1}
    coverage = made.coverage
    assert (coverage.articles, coverage.articles_read, coverage.statements) == (2, 3, 3)
    assert (coverage.publishers, coverage.first, coverage.last) == (
        ("Evening Rail", "The Tram Gazette"),
        "2030-02",
        "2031-03-04",
    )
    assert [note.office for note in made.footnotes if note.speaker] == ["chair of transport"]
    assert [source.id for source in made.sources] == ["early", "late"]


def test_a_period_leaves_the_rest_out(store: Store) -> None:
    made = briefing_for(store, on("fare-cap", since="2031"))

    assert sides(made) == {Stance.SUPPORT: ["council"]}
    assert made.coverage.articles == 1
    assert [note.quote for note in made.footnotes] == [LATE[:50]]


def test_a_start_date_shows_who_changed_and_who_is_new(store: Store) -> None:
    shifts = briefing_for(store, on("fare-cap", "night-buses", changed_since="2031")).shifts

    assert [(shift.actor.id, shift.before, shift.after, shift.date) for shift in shifts] == [
        ("council", Stance.OPPOSE, Stance.SUPPORT, "2031-03-04"),
        ("riders", None, Stance.MIXED, "2031-03-04"),
    ]


def test_without_a_start_date_every_change_is_listed_and_no_actor_is_new(store: Store) -> None:
    shifts = briefing_for(store, on("fare-cap", "night-buses")).shifts

    assert [(shift.actor.id, shift.before) for shift in shifts] == [("council", Stance.OPPOSE)]


def test_a_group_is_never_called_silent_and_a_member_speaks_for_its_organisation(store: Store) -> None:
    made = briefing_for(store, on("night-buses"))

    assert [(each.actor.id, each.elsewhere) for each in made.silent] == [("council", 1), ("harbour-lines", 1)]
    assert made.unheard == 0


def test_a_side_from_one_article_is_warned_of_with_its_confidence(store: Store) -> None:
    warnings = briefing_for(store, on("night-buses")).standings[0].warnings

    assert [(each.stance, each.caution, each.example) for each in warnings] == [
        (Stance.MIXED, Caution.ONE_ARTICLE, "Late news")
    ]


def test_low_confidence_is_stated_if_a_whole_side_has_it(store: Store) -> None:
    only = replace(STATEMENTS[1], confidence=0.3)
    build(store, factory.domain(), ARTICLES, [only])

    warnings = briefing_for(store, on("fare-cap")).standings[0].warnings

    assert [(each.caution, each.confidence) for each in warnings] == [
        (Caution.ONE_ARTICLE, 0.0),
        (Caution.LOW_CONFIDENCE, 0.3),
    ]


def test_one_changed_letter_of_a_stored_article_refuses_its_passages(store: Store) -> None:
    base = factory.BASE
    it = iri(base, "article", "early")
    store.amend(
        graph_iri(base, "article", "early"),
        remove=[Triple(it, SCHEMA.text, Literal(EARLY))],
        add=[Triple(it, SCHEMA.text, Literal(EARLY.replace("doubted", "daubted")))],
    )

    made = briefing_for(store, on("fare-cap"))

    assert [refusal.statement for refusal in made.refused] == [STATEMENTS[0].id]
    assert STATEMENTS[0].quote not in {note.quote for note in made.footnotes}
    assert STATEMENTS[1].quote in {note.quote for note in made.footnotes}


def test_a_rejected_statement_is_neither_counted_nor_quoted(store: Store) -> None:
    store.update(
        "PREFIX : <https://positions.example/ontology#> INSERT DATA { GRAPH <https://buses.example/graph/reviews> {"
        f" <https://buses.example/id/statement/{STATEMENTS[2].id}> :verdict :rejected }} }}"
    )
    derive(store)

    made = briefing_for(store, on("fare-cap"))

    assert sides(made) == {Stance.OPPOSE: ["council", "harbour-lines"]}
    assert made.coverage.statements == 2


@pytest.mark.parametrize(
    ("scope", "reforms"),
    [
        (Scope(subject=Subject.ACTOR, actors=("council",)), [None]),
        (Scope(subject=Subject.COMPARISON, actors=("council", "riders")), ["fare-cap", "night-buses"]),
        (Scope(subject=Subject.CAMP, actors=("council", "harbour-lines"), title="Camp 1"), ["fare-cap"]),
        (on("night-buses", "fare-cap"), ["night-buses", "fare-cap"]),
    ],
)
def test_every_subject_has_its_standings(store: Store, scope: Scope, reforms: list[str | None]) -> None:
    made = briefing_for(store, scope)

    assert [standing.reform.id if standing.reform else None for standing in made.standings] == reforms
    assert all(note.actor.id in scope.actors for note in made.footnotes) or not scope.actors


@pytest.mark.parametrize(
    "scope",
    [
        on("fare-cap"),
        on("fare-cap", "night-buses"),
        on("fare-cap", since="2030", until="2031"),
        Scope(subject=Subject.ACTOR, actors=("council",)),
    ],
)
def test_every_query_that_is_shown_runs_unchanged(store: Store, scope: Scope) -> None:
    queries = briefing_for(store, scope).queries

    assert len(queries) >= 4
    assert all(store.select(query.text) for query in queries)


def test_the_shown_queries_count_what_the_briefing_counts(store: Store) -> None:
    made = briefing_for(store, on("fare-cap"))
    queries = {query.name: query.text for query in made.queries}

    assert len(store.select(queries["sources"])) == made.coverage.articles
    assert len(store.select(queries["positions"])) == made.standings[0].actors
    assert len(store.select(queries["passages"])) == made.coverage.statements


def test_the_same_data_in_another_store_give_the_same_briefing(store: Store) -> None:
    with memory_store() as other:
        build(other, factory.domain(), ARTICLES[::-1], STATEMENTS[::-1])

        assert briefing_for(other, on("fare-cap")) == briefing_for(store, on("fare-cap"))


def test_the_version_changes_with_the_data(store: Store) -> None:
    before = briefing_for(store, on("fare-cap")).version
    build(store, factory.domain(), ARTICLES, STATEMENTS[1:])

    assert briefing_for(store, on("fare-cap")).version != before


def test_a_shorter_length_looks_at_fewer_passages(store: Store) -> None:
    full = material(store, on("fare-cap"))
    short = material(store, on("fare-cap", length=Length.ONE_PAGE))

    assert len(short.statements) <= len(full.statements)
    assert short.positions == full.positions


@pytest.mark.parametrize(
    ("scope", "error"),
    [
        (on("no-such"), UnknownReform),
        (Scope(subject=Subject.ACTOR, actors=("no-such",)), UnknownActor),
        (Scope(subject=Subject.REFORMS), BadRequest),
    ],
)
def test_a_missing_subject_is_reported(store: Store, scope: Scope, error: type[Exception]) -> None:
    with pytest.raises(error):
        briefing_for(store, scope)


def held(actor: str, reform: str, stance: Stance) -> Position:
    return Position(actor=actor, actor_label=actor, reform=reform, reform_label=reform, stance=stance)


def test_actors_with_sides_on_the_same_reforms_agree_or_disagree() -> None:
    sides = {
        "a": {"x": Stance.SUPPORT, "y": Stance.OPPOSE, "z": Stance.SUPPORT},
        "b": {"x": Stance.SUPPORT, "y": Stance.OPPOSE, "z": Stance.MIXED},
        "c": {"x": Stance.SUPPORT, "y": Stance.SUPPORT, "z": Stance.OPPOSE},
        "d": {"x": Stance.SUPPORT},
    }

    pairs = agreements(held(actor, reform, stance) for actor, of in sides.items() for reform, stance in of.items())

    assert [(pair.a, pair.b, pair.agree, pair.conflict, round(pair.score, 2)) for pair in pairs] == [
        ("a", "c", ("x",), ("y", "z"), -0.33),
        ("a", "b", ("x", "y"), (), 0.82),
        ("b", "c", ("x",), ("y",), 0.0),
        ("b", "d", ("x",), (), 0.71),
        ("a", "d", ("x",), (), 0.58),
        ("c", "d", ("x",), (), 0.58),
    ]


def test_the_agreement_of_those_who_speak_counts_their_other_reforms(store: Store) -> None:
    statements = [
        replace(STATEMENTS[2], reform=reform, actor=actor, actor_label=actor)
        for actor in ("council", "harbour-lines")
        for reform in ("fare-cap", "night-buses")
    ]
    build(store, factory.domain(), ARTICLES, statements)

    made = briefing_for(store, on("fare-cap"))

    assert [(pair.a, pair.b, pair.agree) for pair in made.agreements] == [
        ("council", "harbour-lines", ("fare-cap", "night-buses"))
    ]
    assert made.names == {"council": "City Council", "harbour-lines": "Harbour Lines"}
