"""The title, publisher, author and date that a document states; known values take precedence."""

import re
from collections.abc import Mapping
from dataclasses import replace

from extract.documents.dates import iso_date as iso_date
from graph.model import Article

FIELDS = ("title", "publisher", "author", "date", "url", "voice", "language")


def told(info: Article, found: Mapping[str, str]) -> Article:
    """Fill the empty fields of an article from its document."""
    new = {name: cleaned(found[name]) for name in FIELDS if found.get(name) and not getattr(info, name)}
    if "date" in new:
        new["date"] = iso_date(new["date"])
    if "url" in new and not new["url"].startswith(("http://", "https://")):
        del new["url"]
    return replace(info, **new)  # type: ignore[arg-type]  # FIELDS names fields that hold strings


def cleaned(value: str) -> str:
    """Return a value on one line, without control characters, short enough for a table."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", value).split())[:1000]
