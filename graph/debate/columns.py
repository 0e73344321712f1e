"""The statements of a debate as columns of numbers, filtered, weighted and counted once.

`Debate` holds the statements with their metadata. `tally` turns those that the options choose into arrays, which every
measure of a network is computed from.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from graph.debate.options import Duplicates, Kernel, Mixed, NetworkOptions
from graph.domain.folder import within
from graph.errors import BadRequest
from graph.model import Actor, Article, Concern, Reform, Stance, Statement

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Debate:
    """Statements with the metadata of their articles, actors, reforms and concerns. Texts are not needed."""

    statements: Sequence[Statement]
    articles: Mapping[str, Article] = field(default_factory=dict)
    actors: Mapping[str, Actor] = field(default_factory=dict)
    reforms: Mapping[str, Reform] = field(default_factory=dict)
    concerns: Mapping[str, Concern] = field(default_factory=dict)
    reviewed: Collection[str] = frozenset()
    """Ids of the statements that a person has confirmed or corrected."""
    stored: Mapping[str, str] = field(default_factory=dict)
    """Stored ids, by the new id of statements that a review has moved to another actor or reform."""

    def date(self, statement: Statement) -> str:
        """Return the date of the statement's article, or '' if it is unknown."""
        article = self.articles.get(statement.article)
        return article.date if article else ""

    def actor_label(self, actor: str) -> str:
        """Return the actor's name, or its id if the vocabulary has no name."""
        return self.actors[actor].label if actor in self.actors else actor

    def reform_label(self, reform: str) -> str:
        """Return the reform's name, or its id if the vocabulary has no name."""
        return self.reforms[reform].label if reform in self.reforms else reform

    def concern_label(self, concern: str) -> str:
        """Return the concern's name, or its id if the vocabulary has no name."""
        return self.concerns[concern].label if concern in self.concerns else concern


SIDES = (Stance.SUPPORT, Stance.OPPOSE, Stance.MIXED)
"""The stances that take a side. A neutral stance does not, nor does silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The statements that count, one in each row: indices of the sorted names, and a weight."""

    actors: tuple[str, ...]
    labels: tuple[str, ...]
    """The actors' names in the statements."""
    columns: tuple[str, ...]
    """Ids of the reforms, or of the concerns."""
    articles: tuple[str, ...]
    actor: Integers
    column: Integers
    side: Integers
    """Place in SIDES."""
    article: Integers
    bucket: Integers
    """Statements of one actor, reform and side in one bucket count once."""
    weight: Floats
    first: str = ""
    last: str = ""
    neutral: int = 0
    """Statements in the selection that take no side and so do not count."""
    undated: int = 0
    """Statements left out because a window was asked for and their article has no date."""

    def counted(self, multiplicity: Floats | None = None) -> tuple[Integers, Integers, Integers, Floats]:
        """Return actor, column, side and weight of the statements left after each bucket has counted once.

        `multiplicity` is how often a resample drew each article.
        """
        weight = self.weight if multiplicity is None else self.weight * multiplicity[self.article]
        cell = (self.actor * max(len(self.columns), 1) + self.column) * len(SIDES) + self.side
        key = cell * (int(self.bucket.max(initial=0)) + 1) + self.bucket
        # Heaviest first, so that it does not matter in which order the statements came.
        alike = bool((weight == weight[:1]).all())
        order = np.argsort(key, kind="stable") if alike else np.lexsort((-weight, key))
        sorted_key = key[order]
        kept = order[np.flatnonzero(np.diff(sorted_key, prepend=-1))]
        kept = kept[weight[kept] > 0]
        return self.actor[kept], self.column[kept], self.side[kept], weight[kept]


def tally(debate: Debate, options: NetworkOptions) -> Tally:
    """Return the statements that the options choose, ready for counting.

    If concerns are the columns, a statement that raises several of them counts for each.
    """
    statements = debate.statements
    article_names, article = _codes(list(map(attrgetter("article"), statements)))
    actor_names, actor = _codes(list(map(attrgetter("actor"), statements)))
    side = _sides(statements)
    keep = _chosen(debate, options, article_names, article)
    neutral = int(np.count_nonzero(keep & (side == len(SIDES))))
    keep &= side < len(SIDES)
    if options.mixed == Mixed.OMIT:
        keep &= side != SIDES.index(Stance.MIXED)

    days = _days(debate, article_names)
    article_weight, undated_article = _window_weights(days, options)
    undated = int(np.count_nonzero(keep & undated_article[article])) if len(article) else 0
    weight = article_weight[article] if len(article) else np.zeros(0)
    keep &= weight > 0

    rows, column_names, column = _columns(debate, options, np.flatnonzero(keep))
    bucket = _buckets(debate, options, article_names, days)[article[rows]] if len(rows) else _array([])
    if options.duplicates == Duplicates.ALL:
        bucket = np.arange(len(rows), dtype=np.int64)
    used = np.flatnonzero(np.bincount(actor[rows], minlength=len(actor_names)))
    spoke_in = np.empty(len(actor_names), dtype=np.int64)
    spoke_in[actor[rows[::-1]]] = rows[::-1]
    dates = [debate.articles[name].date for name in _names_at(article_names, article[rows]) if name in debate.articles]
    known = [day for day in dates if day]
    return Tally(
        actors=tuple(actor_names[i] for i in used),
        labels=tuple(statements[i].actor_label for i in spoke_in[used]),
        columns=column_names,
        articles=article_names,
        actor=_renumbered(used, len(actor_names))[actor[rows]],
        column=column,
        side=side[rows],
        article=article[rows],
        bucket=bucket,
        weight=weight[rows],
        first=min(known, default=""),
        last=max(known, default=""),
        neutral=neutral,
        undated=undated,
    )


def moments(debate: Debate, options: NetworkOptions) -> Iterator[str]:
    """Yield the middles of the moving windows, `step` days apart, from the first dated statement to the last."""
    if options.window is None:
        raise BadRequest("a course over time needs the length of its windows in days; give `window`")
    chosen = tally(debate, _without_window(options))
    if not chosen.first:
        return
    day, last = middle(chosen.first), middle(chosen.last)
    while day <= last:
        yield day.isoformat()
        day += timedelta(days=options.step)


def middle(written: str) -> date:
    """Return the middle day of the period that a date covers: '2023' gives 2023-07-02. Raises ValueError."""
    year = int(written[:4])
    if len(written) == len("YYYY"):
        return date(year, 7, 2)
    if len(written) == len("YYYY-MM"):
        return date(year, int(written[5:7]), 15)
    return date.fromisoformat(written)


def kernel(options: NetworkOptions, distance: Floats) -> Floats:
    """Return weights of statements by their distance in days from the middle, where the weight is 1.

    Half a window is the unit of distance. For the Gaussian kernel it is one standard deviation, cut off at three.
    """
    half = (options.window or 1) / 2
    u = np.abs(distance) / half
    weights: Mapping[Kernel, Callable[[], Floats]] = {
        Kernel.UNIFORM: lambda: (u <= 1).astype(np.float64),
        Kernel.TRIANGULAR: lambda: np.clip(1 - u, 0, None),
        Kernel.EPANECHNIKOV: lambda: np.clip(1 - u**2, 0, None),
        Kernel.GAUSSIAN: lambda: np.where(u <= 3, np.exp(-(u**2) / 2), 0.0),
    }
    return weights[options.kernel]()


def rolled_up(reform: str, reforms: Mapping[str, Reform], chosen: Collection[str]) -> str:
    """Return the nearest chosen reform at or above this one ('' if there is none), or the topmost if none is chosen."""
    above, topmost = reform, reform
    while above:
        if above in chosen:
            return above
        topmost = above
        above = reforms[above].broader if above in reforms else ""
    return "" if chosen else topmost


def _without_window(options: NetworkOptions) -> NetworkOptions:
    return replace(options, window=None, at="", kernel=Kernel.UNIFORM)


def _chosen(debate: Debate, options: NetworkOptions, names: Sequence[str], article: Integers) -> NDArray[np.bool_]:
    statements = debate.statements
    keep = np.ones(len(statements), dtype=np.bool_)
    if options.since or options.until or options.publishers:
        known = [debate.articles.get(name) for name in names]
        fits = [
            within(a.date if a else "", options.since, options.until)
            and (not options.publishers or (a is not None and a.publisher in options.publishers))
            for a in known
        ]
        keep &= np.array(fits, dtype=np.bool_)[article]
    tests: list[Callable[[Statement], bool]] = []
    if options.actors:
        tests.append(lambda s: s.actor in options.actors)
    if options.manners:
        tests.append(lambda s: s.manner in options.manners)
    if options.min_confidence:
        tests.append(lambda s: s.confidence >= options.min_confidence)
    if options.concerns:
        tests.append(lambda s: not set(options.concerns).isdisjoint(s.concerns))
    if options.reviewed:
        tests.append(lambda s: s.id in debate.reviewed)
    for test in tests:
        keep &= np.fromiter((test(s) for s in statements), dtype=np.bool_, count=len(statements))
    return keep


def _columns(debate: Debate, options: NetworkOptions, kept: Integers) -> tuple[Integers, tuple[str, ...], Integers]:
    """Return the statement and the column of each row: statements by reform, or by concern."""
    wanted = frozenset(options.reforms)
    said, reform = _codes(list(map(attrgetter("reform"), debate.statements)))
    if options.narrower:
        target = [rolled_up(name, debate.reforms, wanted) for name in said]
    else:
        target = [name if not wanted or name in wanted else "" for name in said]
    counts = np.array([bool(name) for name in target], dtype=np.bool_)
    rows = kept[counts[reform[kept]]] if len(kept) else kept
    if options.by_concern:
        raised = [(row, concern) for row in rows.tolist() for concern in debate.statements[row].concerns]
        names, column = _codes([concern for _, concern in raised])
        return _array([row for row, _ in raised]), names, column
    names, place = _codes(target)
    column = place[reform[rows]]
    used = np.flatnonzero(np.bincount(column, minlength=len(names)))
    return rows, tuple(names[i] for i in used), _renumbered(used, len(names))[column]


def _sides(statements: Sequence[Statement]) -> Integers:
    """Return the index of each stance in SIDES; neutral comes after them."""
    # The stances are singletons, and comparing a million by identity is ten times as fast as hashing an enumeration.
    found = np.fromiter(map(id, map(attrgetter("stance"), statements)), dtype=np.int64, count=len(statements))
    side = np.full(len(statements), len(SIDES), dtype=np.int64)
    for number, stance in enumerate(SIDES):
        side[found == id(stance)] = number
    return side


def _days(debate: Debate, names: Sequence[str]) -> Floats:
    """Return each article's day as a proleptic ordinal, or nan if it has no date."""
    known = [debate.articles[name].date if name in debate.articles else "" for name in names]
    return np.array([middle(day).toordinal() if day else np.nan for day in known], dtype=np.float64)


def _window_weights(days: Floats, options: NetworkOptions) -> tuple[Floats, NDArray[np.bool_]]:
    if not options.at:
        return np.ones(len(days)), np.zeros(len(days), dtype=np.bool_)
    undated = np.isnan(days)
    distance = np.where(undated, 0.0, days - date.fromisoformat(options.at).toordinal())
    return np.where(undated, 0.0, kernel(options, distance)), undated


def _buckets(debate: Debate, options: NetworkOptions, names: Sequence[str], days: Floats) -> Integers:
    def release(name: str) -> str:
        article = debate.articles.get(name)
        return (article.release if article else "") or name

    if options.duplicates == Duplicates.RELEASE:
        labels = [release(name) for name in names]
    elif options.duplicates in (Duplicates.ARTICLE, Duplicates.ALL):
        labels = list(names)
    else:
        # An article without a date is a bucket of its own: nothing says that it repeats another.
        labels = [
            name if np.isnan(day) else _period(date.fromordinal(int(day)), options.duplicates)
            for name, day in zip(names, days, strict=True)
        ]
    return _codes(labels)[1]


def _period(day: date, length: Duplicates) -> str:
    year, week, _ = day.isocalendar()
    return {
        Duplicates.DAY: f"\x1f{day.isoformat()}",
        Duplicates.WEEK: f"\x1f{year}-W{week:02}",
        Duplicates.MONTH: f"\x1f{day.isoformat()[:7]}",
        Duplicates.YEAR: f"\x1f{day.year}",
    }[length]


def _codes(values: Sequence[str]) -> tuple[tuple[str, ...], Integers]:
    """Return the distinct values, sorted, and the index of each value among them."""
    names = sorted(set(values))
    place = {name: number for number, name in enumerate(names)}
    return tuple(names), np.fromiter(map(place.__getitem__, values), dtype=np.int64, count=len(values))


def _renumbered(used: Integers, size: int) -> Integers:
    """Return, for each old number, its index among the numbers in use."""
    place = np.zeros(size, dtype=np.int64)
    place[used] = np.arange(len(used))
    return place


def _names_at(names: Sequence[str], codes: Integers) -> list[str]:
    return [names[code] for code in np.flatnonzero(np.bincount(codes, minlength=len(names))).tolist()]


def _array(values: Sequence[int]) -> Integers:
    return np.array(values, dtype=np.int64)
