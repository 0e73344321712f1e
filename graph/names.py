"""Names: the id that a name becomes, and the one thing that a name can mean."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping


def slug(name: str, *, otherwise: str = "") -> str:
    """Return an id made from a name: lower-case letters and digits, words joined by hyphens.

    Accents are dropped. A name without any Latin letter or digit keeps its own letters; one without letters at all
    becomes `otherwise`.
    """
    text = re.sub(r"['’‘]", "", name)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    latin = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    return latin or re.sub(r"[^\w]+", "-", text.casefold()).strip("-_") or otherwise


def by_name(names: Mapping[str, Iterable[str]]) -> dict[str, str]:
    """Map each name, in lower case, to the id of the one thing it can mean; leave out names shared by several things.

    `names` gives each id with its names. An id is a name of its own thing.
    """
    meant: defaultdict[str, set[str]] = defaultdict(set)
    for id, several in names.items():
        for name in (id, *several):
            meant[name.strip().casefold()].add(id)
    return {name: next(iter(ids)) for name, ids in meant.items() if len(ids) == 1}
