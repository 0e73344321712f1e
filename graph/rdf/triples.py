"""Convert statements, articles, actors, reforms, concerns and positions to triples, and read them back."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from graph.errors import BadStatement
from graph.model import (
    LIKELY_FROM,
    Actor,
    ActorKind,
    Article,
    Concern,
    Cue,
    Manner,
    Membership,
    Position,
    Reform,
    Stance,
    Statement,
)
from graph.names import folded
from graph.rdf.terms import XSD, Iri, Literal, Term, Triple, date, integer, number
from graph.rdf.vocabulary import (
    DC,
    DCT,
    FOAF,
    KINDS,
    MANNERS,
    OA,
    ORG,
    PROV,
    RDF,
    SCHEMA,
    SHORTCUTS,
    SKOS,
    STANCES,
    VOID,
    P,
    id_of,
    iri,
    name_of,
)

CONTEXT = 32
"""Code points kept before and after a quotation, so that it can be found again in a changed text."""
LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
"""A language tag."""
SOFTWARE = "stakeholder-positions"
TRUE = Literal("true", XSD + "boolean")


def software_version() -> str:
    """The installed version of this program."""
    try:
        return version(SOFTWARE)
    except PackageNotFoundError:
        return "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """The domain as recorded in the graph, so that a store can be opened without the domain's folder."""

    base: str
    id: str = ""
    title: str = ""
    language: str = "en"
    period: str = ""
    likely_from: float = LIKELY_FROM
    """Confidence from which a statement is likely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What statements need from an article: the text around a quotation, its speakers and its reader."""

    base: str
    article: Article
    people: Mapping[str, str] = field(default_factory=dict)
    """From a person's folded name to the actor of the table that it means."""
    author: str = ""
    """The actor whose own document it is, if known."""
    model: str = ""
    """Name and version of the language model that read it."""


def article_triples(source: Source) -> Iterator[Triple]:
    """Return the triples of an article: its properties, its full text and the activity that read it."""
    article = source.article
    it = iri(source.base, "article", article.id)
    yield Triple(it, RDF.type, SCHEMA.Article)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, DCT.identifier, Literal(article.id))
    yield Triple(it, SCHEMA.text, Literal(article.text))
    yield Triple(it, P.sha256, Literal(article.digest))
    for predicate, value in (
        (DCT.title, article.title),
        (DC.publisher, article.publisher),
        (DC.creator, article.author),
        (DC.language, article.language),
        (SCHEMA.url, article.url),
        (P.voice, article.voice),
        (SCHEMA.genre, article.genre),
    ):
        if value:
            yield Triple(it, predicate, Literal(value))
    if article.date:
        yield Triple(it, DCT.date, date(article.date))
    if article.unowned:
        yield Triple(it, P.unowned, TRUE)
    if source.author:
        yield Triple(it, PROV.wasAttributedTo, iri(source.base, "actor", source.author))
    if article.release:
        yield Triple(it, P.repeats, iri(source.base, "article", article.release))
    for page in article.pages:
        yield Triple(it, P.pageStart, integer(page))
    yield from _extraction(source)


def _extraction(source: Source) -> Iterator[Triple]:
    # No time of day: the same input must give the same graph.
    activity = iri(source.base, "extraction", source.article.id)
    software = iri(source.base, "software", f"{SOFTWARE}-{software_version()}")
    yield Triple(activity, RDF.type, PROV.Activity)
    yield Triple(activity, PROV.used, iri(source.base, "article", source.article.id))
    yield Triple(activity, PROV.wasAssociatedWith, software)
    if source.model:
        yield Triple(activity, P.model, Literal(source.model))
    yield Triple(software, RDF.type, PROV.SoftwareAgent)
    yield Triple(software, FOAF.name, Literal(SOFTWARE))
    yield Triple(software, SCHEMA.softwareVersion, Literal(software_version()))


def statement_triples(statement: Statement, source: Source) -> Iterator[Triple]:
    """Return the triples of a statement, with its passage as a W3C Web Annotation target."""
    base = source.base
    it = iri(base, "statement", statement.id)
    article = iri(base, "article", statement.article)
    yield Triple(it, RDF.type, P.Statement)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, DCT.identifier, Literal(statement.id))
    yield Triple(it, P.actor, iri(base, "actor", statement.actor))
    yield Triple(it, P.actorLabel, Literal(statement.actor_label))
    yield Triple(it, P.reform, iri(base, "reform", statement.reform))
    yield Triple(it, P.stance, STANCES[statement.stance])
    yield Triple(it, P.manner, MANNERS[statement.manner])
    yield Triple(it, P.confidence, number(statement.confidence))
    yield from _readers(it, statement, source)
    for concern in statement.concerns:
        yield Triple(it, P.concern, iri(base, "concern", concern))
    if statement.condition is not None:
        yield Triple(it, P.condition, Literal(statement.condition))
    yield Triple(it, PROV.wasQuotedFrom, article)
    yield Triple(it, PROV.wasGeneratedBy, iri(base, "extraction", statement.article))
    yield from _passage(it, article, statement, source.article.text)
    yield from _speaker(it, statement, source)
    for place, cue in enumerate(statement.cues, 1):
        yield from _cue(it, Iri(f"{it}#cue-{place}"), cue)


def _passage(it: Iri, article: Iri, statement: Statement, text: str) -> Iterator[Triple]:
    passage, quote, place = Iri(f"{it}#passage"), Iri(f"{it}#quote"), Iri(f"{it}#place")
    yield Triple(it, P.passage, passage)
    yield Triple(passage, RDF.type, OA.SpecificResource)
    yield Triple(passage, OA.hasSource, article)
    yield Triple(passage, OA.hasSelector, quote)
    yield Triple(passage, OA.hasSelector, place)
    yield Triple(quote, RDF.type, OA.TextQuoteSelector)
    yield Triple(quote, OA.exact, Literal(statement.quote))
    before = text[max(0, statement.start - CONTEXT) : statement.start]
    after = text[statement.end : statement.end + CONTEXT]
    if before:
        yield Triple(quote, OA.prefix, Literal(before))
    if after:
        yield Triple(quote, OA.suffix, Literal(after))
    yield Triple(place, RDF.type, OA.TextPositionSelector)
    yield Triple(place, OA.start, integer(statement.start))
    yield Triple(place, OA.end, integer(statement.end))


def _readers(it: Iri, statement: Statement, source: Source) -> Iterator[Triple]:
    """Return the triples for what read a statement: each reader is software associated with the extraction."""
    for name in statement.readers:
        reader = iri(source.base, "software", name)
        yield Triple(it, P.reader, Literal(name))
        yield Triple(iri(source.base, "extraction", statement.article), PROV.wasAssociatedWith, reader)
        yield Triple(reader, RDF.type, PROV.SoftwareAgent)
        yield Triple(reader, FOAF.name, Literal(name))


def _speaker(it: Iri, statement: Statement, source: Source) -> Iterator[Triple]:
    if statement.speaker is None:
        return
    yield Triple(it, P.speakerName, Literal(statement.speaker))
    known = source.people.get(folded(statement.speaker))
    if known is not None:
        yield Triple(it, P.speaker, iri(source.base, "actor", known))
        return
    # One name that speaks for one actor is one person; the same name elsewhere may be another.
    speaker = iri(source.base, "speaker", statement.actor, statement.speaker)
    yield Triple(it, P.speaker, speaker)
    yield Triple(speaker, RDF.type, FOAF.Person)
    yield Triple(speaker, FOAF.name, Literal(statement.speaker))
    yield Triple(speaker, PROV.actedOnBehalfOf, iri(source.base, "actor", statement.actor))


def _cue(it: Iri, node: Iri, cue: Cue) -> Iterator[Triple]:
    yield Triple(it, P.cue, node)
    yield Triple(node, RDF.type, P.Cue)
    yield Triple(node, OA.exact, Literal(cue.text))
    yield Triple(node, OA.start, integer(cue.start))
    yield Triple(node, OA.end, integer(cue.end))
    yield Triple(node, P.effect, Literal(cue.effect))
    yield Triple(node, P.weight, number(cue.weight))


def actor_triples(actor: Actor, base: str) -> Iterator[Triple]:
    """Return the triples of an actor, with its other names and its memberships."""
    it = iri(base, "actor", actor.id)
    yield Triple(it, RDF.type, FOAF.Agent)
    yield Triple(it, RDF.type, KINDS[actor.kind])
    yield from _named(it, actor.id, actor.label, actor.aliases)
    if actor.short:
        yield Triple(it, SCHEMA.alternateName, Literal(actor.short))
    for place, membership in enumerate(actor.member_of, 1):
        node = Iri(f"{it}#membership-{place}")
        yield Triple(it, ORG.hasMembership, node)
        yield Triple(node, RDF.type, ORG.Membership)
        yield Triple(node, ORG.member, it)
        yield Triple(node, ORG.organization, iri(base, "actor", membership.organisation))
        if membership.role:
            yield Triple(node, SCHEMA.roleName, Literal(membership.role))
        if membership.since:
            yield Triple(node, SCHEMA.startDate, date(membership.since))
        if membership.until:
            yield Triple(node, SCHEMA.endDate, date(membership.until))


def found_actor_triples(id: str, label: str, base: str) -> Iterator[Triple]:
    """Return the triples of an actor that an article names and no table lists; its kind stays open."""
    it = iri(base, "actor", id)
    yield Triple(it, RDF.type, FOAF.Agent)
    yield from _named(it, id, label, ())


def reform_triples(reform: Reform, base: str, language: str = "") -> Iterator[Triple]:
    """Return the triples of a reform as a concept, under the broader one, with its labels in this language."""
    it = iri(base, "reform", reform.id)
    scheme = iri(base, "scheme", "reforms")
    yield Triple(it, RDF.type, P.Reform)
    yield Triple(it, RDF.type, SKOS.Concept)
    yield Triple(it, SKOS.inScheme, scheme)
    yield from _named(it, reform.id, reform.label, reform.aliases, language)
    if reform.short:
        yield Triple(it, SCHEMA.alternateName, Literal(reform.short))
    if reform.broader:
        yield Triple(it, SKOS.broader, iri(base, "reform", reform.broader))
    else:
        yield from _top(it, scheme)
    if reform.definition:
        yield Triple(it, SKOS.definition, in_language(reform.definition, language))


def concern_triples(concern: Concern, base: str, language: str = "") -> Iterator[Triple]:
    """Return the triples of a concern as a concept; its cues become hidden labels in this language."""
    it = iri(base, "concern", concern.id)
    scheme = iri(base, "scheme", "concerns")
    yield Triple(it, RDF.type, P.Concern)
    yield Triple(it, RDF.type, SKOS.Concept)
    yield Triple(it, SKOS.inScheme, scheme)
    yield from _top(it, scheme)
    yield from _named(it, concern.id, concern.label, (), language)
    for words in concern.cues:
        # No label may be both a preferred and a hidden one.
        if words != concern.label:
            yield Triple(it, SKOS.hiddenLabel, in_language(words, language))


def in_language(text: str, language: str) -> Literal:
    """Return a text with its language, if that is a language tag."""
    return Literal(text, language=language) if LANGUAGE.fullmatch(language) else Literal(text)


def _top(it: Iri, scheme: Iri) -> Iterator[Triple]:
    yield Triple(it, SKOS.topConceptOf, scheme)
    yield Triple(scheme, SKOS.hasTopConcept, it)


def dataset_triples(dataset: Dataset) -> Iterator[Triple]:
    """Return the triples of the data set: its title and the base of its IRIs."""
    it = iri(dataset.base, "domain", dataset.id or "domain")
    yield Triple(it, RDF.type, VOID.Dataset)
    yield Triple(it, VOID.uriSpace, Literal(dataset.base))
    for predicate, value in (
        (DCT.identifier, dataset.id),
        (DCT.title, dataset.title),
        (DC.language, dataset.language),
        (DC.coverage, dataset.period),
    ):
        if value:
            yield Triple(it, predicate, Literal(value))
    yield Triple(it, P.likelyFrom, number(dataset.likely_from))
    for scheme in ("reforms", "concerns"):
        yield Triple(iri(dataset.base, "scheme", scheme), RDF.type, SKOS.ConceptScheme)
        yield Triple(iri(dataset.base, "scheme", scheme), SKOS.prefLabel, Literal(scheme.capitalize(), language="en"))


def position_triples(position: Position, base: str) -> Iterator[Triple]:
    """Return the triples of a position with counts and statements, and a direct link from actor to reform."""
    it = iri(base, "position", position.actor, position.reform)
    actor, reform = iri(base, "actor", position.actor), iri(base, "reform", position.reform)
    yield Triple(it, RDF.type, P.Position)
    yield Triple(it, RDF.type, PROV.Entity)
    yield Triple(it, P.actor, actor)
    yield Triple(it, P.reform, reform)
    yield Triple(it, P.stance, STANCES[position.stance])
    if position.stance in SHORTCUTS:
        yield Triple(actor, SHORTCUTS[position.stance], reform)
    if position.first:
        yield Triple(it, P.firstDate, date(position.first))
    if position.last:
        yield Triple(it, P.lastDate, date(position.last))
    for statement in position.statements:
        yield Triple(it, P.statement, iri(base, "statement", statement))
    yield Triple(it, P.statementCount, integer(sum(position.counts.values())))
    for stance, predicate in COUNTS.items():
        yield Triple(it, predicate, integer(position.counts.get(stance, 0)))
    yield Triple(it, P.articleCount, integer(position.articles))
    yield Triple(it, P.publisherCount, integer(position.publishers))
    for concern in position.concerns:
        yield Triple(it, P.concern, iri(base, "concern", concern))
    for condition in position.conditions:
        yield Triple(it, P.condition, Literal(condition))
    for place, change in enumerate(position.changes, 1):
        node = Iri(f"{it}#change-{place}")
        yield Triple(it, P.change, node)
        yield Triple(node, RDF.type, P.Change)
        yield Triple(node, P.before, STANCES[change.before])
        yield Triple(node, P.after, STANCES[change.after])
        yield Triple(node, DCT.date, date(change.date))


COUNTS = {
    Stance.SUPPORT: P.supportCount,
    Stance.MIXED: P.mixedCount,
    Stance.OPPOSE: P.opposeCount,
    Stance.NEUTRAL: P.neutralCount,
}


def _named(it: Iri, id: str, label: str, aliases: Iterable[str], language: str = "") -> Iterator[Triple]:
    yield Triple(it, DCT.identifier, Literal(id))
    yield Triple(it, SKOS.prefLabel, in_language(label, language))
    for alias in aliases:
        if alias != label:
            yield Triple(it, SKOS.altLabel, in_language(alias, language))


class Facts:
    """Triples by subject and predicate, for reading records back."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._of: dict[str, dict[str, list[Term]]] = defaultdict(lambda: defaultdict(list))
        for subject, predicate, object in triples:
            self._of[subject][predicate].append(object)

    def of_type(self, kind: Iri) -> list[Iri]:
        """Return the subjects of a class, ordered by IRI."""
        return sorted(Iri(subject) for subject, about in self._of.items() if kind in about[RDF.type])

    def all(self, subject: str, predicate: Iri) -> list[str]:
        """Return the values of a property as text, in order."""
        values = self._of[subject][predicate] if subject in self._of else []
        return sorted(term.value if isinstance(term, Literal) else str(term) for term in values)

    def maybe(self, subject: str, predicate: Iri) -> str | None:
        """Return the value of a property, or None if it has none."""
        values = self.all(subject, predicate)
        return values[0] if values else None

    def one(self, subject: str, predicate: Iri) -> str:
        """Return the value of a required property. Raises BadStatement if it is missing."""
        value = self.maybe(subject, predicate)
        if value is None:
            raise BadStatement(f"<{subject}> has no <{predicate}>")
        return value


def statements_of(facts: Facts) -> Iterator[Statement]:
    """Read the statements in these triples, in text order; concerns come in the order of their ids."""
    found = (_statement(facts, it) for it in facts.of_type(P.Statement))
    yield from sorted(found, key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))


def _statement(facts: Facts, it: Iri) -> Statement:
    quote, place = f"{it}#quote", f"{it}#place"
    cues = sorted(facts.all(it, P.cue), key=lambda node: int(node.rpartition("-")[2]))
    return Statement(
        article=id_of(facts.one(it, PROV.wasQuotedFrom)),
        start=int(facts.one(place, OA.start)),
        end=int(facts.one(place, OA.end)),
        quote=facts.one(quote, OA.exact),
        actor=id_of(facts.one(it, P.actor)),
        actor_label=facts.one(it, P.actorLabel),
        reform=id_of(facts.one(it, P.reform)),
        stance=Stance(name_of(facts.one(it, P.stance))),
        speaker=facts.maybe(it, P.speakerName),
        concerns=tuple(sorted(map(id_of, facts.all(it, P.concern)))),
        condition=facts.maybe(it, P.condition),
        manner=Manner(name_of(facts.one(it, P.manner))),
        cues=tuple(_cue_of(facts, node) for node in cues),
        confidence=float(facts.one(it, P.confidence)),
        reader="; ".join(facts.all(it, P.reader)),
    )


def _cue_of(facts: Facts, node: str) -> Cue:
    return Cue(
        text=facts.one(node, OA.exact),
        start=int(facts.one(node, OA.start)),
        end=int(facts.one(node, OA.end)),
        effect=facts.one(node, P.effect),
        weight=float(facts.one(node, P.weight)),
    )


def article_of(facts: Facts) -> Article | None:
    """Read the article in these triples; None if they contain none."""
    articles = facts.of_type(SCHEMA.Article)
    if not articles:
        return None
    it = articles[0]
    repeated = facts.maybe(it, P.repeats)
    return Article(
        id=facts.one(it, DCT.identifier),
        text=facts.one(it, SCHEMA.text),
        title=facts.maybe(it, DCT.title) or "",
        publisher=facts.maybe(it, DC.publisher) or "",
        author=facts.maybe(it, DC.creator) or "",
        date=facts.maybe(it, DCT.date) or "",
        url=facts.maybe(it, SCHEMA.url) or "",
        language=facts.maybe(it, DC.language) or "",
        voice=facts.maybe(it, P.voice) or "",
        pages=tuple(sorted(int(page) for page in facts.all(it, P.pageStart))),
        release=id_of(repeated) if repeated else "",
        genre=facts.maybe(it, SCHEMA.genre) or "",
        unowned=facts.maybe(it, P.unowned) is not None,
    )


def actors_of(facts: Facts) -> Iterator[Actor]:
    """Read the actors in these triples; one of unknown kind counts as an organisation."""
    kinds = {str(term): kind for kind, term in KINDS.items()}
    for it in facts.of_type(FOAF.Agent):
        known = [kinds[kind] for kind in facts.all(it, RDF.type) if kind in kinds]
        nodes = sorted(facts.all(it, ORG.hasMembership), key=lambda node: int(node.rpartition("-")[2]))
        yield Actor(
            id=facts.one(it, DCT.identifier),
            label=facts.one(it, SKOS.prefLabel),
            kind=known[0] if known else ActorKind.ORGANISATION,
            aliases=tuple(facts.all(it, SKOS.altLabel)),
            short=facts.maybe(it, SCHEMA.alternateName) or "",
            member_of=tuple(
                Membership(
                    organisation=id_of(facts.one(node, ORG.organization)),
                    role=facts.maybe(node, SCHEMA.roleName) or "",
                    since=facts.maybe(node, SCHEMA.startDate) or "",
                    until=facts.maybe(node, SCHEMA.endDate) or "",
                )
                for node in nodes
            ),
        )


def reforms_of(facts: Facts) -> Iterator[Reform]:
    """Read the reforms in these triples."""
    for it in facts.of_type(P.Reform):
        broader = facts.maybe(it, SKOS.broader)
        yield Reform(
            id=facts.one(it, DCT.identifier),
            label=facts.one(it, SKOS.prefLabel),
            broader=id_of(broader) if broader else "",
            definition=facts.maybe(it, SKOS.definition) or "",
            aliases=tuple(facts.all(it, SKOS.altLabel)),
            short=facts.maybe(it, SCHEMA.alternateName) or "",
        )


def concerns_of(facts: Facts) -> Iterator[Concern]:
    """Read the concerns in these triples."""
    for it in facts.of_type(P.Concern):
        yield Concern(
            id=facts.one(it, DCT.identifier),
            label=facts.one(it, SKOS.prefLabel),
            cues=tuple(facts.all(it, SKOS.hiddenLabel)),
        )
