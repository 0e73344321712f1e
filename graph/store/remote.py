"""The same store on another machine: any server of the SPARQL 1.1 protocol, by its address.

POSITIONS_STORE_UPDATE      address for updates, if it cannot be derived from the address for queries
POSITIONS_STORE_GRAPHS      address of the graph store; without it, graphs are read and written by SPARQL
POSITIONS_STORE_TOKEN       a Bearer token, or
POSITIONS_STORE_USER, POSITIONS_STORE_PASSWORD
"""

import json
import os
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit

import httpx

from graph.errors import BadQuery, BadRequest, StoreError
from graph.rdf.terms import XSD, Iri, Triple, nquads, written
from graph.store.embedded import Store
from graph.store.formats import BROKEN, FORMATS, TABLES, WHOLE, parse, quad_data, rewritten
from graph.store.parameters import Bound, bound
from graph.store.writes import Touched

SECONDS = 600.0
"""Limit for one request: an aggregate over a large store takes time, and public requests are limited elsewhere."""

FRESH = 10.0
"""Seconds after which results from a remote store count as old: others may write to it without notice."""

QUERIES_ONLY = frozenset({"query", "select"})
"""Final parts of query addresses whose servers take updates at /update; other servers use one address for both."""

MEDIA = {
    "turtle": "text/turtle",
    "ntriples": "application/n-triples",
    "rdfxml": "application/rdf+xml",
    "jsonld": "application/ld+json",
    "trig": "application/trig",
    "nquads": "application/n-quads",
    "json": "application/sparql-results+json",
    "xml": "application/sparql-results+xml",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
}
ONE_TRIPLE = """
SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o FILTER(isIRI(?s) && isIRI(?o)) } } LIMIT 1
"""


class RemoteStore(Store):
    """A data set on a SPARQL 1.1 server whose default graph is the union of all named graphs."""

    local = False

    def __init__(self, address: str, *, read_only: bool = False) -> None:
        super().__init__(None, None, read_only=read_only)
        self.address = address
        self.update_address = os.environ.get("POSITIONS_STORE_UPDATE") or _for_updates(address)
        self.http = httpx.Client(timeout=SECONDS, trust_env=False, **credentials())
        self._written = secrets.token_hex(8)
        self._check_union()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()

    @property
    def version(self) -> str:
        """Return a value that changes with each of our writes, and with time because others may write too."""
        return f"{self._written}-{int(time.monotonic() / FRESH)}"

    def rows(self, query: str, **bindings: Bound) -> Iterator[dict[str, Any]]:
        """Yield the rows of a SELECT, one at a time."""
        told = self._told(query, bindings)
        if "results" not in told:
            raise BadQuery("this is not a SELECT query")
        for row in told["results"]["bindings"]:
            yield {name: plain(term) for name, term in row.items()}

    def ask(self, query: str, **bindings: Bound) -> bool:
        """Return the answer to an ASK."""
        told = self._told(query, bindings)
        if "boolean" not in told:
            raise BadQuery("this is not an ASK query")
        return bool(told["boolean"])

    def construct(self, query: str, *, format: str = "turtle", **bindings: Bound) -> bytes:
        """Return the graph of a CONSTRUCT or DESCRIBE, serialised."""
        if format not in FORMATS:
            raise BadRequest(f"unknown format {format!r}; use one of {', '.join(FORMATS)}")
        # Every server writes N-Triples; the conversion happens here, so the result is the same everywhere.
        found = self._asked(bound(query, **bindings), "application/n-triples").content
        return rewritten(found, source="ntriples", target=format)

    def results(self, query: str, *, format: str = "json", **bindings: Bound) -> bytes:
        """Return the rows of a SELECT, or the answer to an ASK, as W3C JSON, XML, CSV or TSV."""
        if format not in TABLES:
            raise BadRequest(f"unknown format {format!r}; use one of {', '.join(TABLES)}")
        return self._asked(bound(query, **bindings), MEDIA[format]).content

    def triples(self, graph: Iri | None = None, *, subject: Iri | None = None) -> Iterator[Triple]:
        """Yield the triples of one graph, or of all; of one subject, or of all."""
        start = written(subject) if subject is not None else "?s"
        pattern = f"{start} ?p ?o"
        within = f"GRAPH {written(graph)} {{ {pattern} }}" if graph is not None else pattern
        found = self.construct(
            f"CONSTRUCT {{ {pattern} }} WHERE {{ {within} FILTER(isIRI({start})) }}", format="ntriples"
        )
        yield from parse(found, format="ntriples")

    def graphs(self) -> list[Iri]:
        """Return the IRIs of the named graphs, in order."""
        return sorted(Iri(row["g"]) for row in self.rows("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }"))

    def dump(self, *, format: str = "nquads", graph: Iri | None = None) -> bytes:
        """Serialise one graph, or all of them; a format without named graphs gets their union."""
        if format not in {"nquads", "trig", "jsonld"} or graph is not None:
            within = f"GRAPH {written(graph)} {{ ?s ?p ?o }}" if graph is not None else "?s ?p ?o"
            return self.construct(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {within} }}", format=format)
        quads = "".join(nquads(name, self.triples(name)) for name in self.graphs())
        return rewritten(quads.encode(), source="nquads", target=format)

    def add(self, graphs: Mapping[Iri, Iterable[Triple]]) -> None:
        """Add graphs that do not exist yet, all or none."""
        self.put_all("".join(nquads(graph, triples) for graph, triples in graphs.items()).encode(), replace=False)

    def put(self, graph: str | None, data: bytes, *, replace: bool) -> bool:
        """Replace the graph with these N-Triples (None: the default graph), or add them; return whether it is new."""
        new = graph is not None and not self.has_graph(graph)
        place = f"GRAPH {written(Iri(graph))}" if graph is not None else "DEFAULT"
        body = data.decode()
        into = f"{place} {{\n{body}}}" if graph is not None else body
        self._update(f"{f'DROP SILENT {place} ;' if replace else ''}\nINSERT DATA {{\n{into}}}")
        return new

    def put_all(self, data: bytes, *, replace: bool) -> None:
        """Replace the whole data set with these N-Quads, or add them."""
        self._update(f"{'DROP ALL ;' if replace else ''}\nINSERT DATA {{\n{quad_data(data)}}}")

    def has_graph(self, graph: str) -> bool:
        """Return whether this named graph contains a triple."""
        return self.ask(f"ASK {{ GRAPH {written(Iri(graph))} {{ ?s ?p ?o }} }}")

    def load(self, data: bytes | str, *, format: str = "nquads", graph: Iri | None = None) -> None:
        """Add RDF from a user, to one graph or to those that the data name."""
        body = data.encode() if isinstance(data, str) else data
        if graph is not None:
            self.put(graph, rewritten(body, source=format, target="ntriples"), replace=False)
        else:
            self.put_all(rewritten(body, source=format, target="nquads"), replace=False)

    def backup(self, folder: Path) -> str:
        """Always raise StoreError: a remote store cannot be copied."""
        raise StoreError(f"the store at {self.address} cannot be copied from here")

    @contextmanager
    def write(self, touched: Touched | None = None) -> Iterator[NoReturn]:
        """Always raise StoreError: the engine is on another machine."""
        raise StoreError(f"the store at {self.address} can be written to only by SPARQL")
        yield  # pragma: no cover

    def _update(self, text: str, *, base: str | None = None, touched: Touched | None = None) -> None:
        if self.read_only:
            raise StoreError(f"the store at {self.address} is open for reading only")
        if base is not None:
            text = f"BASE {written(Iri(base))}\n{text}"
        with self._writing:
            self._sent(self.update_address, text, {"Content-Type": "application/sparql-update"}, what="update")
            self._written = secrets.token_hex(8)

    def _told(self, query: str, bindings: Mapping[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self._asked(bound(query, **bindings), MEDIA["json"]).content)
        return told

    def _asked(self, query: str, media: str) -> httpx.Response:
        headers = {"Content-Type": "application/sparql-query", "Accept": media}
        return self._sent(with_union(self.address), query, headers, what="query")

    def _sent(self, address: str, text: str, headers: dict[str, str], *, what: str) -> httpx.Response:
        try:
            answer = self.http.post(address, content=text.encode(), headers=headers)
        except httpx.HTTPError as error:
            raise StoreError(f"the store at {address} does not answer the {what}: {error}") from error
        if answer.status_code == 400:
            raise BadQuery(f"the store at {address} refuses the {what}: {answer.text[:500].strip()}")
        if answer.status_code in {401, 403}:
            raise StoreError(
                f"the store at {address} refuses permission to {what}; set POSITIONS_STORE_TOKEN, "
                "or POSITIONS_STORE_USER and POSITIONS_STORE_PASSWORD"
            )
        if not answer.is_success:
            raise StoreError(f"the store at {address} answers the {what} with {answer.status_code}")
        return answer

    def _check_union(self) -> None:
        for row in self.rows(ONE_TRIPLE):
            triple = " ".join(written(Iri(row[name])) for name in "spo")
            if not self.ask(f"ASK {{ {triple} }}"):
                raise StoreError(
                    f"the default graph of {self.address} is not the union of all graphs; "
                    "configure the server so, or use the address of an endpoint that has it"
                )


def credentials() -> dict[str, Any]:
    """Return the settings of an httpx client from the environment."""
    token, user = os.environ.get("POSITIONS_STORE_TOKEN"), os.environ.get("POSITIONS_STORE_USER")
    if token:
        return {"headers": {"Authorization": f"Bearer {token}"}}
    return {"auth": (user, os.environ.get("POSITIONS_STORE_PASSWORD", ""))} if user else {}


def with_union(address: str) -> str:
    """Add the parameter that makes Oxigraph's server use the union as default graph; other servers ignore it."""
    return address + ("&" if "?" in address else "?") + "union-default-graph"


def _for_updates(address: str) -> str:
    parts = urlsplit(address)
    folder, _, last = parts.path.rstrip("/").rpartition("/")
    path = f"{folder}/update" if last in QUERIES_ONLY else parts.path
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def plain(term: Mapping[str, str]) -> Any:
    """Return the value of a term in SPARQL JSON results."""
    value, kind = term["value"], term.get("datatype", "")
    if term["type"] == "bnode":
        return f"_:{value}"
    if kind in WHOLE:
        return int(value)
    if kind in BROKEN:
        return float(value)
    if kind == XSD + "boolean":
        return value in {"true", "1"}
    return value
