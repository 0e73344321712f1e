"""Tables of coded passages, as other programs export them."""

import json
from pathlib import Path

import pytest

from graph.coding.tables import ColumnMapping, coder_of, read_mapping, read_table
from graph.errors import BadDocument
from graph.model import Stance
from tests.factory import TEXT, article, domain

MAPPING = """
coder = "Mira"
[columns]
article = "Document name"
quote = "Segment"
actor = "Who"
reform = "Code"
stance = "Weight"
concerns = "Grounds"
[stances]
pro = "support"
contra = "oppose"
"""
TABLE = """Document name;Segment;Who;Code;Weight;Grounds
cap-news;The council welcomed the fare cap.;the council;Fare cap;pro;Cost|access
cap-news;Harbour Lines opposed it.;Ferry Guild;capped fares;Contra;
cap-news;Harbour Lines opposed it!;Harbour;Fare cap;contra;
cap-news;it;Harbour;Fare cap;contra;
cap-news;Riders were split on night buses.;Riders;Trams;pro;
cap-news;Riders were split on night buses.;Riders;Night buses;hm;
elsewhere;Riders were split on night buses.;Riders;Night buses;pro;
"""


@pytest.fixture
def mapping(tmp_path: Path) -> ColumnMapping:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    return read_mapping(tmp_path / "mapping.toml")


def test_rows_become_statements_or_say_why_not(tmp_path: Path, mapping: ColumnMapping) -> None:
    (tmp_path / "codes.csv").write_text(TABLE)
    coding = read_table(tmp_path / "codes.csv", domain(), [article()], mapping=mapping)
    assert [(s.actor, s.reform, s.stance, s.concerns, s.start, coder_of(s)) for s in coding.statements] == [
        ("council", "fare-cap", Stance.SUPPORT, ("cost", "access"), 0, "Mira"),
        ("ferry-guild", "fare-cap", Stance.OPPOSE, (), TEXT.index("Harbour"), "Mira"),
    ]
    assert [actor.label for actor in coding.actors] == ["Ferry Guild"]
    assert [(p.place, p.reason.split(";")[0]) for p in coding.passed_over] == [
        ("codes.csv:4", "column 'Segment': the passage is not in article 'cap-news'"),
        ("codes.csv:5", "column 'Segment': the passage is more than once in article 'cap-news'"),
        ("codes.csv:6", "no reform 'Trams' in the domain"),
        ("codes.csv:7", "column 'Weight': 'hm' is not a stance"),
        ("codes.csv:8", "there is no article 'elsewhere'"),
    ]


def test_json_lines_may_bring_their_texts(tmp_path: Path) -> None:
    row = {
        "article": "leaflet",
        "text": "No. No. The guild said no to the cap.",
        "date": "2031",
        "quote": "No.",
        "start": 4,
        "actor": "Ferry Guild",
        "reform": "fare-cap",
        "stance": "oppose",
        "concerns": ["cost"],
        "coder": "Sol",
    }
    (tmp_path / "codes.jsonl").write_text(json.dumps(row) + "\n")
    coding = read_table(tmp_path / "codes.jsonl", domain(), mapping=ColumnMapping(columns={}))
    (made,) = coding.statements
    assert (made.start, made.quote, coder_of(made)) == (4, "No.", "Sol")
    assert [(a.id, a.date) for a in coding.articles] == [("leaflet", "2031")]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("codes.csv", "a,b\n1,2\n", "no column 'article'"),
        ("codes.jsonl", "{not json\n", "not a table"),
        ("codes.jsonl", "[1, 2]\n", "not a table"),
    ],
)
def test_a_table_without_coding_is_refused(tmp_path: Path, name: str, content: str, words: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(BadDocument, match=words):
        read_table(tmp_path / name, domain(), mapping=ColumnMapping(columns={}))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[columns]\nspan = 'Segment'\n", "'span' is not a field"),
        ("[stances]\npro = 'yes'\n", "is not a stance"),
        ("[", "not a mapping"),
    ],
)
def test_a_mapping_is_checked(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "mapping.toml").write_text(content)
    with pytest.raises(BadDocument, match=words):
        read_mapping(tmp_path / "mapping.toml")
