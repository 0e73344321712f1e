"""Measure networks and camps: 2,000 actors, 300 reforms, 1 million statements, compared with networkx.

    python benchmarks/network.py [--actors 2000] [--reforms 300] [--statements 1000000] [--json]

It computes every one-mode network (actors and reforms, four aggregations by four normalisations) and the camps from
Statement objects. Then networkx projects the same two-mode network to actors in the same run. Both are measured in
wall-clock and processor time. Memory is the peak of the process before networkx starts.
"""

import argparse
import json
import resource
import time
from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

import networkx as nx
import numpy as np
from networkx.algorithms import bipartite

from graph.debate.camps import camps
from graph.debate.columns import Debate, tally
from graph.debate.measures import Profile, measure, pairs, profile
from graph.debate.network import networks
from graph.debate.options import Aggregation, Mode, NetworkOptions, Normalisation
from graph.model import Article, Stance, Statement

SIDES = (Stance.SUPPORT, Stance.OPPOSE)
Made = TypeVar("Made")


def invented(actors: int, reforms: int, statements: int, *, seed: int = 1) -> Debate:
    """Return a debate of four camps, each with a leaning on each reform; every actor speaks on most reforms."""
    rng = np.random.default_rng(seed)
    camp, leaning = rng.integers(0, 4, actors), rng.normal(size=(4, reforms))
    who, what = rng.integers(0, actors, statements), rng.integers(0, reforms, statements)
    where = rng.integers(0, max(statements // 10, 1), statements)
    against = rng.random(statements) > 1 / (1 + np.exp(-2 * leaning[camp[who], what]))
    names = [f"actor-{number}" for number in range(actors)]
    topics = [f"reform-{number}" for number in range(reforms)]
    articles = [f"article-{number}" for number in range(max(statements // 10, 1))]
    said = [
        Statement(
            article=articles[a],
            start=0,
            end=1,
            quote="x",
            actor=names[w],
            actor_label=names[w],
            reform=topics[r],
            stance=SIDES[s],
        )
        for a, w, r, s in zip(where.tolist(), who.tolist(), what.tolist(), against.tolist(), strict=True)
    ]
    return Debate(statements=said, articles={id: Article(id=id, text="", date="2031-01-01") for id in articles})


def timed(work: Callable[[], Made]) -> tuple[Made, float, float]:
    """Return the result of the work and its wall-clock and processor seconds."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return made, time.perf_counter() - clock, time.process_time() - processor


def all_networks(debate: Debate) -> tuple[int, int]:
    """Compute every one-mode network and the camps; return the numbers of ties and of camps."""
    options = [
        NetworkOptions(mode=mode, aggregation=aggregation, normalisation=normalisation, resamples=0)
        for mode, aggregation, normalisation in product((Mode.ACTORS, Mode.REFORMS), Aggregation, Normalisation)
    ]
    ties, kept = 0, None
    for of in networks(debate, options):
        ties += len(of)
        if of.options == NetworkOptions(resamples=0):
            kept = of
    return ties, len(camps(debate, NetworkOptions(resamples=0), of=kept).camps)


def two_mode(of: Profile) -> "nx.Graph[str]":
    """Return the profile in the form that networkx needs."""
    made: nx.Graph[str] = nx.Graph()
    cells = of.activity.tocoo()
    made.add_edges_from((f"a{row}", f"r{column}") for row, column in zip(cells.row, cells.col, strict=True))
    return made


def one_projection(of: Profile) -> Sequence[float]:
    """Return our weights of the network that networkx projects: the number of reforms on which both spoke."""
    options = NetworkOptions(aggregation=Aggregation.IGNORE, normalisation=Normalisation.NONE, resamples=0)
    weights: list[float] = measure(of, pairs(of), options).tolist()
    return weights


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--actors", type=int, default=2_000)
    parser.add_argument("--reforms", type=int, default=300)
    parser.add_argument("--statements", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of lines")
    chosen = parser.parse_args()

    debate = invented(chosen.actors, chosen.reforms, chosen.statements)
    (ties, found), clock, processor = timed(lambda: all_networks(debate))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2

    options = NetworkOptions(resamples=0)
    made = profile(tally(debate, options), options)
    drawn = two_mode(made)
    ours, our_clock, our_processor = timed(lambda: one_projection(made))
    nodes = [node for node in drawn if node.startswith("a")]
    theirs, their_clock, their_processor = timed(lambda: bipartite.weighted_projected_graph(drawn, nodes))
    if sum(ours) != theirs.size(weight="weight"):
        raise SystemExit("the two projections differ")

    told = {
        "actors": chosen.actors,
        "reforms": chosen.reforms,
        "statements": chosen.statements,
        "networks": 32,
        "ties": ties,
        "camps": found,
        "all_networks_and_camps_seconds": round(clock, 2),
        "all_networks_and_camps_processor_seconds": round(processor, 2),
        "memory_gib": round(memory, 2),
        "projection_seconds": round(our_clock, 3),
        "networkx_projection_seconds": round(their_clock, 2),
        "times_faster": round(their_clock / our_clock, 1),
        "times_faster_by_processor": round(their_processor / our_processor, 1),
    }
    if chosen.json:
        print(json.dumps(told, indent=1))
        return
    for name, value in told.items():
        print(f"{name.replace('_', ' '):45} {value}")


if __name__ == "__main__":
    main()
