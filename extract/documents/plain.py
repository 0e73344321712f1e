"""Plain text unchanged, and Markdown without its markup."""

import re
from dataclasses import replace

from extract.documents.metadata import told
from graph.encoding import decoded
from graph.model import Article

FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*?)[ \t]*\r?$", re.MULTILINE)
# Markup that gets in the way of reading; bullets and paragraphs stay.
MARKUP = (
    (re.compile(r"<!--.*?-->", re.DOTALL), ""),
    (re.compile(r"!\[([^\]\n]*)\]\([^)\s]*(?:\s[^)\n]*)?\)"), r"\1"),
    (re.compile(r"\[([^\]\n]*)\]\([^)\s]*(?:\s[^)\n]*)?\)"), r"\1"),
    (re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+(.*?)[ \t]*#*[ \t]*$", re.MULTILINE), r"\1"),
    (re.compile(r"^[ \t]{0,3}>[ \t]?", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w*])([*_])(?=[^\s*_])([^\n]+?)(?<=[^\s*_])\1(?![\w*])"), r"\2"),
)


def plain(content: bytes, info: Article) -> Article:
    """Read a .txt file, unchanged. Raises BadDocument."""
    return replace(info, text=decoded(content))


def markdown(content: bytes, info: Article) -> Article:
    """Read a .md file: front matter becomes metadata; headings, emphasis and links become their words.

    Raises BadDocument.
    """
    text = decoded(content)
    front = FRONT_MATTER.match(text)
    found: dict[str, str] = {}
    if front:
        found = {name.lower(): value.strip("\"'") for name, value in FIELD.findall(front[1])}
        text = text[front.end() :]
    for pattern, words in MARKUP:
        text = pattern.sub(words, text)
    text = text.replace("\u00ad", "")
    return replace(told(info, found), text=text)
