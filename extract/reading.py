"""Documents become articles: one reader for each ending, found in a table."""

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from graph.domain import DATE, Domain
from graph.errors import BadDocument
from graph.model import Article

log = logging.getLogger(__name__)

Reader = Callable[[bytes, Article], Article]
"""Takes a file's bytes and what is known of the article; gives the article with its text.

What the document says of itself fills only what was not known.
"""

METADATA = ("title", "publisher", "author", "date", "url", "voice", "language")


def read(path: Path, info: Article | None = None) -> Article:
    """The article in a file; raises BadDocument where the file has no reader or holds no text."""
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise BadDocument(f"{path}: no reader for {path.suffix or 'a name without ending'}; read are {known()}")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise BadDocument(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return reader(content, info or Article(id=path.stem, text=""))
    except BadDocument as error:
        raise BadDocument(f"{path}: {error}") from error


def documents(domain: Domain) -> Iterator[tuple[Path, Article]]:
    """The files of a domain that can be read, in the order of their ids, with what its table says of each."""
    if not domain.documents.is_dir():
        return
    taken: dict[str, Path] = {}
    for path in sorted(domain.documents.iterdir(), key=lambda path: (path.stem, path.suffix)):
        if not path.is_file() or path.name.startswith((".", "README")) or path.suffix.lower() == ".csv":
            continue
        if path.suffix.lower() not in READERS:
            log.warning("%s: passed over, no reader for this ending; read are %s", path, known())
        elif path.stem in taken:
            log.warning("%s: passed over, %s has the same id", path, taken[path.stem].name)
        else:
            taken[path.stem] = path
            yield path, domain.articles.get(path.stem, Article(id=path.stem, text=""))


def known() -> str:
    """The endings that are read, for messages."""
    return ", ".join(sorted(READERS))


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, undecodable bytes replaced, nothing else changed."""
    if b"\0" in content[:4096]:
        raise BadDocument("not a text file; save it as UTF-8 text")
    return content.decode("utf-8", "replace")


def plain(content: bytes, info: Article) -> Article:
    """A .txt file, to the letter."""
    return replace(info, text=decoded(content))


FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)
# Markup that stands in the way of reading; bullets and paragraphs stay as they are.
MARKUP = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"!\[([^\]]*)\]\([^)\s]*(?:\s[^)]*)?\)"), r"\1"),
    (re.compile(r"\[([^\]]*)\]\([^)\s]*(?:\s[^)]*)?\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^\n]+?)(?<=[^\s*_])\1(?![\w*])"), r"\2"),
)


def markdown(content: bytes, info: Article) -> Article:
    """A .md file: front matter becomes metadata, headings, emphasis and links become their words."""
    text = decoded(content)
    front = FRONT_MATTER.match(text)
    found: dict[str, str] = {}
    if front:
        found = {name.lower(): value.strip("\"'") for name, value in FIELD.findall(front[1])}
        text = text[front.end() :]
    for pattern, words in MARKUP:
        text = pattern.sub(words, text)
    return replace(told(info, found), text=text)


def html(content: bytes, info: Article) -> Article:
    """A .html page: the words of its article, one blank line between paragraphs; metadata from its head."""
    page = _Page()
    page.feed(decoded(content))
    page.close()
    return replace(told(info, page.metadata()), text=page.text())


def told(info: Article, found: Mapping[str, str]) -> Article:
    """What was known of an article, and where nothing was, what its document says."""
    new = {name: found[name] for name in METADATA if found.get(name) and not getattr(info, name)}
    if "date" in new and not DATE.fullmatch(new["date"]):
        # A time of day goes; what is no ISO date at all is worse than none.
        day = new.pop("date")[:10]
        new |= {"date": day} if DATE.fullmatch(day) else {}
    return replace(info, **new)  # type: ignore[arg-type]  # METADATA names fields that hold strings


BLOCKS = frozenset(
    {
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "div", "dl", "dt"),
        *(
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "header",
            "hr",
            "li",
        ),
        *("main", "nav", "ol", "p", "pre", "section", "summary", "table", "td", "th", "tr", "ul"),
    }
)
FURNITURE = frozenset(
    {
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "footer",
        "aside",
        "form",
        "button",
        "svg",
        "iframe",
        "select",
        "head",
    }
)
VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
NAMES = {
    "og:title": "title",
    "og:site_name": "publisher",
    "author": "author",
    "article:published_time": "date",
    "dc.date": "date",
    "date": "date",
    "og:url": "url",
}


class _Page(HTMLParser):
    """Collects the paragraphs of a page, of its article or main part where it has one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.paragraphs: list[tuple[bool, str]] = []
        """Each with whether it stands in the article."""
        self.words: list[str] = []
        self.title: list[str] = []
        self.meta: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = NAMES.get((values.get("property") or values.get("name") or "").lower())
            if name and values.get("content"):
                self.meta.setdefault(name, values["content"].strip())
        if tag == "html" and values.get("lang"):
            self.meta.setdefault("language", values["lang"])
        if tag in BLOCKS:
            self.break_off()
        if tag == "li":
            self.words.append("• ")
        if tag == "br":
            self.words.append("\n")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.break_off()
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if "title" in self.open and "head" in self.open:
            self.title.append(data)
        elif not FURNITURE.intersection(self.open):
            # Line ends in the source are spaces on the page.
            self.words.append(re.sub(r"[ \t\r\n\f]+", " ", data) if "pre" not in self.open else data)

    def break_off(self) -> None:
        paragraph = "\n".join(line.strip() for line in "".join(self.words).split("\n")).strip()
        if paragraph and paragraph != "•":
            self.paragraphs.append(
                (bool({"article", "main"}.intersection(self.open)), re.sub(r" {2,}", " ", paragraph))
            )
        self.words = []

    def text(self) -> str:
        self.break_off()
        inner = [paragraph for within, paragraph in self.paragraphs if within]
        return "\n\n".join(inner or [paragraph for _, paragraph in self.paragraphs])

    def metadata(self) -> dict[str, str]:
        title = " ".join("".join(self.title).split())
        return self.meta if "title" in self.meta or not title else {**self.meta, "title": title}


READERS: dict[str, Reader] = {".txt": plain, ".md": markdown, ".html": html, ".htm": html}
"""By ending, in small letters; a new format is a new line here."""
