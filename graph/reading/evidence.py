"""Statements for display: with their article's metadata, names and review."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graph.degrees import Degree, degree
from graph.errors import UnknownStatement
from graph.model import Cue, Manner, Stance, Standing, Statement, is_calibrated, standing
from graph.names import is_plural
from graph.positions import CONFIRMED
from graph.rdf.terms import Iri
from graph.rdf.vocabulary import HEAD, id_of, name_of
from graph.reading.register import about, actor_names, concerns, distinct, iri_of, labels, reform_tree
from graph.store.embedded import Store

UNCHECKED = "unchecked"
"""The review of an unchecked statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A statement for display: the record with its article's metadata and the names of the things it is about."""

    id: str
    article: str
    start: int
    end: int
    quote: str
    actor: str
    actor_label: str
    speaker: str | None
    reform: str
    reform_label: str
    stance: Stance
    concerns: tuple[str, ...]
    concern_labels: tuple[str, ...]
    condition: str | None
    manner: Manner
    cues: tuple[Cue, ...]
    confidence: float
    reader: str
    """Name and version of what read it; several, separated by '; ', where readers agree."""
    title: str
    publisher: str
    date: str
    url: str
    release: str = ""
    """Id of the article that its article repeats."""
    review: str = UNCHECKED
    """What a person has said of it: accepted, rejected or corrected."""
    standing: Standing = Standing.UNCONFIRMED
    degree: Degree = Degree.TAKES_NO_SIDE
    """How far its words go."""
    plural: bool = False
    """Whether its actor is a group with a name in the plural, so that verbs agree with it."""
    calibrated: bool = True
    """Whether the confidence of what read it has been compared with checked statements."""

    def statement(self) -> Statement:
        """The bare record."""
        return Statement(
            article=self.article,
            start=self.start,
            end=self.end,
            quote=self.quote,
            actor=self.actor,
            actor_label=self.actor_label,
            speaker=self.speaker,
            reform=self.reform,
            stance=self.stance,
            concerns=self.concerns,
            condition=self.condition,
            manner=self.manner,
            cues=self.cues,
            confidence=self.confidence,
            reader=self.reader,
        )


def described(which: str) -> str:
    """The query for the words, place and corrections of the statements that a pattern binds."""
    return f"""{HEAD}
SELECT ?statement ?article ?actor ?actor_label ?speaker ?reform ?stance ?condition ?manner ?confidence ?quote ?start
    ?end ?right_actor ?right_reform ?right_stance ?verdict
WHERE {{
    {which}
    ?statement prov:wasQuotedFrom ?article ; :actor ?actor ; :actorLabel ?actor_label ; :reform ?reform ;
        :stance ?stance ; :manner ?manner ; :confidence ?confidence ; :passage ?passage .
    ?passage oa:hasSelector ?words , ?place .
    ?words oa:exact ?quote .
    ?place oa:start ?start ; oa:end ?end .
    OPTIONAL {{ ?statement :speakerName ?speaker }}
    OPTIONAL {{ ?statement :condition ?condition }}
    OPTIONAL {{ ?statement :correctedActor ?right_actor }}
    OPTIONAL {{ ?statement :correctedReform ?right_reform }}
    OPTIONAL {{ ?statement :correctedStance ?right_stance }}
    OPTIONAL {{ ?statement :verdict ?verdict }}
}}"""


DETAILS = described("VALUES ?statement { UNDEF }")

CONCERNS_OF = HEAD + "SELECT ?it ?concern WHERE { VALUES ?it { UNDEF } ?it :concern ?concern } ORDER BY ?concern"

READERS_OF = HEAD + "SELECT ?it ?reader WHERE { VALUES ?it { UNDEF } ?it :reader ?reader } ORDER BY ?reader"

CUES_OF = (
    HEAD
    + """
SELECT ?statement ?cue ?text ?start ?end ?effect ?weight WHERE {
    VALUES ?statement { UNDEF }
    ?statement :cue ?cue .
    ?cue oa:exact ?text ; oa:start ?start ; oa:end ?end ; :effect ?effect ; :weight ?weight
}"""
)

SOURCES = (
    HEAD
    + """
SELECT ?article ?title ?publisher ?date ?url ?voice ?repeats WHERE {
    VALUES ?article { UNDEF }
    ?article a schema:Article
    OPTIONAL { ?article dct:title ?title }
    OPTIONAL { ?article dc:publisher ?publisher }
    OPTIONAL { ?article dct:date ?date }
    OPTIONAL { ?article schema:url ?url }
    OPTIONAL { ?article :voice ?voice }
    OPTIONAL { ?article :repeats ?repeats }
}"""
)


def statement(store: Store, id: str) -> Evidence:
    """The statement with this id. Raises UnknownStatement."""
    found = evidence(store, [iri_of(store, "statement", id, UnknownStatement)])
    if not found:
        raise UnknownStatement(f"no statement {id!r} in this graph")
    return found[0]


def evidence(store: Store, iris: Sequence[str]) -> list[Evidence]:
    """The statements with these IRIs, in this order; one that is not there is left out."""
    if not iris:
        return []
    wanted = [Iri(each) for each in iris]
    rows = {row["statement"]: row for row in store.select(DETAILS, statement=wanted)}
    concerns_named = concerns(store)
    grounds = defaultdict(list)
    for row in store.select(CONCERNS_OF, it=wanted):
        grounds[row["it"]].append(id_of(row["concern"]))
    readers = defaultdict(list)
    for row in store.select(READERS_OF, it=wanted):
        readers[row["it"]].append(row["reader"])
    cues = defaultdict(list)
    for row in store.select(CUES_OF, statement=wanted):
        cues[row["statement"]].append(row)
    sources = {row["article"]: row for row in store.select(SOURCES, article=distinct(rows.values(), "article"))}
    reforms_named, kinds = reform_tree(store), actor_names(store)
    likely_from = about(store).likely_from
    renamed = labels(store, (row["right_actor"] for row in rows.values() if "right_actor" in row))
    found = []
    for each in dict.fromkeys(iris):
        if each not in rows:
            continue
        row = rows[each]
        source = sources.get(row["article"], {})
        who = row.get("right_actor", row["actor"])
        reform = id_of(row.get("right_reform", row["reform"]))
        named = tuple(sorted(set(grounds[each])))
        verdict = name_of(row["verdict"]) if "verdict" in row else UNCHECKED
        reader = "; ".join(readers[each])
        item = Evidence(
            id=id_of(each),
            article=id_of(row["article"]),
            start=row["start"],
            end=row["end"],
            quote=row["quote"],
            actor=id_of(who),
            actor_label=renamed.get(who, row["actor_label"]),
            speaker=row.get("speaker"),
            reform=reform,
            reform_label=reforms_named[reform].label if reform in reforms_named else reform,
            stance=Stance(name_of(row.get("right_stance", row["stance"]))),
            concerns=named,
            concern_labels=tuple(concerns_named[it].label if it in concerns_named else it for it in named),
            condition=row.get("condition"),
            manner=Manner(name_of(row["manner"])),
            cues=tuple(_cue(cue) for cue in sorted(cues[each], key=lambda cue: (cue["start"], cue["cue"]))),
            confidence=float(row["confidence"]),
            reader=reader,
            title=source.get("title", ""),
            publisher=source.get("publisher", ""),
            date=source.get("date", ""),
            url=source.get("url", ""),
            plural=kinds.get(id_of(who), ("", ""))[1] == "group" and is_plural(renamed.get(who, row["actor_label"])),
            release=id_of(source["repeats"]) if "repeats" in source else "",
            review=verdict,
            standing=standing(
                float(row["confidence"]),
                checked=verdict in CONFIRMED,
                likely_from=likely_from,
                calibrated=is_calibrated(reader),
            ),
            calibrated=is_calibrated(reader),
        )
        found.append(replace(item, degree=degree(item.statement())))
    return found


def _cue(row: Mapping[str, Any]) -> Cue:
    return Cue(text=row["text"], start=row["start"], end=row["end"], effect=row["effect"], weight=float(row["weight"]))
