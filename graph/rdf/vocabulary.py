"""The ontology's terms as Python names, and the IRI of each thing.

A namespace is closed: a term that is not listed here raises an AttributeError, and a test compares the project's own
terms with `ontology.ttl`.
"""

from urllib.parse import quote, unquote

from graph.model import ActorKind, Manner, Stance, Standing
from graph.rdf.terms import Iri
from graph.shipped import shipped

ONTOLOGY = "https://positions.example/ontology#"
ONTOLOGY_FILE = shipped("ontology.ttl")


class Namespace:
    """A closed set of terms whose IRIs share a prefix."""

    def __init__(self, namespace_prefix: str, namespace: str, *names: str) -> None:
        self.namespace_prefix = namespace_prefix
        self.namespace = namespace
        self.terms = {name: Iri(namespace + name) for name in names}

    def __getattr__(self, name: str) -> Iri:
        try:
            return self.terms[name]
        except KeyError:
            raise AttributeError(
                f"{self.namespace_prefix}:{name} is not a known term; see graph/rdf/vocabulary.py"
            ) from None


P = Namespace(
    "",
    ONTOLOGY,
    # Classes.
    *("Statement", "Position", "Reform", "Concern", "Stance", "Manner", "Cue", "Change", "Agreement", "Camp", "Review"),
    *("Verdict",),
    # A statement.
    *("actor", "actorLabel", "reform", "stance", "concern", "condition", "confidence", "manner", "passage", "reader"),
    *("speaker", "speakerName", "cue", "effect", "weight", "standing"),
    # A position.
    *("supports", "opposes", "mixedOn", "firstDate", "lastDate", "statement", "statementCount", "supportCount"),
    *("mixedCount", "opposeCount", "neutralCount", "articleCount", "publisherCount", "change", "before", "after"),
    # An article, and the data set.
    *(
        "voice",
        "pageStart",
        "sha256",
        "inputSha256",
        "repeats",
        "model",
        "likelyFrom",
        "unowned",
    ),
    # A network.
    *("Network", "network", "parameter", "score", "agreesOn", "partsOn", "stability", "modularity", "tieCount"),
    # Reviews.
    *("verdict", "accepted", "rejected", "corrected", "correctedStance", "correctedActor", "correctedReform"),
    *("withdrawn", "number", "note", "fault", "Unsettled", "handCoding"),
    # Stances and manners.
    *("support", "mixed", "oppose", "neutral", "direct", "reported", "own", "plan"),
    # Standings.
    *("Standing", "checked", "likely", "unconfirmed"),
)
RDF = Namespace("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "type")
RDFS = Namespace("rdfs", "http://www.w3.org/2000/01/rdf-schema#", "label", "comment")
SKOS = Namespace(
    "skos",
    "http://www.w3.org/2004/02/skos/core#",
    *("Concept", "ConceptScheme", "prefLabel", "altLabel", "broader", "definition", "inScheme", "hiddenLabel"),
    *("hasTopConcept", "topConceptOf"),
)
PROV = Namespace(
    "prov",
    "http://www.w3.org/ns/prov#",
    *("Entity", "Activity", "SoftwareAgent", "used", "wasAssociatedWith", "wasAttributedTo", "wasDerivedFrom"),
    *("wasGeneratedBy", "wasQuotedFrom", "actedOnBehalfOf", "wasRevisionOf", "invalidatedAtTime", "Person"),
)
OA = Namespace(
    "oa",
    "http://www.w3.org/ns/oa#",
    *("SpecificResource", "TextQuoteSelector", "TextPositionSelector", "hasSource", "hasSelector"),
    *("exact", "prefix", "suffix", "start", "end", "Annotation", "motivatedBy", "assessing", "hasTarget"),
)
FOAF = Namespace("foaf", "http://xmlns.com/foaf/0.1/", "Agent", "Person", "Group", "name", "member")
ORG = Namespace(
    "org",
    "http://www.w3.org/ns/org#",
    *("Organization", "Membership", "member", "organization", "hasMembership"),
)
DCT = Namespace("dct", "http://purl.org/dc/terms/", "identifier", "title", "date")
# The older elements accept plain names; the newer terms of the same name require a resource.
DC = Namespace("dc", "http://purl.org/dc/elements/1.1/", "publisher", "creator", "language", "coverage")
SCHEMA = Namespace(
    "schema",
    "https://schema.org/",
    *("Article", "url", "text", "softwareVersion", "startDate", "endDate", "roleName", "genre"),
    "alternateName",
)
VOID = Namespace("void", "http://rdfs.org/ns/void#", "Dataset", "uriSpace")

SPACES = (P, RDF, RDFS, SKOS, PROV, OA, FOAF, ORG, DCT, DC, SCHEMA, VOID)
"""All namespaces that the project uses."""
PREFIXES = {space.namespace_prefix: space.namespace for space in SPACES} | {
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "time": "http://www.w3.org/2006/time#",
}
"""Prefixes for readable Turtle."""
HEAD = "".join(f"PREFIX {prefix}: <{start}>\n" for prefix, start in PREFIXES.items())
"""The prefixes that come before every query."""

STANCES = {stance: P.terms[stance] for stance in Stance}
STANDINGS = {standing: P.terms[standing] for standing in Standing}
MANNERS = {manner: P.terms[manner] for manner in Manner}
SHORTCUTS = {Stance.SUPPORT: P.supports, Stance.OPPOSE: P.opposes, Stance.MIXED: P.mixedOn}
"""The property that links an actor directly to a reform."""
KINDS = {
    ActorKind.ORGANISATION: ORG.Organization,
    ActorKind.PERSON: FOAF.Person,
    ActorKind.GROUP: FOAF.Group,
}


def iri(base: str, kind: str, *ids: str) -> Iri:
    """Return the IRI of a thing: `iri(base, "actor", "council")`, `iri(base, "position", actor, reform)`."""
    return Iri(f"{base}id/{kind}/{'/'.join(quote(part, safe='') for part in ids)}")


def graph_iri(base: str, kind: str, id: str = "") -> Iri:
    """Return the IRI of a named graph: `graph_iri(base, "article", "news")`, `graph_iri(base, "positions")`."""
    return Iri(f"{base}graph/{kind}/{quote(id, safe='')}" if id else f"{base}graph/{kind}")


def graph_kind(base: str, graph: str) -> str:
    """Return the kind of a named graph (article, vocabulary, positions, networks, reviews), or '' for any other."""
    start = f"{base}graph/"
    return graph[len(start) :].partition("/")[0] if graph.startswith(start) else ""


def id_of(thing: str) -> str:
    """Return the id at the end of a thing's IRI."""
    return unquote(thing.rpartition("/")[2])


def kind_and_ids(base: str, thing: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the parts from which `iri` built an IRI, or None if it has another base."""
    start = f"{base}id/"
    if not thing.startswith(start):
        return None
    kind, *ids = thing[len(start) :].split("/")
    return kind, tuple(unquote(part) for part in ids)


def name_of(term: str) -> str:
    """Return the name at the end of one of the ontology's IRIs: 'support' for `:support`."""
    return term.rpartition("#")[2]
