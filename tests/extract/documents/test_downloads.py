"""One file of a news database is split into its articles, and no date is guessed."""

from pathlib import Path

import pytest

from extract.collecting.adding import add
from extract.documents.dates import read_date
from extract.documents.downloads import downloaded
from extract.documents.reading import read
from graph.domain.folder import Domain, read_domain
from graph.errors import BadDocument
from tests.extract import saved

NEXIS = [
    *("Documents (2)", "1. A cap on fares", "Client/Matter: -None-"),
    *("A cap on fares", "The Gazette", "March 5, 2031 Wednesday", "Copyright 2031 Gazette Group", "Length: 9 words"),
    *(
        "Byline: Ada Quill",
        "Body",
        "The council welcomed it.",
        "Riders did too.",
        "Load-Date: March 6, 2031",
        "End of Document",
    ),
    *(
        "Trams return",
        "The Echo",
        "6 April 2031",
        "Body",
        "No words were spoken.",
        "Classification",
        "Subject: TRAMS",
        "End of Document",
    ),
]
RTF = r"{\rtf1\ansi\ansicpg1252 " + r"\par ".join(NEXIS).replace("’", r"\'92") + "}"
OLD = """                               1 of 2 DOCUMENTS

                                The Gazette

                               March 5, 2031 Wednesday

HEADLINE: A cap on fares

BYLINE: Ada Quill

BODY:
The council welcomed it.

Riders did too.

LOAD-DATE: March 6, 2031

                               2 of 2 DOCUMENTS

HEADLINE: Trams return
BODY:
No words were spoken.
"""
RULE = "_" * 40
PROQUEST = f"""{RULE}

Document 1 of 2

A cap on fares

Author: Quill, Ada

Full text: The council welcomed it.

Riders did too.

Subject: Fares

Publication title: The Gazette
Publication date: Mar 5, 2031

{RULE}

Trams return

Full text: No words were spoken.

Publication title: The Echo
Publication date: 06/04/2031

{RULE}
"""
FACTIVA = """<html><body><div class="article enArticle">
<div id="hd"><span class="enHeadline">A cap on fares</span></div>
<div>By Ada Quill</div><div>5 March 2031</div><div>The Gazette</div>
<p class="articleParagraph enarticleParagraph">The council welcomed it.</p>
<p class="articleParagraph enarticleParagraph">Riders did too.</p><p>Document GAZ0000020310305e1</p></div>
<div class="article deArticle"><div id="hd"><span class="deHeadline">Trams return</span></div><div>6 April 2031</div>
<div>The Echo</div><p class="articleParagraph dearticleParagraph">No words were spoken.</p></div></body></html>"""


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("nexis.docx", None),
        ("nexis.rtf", RTF),
        ("nexis.txt", "\n".join(NEXIS)),
        ("old.txt", OLD),
        ("proquest.txt", PROQUEST),
        ("factiva.html", FACTIVA),
    ],
)
def test_a_download_is_split_into_its_articles(tmp_path: Path, name: str, content: str | None) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("utf-8") if content is not None else saved.docx(NEXIS))
    faults: list[str] = []
    made = downloaded(path, faults=faults)
    assert [article.title for article in made] == ["A cap on fares", "Trams return"]
    assert [article.text.split() for article in made] == [
        ["The", "council", "welcomed", "it.", "Riders", "did", "too."],
        ["No", "words", "were", "spoken."],
    ]
    assert ("2031-03-05" in made[0].date, made[0].author.endswith(("Ada Quill", "Quill, Ada"))) == (True, True)
    assert len(faults) == (name == "proquest.txt")
    if name != "factiva.html":
        with pytest.raises(BadDocument, match="2 articles"):
            read(path)


def test_an_ordinary_document_is_not_a_download(tmp_path: Path) -> None:
    for name, text in (("a.txt", "Title: A cap\n\nFull text: words.\n"), ("b.html", "<p class='article'>Words.</p>")):
        (tmp_path / name).write_text(text)
        assert downloaded(tmp_path / name, faults=[]) == []


@pytest.fixture
def area(tmp_path: Path) -> Domain:
    folder = tmp_path / "buses"
    folder.mkdir()
    (folder / "actors.csv").write_text("id,label\ncouncil,City Council\n")
    (folder / "reforms.csv").write_text("id,label\nfare-cap,Fare cap\n")
    return read_domain(folder)


def test_each_article_of_a_download_is_added(area: Domain, tmp_path: Path) -> None:
    (tmp_path / "p.txt").write_text(PROQUEST)
    made = add([str(tmp_path / "p.txt")], area)
    assert [each.id for each in made.added] == ["a-cap-on-fares", "trams-return"]
    assert ["two ways" in sentence for sentence in made.undated] == [True]
    entered = read_domain(area.folder).articles
    assert [(each.publisher, each.date) for each in entered.values()] == [
        ("The Gazette", "2031-03-05"),
        ("The Echo", ""),
    ]
    again = add([str(tmp_path / "p.txt")], read_domain(area.folder), day_first=True)
    assert (len(again.known), again.undated) == (2, ())


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("March 5, 2031 Wednesday", "2031-03-05"),
        ("Wednesday, 5th March 2031", "2031-03-05"),
        ("Sat., Mar. 5 2031", ""),
        ("5 March 2031 10:00 AM GMT", "2031-03-05"),
        ("31-Dec-31", "2031-12-31"),
        ("5.3.2031", "2031-03-05"),
        ("13/03/2031", "2031-03-13"),
        ("03/13/2031", "2031-03-13"),
        ("3/3/31", "2031-03-03"),
        ("03/04/2031", ""),
        ("31/31/2031", ""),
        ("2031-03-05T23:30:00-05:00", "2031-03-05"),
        ("March 2031", "2031-03"),
        ("Spring 2031", ""),
        ("D:20310305090000Z", "2031-03-05"),
        ("47912", ""),
    ],
)
def test_a_date_is_read_or_told(written: str, iso: str) -> None:
    date, fault = read_date(written)
    assert (date, bool(fault)) == (iso, not iso)


def test_people_say_how_dates_are_written() -> None:
    assert read_date("03/04/2031", day_first=True) == ("2031-04-03", "")
    assert read_date("03/04/2031", day_first=False) == ("2031-03-04", "")
    assert read_date("47912", spreadsheet=True) == ("2031-03-05", "")


@pytest.mark.parametrize(
    "content",
    [
        "sep=;\r\nHeadline;Body;Date\r\nA;It’s fair.;5 March 2031\r\n".encode("utf-16"),
        "Headline,Body,Date\nA,It’s fair.,5 March 2031\n".encode("cp1252"),
    ],
)
def test_an_export_in_another_encoding(area: Domain, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "e.csv").write_bytes(content)
    made = add([str(tmp_path / "e.csv")], area)
    assert [each.id for each in made.added] == ["a"]
    assert (area.documents / "a.txt").read_text(encoding="utf-8") == "It’s fair."
