"""The same text twice, and nearly the same: a press release that several outlets print."""

import re
from collections.abc import Iterator

from datasketch import MinHash, MinHashLSH  # type: ignore[import-untyped]  # has no type information

from graph.model import Article

WORDS = 4
"""Words in a row that are compared."""
ALIKE = 0.6
"""Share of such rows that two texts have in common when one repeats the other: outlets cut some and add a line."""
SHORTEST = 20
"""Words below which likeness says nothing."""
PERMUTATIONS = 128
BATCH = 4096


class Texts:
    """Texts that have been seen, by what they have in common (MinHash with locality-sensitive hashing; Broder 1997)."""

    def __init__(self) -> None:
        self._same: dict[str, str] = {}
        self._near = MinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS)
        self._hashes: dict[str, MinHash] = {}

    def add(self, article: Article) -> None:
        """Remember an article's text."""
        self._same.setdefault(_bare(article.text), article.id)
        hashed = _hashed(article.text)
        if hashed is not None and article.id not in self._hashes:
            self._hashes[article.id] = hashed
            self._near.insert(article.id, hashed)

    def same(self, article: Article) -> str:
        """The id of an article with the same words in the same order; '' where there is none."""
        return self._same.get(_bare(article.text), "")

    def alike(self, article: Article) -> str:
        """The id of the most similar article that has most of the words in common; '' where there is none."""
        hashed = _hashed(article.text)
        if hashed is None:
            return ""
        found = [(hashed.jaccard(self._hashes[str(id)]), str(id)) for id in self._near.query(hashed)]
        likest = max(((share, id) for share, id in found if share >= ALIKE), default=(0.0, ""))
        return likest[1]


def _bare(text: str) -> str:
    # White space differs from format to format.
    return " ".join(text.split())


def _hashed(text: str) -> MinHash | None:
    words = re.findall(r"\w+", text.casefold())
    if len(words) < SHORTEST:
        return None
    made = MinHash(num_perm=PERMUTATIONS, seed=1)
    rows = sorted({" ".join(words[place : place + WORDS]) for place in range(len(words) - WORDS + 1)})
    for batch in _batches(rows):
        made.update_batch(batch)
    return made


def _batches(rows: list[str]) -> Iterator[list[bytes]]:
    # The numbers of a batch lie in memory at once.
    for start in range(0, len(rows), BATCH):
        yield [row.encode("utf-8", "surrogatepass") for row in rows[start : start + BATCH]]
