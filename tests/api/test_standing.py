"""Claims wait for evidence: unconfirmed statements are shown apart and move no figure, on any page or in any data."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from graph.asking.ask import ask
from graph.building import build
from graph.model import Actor, Article, Counting, Reform, Stance, Standing
from graph.profiles import changes, field_profile, reform_profile
from graph.rdf.vocabulary import HEAD
from graph.reading import catalogue
from graph.reviewing.reviews import Review, Verdict, record
from graph.store.embedded import Store, memory_store, open_store
from graph.validate import validate
from tests import factory

TEXT = "Ash likes the cap. Birch likes it too. Cedar seems to dislike it."
MADE = {
    Standing.CHECKED: factory.statement("Ash likes the cap.", start=0, actor="ash", actor_label="Ash", confidence=0.3),
    Standing.LIKELY: factory.statement(
        "Birch likes it too.", start=19, actor="birch", actor_label="Birch", confidence=0.8
    ),
    Standing.UNCONFIRMED: factory.statement(
        "Cedar seems to dislike it.",
        start=39,
        actor="cedar",
        actor_label="Cedar",
        confidence=0.69,
        stance=Stance.OPPOSE,
    ),
}
NUMBERS = {Counting.CHECKED: 1, Counting.LIKELY: 2, Counting.ALL: 3}
ADDRESSES = (
    *("/", "/reforms", "/reforms/fare-cap", "/actors", "/actors/ash", "/actors/birch", "/actors/cedar", "/articles"),
    *("/agreement", "/changes", "/search", "/search?q=likes", "/search?q=dislike", "/compare?actor=ash&actor=cedar"),
    *("/ask?q=Who+opposes+the+fare+cap%3F", "/ask?q=Who+stands+where+on+the+fare+cap%3F", "/data"),
)
DATA = (
    *("/api", "/api/reforms", "/api/reforms/fare-cap", "/api/actors", "/api/actors/ash", "/api/actors/cedar"),
    *("/api/articles", "/api/articles/cap-news", "/api/statements", "/api/positions", "/api/search?q=likes"),
    *("/api/camps", "/api/agreement", "/api/matrix", "/api/compare?actor=ash&actor=cedar", "/api/changes"),
    *("/api/ask?q=Who+stands+where+on+the+fare+cap%3F", "/api/briefings/fare-cap", "/api/briefings?actor=ash"),
)
FILES = (
    "/feeds/statements.atom",
    "/feeds/changes.atom",
    "/api/briefings/fare-cap?format=md",
    "/api/statements?format=csv",
)


def fill(store: Store) -> None:
    actors = {name: Actor(id=name, label=name.title()) for name in ("ash", "birch", "cedar")}
    reforms = {id: Reform(id=id, label=label) for id, label in (("fare-cap", "Fare cap"), ("lanes", "Bus lanes"))}
    area = replace(factory.domain(), actors=actors, reforms=reforms, likely_from=0.7)
    build(store, area, [factory.article(text=TEXT)], MADE.values())
    checked = MADE[Standing.CHECKED].id
    record(store, Review(statement=checked, verdict=Verdict.RIGHT, reviewer="Ada", time="2031-05-01T00:00:00Z"))


@pytest.fixture(scope="module")
def store() -> Store:
    made = memory_store()
    fill(made)
    return made


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("standing") / "store"
    with open_store(folder) as made_up:
        fill(made_up)
    with TestClient(create_app(Settings(store=str(folder)))) as made:
        yield made


def not_counted(counting: Counting) -> list[str]:
    return [each.quote for standing, each in MADE.items() if not counting.counts(standing)]


def with_standing(address: str, counting: Counting) -> str:
    return f"{address}{'&' if '?' in address else '?'}standing={counting}"


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_says_what_it_counts_and_shows_the_rest_below_a_line(
    client: TestClient, address: str, counting: Counting
) -> None:
    answer = client.get(with_standing(address, counting), headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert "Figures count" in answer.text
    above = answer.text.partition('id="unconfirmed"')[0]
    # The text of an article is always shown; statements are in quotations.
    quoted = re.sub(r"<[^>]*>", "", " ".join(re.findall(r"<blockquote.*?</blockquote>", above, re.DOTALL)))
    assert [quote for quote in not_counted(counting) if quote in quoted] == []


def counted_in(value: Any, *, apart: bool = False) -> Iterator[str]:
    """The quotations that an answer gives outside the lists of what does not count."""
    if isinstance(value, dict):
        if "quote" in value and not apart:
            yield value["quote"]
        for key, each in value.items():
            yield from counted_in(each, apart=apart or key in ("unconfirmed", "rejected"))
    elif isinstance(value, list):
        for each in value:
            yield from counted_in(each, apart=apart)


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("address", DATA)
def test_data_name_the_standing_and_count_the_right_statements(
    client: TestClient, address: str, counting: Counting
) -> None:
    answer = client.get(with_standing(address, counting)).json()
    told = answer.get("comparison", answer)
    assert told["standing"] == counting
    assert set(counted_in(answer)).isdisjoint(not_counted(counting))


@pytest.mark.parametrize("counting", Counting)
@pytest.mark.parametrize("address", FILES)
def test_feeds_files_and_briefings_leave_the_rest_out(client: TestClient, address: str, counting: Counting) -> None:
    told = client.get(with_standing(address, counting)).text
    assert [quote for quote in not_counted(counting) if quote in told] == []


@pytest.mark.parametrize("counting", Counting)
def test_figures_count_the_right_statements(store: Store, counting: Counting) -> None:
    view = store.counted(counting)
    number = NUMBERS[counting]
    field = field_profile(view)
    profile = reform_profile(view, "fare-cap")
    assert (field.statements, field.actors, field.positions, field.unconfirmed) == (
        number,
        number,
        number,
        0 if counting is Counting.ALL else 1,
    )
    assert sum(profile.actors.values()) == sum(profile.statements.values()) == number
    assert catalogue.positions(view).total == catalogue.statements(view).total == number
    assert ask(view, "Who stands where on the fare cap?").total == number
    assert [each.id for each in profile.unconfirmed.items] == (
        [] if counting is Counting.ALL else [MADE[Standing.UNCONFIRMED].id]
    )


def test_every_statement_has_its_standing_in_the_graph(store: Store) -> None:
    rows = store.select(HEAD + "SELECT ?statement ?standing WHERE { ?statement :standing ?standing }")
    found = {row["statement"].rpartition("/")[2]: row["standing"].rpartition("#")[2] for row in rows}
    assert found == {each.id: str(standing) for standing, each in MADE.items()}
    assert list(validate(store)) == []


def test_a_review_moves_a_statement_above_the_line_and_back() -> None:
    made = memory_store()
    fill(made)
    doubtful = MADE[Standing.UNCONFIRMED].id
    for verdict, number in ((Verdict.RIGHT, 3), (Verdict.WRONG, 2), (Verdict.WITHDRAWN, 2)):
        record(made, Review(statement=doubtful, verdict=verdict, reviewer="Ada", time="2031-05-02T00:00:00Z"))
        assert field_profile(made).statements == number
        assert list(validate(made)) == []


def test_a_change_of_mind_needs_two_statements_that_count() -> None:
    made = memory_store()
    later = replace(MADE[Standing.LIKELY], article="later", stance=Stance.OPPOSE, confidence=0.5)
    articles = [factory.article(text=TEXT), Article(id="later", text=TEXT, date="2032")]
    build(made, replace(factory.domain(), likely_from=0.7), articles, [MADE[Standing.LIKELY], later])
    assert changes(made).total == 0
    assert changes(made.counted(Counting.ALL)).total == 1


def test_the_threshold_is_the_domains() -> None:
    made = memory_store()
    build(made, replace(factory.domain(), likely_from=0.6), [factory.article(text=TEXT)], MADE.values())
    assert field_profile(made).statements == 2  # the unchecked one with a confidence of 0.3 is left out


def test_another_standing_is_refused(client: TestClient) -> None:
    answer = client.get("/api/reforms?standing=sure")
    assert (answer.status_code, "standing='sure'" in json.dumps(answer.json())) == (400, True)
