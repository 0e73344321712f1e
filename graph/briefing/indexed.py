"""The articles behind a briefing, from the index next to the graph."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from graph.model import Selection

Row = dict[str, Any]
Ids = Mapping[str, Sequence[str]]
"""Ids of the subject, under `actor` or `reform`."""

NEWEST = 100
"""Articles that a briefing lists at most."""


def sources(indexed: sqlite3.Connection, subject: Ids, period: Selection, counted: str) -> Iterator[Row]:
    """Return the publishers a subject rests on, with the number of articles and the first and last date of each."""
    where, values = _among(subject)
    within, more = _within(period.since or "", period.until or "")
    columns = "publisher, COUNT(DISTINCT article), MIN(NULLIF(date, '')), MAX(NULLIF(date, ''))"
    for publisher, articles, first, last in indexed.execute(
        f"SELECT {columns} FROM statement s WHERE {where} AND {within} AND {counted} GROUP BY publisher",  # noqa: S608  # words of this program
        [*values, *more],
    ):
        told = {"publisher": publisher or None, "articles": articles, "first": first, "last": last}
        yield {name: value for name, value in told.items() if value is not None}


def newest(indexed: sqlite3.Connection, subject: Ids, period: Selection, counted: str) -> list[str]:
    """Return the ids of the newest articles with statements on the subject."""
    where, values = _among(subject)
    within, more = _within(period.since or "", period.until or "")
    rows = indexed.execute(
        f"SELECT DISTINCT date, article FROM statement s WHERE {where} AND {within} AND {counted}",  # noqa: S608  # words of this program
        [*values, *more],
    )
    found = sorted((id, date) for date, id in rows)
    found.sort(key=lambda each: each[1], reverse=True)
    return [id for id, _ in found[:NEWEST]]


def _among(subject: Ids) -> tuple[str, list[str]]:
    parts = [f"{name} IN ({', '.join('?' * len(ids))})" for name, ids in subject.items()]
    return " AND ".join(parts) or "1", [id for ids in subject.values() for id in ids]


def _within(since: str, until: str) -> tuple[str, list[str]]:
    # Dates compare as far as both are precise.
    parts, values = [], list[str]()
    for bound, compared in ((since, ">="), (until, "<=")):
        if bound:
            parts.append(f"date != '' AND substr(date, 1, length(?)) {compared} substr(?, 1, length(date))")
            values += [bound, bound]
    return " AND ".join(parts) or "1", values
