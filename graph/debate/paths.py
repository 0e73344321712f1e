"""Networks as networkx graphs: for files, for the shortest paths between camps, and for the layout of pictures."""

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import numpy as np

from graph.debate.network import Network, Tie
from graph.rdf.xml_text import NOT_IN_XML, xml_text

BETWEENNESS_TIES = 10_000
"""Most ties that shortest paths may follow, the strongest first: weaker ties are hardly ever on a shortest path."""

BETWEENNESS_SOURCES = 100
"""Most actors from which shortest paths start; if there are more, a seeded sample represents them."""


def graph(of: Network, camps: Mapping[str, str] | None = None) -> "nx.Graph[str]":
    """Return the network for networkx, with plain values as attributes; `camps` maps actors to their camps."""
    made: nx.Graph[str] = nx.Graph()
    # Some formats are XML, so values may contain only characters that XML allows.
    values = {**of.options.parameters(), "first": of.first, "last": of.last}
    # Leave out empty values: GraphML does not distinguish an empty text from a missing one.
    made.graph.update({key: xml_text(value) for key, value in values.items() if value})
    for number, node in enumerate(of.nodes):
        made.add_node(
            _key(of, number),
            label=NOT_IN_XML.sub("", node.label) or xml_text(node.id),
            kind=node.kind,
            statements=node.statements,
            articles=node.articles,
            support=node.support,
            oppose=node.oppose,
            mixed=node.mixed,
            **({"camp": camps[node.id]} if camps and node.id in camps else {}),
        )
    for number, tie in enumerate(of.ties()):
        made.add_edge(
            _key(of, int(of.source[number])),
            _key(of, int(of.target[number])),
            weight=tie.weight,
            agree=tie.agree,
            conflict=tie.conflict,
            shared=tie.shared,
            sign=1 if tie.weight > 0 else -1,
        )
    return made


def betweenness(of: Network, camps: Mapping[str, str]) -> dict[str, float]:
    """Return the share of the shortest paths of agreement between camps that lead through each actor.

    This is Brandes' betweenness over the positive ties, with sources and targets in different camps. Stronger agreement
    makes a path shorter. If there are many actors, a seeded sample of sources represents them; if there are many ties,
    only the strongest count.
    """
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(node.id for node in of.nodes)
    strongest = np.argsort(-of.weight, kind="stable")[:BETWEENNESS_TIES]
    for number in strongest[of.weight[strongest] > 0].tolist():
        source, target = of.nodes[of.source[number]].id, of.nodes[of.target[number]].id
        ways.add_edge(source, target, length=1 / float(of.weight[number]))
    placed = [node.id for node in of.nodes if node.id in camps]
    sources = placed
    if len(placed) > BETWEENNESS_SOURCES:
        chosen = np.random.default_rng(of.options.seed).choice(len(placed), BETWEENNESS_SOURCES, replace=False)
        sources = [placed[i] for i in sorted(chosen.tolist())]
    total = dict.fromkeys(ways, 0.0)
    ordered_pairs = 0
    for camp in sorted(set(camps.values())):
        starts = [actor for actor in sources if camps[actor] == camp]
        ends = [actor for actor in placed if camps[actor] != camp]
        if not starts or not ends:
            continue
        ordered_pairs += len(starts) * len(ends)
        part = nx.betweenness_centrality_subset(ways, starts, ends, normalized=False, weight="length")
        for actor, value in part.items():
            # networkx halves what it counts in an undirected graph, taking each way for walked from both ends.
            total[actor] += 2 * value
    return {actor: value / ordered_pairs if ordered_pairs else 0.0 for actor, value in total.items()}


def layout(nodes: Sequence[str], ties: Iterable[Tie], *, seed: int) -> dict[str, tuple[float, float]]:
    """Return places between -1 and 1, closer together for stronger agreement (Fruchterman and Reingold)."""
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(nodes)
    # A conflict attracts a little; otherwise an actor without allies would end up far outside the picture.
    ways.add_edges_from((tie.source, tie.target, {"weight": max(tie.weight, abs(tie.weight) / 4)}) for tie in ties)
    if not nodes:
        return {}
    placed = nx.spring_layout(ways, seed=seed, k=1.6 / np.sqrt(len(nodes)), iterations=120)
    return {node: (round(float(x), 4), round(float(y), 4)) for node, (x, y) in placed.items()}


def _key(of: Network, number: int) -> str:
    """Return the node's id. A two-mode network puts the kind before it, as an actor and a reform may share an id."""
    node = of.nodes[number]
    key = f"{node.kind}:{node.id}" if of.options.two_mode else node.id
    return NOT_IN_XML.sub(lambda found: f"%{ord(found[0]):02X}", key)
