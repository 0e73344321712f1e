"""An index that follows what is written equals a fresh one, after each kind of write and for each selection."""

from collections.abc import Callable, Sequence

import pytest

from graph.briefing.material import briefing_for
from graph.briefing.types import Length, Scope, Subject
from graph.building import build, put_article, remove_article
from graph.debate.stored import read_debate
from graph.errors import UnknownActor
from graph.model import Counting, Manner, Selection, Stance
from graph.profiles import changes, field_profile
from graph.reading import catalogue, index
from graph.reading.evidence import Evidence, evidence
from graph.reviewing.reviews import Review, Verdict, record
from graph.store.embedded import Store, memory_store
from tests import factory

AT = "2033-01-01T00:00:00Z"
CAP = factory.statement(concerns=("access", "cost"), confidence=0.9)
AGAINST = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE,
    confidence=0.4, concerns=("cost",), condition="it", speaker="Ada Quill", manner=Manner.DIRECT,
)  # fmt: skip
LATER = factory.statement(article="later", stance=Stance.OPPOSE)
NIGHT = factory.statement(
    "Riders were split on night buses.", article="undated", actor="riders", actor_label="Riders",
    reform="night-buses", stance=Stance.MIXED,
)  # fmt: skip
ARTICLES = (
    factory.article(),
    factory.article(id="later", date="2032-05", publisher="Harbour Post", release="cap-news"),
    factory.article(id="undated", date="", publisher=""),
)
ALL = (CAP, AGAINST, LATER, NIGHT)


def correct(**right: object) -> Callable[[Store], object]:
    review = Review(statement=LATER.id, verdict=Verdict.CORRECTED, reviewer="Ada", time=AT, **right)  # type: ignore[arg-type]  # fields of a review
    return lambda store: record(store, review)


def rejected(store: Store) -> None:
    record(store, Review(statement=CAP.id, verdict=Verdict.WRONG, reviewer="Ada", time=AT))


WRITES: dict[str, Callable[[Store], object]] = {
    "nothing": lambda store: None,
    "rejected": rejected,
    "another stance": correct(stance=Stance.MIXED),
    "another actor": correct(actor="riders"),
    "another reform": correct(reform="night-buses"),
    "an article again": lambda store: put_article(store, factory.domain(), ARTICLES[1], []),
    "another ground": lambda store: put_article(
        store, factory.domain(), ARTICLES[1], [factory.statement(article="later", concerns=("access",))]
    ),
    "an article fewer": lambda store: remove_article(store, "undated"),
    "all again": lambda store: build(store, factory.domain(), ARTICLES, [CAP, NIGHT]),
    "an update of anything": lambda store: store.update(
        "PREFIX : <https://positions.example/ontology#> DELETE { GRAPH ?g { ?s :condition ?c } } "
        "WHERE { GRAPH ?g { ?s :condition ?c } }"
    ),
}
SELECTIONS = (
    Selection(),
    Selection(actor="council"),
    Selection(actor="riders"),
    Selection(reform="fare-cap"),
    Selection(reform="fares", narrower=True),
    Selection(reform="night-buses"),
    Selection(stance=Stance.OPPOSE),
    Selection(concern="cost"),
    Selection(article="later"),
    Selection(publisher="Harbour Post"),
    Selection(manner=Manner.DIRECT),
    Selection(since="2031-03", until="2031"),
    Selection(until="2032"),
    Selection(min_confidence=0.5),
    Selection(reviewed=True),
    Selection(reviewed=False, actor="council", reform="fare-cap"),
)


SCOPES = (
    Scope(subject=Subject.REFORM, reforms=("fare-cap",)),
    Scope(subject=Subject.REFORM, reforms=("fare-cap",), length=Length.ONE_PAGE, changed_since="2032"),
    Scope(subject=Subject.REFORM, reforms=("fare-cap",), since="2031-03", until="2031"),
    Scope(subject=Subject.REFORMS, reforms=("fare-cap", "night-buses"), length=Length.TWO_PAGES),
    Scope(subject=Subject.ACTOR, actors=("council",)),
    Scope(subject=Subject.COMPARISON, actors=("council", "harbour-lines")),
)


def made(store: Store, scope: Scope) -> object:
    try:
        return briefing_for(store, scope)
    except UnknownActor as error:
        return str(error)


def told(store: Store, selection: Selection) -> object:
    return (
        [each.id for each in catalogue.statements(store, selection).items],
        catalogue.statements(store, selection, limit=1, offset=1),
        catalogue.summary(store, selection),
        {concern: dict(of) for concern, of in catalogue.grounds(store, selection).items()},
        list(catalogue.speakers(store, selection)),
        catalogue.positions(store, selection),
    )


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_it_equals_a_fresh_index(write: Callable[[Store], object]) -> None:
    store, bare = memory_store(), memory_store()
    build(store, factory.domain(), ARTICLES, ALL)
    index.refresh(store)
    write(store)
    bare.load(store.dump())
    for selection in SELECTIONS:
        assert told(store, selection) == told(bare, selection)
    index.refresh(store)
    assert told(store, SELECTIONS[1]) == told(bare, SELECTIONS[1])
    assert read_debate(store) == read_debate(bare)
    for scope in SCOPES:
        assert made(store, scope) == made(bare, scope)
    fresh = memory_store()
    fresh.load(store.dump())
    index.refresh(fresh)
    for asked in ({"actor": "council"}, {"reform": "fare-cap"}, {"reform": "fares", "narrower": True}):
        assert changes(store, **asked) == changes(bare, **asked)
    for table in (catalogue.sides, catalogue.article_table, changes, field_profile):
        assert repr(table(fresh)) == repr(table(bare))
    for counting in (Counting.CHECKED, Counting.ALL):
        assert told(store.counted(counting), Selection()) == told(bare.counted(counting), Selection())


def test_a_few_written_articles_are_read_again_at_once_and_the_others_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    store = memory_store()
    build(store, factory.domain(), ARTICLES, ALL)
    index.refresh(store)
    read: list[str] = []

    def reading(store: Store, iris: Sequence[str]) -> list[Evidence]:
        read.extend(iris)
        return evidence(store, iris)

    monkeypatch.setattr(index, "evidence", reading)
    rejected(store)
    index.refresh(store)
    assert {each.rpartition("/")[2] for each in read} == {AGAINST.id}
