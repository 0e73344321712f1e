"""Mark paragraphs, headings and bullets before parsing, so that no sentence crosses them."""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc, Span

PARAGRAPHS = "paragraphs"
"""Key of the spans: label `text`, `heading` or `bullet`; a blank line, a bullet or a full line ends one."""

BULLET = re.compile(r"\s*(?:[•●▪◦‣·■*–—-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])\s+")
ENDS = re.compile(r"""[.!?:;…]["'”’»)\]]*\s*\Z""")


@Language.component("paragraphs", assigns=["doc.spans", "token.is_sent_start"])
def paragraphs(doc: Doc) -> Doc:
    """Mark the paragraphs of a Doc and begin a sentence with each."""
    spans: list[Span] = []
    text = doc.text
    for start, end in lines(text):
        span = doc.char_span(start, end, label=label(text[start:end]), alignment_mode="expand")
        if span is None or (spans and span.start < spans[-1].end):
            continue
        spans.append(span)
        span[0].is_sent_start = True
        if span.label_ == "bullet":
            _part_bullet(span)
        # The parser must not begin one in the white space that follows.
        if span.end < len(doc) and doc[span.end].is_space:
            doc[span.end].is_sent_start = False
    doc.spans[PARAGRAPHS] = spans
    return doc


def _part_bullet(span: Span) -> None:
    """Begin a sentence after the bullet or number: what it looks like must not change how the words are read."""
    bullet = BULLET.match(span.text)
    words = span.start_char + bullet.end() if bullet else span.start_char
    for token in span[1:]:
        if token.idx >= words and not token.is_space:
            token.is_sent_start = True
            return
        token.is_sent_start = False


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each paragraph without surrounding white space, joining hard-wrapped lines."""
    begin: int | None = None
    end = 0
    for match in re.finditer(r"[^\r\n\u2028\u2029]+", text):
        line = match[0]
        if not line.strip():
            continue
        start = match.start() + len(line) - len(line.lstrip())
        gap = text[end:start]
        if begin is not None and _wrapped(text[begin:end], gap, line.strip()):
            end = match.start() + len(line.rstrip())
            continue
        if begin is not None:
            yield begin, end
        begin, end = start, match.start() + len(line.rstrip())
    if begin is not None:
        yield begin, end


def _wrapped(before: str, gap: str, line: str) -> bool:
    return (
        len(re.findall(r"\r\n|\r|\n", gap)) == 1
        and not ENDS.search(before)
        and not BULLET.match(line)
        and (line[0].islower() or len(before.rsplit("\n", 1)[-1]) > 55)
    )


def label(text: str) -> str:
    """Return what a paragraph is: `text`, `heading` or `bullet`."""
    if BULLET.match(text):
        return "bullet"
    return "text" if ENDS.search(text) or len(text.split()) > 30 else "heading"


def headings(doc: Doc) -> Iterator[Span]:
    """Return the headings of a Doc."""
    return (span for span in doc.spans.get(PARAGRAPHS, ()) if span.label_ == "heading")
