"""Plain questions: each is read by a small grammar over the names of the graph, and answered by a stored question."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from graph.asking import questions
from graph.asking.names import RecognisedName, names_of
from graph.asking.understanding import questions_about, recognised, understand
from graph.degrees import Degree
from graph.model import Change, Counting, Stance
from graph.rdf.vocabulary import id_of, name_of
from graph.reading import catalogue
from graph.reading.catalogue import Evidence, Named
from graph.reading.held import held
from graph.store.embedded import Store

ANSWERS = 100
"""Answers that are given if no number is asked for."""
PASSAGES = 20
"""Passages that are given with one answer; the query names them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of an answer: those of these fields that the question is about, and the statements that show it."""

    actor: Named | None = None
    reform: Named | None = None
    person: str | None = None
    stance: Stance | None = None
    """The actor's position on the reform."""
    degree: Degree | None = None
    """How far the actor goes in all statements of the position together; None for a period."""
    compared: Stance | None = None
    """The position on it of the actor that was asked about, where two are compared."""
    concern: Named | None = None
    condition: str | None = None
    change: Change | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    statements: int = 0
    """How many statements show it."""
    evidence: tuple[Evidence, ...] = ()
    """The statements, in order of time; if there are very many, some of each stance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A question as it was understood, the query that was run, and its results."""

    asked: str
    understood: str
    note: str = ""
    """How the question was read, if it is not worded as the grammar expects."""
    others: tuple[str, ...] = ()
    """Other questions on the same names, if the question was not read exactly."""
    recognised: tuple[RecognisedName, ...] = ()
    """The names in a question that was not read exactly."""
    question: str
    """Name of the stored question."""
    parameters: Mapping[str, str]
    narrower: bool
    query: str
    """The complete query: run by hand it gives the same."""
    answers: tuple[Answer, ...]
    total: int
    """How many answers there are; if there are very many, only the first are given."""
    standing: Counting = Counting.LIKELY
    """Which statements count."""


def ask(store: Store, text: str, *, limit: int = ANSWERS) -> Answers:
    """Answer a plain question, with the first lines if it has very many.

    A question that is not worded as the grammar expects is read as the closest one, and the note says so. Raises
    NotUnderstood, with other questions to ask, if nothing in it is recognised.
    """
    reading = understand(store, text)
    parameters = reading.parameters()
    found = questions.ask(store, reading.question, narrower=reading.narrower, **parameters)
    lines = _lines(found.rows)
    understood = reading.says(names_of(store))
    known = recognised(store, text, reading) if reading.note else ()
    return Answers(
        asked=text,
        understood=understood,
        note=reading.note,
        others=tuple(it for it in questions_about(store, known) if it != understood) if reading.note else (),
        recognised=known,
        question=reading.question,
        parameters=parameters,
        narrower=reading.narrower,
        query=found.query,
        answers=tuple(answers(store, lines[:limit])),
        total=len(lines),
        standing=store.counting,
    )


def answers(store: Store, lines: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Answer]:
    """Turn the rows of a stored question into answers: one for all rows that differ only in their statement."""
    chosen = [_some_of_each(rows) for rows in lines]
    pairs = [
        (id_of(rows[0]["actor"]), id_of(rows[0]["reform"])) for rows in lines if {"actor", "reform"} <= rows[0].keys()
    ]
    degrees = {
        (each.position.actor, each.position.reform, each.position.stance): each.degree for each in held(store, pairs)
    }
    evidence = {each.id: each for each in catalogue.evidence(store, [it for some in chosen for it in some])}
    for rows, some in zip(lines, chosen, strict=True):
        row = rows[0]
        actor, reform = _named(row, "actor"), _named(row, "reform")
        stance = Stance(name_of(row["held"])) if "held" in row else None
        yield Answer(
            actor=actor,
            reform=reform,
            person=row.get("person"),
            stance=stance,
            degree=degrees.get((actor.id, reform.id, stance)) if actor and reform and stance else None,
            compared=Stance(name_of(row["compared"])) if "compared" in row else None,
            concern=_named(row, "concern"),
            condition=row.get("condition"),
            change=_change(row),
            counts={name: value for name, value in row.items() if isinstance(value, int)},
            statements=len({each["statement"] for each in rows if "statement" in each}),
            evidence=tuple(evidence[id_of(it)] for it in some if id_of(it) in evidence),
        )


def _lines(rows: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    of: defaultdict[tuple[Any, ...], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        of[tuple(row.get(name) for name in ABOUT)].append(row)
    return list(of.values())


def _some_of_each(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the statements of one answer in the order of the rows; if there are very many, as many of each stance."""
    of: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if "statement" in row:
            of[row["stance"]].append(row["statement"])
    by_turns = [it for turn in zip_longest(*of.values()) for it in turn if it is not None]
    some = set(by_turns[:PASSAGES])
    return list(dict.fromkeys(row["statement"] for row in rows if row.get("statement") in some))


ABOUT = ("actor", "reform", "person", "held", "concern", "condition", "before", "after", "changed", "compared")


def _named(row: Mapping[str, Any], name: str) -> Named | None:
    return Named(id=id_of(row[name]), label=row.get(f"{name}Label", id_of(row[name]))) if name in row else None


def _change(row: Mapping[str, Any]) -> Change | None:
    if "changed" not in row:
        return None
    before, after = Stance(name_of(row["before"])), Stance(name_of(row["after"]))
    return Change(before=before, after=after, date=row["changed"])
