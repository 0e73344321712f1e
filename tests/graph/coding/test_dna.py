"""A .dna file that we write is read back complete, and so is a file in DNA's own schema."""

import base64
import hashlib
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.coding.dna import PASSWORD, java_offset, password_hash, schema, write_dna
from graph.coding.dna_reading import code_point, read_dna
from graph.coding.tables import coder_of
from graph.debate.columns import Debate
from graph.errors import BadDocument
from graph.model import Actor, ActorKind, Manner, Reform, Stance
from tests.factory import TEXT, article, domain, statement

ACTORS = {
    "council": Actor(id="council", label="City Council"),
    "ada-quill": Actor(id="ada-quill", label="Ada Quill", kind=ActorKind.PERSON),
    "council-2": Actor(id="council-2", label="City Council"),
}
REFORMS = {
    "fare-cap": Reform(id="fare-cap", label="Fare cap"),
    "night-buses": Reform(id="night-buses", label="Night buses"),
}
ARTICLES = {
    "cap-news": article(),
    "bells": article(
        id="bells", text="🔔🔔 Riders rang.\r\nAda Quill opposed night buses.", date="2031-03", release="cap-news"
    ),
    "silent": article(id="silent", text="Nothing was said.", date="", publisher="", url=""),
}
LATER = "Ada Quill opposed night buses."
STATEMENTS = [
    statement(speaker="Bo Marsh", concerns=("cost", "access"), condition="if it is funded", confidence=0.85),
    statement(actor="council-2", manner=Manner.DIRECT),
    statement("Harbour Lines opposed it.", actor="harbour-lines", actor_label="Harbour Lines", stance=Stance.OPPOSE),
    statement(
        "Riders were split on night buses.",
        actor="riders",
        actor_label="Riders",
        reform="night-buses",
        stance=Stance.MIXED,
    ),
    statement(actor="riders", actor_label="Riders", stance=Stance.NEUTRAL),
    statement(
        LATER,
        article="bells",
        start=ARTICLES["bells"].text.index(LATER),
        actor="ada-quill",
        actor_label="Ada Quill",
        reform="night-buses",
        stance=Stance.OPPOSE,
    ),
]
for number, each in enumerate(STATEMENTS):
    start = ARTICLES[each.article].text.index(each.quote)
    STATEMENTS[number] = replace(each, start=start, end=start + len(each.quote))
DEBATE = Debate(statements=STATEMENTS, actors=ACTORS, reforms=REFORMS)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    write_dna(DEBATE, tmp_path / "debate.dna", ARTICLES)
    return tmp_path / "debate.dna"


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as file:
        return file.execute(query).fetchall()


def test_the_file_is_sound(written: Path) -> None:
    assert rows(written, "PRAGMA integrity_check") == [("ok",)]
    assert rows(written, "PRAGMA foreign_key_check") == []
    tables = {name for (name,) in rows(written, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {
        *("SETTINGS", "CODERS", "DOCUMENTS", "STATEMENTTYPES", "VARIABLES", "VARIABLELINKS", "REGEXES"),
        *("CODERRELATIONS", "STATEMENTS", "DATABOOLEAN", "DATAINTEGER", "ENTITIES", "DATASHORTTEXT", "DATALONGTEXT"),
        *("ATTRIBUTEVARIABLES", "ATTRIBUTEVALUES"),
    }


def test_every_statement_has_a_value_of_every_variable_of_its_type(written: Path) -> None:
    lacking = """
        SELECT s.ID, v.Variable FROM STATEMENTS s JOIN VARIABLES v ON v.StatementTypeId = s.StatementTypeId
        WHERE NOT EXISTS (SELECT 1 FROM DATASHORTTEXT d WHERE d.StatementId = s.ID AND d.VariableId = v.ID)
          AND NOT EXISTS (SELECT 1 FROM DATABOOLEAN d WHERE d.StatementId = s.ID AND d.VariableId = v.ID)
          AND NOT EXISTS (SELECT 1 FROM DATAINTEGER d WHERE d.StatementId = s.ID AND d.VariableId = v.ID)
          AND NOT EXISTS (SELECT 1 FROM DATALONGTEXT d WHERE d.StatementId = s.ID AND d.VariableId = v.ID)
    """
    assert rows(written, lacking) == []


def test_everything_is_read_back(written: Path) -> None:
    back = read_dna(written, domain())
    assert not back.passed_over
    assert {each.id for each in back.articles} == set(ARTICLES)
    assert len(back.statements) == len(STATEMENTS)
    expected = {(s.article, s.quote, s.actor, s.reform): s for s in STATEMENTS}
    found = {(s.article, s.quote, s.actor, s.reform): s for s in back.statements}
    assert found.keys() == expected.keys()
    for key, one in found.items():
        before = expected[key]
        moved = replace(one, start=before.start, end=before.end, actor_label=before.actor_label)
        assert moved == before
    assert {a.id: a.date for a in back.articles} == {"cap-news": "2031-03-04", "bells": "2031-03", "silent": ""}
    assert {a.id: a.release for a in back.articles}["bells"] == "cap-news"
    assert {a.id for a in back.actors} == {"council", "council-2", "harbour-lines", "riders", "ada-quill"}
    assert {a.id: a.kind for a in back.actors}["ada-quill"] is ActorKind.PERSON
    assert {r.label for r in back.reforms} == {"Fare cap", "Night buses"}


def test_offsets_are_those_of_dna(written: Path) -> None:
    ((text, start, stop),) = rows(
        written,
        "SELECT d.Text, s.Start, s.Stop FROM STATEMENTS s JOIN DOCUMENTS d ON d.ID = s.DocumentId "
        "WHERE d.Notes LIKE 'id: bells%'",
    )
    assert isinstance(text, str)
    assert isinstance(start, int)
    assert isinstance(stop, int)
    assert "\r" not in text
    # Each bell counts for two, and the line ends in one character.
    assert start == text.index(LATER) + 2
    assert text.encode("utf-16-le")[2 * start : 2 * stop].decode("utf-16-le") == LATER


def test_mixed_and_neutral_do_not_pass_for_a_side(written: Path) -> None:
    by_type = rows(
        written,
        "SELECT t.Label, COUNT(*) FROM STATEMENTS s JOIN STATEMENTTYPES t ON t.ID = s.StatementTypeId GROUP BY t.Label",
    )
    assert by_type == [("DNA Statement", 4), ("Mixed or neutral statement", 2)]
    assert rows(written, "SELECT Value, COUNT(*) FROM DATABOOLEAN GROUP BY Value") == [(0, 2), (1, 2)]


def test_two_actors_of_one_name_stay_two(written: Path) -> None:
    names = rows(
        written,
        "SELECT e.Value FROM ENTITIES e JOIN VARIABLES v ON v.ID = e.VariableId "
        "WHERE v.Variable = 'organization' AND e.Value LIKE 'City%' ORDER BY 1",
    )
    assert names == [("City Council",), ("City Council (council-2)",)]


def test_the_same_debate_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one.dna", "two.dna"):
        write_dna(DEBATE, tmp_path / name, ARTICLES)
    assert (tmp_path / "one.dna").read_bytes() == (tmp_path / "two.dna").read_bytes()


def test_words_that_are_not_in_the_article_are_refused(tmp_path: Path) -> None:
    wrong = Debate(statements=[replace(STATEMENTS[0], start=1, end=1 + len(STATEMENTS[0].quote))])
    with pytest.raises(BadDocument, match="does not hold"):
        write_dna(wrong, tmp_path / "x.dna", ARTICLES)
    with pytest.raises(BadDocument, match="missing"):
        write_dna(DEBATE, tmp_path / "x.dna", {"cap-news": ARTICLES["cap-news"]})
    assert list(tmp_path.iterdir()) == []


def test_the_password_is_hashed_as_dna_checks_it() -> None:
    kept = base64.b64decode(password_hash(PASSWORD))
    salt, digest = kept[:16], kept[16:]
    again = salt + PASSWORD.encode()
    for _ in range(100_000):
        again = hashlib.sha256(again).digest()
    assert again == digest


@given(text=st.text(alphabet="ab🔔é\r\n", max_size=20), data=st.data())
def test_offsets_turn_back(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    there = code_point(plain, java_offset(text, offset))
    assert plain[:there] == text[:offset].replace("\r\n", "\n").replace("\r", "\n")


def made_by_dna(path: Path, *, agreement: str = "boolean") -> None:
    """A small file as DNA writes it: only its own four variables, no ids, a person without an organisation."""
    with closing(sqlite3.connect(path)) as file, file:
        for table in schema():
            file.execute(table)
        file.executescript("""
            INSERT INTO CODERS (ID, Name, Password) VALUES (1, 'Admin', 'x'), (2, 'Mira', 'x'), (3, 'Sol', 'x');
            INSERT INTO STATEMENTTYPES (ID, Label) VALUES (1, 'DNA Statement'), (2, 'Annotation');
            INSERT INTO VARIABLES (ID, Variable, DataType, StatementTypeId) VALUES (1, 'person', 'short text', 1),
                (2, 'organization', 'short text', 1), (3, 'concept', 'short text', 1), (5, 'note', 'long text', 2);
            INSERT INTO ENTITIES (ID, VariableId, Value) VALUES (1, 1, ''), (2, 1, 'Bo Marsh'), (3, 2, ''),
                (4, 2, 'City Council'), (5, 3, 'Fares should be capped');
            INSERT INTO STATEMENTS (ID, StatementTypeId, DocumentId, Start, Stop, Coder) VALUES (1, 1, 1, 0, 34, 2),
                (2, 1, 1, 0, 34, 3), (3, 1, 1, 35, 60, 2), (4, 2, 1, 0, 5, 2), (5, 1, 1, 90, 900, 2);
            INSERT INTO DATASHORTTEXT (StatementId, VariableId, Entity) VALUES (1, 1, 2), (1, 2, 4), (1, 3, 5),
                (2, 1, 1), (2, 2, 4), (2, 3, 5), (3, 1, 2), (3, 2, 3), (3, 3, 5), (5, 1, 2), (5, 2, 4), (5, 3, 5);
            INSERT INTO DATALONGTEXT (StatementId, VariableId, Value) VALUES (4, 5, 'look again');
        """)
        file.execute(
            "INSERT INTO DOCUMENTS (ID, Title, Text, Coder, Source, Date) "
            "VALUES (1, 'Fares', ?, 1, 'Gazette', 1930348800)",
            (TEXT,),
        )
        file.execute(
            "INSERT INTO VARIABLES (ID, Variable, DataType, StatementTypeId) VALUES (4, 'agreement', ?, 1)",
            (agreement,),
        )
        table = "DATABOOLEAN" if agreement == "boolean" else "DATAINTEGER"
        yes, no = (1, 0) if agreement == "boolean" else (3, -2)
        for number, value in ((1, yes), (2, no), (3, no), (5, yes)):
            file.execute(f"INSERT INTO {table} (StatementId, VariableId, Value) VALUES (?, 4, ?)", (number, value))


@pytest.mark.parametrize("agreement", ["boolean", "integer"])
def test_a_file_of_dna_comes_in_marked_as_coded_by_hand(tmp_path: Path, agreement: str) -> None:
    made_by_dna(tmp_path / "theirs.dna", agreement=agreement)
    coding = read_dna(tmp_path / "theirs.dna", domain())
    told = [(coder_of(s), s.actor, s.speaker, s.reform, str(s.stance), s.quote) for s in coding.statements]
    assert told == [
        ("Mira", "council", "Bo Marsh", "fares-should-be-capped", "support", "The council welcomed the fare cap."),
        ("Sol", "council", None, "fares-should-be-capped", "oppose", "The council welcomed the fare cap."),
        ("Mira", "bo-marsh", None, "fares-should-be-capped", "oppose", "Harbour Lines opposed it."),
    ]
    assert [(p.place, p.reason) for p in coding.passed_over] == [
        ("theirs.dna, statement 4", "names no actor"),
        ("theirs.dna, statement 5", "lies outside its document: 90 to 900"),
    ]
    assert [(a.title, a.publisher, a.date, a.text) for a in coding.articles] == [
        ("Fares", "Gazette", "2031-03-04", TEXT)
    ]
    assert coding.entities == 3
    assert [s.stance for s in coding.for_graph()] == [Stance.MIXED, Stance.OPPOSE]
    assert [len(theirs) for theirs in coding.by_coder().values()] == [2, 1]
    assert {a.label: str(a.kind) for a in coding.actors} == {"City Council": "organisation", "Bo Marsh": "person"}


def test_counts_are_equal_before_and_after(written: Path) -> None:
    coding = read_dna(written, domain())
    ((documents,),) = rows(written, "SELECT COUNT(*) FROM DOCUMENTS")
    ((statements,),) = rows(written, "SELECT COUNT(*) FROM STATEMENTS")
    ((entities,),) = rows(written, "SELECT COUNT(*) FROM ENTITIES WHERE Value != ''")
    assert (len(coding.articles), len(coding.statements), coding.entities) == (documents, statements, entities)


@pytest.mark.parametrize("content", [b"", b"not a database, but long enough to be taken for one" * 50])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.dna"
    path.write_bytes(content)
    with pytest.raises(BadDocument, match=r"other\.dna"):
        read_dna(path, domain())
    with pytest.raises(BadDocument, match="no such file"):
        read_dna(tmp_path / "none.dna", domain())


def test_a_file_with_names_in_no_encoding_is_refused(written: Path) -> None:
    with closing(sqlite3.connect(written)) as file:
        file.execute("CREATE TABLE odd_name (a)")
        file.commit()
    written.write_bytes(written.read_bytes().replace(b"odd_name", b"odd\xf7name"))

    with pytest.raises(BadDocument, match="not a file of Discourse Network Analyzer 3"):
        read_dna(written, domain())
