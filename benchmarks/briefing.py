"""Time briefings over many statements, in every length and format: `python benchmarks/briefing.py [statements]`.

The graph is that of pages.py, and the briefing is on its most debated reform (one statement in twenty). 'First' is the
first briefing after the store was opened, as on the command line; 'then' is the median of later ones, as in a server.
"""

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial

from pages import articles, domain  # type: ignore[import-not-found]  # lies beside this file, which is run by its path

from api.forms.writing import FORMS, written
from graph.briefing.material import briefing_for
from graph.briefing.types import Length, Scope, Subject
from graph.building import build
from graph.reading.search import refresh
from graph.store.embedded import open_store

ROUNDS = 5
SCOPES = {
    "reform, one page": Scope(subject=Subject.REFORM, reforms=("r0",), length=Length.ONE_PAGE),
    "reform, full": Scope(subject=Subject.REFORM, reforms=("r0",)),
    "reform, since 2020": Scope(subject=Subject.REFORM, reforms=("r0",), since="2020"),
    "ten reforms": Scope(subject=Subject.REFORMS, reforms=tuple(f"r{n}" for n in range(10)), length=Length.TWO_PAGES),
    "actor, full": Scope(subject=Subject.ACTOR, actors=("a0",)),
    "comparison, full": Scope(subject=Subject.COMPARISON, actors=("a0", "a1", "a2")),
    "camp of 100, full": Scope(subject=Subject.CAMP, actors=tuple(f"a{n}" for n in range(0, 300, 3)), title="Camp 1"),
}


def main(statements: int) -> None:
    """Build the graph, measure and print a table."""
    made = list(articles(statements, random.Random(7)))
    with tempfile.TemporaryDirectory() as folder:
        with open_store(folder) as store:
            build(store, domain(), [article for article, _ in made], [it for _, of in made for it in of])
            refresh(store)
        print(f"{'briefing':<22}{'first':>8}{'processor':>11}{'then':>8}  statements, passages quoted")
        for name, scope in SCOPES.items():
            measure(folder, name, scope)


def measure(folder: str, name: str, scope: Scope) -> None:
    """Print one row of the table and, for the full briefing, its formats below."""
    with open_store(folder, read_only=True) as store:
        begun, worked = time.perf_counter(), time.process_time()
        briefing = briefing_for(store, scope)
        first, processor = time.perf_counter() - begun, time.process_time() - worked
        then = statistics.median(timed(lambda: briefing_for(store, scope)) for _ in range(ROUNDS))
    told = f"{briefing.coverage.statements:,}, {len(briefing.footnotes)}"
    print(f"{name:<22}{first:>8.2f}{processor:>11.2f}{then:>8.2f}  {told}")
    if name == "reform, full":
        for form in FORMS:
            print(f"  {form:<20}{timed(partial(written, briefing, form)):>8.2f}")


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that the work takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("statements", type=int, nargs="?", default=100_000, help="statements in the invented graph")
    main(parser.parse_args().statements)
