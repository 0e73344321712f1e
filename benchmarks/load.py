"""Put a mixed load on a server with many statements: `python benchmarks/load.py [--seconds 300]`.

    .venv/bin/python benchmarks/load.py                       serves a new graph of 100,000 statements for 5 minutes
    .venv/bin/python benchmarks/load.py --store DIR           serves an existing graph
    .venv/bin/python benchmarks/load.py --address http://127.0.0.1:8000

64 connections send one request after another: 40 % pages, 30 % API, 25 % SPARQL, 5 % queries that would never end. Most
pages and API requests are for popular addresses, the rest for any statement, article, actor or reform. The output lists
counts, statuses and times by kind, and each requirement with its measurement; the exit code is 1 if one is not met. The
client uses little processor time, so the server is what is measured. It only loads 127.0.0.1.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from urllib.parse import urlencode, urlsplit
from urllib.request import urlopen

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
POSITIONS = """PREFIX : <https://positions.example/ontology#>
SELECT ?actor ?reform WHERE { ?position a :Position ; :actor ?actor ; :reform ?reform } LIMIT %d"""
CHEAP = 0.5
"""Most seconds for 99 of 100 cheap requests."""
GROWTH = 1.2
FIRST = 60.0
"""Seconds after which memory use is the baseline for later use."""
POSITIONS_COMMAND = Path(sys.executable).with_name("positions")


@dataclass
class Tally:
    """The results of one kind of request."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """One persistent connection: just enough HTTP/1.1 to find the end of an answer."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.answer: asyncio.Future[tuple[int, bool]] | None = None
        self._data = bytearray()
        self._left = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is not one of asyncio's classes.
        self.transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.transport = None
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(error or ConnectionError("the server closed the connection"))

    def ask(self, request: bytes) -> "asyncio.Future[tuple[int, bool]]":
        """Return the status and whether there was a Retry-After header."""
        assert self.transport is not None
        self.answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.answer

    def data_received(self, data: bytes) -> None:
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0 or self.answer is None:
            return
        head = bytes(self._data[:end]).lower()
        place = head.find(b"\r\ncontent-length:")
        if place >= 0:
            length = int(head[place + 17 :].split(b"\r\n", 1)[0])
            whole = len(self._data) >= end + 4 + length
        else:
            whole = self._data.endswith(b"\r\n0\r\n\r\n") or head.startswith((b"http/1.1 304", b"http/1.1 204"))
        if whole:
            self._data.clear()
            answer, self.answer = self.answer, None
            answer.set_result((int(head[9:12]), b"\r\nretry-after:" in head))


@dataclass(frozen=True)
class Load:
    """The requests of a run: for each kind its share, the frequent addresses and the rare ones."""

    kinds: list[tuple[int, str, list[bytes], list[bytes]]]
    rare: float
    """Share of requests for any address; the others are for popular ones."""

    def one(self, chance: random.Random) -> tuple[str, bytes]:
        """Return a kind and a request."""
        _, kind, most, rest = chance.choices(self.kinds, weights=[share for share, *_ in self.kinds])[0]
        return kind, chance.choice(rest if rest and chance.random() < self.rare else most)


def load(address: str, rare: float) -> Load:
    """Return addresses of things in the served graph."""

    def ids(kind: str, limit: int) -> list[str]:
        with urlopen(f"{address}/api/{kind}?limit={limit}") as answer:
            return [str(item["id"]) for item in json.load(answer)["items"]]

    reforms, actors, articles, statements = (
        ids("reforms", 300),
        ids("actors", 1_000),
        ids("articles", 1_000),
        ids("statements", 1_000),
    )
    host = urlsplit(address).netloc

    def requests(paths: list[str], accept: str = "text/html") -> list[bytes]:
        head = f"\r\nHost: {host}\r\nAccept: {accept}\r\nAccept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n"
        return [f"GET {path} HTTP/1.1{head}".encode() for path in paths]

    def sparql(text: str) -> str:
        return f"/sparql?{urlencode({'query': text})}"

    of_things = [*(f"/reforms/{id}" for id in reforms), *(f"/actors/{id}" for id in actors)]
    of_records = [*(f"/articles/{id}" for id in articles), *(f"/statements/{id}" for id in statements)]
    most = [*of_things[:50], *(f"/actors/{id}" for id in actors[:50])]
    return Load(
        [
            (40, "pages", requests(["/", "/search?q=plan", "/changes", *most]), requests(of_things + of_records)),
            (
                30,
                "api",
                requests(["/api/positions", *(f"/api{path}" for path in most)], "application/json"),
                requests([f"/api{path}" for path in of_things + of_records], "application/json"),
            ),
            (
                25,
                "sparql",
                requests([sparql(POSITIONS % 100)], "application/sparql-results+json"),
                requests([sparql(POSITIONS % n) for n in range(1, 1_000)], "application/sparql-results+json"),
            ),
            (5, "runaway", requests([sparql(RUNAWAY)], "application/sparql-results+json"), []),
        ],
        rare,
    )


async def put(address: str, asked: Load, seconds: float, connections: int) -> dict[str, Tally]:
    """Send requests for this long."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    until = time.perf_counter() + seconds
    await asyncio.gather(*(client(address, asked, tallies, until, seed) for seed in range(connections)))
    return tallies


async def client(address: str, asked: Load, tallies: dict[str, Tally], until: float, seed: int) -> None:
    """Send one request after another until the time is over."""
    chance = random.Random(seed)
    parts = urlsplit(address)
    connection = Connection()
    while time.perf_counter() < until:
        kind, request = asked.one(chance)
        tally = tallies[kind]
        begun = time.perf_counter()
        try:
            if connection.transport is None:
                loop = asyncio.get_running_loop()
                _, connection = await loop.create_connection(Connection, parts.hostname or "", parts.port or 80)
            status, retry = await asyncio.wait_for(connection.ask(request), 60)
        except (OSError, TimeoutError) as error:
            tally.wrong.append(f"{kind}: {error!r}")
            connection = Connection()
            continue
        tally.seconds.append(time.perf_counter() - begun)
        tally.statuses[status] += 1
        if status >= 500 and not (status == 503 and retry):
            tally.wrong.append(f"{kind}: {status} for {request.split(b' ', 2)[1].decode()[:100]}")
        if status in {429, 503}:
            await asyncio.sleep(0.2)


# The server, its memory, and other load on the machine


@contextmanager
def served(store: str, limit: float) -> Iterator[tuple[str, int]]:
    """Start a server on the store and yield its address and process id."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSITIONS_")}
    command = [str(POSITIONS_COMMAND), "serve", "--store", store, "--port", "0", "--query-timeout", str(limit)]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if " at http://" in line:
                yield line.partition(" at ")[2].partition(";")[0].strip(), server.pid
                break
        else:
            raise SystemExit("the server did not start")
    finally:
        server.terminate()
        server.wait(60)


def answers(address: str, path: str) -> int:
    """Return the status of one request."""
    with urlopen(address + path) as answer:
        answer.read()
        return int(answer.status)


def megabytes(pid: int) -> float:
    """Return the memory that a process uses."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def descendants(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    of: dict[int, list[int]] = defaultdict(list)
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            try:
                of[int((each / "stat").read_text().rpartition(")")[2].split()[1])].append(int(each.name))
            except OSError:
                continue
    found = [pid]
    for parent in found:
        found.extend(of[parent])
    return found


def processor(pids: list[int]) -> float:
    """Return the processor seconds of these processes, including children that have ended."""
    ticks = 0
    for pid in pids:
        try:
            ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]))
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def busy() -> float:
    """Return the seconds in which the machine's processors were busy."""
    parts = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return (sum(parts) - parts[3] - parts[4]) / os.sysconf("SC_CLK_TCK")


async def watched(pid: int, seen: list[tuple[float, float]]) -> None:
    """Record the server's memory every second."""
    begun = time.perf_counter()
    while True:
        seen.append((time.perf_counter() - begun, megabytes(pid)))
        await asyncio.sleep(1)


# The verdict


def verdict(tallies: dict[str, Tally], memory: list[tuple[float, float]], limit: float, seconds: float) -> bool:
    """Print the measurements and whether each requirement is met; return whether all are."""
    for kind, tally in sorted(tallies.items()):
        told = ", ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items()))
        times = (
            f"median {statistics.median(tally.seconds):.3f} s, p99 {p99(tally.seconds):.3f} s" if tally.seconds else ""
        )
        print(f"  {kind:<8} {len(tally.seconds):>7}  {times}  {told}")
    cheap = [took for kind, tally in tallies.items() if kind != "runaway" for took in tally.seconds]
    wrong = [each for tally in tallies.values() for each in tally.wrong]
    longest = max(tallies["runaway"].seconds, default=0.0)
    refused = sum(
        tally.statuses[status] for kind, tally in tallies.items() if kind != "runaway" for status in (429, 503)
    )
    demands = [
        (not wrong, f"no 5xx but 503 with Retry-After, no broken answer: {len(wrong)} wrong"),
        (longest <= limit + 1, f"no runaway query past its limit ({limit:g} s) plus one: longest {longest:.2f} s"),
        (p99(cheap) < CHEAP, f"p99 of cheap requests under {CHEAP:g} s: {p99(cheap):.3f} s of {len(cheap):,} requests"),
    ]
    print(f"  of {len(cheap):,} cheap requests {refused:,} were asked to retry, most before anything was cached")
    start = [size for at, size in memory if FIRST <= at < FIRST + 10]
    if start and seconds >= 2 * FIRST:
        first, most = statistics.median(start), max(size for at, size in memory if at >= FIRST)
        kept = most <= GROWTH * first
        demands.append((kept, f"memory within 20 % of the first minute's: {first:.0f} MB, then at most {most:.0f} MB"))
    else:
        print(f"  memory {memory[0][1]:.0f} MB at first, {memory[-1][1]:.0f} MB at the end; too short to judge")
    for met, demand in demands:
        print(f"{'met    ' if met else 'NOT MET'}  {demand}")
    print("\n".join(f"         {each}" for each in wrong[:10]), end="\n" if wrong else "")
    return all(met for met, _ in demands)


def p99(times: list[float]) -> float:
    """Return the time within which 99 of 100 requests were answered."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))] if times else 0.0


def measure(address: str, pid: int | None, given: argparse.Namespace) -> bool:
    """Put the load on a server and judge the results."""
    seconds, connections, limit = given.seconds, given.connections, given.limit
    if urlsplit(address).hostname not in {"127.0.0.1", "localhost"}:
        raise SystemExit("only this machine may be loaded; use an address on 127.0.0.1")
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            answers(address, "/ready")
            break
        except OSError:
            time.sleep(0.1)
    asked = load(address, given.rare)
    # The first request after a start computes the tables that every page needs.
    answers(address, "/")
    memory: list[tuple[float, float]] = []
    busy_before, ours_before, own_before = busy(), processor(descendants(pid)) if pid else 0.0, time.process_time()
    print(f"load average {os.getloadavg()[0]:.1f} before; {connections} connections for {seconds:g} s")

    async def run() -> dict[str, Tally]:
        watch = asyncio.create_task(watched(pid, memory)) if pid else None
        tallies = await put(address, asked, seconds, connections)
        if watch is not None:
            watch.cancel()
        return tallies

    try:
        import uvloop

        tallies = uvloop.run(run())
    except ImportError:
        tallies = asyncio.run(run())
    client_took = time.process_time() - own_before
    server_took = processor(descendants(pid)) - ours_before if pid else 0.0
    others = busy() - busy_before - client_took - server_took
    print(
        f"of {os.cpu_count()} processors in {seconds:g} s: server and queries {server_took:.0f} s, client "
        f"{client_took:.0f} s, everything else on this machine {others:.0f} s"
    )
    return verdict(tallies, memory or [(0.0, 0.0)], limit, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="Folder of a graph; without it, one is created")
    parser.add_argument("--address", default="", help="Address of a running server")
    parser.add_argument("--statements", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument(
        "--rare", type=float, default=0.02, help="Share of requests for any address, not only popular ones"
    )
    parser.add_argument("--limit", type=float, default=5, help="--query-timeout of the server")
    given = parser.parse_args()
    if given.address:
        return 0 if measure(given.address, None, given) else 1
    with tempfile.TemporaryDirectory() as folder:
        if not given.store:
            from pages import articles, fill  # type: ignore[import-not-found]  # lies beside this file

            fill(folder, list(articles(given.statements, random.Random(7))))
        with served(given.store or folder, given.limit) as (address, pid):
            return 0 if measure(address, pid, given) else 1


if __name__ == "__main__":
    sys.exit(main())
