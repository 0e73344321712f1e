"""One process or many: the same statements in the same order."""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import TypeVar

from spacy.language import Language

from extract.pipeline import MODEL, pipeline
from graph.domain import Domain
from graph.model import Article

CHUNK = 16
"""Articles that are parsed together, whatever the number of processes.

How a batch is made up can change the last digit of a float, and that a parse: only equal batches give equal bytes.
"""

AHEAD = 2
"""Chunks that wait for each process: enough that none is idle, few enough that memory stays bounded."""

Made = TypeVar("Made")
Task = Callable[[Sequence[Article], Language, Domain], list[Made]]
"""What is done to a chunk of articles; a function of a module, so that other processes find it."""


def spread(
    task: Task[Made], articles: Iterable[Article], domain: Domain, *, model: str = MODEL, workers: int = 1
) -> Iterator[Made]:
    """What a task makes of all articles, in their order, as it comes; `workers` processes, 1 is this one."""
    if workers <= 1:
        nlp = pipeline(domain, model=model)
        for chunk in chunks(articles):
            yield from task(chunk, nlp, domain)
        return
    with ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(domain, model)
    ) as pool:
        waiting: deque[Future[list[Made]]] = deque()
        for chunk in chunks(articles):
            waiting.append(pool.submit(_work, task, chunk))
            if len(waiting) >= workers * AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def chunks(articles: Iterable[Article], *, size: int = CHUNK) -> Iterator[tuple[Article, ...]]:
    """The articles, so many at a time."""
    source = iter(articles)
    while chunk := tuple(islice(source, size)):
        yield chunk


_held: list[tuple[Language, Domain]] = []
"""The pipeline of this process, loaded once."""


def _begin(domain: Domain, model: str) -> None:
    _held[:] = [(pipeline(domain, model=model), domain)]


def _work(task: Task[Made], chunk: Sequence[Article]) -> list[Made]:
    nlp, domain = _held[0]
    return task(chunk, nlp, domain)
