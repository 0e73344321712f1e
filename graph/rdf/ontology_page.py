"""The ontology as a page: each class and property with its meaning."""

from collections.abc import Iterator

import rdflib
from rdflib.namespace import DCTERMS, OWL, RDF, RDFS
from rdflib.term import Node, URIRef

from graph.rdf.vocabulary import ONTOLOGY, ONTOLOGY_FILE

KINDS = (
    ("Classes", (OWL.Class,)),
    ("Properties", (OWL.ObjectProperty, OWL.DatatypeProperty)),
)


def ontology_page() -> str:
    """Return the page in Markdown, generated from `ontology.ttl`."""
    rdf = rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle")
    about = URIRef(ONTOLOGY.rstrip("#"))
    lines = [
        "# The terms of the graph",
        "",
        "`positions document` writes this page from `ontology.ttl`. Edit that file, not this page.",
        "",
        str(rdf.value(about, DCTERMS.description)),
        str(rdf.value(about, RDFS.comment)),
        "",
        f"The prefix `:` stands for `{ONTOLOGY}`.",
    ]
    told: set[Node] = {about}
    for title, kinds in KINDS:
        terms = sorted({term for kind in kinds for term in rdf.subjects(RDF.type, kind) if _own(term)}, key=str)
        told.update(terms)
        lines += [
            "",
            f"## {title}",
            "",
            "| term | of, or narrower than | leads to | what it means |",
            "| --- | --- | --- | --- |",
        ]
        lines += [_row(rdf, term) for term in terms]
    rest = sorted({term for term in rdf.subjects(RDF.type) if _own(term)} - told, key=str)
    if rest:
        lines += ["", "## Values", "", "| term | kind | | what it means |", "| --- | --- | --- | --- |"]
        lines += [_value(rdf, term) for term in rest]
    return "\n".join(lines) + "\n"


def _row(rdf: rdflib.Graph, term: Node) -> str:
    above = [*rdf.objects(term, RDFS.subClassOf), *rdf.objects(term, RDFS.subPropertyOf)]
    of = _names(rdf, [*rdf.objects(term, RDFS.domain), *above])
    return f"| `{_name(rdf, term)}` | {of} | {_names(rdf, rdf.objects(term, RDFS.range))} | {_comment(rdf, term)} |"


def _value(rdf: rdflib.Graph, term: Node) -> str:
    return f"| `{_name(rdf, term)}` | {_names(rdf, rdf.objects(term, RDF.type))} | | {_comment(rdf, term)} |"


def _comment(rdf: rdflib.Graph, term: Node) -> str:
    return " ".join(sorted(map(str, rdf.objects(term, RDFS.comment)))).replace("|", "\\|")


def _names(rdf: rdflib.Graph, terms: Iterator[Node] | list[Node]) -> str:
    return ", ".join(sorted(f"`{_name(rdf, term)}`" for term in terms if isinstance(term, URIRef)))


def _name(rdf: rdflib.Graph, term: Node) -> str:
    return rdf.namespace_manager.normalizeUri(str(term))


def _own(term: Node) -> bool:
    return str(term).startswith(ONTOLOGY)
