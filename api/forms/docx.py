"""A briefing as a Word document: real styles, real footnotes, tables with header rows, and an office's own template.

Footnotes are a part of their own in the file (ISO/IEC 29500-1, 17.11), which python-docx does not write: made here.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document as open_document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.opc.packuri import PackURI
from docx.opc.part import Part, XmlPart
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.oxml.xmlchemy import BaseOxmlElement
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph as WordParagraph

from api.forms.document import (
    Block,
    Bullets,
    Code,
    Document,
    Heading,
    Line,
    Note,
    Paragraph,
    Picture,
    Quotation,
    Reference,
    Table,
    Text,
)
from graph.errors import BadRequest

# What XML 1.0 cannot hold; a form feed, as page breaks in a text come, is a line's end.
NOT_XML = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LINE_END = re.compile("\r\n|[\r\x0b\x0c]")
PACKED = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip file can tell: the same content gives the same bytes."""
EMPTY_NOTES = (
    f"<w:footnotes {nsdecls('w')}>"
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
    "</w:footnotes>"
)
CODE_STYLE = "Query"


def docx(document: Document, *, template: Path | None = None) -> bytes:
    """Return the document in the template's styles, or the default ones. Raise BadRequest for an invalid template."""
    try:
        word = open_document(str(template)) if template is not None else open_document()
    except (PackageNotFoundError, OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise BadRequest(f"the template {template} cannot be used: {error}; give a .docx file") from error
    _styles(word, own=template is None)
    _properties(word, document)
    writer = _DocxWriter(word, {note.number: note for note in document.notes})
    writer.heading(Heading(document.title, 1), style="Title")
    for block in document.blocks:
        writer.block(block)
    file = io.BytesIO()
    word.save(file)
    return _repacked(file.getvalue())


class _DocxWriter:
    """Puts blocks at the end of a Word document."""

    def __init__(self, word: WordDocument, notes: Mapping[int, Note]) -> None:
        self.word = word
        self.notes = notes
        self.footnotes = _footnotes(word)
        self.first = max([0, *_ids(self.footnotes)])
        self.written: dict[int, int] = {}
        """The place, from 1, at which each footnote was first referred to: Word numbers them so."""

    def block(self, block: Block) -> None:
        match block:
            case Heading():
                self.heading(block)
            case Paragraph(line):
                self.line(self.word.add_paragraph(), line)
            case Bullets(lines):
                for line in lines:
                    self.line(self.word.add_paragraph(style="List Bullet"), line)
            case Quotation(passage, attribution, number):
                paragraph = self.word.add_paragraph(style="Quote")
                self.line(paragraph, (Text(passage), Reference(number)))
                paragraph.add_run().add_break()
                self.line(paragraph, (Text(f"— {attribution}"),))
            case Table():
                self.table(block)
            case Code(title, text):
                self.line(self.word.add_paragraph(), (Text(title, strong=True),))
                self.word.add_paragraph(_xml(text.strip()), style=CODE_STYLE)
            case Picture(png=png, alternative=alternative):
                shape = self.word.add_picture(io.BytesIO(png), width=Cm(15))
                shape._inline.docPr.set("descr", _xml(alternative))

    def heading(self, heading: Heading, *, style: str = "") -> None:
        paragraph = self.word.add_paragraph(_xml(heading.text), style=style or f"Heading {heading.level - 1}")
        paragraph.paragraph_format.keep_with_next = True

    def table(self, table: Table) -> None:
        # By default Word may break a page between a caption and its table, or within a row.
        self.word.add_paragraph(_xml(table.caption), style="Caption").paragraph_format.keep_with_next = True
        grid = self.word.add_table(rows=1, cols=len(table.header), style="Table Grid")
        for cell, name in zip(grid.rows[0].cells, table.header, strict=True):
            self.line(cell.paragraphs[0], (Text(name, strong=True),))
            cell.paragraphs[0].paragraph_format.keep_with_next = True
        # Repeated at the top of each page, and what a screen reader calls the columns.
        grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        for row in table.rows:
            added = grid.add_row()
            added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
            for cell, line in zip(added.cells, row, strict=True):
                self.line(cell.paragraphs[0], line)
        self.word.add_paragraph()

    def line(self, paragraph: WordParagraph, line: Line) -> None:
        for inline in line:
            if isinstance(inline, Reference):
                self.reference(paragraph, inline.number)
            elif inline.href:
                _link(paragraph._p, self.word.part, inline)
            else:
                run = paragraph.add_run(_xml(inline.text))
                run.bold, run.italic = inline.strong or None, inline.emphasis or None

    def reference(self, paragraph: WordParagraph, number: int) -> None:
        """The footnote where it is first needed; after that, a mark that points to it."""
        if number in self.written:
            paragraph._p.append(_again(self.written[number], self.style("Footnote Reference")))
            return
        id = self.written[number] = len(self.written) + 1
        note = _element(
            f'<w:footnote {nsdecls("w")} w:id="{self.first + id}"><w:p>'
            f'<w:pPr><w:pStyle w:val="{self.style("Footnote Text")}"/></w:pPr>'
            f'<w:r><w:rPr><w:rStyle w:val="{self.style("Footnote Reference")}"/></w:rPr><w:footnoteRef/></w:r>'
            '<w:r><w:t xml:space="preserve"> </w:t></w:r></w:p></w:footnote>'
        )
        body = note[0]
        for inline in self.notes[number].line:
            if isinstance(inline, Text) and inline.href:
                _link(body, self.footnotes, inline)
            elif isinstance(inline, Text):
                body.append(_run(inline))
        self.footnotes.element.append(note)
        for each in _first(id, self.first + id, self.style("Footnote Reference")):
            paragraph._p.append(each)

    def style(self, name: str) -> str:
        return str(self.word.styles[name].style_id)


def _styles(word: WordDocument, *, own: bool) -> None:
    """The styles that are used; those that a template has stay as its office made them."""
    styles = word.styles
    for name, kind in (
        ("Title", WD_STYLE_TYPE.PARAGRAPH),
        ("Heading 1", WD_STYLE_TYPE.PARAGRAPH),
        ("Heading 2", WD_STYLE_TYPE.PARAGRAPH),
        ("List Bullet", WD_STYLE_TYPE.PARAGRAPH),
        ("Quote", WD_STYLE_TYPE.PARAGRAPH),
        ("Caption", WD_STYLE_TYPE.PARAGRAPH),
        ("Table Grid", WD_STYLE_TYPE.TABLE),
    ):
        if name not in styles:
            styles.add_style(name, kind, builtin=True)
    if "Footnote Text" not in styles:
        style = styles.add_style("Footnote Text", WD_STYLE_TYPE.PARAGRAPH, builtin=True)
        style.base_style = styles["Normal"]
        style.font.size = Pt(9)
        style.paragraph_format.space_after = Pt(2)
    if "Footnote Reference" not in styles:
        styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER, builtin=True).font.superscript = True
    if "Hyperlink" not in styles:
        style = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER, builtin=True)
        style.font.underline = True
        style.font.color.rgb = RGBColor(0x05, 0x4A, 0x91)
    if CODE_STYLE not in styles:
        style = styles.add_style(CODE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        style.font.name, style.font.size = "Courier New", Pt(8)
    if own:
        for section in word.sections:
            section.page_width, section.page_height = Cm(21), Cm(29.7)
            section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Cm(2.2)


def _properties(word: WordDocument, document: Document) -> None:
    properties = word.core_properties
    # Core properties hold at most 255 characters; the heading has the full title.
    properties.title = _xml(document.title)[:255]
    properties.author, properties.last_modified_by, properties.comments = "", "", ""
    properties.keywords = _xml(", ".join(document.keywords))[:255]
    properties.language = document.language
    properties.revision = 1
    properties.created = properties.modified = data_date(document.date)


def data_date(date: str) -> datetime:
    """Midnight of the day that a file is dated with; of the first day where only a month or a year is known."""
    year, month, day = (*map(int, filter(None, date.split("-"))), 1, 1, 1)[:3] if date else (1980, 1, 1)
    return datetime(year, month, day)  # python-docx wants UTC without saying so


def _footnotes(word: WordDocument) -> XmlPart:
    """The part that holds the footnotes: the template's, or a new one."""
    for relation in word.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES:
            old = relation.target_part
            part = _xml_part(word, old.partname, _element(old.blob))
            part.rels.update(old.rels)
            relation._target = part
            return part
    part = _xml_part(word, PackURI("/word/footnotes.xml"), _element(EMPTY_NOTES))
    word.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)
    return part


def _xml_part(word: WordDocument, name: PackURI, element: BaseOxmlElement) -> XmlPart:
    return XmlPart(name, CONTENT_TYPE.WML_FOOTNOTES, element, word.part.package)


def _ids(part: XmlPart) -> list[int]:
    return [int(note.get(qn("w:id"))) for note in part.element]


def _first(place: int, id: int, style: str) -> Iterator[Any]:
    """The mark of a footnote, within a bookmark that later marks refer to."""
    yield _element(f'<w:bookmarkStart {nsdecls("w")} w:id="{place}" w:name="passage_{place}"/>')
    yield _element(
        f'<w:r {nsdecls("w")}><w:rPr><w:rStyle w:val="{style}"/></w:rPr><w:footnoteReference w:id="{id}"/></w:r>'
    )
    yield _element(f'<w:bookmarkEnd {nsdecls("w")} w:id="{place}"/>')


def _again(place: int, style: str) -> Any:
    return _element(
        f'<w:fldSimple {nsdecls("w")} w:instr=" NOTEREF passage_{place} \\f \\h "><w:r><w:rPr>'
        f'<w:rStyle w:val="{style}"/></w:rPr><w:t>{place}</w:t></w:r></w:fldSimple>'
    )


def _link(into: BaseOxmlElement, part: Part, text: Text) -> None:
    id = part.relate_to(text.href, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = _element(f'<w:hyperlink {nsdecls("w", "r")} r:id="{id}"/>')
    link.append(_run(text, style="Hyperlink"))
    into.append(link)


def _run(text: Text, *, style: str = "") -> Any:
    run: Any = OxmlElement("w:r")
    properties = OxmlElement("w:rPr")
    if style:
        properties.append(_valued("w:rStyle", style))
    for tag, wanted in (("w:b", text.strong), ("w:i", text.emphasis)):
        if wanted:
            properties.append(OxmlElement(tag))
    run.append(properties)
    words = OxmlElement("w:t")
    words.set(qn("xml:space"), "preserve")
    words.text = _xml(text.text)
    run.append(words)
    return run


def _valued(tag: str, value: str) -> Any:
    element: Any = OxmlElement(tag)
    element.set(qn("w:val"), value)
    return element


def _element(xml: str | bytes) -> Any:
    # Not typed: what the reader is said to return depends on whether stubs of lxml are installed.
    return parse_xml(xml)


def _xml(text: str) -> str:
    return NOT_XML.sub("\ufffd", LINE_END.sub("\n", text))


def _repacked(data: bytes) -> bytes:
    """The same files without the time at which they were packed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name, PACKED), old.read(name), zipfile.ZIP_DEFLATED)
    return file.getvalue()
