"""Agreements and camps as triples, with the options that made them, so that SPARQL sees them."""

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from graph.debate.camps import Camps, camps
from graph.debate.network import Network, agreements, network
from graph.debate.options import NetworkOptions
from graph.debate.stored import read_debate
from graph.model import Agreement
from graph.rdf.terms import Iri, Literal, Triple, integer, ntriples, number
from graph.rdf.vocabulary import DCT, FOAF, PROV, RDF, P, graph_iri, iri
from graph.store.dataset import base_of
from graph.store.embedded import Store, open_store

MOST = 10_000
"""Agreements that are kept in the graph: those on most shared reforms first. Two thousand actors have two million."""


def keep_network(store: Store, options: NetworkOptions | None = None) -> int:
    """Work out the agreement network and its camps and keep them in their graph, as a whole; how many agreements.

    The one with the default options is kept unless others are given. A graph without statements keeps none.
    """
    kept, triples = _worked_out(store, options or NetworkOptions())
    store.replace(graph_iri(base_of(store), "networks"), triples)
    return kept


def _worked_out(store: Store, options: NetworkOptions) -> tuple[int, Iterable[Triple]]:
    """Return the number of agreements to store, and the triples for the graph of networks."""
    debate = read_debate(store)
    made = network(debate, options)
    found = camps(debate, options, of=made)
    kept = list(agreements(made, most=MOST))
    return len(kept), network_triples(made, found, kept, base_of(store)) if made.nodes else ()


def work_out_beside(folder: str) -> None:
    """In a process of its own, on a copy of a store: write what is to go from its graph of networks and what to come.

    They are the files `gone.nt` and `new.nt` of the folder.
    """
    # No request waits for it.
    os.nice(10)
    with open_store(folder, read_only=True) as copy:
        graph = graph_iri(base_of(copy), "networks")
        _, triples = _worked_out(copy, NetworkOptions())
        new, old = dict.fromkeys(triples), dict.fromkeys(copy.triples(graph))
    for name, some in (("gone.nt", old.keys() - new.keys()), ("new.nt", new.keys() - old.keys())):
        # By line: triples with literals have no order of their own.
        (Path(folder) / name).write_text("".join(sorted(ntriples([each]) for each in some)), encoding="utf-8")


def network_triples(of: Network, found: Camps, kept: list[Agreement], base: str) -> Iterator[Triple]:
    """The network with its options, its camps with their members, and its agreements."""
    parameters = of.options.parameters()
    digest = hashlib.sha256(repr(sorted(parameters.items())).encode()).hexdigest()[:16]
    it = iri(base, "network", digest)
    yield Triple(it, RDF.type, P.Network)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, DCT.identifier, Literal(digest))
    for name, value in parameters.items():
        if value:
            yield Triple(it, P.parameter, Literal(f"{name}={value}"))
    yield Triple(it, P.statementCount, integer(sum(node.statements for node in of.nodes)))
    yield Triple(it, P.tieCount, integer(len(of)))
    yield Triple(it, P.modularity, number(round(found.modularity, 6)))
    for camp in found.camps:
        group = iri(base, "camp", digest, camp.id)
        yield Triple(group, RDF.type, P.Camp)
        yield Triple(group, DCT.identifier, Literal(camp.id))
        yield Triple(group, P.network, it)
        yield Triple(group, P.stability, number(round(camp.stability, 6)))
        for member in camp.members:
            yield Triple(group, FOAF.member, iri(base, "actor", member))
    for agreement in kept:
        yield from _agreement(agreement, it, digest, base)


def _agreement(agreement: Agreement, of: Iri, digest: str, base: str) -> Iterator[Triple]:
    it = iri(base, "agreement", digest, agreement.a, agreement.b)
    yield Triple(it, RDF.type, P.Agreement)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, P.network, of)
    yield Triple(it, P.actor, iri(base, "actor", agreement.a))
    yield Triple(it, P.actor, iri(base, "actor", agreement.b))
    yield Triple(it, P.score, number(round(agreement.score, 6)))
    for reform in agreement.agree:
        yield Triple(it, P.agreesOn, iri(base, "reform", reform))
    for reform in agreement.conflict:
        yield Triple(it, P.partsOn, iri(base, "reform", reform))


if __name__ == "__main__":
    work_out_beside(sys.argv[1])
