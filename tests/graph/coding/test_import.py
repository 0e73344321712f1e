"""Hand coding comes in whole: scales, coders' own variables and notes, known names, several files, any table."""

import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from graph.building import build
from graph.coding.coded import keep_coding, kept_coding, read_coding, with_coding
from graph.coding.dna import schema
from graph.coding.dna_reading import read_dna
from graph.coding.passages import Place, place
from graph.coding.scale import read_scale
from graph.coding.tables import ColumnMapping, HandCoding, read_table
from graph.domain.folder import Domain, read_domain
from graph.errors import BadDocument, BadRequest
from graph.model import Article, Stance
from graph.store.embedded import memory_store
from graph.validate import validate
from tests import factory

OWN = {"person": "short text", "organization": "short text", "concept": "short text", "agreement": "boolean"}
TABLES = {"boolean": "DATABOOLEAN", "integer": "DATAINTEGER", "long text": "DATALONGTEXT"}
A, B = "The anglers said no.", "The council said yes."
TEXT = f"{A}\n{B}"
DAY = int(datetime(2031, 3, 4, tzinfo=UTC).timestamp())


def dna(path: Path, *statements: dict[str, Any], kinds: dict[str, str] | None = None, **document: Any) -> Path:
    """A .dna file of one document; a statement is a passage, and a value for each variable."""
    kinds = OWN if kinds is None else kinds
    told = {"Title": "Fares", "Text": TEXT, "Notes": "", "Date": DAY, **document}
    with closing(sqlite3.connect(path)) as file, file:
        for table in schema():
            file.execute(table)
        file.execute("INSERT INTO CODERS (ID, Name, Password) VALUES (1, 'Mira', 'x')")
        file.execute("INSERT INTO STATEMENTTYPES (ID, Label) VALUES (1, 'DNA Statement')")
        for number, (name, kind) in enumerate(kinds.items(), 1):
            file.execute("INSERT INTO VARIABLES VALUES (?, ?, ?, 1)", (number, name, kind))
        file.execute(
            "INSERT INTO DOCUMENTS (ID, Coder, Title, Text, Notes, Date) VALUES (1, 1, ?, ?, ?, ?)", [*told.values()]
        )
        for number, values in enumerate(statements, 1):
            start = told["Text"].replace("\r\n", "\n").index(values["quote"])
            stop = start + len(values["quote"])
            file.execute("INSERT INTO STATEMENTS VALUES (?, 1, 1, ?, ?, 1)", (number, start, stop))
            for variable, (name, kind) in enumerate(kinds.items(), 1):
                if name not in values:
                    continue
                if kind != "short text":
                    row = (number, variable, values[name])
                    file.execute(f"INSERT INTO {TABLES[kind]} (StatementId, VariableId, Value) VALUES (?, ?, ?)", row)
                    continue
                file.execute(
                    "INSERT OR IGNORE INTO ENTITIES (VariableId, Value) VALUES (?, ?)", (variable, values[name])
                )
                found = file.execute(
                    "SELECT ID FROM ENTITIES WHERE VariableId = ? AND Value = ?", (variable, values[name])
                )
                row = (number, variable, found.fetchone()[0])
                file.execute("INSERT INTO DATASHORTTEXT (StatementId, VariableId, Entity) VALUES (?, ?, ?)", row)
    return path


def said(quote: str = A, actor: str = "Weir Anglers", agreement: Any = 0, **more: Any) -> dict[str, Any]:
    return {"quote": quote, "organization": actor, "concept": "Fare cap", "agreement": agreement, **more}


@pytest.fixture
def area(tmp_path: Path) -> Domain:
    folder = tmp_path / "buses"
    folder.mkdir()
    known = factory.domain()
    actors = "".join(f"{a.id},{a.label},{a.kind},{';'.join(a.aliases)}\n" for a in known.actors.values())
    reforms = "".join(f"{r.id},{r.label},{';'.join(r.aliases)}\n" for r in known.reforms.values())
    (folder / "actors.csv").write_text(f"id,label,kind,aliases\n{actors}guild,Drivers' Guild,organisation,D-G Union\n")
    (folder / "reforms.csv").write_text(f"id,label,aliases\n{reforms}cameras,Lane cameras,“eyes” – on lanes\n")
    return read_domain(folder)


# Scales


@pytest.mark.parametrize(
    ("values", "scale", "stances"),
    [
        ((-1, 0), "", ["oppose", "neutral"]),
        ((-2, 1), "", ["oppose", "support"]),
        ((3, 5), "1..5", ["neutral", "support"]),
        ((1, 4), "5..1", ["support", "oppose"]),
        ((2, 3), "1..4", ["oppose", "support"]),
        ((0, 1), "0..1", ["oppose", "support"]),
        ((0, 1), "-1..1", ["neutral", "support"]),
    ],
)
def test_a_scale_keeps_its_middle(tmp_path: Path, values: tuple[int, int], scale: str, stances: list[str]) -> None:
    path = dna(
        tmp_path / "scale.dna",
        *(said(q, agreement=v) for q, v in zip((A, B), values, strict=True)),
        kinds={**OWN, "agreement": "integer"},
    )
    mapping = ColumnMapping(columns={}, scale=read_scale(scale) if scale else None)
    assert [str(s.stance) for s in read_dna(path, factory.domain(), mapping=mapping).statements] == stances


@pytest.mark.parametrize("values", [(0, 1), (1, 5), (0, 0)])
def test_a_scale_that_is_not_clear_is_asked_for(tmp_path: Path, values: tuple[int, int]) -> None:
    statements = [said(quote, agreement=value) for quote, value in zip((A, B), values, strict=True)]
    path = dna(tmp_path / "scale.dna", *statements, kinds={**OWN, "agreement": "integer"})
    with pytest.raises(BadDocument, match="--scale"):
        read_dna(path, factory.domain())


@pytest.mark.parametrize("written", ["", "1", "1..1", "low..high"])
def test_an_invalid_scale_is_refused(written: str) -> None:
    with pytest.raises(BadRequest, match="not a scale"):
        read_scale(written)


def test_numbers_outside_the_scale_name_their_variable(tmp_path: Path) -> None:
    path = dna(tmp_path / "s.dna", said(agreement=9), said(B, agreement=1), kinds={**OWN, "agreement": "integer"})
    coding = read_dna(path, factory.domain(), mapping=ColumnMapping(columns={}, scale=read_scale("1..5")))
    assert [str(s.stance) for s in coding.statements] == ["oppose"]
    assert ["'agreement': '9' is not a stance" in passed.reason for passed in coding.passed_over] == [True]


# What coders add


@pytest.mark.parametrize(
    ("kinds", "more"),
    [
        ({"confidence": "short text"}, {"confidence": "high"}),
        ({"confidence": "integer"}, {"confidence": 5}),
        ({"stance": "short text"}, {"stance": "mixed"}),
        ({"manner": "short text", "condition": "long text"}, {"manner": "own", "condition": "if it rains"}),
    ],
)
def test_variables_of_coders_are_not_ours(tmp_path: Path, kinds: dict[str, str], more: dict[str, Any]) -> None:
    (made,) = read_dna(dna(tmp_path / "x.dna", said(**more), kinds=OWN | kinds), factory.domain()).statements
    assert (made.stance, made.confidence, made.manner, made.condition) == (Stance.OPPOSE, 1.0, "reported", None)


@pytest.mark.parametrize(
    "document",
    [
        {"Notes": "id: LN/2031 No. 7\ndate: accessed on 3 May\nvoice: angry\nurl: see folder B"},
        {"Notes": "Checked with Ada.\nid: council\ndate: 1999"},
        {"Text": TEXT.replace("\n", "\r\n")},
        {"Date": DAY * 1000},
        {"Text": TEXT.replace("\n", "\r\n\r\n") + "\r\nEnd."},
    ],
)
def test_notes_dates_and_line_ends_of_coders_do_no_harm(tmp_path: Path, document: dict[str, Any], area: Domain) -> None:
    coding = read_dna(dna(tmp_path / "x.dna", said(), said(B, "City Council", 1), **document), area)
    assert [(s.quote, s.actor) for s in coding.statements] == [(A, "weir-anglers"), (B, "council")]
    assert [(a.date, a.voice, a.url) for a in coding.articles] == [("2031-03-04", "", "")]
    keep_coding(coding, area, "x")
    material = with_coding(read_domain(area.folder), [], [])
    assert build(memory_store(), area, material.articles, material.statements).statements == 2


@pytest.mark.parametrize("date", [10**18, -(10**15), "sometime"])
def test_an_invalid_date_is_reported_and_the_rest_is_kept(tmp_path: Path, date: object) -> None:
    coding = read_dna(dna(tmp_path / "x.dna", said(), Date=date), factory.domain())
    assert [(a.date, len(coding.statements)) for a in coding.articles] == [("", 1)]
    assert ["column Date" in passed.reason for passed in coding.passed_over] == [True]


@pytest.mark.parametrize(
    "names", [("Organization", "Concept"), ("organisation", "concept"), ("ORGANISATIONS", "Concepts")]
)
def test_standard_variables_may_be_spelt_otherwise(tmp_path: Path, names: tuple[str, str]) -> None:
    kinds = {"Person": "short text", names[0]: "short text", names[1]: "short text", "Agreement": "boolean"}
    told = {"quote": A, "Person": "Hanna Brook", names[0]: "Weir Anglers", names[1]: "Fare cap", "Agreement": 0}
    (made,) = read_dna(dna(tmp_path / "x.dna", told, kinds=kinds), factory.domain()).statements
    assert (made.actor, made.speaker, made.reform, made.stance) == ("weir-anglers", "Hanna Brook", "fare-cap", "oppose")


def test_a_mapping_names_the_variables_of_a_dna_file(tmp_path: Path) -> None:
    kinds = {"body": "short text", "person": "short text", "concept": "short text", "side taken": "short text"}
    told = {"quote": A, "body": "Weir Anglers", "concept": "Fare cap", "side taken": "Contra"}
    path = dna(tmp_path / "x.dna", told, kinds=kinds)
    mapping = ColumnMapping(columns={"actor": "body", "stance": "side taken"}, stances={"contra": Stance.OPPOSE})
    (made,) = read_dna(path, factory.domain(), mapping=mapping).statements
    assert (made.actor, made.stance) == ("weir-anglers", Stance.OPPOSE)
    (passed,) = read_dna(path, factory.domain()).passed_over
    assert "side taken" in passed.reason
    with pytest.raises(BadDocument, match="side taken"):
        read_dna(path, factory.domain(), mapping=ColumnMapping(columns={"stance": "agreement_2"}))


# Known names


@pytest.mark.parametrize(
    ("actor", "concept", "ids"),
    [
        ("Drivers’ Guild", "LANE CAMERAS", ("guild", "cameras")),
        ("The Drivers' Guild", '"eyes" - on lanes', ("guild", "cameras")),
        ("D–G  union", "Ｌａｎｅ cameras", ("guild", "cameras")),
        ("guild", "cameras", ("guild", "cameras")),
        ("Weir Anglers", "Trams", ("weir-anglers", "trams")),
    ],
)
def test_known_actors_and_reforms_are_linked(
    tmp_path: Path, area: Domain, actor: str, concept: str, ids: tuple[str, str]
) -> None:
    (made,) = read_dna(dna(tmp_path / "x.dna", said(actor=actor) | {"concept": concept}), area).statements
    assert (made.actor, made.reform) == ids


def test_names_that_give_one_id_stay_two(tmp_path: Path) -> None:
    coding = read_dna(dna(tmp_path / "x.dna", said(actor="R & D Club"), said(B, actor="R-D Club!")), factory.domain())
    assert [(s.actor, s.actor_label) for s in coding.statements] == [
        ("r-d-club", "R & D Club"),
        ("r-d-club-2", "R-D Club!"),
    ]


# Several files


def test_files_with_other_documents_keep_all_of_them(tmp_path: Path, area: Domain) -> None:
    texts = ("On Monday the anglers said no.", "On Friday the anglers said no.", "On Sunday the anglers said no.")
    for number, text in enumerate(texts):
        (tmp_path / str(number)).mkdir()
        path = dna(tmp_path / str(number) / "coding.dna", said("the anglers said no."), Text=text)
        area = read_domain(area.folder)
        keep_coding(read_dna(path, area), area, path.stem)
    material = with_coding(area, [], [])
    assert sorted(article.text for article in material.articles) == sorted(texts)
    assert len(material.statements) == 3


def test_two_coders_of_one_text_share_the_article(tmp_path: Path, area: Domain) -> None:
    for coder in ("ada", "ben"):
        area = read_domain(area.folder)
        keep_coding(read_dna(dna(tmp_path / f"{coder}.dna", said()), area), area, coder)
    assert len({statement.article for coding in kept_coding(area) for statement in coding.statements}) == 1


def test_a_table_with_the_id_of_another_text_keeps_its_own(tmp_path: Path, area: Domain) -> None:
    head = "article,text,quote,actor,reform,stance,date,url\n"
    for name, day in (("one", "Monday"), ("two", "Tuesday")):
        (tmp_path / f"{name}.csv").write_text(
            f"{head}1,On {day} we said no.,we said no.,Riders,Fare cap,oppose,2031,B 7\n"
        )
        keep_coding(read_coding(tmp_path / f"{name}.csv", area, [], mapping=ColumnMapping(columns={})), area, name)
    material = with_coding(area, [], [])
    assert len({statement.article for statement in material.statements}) == len(material.articles) == 2
    store = memory_store()
    build(store, area, material.articles, material.statements)
    assert list(validate(store)) == []


# Tables

SEGMENT = "We back the cap – it’s “fair” to all."
ARTICLE = Article(id="row", text=f"A row\r\n\r\nAda Quill said:\u00a0“{SEGMENT}” Then she left. ﬁn")
COLUMNS = ["Document name", "Segment", "Who", "Code", "Side"]
MAPPING = ColumnMapping(
    columns=dict(zip(("article", "quote", "actor", "reform", "stance"), COLUMNS, strict=True)),
    stances={"for": Stance.SUPPORT},
)
LINE = ["row", SEGMENT, "Drivers’ Guild", "Fare cap", "for"]


def table(*rows: list[str], delimiter: str = ";") -> str:
    return "".join(delimiter.join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\r\n" for row in rows)


@pytest.mark.parametrize(
    "content",
    [
        table(COLUMNS, LINE).encode("utf-8-sig"),
        ("sep=;\r\n" + table(COLUMNS, LINE)).encode("utf-8-sig"),
        ("sep=|\n" + table(COLUMNS, LINE, delimiter="|")).encode(),
        table(COLUMNS, LINE, delimiter="\t").encode("utf-16"),
        table(COLUMNS, LINE, delimiter="\t").encode("utf-16-le"),
        table(COLUMNS, LINE).encode("cp1252"),
        table(COLUMNS, LINE).encode("mac_roman"),
        table([" document NAME", "segment", "WHO", "code", "side "], LINE, delimiter=",").encode(),
        table(["Comment; and, more", *COLUMNS], ["x;y;z", *LINE], delimiter=",").encode(),
    ],
    ids=["semicolons", "sep", "sep-bar", "utf-16", "utf-16-no-mark", "cp1252", "mac", "spelling", "commas-in-head"],
)
def test_a_table_is_read_however_it_was_saved(tmp_path: Path, area: Domain, content: bytes) -> None:
    (tmp_path / "codes.csv").write_bytes(content)
    coding = read_table(tmp_path / "codes.csv", area, [ARTICLE], mapping=MAPPING)
    assert [(s.quote, s.actor, s.stance) for s in coding.statements] == [(SEGMENT, "guild", Stance.SUPPORT)]
    assert not coding.passed_over


def test_an_excel_workbook_is_a_table(tmp_path: Path, area: Domain) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in ([], COLUMNS, LINE, [7.0, *LINE[1:]]):
        sheet.append(row)
    book.save(tmp_path / "codes.xlsx")
    coding = read_table(tmp_path / "codes.xlsx", area, [ARTICLE], mapping=MAPPING)
    assert [s.quote for s in coding.statements] == [SEGMENT]
    assert [p.reason for p in coding.passed_over] == ["there is no article '7'"]


@pytest.mark.parametrize("name", ["project.qdpx", "codes.xls", "codes.ods", "codes.xlsx", "codes.csv"])
def test_other_files_are_one_clear_sentence(tmp_path: Path, area: Domain, name: str) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as file:
        file.writestr("project.qde", "<Project/>")
    with pytest.raises(BadDocument, match=r"CSV") as told:
        read_table(tmp_path / name, area, [ARTICLE], mapping=MAPPING)
    assert "codec" not in str(told.value)


@pytest.mark.parametrize(
    "segment",
    [
        'We back the cap - it\'s "fair" to all.',
        "“We back the cap – it’s ‘fair’ to all.”",
        "Ada Quill said: “We back the cap",
        "A row\nAda Quill",
        '…it\'s "fair" to all...',
        "cap – it\u00ad’s",
        "left. fin",
    ],
)
def test_a_passage_is_found_though_marks_and_spaces_differ(segment: str) -> None:
    found = place(segment, ARTICLE.text)
    assert isinstance(found, Place)
    assert ARTICLE.text[found.start : found.end].split()[-1] in {"all.", "all", "cap", "Quill", "it’s", "ﬁn", "all.”"}


def test_a_bad_value_names_its_column_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "article,text,quote,actor,reform,stance,date,concerns,manner\n"
        "1,We said no.,We said no.,Riders,Fare cap,oppose,3 May,Cost;Rain,shouted\n"
        "1,,We said no.,Riders,Fare cap,oppose,,,,too,many\n"
        "1,,no.,Riders,Fare cap,maybe,,,\n"
    )
    coding = read_table(tmp_path / "c.csv", factory.domain(), mapping=ColumnMapping(columns={}))
    assert [(s.concerns, s.stance) for s in coding.statements] == [(("cost",), Stance.OPPOSE)]
    told = [f"{passed.place} {passed.reason}" for passed in coding.passed_over]
    for place_, word in ((2, "'date'"), (2, "'concerns'"), (2, "'manner'"), (3, "more cells"), (4, "'stance'")):
        assert any(each.startswith(f"c.csv:{place_} ") and word in each for each in told), (place_, word, told)


def test_coding_of_another_text_of_the_document_is_placed_again(area: Domain) -> None:
    quote = "it’s “fair” to all."
    start = ARTICLE.text.index(quote)
    made = factory.statement(quote, article="row", start=start, end=start + len(quote))
    keep_coding(HandCoding(articles=(ARTICLE,), statements=(made,)), area, "x")
    other = replace(ARTICLE, text=ARTICLE.text.replace("’", "'").replace("\r\n", "\n"))
    (statement,) = with_coding(area, [other], []).statements
    assert statement.quote == "it's “fair” to all."
