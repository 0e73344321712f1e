"""Choose the format of an answer from the `Accept` header and its weights, or from `?format=`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A format in which an answer can be sent."""

    name: str
    """The store's name for the format."""
    media: str
    others: tuple[str, ...] = ()
    """Other media types for the same format; the answer uses `media`."""
    short: tuple[str, ...] = ()
    """Values of `?format=` that select the format."""
    file: str = ""
    """The file extension."""
    iri: str = ""
    """The W3C's name of the format, for the service description."""


FORMATS = "http://www.w3.org/ns/formats/"

LONGEST_KEPT = 1_000
"""Longest Accept header, in characters, whose parsed form is cached."""

TABLES = (
    Form(
        name="json",
        media="application/sparql-results+json",
        others=("application/json",),
        short=("json", "srj"),
        file="json",
        iri=FORMATS + "SPARQL_Results_JSON",
    ),
    Form(
        name="xml",
        media="application/sparql-results+xml",
        others=("application/xml", "text/xml"),
        short=("xml", "srx"),
        file="xml",
        iri=FORMATS + "SPARQL_Results_XML",
    ),
    Form(name="csv", media="text/csv", short=("csv",), file="csv", iri=FORMATS + "SPARQL_Results_CSV"),
    Form(
        name="tsv",
        media="text/tab-separated-values",
        short=("tsv",),
        file="tsv",
        iri=FORMATS + "SPARQL_Results_TSV",
    ),
)

GRAPHS = (
    Form(
        name="turtle",
        media="text/turtle",
        others=("application/x-turtle",),
        short=("turtle", "ttl"),
        file="ttl",
        iri=FORMATS + "Turtle",
    ),
    Form(
        name="ntriples",
        media="application/n-triples",
        short=("ntriples", "nt"),
        file="nt",
        iri=FORMATS + "N-Triples",
    ),
    Form(
        name="rdfxml",
        media="application/rdf+xml",
        others=("application/xml", "text/xml"),
        short=("rdfxml", "rdf", "xml"),
        file="rdf",
        iri=FORMATS + "RDF_XML",
    ),
    Form(
        name="jsonld",
        media="application/ld+json",
        others=("application/json",),
        short=("jsonld", "json"),
        file="jsonld",
        iri=FORMATS + "JSON-LD",
    ),
    Form(name="trig", media="application/trig", short=("trig",), file="trig", iri=FORMATS + "TriG"),
    Form(name="nquads", media="application/n-quads", short=("nquads", "nq"), file="nq", iri=FORMATS + "N-Quads"),
)

DATA_SETS = tuple(form for form in GRAPHS if form.name in {"trig", "nquads", "jsonld"})

READ = {media: form.name for form in reversed(GRAPHS) for media in (form.media, *form.others)}
"""The format of each media type in which a request may send RDF."""


def accepted(accept: str, forms: tuple[Form, ...]) -> Form | None:
    """Return the format that an Accept header prefers, the first of equals, or None if it accepts none."""
    # No program or browser sends a longer one, so it is not cached.
    return _known(accept, forms) if len(accept) <= LONGEST_KEPT else _accepted(accept, forms)


def _accepted(accept: str, forms: tuple[Form, ...]) -> Form | None:
    ranges = _ranges(accept)
    best, best_weight = None, 0.0
    for form in forms:
        # A wildcard matches the format's own type only: text/* does not ask for XML.
        weight = max(_weight(form.media, ranges), *(ranges.get(media, 0.0) for media in form.others), 0.0)
        if ranges.get(form.media) == 0.0:
            weight = 0.0
        if weight > best_weight:
            best, best_weight = form, weight
    return best


_known = lru_cache(maxsize=1_000)(_accepted)


def named(name: str, forms: tuple[Form, ...]) -> Form | None:
    """Return the format that `?format=` names, by its short name or its media type."""
    wanted = name.strip().lower().replace(" ", "+")
    return next((form for form in forms if wanted in (*form.short, form.name, form.media)), None)


def prefers_html(accept: str) -> bool:
    """Return whether the client prefers a page to data, as browsers do."""
    ranges = _ranges(accept)
    if "text/html" not in ranges and "application/xhtml+xml" not in ranges:
        return False
    page = _weight("text/html", ranges)
    return page > 0 and all(page >= _weight(form.media, ranges) for form in (*GRAPHS, *TABLES))


def _ranges(accept: str) -> Mapping[str, float]:
    ranges: dict[str, float] = {}
    for part in accept.split(","):
        media, *parameters = (piece.strip() for piece in part.split(";"))
        if "/" not in media:
            continue
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "q":
                weight = _number(value)
        ranges[media.lower()] = weight
    # A header without a media range, which RFC 9110 allows, accepts anything.
    return ranges or {"*/*": 1.0}


def _number(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return min(1.0, weight) if weight > 0 else 0.0


def _weight(media: str, ranges: Mapping[str, float]) -> float:
    """Return the weight that the most specific range gives a media type."""
    if media in ranges:
        return ranges[media]
    return ranges.get(media.partition("/")[0] + "/*", ranges.get("*/*", 0.0))
