"""Names: the id that a name becomes, and the one thing that a name can mean."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping

APOSTROPHES = "'’‘‛‚`´ʼʹ′"
QUOTATION_MARKS = '"“”„‟«»″'
DASHES = "-‐‑‒–—―−"
INVISIBLE = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
ALIKE = str.maketrans(
    {
        **dict.fromkeys(APOSTROPHES, "'"),
        **dict.fromkeys(QUOTATION_MARKS, '"'),
        **dict.fromkeys(DASHES, "-"),
        **dict.fromkeys(INVISIBLE, None),
    }
)
"""Characters that people use interchangeably."""
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML cannot contain or that are not text: a single one would make a whole file unreadable."""


def slug(name: str, *, otherwise: str = "") -> str:
    """Return an id for a name: its words in lower-case letters and digits, joined by hyphens.

    Accents are dropped. A name without any Latin letter or digit keeps its own letters; one without letters at all
    becomes `otherwise`.
    """
    text = re.sub(r"['’‘]", "", name)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    latin = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return latin or re.sub(r"[^\w]+", "-", text.casefold()).strip("-_") or otherwise


def actor_slug(name: str) -> str:
    """Return an id for an actor that is in no table."""
    return slug(name, otherwise="somebody")


def folded(name: str) -> str:
    """Fold a name for comparison: ignore differences of case, width, apostrophes, quotation marks, dashes or spaces."""
    # NFKC would turn a lone acute accent into a space and a mark, so these are made alike first.
    return " ".join(unicodedata.normalize("NFKC", name.translate(ALIKE)).translate(ALIKE).casefold().split())


def by_name(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map each name, folded, to the id of the one thing it can mean; leave out names shared by several things.

    `names` gives each id with its names. An id is a name of its own thing.
    """
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for id, several in names.items():
        for name in (id, *several):
            meant[folded(name)].add(id)
    return {name: next(iter(ids)) for name, ids in meant.items() if len(ids) == 1}


def is_plural(name: str) -> bool:
    """Return whether a group's name is in the plural: 'Riders', 'People on low incomes', but not 'The public'."""
    head = re.split(r" (?:of|in|on|at|to|for|from|with|who|and the)\b|,|\(", name.strip(), maxsplit=1)[0].lower()
    return head.endswith(("s", "people", "men", "ren")) and not head.endswith("ss")
