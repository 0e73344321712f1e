"""The names in the graph, and what the words of a question can mean."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from graph.asking.grammar import grammar
from graph.errors import BadQuestion, Unknown
from graph.rdf.vocabulary import HEAD, id_of
from graph.reading import catalogue
from graph.store.embedded import Store
from graph.store.remembered import REVIEWED, remembered

LONGEST = 16
"""Words of the longest name that is looked for inside a question."""
NEAR = 5
"""Similar names that are suggested."""

Meant = tuple[str, str]
"""Kind and id of what a name means. The id of a person or a publisher is the name itself."""

THINGS = (
    HEAD
    + """SELECT ?kind ?thing ?label ?name WHERE {
  { ?thing a foaf:Agent BIND("actor" AS ?kind) } UNION { ?thing a :Reform BIND("reform" AS ?kind) }
  UNION { ?thing a :Concern BIND("concern" AS ?kind) }
  ?thing skos:prefLabel ?label .
  { ?thing skos:prefLabel ?name } UNION { ?thing skos:altLabel ?name } UNION { ?thing skos:hiddenLabel ?name }
}
"""
)
LITERALS = (
    HEAD
    + """PREFIX dc: <http://purl.org/dc/elements/1.1/>
SELECT DISTINCT ?kind ?name ?label WHERE {
  { ?statement :speakerName ?name BIND("person" AS ?kind) }
  UNION {
    ?person a foaf:Person ; skos:prefLabel ?label ; skos:prefLabel|skos:altLabel ?name
    FILTER(EXISTS { ?statement :speaker ?person } || EXISTS { ?statement :actor ?person ; a :Statement })
    BIND("person" AS ?kind)
  }
  UNION { ?article dc:publisher ?name BIND("publisher" AS ?kind) }
}
"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownNames:
    """The names in the graph under two keys: as written, and without plural and possessive endings."""

    exact: Mapping[str, Collection[Meant]]
    loose: Mapping[str, Collection[Meant]]
    labels: Mapping[Meant, str]
    spoken: Mapping[str, Mapping[str, str]]
    """For each kind: every name in lower case and the label of what it names, for suggestions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecognisedName:
    """A name that was found in a question."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NameSpan:
    """Words of a question that are a name, and everything that they can mean."""

    start: int
    end: int
    meant: frozenset[Meant]


def names_of(store: Store) -> KnownNames:
    """Return the names of actors, reforms, grounds, speakers and publishers in the store."""
    return remembered(store, "names", lambda: _names(store), spared=REVIEWED)


def meant(words: Sequence[str], kind: str, names: KnownNames) -> tuple[frozenset[Meant], bool]:
    """Return what a name can mean, and whether it matches without dropping an ending."""
    spelling = grammar().spelling
    for index, key, exactly in (
        (names.exact, spelling.exact(words), True),
        (names.loose, spelling.loose(words), False),
    ):
        found = frozenset(each for each in index.get(key, ()) if each[0] == kind)
        if found:
            return found, exactly
    return frozenset(), False


def spans(tokens: Sequence[str], names: KnownNames) -> Iterator[NameSpan]:
    """Find the names inside a question: from left to right, the longest first, none inside another."""
    spelling = grammar().spelling
    at = 0
    while at < len(tokens):
        for end in range(min(len(tokens), at + LONGEST), at, -1):
            words = tokens[at:end]
            if all(word in grammar().passed_over for word in words):
                continue
            found = names.exact.get(spelling.exact(words)) or names.loose.get(spelling.loose(words))
            if found:
                yield NameSpan(start=at, end=end, meant=frozenset(found))
                at = end
                break
        else:
            at += 1


def similar(words: str, kind: str, names: KnownNames, *, cutoff: float) -> list[str]:
    """Return the labels of things whose names are spelt almost like these words."""
    spoken = names.spoken.get(kind, {})
    return list(dict.fromkeys(spoken[name] for name in get_close_matches(words, spoken, n=NEAR, cutoff=cutoff)))


def suggested(words: str, kind: str, names: KnownNames) -> list[str]:
    """Return the labels of things whose names are similar to these words or contain them."""
    near = dict.fromkeys(similar(words, kind, names, cutoff=0.6))
    near.update(dict.fromkeys(label for name, label in names.spoken.get(kind, {}).items() if words in name))
    return list(near)[:NEAR]


def id_meant(store: Store, kind: str, text: str) -> str:
    """Return the id of an actor or reform that is given by its id or by any of its names.

    Raises BadQuestion if the name means several things, and UnknownActor or UnknownReform if it means nothing.
    """
    known = catalogue.reform if kind == "reform" else catalogue.actor
    try:
        return known(store, text).id
    except Unknown:
        names = names_of(store)
        tokens = grammar().spelling.tokens(text)
        found, _ = meant(tokens, kind, names) if tokens else (frozenset(), False)
        if len(found) == 1:
            return next(iter(found))[1]
        if found:
            told = ", ".join(f"{names.labels[each]} ({each[1]})" for each in sorted(found))
            raise BadQuestion(f"{text!r} can mean {told}; use the id") from None
        near = suggested(" ".join(tokens), kind, names) if tokens else []
        if near:
            raise BadQuestion(f"no {kind} {text!r} in this graph; did you mean {' or '.join(near)}?") from None
        raise


def _names(store: Store) -> KnownNames:
    spelling = grammar().spelling
    exact: defaultdict[str, set[Meant]] = defaultdict(set)
    loose: defaultdict[str, set[Meant]] = defaultdict(set)
    labels: dict[Meant, str] = {}
    spoken: defaultdict[str, dict[str, str]] = defaultdict(dict)
    things = [(row["kind"], id_of(row["thing"]), row["label"], row["name"]) for row in store.rows(THINGS)]
    literals = [(row["kind"], row["name"], row.get("label", row["name"]), row["name"]) for row in store.rows(LITERALS)]
    # A person's own label comes before its aliases, and stands for those that are spelt alike.
    literals.sort(key=lambda each: each[2] != each[1])
    for kind, id, label, name in (*things, *literals):
        tokens = spelling.tokens(name)
        if not tokens or (kind == "person" and _known(exact[spelling.exact(tokens)], label, labels)):
            continue
        exact[spelling.exact(tokens)].add((kind, id))
        loose[spelling.loose(tokens)].add((kind, id))
        labels[kind, id] = label
        spoken[kind][name.casefold()] = label
    return KnownNames(exact=exact, loose=loose, labels=labels, spoken=spoken)


def _known(found: Collection[Meant], label: str, labels: Mapping[Meant, str]) -> bool:
    """Return whether a person with this label is among these meanings."""
    return any(each[0] == "person" and labels[each] == label for each in found)
