"""Turn one document at a time into its article and statements; no document affects the next."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from extract.documents.reading import read
from extract.models import Engine
from graph.domain.folder import Domain
from graph.errors import BadDocument, BadRequest
from graph.model import Article, Statement
from graph.records import dumps, record

LONGEST = 1_000_000
"""Longest article in characters: a book of 400 pages."""

ZONE = 2_000_000
"""Characters of text after which spaCy's store of words is emptied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A document to read, and the known details of its article."""

    path: Path
    info: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of one document: lines for the two output files, or the reason why there are none."""

    article: str = ""
    statements: tuple[str, ...] = ()
    failure: str = ""


Extractor = Callable[[Article], list[Statement]]


def extractor(engine: Engine) -> Extractor:
    """Load the model and return a function that extracts an article. Raises BadRequest for a missing model."""
    from extract.judging.linear import learnt
    from extract.judging.relevance import Relevance
    from extract.judging.targets import Topics
    from extract.pipeline import docs, pipeline  # loads spaCy
    from extract.statements import article_statements
    from extract.voices.passages import names_of

    try:
        nlp = pipeline(engine.domain, model=engine.model)
    except OSError as error:
        raise BadRequest(f"the language model {engine.model!r} is not installed; install it or name another") from error
    topics = Topics(engine.domain)
    relevant = Relevance(topics, names_of(engine.domain))
    weights = learnt(engine.weights) if engine.weights else None

    zone = ExitStack()
    read = 0

    def extract(article: Article) -> list[Statement]:
        nonlocal read
        # Words of the first articles are kept, later ones only for a while, so that memory does not grow.
        if read > ZONE:
            zone.close()
            zone.enter_context(nlp.memory_zone())
            read = 0
        read += len(article.text)
        # Its own batch, so that the numbers do not depend on what was read before.
        return [
            statement
            for article, doc in docs([article], nlp, relevant=relevant)
            for statement in article_statements(article, doc, topics, weights=weights)
        ]

    return extract


def marked(article: Article, domain: Domain) -> Article:
    """Return the article with a mark if it stays open who 'we' is in it."""
    from extract.voices.own import unowned
    from extract.voices.passages import names_of

    return replace(article, unowned=unowned(article, names_of(domain), domain))


def outcome(article: Article, statements: list[Statement]) -> Outcome:
    """Return an article's lines for the output files."""
    return Outcome(article=dumps(asdict(article)), statements=tuple(dumps(record(each)) for each in statements))


def document_reader() -> Callable[[Task], Article | Outcome]:
    """Return a function that reads a document as an article, or as the outcome of a failure."""

    def work(task: Task) -> Article | Outcome:
        try:
            return bounded(read(task.path, task.info), task.path)
        except BadDocument as error:
            return Outcome(failure=str(error))

    return work


def document_extractor(engine: Engine) -> Callable[[Task], Outcome]:
    """Return a function that reads a document and extracts its statements."""
    extract = extractor(engine)
    reader = document_reader()

    def work(task: Task) -> Outcome:
        found = reader(task)
        return found if isinstance(found, Outcome) else outcome(marked(found, engine.domain), extract(found))

    return work


def bounded(article: Article, path: Path) -> Article:
    """Return the article if it is not too long to extract. Raises BadDocument."""
    if len(article.text) > LONGEST:
        raise BadDocument(f"{path}: {len(article.text):,} characters of text, more than {LONGEST:,}; split it")
    return article
