"""A run of the model reader over a domain's documents: many requests at once, the same bytes whatever came first."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from extract.documents.reading import documents
from extract.extraction import Outcome, Task, document_reader
from extract.model_reading.kept import AnswerFile, answers_beside
from extract.model_reading.proving import Confidence, RefusedRecord
from extract.model_reading.reading import Asker, ModelReader, ReadArticle
from extract.model_reading.requests import Asking, Request
from extract.model_reading.server import Answerer
from extract.running.runs import BOUNDS, Staleness
from extract.running.workers import Broken, worked
from graph.domain.folder import Domain
from graph.model import Article, Statement
from graph.records import articles_beside, read_articles, record, write_lines

OnArticle = Callable[["RunProgress"], None]


@dataclass(slots=True, kw_only=True)
class RunProgress:
    """How far a run is."""

    articles: int = 0
    refused: int = 0
    tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRun:
    """What a run read and found, in the order of the documents."""

    articles: tuple[Article, ...]
    statements: tuple[Statement, ...]
    refused: tuple[RefusedRecord, ...] = ()
    failures: tuple[str, ...] = ()
    sent: int = 0
    input: int = 0
    output: int = 0
    unknown: tuple[str, ...] = ()
    """Ids of answers in a batch file that belong to no request."""
    pending: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would send."""

    articles: int
    requests: int
    answered: int
    """Requests whose answer is kept already."""
    input: int
    """Tokens of the requests that are left."""
    output: int
    """Tokens that their answers can have at most."""
    failures: tuple[str, ...] = ()


def texts(domain: Domain, *, workers: int = 1) -> Iterator[tuple[str, Article | str]]:
    """Each document that may be sent with its article, or why it cannot be read; confidential ones are left out."""
    tasks = [Task(path=path, info=info) for path, info in documents(domain) if not info.confidential]
    for task, result in worked(tasks, document_reader, workers=workers, bounds=BOUNDS):
        if isinstance(result, Broken):
            yield task.info.id, f"{task.path}: {result.reason}"
        elif isinstance(result, Outcome):
            yield task.info.id, result.failure
        else:
            yield task.info.id, result


def read_all(
    domain: Domain,
    kept: AnswerFile,
    asking: Asking,
    *,
    answerer: Answerer | None = None,
    asker: Asker | None = None,
    at_once: int = 4,
    confidence: Confidence | None = None,
    on_article: OnArticle = lambda _: None,
) -> ModelRun:
    """Read every document that is not confidential. Raises ServerRefuses; what was answered by then is kept."""
    ask = asker or Asker(kept, answerer)
    reader = ModelReader(domain, ask, asking, confidence)
    failures: dict[str, str] = {}
    done: dict[str, ReadArticle] = {}
    tally = RunProgress()

    def readable() -> Iterator[Article]:
        for id, found in texts(domain):
            if isinstance(found, Article):
                yield found
            else:
                failures[id] = found
                tally.articles += 1
                on_article(tally)

    for each in _at_once(reader.read, readable(), at_once):
        if each.failure:
            failures[each.article.id] = each.failure
        else:
            done[each.article.id] = each
        tally.articles += 1
        tally.refused += len(each.refused)
        tally.tokens = ask.input + ask.output
        on_article(tally)
    order = [info.id for _, info in documents(domain)]
    read = [done[id] for id in order if id in done]
    return ModelRun(
        articles=tuple(each.article for each in read),
        statements=tuple(statement for each in read for statement in each.statements),
        refused=tuple(refused for each in read for refused in each.refused),
        failures=tuple(failures[id] for id in order if id in failures),
        sent=ask.sent,
        input=ask.input,
        output=ask.output,
        unknown=ask.unknown,
        pending=tuple(sorted(ask.pending.values(), key=lambda r: (order.index(r.article), r.part))),
    )


def write_run(out: Path, articles: Iterable[Article], statements: Iterable[Statement]) -> None:
    """Write statements and texts, each file whole or as it was."""
    write_lines(articles_beside(out), map(asdict, articles))
    write_lines(out, map(record, statements))


def estimate(out: Path, domain: Domain, asking: Asking) -> Estimate:
    """What a run would send, by counting; nothing is sent."""
    found: list[Request] = []
    failures = []
    count = 0
    with ExitStack() as stack:
        kept = stack.enter_context(AnswerFile(answers_beside(out), writes=False))
        reader = ModelReader(domain, Asker(kept), asking)
        for _, text in texts(domain):
            if isinstance(text, str):
                failures.append(text)
                continue
            count += 1
            found += reader.requests(text)
        left = [request for request in found if kept.get(request.digest) is None]
    return Estimate(
        articles=count,
        requests=len(found),
        answered=len(found) - len(left),
        input=sum(request.input for request in left),
        output=sum(request.output for request in left),
        failures=tuple(failures),
    )


def answered(out: Path, domain: Domain, asking: Asking) -> Staleness:
    """Compare kept answers with the documents that may be sent, without sending or writing anything.

    A document is current if every request about it has an answer.
    """
    new: list[str] = []
    changed: list[str] = []
    failures: list[str] = []
    current = 0
    before = (
        {article.id for article in read_articles(articles_beside(out))} if articles_beside(out).is_file() else set()
    )
    with AnswerFile(answers_beside(out), writes=False) as kept:
        reader = ModelReader(domain, Asker(kept), asking)
        for id, text in texts(domain):
            if isinstance(text, str):
                failures.append(text)
            elif id in before and all(kept.get(request.digest) is not None for request in reader.requests(text)):
                current += 1
            else:
                (changed if id in before else new).append(id)
    gone = before - {info.id for _, info in documents(domain)}
    return Staleness(
        new=tuple(new), changed=tuple(changed), removed=tuple(sorted(gone)), current=current, failures=tuple(failures)
    )


def _at_once(
    work: Callable[[Article], ReadArticle], articles: Iterator[Article], at_once: int
) -> Iterator[ReadArticle]:
    """Yield the result of each article when it is ready. The threads do not delay the end of the program."""
    todo: queue.Queue[Article | None] = queue.Queue()
    results: queue.Queue[ReadArticle | BaseException] = queue.Queue()

    def life() -> None:
        while (article := todo.get()) is not None:
            try:
                results.put(work(article))
            except BaseException as error:  # noqa: BLE001  # it is raised in the caller's thread
                results.put(error)

    for _ in range(at_once):
        threading.Thread(target=life, daemon=True).start()
    try:
        under_way = 0
        more = True
        while more or under_way:
            while more and under_way < at_once * 2:
                article = next(articles, None)
                if article is None:
                    more = False
                    break
                todo.put(article)
                under_way += 1
            if not under_way:
                break
            result = results.get()
            under_way -= 1
            if isinstance(result, BaseException):
                raise result
            yield result
    finally:
        for _ in range(at_once):
            todo.put(None)
