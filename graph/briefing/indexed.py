"""The answers to the questions of the folder `briefings`, from the index beside the graph: the same rows, sooner."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from graph.model import Selection, Stance
from graph.rdf.vocabulary import STANCES, id_of, iri
from graph.reading.catalogue import actor_table
from graph.store.embedded import Store

Row = dict[str, Any]
Ids = Mapping[str, Sequence[str]]
"""Ids of the subject, under `actor` or `reform`."""

NEWEST = 100
CHANGES = 100
"""As many as the questions ask for."""


def ids_of(subject: Mapping[str, Any]) -> Ids:
    """The ids in the parameters of a question."""
    return {name: [id_of(str(it)) for it in value] for name, value in subject.items() if name in ("actor", "reform")}


def positions(indexed: sqlite3.Connection, store: Store, base: str, subject: Ids) -> Iterator[Row]:
    """Who stands where, and in how many statements?"""
    where, values = _among(subject)
    names = actor_table(store)
    columns = "actor, reform, stance, support, mixed, oppose, neutral, articles, publishers, first, last"
    for row in indexed.execute(f"SELECT {columns} FROM position WHERE {where}", values):  # noqa: S608  # words of this program
        told = dict(zip(columns.split(", "), row, strict=True))
        if told["actor"] in names:
            told["label"] = names[told["actor"]].label
            told |= _things(base, told)
            yield {name: value for name, value in told.items() if value != "" or name not in ("first", "last")}


def grounds(indexed: sqlite3.Connection, store: Store, base: str, subject: Ids) -> Iterator[Row]:
    """Which grounds do the actors give?"""
    where, values = _among(subject)
    for actor, reform, concern in indexed.execute(
        f"SELECT actor, reform, concern FROM held_ground WHERE {where}",  # noqa: S608  # words of this program
        values,
    ):
        yield {**_things(base, {"actor": actor, "reform": reform}), "concern": iri(base, "concern", concern)}


def passages(indexed: sqlite3.Connection, base: str, pairs: Iterable[tuple[str, str]]) -> Iterator[Row]:
    """Which statements carry these positions, how sure are they, and from when?"""
    asked = "SELECT id, stance, confidence, date, condition FROM statement WHERE actor = ? AND reform = ?"
    for actor, reform in pairs:
        things = _things(base, {"actor": actor, "reform": reform})
        for id, stance, confidence, date, condition in indexed.execute(asked, (actor, reform)):
            row = {"statement": iri(base, "statement", id), "stance": STANCES[Stance(stance)], "confidence": confidence}
            dated = {"date": date} if date else {}
            yield {**things, **row, **dated, **({"condition": condition} if condition is not None else {})}


def changes(indexed: sqlite3.Connection, base: str, subject: Ids, *, since: str = "", until: str = "") -> list[Row]:
    """Who stands elsewhere than before, and since when? The newest first."""
    where, values = _among(subject)
    period, more = _within(since, until)
    rows = indexed.execute(
        f"SELECT actor, reform, date, before, after FROM turn WHERE {where} AND {period}",  # noqa: S608  # words of this program
        [*values, *more],
    )
    found = [
        {
            **_things(base, {"actor": actor, "reform": reform}),
            "before": STANCES[Stance(before)],
            "after": STANCES[Stance(after)],
            "date": date,
        }
        for actor, reform, date, before, after in rows
    ]
    found.sort(key=lambda row: (row["actor"], row["reform"]))
    found.sort(key=lambda row: str(row["date"]), reverse=True)
    return found[:CHANGES]


def sources(indexed: sqlite3.Connection, subject: Ids, period: Selection) -> Iterator[Row]:
    """Which publishers does it rest on, in how many articles, from when to when?"""
    where, values = _among(subject)
    within, more = _within(period.since or "", period.until or "")
    columns = "publisher, COUNT(DISTINCT article), MIN(NULLIF(date, '')), MAX(NULLIF(date, ''))"
    for publisher, articles, first, last in indexed.execute(
        f"SELECT {columns} FROM statement WHERE {where} AND {within} GROUP BY publisher",  # noqa: S608  # words of this program
        [*values, *more],
    ):
        told = {"publisher": publisher or None, "articles": articles, "first": first, "last": last}
        yield {name: value for name, value in told.items() if value is not None}


def newest(indexed: sqlite3.Connection, subject: Ids, period: Selection) -> list[str]:
    """The ids of the newest of its articles."""
    where, values = _among(subject)
    within, more = _within(period.since or "", period.until or "")
    rows = indexed.execute(
        f"SELECT DISTINCT date, article FROM statement WHERE {where} AND {within}",  # noqa: S608  # words of this program
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


def _things(base: str, told: Mapping[str, Any]) -> Row:
    row: Row = {"actor": iri(base, "actor", told["actor"]), "reform": iri(base, "reform", told["reform"])}
    if "stance" in told:
        row["stance"] = STANCES[Stance(told["stance"])]
    return row
