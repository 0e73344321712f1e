"""Compare readers on annotated articles: overall, and by genre, manner, kind of actor and confidence."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.coding.evaluate import (
    Annotation,
    Bin,
    Scores,
    Share,
    by_manner,
    calibration,
    calibration_error,
    scores,
)
from graph.domain.folder import Domain
from graph.model import Statement

UNKNOWN = "not listed"
"""The kind of an actor that no table has, and the genre of an article whose table gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """What articles and actors are."""

    kinds: Mapping[str, str]
    """The kind of each actor in a table, by id."""
    genres: Mapping[str, str]
    """The genre of each article that has one, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderScores:
    """How one reader did."""

    reader: str
    """Its name and version; empty for all readers together."""
    scores: Scores
    genres: tuple[tuple[str, Scores], ...]
    """By the genre of the article."""
    manners: tuple[Share, ...]
    kinds: tuple[tuple[str, Scores], ...]
    """By the kind of the actor."""
    bins: tuple[Bin, ...]
    """By confidence."""
    calibration_error: float


def groups_of(domain: Domain) -> Groups:
    """Return the kinds and genres in the tables of a domain."""
    return Groups(
        kinds={id: str(actor.kind) for id, actor in domain.actors.items()},
        genres={id: article.genre for id, article in domain.articles.items() if article.genre},
    )


def by_reader(
    annotated: Sequence[Annotation], found: Sequence[Statement], names: Mapping[str, str], groups: Groups
) -> Iterator[ReaderScores]:
    """Yield the scores of each reader; a statement on which readers agree counts for each of them."""
    for reader in sorted({name for statement in found for name in statement.readers}):
        mine = [statement for statement in found if reader in statement.readers]
        yield measured(annotated, mine, names, groups, reader=reader)


def measured(
    annotated: Sequence[Annotation],
    found: Sequence[Statement],
    names: Mapping[str, str],
    groups: Groups,
    *,
    reader: str = "",
) -> ReaderScores:
    """Return all scores of found statements."""
    bins = calibration(annotated, found, names)

    def by(of: Mapping[str, str], field: str) -> Iterator[tuple[str, Scores]]:
        for name in sorted({*of.values(), UNKNOWN}):
            wanted = [each for each in annotated if of.get(getattr(each, field), UNKNOWN) == name]
            got = [each for each in found if of.get(getattr(each, field), UNKNOWN) == name]
            if wanted or got:
                yield name, scores(wanted, got, names)

    return ReaderScores(
        reader=reader,
        scores=scores(annotated, found, names),
        genres=tuple(by(groups.genres, "article")),
        manners=tuple(by_manner(annotated, found, names)),
        kinds=tuple(by(groups.kinds, "actor")),
        bins=tuple(bins),
        calibration_error=calibration_error(bins),
    )
