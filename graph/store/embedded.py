"""The RDF data set: an embedded Oxigraph in a folder.

It has only named graphs, each replaced as a whole in one transaction. A query that names no data set sees the union
of all graphs.
"""

import gc
import logging
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Self, cast

import pyoxigraph

from graph.errors import BadQuery, BadRequest, ReadOnly, StoreError, StoreInUse
from graph.model import Counting
from graph.rdf.terms import Iri, Triple, nquads, ntriples, written
from graph.rdf.vocabulary import PREFIXES
from graph.store.formats import (
    TABLES,
    content_of,
    engine_errors,
    parsed_quads,
    parser_message,
    plain_value,
    quad_data,
    rdf_format,
    reason_of,
    term_of,
)
from graph.store.migration import FORMAT, VERSION_FILE, format_of, kept_folders, mark, updates
from graph.store.parameters import Bound, bound
from graph.store.restoring import finish_restoring, tidy
from graph.store.syntax import explained
from graph.store.trials import query_fault, update_fault
from graph.store.writes import Touched, Writes, subjects

log = logging.getLogger(__name__)
HELD = ("Resource temporarily unavailable", "lock hold by current process", "No locks available")
"""The engine's message for a folder that another process has open."""
TRIES = 5


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
        finish_restoring(folder)
        new = not data.is_dir()
        pending = [] if new else list(updates(folder))
        store = Store(pyoxigraph.Store(str(data)), folder, read_only=read_only)
        if not read_only:
            tidy(folder)
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
        raise StoreError(f"the store in {folder} cannot be opened: {reason_of(error)}") from error


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


def _open_for_reading(folder: Path) -> "Store":
    try:
        return Store(pyoxigraph.Store.read_only(str(folder / "data")), folder, read_only=True)
    except OSError as error:
        raise StoreError(f"the store in {folder} cannot be opened: {reason_of(error)}") from error


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


def memory_store() -> "Store":
    """Return an empty store in memory."""
    return Store(pyoxigraph.Store(), None)


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
                log.error("the store in %s was closed without tidying up: %s", self.folder, reason_of(error))
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
        with engine_errors("the query failed"):
            for row in results:
                yield {name: plain_value(term) for name, term in zip(names, row, strict=True) if term is not None}

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
        with engine_errors("the query failed"):
            return content_of(pyoxigraph.serialize(result, format=rdf_format(format), prefixes=PREFIXES), format=format)

    def results(self, query: str, *, format: str = "json", **bindings: Bound) -> bytes:
        """Return the rows of a SELECT, or the answer to an ASK, as W3C JSON, XML, CSV or TSV."""
        result = self._query(query, bindings)
        if isinstance(result, pyoxigraph.QueryTriples):
            raise BadQuery("this is a CONSTRUCT or DESCRIBE query; its result is a graph")
        if format not in TABLES:
            raise BadRequest(f"unknown format {format!r}; use one of {', '.join(TABLES)}")
        with engine_errors("the query failed"):
            return content_of(result.serialize(format=TABLES[format]), format=format)

    def triples(self, graph: Iri | None = None, *, subject: Iri | None = None) -> Iterator[Triple]:
        """Yield the triples of one graph, or of all; of one subject, or of all."""
        start = pyoxigraph.NamedNode(subject) if subject is not None else None
        within = pyoxigraph.NamedNode(graph) if graph is not None else None
        with engine_errors("the store cannot be read"):
            for quad in self.data.quads_for_pattern(start, None, None, within):
                if isinstance(quad.subject, pyoxigraph.NamedNode):
                    yield Triple(Iri(quad.subject.value), Iri(quad.predicate.value), term_of(quad.object))

    def graphs(self) -> list[Iri]:
        """Return the IRIs of the named graphs, in order."""
        return sorted(Iri(graph.value) for graph in self.data.named_graphs())

    def count(self) -> int:
        """Return the number of quads."""
        return len(self.data)

    def dump(self, *, format: str = "nquads", graph: Iri | None = None) -> bytes:
        """Serialise one graph, or all of them; a format without named graphs gets their union."""
        into = rdf_format(format)
        with engine_errors("the store cannot be written out"):
            if graph is not None:
                name = pyoxigraph.NamedNode(graph)
                return content_of(self.data.dump(None, into, from_graph=name, prefixes=PREFIXES), format=format)
            if into.supports_datasets:
                return content_of(self.data.dump(None, into, prefixes=PREFIXES), format=format)
        return self.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", format=format)

    def backup(self, folder: Path) -> str:
        """Copy the data into a new folder, for readers in other processes, and return the version of the copy.

        The copy shares its files with the store until either changes, so it takes milliseconds.
        """
        with self._writing, engine_errors(f"the store in {self.folder or 'memory'} cannot be copied"):
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
                raise BadRequest(f"not N-Quads: {parser_message(error)}") from error
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
                body = "".join(f"{quad.triple} .\n" for quad in parsed_quads(data, format="ntriples"))
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
                    rdf_format(format),
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
        with self._writing, engine_errors(f"the store in {self.folder or 'memory'} cannot be written"):
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
                raise BadRequest(f"not {kind.name}: {parser_message(error)}") from error

    def _update(self, text: str, *, base: str | None = None, touched: Touched | None = None) -> None:
        with self.write(touched) as store:
            try:
                store.update(text, base_iri=base)
            except SyntaxError as error:
                raise BadQuery(f"the update does not parse: {explained(text, update_fault, kind='update')}") from error
            except RuntimeError as error:
                raise BadQuery(f"the update cannot be run: {error}") from error

    def _query(self, query: str, bindings: Mapping[str, Any]) -> Any:
        text = bound(query, **bindings)
        try:
            with engine_errors("the query failed"):
                return self.data.query(text, use_default_graph_as_union=True)
        except SyntaxError as error:
            raise BadQuery(f"the query does not parse: {explained(text, query_fault)}") from error
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


class _View:
    """A store in which other statements count; everything else is that of the store."""

    def __init__(self, store: Store, counting: Counting) -> None:
        self.whole = store
        self.counting = counting

    def counted(self, counting: Counting) -> Store:
        return self.whole.counted(counting) if counting is not self.counting else cast(Store, self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.whole, name)
