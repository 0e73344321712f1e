"""Find a coded passage in its article, although programs change quotation marks, dashes and spaces."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from graph.names import ALIKE

MARKS = "'\" …."
"""What a program or person may put around a passage that the article does not have there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Start and end of a passage in a text."""

    start: int
    end: int


def place(quote: str, text: str, *, start: int | None = None) -> Place | str:
    """Find a passage in a text, or say that it "is not in" the text or "is more than once in" it.

    Look for the exact passage first, then for one that differs only in quotation marks, dashes and spaces. If there are
    several, take the one at `start`.
    """
    if not quote.strip():
        return "is not in"
    if start is not None and start >= 0 and text.startswith(quote, start):
        return Place(start=start, end=start + len(quote))
    first = text.find(quote)
    if first >= 0 and text.find(quote, first + 1) < 0:
        return Place(start=first, end=first + len(quote))
    plain, places = _alike(text)
    asked = _alike(quote)[0].strip()
    for wanted in dict.fromkeys((asked, asked.strip(MARKS))):
        found = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", plain)] if wanted else []
        at = [each for each in found if places[each] == start] or found
        if len(at) == 1:
            return Place(start=places[at[0]], end=places[at[0] + len(wanted) - 1] + 1)
        if found:
            return "is more than once in"
    return "is not in"


@lru_cache(maxsize=32)
def _alike(text: str) -> tuple[str, tuple[int, ...]]:
    """The text with alike characters made the same, and the place in the text of each character of it."""
    made: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        turned = char.translate(ALIKE)
        # Single and double quotation marks are one: British and American editors swap them.
        for each in unicodedata.normalize("NFKD", turned).translate(ALIKE).replace('"', "'"):
            plain = " " if each.isspace() else each
            if plain == " " and (not made or made[-1] == " "):
                continue
            made.append(plain)
            places.append(at)
    return "".join(made), tuple(places)
