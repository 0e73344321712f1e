"""Which form of an answer a client takes: `Accept` with its weights, or `?format=` for people with a browser."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form that an answer can have."""

    name: str
    """As the store calls it."""
    media: str
    others: tuple[str, ...] = ()
    """Media types that mean the same, and are answered with `media`."""
    short: tuple[str, ...] = ()
    """What `?format=` may say."""
    file: str = ""
    """Ending of a file's name."""
    iri: str = ""
    """The W3C's name of the format, for the service description."""


FORMATS = "http://www.w3.org/ns/formats/"

LONGEST_KEPT = 1_000
"""Characters of an Accept header whose reading is remembered."""

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
"""From the media type of a body with RDF to the name of its format."""


def accepted(accept: str, forms: tuple[Form, ...]) -> Form | None:
    """The form that an Accept header likes best, the first of equals; None where it takes none of them."""
    # A longer one is none that a program or browser sends; it is not kept.
    return _known(accept, forms) if len(accept) <= LONGEST_KEPT else _accepted(accept, forms)


def _accepted(accept: str, forms: tuple[Form, ...]) -> Form | None:
    ranges = _ranges(accept)
    best, best_weight = None, 0.0
    for form in forms:
        # A wildcard means the form's own type only: text/* is no wish for XML.
        weight = max(_weight(form.media, ranges), *(ranges.get(media, 0.0) for media in form.others), 0.0)
        if ranges.get(form.media) == 0.0:
            weight = 0.0
        if weight > best_weight:
            best, best_weight = form, weight
    return best


_known = lru_cache(maxsize=1_000)(_accepted)


def named(name: str, forms: tuple[Form, ...]) -> Form | None:
    """The form that `?format=` names, in short or by its media type."""
    wanted = name.strip().lower().replace(" ", "+")
    return next((form for form in forms if wanted in (*form.short, form.name, form.media)), None)


def prefers_html(accept: str) -> bool:
    """Whether a page is wanted more than data: a browser, not a program."""
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
    # A header without a media range (RFC 9110 allows to send none) takes anything.
    return ranges or {"*/*": 1.0}


def _number(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 1.0
    return min(1.0, weight) if weight > 0 else 0.0


def _weight(media: str, ranges: Mapping[str, float]) -> float:
    """What the most exact range says of a media type."""
    if media in ranges:
        return ranges[media]
    return ranges.get(media.partition("/")[0] + "/*", ranges.get("*/*", 0.0))
