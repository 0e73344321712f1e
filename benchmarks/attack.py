"""Attack a server on the loopback address, and report what an honest client sees meanwhile.

    .venv/bin/python benchmarks/attack.py                      each attack for 5 seconds
    .venv/bin/python benchmarks/attack.py --seconds 300        each attack for 5 minutes
    .venv/bin/python benchmarks/attack.py slow-body idle       only these

The server is a `positions serve` of its own, on an invented graph. Exit code 1 if, during any attack, the honest client
waits more than a second for 1 page in 100, or gets a 5xx other than 503 with Retry-After, or the server takes 1 GB.
"""

import argparse
import asyncio
import contextlib
import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graph.building import build  # noqa: E402  # after the path
from graph.rdf.terms import Iri, Literal, Triple  # noqa: E402  # likewise
from graph.store.embedded import open_store  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.serving import Server, serve  # noqa: E402  # likewise

CALM = "calm"
"""No attack, to compare with."""
AT_ONCE = 100
"""Connections of an attack."""
MOST_MEMORY = 1_000_000_000
SLOWEST = 1.0
PAGES = ("/", "/reforms", "/api/reforms", "/agreement", "/search?q=cap-{}", "/api/search?q=cap-{}", "/health")
FORM = "Content-Type: application/x-www-form-urlencoded\r\n"


@dataclass(kw_only=True)
class Seen:
    """What the honest client saw."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    memory: int = 0

    @property
    def p99(self) -> float:
        """The 99th percentile of the times."""
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)] if self.seconds else float("inf")

    @property
    def holds(self) -> bool:
        """Whether the requirements were met."""
        return self.p99 < SLOWEST and not self.faults and self.memory < MOST_MEMORY


Attack = Callable[[Server, random.Random], Awaitable[None]]


async def opened(server: Server) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection to the server."""
    parts = urlsplit(server.address)
    return await asyncio.open_connection(parts.hostname, parts.port, limit=4096)


async def sent(server: Server, head: str, body: bytes = b"", *, read: bool = False, hold: float = 10.0) -> None:
    """Send the beginning of a request, and hold the connection."""
    reader, writer = await opened(server)
    try:
        writer.write(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
        await writer.drain()
        if read:
            await reader.read(100)
        await asyncio.sleep(hold)
    finally:
        writer.transport.abort()


async def slow_body(server: Server, chance: random.Random) -> None:
    path = chance.choice(["/review/sign-in", "/query", "/sparql", "/nothing"])
    await sent(server, f"POST {path} HTTP/1.1\r\n{FORM}Content-Length: 50000", b"query=" + b"x" * 20_000)


async def slow_reader(server: Server, chance: random.Random) -> None:
    path = chance.choice(["/api/export/nquads", "/graphs?format=nquads", "/api/export/trig"])
    await sent(server, f"GET {path} HTTP/1.1", read=True)


async def idle(server: Server, chance: random.Random) -> None:
    _, writer = await opened(server)
    try:
        writer.write(b"GET / HTTP/1.1\r\n" if chance.random() < 0.5 else b"")
        await asyncio.sleep(10)
    finally:
        writer.transport.abort()


async def huge_body(server: Server, chance: random.Random) -> None:
    path = chance.choice(["/api/reviews/batch", "/api/reviews", "/review/verdict", "/sparql"])
    body = b"[" + b"[]," * 2_000_000
    head = f"POST {path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 60000000"
    await sent(server, head, body, hold=1)


async def resample(server: Server, chance: random.Random) -> None:
    seed, many = chance.randrange(10**6), chance.choice([100, 1_000])
    await sent(server, f"GET /agreement?resamples={many}&seed={seed} HTTP/1.1", hold=3)


ATTACKS: dict[str, Attack] = {
    "slow-body": slow_body,
    "slow-reader": slow_reader,
    "idle": idle,
    "huge-body": huge_body,
    "resample": resample,
}


async def mixed(server: Server, chance: random.Random) -> None:
    await chance.choice([slow_body, slow_reader, idle, huge_body, resample])(server, chance)


ATTACKS["mixed"] = mixed


async def attacker(attack: Attack, server: Server, until: float, seed: int) -> None:
    """One attacker: it begins again whenever its connection ends."""
    chance = random.Random(seed)
    while (left := until - time.monotonic()) > 0:
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(left):
                await attack(server, chance)
        await asyncio.sleep(0.01)


def warmed(server: Server) -> float:
    """The seconds that the first request of each page takes: it loads what the later ones share."""
    begun = time.monotonic()
    with httpx.Client(base_url=server.address, trust_env=False, timeout=120) as http:
        for page in PAGES:
            http.get(page.format("first")).raise_for_status()
    return time.monotonic() - begun


async def honest(server: Server, until: float, seen: Seen) -> None:
    """A client that reads one page after another."""
    async with httpx.AsyncClient(base_url=server.address, trust_env=False, timeout=30) as http:
        number = 0
        while time.monotonic() < until:
            number += 1
            begun = time.monotonic()
            try:
                answer = await http.get(PAGES[number % len(PAGES)].format(number))
            except httpx.TransportError as error:
                seen.faults[type(error).__name__] += 1
                continue
            seen.seconds.append(time.monotonic() - begun)
            seen.statuses[answer.status_code] += 1
            if answer.status_code >= 500 and not (answer.status_code == 503 and "retry-after" in answer.headers):
                seen.faults[str(answer.status_code)] += 1
            seen.memory = max(seen.memory, memory(server.pid))
            await asyncio.sleep(0.02)


def memory(pid: int) -> int:
    """Bytes that a process has in memory."""
    with contextlib.suppress(FileNotFoundError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def attackers(name: str, server: Server, seconds: float, seed: int) -> None:
    """All attackers of one attack, in a process of their own, so that they do not slow down the honest client."""

    async def all_of_them() -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(attacker(ATTACKS[name], server, until, seed + number) for number in range(AT_ONCE)))

    asyncio.run(all_of_them())


def attacked(server: Server, name: str, seconds: float, seed: int) -> Seen:
    """What an honest client sees during one attack, from a second after its beginning."""
    seen = Seen()
    process = multiprocessing.get_context("spawn").Process(target=attackers, args=(name, server, seconds + 1, seed))
    if name != CALM:
        process.start()
        time.sleep(1)
    asyncio.run(honest(server, time.monotonic() + seconds, seen))
    if name != CALM:
        process.join()
    return seen


def main() -> int:
    """Run the attacks one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("attack", nargs="*", choices=[[], CALM, *ATTACKS], help="which; without one, all")
    parser.add_argument("--seconds", type=float, default=5.0, help="for each attack")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    holds = True
    with tempfile.TemporaryDirectory() as folder:
        with open_store(Path(folder) / "store") as store:
            build(store, factory.domain(), [factory.article()], [factory.statement()])
            says = Iri("https://a.example/says")
            rows = (Triple(Iri(f"https://a.example/{number}"), says, Literal("x" * 1_000)) for number in range(4_000))
            store.replace(Iri("https://a.example/g"), rows)
        with serve(Path(folder) / "store") as server:
            print(f"the first request of each page takes {warmed(server):.1f} s in all; it counts in no attack")
            for name in given.attack or (CALM, *ATTACKS):
                seen = attacked(server, name, given.seconds, given.seed)
                holds &= seen.holds
                print(
                    f"{name:12} {'holds' if seen.holds else 'FAILS'}  {len(seen.seconds)} pages, p99 {seen.p99:.2f} s, "
                    f"statuses {dict(seen.statuses)}, faults {dict(seen.faults)}, memory {seen.memory / 1e6:.0f} MB"
                )
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
