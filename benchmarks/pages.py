"""Measure the server time of each page on a large graph: `python benchmarks/pages.py [statements]`.

The graph is invented: 300 reforms, 2,000 actors and articles of 20 statements; a few actors and reforms have many
statements and most have few. The output shows the first request after a start, the median of later ones, each for
another thing, then the cost of a verdict and the first request for each page after it. Caching of answers is off.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.app import create_app
from api.settings import Settings
from graph.building import build
from graph.domain.folder import Domain
from graph.model import Actor, Article, Concern, Manner, Reform, Stance, Statement
from graph.reading.search import refresh
from graph.store.embedded import open_store

ACTORS, REFORMS, CONCERNS, IN_AN_ARTICLE = 2_000, 300, 12, 20
ROUNDS = 15
# By rank, as in real debates: the first actor has one statement in fifty, the first reform one in twenty.
ACTOR_WEIGHTS = list(accumulate(1 / (rank + 10) for rank in range(ACTORS)))
REFORM_WEIGHTS = list(accumulate(1 / (rank + 5) for rank in range(REFORMS)))
SENTENCES = (
    "The members of organisation {a} welcomed proposal {r} at their yearly meeting.",
    "Proposal {r} would not help anyone, organisation {a} said in its answer.",
    "Organisation {a} could live with proposal {r} if the money came in time.",
)


def domain() -> Domain:
    """Return the vocabularies of the invented field."""
    return Domain(
        id="bench",
        title="a made-up field",
        folder=Path(),
        documents=Path(),
        actors={f"a{n}": Actor(id=f"a{n}", label=f"Organisation {n}") for n in range(ACTORS)},
        reforms={
            f"r{n}": Reform(id=f"r{n}", label=f"Proposal {n}", broader=f"r{n // 10}" if n > 9 and n % 3 == 0 else "")
            for n in range(REFORMS)
        },
        concerns={f"c{n}": Concern(id=f"c{n}", label=f"Ground {n}") for n in range(CONCERNS)},
    )


def articles(number: int, dice: random.Random) -> Iterator[tuple[Article, list[Statement]]]:
    """Yield articles with statements, distributed over actors and reforms as in real debates: a few have most."""
    for n in range(number // IN_AN_ARTICLE):
        text, made = "", []
        for _ in range(IN_AN_ARTICLE):
            actor = dice.choices(range(ACTORS), cum_weights=ACTOR_WEIGHTS)[0]
            reform = dice.choices(range(REFORMS), cum_weights=REFORM_WEIGHTS)[0]
            stance = dice.choices(list(Stance), [4, 2, 3, 1])[0]
            quote_ = dice.choice(SENTENCES).format(a=actor, r=reform)
            start = len(text)
            text += quote_ + "\n\n"
            made.append(
                Statement(
                    article=f"n{n}",
                    start=start,
                    end=start + len(quote_),
                    quote=quote_,
                    actor=f"a{actor}",
                    actor_label=f"Organisation {actor}",
                    reform=f"r{reform}",
                    stance=stance,
                    concerns=tuple(f"c{each}" for each in dice.sample(range(CONCERNS), dice.choice((0, 1, 2)))),
                    condition="if the money came in time" if "if the money" in quote_ else None,
                    manner=dice.choice(list(Manner)),
                    confidence=round(dice.uniform(0.3, 1), 2),
                )
            )
        date = f"{dice.randint(2015, 2024)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        yield Article(id=f"n{n}", text=text, title=f"News {n}", publisher=f"Paper {n % 40}", date=date), made


def main(statements: int) -> None:
    """Build the graph, measure and print a table."""
    dice = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        made = list(articles(statements, dice))
        fill(folder, made)
        measure(folder, [it for _, of in dice.sample(made, ROUNDS) for it in of[:1]])


def fill(folder: str, made: list[tuple[Article, list[Statement]]]) -> None:
    """Build the graph and its search index."""
    begun = time.perf_counter()
    with open_store(folder) as store:
        build(store, domain(), [article for article, _ in made], [it for _, of in made for it in of])
        print(f"built in {time.perf_counter() - begun:.1f} s")
        begun = time.perf_counter()
        refresh(store)
        print(f"search index in {time.perf_counter() - begun:.1f} s")


def measure(folder: str, some: list[Statement]) -> None:
    """Request every page repeatedly."""
    pages = {
        "/": ["/"] * ROUNDS,
        "/reforms": [f"/reforms?offset={n}" for n in range(ROUNDS)],
        "/reforms/{most}": [f"/reforms/r{n}" for n in range(ROUNDS)],
        "/reforms/{any}": [f"/reforms/{it.reform}" for it in some],
        "/actors": [f"/actors?offset={n}" for n in range(ROUNDS)],
        "/actors/{most}": [f"/actors/a{n}" for n in range(ROUNDS)],
        "/actors/{any}": [f"/actors/{it.actor}" for it in some],
        "/articles": [f"/articles?offset={n}" for n in range(ROUNDS)],
        "/articles/{id}": [f"/articles/{it.article}" for it in some],
        "/statements/{id}": [f"/statements/{it.id}" for it in some],
        "/ask": [f"/ask?q={quote(f'who opposes Proposal {n}?')}" for n in range(ROUNDS)],
        "/search": [f"/search?q={quote(f'proposal {n} money')}" for n in range(ROUNDS)],
        "/search (all)": [f"/search?stance=oppose&offset={n}" for n in range(ROUNDS)],
        "/compare": [f"/compare?actor=a{n}&actor=a{n + 1}" for n in range(ROUNDS)],
        "/changes": [f"/changes?offset={n}" for n in range(ROUNDS)],
        "/agreement": ["/agreement"] * 2,
        "/agreement (narrowed)": [f"/agreement?reforms=r{n}" for n in range(4)],
        "/api/statements": [f"/api/statements?reform=r{n}" for n in range(ROUNDS)],
        "/api/statements (all)": [f"/api/statements?offset={n}" for n in range(4)],
        "/api/positions": [f"/api/positions?actor=a{n}" for n in range(ROUNDS)],
        "/api/positions (since)": [f"/api/positions?reform=r{n}&since=2020" for n in range(ROUNDS)],
    }
    # Processor time is shown too, because other load on the machine increases wall-clock time.
    heads = f"{'first ms':>10}{'median ms':>11}{'most ms':>9}{'CPU first':>11}{'CPU ms':>8}{'kB':>7}{'sent kB':>9}"
    print(f"{'page':<26}{heads}")
    settings = Settings(store=folder, kept_answers=0, admin_token=SecretStr("bench"))
    with TestClient(create_app(settings)) as client:
        for name, addresses in pages.items():
            times, spent, size, sent = [], [], 0, 0
            for address in addresses:
                begun, before = time.perf_counter(), time.process_time()
                answer = client.get(address, headers={"accept": "text/html"})
                times.append((time.perf_counter() - begun) * 1000)
                spent.append((time.process_time() - before) * 1000)
                if answer.status_code != 200:
                    print(f"{address}: {answer.status_code}")
                size = max(size, len(answer.content))
                sent = max(sent, int(answer.headers.get("content-length", 0)))
            print(
                f"{name:<26}{times[0]:>10.0f}{statistics.median(times[1:]):>11.0f}{max(times[1:]):>9.0f}"
                f"{spent[0]:>11.0f}{statistics.median(spent[1:]):>8.0f}"
                f"{size / 1000:>7.0f}{sent / 1000:>9.1f}"
            )
        after_verdicts(client, some)


def after_verdicts(client: TestClient, some: list[Statement]) -> None:
    """Measure a verdict, and the first request for each page after it."""
    pages = ("/", "/reforms/r0", "/actors/a0", "/articles", "/changes", "/search?q=money", "/agreement")
    print(f"{'after a verdict':<26}{'median ms':>10}{'CPU ms':>9}")
    spent: dict[str, list[tuple[float, float]]] = {}

    def timed(name: str, ask: Callable[[], Any]) -> None:
        begun, before = time.perf_counter(), time.process_time()
        if ask().status_code >= 400:
            print(f"{name}: no answer")
        took = (time.perf_counter() - begun) * 1000, (time.process_time() - before) * 1000
        spent.setdefault(name, []).append(took)

    for number, each in enumerate(some[:4]):
        given = {"statement": each.id, "verdict": ("right", "wrong")[number % 2]}
        headers = {"authorization": "Bearer bench"}
        timed("the verdict", partial(client.post, "/api/reviews", json=given, headers=headers))
        for page in pages:
            timed(page, partial(client.get, page, headers={"accept": "text/html"}))
    for name, took in spent.items():
        # The first verdict fills caches that later ones use.
        clock, processor = (statistics.median(each[which] for each in took[1:]) for which in (0, 1))
        print(f"{name:<26}{clock:>10.0f}{processor:>9.0f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("statements", type=int, nargs="?", default=100_000, help="statements in the invented graph")
    main(parser.parse_args().statements)
