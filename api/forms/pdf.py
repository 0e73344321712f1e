"""A briefing as PDF, with an outline, embedded fonts, and links between footnotes and their marks."""

from datetime import UTC
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableCellFillMode, XPos, YPos
from fpdf.fonts import FontFace, TTFFont
from fpdf.prefs import ViewerPreferences

from api.forms.document import (
    Block,
    Bullets,
    Code,
    Document,
    Heading,
    Inline,
    Line,
    Note,
    Paragraph,
    Picture,
    Quotation,
    Reference,
    Table,
    Text,
)
from api.forms.docx import data_date

FONT = "Source Sans"
FALLBACK = "DejaVu"
"""For the few letters that the first lacks; it comes with matplotlib."""
FACES = {"": "Regular", "B": "Bold", "I": "It", "BI": "BoldIt"}
FALLBACK_FACES = {"": "DejaVuSans", "B": "DejaVuSans-Bold", "I": "DejaVuSans-Oblique", "BI": "DejaVuSans-BoldOblique"}
# Points.
BODY, SMALL, CODE = 9.5, 8, 7
TITLE, SIZES = 17, {2: 12.5, 3: 10.5}
# Millimetres.
LINE, SMALL_LINE, MARGIN, INDENT = 4.3, 3.6, 18.0, 5.0
SCALES = (1.0, 0.94, 0.88, 0.82, 0.76)
"""Below the last, small print would be too small to read."""
LINK = (5, 74, 145)
BLACK = (0, 0, 0)


def pdf(document: Document) -> bytes:
    """Return the document on A4 pages, in smaller print if it must fit on fewer."""
    for scale in SCALES if document.pages else SCALES[:1]:
        content, pages = _written(document, scale)
        if pages <= document.pages:
            break
    return content


def _written(document: Document, scale: float) -> tuple[bytes, int]:
    writer = _PdfWriter(document, scale)
    writer.title(document.title)
    for block in document.blocks:
        writer.block(block)
    if document.notes:
        writer.heading(Heading(document.notes_title))
        for note in document.notes:
            writer.note(note)
    try:
        return bytes(writer.pdf.output()), writer.pdf.pages_count
    finally:
        for font in writer.pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()


class _Pages(FPDF):
    """Pages with a page number at the bottom."""

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font(FONT, "", SMALL)
        self.set_text_color(*BLACK)
        self.cell(0, 5, f"{self.page_no()}", align="C")


class _PdfWriter:
    """Puts blocks one below the other."""

    def __init__(self, document: Document, scale: float) -> None:
        self.scale = scale
        self.pdf = _Pages(format="A4")
        self.pdf.set_creation_date(data_date(document.date).replace(tzinfo=UTC))
        self.pdf.set_lang(document.language)
        self.pdf.set_title(_shown(document.title))
        self.pdf.set_keywords(_shown(", ".join(document.keywords)))
        self.pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.pdf.set_margins(MARGIN, 15, MARGIN)
        self.pdf.set_auto_page_break(True, margin=15)
        _fonts(self.pdf)
        self.pdf.add_page()
        self.notes = {note.number: self.pdf.add_link() for note in document.notes}
        self.marks: dict[int, Any] = {}
        """The place of the first mark of each footnote."""

    def gap(self, height: float) -> None:
        self.pdf.ln(height * self.scale)

    def room(self, height: float) -> None:
        """Begin a new page if this one has less room than that."""
        if self.pdf.will_page_break(height * self.scale):
            self.pdf.add_page()

    def title(self, text: str) -> None:
        self.pdf.set_font(FONT, "B", TITLE * self.scale)
        self.pdf.multi_cell(0, 7 * self.scale, _shown(text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.gap(2)

    def heading(self, heading: Heading) -> None:
        # Not alone at the bottom of a page: room for the caption and the first rows of a table below it.
        self.room(32)
        self.gap(2.5)
        self.pdf.set_font(FONT, "B", SIZES[heading.level] * self.scale)
        self.pdf.start_section(_shown(heading.text), level=heading.level - 2)
        self.pdf.multi_cell(0, 5.5 * self.scale, _shown(heading.text), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L")
        self.gap(0.8)

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block)
            case Paragraph(line):
                self.line(line)
                self.gap(1.6)
            case Bullets(lines):
                for line in lines:
                    self.pdf.set_x(MARGIN + 1)
                    self.pdf.set_font(FONT, "", BODY * self.scale)
                    self.pdf.cell(INDENT - 1, LINE * self.scale, "•")
                    self.line(line, indent=INDENT)
                    self.gap(0.6)
                self.gap(1)
            case Quotation(passage, attribution, number):
                self.quotation(passage, attribution, number)
            case Table():
                self.table(block)
            case Code(title, text):
                self.line((Text(title, strong=True),))
                self.pdf.set_font(FONT, "", CODE * self.scale)
                self.pdf.multi_cell(
                    0, 3.1 * self.scale, _shown(text.strip()), new_x=XPos.LMARGIN, new_y=YPos.NEXT, align="L"
                )
                self.gap(2)
            case Picture(png=png, alternative=alternative):
                self.pdf.image(png, w=self.pdf.epw, alt_text=_shown(alternative))
                self.gap(2)

    def quotation(self, passage: str, attribution: str, number: int) -> None:
        page, top = self.pdf.page, self.pdf.get_y()
        self.line((Text(passage), Reference(number)), indent=INDENT)
        self.line((Text(f"— {attribution}", emphasis=True),), indent=INDENT)
        bottom = self.pdf.get_y()
        self.pdf.set_draw_color(130, 130, 130)
        start = top if page == self.pdf.page else self.pdf.t_margin
        self.pdf.line(MARGIN + 2, start, MARGIN + 2, bottom)
        self.gap(1.8)

    def table(self, table: Table) -> None:
        self.room(20)
        self.line((Text(table.caption, strong=True),))
        self.pdf.set_font(FONT, "", SMALL * self.scale)
        columns = [[_plain(row[n]) for row in (_cells(table.header), *table.rows)] for n in range(len(table.header))]
        # As wide as its text, up to a point, and never so narrow that a word breaks.
        widths = [
            max(min(max(map(len, column)), 45), 4 + max(len(word) for cell in column for word in cell.split() or [""]))
            for column in columns
        ]
        with self.pdf.table(
            col_widths=widths,
            line_height=SMALL_LINE * self.scale,
            text_align="LEFT",
            cell_fill_mode=TableCellFillMode.NONE,
            headings_style=FontFace(emphasis="BOLD"),
            padding=0.7,
        ) as grid:
            for cells in (_cells(table.header), *table.rows):
                row = grid.row()
                for cell in cells:
                    links = [inline.href for inline in cell if isinstance(inline, Text) and inline.href]
                    row.cell(_plain(cell), link=links[0] if links else None)
        self.gap(2.5)

    def note(self, note: Note) -> None:
        self.pdf.set_link(self.notes[note.number], y=self.pdf.get_y(), page=self.pdf.page)
        self.pdf.set_font(FONT, "B", SMALL * self.scale)
        self.pdf.set_x(MARGIN)
        self.pdf.cell(INDENT + 1, SMALL_LINE * self.scale, f"{note.number}", link=self.marks.get(note.number, ""))
        self.line(note.line, indent=INDENT + 1, size=SMALL, height=SMALL_LINE)
        self.gap(0.5)

    def line(self, line: Line, *, indent: float = 0, size: float = BODY, height: float = LINE) -> None:
        size, height = size * self.scale, height * self.scale
        self.pdf.set_left_margin(MARGIN + indent)
        self.pdf.set_x(MARGIN + indent)
        for inline in line:
            self.inline(inline, size, height)
        self.pdf.ln(height)
        self.pdf.set_left_margin(MARGIN)
        self.pdf.set_x(MARGIN)

    def inline(self, inline: Inline, size: float, height: float) -> None:
        match inline:
            case Reference(number):
                if number not in self.marks:
                    self.marks[number] = self.pdf.add_link(y=self.pdf.get_y(), page=self.pdf.page)
                self.pdf.set_font(FONT, "", size)
                self.pdf.set_text_color(*LINK)
                self.pdf.char_vpos = "SUP"
                self.pdf.write(height, f"{number}", self.notes[number])
                self.pdf.char_vpos = "LINE"
                self.pdf.set_text_color(*BLACK)
            case Text(text, strong, emphasis, href):
                self.pdf.set_font(FONT, ("B" if strong else "") + ("I" if emphasis else ""), size)
                self.pdf.set_text_color(*(LINK if href else BLACK))
                self.pdf.write(height, _shown(text), href)
                self.pdf.set_text_color(*BLACK)


def _fonts(pages: FPDF) -> None:
    source, fallback = _folder("font_source_sans_pro") / "files", _folder("matplotlib") / "mpl-data" / "fonts" / "ttf"
    for style in FACES:
        pages.add_font(FONT, style, source / f"SourceSansPro-{FACES[style]}.ttf")
        pages.add_font(FALLBACK, style, fallback / f"{FALLBACK_FACES[style]}.ttf")
    pages.set_fallback_fonts([FALLBACK], exact_match=False)


def _folder(package: str) -> Path:
    # Found and not imported: only the files are wanted.
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"the fonts of {package} are not installed; install the project again")
    return Path(spec.origin).parent


def _cells(names: tuple[str, ...]) -> tuple[Line, ...]:
    return tuple((Text(name),) for name in names)


def _plain(line: Line) -> str:
    return "".join(_shown(inline.text) if isinstance(inline, Text) else f"[{inline.number}]" for inline in line)


def _shown(text: str) -> str:
    """The text without what no font has: controls, and halves of surrogate pairs."""
    return "".join(c if c == "\n" or c.isprintable() or c.isspace() else "\ufffd" for c in text.replace("\t", "    "))
