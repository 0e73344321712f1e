"""Proof that a quotation is in its article, letter for letter, before it leaves in a document."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from graph.errors import NotVerbatim
from graph.model import Article, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The place of a passage in its article, with digests for checking it again."""

    statement: str
    article: str
    start: int
    end: int
    passage_sha256: str
    """SHA-256 of the passage in UTF-8, in hexadecimal."""
    article_sha256: str
    """SHA-256 of the whole article's text in UTF-8, in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A passage that is left out because its article does not contain it, with the reason."""

    statement: str
    article: str
    actor: str
    actor_label: str
    reason: str


def proof(statement: Statement, article: Article) -> Proof:
    """Return the proof of a statement's passage. Raises NotVerbatim if even one letter differs from the article."""
    found = article.text[statement.start : statement.end]
    if not statement.quote.strip() or len(statement.quote) != statement.end - statement.start:
        raise NotVerbatim(
            f"{_place(statement)}: no words are at this place; a passage must begin before its end, within the text"
        )
    if found != statement.quote:
        raise NotVerbatim(f"{_place(statement)}: {_difference(statement.quote, found, article.text)}")
    return Proof(
        statement=statement.id,
        article=article.id,
        start=statement.start,
        end=statement.end,
        passage_sha256=hashlib.sha256(statement.quote.encode("utf-8", "surrogatepass")).hexdigest(),
        article_sha256=article.digest,
    )


def proofs(
    statements: Iterable[Statement], articles: Mapping[str, Article]
) -> tuple[dict[str, Proof], tuple[Refusal, ...]]:
    """Return the proof of each statement by its id, and a refusal for each that has none."""
    proved: dict[str, Proof] = {}
    refused: list[Refusal] = []
    for statement in statements:
        try:
            if statement.article not in articles:
                raise NotVerbatim(f"{_place(statement)}: the text of this article is not stored")
            proved[statement.id] = proof(statement, articles[statement.article])
        except NotVerbatim as error:
            refused.append(
                Refusal(
                    statement=statement.id,
                    article=statement.article,
                    actor=statement.actor,
                    actor_label=statement.actor_label,
                    reason=str(error),
                )
            )
    return proved, tuple(refused)


def _place(statement: Statement) -> str:
    return f"statement {statement.id}, article {statement.article}, characters {statement.start} to {statement.end}"


def _difference(quote: str, found: str, text: str) -> str:
    if not found:
        return f"the stored text ends before that, after {len(text)} characters"
    if quote in text:
        return f"the same words begin at character {text.index(quote)} of the stored text; extract the article again"
    at = next((n for n, (a, b) in enumerate(zip(quote, found, strict=False)) if a != b), min(len(quote), len(found)))
    return f"the stored text differs from the quotation at its character {at + 1}; extract the article again"
