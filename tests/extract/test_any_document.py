"""Any file is read as an article of clean text or refused in one sentence."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from extract.documents.exports import exported
from extract.documents.reading import READERS
from graph.errors import BadDocument
from graph.model import Article
from tests.extract import saved
from tests.fuzzing import tries

PARAGRAPHS = ["The council welcomed the fare cap.", "“Too dear”, Harbour Lines said; riders – split – wait."]
WITHIN = {".docx": "word/document.xml", ".odt": "content.xml"}
PIECES = st.sampled_from(
    [
        *(b"", b"<", b"</p>", b"<p>", b"&#0;", b"&amp", b"<!--", b"]]>", b"\xff\xfe", b"\xed\xa0\x80", b"\r\n\r\n"),
        *(b"Content-Type: multipart/mixed; boundary=\r\n", b"=?utf-8?b?gA==?=", b"---\n", b"\x0c", b"9" * 400),
        *(b'<script type="application/ld+json">{"headline": ["x"]}</script>', b"<table><tr><td>", b"0 0 obj <<"),
        *(b'<meta charset="utf-7">', b"[a](b", b"**" * 50, b"=\r\n", b"</w:p><w:p>", b"<text:s text:c='9'/>"),
    ]
) | st.binary(max_size=12)
PLACES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 0.2), PIECES), max_size=4)


@cache
def sound(ending: str) -> bytes:
    """Return a document of the format as programs save it; for an archive, the part with the text."""
    if ending == ".rtf":
        return rich(PARAGRAPHS)
    content = saved.FORMATS[".html" if ending == ".htm" else ending](PARAGRAPHS)
    if ending in WITHIN:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(WITHIN[ending])
    return content


def rich(paragraphs: list[str]) -> bytes:
    """Return paragraphs as Rich Text Format."""
    body = "\\par\n".join(paragraphs)
    coded = "".join(letter if ord(letter) < 128 else f"\\u{ord(letter)}?" for letter in body)
    return f"{{\\rtf1\\ansi {coded}\\par}}".encode("ascii")


def spoilt(content: bytes, places: list[tuple[float, float, bytes]]) -> bytes:
    """Return the document with random parts replaced."""
    for at, length, piece in places:
        start = int(at * len(content))
        content = content[:start] + piece + content[start + int(length * len(content)) :]
    return content


@cache
def others(ending: str) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(saved.FORMATS[ending](PARAGRAPHS))) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != WITHIN[ending]}


def packed(ending: str, content: bytes) -> bytes:
    """Return the document around the part with its text."""
    if ending not in WITHIN:
        return content
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, part in others(ending).items():
            archive.writestr(name, part)
        archive.writestr(WITHIN[ending], content)
    return file.getvalue()


@tries(160)
@given(ending=st.sampled_from(list(READERS)), places=PLACES, anything=st.none() | st.binary(max_size=200))
def test_any_document_is_read_or_refused(
    ending: str, places: list[tuple[float, float, bytes]], anything: bytes | None
) -> None:
    content = anything if anything is not None else packed(ending, spoilt(sound(ending), places))
    try:
        article = READERS[ending](content, Article(id="a", text=""))
    except BadDocument:
        return
    for text in (article.text, article.title, article.publisher, article.author, article.url):
        assert "\0" not in text
        text.encode("utf-8")
    assert all(0 <= page <= len(article.text) for page in article.pages)


CELL = st.text(max_size=8) | st.sampled_from(['"', "text", "title", "date", "\x00", "2031-03-04", "\ud800"])


@tries(40)
@given(
    ending=st.sampled_from([".csv", ".tsv", ".jsonl"]),
    head=st.lists(CELL, max_size=4),
    rows=st.lists(st.lists(CELL, max_size=5), max_size=3),
    raw=st.none() | st.binary(max_size=80),
)
def test_any_export_is_read_or_refused(
    tmp_path: Path, ending: str, head: list[str], rows: list[list[str]], raw: bytes | None
) -> None:
    if ending == ".jsonl":
        lines = [json.dumps(dict(zip(["text", *head], row, strict=False))) for row in rows]
    else:
        lines = [("," if ending == ".csv" else "\t").join(row) for row in (["text", *head], *rows)]
    path = tmp_path / f"export{ending}"
    path.write_bytes(raw if raw is not None else "\n".join(lines).encode("utf-8", "replace"))

    told = str(path)
    articles = []
    try:
        articles = list(exported(path))
    except BadDocument as error:
        told = str(error)
    assert told.startswith(str(path))
    for article in articles:
        for text in (article.text, article.title, article.publisher):
            assert "\0" not in text
            text.encode("utf-8")
