"""Documents in every supported format give the same text; an unreadable one gives one sentence."""

import io
import os
import random
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import docx as word
import pypdfium2  # type: ignore[import-untyped]  # has no type information
import pytest
from fpdf import FPDF
from odf.opendocument import OpenDocumentText  # type: ignore[import-untyped]  # has no type information
from odf.text import (  # type: ignore[import-untyped]  # has no type information
    A,
    H,
    List,
    ListItem,
    Note,
    NoteBody,
    P,
    S,
)

from extract.documents.reading import LARGEST_TEXT, documents, read
from graph.errors import BadDocument
from tests import factory
from tests.extract import saved

PARAGRAPHS = [
    "A cap on fares",
    "The council of Marlbourne said that it had always been in favour of a cap, whatever the operators think of it, "
    "and that the buses at night would follow before the next winter sets in.",
    "“We will not support an under-funded plan,” said Ada Quill. “It’s £2 – or nothing.”",
    "• fares stop at two pounds",
    "• night buses run hourly",
    "Harbour Lines opposed it. Riders were split.",
]
LONG = [
    f"Speaker {number} told the hearing that the cap had been promised for many years and that no one along the "
    "harbour believed in it any longer. The chair thanked the speaker for these words and called the next one."
    for number in range(40)
]
NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def zipped(**parts: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("_", "/", 1).replace("_", "."), content)
    return made.getvalue()


@pytest.mark.parametrize("ending", saved.FORMATS)
def test_the_same_paragraphs_from_each_format(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, f"cap{ending}", saved.FORMATS[ending](PARAGRAPHS))
    assert [part.strip() for part in read(path).text.split("\n\n")] == PARAGRAPHS


@pytest.mark.parametrize("columns", [1, 2])
def test_paragraphs_of_a_pdf_continue_over_columns_and_pages(columns: int, tmp_path: Path) -> None:
    article = read(written(tmp_path, "hearing.pdf", saved.pdf(LONG, columns=columns)))
    assert article.text.split("\n\n") == LONG


def test_a_pdf_has_the_offsets_of_its_pages(tmp_path: Path) -> None:
    article = read(written(tmp_path, "hearing.pdf", saved.pdf(LONG)))
    assert len(article.pages) == 2
    assert article.pages[0] == 0
    # Each page begins with one of its lines, not in the middle of a word.
    assert all(article.text[start - 1].isspace() and not article.text[start].isspace() for start in article.pages[1:])


def test_words_that_a_line_end_divides_are_joined(tmp_path: Path) -> None:
    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    for line in (
        "The under-funded plan needs more consul-",
        "tation, and no more under-",
        "funded promises of anybody.",
    ):
        paper.cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    text = read(written(tmp_path, "plan.pdf", bytes(paper.output()))).text
    assert text == "The under-funded plan needs more consultation, and no more under-funded promises of anybody."


def test_headings_lists_tables_and_deleted_words_of_docx(tmp_path: Path) -> None:
    made = word.Document()
    made.core_properties.title = "A cap on fares"
    made.core_properties.author = "Ada Quill"
    made.add_heading("What it means", level=1)
    made.add_paragraph("fares stop", style="List Bullet")
    made.add_table(rows=1, cols=2).rows[0].cells[1].text = "in a cell"
    made.add_paragraph("one\ttab and\na line")
    article = read(written(tmp_path, "cap.docx", saved.saved(made.save)))
    assert article.text == "What it means\n\n• fares stop\n\nin a cell\n\none tab and\na line"
    assert (article.title, article.author) == ("A cap on fares", "Ada Quill")


def test_headings_lists_and_notes_of_odt(tmp_path: Path) -> None:
    made = OpenDocumentText()
    made.text.addElement(H(outlinelevel=1, text="What it means"))
    entry = ListItem()
    entry.addElement(P(text="fares stop"))
    entries = List()
    entries.addElement(entry)
    made.text.addElement(entries)
    paragraph = P(text="The")
    paragraph.addElement(S(c=1))
    link = A(href="https://gazette.example/", text="cap")
    paragraph.addElement(link)
    note = Note(noteclass="footnote")
    body = NoteBody()
    body.addElement(P(text="unread"))
    note.addElement(body)
    paragraph.addElement(note)
    paragraph.addText(" holds.")
    made.text.addElement(paragraph)
    article = read(written(tmp_path, "cap.odt", saved.saved(made.save)))
    assert article.text == "What it means\n\n• fares stop\n\nThe cap holds."


def test_mail_as_html_only_and_with_an_attachment(tmp_path: Path) -> None:
    made = EmailMessage()
    made["From"] = "Ada Quill <ada@council.example>"
    made["Subject"] = "A cap on fares"
    made["Date"] = "Tue, 04 Mar 2031 09:30:00 +0000"
    made.set_content("<p>The council welcomed it.</p><p>Others did not.</p>", subtype="html")
    made.add_attachment("unread", filename="../../notes.txt")
    article = read(written(tmp_path, "cap.eml", bytes(made)))
    assert article.text == "The council welcomed it.\n\nOthers did not."
    assert (article.title, article.author, article.date) == ("A cap on fares", "Ada Quill", "2031-03-04")


PAGE = """<html lang="en-GB"><head><title>Cap | Gazette</title>
<meta property="og:title" content="A cap on fares"><meta name="DC.date" content="2031-03-05">
<link rel="canonical" href="https://gazette.example/cap">
<script type="application/ld+json">{"@graph": [{"@type": "NewsArticle", "datePublished": "2031-03-04T09:30:00Z",
"author": [{"name": "Ina Marsh"}], "publisher": {"name": "The Tram Gazette"}}]}</script></head>
<body class="with-sidebar"><div class="cookie-banner">Cookies?</div><header>Gazette<nav>News</nav></header>
<div class="page with-sidebar"><div id="story"><h1>A cap on fares</h1><div class="share-links"><a>Share</a></div>
<p>The council   welcomed
the <a href="/cap">fare cap</a>.</p><ul><li>fares stop</li><li><p>buses run</p></li></ul>
<blockquote>“Never,” said Ada Quill.</blockquote><aside>Advert</aside></div>
<div class="sidebar"><p>Most read</p></div></div><footer>Imprint</footer></body></html>"""


def test_a_page_yields_its_main_text_alone(tmp_path: Path) -> None:
    article = read(written(tmp_path, "cap.html", PAGE.encode()))
    assert article.text.split("\n\n") == [
        *("A cap on fares", "The council welcomed the fare cap.", "• fares stop", "• buses run"),
        "“Never,” said Ada Quill.",
    ]
    assert (article.title, article.publisher, article.author) == ("A cap on fares", "The Tram Gazette", "Ina Marsh")
    assert (article.date, article.url, article.language) == ("2031-03-04", "https://gazette.example/cap", "en-GB")


def test_what_a_table_says_goes_before_what_the_document_says(tmp_path: Path) -> None:
    info = factory.article(text="", date="2030", title="")
    article = read(written(tmp_path, "cap.html", PAGE.encode()), info)
    assert (article.date, article.title, article.publisher) == ("2030", "A cap on fares", info.publisher)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>naïve</p>".encode("windows-1252"), "naïve"),
        ('<meta charset="iso-8859-1"><p>“quoted”</p>'.encode("windows-1252"), "“quoted”"),
        ('<meta charset="koi8-r"><p>автобус</p>'.encode("koi8-r"), "автобус"),
        ("<p>naïve</p>".encode("utf-16"), "naïve"),
    ],
)
def test_pages_in_other_encodings(content: bytes, text: str, tmp_path: Path) -> None:
    assert read(written(tmp_path, "page.html", content)).text == text


def test_plain_text_is_kept_unchanged(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbfOne\r\n\ttwo\x0c \xe2\x80\xa8three"
    assert read(written(tmp_path, "a.txt", content)).text == content.decode("utf-8")


def encrypted() -> bytes:
    paper = FPDF()
    paper.set_encryption(owner_password="a", user_password="b")
    paper.add_page()
    return bytes(paper.output())


def empty_pages(count: int) -> bytes:
    made = pypdfium2.PdfDocument.new()
    for _ in range(count):
        made.new_page(100, 100)
    return saved.saved(made.save)


def bomb(*, honest: bool) -> bytes:
    made = bytearray(zipped(word_document_xml="<a>" + " " * 60 * 1024**2))
    if not honest:
        head = made.rfind(b"PK\x01\x02")
        made[head + 24 : head + 28] = (1000).to_bytes(4, "little")
    return bytes(made)


def entities(name: str) -> bytes:
    return zipped(**{name: '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'})


@pytest.mark.parametrize(
    ("name", "make", "told"),
    [
        ("a.pdf", lambda: saved.pdf(LONG)[:9_000], "cut off"),
        ("a.pdf", lambda: b"%PDF-1.7\n" + random.Random(1).randbytes(9000) + b"\n%%EOF", "damaged"),
        ("a.pdf", lambda: b"no PDF", "is not a PDF"),
        ("a.pdf", encrypted, "encrypted"),
        ("a.pdf", lambda: empty_pages(2001), "2,001 pages"),
        ("a.pdf", lambda: empty_pages(2), "scan"),
        ("a.docx", lambda: bomb(honest=True), "unpacks to"),
        ("a.docx", lambda: bomb(honest=False), "damaged or cut off"),
        ("a.docx", lambda: entities("word_document_xml"), "entities"),
        ("a.docx", lambda: zipped(word_document_xml="<p>" * 400 + "</p>" * 400), "Excessive depth"),
        ("a.docx", lambda: zipped(word_document_xml="<p>" * 253 + "</p>" * 253), "nested more than"),
        ("a.docx", lambda: saved.docx(PARAGRAPHS)[:3000], "damaged or cut off"),
        ("a.docx", lambda: zipped(other_xml="<a/>"), "no word/document.xml"),
        ("a.docx", lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "encrypted"),
        ("a.docx", lambda: saved.docx([]), "no text"),
        ("a.odt", lambda: zipped(**{"content.xml": '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'}), "entities"),
        ("a.html", lambda: b"<html>" + b"<div>" * 100_000 + b"words", "nested more than"),
        ("a.html", lambda: b"<p>wor\0ds</p>", "NUL"),
        ("a.html", lambda: b"<html><script>only()</script></html>", "without text"),
        ("a.html", lambda: b"", "empty"),
        ("a.txt", lambda: b"x" * 5000 + b"\0", "NUL"),
        ("a.eml", lambda: b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 500, "within one another"),
        ("a.eml", lambda: b"Subject: nothing\n\n", "without text"),
        ("a.html", lambda: bytes(LARGEST_TEXT + 1), "split it"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(name: str, make: Callable[[], bytes], told: str, tmp_path: Path) -> None:
    path = written(tmp_path, name, make())
    with pytest.raises(BadDocument) as error:
        read(path)
    assert str(error.value).startswith(f"{path}: ")
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_outside_the_folder_is_read(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret.txt", b"words that are private")
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "absolute.txt").symlink_to(secret)
    (folder / "relative.txt").symlink_to("../secret.txt")
    (folder / "gone.txt").symlink_to("../nowhere.txt")
    written(folder, "mine.txt", b"words of mine")
    (folder / "inside.txt").symlink_to("mine.txt")
    os.mkfifo(folder / "waits.txt")
    found = documents(factory.domain(documents=folder))
    told = {path.name: said(path) for path, _ in found}
    assert told == {
        "absolute.txt": "a link that leads out",
        "relative.txt": "a link that leads out",
        "gone.txt": "a link that leads out",
        "mine.txt": "words of mine",
        "inside.txt": "words of mine",
        "waits.txt": "is not a file",
    }


def said(path: Path) -> str:
    try:
        return read(path).text
    except BadDocument as error:
        return next(part for part in ("a link that leads out", "is not a file") if part in str(error))


def test_nothing_is_unpacked_to_disk(tmp_path: Path) -> None:
    content = saved.docx(PARAGRAPHS)
    made = io.BytesIO(content)
    with zipfile.ZipFile(made, "a") as file:
        file.writestr("../../escaped.txt", "x")
    path = written(tmp_path, "a.docx", made.getvalue())
    assert read(path).text.startswith("A cap on fares")
    assert list(tmp_path.iterdir()) == [path]


def test_files_with_one_id_are_one_document(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("cap.md", "cap.txt", "b.txt", "a.xyz", "README.md", ".hidden.txt", "articles.csv"):
        written(tmp_path, name, b"words")
    (tmp_path / "page_files").mkdir()
    assert [path.name for path, _ in documents(factory.domain(documents=tmp_path))] == ["b.txt", "cap.md"]
    assert [message.split(": ")[1] for message in caplog.messages] == [
        f"skipped, because no reader takes this ending; use {', '.join(sorted(['.htm', '.rtf', *saved.FORMATS]))}",
        "skipped, because cap.md has the same id",
    ]


def test_a_file_name_that_is_not_utf_8_is_reported(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt"))
    path.write_bytes(b"words")
    with pytest.raises(BadDocument, match="name is not UTF-8"):
        read(path)


def test_formats_are_documented() -> None:
    guide = Path(__file__).parents[3] / "docs" / "documents.md"
    text = guide.read_text(encoding="utf-8")
    assert [ending for ending in saved.FORMATS if f"`{ending}`" not in text] == []
