"""Versions of the data after each build: kept, numbered, readable, and deleted when there are too many."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.building import build
from graph.errors import BadRequest, ReadOnly, StoreError, UnknownVersion
from graph.model import Stance, Statement
from graph.rdf.terms import Iri, Literal, Triple
from graph.reading.index import opened, refresh
from graph.store import embedded as store
from graph.store import migration
from graph.store.embedded import Store, memory_store, open_store
from graph.store.migration import FORMAT, MIGRATIONS, format_of
from graph.versions import builds as versions
from graph.versions.backup import back_up, restore, verified
from graph.versions.builds import Version
from tests import factory

NOTES = Iri("https://buses.example/graph/notes")
NOTE = Triple(Iri("https://buses.example/note"), Iri("https://buses.example/says"), Literal("Late again"))
OPPOSED = factory.statement(
    "Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two builds, the second with one more statement."""
    folder = tmp_path_factory.mktemp("built") / "store"
    with open_store(folder) as made:
        for number, statements in enumerate(([factory.statement()], [factory.statement(), OPPOSED]), 1):
            build(made, factory.domain(), [factory.article()], statements)
            versions.keep(made, at_most=10, now=day(number))
    return folder


@pytest.fixture
def built(folder: Path, tmp_path: Path) -> Iterator[Store]:
    """A separate store for tests that change it."""
    shutil.copytree(folder, tmp_path / "store")
    with open_store(tmp_path / "store") as made:
        yield made


def day(number: int) -> datetime:
    return datetime(2031, 3, number, 9, 30, tzinfo=UTC)


def numbers(made: Store) -> list[int]:
    return [each.number for each in versions.versions(made).items]


def holds(made: Store, statement: Statement) -> bool:
    return made.ask(f'ASK {{ ?s <https://positions.example/ontology#actorLabel> "{statement.actor_label}" }}')


def test_each_build_is_a_version_with_its_counts(built: Store) -> None:
    newest, first = versions.versions(built).items

    assert (first.number, first.built, first.statements) == (1, "2031-03-01T09:30:00Z", 1)
    assert (newest.number, newest.built, newest.statements, newest.articles) == (2, "2031-03-02T09:30:00Z", 2, 1)
    assert newest.quads == built.count()


def test_a_version_contains_the_data_of_its_build(built: Store) -> None:
    first = versions.as_of(built, "1")
    with versions.open_version(built, first) as then:
        assert then.version == first.state
        assert [holds(then, each) for each in (factory.statement(), OPPOSED)] == [True, False]
    assert holds(built, OPPOSED)


def test_a_version_has_the_index_of_then(built: Store) -> None:
    built.replace(NOTES, [NOTE])
    refresh(built)
    kept = versions.keep(built, at_most=10, now=day(3))
    assert kept is not None
    with versions.open_version(built, kept) as then:
        assert (then.folder / "search.sqlite").is_file() if then.folder else False
        with opened(then) as table:
            assert table.execute("SELECT COUNT(*) FROM statement").fetchone()[0] > 0


def test_a_build_that_changes_nothing_makes_no_version(built: Store) -> None:
    build(built, factory.domain(), [factory.article()], [factory.statement(), OPPOSED])
    versions.keep(built, at_most=10, now=day(3))

    assert numbers(built) == [2, 1]
    assert not versions.versions(built).changed


def test_writes_since_the_newest_version_are_reported(built: Store) -> None:
    built.replace(NOTES, [NOTE])

    assert versions.versions(built).changed


def test_the_oldest_go_and_no_number_comes_twice(built: Store) -> None:
    for number in range(3, 6):
        built.replace(NOTES, [NOTE._replace(object=Literal(str(number)))])
        versions.keep(built, at_most=2, now=day(number))

    assert numbers(built) == [5, 4]
    assert built.folder is not None
    assert sorted(each.name for each in (built.folder / "versions").iterdir()) == ["4", "5"]


def test_none_are_kept_where_none_are_wanted(built: Store) -> None:
    assert versions.keep(built, at_most=0) is None
    assert numbers(built) == []
    assert versions.keep(memory_store(), at_most=3) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2", 2),
        ("2031-03-01", 1),
        ("2031-03-01T09:30:00Z", 1),
        ("2031-03-02T09:29:59Z", 1),
        ("2031-03-02T10:30:00+01:00", 2),
        ("2031-03-02", 2),
        ("2040-01-01", 2),
    ],
)
def test_a_version_is_named_by_its_number_or_by_a_time(built: Store, text: str, number: int) -> None:
    assert versions.as_of(built, text).number == number


@pytest.mark.parametrize("text", ["3", "0", "2031-02-28", "2031-03-01T09:29:59Z"])
def test_what_is_not_kept_is_unknown(built: Store, text: str) -> None:
    with pytest.raises(UnknownVersion, match=f"no version '{text}' of the data; those kept are: 1, 2"):
        versions.as_of(built, text)


@pytest.mark.parametrize("text", ["", "x", "-1", "²", "2031-13-01", "9999-99-99", "../1", "1" * 40])
def test_what_names_no_version_is_refused(built: Store, text: str) -> None:
    with pytest.raises(BadRequest, match="names no version"):
        versions.as_of(built, text)


def test_a_version_stays_unchanged(built: Store) -> None:
    with versions.open_version(built, versions.as_of(built, "1")) as then, pytest.raises(ReadOnly, match="reading"):
        then.replace(NOTES, [NOTE])
    place = versions.place_of(built, versions.as_of(built, "1"))
    assert place is not None
    with pytest.raises(ReadOnly, match="cannot be changed"):
        open_store(place)


def test_a_version_that_goes_while_it_is_asked_for_is_unknown(built: Store) -> None:
    first = versions.as_of(built, "1")
    place = versions.place_of(built, first)
    assert place is not None
    shutil.rmtree(place)

    with pytest.raises(UnknownVersion, match="no longer kept"):
        versions.open_version(built, first)


def test_the_remains_of_a_killed_build_are_not_a_version(built: Store) -> None:
    assert built.folder is not None
    (built.folder / "versions" / ".making" / "data").mkdir(parents=True)

    assert numbers(built) == [2, 1]
    built.replace(NOTES, [NOTE])
    versions.keep(built, at_most=10, now=day(3))
    assert numbers(built) == [3, 2, 1]
    assert not (built.folder / "versions" / ".making").exists()


def test_a_full_disk_leaves_the_versions_as_they_were(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    built.replace(NOTES, [NOTE])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(versions, "write", full)
    with pytest.raises(StoreError, match="No space left on device; the graph itself is as it should be"):
        versions.keep(built, at_most=1)

    assert numbers(built) == [2, 1]


def told(made: Store) -> list[tuple[Version, list[bytes]]]:
    found = []
    for each in versions.versions(made).items:
        with versions.open_version(made, each) as then:
            found.append((replace(each, state=""), sorted(then.dump().splitlines())))
    return found


def test_a_backup_contains_the_versions(built: Store, tmp_path: Path) -> None:
    back_up(built, tmp_path / "all.backup")
    with open_store(tmp_path / "again") as again:
        again.replace(NOTES, [NOTE])
        versions.keep(again, at_most=10)
    restore(tmp_path / "all.backup", tmp_path / "again", replace=True)

    with open_store(tmp_path / "again") as again:
        assert told(again) == told(built)
        assert not versions.versions(again).changed


def test_a_backup_of_now_alone(built: Store, tmp_path: Path) -> None:
    back_up(built, tmp_path / "now.backup", with_versions=False)
    restore(tmp_path / "now.backup", tmp_path / "again")

    assert verified(tmp_path / "now.backup").versions == ()
    with open_store(tmp_path / "again") as again:
        assert numbers(again) == []


def test_versions_are_brought_up_to_date_with_the_store(built: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert built.folder is not None
    folder = built.folder
    built.close()
    for module in (migration, store):
        monkeypatch.setattr(module, "FORMAT", FORMAT + 1)
    says = "https://positions.example/ontology#actorLabel"
    moved = f"DELETE {{ GRAPH ?g {{ ?s <{says}> ?o }} }} WHERE {{ GRAPH ?g {{ ?s <{says}> ?o }} }}"
    monkeypatch.setitem(MIGRATIONS, FORMAT, moved)

    with pytest.raises(StoreError, match="older format"):
        open_store(folder / "versions" / "1", read_only=True)
    with open_store(folder) as opened, versions.open_version(opened, versions.as_of(opened, "1")) as then:
        assert not holds(then, factory.statement())
    assert format_of(folder / "versions" / "2") == FORMAT + 1
