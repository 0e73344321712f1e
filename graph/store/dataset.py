"""What the graph is about, as it stands in the graph: a store can be opened without the folder of its domain."""

from graph.domain.folder import BASE
from graph.model import LIKELY_FROM
from graph.rdf.triples import Dataset
from graph.rdf.vocabulary import HEAD
from graph.store.embedded import Store

DATASET = (
    HEAD
    + """SELECT ?base ?id ?title ?language ?period ?likely_from WHERE {
  ?dataset a void:Dataset ; void:uriSpace ?base .
  OPTIONAL { ?dataset dct:identifier ?id }
  OPTIONAL { ?dataset dct:title ?title }
  OPTIONAL { ?dataset dc:language ?language }
  OPTIONAL { ?dataset dc:coverage ?period }
  OPTIONAL { ?dataset :likelyFrom ?likely_from }
}
ORDER BY ?base LIMIT 1
"""
)


def dataset(store: Store) -> Dataset:
    """The data set that the store holds; the default one where it is empty."""
    found = store.select(DATASET)
    if not found:
        return Dataset(base=BASE)
    return Dataset(**found[0] | {"likely_from": float(found[0].get("likely_from", LIKELY_FROM))})


def base_of(store: Store) -> str:
    """The beginning of the IRIs of all things in the store."""
    return dataset(store).base
