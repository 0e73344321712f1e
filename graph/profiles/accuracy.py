"""How good the readers are, with every miss and every false statement."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from graph.coding.evaluate import Annotation, Bin, Measure, Scores, Share
from graph.coding.readers import ReaderScores
from graph.model import Stance, Statement
from graph.rdf.vocabulary import HEAD, id_of, iri
from graph.reading.catalogue import Listing, reform_tree
from graph.reading.listing import page
from graph.reading.register import base_of
from graph.reading.sources import article_table
from graph.reviewing.accuracy import Accuracy, accuracy
from graph.store.embedded import Store

LISTED = 10
"""Misses, and false statements, on a page that shows both."""
THERE = HEAD + "SELECT ?statement WHERE { VALUES ?statement { UNDEF } ?statement a :Statement }"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Precision, recall and F1, with the counts behind them."""

    right: int
    found: int
    reached: int
    annotated: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigures:
    """The figures for one genre, or for one kind of actor."""

    name: str
    position: Figures
    statement: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderFigures:
    """How good one reader is."""

    reader: str
    """Its name and version; empty for all readers together."""
    position: Figures
    """One case per article, actor and reform: the side of all its statements together; neutral does not count."""
    pair: Figures
    """The same without the side."""
    statement: Figures
    """One case per passage, by article, actor, reform, stance and place."""
    stance_accuracy: float
    """Share of pairs with the right side, among those found and clearly coded."""
    calibration_error: float
    """Mean gap between confidence and the share that is right."""
    genres: tuple[GroupFigures, ...]
    kinds: tuple[GroupFigures, ...]
    """By the kind of the actor."""
    manners: tuple[Share, ...]
    bins: tuple[Bin, ...]
    """By confidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingDifference:
    """A statement of one side only: coded and not found, or found and not coded."""

    statement: str
    """Its id; empty if the graph holds another reading in its place."""
    article: str
    title: str
    actor: str
    actor_label: str
    reform: str
    reform_label: str
    stance: Stance
    quote: str
    confidence: float | None = None
    """Of a reading; None for a coded statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyProfile:
    """The readers of the graph compared with its hand coding."""

    articles: int
    """Articles that people coded in full."""
    coded: int
    """Statements in the hand coding."""
    overall: ReaderFigures | None
    """All readers together; null without hand coding."""
    readers: tuple[ReaderFigures, ...]
    """Each reader separately."""
    likely: Share
    """Readings that are certain enough to count unchecked, and how many of them are right."""
    missed: Listing[CodingDifference]
    """Clearly coded statements that no reader found."""
    false: Listing[CodingDifference]
    """Readings that the coding does not have, the most certain first."""


def accuracy_profile(store: Store, *, limit: int = LISTED, offset: int = 0) -> AccuracyProfile:
    """Compare the readers with the hand coding, with one page of the misses and of the false statements."""
    found = accuracy(store)
    return AccuracyProfile(
        articles=len(found.articles),
        coded=found.coded,
        overall=_reader(found.overall) if found.overall is not None else None,
        readers=tuple(map(_reader, found.readers)),
        likely=found.counted,
        missed=page(_missed(store, found), limit, offset),
        false=page(_false(store, found), limit, offset),
    )


def _reader(made: ReaderScores) -> ReaderFigures:
    return ReaderFigures(
        reader=made.reader,
        position=_figures(made.scores.position),
        pair=_figures(made.scores.pair),
        statement=_figures(made.scores.statement),
        stance_accuracy=made.scores.stance_accuracy,
        calibration_error=made.calibration_error,
        genres=tuple(_groups(made.genres)),
        kinds=tuple(_groups(made.kinds)),
        manners=made.manners,
        bins=made.bins,
    )


def _groups(groups: Iterable[tuple[str, Scores]]) -> Iterable[GroupFigures]:
    for name, made in groups:
        yield GroupFigures(name=name, position=_figures(made.position), statement=_figures(made.statement))


def _figures(of: Measure) -> Figures:
    return Figures(
        right=of.right,
        found=of.found,
        reached=of.reached,
        annotated=of.annotated,
        precision=of.precision,
        recall=of.recall,
        f1=of.f1,
    )


def _missed(store: Store, found: Accuracy) -> list[CodingDifference]:
    base = base_of(store)
    wanted = [iri(base, "statement", each.id) for each in found.missed]
    there = {id_of(row["statement"]) for row in store.rows(THERE, statement=wanted)} if wanted else set()
    return [
        replace(each, statement=each.statement if each.statement in there else "")
        for each in _differences(store, found.missed)
    ]


def _false(store: Store, found: Accuracy) -> list[CodingDifference]:
    return _differences(store, found.false)


def _differences(store: Store, some: Iterable[Annotation | Statement]) -> list[CodingDifference]:
    titles, tree = article_table(store), reform_tree(store)
    return [
        CodingDifference(
            statement=each.id,
            article=each.article,
            title=titles[each.article].title if each.article in titles else each.article,
            actor=each.actor,
            actor_label=each.actor_label,
            reform=each.reform,
            reform_label=tree[each.reform].label if each.reform in tree else each.reform,
            stance=each.stance,
            quote=each.quote,
            confidence=each.confidence if isinstance(each, Statement) else None,
        )
        for each in some
    ]
