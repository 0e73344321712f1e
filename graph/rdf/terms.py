"""RDF terms as plain values, and their text form: shared by the code that makes and the code that stores triples."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from graph.errors import StoreError

XSD = "http://www.w3.org/2001/XMLSchema#"

# Characters that the grammars of Turtle and SPARQL do not allow in <…>.
NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\\ud800-\udfff]')
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
# The engine keeps decimals with 18 digits after the point; a float that needs more is written as a double.
DECIMAL_DIGITS = 18
ISO_DATE = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?", re.ASCII)
DATE_TYPES = {4: "gYear", 7: "gYearMonth", 10: "date"}


class Iri(str):
    """An absolute IRI."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Literal:
    """A value: its characters, and either a datatype or a language ('' is a plain string)."""

    value: str
    datatype: str = ""
    language: str = ""


Term = Iri | Literal


class Triple(NamedTuple):
    """One edge of the graph."""

    subject: Iri
    predicate: Iri
    object: Term


def integer(value: int) -> Literal:
    """Return a whole number as xsd:integer."""
    return Literal(str(value), XSD + "integer")


def number(value: float) -> Literal:
    """Return a number that reads back as the same float: a decimal if the store keeps it exactly, else a double."""
    # Trailing zeros are dropped, as the store drops them too: a value reads back as it was written.
    digits = format(Decimal(repr(value)), "f")
    digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    if len(digits.partition(".")[2]) <= DECIMAL_DIGITS:
        return Literal(digits, XSD + "decimal")
    return Literal(repr(value), XSD + "double")


def date(value: str) -> Literal:
    """Return an ISO date with its own precision: xsd:gYear, xsd:gYearMonth or xsd:date.

    Other text stays a plain string. SPARQL cannot compare values of three types; compare `STR(?date)`.
    """
    return Literal(value, XSD + DATE_TYPES[len(value)] if ISO_DATE.fullmatch(value) else "")


def written(term: Term | str | float | bool) -> str:
    """Write a term in SPARQL and N-Triples; a plain Python value becomes a literal. Raises StoreError.

    Values enter the text of a query only through this function, so no value can end its literal early.
    """
    match term:
        case Iri():
            return _written_iri(term)
        case Literal(value, datatype, language):
            if not _encodes(value):
                raise StoreError(f"the text {value[:40]!r} contains half a surrogate pair, which RDF cannot store")
            quoted = f'"{value.translate(ESCAPES)}"'
            if language:
                if not re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", language):
                    raise StoreError(f"{language!r} is not a language tag")
                return f"{quoted}@{language}"
            return f"{quoted}^^{written(Iri(datatype))}" if datatype else quoted
        case bool():
            return f'"{str(term).lower()}"^^<{XSD}boolean>'
        case int():
            return written(integer(term))
        case float():
            return written(number(term))
        case _:
            return written(Literal(term))


def ntriples(triples: Iterable[Triple]) -> str:
    """Write the triples, one a line; the result is also valid inside a SPARQL `INSERT DATA`."""
    return "".join(f"{written(s)} {written(p)} {written(o)} .\n" for s, p, o in triples)


def nquads(graph: Iri, triples: Iterable[Triple]) -> str:
    """Write the triples with their graph, one a line."""
    name = written(graph)
    return "".join(f"{written(s)} {written(p)} {written(o)} {name} .\n" for s, p, o in triples)


@lru_cache(maxsize=1 << 16)
def _written_iri(term: Iri) -> str:
    if NOT_IN_IRI.search(term) or not ABSOLUTE.match(term):
        raise StoreError(f"{str(term)!r} is not an absolute IRI")
    return f"<{term}>"


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
