"""Hand coding belongs to its domain: stored in its folder, and built with extracted statements."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from graph.building import build
from graph.coding.coded import agreements, keep_coding, kept_coding, read_coding, with_coding
from graph.coding.reliability import Reliability
from graph.coding.tables import ColumnMapping, HandCoding, by_hand, coder_of
from graph.domain.edits import add_row
from graph.domain.folder import Domain, read_domain
from graph.errors import BadRequest
from graph.model import Actor, Reform, Stance
from graph.store.embedded import memory_store
from tests import factory

BUSES = Path(__file__).parents[2] / "domains" / "buses"
CODED = by_hand(factory.statement(stance=Stance.OPPOSE, reform="trams", actor="tram-fans", actor_label="Fans"), "Mira")
CODING = HandCoding(
    articles=(factory.article(),),
    statements=(CODED,),
    actors=(Actor(id="tram-fans", label="Fans"),),
    reforms=(Reform(id="trams", label="Trams, again"),),
)


@pytest.fixture
def area(tmp_path: Path) -> Domain:
    folder = tmp_path / "buses"
    folder.mkdir()
    for name in ("actors.csv", "reforms.csv", "concerns.csv", "domain.toml"):
        shutil.copy(BUSES / name, folder / name)
    return read_domain(folder)


def test_what_is_kept_is_built_with_actors_and_reforms_of_its_own(area: Domain) -> None:
    keep_coding(CODING, area, "Mira's table")
    again = read_domain(area.folder)
    assert again.reforms["trams"].label == "Trams, again"
    assert list(again.actors) == [*area.actors, "tram-fans"]
    material = with_coding(again, [], [])
    assert material.statements == (CODED,)
    store = memory_store()
    assert build(store, again, material.articles, material.statements).statements == 1


def test_keeping_twice_is_keeping_once(area: Domain) -> None:
    path = keep_coding(CODING, area, "table")
    keep_coding(CODING, read_domain(area.folder), "table")
    assert path == area.folder / "coded" / "table.jsonl"
    assert [coding.statements for coding in kept_coding(area)] == [(CODED,)]


@pytest.mark.parametrize("name", ["Mira's table", "Mira’s table", "Mira‘s table"])
def test_coding_kept_by_an_earlier_version_is_replaced(area: Domain, name: str) -> None:
    earlier = keep_coding(CODING, area, "Mira s table")
    assert earlier.name == "mira-s-table.jsonl"

    assert keep_coding(CODING, read_domain(area.folder), name) == earlier
    assert [coding.statements for coding in kept_coding(area)] == [(CODED,)]
    # Coding of other documents is not taken for it.
    other = replace(CODING, articles=(replace(factory.article(), id="another"),), statements=())
    assert keep_coding(other, read_domain(area.folder), name).name == "miras-table.jsonl"


def test_of_the_same_claim_what_the_person_says(area: Domain) -> None:
    keep_coding(CODING, area, "table")
    machine = replace(CODED, stance=Stance.SUPPORT, cues=())
    other = factory.statement("Harbour Lines opposed it.")
    material = with_coding(area, [factory.article()], [machine, other])
    assert [(s.quote, s.stance, coder_of(s)) for s in material.statements] == [
        (CODED.quote, Stance.OPPOSE, "Mira"),
        (other.quote, Stance.SUPPORT, None),
    ]


def test_a_passage_is_looked_up_in_another_text_of_the_article(area: Domain) -> None:
    keep_coding(CODING, area, "table")
    moved = factory.article(text=f"By our reporter. {factory.TEXT}")
    (statement,) = with_coding(area, [moved], []).statements
    assert moved.text[statement.start : statement.end] == statement.quote == CODED.quote
    assert [(cue.start, cue.end) for cue in statement.cues] == [(statement.start, statement.end)]
    twice = factory.article(text=f"x {factory.TEXT} {factory.TEXT}")
    assert [passed.reason for passed in with_coding(area, [twice], []).passed_over] == [
        "the coded passage is more than once in the text of the article"
    ]


def test_each_coder_is_compared_with_the_others_and_with_extraction() -> None:
    theirs = by_hand(replace(CODED, stance=Stance.SUPPORT), "Ola")
    made = agreements(HandCoding(statements=(CODED, theirs)), [CODED])
    assert [(each.first, each.second, each.f1, each.f1_stance) for each in made] == [
        ("Mira", "Ola", 1.0, 0.0),
        ("Mira", "extraction", 1.0, 1.0),
        ("Ola", "extraction", 1.0, 0.0),
    ]
    assert all(isinstance(each, Reliability) for each in made)


def test_coders_without_common_articles_are_reported() -> None:
    with pytest.raises(BadRequest, match="no two codings"):
        agreements(HandCoding(statements=(CODED,)), [])


def test_a_table_is_read_for_the_articles_that_are_there(area: Domain, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    reform = next(iter(area.reforms))
    table.write_text(f"article,quote,actor,reform,stance\ncap-news,Harbour Lines opposed it.,Harbour,{reform},oppose\n")
    coding = read_coding(table, area, [factory.article()], mapping=ColumnMapping(columns={}))
    assert [statement.actor for statement in coding.statements] == ["harbour"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"id,title\na,One", b"id,title\na,One\nb,Two\n"),
        (b'\xef\xbb\xbfid,title\r\na,"O\r\nne"\r\n', b'\xef\xbb\xbfid,title\r\na,"O\r\nne"\r\nb,Two\r\n'),
        (b"Title, ID ,mine\nOne,a,\xc3\xa9\n", b"Title, ID ,mine\nOne,a,\xc3\xa9\nTwo,b,\n"),
        (b"id\na\n", b"id,title\na\nb,Two\n"),
        (None, b"id,title,publisher,date,url,voice,author,language,release,confidential,genre\nb,Two,,,,,,,,,\n"),
    ],
)
def test_adding_a_row_leaves_the_rest_of_a_table_unchanged(before: bytes | None, after: bytes, tmp_path: Path) -> None:
    table = tmp_path / "articles.csv"
    if before is not None:
        table.write_bytes(before)
    add_row(table, {"id": "b", "title": "Two"})
    assert table.read_bytes() == after
