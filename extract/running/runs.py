"""Run extraction over a domain's documents: write statements and texts, list failures, repeat no work."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from extract.documents.reading import documents, refusal
from extract.extraction import Outcome, Task, document_extractor, document_reader
from extract.models import MODEL, Engine
from extract.running.journal import Journal, journal_beside, journal_of
from extract.running.workers import Broken, TaskLimits, worked
from graph.domain.folder import Domain
from graph.errors import BadDocument
from graph.model import Article
from graph.records import articles_beside

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[], None]]]
"""Opens a progress bar with a title and a number of steps; call the result once for each step."""

Extracted = Iterator[tuple[Task, Outcome | Broken]]

BOUNDS = TaskLimits(seconds=180.0, memory=4 * 1024**3)
"""Limits for reading and extracting one document; the longest text allowed needs 25 seconds and 1 GB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run read and extracted."""

    articles: int
    statements: int
    unchanged: int = 0
    """Documents whose result was reused from an earlier run."""
    failures: tuple[str, ...] = ()
    """One sentence for each document that could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedDocument:
    """A document, and the key of its result."""

    task: Task
    key: str
    """Digest of everything that its result depends on, or '' for a document that is refused unopened."""
    failure: str = ""

    @property
    def id(self) -> str:
        return self.task.info.id


def extract_to(
    out: Path,
    domain: Domain,
    *,
    model: str | None,
    workers: int = 1,
    progress: Progress,
    dask: str | None = None,
    again: bool = False,
    weights: str = "",
    only: Callable[[Article], bool] = lambda _: True,
) -> Run:
    """Extract the documents of a domain to a JSON lines file, and their texts to another one next to it.

    Only documents that are new or changed since the last run are extracted; `again` extracts all of them. `weights` is
    the text of a file of learnt weights to use instead of the shipped ones. `only` selects documents. The output is the
    same, byte for byte, however many results are reused and workers are used. Raises BadRequest.
    """
    engine = Engine(domain=domain, model=model or MODEL, weights=weights)
    found = [document for document in documents_now(domain, engine) if only(document.task.info)]
    with journal_of(out) as journal, progress("extract", len(found)) as step:
        _sweep(out)
        todo = []
        for document in found:
            if document.failure or (_holds(journal, document) and not again):
                step()
            else:
                todo.append(document)
        keys = {document.id: document.key for document in todo}
        failures = {document.id: document.failure for document in found if document.failure}
        for task, result in extracted([document.task for document in todo], engine, workers=workers, dask=dask):
            id = task.info.id
            if isinstance(result, Broken):
                failures[id] = f"{task.path}: {result.reason}"
                if result.lasting:
                    journal.add(id, keys[id], Outcome(failure=failures[id]))
            else:
                journal.add(id, keys[id], result)
            step()
        kept = [document.id for document in found if document.id not in failures]
        failures |= {id: journal.entries[id].failure for id in kept if journal.entries[id].failure}
        read = [id for id in kept if id not in failures]
        journal.write_out(read, statements=out, articles=articles_beside(out))
        journal.tidy(document.id for document in found if document.id in journal.entries)
        return Run(
            articles=len(read),
            statements=sum(journal.entries[id].count for id in read),
            unchanged=len(found) - len(todo) - sum(1 for document in found if document.failure),
            failures=tuple(failures[document.id] for document in found if document.id in failures),
        )


def extracted(tasks: Iterable[Task], engine: Engine, *, workers: int, dask: str | None) -> Extracted:
    """Yield the outcome of each document as it finishes."""
    if dask is None:
        yield from worked(tasks, partial(document_extractor, engine), workers=workers, bounds=BOUNDS)
        return
    from extract.running.clusters import on_cluster  # an optional extra

    # Documents are read here, within limits; the cluster gets text only.
    yield from on_cluster(worked(tasks, document_reader, workers=workers, bounds=BOUNDS), engine, address=dask)


def documents_now(domain: Domain, engine: Engine) -> Iterator[KeyedDocument]:
    """Yield the documents of a domain in order of their ids, each with the key of its result."""
    of_engine = engine.digest
    for path, info in documents(domain):
        task = Task(path=path, info=info)
        try:
            refusal(path)
            with path.open("rb") as file:
                content = hashlib.file_digest(file, "sha256").hexdigest()
        except BadDocument as error:
            yield KeyedDocument(task=task, key="", failure=str(error))
        except OSError as error:
            yield KeyedDocument(task=task, key="", failure=f"{path}: cannot be read: {error.strerror}")
        else:
            yield KeyedDocument(task=task, key=result_key(content, path, info, of_engine))


def result_key(content: str, path: Path, info: Article, engine: str) -> str:
    """Return a digest of what a result depends on: the document's bytes and known details, its reader, the engine."""
    told = json.dumps([content, path.suffix.lower(), asdict(info), engine])
    return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staleness:
    """Which documents the next run would extract, reuse or drop."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Documents to extract again, because they, their details, the vocabulary, the model or the program changed."""
    removed: tuple[str, ...] = ()
    current: int = 0
    failures: tuple[str, ...] = ()


def staleness(out: Path, domain: Domain, *, model: str | None = None) -> Staleness:
    """Compare an output with the documents, without writing anything."""
    now = list(documents_now(domain, Engine(domain=domain, model=model or MODEL)))
    beside = journal_beside(out)
    entries = {}
    if beside.is_file() and out.is_file():
        with Journal(beside, writes=False) as journal:
            entries = journal.entries
    ids = {document.id for document in now}
    readable = [document for document in now if not document.failure]
    told = [entry.failure for id, entry in entries.items() if id in ids and entry.failure]
    return Staleness(
        new=tuple(document.id for document in readable if document.id not in entries),
        changed=tuple(d.id for d in readable if d.id in entries and entries[d.id].key != d.key),
        removed=tuple(id for id in entries if id not in ids),
        current=sum(1 for d in readable if d.id in entries and entries[d.id].key == d.key),
        failures=(*(document.failure for document in now if document.failure), *told),
    )


def _holds(journal: Journal, document: KeyedDocument) -> bool:
    entry = journal.entries.get(document.id)
    return entry is not None and entry.key == document.key


def _sweep(out: Path) -> None:
    # Files left by a run that was killed while writing.
    for path in (out, articles_beside(out), journal_beside(out)):
        for left in path.parent.glob(f".{path.name}.*"):
            left.unlink(missing_ok=True)
