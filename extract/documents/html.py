"""Saved web pages: the words of the article without the page around it, and the metadata in its head."""

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
from graph.encoding import decoded, readable
from graph.errors import BadDocument
from graph.model import Article

ARTICLE_TYPES = re.compile(r"Article|Posting|Report|WebPage")
SPACE = re.compile(r"[ \t\r\n\f\u200b]+")
SOFT_HYPHEN = "\u00ad"
NOTE_MARK = re.compile(
    r"[\[(]?(?:\d{1,3}|[a-z]|[ivx]{1,5}|[*†‡§¶#]{1,3})[\])]?(?:,\s*(?:\d{1,3}|[a-z]))*", re.IGNORECASE
)
LINKED_MARK = re.compile(r"[\[(].{1,20}[\])]|[↩↑*†‡§¶]|\d{1,3}")
SOURCES = ("footer", "cite")
MARKS = "\"'“”„«‘’"
DOUBLE, SINGLE = ("“", "”"), ("‘", "’")
ENOUGH = 0.25
"""Share of a page's words that an <article> must have to count as the whole article (a teaser has less)."""
FEWEST_LINKS, LINKED = 3, 0.9
"""Links of a list that only leads elsewhere, and the share of its letters that they hold."""
MOST = 0.4
"""Share of a page that is too large to be a sidebar, whatever its class says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """The conventions of web pages, from html.toml."""

    blocks: frozenset[str]
    elements: frozenset[str]
    roles: frozenset[str]
    marks: frozenset[str]
    notes: frozenset[str]
    units: frozenset[str]
    meta: dict[str, str]


@cache
def conventions() -> Conventions:
    """Return what html.toml says."""
    told = tomllib.loads(Path(__file__).with_name("html.toml").read_text(encoding="utf-8"))
    return Conventions(
        blocks=frozenset(told["blocks"].split()),
        elements=frozenset(told["elements"].split()),
        roles=frozenset(told["roles"].split()),
        marks=frozenset(told["marks"].split()),
        notes=frozenset(told["notes"].split()),
        units=frozenset(told["units"].split()),
        meta=told["meta"],
    )


def html(content: bytes, info: Article) -> Article:
    """Read a .html page: a blank line between paragraphs, a bullet before each list entry. Raises BadDocument."""
    root = parsed(content)
    text = "\n\n".join(main_paragraphs(root))
    if not text:
        raise BadDocument("is a page without text; save it once it has loaded, or as text")
    return replace(told(info, metadata(root)), text=text)


def parsed(content: bytes) -> etree._Element:
    """Return the tree of a page. Raises BadDocument if it has none."""
    text = _decoded(content)
    if "\0" in text:
        raise BadDocument("holds NUL bytes, so it is not a page; save it again as HTML")
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, huge_tree=False)
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.LxmlError as error:
        raise BadDocument(f"is a page that does not parse: {error}") from error
    if root is None:
        raise BadDocument("is empty")
    return root


def _decoded(content: bytes) -> str:
    """UTF-8 if the bytes are UTF-8, whatever is declared; else what is declared, or what can be recognised."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = re.search(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w-]+)", content[:4096], re.IGNORECASE)
        # A page that says UTF-8 and is not was converted on its way.
        return readable(content, declared[1].decode("ascii")) if declared else decoded(content)


@dataclass(slots=True, kw_only=True)
class _Part:
    """A paragraph and the part of the page that it belongs to."""

    text: str
    main: int
    """Number of the <article> or <main> around it, 0 outside."""
    quotation: int = 0
    """Number of the block quotation that it belongs to, if it needs quotation marks; 0 if not."""


def main_paragraphs(root: etree._Element) -> list[str]:
    """Return the paragraphs of a page's article, or of the whole page if no part is marked as the article."""
    walk = _Walk()
    parts = _with_marks(list(walk.parts(root)))
    words = sum(len(part.text) for part in parts)
    by_main: dict[int, int] = {}
    for part in parts:
        by_main[part.main] = by_main.get(part.main, 0) + len(part.text)
    inner = [main for main, length in by_main.items() if main and length >= words * ENOUGH]
    if inner:
        # Several long parts are one article, or a page of several articles; a teaser is much shorter.
        return [part.text for part in parts if part.main in inner]
    return [part.text for part in parts]


def _with_marks(parts: list[_Part]) -> list[_Part]:
    """Put marks around block quotations whose source is given: each paragraph opens one, the last closes it."""
    last = {part.quotation: at for at, part in enumerate(parts)}
    for at, part in enumerate(parts):
        if part.quotation:
            part.text = f"{DOUBLE[0]}{part.text}{DOUBLE[1] if last[part.quotation] == at else ''}"
    return parts


@dataclass(slots=True, kw_only=True)
class _Walk:
    """Walks through a tree without recursion, and collects its paragraphs."""

    words: list[str] = field(default_factory=list)
    mains: list[int] = field(default_factory=list)
    count: int = 0
    kept: int = 0
    """Open <pre> elements, which keep their white space."""
    quoted: int = 0
    """Open <q> elements."""
    quotations: list[int] = field(default_factory=list)
    """Open <blockquote> elements: their number if they need marks, else 0."""
    count_of_quotations: int = 0
    sources: int = 0
    """Open elements that name the source of a block quotation."""
    skipping: bool = False
    whole: int = 0
    """Characters of the page, scripts and all."""

    def parts(self, root: etree._Element) -> Iterator[_Part]:
        events = etree.iterwalk(root, events=("start", "end"))
        self.whole = _length(root)
        depth = 0
        for event, element in events:
            tag = element.tag if isinstance(element.tag, str) else ""
            # The source of a block quotation is a line of its own; <cite> may be a part of it.
            block = tag in conventions().blocks or (
                tag == "cite" and bool(self.quotations) and self.sources == (event == "end")
            )
            if event == "start":
                depth += 1
                if depth > DEEPEST:
                    raise BadDocument(f"is nested more than {DEEPEST} elements deep; save it as text")
                if self.furniture(element, tag) or self.note_mark(element, tag):
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
                self.sources += tag in SOURCES and bool(self.quotations)
                if tag == "blockquote":
                    self.quotations.append(self.number(element))
                if tag == "li":
                    self.words.append("• ")
                if tag == "q":
                    self.words.append((DOUBLE, SINGLE)[self.quoted % 2][0])
                    self.quoted += 1
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
                    self.sources -= tag in SOURCES and bool(self.quotations)
                    if tag == "blockquote":
                        self.quotations.pop()
                    if tag == "q":
                        self.quoted -= 1
                        self.words.append((DOUBLE, SINGLE)[self.quoted % 2][1])
                self.say(element.tail)
        yield from self.paragraph()

    def furniture(self, element: etree._Element, tag: str) -> bool:
        """Whether an element and everything in it is left out."""
        known = conventions()
        if tag in SOURCES and any(True for _ in element.iterancestors("blockquote", "figure")):
            # Who said it.
            return False
        if tag == "figcaption":
            # Who said it, below a quotation; below a picture it is a caption.
            figure = next(element.iterancestors("figure"), None)
            return figure is None or next(figure.iter("blockquote"), None) is None
        if tag in {"ul", "ol"} and _links(element):
            return True
        if not tag or tag == "head" or tag in known.elements or element.get("role") in known.roles:
            return True
        if tag == "header" and not self.mains and next(element.iter("nav"), None) is not None:
            # The head of a page, not that of an article, which has its title.
            return True
        # A browser opens an element marked `until-found` when the reader searches the page.
        hidden = element.get("hidden")
        if (hidden is not None and hidden.lower() != "until-found") or element.get("aria-hidden") == "true":
            return True
        if tag in {"html", "body", "article", "main", "p", "h1", "h2", "h3", "blockquote"}:
            return False
        named = f"{element.get('class') or ''} {element.get('id') or ''}".lower()
        if known.marks.isdisjoint(re.split(r"[\W_]+", named)):
            return False
        # 'layout-with-sidebar' surrounds everything, so it is not itself a sidebar.
        around = next(element.iter("article", "main"), None) is not None
        return not around and _length(element) < self.whole * MOST

    def number(self, element: etree._Element) -> int:
        """A number for a block quotation that has a source and no marks of its own; 0 for others."""
        figure = next(element.iterancestors("figure"), None)
        named = any(True for _ in element.iter(*SOURCES)) or (
            figure is not None and any(True for _ in figure.iter("figcaption"))
        )
        words = " ".join("".join(map(str, element.itertext())).split())
        if not named or not words or words[0] in MARKS or next(element.iterancestors("blockquote"), None) is not None:
            return 0
        self.count_of_quotations += 1
        return self.count_of_quotations

    def note_mark(self, element: etree._Element, tag: str) -> bool:
        """Whether an element is the mark of a note: raised, or a link to a note."""
        known = conventions()
        named = set(re.split(r"[\W_]+", f"{element.get('class') or ''} {element.get('role') or ''}".lower()))
        if tag not in {"sup", "sub", "a"}:
            return False
        text = " ".join("".join(map(str, element.itertext())).split())
        here = element.get("href") or next((a.get("href") or "" for a in element.iter("a")), "")
        if not named.isdisjoint(known.notes) or any(
            not known.notes.isdisjoint(re.split(r"[\W_]+", f"{a.get('class') or ''} {a.get('role') or ''}".lower()))
            for a in element.iter("a")
        ):
            return len(text) < 30
        if here.startswith("#") and LINKED_MARK.fullmatch(text):
            return tag != "a" or not text.isdecimal()
        return tag == "sup" and is_note_mark(text, "".join(self.words))

    def say(self, text: str | None) -> None:
        if text:
            # Line ends in the source are spaces on the page; a soft hyphen only shows where a word may be divided.
            plain = text.replace(SOFT_HYPHEN, "")
            self.words.append(plain if self.kept else SPACE.sub(" ", plain))

    def paragraph(self) -> Iterator[_Part]:
        joined = "".join(self.words)
        self.words = []
        lines = (re.sub(r"[ \u00a0]{2,}", " ", line).strip() for line in joined.split("\n"))
        text = "\n".join(line for line in lines if line)
        if text and text != "•":
            quotation = next((each for each in self.quotations if each), 0) if not self.sources else 0
            yield _Part(text=text, main=self.mains[-1] if self.mains else 0, quotation=quotation)
        elif text:
            # The words of a list entry may be a paragraph of their own.
            self.words = ["• "]


def is_note_mark(text: str, before: str) -> bool:
    """Whether a raised text is the mark of a note, after the words that stand before it."""
    if not NOTE_MARK.fullmatch(text):
        return False
    word = before.split(" ")[-1]
    # Square metres keep their raised 2, and a letter such as that of 5e is no mark.
    return word.strip("([").casefold() not in conventions().units and not (text.isalpha() and word[-1:].isdigit())


def _links(listed: etree._Element) -> bool:
    """Whether a list consists of links alone: it leads to other pages or to places in this one."""
    links = [" ".join("".join(map(str, each.itertext())).split()) for each in listed.iter("a")]
    if len(links) < FEWEST_LINKS or any(link.endswith((".", "!", "?")) for link in links):
        return False
    words = "".join("".join(map(str, listed.itertext())).split())
    return len("".join("".join(links).split())) >= LINKED * len(words)


def _length(element: etree._Element) -> int:
    """Characters of the words in an element."""
    return sum(
        len(text)
        for each in element.iter(etree.Element)
        for text in (each.text, each.tail if each is not element else None)
        if text and each.tag not in {"script", "style"}
    )


def metadata(root: etree._Element) -> dict[str, str]:
    """Return the metadata in a page's head: schema.org first, then Open Graph and Dublin Core, then the title."""
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
    # A locale such as en_GB names a language and a country.
    found["language"] = found["language"].replace("_", "-")
    return found


def schema_org(text: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of the articles that a JSON-LD script describes."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        # Many pages have scripts that are not JSON; the other sources remain.
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
