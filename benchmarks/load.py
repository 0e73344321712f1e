"""A mixed load on a running server: pages, JSON, SPARQL, and some queries that would run for ever.

    positions serve --store graph --query-timeout 5
    .venv/bin/python benchmarks/load.py http://127.0.0.1:8000 --seconds 60 --connections 64

Tells, by kind of request: how many, which statuses, median and 99th percentile; fails where an answer is a 5xx other
than 503 with Retry-After, or a runaway query outlives the limit by more than a second. On 127.0.0.1 only.
"""

import argparse
import asyncio
import random
import statistics
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
POSITIONS = """PREFIX : <https://positions.example/ontology#>
SELECT ?actor ?reform WHERE { ?position a :Position ; :actor ?actor ; :reform ?reform } LIMIT 100"""


@dataclass
class Tally:
    """What came of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


async def main(address: str, seconds: float, connections: int, limit: float) -> int:
    if urlsplit(address).hostname not in {"127.0.0.1", "localhost"}:
        raise SystemExit("a load is put on this machine alone")
    tallies: dict[str, Tally] = defaultdict(Tally)
    bounds = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    async with httpx.AsyncClient(base_url=address, limits=bounds, timeout=60, trust_env=False) as http:
        requests = await kinds(http)
        until = time.perf_counter() + seconds
        await asyncio.gather(*(client(http, requests, tallies, until, limit, seed) for seed in range(connections)))
    for kind, tally in sorted(tallies.items()):
        times = sorted(tally.seconds)
        p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
        told = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
        print(f"{kind:<8} {len(times):>6}  median {statistics.median(times):.3f} s  p99 {p99:.3f} s  {told}")
    wrong = [sentence for tally in tallies.values() for sentence in tally.wrong]
    print("\n".join(wrong[:20]))
    return 1 if wrong else 0


async def kinds(http: httpx.AsyncClient) -> list[tuple[int, str, list[str]]]:
    """Share in the load, kind, and addresses: of things that are in this graph."""

    async def ids(kind: str) -> list[str]:
        listed = (await http.get(f"/api/{kind}", params={"limit": 50})).json()["items"]
        return [str(item["id"]) for item in listed]

    reforms, actors = await ids("reforms"), await ids("actors")
    sparql = str(httpx.URL("/sparql", params={"query": POSITIONS}))
    return [
        (
            40,
            "pages",
            ["/", "/search?q=plan", *(f"/reforms/{id}" for id in reforms), *(f"/actors/{id}" for id in actors)],
        ),
        (
            30,
            "api",
            ["/api/positions", *(f"/api/reforms/{id}" for id in reforms), *(f"/api/actors/{id}" for id in actors)],
        ),
        (25, "sparql", [sparql]),
        (5, "runaway", [str(httpx.URL("/sparql", params={"query": RUNAWAY}))]),
    ]


async def client(
    http: httpx.AsyncClient,
    requests: list[tuple[int, str, list[str]]],
    tallies: dict[str, Tally],
    until: float,
    limit: float,
    seed: int,
) -> None:
    """Ask one thing after the other until the time is over."""
    chance = random.Random(seed)
    while time.perf_counter() < until:
        _, kind, addresses = chance.choices(requests, weights=[share for share, _, _ in requests])[0]
        where = chance.choice(addresses)
        tally = tallies[kind]
        begun = time.perf_counter()
        try:
            answer = await http.get(where)
        except httpx.HTTPError as error:
            tally.wrong.append(f"{kind} {where[:80]}: {error!r}")
            continue
        took = time.perf_counter() - begun
        tally.seconds.append(took)
        tally.statuses[answer.status_code] += 1
        patient = answer.status_code == 503 and "retry-after" in answer.headers
        if answer.status_code >= 500 and not patient:
            tally.wrong.append(f"{kind} {where[:80]}: {answer.status_code} {answer.text[:100]}")
        if kind == "runaway" and took > limit + 1:
            tally.wrong.append(f"a runaway query took {took:.1f} s")
        if answer.status_code in {429, 503}:
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("address")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--limit", type=float, default=5, help="--query-timeout of the server")
    given = parser.parse_args()
    sys.exit(asyncio.run(main(given.address, given.seconds, given.connections, given.limit)))
