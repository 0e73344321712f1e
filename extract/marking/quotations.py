"""Find direct quotations by their marks: double and single, curly and straight, several paragraphs, unbalanced."""

import re
from collections.abc import Generator, Iterator, Sequence

from spacy.language import Language
from spacy.tokens import Doc, Span

from extract.marking.sections import PARAGRAPHS

QUOTATIONS = "quotations"
"""Key of the spans: label `double`; `open` if a later paragraph has the closing mark; `single` for names in inverted
commas. In an article that quotes speech in single marks, these count as `double`."""

DOUBLE = re.compile(r"[\"“”„‟«»＂]|''|``|‘‘|’’")
SINGLE = re.compile(r"(?<![\w'’])['‘](?=\w[^'’‘\"“”]{0,400}?[\w.,!?]['’](?![\w]))")
CLOSING_SINGLE = re.compile(r"(?<=[\w.,!?…)])['’](?!\w)")
OPENS_SPEECH = re.compile(r"(?<![\w'’])['‘](?=[\w£$€])")
CLOSES_SPEECH = re.compile(r"(?<=[.,!?…])['’](?!\w)")
"""A mark after punctuation: no apostrophe."""
OPENING = frozenset("“„«")
LEFT = frozenset(" \t\r\n\u00a0([{—–-/‘'…")
RIGHT = frozenset(" \t\r\n\u00a0)]}.,;:!?—–-/’'…")


@Language.component("quotations", requires=["doc.spans"], assigns=["doc.spans", "token.is_sent_start"])
def quotations(doc: Doc) -> Doc:
    """Mark quotations, including their quotation marks."""
    paragraphs = [(span.start_char, span.end_char) for span in doc.spans.get(PARAGRAPHS, ())]
    spans: list[Span] = []
    text = doc.text
    for start, end, label in quoted(text, paragraphs):
        span = doc.char_span(start, end, label=label, alignment_mode="expand")
        if span is None or (spans and span.start < spans[-1].end):
            continue
        spans.append(span)
        if len(span) > 1 and label != "single":
            # The parser often gives a closing mark a sentence of its own.
            span[-1].is_sent_start = False
            if (
                span.start
                and text[max(0, span.start_char - 9) : span.start_char].rstrip()[-1:] in ".!?"
                and _is_mark(span[0].text)
            ):
                span[0].is_sent_start = True
                span[1].is_sent_start = False
    doc.spans[QUOTATIONS] = spans
    return doc


def quoted(text: str, paragraphs: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and label of each quotation, paragraph by paragraph."""
    if _in_single_marks(text):
        for begin, end in paragraphs:
            yield from _speech(text, begin, end)
        return
    carried = False
    for begin, end in paragraphs:
        carried = yield from _in_paragraph(text, begin, end, carried=carried)


def _in_paragraph(text: str, begin: int, end: int, *, carried: bool) -> Generator[tuple[int, int, str], None, bool]:
    """Return the quotations of one paragraph, and whether the last is still open at its end."""
    opened: int | None = None
    free = begin
    marks = list(DOUBLE.finditer(text, begin, end))
    first = marks[0] if marks else None
    if carried and first is not None and first.start() > begin and not _opens(text, first.start(), first.end(), False):
        # The paragraph before left a quotation open, and this one continues it without a mark.
        opened = begin
    for mark in marks:
        at, after = mark.span()
        if opened is None:
            if _opens(text, at, after, True):
                yield from _single(text, free, at)
                opened = at
        elif _opens(text, at, after, False):
            # Opened again before it was closed: paragraphs of one quotation, joined together.
            before = opened + len(text[opened:at].rstrip())
            if before > opened + 1:
                yield opened, before, "open"
            opened = at
        else:
            yield opened, after, "double"
            opened, free = None, after
    if opened is None:
        yield from _single(text, free, end)
        return False
    if end - opened > 1:
        yield opened, end, "open"
    return True


def _opens(text: str, start: int, end: int, outside: bool) -> bool:
    """Return whether a mark opens a quotation, by its form and neighbours; `outside` decides unclear cases."""
    mark = text[start:end]
    before, after = text[start - 1 : start], text[end : end + 1]
    if mark in OPENING:
        return True
    if mark in ("”", "»"):
        # Some publishers put a closing mark on the left of a word.
        return outside and (not before or before in LEFT) and bool(after) and after not in RIGHT
    if not after or after in " \t\r\n\u00a0":
        return False
    if not before or before in " \t\r\n\u00a0([{—–":
        return True
    return outside and before in LEFT


def _in_single_marks(text: str) -> bool:
    """Return whether an article quotes speech in single marks, as British books and papers do."""
    return DOUBLE.search(text) is None and bool(OPENS_SPEECH.search(text) and CLOSES_SPEECH.search(text))


def _speech(text: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield the quotations of a paragraph in single marks, with apostrophes inside and perhaps no mark at the end."""
    at = begin
    while mark := OPENS_SPEECH.search(text, at, end):
        again = OPENS_SPEECH.search(text, mark.end(), end)
        sure = CLOSES_SPEECH.search(text, mark.end(), end)
        if sure is not None and (again is None or sure.start() < again.start()):
            yield mark.start(), sure.end(), "double"
            at = sure.end()
            continue
        limit = again.start() if again is not None else end
        closing = list(CLOSING_SINGLE.finditer(text, mark.end(), limit))
        whole = not text[begin : mark.start()].strip() or text[: mark.start()].rstrip()[-1:] in ".!?:"
        if closing and not (whole and again is None and all(text[each.start() - 1] == "s" for each in closing)):
            # 'fare cap': a name, or words within a sentence. The last mark is no possessive of a plural.
            plain = [each for each in closing if text[each.start() - 1] != "s"] or closing
            yield mark.start(), plain[0].end(), "single"
            at = plain[0].end()
        elif whole and again is None:
            yield mark.start(), end, "open"
            return
        else:
            at = mark.end()


def _single(text: str, begin: int, end: int) -> Iterator[tuple[int, int, str]]:
    """Yield quotations in single marks outside double ones, including names in inverted commas."""
    at = begin
    while mark := SINGLE.search(text, at, end):
        closing = CLOSING_SINGLE.search(text, mark.end(), end)
        while (
            closing
            and closing[0] == "'"
            and text[closing.start() - 1] == "s"
            and re.match(r" [a-z]", text[closing.end() : closing.end() + 2])
        ):
            # Probably the possessive of a plural, if another mark follows.
            later = CLOSING_SINGLE.search(text, closing.end(), end)
            if later is None:
                break
            closing = later
        if closing is None:
            return
        yield mark.start(), closing.end(), "single"
        at = closing.end()


def _is_mark(token: str) -> bool:
    return bool(DOUBLE.fullmatch(token)) or token in ("'", "‘", "’")
