"""Saved web pages: the words of the article without what stands around it, and what its head says of it."""

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from extract.documents.metadata import told
from extract.documents.xml import DEEPEST
from graph.errors import BadDocument
from graph.model import Article

ARTICLE_TYPES = re.compile(r"Article|Posting|Report|WebPage")
SPACE = re.compile(r"[ \t\r\n\f\u200b]+")
ENOUGH = 0.25
"""Share of a page's words that an <article> must have to be taken for all of the article (a teaser has less)."""
MOST = 0.4
"""Share of a page that is no mere side matter, whatever its class says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The conventions of page makers, as html.toml has them."""

    blocks: frozenset[str]
    elements: frozenset[str]
    roles: frozenset[str]
    marks: frozenset[str]
    meta: dict[str, str]


@cache
def conventions() -> Conventions:
    """What html.toml says."""
    told = tomllib.loads(Path(__file__).with_name("html.toml").read_text(encoding="utf-8"))
    return Conventions(
        blocks=frozenset(told["blocks"].split()),
        elements=frozenset(told["elements"].split()),
        roles=frozenset(told["roles"].split()),
        marks=frozenset(told["marks"].split()),
        meta=told["meta"],
    )


def html(content: bytes, info: Article) -> Article:
    """A .html page: one blank line between paragraphs, a bullet before each entry of a list. Raises BadDocument."""
    root = parsed(content)
    text = "\n\n".join(main_paragraphs(root))
    if not text:
        raise BadDocument("is a page without text; save it once it has loaded, or as text")
    return replace(told(info, metadata(root)), text=text)


def parsed(content: bytes) -> etree._Element:
    """The tree of a page. Raises BadDocument where it has none."""
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadDocument("holds NUL bytes, so it is no page; save it again as HTML")
    parser = etree.HTMLParser(encoding=_encoding(content), no_network=True, remove_comments=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.LxmlError as error:
        raise BadDocument(f"is a page that does not parse: {error}") from error
    if root is None:
        raise BadDocument("is empty")
    return root


def _encoding(content: bytes) -> str | None:
    """UTF-8 where the bytes are UTF-8, whatever is declared; else what is declared, or what such pages mostly have."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        declared = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.IGNORECASE)
        name = declared[1].decode("ascii").lower() if declared else ""
        # As browsers do: Latin-1 means Windows-1252, and a page that says UTF-8 and is not is one that was converted.
        if name in {"", "iso-8859-1", "latin-1", "latin1", "ascii", "us-ascii", "utf-8", "utf8"}:
            return "windows-1252"
        return None
    return "utf-8"


@dataclass(slots=True, kw_only=True)
class _Part:
    """A paragraph, with where it stands."""

    text: str
    main: int
    """Number of the <article> or <main> that it stands in, 0 outside."""


def main_paragraphs(root: etree._Element) -> list[str]:
    """The paragraphs of the article of a page, or of the whole page where no part says that it is the article."""
    walk = _Walk()
    parts = list(walk.parts(root))
    words = sum(len(part.text) for part in parts)
    by_main: dict[int, int] = {}
    for part in parts:
        by_main[part.main] = by_main.get(part.main, 0) + len(part.text)
    inner = [main for main, length in by_main.items() if main and length >= words * ENOUGH]
    if inner:
        # Several long ones are one article in parts, or a page of several; a teaser is short beside the first.
        return [part.text for part in parts if part.main in inner]
    return [part.text for part in parts]


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Goes through a tree without recursion, and collects its paragraphs."""

    words: list[str] = field(default_factory=list)
    mains: list[int] = field(default_factory=list)
    count: int = 0
    kept: int = 0
    """Open <pre> elements, in which white space stays."""
    skipping: bool = False
    whole: int = 0
    """Characters of the page, scripts and all."""

    def parts(self, root: etree._Element) -> Iterator[_Part]:
        events = etree.iterwalk(root, events=("start", "end"))
        self.whole = _length(root)
        depth = 0
        for event, element in events:
            tag = element.tag if isinstance(element.tag, str) else ""
            block = tag in conventions().blocks
            if event == "start":
                depth += 1
                if depth > DEEPEST:
                    raise BadDocument(f"is nested more than {DEEPEST} elements deep; save it as text")
                if self.furniture(element, tag):
                    self.skipping = True
                    events.skip_subtree()
                    continue
                if block:
                    yield from self.paragraph()
                if tag in {"article", "main"} or element.get("role") == "main":
                    self.count += 1
                    # A part of the article is in the article: <article> within <main> is where the main words are.
                    self.mains.append(self.count if tag == "article" or not self.mains else self.mains[-1])
                if tag == "pre":
                    self.kept += 1
                if tag == "li":
                    self.words.append("• ")
                if tag == "br":
                    self.words.append("\n")
                self.say(element.text)
            else:
                depth -= 1
                if self.skipping:
                    self.skipping = False
                else:
                    if block:
                        yield from self.paragraph()
                    if tag in {"article", "main"} or element.get("role") == "main":
                        self.mains.pop()
                    if tag == "pre":
                        self.kept -= 1
                self.say(element.tail)
        yield from self.paragraph()

    def furniture(self, element: etree._Element, tag: str) -> bool:
        """Whether an element and all in it is left out."""
        known = conventions()
        if not tag or tag == "head" or tag in known.elements or element.get("role") in known.roles:
            return True
        if tag == "header" and not self.mains and next(element.iter("nav"), None) is not None:
            # The head of a page, not that of an article, which has its title.
            return True
        if element.get("hidden") is not None or element.get("aria-hidden") == "true":
            return True
        if tag in {"html", "body", "article", "main", "p", "h1", "h2", "h3", "blockquote"}:
            return False
        named = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if known.marks.isdisjoint(re.split(r"[\W_]+", named)):
            return False
        # 'layout-with-sidebar' is what stands around everything.
        around = next(element.iter("article", "main"), None) is not None
        return not around and _length(element) < self.whole * MOST

    def say(self, text: str | None) -> None:
        if text:
            # Line ends in the source are spaces on the page.
            self.words.append(text if self.kept else SPACE.sub(" ", text))

    def paragraph(self) -> Iterator[_Part]:
        joined = "".join(self.words)
        self.words = []
        lines = (re.sub(r"[ \u00a0]{2,}", " ", line).strip() for line in joined.split("\n"))
        text = "\n".join(line for line in lines if line)
        if text and text != "•":
            yield _Part(text=text, main=self.mains[-1] if self.mains else 0)
        elif text:
            # The words of a list's entry may stand in a paragraph of their own.
            self.words = ["• "]


def _length(element: etree._Element) -> int:
    """Characters of the words in an element."""
    return sum(
        len(text)
        for each in element.iter(etree.Element)
        for text in (each.text, each.tail if each is not element else None)
        if text and each.tag not in {"script", "style"}
    )


def metadata(root: etree._Element) -> dict[str, str]:
    """What the head of a page says: schema.org first, then Open Graph and Dublin Core, then the title."""
    found: dict[str, str] = {}
    for element in root.iter("script"):
        if (element.get("type") or "").strip().lower() == "application/ld+json":
            for name, value in schema_org(element.text or ""):
                found.setdefault(name, value)
    for element in root.iter("meta"):
        told_of = element.get("property") or element.get("name") or element.get("itemprop") or ""
        means = conventions().meta.get(told_of.lower())
        content = (element.get("content") or "").strip()
        if means and content and not (means == "author" and content.startswith("http")):
            found.setdefault(means, content)
    for element in root.iter("link"):
        if (element.get("rel") or "").lower() == "canonical" and element.get("href"):
            found.setdefault("url", element.get("href") or "")
    title = next(root.iter("title"), None)
    if title is not None:
        found.setdefault("title", "".join(map(str, title.itertext())))
    for element in root.iter("time"):
        if element.get("datetime"):
            found.setdefault("date", element.get("datetime") or "")
    found.setdefault("language", root.get("lang") or "")
    # A locale such as en_GB tells a language and where it is spoken.
    found["language"] = found["language"].replace("_", "-")
    return found


def schema_org(text: str) -> Iterator[tuple[str, str]]:
    """Fields of the articles that a JSON-LD script describes."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        # Many pages have scripts that are no JSON; the other ways of telling are left.
        return
    items = data if isinstance(data, list) else [data]
    for item in items[:100]:
        nested = item.get("@graph") if isinstance(item, dict) else None
        for each in nested if isinstance(nested, list) else [item]:
            if isinstance(each, dict) and ARTICLE_TYPES.search(str(each.get("@type", ""))):
                yield from _fields(each)


def _fields(item: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, keys in {
        "title": ("headline", "name"),
        "publisher": ("publisher",),
        "author": ("author", "creator"),
        "date": ("datePublished", "dateCreated"),
        "url": ("url", "mainEntityOfPage"),
        "language": ("inLanguage",),
    }.items():
        value = next((found for key in keys if (found := _name(item.get(key)))), "")
        if value:
            yield name, value


def _name(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_name, value[:10])))
    if isinstance(value, dict):
        return str(value.get("name") or value.get("@id") or "")
    return str(value) if isinstance(value, str | int) else ""
