"""The debate as it stands in the graph, after what people have said of the statements."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from graph.catalogue import actor_table, article_table, concerns, reform_tree
from graph.debate import Debate
from graph.model import Actor, ActorKind, Article, Manner, Stance, Statement
from graph.remembered import remembered
from graph.store import Store
from graph.vocabulary import PREFIXES, id_of, name_of

HEAD = "".join(f"PREFIX {prefix}: <{start}>\n" for prefix, start in PREFIXES.items())
STATEMENTS = (
    HEAD
    + """
SELECT ?statement ?article ?actor ?label ?speaker ?reform ?stance ?condition ?manner ?confidence ?quote ?start ?end
    ?right_actor ?right_reform ?right_stance ?verdict
WHERE {
    ?statement a :Statement ; prov:wasQuotedFrom ?article ; :actor ?actor ; :actorLabel ?label ; :reform ?reform ;
        :stance ?stance ; :manner ?manner ; :confidence ?confidence ; :passage ?passage .
    ?passage oa:hasSelector ?words , ?place .
    ?words oa:exact ?quote .
    ?place oa:start ?start ; oa:end ?end .
    OPTIONAL { ?statement :speakerName ?speaker }
    OPTIONAL { ?statement :condition ?condition }
    OPTIONAL { ?statement :correctedActor ?right_actor }
    OPTIONAL { ?statement :correctedReform ?right_reform }
    OPTIONAL { ?statement :correctedStance ?right_stance }
    OPTIONAL { ?statement :verdict ?verdict }
}"""
)
RAISED = HEAD + "SELECT ?statement ?concern WHERE { ?statement a :Statement ; :concern ?concern } ORDER BY ?concern"
TEXTS = (
    HEAD + "SELECT ?article ?text ?author WHERE { ?article schema:text ?text OPTIONAL { ?article dc:creator ?author } }"
)
REJECTED = "rejected"


def stored_debate(store: Store) -> Debate:
    """All statements that count, with what is known of their articles but not the texts; kept until the graph changes.

    A rejected statement is left out, a corrected one is as corrected; `Debate.stored` leads back to its own id.
    """
    return remembered(store, "debate", lambda: read_debate(store))


def with_texts(store: Store, debate: Debate) -> dict[str, Article]:
    """The articles of the debate with their texts, for files that carry them."""
    rows = {id_of(row["article"]): row for row in store.rows(TEXTS)}
    return {
        id: replace(article, text=rows[id]["text"], author=rows[id].get("author", ""))
        for id, article in debate.articles.items()
        if id in rows
    }


def read_debate(store: Store) -> Debate:
    """The debate read anew: for what writes to the graph."""
    raised: defaultdict[str, list[str]] = defaultdict(list)
    for row in store.rows(RAISED):
        raised[row["statement"]].append(id_of(row["concern"]))
    statements, reviewed, moved = [], set(), {}
    for row in store.rows(STATEMENTS):
        verdict = name_of(row["verdict"]) if "verdict" in row else ""
        if verdict == REJECTED:
            continue
        statement = Statement(
            article=id_of(row["article"]),
            start=row["start"],
            end=row["end"],
            quote=row["quote"],
            actor=id_of(row.get("right_actor", row["actor"])),
            actor_label=row["label"],
            speaker=row.get("speaker"),
            reform=id_of(row.get("right_reform", row["reform"])),
            stance=Stance(name_of(row.get("right_stance", row["stance"]))),
            concerns=tuple(raised.get(row["statement"], ())),
            condition=row.get("condition"),
            manner=Manner(name_of(row["manner"])),
            confidence=float(row["confidence"]),
        )
        statements.append(statement)
        if verdict:
            reviewed.add(statement.id)
            if statement.id != id_of(row["statement"]):
                moved[statement.id] = id_of(row["statement"])
    statements.sort(key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
    return Debate(
        statements=statements,
        articles=_articles(store),
        actors=_actors(store),
        reforms=reform_tree(store),
        concerns=concerns(store),
        reviewed=frozenset(reviewed),
        stored=moved,
    )


def _articles(store: Store) -> Mapping[str, Article]:
    return {
        each.id: Article(
            id=each.id, text="", title=each.title, publisher=each.publisher, date=each.date, release=each.release
        )
        for each in article_table(store).values()
    }


def _actors(store: Store) -> Mapping[str, Actor]:
    return {
        each.id: Actor(
            id=each.id,
            label=each.label,
            kind=ActorKind(each.kind) if each.kind in set(ActorKind) else ActorKind.ORGANISATION,
        )
        for each in actor_table(store).values()
    }
