"""The content of a briefing in any format: blocks of text, tables and footnotes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A run of words."""

    text: str
    strong: bool = False
    emphasis: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """The mark of a footnote."""

    number: int


Inline = Text | Reference
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section's title; level 1 is the document's own."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences."""

    line: Line


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """A verbatim passage, its speaker, and the footnote with its source."""

    passage: str
    attribution: str
    number: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header; the first cell of a row heads it."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """A text for a machine, with a title for people."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image next to a table with the same content."""

    svg: str
    png: bytes
    alternative: str


Block = Heading | Paragraph | Bullets | Quotation | Table | Code | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A footnote, and the digest by which its passage can be checked."""

    number: int
    line: Line
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A briefing ready for any format."""

    title: str
    blocks: tuple[Block, ...]
    notes: tuple[Note, ...]
    notes_title: str
    language: str = "en"
    date: str = ""
    """Date of the newest article: the only date that a file carries, so that the same data give the same bytes."""
    keywords: tuple[str, ...] = ()
    pages: int = 0
    """Number of pages it should fit on, in a format with pages; 0 for no limit."""


def words(text: str, *, strong: bool = False, emphasis: bool = False, href: str = "") -> Line:
    """One run of words as a line."""
    return (Text(text, strong, emphasis, href),)


def references(blocks: Iterable[Block]) -> Iterator[int]:
    """The numbers of the footnotes that the blocks refer to, in order, as often as they do."""
    for block in blocks:
        match block:
            case Quotation(number=number):
                yield number
            case Paragraph(line):
                yield from _numbers(line)
            case Bullets(lines):
                for line in lines:
                    yield from _numbers(line)
            case Table(rows=rows):
                for row in rows:
                    for cell in row:
                        yield from _numbers(cell)


def _numbers(line: Line) -> Iterator[int]:
    return (inline.number for inline in line if isinstance(inline, Reference))
