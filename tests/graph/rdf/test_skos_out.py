"""The vocabulary as SKOS: with languages and top concepts, within the integrity conditions of SKOS."""

from pathlib import Path

import pyshacl
import pytest
from rdflib import Graph

from graph.building import vocabulary
from graph.domain.folder import Domain, read_domain
from graph.model import Concern, Reform
from graph.rdf.terms import ntriples
from graph.rdf.triples import in_language
from tests import factory

HERE = Path(__file__).parent
SHAPES = Graph().parse(HERE / "skos_integrity.ttl")
ROOT = HERE.parents[2]
SKOS = "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> "


def rdf_of(domain: Domain) -> Graph:
    return Graph().parse(data=ntriples(vocabulary(domain)), format="nt")


def breaches(rdf: Graph) -> str:
    conforms, _, text = pyshacl.validate(rdf, shacl_graph=SHAPES, inference="none")
    return "" if conforms else str(text)


@pytest.mark.parametrize(
    "folder", [ROOT / "tests/domains/buses", ROOT / "corpus/childrens-social-care"], ids=lambda path: path.name
)
def test_files_out_the_vocabulary_keeps_the_integrity_conditions_of_skos(folder: Path) -> None:
    assert breaches(rdf_of(read_domain(folder))) == ""


def test_files_out_a_label_is_never_of_two_kinds() -> None:
    reforms = {"cap": Reform(id="cap", label="Fare cap", aliases=("Fare cap", "the cap"))}
    concerns = {"cost": Concern(id="cost", label="cost", cues=("cost", "money"))}

    assert breaches(rdf_of(factory.domain(reforms=reforms, concerns=concerns))) == ""


def test_files_out_labels_have_the_language_of_the_domain() -> None:
    rdf = rdf_of(factory.domain(language="cy"))

    found = rdf.query(SKOS + "SELECT ?label { ?it a skos:Concept ; skos:prefLabel|skos:altLabel ?label }")
    assert {getattr(label, "language", None) for (label,) in found} == {"cy"}  # type: ignore[misc]  # a row of three kinds
    assert in_language("Cap", "not a language").language == ""


def test_files_out_the_shapes_see_each_fault() -> None:
    """The shapes report each of these faults."""
    for fault in (
        "INSERT { ?it skos:altLabel ?label } WHERE { ?it skos:prefLabel ?label }",
        "INSERT { ?it skos:prefLabel 'Cap'@en } WHERE { ?it a skos:Concept }",
        "DELETE { ?it skos:topConceptOf ?scheme } WHERE { ?it skos:topConceptOf ?scheme }",
        "INSERT { ?it skos:broader ?it } WHERE { ?it skos:broader ?any }",
        "INSERT { ?it skos:altLabel 'cap' } WHERE { ?it a skos:Concept }",
        "DELETE { ?it skos:inScheme ?scheme } WHERE { ?it skos:inScheme ?scheme }",
    ):
        rdf = rdf_of(factory.domain())
        rdf.update(SKOS + fault)
        assert breaches(rdf), fault
