"""The RDF data set: an embedded Oxigraph in a folder.

It has only named graphs, each replaced as a whole in one transaction. A query that names no data set sees the union
of all graphs.
"""

import errno
import gc
import hashlib
import logging
import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Self, cast

import pyoxigraph

from graph.errors import BadQuery, BadRequest, NotAcceptable, ReadOnly, StoreError, StoreInUse, TooManyRows
from graph.model import Counting
from graph.rdf.terms import XSD, Iri, Literal, Term, Triple, nquads, ntriples, written
from graph.rdf.vocabulary import PREFIXES
from graph.rdf.xml_text import Output, WellFormed, xml_bytes
from graph.store.migration import FORMAT, VERSION_FILE, format_of, kept_folders, mark, updates
from graph.store.syntax import explained
from graph.store.writes import Touched, Writes, subjects

log = logging.getLogger(__name__)

Value = Term | str | float | bool
Bound = Value | Iterable[Value] | None
"""A value for a query parameter: one value, several alternatives, or None to leave it free."""

FORMATS = {
    "turtle": pyoxigraph.RdfFormat.TURTLE,
    "trig": pyoxigraph.RdfFormat.TRIG,
    "ntriples": pyoxigraph.RdfFormat.N_TRIPLES,
    "nquads": pyoxigraph.RdfFormat.N_QUADS,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdfxml": pyoxigraph.RdfFormat.RDF_XML,
}
TABLES = {
    "json": pyoxigraph.QueryResultsFormat.JSON,
    "xml": pyoxigraph.QueryResultsFormat.XML,
    "csv": pyoxigraph.QueryResultsFormat.CSV,
    "tsv": pyoxigraph.QueryResultsFormat.TSV,
}
XML = frozenset({"xml", "rdfxml"})
"""Names of the formats in XML."""
WHOLE = {XSD + name for name in ("integer", "int", "long", "short", "byte", "nonNegativeInteger", "positiveInteger")}
BROKEN = {XSD + name for name in ("decimal", "double", "float")}
# The names of parameters have no meaning inside a comment, string or IRI, so those are matched first and kept.
PARAMETER = re.compile(
    r"""(?P<kept>\#[^\n]*|<[^<>"{}|^`\\\s]*>|'''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
    r"""|\bVALUES\s+[?$](?P<name>\w+)\s*\{\s*UNDEF\s*\}""",
    re.DOTALL | re.IGNORECASE,
)
REASONS = frozenset(os.strerror(number) for number in errno.errorcode)
HELD = ("Resource temporarily unavailable", "lock hold by current process", "No locks available")
"""The engine's message for a folder that another process has open."""
TRIES = 5
LEFT = ("positions-backup-*", "backup-*.positions", "restoring", "versions/.making", "versions/.gone-*")
PARSER_PLACE = re.compile(r"^error at (\d+):(\d+): ")


def open_store(location: str | Path, *, read_only: bool = False) -> "Store":
    """Open the store in a folder, creating it unless `read_only`, or the store of a SPARQL server by its address.

    Raises StoreError, StoreInUse.
    """
    if str(location).startswith(("http://", "https://")):
        # Imported here because the remote store is built on this module.
        from graph.store.remote import RemoteStore

        return RemoteStore(str(location), read_only=read_only)
    folder = Path(location)
    data = folder / "data"
    if read_only and not data.is_dir():
        raise StoreError(f"{folder} contains no graph; create one with `positions build`")
    if (folder / VERSION_FILE).is_file():
        return _open_version(folder, read_only=read_only)
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        _finish_restoring(folder)
        new = not data.is_dir()
        pending = [] if new else list(updates(folder))
        store = Store(pyoxigraph.Store(str(data)), folder, read_only=read_only)
        if not read_only:
            _tidy(folder)
            _bring_up_to_date(store, pending)
        elif any(pending):
            raise StoreError(f"the store in {folder} has an older format; `positions serve` or `build` updates it")
        return store
    except OSError as error:
        if any(held in str(error) for held in HELD):
            raise StoreInUse(f"{folder} is in use by another process; stop it, or query it over HTTP") from error
        if read_only:
            # If nothing can be written, there is no lock to take and no other process can write meanwhile.
            return _open_for_reading(folder)
        raise StoreError(f"the store in {folder} cannot be opened: {_reason(error)}") from error


def _read_only(data: str) -> pyoxigraph.Store:
    """Open data that another process has open. Raises OSError."""
    for _ in range(TRIES - 1):
        try:
            return pyoxigraph.Store.read_only(data)
        except RuntimeError:
            # The other process removed files between our listing them and our opening them.
            time.sleep(0.1)
    try:
        return pyoxigraph.Store.read_only(data)
    except RuntimeError as error:
        raise OSError(str(error)) from error


def _tidy(folder: Path) -> None:
    """Remove what an interrupted backup or build has left; no other process has the folder open."""
    for left in (place for pattern in LEFT for place in folder.glob(pattern)):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)


def _open_for_reading(folder: Path) -> "Store":
    try:
        return Store(pyoxigraph.Store.read_only(str(folder / "data")), folder, read_only=True)
    except OSError as error:
        raise StoreError(f"the store in {folder} cannot be opened: {_reason(error)}") from error


def _open_version(folder: Path, *, read_only: bool) -> "Store":
    """Open an earlier version of a store: it is never written to, so several processes may read it."""
    if not read_only:
        raise ReadOnly(f"{folder} is an earlier version of a graph and cannot be changed; name the folder of the graph")
    if any(updates(folder)):
        raise StoreError(f"the version in {folder} has an older format; `positions serve` or `build` updates it")
    return _open_for_reading(folder)


def _bring_up_to_date(store: "Store", pending: Iterable[str]) -> None:
    """Run the updates and record the format; after an interruption, all of them run again."""
    if store.folder is None:
        return
    for kept in kept_folders(store.folder):
        if format_of(kept) != FORMAT:
            with Store(pyoxigraph.Store(str(kept / "data")), kept) as version:
                _bring_up_to_date(version, list(updates(kept)))
    for text in filter(None, pending):
        store.update(text)
    if format_of(store.folder) != FORMAT:
        mark(store.folder)


def restored_beside(folder: Path, working: Path) -> None:
    """Replace the store in the folder by a finished one; after an interruption it is the old one or the new one."""
    working.rename(folder / "restored")
    _finish_restoring(folder)


def _finish_restoring(folder: Path) -> None:
    new = folder / "restored"
    if not new.is_dir():
        return
    if (new / "data").is_dir():
        shutil.rmtree(folder / "data", ignore_errors=True)
        (new / "data").rename(folder / "data")
    if (new / "versions").is_dir():
        shutil.rmtree(folder / "versions", ignore_errors=True)
        (new / "versions").rename(folder / "versions")
    for name in ("format", "version"):
        if (new / name).is_file():
            (new / name).replace(folder / name)
    shutil.rmtree(new)


def memory_store() -> "Store":
    """Return an empty store in memory."""
    return Store(pyoxigraph.Store(), None)


def parse(data: bytes | str, *, format: str) -> list[Triple]:
    """Parse an RDF document without blank nodes. Raises BadRequest if it does not parse."""
    try:
        quads = list(pyoxigraph.parse(data, _format(format)))
    except SyntaxError as error:
        raise BadRequest(f"not {format}: {error}") from error
    return [Triple(Iri(quad.subject.value), Iri(quad.predicate.value), _term(quad.object)) for quad in quads]


def bound(query: str, **bindings: Bound) -> str:
    """Return the query with its parameters filled in: a complete query that can also be run by hand.

    A parameter is a variable that the query declares as `VALUES ?name { UNDEF }`, as often as needed (also in
    sub-selects), so the text is valid without any value too. A list means any one of its members; None leaves the
    variable free. Raises BadQuery if the query has no such parameter.
    """
    missing = set(bindings)

    def fill(match: re.Match[str]) -> str:
        name = match["name"]
        if match["kept"] is not None or name not in bindings:
            return match[0]
        missing.discard(name)
        value = bindings[name]
        if value is None:
            return ""
        terms = [value] if isinstance(value, str | int | float | Literal) else value
        return f"VALUES ?{name} {{ {' '.join(map(written, terms))} }}"

    filled = PARAMETER.sub(fill, query)
    if missing:
        raise BadQuery(f"the query declares no VALUES ?{min(missing)} {{ UNDEF }}")
    return filled


class Store:
    """A data set of named graphs; `open_store` opens one."""

    def __init__(self, data: pyoxigraph.Store | None, folder: Path | None, *, read_only: bool = False) -> None:
        self._data = data
        self.folder = folder
        self.read_only = read_only
        self._writing = threading.RLock()
        self._failed = False
        self._writes = Writes()
        self._version = self._stored_version()
        self.counting = Counting.LIKELY
        """Which statements count in what is worked out from this store."""
        self._views: dict[Counting, Store] = {}

    local: ClassVar[bool] = True
    """Whether the data are on this machine."""

    def counted(self, counting: Counting) -> "Store":
        """Return the same store with other statements counting; nothing is copied."""
        if counting is self.counting:
            return self
        with self._writing:
            return self._views.setdefault(counting, cast(Store, _View(self, counting)))

    @property
    def whole(self) -> "Store":
        """The store itself, where this is a view that counts other statements."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Release the folder, so that another process may open it."""
        if self._data is not None and not self.read_only:
            try:
                self._data.flush()
            except OSError as error:
                # Acknowledged writes are in the engine's journal, which is read at the next opening.
                log.error("the store in %s was closed without tidying up: %s", self.folder, _reason(error))
        self._data = None

    @property
    def version(self) -> str:
        """Return a value that changes with every write and survives a restart, for ETags and caches."""
        return self._version

    def changed(self, since: str, until: str) -> Touched | None:
        """Return what was written between two versions, or None if unknown."""
        return self._writes.between(since, until)

    @property
    def data(self) -> pyoxigraph.Store:
        if self._data is None:
            raise StoreError("the store is closed")
        return self._data

    # Reading

    def select(self, query: str, **bindings: Bound) -> list[dict[str, Any]]:
        """Return the rows of a SELECT as plain values: str for IRIs, strings and dates; no key if absent."""
        return list(self.rows(query, **bindings))

    def rows(self, query: str, **bindings: Bound) -> Iterator[dict[str, Any]]:
        """Yield the rows of `select` one at a time."""
        results = self._query(query, bindings)
        if not isinstance(results, pyoxigraph.QuerySolutions):
            raise BadQuery("this is not a SELECT query")
        names = [variable.value for variable in results.variables]
        with _told("the query failed"):
            for row in results:
                yield {name: _plain(term) for name, term in zip(names, row, strict=True) if term is not None}

    def ask(self, query: str, **bindings: Bound) -> bool:
        """Return the answer to an ASK."""
        result = self._query(query, bindings)
        if not isinstance(result, pyoxigraph.QueryBoolean):
            raise BadQuery("this is not an ASK query")
        return bool(result)

    def construct(self, query: str, *, format: str = "turtle", **bindings: Bound) -> bytes:
        """Return the graph of a CONSTRUCT or DESCRIBE, serialised."""
        result = self._query(query, bindings)
        if not isinstance(result, pyoxigraph.QueryTriples):
            raise BadQuery("this is not a CONSTRUCT or DESCRIBE query")
        with _told("the query failed"):
            return _bytes(pyoxigraph.serialize(result, format=_format(format), prefixes=PREFIXES), format=format)

    def results(self, query: str, *, format: str = "json", **bindings: Bound) -> bytes:
        """Return the rows of a SELECT, or the answer to an ASK, as W3C JSON, XML, CSV or TSV."""
        result = self._query(query, bindings)
        if isinstance(result, pyoxigraph.QueryTriples):
            raise BadQuery("this is a CONSTRUCT or DESCRIBE query; its result is a graph")
        if format not in TABLES:
            raise BadRequest(f"unknown format {format!r}; use one of {', '.join(TABLES)}")
        with _told("the query failed"):
            return _bytes(result.serialize(format=TABLES[format]), format=format)

    def triples(self, graph: Iri | None = None, *, subject: Iri | None = None) -> Iterator[Triple]:
        """Yield the triples of one graph, or of all; of one subject, or of all."""
        start = pyoxigraph.NamedNode(subject) if subject is not None else None
        within = pyoxigraph.NamedNode(graph) if graph is not None else None
        with _told("the store cannot be read"):
            for quad in self.data.quads_for_pattern(start, None, None, within):
                if isinstance(quad.subject, pyoxigraph.NamedNode):
                    yield Triple(Iri(quad.subject.value), Iri(quad.predicate.value), _term(quad.object))

    def graphs(self) -> list[Iri]:
        """Return the IRIs of the named graphs, in order."""
        return sorted(Iri(graph.value) for graph in self.data.named_graphs())

    def count(self) -> int:
        """Return the number of quads."""
        return len(self.data)

    def dump(self, *, format: str = "nquads", graph: Iri | None = None) -> bytes:
        """Serialise one graph, or all of them; a format without named graphs gets their union."""
        into = _format(format)
        with _told("the store cannot be written out"):
            if graph is not None:
                name = pyoxigraph.NamedNode(graph)
                return _bytes(self.data.dump(None, into, from_graph=name, prefixes=PREFIXES), format=format)
            if into.supports_datasets:
                return _bytes(self.data.dump(None, into, prefixes=PREFIXES), format=format)
        return self.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", format=format)

    def backup(self, folder: Path) -> str:
        """Copy the data into a new folder, for readers in other processes, and return the version of the copy.

        The copy shares its files with the store until either changes, so it takes milliseconds.
        """
        with self._writing, _told(f"the store in {self.folder or 'memory'} cannot be copied"):
            if self.folder is None:
                folder.mkdir(parents=True)
                copy = pyoxigraph.Store(str(folder))
                copy.bulk_extend(self.data)
                copy.flush()
            else:
                folder.parent.mkdir(parents=True, exist_ok=True)
                self._recover()
                try:
                    self.data.backup(str(folder))
                except OSError:
                    self._failed = True
                    raise
            return self._version

    # Writing: each call is one transaction

    def replace(self, graph: Iri, triples: Iterable[Triple]) -> None:
        """Replace the triples of the graph with these."""
        name = written(graph)
        text = f"DROP SILENT GRAPH {name} ;\nINSERT DATA {{ GRAPH {name} {{\n{ntriples(triples)}}} }}"
        self._update(text, touched={graph: None})

    def add(self, graphs: Mapping[Iri, Iterable[Triple]]) -> None:
        """Add graphs that do not exist yet, all or none; several times as fast for very many triples."""
        data = "".join(nquads(graph, triples) for graph, triples in graphs.items())
        with self.write(dict.fromkeys(graphs)) as store:
            store.bulk_load(data.encode(), pyoxigraph.RdfFormat.N_QUADS)

    def amend(self, graph: Iri, *, remove: Iterable[Triple] = (), add: Iterable[Triple] = ()) -> None:
        """Remove some triples from the graph and add others."""
        name, out, new = written(graph), list(remove), list(add)
        self._update(
            f"DELETE DATA {{ GRAPH {name} {{\n{ntriples(out)}}} }} ;\n"
            f"INSERT DATA {{ GRAPH {name} {{\n{ntriples(new)}}} }}",
            touched=subjects(graph, out, new),
        )

    def fill(self, file: IO[bytes], *, graphs: Iterable[str] = ()) -> None:
        """Add the N-Quads of a file, of any size, and create these graphs even if they are empty."""
        with self.write() as store:
            try:
                store.bulk_load(file, pyoxigraph.RdfFormat.N_QUADS)
            except (SyntaxError, ValueError) as error:
                raise BadRequest(f"not N-Quads: {_place(error)}") from error
            for graph in graphs:
                store.add_graph(pyoxigraph.NamedNode(graph))

    def remove(self, graph: Iri) -> None:
        """Remove the graph, if it exists."""
        self._update(f"DROP SILENT GRAPH {written(graph)}", touched={graph: None})

    def update(self, text: str, *, base: str | None = None) -> None:
        """Run a SPARQL update. Raises BadQuery if it does not parse or cannot be run."""
        self._update(text, base=base)

    def put(self, graph: str | None, data: bytes, *, replace: bool) -> bool:
        """Replace the graph with these N-Triples (None: the default graph), or add them; return whether it is new.

        Raises BadRequest if they do not parse; the store is then unchanged.
        """
        with self._writing:
            new = graph is not None and not self.has_graph(graph)
            if data.strip() and (new or not replace):
                self._load(data, to=pyoxigraph.NamedNode(graph) if graph is not None else pyoxigraph.DefaultGraph())
            else:
                place = "GRAPH " + written(Iri(graph)) if graph is not None else "DEFAULT"
                body = "".join(f"{quad.triple} .\n" for quad in _parsed(data, format="ntriples"))
                # A graph without triples exists too, once it has been put.
                created = f"CREATE SILENT {place} ;\n" if graph is not None else ""
                dropped = f"DROP SILENT {place} ;\n" if replace else ""
                into = f"{place} {{\n{body}}}" if graph is not None else body
                touched = {graph: None} if graph is not None else None
                self._update(f"{dropped}{created}INSERT DATA {{\n{into}}}", touched=touched)
        return new

    def put_all(self, data: bytes, *, replace: bool) -> None:
        """Replace the whole data set with these N-Quads, or add them. Raises BadRequest if they do not parse."""
        if not replace:
            self._load(data, to=None)
            return
        self._update(f"DROP ALL ;\nINSERT DATA {{\n{quad_data(data)}}}")

    def has_graph(self, graph: str) -> bool:
        """Return whether this named graph exists, even if it is empty."""
        return self.data.contains_named_graph(pyoxigraph.NamedNode(graph))

    def load(self, data: bytes | str, *, format: str = "nquads", graph: Iri | None = None) -> None:
        """Add RDF from a user, to one graph or to those that the data name."""
        with self.write() as store:
            try:
                store.load(
                    data,
                    _format(format),
                    to_graph=pyoxigraph.NamedNode(graph) if graph is not None else None,
                )
            except SyntaxError as error:
                raise BadRequest(f"not {format}: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A lock for reads and writes that belong together: no one else writes in between."""
        with self._writing:
            yield

    @contextmanager
    def write(self, touched: Touched | None = None) -> Iterator[pyoxigraph.Store]:
        """Every write passes through here: one at a time, with a new version, errors reported in one sentence.

        `touched` is what it will change; None means anything.
        """
        if self.read_only:
            raise ReadOnly(f"the graph in {self.folder} is open for reading only")
        with self._writing, _told(f"the store in {self.folder or 'memory'} cannot be written"):
            version = secrets.token_hex(8)
            # On disk the version changes before the data: after a crash in between, a version without a change does no
            # harm. In memory it changes after the data: old data must never be kept under the new version.
            self._store_version(version)
            self._recover()
            try:
                yield self.data
            except OSError:
                self._failed = True
                raise
            finally:
                self._writes.note(self._version, version, touched)
                self._version = version

    def _recover(self) -> None:
        """Reopen the data after the engine has failed to write: it refuses to write again even when there is space."""
        if not self._failed or self.folder is None:
            return
        data = str(self.folder / "data")
        # Reading continues meanwhile. A reader of the old data keeps its lock; then the next write tries again.
        self._data = _read_only(data)
        # The exception that reported the failure may still hold the old one.
        gc.collect()
        self._data = pyoxigraph.Store(data)
        self._failed = False

    def _load(self, data: bytes, *, to: pyoxigraph.NamedNode | pyoxigraph.DefaultGraph | None) -> None:
        kind = pyoxigraph.RdfFormat.N_QUADS if to is None else pyoxigraph.RdfFormat.N_TRIPLES
        touched: Touched | None = {to.value: None} if isinstance(to, pyoxigraph.NamedNode) else None
        with self.write(touched) as store:
            try:
                if to is None:
                    store.bulk_load(data, kind)
                else:
                    store.load(data, kind, to_graph=to)
            except (SyntaxError, ValueError) as error:
                raise BadRequest(f"not {kind.name}: {_place(error)}") from error

    def _update(self, text: str, *, base: str | None = None, touched: Touched | None = None) -> None:
        with self.write(touched) as store:
            try:
                store.update(text, base_iri=base)
            except SyntaxError as error:
                raise BadQuery(f"the update does not parse: {explained(text, _update_fault, kind='update')}") from error
            except RuntimeError as error:
                raise BadQuery(f"the update cannot be run: {error}") from error

    def _query(self, query: str, bindings: Mapping[str, Any]) -> Any:
        text = bound(query, **bindings)
        try:
            with _told("the query failed"):
                return self.data.query(text, use_default_graph_as_union=True)
        except SyntaxError as error:
            raise BadQuery(f"the query does not parse: {explained(text, _query_fault)}") from error
        except RuntimeError as error:
            raise BadQuery(f"the query cannot be run: {error}") from error

    def _stored_version(self) -> str:
        if self.folder is None:
            return secrets.token_hex(8)
        try:
            return (self.folder / "version").read_text(encoding="ascii")
        except FileNotFoundError:
            return "0"

    def _store_version(self, version: str) -> None:
        if self.folder is not None:
            new = self.folder / "version.new"
            new.write_text(version, encoding="ascii")
            new.replace(self.folder / "version")


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
        with _told("the copy cannot be opened"):
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
            raise BadQuery(f"the query does not parse: {explained(query.text, _query_fault)}") from error
        except ValueError as error:
            raise BadQuery(f"not an IRI of a graph: {error}") from error
        except RuntimeError as error:
            raise BadQuery(f"the query cannot be run: {error}") from error

    def _write(self, result: Any, query: Query, output: Output) -> None:
        if isinstance(result, pyoxigraph.QueryTriples):
            if query.graph is None:
                raise NotAcceptable(f"the result is a graph; ask for one of {', '.join(FORMATS)}")
            output.begin(kind="graph", format=query.graph)
            into = _file(well_formed(output, query.graph))
            pyoxigraph.serialize(islice(result, query.rows), into, FORMATS[query.graph], prefixes=PREFIXES)
            if next(result, None) is not None:
                raise TooManyRows(query.rows)
            return
        if query.table is None:
            raise NotAcceptable(f"the result is a table or a yes or no; ask for one of {', '.join(TABLES)}")
        output.begin(kind="boolean" if isinstance(result, pyoxigraph.QueryBoolean) else "table", format=query.table)
        result.serialize(_file(RowCount(well_formed(output, query.table), query)), TABLES[query.table])

    def graphs(self) -> list[str]:
        """Return the IRIs of the named graphs, in order."""
        return sorted(graph.value for graph in self.data.named_graphs() if isinstance(graph, pyoxigraph.NamedNode))

    def dump(self, graph: str | None, output: Output, *, format: str) -> bool:
        """Write one graph ('': the default graph; None: all graphs); return False if it does not exist."""
        if graph is None:
            output.begin(kind="graph", format=format)
            self.data.dump(_file(well_formed(output, format)), FORMATS[format], prefixes=PREFIXES)
            return True
        name = pyoxigraph.NamedNode(graph) if graph else pyoxigraph.DefaultGraph()
        if isinstance(name, pyoxigraph.NamedNode) and not self.data.contains_named_graph(name):
            return False
        output.begin(kind="graph", format=format)
        self.data.dump(_file(well_formed(output, format)), FORMATS[format], from_graph=name, prefixes=PREFIXES)
        return True


def well_formed(output: Output, format: str) -> Output:
    """The same sink, or for formats in XML one that replaces the characters that XML does not allow."""
    return WellFormed(output) if format in XML else output


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


def parses(text: str) -> None:
    """Try an update on an empty store. Raises BadQuery if it does not parse."""
    try:
        pyoxigraph.Store().update(text, base_iri="http://localhost/")
    except SyntaxError as error:
        raise BadQuery(f"the update does not parse: {explained(text, _update_fault, kind='update')}") from error
    except (RuntimeError, OSError) as error:
        # An empty store lacks the graphs that the update names.
        log.debug("tried on an empty store: %s", error)


def rehearse(text: str, folder: str, *, base: str) -> None:
    """Run an update on a disposable copy. Raises BadQuery if it cannot be run."""
    try:
        pyoxigraph.Store(folder).update(text, base_iri=base)
    except SyntaxError as error:
        raise BadQuery(f"the update does not parse: {explained(text, _update_fault, kind='update')}") from error
    except RuntimeError as error:
        raise BadQuery(f"the update cannot be run: {error}") from error


def lines_of(data: bytes, output: Output, *, format: str, base: str, quads: bool) -> None:
    """Convert RDF to N-Triples or N-Quads, which parse predictably. Raises BadRequest if it is not RDF."""
    output.begin(kind="graph", format="nquads" if quads else "ntriples")
    try:
        parsed = pyoxigraph.parse(data, _format(format), base_iri=base)
        if quads:
            pyoxigraph.serialize(parsed, _file(output), pyoxigraph.RdfFormat.N_QUADS)
        else:
            triples = (quad.triple for quad in parsed)
            pyoxigraph.serialize(triples, _file(output), pyoxigraph.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"not {format}: {_place(error)}") from error


def quad_data(data: bytes) -> str:
    """Return N-Quads in the form used within INSERT DATA { }. Raises BadRequest if they do not parse."""
    named: dict[str, list[str]] = {}
    for quad in _parsed(data, format="nquads"):
        named.setdefault(str(quad.graph_name), []).append(f"{quad.triple} .\n")
    return "".join(
        "".join(triples) if graph == "DEFAULT" else f"GRAPH {graph} {{\n{''.join(triples)}}}\n"
        for graph, triples in named.items()
    )


def rewritten(data: bytes, *, source: str, target: str) -> bytes:
    """Convert RDF from one of FORMATS to another. Raises BadRequest if it is not RDF."""
    quads = _parsed(data, format=source)
    into = _format(target)
    content = quads if into.supports_datasets else [quad.triple for quad in quads]
    return _bytes(pyoxigraph.serialize(content, format=into, prefixes=PREFIXES), format=target)


def written_out(triples: Iterable[Triple], *, format: str) -> bytes:
    """Write triples in one of FORMATS."""
    quads = pyoxigraph.parse(ntriples(triples), pyoxigraph.RdfFormat.N_TRIPLES)
    content = pyoxigraph.serialize((quad.triple for quad in quads), format=_format(format), prefixes=PREFIXES)
    return _bytes(content, format=format)


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{what}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    """Return the operating system's message, which the engine surrounds with source locations."""
    last = str(error).rpartition(": ")[2]
    return error.strerror or (last if last in REASONS else str(error))


def _file(output: Any) -> IO[bytes]:
    """An object with `write`, the only method that the engine uses of a file."""
    return cast(IO[bytes], output)


def _bytes(output: bytes | None, *, format: str = "") -> bytes:
    return xml_bytes(output or b"") if format in XML else output or b""


def _query_fault(text: str) -> str:
    """Return the engine's report on a query that does not parse, or an empty string."""
    try:
        pyoxigraph.Store().query(text, base_iri="http://localhost/")
    except SyntaxError as error:
        return str(error.msg)
    except RuntimeError as error:
        log.debug("tried on an empty store: %s", error)
    return ""


def _update_fault(text: str) -> str:
    """Return the engine's report on an update that does not parse, or an empty string."""
    try:
        pyoxigraph.Store().update(text, base_iri="http://localhost/")
    except SyntaxError as error:
        return str(error.msg)
    except RuntimeError as error:
        log.debug("tried on an empty store: %s", error)
    return ""


def _place(error: SyntaxError | ValueError) -> str:
    return PARSER_PLACE.sub(r"line \1, column \2: ", str(getattr(error, "msg", error)))


def _parsed(data: bytes, *, format: str) -> list[pyoxigraph.Quad]:
    try:
        return list(pyoxigraph.parse(data, _format(format)))
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"not {format}: {_place(error)}") from error


def _format(name: str) -> pyoxigraph.RdfFormat:
    if name not in FORMATS:
        raise BadRequest(f"unknown format {name!r}; use one of {', '.join(FORMATS)}")
    return FORMATS[name]


def _plain(term: Any) -> Any:
    if isinstance(term, pyoxigraph.Literal):
        kind = term.datatype.value
        if kind in WHOLE:
            return int(term.value)
        if kind in BROKEN:
            return float(term.value)
        if kind == XSD + "boolean":
            return term.value in {"true", "1"}
        return term.value
    return term.value if isinstance(term, pyoxigraph.NamedNode) else str(term)


def _term(term: Any) -> Term:
    if isinstance(term, pyoxigraph.Literal):
        kind = term.datatype.value
        plain = kind == XSD + "string" or bool(term.language)
        return Literal(term.value, "" if plain else kind, term.language or "")
    return Iri(term.value if isinstance(term, pyoxigraph.NamedNode) else str(term))


class _View:
    """A store in which other statements count; everything else is that of the store."""

    def __init__(self, store: Store, counting: Counting) -> None:
        self.whole = store
        self.counting = counting

    def counted(self, counting: Counting) -> Store:
        return self.whole.counted(counting) if counting is not self.counting else cast(Store, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)
