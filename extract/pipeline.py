"""The spaCy pipeline for a domain, and how articles pass through it."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from extract.marking import (
    gazetteer,  # noqa: F401  # register their components
    quotations,  # noqa: F401  # register their components
    sections,  # noqa: F401  # register their components
    transcripts,  # noqa: F401  # register their components
)
from extract.marking.inference import quicken
from extract.models import MODEL as MODEL  # re-exported for callers that build pipelines
from graph.domain.folder import Domain
from graph.model import Article

log = logging.getLogger(__name__)

PIECE = 20_000
"""Characters parsed at once: the parser's memory grows with its input, and articles can be of any length."""


def pipeline(domain: Domain, *, model: str = MODEL) -> Language:
    """The components that mark the text, in order; `analyze_pipes()` prints what each requires and assigns."""
    nlp = spacy.load(model)
    quicken(nlp)
    nlp.add_pipe("paragraphs", first=True)
    nlp.add_pipe("quotations", after="paragraphs")
    nlp.add_pipe("turns", after="quotations")
    nlp.add_pipe("gazetteer", last=True).use(domain)  # type: ignore[attr-defined]  # add_pipe types no component
    return nlp


def docs(
    articles: Iterable[Article],
    nlp: Language,
    *,
    batch_size: int = 16,
    relevant: Callable[[Article, Sequence[Doc]], bool] | None = None,
) -> Iterator[tuple[Article, Doc]]:
    """Yield each article with its parsed text; parse a long text in pieces and join them without changing it.

    `relevant` gets the text as words with the names of reforms marked. If it returns false, the article is skipped.
    """

    def parts() -> Iterator[tuple[Doc, tuple[Article, bool]]]:
        mark = nlp.get_pipe("gazetteer")
        for article in articles:
            cut = [nlp.make_doc(piece) for piece in pieces(article.text)]
            if relevant is None or relevant(article, [mark(piece) for piece in cut]):
                for number, piece in enumerate(cut, 1):
                    yield piece, (article, number == len(cut))

    held: list[Doc] = []
    for doc, (article, last) in nlp.pipe(parts(), as_tuples=True, batch_size=batch_size):
        held.append(doc)
        if last:
            whole = held[0] if len(held) == 1 else Doc.from_docs(held, ensure_whitespace=False)
            held = []
            if whole is None:  # pragma: no cover  # from_docs gives None for no docs only
                continue
            yield article, whole


def pieces(text: str, *, size: int = PIECE) -> list[str]:
    """Return pieces that together are the text, cut after a paragraph or else a sentence or else a word."""
    cut = []
    start = 0
    while len(text) - start > size:
        window = text[start : start + size]
        for pattern in (r"\n\s*\n", r"[.!?]['\"”’]*\s", r"\s"):
            ends = [match.end() for match in re.finditer(pattern, window)]
            if ends and ends[-1] > size // 2:
                end = start + ends[-1]
                break
        else:
            end = start + size
        cut.append(text[start:end])
        start = end
    return [*cut, text[start:]]
