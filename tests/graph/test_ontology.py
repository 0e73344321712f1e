"""The ontology defines each of our terms, and the code uses each."""

import re
from pathlib import Path

import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS

from graph.asking.questions import FOLDER
from graph.rdf.vocabulary import ONTOLOGY, ONTOLOGY_FILE, P
from graph.validate import SHAPES

ROOT = ONTOLOGY_FILE.parent
DEFINED = {
    str(term).removeprefix(ONTOLOGY)
    for term in rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle").subjects(RDF.type, None)
    if str(term).startswith(ONTOLOGY)
}
# ':name' where a term can stand: not in 'dct:title', an IRI or a time of day.
TERM = re.compile(r"(?<![\w:/<?.%-]):([A-Za-z][A-Za-z0-9]*)\b")


def terms_in(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(TERM.findall(re.sub(r"#[^\n>]*\n|\"[^\"\n]*\"", " ", text)))


def test_each_term_of_the_code_is_defined_and_each_defined_term_is_known_to_the_code() -> None:
    assert set(P.terms) == DEFINED


def test_a_term_that_is_not_listed_is_refused() -> None:
    with pytest.raises(AttributeError, match="stanze"):
        _ = P.stanze


@pytest.mark.parametrize("path", [SHAPES, *sorted(FOLDER.glob("*.rq"))], ids=lambda path: path.name)
def test_each_own_term_in_a_query_or_shape_is_defined(path: Path) -> None:
    assert terms_in(path)
    assert terms_in(path) <= DEFINED


def test_each_defined_term_is_used() -> None:
    used = terms_in(SHAPES).union(*map(terms_in, FOLDER.glob("*.rq")))
    for path in (ROOT / "graph").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        used |= set(re.findall(r"\bP\.([A-Za-z]+)", text)) | set(TERM.findall(text))
    # The ontology is in the graph as well: the class of a stance, a manner or a verdict is used there.
    ontology = rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle")
    used |= {str(kind).removeprefix(ONTOLOGY) for kind in ontology.objects(None, RDF.type)}
    assert DEFINED - used == set()


@pytest.mark.parametrize("term", sorted(DEFINED))
def test_each_term_has_a_label_and_a_comment_for_people(term: str) -> None:
    ontology = rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle")
    it = rdflib.URIRef(ONTOLOGY + term)
    assert ontology.value(it, RDFS.label)
    comment = str(ontology.value(it, RDFS.comment))
    assert comment.endswith(".")


def test_what_the_standard_vocabularies_say_is_linked() -> None:
    ontology = rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle")
    classes = set(ontology.subjects(RDF.type, OWL.Class))
    above = {str(ontology.value(each, RDFS.subClassOf)) for each in classes}
    assert {"http://www.w3.org/ns/prov#Entity", "http://www.w3.org/2004/02/skos/core#Concept"} <= above


def test_the_ontology_has_no_blank_nodes_as_the_store_keeps_none() -> None:
    ontology = rdflib.Graph().parse(ONTOLOGY_FILE, format="turtle")
    assert not [term for triple in ontology for term in triple if isinstance(term, rdflib.BNode)]
