"""Read from the graph which domain it is about, so that a store can be opened without the domain's folder."""

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
    """Return the data set that the store holds, or the default one if the store is empty."""
    found = store.select(DATASET)
    if not found:
        return Dataset(base=BASE)
    return Dataset(**found[0] | {"likely_from": float(found[0].get("likely_from", LIKELY_FROM))})


def base_of(store: Store) -> str:
    """Return the prefix of the IRIs of all things in the store."""
    return dataset(store).base
