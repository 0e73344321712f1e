"""Downloads of news databases: one file with many articles, from Nexis, ProQuest or Factiva."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from extract.documents.dates import read_date
from extract.documents.html import parsed
from extract.documents.metadata import cleaned, told
from extract.documents.office import docx
from extract.documents.plain import plain
from extract.documents.rtf import rtf
from graph.errors import BadDocument
from graph.model import Article

WORDS = {".txt": plain, ".docx": docx, ".rtf": rtf}
"""Readers of the text formats that databases hand out."""
PAGES = (".html", ".htm")
EMPTY = Article(id="", text="")

LABEL = re.compile(r"([A-Za-z][A-Za-z -]{2,30})(?::[ \t]*|\Z)(.*)", re.DOTALL)


@cache
def layouts() -> dict[str, Any]:
    """Return what downloads.toml says."""
    return tomllib.loads(Path(__file__).with_name("downloads.toml").read_text(encoding="utf-8"))


@dataclass(slots=True, kw_only=True)
class DownloadedArticle:
    """One article of a download, as its file tells it."""

    fields: dict[str, str] = field(default_factory=dict)
    text: str = ""


def parts_of(text: str) -> list[DownloadedArticle]:
    """Return the articles of a download from Nexis or ProQuest; none if the text is not a download."""
    lines = [line.strip() for line in text.splitlines()]
    ends = layouts()["ends"]
    nexis = [at for at, line in enumerate(lines) if line == ends["nexis"]]
    if nexis:
        return [_nexis(segment) for segment in _between(lines, nexis, last=False)]
    rules = [at for at, line in enumerate(lines) if re.fullmatch(ends["rule"], line)]
    bodies = sum(_label(line)[0] == "body" for line in lines)
    if rules and bodies:
        return [_labelled(segment) for segment in _between(lines, rules)]
    numbered = [at for at, line in enumerate(lines) if re.fullmatch(ends["numbered"], line, re.IGNORECASE)]
    if numbered and bodies:
        return [_labelled(segment) for segment in _between(lines, numbered)]
    return []


def articles_in(text: str) -> int:
    """Return how many articles of a download a text holds, as far as it tells; 0 if it is not a download."""
    found = len(parts_of(text))
    if not found:
        end = re.compile(layouts()["ends"]["factiva"])
        found = sum(end.fullmatch(line.strip()) is not None for line in text.splitlines())
    return found


def parts_of_page(content: bytes) -> list[DownloadedArticle]:
    """Return the articles of a page from Factiva; none if the page is not a download. Raises BadDocument."""
    names = layouts()["factiva"]
    if names["paragraph"].encode() not in content.lower():
        return []
    root = parsed(content)
    found = [each for each in root.iter("div") if names["article"] in (each.get("class") or "").lower().split()]
    return [_factiva(each) for each in found]


def _between(lines: list[str], at: list[int], *, last: bool = True) -> Iterator[list[str]]:
    """The stretches of lines between the marks that hold words; what comes after the last mark only if asked for."""
    begin = 0
    for end in (*at, *([len(lines)] if last else [])):
        segment = lines[begin:end]
        if any(_label(line)[0] == "body" for line in segment):
            yield segment
        begin = end + 1


def _label(line: str) -> tuple[str, str]:
    """The field that a line tells, and its value; no field if the line has no known label."""
    match = LABEL.fullmatch(line)
    if match and (":" in line or line.casefold() in layouts()["lone"]):
        for name, labels in layouts()["labels"].items():
            if match[1].strip().casefold() in labels:
                return name, match[2].strip()
    return "", ""


def _labelled(lines: list[str]) -> DownloadedArticle:
    """An article whose fields stand after labels, the text up to the next label."""
    part = DownloadedArticle()
    words: list[str] = []
    inside = False
    head: list[str] = []
    for line in lines:
        name, value = _label(line)
        if name == "body":
            inside = True
            words.append(value)
        elif name:
            inside = False
            if value:
                part.fields.setdefault(name, value)
        elif inside:
            words.append(line)
        elif line and not words and not re.fullmatch(layouts()["ends"]["numbered"], line, re.IGNORECASE):
            head.append(line)
    _from_head(part, head)
    part.text = _paragraphs(words)
    return part


def _nexis(lines: list[str]) -> DownloadedArticle:
    """An article of Nexis: title, newspaper and date on lines of their own, then labels, then the body."""
    part = _labelled(lines)
    head = [line for line in lines if line]
    body = next(at for at, line in enumerate(head) if _label(line)[0] == "body")
    _from_head(part, head[:body], again=True)
    return part


def _from_head(part: DownloadedArticle, head: list[str], *, again: bool = False) -> None:
    """Take title, publisher and date from the lines before the text: the date comes after the publisher."""
    at = next((n for n, line in enumerate(head) if len(line) < 60 and not _label(line)[0] and read_date(line)[0]), None)
    if at is not None and at >= 1:
        told = {"publisher": head[at - 1], "date": head[at], **({"title": head[at - 2]} if at >= 2 else {})}
        part.fields = {**part.fields, **told} if again else {**told, **part.fields}
    elif head:
        part.fields.setdefault("title", head[0])


def _factiva(element: etree._Element) -> DownloadedArticle:
    names = layouts()["factiva"]
    part = DownloadedArticle()
    words: list[str] = []
    head: list[str] = []
    for each in element.iter("span", "div", "p"):
        kind = (each.get("class") or "").lower()
        text = " ".join("".join(map(str, each.itertext())).split())
        if names["heading"] in kind:
            part.fields.setdefault("title", text)
        elif names["paragraph"] in kind:
            words += [text, ""]
        elif each.tag == "div" and each is not element and not len(each) and not words:
            head.append(text)
    at = next((n for n, line in enumerate(head) if read_date(line)[0]), None)
    if at is not None:
        part.fields["date"] = head[at]
        part.fields["publisher"] = head[at + 1] if at + 1 < len(head) else ""
        if at >= 1:
            part.fields.setdefault("author", head[0].removeprefix(names["author"]).strip())
    part.text = _paragraphs(words)
    return part


def _paragraphs(lines: list[str]) -> str:
    """The lines as paragraphs, which empty lines divide."""
    joined = "\n".join(lines).strip()
    return re.sub(r"\n\s*\n+", "\n\n", joined)


def downloaded(path: Path, *, day_first: bool | None = None, faults: list[str]) -> list[Article]:
    """Return the articles of a download; none if the file is an ordinary document.

    A date that cannot be read becomes a sentence in `faults`.
    """
    ending = path.suffix.lower()
    if ending not in WORDS and ending not in PAGES:
        return []
    try:
        content = path.read_bytes()
        parts = parts_of_page(content) if ending in PAGES else parts_of(WORDS[ending](content, EMPTY).text)
    except BadDocument:
        # The reader of documents says what is wrong with it.
        return []
    made = []
    for number, part in enumerate(parts, 1):
        fields = {name: cleaned(value) for name, value in part.fields.items() if name != "other"}
        date, fault = read_date(fields.get("date", ""), day_first=day_first)
        if fault:
            faults.append(f"{path}, article {number}: the date {fields['date']!r} {fault}; it comes in without a date")
        made.append(replace(told(Article(id="", text=part.text), {**fields, "date": ""}), date=date))
    return made
