"""Scores of an extraction as lines of text for the terminal."""

from collections.abc import Iterator, Mapping, Sequence

from graph.coding.evaluate import (
    Annotation,
    Measure,
    Scores,
    changes,
    grouped,
    sides,
)
from graph.coding.readers import Groups, measured
from graph.coding.reliability import Reliability
from graph.model import Statement

Names = Mapping[str, str]
NO_GROUPS = Groups(kinds={}, genres={})


def lines(
    annotated: Sequence[Annotation],
    found: Sequence[Statement],
    names: Names,
    *,
    by: str = "",
    groups: Groups = NO_GROUPS,
) -> Iterator[str]:
    """Yield all measures, also by group and by article, actor or reform, then each error by name."""
    made = measured(annotated, found, names, groups)
    yield from measures(made.scores)
    yield f"expected calibration error {made.calibration_error:.3f}"
    yield ""
    yield "manner       right of found"
    for share in made.manners:
        yield f"{share.name:<10} {share.right:>7} of {share.found}"
    for name, several in (("genre", made.genres), ("kind of actor", made.kinds)):
        if len(several) > 1:
            yield ""
            yield f"position F1 by {name}"
            for group, each in several:
                yield f"{each.position.f1:>7.3f}  {group}"
    if by:
        yield ""
        yield f"position F1 per {by}"
        for name, each in grouped(annotated, found, names, by=by):
            yield f"{each.position.f1:>7.3f}  {name}"
    yield ""
    yield from errors(annotated, found, names)


def measures(made: Scores) -> Iterator[str]:
    """Yield one line for each measure."""
    for name, measure in (("position", made.position), ("pair", made.pair), ("statement", made.statement)):
        yield _measure(name, measure)
    yield f"stance accuracy on pairs found {made.stance_accuracy:.3f}"


def errors(annotated: Sequence[Annotation], found: Sequence[Statement], names: Names) -> Iterator[str]:
    """Yield each position that was missed, has the wrong stance or is not annotated, by article, actor and reform."""
    both = sides(annotated, found, names)
    hit = set(both.hit())
    for pair, stance in sorted(both.clear.items()):
        if pair not in hit:
            outcome = f"found as {both.found[pair]}" if pair in both.found else "missed"
            yield f"{stance:<8} {outcome:<16} {' · '.join(pair)}"
    for pair in sorted(set(both.wrong()) - set(both.clear)):
        yield f"{'none':<8} {'found as ' + both.found[pair]:<16} {' · '.join(pair)}"


def compared(before: Sequence[Statement], after: Sequence[Statement]) -> Iterator[str]:
    """Yield the statements that a run gained and lost compared with an earlier one."""
    change = changes(before, after)
    yield f"{len(change.gained)} gained, {len(change.lost)} lost"
    for sign, several in (("+", change.gained), ("-", change.lost)):
        for statement in several:
            words = " ".join(statement.quote.split())[:100]
            yield f"{sign} {statement.article} · {statement.actor} · {statement.reform} · {statement.stance} “{words}”"


def _measure(name: str, measure: Measure) -> str:
    counts = f"({measure.found} found, {measure.annotated} clear in gold)"
    return (
        f"{name:<10} F1 {measure.f1:.3f}   precision {measure.precision:.3f}   recall {measure.recall:.3f}   {counts}"
    )


def agreement(of: Reliability) -> str:
    """Return two lines on how far two codings agree."""
    figures = {"kappa": of.kappa, "alpha": of.alpha, "kappa of all": of.kappa_all, "alpha of all": of.alpha_all}
    measured = ", ".join(f"{name} {'–' if value is None else f'{value:.2f}'}" for name, value in figures.items())
    return (
        f"{of.first} and {of.second}: {of.articles} articles; {of.both} found by both, {of.only_first} by the first "
        f"only, {of.only_second} by the second only\n"
        f"  F1 {of.f1:.2f}, with the stance {of.f1_stance:.2f}, of passages {of.f1_passages:.2f}; {measured}"
    )
