"""PDF with a text layer: columns in order, no running heads or footnotes, divided words joined, pages recorded."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import pypdfium2  # type: ignore[import-untyped]  # has no type information
from pypdfium2 import raw

from extract.documents.html import conventions
from extract.documents.metadata import told
from graph.errors import BadDocument
from graph.model import Article

MOST_PAGES = 2000
BULLET = re.compile(r"(?:[•●▪◦‣·■\u2043\uf0b7*–—-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+")
SENTENCE_END = re.compile(r"""[.!?:;…]["'”’»)\]]*\Z""")
LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
RAISED = re.compile(r"[\d*†‡§,]+")
NOTE = re.compile(r"[\[(]?(\d{1,3}|[*†‡§]{1,3})[\])]?[.:]?\s*(?=\S)")
SMALLER = 0.9
"""Largest size of a note or the mark of one, as a share of the text's."""
# The engine's mark for a hyphen at the end of a line, and characters that are not text.
SPECIAL = str.maketrans({"\x02": "-", "\ufffe": "-", "\xad": "-", "\x00": None, "\ufeff": None, "\xa0": " "})
Head = tuple[bool, int, str]
"""Whether it is at the top, how high, and what it says, numbers aside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of text, or the part of it in one column; heights count from the bottom of the page."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    top: float
    size: float
    marks: tuple[str, ...] = ()
    """Raised marks of notes that were left out of the text."""

    @property
    def height(self) -> float:
        return max(self.top - self.bottom, 0.1)


def pdf(content: bytes, info: Article) -> Article:
    """Read a .pdf file, with the offset of each page. Raises BadDocument."""
    tail = content[-2048:]
    if not content[:1024].lstrip().startswith(b"%PDF"):
        raise BadDocument("is not a PDF, whatever its name says")
    if b"%%EOF" not in tail and b"startxref" not in tail:
        raise BadDocument("is cut off: its end is missing; fetch it again")
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise BadDocument("is encrypted; save it without a password") from error
        raise BadDocument(f"is damaged: {error}") from error
    try:
        if len(document) > MOST_PAGES:
            raise BadDocument(f"has {len(document):,} pages, more than {MOST_PAGES:,}; split it")
        pages = [_ordered(_without_notes(_rejoined(lines))) for lines in _pages(document)]
        found = {name.lower(): value for name, value in document.get_metadata_dict().items()}
    except pypdfium2.PdfiumError as error:
        raise BadDocument(f"is damaged: {error}") from error
    finally:
        document.close()
    if not any(pages):
        raise BadDocument("is a scan: pictures of pages without text; run text recognition (OCR) on it first")
    text, starts = _joined(_without_heads(pages))
    described = {"title": found.get("title", ""), "author": found.get("author", "")}
    return replace(told(info, {**described, "date": found.get("creationdate", "")}), text=text, pages=starts)


def _pages(document: pypdfium2.PdfDocument) -> Iterator[Iterator[Line]]:
    for number in range(len(document)):
        page = document[number]
        words = page.get_textpage()
        yield iter(list(_lines(words, number)))
        words.close()
        page.close()


def _lines(page: pypdfium2.PdfTextPage, number: int) -> Iterator[Line]:
    """Runs of characters that follow one another on a line, without the raised marks of notes."""
    box = raw.FS_RECTF()
    text: list[str] = []
    left = right = bottom = top = 0.0
    sizes: list[float] = []
    marks: list[str] = []

    def taken() -> Iterator[Line]:
        words = " ".join("".join(text).translate(SPECIAL).translate(LIGATURES).split())
        if words and sizes:
            size = median(sizes)
            yield Line(
                text=words,
                page=number,
                left=left,
                right=right,
                bottom=bottom,
                top=top,
                size=size,
                marks=tuple("".join(marks).replace(",", " ").split()),
            )
        text.clear()
        sizes.clear()
        marks.clear()

    for index in range(raw.FPDFText_CountChars(page)):
        code = raw.FPDFText_GetUnicode(page, index)
        character = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
        if character in "\r\n":
            yield from taken()
            continue
        if character.isspace():
            text.append(" ")
            continue
        raw.FPDFText_GetLooseCharBox(page, index, ctypes.byref(box))
        size = raw.FPDFText_GetFontSize(page, index) or 1.0
        size = max(size, (box.top - box.bottom) * 0.8) if size <= 1.0 else size
        if sizes and _raised(character, size, box.bottom, text, median(sizes), bottom, top):
            # A space parts it from another mark on the line.
            marks.append(character if text and text[-1] == "" else f" {character}")
            text.append("")
            right = max(right, box.right)
            continue
        if sizes and (
            # Another column, or another line where the engine saw none.
            box.left - right > 1.6 * (box.top - box.bottom) or box.right < left or box.bottom > top or box.top < bottom
        ):
            yield from taken()
        if not sizes:
            left, right, bottom, top = box.left, box.right, box.bottom, box.top
        left, right = min(left, box.left), max(right, box.right)
        bottom, top = min(bottom, box.bottom), max(top, box.top)
        sizes.append(size)
        text.append(character)
    yield from taken()


def _raised(character: str, size: float, low: float, text: list[str], usual: float, bottom: float, top: float) -> bool:
    """Whether a character is the raised mark of a note behind a word; the 2 of square metres is not."""
    if size > SMALLER * usual or low < bottom + 0.15 * (top - bottom) or not RAISED.fullmatch(character):
        return False
    before = "".join(text[-12:]).split(" ")[-1].strip("([/")
    return bool(before) and before.casefold() not in conventions().units


def _rejoined(pieces: Iterable[Line]) -> list[Line]:
    """Lines, with the pieces that the engine left of them joined again: after a raised mark it begins a new one."""
    lines: list[Line] = []
    for piece in pieces:
        before = lines[-1] if lines else None
        if before is None or not _goes_on(before, piece):
            lines.append(piece)
            continue
        space = " " if piece.left - before.right > 0.1 * before.height and not before.text.endswith(" ") else ""
        lines[-1] = replace(
            before,
            text=f"{before.text}{space}{piece.text}",
            right=max(before.right, piece.right),
            marks=(*before.marks, *piece.marks),
        )
    return lines


def _goes_on(before: Line, piece: Line) -> bool:
    gap = piece.left - before.right
    same_line = abs(before.bottom - piece.bottom) < 0.2 * before.height and abs(before.size - piece.size) < 0.5
    return same_line and bool(before.marks) and -0.2 * before.height < gap < 0.8 * before.height


def _without_notes(lines: list[Line]) -> list[Line]:
    """The lines of a page without the footnotes to its raised marks: small lines below which there is no text."""
    marks = {mark for line in lines for mark in line.marks}
    if not marks:
        return lines
    usual = median(line.size for line in lines for _ in line.text)
    small = [line for line in lines if line.size <= SMALLER * usual]
    body = [line for line in lines if line.size > SMALLER * usual]
    notes = [
        line
        for line in small
        if (match := NOTE.match(line.text)) is not None
        and match[1] in marks
        and not any(each.top < line.bottom and _beside(each, line) for each in body)
    ]
    gone = {line for line in small if any(line.bottom <= note.bottom and _beside(line, note) for note in notes)}
    return [line for line in lines if line not in gone]


def _beside(line: Line, other: Line) -> bool:
    """Whether two lines share a column."""
    return line.left < other.right and line.right > other.left


def _ordered(lines: list[Line]) -> list[Line]:
    """Put lines in reading order by cutting the page along white space into columns and rows (an XY cut)."""
    ordered: list[Line] = []
    waiting = [lines]
    while waiting:
        group = waiting.pop()
        parts = _cut(group) if len(group) > 1 else None
        if parts is None:
            ordered += sorted(group, key=lambda line: (-round(line.bottom / (line.height / 2)), line.left))
        else:
            waiting += [parts[1], parts[0]]
    return ordered


def _cut(lines: list[Line]) -> tuple[list[Line], list[Line]] | None:
    height = median(line.height for line in lines)
    gutter = _gap([(line.left, line.right) for line in lines], least=height * 0.5)
    if gutter is not None:
        left = [line for line in lines if line.right <= gutter]
        right = [line for line in lines if line.right > gutter]
        # A bullet and its text are not columns; neither are two parts of a line.
        if min(_rows(left), _rows(right)) >= 3 and min(map(_width, (left, right))) > 4 * height:
            return left, right
    fold = _gap([(line.bottom, line.top) for line in lines], least=height * 0.05)
    if fold is not None:
        return [line for line in lines if line.top > fold], [line for line in lines if line.top <= fold]
    return None


def _gap(stretches: Iterable[tuple[float, float]], *, least: float) -> float | None:
    """Where the widest uncovered stretch begins; None if none is wide enough."""
    ordered = sorted(stretches)
    end = ordered[0][1]
    widest, place = least, None
    for start, stop in ordered[1:]:
        if start - end > widest:
            widest, place = start - end, end
        end = max(end, stop)
    return place


def _rows(lines: Sequence[Line]) -> int:
    return len({round(line.bottom) for line in lines})


def _width(lines: Sequence[Line]) -> float:
    return max(line.right for line in lines) - min(line.left for line in lines)


def _without_heads(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The pages without lines that many of them repeat at the same end, whatever their page numbers."""
    heads: Counter[Head] = Counter()
    at_ends: list[dict[Line, Head]] = []
    continued: set[Line] = set()
    every = [line for lines in pages for line in lines]
    leading, size = _leading(every), median(line.size for line in every)
    for lines in pages:
        ends = dict(_at_ends(lines, leading, size)) if len(pages) > 1 else {}
        # A year at the end of a title may have a line of its own, and is no page number.
        continued.update(b for a, b in pairwise(lines) if abs(a.left - b.left) < 1 and not _apart(a, b, leading))
        at_ends.append(ends)
        heads.update(set(ends.values()))
    often = max(2, len(pages) // 4)
    return [
        [
            line
            for line in lines
            if line not in ends or (heads[ends[line]] < often and (line in continued or _says_something(line.text)))
        ]
        for lines, ends in zip(pages, at_ends, strict=True)
    ]


def _at_ends(lines: Sequence[Line], leading: float, size: float) -> Iterator[tuple[Line, Head]]:
    """The lines at the ends of a page that a gap or their size sets apart from its text."""
    by_height = sorted(lines, key=lambda line: -line.top)
    for above, outward in ((True, by_height), (False, by_height[::-1])):
        gap = next((n for n, (a, b) in enumerate(pairwise(outward[:4]), 1) if _apart(a, b, leading)), 0)
        for number, line in enumerate(outward[:3]):
            if number >= gap and abs(line.size - size) <= 0.05 * size:
                # Nothing beyond a line of the text is a running head.
                break
            # Digits do not count, because the page number is part of a head.
            yield line, (above, round(line.bottom / 4), re.sub(r"\d+", "#", line.text).casefold())


def _apart(line: Line, other: Line, leading: float) -> bool:
    return abs(line.bottom - other.bottom) > 1.2 * leading * max(line.height, other.height)


def _says_something(text: str) -> bool:
    return not re.fullmatch(r"[\W\d]*|[ivxlc]+", text, re.IGNORECASE)


def _joined(pages: Sequence[Sequence[Line]]) -> tuple[str, tuple[int, ...]]:
    """The text with a blank line between paragraphs, and the offset of each page."""
    lines = [line for page in pages for line in page]
    leading = _leading(lines)
    rights = _rights(lines)
    compounds = set(re.findall(r"\b\w+-\w+", " ".join(line.text for line in lines)))
    parts: list[str] = []
    length = 0
    starts: dict[int, int] = {}
    before: Line | None = None
    for line in lines:
        if before is not None:
            if _breaks(before, line, leading, rights):
                parts.append("\n\n")
                length += 2
            elif hyphen := _hyphen(parts[-1], line.text, compounds):
                parts[-1] = parts[-1][: -len(hyphen)] if hyphen == "-" else parts[-1]
                length -= len(hyphen) if hyphen == "-" else 0
            else:
                parts.append(" ")
                length += 1
        starts.setdefault(line.page, length)
        parts.append(line.text)
        length += len(line.text)
        before = line
    offsets = []
    place = length
    for number in reversed(range(len(pages))):
        # A page without text begins where the next one does.
        place = starts.get(number, place)
        offsets.append(place)
    return "".join(parts), tuple(reversed(offsets))


def _hyphen(before: str, after: str, compounds: set[str]) -> str:
    """'-' if it only divides a word at the end of a line, 'kept' if it belongs to the word, '' if there is none."""
    first = re.search(r"(\w+)-\Z", before)
    second = re.match(r"\w+", after)
    if first is None or second is None:
        return ""
    return "kept" if not second[0][0].islower() or f"{first[1]}-{second[0]}" in compounds else "-"


def _leading(lines: Sequence[Line]) -> float:
    """The distance from line to line within a paragraph, in heights of a line: the smallest that is common.

    Where paragraphs have a line or two, most distances are those between paragraphs.
    """
    found = sorted(
        (before.bottom - line.bottom) / line.height
        for before, line in pairwise(lines)
        if before.page == line.page and 0.7 * line.height < before.bottom - line.bottom < 3 * line.height
    )
    for least in found:
        near = [each for each in found if least <= each <= 1.05 * least]
        if len(near) * 10 >= len(found):
            return median(near)
    return 1.2


def _rights(lines: Sequence[Line]) -> dict[tuple[int, int], float]:
    """The right edge of each column, by page and left edge."""
    found: dict[tuple[int, int], float] = {}
    for line in lines:
        place = (line.page, round(line.left / 20))
        found[place] = max(found.get(place, 0.0), line.right)
    return found


def _breaks(before: Line, line: Line, leading: float, rights: dict[tuple[int, int], float]) -> bool:
    """Whether the line begins a new paragraph."""
    if abs(before.size - line.size) > 0.08 * before.size or BULLET.match(line.text):
        return True
    ended = SENTENCE_END.search(before.text) is not None
    edge = rights[before.page, round(before.left / 20)]
    # A line is full when the next word would not have fitted.
    word = (len(line.text.split(" ", 1)[0]) + 1) * (line.right - line.left) / len(line.text)
    full = before.right + word + line.height > edge
    down = before.bottom - line.bottom
    same_column = before.page == line.page and line.left < before.right and line.right > before.left
    if not same_column or down < -line.height:
        # The next column or page: an unfinished sentence continues there.
        return ended or not (line.text[0].islower() or before.text.endswith("-") or full)
    if abs(down) < 0.5 * line.height:
        return False
    if down > 1.3 * leading * line.height:
        return True
    if ended and (not full or line.left > before.left + line.height):
        return True
    return not full and not line.text[0].islower() and before.right < edge - 0.35 * (edge - before.left)
