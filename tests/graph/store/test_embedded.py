"""The store: one graph at a time, one writer, and a version that changes with every write."""

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from graph.errors import BadQuery, BadRequest, StoreError, StoreInUse
from graph.rdf.terms import Iri, Literal, Triple
from graph.store.embedded import Store, memory_store, open_store
from graph.store.formats import parse
from graph.store.parameters import Bound, bound

NEWS = Iri("https://buses.example/graph/article/news")
OTHER = Iri("https://buses.example/graph/article/other")
COUNCIL = Iri("https://buses.example/id/actor/council")
LABEL = Iri("https://buses.example/label")
ALL = "SELECT ?s ?o WHERE { ?s ?p ?o } ORDER BY ?o"


def said(text: str) -> Triple:
    return Triple(COUNCIL, LABEL, Literal(text))


def texts(store: Store) -> list[str]:
    return [row["o"] for row in store.select(ALL)]


def test_a_graph_is_replaced_as_a_whole_and_others_stay() -> None:
    store = memory_store()
    store.replace(NEWS, [said("one"), said("two")])
    store.replace(OTHER, [said("three")])
    store.replace(NEWS, [said("four")])
    assert texts(store) == ["four", "three"]
    store.remove(NEWS)
    assert store.graphs() == [OTHER]


def test_a_graph_is_amended_in_one_step() -> None:
    store = memory_store()
    store.replace(NEWS, [said("one"), said("two")])
    store.amend(NEWS, remove=[said("one")], add=[said("three")])
    assert texts(store) == ["three", "two"]


def test_a_write_that_fails_leaves_the_graph_as_it_was() -> None:
    store = memory_store()
    store.replace(NEWS, [said("one")])
    with pytest.raises(StoreError, match="surrogate"):
        store.replace(NEWS, [said("two"), said("\ud800")])
    assert texts(store) == ["one"]


def test_triples_are_read_back_unchanged() -> None:
    store = memory_store()
    triples = {said("one"), Triple(COUNCIL, LABEL, Literal("eins", language="de")), Triple(COUNCIL, LABEL, NEWS)}
    store.replace(NEWS, triples)
    assert set(store.triples(NEWS)) == triples
    assert set(store.triples(subject=COUNCIL)) == triples
    assert list(store.triples(OTHER)) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [("one", ["one"]), (["one", "two"], ["one", "two"]), (None, ["one", "three", "two"]), ([], []), ("none", [])],
)
def test_a_parameter_is_one_value_any_of_several_or_open(value: Bound, found: list[str]) -> None:
    store = memory_store()
    store.replace(NEWS, map(said, ("one", "two", "three")))
    rows = store.select("SELECT ?o WHERE { VALUES ?o { UNDEF } ?s ?p ?o } ORDER BY ?o", o=value)
    assert [row["o"] for row in rows] == found


def test_a_parameter_is_filled_wherever_it_is_declared_and_nowhere_else() -> None:
    query = """# VALUES ?x { UNDEF }
    SELECT ?x WHERE { VALUES ?x { UNDEF } { SELECT ?x WHERE { values $x {UNDEF} } }
      FILTER("VALUES ?x { UNDEF }" != "") }"""
    assert bound(query, x=COUNCIL).count(f"{{ <{COUNCIL}> }}") == 2
    with pytest.raises(BadQuery, match="VALUES \\?y"):
        bound(query, y=COUNCIL)


def test_values_are_plain_python() -> None:
    values = '(7 AS ?whole) (0.5 AS ?broken) (true AS ?yes) ("x"@en AS ?text) (<http://b.example/> AS ?iri) ?no'
    row = memory_store().select(f"SELECT {values} WHERE {{}}")
    assert row == [{"whole": 7, "broken": 0.5, "yes": True, "text": "x", "iri": "http://b.example/"}]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * WHERE {", "does not parse: line 1, column"),
        ("ASK {}", "not a SELECT"),
        ("SELECT (<http://b.example/f>(1) AS ?x) WHERE {}", "cannot be run"),
    ],
)
def test_a_bad_query_is_reported_in_one_sentence(query: str, message: str) -> None:
    with pytest.raises(BadQuery, match=message):
        memory_store().select(query)


def test_the_version_changes_with_each_write_and_survives_a_restart(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        before = store.version
        store.replace(NEWS, [said("one")])
        between = store.version
        store.remove(NEWS)
        after = store.version
    assert len({before, between, after}) == 3
    with open_store(tmp_path, read_only=True) as store:
        assert store.version == after


def test_a_store_opened_for_reading_is_not_written(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    with open_store(tmp_path, read_only=True) as store, pytest.raises(StoreError, match="reading only"):
        store.remove(NEWS)


def test_a_store_that_is_not_there_is_not_made_for_reading(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="positions build"):
        open_store(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.select(ALL)


def test_a_file_at_the_stores_path_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no store", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(tmp_path)


def test_a_store_that_another_process_has_open_is_in_use(tmp_path: Path) -> None:
    hold = "import sys, graph.store.embedded as g; s = g.open_store(sys.argv[1]); print('open', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", hold, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        for read_only in (False, True):
            with pytest.raises(StoreInUse, match="another process"):
                open_store(tmp_path, read_only=read_only)
        holder.communicate("\n")
    open_store(tmp_path).close()


@pytest.mark.parametrize("format", ["turtle", "trig", "ntriples", "nquads", "jsonld", "rdfxml"])
def test_a_graph_is_written_in_every_format_and_read_again(format: str) -> None:
    store = memory_store()
    store.replace(NEWS, [said('one "quoted"'), said("two")])
    assert set(parse(store.dump(format=format, graph=NEWS), format=format)) == set(store.triples(NEWS))
    again = memory_store()
    again.load(store.dump(format=format), format=format)
    assert texts(again) == texts(store)


def test_an_unknown_format_and_a_broken_document_are_reported() -> None:
    with pytest.raises(BadRequest, match="turtle"):
        memory_store().dump(format="word")
    with pytest.raises(BadRequest, match="not turtle"):
        memory_store().load(b"<a", format="turtle")


def test_a_construct_is_written_with_prefixes_people_know() -> None:
    made = memory_store().construct('CONSTRUCT { <http://b.example/> <http://purl.org/dc/terms/title> "x" } WHERE {}')
    assert b'dct:title "x"' in made


class Failing:
    """The engine on a full disk: once a write has failed, all later ones fail."""

    def __init__(self, engine: Any, error: OSError) -> None:
        self._engine = engine
        self._error = error

    def update(self, *_: object, **__: object) -> None:
        raise OSError(*self._error.args)

    bulk_load = load = backup = flush = update

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    def __len__(self) -> int:
        return len(self._engine)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), "cannot be written: No space left on device"),
        (
            OSError("IO error: While appending to file: /a/1.log: Read-only file system"),
            "written: Read-only file system",
        ),
        (OSError("IO error: Corruption: bad block"), "IO error: Corruption: bad block"),
    ],
)
def test_a_store_that_could_not_be_written_is_read_and_later_written_again(
    tmp_path: Path, error: OSError, told: str
) -> None:
    with open_store(tmp_path / "store") as store:
        store.replace(NEWS, [said("one")])
        store._data = cast(Any, Failing(store._data, error))
        with pytest.raises(StoreError, match=told):
            store.replace(OTHER, [said("two")])

        assert store.graphs() == [NEWS]
        store.replace(OTHER, [said("two")])
        assert store.graphs() == [NEWS, OTHER]
        store.backup(tmp_path / "copy")
    with open_store(tmp_path / "store") as store:
        assert store.graphs() == [NEWS, OTHER]


def test_a_store_that_cannot_be_tidied_up_is_closed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with open_store(tmp_path / "store") as store:
        store.replace(NEWS, [said("one")])
        store._data = cast(Any, Failing(store._data, OSError(28, "No space left on device")))

    assert "closed without tidying up" in caplog.text
    with open_store(tmp_path / "store") as store:
        assert store.graphs() == [NEWS]


def test_what_a_killed_process_left_goes_at_the_next_opening(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    open_store(folder).close()
    for name in ("positions-backup-x/data", "restoring/data", "versions/.making/data", "versions/.gone-3"):
        (folder / name).mkdir(parents=True)
    (folder / "backup-x.positions").touch()
    (folder / "versions" / "4").mkdir()

    open_store(folder).close()

    assert sorted(path.name for path in folder.iterdir()) == ["data", "format", "versions"]
    assert [path.name for path in (folder / "versions").iterdir()] == ["4"]
