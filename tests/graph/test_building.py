"""Building checks its input first, is idempotent, and gives the same result article by article."""

from dataclasses import replace

import pytest

from graph.building import Built, Stale, build, put_article, remove_article, stale
from graph.errors import BadStatement, NotVerbatim, PositionsError, UnknownArticle
from graph.model import Change, Stance, Statement
from graph.positions import derive, stored_positions
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.vocabulary import FOAF, ORG, P, graph_iri, iri
from graph.store.embedded import Store, memory_store
from tests import factory

DOMAIN = factory.domain()
NIGHT_BUSES = iri(factory.BASE, "reform", "night-buses")
REVIEWS = graph_iri(factory.BASE, "reviews")
STATEMENTS = (
    factory.statement(concerns=("cost",)),
    factory.statement("Harbour Lines opposed it.", actor="harbour-lines", stance=Stance.OPPOSE, speaker="Cllr Quill"),
    factory.statement(
        "Riders were split on night buses.", actor="tram-fans", actor_label="Tram Fans", reform="night-buses"
    ),
)
LATER = factory.statement(article="later", stance=Stance.OPPOSE)


def built(*statements: Statement) -> Store:
    store = memory_store()
    articles = [factory.article(), factory.article(id="later", date="2032")]
    named = {statement.article for statement in statements}
    build(store, DOMAIN, [each for each in articles if each.id in named], statements)
    return store


def lines(store: Store) -> set[bytes]:
    return set(store.dump(format="nquads").splitlines())


def test_a_build_reports_its_counts() -> None:
    store = memory_store()
    assert build(store, DOMAIN, [factory.article()], STATEMENTS) == Built(
        articles=1, statements=3, found_actors=1, positions=3
    )


def test_a_second_build_changes_nothing() -> None:
    store = built(*STATEMENTS)
    before = lines(store)
    build(store, DOMAIN, [factory.article()], STATEMENTS)
    assert lines(store) == before


def test_a_second_build_leaves_what_has_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    store = built(*STATEMENTS, LATER)
    replaced: list[str] = []
    monkeypatch.setattr(store, "replace", lambda graph, _: replaced.append(graph))
    changed = factory.article(id="later", date="2033")
    build(store, DOMAIN, [factory.article(), changed], [*STATEMENTS, LATER])
    assert [graph for graph in replaced if "/article/" in graph] == [graph_iri(factory.BASE, "article", "later")]


def test_what_a_build_would_change() -> None:
    store = built(*STATEMENTS, LATER)
    articles = [factory.article(), factory.article(id="new")]
    assert stale(store, DOMAIN, articles, [replace(STATEMENTS[0], confidence=0.5)]) == Stale(
        new=("new",), changed=("cap-news",), removed=("later",)
    )
    assert stale(store, DOMAIN, articles[:1], STATEMENTS) == Stale(removed=("later",), current=1)


def test_an_article_that_is_gone_is_taken_out_and_kept_where_asked() -> None:
    store = built(*STATEMENTS, LATER)
    build(store, DOMAIN, [factory.article()], STATEMENTS, keep=True)
    assert lines(store) == lines(built(*STATEMENTS, LATER))
    build(store, DOMAIN, [factory.article()], STATEMENTS)
    assert lines(store) == lines(built(*STATEMENTS))


def test_one_article_put_in_and_taken_out_is_as_if_all_were_built() -> None:
    store = built(*STATEMENTS)
    put_article(store, DOMAIN, factory.article(id="later", date="2032"), [LATER])
    assert lines(store) == lines(built(*STATEMENTS, LATER))
    remove_article(store, "later")
    assert lines(store) == lines(built(*STATEMENTS))


def test_a_changed_article_takes_the_place_of_the_old_one() -> None:
    store = built(*STATEMENTS)
    changed = [replace(each, stance=Stance.MIXED) for each in STATEMENTS]
    build(store, DOMAIN, [factory.article()], changed)
    assert lines(store) == lines(built(*changed))


def test_an_actor_that_only_one_article_names_goes_with_it() -> None:
    store = built(*STATEMENTS[:2], replace(STATEMENTS[2], article="later"))
    remove_article(store, "later")
    assert lines(store) == lines(built(*STATEMENTS[:2]))


def test_an_article_put_again_loses_what_it_no_longer_says() -> None:
    store = built(*STATEMENTS)
    put_article(store, DOMAIN, factory.article(), STATEMENTS[:1])
    assert lines(store) == lines(built(STATEMENTS[0]))


def test_an_article_that_is_not_there_cannot_be_taken_out() -> None:
    with pytest.raises(UnknownArticle, match="nothing"):
        remove_article(built(*STATEMENTS), "nothing")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"article": "unread"}, BadStatement, "no such article was read"),
        ({"quote": "The council welcomed the fare hat."}, NotVerbatim, "0-34"),
        ({"reform": "free-buses"}, BadStatement, "'free-buses' is no id of buses/reforms.csv"),
        ({"concerns": ("noise",)}, BadStatement, "'noise' is no id of buses/concerns.csv"),
    ],
)
def test_a_statement_that_does_not_fit_stops_the_build_before_it_writes(
    changes: dict[str, str], error: type[PositionsError], message: str
) -> None:
    store = built(STATEMENTS[1])
    before, version = lines(store), store.version
    with pytest.raises(error, match=message):
        build(store, DOMAIN, [factory.article()], [STATEMENTS[0], factory.statement(**changes)])
    assert (lines(store), store.version) == (before, version)


@pytest.mark.parametrize(
    ("article", "changes", "message"),
    [
        ({"id": "x\ud800"}, {"article": "x\ud800"}, "its id 'x\\\\ud800'"),
        ({"id": "x\x00"}, {"article": "x\x00"}, "control character"),
        ({}, {"actor": "a\ud800"}, "its actor"),
        ({}, {"actor": "a\x01b"}, "its actor"),
        ({}, {"reader": "local\ud800"}, "its reader"),
        ({}, {"speaker": "Ada\ud800"}, "its speaker contains half a surrogate pair"),
        ({}, {"condition": "if\ud800"}, "its condition contains half a surrogate pair"),
        ({"title": "A\ud800"}, {}, "its title contains half a surrogate pair"),
        ({"text": f"{factory.TEXT}\ud800"}, {}, "its text contains half a surrogate pair"),
        ({"date": "99999-99"}, {}, "its date '99999-99' is not in the calendar"),
        ({"date": "2031-13-45"}, {}, "is not in the calendar"),
        ({"date": "0000"}, {}, "is not in the calendar"),
    ],
)
def test_ids_and_dates_that_no_graph_can_hold_are_refused(
    article: dict[str, str], changes: dict[str, str], message: str
) -> None:
    with pytest.raises(BadStatement, match=message):
        build(memory_store(), DOMAIN, [factory.article(**article)], [factory.statement(**changes)])


def test_a_repeated_line_counts_once() -> None:
    made = build(memory_store(), DOMAIN, [factory.article()], [STATEMENTS[0], STATEMENTS[1], STATEMENTS[0]])
    assert made.statements == 2


def test_two_statements_with_one_id_are_refused() -> None:
    other = replace(STATEMENTS[0], stance=Stance.OPPOSE)
    with pytest.raises(BadStatement, match=f"{other.id} of article 'cap-news' occurs twice"):
        build(memory_store(), DOMAIN, [factory.article()], [STATEMENTS[0], other])


def test_each_finished_article_is_reported() -> None:
    done: list[str] = []
    build(memory_store(), DOMAIN, [factory.article()], [], on_article=lambda article: done.append(article.id))
    assert done == ["cap-news"]


def test_an_actor_of_no_table_is_labelled_and_of_open_kind() -> None:
    store = built(*STATEMENTS)
    kinds = {triple.object for triple in store.triples(subject=iri(factory.BASE, "actor", "tram-fans"))}
    assert {FOAF.Agent, Literal("Tram Fans")} <= kinds
    assert ORG.Organization not in kinds


def test_short_cuts_lead_from_an_actor_to_a_reform() -> None:
    store = built(*STATEMENTS)
    query = "PREFIX : <https://positions.example/ontology#> ASK { VALUES ?who { UNDEF } ?who :opposes ?what }"
    assert store.ask(query, who=iri(factory.BASE, "actor", "harbour-lines"))
    assert not store.ask(query, who=iri(factory.BASE, "actor", "council"))


def test_positions_are_read_back_from_the_store() -> None:
    council = stored_positions(built(*STATEMENTS, LATER), actor="council")[0]
    assert (council.stance, council.first, council.last) == (Stance.MIXED, "2031-03-04", "2032")
    assert council.statements == (STATEMENTS[0].id, LATER.id)
    assert council.counts == {Stance.SUPPORT: 1, Stance.OPPOSE: 1}
    assert council.concerns == ("cost",)
    assert council.reform_label == "Fare cap"
    assert council.changes == (Change(before=Stance.SUPPORT, after=Stance.OPPOSE, date="2032"),)


@pytest.mark.parametrize(
    ("verdict", "stance"),
    [
        ([(P.verdict, P.rejected)], Stance.OPPOSE),
        ([(P.verdict, P.corrected), (P.correctedStance, P.oppose)], Stance.OPPOSE),
        ([(P.verdict, P.corrected), (P.correctedStance, P.mixed)], Stance.MIXED),
        ([(P.verdict, P.accepted)], Stance.MIXED),
    ],
)
def test_reviews_decide_what_counts(verdict: list[tuple[Iri, Iri]], stance: Stance) -> None:
    store = built(*STATEMENTS, LATER)
    it = iri(factory.BASE, "statement", STATEMENTS[0].id)
    store.replace(REVIEWS, [Triple(it, predicate, value) for predicate, value in verdict])
    derive(store, [("council", "fare-cap")])
    assert stored_positions(store, actor="council")[0].stance is stance
    by_pair = lines(store)
    derive(store)
    assert lines(store) == by_pair


def test_a_statement_moved_by_a_review_counts_where_it_belongs() -> None:
    store = built(*STATEMENTS)
    it = iri(factory.BASE, "statement", STATEMENTS[0].id)
    store.replace(
        REVIEWS,
        [
            Triple(it, P.verdict, P.corrected),
            Triple(it, P.correctedActor, iri(factory.BASE, "actor", "riders")),
            Triple(it, P.correctedReform, NIGHT_BUSES),
        ],
    )
    derive(store, [("riders", "night-buses")])
    derive(store, [("council", "fare-cap")])
    held = {(each.actor, each.reform): each.actor_label for each in stored_positions(store)}
    assert ("council", "fare-cap") not in held
    assert held["riders", "night-buses"] == "Riders"
    by_pair = lines(store)
    derive(store)
    assert lines(store) == by_pair


def test_a_review_is_worked_in_from_the_one_statement_that_it_is_about() -> None:
    store = built(*STATEMENTS, LATER)
    it = iri(factory.BASE, "statement", LATER.id)
    corrected = [Triple(it, P.verdict, P.corrected), Triple(it, P.correctedStance, P.mixed)]
    for review in ([Triple(it, P.verdict, P.rejected)], [], corrected):
        store.replace(REVIEWS, review)
        derive(store, [("council", "fare-cap")], touched=[LATER.id])
        by_statement = lines(store)
        derive(store)
        assert lines(store) == by_statement


def test_a_statement_moved_by_a_review_goes_and_comes_with_its_article() -> None:
    store = built(*STATEMENTS, LATER)
    it = iri(factory.BASE, "statement", LATER.id)
    store.replace(REVIEWS, [Triple(it, P.verdict, P.corrected), Triple(it, P.correctedReform, NIGHT_BUSES)])
    derive(store)
    moved = lines(store)
    remove_article(store, "later")
    assert [each.reform for each in stored_positions(store, actor="council")] == ["fare-cap"]
    put_article(store, DOMAIN, factory.article(id="later", date="2032"), [LATER])
    assert lines(store) == moved


def test_a_build_leaves_reviews_alone() -> None:
    store = built(*STATEMENTS)
    review = Triple(iri(factory.BASE, "statement", STATEMENTS[0].id), P.verdict, P.rejected)
    store.replace(REVIEWS, [review])
    build(store, DOMAIN, [factory.article()], STATEMENTS)
    assert list(store.triples(REVIEWS)) == [review]
    assert [each.actor for each in stored_positions(store)] == ["harbour-lines", "tram-fans"]
