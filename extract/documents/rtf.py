"""Rich Text Format (.rtf), as word processors and news databases save it."""

import re
from dataclasses import replace

from striprtf.striprtf import rtf_to_text

from graph.errors import BadDocument
from graph.model import Article

DELETED = re.compile(r"\{(?:\\[a-z]+-?\d* ?)*\\deleted(?![a-z0])")
"""The beginning of words that an author has deleted while changes were tracked."""


def _without_deleted(text: str) -> str:
    parts, at = [], 0
    while (found := DELETED.search(text, at)) is not None:
        parts.append(text[at : found.start()])
        at, depth = found.start() + 1, 1
        while at < len(text) and depth:
            if text[at] == "\\":
                at += 1
            elif text[at] in "{}":
                depth += 1 if text[at] == "{" else -1
            at += 1
    return "".join([*parts, text[at:]])


def rtf(content: bytes, info: Article) -> Article:
    """Read a .rtf file: its paragraphs, with a blank line between them. Raises BadDocument."""
    if not content.lstrip().startswith(b"{\\rtf"):
        raise BadDocument("is not RTF, whatever its name says")
    try:
        text = rtf_to_text(  # type: ignore[no-untyped-call]  # the library has no types
            _without_deleted(content.decode("latin-1")), encoding="cp1252", errors="strict"
        )
    except (ValueError, LookupError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise BadDocument(f"is damaged: {error}; save it again, or as DOCX") from error
    lines = (" ".join(line.split()) for line in re.split(r"[\r\n]+", text.replace("\u00ad", "")))
    return replace(info, text="\n\n".join(line for line in lines if line))
