"""The addresses of each thing's page, JSON and RDF, written in one place."""

from collections.abc import Iterable, Mapping
from urllib.parse import quote, urlencode

from graph.reading.catalogue import Evidence

PLURAL = {"reform": "reforms", "actor": "actors", "article": "articles", "statement": "statements"}


def page(kind: str, id: str) -> str:
    """Return the address of the page of a reform, an actor, an article or a statement."""
    return f"/{PLURAL[kind]}/{quote(id, safe='')}"


def linked_data(kind: str, id: str) -> str:
    """Return the address of the thing itself, which answers with its page or its RDF."""
    return f"/id/{kind}/{quote(id, safe='')}"


def passage(evidence: Evidence) -> str:
    """Return the address of the passage in its article."""
    return f"{page('article', evidence.article)}?statement={evidence.id}#s-{evidence.id}"


def with_query(path: str, fields: Mapping[str, object] | Iterable[tuple[str, object]]) -> str:
    """Return an address with its parameters, without the empty ones."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    query = urlencode([(name, _parameter(value)) for name, value in pairs if value not in (None, "", False)])
    return f"{path}?{query}" if query else path


def _parameter(value: object) -> str:
    return "true" if value is True else str(value)
