"""The hand coding of a domain is applied as reviews: coded statements count, readings that contradict it do not."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extract.documents.reading import documents, read
from graph.building import build
from graph.domain.folder import Domain, read_domain
from graph.errors import BadStatement
from graph.model import Article, Stance, Standing, Statement
from graph.profiles import article_profile, field_profile
from graph.reading import catalogue
from graph.reviewing.by_hand import FILE, apply_hand_coding, read_hand_coding
from graph.reviewing.reviews import BY_HAND, Fault, Review, Verdict, carry_over, history, record
from graph.store.embedded import memory_store
from graph.validate import validate
from tests import factory

BUSES = Path(__file__).parents[2] / "domains" / "buses"


def write(folder: Path, lines: list[dict[str, Any]]) -> None:
    (folder / FILE).write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


@pytest.fixture(scope="module")
def buses(tmp_path_factory: pytest.TempPathFactory) -> tuple[Domain, list[Article], list[Statement]]:
    """The buses domain with its annotated statements as hand coding."""
    folder = tmp_path_factory.mktemp("hand") / "buses"
    shutil.copytree(BUSES, folder)
    (folder / FILE).write_bytes((folder / "gold.jsonl").read_bytes())
    domain = read_domain(folder)
    articles = [read(path, info) for path, info in documents(domain)]
    return domain, articles, list(read_hand_coding(domain, articles).statements)


def test_annotated_statements_are_read_by_the_names_in_the_tables(
    buses: tuple[Domain, list[Article], list[Statement]],
) -> None:
    domain, articles, coded = buses
    coding = read_hand_coding(domain, articles)
    assert (len(coding.statements), len(coding.articles), coding.faults) == (len(coded), 15, ())
    assert len(coded) > 150
    known = [each for each in coded if each.actor in domain.actors]
    assert len(known) > len(coded) / 2
    assert all(each.actor_label == domain.actors[each.actor].label for each in known)


def test_the_coding_decides_what_counts_and_keeps_the_readings(
    buses: tuple[Domain, list[Article], list[Statement]],
) -> None:
    domain, articles, coded = buses
    right, turned, missed = coded[0], coded[1], coded[2:]
    invented = replace(right, actor="mca", actor_label="Combined Authority", reform=coded[-1].reform, confidence=0.9)
    turned_to = Stance.OPPOSE if turned.stance is not Stance.OPPOSE else Stance.SUPPORT
    found = [replace(right, confidence=0.4), replace(turned, stance=turned_to, confidence=0.9), invented]
    with memory_store() as store:
        build(store, domain, articles, found)
        applied = apply_hand_coding(store, domain, articles, found)
        assert (applied.added, applied.confirmed, applied.corrected, applied.rejected) == (len(missed), 1, 1, 1)
        assert field_profile(store).statements == len(coded)
        for each in (right, turned, *missed):
            shown = catalogue.statement(store, each.id)
            assert (shown.standing, shown.stance) == (Standing.CHECKED, each.stance)
        rejected = article_profile(store, invented.article, whole=True).rejected
        assert [each.id for each in rejected] == [invented.id]
        assert history(store, invented.id)[0].reviewer == BY_HAND
        assert list(validate(store)) == []
        # Again, it is the same; without the coding, the readings count by their confidence again.
        before = store.dump()
        build(store, domain, articles, found)
        carry_over(store)
        apply_hand_coding(store, domain, articles, found)
        assert sorted(store.dump().splitlines()) == sorted(before.splitlines())
        bare = replace(domain, folder=domain.folder / "nowhere")
        apply_hand_coding(store, bare, articles, found)
        assert field_profile(store).statements == 2
        assert history(store) == []


@pytest.fixture
def coded(tmp_path: Path) -> Domain:
    write(
        tmp_path,
        [
            {
                "article": "cap-news",
                "quote": "Harbour Lines opposed it.",
                "actor": "Harbour",
                "reform": "capped fares",
                "stance": "oppose",
                "concerns": ["Cost"],
                "condition": "it",
            }
        ],
    )
    return replace(factory.domain(), folder=tmp_path)


def test_a_short_record_is_enough(coded: Domain) -> None:
    (made,) = read_hand_coding(coded, [factory.article()]).statements
    assert (made.actor, made.actor_label, made.reform, made.concerns) == (
        "harbour-lines",
        "Harbour Lines",
        "fare-cap",
        ("cost",),
    )
    assert factory.TEXT[made.start : made.end] == made.quote


def test_a_persons_verdict_goes_before_the_coding(coded: Domain) -> None:
    with memory_store() as store:
        build(store, coded, [factory.article()], [factory.statement()])
        apply_hand_coding(store, coded, [factory.article()], [factory.statement()])
        assert catalogue.statements(store).total == 1
        record(
            store,
            Review(
                statement=factory.statement().id, verdict=Verdict.RIGHT, reviewer="Ada", time="2031-01-01T00:00:00Z"
            ),
        )
        apply_hand_coding(store, coded, [factory.article()], [factory.statement()])
        assert catalogue.statements(store).total == 2


def test_what_is_wrong_with_a_reading_is_named(coded: Domain) -> None:
    near = factory.statement("Harbour Lines opposed it.", stance=Stance.OPPOSE)
    with memory_store() as store:
        build(store, coded, [factory.article()], [near])
        apply_hand_coding(store, coded, [factory.article()], [near])
        assert [each.fault for each in history(store, near.id)] == [Fault.ACTOR]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"article": "nowhere"}, "no article"),
        ({"article": "cap-news", "quote": "x"}, "no actor, reform, stance"),
        ({"article": "cap-news", "quote": "x", "actor": "a", "reform": "b", "stance": "support"}, "reforms.csv"),
        ({"article": "cap-news", "quote": "x", "actor": "a", "reform": "fares", "stance": "yes"}, "stance 'yes'"),
        (
            {"article": "cap-news", "quote": "absent", "actor": "a", "reform": "fares", "stance": "support"},
            "not in the text",
        ),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: dict[str, Any], reason: str) -> None:
    write(tmp_path, [line])
    (fault,) = read_hand_coding(replace(factory.domain(), folder=tmp_path), [factory.article()]).faults
    assert f"{FILE}:1" in fault
    assert reason in fault


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(BadStatement, match="not a JSON object"):
        read_hand_coding(replace(factory.domain(), folder=tmp_path), [factory.article()])
