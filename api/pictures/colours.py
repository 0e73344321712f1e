"""The colours of pictures, and the names on them."""

from graph.model import Stance
from graph.rdf.xml_text import xml_text

SIDES = {Stance.SUPPORT: "#0072B2", Stance.OPPOSE: "#D55E00", Stance.MIXED: "#E69F00", Stance.NEUTRAL: "#999999"}
AGREE, CONFLICT = "#6B8E6B", "#D55E00"


def short(text: str, length: int = 42) -> str:
    """A name as long as a picture has room for, with characters that a picture can show."""
    text = xml_text(text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
