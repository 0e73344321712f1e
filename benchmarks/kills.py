"""Kill the program at random moments and check what is left.

    .venv/bin/python benchmarks/kills.py --kills 100
    .venv/bin/python benchmarks/kills.py --kills 1000 --kinds writing

It kills in turn a server during writes (updates, whole graphs, verdicts), a build, a restore, a backup and a process
that writes to the store directly, with SIGKILL. Afterwards the store must open, contain every acknowledged write, each
article complete and the recorded number of quads in each version, and be well formed. A backup must be complete or
absent. After a process that writes directly was killed, the acknowledged writes are checked, and the rest only each
50th time. The seed repeats the same moments.
"""

import argparse
import multiprocessing
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from graph.building import build, stale  # noqa: E402  # likewise
from graph.domain.folder import read_domain  # noqa: E402  # likewise
from graph.model import Stance, Statement  # noqa: E402  # likewise
from graph.records import articles_beside, write_articles, write_statements  # noqa: E402  # likewise
from graph.reviewing.reviews import settle  # noqa: E402  # likewise
from graph.store.embedded import Store, open_store  # noqa: E402  # likewise
from graph.validate import validate  # noqa: E402  # likewise
from graph.versions.backup import back_up, verified  # noqa: E402  # after the path
from graph.versions.builds import keep, open_version, versions  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.serving import TOKEN, serve  # noqa: E402  # likewise

POSITIONS = str(Path(sys.executable).parent / "positions")
DOMAIN = ROOT / "tests" / "domains" / "buses"
G = "https://a.example/g"
WRITTEN = f"SELECT ?n WHERE {{ GRAPH <{G}> {{ ?s <https://a.example/p> ?n }} }}"
ADMIN = {"Authorization": f"Bearer {TOKEN}"}


class Broken(Exception):
    """Something is lost or incomplete."""


class Trial:
    """A store, the writes it has acknowledged, and ways to kill what uses it."""

    def __init__(self, folder: Path, *, articles: int, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = folder / "store"
        self.backup = folder / "graph.positions"
        self.domain = read_domain(DOMAIN)
        self.articles = [factory.article(id=f"news-{number}", date="2031-03-04") for number in range(articles)]
        self.editions = {}
        for name, stance in (("a", Stance.SUPPORT), ("b", Stance.OPPOSE)):
            path = folder / f"{name}.jsonl"
            made = self.statements(stance)
            write_statements(path, made)
            write_articles(articles_beside(path), self.articles)
            self.editions[name] = (path, made)
        self.acknowledged: set[int] = set()
        self.next = 0
        self.killed: Counter[str] = Counter()
        self.took = dict[str, float]()
        with open_store(self.store) as store:
            build(store, self.domain, self.articles, self.editions["a"][1])
            keep(store, at_most=3)
            back_up(store, self.backup)

    def statements(self, stance: Stance) -> list[Statement]:
        actor, reform = next(iter(self.domain.actors)), next(iter(self.domain.reforms))
        known = self.domain.actors[actor]
        return [
            replace(
                factory.statement(), article=each.id, actor=actor, actor_label=known.label, reform=reform, stance=stance
            )
            for each in self.articles
        ]

    # What is killed

    def serving(self) -> None:
        """Kill a server with three clients that write to it."""
        lasts = self.chance.uniform(0.1, 2.5)
        ended = threading.Event()
        with serve(self.store) as server:
            writers = [threading.Thread(target=self._write, args=(server.address, ended)) for _ in range(3)]
            for writer in writers:
                writer.start()
            time.sleep(lasts)
            subprocess.run(["kill", "-KILL", str(server.pid)], check=True)
            ended.set()
            for writer in writers:
                writer.join()

    def _write(self, address: str, ended: threading.Event) -> None:
        with httpx.Client(base_url=address, headers=ADMIN, trust_env=False, timeout=30) as http:
            while not ended.is_set():
                self.next += 1
                number = self.next
                triple = f"<https://a.example/{number}> <https://a.example/p> {number}"
                try:
                    if number % 7 == 0:
                        statement = self.editions["a"][1][number % len(self.articles)].id
                        http.post("/api/reviews", json={"statement": statement, "verdict": "right"})
                    elif number % 3 == 0:
                        answer = http.post("/graphs", params={"graph": G}, content=f"{triple} .", headers=TURTLE)
                        self._note(number, answer)
                    else:
                        update = f"INSERT DATA {{ GRAPH <{G}> {{ {triple} }} }}"
                        self._note(number, http.post("/sparql", data={"update": update}))
                except httpx.TransportError:
                    return

    def _note(self, number: int, answer: httpx.Response) -> None:
        if answer.is_success:
            self.acknowledged.add(number)

    def writing(self) -> None:
        """Kill a process that writes to the store without a server."""
        here, there = SERVER.Pipe(duplex=False)
        process = SERVER.Process(target=write_on, args=(self.store, self.next, there))
        process.start()
        there.close()
        # Some are killed while they open the store, some after hundreds of writes.
        time.sleep(self.chance.choice([0.0, self.took.get("opening", 0.0), 0.3]) * self.chance.random())
        begun, moment = time.monotonic(), self.chance.uniform(0.0, 0.4)
        if self.chance.random() < 0.8 and here.poll(60):
            self.took["opening"] = time.monotonic() - begun
            time.sleep(moment)
        process.kill()
        process.join()
        try:
            while True:
                number = here.recv()
                self.acknowledged.add(number)
                self.next = max(self.next, number)
        except EOFError:
            here.close()
        # The write that was not acknowledged may be there or not.
        self.next += 10

    def building(self) -> None:
        """Kill a build of the other edition; other writes must remain."""
        name = self.chance.choice(sorted(self.editions))
        self._ended("build", "build", str(DOMAIN), str(self.editions[name][0]), "--store", str(self.store))

    def backing_up(self) -> None:
        """Kill a backup that replaces an earlier one."""
        self._ended("backup", "backup", str(self.backup), "--store", str(self.store))

    def restoring(self) -> None:
        """Kill a restore of a backup just made, so that every acknowledged write must remain."""
        with open_store(self.store) as store:
            back_up(store, self.backup)
        self._ended("restore", "restore", str(self.backup), "--store", str(self.store), "--replace")

    def _ended(self, kind: str, *words: str) -> None:
        if kind not in self.took:
            begun = time.monotonic()
            subprocess.run([POSITIONS, *words], check=True, capture_output=True)
            self.took[kind] = time.monotonic() - begun
        # The program takes most of the first half to load.
        lasts = self.took[kind] * self.chance.uniform(0.35, 1.0)
        process = subprocess.Popen([POSITIONS, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(lasts)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        else:
            self.took[kind] *= 0.9
            self.killed[f"{kind} had ended"] += 1

    # What is left

    def check(self) -> None:
        """Raise Broken if anything is lost or incomplete."""
        verified(self.backup)
        with open_store(self.store) as store:
            settle(store)
            self._writes(store)
            self._articles(store)
            for each in versions(store).items:
                with open_version(store, each) as then:
                    if then.count() != each.quads:
                        raise Broken(f"version {each.number} holds {then.count()} quads, not {each.quads}")
            if breaches := list(validate(store)):
                raise Broken(f"not well formed: {breaches[0]}")

    def check_writes(self) -> None:
        """Raise Broken if an acknowledged write is lost."""
        with open_store(self.store) as store:
            self._writes(store)

    def _writes(self, store: Store) -> None:
        there = {row["n"] for row in store.select(WRITTEN)}
        if lost := self.acknowledged - there:
            raise Broken(f"{len(lost)} acknowledged writes are lost, such as {min(lost)}")

    def _articles(self, store: Store) -> None:
        whole: set[str] = set()
        for _, made in self.editions.values():
            told = stale(store, self.domain, self.articles, made)
            whole |= {each.id for each in self.articles} - set(told.changed) - set(told.new)
        if len(whole) != len(self.articles):
            raise Broken(f"{len(self.articles) - len(whole)} articles are neither as before nor as after")


TURTLE = {"Content-Type": "text/turtle"}
KINDS = ("serving", "building", "restoring", "backing_up", "writing")
SERVER = multiprocessing.get_context("forkserver")
"""It starts a process in a moment, from one that has loaded everything and never had a store open."""
EACH = 50
"""How often everything is checked after a process that writes directly was killed."""


def write_on(folder: Path, after: int, acknowledge: Connection) -> None:
    """Write one number after the other, and acknowledge each when it is written."""
    with open_store(folder) as store:
        number = after
        while True:
            number += 1
            triple = f"<https://a.example/{number}> <https://a.example/p> {number}"
            store.update(f"INSERT DATA {{ GRAPH <{G}> {{ {triple} }} }}")
            acknowledge.send(number)


def run(
    kills: int, *, articles: int, seed: int, kinds: Sequence[str] = KINDS, tell: Callable[[str], Any] = print
) -> Counter[str]:
    """Kill this many times in turn; return how often each kind was killed."""
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        trial = Trial(Path(folder), articles=articles, seed=seed)
        SERVER.set_forkserver_preload(["__main__", "graph.store.embedded"])
        for number in range(kills):
            kind = kinds[number % len(kinds)]
            getattr(trial, kind)()
            trial.killed[kind] += 1
            if kind == "writing" and (number + 1) % EACH:
                trial.check_writes()
            else:
                trial.check()
            tell(f"{number + 1}/{kills} {kind}: {len(trial.acknowledged):,} acknowledged writes are there")
        return trial.killed


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--articles", type=int, default=400, help="in the graph, so that a build takes a while")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, help="what is killed, in turn")
    given = parser.parse_args()
    counted = run(
        given.kills,
        articles=given.articles,
        seed=given.seed,
        kinds=given.kinds,
        tell=lambda line: print(line, flush=True),
    )
    print(", ".join(f"{kind}: {count}" for kind, count in sorted(counted.items())))
