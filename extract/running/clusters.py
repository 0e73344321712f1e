"""Run extraction on a Dask cluster, with the same results as on one machine."""

from collections.abc import Iterable, Iterator
from concurrent.futures import CancelledError
from threading import Lock
from typing import Any

from extract.extraction import Extractor, Outcome, Task, extractor, marked, outcome
from extract.models import Engine
from extract.running.workers import Broken
from graph.errors import BadRequest
from graph.extras import needed
from graph.model import Article

AHEAD = 4
"""Articles queued for each thread of the cluster: enough to keep it busy, few enough for its memory."""

EXTRACTORS: dict[str, Extractor] = {}
"""In a worker: the extractor that it has loaded, by the digest of its engine."""
ONE_AT_A_TIME = Lock()
"""A lock, because a language model is not safe for threads and a worker may have several."""

Read = Iterable[tuple[Task, Article | Outcome | Broken]]


def on_cluster(tasks: Read, engine: Engine, *, address: str) -> Iterator[tuple[Task, Outcome | Broken]]:
    """Yield the outcome of each document as it finishes. Raises BadRequest."""
    try:
        from distributed import Client, as_completed
    except ImportError as error:
        raise needed(error, "dask") from error
    # distributed has no type annotations.
    connect: Any = Client
    completed: Any = as_completed
    try:
        client = connect(address, timeout="10s")
    except (OSError, ValueError) as error:
        raise BadRequest(f"no Dask scheduler answers at {address}: {error}") from error
    with client:
        # Sent as a task, because scattered data are lost with the worker that holds them.
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
    """Return a worker's result; another worker replaces a lost one. Raises BadRequest if all are lost."""
    from distributed import KilledWorker

    try:
        found: Outcome = future.result()
    except KilledWorker:
        return Broken(reason="the cluster lost the workers that extracted it; run again to retry", lasting=False)
    except (OSError, CancelledError) as error:
        raise BadRequest(
            f"the connection to the cluster at {address} was lost; finished documents are kept, run again to continue"
        ) from error
    return found


def extract_article(article: Article, engine: Engine, digest: str) -> Outcome:
    """Extract an article in a worker. Raises BadRequest if the worker's software would give different statements."""
    if engine.digest != digest:
        raise BadRequest(
            "a worker of the cluster has a different edition of this package, spaCy or the model; install the same ones"
        )
    with ONE_AT_A_TIME:
        if digest not in EXTRACTORS:
            EXTRACTORS.clear()
            EXTRACTORS[digest] = extractor(engine)
        return outcome(marked(article, engine.domain), EXTRACTORS[digest](article))
