"""A copy of a store for a process that runs one query after another and may be ended at any time."""

import hashlib
import os
import threading
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any, ClassVar, Self

import pyoxigraph

from graph.errors import BadQuery, NotAcceptable, TooManyRows
from graph.rdf.vocabulary import PREFIXES
from graph.rdf.xml_text import Output
from graph.store.formats import FORMATS, TABLES, as_file, engine_errors, well_formed
from graph.store.syntax import explained
from graph.store.trials import query_fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A request of the SPARQL protocol, with the formats that the client accepts."""

    text: str
    base: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    """None if the request names no data set: the text then decides, or it is the union of all graphs."""
    table: str | None = None
    """Format of SELECT and ASK results: a key of TABLES, or None if the client accepts none."""
    graph: str | None = None
    """Format of CONSTRUCT and DESCRIBE results: a key of FORMATS."""
    rows: int = 1_000_000
    """Maximum number of rows or triples."""


class Snapshot:
    """A copy of a store, opened for reading only, for a process that may be ended at any time."""

    def __init__(self, data: pyoxigraph.Store) -> None:
        self.data = data

    @classmethod
    def on_disk(cls, folder: str) -> Self:
        """Open the copy in its folder; several processes may open it."""
        with engine_errors("the copy cannot be opened"):
            return cls(pyoxigraph.Store.read_only(folder))

    @classmethod
    def in_memory(cls, folder: str, *, at_most: int) -> Self | None:
        """Read the copy into memory, where queries run several times as fast; None if it has too many quads."""
        disk = pyoxigraph.Store.read_only(folder)
        if len(disk) > at_most:
            return None
        memory = pyoxigraph.Store()
        reading, writing = os.pipe()

        def write() -> None:
            with os.fdopen(writing, "wb") as file:
                disk.dump(file, pyoxigraph.RdfFormat.N_QUADS)

        writer = threading.Thread(target=write)
        writer.start()
        with os.fdopen(reading, "rb") as file:
            memory.bulk_load(file, pyoxigraph.RdfFormat.N_QUADS)
        writer.join()
        for graph in disk.named_graphs():
            memory.add_graph(graph)
        return cls(memory)

    def answer(self, query: Query, output: Output, *, union: bool) -> None:
        """Run the query and write its answer. `union`: the text names no data set.

        Raises BadQuery, NotAcceptable, TooManyRows; anything written before that is not an answer.
        """
        given = query.default_graphs is not None or query.named_graphs is not None
        # The union would override FROM in the text.
        data_set: dict[str, Any] = {"use_default_graph_as_union": True} if union and not given else {}
        try:
            if given:
                data_set["default_graph"] = [pyoxigraph.NamedNode(name) for name in query.default_graphs or ()]
                data_set["named_graphs"] = [pyoxigraph.NamedNode(name) for name in query.named_graphs or ()]
            result = self.data.query(query.text, base_iri=query.base, **data_set)
            self._write(result, query, output)
        except SyntaxError as error:
            raise BadQuery(f"the query does not parse: {explained(query.text, query_fault)}") from error
        except ValueError as error:
            raise BadQuery(f"not an IRI of a graph: {error}") from error
        except RuntimeError as error:
            raise BadQuery(f"the query cannot be run: {error}") from error

    def _write(self, result: Any, query: Query, output: Output) -> None:
        if isinstance(result, pyoxigraph.QueryTriples):
            if query.graph is None:
                raise NotAcceptable(f"the result is a graph; ask for one of {', '.join(FORMATS)}")
            output.begin(kind="graph", format=query.graph)
            into = as_file(well_formed(output, query.graph))
            pyoxigraph.serialize(islice(result, query.rows), into, FORMATS[query.graph], prefixes=PREFIXES)
            if next(result, None) is not None:
                raise TooManyRows(query.rows)
            return
        if query.table is None:
            raise NotAcceptable(f"the result is a table or a yes or no; ask for one of {', '.join(TABLES)}")
        output.begin(kind="boolean" if isinstance(result, pyoxigraph.QueryBoolean) else "table", format=query.table)
        result.serialize(as_file(RowCount(well_formed(output, query.table), query)), TABLES[query.table])

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, in order."""
        return sorted(graph.value for graph in self.data.named_graphs() if isinstance(graph, pyoxigraph.NamedNode))

    def dump(self, graph: str | None, output: Output, *, format: str) -> bool:
        """Write one graph ('': the default graph; None: all graphs); return False if it does not exist."""
        if graph is None:
            output.begin(kind="graph", format=format)
            self.data.dump(as_file(well_formed(output, format)), FORMATS[format], prefixes=PREFIXES)
            return True
        name = pyoxigraph.NamedNode(graph) if graph else pyoxigraph.DefaultGraph()
        if isinstance(name, pyoxigraph.NamedNode) and not self.data.contains_named_graph(name):
            return False
        output.begin(kind="graph", format=format)
        self.data.dump(as_file(well_formed(output, format)), FORMATS[format], from_graph=name, prefixes=PREFIXES)
        return True


class RowCount:
    """Passes an answer on, and raises TooManyRows when it has more rows than requested.

    The engine writes whole answers; counting row separators costs a tenth of converting each row to values.
    """

    MARKS: ClassVar[dict[str, bytes]] = {"json": b"},{", "xml": b"<result>", "csv": b"\r\n", "tsv": b"\n"}

    def __init__(self, output: Output, query: Query) -> None:
        self._output = output
        self._mark = self.MARKS[query.table or "json"]
        self._bound = query.rows
        # JSON has one separator fewer than rows; CSV and TSV have one more for the header.
        self._rows = {"json": 1, "xml": 0}.get(query.table or "json", -1)
        self._tail = b""

    def write(self, data: bytes) -> int:
        joined = self._tail + data
        self._rows += joined.count(self._mark)
        self._tail = joined[-(len(self._mark) - 1) :] if len(self._mark) > 1 else b""
        if self._rows > self._bound:
            raise TooManyRows(self._bound)
        return self._output.write(data)

    def flush(self) -> None:
        """Nothing is buffered here."""


class Digested:
    """A file that counts and hashes what is written to it; accepts what `Snapshot.dump` writes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.lines = 0

    def begin(self, **header: Any) -> None:
        """Ignore the header of an answer: it does not belong in a file."""

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        self.lines += data.count(b"\n")
        return self._file.write(data)

    def flush(self) -> None:
        """Nothing is buffered here."""

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
