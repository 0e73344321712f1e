"""New names with passages: actors that are in no table, and phrases that look like names of reforms."""

import re
import threading
import time
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from weakref import WeakKeyDictionary

from graph.domain.edits import add_alias, add_row, rows
from graph.errors import BadRequest
from graph.model import Selection
from graph.names import UNPRINTABLE, slug
from graph.rdf.vocabulary import HEAD, graph_iri, id_of
from graph.reading.catalogue import actor_table, article, article_table, base_of, reform_tree, statements
from graph.store.embedded import Store

ACTOR, REFORM = "actor", "reform"
TABLES = {ACTOR: "actors.csv", REFORM: "reforms.csv"}
DISMISSED = "dismissed.csv"
"""File next to the tables with dismissed names, one kind and name per line."""

MOST_READ = 500
"""Largest number of articles to search for phrases, newest first."""
PASSAGES = 3
AROUND = 90
"""Characters of context on each side of a phrase."""
LONGEST = 5
"""Largest number of words in a phrase."""
LEAST_ARTICLES = 2
EVERYWHERE = 0.5
"""A word in a larger share of the articles is a common word of the language and not part of a name."""
KEPT = 60.0
"""How long phrases are cached, as a multiple of the time that it took to find them."""
ALIKE = 5
"""Largest number of known names suggested for a new name."""

FOUND = HEAD + "SELECT ?actor ?label WHERE { VALUES ?graph { UNDEF } GRAPH ?graph { ?actor skos:prefLabel ?label } }"
WORD = re.compile(r"[^\W\d_]+(?:[-’'][^\W\d_]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class NamePassage:
    """A passage with a new name."""

    article: str
    before: str
    name: str
    after: str
    statement: str = ""
    """Id of its statement; empty for a phrase of the text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A name that is in no table."""

    kind: str
    """actor or reform."""
    name: str
    id: str
    """Its id, or the id that it would get."""
    number: int
    """Statements of an actor; places of a phrase."""
    articles: int
    passages: tuple[NamePassage, ...]
    alike: tuple[tuple[str, str], ...] = ()
    """Ids and names of the table that share words with it."""


def proposals(store: Store, kind: str, *, domain: Path | None = None) -> list[Proposal]:
    """Return the new names of a kind, most frequent first, without those now in the folder's tables."""
    if kind not in TABLES:
        raise BadRequest(f"kind={kind!r} is not one of {', '.join(TABLES)}")
    decided = set(_decided(domain, kind)) if domain is not None else set()
    made = found_actors(store) if kind == ACTOR else _lately(store, phrases)
    return [each for each in made if comparable(each.name) not in decided]


def with_passages(store: Store, proposal: Proposal) -> Proposal:
    """The proposal of an actor with passages of its statements."""
    if proposal.kind != ACTOR:
        return proposal
    listing = statements(store, Selection(actor=proposal.id), limit=PASSAGES)
    return replace(
        proposal,
        passages=tuple(
            NamePassage(article=each.article, before="", name=each.quote, after="", statement=each.id)
            for each in listing.items
        ),
        articles=max(proposal.articles, len({each.article for each in listing.items})),
    )


def found_actors(store: Store) -> list[Proposal]:
    """Return the actors that articles name but that are in no table."""
    graph = graph_iri(base_of(store), "found")
    known = actor_table(store)
    found = {id_of(row["actor"]): row["label"] for row in store.rows(FOUND, graph=graph)}
    names = {each.id: each.label for each in known.values() if each.id not in found}
    by_word = _by_word(names)
    made = [
        Proposal(
            kind=ACTOR,
            name=label,
            id=id,
            number=known[id].statements if id in known else 0,
            articles=0,
            passages=(),
            alike=_alike(label, names, by_word),
        )
        for id, label in found.items()
    ]
    return sorted((each for each in made if each.number), key=lambda each: (-each.number, each.name, each.id))


def phrases(store: Store) -> list[Proposal]:
    """Return phrases in several articles that end like the names of known reforms but are not among them.

    Only the table decides what looks like a reform, so this works for any area and language: a phrase ends with the
    last word of a name ('cap' of 'fare cap') and contains no word that appears in most articles.
    """
    tree = reform_tree(store)
    names = {comparable(name) for each in tree.values() for name in (each.label, *each.aliases)}
    heads = {name.split()[-1] for name in names if name}
    read = [article(store, id) for id in list(article_table(store))[:MOST_READ]]
    spread = Counter(word for each in read for word in {match[0].casefold() for match in WORD.finditer(each.text)})
    common = {word for word, number in spread.items() if number > max(EVERYWHERE * len(read), 1)}
    places: defaultdict[str, list[NamePassage]] = defaultdict(list)
    written: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for each in read:
        for start, end in _phrases(each.text, heads, common):
            name = each.text[start:end]
            key = comparable(name)
            # 'The new fare cap' is the fare cap.
            words = key.split()
            if any(" ".join(words[place:]) in names for place in range(len(words))):
                continue
            written[key][name] += 1
            before, after = each.text[max(0, start - AROUND) : start], each.text[end : end + AROUND]
            places[key].append(NamePassage(article=each.id, before=before, name=name, after=after))
    labels = {each.id: each.label for each in tree.values()}
    by_word = _by_word(labels)
    made = []
    for key, found in places.items():
        articles = {each.article for each in found}
        if len(articles) < LEAST_ARTICLES:
            continue
        name = min(written[key], key=lambda text: (-written[key][text], text))
        first = {each.article: each for each in reversed(found)}
        made.append(
            Proposal(
                kind=REFORM,
                name=name,
                id=slug(name, otherwise="unnamed"),
                number=len(found),
                articles=len(articles),
                passages=tuple(list(first.values())[-PASSAGES:][::-1]),
                alike=_alike(name, labels, by_word),
            )
        )
    return sorted(_longest(made), key=lambda each: (-each.articles, -each.number, each.name))


def _phrases(text: str, heads: set[str], common: set[str]) -> Iterator[tuple[int, int]]:
    """Yield runs of two or more words, separated only by white space, that end in one of the heads."""
    run: list[tuple[int, int]] = []
    for match in WORD.finditer(text):
        word = match[0].casefold()
        if run and text[run[-1][1] : match.start()].strip():
            run = []
        if run and "\n\n" in text[run[-1][1] : match.start()]:
            run = []
        if word in common:
            run = []
            continue
        run.append(match.span())
        if comparable(word) in heads and len(run) > 1:
            for place in range(max(0, len(run) - LONGEST), len(run) - 1):
                yield run[place][0], match.end()


def _longest(made: Iterable[Proposal]) -> Iterator[Proposal]:
    """Leave out phrases that are nearly always part of a longer one."""
    of = {comparable(each.name): each for each in made}
    for key, each in of.items():
        longer = [other for name, other in of.items() if name != key and f" {name} ".endswith(f" {key} ")]
        if not any(10 * other.number >= 8 * each.number for other in longer):
            yield each


# Decisions


def accept(domain: Path, kind: str, name: str, *, id: str = "", actor_kind: str = "") -> str:
    """Add a new name to the domain's table as a new thing and return its id. Raise BadDomain."""
    values = {"id": id or slug(printable(name), otherwise="unnamed"), "label": printable(name)}
    if kind == ACTOR and actor_kind:
        values["kind"] = actor_kind
    add_row(_table(domain, kind), values)
    return values["id"]


def accept_as_alias(domain: Path, kind: str, name: str, id: str) -> bool:
    """Add a new name as an alias of the thing with this id. Return False if it is one already. Raise BadDomain."""
    return add_alias(_table(domain, kind), id, printable(name))


def dismiss(domain: Path, kind: str, name: str) -> None:
    """Dismiss this name, so that it is not proposed again."""
    _table(domain, kind)
    printable(name)
    if comparable(name) in set(_dismissed(domain, kind)):
        return
    with (domain / DISMISSED).open("a", encoding="utf-8", newline="") as file:
        file.write(f"{kind}\t{' '.join(name.split())}\n")


def printable(name: str) -> str:
    """The name of something on one line. Raises BadRequest if it has control characters."""
    if UNPRINTABLE.search(name) or "\n" in name or "\r" in name or "\t" in name:
        raise BadRequest(f"{name!r} has control characters or several lines; write it without them")
    return name


def _table(domain: Path, kind: str) -> Path:
    if kind not in TABLES:
        raise BadRequest(f"kind={kind!r} is not one of {', '.join(TABLES)}")
    return domain / TABLES[kind]


def _decided(domain: Path, kind: str) -> Iterator[str]:
    for row in rows(_table(domain, kind)):
        for name in (row["label"], *row.get("aliases", "").split(";")):
            yield comparable(name)
    yield from _dismissed(domain, kind)


def _dismissed(domain: Path, kind: str) -> Iterator[str]:
    path = domain / DISMISSED
    if path.is_file():
        for line in path.read_text(encoding="utf-8").splitlines():
            of, _, name = line.partition("\t")
            if of == kind:
                yield comparable(name)


# Names


def comparable(name: str) -> str:
    """Return a name without differences of case, quotation marks, hyphens and white space."""
    text = unicodedata.normalize("NFKC", name).casefold().replace("’", "'")
    return " ".join(re.findall(r"[\w']+", text))


def _by_word(names: Mapping[str, str]) -> Mapping[str, list[str]]:
    of: defaultdict[str, list[str]] = defaultdict(list)
    for id, name in names.items():
        for word in set(comparable(name).split()):
            of[word].append(id)
    return of


def _alike(name: str, names: Mapping[str, str], by_word: Mapping[str, list[str]]) -> tuple[tuple[str, str], ...]:
    # A word in few names says more than a word in many.
    weights: defaultdict[str, float] = defaultdict(float)
    for word in set(comparable(name).split()):
        for id in by_word.get(word, ()):
            weights[id] += 1 / len(by_word[word])
    best = sorted(weights, key=lambda id: (-weights[id], names[id]))[:ALIKE]
    return tuple((id, names[id]) for id in best)


_lock = threading.Lock()
_found: "WeakKeyDictionary[Store, tuple[str, float, list[Proposal]]]" = WeakKeyDictionary()


def _lately(store: Store, make: Callable[[Store], list[Proposal]]) -> list[Proposal]:
    with _lock:
        known = _found.get(store)
        if known is not None and (known[0] == store.version or time.monotonic() < known[1]):
            return known[2]
        version, begun = store.version, time.monotonic()
        made = make(store)
        _found[store] = version, time.monotonic() + KEPT * (time.monotonic() - begun), made
        return made
