"""Adding documents: copied, named, dated, compared with existing ones, and listed without changing other rows."""

import json
import shutil
from pathlib import Path

import pytest

from extract.collecting.adding import Adding, add, named
from extract.collecting.duplicates import Texts
from extract.collecting.fetching import Fetched
from extract.documents.exports import exported
from extract.documents.metadata import iso_date
from extract.documents.reading import documents, read
from graph.domain.folder import Domain, read_domain
from graph.errors import BadDocument
from tests import factory

BUSES = Path(__file__).parents[2] / "domains" / "buses"
RELEASE = " ".join(f"Sentence {number} of the release says something of its own about fares." for number in range(40))


@pytest.fixture
def area(tmp_path: Path) -> Domain:
    folder = tmp_path / "buses"
    (folder / "articles").mkdir(parents=True)
    for name in ("actors.csv", "reforms.csv"):
        shutil.copy(BUSES / name, folder / name)
    (folder / "articles.csv").write_bytes(b'id,title,date\r\nrelease,"The\r\nrelease",2031\r\n')
    (folder / "articles" / "release.txt").write_text(RELEASE, encoding="utf-8")
    return read_domain(folder)


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def again(area: Domain) -> Domain:
    return read_domain(area.folder)


def test_a_document_is_copied_named_and_entered(area: Domain, inbox: Path) -> None:
    path = inbox / "Café: fares & more!.md"
    path.write_text(
        "---\ntitle: A cap, at last\ndate: 2031-03-04\n---\nThe council welcomed the cap.", encoding="utf-8"
    )
    made = add([str(path)], area)
    assert [added.id for added in made.added] == ["cafe-fares-more"]
    assert (area.documents / "cafe-fares-more.md").read_bytes() == path.read_bytes()
    table = (area.folder / "articles.csv").read_bytes()
    assert table == (
        b'id,title,date\r\nrelease,"The\r\nrelease",2031\r\ncafe-fares-more,"A cap, at last",2031-03-04\r\n'
    )
    assert again(area).articles["cafe-fares-more"].date == "2031-03-04"


def test_the_same_words_come_in_once(area: Domain, inbox: Path) -> None:
    (inbox / "a.html").write_text(f"<html><body><p>{RELEASE}</p></body></html>", encoding="utf-8")
    (inbox / "b.txt").write_text("Quite other words.", encoding="utf-8")
    (inbox / "c.txt").write_text("Quite  other\nwords.", encoding="utf-8")
    made = add([str(inbox)], area)
    assert [added.id for added in made.added] == ["b"]
    assert [sentence.split(": ", 1)[1] for sentence in made.known] == [
        "has the same text as release; it is left out",
        "has the same text as b; it is left out",
    ]


def test_a_release_in_several_outlets_is_one_release(area: Domain, inbox: Path) -> None:
    for outlet, words in {"courier": f"By our desk. {RELEASE[:-300]}", "echo": f"{RELEASE} More below."}.items():
        (inbox / f"{outlet}.txt").write_text(words, encoding="utf-8")
    made = add([str(inbox)], area)
    assert {added.id: added.release for added in made.added} == {"courier": "release", "echo": "release"}
    assert {id: article.release for id, article in again(area).articles.items()} == {
        "release": "",
        "courier": "release",
        "echo": "release",
    }


def test_unreadable_sources_are_reported_and_the_rest_is_added(area: Domain, inbox: Path) -> None:
    (inbox / "bad.pdf").write_bytes(b"no PDF")
    (inbox / "blank.txt").write_text(" \n", encoding="utf-8")
    (inbox / "good.txt").write_text("Words.", encoding="utf-8")
    (inbox / "link.txt").symlink_to(area.folder / "actors.csv")
    (inbox / "data.xlsx").write_bytes(b"x")
    made = add([str(inbox), str(inbox / "gone.txt")], area)
    assert [added.id for added in made.added] == ["good"]
    assert sorted(failure.partition(": ")[2] for failure in made.failures) == [
        "cannot be read: No such file or directory",
        "is a link that leads out of its folder; copy the document itself into it",
        "is empty; remove it, or put its text there",
        "is not a PDF, whatever its name says",
    ]


def test_addresses_and_feeds(area: Domain) -> None:
    answers = {
        "https://gazette.example/feed": Fetched(
            url="https://gazette.example/feed",
            content=b"<rss><channel><title>The Tram Gazette</title><item><title>A cap</title>"
            b"<link>https://gazette.example/x?p=1</link><pubDate>Tue, 04 Mar 2031 09:30:00 GMT</pubDate></item>"
            b"<item><link>https://gazette.example/gone</link></item></channel></rss>",
            kind="application/rss+xml",
        ),
        "https://gazette.example/x?p=1": Fetched(
            url="https://gazette.example/x", content=b"<p>The council welcomed it.</p>", kind="text/html"
        ),
        "https://gazette.example/..%2f..%2fetc/passwd.txt": Fetched(
            url="https://gazette.example/..%2f..%2fetc/..%2fpasswd.txt", content=b"Plain words.", kind="text/plain"
        ),
        "https://gazette.example/film": Fetched(url="https://gazette.example/film", content=b"", kind="video/mp4"),
    }

    def fetching(url: str) -> Fetched:
        if url not in answers:
            raise BadDocument(f"{url}: answers 404")
        return answers[url]

    sources = ["https://gazette.example/..%2f..%2fetc/passwd.txt", "https://gazette.example/film"]
    made = add(sources, area, feeds=["https://gazette.example/feed"], fetching=fetching)
    assert [added.id for added in made.added] == ["passwd", "a-cap"]
    entered = again(area).articles["a-cap"]
    assert (entered.publisher, entered.date, entered.url) == (
        "The Tram Gazette",
        "2031-03-04",
        "https://gazette.example/x?p=1",
    )
    assert len(made.failures) == 2
    assert sorted(path.name for path in area.documents.iterdir()) == ["a-cap.html", "passwd.txt", "release.txt"]


def test_each_row_of_an_export_is_a_document(area: Domain, inbox: Path) -> None:
    export = inbox / "export.csv"
    export.write_text('Headline,Story,Source,Date\n"A, cap","Words,\nand more",Gazette,4 March 2031\nB,,,\n')
    made = add([str(export)], area, columns={"text": "Story"})
    assert [added.id for added in made.added] == ["a-cap"]
    assert made.failures == (f"{export}, article 2: is empty; remove it, or put its text there",)
    texts = {path.stem: read(path, info).text for path, info in documents(again(area))}
    assert texts["a-cap"] == "Words,\nand more"
    assert again(area).articles["a-cap"].date == "2031-03-04"


def test_adding_twice_adds_nothing(area: Domain, inbox: Path) -> None:
    (inbox / "a.txt").write_text("Words of some length.", encoding="utf-8")
    add([str(inbox)], area)
    before = (area.folder / "articles.csv").read_bytes()
    assert add([str(inbox)], again(area)) == Adding(
        known=(f"{inbox / 'a.txt'}: has the same text as a; it is left out",)
    )
    assert (area.folder / "articles.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("A cap", "a-cap-2"),
        ("articles", "articles-2"),
        ("..", "document"),
        ("\n\0", "document"),
        ("x" * 300, "x" * 80),
        ("Über die Brücke", "uber-die-brucke"),
    ],
)
def test_names_are_safe_and_new(name: str, id: str) -> None:
    assert named(name, ["a-cap", "articles"]) == id


@pytest.mark.parametrize(
    ("written", "date"),
    [
        ("2031", "2031"),
        ("2031-03-04T09:30:00Z", "2031-03-04"),
        ("Tue, 04 Mar 2031 09:30:00 +0000", "2031-03-04"),
        ("D:20310304093000Z", "2031-03-04"),
        ("4 March 2031", "2031-03-04"),
        ("March 4, 2031", "2031-03-04"),
        ("03/04/2031", ""),
        ("2031-02-30", ""),
        ("yesterday", ""),
    ],
)
def test_dates_as_documents_write_them(written: str, date: str) -> None:
    assert iso_date(written) == date


def test_json_lines_exports_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    path = tmp_path / "e.jsonl"
    path.write_text(json.dumps({"Body": "Words", "byline": ["A", "B"], "uri": 7}) + "\n\n{\n", encoding="utf-8")
    rows = exported(path)
    first = next(rows)
    assert (first.id, first.text, first.author) == ("7", "Words", "A, B")
    with pytest.raises(BadDocument, match="not a table that can be read"):
        next(rows)
    with pytest.raises(BadDocument, match="no column 'story'"):
        next(exported(path, columns={"text": "Story"}))
    with pytest.raises(BadDocument, match="there is no field 'body'"):
        next(exported(path, columns={"body": "Story"}))


def test_short_texts_are_alike_only_when_they_are_the_same() -> None:
    texts = Texts()
    texts.add(factory.article(text="The council welcomed it."))
    assert texts.alike(factory.article(text="The council welcomed it too.")) == ""
    assert texts.same(factory.article(text="The  council welcomed\nit.")) == "cap-news"


def test_import_a_row_with_a_cell_too_many_is_named_and_not_cut(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "title,text,date\nOne,We oppose the cap, because it is late.,2031-03-04\nTwo,We back it.,2031-03-05,,\n",
        encoding="utf-8",
    )
    faults: list[str] = []

    assert [each.text for each in exported(path, faults=faults)] == ["We back it."]
    assert faults == [f"{path}:2: has more cells than the table has columns; put quotation marks around cells"]
    with pytest.raises(BadDocument, match=r"export\.csv:2: has more cells"):
        list(exported(path))
