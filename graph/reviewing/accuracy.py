"""How good the readers are: their statements in the graph compared with the hand coding in the graph."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.coding.evaluate import Annotation, Share, annotated_as, false, missed, names_of
from graph.coding.readers import Groups, ReaderScores, by_reader, measured
from graph.coding.tables import coder_of
from graph.model import Stance, Statement, is_calibrated
from graph.rdf.terms import Literal, Triple
from graph.rdf.triples import Facts, actors_of, statements_of
from graph.rdf.vocabulary import HEAD, P, graph_iri, id_of, iri
from graph.reading.register import about, base_of
from graph.store.embedded import Store
from graph.store.remembered import DERIVED, remembered

CODED = HEAD + "SELECT ?article ?coding WHERE { ?article :handCoding ?coding } ORDER BY ?article"
NOTHING = Share(name="likely", found=0, right=0)
GENRES = HEAD + "SELECT ?article ?genre WHERE { ?article schema:genre ?genre }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """The readers of a graph compared with its hand coding."""

    articles: tuple[str, ...] = ()
    """Articles that people coded in full, by id."""
    coded: int = 0
    """Statements in the hand coding."""
    overall: ReaderScores | None = None
    """All readers together; None without hand coding."""
    readers: tuple[ReaderScores, ...] = ()
    counted: Share = NOTHING
    """Machine readings that are sure enough to count unchecked, and how many of them are right."""
    missed: tuple[Annotation, ...] = ()
    """Clearly coded statements that no reader found."""
    false: tuple[Statement, ...] = ()
    """Machine readings that the coding does not have, the most certain first."""

    @property
    def read(self) -> Share | None:
        """All machine readings that take a side, and how many of them are right; None if there are none."""
        if self.overall is None or not self.overall.scores.statement.found:
            return None
        statement = self.overall.scores.statement
        return Share(name="all", found=statement.found, right=statement.right)


def annotation_of(statement: Statement, names: Mapping[str, str], *, clear: bool) -> Annotation:
    """Return a coded statement as an annotation; `names` is the result of `actor_names`."""
    return Annotation(
        article=statement.article,
        actor=annotated_as(statement.actor, statement.actor_label, names),
        actor_label=statement.actor_label,
        speaker=statement.speaker,
        reform=statement.reform,
        stance=statement.stance,
        quote=statement.quote,
        concerns=statement.concerns,
        clear=clear,
        id=statement.id,
    )


def coded_triples(
    base: str, articles: Collection[str], coded: Iterable[tuple[Annotation, Statement]]
) -> Iterator[Triple]:
    """Return the hand coding of each article as one JSON array, also of those that have no statement."""
    of: defaultdict[str, list[tuple[Annotation, Statement]]] = defaultdict(list)
    for each, statement in coded:
        of[each.article].append((each, statement))
    for article in sorted(articles):
        fields = [
            {
                "id": each.id,
                "start": statement.start,
                "end": statement.end,
                "condition": statement.condition,
                "manner": statement.manner,
                "actor": each.actor,
                "actor_label": each.actor_label,
                "speaker": each.speaker,
                "reform": each.reform,
                "stance": each.stance,
                "quote": each.quote,
                "concerns": each.concerns,
                "clear": each.clear,
            }
            for each, statement in of[article]
        ]
        yield Triple(iri(base, "article", article), P.handCoding, Literal(json.dumps(fields, ensure_ascii=False)))


def accuracy(store: Store) -> Accuracy:
    """Compare the readers with the hand coding; worked out once for each version of the data."""
    return remembered(store.whole, "accuracy", lambda: _accuracy(store.whole), spared=DERIVED)


def _accuracy(store: Store) -> Accuracy:
    base = base_of(store)
    annotated: list[Annotation] = []
    articles = []
    for row in store.rows(CODED):
        article = id_of(row["article"])
        articles.append(article)
        annotated += _annotations(article, row["coding"])
    if not articles:
        return Accuracy()
    found = [each for article in articles for each in _machine(store, base, article)]
    actors = list(actors_of(Facts(store.triples(graph_iri(base, "vocabulary")))))
    names = names_of(actors)
    groups = Groups(
        kinds={each.id: str(each.kind) for each in actors},
        genres={id_of(row["article"]): row["genre"] for row in store.rows(GENRES)},
    )
    wrong = false(annotated, found, names)
    likely_from = about(store).likely_from
    sure = {
        it.id
        for it in found
        if it.stance is not Stance.NEUTRAL and it.confidence >= likely_from and is_calibrated(it.reader)
    }
    return Accuracy(
        articles=tuple(articles),
        coded=len(annotated),
        overall=measured(annotated, found, names, groups),
        readers=tuple(by_reader(annotated, found, names, groups)),
        counted=Share(name="likely", found=len(sure), right=len(sure - {it.id for it in wrong})),
        missed=tuple(missed(annotated, found, names)),
        false=tuple(sorted(wrong, key=lambda it: (-it.confidence, it.article, it.start, it.id))),
    )


def _annotations(article: str, coding: str) -> Iterator[Annotation]:
    for fields in json.loads(coding):
        yield Annotation(
            article=article,
            actor=fields["actor"],
            actor_label=fields["actor_label"],
            speaker=fields["speaker"],
            reform=fields["reform"],
            stance=Stance(fields["stance"]),
            quote=fields["quote"],
            concerns=tuple(fields["concerns"]),
            clear=fields["clear"],
            id=fields["id"],
        )


def _machine(store: Store, base: str, article: str) -> Sequence[Statement]:
    """The statements of an article as readers found them, whatever people have said of them since."""
    facts = Facts(store.triples(graph_iri(base, "article", article)))
    return [each for each in statements_of(facts) if coder_of(each) is None]
