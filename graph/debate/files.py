"""Networks as files for Gephi, R, Pajek, Graphviz and spreadsheets, with all that a format can hold."""

import csv
import json
import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO, StringIO
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import numpy as np

from graph.debate.looks import Intervals, looks, rgb
from graph.debate.network import Network
from graph.debate.options import Mode
from graph.debate.paths import graph
from graph.errors import BadRequest
from graph.rdf.xml_text import xml_text
from graph.records import IDS, for_spreadsheets, id_for_spreadsheets, whole_file

GEXF = "http://www.gexf.net/1.2draft"
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP entry can bear: the same network gives the same bytes."""


def network_file(
    of: Network, format: str, camps: Mapping[str, str] | None = None, spans: Intervals | None = None
) -> bytes:
    """The network in one of FORMATS; `camps` names the camp of each actor that has one. Raises BadRequest."""
    if format in DRESSED:
        return DRESSED[format](_dressed(of, camps or {}, spans or {}), of)
    try:
        write = FORMATS[format]
    except KeyError:
        raise BadRequest(f"format = {format!r} is not one of {', '.join(FORMATS)}") from None
    return write(of, camps or {})


def write_network(
    of: Network,
    format: str,
    path: Path,
    camps: Mapping[str, str] | None = None,
    spans: Intervals | None = None,
) -> list[Path]:
    """Write the network to a file and return the files written.

    In CSV, the file itself has the ties. Next to it, `.nodes.csv` has the nodes and `.matrix.csv` the raw matrix. In
    Pajek, the file itself has vertices and edges. Next to it, `.camps.clu` has the camps, and `.modes.clu` the kinds of
    nodes in a two-mode network.
    """
    parts = {path: network_file(of, format, camps, spans)}
    if format == "csv":
        parts = {
            path: edge_list(of).encode(),
            path.with_suffix(".nodes.csv"): node_table(of, camps).encode(),
            path.with_suffix(".matrix.csv"): raw_matrix(of).encode(),
        }
    if format == "pajek":
        parts |= {path.with_suffix(ending): content for ending, content in _partitions(of, camps or {}).items()}
    for place, content in parts.items():
        with whole_file(place) as out:
            out.write(content)
    return list(parts)


def edge_list(of: Network) -> str:
    """A CSV table of the ties, one a row."""
    rows: list[list[object]] = [
        [*ends, tie.weight, tie.agree, tie.conflict, tie.shared] for ends, tie in zip(_ends(of), of.ties(), strict=True)
    ]
    return _csv(["source", "target", "weight", "agree", "conflict", "shared"], rows)


def node_table(of: Network, camps: Mapping[str, str] | None = None) -> str:
    """A CSV table of the nodes with all that is known of them."""
    drawn = graph(of, camps)
    columns = ["label", "kind", "statements", "articles", "support", "oppose", "mixed", "camp"]
    rows: list[list[object]] = [
        [node, *(data.get(column, "") for column in columns)] for node, data in drawn.nodes(data=True)
    ]
    return _csv(["id", *columns], rows)


def raw_matrix(of: Network) -> str:
    """Return a CSV table of the profiles behind the network: rows by columns, support minus opposition.

    An empty field is silence; 0 is a mixed position.
    """
    signed, spoke = of.profile.signed.toarray(), of.profile.activity.toarray()
    rows: list[list[object]] = [
        [row, *(_number(signed[i, j]) if spoke[i, j] else "" for j in range(len(of.profile.columns)))]
        for i, row in enumerate(of.profile.rows)
    ]
    return _csv(["", *of.profile.columns], rows)


def _dressed(of: Network, camps: Mapping[str, str], spans: Intervals) -> "nx.Graph[str]":
    """Return the network with positions, sizes and colours for Gephi, from `looks`."""
    made = graph(of, camps)
    for key, look in zip(list(made.nodes), looks(of, camps, spans), strict=True):
        made.nodes[key].update(look)
    for one, other, data in made.edges(data=True):
        ends = [made.nodes[one], made.nodes[other]]
        if all("start" in end for end in ends):
            # Two actors can only agree from the day on which both have spoken.
            data.update(start=max(end["start"] for end in ends), end=max(end["end"] for end in ends))
    return made


def _graphml(made: "nx.Graph[str]", of: Network) -> bytes:
    for _, data in made.nodes(data=True):
        data.update(zip("rgb", rgb(data.pop("colour")), strict=True))
    out = BytesIO()
    # Keys by number: `mixed` is an option of the network and a count of its nodes.
    nx.write_graphml(made, out)
    return out.getvalue()


def _gexf(made: "nx.Graph[str]", of: Network) -> bytes:
    for _, data in made.nodes(data=True):
        red, green, blue = rgb(data.pop("colour"))
        data["viz"] = {
            "color": {"r": red, "g": green, "b": blue, "a": 1.0},
            "size": data.pop("size"),
            "position": {"x": data.pop("x"), "y": data.pop("y"), "z": 0.0},
        }
    out = BytesIO()
    nx.write_gexf(made, out, version="1.2draft")
    ElementTree.register_namespace("", GEXF)
    tree = ElementTree.fromstring(out.getvalue())  # noqa: S314  # written one line above
    # The writer puts today's date in; the same network must give the same bytes.
    for meta in tree.findall(f"{{{GEXF}}}meta"):
        meta.attrib.pop("lastmodifieddate", None)
        for told in list(meta):
            meta.remove(told)
        ElementTree.SubElement(meta, f"{{{GEXF}}}creator").text = "stakeholder-positions"
        ElementTree.SubElement(meta, f"{{{GEXF}}}description").text = xml_text(_told(of))
    return bytes(ElementTree.tostring(tree, encoding="utf-8", xml_declaration=True))


def _json(of: Network, camps: Mapping[str, str]) -> bytes:
    return (json.dumps(node_link(of, camps), ensure_ascii=False, indent=1) + "\n").encode()


def node_link(of: Network, camps: Mapping[str, str] | None = None) -> dict[str, object]:
    """The network as networkx and d3 take it: `nodes`, `edges`, and the options under `graph`."""
    made: dict[str, object] = nx.node_link_data(graph(of, camps), edges="edges")
    return made


def _zipped(of: Network, camps: Mapping[str, str]) -> bytes:
    out = BytesIO()
    parts = {"edges.csv": edge_list(of), "nodes.csv": node_table(of, camps), "matrix.csv": raw_matrix(of)}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, ZIP_DATE), text.encode(), zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _pajek(of: Network, camps: Mapping[str, str]) -> bytes:
    """Vertices and edges alone: networkx and igraph misread whatever else Pajek lets a file have.

    networkx takes vertices of one label for one vertex, so the second of them has its id too.
    """
    lines = [f"*Vertices {len(of.nodes)}"]
    seen: set[str] = set()
    for number, node in enumerate(of.nodes, 1):
        label = _pajek_label(node.label) or _pajek_label(node.id)
        while label in seen:
            label = f"{label} ({_pajek_label(node.id)})"
        seen.add(label)
        lines.append(f'{number} "{label}"')
    lines.append("*Edges")
    lines += [
        f"{source + 1} {target + 1} {weight!r}"
        for source, target, weight in zip(of.source.tolist(), of.target.tolist(), of.weight.tolist(), strict=True)
    ]
    return _pajek_text(lines)


def _partitions(of: Network, camps: Mapping[str, str]) -> dict[str, bytes]:
    """The partitions of the vertices in Pajek's own files, by their endings."""
    found: dict[str, bytes] = {}
    size = f"*Vertices {len(of.nodes)}"
    if camps:
        numbers = {camp: number for number, camp in enumerate(sorted(set(camps.values())), 1)}
        of_camps = [str(numbers.get(camps.get(node.id, ""), 0)) for node in of.nodes]
        found[".camps.clu"] = _pajek_text([size, *of_camps])
    if of.options.two_mode:
        found[".modes.clu"] = _pajek_text([size, *("1" if node.kind == "actor" else "2" for node in of.nodes)])
    return found


def _pajek_text(lines: list[str]) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("utf-8", "replace")


def _pajek_label(text: str) -> str:
    """A label that needs no escapes, for which each reader of Pajek has rules of its own."""
    return " ".join(UNPRINTABLE.sub(" ", text).replace('"', "'").replace("\\", "/").split())


def _dot(of: Network, camps: Mapping[str, str]) -> bytes:
    drawn = graph(of, camps)
    lines = ["graph positions {"]
    lines += [f"  {_quoted(key)}={_quoted(str(value))};" for key, value in drawn.graph.items() if value]
    for node, data in drawn.nodes(data=True):
        lines.append(f"  {_quoted(node)} [{_attributes(data)}];")
    for source, target, data in drawn.edges(data=True):
        told = dict(data) | {"style": "solid" if data["weight"] > 0 else "dashed"}
        lines.append(f"  {_quoted(source)} -- {_quoted(target)} [{_attributes(told)}];")
    return ("\n".join([*lines, "}"]) + "\n").encode()


DRESSED: Mapping[str, Callable[["nx.Graph[str]", Network], bytes]] = {"graphml": _graphml, "gexf": _gexf}
"""Formats that Gephi opens, with places, colours, sides and intervals."""

FORMATS: Mapping[str, Callable[[Network, Mapping[str, str]], bytes]] = {
    "graphml": lambda of, camps: network_file(of, "graphml", camps),
    "gexf": lambda of, camps: network_file(of, "gexf", camps),
    "csv": _zipped,
    "json": _json,
    "pajek": _pajek,
    "dot": _dot,
}
"""As one piece; CSV is then a ZIP archive of its three tables."""

MEDIA_TYPES = {
    "graphml": "application/graphml+xml",
    "gexf": "application/gexf+xml",
    "csv": "application/zip",
    "json": "application/json",
    "pajek": "text/plain; charset=utf-8",
    "dot": "text/vnd.graphviz; charset=utf-8",
}
ENDINGS = {"graphml": "graphml", "gexf": "gexf", "csv": "zip", "json": "json", "pajek": "net", "dot": "dot"}


def _ends(of: Network) -> list[tuple[str, str]]:
    drawn = list(graph(of).nodes)
    return [(drawn[a], drawn[b]) for a, b in zip(of.source.tolist(), of.target.tolist(), strict=True)]


def _csv(head: list[str], rows: list[list[object]]) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    safe = [id_for_spreadsheets if name in IDS or not name else for_spreadsheets for name in head]
    writer.writerows([[write(value) for write, value in zip(safe, row, strict=True)] for row in rows])
    return out.getvalue()


def _number(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(np.round(value, 12))


def _told(of: Network) -> str:
    kinds = {Mode.ACTORS_REFORMS: "actors and reforms", Mode.ACTORS_CONCERNS: "actors and concerns"}
    options = ", ".join(f"{key}={value}" for key, value in of.options.parameters().items() if value)
    return f"Agreement network of {kinds.get(of.options.mode, of.options.mode)}: {options}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{escaped}"'


def _attributes(data: Mapping[str, object]) -> str:
    return ", ".join(f"{key}={_quoted(str(value))}" for key, value in data.items() if value != "")
