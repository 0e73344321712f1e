"""One document at a time: to its article, to its statements. Nothing of one document reaches the next."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from extract.documents.reading import read
from extract.models import Engine
from graph.errors import BadDocument, BadRequest
from graph.model import Article, Statement
from graph.records import dumps, record

LONGEST = 1_000_000
"""Characters of text that are read as one article: a book of 400 pages."""

ZONE = 2_000_000
"""Characters of text after which the words that were met are forgotten."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A document to be read, and what is known of its article."""

    path: Path
    info: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a document: lines for the two files, or why there are none."""

    article: str = ""
    statements: tuple[str, ...] = ()
    failure: str = ""


Extractor = Callable[[Article], list[Statement]]


def extractor(engine: Engine) -> Extractor:
    """What makes statements of an article, with its model loaded. Raises BadRequest where there is no such model."""
    from extract.judging.linear import judgements, learnt
    from extract.judging.relevance import Relevance
    from extract.judging.targets import Topics
    from extract.pipeline import docs, pipeline  # loads spaCy
    from extract.statements import article_statements
    from extract.voices.passages import names_of

    try:
        nlp = pipeline(engine.domain, model=engine.model)
    except OSError as error:
        raise BadRequest(f"no language model {engine.model!r} is installed; install it or name another") from error
    topics = Topics(engine.domain)
    relevant = Relevance(topics, names_of(engine.domain))
    weights = learnt(engine.weights) if engine.weights else judgements()

    zone = ExitStack()
    read = 0

    def extract(article: Article) -> list[Statement]:
        nonlocal read
        # The words of the first articles are known for good, later ones for a while: memory does not grow.
        if read > ZONE:
            zone.close()
            zone.enter_context(nlp.memory_zone())
            read = 0
        read += len(article.text)
        # A batch of its own: the same numbers whatever was read before.
        return [
            statement
            for article, doc in docs([article], nlp, relevant=relevant)
            for statement in article_statements(article, doc, topics, weights=weights)
        ]

    return extract


def outcome(article: Article, statements: list[Statement]) -> Outcome:
    """The lines that are written of an article."""
    return Outcome(article=dumps(asdict(article)), statements=tuple(dumps(record(each)) for each in statements))


def document_reader() -> Callable[[Task], Article | Outcome]:
    """What reads a document; one that cannot be read is an outcome already."""

    def work(task: Task) -> Article | Outcome:
        try:
            return bounded(read(task.path, task.info), task.path)
        except BadDocument as error:
            return Outcome(failure=str(error))

    return work


def document_extractor(engine: Engine) -> Callable[[Task], Outcome]:
    """What reads a document and makes its statements."""
    extract = extractor(engine)
    reader = document_reader()

    def work(task: Task) -> Outcome:
        found = reader(task)
        return found if isinstance(found, Outcome) else outcome(found, extract(found))

    return work


def bounded(article: Article, path: Path) -> Article:
    """The article, if it is no longer than can be extracted. Raises BadDocument."""
    if len(article.text) > LONGEST:
        raise BadDocument(f"{path}: {len(article.text):,} characters of text, more than {LONGEST:,}; split it")
    return article
