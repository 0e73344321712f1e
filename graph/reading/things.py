"""What the graph says of one thing: its own triples, its name and the names of what it is linked to, its passages."""

from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD
from graph.store.embedded import Store
from graph.store.parameters import bound

# The path to a statement: from what it is about, or from itself.
DESCRIPTION = (
    HEAD
    + """CONSTRUCT { ?subject ?predicate ?object }
WHERE {
  { VALUES ?thing { UNDEF } ?thing ?predicate ?object BIND(?thing AS ?subject) }
  UNION
  { VALUES ?thing { UNDEF } VALUES ?predicate { skos:prefLabel rdfs:label }
    ?thing ?link ?subject . ?subject ?predicate ?object }
  UNION
  { VALUES ?thing { UNDEF } ?subject ?predicate ?thing BIND(?thing AS ?object) }
  UNION
  { VALUES ?thing { UNDEF } VALUES ?predicate { skos:prefLabel rdfs:label }
    ?subject ?link ?thing ; ?predicate ?object }
  UNION
  { VALUES ?thing { UNDEF } ?subject (:actor|:reform|:concern|prov:wasQuotedFrom)? ?thing ;
    a :Statement ; ?predicate ?object }
  UNION
  { VALUES ?thing { UNDEF } ?statement (:actor|:reform|:concern|prov:wasQuotedFrom)? ?thing ;
    :passage ?subject . ?subject ?predicate ?object }
  UNION
  { VALUES ?thing { UNDEF } ?statement (:actor|:reform|:concern|prov:wasQuotedFrom)? ?thing ;
    :passage/oa:hasSelector ?subject . ?subject ?predicate ?object }
}
"""
)

KNOWN = """
ASK {
  { VALUES ?thing { UNDEF } ?thing ?predicate ?object } UNION { VALUES ?thing { UNDEF } ?subject ?predicate ?thing }
}
"""


def description(thing: Iri) -> str:
    """Return the CONSTRUCT query for all that the graph says about a thing."""
    return bound(DESCRIPTION, thing=thing)


def is_known(store: Store, thing: Iri) -> bool:
    """Whether the graph speaks of it."""
    return store.ask(KNOWN, thing=thing)
