"""Measure the SPARQL service from outside: python benchmarks/sparql.py speed | runaways | hostile | crash

speed      requests per second for six kinds of query over invented statements, first and repeated
runaways   eight endless queries at once, and how long short ones take meanwhile
hostile    a thousand malformed and hostile requests: the answers, and whether the server survives
crash      kill -9 during concurrent updates, and whether each acknowledged update is there and complete

Each starts its own server on an empty folder, on 127.0.0.1.
"""

import argparse
import collections
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.serving import TOKEN, Server, serve

QUERY, UPDATE = {"Content-Type": "application/sparql-query"}, {"Content-Type": "application/sparql-update"}
ADMIN = {"Authorization": f"Bearer {TOKEN}"}
NS = "https://buses.example/ns#"
PREFIX = f"PREFIX : <{NS}> "
STANCES = ("support", "oppose", "mixed", "neutral")


def client(server: Server) -> httpx.Client:
    """Open a connection without the environment's proxies: the server is on this machine."""
    return httpx.Client(base_url=server.address, timeout=60, trust_env=False)


# Speed


def data(articles: int) -> Iterator[str]:
    """Yield N-Quads of invented statements, twenty in each article."""
    chance = random.Random(7)
    for article in range(articles):
        graph = f"<{NS}graph/{article}>"
        for number in range(20):
            statement = f"<{NS}statement/{article}-{number}>"
            actor, reform = chance.randrange(500), int(300 * chance.random() ** 2)
            yield f"{statement} <{NS}actor> <{NS}actor/{actor}> {graph} .\n"
            yield f"{statement} <{NS}reform> <{NS}reform/{reform}> {graph} .\n"
            yield f"{statement} <{NS}stance> <{NS}{chance.choice(STANCES)}> {graph} .\n"
            yield f'{statement} <{NS}quote> "{" ".join(chance.choices(STANCES, k=20))}"@en {graph} .\n'


def kinds(articles: int) -> dict[str, Callable[[int], str]]:
    """Map each kind to a function from a number to a query."""
    return {
        "ask": lambda n: (
            f"ASK {{ ?s :actor <{NS}actor/{n % 500}> ; :reform <{NS}reform/{n % 300}> ; :stance :oppose }}"
        ),
        "select": lambda n: f"SELECT DISTINCT ?a {{ ?s :reform <{NS}reform/{n % 300}> ; :stance :oppose ; :actor ?a }}",
        "evidence": lambda n: f"SELECT * {{ ?s :reform <{NS}reform/{n % 300}> ; :actor ?a ; :quote ?q }} LIMIT 50",
        "construct": lambda n: f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ GRAPH <{NS}graph/{n % articles}> {{ ?s ?p ?o }} }}",
        "aggregate": lambda n: (
            f"SELECT ?r ?t (COUNT(*) AS ?n{n}) {{ ?s :reform ?r ; :stance ?t }} GROUP BY ?r ?t ORDER BY ?r ?t"
        ),
    }


def speed(arguments: argparse.Namespace) -> None:
    """Measure requests per second: new queries, then the same ones again."""
    with server_in(arguments) as server, client(server) as http:
        body = "".join(data(arguments.articles)).encode()
        begun = time.perf_counter()
        http.post("/graphs", content=body, headers=ADMIN | {"Content-Type": "application/n-quads"}).raise_for_status()
        triples = arguments.articles * 80
        print(f"{triples:,} triples put in {time.perf_counter() - begun:.1f} s")
        http.post("/sparql", content="ASK {}", headers=QUERY)
        # Wait until the data are in memory.
        time.sleep(4 + triples / 100_000)
        for kind, query in kinds(arguments.articles).items():
            numbers = range(40 if kind == "aggregate" else 300)
            first = rate(server, [PREFIX + query(number) for number in numbers])
            again = rate(server, [PREFIX + query(number) for number in numbers] * 3)
            print(f"{kind:10} new {first:8.1f}/s   repeated {again:8.1f}/s   {again / first:6.1f} times")


def rate(server: Server, queries: list[str]) -> float:
    """Return the answers per second for eight clients."""

    def work(part: list[str]) -> None:
        with client(server) as http:
            for query in part:
                http.post("/sparql", content=query.encode(), headers=QUERY).raise_for_status()

    begun = time.perf_counter()
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(work, [queries[start::8] for start in range(8)]))
    return len(queries) / (time.perf_counter() - begun)


# Runaways

MANY = " ".join(map(str, range(1_000)))
CROSS = " ".join(f"VALUES ?{name} {{ {MANY} }}" for name in "abcd")
ENDLESS = (
    f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}",
    f"SELECT * {{ {CROSS} }} ORDER BY ?d LIMIT 1",
    f"ASK {{ {CROSS} FILTER(?a + ?b + ?c + ?d < 0) }}",
    f"SELECT * {{ {CROSS} }} OFFSET 100000000000 LIMIT 1",
    f"SELECT (STRLEN(GROUP_CONCAT(?a)) AS ?n) {{ {CROSS} }}",
    f"CONSTRUCT {{ ?s ?p ?d }} WHERE {{ {CROSS} ?s ?p ?o FILTER(?a + ?b + ?c < 0) }}",
    "SELECT (COUNT(*) AS ?n) { ?a (<urn:p>|^<urn:p>)* ?b . ?b (<urn:p>|^<urn:p>)* ?c . ?c <urn:p>* ?d }",
    f"SELECT DISTINCT ?a ?b ?c ?d {{ {CROSS} }} OFFSET 1000000000 LIMIT 1",
)


def runaways(arguments: argparse.Namespace) -> None:
    """Measure how long each query runs, how long short queries wait, and memory and processor use afterwards."""
    with server_in(arguments) as server, client(server) as http:
        chain = "".join(f"<urn:s{n}> <urn:p> <urn:s{(n * 7 + 1) % 3000}> .\n" for n in range(3_000))
        http.put(
            "/graphs?graph=urn:g", content=chain, headers=ADMIN | {"Content-Type": "text/turtle"}
        ).raise_for_status()
        http.post("/sparql", content="ASK {}", headers=QUERY).raise_for_status()
        time.sleep(5)
        before = resident(server.pid)
        waits: list[float] = []
        stop = threading.Event()

        def ask() -> None:
            number = 0
            with client(server) as short:
                while not stop.is_set():
                    number += 1
                    begun = time.perf_counter()
                    short.post("/sparql", content=f"ASK {{ <urn:s{number}> ?p ?o }}", headers=QUERY).raise_for_status()
                    waits.append(time.perf_counter() - begun)
                    time.sleep(0.02)

        def endless(query: str) -> tuple[object, float]:
            begun = time.perf_counter()
            with client(server) as long:
                try:
                    status: object = long.post("/sparql", content=query.encode(), headers=QUERY).status_code
                except httpx.RemoteProtocolError:
                    status = "broken off"
            return status, time.perf_counter() - begun

        asking = threading.Thread(target=ask)
        asking.start()
        with ThreadPoolExecutor(8) as threads:
            ended = list(threads.map(endless, ENDLESS))
        stop.set()
        asking.join()
        for query, (status, seconds) in zip(ENDLESS, ended, strict=True):
            print(f"{status} after {seconds:5.2f} s   {query[:40]} …")
        waits.sort()
        print(
            f"{len(waits)} ASKs meanwhile: p50 {statistics.median(waits) * 1e3:.0f} ms, "
            f"p99 {waits[int(len(waits) * 0.99)] * 1e3:.0f} ms, max {waits[-1] * 1e3:.0f} ms"
        )
        time.sleep(2)
        used = processor(server.pid)
        time.sleep(2)
        print(f"two seconds later: {(processor(server.pid) - used) / 2:.0%} of a processor")
        print(f"resident memory: {before:.0f} MiB before, {resident(server.pid):.0f} MiB after")


def family(pid: int) -> list[int]:
    """Return the process and all its descendants."""
    pids = [pid]
    for parent in pids:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            pids += map(int, task.read_text().split())
    return pids


def resident(pid: int) -> float:
    """Return the proportional memory of the processes in MiB: each shared page is divided among its users."""
    total = 0
    for each in family(pid):
        for line in Path(f"/proc/{each}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


def processor(pid: int) -> float:
    """Return the processor seconds of the living processes."""
    ticks = 0
    for each in family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


# Hostile requests


def hostile(arguments: argparse.Namespace) -> None:
    """Send a thousand requests that no honest client would send."""
    chance = random.Random(11)
    with server_in(arguments) as server:
        address = (server.address.rpartition(":")[0].removeprefix("http://"), int(server.address.rpartition(":")[2]))
        answers: collections.Counter[str] = collections.Counter()
        leaks = 0
        for number in range(1_000):
            answer = sent(address, made(number, chance))
            answers[answer[:12].decode("latin-1") or "closed"] += 1
            leaks += any(
                word in answer for word in (b"Traceback", b"/work", b"/usr", b".py", str(Path.home()).encode())
            )
        for begun, count in sorted(answers.items()):
            print(f"{count:5} {begun}")
        with client(server) as http:
            alive = http.post("/sparql", content="ASK {}", headers=QUERY).json()["boolean"]
        print(f"{leaks} answers name a path or a stack; the server {'lives' if alive else 'is wrong'}")


def made(number: int, chance: random.Random) -> bytes:
    """Return a bad request, in turn one of sixteen kinds."""
    noise = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 300)))
    words = "SELECT ASK { } ( ) WHERE ?s <urn:a> \"x ' . ; , FILTER ! ^ / | * + GROUP BY VALUES UNDEF @en ^^ _:b [ ]"
    soup = " ".join(chance.choices(words.split(), k=chance.randrange(1, 60))).encode()
    direct = b"application/sparql-query"
    form = b"application/x-www-form-urlencoded"
    match number % 16:
        case 0:
            return post(direct, noise)
        case 1:
            return post(direct, b"SELECT * { " + soup)
        case 2:
            return post(direct, b"ASK {}", length=chance.randrange(1_000, 10**12))
        case 3:
            return post(direct, b"ASK {}", length=-chance.randrange(1, 99))
        case 4:
            return post(direct, b'ASK { FILTER("\xff\xfe' + noise)
        case 5:
            return post(direct, b"ASK " + b"{" * chance.choice((201, 5_000, 100_000)))
        case 6:
            return post(form, b"query=%" + noise.replace(b"\n", b""))
        case 7:
            return b"GET /sparql?query=%FF%FE" + noise.hex().encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n"
        case 8:
            return noise + b"\r\n\r\n"
        case 9:
            return post(direct, b"ASK {} #" + b"x" * 400_000)
        case 10:
            return post(direct + b"; charset=" + noise.hex().encode()[:40], b"ASK {}")
        case 11:
            return post(direct, b"SELECT (<urn:f>(" + soup.replace(b'"', b"") + b") AS ?x) {}")
        case 12:
            return post(direct, b"ASK {}", more=b"Transfer-Encoding: chunked\r\n")
        case 13:
            return post(
                b"application/sparql-update",
                b"DROP ALL",
                more=b"Authorization: Bearer " + noise.hex().encode() + b"\r\n",
            )
        case 14:
            return b"PUT /graphs?graph=" + noise.hex().encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        case _:
            return post(form, b"&".join([b"query=ASK+{}"] * chance.randrange(2, 3_000)))


def post(media: bytes, body: bytes, *, length: int | None = None, more: bytes = b"") -> bytes:
    """Return a POST as bytes; a given length is announced instead of the true one."""
    size = len(body) if length is None else length
    head = b"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Type: " + media + b"\r\n" + more
    return head + b"Content-Length: %d\r\n\r\n" % size + body


def sent(address: tuple[str, int], data: bytes) -> bytes:
    """Send bytes, half-close the connection, and return the beginning of the answer, if any."""
    with socket.create_connection(address, timeout=15) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            return connection.recv(65_536)
        except OSError:
            return b""


# Crashes


def crash(arguments: argparse.Namespace) -> None:
    """Kill a server during updates of two triples: it must have both of each acknowledged one, and never one alone."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        acknowledged: set[int] = set()
        lost = half = 0
        number = 0
        for round in range(arguments.rounds):
            with killed(store) as server:
                stop = threading.Event()

                def write(start: int, server: Server = server, stop: threading.Event = stop) -> None:
                    n = start
                    with client(server) as http:
                        while not stop.is_set():
                            text = f"INSERT DATA {{ GRAPH <urn:{n}> {{ <urn:a> <urn:p> {n} . <urn:b> <urn:p> {n} }} }}"
                            try:
                                if http.post("/sparql", content=text, headers=ADMIN | UPDATE).status_code == 204:
                                    acknowledged.add(n)
                            except httpx.TransportError:
                                return
                            n += 4

                writers = [threading.Thread(target=write, args=(number + offset,)) for offset in range(4)]
                for writer in writers:
                    writer.start()
                time.sleep(random.uniform(0.2, 1.0))
                os.kill(server.pid, signal.SIGKILL)
                stop.set()
                for writer in writers:
                    writer.join()
            number += 1_000_000
            if (round + 1) % 10 == 0:
                print(f"{round + 1} kills, {len(acknowledged)} updates acknowledged", flush=True)
        with serve(store) as server, client(server) as http:
            query = "SELECT ?n (COUNT(*) AS ?c) { ?s <urn:p> ?n } GROUP BY ?n"
            rows = http.post("/sparql", content=query, headers=QUERY).json()["results"]["bindings"]
            there = {int(row["n"]["value"]): int(row["c"]["value"]) for row in rows}
            lost = len(acknowledged - there.keys())
            half = sum(count != 2 for count in there.values())
        print(f"{arguments.rounds} kills: {len(acknowledged)} acknowledged, {lost} lost, {half} half written")


@contextmanager
def killed(store: Path) -> Iterator[Server]:
    """Start a server for the caller to kill."""
    try:
        with serve(store) as server:
            yield server
    except subprocess.SubprocessError:
        return


@contextmanager
def server_in(arguments: argparse.Namespace) -> Iterator[Server]:
    """Serve an empty folder that is deleted afterwards."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder) / "store", "--query-timeout", str(arguments.seconds)) as server,
    ):
        yield server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measures = {measure.__name__: measure for measure in (speed, runaways, hostile, crash)}
    parser.add_argument("measure", choices=measures)
    parser.add_argument("--articles", type=int, default=2_000, help="of 80 triples each, for speed [2000]")
    parser.add_argument("--seconds", type=float, default=5, help="that a query may take [5]")
    parser.add_argument("--rounds", type=int, default=50, help="kills [50]")
    arguments = parser.parse_args()
    measures[arguments.measure](arguments)


if __name__ == "__main__":
    main()
