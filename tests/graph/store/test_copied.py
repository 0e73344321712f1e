"""A graph that another process writes to can be read: one moment of it, with all that was written by then."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.errors import ReadOnly, StoreError
from graph.rdf.terms import Iri, Literal, Triple
from graph.store.copied import read_store
from graph.store.embedded import open_store

GRAPH = Iri("https://example.org/graph")
SAYS = Iri("https://example.org/says")
HOLD = """
import sys
from graph.rdf.terms import Iri, Literal, Triple
from graph.store.embedded import open_store
says = Iri("https://example.org/says")
with open_store(sys.argv[1]) as store:
    print("open", flush=True)
    for number in range(int(sys.argv[2])):
        # Long enough for the engine to write out its journal, after 64 MB.
        text = str(number) + " " + "x" * 200_000
        both = [Triple(Iri(f"https://example.org/{side}/{number}"), says, Literal(text)) for side in ("a", "b")]
        store.amend(Iri("https://example.org/graph"), add=both)
        print(number + 1, flush=True)
    input()
"""


@contextmanager
def held(folder: Path, writes: int = 0) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the store open and writes to it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder), str(writes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        yield holder
        holder.communicate("\n")


def sides(folder: Path) -> tuple[set[str], set[str]]:
    """The numbers on each side."""
    with read_store(folder) as store:
        subjects = [str(triple.subject) for triple in store.triples(GRAPH)]
    found = [{it.rpartition("/")[2] for it in subjects if f"/{side}/" in it} for side in ("a", "b")]
    return found[0], found[1]


def test_what_was_written_is_read_while_more_is_written(tmp_path: Path) -> None:
    with held(tmp_path, 240) as holder:
        assert holder.stdout is not None
        for _ in range(12):
            for _ in range(20):
                written = int(holder.stdout.readline())
            first, second = sides(tmp_path)
            # A transaction is whole, and none that ended before is missing.
            assert first == second
            assert set(map(str, range(written))) <= first
        # The engine has written its journal out meanwhile.
        assert list((tmp_path / "data").glob("*.sst"))
    assert len(sides(tmp_path)[0]) == 240


def test_the_copy_is_for_reading_and_goes_with_its_process(tmp_path: Path) -> None:
    place = tmp_path / "gräph of 1"
    with open_store(place) as store:
        store.add({GRAPH: [Triple(Iri("https://example.org/a/0"), SAYS, Literal("yes"))]})
        version = store.version
    code = "import sys; from graph.store.copied import read_store; print(read_store(sys.argv[1]).folder)"
    with held(place):
        with read_store(place) as copy:
            assert copy.version == version
            with pytest.raises(ReadOnly):
                copy.remove(GRAPH)
        other = subprocess.run([sys.executable, "-c", code, place], capture_output=True, text=True, check=True)
        assert not Path(other.stdout.strip()).exists()
    with open_store(place) as store:
        assert [triple.object for triple in store.triples(GRAPH)] == [Literal("yes")]


def test_a_graph_in_no_use_is_opened_itself(tmp_path: Path) -> None:
    open_store(tmp_path).close()

    with read_store(tmp_path) as store:
        assert store.folder == tmp_path
    with pytest.raises(StoreError, match="contains no graph"):
        read_store(tmp_path / "nowhere")
