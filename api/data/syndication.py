"""Write feeds as Atom (RFC 4287), JSON Feed 1.1 and CSV."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from graph.rdf.xml_text import xml_text
from graph.records import for_spreadsheets

ATOM = "http://www.w3.org/2005/Atom"
JSON_FEED = "https://jsonfeed.org/version/1.1"
NEVER = "1970-01-01T00:00:00Z"
"""The time of an entry without a date, because every entry needs one. It is clearly not a real date."""
COLUMNS = ("id", "date", "title", "text", "authors", "tags", "url")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An entry of a feed."""

    id: str
    """An IRI that stays the same even if the address changes."""
    title: str
    url: str
    text: str
    date: str = ""
    """ISO 8601, to the known precision."""
    authors: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A feed: its entries, newest first."""

    id: str
    title: str
    url: str
    """Address of the page with the same content."""
    address: str
    """Address of the feed itself."""
    entries: tuple[FeedEntry, ...]
    language: str = "en"

    @property
    def updated(self) -> str:
        return max((moment(entry.date) for entry in self.entries), default=NEVER)


def moment(date: str) -> str:
    """Return the first second of a day, month or year in the format of RFC 3339."""
    padded = f"{date}{'-01-01'[len(date) - 4 :]}" if date else ""
    return f"{padded}T00:00:00Z" if len(padded) == 10 else NEVER


def atom(feed: Feed) -> bytes:
    """Return the feed as Atom."""
    ElementTree.register_namespace("", ATOM)
    root = _element("feed", {"{http://www.w3.org/XML/1998/namespace}lang": feed.language})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", feed.updated)
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.address)
    _add(root, "link", rel="alternate", type="text/html", href=feed.url)
    for entry in feed.entries:
        it = _add(root, "entry")
        _add(it, "id", entry.id)
        _add(it, "title", entry.title)
        _add(it, "updated", moment(entry.date))
        _add(it, "link", rel="alternate", type="text/html", href=entry.url)
        # Every entry needs an author: the speaker of the words, not the publisher of the feed.
        for name in entry.authors or (feed.title,):
            _add(_add(it, "author"), "name", name)
        for tag in entry.tags:
            _add(it, "category", term=tag)
        _add(it, "content", entry.text, type="text")
    written: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def json_feed(feed: Feed) -> bytes:
    """Return the feed as JSON Feed."""
    fields = {
        "version": JSON_FEED,
        "title": feed.title,
        "home_page_url": feed.url,
        "feed_url": feed.address,
        "language": feed.language,
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1).encode("utf-8", "replace")


def table(feed: Feed) -> bytes:
    """Return the feed as CSV. Several authors or tags share a field, separated by ';'."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow(COLUMNS)
    for entry in feed.entries:
        cells = (getattr(entry, name) for name in COLUMNS)
        texts = (";".join(cell) if isinstance(cell, tuple) else cell for cell in cells)
        writer.writerow([for_spreadsheets(text) for text in texts])
    return lines.getvalue().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedForm:
    """The format of a feed."""

    media_type: str
    write: Callable[[Feed], bytes]


FORMS: Mapping[str, FeedForm] = {
    "atom": FeedForm(media_type="application/atom+xml; charset=utf-8", write=atom),
    "json": FeedForm(media_type="application/feed+json; charset=utf-8", write=json_feed),
    "csv": FeedForm(media_type="text/csv; charset=utf-8", write=table),
}


def _item(entry: FeedEntry) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.id, "url": entry.url, "title": entry.title, "content_text": entry.text}
    if entry.date:
        item["date_published"] = moment(entry.date)
    if entry.authors:
        item["authors"] = [{"name": name} for name in entry.authors]
    if entry.tags:
        item["tags"] = list(entry.tags)
    return item


def _element(name: str, attributes: Mapping[str, str]) -> ElementTree.Element:
    return ElementTree.Element(f"{{{ATOM}}}{name}", {key: xml_text(value) for key, value in attributes.items()})


def _add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = _element(name, attributes)
    element.text = xml_text(text) or None
    parent.append(element)
    return element


def newest(entries: Iterable[FeedEntry], most: int) -> tuple[FeedEntry, ...]:
    """Return the newest entries up to `limit`; entries of the same date are in the order of their ids."""
    ordered = sorted(entries, key=lambda entry: entry.id)
    return tuple(sorted(ordered, key=lambda entry: moment(entry.date), reverse=True)[:most])
