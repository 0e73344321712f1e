"""One run over a domain's documents: statements and texts on disk, failures by name."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from extract.pipeline import MODEL, pipeline
from extract.reading import documents, read
from extract.statements import statements
from graph.domain import Domain
from graph.errors import BadDocument
from graph.model import Article
from graph.records import articles_beside, write_articles, write_statements

Progress = Callable[[str, int | None], AbstractContextManager[Callable[[], None]]]
"""Opens a progress bar for so many steps; what it gives is called once a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a run read and found."""

    articles: int
    statements: int
    failures: tuple[str, ...]
    """One sentence for each document that could not be read."""


def extract_to(out: Path, domain: Domain, *, model: str | None, workers: int, progress: Progress) -> Run:
    """Extract all documents of a domain into a JSON-lines file, their texts beside it."""
    failures: list[str] = []
    nlp = pipeline(domain, model=model or MODEL)
    found = list(documents(domain))
    read_ones: list[Article] = []
    with progress("extract", len(found)) as step:

        def articles() -> Iterator[Article]:
            for path, info in found:
                try:
                    article = read(path, info)
                except BadDocument as error:
                    failures.append(str(error))
                else:
                    read_ones.append(article)
                    yield article
                step()

        count = write_statements(out, statements(articles(), nlp, domain))
    write_articles(articles_beside(out), read_ones)
    return Run(articles=len(read_ones), statements=count, failures=tuple(failures))
