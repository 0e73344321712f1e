"""Plain questions: a small grammar over the names of the graph. What it does not know it says; it never guesses."""

import tomllib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from itertools import product, zip_longest
from typing import Any

from graph.asking import questions
from graph.degrees import Degree
from graph.errors import BadQuestion
from graph.model import Change, Counting, Stance
from graph.rdf.patterns import Pattern, Spelling, pattern
from graph.rdf.vocabulary import HEAD, id_of, name_of
from graph.reading import catalogue
from graph.reading.catalogue import Evidence, Named
from graph.reading.held import held
from graph.store.embedded import Store
from graph.store.remembered import REVIEWED, remembered

LONGEST = 500
"""Characters of a question; a longer one is a text."""
EXAMPLES = 5
ANSWERS = 100
"""Default number of answers."""
PASSAGES = 20
"""Passages that are given with one answer; the query names them all."""

Meant = tuple[str, str]
"""Kind and id of what a name means."""

NAMES = (
    HEAD
    + """SELECT ?kind ?thing ?label ?name WHERE {
  { ?thing a foaf:Agent BIND("actor" AS ?kind) } UNION { ?thing a :Reform BIND("reform" AS ?kind) }
  ?thing skos:prefLabel ?label .
  { ?thing skos:prefLabel ?name } UNION { ?thing skos:altLabel ?name }
}
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line of an answer: whatever of these the question is about, and the statements that show it."""

    actor: Named | None = None
    reform: Named | None = None
    stance: Stance | None = None
    """The actor's position on the reform."""
    degree: Degree | None = None
    """How far the actor goes in all statements of the position together."""
    compared: Stance | None = None
    """The position on it of the actor that was asked about, where two are compared."""
    concern: Named | None = None
    condition: str | None = None
    change: Change | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    statements: int = 0
    """How many statements show it."""
    evidence: tuple[Evidence, ...] = ()
    """The statements, in order of time; of very many some of each stance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """A question as it was understood, the query that was run, and what it gave."""

    asked: str
    understood: str
    question: str
    """Name of the stored question."""
    parameters: Mapping[str, str]
    narrower: bool
    query: str
    """Complete: run by hand it gives the same."""
    answers: tuple[Answer, ...]
    total: int
    """How many answers there are; of very many the first are given."""
    standing: Counting = Counting.LIKELY
    """Which statements count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionForm:
    """One kind of question: its patterns, and the stored question that it asks."""

    question: str
    says: str
    pattern: Pattern
    slots: Mapping[str, str]
    """The parameter that a name fills, where that is not called like its kind."""
    held: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The language of the questions: graph/asking/queries/grammar.toml."""

    spelling: Spelling
    narrower: Pattern
    narrower_says: str
    forms: tuple[QuestionForm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstoodQuestion:
    """A question that has been understood."""

    form: QuestionForm
    values: tuple[Meant, ...]
    """Kind and id of each name."""
    narrower: bool
    loose: int
    """How many names were met only without regard to their endings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """The names in the graph, prepared for comparison: exact, and without word endings."""

    exact: Mapping[str, Collection[Meant]]
    loose: Mapping[str, Collection[Meant]]
    labels: Mapping[Meant, str]
    spoken: Mapping[str, Mapping[str, str]]
    """By kind: a name in lower case to the label of what it names, for suggestions."""


def ask(store: Store, text: str, *, limit: int = ANSWERS) -> Answers:
    """The answer to a plain question, its first lines where it has very many.

    Raises BadQuestion, which says what would be understood.
    """
    reading = understand(store, text)
    names = names_of(store)
    parameters = {reading.form.slots.get(kind, kind): id for kind, id in reading.values}
    if reading.form.held:
        parameters["held"] = reading.form.held
    found = questions.ask(store, reading.form.question, narrower=reading.narrower, **parameters)
    lines = _lines(found.rows)
    understood = reading.form.says.format(**{value[0]: names.labels[value] for value in reading.values})
    if reading.narrower:
        understood = f"{understood.removesuffix('?')}, {grammar().narrower_says}?"
    return Answers(
        asked=text,
        understood=understood,
        question=reading.form.question,
        parameters=parameters,
        narrower=reading.narrower,
        query=found.query,
        answers=tuple(answers(store, lines[:limit])),
        total=len(lines),
        standing=store.counting,
    )


def answers(store: Store, lines: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[Answer]:
    """The rows of a stored question as answers: one for all rows that differ in their statement only."""
    chosen = [_some_of_each(rows) for rows in lines]
    pairs = [
        (id_of(rows[0]["actor"]), id_of(rows[0]["reform"])) for rows in lines if {"actor", "reform"} <= rows[0].keys()
    ]
    degrees = {(each.position.actor, each.position.reform): each.degree for each in held(store, pairs)}
    evidence = {each.id: each for each in catalogue.evidence(store, [it for some in chosen for it in some])}
    for rows, some in zip(lines, chosen, strict=True):
        row = rows[0]
        yield Answer(
            actor=_named(row, "actor"),
            reform=_named(row, "reform"),
            stance=Stance(name_of(row["held"])) if "held" in row else None,
            degree=degrees.get((id_of(row["actor"]), id_of(row["reform"]))) if "held" in row else None,
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
    """The statements of one answer: all, or of very many the same share of each stance, in the order of the rows."""
    of: defaultdict[str, list[str]] = defaultdict(list)
    for row in rows:
        if "statement" in row:
            of[row["stance"]].append(row["statement"])
    by_turns = [it for turn in zip_longest(*of.values()) for it in turn if it is not None]
    some = set(by_turns[:PASSAGES])
    return list(dict.fromkeys(row["statement"] for row in rows if row.get("statement") in some))


ABOUT = ("actor", "reform", "held", "concern", "condition", "before", "after", "changed", "compared")


def examples(*, at_most: int | None = None) -> list[str]:
    """Return examples of questions that are understood; replace the words in capitals with names."""
    told = dict.fromkeys(form.says.format(actor="ACTOR", reform="REFORM") for form in grammar().forms)
    return list(told)[:at_most]


def understand(store: Store, text: str) -> UnderstoodQuestion:
    """The one reading of a question. Raises BadQuestion where there is none, or more than one."""
    if len(text) > LONGEST:
        raise BadQuestion(f"a question has at most {LONGEST} characters; this one has {len(text)}")
    tokens = grammar().spelling.tokens(text)
    if not tokens:
        raise BadQuestion(f"the question is empty; ask for instance: {' · '.join(examples(at_most=EXAMPLES))}")
    names = names_of(store)
    readings = list(_readings(tokens, names))
    if not readings:
        raise BadQuestion(_not_understood(text, tokens, names))
    closest = min(reading.loose for reading in readings)
    meant = {
        (reading.form.question, reading.form.held, reading.values, reading.narrower): reading
        for reading in reversed(readings)
        if reading.loose == closest
    }
    if len(meant) > 1:
        told = sorted({_told(reading, names) for reading in meant.values()})
        raise BadQuestion(f"{text.strip()!r} can mean {' or '.join(told)}; use the full name")
    return next(iter(meant.values()))


def names_of(store: Store) -> KnownNames:
    """The names of the actors and reforms in the store."""
    return remembered(store, "names", lambda: _names(store), spared=REVIEWED)


@cache
def grammar() -> Grammar:
    """The grammar as its file tells it."""
    told = tomllib.loads((questions.FOLDER / "grammar.toml").read_text(encoding="utf-8"))
    words = told["words"]
    return Grammar(
        spelling=Spelling(
            articles=frozenset(told["articles"]),
            same=told["same"],
            possessive=tuple(told["possessive"]),
            plural=tuple((ending, stands) for ending, stands in told["plural"]),
            not_plural=tuple(told["not_plural"]),
        ),
        narrower=pattern(told["narrower"], words),
        narrower_says=told["narrower_says"],
        forms=tuple(
            QuestionForm(
                question=form["question"],
                says=form["says"],
                pattern=pattern(form["patterns"], words),
                slots=form.get("slots", {}),
                held=form.get("held", ""),
            )
            for form in told["form"]
        ),
    )


def _names(store: Store) -> KnownNames:
    spelling = grammar().spelling
    exact: defaultdict[str, set[Meant]] = defaultdict(set)
    loose: defaultdict[str, set[Meant]] = defaultdict(set)
    labels: dict[Meant, str] = {}
    spoken: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for row in store.rows(NAMES):
        meant = (row["kind"], id_of(row["thing"]))
        tokens = spelling.tokens(row["name"])
        exact[spelling.exact(tokens)].add(meant)
        loose[spelling.loose(tokens)].add(meant)
        labels[meant] = row["label"]
        spoken[row["kind"]][row["name"].casefold()] = row["label"]
    return KnownNames(exact=exact, loose=loose, labels=labels, spoken=spoken)


def _readings(tokens: Sequence[str], names: KnownNames) -> Iterator[UnderstoodQuestion]:
    for narrower, end in _ends(tokens):
        for form in grammar().forms:
            for slots in form.pattern.matches(tokens[:end], lambda kind, words: bool(_meant(words, kind, names))):
                if narrower and not any(kind == "reform" for kind, _ in slots):
                    continue
                found = [_meant(words, kind, names) for kind, words in slots]
                for values in product(*(meant for meant, _ in found)):
                    loose = sum(not exactly for _, exactly in found)
                    yield UnderstoodQuestion(form=form, values=tuple(sorted(values)), narrower=narrower, loose=loose)


def _ends(tokens: Sequence[str]) -> Iterator[tuple[bool, int]]:
    """Where the question proper ends, with and without the words for narrower reforms."""
    yield False, len(tokens)
    for start in range(1, len(tokens)):
        if any(True for _ in grammar().narrower.matches(tokens[start:], lambda kind, words: False)):
            yield True, start


def _meant(words: Sequence[str], kind: str, names: KnownNames) -> tuple[frozenset[Meant], bool]:
    """Return the things that a name can mean, and whether it matched exactly."""
    spelling = grammar().spelling
    for index, key, exactly in (
        (names.exact, spelling.exact(words), True),
        (names.loose, spelling.loose(words), False),
    ):
        found = frozenset(meant for meant in index.get(key, ()) if meant[0] == kind)
        if found:
            return found, exactly
    return frozenset(), False


def _not_understood(text: str, tokens: Sequence[str], names: KnownNames) -> str:
    """Why there is no reading: a name that the graph does not have, or a question that the grammar does not."""
    best: tuple[int, tuple[tuple[str, tuple[str, ...]], ...]] | None = None
    for _, end in _ends(tokens):
        for form in grammar().forms:
            for slots in form.pattern.matches(tokens[:end], lambda kind, words: True):
                open_words = sum(len(words) for kind, words in slots if not _meant(words, kind, names)[0])
                # A pattern that is all names but for a word fits many a text, so it explains none.
                fixed = end - sum(len(words) for _, words in slots)
                bare = fixed < 2 and all(not _meant(words, kind, names)[0] for kind, words in slots)
                if open_words and not bare and (best is None or open_words < best[0]):
                    best = open_words, slots
    if best is None:
        told = examples()
        near = get_close_matches(text.casefold(), [each.casefold() for each in told], n=2, cutoff=0.5)
        like = sorted(told, key=lambda each: each.casefold() not in near)[:EXAMPLES]
        return f"{text.strip()!r} is not a question that is understood here; ask for instance: {' · '.join(like)}"
    unknown = [(kind, " ".join(words)) for kind, words in best[1] if not _meant(words, kind, names)[0]]
    return "; ".join(_unknown(kind, words, names) for kind, words in unknown)


def _unknown(kind: str, words: str, names: KnownNames) -> str:
    other = [names.labels[meant] for each in ("actor", "reform") for meant in _meant(words.split(), each, names)[0]]
    if other:
        return f"{words!r} is no {kind}, but there is {other[0]!r}; ask about it in another way"
    spoken = names.spoken.get(kind, {})
    near = dict.fromkeys(spoken[name] for name in get_close_matches(words, spoken, n=5, cutoff=0.6))
    # A part of a name is near it too, however long the name is.
    near.update(dict.fromkeys(label for name, label in spoken.items() if words in name))
    if near:
        return f"no {kind} {words!r} in this graph; did you mean {' or '.join(list(near)[:EXAMPLES])}?"
    return f"no {kind} {words!r} in this graph, nor any of a name like it"


def _told(reading: UnderstoodQuestion, names: KnownNames) -> str:
    labels = {value[0]: f"{names.labels[value]} ({value[1]})" for value in reading.values}
    return repr(reading.form.says.format(**labels))


def _named(row: Mapping[str, Any], name: str) -> Named | None:
    return Named(id=id_of(row[name]), label=row.get(f"{name}Label", id_of(row[name]))) if name in row else None


def _change(row: Mapping[str, Any]) -> Change | None:
    if "changed" not in row:
        return None
    before, after = Stance(name_of(row["before"])), Stance(name_of(row["after"]))
    return Change(before=before, after=after, date=row["changed"])
