"""Articles and their statements into the store: a named graph an article, then what is derived from all of them."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from graph.domain.folder import Domain
from graph.domain.tables import is_date
from graph.errors import BadStatement, NotVerbatim, UnknownArticle
from graph.model import ActorKind, Article, Statement
from graph.names import by_name, folded
from graph.positions import Pair, derive
from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.triples import (
    Dataset,
    Source,
    actor_triples,
    article_triples,
    concern_triples,
    dataset_triples,
    found_actor_triples,
    reform_triples,
    software_version,
    statement_triples,
)
from graph.rdf.vocabulary import HEAD, ONTOLOGY_FILE, P, graph_iri, id_of, iri
from graph.records import dumps, record
from graph.store.dataset import base_of
from graph.store.embedded import Store
from graph.store.formats import parse

# Triples of new articles that are written at once: few enough for memory, enough to be quick.
AT_ONCE = 100_000

TABLED = (
    HEAD
    + """SELECT ?actor WHERE { VALUES ?graph { UNDEF } GRAPH ?graph { ?actor a foaf:Agent } }
"""
)
NAMED = (
    HEAD
    + """SELECT ?actor (MIN(?name) AS ?label) WHERE {
  VALUES ?actor { UNDEF }
  ?statement a :Statement ; :actor ?actor ; :actorLabel ?name .
}
GROUP BY ?actor
"""
)
DIGESTS = (
    HEAD
    + """SELECT ?article ?digest WHERE { ?activity :inputSha256 ?digest ; prov:used ?article }
"""
)
PAIRS = (
    HEAD
    + """SELECT DISTINCT ?actor ?reform ?rightActor ?rightReform WHERE {
  VALUES ?article { UNDEF }
  ?statement prov:wasQuotedFrom ?article ; :actor ?actor ; :reform ?reform .
  OPTIONAL { ?statement :correctedActor ?rightActor }
  OPTIONAL { ?statement :correctedReform ?rightReform }
}
"""
)


SURROGATE = re.compile("[\ud800-\udfff]")
NOT_IN_ID = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

QUOTED = HEAD + "SELECT ?statement WHERE { VALUES ?article { UNDEF } ?statement prov:wasQuotedFrom ?article }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What came into the store."""

    articles: int
    statements: int
    found_actors: int
    """Actors that articles name and no table knows."""
    positions: int


def build(
    store: Store,
    domain: Domain,
    articles: Iterable[Article],
    statements: Iterable[Statement],
    *,
    model: str = "",
    keep: bool = False,
    on_article: Callable[[Article], None] | None = None,
) -> Built:
    """Make the store hold these articles with their statements; `keep` leaves others of earlier builds where they are.

    Everything is checked before anything is written. An article is then there as a whole or as it was, one that has not
    changed is left alone, and the same input gives the same graph. Raises BadStatement, NotVerbatim, StoreError.
    """
    texts = {article.id: article for article in articles}
    for article in texts.values():
        _check_article(article)
    of: defaultdict[str, list[Statement]] = defaultdict(list)
    seen: dict[str, Statement] = {}
    for statement in statements:
        _check(statement, texts.get(statement.article), domain)
        if _is_new(statement, seen):
            of[statement.article].append(statement)
    store.replace(graph_iri(domain.base, "ontology"), parse(ONTOLOGY_FILE.read_bytes(), format="turtle"))
    store.replace(graph_iri(domain.base, "vocabulary"), vocabulary(domain))
    if not keep:
        _forget(store, domain.base, texts)
    known = people(domain)
    digests = _digests(store)
    held = set(store.graphs())
    waiting: dict[Iri, Collection[Triple]] = {}
    for article in texts.values():
        graph = graph_iri(domain.base, "article", article.id)
        source = _source(domain, article, model, known)
        if graph not in held:
            waiting[graph] = _article_graph(source, of[article.id])
        elif digests.get(article.id) != input_digest(source, of[article.id]):
            store.replace(graph, _article_graph(source, of[article.id]))
        if sum(map(len, waiting.values())) > AT_ONCE:
            store.add(waiting)
            waiting = {}
        if on_article is not None:
            on_article(article)
    store.add(waiting)
    found = name_found(store, domain.base)
    return Built(
        articles=len(texts),
        statements=sum(map(len, of.values())),
        found_actors=found,
        positions=derive(store),
    )


def put_article(
    store: Store, domain: Domain, article: Article, statements: Iterable[Statement], *, model: str = ""
) -> None:
    """Replace one article in the store, and recompute the positions that it affects.

    The store must have been built for the same domain. Raises BadStatement, NotVerbatim, StoreError.
    """
    made = list(statements)
    _check_article(article)
    for statement in made:
        _check(statement, article if statement.article == article.id else None, domain)
    graph = graph_iri(domain.base, "article", article.id)
    pairs, before = _pairs(store, domain.base, article.id), _statements(store, domain.base, article.id)
    store.replace(graph, _article_graph(_source(domain, article, model), made))
    pairs |= _pairs(store, domain.base, article.id)
    name_found(store, domain.base, {actor for actor, _ in pairs})
    derive(store, pairs, touched=before | {statement.id for statement in made})


def remove_article(store: Store, article: str) -> None:
    """Take an article out, with its statements and what rests on them. Raises UnknownArticle."""
    base = base_of(store)
    graph = graph_iri(base, "article", article)
    if graph not in store.graphs():
        raise UnknownArticle(f"there is no article {article!r} in the store")
    pairs, before = _pairs(store, base, article), _statements(store, base, article)
    store.remove(graph)
    name_found(store, base, {actor for actor, _ in pairs})
    derive(store, pairs, touched=before)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Ids of articles whose content in the store is missing or out of date."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    current: int = 0
    """How many articles are in the store as they should be."""


def stale(
    store: Store, domain: Domain, articles: Iterable[Article], statements: Iterable[Statement], *, model: str = ""
) -> Stale:
    """What a build of these articles and statements would change. Nothing is written."""
    of: defaultdict[str, list[Statement]] = defaultdict(list)
    for statement in statements:
        of[statement.article].append(statement)
    known = people(domain)
    wanted = {it.id: input_digest(_source(domain, it, model, known), of[it.id]) for it in articles}
    there = _digests(store)
    start = graph_iri(domain.base, "article") + "/"
    held = {id_of(graph) for graph in store.graphs() if graph.startswith(start)}
    return Stale(
        new=tuple(id for id in wanted if id not in held),
        changed=tuple(id for id, digest in wanted.items() if id in held and there.get(id) != digest),
        removed=tuple(sorted(held - wanted.keys())),
        current=sum(1 for id, digest in wanted.items() if there.get(id) == digest),
    )


def input_digest(source: Source, statements: Iterable[Statement]) -> str:
    """Return the SHA-256 of everything that an article's graph depends on, in hexadecimal."""
    # Only people whom a statement names can make a difference.
    found = list(statements)
    names = sorted({folded(each.speaker) for each in found if each.speaker is not None})
    about = {**asdict(source.article), "text": source.article.digest, "by": source.author}
    parts = [
        dumps({"base": source.base, "program": _edition(), "model": source.model, "article": about}),
        dumps({name: source.people.get(name, "") for name in names}),
        *sorted(dumps(record(each)) for each in found),
    ]
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


@cache
def _edition() -> str:
    """A digest of the code that makes triples: another edition of it makes other graphs."""
    here = Path(__file__).parent
    code = b"".join((here / name).read_bytes() for name in ("building.py", "rdf/triples.py", "rdf/vocabulary.py"))
    return f"{software_version()} {hashlib.sha256(code).hexdigest()}"


def _digests(store: Store) -> dict[str, str]:
    return {id_of(row["article"]): row["digest"] for row in store.rows(DIGESTS)}


def vocabulary(domain: Domain) -> Iterator[Triple]:
    """The tables of a domain as triples."""
    yield from dataset_triples(
        Dataset(
            base=domain.base,
            id=domain.id,
            title=domain.title,
            language=domain.language,
            period=domain.period,
            likely_from=domain.likely_from,
        )
    )
    for actor in domain.actors.values():
        yield from actor_triples(actor, domain.base)
    for reform in domain.reforms.values():
        yield from reform_triples(reform, domain.base, domain.language)
    for concern in domain.concerns.values():
        yield from concern_triples(concern, domain.base, domain.language)


def people(domain: Domain) -> dict[str, str]:
    """Map each folded name to the id of the person it means; leave out names that several persons share."""
    persons = (actor for actor in domain.actors.values() if actor.kind is ActorKind.PERSON)
    return by_name({actor.id: (actor.label, *actor.aliases) for actor in persons})


def _source(domain: Domain, article: Article, model: str, known: dict[str, str] | None = None) -> Source:
    return Source(
        base=domain.base,
        article=article,
        people=people(domain) if known is None else known,
        author=article.voice if article.voice in domain.actors else "",
        model=model,
    )


def _is_new(statement: Statement, seen: dict[str, Statement]) -> bool:
    """Whether a statement is not there already. Raises BadStatement if one with the same id has other values."""
    known = seen.get(statement.id)
    if known is not None and known != statement:
        raise BadStatement(
            f"the statement {statement.id} of article {statement.article!r} occurs twice with different values; "
            "remove one of the two"
        )
    seen[statement.id] = statement
    return known is None


def _check_article(article: Article) -> None:
    where = f"the article {article.id!r}"
    _check_id(where, "id", article.id)
    _check_id(where, "release", article.release)
    for name in ("text", "title", "publisher", "author", "language", "url", "voice"):
        _check_text(where, name, getattr(article, name))
    if article.date and not is_date(article.date):
        raise BadStatement(
            f"{where}: its date {article.date!r} is not in the calendar; use YYYY, YYYY-MM or YYYY-MM-DD"
        )


def _check_id(where: str, name: str, value: str) -> None:
    if NOT_IN_ID.search(value):
        raise BadStatement(f"{where}: its {name} {value!r} has a control character or half a surrogate pair; remove it")


def _check_text(where: str, name: str, value: str) -> None:
    if SURROGATE.search(value):
        raise BadStatement(f"{where}: its {name} contains half a surrogate pair, which RDF cannot store; remove it")


def _check(statement: Statement, article: Article | None, domain: Domain) -> None:
    where = f"the statement {statement.id} of article {statement.article!r}"
    for name, value in (("actor", statement.actor), ("reform", statement.reform), ("reader", statement.reader)):
        _check_id(where, name, value)
    for name in ("actor_label", "speaker", "condition"):
        _check_text(where, name, getattr(statement, name) or "")
    if article is None:
        raise BadStatement(f"{where}: no such article was read; give the text that it quotes")
    if article.text[statement.start : statement.end] != statement.quote:
        raise NotVerbatim(
            f"{where}: its quote differs from the text at {statement.start}-{statement.end}; extract the article again"
        )
    if statement.reform not in domain.reforms:
        raise BadStatement(f"{where}: {statement.reform!r} is no id of {domain.folder / 'reforms.csv'}")
    for concern in statement.concerns:
        if concern not in domain.concerns:
            raise BadStatement(f"{where}: {concern!r} is no id of {domain.folder / 'concerns.csv'}")


def _article_graph(source: Source, statements: Iterable[Statement]) -> dict[Triple, None]:
    # A dictionary keeps each triple once: two statements of one speaker describe that speaker twice.
    triples = dict.fromkeys(article_triples(source))
    statements = list(statements)
    activity = iri(source.base, "extraction", source.article.id)
    triples[Triple(activity, P.inputSha256, Literal(input_digest(source, statements)))] = None
    for statement in statements:
        triples.update(dict.fromkeys(statement_triples(statement, source)))
    return triples


def _forget(store: Store, base: str, articles: Collection[str]) -> None:
    start = graph_iri(base, "article") + "/"
    for graph in store.graphs():
        if graph.startswith(start) and id_of(graph) not in articles:
            store.remove(graph)


def _pairs(store: Store, base: str, article: str) -> set[Pair]:
    pairs = set()
    for row in store.rows(PAIRS, article=iri(base, "article", article)):
        pairs.add((id_of(row["actor"]), id_of(row["reform"])))
        # Where a review has moved a statement, it counts there.
        pairs.add((id_of(row.get("rightActor", row["actor"])), id_of(row.get("rightReform", row["reform"]))))
    return pairs


def _statements(store: Store, base: str, article: str) -> set[str]:
    return {id_of(row["statement"]) for row in store.rows(QUOTED, article=iri(base, "article", article))}


def name_found(store: Store, base: str, actors: Collection[str] | None = None) -> int:
    """Label the actors that are in no table, in a graph of their own: these actors, or all. Return how many."""
    graph = graph_iri(base, "found")
    tabled = {row["actor"] for row in store.rows(TABLED, graph=graph_iri(base, "vocabulary"))}
    wanted = None if actors is None else sorted({iri(base, "actor", actor) for actor in actors} - tabled)
    labels = {row["actor"]: row["label"] for row in store.rows(NAMED, actor=wanted) if row["actor"] not in tabled}
    made = [triple for it, label in sorted(labels.items()) for triple in found_actor_triples(id_of(it), label, base)]
    if wanted is None:
        store.replace(graph, made)
    elif wanted:
        store.amend(graph, remove=[triple for it in wanted for triple in store.triples(graph, subject=it)], add=made)
    return len(labels)
