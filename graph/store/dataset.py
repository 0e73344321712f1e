"""What the graph is about, as it stands in the graph: a store can be opened without the folder of its domain."""

from graph.domain.folder import BASE
from graph.rdf.triples import Dataset
from graph.rdf.vocabulary import HEAD
from graph.store.embedded import Store

DATASET = (
    HEAD
    + """SELECT ?base ?id ?title ?language ?period WHERE {
  ?dataset a void:Dataset ; void:uriSpace ?base .
  OPTIONAL { ?dataset dct:identifier ?id }
  OPTIONAL { ?dataset dct:title ?title }
  OPTIONAL { ?dataset dc:language ?language }
  OPTIONAL { ?dataset dc:coverage ?period }
}
ORDER BY ?base LIMIT 1
"""
)


def dataset(store: Store) -> Dataset:
    """The data set that the store holds; the default one where it is empty."""
    found = store.select(DATASET)
    return Dataset(**found[0]) if found else Dataset(base=BASE)


def base_of(store: Store) -> str:
    """The beginning of the IRIs of all things in the store."""
    return dataset(store).base
