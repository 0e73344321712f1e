"""What sets a camp apart and what it shares with others: the reforms and concerns behind camps.

Only actors who have spoken on a reform count: silence is not disagreement.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import erfc, prod, sqrt

from graph.debate.camps import Camps
from graph.debate.columns import SIDES, Debate, tally
from graph.debate.measures import profile, stances
from graph.debate.options import Mode, NetworkOptions, Normalisation
from graph.errors import BadRequest
from graph.model import Camp, Stance

SIGNIFICANT = 1.2816
"""z of a one-sided test at 90 %, the level that Polis uses for statements that represent a group."""

LEAST = 2
"""Least number of statements behind a reason for a camp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What sets a camp apart: how many of its members take a side on a reform, or raise a concern, and how many others.

    Polis's representativeness (Small et al. 2021, 'Polis: Scaling deliberation by mapping high dimensional opinion
    spaces', RECERCA 26(2)): two shares with one success and one failure added, their ratio, and the z of a test of two
    proportions. Only actors who have spoken on the reform count: silence is not disagreement.
    """

    camp: str
    about: str
    """Id of the reform, or of the concern."""
    kind: str
    """reform or concern."""
    stance: Stance | None
    """None for a concern."""
    inside: int
    inside_of: int
    outside: int
    outside_of: int
    statements: int
    """Number of the members' statements behind it."""
    ratio: float
    z: float
    p: float

    @property
    def significant(self) -> bool:
        """Return whether chance alone would produce such a clear difference in fewer than one in ten cases."""
        return self.z > SIGNIFICANT


@dataclass(frozen=True, slots=True, kw_only=True)
class CampShare:
    """The numbers of members of a camp that are for, against or mixed on a reform."""

    camp: str
    support: int
    oppose: int
    mixed: int

    @property
    def spoken(self) -> int:
        """Return the number of members that have taken a side."""
        return self.support + self.oppose + self.mixed

    def chance(self, stance: Stance) -> float:
        """Return the share of a side among members that spoke, with one success and one failure added."""
        return (self.holding(stance) + 1) / (self.spoken + 2)

    def holding(self, stance: Stance) -> int:
        """Return the number of members with this stance."""
        return {Stance.SUPPORT: self.support, Stance.OPPOSE: self.oppose, Stance.MIXED: self.mixed}.get(stance, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """A reform on which every camp that has spoken takes the same side; `score` is Polis's group-aware consensus."""

    reform: str
    stance: Stance
    shares: tuple[CampShare, ...]
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Divide:
    """A reform on which camps disagree, with the gap between the camp most and the camp least in favour."""

    reform: str
    shares: tuple[CampShare, ...]
    for_it: str
    against_it: str
    gap: float


Sides = Mapping[str, Mapping[str, Stance]]
"""Each actor's side on each reform, as `graph.debate.measures.stances` returns them."""


def reasons(debate: Debate, options: NetworkOptions, found: Camps, *, sides: Sides | None = None) -> list[Reason]:
    """Return the reforms and concerns that set each camp apart, the clearest first.

    A reason rests on at least two statements of the camp's members. `sides` are the actors' sides by the same options,
    if they are known already; the same holds for the functions below.
    """
    said = _said(debate, options)
    sides = stances(profile(tally(debate, options), options)) if sides is None else sides
    raised_by = _raised(debate, options)
    made: list[Reason] = []
    members = {camp.id: set(camp.members) for camp in found.camps}
    all_actors = set().union(*members.values()) if members else set()
    speakers: dict[str, set[str]] = defaultdict(set)
    holders: dict[tuple[str, Stance], set[str]] = defaultdict(set)
    raisers: dict[str, set[str]] = defaultdict(set)
    for actor in all_actors:
        for reform, stance in sides.get(actor, {}).items():
            speakers[reform].add(actor)
            holders[reform, stance].add(actor)
    for actor, concern in raised_by:
        if actor in all_actors:
            raisers[concern].add(actor)
    for camp, inside in members.items():
        outside = all_actors - inside
        for reform, spoke in speakers.items():
            for stance in (Stance.SUPPORT, Stance.OPPOSE):
                held = holders[reform, stance]
                number = sum(said[actor, reform, stance] for actor in held & inside)
                made.append(_reason(camp, reform, "reform", stance, held, spoke, inside, outside, number))
        for concern, raised in raisers.items():
            number = sum(raised_by[actor, concern] for actor in raised & inside)
            made.append(_reason(camp, concern, "concern", None, raised, all_actors, inside, outside, number))
    kept = (r for r in made if r.statements >= LEAST and r.z > 0)
    return sorted(kept, key=lambda r: (r.camp, -r.z, r.about, str(r.stance)))


def consensus(
    debate: Debate,
    options: NetworkOptions,
    found: Camps,
    *,
    between: Sequence[str] = (),
    sides: Sides | None = None,
) -> list[Common]:
    """Return reforms on which at least two camps take the same side, each by more than half of those who spoke.

    `between` limits this to some camps, such as a pair.
    """
    chosen = _chosen_camps(found, between)
    made = []
    for reform, shares in _shares(debate, options, chosen, sides):
        heard = [share for share in shares if share.spoken]
        if len(heard) < max(2, len(between)):
            continue
        for stance in (Stance.SUPPORT, Stance.OPPOSE):
            if all(share.holding(stance) * 2 > share.spoken for share in heard):
                score = prod(share.chance(stance) for share in heard)
                made.append(Common(reform=reform, stance=stance, shares=tuple(shares), score=score))
    return sorted(made, key=lambda common: (-common.score, common.reform))


def divides(debate: Debate, options: NetworkOptions, found: Camps, *, sides: Sides | None = None) -> list[Divide]:
    """Return reforms that more than half of one camp's speakers support and of another's oppose, widest gap first."""
    made = []
    for reform, shares in _shares(debate, options, found.camps, sides):
        backers = [share for share in shares if share.support * 2 > share.spoken]
        rejecters = [share for share in shares if share.oppose * 2 > share.spoken]
        if not backers or not rejecters:
            continue
        most = max(backers, key=lambda share: (share.chance(Stance.SUPPORT), share.camp))
        least = min(rejecters, key=lambda share: (share.chance(Stance.SUPPORT), share.camp))
        gap = most.chance(Stance.SUPPORT) - least.chance(Stance.SUPPORT)
        made.append(Divide(reform=reform, shares=tuple(shares), for_it=most.camp, against_it=least.camp, gap=gap))
    return sorted(made, key=lambda divide: (-divide.gap, divide.reform))


def _reason(
    camp: str,
    about: str,
    kind: str,
    stance: Stance | None,
    holders: set[str],
    speakers: set[str],
    inside: set[str],
    outside: set[str],
    statements: int,
) -> Reason:
    a, n = len(holders & inside), len(speakers & inside)
    b, m = len(holders & outside), len(speakers & outside)
    z = two_proportions(a, n, b, m)
    return Reason(
        camp=camp,
        about=about,
        kind=kind,
        stance=stance,
        inside=a,
        inside_of=n,
        outside=b,
        outside_of=m,
        statements=statements,
        ratio=((a + 1) / (n + 2)) / ((b + 1) / (m + 2)),
        z=z,
        p=erfc(z / sqrt(2)) / 2,
    )


def two_proportions(a: int, n: int, b: int, m: int) -> float:
    """Return z of the test that a/n is a larger share than b/m, with one success and one failure added to each."""
    first, second = (a + 1) / (n + 2), (b + 1) / (m + 2)
    pooled = (a + b + 2) / (n + m + 4)
    return (first - second) / sqrt(pooled * (1 - pooled) * (1 / (n + 2) + 1 / (m + 2)))


def _said(debate: Debate, options: NetworkOptions) -> Counter[tuple[str, str, Stance]]:
    """Return how many statements each actor makes on each reform with each stance."""
    counted = tally(debate, options)
    rows = zip(counted.actor.tolist(), counted.column.tolist(), counted.side.tolist(), strict=True)
    return Counter((counted.actors[actor], counted.columns[column], SIDES[side]) for actor, column, side in rows)


def _raised(debate: Debate, options: NetworkOptions) -> Counter[tuple[str, str]]:
    """Return the number of statements in which each actor raises each concern."""
    counted = tally(debate, replace(options, mode=Mode.ACTORS_CONCERNS, normalisation=Normalisation.NONE))
    rows = zip(counted.actor.tolist(), counted.column.tolist(), strict=True)
    return Counter((counted.actors[actor], counted.columns[concern]) for actor, concern in rows)


def _chosen_camps(found: Camps, between: Sequence[str]) -> Sequence[Camp]:
    by_id = {camp.id: camp for camp in found.camps}
    unknown = [name for name in between if name not in by_id]
    if unknown:
        raise BadRequest(f"no camp {unknown[0]!r}; the camps are {', '.join(by_id) or 'none'}")
    return [by_id[name] for name in between] if between else found.camps


def _shares(
    debate: Debate, options: NetworkOptions, chosen: Sequence[Camp], sides: Sides | None
) -> Iterator[tuple[str, list[CampShare]]]:
    sides = stances(profile(tally(debate, options), options)) if sides is None else sides
    for reform in sorted({reform for taken in sides.values() for reform in taken}):
        shares = []
        for camp in chosen:
            taken = [sides[actor][reform] for actor in camp.members if reform in sides.get(actor, {})]
            shares.append(
                CampShare(
                    camp=camp.id,
                    support=taken.count(Stance.SUPPORT),
                    oppose=taken.count(Stance.OPPOSE),
                    mixed=taken.count(Stance.MIXED),
                )
            )
        yield reform, shares
