"""Networks as networkx graphs: for files, for the shortest paths between camps, and for the layout of pictures."""

from collections.abc import Iterable, Mapping, Sequence

import networkx as nx
import numpy as np

from graph.debate.network import Network, Tie
from graph.rdf.xml_text import NOT_IN_XML, xml_text

BETWEENNESS_TIES = 10_000
"""Over at most so many ties, the strongest, are shortest paths followed: weaker ones are hardly ever the shortest."""

BETWEENNESS_SOURCES = 100
"""From at most so many actors are shortest paths followed; beyond, a seeded sample stands for all."""


def graph(of: Network, camps: Mapping[str, str] | None = None) -> "nx.Graph[str]":
    """The network for networkx, every attribute a plain value; `camps` names the camp of each actor that has one."""
    made: nx.Graph[str] = nx.Graph()
    # Every value can be written into every format, some of which are XML.
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
    """Share of the shortest ways of agreement from one camp to another that lead through each actor.

    Brandes' betweenness over the positive ties, sources and targets taken from different camps (a way is shorter the
    stronger the agreement). Where there are many actors, a seeded sample of sources stands for all, and where there
    are many ties, the strongest.
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
    """Places between -1 and 1, nearer together the more two agree (Fruchterman and Reingold); the same for one seed."""
    ways: nx.Graph[str] = nx.Graph()
    ways.add_nodes_from(nodes)
    # A conflict holds two together a little: who has no friend at all would else fly out of the picture.
    ways.add_edges_from((tie.source, tie.target, {"weight": max(tie.weight, abs(tie.weight) / 4)}) for tie in ties)
    if not nodes:
        return {}
    placed = nx.spring_layout(ways, seed=seed, k=1.6 / np.sqrt(len(nodes)), iterations=120)
    return {node: (round(float(x), 4), round(float(y), 4)) for node, (x, y) in placed.items()}


def _key(of: Network, number: int) -> str:
    """The node's id; with its kind before it in a two-mode network, where an actor and a reform may share an id."""
    node = of.nodes[number]
    key = f"{node.kind}:{node.id}" if of.options.two_mode else node.id
    return NOT_IN_XML.sub(lambda found: f"%{ord(found[0]):02X}", key)
