"""Extraction on a Dask cluster: articles go to its workers, the same statements come back."""

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from threading import Lock
from typing import Any

from extract.extraction import Extractor, Outcome, Task, extractor, outcome
from extract.models import Engine
from extract.running.workers import Broken
from graph.errors import BadRequest
from graph.model import Article

AHEAD = 4
"""Articles that wait at the cluster for each of its threads: enough to keep it busy, few enough for memory."""

EXTRACTORS: dict[str, Extractor] = {}
"""In a worker of the cluster: the one that it has loaded, by the digest of its engine."""
ONE_AT_A_TIME = Lock()
"""A language model is for one thread; a worker of a cluster may have several."""

Read = Iterable[tuple[Task, Article | Outcome | Broken]]


def on_cluster(tasks: Read, engine: Engine, *, address: str) -> Iterator[tuple[Task, Outcome | Broken]]:
    """The outcome of each document that was read, as they are done. Raises BadRequest."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise BadRequest(
            "--dask needs the package distributed; install the extra: stakeholder-positions[dask]"
        ) from error
    # Without types of its own.
    connect: Any = Client
    completed: Any = as_completed
    try:
        client = connect(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise BadRequest(f"there is no Dask scheduler at {address}: {error}") from error
    with client:
        # As a task, not as scattered data, which are lost with the worker that holds them.
        shared = client.submit(_same, engine, pure=False)
        room = AHEAD * max(1, sum(client.nthreads().values()))
        done = completed()
        under_way: dict[str, Task] = {}
        digest = engine.digest
        for task, found in tasks:
            if not isinstance(found, Article):
                yield task, found
                continue
            future = client.submit(extract_article, found, shared, digest, pure=False)
            under_way[future.key] = task
            done.add(future)
            if done.count() >= room:
                future = next(done)
                yield under_way.pop(future.key), _result(future, address)
        for future in done:
            yield under_way.pop(future.key), _result(future, address)


def _same(engine: Engine) -> Engine:
    return engine


def _result(future: Any, address: str) -> Outcome | Broken:
    """What a worker gave; another takes the place of one that was lost. Raises BadRequest where all are gone."""
    from distributed import KilledWorker

    try:
        found: Outcome = future.result()
    except KilledWorker:
        return Broken(reason="the workers of the cluster that took it were lost; run again to try again", lasting=False)
    except (OSError, CancelledError) as error:
        raise BadRequest(f"the cluster at {address} was lost; what is done is kept, run again to go on") from error
    return found


def extract_article(article: Article, engine: Engine, digest: str) -> Outcome:
    """What a worker of the cluster does. Raises BadRequest where it would not give the same statements."""
    if engine.digest != digest:
        raise BadRequest(
            "a worker of the cluster has another edition of the program, spaCy or the model; install the same"
        )
    with ONE_AT_A_TIME:
        if digest not in EXTRACTORS:
            EXTRACTORS.clear()
            EXTRACTORS[digest] = extractor(engine)
        return outcome(article, EXTRACTORS[digest](article))
