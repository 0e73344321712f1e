"""A selection of statements as a SPARQL pattern, for the queries that people are shown and can run themselves."""

from collections.abc import Collection

from graph.errors import Unknown, UnknownArticle
from graph.model import COUNTED, Selection, Standing
from graph.rdf.vocabulary import HEAD, MANNERS, STANCES, iri
from graph.reading.register import actor, base_of, concerns, iri_of, reforms_meant
from graph.store.embedded import Store
from graph.store.parameters import Bound
from graph.store.remembered import DERIVED, remembered

# Each of them has one value, and a statement is in one graph only, so nothing is counted twice.
STATEMENT = {
    "stance": "?statement prov:wasQuotedFrom ?article ; :stance ?stance .",
    "actor": "?statement :actor ?actor .",
    "reform": "?statement :reform ?reform .",
}
# Where people have checked statements: a rejected one is left out, a corrected one counts as corrected.
CHECKED = {
    "stance": """?statement prov:wasQuotedFrom ?article ; :stance ?found_stance .
    OPTIONAL { ?statement :correctedStance ?right_stance }
    BIND(COALESCE(?right_stance, ?found_stance) AS ?stance)
    FILTER NOT EXISTS { ?statement :verdict :rejected }""",
    "actor": """{ ?statement :actor ?actor FILTER NOT EXISTS { ?statement :correctedActor ?right_actor } }
    UNION { ?statement :correctedActor ?actor }""",
    "reform": """{ ?statement :reform ?reform FILTER NOT EXISTS { ?statement :correctedReform ?right_reform } }
    UNION { ?statement :correctedReform ?reform }""",
}
# What narrows a list of statements, by the field of the selection that asks for it. Dates of any precision compare over
# the digits that both have, so that an article of '2023-02' is within '2023'.
NARROWED = {
    "actor": "VALUES ?actor { UNDEF }",
    "reform": "VALUES ?reform { UNDEF }",
    "stance": "VALUES ?stance { UNDEF }",
    "concern": "VALUES ?concern { UNDEF } ?statement :concern ?concern .",
    "article": "VALUES ?article { UNDEF }",
    "publisher": "VALUES ?publisher { UNDEF } ?article dc:publisher ?publisher .",
    "speaker": "VALUES ?speaker { UNDEF } ?statement :speakerName ?speaker .",
    "manner": "VALUES ?manner { UNDEF } ?statement :manner ?manner .",
    "since": """VALUES ?since { UNDEF } ?article dct:date ?began .
        FILTER(SUBSTR(STR(?began), 1, STRLEN(?since)) >= SUBSTR(?since, 1, STRLEN(STR(?began))))""",
    "until": """VALUES ?until { UNDEF } ?article dct:date ?ended .
        FILTER(SUBSTR(STR(?ended), 1, STRLEN(?until)) <= SUBSTR(?until, 1, STRLEN(STR(?ended))))""",
    "reader": "VALUES ?reader { UNDEF } FILTER EXISTS { ?statement :reader ?by FILTER(STRSTARTS(?by, ?reader)) }",
    "min_confidence": "VALUES ?least { UNDEF } ?statement :confidence ?confidence . FILTER(?confidence >= ?least)",
}


def narrowed(store: Store, selection: Selection, *, binding: Collection[str] = ()) -> tuple[str, dict[str, Bound]]:
    """Return the graph pattern of the selected statements, and the values of its parameters.

    The pattern binds ?statement, ?article and ?stance; ?actor and ?reform if they are selected or named in `binding`.
    Raises UnknownActor and similar errors for an id that is not in the graph.
    """
    base = base_of(store)
    bindings: dict[str, Bound] = {}
    if selection.actor is not None:
        bindings["actor"] = iri(base, "actor", actor(store, selection.actor).id)
    if selection.reform is not None:
        bindings["reform"] = [iri(base, "reform", each) for each in reforms_meant(store, selection)]
    if selection.stance is not None:
        bindings["stance"] = STANCES[selection.stance]
    if selection.concern is not None:
        if selection.concern not in concerns(store):
            raise Unknown(f"no concern {selection.concern!r} in this graph")
        bindings["concern"] = iri(base, "concern", selection.concern)
    if selection.article is not None:
        bindings["article"] = iri_of(store, "article", selection.article, UnknownArticle)
    if selection.publisher is not None:
        bindings["publisher"] = selection.publisher
    if selection.speaker is not None:
        bindings["speaker"] = selection.speaker
    if selection.manner is not None:
        bindings["manner"] = MANNERS[selection.manner]
    if selection.reader is not None:
        bindings["reader"] = selection.reader
    if selection.since:
        bindings["since"] = selection.since
    if selection.until:
        bindings["until"] = selection.until
    reviewed = remembered(
        store, "reviewed", lambda: store.ask(HEAD + "ASK { ?statement :verdict ?verdict }"), spared=DERIVED
    )
    parts = CHECKED if reviewed else STATEMENT
    # What selects few statements comes first: the engine keeps to the order where something is optional.
    first = [name for name in ("actor", "reform", "article") if name in bindings]
    patterns = [NARROWED[name] for name in first]
    patterns += [parts[name] for name in ("actor", "reform") if name in bindings or name in binding]
    patterns += [parts["stance"], *(NARROWED[name] for name in bindings if name not in first)]
    if selection.min_confidence > 0:
        bindings["least"] = selection.min_confidence
        patterns.append(NARROWED["min_confidence"])
    wanted = COUNTED[store.counting] if selection.standing is None else (selection.standing,)
    if len(wanted) < len(Standing):
        patterns.append(
            f"?statement :standing ?standing . FILTER(?standing IN ({', '.join(f':{it}' for it in wanted)}))"
        )
    if selection.reviewed is not None:
        patterns.append(f"FILTER {'' if selection.reviewed else 'NOT '}EXISTS {{ ?statement :verdict ?any }}")
    return "\n    ".join(patterns), bindings
