"""A briefing as Markdown: CommonMark with the tables and footnotes that GitHub, Pandoc and Word's importers read."""

import re

from api.forms.document import (
    Block,
    Bullets,
    Code,
    Document,
    Heading,
    Inline,
    Line,
    Paragraph,
    Picture,
    Quotation,
    Reference,
    Table,
    Text,
)

# Escape only what would be markup, so that passages stay verbatim wherever possible.
MARKUP = re.compile(r"[\\`<]|\*|(?<![^\W_])_|_(?![^\W_])|\[(?=\^)|\](?=[(\[:])|&(?=#?\w+;)|~(?=~)|!(?=\[)")
LINE_START = re.compile(r"^(\s*)(#{1,6}(?=\s|$)|>|[-+=](?=\s|$|-|=)|\d+(?=[.)](\s|$))|~~~|\|)")
ADDRESS_MARKUP = str.maketrans({" ": "%20", "(": "%28", ")": "%29", "<": "%3C", ">": "%3E", "\n": "%0A"})


def markdown(document: Document) -> bytes:
    """Return the document in Markdown."""
    parts = [f"# {escaped(document.title)}"]
    parts += [_block(block) for block in document.blocks]
    if document.notes:
        parts.append(f"## {escaped(document.notes_title)}")
        parts += [f"[^{note.number}]: {_line(note.line)}" for note in document.notes]
    return ("\n\n".join(part for part in parts if part) + "\n").encode("utf-8", "replace")


def escaped(text: str) -> str:
    """Return the text escaped so that Markdown shows it unchanged."""
    lines = MARKUP.sub(r"\\\g<0>", text).split("\n")
    return "\n".join(LINE_START.sub(_at_line_start, line) for line in lines)


def _at_line_start(match: re.Match[str]) -> str:
    # A number is a list's only with its point, and a number cannot be escaped.
    if match[2].isdigit():
        return f"{match[1]}{match[2]}\\"
    return f"{match[1]}\\{match[2]}"


def _block(block: Block) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {escaped(text)}"
        case Paragraph(line):
            return _line(line)
        case Bullets(lines):
            return "\n".join(f"- {_line(line)}" for line in lines)
        case Quotation(passage, attribution, number):
            quoted = "\n".join(f"> {line}".rstrip() for line in escaped(passage).split("\n"))
            return f"{quoted}\n>\n> — {escaped(attribution)}[^{number}]"
        case Table(caption, header, rows):
            return "\n".join(
                [
                    f"**{escaped(caption)}**",
                    "",
                    f"| {' | '.join(map(_cell, ((Text(name),) for name in header)))} |",
                    f"|{' --- |' * len(header)}",
                    *(f"| {' | '.join(map(_cell, row))} |" for row in rows),
                ]
            )
        case Code(title, text):
            return f"**{escaped(title)}**\n\n```sparql\n{text.strip()}\n```"
        case Picture(alternative=alternative):
            return f"*{escaped(alternative)}*"


def _line(line: Line) -> str:
    return "".join(map(_inline, line)).replace("\n", " ")


def _cell(line: Line) -> str:
    return _line(line).replace("|", "\\|")


def _inline(inline: Inline) -> str:
    match inline:
        case Reference(number):
            return f"[^{number}]"
        case Text(text, strong, emphasis, href):
            if href == text:
                return f"<{href.translate(ADDRESS_MARKUP)}>"
            shown = escaped(text)
            if strong:
                bare = shown.rstrip()
                # Emphasis does not close before a blank.
                shown = f"**{bare}**{shown[len(bare) :]}"
            if emphasis:
                shown = f"*{shown}*"
            return f"[{shown}]({href.translate(ADDRESS_MARKUP)})" if href else shown
