"""Vocabularies from Turtle: what becomes an actor, a reform or a concern, and each error with its line."""

from dataclasses import replace
from pathlib import Path

import pytest

from graph.domain.folder import Domain, read_domain
from graph.errors import BadDomain
from graph.model import Actor, ActorKind, Concern, Membership, Reform
from graph.rdf.terms import ntriples
from graph.rdf.triples import actor_triples, concern_triples, reform_triples

BUSES = Path(__file__).parents[2] / "domains" / "buses"

PREFIXES = """\
@prefix : <https://town.example/> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix org: <http://www.w3.org/ns/org#> .
@prefix schema: <https://schema.org/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix time: <http://www.w3.org/2006/time#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
FIRST = PREFIXES.count("\n") + 1
"""The line on which a test's own Turtle begins."""

TOWN = """
:fare-cap a skos:Concept ; skos:prefLabel "Fahrpreisdeckel"@de, "Fare cap"@en ; skos:altLabel "capped fares"@en ;
    skos:hiddenLabel "fair cap"@en ; skos:definition "A ceiling on fares"@en ; skos:broader :plan .
:plan a skos:Concept ; skos:prefLabel "Bus plan" ; skos:narrower :night-buses .
:night-buses a skos:Concept ; skos:prefLabel "Night buses"@en-GB ; skos:notation "N1" .
:cost a skos:Concept ; skos:prefLabel "Cost"@en ; skos:altLabel "expensive"@en ; skos:inScheme :concerns .
:council a org:FormalOrganization ; skos:prefLabel "City Council"@en ; foaf:nick "TC" .
:riders a foaf:Group ; foaf:name "Riders", "Passengers" .
:ann a foaf:Person ; foaf:name "Ann Lee" ; org:memberOf :council .
:bo a foaf:Person ; foaf:name "Bo Rey" ; org:headOf :council .
:cy a foaf:Person ; foaf:name "Cy Marsh" ; org:hasMembership [
        org:organization :council ; schema:roleName "leader" ;
        schema:startDate "2028-05"^^xsd:gYearMonth ; schema:endDate "2030"^^xsd:gYear ] .
:dee-post a org:Membership ; org:member :dee ; org:organization :council ; org:role :chair ;
    org:memberDuring [ time:hasBeginning [ time:inXSDDate "2029-03-01"^^xsd:date ] ] .
:chair a org:Role ; skos:prefLabel "chair"@en .
:dee a foaf:Person ; foaf:name "Dee Fox" .
"""


@pytest.fixture
def town(tmp_path: Path) -> Domain:
    """Return a domain with only one Turtle file."""
    (tmp_path / "vocabulary.ttl").write_text(PREFIXES + TOWN, encoding="utf-8")
    return read_domain(tmp_path)


@pytest.mark.parametrize(
    "reform",
    [
        Reform(
            id="fare-cap",
            label="Fare cap",
            broader="plan",
            definition="A ceiling on fares",
            aliases=("capped fares", "fair cap"),
        ),
        Reform(id="plan", label="Bus plan"),
        Reform(id="N1", label="Night buses", broader="plan"),
    ],
    ids=lambda reform: reform.id,
)
def test_a_concept_is_a_reform(town: Domain, reform: Reform) -> None:
    assert town.reforms[reform.id] == reform


def test_a_concept_of_a_scheme_called_concerns_is_a_concern(town: Domain) -> None:
    assert town.concerns == {"cost": Concern(id="cost", label="Cost", cues=("expensive",))}


@pytest.mark.parametrize(
    "actor",
    [
        Actor(id="council", label="City Council", aliases=("TC",)),
        Actor(id="riders", label="Passengers", kind=ActorKind.GROUP, aliases=("Riders",)),
        Actor(id="ann", label="Ann Lee", kind=ActorKind.PERSON, member_of=(Membership(organisation="council"),)),
        Actor(id="bo", label="Bo Rey", kind=ActorKind.PERSON, member_of=(Membership(organisation="council"),)),
        Actor(
            id="cy",
            label="Cy Marsh",
            kind=ActorKind.PERSON,
            member_of=(Membership(organisation="council", role="leader", since="2028-05", until="2030"),),
        ),
        Actor(
            id="dee",
            label="Dee Fox",
            kind=ActorKind.PERSON,
            member_of=(Membership(organisation="council", role="chair", since="2029-03-01"),),
        ),
    ],
    ids=lambda actor: actor.id,
)
def test_an_agent_is_an_actor(town: Domain, actor: Actor) -> None:
    assert town.actors[actor.id] == actor


def test_concepts_of_a_file_called_concerns_are_concerns(tmp_path: Path) -> None:
    (tmp_path / "actors.csv").write_text("id,label\nx,X\n")
    (tmp_path / "reforms.csv").write_text("id,label\nx,X\n")
    (tmp_path / "concerns.ttl").write_text(PREFIXES + ':cost a skos:Concept ; skos:prefLabel "Cost" .')

    assert list(read_domain(tmp_path).concerns) == ["cost"]


def test_concepts_of_the_product_are_none_of_the_domain(tmp_path: Path) -> None:
    stance = '<https://positions.example/ontology#support> a skos:Concept ; skos:prefLabel "support" .'
    (tmp_path / "vocabulary.ttl").write_text(PREFIXES + TOWN + stance, encoding="utf-8")

    assert "support" not in read_domain(tmp_path).reforms


def test_a_repeated_membership_counts_once(tmp_path: Path) -> None:
    turtle = """
        :council a org:Organization ; foaf:name "Council" ; org:hasMember :ann .
        :ann a foaf:Person ; foaf:name "Ann Lee" ; org:headOf :council ; org:memberOf :council ;
            org:hasMembership [ org:organization :council ; schema:roleName "leader" ] .
    """
    (tmp_path / "reforms.csv").write_text("id,label\nx,X\n")
    (tmp_path / "actors.ttl").write_text(PREFIXES + turtle)

    assert read_domain(tmp_path).actors["ann"].member_of == (Membership(organisation="council", role="leader"),)


def test_things_come_in_the_order_of_the_file(town: Domain) -> None:
    assert list(town.reforms) == ["fare-cap", "plan", "N1"]
    assert list(town.actors) == ["council", "riders", "ann", "bo", "cy", "dee"]


def test_labels_are_those_of_the_domains_language(tmp_path: Path) -> None:
    (tmp_path / "domain.toml").write_text('language = "de"\n')
    (tmp_path / "actors.csv").write_text("id,label\nrat,Stadtrat\n")
    (tmp_path / "reforms.ttl").write_text(
        PREFIXES + ':fare-cap a skos:Concept ; skos:prefLabel "Fare cap"@en, "Fahrpreisdeckel"@de .', encoding="utf-8"
    )

    assert read_domain(tmp_path).reforms["fare-cap"].label == "Fahrpreisdeckel"


def test_a_table_goes_first_and_turtle_adds(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.ttl").write_text(PREFIXES + TOWN, encoding="utf-8")
    (tmp_path / "reforms.csv").write_text("id,label,aliases\ntrams,Trams,\nfare-cap,The cap,£2 fare\n")

    domain = read_domain(tmp_path)

    assert list(domain.reforms) == ["trams", "fare-cap", "plan", "N1"]
    assert domain.reforms["fare-cap"] == Reform(
        id="fare-cap",
        label="The cap",
        broader="plan",
        definition="A ceiling on fares",
        aliases=("£2 fare", "capped fares", "fair cap"),
    )


@pytest.mark.parametrize(
    ("turtle", "line", "message"),
    [
        (':cap a skos:Concept ; skos:prefLabel "Deckel"@de .', FIRST, "has no skos:prefLabel in 'en'; add one"),
        ("\n:cap a skos:Concept .", FIRST + 1, "has no skos:prefLabel in 'en'"),
        (":council a org:Organization .", FIRST, "has no foaf:name and no skos:prefLabel in 'en'"),
        (":a :b :c\n:d :e :f .", FIRST + 1, "not Turtle"),
        ('[] a skos:Concept ; skos:prefLabel "Cap" .', None, "is a blank node without id; give it an IRI"),
        (':cap a skos:Concept ; skos:prefLabel "C" ; skos:broader :a, :b .', FIRST, "has several broader concepts"),
        (
            ':cap a skos:Concept ; skos:prefLabel "C" ; skos:broader :a .',
            FIRST,
            "broader 'a' is not the id of a reform",
        ),
        (
            ':a a foaf:Person ; foaf:name "A" ; org:hasMembership [ schema:roleName "x" ] .',
            FIRST,
            "has an org:Membership without org:organization",
        ),
        (':a a foaf:Person ; foaf:name "A" ; org:memberOf :b .', FIRST, "member_of 'b' is not the id of an actor"),
        (
            ':c a org:Organization ; foaf:name "C" .\n:a a foaf:Person ; foaf:name "A" ; org:hasMembership '
            '[ org:organization :c ; schema:startDate "spring" ] .',
            FIRST + 1,
            "since 'spring' is not a valid date",
        ),
        (
            ':a a skos:Concept ; skos:prefLabel "A" .\n:b a skos:Concept ; skos:prefLabel "B" ; dct:identifier "a" .',
            FIRST + 1,
            "has the same id as <https://town.example/a>",
        ),
    ],
)
def test_a_fault_names_file_line_and_what_to_do(tmp_path: Path, turtle: str, line: int | None, message: str) -> None:
    (tmp_path / "actors.csv").write_text("id,label\nx,X\n")
    (tmp_path / "reforms.csv").write_text("id,label\nx,X\n")
    file = tmp_path / "vocabulary.ttl"
    file.write_text(PREFIXES + turtle, encoding="utf-8")

    with pytest.raises(BadDomain) as caught:
        read_domain(tmp_path)

    assert (caught.value.path, caught.value.line) == (file, line)
    assert message in str(caught.value)


def test_turtle_that_is_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "vocabulary.ttl").write_bytes(b'# one\n:x :y "Caf\xe9" .')

    with pytest.raises(BadDomain, match=r"vocabulary\.ttl:2: not UTF-8"):
        read_domain(tmp_path)


def test_what_the_graph_writes_is_read_again(tmp_path: Path) -> None:
    buses = read_domain(BUSES)
    written = ntriples(
        [
            *(triple for actor in buses.actors.values() for triple in actor_triples(actor, buses.base)),
            *(triple for reform in buses.reforms.values() for triple in reform_triples(reform, buses.base)),
            *(triple for concern in buses.concerns.values() for triple in concern_triples(concern, buses.base)),
        ]
    )
    (tmp_path / "vocabulary.ttl").write_text(written, encoding="utf-8")

    again = read_domain(tmp_path)

    def sorted_wordings(domain: Domain) -> list[dict[str, object]]:
        return [
            {id: replace(each, aliases=tuple(sorted(each.aliases))) for id, each in domain.actors.items()},
            {id: replace(each, aliases=tuple(sorted(each.aliases))) for id, each in domain.reforms.items()},
            {id: replace(each, cues=tuple(sorted(each.cues))) for id, each in domain.concerns.items()},
        ]

    assert sorted_wordings(again) == sorted_wordings(buses)
