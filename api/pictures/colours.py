"""The colours of pictures, and the names on them."""

from graph.model import Stance
from graph.rdf.xml_text import xml_text

SIDES = {Stance.SUPPORT: "#17637a", Stance.OPPOSE: "#99400d", Stance.MIXED: "#6a4795", Stance.NEUTRAL: "#565c66"}
DARK_SIDES = {Stance.SUPPORT: "#86cfe4", Stance.OPPOSE: "#f3ac80", Stance.MIXED: "#c9adec", Stance.NEUTRAL: "#b6bbc3"}
"""The colours of the pages' style sheet, on light and on dark ground."""
AGREE, CONFLICT = "#6B8E6B", "#D55E00"


def short(text: str, length: int = 42) -> str:
    """A name as long as a picture has room for, with characters that a picture can show."""
    text = xml_text(text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
