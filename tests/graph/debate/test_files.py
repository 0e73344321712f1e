"""Files are read back complete, with the same bytes every time."""

import csv
import io
import json
import zipfile
from math import hypot
from pathlib import Path

import networkx as nx
import pytest

from graph.debate.camps import camps
from graph.debate.columns import Debate
from graph.debate.files import FORMATS, MEDIA_TYPES, network_file, write_network
from graph.debate.looks import intervals, looks
from graph.debate.network import Network, network
from graph.debate.options import Mode, NetworkOptions, Normalisation
from graph.debate.paths import graph
from graph.errors import BadRequest
from graph.model import Actor, Article, Stance
from tests.factory import statement

SAID = [
    statement(actor=actor, reform=reform, stance=stance, article=f"{actor}-{reform}")
    for actor, reform, stance in [
        ("council", "fare-cap", Stance.SUPPORT),
        ("council", "night-buses", Stance.MIXED),
        ("riders", "fare-cap", Stance.SUPPORT),
        ("operators", "fare-cap", Stance.OPPOSE),
        ("operators", "night-buses", Stance.SUPPORT),
    ]
]
# A name with characters that XML, CSV, DOT and Pajek must escape.
ACTORS = {
    "operators": Actor(id="operators", label='Bus & "Coach" <Operators>; Ltd\\'),
    "riders": Actor(id="riders", label="=Riders"),
}
DEBATE = Debate(statements=SAID, actors=ACTORS)
CAMP_OF = camps(DEBATE, NetworkOptions(resamples=0)).of()


@pytest.fixture(params=[Mode.ACTORS, Mode.REFORMS, Mode.ACTORS_REFORMS])
def made(request: pytest.FixtureRequest) -> Network:
    return network(DEBATE, NetworkOptions(mode=request.param, normalisation=Normalisation.NONE))


LOOKS = {"x", "y", "size", "r", "g", "b", "viz", "start", "end"}
"""Attributes that files for Gephi have in addition to the network."""


def same(drawn: "nx.Graph[str]", of: Network) -> None:
    expected = graph(of, CAMP_OF)
    for _, node in drawn.nodes(data=True):
        for key in [each for each in node if each in LOOKS or each.startswith("side: ")]:
            del node[key]
    assert list(drawn.nodes(data=True)) == list(expected.nodes(data=True))
    assert {frozenset((a, b)): data for a, b, data in drawn.edges(data=True)} == {
        frozenset((a, b)): data for a, b, data in expected.edges(data=True)
    }


def test_graphml_is_read_back_complete(made: Network) -> None:
    drawn = nx.parse_graphml(network_file(made, "graphml", CAMP_OF).decode())
    same(drawn, made)
    assert drawn.graph["normalisation"] == "none"


def test_gexf_is_read_back_complete(made: Network) -> None:
    drawn = nx.read_gexf(io.BytesIO(network_file(made, "gexf", CAMP_OF)))
    for _, _, data in drawn.edges(data=True):
        del data["id"]
    same(drawn, made)


def test_json_is_read_back_complete(made: Network) -> None:
    same(nx.node_link_graph(json.loads(network_file(made, "json", CAMP_OF)), edges="edges"), made)


@pytest.mark.parametrize("format", FORMATS)
def test_the_same_network_gives_the_same_bytes(made: Network, format: str) -> None:
    assert network_file(made, format, CAMP_OF) == network_file(made, format, CAMP_OF)
    assert format in MEDIA_TYPES


def test_csv_has_ties_nodes_and_the_raw_matrix(tmp_path: Path) -> None:
    of = network(DEBATE, NetworkOptions(normalisation=Normalisation.NONE))
    files = write_network(of, "csv", tmp_path / "net.csv", CAMP_OF)
    assert [file.name for file in files] == ["net.csv", "net.nodes.csv", "net.matrix.csv"]
    ties, nodes, matrix = (list(csv.reader(io.StringIO(file.read_text()))) for file in files)
    assert ["council", "riders", "1.0", "1.0", "0.0", "1"] in ties
    assert len(ties) == 1 + len(of)
    assert {row[0]: row[1] for row in nodes}["operators"] == ACTORS["operators"].label
    # A spreadsheet must not read a name as a formula.
    assert {row[0]: row[1] for row in nodes}["riders"] == "'=Riders"
    assert matrix == [
        ["", "fare-cap", "night-buses"],
        ["council", "1", "0"],
        ["operators", "-1", "1"],
        ["riders", "1", ""],
    ]
    with zipfile.ZipFile(io.BytesIO(network_file(of, "csv", CAMP_OF))) as archive:
        assert archive.namelist() == ["edges.csv", "nodes.csv", "matrix.csv"]


def test_files_out_pajek_numbers_vertices_from_one_and_has_nothing_else(tmp_path: Path) -> None:
    of = network(DEBATE, NetworkOptions(normalisation=Normalisation.NONE))
    files = write_network(of, "pajek", tmp_path / "net.net", CAMP_OF)
    lines = files[0].read_bytes().decode().split("\r\n")
    assert lines[:2] == ["*Vertices 3", '1 "City Council"']
    assert "1 3 1.0" in lines
    assert [line for line in lines if line.startswith("*")] == ["*Vertices 3", "*Edges"]
    assert [file.name for file in files] == ["net.net", "net.camps.clu"]
    assert files[1].read_text().split() == ["*Vertices", "3", "1", "0", "1"]
    two_mode = write_network(network(DEBATE, NetworkOptions(mode=Mode.ACTORS_REFORMS)), "pajek", tmp_path / "two.net")
    assert two_mode[0].read_bytes().startswith(b"*Vertices 5\r\n")
    assert two_mode[1].name == "two.modes.clu"
    assert two_mode[1].read_text().split() == ["*Vertices", "5", "1", "1", "1", "2", "2"]


def test_files_out_pajek_has_as_many_nodes_and_ties_as_the_network(made: Network) -> None:
    drawn = nx.parse_pajek(network_file(made, "pajek", CAMP_OF).decode())

    assert len(drawn) == len(made.nodes)
    assert drawn.number_of_edges() == len(made)
    assert sorted(data["weight"] for _, _, data in drawn.edges(data=True)) == sorted(made.weight.tolist())


AWKWARD = (
    *('Bus & "Coach" Ltd', "ends with \\", "O'Neill's", "Über die Straße", "*Edges", "two\nlines", "  spaces  ", "#1"),
    *("Twice", "Twice", "twice", "", '""', "\u2028", "42", "Twice (i9)"),
)


def test_files_out_pajek_keeps_vertices_with_awkward_labels_and_without_ties() -> None:
    said = [
        statement(actor=f"i{number}", actor_label=label, reform="fare-cap" if number % 2 else f"alone-{number}")
        for number, label in enumerate(AWKWARD)
    ]
    actors = {f"i{number}": Actor(id=f"i{number}", label=label) for number, label in enumerate(AWKWARD)}
    of = network(Debate(statements=said, actors=actors), NetworkOptions(normalisation=Normalisation.NONE))
    drawn = nx.parse_pajek(network_file(of, "pajek").decode())

    assert len(drawn) == len(of.nodes) == len(AWKWARD)
    assert drawn.number_of_edges() == len(of)
    assert len(list(nx.isolates(drawn))) == len(AWKWARD) // 2
    assert {"Über die Straße", "O'Neill's", "*Edges", "two lines", "ends with /"} <= set(drawn)


def test_dot_escapes_names() -> None:
    text = network_file(network(DEBATE), "dot", CAMP_OF).decode()
    assert '"operators" [label="Bus & \\"Coach\\" <Operators>; Ltd\\\\"' in text
    assert text.count("{") == text.count("}") == 1


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(BadRequest, match="graphml, gexf, csv"):
        network_file(network(DEBATE), "xlsx")


DATED = Debate(
    statements=SAID,
    actors=ACTORS,
    articles={
        f"{actor}-{reform}": Article(id=f"{actor}-{reform}", text="", date=date)
        for actor, reform, date in [
            ("council", "fare-cap", "2031"),
            ("council", "night-buses", "2032-02"),
            ("riders", "fare-cap", "2031-06-15"),
            ("operators", "fare-cap", ""),
        ]
    },
)


def test_files_out_gexf_has_colours_places_sides_and_intervals() -> None:
    options = NetworkOptions(normalisation=Normalisation.NONE)
    content = network_file(network(DATED, options), "gexf", CAMP_OF, intervals(DATED, options))
    drawn = nx.read_gexf(io.BytesIO(content))

    council, riders, operators = (drawn.nodes[name] for name in ("council", "riders", "operators"))
    assert council["viz"]["color"] == riders["viz"]["color"] != operators["viz"]["color"]
    assert (
        len({(node["viz"]["position"]["x"], node["viz"]["position"]["y"]) for node in (council, riders, operators)})
        == 3
    )
    assert council["viz"]["size"] > riders["viz"]["size"]
    assert (council["side: fare-cap"], council["side: night-buses"]) == ("support", "mixed")
    assert operators["side: fare-cap"] == "oppose"
    assert "side: night-buses" not in riders
    assert (council["start"], council["end"]) == ("2031-01-01", "2032-02-29")
    assert (riders["start"], riders["end"]) == ("2031-06-15", "2031-06-15")
    assert "start" not in operators
    assert (drawn.edges["council", "riders"]["start"], drawn.edges["council", "riders"]["end"]) == (
        "2031-06-15",
        "2032-02-29",
    )
    assert b'mode="dynamic"' in content
    assert b'timeformat="date"' in content


def test_files_out_graphml_has_colours_places_sides_and_intervals() -> None:
    options = NetworkOptions(mode=Mode.ACTORS_REFORMS)
    of = network(DATED, options)
    drawn = nx.parse_graphml(network_file(of, "graphml", CAMP_OF, intervals(DATED, options)).decode())

    council, reform = drawn.nodes["actor:council"], drawn.nodes["reform:fare-cap"]
    assert (council["r"], council["g"], council["b"]) == (0, 114, 178)
    assert council["x"] < 0 < reform["x"]
    assert council["side: fare-cap"] == "support"
    assert (reform["start"], reform["end"]) == ("2031-01-01", "2031-12-31")


def test_files_out_the_rest_of_a_large_network_stands_around_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("graph.debate.looks.PLACED", 4)
    said = [statement(actor=f"i{number}", reform="fare-cap", article=f"a{number}") for number in range(10)]
    of = network(Debate(statements=said), NetworkOptions())

    places = [(float(look["x"]), float(look["y"])) for look in looks(of, {}, {})]

    assert len(places) == len(set(places)) == 10
    assert sum(abs(hypot(x, y) - 1_400) < 1 for x, y in places) == 6
