"""The measures, checked by hand for a few actors and against their definitions for any."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations, product
from math import sqrt

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.debate.columns import Debate
from graph.debate.measures import reform_backbone
from graph.debate.network import Network, agreements, disparity, network, network_over_time
from graph.debate.options import Aggregation, Duplicates, Mixed, Mode, NetworkOptions, Normalisation, Unit
from graph.debate.paths import betweenness, graph
from graph.errors import BadRequest
from graph.model import Reform, Stance, Statement
from tests.factory import article, statement

S, O, M, N = Stance.SUPPORT, Stance.OPPOSE, Stance.MIXED, Stance.NEUTRAL  # noqa: E741  # one letter a side keeps tables readable

STANDS = {
    "council": {"fare-cap": S, "night-buses": S, "bus-lanes": O},
    "riders": {"fare-cap": S, "night-buses": S, "bus-lanes": O},
    "operators": {"fare-cap": O, "night-buses": S},
    "union": {"fare-cap": O, "night-buses": O, "bus-lanes": S},
    "traders": {"fare-cap": M},
}


def debate_of(stands: dict[str, dict[str, Stance]]) -> Debate:
    return Debate(
        statements=[
            statement(actor=actor, reform=reform, stance=stance, article=f"{actor}-{reform}")
            for actor, sides in stands.items()
            for reform, stance in sides.items()
        ]
    )


def weights(of: Network) -> dict[frozenset[str], float]:
    return {frozenset((tie.source, tie.target)): tie.weight for tie in of.ties()}


# One row for each pair and aggregation: none, activity, Jaccard, cosine. The council and the operators agree on one
# of two shared reforms and differ on the other, with sides on three and on two.
BY_HAND = [
    ("council", "operators", "congruence", (1, 1 / 2.5, 1 / 3, 1 / sqrt(6))),
    ("council", "operators", "conflict", (1, 1 / 2.5, 1 / 3, 1 / sqrt(6))),
    ("council", "operators", "subtract", (0, 0, 0, 0)),
    ("council", "operators", "ignore", (2, 2 / 2.5, 2 / 3, 2 / sqrt(6))),
    ("council", "riders", "congruence", (3, 1, 1, 1)),
    ("council", "riders", "conflict", (0, 0, 0, 0)),
    ("council", "riders", "subtract", (3, 1, 1, 1)),
    ("council", "riders", "ignore", (3, 1, 1, 1)),
    ("council", "union", "congruence", (0, 0, 0, 0)),
    ("council", "union", "conflict", (3, 1, 1, 1)),
    ("council", "union", "subtract", (-3, -1, -1, -1)),
    ("council", "union", "ignore", (3, 1, 1, 1)),
    ("operators", "union", "congruence", (1, 1 / 2.5, 1 / 3, 1 / sqrt(6))),
    ("operators", "union", "subtract", (0, 0, 0, 0)),
    ("council", "traders", "congruence", (0.5, 0.25, 1 / 6, 0.5 / sqrt(1.5))),
    ("council", "traders", "conflict", (0.5, 0.25, 1 / 6, 0.5 / sqrt(1.5))),
    ("council", "traders", "subtract", (0, 0, 0, 0)),
    ("council", "traders", "ignore", (1, 0.5, 1 / 3, 1 / sqrt(3))),
]


@pytest.mark.parametrize(("a", "b", "aggregation", "expected"), BY_HAND)
def test_measures_by_hand(a: str, b: str, aggregation: str, expected: tuple[float, ...]) -> None:
    for normalisation, weight in zip(("none", "activity", "jaccard", "cosine"), expected, strict=True):
        options = NetworkOptions(aggregation=Aggregation(aggregation), normalisation=Normalisation(normalisation))
        found = weights(network(debate_of(STANDS), options)).get(frozenset((a, b)), 0.0)
        assert found == pytest.approx(weight), normalisation


@pytest.mark.parametrize(
    ("mixed", "congruence", "conflict"),
    [(Mixed.HALF, 0.5, 0.5), (Mixed.CATEGORY, 1.0, 0.0), (Mixed.OMIT, 0.0, 0.0)],
)
def test_two_mixed_actors_agree_by_the_treatment_chosen(mixed: Mixed, congruence: float, conflict: float) -> None:
    both = debate_of({"council": {"fare-cap": M}, "traders": {"fare-cap": M}})
    for aggregation, expected in (("congruence", congruence), ("conflict", conflict)):
        options = NetworkOptions(mixed=mixed, aggregation=Aggregation(aggregation), normalisation=Normalisation.NONE)
        assert sum(weights(network(both, options)).values()) == expected


def test_a_category_of_its_own_makes_a_profile_longer() -> None:
    stands = {"council": {"fare-cap": S, "night-buses": M}, "riders": {"fare-cap": S, "night-buses": S}}
    for aggregation in ("congruence", "subtract"):
        options = NetworkOptions(mixed=Mixed.CATEGORY, aggregation=Aggregation(aggregation))
        # They agree on one reform; each vector has two entries of one.
        assert weights(network(debate_of(stands), options)) == {frozenset(stands): pytest.approx(1 / 2)}


# Reforms by their actors: the fare cap and the night buses have council and riders for both, the union against both,
# and the operators on either side.
@pytest.mark.parametrize(
    ("aggregation", "expected"),
    [
        ("congruence", (3, 3 / 4, 3 / 4, 3 / 4)),
        ("conflict", (1, 1 / 4, 1 / 4, 1 / 4)),
        ("subtract", (2, 0.5, 0.5, 0.5)),
    ],
)
def test_reforms_are_tied_by_the_actors_that_take_the_same_side_on_both(
    aggregation: str, expected: tuple[float, ...]
) -> None:
    stands = {actor: sides for actor, sides in STANDS.items() if actor != "traders"}
    for normalisation, weight in zip(("none", "activity", "jaccard", "cosine"), expected, strict=True):
        options = NetworkOptions(
            mode=Mode.REFORMS, aggregation=Aggregation(aggregation), normalisation=Normalisation(normalisation)
        )
        assert weights(network(debate_of(stands), options))[frozenset(("fare-cap", "night-buses"))] == pytest.approx(
            weight
        )


@pytest.mark.parametrize(
    ("normalisation", "expected"), [("none", 6.0), ("activity", 6 / 6.5), ("jaccard", 6 / 7), ("cosine", 1.0)]
)
def test_statements_are_counted_where_they_are_the_unit(normalisation: str, expected: float) -> None:
    said = [statement(actor="council", article=f"c{i}") for i in range(2)]
    said += [statement(actor="operators", article=f"o{i}") for i in range(3)]
    options = NetworkOptions(unit=Unit.STATEMENTS, normalisation=Normalisation(normalisation))
    assert weights(network(Debate(statements=said), options)) == {
        frozenset(("council", "operators")): pytest.approx(expected)
    }


@pytest.mark.parametrize(
    ("normalisation", "aggregation", "expected"),
    [
        ("none", "subtract", {"fare-cap": -1, "night-buses": 1}),
        ("none", "congruence", {"night-buses": 1}),
        ("none", "conflict", {"fare-cap": 1}),
        ("activity", "subtract", {"fare-cap": -1 / 2, "night-buses": 1 / 2}),
        ("cosine", "subtract", {"fare-cap": -1 / sqrt(2), "night-buses": 1 / sqrt(2)}),
    ],
)
def test_two_mode_ties_show_the_side(normalisation: str, aggregation: str, expected: dict[str, float]) -> None:
    options = NetworkOptions(
        mode=Mode.ACTORS_REFORMS,
        normalisation=Normalisation(normalisation),
        aggregation=Aggregation(aggregation),
    )
    ties = network(debate_of(STANDS), options).ties()
    assert {tie.target: tie.weight for tie in ties if tie.source == "operators"} == pytest.approx(expected)


def test_actors_are_tied_to_the_concerns_they_raise() -> None:
    said = [
        statement(actor="council", concerns=("cost", "safety")),
        statement(actor="council", article="gazette-2", concerns=("cost",)),
        statement(actor="union", stance=O, concerns=("safety",)),
    ]
    options = NetworkOptions(
        mode=Mode.ACTORS_CONCERNS,
        unit=Unit.STATEMENTS,
        aggregation=Aggregation.IGNORE,
        normalisation=Normalisation.NONE,
    )
    ties = {(tie.source, tie.target): tie.weight for tie in network(Debate(statements=said), options).ties()}
    assert ties == {("council", "cost"): 2, ("council", "safety"): 1, ("union", "safety"): 1}


def test_neither_neutral_nor_silence_is_a_side() -> None:
    made = network(debate_of({"council": {"fare-cap": S}, "operators": {"fare-cap": N}, "riders": {"bus-lanes": S}}))
    assert [node.id for node in made.nodes] == ["council", "riders"]
    assert len(made) == 0
    assert made.neutral == 1


def test_an_actor_with_statements_for_and_against_has_a_mixed_position() -> None:
    torn = Debate(
        statements=[
            statement(actor="council", stance=S),
            statement(actor="council", stance=O, article="gazette-2"),
            statement(actor="riders", stance=S),
        ]
    )
    options = NetworkOptions(normalisation=Normalisation.NONE, aggregation=Aggregation.CONGRUENCE)
    assert weights(network(torn, options)) == {frozenset(("council", "riders")): 0.5}
    assert len(network(torn, replace(options, mixed=Mixed.OMIT))) == 0


@pytest.mark.parametrize(
    ("duplicates", "count"),
    [("all", 6), ("article", 5), ("release", 4), ("day", 3), ("week", 3), ("month", 2), ("year", 1)],
)
def test_the_same_again_counts_once_within(duplicates: str, count: int) -> None:
    dates = {"a": "2023-02-01", "b": "2023-02-01", "c": "2023-02-20", "d": "2023-03-01", "e": "2023-03-01"}
    articles = {name: article(id=name, date=day) for name, day in dates.items()}
    articles["e"] = replace(articles["e"], release="d")
    said = [statement(article=name) for name in dates] + [statement(article="a", start=5)]
    options = NetworkOptions(
        mode=Mode.ACTORS_REFORMS,
        unit=Unit.STATEMENTS,
        normalisation=Normalisation.NONE,
        duplicates=Duplicates(duplicates),
    )
    (tie,) = network(Debate(statements=said, articles=articles), options).ties()
    assert tie.weight == count


REFORMS = {
    "fares": Reform(id="fares", label="Fares"),
    "fare-cap": Reform(id="fare-cap", label="Fare cap", broader="fares"),
    "child-cap": Reform(id="child-cap", label="Cap for children", broader="fare-cap"),
    "bus-lanes": Reform(id="bus-lanes", label="Bus lanes"),
}


@pytest.mark.parametrize(
    ("reforms", "narrower", "expected"),
    [
        ((), False, ["bus-lanes", "child-cap", "fare-cap"]),
        ((), True, ["bus-lanes", "fares"]),
        (("fare-cap",), False, ["fare-cap"]),
        (("fare-cap",), True, ["fare-cap"]),
        (("fares", "child-cap"), True, ["child-cap", "fares"]),
    ],
)
def test_narrower_reforms_are_rolled_up(reforms: tuple[str, ...], narrower: bool, expected: list[str]) -> None:
    said = [statement(reform=reform) for reform in ("fare-cap", "child-cap", "bus-lanes")]
    options = NetworkOptions(mode=Mode.ACTORS_REFORMS, reforms=reforms, narrower=narrower)
    found = network(Debate(statements=said, reforms=REFORMS), options)
    assert [node.id for node in found.nodes if node.kind == "reform"] == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["a", "b", "c"]),
        ({"since": "2023-02"}, ["b", "c"]),
        ({"until": "2023-02"}, ["a", "b"]),
        ({"publishers": ("Herald",)}, ["b"]),
        ({"manners": ("direct",)}, ["c"]),
        ({"min_confidence": 0.6}, ["b", "c"]),
        ({"concerns": ("cost",)}, ["a"]),
        ({"actors": ("b", "c")}, ["b", "c"]),
        ({"reviewed": True}, ["b"]),
    ],
)
def test_filters_narrow(changes: dict[str, object], expected: list[str]) -> None:
    said = [
        statement(actor="a", article="a", confidence=0.5, concerns=("cost",)),
        statement(actor="b", article="b"),
        statement(actor="c", article="c", manner="direct"),
    ]
    articles = {
        "a": article(id="a", date="2023-01-10"),
        "b": article(id="b", date="2023-02", publisher="Herald"),
        "c": article(id="c", date="2023-03-10"),
    }
    debate = Debate(statements=said, articles=articles, reviewed={said[1].id})
    found = network(debate, NetworkOptions(**changes))  # type: ignore[arg-type]  # a table of options
    assert [node.id for node in found.nodes] == expected


# Ten days from the middle of a window of forty: half way out.
@pytest.mark.parametrize(
    ("kernel", "weight"),
    [("uniform", 1.0), ("triangular", 0.5), ("epanechnikov", 0.75), ("gaussian", 0.8824969)],
)
def test_kernels_weigh_by_distance(kernel: str, weight: float) -> None:
    articles = {
        "a": article(id="a", date="2023-02-11"),
        "b": article(id="b", date="2024-02-11"),
        "c": article(id="c", date=""),
    }
    said = [statement(article=name) for name in articles]
    for aggregation, mode in product(Aggregation, (Mode.ACTORS_REFORMS,)):
        options = NetworkOptions(
            mode=mode,
            aggregation=aggregation,
            unit=Unit.STATEMENTS,
            normalisation=Normalisation.NONE,
            window=40,
            at="2023-02-01",
            kernel=kernel,  # type: ignore[arg-type]  # strings are taken for the enumeration's values
        )
        made = network(Debate(statements=said, articles=articles), options)
        assert made.undated == 1
        assert [tie.weight for tie in made.ties()] == pytest.approx([] if aggregation == "conflict" else [weight])


def test_windows_move_from_the_first_statement_to_the_last() -> None:
    articles = {"a": article(id="a", date="2023-01-01"), "b": article(id="b", date="2023-03-05")}
    said = [statement(article=name, actor=actor) for name in articles for actor in ("council", "riders")]
    course = network_over_time(Debate(statements=said, articles=articles), NetworkOptions(window=30, step=31))
    assert [(moment, len(made)) for moment, made in course] == [("2023-01-01", 1), ("2023-02-01", 0), ("2023-03-04", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "parties"},
        {"aggregation": "plus"},
        {"since": "last year"},
        {"kernel": "gaussian"},
        {"kernel": "gaussian", "window": 30, "unit": "positions"},
        {"at": "2023-01-01"},
        {"at": "2023", "window": 30},
        {"mode": "actors-reforms", "normalisation": "jaccard"},
        {"method": "louvain", "number": 3},
        {"method": "exact", "choose": "silhouette"},
        {"min_confidence": 2.0},
        {"backbone": 0.0},
        {"window": 0},
        {"reforms": "fare-cap"},
    ],
)
def test_options_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(BadRequest):
        NetworkOptions(**changes)  # type: ignore[arg-type]  # what the test is about


def test_one_network_needs_the_middle_of_its_window() -> None:
    with pytest.raises(BadRequest, match="middle"):
        network(debate_of(STANDS), NetworkOptions(window=30))


ACTORS, TOPICS = ("a", "b", "c", "d", "e"), ("p", "q", "r", "t")
stances = st.sampled_from(list(Stance))
statements = st.lists(
    st.builds(
        lambda actor, reform, stance, number, start: statement(
            actor=actor, reform=reform, stance=stance, article=f"x{number}", start=start
        ),
        st.sampled_from(ACTORS),
        st.sampled_from(TOPICS),
        stances,
        st.integers(0, 5),
        st.integers(0, 3),
    ),
    max_size=40,
)
measures = st.builds(
    lambda aggregation, normalisation, unit, mixed: NetworkOptions(
        aggregation=aggregation, normalisation=normalisation, unit=unit, mixed=mixed
    ),
    st.sampled_from(list(Aggregation)),
    st.sampled_from(list(Normalisation)),
    st.sampled_from(list(Unit)),
    st.sampled_from(list(Mixed)),
)
Sides = dict[str, tuple[float, float, float]]


def brute_profiles(said: list[Statement], options: NetworkOptions) -> dict[str, Sides]:
    """Return support, opposition and mixed by actor and reform, directly from the definitions."""
    once = {(s.actor, s.reform, s.stance, s.article) for s in said if s.stance != N}
    profiles: dict[str, Sides] = defaultdict(dict)
    for actor, reform in {(a, r) for a, r, _, _ in once}:
        count = {side: float(sum(1 for a, r, k, _ in once if (a, r, k) == (actor, reform, side))) for side in (S, O, M)}
        if options.mixed == Mixed.OMIT:
            count[M] = 0.0
        if options.unit == Unit.POSITIONS:
            taken = [side for side in (S, O, M) if count[side]]
            position = taken[0] if len(taken) == 1 else M
            count = {side: float(bool(taken) and side == position) for side in (S, O, M)}
            if options.mixed == Mixed.OMIT:
                count[M] = 0.0
        s, o, m = count[S], count[O], count[M]
        if options.mixed == Mixed.HALF:
            s, o, m = s + m / 2, o + m / 2, 0.0
        if s or o or m:
            profiles[actor][reform] = (s, o, m)
    return profiles


def brute_weight(a: Sides, b: Sides, options: NetworkOptions) -> float:
    shared = set(a) & set(b)
    congruence = sum(a[r][0] * b[r][0] + a[r][1] * b[r][1] + a[r][2] * b[r][2] for r in shared)
    conflict = sum(a[r][0] * b[r][1] + a[r][1] * b[r][0] for r in shared)
    together = sum(sum(a[r]) * sum(b[r]) for r in shared)
    raw = {
        Aggregation.CONGRUENCE: congruence,
        Aggregation.CONFLICT: conflict,
        Aggregation.SUBTRACT: congruence - conflict,
        Aggregation.IGNORE: together,
    }[options.aggregation]
    activity = [sum(sum(x) ** 2 for x in sides.values()) for sides in (a, b)]
    if options.normalisation == Normalisation.NONE:
        return raw
    if options.normalisation == Normalisation.ACTIVITY:
        return raw / (sum(activity) / 2)
    if options.normalisation == Normalisation.JACCARD:
        return raw / (sum(activity) - together)

    def vector(x: tuple[float, float, float]) -> tuple[float, ...]:
        if options.aggregation == Aggregation.SUBTRACT:
            return (x[0] - x[1], x[2])
        return (sum(x),) if options.aggregation == Aggregation.IGNORE else x

    lengths = [sqrt(sum(v * v for x in sides.values() for v in vector(x))) for sides in (a, b)]
    return raw / (lengths[0] * lengths[1]) if all(lengths) else 0.0


@settings(max_examples=300, deadline=None)
@given(said=statements, options=measures)
def test_every_measure_is_what_its_definition_says(said: list[Statement], options: NetworkOptions) -> None:
    profiles = brute_profiles(said, options)
    expected = {
        frozenset((a, b)): brute_weight(profiles[a], profiles[b], options)
        for a, b in combinations(sorted(profiles), 2)
        if set(profiles[a]) & set(profiles[b])
    }
    found = weights(network(Debate(statements=said), options))
    assert found == pytest.approx({pair: weight for pair, weight in expected.items() if abs(weight) > 1e-9})


@settings(max_examples=100, deadline=None)
@given(said=statements, options=measures, order=st.randoms(use_true_random=False))
def test_order_does_not_matter(said: list[Statement], options: NetworkOptions, order: "object") -> None:
    shuffled = list(said)
    order.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    assert weights(network(Debate(statements=said), options)) == weights(network(Debate(statements=shuffled), options))


@settings(max_examples=200, deadline=None)
@given(said=statements, options=measures)
def test_weights_keep_their_bounds(said: list[Statement], options: NetworkOptions) -> None:
    made = network(Debate(statements=said), options)
    least = -1.0 if options.aggregation == Aggregation.SUBTRACT else 0.0
    for tie in made.ties():
        assert tie.source < tie.target
        if options.normalisation != Normalisation.NONE:
            assert least <= tie.weight <= 1.0
        elif least == 0.0:
            assert tie.weight >= 0.0


@settings(max_examples=100, deadline=None)
@given(said=statements, options=measures)
def test_a_matrix_is_symmetric(said: list[Statement], options: NetworkOptions) -> None:
    matrix = network(Debate(statements=said), options).matrix().toarray()
    assert (matrix == matrix.T).all()
    assert not matrix.diagonal().any()


sided = st.dictionaries(st.sampled_from(TOPICS), st.sampled_from([S, O]), min_size=1)


@settings(max_examples=100, deadline=None)
@given(sides=sided, normalisation=st.sampled_from(["activity", "jaccard", "cosine"]), unit=st.sampled_from(list(Unit)))
def test_identical_profiles_score_one_and_opposite_ones_minus_one(
    sides: dict[str, Stance], normalisation: str, unit: Unit
) -> None:
    turned = {reform: O if side == S else S for reform, side in sides.items()}
    options = NetworkOptions(normalisation=Normalisation(normalisation), unit=unit)
    found = weights(network(debate_of({"a": sides, "b": dict(sides), "c": turned}), options))
    assert found[frozenset("ab")] == pytest.approx(1)
    assert found[frozenset("ac")] == pytest.approx(-1)
    for aggregation, pair in (("congruence", "ab"), ("conflict", "ac")):
        found = weights(
            network(
                debate_of({"a": sides, "b": dict(sides), "c": turned}),
                replace(options, aggregation=Aggregation(aggregation)),
            )
        )
        assert found[frozenset(pair)] == pytest.approx(1)


@settings(max_examples=50, deadline=None)
@given(said=statements, options=measures)
def test_many_nodes_are_measured_as_few_are(said: list[Statement], options: NetworkOptions) -> None:
    dense = weights(network(Debate(statements=said), options))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("graph.debate.measures.DENSE", 0)
        assert weights(network(Debate(statements=said), options)) == pytest.approx(dense)


def test_agreements_name_the_reforms() -> None:
    found = {(a.a, a.b): a for a in agreements(network(debate_of(STANDS), NetworkOptions(normalisation="jaccard")))}  # type: ignore[arg-type]  # strings are taken
    assert found["council", "riders"].agree == ("bus-lanes", "fare-cap", "night-buses")
    assert found["council", "union"].conflict == ("bus-lanes", "fare-cap", "night-buses")
    assert found["council", "union"].score == -1


def test_of_many_agreements_those_on_most_shared_reforms_are_kept() -> None:
    made = network(debate_of(STANDS))
    whole = {(each.a, each.b): each for each in agreements(made)}
    (first, second) = agreements(made, most=2)
    assert [(each.a, each.b) for each in (first, second)] == [("council", "riders"), ("council", "union")]
    assert [first, second] == [whole["council", "riders"], whole["council", "union"]]


def test_a_pair_needs_as_many_shared_reforms_as_asked() -> None:
    assert frozenset(("council", "operators")) in weights(
        network(debate_of(STANDS), NetworkOptions(aggregation=Aggregation.CONGRUENCE, at_least=2))
    )
    assert all(tie.shared >= 3 for tie in network(debate_of(STANDS), NetworkOptions(at_least=3)).ties())


def test_betweenness_finds_the_actor_between_two_camps() -> None:
    stands = {
        "a": {"p": S, "q": S},
        "b": {"p": S, "q": S},
        "bridge": {"q": S, "r": S},
        "c": {"r": S, "t": S},
        "d": {"r": S, "t": S},
    }
    found = betweenness(network(debate_of(stands)), {"a": "1", "b": "1", "bridge": "1", "c": "2", "d": "2"})
    # Of the six ways from a camp to the other, counted both ways, four lead through the bridge; two begin at it.
    assert found == pytest.approx({"a": 0, "b": 0, "bridge": 4 / 6, "c": 0, "d": 0})


def test_disparity_is_the_published_formula() -> None:
    options = NetworkOptions(aggregation=Aggregation.CONGRUENCE, normalisation=Normalisation.NONE)
    made = network(debate_of(STANDS), options)
    drawn = graph(made)
    strength, degree = dict(drawn.degree(weight="weight")), dict(drawn.degree())
    for chance, tie in zip(disparity(made), made.ties(), strict=True):
        ends = (tie.source, tie.target)
        by_end = [(1 - tie.weight / strength[end]) ** (degree[end] - 1) for end in ends if degree[end] > 1]
        assert chance == pytest.approx(min(by_end, default=1.0))


def test_the_backbone_begins_with_the_reform_that_ties_most() -> None:
    stands = {actor: {"fare-cap": S, "night-buses": O} for actor in "abcde"} | {"a": {"bus-lanes": S}}
    (first, whole), *_, (last, least) = reform_backbone(network(debate_of(stands)).profile)
    assert (first, whole) == ("fare-cap", 1.0) or (first, whole) == ("night-buses", 1.0)
    assert (last, least) == ("bus-lanes", 0.0)


def test_graph_carries_every_attribute() -> None:
    said = [replace(s, actor_label=s.actor.title()) for s in debate_of(STANDS).statements]
    drawn = graph(network(Debate(statements=said)), {"council": "camp-1"})
    assert isinstance(drawn, nx.Graph)
    assert drawn.nodes["council"] == {
        "label": "Council",
        "kind": "actor",
        "statements": 3,
        "articles": 3,
        "support": 2,
        "oppose": 1,
        "mixed": 0,
        "camp": "camp-1",
    }
    assert drawn.edges["council", "union"]["sign"] == -1
    assert drawn.graph["normalisation"] == "cosine"
