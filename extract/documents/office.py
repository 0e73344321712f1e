"""Word-processor files: DOCX (Office Open XML) and ODT (OpenDocument), as paragraphs in the order of the text."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from lxml import etree

from extract.documents.html import is_note_mark
from extract.documents.metadata import told
from extract.documents.xml import DEEPEST, local, xml
from graph.errors import BadDocument
from graph.model import Article

LARGEST = 50 * 1024**2
"""Bytes of one part of a file, unpacked: a thousand pages of text have a tenth of it."""

# Office Open XML: what is in a paragraph and is not read.
UNREAD = frozenset(["del", "moveFrom", "instrText", "delText", "fldData", "footnoteReference", "commentReference"])
# OpenDocument: tracked deletions, comments, notes, and what indexes and forms repeat.
ODT_UNREAD = frozenset(["tracked-changes", "annotation", "note", "table-of-content", "forms", "sequence-decls"])


def docx(content: bytes, info: Article) -> Article:
    """A .docx file: paragraphs, headings, lists and the cells of tables. Raises BadDocument."""
    file = _opened(content)
    root = xml(_part(file, "word/document.xml"))
    text = "\n\n".join(_docx_paragraphs(root))
    found = _properties(file, "docProps/core.xml", {"creator": "author", "created": "date", "title": "title"})
    found |= _properties(file, "docProps/app.xml", {"Company": "publisher"})
    found |= _properties(file, "docProps/core.xml", {"publisher": "publisher", "language": "language"})
    return replace(told(info, found), text=_text(text))


def odt(content: bytes, info: Article) -> Article:
    """A .odt file: paragraphs, headings, lists and the cells of tables. Raises BadDocument."""
    file = _opened(content)
    root = xml(_part(file, "content.xml"))
    text = "\n\n".join(_odt_paragraphs(root))
    found = _properties(file, "meta.xml", {"initial-creator": "author", "creation-date": "date", "title": "title"})
    found |= _properties(file, "meta.xml", {"publisher": "publisher", "language": "language", "date": "date"}) | found
    return replace(told(info, found), text=_text(text))


def _text(text: str) -> str:
    if not text:
        raise BadDocument("holds no text; if it is a scan, run text recognition on it first")
    return text


def _opened(content: bytes) -> zipfile.ZipFile:
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadDocument("is encrypted, or in Word's old format; save it without a password as DOCX or ODT")
    try:
        file = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise BadDocument(f"is damaged or cut off: {error}") from error
    if any(item.flag_bits & 1 for item in file.infolist()):
        raise BadDocument("is encrypted; save it without a password")
    return file


def _part(file: zipfile.ZipFile, name: str) -> bytes:
    """One part, unpacked: no more than LARGEST, whatever its head declares. Nothing is written to disk."""
    try:
        declared = file.getinfo(name).file_size
        if declared > LARGEST:
            raise BadDocument(f"unpacks to {declared:,} bytes in {name}, more than {LARGEST:,}; it is not read")
        with file.open(name) as part:
            content = part.read(LARGEST + 1)
    except KeyError as error:
        raise BadDocument(f"is no such document: it has no {name}") from error
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise BadDocument(f"is damaged or cut off: {error}") from error
    if len(content) > LARGEST:
        raise BadDocument(f"unpacks to more than {LARGEST:,} bytes in {name}; it is not read")
    return content


def _properties(file: zipfile.ZipFile, name: str, names: dict[str, str]) -> dict[str, str]:
    if name not in file.namelist():
        return {}
    found: dict[str, str] = {}
    for element in xml(_part(file, name)).iter(etree.Element):
        field_name = names.get(local(element))
        if field_name and element.text:
            found.setdefault(field_name, element.text)
    return found


@dataclass(slots=True)
class _Words:
    """The paragraph under way."""

    bullet: bool = False
    parts: list[str] = field(default_factory=list)

    def taken(self) -> Iterator[str]:
        lines = (" ".join(line.split(" ")).strip() for line in "".join(self.parts).replace("\t", " ").split("\n"))
        text = "\n".join(line for line in lines if line)
        if text:
            yield f"• {text}" if self.bullet else text
        self.parts = []
        self.bullet = False


def _docx_paragraphs(root: etree._Element) -> Iterator[str]:
    words = _Words()
    for event, name, element in _walk(root, UNREAD):
        if event == "start":
            if name == "p":
                # A text box stands within a paragraph, and ends it.
                yield from words.taken()
            elif name == "numPr":
                words.bullet = True
            elif name == "pStyle":
                words.bullet = words.bullet or any(
                    value.startswith("List") for value in element.values() if isinstance(value, str)
                )
            elif name == "t" and not _left_out(element, words.parts):
                words.parts.append(element.text or "")
            elif name in {"br", "cr"}:
                words.parts.append("\n")
            elif name in {"tab", "ptab"}:
                words.parts.append(" ")
            elif name == "noBreakHyphen":
                words.parts.append("-")
        elif name == "p":
            yield from words.taken()


def _left_out(element: etree._Element, before: list[str]) -> bool:
    """Whether a text is hidden, or is the raised mark of a note."""
    run = element.getparent()
    looks = next((each for each in run if local(each) == "rPr"), None) if run is not None else None
    for each in looks if looks is not None else ():
        value = next((value for key, value in each.attrib.items() if str(key).endswith("}val")), "")
        if local(each) == "vanish" and value not in {"0", "false", "off"}:
            return True
        if local(each) == "vertAlign" and value == "superscript":
            return is_note_mark((element.text or "").strip(), "".join(before))
    return False


def _odt_paragraphs(root: etree._Element) -> Iterator[str]:
    body = next((each for each in root.iter(etree.Element) if local(each) == "body"), None)
    if body is None:
        raise BadDocument("is no such document: it has no body")
    words = _Words()
    inside = 0
    lists = 0
    for event, name, element in _walk(body, ODT_UNREAD):
        if event == "start":
            if name in {"p", "h"}:
                yield from words.taken()
                inside += 1
                words.bullet = lists > 0 and name == "p"
                words.parts.append(element.text or "")
            elif name == "list-item":
                lists += 1
            elif inside:
                if name in {"s", "tab"}:
                    words.parts.append(" ")
                elif name == "line-break":
                    words.parts.append("\n")
                words.parts.append(element.text or "")
        else:
            if name in {"p", "h"}:
                inside -= 1
                yield from words.taken()
            elif name == "list-item":
                lists -= 1
            if inside:
                words.parts.append(element.tail or "")


def _walk(root: etree._Element, unread: frozenset[str]) -> Iterator[tuple[str, str, etree._Element]]:
    """Yield the start and end of each element, without recursion. An unread one yields only its end, for its tail."""
    events = etree.iterwalk(root, events=("start", "end"))
    depth = 0
    # Word writes some things twice: in its current format, and as a fallback for old programs.
    unread = unread | {"Fallback"}
    for event, element in events:
        name = local(element)
        if event == "start":
            depth += 1
            if depth > DEEPEST:
                raise BadDocument(f"is nested more than {DEEPEST} elements deep; save it as text")
            if name in unread:
                events.skip_subtree()
                continue
        else:
            depth -= 1
        yield event, name, element
