"""Stored questions: one SPARQL query a file, its title in the first comment, asked by name with typed parameters."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from graph.errors import BadQuestion, UnknownQuestion
from graph.model import Counting, Stance
from graph.positions import derive
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import STANCES, iri
from graph.reading import catalogue
from graph.store.embedded import Store, memory_store
from graph.store.parameters import Bound, bound
from graph.store.remembered import remembered

FOLDER = Path(__file__).parent / "queries"
PARAMETER = re.compile(r"# param (?P<name>\w+): (?P<kind>\w+)(?P<optional>, optional)?")


class Kind(StrEnum):
    """What the value of a parameter is: an id in the graph, a stance, or plain text."""

    ACTOR = "actor"
    REFORM = "reform"
    CONCERN = "concern"
    STANCE = "stance"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionParameter:
    """A value that a question needs."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A stored question: its title, and its SPARQL with open parameters."""

    name: str
    title: str
    comment: str
    parameters: tuple[QuestionParameter, ...]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows that answer a stored question, and the complete query that was run."""

    question: Question
    query: str
    rows: tuple[Mapping[str, Any], ...]


@cache
def questions() -> Mapping[str, Question]:
    """Return the stored questions by name, in alphabetical order. Raises BadQuestion for a file without a title."""
    return {path.stem: _read(path) for path in sorted(FOLDER.glob("*.rq"))}


def question(name: str) -> Question:
    """Return the stored question of this name. Raises UnknownQuestion."""
    if name not in questions():
        near = get_close_matches(name, questions(), n=3) or list(questions())
        raise UnknownQuestion(f"no stored question {name!r}; there is {', '.join(near)}")
    return questions()[name]


def query(store: Store, name: str, *, narrower: bool = False, **values: str | None) -> str:
    """Return the SPARQL of a stored question with its parameters filled in, ready to run.

    Values are ids. With `narrower`, a reform includes its narrower reforms. Raises UnknownQuestion, BadQuestion for a
    parameter that is missing or unknown, and UnknownActor or UnknownReform for an id that is not in the graph.
    """
    asked = question(name)
    known = {parameter.name: parameter for parameter in asked.parameters}
    for given in values:
        if given not in known:
            raise BadQuestion(f"the question {name!r} takes {', '.join(known) or 'no parameter'}; not {given!r}")
    bindings: dict[str, Bound] = {}
    for parameter in asked.parameters:
        value = values.get(parameter.name)
        if value is None or not value:
            if not parameter.optional:
                raise BadQuestion(f"the question {name!r} needs {parameter.name}, the id of a {parameter.kind}")
            bindings[parameter.name] = None
        elif parameter.kind is Kind.REFORM and narrower:
            catalogue.reform(store, value)
            base = catalogue.base_of(store)
            bindings[parameter.name] = [iri(base, "reform", id) for id in catalogue.with_narrower(store, value)]
        else:
            bindings[parameter.name] = TERMS[parameter.kind](store, value)
    return bound(asked.text, **bindings)


def ask(store: Store, name: str, *, narrower: bool = False, **values: str | None) -> Rows:
    """Return the rows that answer a stored question. Raises the same errors as `query`."""
    text = query(store, name, narrower=narrower, **values)
    return Rows(question=question(name), query=text, rows=tuple(counted_copy(store).select(text)))


LARGEST = 1_000_000
"""Triples up to which questions can be asked of other statements than the checked and likely ones."""


def counted_copy(store: Store) -> Store:
    """Return a store whose graph of positions rests on the statements that count.

    The positions in a graph rest on checked and likely statements. If others count, the positions are worked out in a
    copy that is kept in memory until the graph changes. Raise BadQuestion for a graph that is too large to copy.
    """
    if store.counting is Counting.LIKELY:
        return store

    def copy() -> Store:
        if not store.local or store.count() > LARGEST:
            raise BadQuestion(
                f"a graph of more than {LARGEST:,} triples, or on another server, answers questions with "
                "standing=likely only"
            )
        made = memory_store()
        made.counting = store.counting
        made.load(store.dump())
        derive(made)
        return made

    return remembered(store, "counted copy", copy)


def _actor(store: Store, value: str) -> Iri:
    return iri(catalogue.base_of(store), "actor", catalogue.actor(store, value).id)


def _reform(store: Store, value: str) -> Iri:
    return iri(catalogue.base_of(store), "reform", catalogue.reform(store, value).id)


def _concern(store: Store, value: str) -> Iri:
    if value not in catalogue.concerns(store):
        raise BadQuestion(f"no concern {value!r}; there is {', '.join(catalogue.concerns(store))}")
    return iri(catalogue.base_of(store), "concern", value)


def _stance(store: Store, value: str) -> Iri:
    if value not in set(Stance):
        raise BadQuestion(f"{value!r} is no stance; there is {', '.join(Stance)}")
    return STANCES[Stance(value)]


def _text(store: Store, value: str) -> str:
    return value


TERMS: Mapping[Kind, Callable[[Store, str], Iri | str]] = {
    Kind.ACTOR: _actor,
    Kind.REFORM: _reform,
    Kind.CONCERN: _concern,
    Kind.STANCE: _stance,
    Kind.TEXT: _text,
}
"""The function that turns a value of each kind into a term; it raises an error if the graph has no such thing."""


def _read(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines()
    comments = []
    parameters = []
    for line in lines:
        if not line.startswith("#"):
            break
        found = PARAMETER.fullmatch(line)
        if found is None:
            comments.append(line.removeprefix("#").strip())
        elif found["kind"] not in set(Kind):
            raise BadQuestion(f"{path}: a parameter is one of {', '.join(Kind)}, not {found['kind']!r}")
        else:
            kind = Kind(found["kind"])
            parameters.append(QuestionParameter(name=found["name"], kind=kind, optional=bool(found["optional"])))
    if not comments:
        raise BadQuestion(f"{path}: the first line must be a comment with the question in words")
    return Question(
        name=path.stem,
        title=comments[0],
        comment=" ".join(comments[1:]),
        parameters=tuple(parameters),
        text="\n".join(lines) + "\n",
    )
