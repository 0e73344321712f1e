"""Camps: found as constructed, the same every time, with reasons checked by arithmetic."""

from dataclasses import replace
from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.debate.bridges import bridges
from graph.debate.camps import camps, polarisation
from graph.debate.columns import Debate
from graph.debate.network import Network, network
from graph.debate.options import Aggregation, Choice, Method, Mode, NetworkOptions, Normalisation
from graph.debate.partitions import modularity
from graph.debate.reasons import consensus, divides, reasons, two_proportions
from graph.errors import BadRequest
from graph.model import Stance
from tests.factory import article, statement

FOR, AGAINST = Stance.SUPPORT, Stance.OPPOSE

# Two camps of three disagree on fares and night buses and agree on shelters; one actor is in neither.
STANDS = {
    "council": {"fare-cap": FOR, "night-buses": FOR, "shelters": FOR},
    "riders": {"fare-cap": FOR, "night-buses": FOR, "shelters": FOR},
    "students": {"fare-cap": FOR, "night-buses": FOR},
    "operators": {"fare-cap": AGAINST, "night-buses": AGAINST, "shelters": FOR},
    "taxpayers": {"fare-cap": AGAINST, "night-buses": AGAINST, "shelters": FOR},
    "garage": {"fare-cap": AGAINST, "night-buses": AGAINST},
    "museum": {"heritage-trams": FOR},
}
CAMPS = [("council", "riders", "students"), ("garage", "operators", "taxpayers")]


def debate_of(stands: dict[str, dict[str, Stance]]) -> Debate:
    return Debate(
        statements=[
            statement(
                actor=actor, reform=reform, stance=stance, article=f"{actor}-{reform}", concerns=CONCERNS.get(actor, ())
            )
            for actor, sides in stands.items()
            for reform, stance in sides.items()
        ]
    )


CONCERNS = {"operators": ("cost",), "taxpayers": ("cost",), "garage": ("cost",), "riders": ("access",)}
DEBATE = debate_of(STANDS)
METHODS = [
    NetworkOptions(method=Method.LOUVAIN),
    NetworkOptions(method=Method.EXACT),
    NetworkOptions(method=Method.WARD),
    NetworkOptions(method=Method.WARD, choose=Choice.SILHOUETTE),
    NetworkOptions(method=Method.WARD, number=2),
    NetworkOptions(method=Method.AVERAGE),
    NetworkOptions(method=Method.AVERAGE, choose=Choice.SILHOUETTE),
    NetworkOptions(method=Method.SPECTRAL),
    NetworkOptions(method=Method.SPECTRAL, choose=Choice.SILHOUETTE),
    NetworkOptions(method=Method.SPECTRAL, number=2),
]


@pytest.mark.parametrize("options", METHODS)
def test_every_method_finds_the_two_sides(options: NetworkOptions) -> None:
    found = camps(DEBATE, replace(options, resamples=0))
    assert [camp.members for camp in found.camps] == CAMPS
    assert found.unplaced == ("museum",)
    assert [camp.id for camp in found.camps] == ["camp-1", "camp-2"]


@pytest.mark.parametrize("options", METHODS)
def test_camps_are_the_same_every_time_and_in_any_order(options: NetworkOptions) -> None:
    turned = replace(DEBATE, statements=DEBATE.statements[::-1])
    options = replace(options, resamples=5)
    first, again = camps(DEBATE, options), camps(turned, options)
    assert first.camps == again.camps
    assert first.modularity == again.modularity


def test_stability_says_how_often_two_stay_together() -> None:
    found = camps(DEBATE, NetworkOptions(resamples=200))
    assert found.together is not None
    place = {actor: number for number, actor in enumerate(found.actors)}
    assert found.together[place["council"], place["riders"]] > 0.8
    assert found.together[place["council"], place["garage"]] < 0.2
    pairs = [found.together[place[a], place[b]] for a, b in combinations(found.camps[0].members, 2)]
    assert found.camps[0].stability == pytest.approx(np.mean(pairs))
    assert camps(DEBATE, NetworkOptions(resamples=0)).together is None


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": Mode.REFORMS}, "groups of actors"),
        ({"aggregation": Aggregation.CONFLICT}, "ties of agreement"),
        ({"method": Method.WARD, "number": 7}, "cannot form"),
    ],
)
def test_networks_without_camps_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        camps(DEBATE, NetworkOptions(**changes))  # type: ignore[arg-type]  # a table of options


def test_an_exact_search_among_too_many_is_refused() -> None:
    many = debate_of({f"actor-{number}": {"fare-cap": FOR} for number in range(25)})
    with pytest.raises(BadRequest, match="at most 24"):
        camps(many, NetworkOptions(method=Method.EXACT, resamples=0))


def brute_modularity(of: Network, labels: list[int]) -> float:
    """Gómez, Jensen and Arenas's definition, term by term."""
    weights = of.matrix().toarray()
    plus, minus = np.clip(weights, 0, None), np.clip(-weights, 0, None)
    total = 0.0
    for i in range(len(labels)):
        for j in range(len(labels)):
            if labels[i] == labels[j]:
                term = weights[i, j]
                if plus.sum():
                    term -= plus[i].sum() * plus[j].sum() / plus.sum()
                if minus.sum():
                    term += minus[i].sum() * minus[j].sum() / minus.sum()
                total += term
    whole = plus.sum() + minus.sum()
    return float(total / whole) if whole else 0.0


stands = st.dictionaries(
    st.sampled_from("abcdefg"),
    st.dictionaries(st.sampled_from("pqrst"), st.sampled_from([FOR, AGAINST, Stance.MIXED]), min_size=1),
    min_size=2,
)


@settings(max_examples=100, deadline=None)
@given(taken=stands, data=st.data())
def test_modularity_is_its_definition(taken: dict[str, dict[str, Stance]], data: st.DataObject) -> None:
    made = network(debate_of(taken))
    labels = data.draw(st.lists(st.integers(0, 3), min_size=len(made.nodes), max_size=len(made.nodes)))
    assert modularity(made, np.array(labels)) == pytest.approx(brute_modularity(made, labels))


@settings(max_examples=60, deadline=None)
@given(taken=stands)
def test_no_method_does_better_than_the_exact_search(taken: dict[str, dict[str, Stance]]) -> None:
    debate = debate_of(taken)
    options = NetworkOptions(method=Method.EXACT, aggregation=Aggregation.CONGRUENCE, resamples=0)
    best = camps(debate, options).modularity
    for method in (Method.LOUVAIN, Method.WARD, Method.AVERAGE):
        assert camps(debate, replace(options, method=method)).modularity <= best + 1e-9


@settings(max_examples=40, deadline=None)
@given(taken=stands)
def test_a_common_opponent_makes_no_camp(taken: dict[str, dict[str, Stance]]) -> None:
    debate = debate_of(taken)
    made = network(debate)
    allies = {frozenset((tie.source, tie.target)) for tie in made.ties() if tie.weight > 0}
    for camp in camps(debate, NetworkOptions(method=Method.EXACT, resamples=0)).camps:
        for member in camp.members:
            assert any(frozenset((member, other)) in allies for other in camp.members)


def test_reasons_are_the_two_proportion_test() -> None:
    found = camps(DEBATE, NetworkOptions(resamples=0))
    made = reasons(DEBATE, NetworkOptions(), found)
    best = next(r for r in made if r.camp == "camp-1")
    assert (best.about, best.stance, best.inside, best.inside_of, best.outside, best.outside_of) == (
        "fare-cap",
        FOR,
        3,
        3,
        0,
        3,
    )
    # Shares of 4/5 and 1/5 with one of each added; together 5/10.
    assert best.ratio == pytest.approx(4)
    assert best.z == pytest.approx(0.6 / sqrt(0.25 * (1 / 5 + 1 / 5)))
    assert best.significant
    cost = next(r for r in made if r.about == "cost")
    assert (cost.camp, cost.kind, cost.stance, cost.inside, cost.inside_of) == ("camp-2", "concern", None, 3, 3)
    assert not any(r.about == "shelters" and r.significant for r in made)


@given(a=st.integers(0, 9), n=st.integers(0, 9), b=st.integers(0, 9), m=st.integers(0, 9))
def test_two_proportions_turn_sign_with_their_order(a: int, n: int, b: int, m: int) -> None:
    forward = two_proportions(a, a + n, b, b + m)
    assert forward == pytest.approx(-two_proportions(b, b + m, a, a + n))


def test_what_unites_and_what_divides() -> None:
    found = camps(DEBATE, NetworkOptions(resamples=0))
    (common,) = consensus(DEBATE, NetworkOptions(), found)
    assert (common.reform, common.stance) == ("shelters", FOR)
    # Two of two in either camp, one of each added: 3/4 times 3/4.
    assert common.score == pytest.approx(9 / 16)
    assert consensus(DEBATE, NetworkOptions(), found, between=("camp-1", "camp-2")) == [common]
    assert {(d.reform, d.for_it, d.against_it) for d in divides(DEBATE, NetworkOptions(), found)} == {
        ("fare-cap", "camp-1", "camp-2"),
        ("night-buses", "camp-1", "camp-2"),
    }
    assert all(d.gap == pytest.approx(4 / 5 - 1 / 5) for d in divides(DEBATE, NetworkOptions(), found))
    with pytest.raises(BadRequest, match="no camp"):
        consensus(DEBATE, NetworkOptions(), found, between=("camp-9",))


def test_a_bridge_agrees_with_members_of_another_camp() -> None:
    stands = {
        "a": {"p": FOR, "q": FOR, "x": AGAINST},
        "b": {"p": FOR, "q": FOR, "x": AGAINST},
        "between": {"p": FOR, "q": FOR, "x": FOR},
        "c": {"x": FOR, "y": FOR, "p": AGAINST},
        "d": {"x": FOR, "y": FOR, "p": AGAINST},
    }
    debate = debate_of(stands)
    options = NetworkOptions(aggregation=Aggregation.CONGRUENCE, normalisation=Normalisation.NONE, resamples=0)
    found = camps(debate, options)
    assert found.of()["between"] == found.of()["a"] != found.of()["c"]
    first = bridges(network(debate, options), found)[0]
    assert first.actor == "between"
    assert first.reaches == {found.of()["c"]: 2}
    assert first.betweenness > 0


def test_polarisation_over_time() -> None:
    articles = {name: article(id=name, date=day) for name, day in {"early": "2031-01-01", "late": "2031-07-01"}.items()}
    said = [statement(actor=actor, article="early") for actor in "abcd"]
    said += [statement(actor=a, article="late", stance=FOR if a in "ab" else AGAINST) for a in "abcd"]
    course = list(polarisation(Debate(statements=said, articles=articles), NetworkOptions(window=60, step=181)))
    assert [(p.at, p.actors, p.camps, p.conflict_share) for p in course] == [
        ("2031-01-01", 4, 1, 0.0),
        ("2031-07-01", 4, 2, pytest.approx(4 / 6)),
    ]
    assert course[1].modularity > course[0].modularity
