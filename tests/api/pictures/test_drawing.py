"""The layout of a network picture: names do not overlap, all actors are inside, the result is always the same."""

from itertools import combinations
from math import hypot

import pytest

from api.pictures.drawing import LETTER, LINE, WIDTH, NetworkDrawing, NodePlace, drawn, label_lines
from graph.debate.network import Node, Tie


def tie(source: int, target: int, weight: float = 1.0) -> Tie:
    return Tie(source=f"a{source}", target=f"a{target}", weight=weight, agree=1, conflict=0, shared=1)


def nodes(number: int) -> list[Node]:
    return [
        Node(id=f"a{each}", label=f"The Association of Riders of Line {each}", kind="actor", statements=number - each)
        for each in range(number)
    ]


def box(place: NodePlace) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of a mark with its name."""
    half = max(place.radius, LETTER * max((len(line) for line in place.lines), default=0) / 2)
    return place.x - half, place.y - place.radius, place.x + half, place.y + place.radius + LINE * len(place.lines)


def lapping(of: NetworkDrawing) -> list[tuple[str, str]]:
    boxes = {name: box(place) for name, place in of.places.items()}
    return [
        (a, b)
        for a, (left, top, right, bottom) in boxes.items()
        for b, (left_, top_, right_, bottom_) in boxes.items()
        if a < b and left < right_ and left_ < right and top < bottom_ and top_ < bottom
    ]


STAR = [tie(0, each) for each in range(1, 14)]
CLIQUE = [tie(a, b) for a in range(12) for b in range(a)]
RIVALS = [tie(0, 1, -1.0), tie(2, 3)]


@pytest.mark.parametrize(("number", "ties"), [(14, STAR), (12, CLIQUE), (9, RIVALS), (40, CLIQUE), (1, []), (0, [])])
def test_names_do_not_overlap_and_are_inside(number: int, ties: list[Tie]) -> None:
    found = drawn(nodes(number), ties, {}, seed=7)
    assert lapping(found) == []
    for place in found.places.values():
        left, top, right, bottom = box(place)
        assert left >= 0
        assert right <= WIDTH
        assert top >= 0
        assert bottom <= found.height


def test_actors_without_ties_are_below_the_others() -> None:
    found = drawn(nodes(6), RIVALS, {}, seed=7)
    tied = max(box(found.places[f"a{each}"])[3] for each in range(4))
    assert all(box(found.places[name])[1] > tied for name in ("a4", "a5"))


def test_the_same_every_time() -> None:
    assert drawn(nodes(14), STAR, {}, seed=7) == drawn(nodes(14), STAR, {}, seed=7)


@pytest.mark.parametrize(
    ("label", "lines"),
    [
        ("City Council", ("City Council",)),
        ("The Association of Riders of the Night", ("The Association of", "Riders of the Night")),
        ("W" * 60, ("W" * 24, "W" * 23 + "…")),
        ("", ("…",)),
    ],
)
def test_a_name_takes_two_lines_at_most(label: str, lines: tuple[str, ...]) -> None:
    assert label_lines(label) == lines


def test_a_camp_is_seen_as_one() -> None:
    camps = {f"a{each}": f"camp-{each % 3 + 1}" for each in range(15)}
    places = drawn(nodes(15), [tie(0, each) for each in range(1, 15)], camps, seed=7).places

    def apart(together: bool) -> float:
        pairs = [(a, b) for a, b in combinations(camps, 2) if (camps[a] == camps[b]) is together]
        far = [hypot(places[a].x - places[b].x, places[a].y - places[b].y) for a, b in pairs]
        return sum(far) / len(far)

    assert apart(True) < 0.8 * apart(False)
