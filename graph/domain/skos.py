"""Read the vocabularies of a domain from Turtle: reforms and concerns as SKOS concepts, actors as ORG and FOAF."""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from rdflib import DCTERMS, FOAF, ORG, RDF, RDFS, SDO, SKOS, TIME, BNode, Graph, Literal, Namespace, URIRef
from rdflib.plugins.parsers.notation3 import BadSyntax
from rdflib.term import Node

from graph.domain.tables import Sourced, check_period, undecodable_line
from graph.errors import BadDomain
from graph.model import Actor, ActorKind, Concern, Membership, Reform
from graph.rdf.vocabulary import ONTOLOGY

TERM = re.compile(r"<[^>]*>|[^\s<>\"',;()\[\]]+")
"""Approximate pattern for an IRI or a prefixed name, used only to find a line number."""

Found: TypeAlias = Sourced[Actor | Reform | Concern]

POSITIONS = Namespace(ONTOLOGY)
CONCERNS = "concerns"
"""Scheme or file name that makes a concept a concern; any other concept is a reform."""
KINDS: dict[Node, ActorKind] = {
    ORG.Organization: ActorKind.ORGANISATION,
    ORG.FormalOrganization: ActorKind.ORGANISATION,
    ORG.OrganizationalUnit: ActorKind.ORGANISATION,
    FOAF.Organization: ActorKind.ORGANISATION,
    SDO.Organization: ActorKind.ORGANISATION,
    FOAF.Person: ActorKind.PERSON,
    SDO.Person: ActorKind.PERSON,
    FOAF.Group: ActorKind.GROUP,
}
NAMES = (SKOS.prefLabel, FOAF.name, SDO.name, RDFS.label)
"""Properties that may hold the label of an actor, in order of preference."""
OTHER_NAMES = (SKOS.altLabel, SKOS.hiddenLabel, FOAF.nick, SDO.alternateName)


def vocabulary(path: Path, *, language: str) -> Iterator[Found]:
    """Return the actors, reforms and concerns of a Turtle file, in the order in which it names them.

    Labels are taken in the language of the domain, or without a language. Raises BadDomain with the line.
    """
    yield from _Turtle(path, language).things()


class _Turtle:
    """A parsed Turtle file, with the look-ups that reading needs."""

    def __init__(self, path: Path, language: str) -> None:
        self.path = path
        self.language = language.lower()
        self.rdf = Graph()
        try:
            self.text = path.read_text(encoding="utf-8-sig")
            self.rdf.parse(data=self.text, format="turtle", publicID=path.resolve().as_uri())
        except UnicodeDecodeError as error:
            raise BadDomain(path, undecodable_line(path), "not UTF-8 text; save it as UTF-8") from error
        except BadSyntax as error:
            raise BadDomain(path, error.lines + 1, f"not Turtle: {error.message}") from error
        self.lines = _first_lines(self.text)

    def things(self) -> Iterator[Found]:
        concepts = [it for it in self._of_types(SKOS.Concept, POSITIONS.Reform, POSITIONS.Concern) if _is_ours(it)]
        actors = self._of_types(FOAF.Agent, *KINDS)
        seen: dict[tuple[type, str], Node] = {}
        for it in sorted({*concepts, *actors}, key=lambda it: (self._line(it) or 0, str(it))):
            thing: Actor | Reform | Concern = self._actor(it) if it in actors else self._concept(it)
            first = seen.setdefault((type(thing), thing.id), it)
            if first != it:
                raise self._fault(it, f"has the same id as {first.n3()}: {thing.id!r}; give one a dct:identifier")
            yield Sourced(thing=thing, path=self.path, line=self._line(it))

    def _concept(self, it: Node) -> Reform | Concern:
        label = self._label(it, SKOS.prefLabel)
        if label is None:
            raise self._fault(it, f"has no skos:prefLabel in {self.language!r}; add one in this language")
        other = self._texts(it, SKOS.altLabel, SKOS.hiddenLabel)
        if self._is_concern(it):
            return Concern(id=self._id(it), label=label, cues=other)
        broader = self._related(it, SKOS.broader, SKOS.narrower)
        if len(broader) > 1:
            names = ", ".join(above.n3() for above in broader)
            raise self._fault(it, f"has several broader concepts: {names}; reforms form a tree, so keep only one")
        return Reform(
            id=self._id(it),
            label=label,
            broader=self._id(broader[0]) if broader else "",
            definition=next(iter(self._texts(it, SKOS.definition, SKOS.scopeNote)), ""),
            aliases=other,
        )

    def _is_concern(self, it: Node) -> bool:
        types = set(self.rdf.objects(it, RDF.type))
        if POSITIONS.Reform in types or POSITIONS.Concern in types:
            return POSITIONS.Concern in types
        schemes = chain(self.rdf.objects(it, SKOS.inScheme), self.rdf.objects(it, SKOS.topConceptOf))
        return self.path.stem == CONCERNS or any(_last(scheme) == CONCERNS for scheme in schemes)

    def _actor(self, it: Node) -> Actor:
        label = self._label(it, *NAMES)
        if label is None:
            raise self._fault(it, f"has no foaf:name and no skos:prefLabel in {self.language!r}; add one")
        kinds = [KINDS[kind] for kind in self.rdf.objects(it, RDF.type) if kind in KINDS]
        aliases = (*self._texts(it, *NAMES), *self._texts(it, *OTHER_NAMES))
        return Actor(
            id=self._id(it),
            label=label,
            kind=kinds[0] if kinds else ActorKind.ORGANISATION,
            aliases=tuple(alias for alias in dict.fromkeys(aliases) if alias != label),
            member_of=tuple(self._memberships(it)),
        )

    def _memberships(self, it: Node) -> Iterator[Membership]:
        told = set()
        for node in self._related(it, ORG.hasMembership, ORG.member):
            organisation = self.rdf.value(node, ORG.organization)
            if organisation is None:
                raise self._fault(it, "has an org:Membership without org:organization; add it")
            told.add(organisation)
            since, until = self._period(node)
            check_period(self.path, self._line(it), since, until)
            yield Membership(organisation=self._id(organisation), role=self._role(node), since=since, until=until)
        for organisation in self._related(it, ORG.memberOf, ORG.hasMember) + self._related(it, ORG.headOf):
            if organisation not in told:
                told.add(organisation)
                yield Membership(organisation=self._id(organisation))

    def _role(self, membership: Node) -> str:
        for role in chain(self.rdf.objects(membership, SDO.roleName), self.rdf.objects(membership, ORG.role)):
            name = str(role) if isinstance(role, Literal) else self._label(role, *NAMES)
            if name:
                return name
        return ""

    def _period(self, membership: Node) -> tuple[str, str]:
        since, until = (self.rdf.value(membership, end) for end in (SDO.startDate, SDO.endDate))
        interval = self.rdf.value(membership, ORG.memberDuring)
        if interval is not None:
            since, until = (
                self.rdf.value(self.rdf.value(interval, end), TIME.inXSDDate) or given
                for end, given in ((TIME.hasBeginning, since), (TIME.hasEnd, until))
            )
        return (str(since) if since is not None else "", str(until) if until is not None else "")

    def _id(self, it: Node) -> str:
        given = self.rdf.value(it, DCTERMS.identifier) or self.rdf.value(it, SKOS.notation)
        if given is not None:
            return str(given)
        if isinstance(it, BNode):
            raise self._fault(it, "is a blank node without id; give it an IRI or a dct:identifier")
        return _last(it)

    def _label(self, it: Node, *predicates: URIRef) -> str | None:
        return next(iter(self._texts(it, *predicates)), None)

    def _texts(self, it: Node, *predicates: URIRef) -> tuple[str, ...]:
        """Return the values in the domain's language, then in its regional forms, then without a language."""
        ranked = [
            (rank, place, str(value).strip())
            for place, predicate in enumerate(predicates)
            for value in self.rdf.objects(it, predicate)
            if isinstance(value, Literal) and (rank := self._rank(value)) is not None and str(value).strip()
        ]
        return tuple(dict.fromkeys(text for _, _, text in sorted(ranked)))

    def _rank(self, value: Literal) -> int | None:
        tag = (value.language or "").lower()
        if tag == self.language:
            return 0
        if tag.split("-")[0] == self.language.split("-")[0]:
            return 1
        return None if tag else 2

    def _related(self, it: Node, outward: URIRef, inward: URIRef | None = None) -> list[Node]:
        found = set(self.rdf.objects(it, outward))
        if inward is not None:
            found |= set(self.rdf.subjects(inward, it))
        return sorted(found, key=str)

    def _of_types(self, *types: Node) -> set[Node]:
        return {it for kind in types for it in self.rdf.subjects(RDF.type, kind)}

    def _line(self, it: Node) -> int | None:
        """Return the line on which the file first names a thing, as subject if possible."""
        return None if isinstance(it, BNode) else self.lines.get(_raw_last(it))

    def _fault(self, it: Node, message: str) -> BadDomain:
        return BadDomain(self.path, self._line(it), f"{it.n3()} {message}")


def _first_lines(text: str) -> dict[str, int]:
    """Return the line of each name (the last part of an IRI): the line that starts with it, else its first."""
    anywhere: dict[str, int] = {}
    as_subject: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for term in TERM.finditer(line):
            name = _raw_last(term[0].strip("<>."))
            (anywhere if term.start() else as_subject).setdefault(name, number)
    return anywhere | as_subject


def _is_ours(it: Node) -> bool:
    # Stances and manners are concepts too, but belong to the product and not to a domain.
    return not str(it).startswith(ONTOLOGY)


def _raw_last(it: Node | str) -> str:
    return re.split(r"[/#:]", str(it).rstrip("/#"))[-1]


def _last(it: Node) -> str:
    return unquote(_raw_last(it))
