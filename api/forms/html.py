"""A briefing as one HTML file that needs nothing else: no script, no style from elsewhere, good for a screen reader."""

from html import escape

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

STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1b1b; --link: #054a91; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #e8e8e8; --link: #9cc4ff; } }
html { background: var(--paper); color: var(--ink); } a, a:visited { color: var(--link); }
body { font: 1rem/1.55 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid; padding-bottom: .2rem; }
blockquote { margin: .8rem 0 .8rem 1rem; padding-left: 1rem; border-left: .25rem solid; }
blockquote p { white-space: pre-line; margin: .3rem 0; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; } caption { text-align: left; font-weight: 600; }
th, td { border: 1px solid; padding: .3rem .5rem; text-align: left; vertical-align: top; }
.wide { overflow-x: auto; } pre { overflow-x: auto; padding: .6rem; border: 1px solid; font-size: .85rem; }
.notes { font-size: .92rem; } .notes li:target, sup:target { outline: 2px solid; }
a { overflow-wrap: anywhere; } svg { max-width: 100%; height: auto; }
@media print { body { max-width: none; margin: 0; } details { display: none; }
  h2, h3, h4, caption, thead { break-after: avoid; } tr, blockquote { break-inside: avoid; } }
""".strip()


def html(document: Document) -> bytes:
    """The document as a web page of its own."""
    marks = _Marks()
    body = "\n".join(_block(block, marks) for block in document.blocks)
    notes = "\n".join(_note(note, marks) for note in document.notes)
    listed = (
        f'<section aria-labelledby="notes" role="doc-endnotes">\n<h2 id="notes">{_text(document.notes_title)}</h2>\n'
        f'<ol class="notes">\n{notes}\n</ol>\n</section>'
        if document.notes
        else ""
    )
    return f"""<!DOCTYPE html>
<html lang="{_text(document.language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{_text(document.title)}</title>
<style>
{STYLE}
</style>
</head>
<body>
<main>
<h1>{_text(document.title)}</h1>
{body}
{listed}
</main>
</body>
</html>
""".encode("utf-8", "replace")


class _Marks:
    """How often each footnote has been referred to, so that every mark has an id of its own."""

    def __init__(self) -> None:
        self.count: dict[int, int] = {}

    def next(self, number: int) -> str:
        self.count[number] = self.count.get(number, 0) + 1
        return _mark(number, self.count[number])


def _mark(number: int, time: int) -> str:
    return f"ref-{number}" if time == 1 else f"ref-{number}-{time}"


def _block(block: Block, marks: _Marks) -> str:
    match block:
        case Heading(text, level):
            return f"<h{level}>{_text(text)}</h{level}>"
        case Paragraph(line):
            return f"<p>{_line(line, marks)}</p>"
        case Bullets(lines):
            items = "\n".join(f"<li>{_line(line, marks)}</li>" for line in lines)
            return f"<ul>\n{items}\n</ul>"
        case Quotation(passage, attribution, number):
            return (
                f"<blockquote>\n<p>{_text(passage)}</p>\n<footer>— {_text(attribution)}"
                f"{_inline(Reference(number), marks)}</footer>\n</blockquote>"
            )
        case Table(caption, header, rows):
            heads = "".join(f'<th scope="col">{_text(name)}</th>' for name in header)
            body = "\n".join(_row(row, marks) for row in rows)
            # Focusable, so that a keyboard can scroll it.
            return (
                f'<div class="wide" role="region" aria-label="{_text(caption)}" tabindex="0">\n'
                f"<table>\n<caption>{_text(caption)}</caption>\n<thead><tr>{heads}</tr></thead>\n"
                f"<tbody>\n{body}\n</tbody>\n</table>\n</div>"
            )
        case Code(title, text):
            return (
                f"<details>\n<summary>{_text(title)}</summary>\n"
                f'<pre tabindex="0"><code>{_text(text.strip())}</code></pre>\n</details>'
            )
        case Picture(svg=svg, alternative=alternative):
            return f'<figure role="img" aria-label="{_text(alternative)}">\n{svg}\n</figure>'


def _row(row: tuple[Line, ...], marks: _Marks) -> str:
    head, *cells = (_line(cell, marks) for cell in row)
    return f'<tr><th scope="row">{head}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def _note(note: Note, marks: _Marks) -> str:
    back = " ".join(
        f'<a href="#{_mark(note.number, time)}" role="doc-backlink" '
        f'aria-label="Back to mark {note.number}{f", use {time}" if time > 1 else ""}">↩</a>'
        for time in range(1, marks.count.get(note.number, 0) + 1)
    )
    line = _line(note.line, marks)
    return f'<li id="note-{note.number}" value="{note.number}" data-sha256="{note.sha256}">{line} {back}</li>'


def _line(line: Line, marks: _Marks) -> str:
    return "".join(_inline(inline, marks) for inline in line)


def _inline(inline: Inline, marks: _Marks) -> str:
    match inline:
        case Reference(number):
            return (
                f'<sup id="{marks.next(number)}"><a href="#note-{number}" role="doc-noteref" '
                f'aria-label="Passage {number}">{number}</a></sup>'
            )
        case Text(text, strong, emphasis, href):
            shown = _text(text)
            if strong:
                shown = f"<strong>{shown}</strong>"
            if emphasis:
                shown = f"<em>{shown}</em>"
            return f'<a href="{_text(href)}">{shown}</a>' if href else shown


def _text(text: str) -> str:
    return escape(text, quote=True)
