"""Formats of RDF and of query results: parse and write them, and convert terms between the engine and this program.

Errors of the engine become errors of this program, with a reason that people understand.
"""

import errno
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

import pyoxigraph

from graph.errors import BadRequest, StoreError
from graph.rdf.terms import XSD, Iri, Literal, Term, Triple, ntriples
from graph.rdf.vocabulary import PREFIXES
from graph.rdf.xml_text import Output, WellFormed, xml_bytes

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
REASONS = frozenset(os.strerror(number) for number in errno.errorcode)
PARSER_PLACE = re.compile(r"^error at (\d+):(\d+): ")


def parse(data: bytes | str, *, format: str) -> list[Triple]:
    """Parse an RDF document without blank nodes. Raises BadRequest if it does not parse."""
    try:
        quads = list(pyoxigraph.parse(data, rdf_format(format)))
    except SyntaxError as error:
        raise BadRequest(f"not {format}: {error}") from error
    return [Triple(Iri(quad.subject.value), Iri(quad.predicate.value), term_of(quad.object)) for quad in quads]


def well_formed(output: Output, format: str) -> Output:
    """The same sink, or for formats in XML one that replaces the characters that XML does not allow."""
    return WellFormed(output) if format in XML else output


def lines_of(data: bytes, output: Output, *, format: str, base: str, quads: bool) -> None:
    """Convert RDF to N-Triples or N-Quads, which parse predictably. Raises BadRequest if it is not RDF."""
    output.begin(kind="graph", format="nquads" if quads else "ntriples")
    try:
        parsed = pyoxigraph.parse(data, rdf_format(format), base_iri=base)
        if quads:
            pyoxigraph.serialize(parsed, as_file(output), pyoxigraph.RdfFormat.N_QUADS)
        else:
            triples = (quad.triple for quad in parsed)
            pyoxigraph.serialize(triples, as_file(output), pyoxigraph.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"not {format}: {parser_message(error)}") from error


def quad_data(data: bytes) -> str:
    """Return N-Quads in the form used within INSERT DATA { }. Raises BadRequest if they do not parse."""
    named: dict[str, list[str]] = {}
    for quad in parsed_quads(data, format="nquads"):
        named.setdefault(str(quad.graph_name), []).append(f"{quad.triple} .\n")
    return "".join(
        "".join(triples) if graph == "DEFAULT" else f"GRAPH {graph} {{\n{''.join(triples)}}}\n"
        for graph, triples in named.items()
    )


def rewritten(data: bytes, *, source: str, target: str) -> bytes:
    """Convert RDF from one of FORMATS to another. Raises BadRequest if it is not RDF."""
    quads = parsed_quads(data, format=source)
    into = rdf_format(target)
    content = quads if into.supports_datasets else [quad.triple for quad in quads]
    return content_of(pyoxigraph.serialize(content, format=into, prefixes=PREFIXES), format=target)


def written_out(triples: Iterable[Triple], *, format: str) -> bytes:
    """Write triples in one of FORMATS."""
    quads = pyoxigraph.parse(ntriples(triples), pyoxigraph.RdfFormat.N_TRIPLES)
    content = pyoxigraph.serialize((quad.triple for quad in quads), format=rdf_format(format), prefixes=PREFIXES)
    return content_of(content, format=format)


@contextmanager
def engine_errors(what: str) -> Iterator[None]:
    """Report an error of the engine as a StoreError: what could not be done, and why."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"{what}: {reason_of(error)}") from error


def reason_of(error: OSError) -> str:
    """Return the operating system's message, which the engine surrounds with source locations."""
    last = str(error).rpartition(": ")[2]
    return error.strerror or (last if last in REASONS else str(error))


def as_file(output: Any) -> IO[bytes]:
    """Return an object with `write` as a file: the engine uses no other method."""
    return cast(IO[bytes], output)


def content_of(output: bytes | None, *, format: str = "") -> bytes:
    """Return the engine's output, with only characters that its format allows."""
    return xml_bytes(output or b"") if format in XML else output or b""


def parser_message(error: SyntaxError | ValueError) -> str:
    """Return the parser's message, with the place in words."""
    return PARSER_PLACE.sub(r"line \1, column \2: ", str(getattr(error, "msg", error)))


def parsed_quads(data: bytes, *, format: str) -> list[pyoxigraph.Quad]:
    """Parse RDF with named graphs. Raises BadRequest if it does not parse."""
    try:
        return list(pyoxigraph.parse(data, rdf_format(format)))
    except (SyntaxError, ValueError) as error:
        raise BadRequest(f"not {format}: {parser_message(error)}") from error


def rdf_format(name: str) -> pyoxigraph.RdfFormat:
    """Return a format by its name. Raises BadRequest if it is unknown."""
    if name not in FORMATS:
        raise BadRequest(f"unknown format {name!r}; use one of {', '.join(FORMATS)}")
    return FORMATS[name]


def plain_value(term: Any) -> Any:
    """Return a term of the engine as a plain value: a number, a truth value or text."""
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


def term_of(term: Any) -> Term:
    """Return a term of the engine as a term of this program."""
    if isinstance(term, pyoxigraph.Literal):
        kind = term.datatype.value
        plain = kind == XSD + "string" or bool(term.language)
        return Literal(term.value, "" if plain else kind, term.language or "")
    return Iri(term.value if isinstance(term, pyoxigraph.NamedNode) else str(term))
