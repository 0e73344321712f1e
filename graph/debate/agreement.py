"""The profile of agreement between actors, for the page, its JSON and a paragraph of a briefing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations

from graph.debate.bridges import Bridge, bridges
from graph.debate.camps import Camps, Polarisation, camps
from graph.debate.camps import polarisation as polarisation_of
from graph.debate.columns import Debate, tally
from graph.debate.looks import Intervals, intervals
from graph.debate.measures import profile, reform_backbone, stances
from graph.debate.network import Network, Node, agreements, network, networks
from graph.debate.options import Aggregation, Mode, NetworkOptions
from graph.debate.reasons import Common, Divide, Reason, consensus, divides, reasons
from graph.debate.stored import stored_debate
from graph.errors import BadRequest, UnknownActor
from graph.model import Agreement, Counting, Stance
from graph.store.embedded import Store
from graph.store.remembered import DERIVED, remembered

SHOWN = 20
"""Entries of each list of a profile."""

PAIRS = 5_000
"""Pairs among which allies, opponents and splits are sought: those on most shared reforms."""

REASONS = 6
"""Reasons told for each camp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampEntry:
    """A camp with its members by name and the reasons that set it apart most."""

    id: str
    members: tuple[Node, ...]
    stability: float
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A reform on which two actors part that otherwise stand together."""

    reform: str
    a: str
    b: str
    agree: tuple[str, ...]
    """The reforms on which they agree."""
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Strand:
    """A reform, and the share of the network's structure that is lost with it and all less telling ones."""

    reform: str
    lost: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementProfile:
    """Camps, why they are camps, what unites and divides them, who stands between, in a chosen part of the debate."""

    options: Mapping[str, str]
    actors: int
    statements: int
    neutral: int
    undated: int
    first: str
    last: str
    camps: tuple[CampEntry, ...]
    unplaced: tuple[Node, ...]
    modularity: float
    silhouette: float | None
    consensus: tuple[Common, ...]
    divides: tuple[Divide, ...]
    bridges: tuple[Bridge, ...]
    allies: tuple[Agreement, ...]
    opponents: tuple[Agreement, ...]
    splits: tuple[Split, ...]
    backbone: tuple[Strand, ...]
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Names by id, under `actors`, `reforms` and `concerns`, of whatever the profile names."""
    standing: Counting = Counting.LIKELY
    """Which statements count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixCell:
    """An actor's position on a reform, with its counts."""

    stance: Stance
    statements: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionMatrix:
    """Actors by reforms, both in the order of the camps, so that blocks show; None is silence."""

    options: Mapping[str, str]
    actors: tuple[Node, ...]
    camps: tuple[str, ...]
    """The camp of each actor, '' for none."""
    reforms: tuple[Node, ...]
    cells: tuple[tuple[MatrixCell | None, ...], ...]
    standing: Counting = Counting.LIKELY
    """Which statements count."""


def agreement_profile(
    debate: Debate,
    options: NetworkOptions | None = None,
    *,
    made: Network | None = None,
    found: Camps | None = None,
) -> AgreementProfile:
    """The profile of a debate; raises BadRequest where the options name a network without camps.

    `made` and `found` are its network and camps by the same options, where they are known already.
    """
    options = options or NetworkOptions()
    made = network(debate, options) if made is None else made
    found = camps(debate, options, of=made) if found is None else found
    sides = stances(profile(tally(debate, options), options))
    why = reasons(debate, options, found, sides=sides)
    by_id = {node.id: node for node in made.nodes}
    # The lists of allies and opponents need to know where two part, whatever the network counts.
    pairs = list(agreements(made, most=PAIRS))
    told = AgreementProfile(
        options=options.parameters(),
        actors=len(made.nodes),
        statements=sum(node.statements for node in made.nodes),
        neutral=made.neutral,
        undated=made.undated,
        first=made.first,
        last=made.last,
        camps=tuple(
            CampEntry(
                id=camp.id,
                members=tuple(sorted((by_id[m] for m in camp.members), key=lambda node: (-node.statements, node.id))),
                stability=camp.stability,
                reasons=_telling(reason for reason in why if reason.camp == camp.id),
            )
            for camp in found.camps
        ),
        unplaced=tuple(by_id[actor] for actor in found.unplaced),
        modularity=found.modularity,
        silhouette=found.silhouette if found.silhouette == found.silhouette else None,
        consensus=tuple(consensus(debate, options, found, sides=sides)[:SHOWN]),
        divides=tuple(divides(debate, options, found, sides=sides)[:SHOWN]),
        bridges=tuple(bridges(made, found)[:SHOWN]),
        allies=tuple(
            sorted((p for p in pairs if p.score > 0), key=lambda p: (-len(p.agree), -p.score, p.a, p.b))[:SHOWN]
        ),
        opponents=tuple(
            sorted((p for p in pairs if p.conflict), key=lambda p: (-len(p.conflict), p.score, p.a, p.b))[:SHOWN]
        ),
        splits=tuple(splits(pairs)[:SHOWN]),
        backbone=tuple(Strand(reform=reform, lost=lost) for reform, lost in reform_backbone(made.profile)[:SHOWN]),
    )
    return replace(told, labels=_labels(debate, made))


def splits(pairs: Iterable[Agreement]) -> list[Split]:
    """Return reforms on which usual allies differ. Allies agree on at least two others, and agree more than differ."""
    found = [
        Split(reform=reform, a=pair.a, b=pair.b, agree=pair.agree, score=pair.score)
        for pair in pairs
        if len(pair.agree) >= 2 and len(pair.agree) > len(pair.conflict)
        for reform in pair.conflict
    ]
    return sorted(found, key=lambda split: (-len(split.agree), -split.score, split.reform, split.a, split.b))


def position_matrix(
    debate: Debate, options: NetworkOptions | None = None, *, found: Camps | None = None
) -> PositionMatrix:
    """The actors' positions, camps first in their order, those who say most first; reforms by how camps take them.

    `found` are the camps by the same options, where they are known already.
    """
    options = replace(options or NetworkOptions(), mode=Mode.ACTORS, resamples=0)
    made, reformed = networks(debate, [options, replace(options, mode=Mode.REFORMS)])
    found = camps(debate, _for_camps(options)) if found is None else found
    camp_of = found.of()
    order = {camp.id: number for number, camp in enumerate(found.camps)}
    actors = sorted(
        made.nodes, key=lambda node: (order.get(camp_of.get(node.id, ""), len(order)), -node.statements, node.id)
    )
    counted = tally(debate, options)
    said: dict[tuple[str, str], int] = {}
    for actor, column in zip(counted.actor.tolist(), counted.column.tolist(), strict=True):
        cell = counted.actors[actor], counted.columns[column]
        said[cell] = said.get(cell, 0) + 1
    sides = stances(profile(counted, options))
    first = set(found.camps[0].members) if found.camps else set()

    def lean(reform: Node) -> tuple[float, int, str]:
        taken = [sides[actor].get(reform.id) for actor in first if actor in sides]
        return float(taken.count(Stance.OPPOSE) - taken.count(Stance.SUPPORT)), -reform.statements, reform.id

    columns = tuple(sorted(reformed.nodes, key=lean))
    return PositionMatrix(
        options=options.parameters(),
        actors=tuple(actors),
        camps=tuple(camp_of.get(node.id, "") for node in actors),
        reforms=columns,
        cells=tuple(
            tuple(
                MatrixCell(stance=sides[actor.id][reform.id], statements=said[actor.id, reform.id])
                if reform.id in sides.get(actor.id, {})
                else None
                for reform in columns
            )
            for actor in actors
        ),
    )


def pairwise(debate: Debate, actors: Iterable[str], options: NetworkOptions | None = None) -> list[Agreement]:
    """How far each two of these actors agree, on everything that the options choose. Raises UnknownActor."""
    chosen = list(dict.fromkeys(actors))
    if len(chosen) < 2:
        raise BadRequest("a comparison needs two actors at least: name them with actors")
    speaking = {statement.actor for statement in debate.statements}
    for actor in chosen:
        if actor not in speaking and actor not in debate.actors:
            raise UnknownActor(f"no actor {actor!r} in this graph")
    options = replace(options or NetworkOptions(), mode=Mode.ACTORS, actors=tuple(chosen), backbone=None)
    found = {(pair.a, pair.b): pair for pair in agreements(network(debate, options))}
    # A weight of 0 makes no tie, but the reforms on which the two agree and differ are still reported.
    made = network(debate, replace(options, aggregation=Aggregation.IGNORE))
    for pair in agreements(made):
        found.setdefault((pair.a, pair.b), replace(pair, score=0.0))
    return [found.get(pair, Agreement(a=pair[0], b=pair[1])) for pair in combinations(sorted(chosen), 2)]


# From the store, kept until the graph changes


def stored_network(store: Store, options: NetworkOptions) -> Network:
    """The network of the graph's statements."""
    return remembered(store, ("network", options), lambda: network(stored_debate(store), options), spared=DERIVED)


def stored_camps(store: Store, options: NetworkOptions) -> Camps:
    """The camps of the graph's actors."""

    def make() -> Camps:
        return camps(stored_debate(store), options, of=stored_network(store, options))

    return remembered(store, ("camps", options), make, spared=DERIVED)


def stored_agreement(store: Store, options: NetworkOptions) -> AgreementProfile:
    """The profile of the graph's agreement network."""

    def make() -> AgreementProfile:
        made, found = stored_network(store, options), stored_camps(store, options)
        told = agreement_profile(stored_debate(store), options, made=made, found=found)
        return replace(told, standing=store.counting)

    return remembered(store, ("agreement", options), make, spared=DERIVED)


def stored_matrix(store: Store, options: NetworkOptions) -> PositionMatrix:
    """The positions of the graph, actors by reforms."""

    def make() -> PositionMatrix:
        still = replace(options, mode=Mode.ACTORS, resamples=0)
        made = position_matrix(stored_debate(store), options, found=stored_camps(store, _for_camps(still)))
        return replace(made, standing=store.counting)

    return remembered(store, ("matrix", options), make, spared=DERIVED)


def stored_polarisation(store: Store, options: NetworkOptions) -> tuple[Polarisation, ...]:
    """How divided the graph's field is over time."""

    def make() -> tuple[Polarisation, ...]:
        return tuple(polarisation_of(stored_debate(store), options))

    return remembered(store, ("polarisation", options), make, spared=DERIVED)


def camps_for(store: Store, options: NetworkOptions) -> dict[str, str]:
    """The camp of each actor, for the nodes of a network of these options; of any kind of network that has actors."""
    if options.mode in (Mode.REFORMS, Mode.CONCERNS):
        return {}
    return stored_camps(store, _for_camps(options)).of()


def intervals_for(store: Store, options: NetworkOptions) -> Intervals:
    """The days between which the nodes of a network of these options have statements."""
    return remembered(store, ("intervals", options), lambda: intervals(stored_debate(store), options), spared=DERIVED)


def _for_camps(options: NetworkOptions) -> NetworkOptions:
    """The options of the actor network whose camps belong to a network of these options."""
    camp_like = options.aggregation in (Aggregation.SUBTRACT, Aggregation.CONGRUENCE)
    return replace(
        options,
        mode=Mode.ACTORS,
        aggregation=options.aggregation if camp_like else Aggregation.SUBTRACT,
        resamples=options.resamples if options.mode == Mode.ACTORS and camp_like else 0,
    )


def _telling(found: Iterable[Reason]) -> tuple[Reason, ...]:
    """The clearest reasons; where none is clear, the best there is."""
    ordered = list(found)
    clear = [reason for reason in ordered if reason.significant]
    return tuple((clear or ordered[:1])[:REASONS])


def _labels(debate: Debate, made: Network) -> dict[str, dict[str, str]]:
    concerns = {concern for statement in debate.statements for concern in statement.concerns}
    return {
        "actors": {node.id: node.label for node in made.nodes},
        "reforms": {reform: debate.reform_label(reform) for reform in made.profile.columns},
        "concerns": {concern: debate.concern_label(concern) for concern in sorted(concerns)},
    }
