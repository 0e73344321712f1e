"""The register of what statements are about, by id: actors, reforms, concerns, articles; and what a write touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph.errors import Unknown, UnknownActor, UnknownArticle, UnknownReform
from graph.model import Actor, Article, Concern, Reform, Selection
from graph.names import by_name, folded
from graph.rdf.terms import Iri, Triple
from graph.rdf.triples import Dataset, Facts, actors_of, article_of, concerns_of, reforms_of
from graph.rdf.vocabulary import HEAD, PREFIXES, graph_iri, graph_kind, id_of, iri, kind_and_ids
from graph.store.dataset import dataset
from graph.store.embedded import Store
from graph.store.remembered import REVIEWED, remembered
from graph.store.writes import Touched

RENEWED = 1_000
"""Things that are read again one by one after a write; where more have changed, all are."""

LABELS = HEAD + "SELECT ?thing ?label WHERE { VALUES ?thing { UNDEF } ?thing skos:prefLabel ?label }"

ARTICLES_OF = (
    HEAD + "SELECT ?statement ?article WHERE { VALUES ?statement { UNDEF } ?statement prov:wasQuotedFrom ?article }"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A thing by its id, with the name that people read."""

    id: str
    label: str


def base_of(store: Store) -> str:
    """The beginning of the IRIs of all things in the store."""
    return about(store).base


def about(store: Store) -> Dataset:
    """What the graph is about."""
    return remembered(store, "dataset", lambda: dataset(store), spared=REVIEWED)


def actor(store: Store, id: str) -> Actor:
    """The actor with this id. Raises UnknownActor."""
    wanted = iri_of(store, "actor", id, UnknownActor)
    about = facts(store, [wanted])
    nodes = about.all(wanted, Iri(PREFIXES["org"] + "hasMembership"))
    if nodes:
        about = facts(store, [wanted, *map(Iri, nodes)])
    found = next(actors_of(about), None)
    if found is None:
        raise UnknownActor(f"no actor {id!r} in this graph")
    return found


def actor_named(store: Store, name: str) -> str | None:
    """Return the id of the one actor with this id or name, whatever its case; None if there is none, or several."""

    def read() -> Mapping[str, str]:
        return by_name({id: (label,) for id, (label, _) in actor_names(store).items()})

    return remembered(store, "actors by name", read, spared=REVIEWED).get(folded(name))


def actor_names(store: Store) -> Mapping[str, tuple[str, str]]:
    """Return the label and kind of every actor by its id."""

    def read() -> Mapping[str, tuple[str, str]]:
        rows = store.select(
            HEAD + "SELECT ?it ?label ?type WHERE { ?it a foaf:Agent ; skos:prefLabel ?label OPTIONAL { ?it a ?type } }"
        )
        names: dict[str, str] = {}
        kinds: dict[str, str] = {}
        of_type = {
            PREFIXES["org"] + "Organization": "organisation",
            PREFIXES["foaf"] + "Person": "person",
            PREFIXES["foaf"] + "Group": "group",
        }
        for row in rows:
            names[row["it"]] = min(names.get(row["it"], row["label"]), row["label"])
            if row.get("type") in of_type:
                kinds[row["it"]] = of_type[row["type"]]
        return {id_of(it): (label, kinds.get(it, "not known")) for it, label in names.items()}

    return remembered(store, "actor names", read, spared=REVIEWED)


def short_names(store: Store) -> Mapping[tuple[str, str], str]:
    """Return the short names in the tables, by kind (actor or reform) and id."""

    def read() -> Mapping[tuple[str, str], str]:
        found = {}
        for row in store.select(HEAD + "SELECT ?it ?short WHERE { ?it schema:alternateName ?short }"):
            match kind_and_ids(base_of(store), row["it"]):
                case kind, (id,):
                    found[kind, id] = row["short"]
        return found

    return remembered(store, "short names", read, spared=REVIEWED)


def reform_tree(store: Store) -> Mapping[str, Reform]:
    """Every reform by its id."""

    def read() -> Mapping[str, Reform]:
        rows = store.select(HEAD + "SELECT ?it WHERE { ?it a :Reform }")
        wanted = distinct(rows, "it")
        return {each.id: each for each in reforms_of(facts(store, wanted))} if wanted else {}

    return remembered(store, "reforms", read, spared=REVIEWED)


def reform(store: Store, id: str) -> Reform:
    """The reform with this id. Raises UnknownReform."""
    try:
        return reform_tree(store)[id]
    except KeyError:
        raise UnknownReform(f"no reform {id!r} in this graph") from None


def with_narrower(store: Store, id: str) -> tuple[str, ...]:
    """The reform and all that are narrower, however deep."""
    tree = reform_tree(store)
    found = [reform(store, id).id]
    for each in found:
        found.extend(it.id for it in tree.values() if it.broader == each and it.id not in found)
    return tuple(found)


def reforms_meant(store: Store, selection: Selection) -> tuple[str, ...]:
    """Return the reforms a selection names: its reform, with the narrower ones if it asks for them, or none."""
    if selection.reform is None:
        return ()
    return with_narrower(store, selection.reform) if selection.narrower else (reform(store, selection.reform).id,)


def above(store: Store, id: str) -> tuple[Named, ...]:
    """The broader reforms, the broadest first."""
    tree = reform_tree(store)
    found: list[Named] = []
    broader = reform(store, id).broader
    while broader in tree and broader not in {each.id for each in found}:
        found.insert(0, Named(id=broader, label=tree[broader].label))
        broader = tree[broader].broader
    return tuple(found)


def concerns(store: Store) -> Mapping[str, Concern]:
    """Every concern by its id."""

    def read() -> Mapping[str, Concern]:
        wanted = distinct(store.select(HEAD + "SELECT ?it WHERE { ?it a :Concern }"), "it")
        return {each.id: each for each in concerns_of(facts(store, wanted))} if wanted else {}

    return remembered(store, "concerns", read, spared=REVIEWED)


def article(store: Store, id: str) -> Article:
    """Return the article with this id and its exact text. Raise UnknownArticle."""
    wanted = iri_of(store, "article", id, UnknownArticle)
    found = article_of(Facts(store.triples(graph_iri(base_of(store), "article", id), subject=wanted)))
    if found is None:
        raise UnknownArticle(f"no article {id!r} in this graph")
    return found


def labels(store: Store, iris: Iterable[str]) -> Mapping[str, str]:
    """The names of things by their IRI; the first in the alphabet where one has several."""
    wanted = [Iri(each) for each in dict.fromkeys(iris)]
    found: dict[str, str] = {}
    if wanted:
        for row in store.select(LABELS, thing=wanted):
            found[row["thing"]] = min(found.get(row["thing"], row["label"]), row["label"])
    return found


def touched_positions(store: Store, touched: Touched) -> set[tuple[str, str]] | None:
    """Actor and reform of each position that was written; None where that is not known, or of too many."""
    base = base_of(store)
    found: set[tuple[str, str]] = set()
    for graph, subjects in touched.items():
        if subjects is None or graph_kind(base, graph) != "positions":
            return None
        for subject in subjects:
            match kind_and_ids(base, subject.partition("#")[0]):
                case "position", (actor, reform):
                    found.add((actor, reform))
    return found if len(found) <= RENEWED else None


def touched_articles(store: Store, touched: Touched) -> set[str] | None:
    """The articles that were written, or whose statements were reviewed; None where that is not known, or too many."""
    base = base_of(store)
    statements: list[Iri] = []
    found: set[str] = set()
    for graph, subjects in touched.items():
        # What an actor that no table knows is called changes no article.
        match graph_kind(base, graph):
            case "article":
                found.add(id_of(graph))
            case "reviews" if subjects is not None:
                begin = iri(base, "statement", "")
                statements += [Iri(it) for it in subjects if it.startswith(begin) and "#" not in it]
            case "found" | "ontology":
                continue
            case _:
                return None
    if len(statements) > RENEWED:
        return None
    if statements:
        rows = store.select(ARTICLES_OF, statement=statements)
        if {row["statement"] for row in rows} != set(statements):
            # One that is gone no longer tells its article.
            return None
        found.update(id_of(row["article"]) for row in rows)
    return found if len(found) <= RENEWED else None


def iri_of(store: Store, kind: str, id: str, unknown: type[Unknown]) -> Iri:
    if not _encodes(id):
        raise unknown(f"no {kind} {id!r} in this graph")
    return iri(base_of(store), kind, id)


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def facts(store: Store, things: Iterable[Iri]) -> Facts:
    # Each thing's own triples, wherever they stand: an actor may be named by several articles.
    triples: list[Triple] = []
    for each in things:
        triples.extend(store.triples(subject=each))
    return Facts(triples)


def distinct(rows: Iterable[Mapping[str, Any]], name: str) -> list[Iri]:
    return [Iri(each) for each in dict.fromkeys(row[name] for row in rows)]
