"""The colours of pictures, and the names on them."""

from graph.model import Stance
from graph.rdf.xml_text import xml_text

SIDES = {Stance.SUPPORT: "#0072B2", Stance.OPPOSE: "#D55E00", Stance.MIXED: "#E69F00", Stance.NEUTRAL: "#999999"}
CAMPS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Okabe and Ito's colours, which people tell apart however they see colour; beyond eight camps they come again."""
NO_CAMP = "#BBBBBB"
AGREE, CONFLICT = "#6B8E6B", "#D55E00"


def camp_colour(camp: str) -> str:
    """The colour of a camp by its number; grey for none."""
    number = camp.rpartition("-")[2]
    return CAMPS[(int(number) - 1) % len(CAMPS)] if number.isdigit() else NO_CAMP


def short(text: str, length: int = 42) -> str:
    """A name as long as a picture has room for, with characters that a picture can show."""
    text = xml_text(text)
    return text if len(text) <= length else f"{text[: length - 1]}…"
