"""Who says what in documents, on any subject: the first half of extraction alone."""

from collections.abc import Callable, Iterator
from typing import Any

from extract.documents.reading import documents, read
from extract.pipeline import MODEL, docs, pipeline
from extract.voices.passages import passages, records
from graph.domain.folder import Domain
from graph.errors import BadDocument
from graph.model import Article


def attributed(
    domain: Domain,
    *,
    model: str | None = None,
    on_article: Callable[[], None] = lambda: None,
    failures: list[str] | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield the record of each attributed passage in the domain's documents.

    A document that cannot be read becomes a sentence in `failures`. Raises BadDocument without that list.
    """
    nlp = pipeline(domain, model=model or MODEL)

    def articles() -> Iterator[Article]:
        for path, info in documents(domain):
            try:
                yield read(path, info)
            except BadDocument as error:
                if failures is None:
                    raise
                failures.append(str(error))

    for article, doc in docs(articles(), nlp):
        yield from records(article, passages(doc, article, domain))
        on_article()
