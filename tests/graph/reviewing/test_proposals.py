"""New names are proposed with their passages until someone decides."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph.building import build
from graph.errors import BadRequest
from graph.reviewing.proposals import accept, accept_as_alias, dismiss, proposals, with_passages
from graph.store.embedded import Store, memory_store
from tests import factory

TEXT = "The council welcomed the fare cap. Bus Watch opposed it. A zone parking cap would come next, and {} too."
SAID = "Bus Watch opposed it."


@pytest.fixture
def store() -> Iterator[Store]:
    with memory_store() as made:
        articles, found = [], []
        for number, filler in enumerate(("trams", "ferries", "trains", "cable cars", "coaches")):
            text = f"{filler.title()} ran. " + (TEXT.format(filler) if number < 2 else f"A ride on {filler} matters.")
            articles.append(factory.article(id=f"a{number}", text=text))
            if number < 2:
                found.append(
                    factory.statement(
                        SAID, article=f"a{number}", start=text.index(SAID), actor="bus-watch", actor_label="Bus Watch"
                    )
                )
        build(made, factory.domain(), articles, found)
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "actors.csv").write_text("id,label,kind,aliases\ncouncil,City Council,,\n")
    (tmp_path / "reforms.csv").write_text("id,label,aliases\nfare-cap,Fare cap,\n")
    return tmp_path


def names(store: Store, kind: str, folder: Path | None = None) -> list[str]:
    return [each.name for each in proposals(store, kind, domain=folder)]


def test_an_actor_in_no_table_is_proposed_with_its_passages(store: Store) -> None:
    (found,) = proposals(store, "actor")
    assert (found.name, found.id, found.number) == ("Bus Watch", "bus-watch", 2)
    assert {each.name for each in with_passages(store, found).passages} == {SAID}


def test_a_phrase_that_ends_as_reforms_do_is_proposed(store: Store) -> None:
    (found,) = proposals(store, "reform")
    assert found.name.endswith("zone parking cap")
    assert (found.number, found.articles) == (2, 2)
    assert found.alike[0] == ("fare-cap", "Fare cap")
    assert all(each.name == found.name for each in found.passages)


@pytest.mark.parametrize("kind", ["actor", "reform"])
def test_a_name_is_asked_about_until_it_is_decided(store: Store, folder: Path, kind: str) -> None:
    (name,) = names(store, kind, folder)
    dismiss(folder, kind, name)
    dismiss(folder, kind, name)
    assert names(store, kind, folder) == []
    assert (folder / "dismissed.csv").read_text().count("\n") == 1


def test_accepted_names_are_in_the_table(store: Store, folder: Path) -> None:
    assert accept(folder, "actor", "Bus Watch", actor_kind="group") == "bus-watch"
    assert (folder / "actors.csv").read_text().splitlines()[-1] == "bus-watch,Bus Watch,group,"
    (name,) = names(store, "reform", folder)
    accept_as_alias(folder, "reform", name, "fare-cap")
    assert (folder / "reforms.csv").read_text().splitlines()[-1] == f"fare-cap,Fare cap,{name}"
    assert names(store, "actor", folder) == names(store, "reform", folder) == []


def test_other_kinds_are_refused(store: Store) -> None:
    with pytest.raises(BadRequest):
        proposals(store, "concern")
