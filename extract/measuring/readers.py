"""Compare readers on annotated articles."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from extract.measuring.evaluate import Annotation, Measure, Scores, Share, by_manner, scores
from graph.domain.folder import Domain
from graph.model import Statement

UNKNOWN = "not listed"
"""The kind of an actor that no table has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReaderScores:
    """How one reader did."""

    reader: str
    scores: Scores
    manners: tuple[Share, ...]
    kinds: tuple[tuple[str, Measure], ...]
    """Positions by the kind of their actor."""


def by_reader(
    annotated: Sequence[Annotation], found: Sequence[Statement], names: Mapping[str, str], domain: Domain
) -> Iterator[ReaderScores]:
    """Yield the scores of each reader; a statement on which readers agree counts for each of them."""
    for reader in sorted({name for statement in found for name in statement.readers}):
        mine = [statement for statement in found if reader in statement.readers]
        kinds = {id: str(actor.kind) for id, actor in domain.actors.items()}
        measures = []
        for kind in sorted({*kinds.values(), UNKNOWN}):
            wanted = [each for each in annotated if kinds.get(each.actor, UNKNOWN) == kind]
            got = [each for each in mine if kinds.get(each.actor, UNKNOWN) == kind]
            if wanted or got:
                measures.append((kind, scores(wanted, got, names).position))
        yield ReaderScores(
            reader=reader,
            scores=scores(annotated, mine, names),
            manners=tuple(by_manner(annotated, mine, names)),
            kinds=tuple(measures),
        )
