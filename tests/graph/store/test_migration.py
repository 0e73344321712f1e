"""Stores of earlier versions of the program."""

from pathlib import Path

import pytest

from graph.errors import StoreError
from graph.rdf.terms import Iri, Literal, Triple
from graph.store import embedded as store
from graph.store import migration
from graph.store.embedded import open_store
from graph.store.migration import FORMAT, MIGRATIONS, format_of

G = Iri("https://buses.example/graph/notes")
OLD, NEW = (Iri(f"https://buses.example/{name}") for name in ("says", "tells"))
RENAME = f"""
DELETE {{ GRAPH ?g {{ ?s <{OLD}> ?o }} }} INSERT {{ GRAPH ?g {{ ?s <{NEW}> ?o }} }}
WHERE {{ GRAPH ?g {{ ?s <{OLD}> ?o }} }}
"""


def note(says: Iri) -> Triple:
    return Triple(Iri("https://buses.example/note"), says, Literal("Late again"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of this version."""
    with open_store(tmp_path / "store") as made:
        made.replace(G, [note(OLD)])
    return tmp_path / "store"


@pytest.fixture
def newer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later version of the program, in which a property has another name."""
    for module in (migration, store):
        monkeypatch.setattr(module, "FORMAT", FORMAT + 1)
    monkeypatch.setitem(MIGRATIONS, FORMAT, RENAME)


def test_every_earlier_format_has_its_migration() -> None:
    assert sorted(MIGRATIONS) == list(range(FORMAT))


def test_a_new_store_has_the_format_of_the_program(folder: Path) -> None:
    assert format_of(folder) == FORMAT


@pytest.mark.parametrize("read_only", [True, False])
def test_a_store_without_a_format_opens(folder: Path, *, read_only: bool) -> None:
    (folder / "format").unlink()

    with open_store(folder, read_only=read_only) as opened:
        assert list(opened.triples(G)) == [note(OLD)]
    assert format_of(folder) == (0 if read_only else FORMAT)


@pytest.mark.usefixtures("newer")
def test_an_older_store_is_brought_up_to_date_once(folder: Path) -> None:
    with open_store(folder) as opened:
        assert list(opened.triples(G)) == [note(NEW)]
        version = opened.version
    assert format_of(folder) == FORMAT + 1

    with open_store(folder) as opened:
        assert opened.version == version


@pytest.mark.usefixtures("newer")
def test_an_older_store_is_not_changed_by_reading(folder: Path) -> None:
    with pytest.raises(StoreError, match="older format"):
        open_store(folder, read_only=True)
    assert format_of(folder) == FORMAT


@pytest.mark.parametrize("read_only", [True, False])
@pytest.mark.parametrize(
    ("format", "says"), [(str(FORMAT + 1), "update the program"), ("x", "does not contain a number")]
)
def test_what_is_not_known_is_not_opened(folder: Path, format: str, says: str, *, read_only: bool) -> None:
    (folder / "format").write_text(format, encoding="ascii")

    with pytest.raises(StoreError, match=says):
        open_store(folder, read_only=read_only)
