"""An article in each format, as common programs save it: with its headings, lists and paragraphs."""

import html
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import NamedTuple

import docx as word
from odf.opendocument import OpenDocumentText  # type: ignore[import-untyped]  # has no type information
from odf.text import H, List, ListItem, P  # type: ignore[import-untyped]  # has no type information

from extract.marking.sections import BULLET, label, lines
from tests.extract.saved import FONT, Paper, saved


class Block(NamedTuple):
    """A paragraph: what it is (`text`, `heading` or `bullet`) and its words, without a bullet."""

    kind: str
    words: str


def blocks(text: str) -> list[Block]:
    """Return the paragraphs that the reader sees in a text."""
    found = [" ".join(text[start:end].split()) for start, end in lines(text)]
    return [Block(label(each), BULLET.sub("", each, count=1) if label(each) == "bullet" else each) for each in found]


def text(parts: Sequence[Block]) -> bytes:
    return _plain(parts, {"bullet": "• "}).encode()


def markdown(parts: Sequence[Block]) -> bytes:
    return _plain(parts, {"bullet": "- ", "heading": "## "}).encode()


def mail(parts: Sequence[Block]) -> bytes:
    made = EmailMessage()
    made["From"] = "Ada Quill <ada@council.example>"
    made.set_content(_plain(parts, {"bullet": "* "}))
    return bytes(made)


def page(parts: Sequence[Block]) -> bytes:
    made: list[str] = []
    for before, part in zip([None, *parts], parts, strict=False):
        inside = before is not None and before.kind == "bullet"
        if inside != (part.kind == "bullet"):
            made.append("</ul>" if inside else "<ul>")
        tag = {"heading": "h2", "bullet": "li"}.get(part.kind, "p")
        made.append(f"<{tag}>{html.escape(part.words)}</{tag}>")
    return f"<!doctype html><html><body><main><article>{''.join(made)}</article></main></body></html>".encode()


def docx(parts: Sequence[Block]) -> bytes:
    made = word.Document()
    for part in parts:
        if part.kind == "heading":
            made.add_heading(part.words, 2)
        else:
            made.add_paragraph(part.words, style="List Bullet" if part.kind == "bullet" else None)
    return saved(made.save)


def odt(parts: Sequence[Block]) -> bytes:
    made = OpenDocumentText()
    for part in parts:
        if part.kind == "heading":
            made.text.addElement(H(outlinelevel=2, text=part.words))
        elif part.kind == "bullet":
            entry = ListItem()
            entry.addElement(P(text=part.words))
            list_of_one = List()
            list_of_one.addElement(entry)
            made.text.addElement(list_of_one)
        else:
            made.text.addElement(P(text=part.words))
    return saved(made.save)


def pdf(parts: Sequence[Block]) -> bytes:
    paper = Paper()
    # With one page, nothing distinguishes a running head from the text.
    paper.heads = sum(len(part.words) for part in parts) > 6_000
    paper.add_font("DejaVu", fname=str(FONT))
    paper.add_page()
    for part in parts:
        paper.set_font("DejaVu", size=12 if part.kind == "heading" else 10)
        words = f"• {part.words}" if part.kind == "bullet" else part.words
        paper.multi_cell(0, 5, words, align="L", new_x="LMARGIN", new_y="NEXT")
        paper.ln(3)
    return bytes(paper.output())


def _plain(parts: Sequence[Block], signs: dict[str, str]) -> str:
    return "\n\n".join(signs.get(part.kind, "") + part.words for part in parts)


FORMATS: dict[str, Callable[[Sequence[Block]], bytes]] = {
    ".txt": text,
    ".md": markdown,
    ".html": page,
    ".pdf": pdf,
    ".docx": docx,
    ".odt": odt,
    ".eml": mail,
}
