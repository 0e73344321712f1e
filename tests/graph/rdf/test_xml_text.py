"""No text of the graph makes XML ill-formed, wherever a part of the answer ends."""

from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.rdf.terms import Iri, Literal, Triple
from graph.rdf.xml_text import WellFormed, xml_bytes, xml_text
from graph.store.embedded import memory_store
from graph.store.formats import rewritten, written_out
from tests.fuzzing import tries

ODD = "a\x00\x01\t\n\x08\x0b\x0c\x1f\x7f\x85\ufffd\ufffe\uffff\U0001f6f6b"
SAFE = "a\ufffd\ufffd\t\n\ufffd\ufffd\ufffd\ufffd\x7f\x85\ufffd\ufffd\ufffd\U0001f6f6b"
TRIPLE = Triple(Iri("https://a.example/s"), Iri("https://a.example/p"), Literal(ODD))


class Sink:
    def __init__(self) -> None:
        self.parts: list[bytes] = []

    def begin(self, **header: Any) -> None:
        raise AssertionError("not called here")

    def write(self, data: bytes) -> int:
        self.parts.append(data)
        return len(data)


def test_only_what_xml_does_not_allow_is_replaced() -> None:
    assert xml_text(ODD) == SAFE
    assert xml_bytes(ODD.encode()) == SAFE.encode()


@tries(200)
@given(text=st.text(st.characters(exclude_categories=["Cs"])), cuts=st.lists(st.integers(0, 400), max_size=8))
def test_it_does_not_matter_where_a_part_ends(text: str, cuts: list[int]) -> None:
    data, sink = f"<{text}>".encode(), Sink()
    into = WellFormed(sink)
    ends = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for start, end in pairwise(ends):
        assert into.write(data[start:end]) == end - start

    assert b"".join(sink.parts) == xml_bytes(data)


@pytest.mark.parametrize("format", ["table", "graph", "dump", "written", "rewritten"])
def test_every_answer_in_xml_is_well_formed(format: str) -> None:
    store = memory_store()
    store.replace(Iri("https://a.example/g"), [TRIPLE])
    made = {
        "table": lambda: store.results("SELECT ?o WHERE { ?s ?p ?o }", format="xml"),
        "graph": lambda: store.construct("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", format="rdfxml"),
        "dump": lambda: store.dump(format="rdfxml", graph=Iri("https://a.example/g")),
        "written": lambda: written_out([TRIPLE], format="rdfxml"),
        "rewritten": lambda: rewritten(written_out([TRIPLE], format="ntriples"), source="ntriples", target="rdfxml"),
    }[format]()

    assert "a\ufffd\ufffd" in "".join(ElementTree.fromstring(made).itertext())


def test_the_graph_keeps_the_text_as_it_is() -> None:
    store = memory_store()
    store.replace(Iri("https://a.example/g"), [TRIPLE])

    assert list(store.triples(Iri("https://a.example/g"))) == [TRIPLE]
