"""What a document says of itself: it fills what nobody else has told."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime

from graph.domain.folder import DATE
from graph.model import Article

FIELDS = ("title", "publisher", "author", "date", "url", "voice", "language")
# Days of which no reader can be in doubt; of 03/04/2023 some are.
WRITTEN_OUT = ("%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%Y/%m/%d", "%Y%m%d")


def told(info: Article, found: Mapping[str, str]) -> Article:
    """What was known of an article, and where nothing was, what its document says."""
    new = {name: cleaned(found[name]) for name in FIELDS if found.get(name) and not getattr(info, name)}
    if "date" in new:
        new["date"] = iso_date(new["date"])
    if "url" in new and not new["url"].startswith(("http://", "https://")):
        del new["url"]
    return replace(info, **new)  # type: ignore[arg-type]  # FIELDS names fields that hold strings


def cleaned(value: str) -> str:
    """One line, without control characters, of a length that fits a table."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", value).split())[:1000]


def iso_date(value: str) -> str:
    """The day of a date as documents write it (ISO 8601, RFC 5322, PDF's `D:2024…`); '' for what is none of these."""
    value = value.strip()
    if match := re.match(r"D:(\d{4})(\d\d)?(\d\d)?", value):
        value = "-".join(part for part in match.groups() if part)
    for candidate in (value, value[:10]):
        if DATE.fullmatch(candidate):
            return candidate if len(candidate) < 10 or _is_day(candidate) else ""
    for form in WRITTEN_OUT:
        try:
            return datetime.strptime(value, form).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(value).date().isoformat()
    except (ValueError, TypeError, OverflowError):
        return ""


def _is_day(value: str) -> bool:
    try:
        datetime.strptime(value, "%Y-%m-%d")
    except ValueError:
        return False
    return True
