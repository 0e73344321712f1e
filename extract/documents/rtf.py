"""Rich Text Format (.rtf), as word processors and news databases save it."""

import re
from dataclasses import replace

from striprtf.striprtf import rtf_to_text

from graph.errors import BadDocument
from graph.model import Article


def rtf(content: bytes, info: Article) -> Article:
    """Read a .rtf file: its paragraphs, with a blank line between them. Raises BadDocument."""
    if not content.lstrip().startswith(b"{\\rtf"):
        raise BadDocument("is not RTF, whatever its name says")
    try:
        text = rtf_to_text(  # type: ignore[no-untyped-call]  # the library has no types
            content.decode("latin-1"), encoding="cp1252", errors="strict"
        )
    except (ValueError, LookupError, IndexError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise BadDocument(f"is damaged: {error}; save it again, or as DOCX") from error
    lines = (" ".join(line.split()) for line in re.split(r"[\r\n]+", text.replace("\u00ad", "")))
    return replace(info, text="\n\n".join(line for line in lines if line))
