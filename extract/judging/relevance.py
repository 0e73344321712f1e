"""Whether an article is about the domain at all, told before it is parsed: nine of ten articles of a paper are not."""

from collections import defaultdict
from collections.abc import Sequence

from spacy.tokens import Doc

from extract.judging.targets import Topics, stems
from extract.marking.gazetteer import REFORMS
from extract.marking.names import Names
from extract.marking.sections import lines
from graph.model import Article

ACTORS = 3
"""Actors of the tables that make an article one about the domain, though no reform goes by its name."""
WORDS = 3
"""Words of a name that make a paragraph one about its reform, wherever in the paragraph they stand."""


class Relevance:
    """Tells which articles can hold a statement.

    An article holds none that names no reform, does not have all words of a longer name of one, or of a package, in a
    paragraph, names fewer than three actors of the tables, and is nobody's own document.
    """

    def __init__(self, topics: Topics, names: Names) -> None:
        self.names = names
        names_of_reforms = [frozenset(wording.stems) for _, wording in topics.wordings]
        names_of_packages = [stems(words) for package in topics.domain.packages for words in package.words]
        self.long: dict[str, set[frozenset[str]]] = defaultdict(set)
        """The longer names, as word stems, by the first of them."""
        for name in {*names_of_reforms, *names_of_packages}:
            if len(name) >= WORDS:
                self.long[min(name)].add(name)

    def __call__(self, article: Article, docs: Sequence[Doc]) -> bool:
        """Whether an article may hold a statement; `docs` are its text, with the names of reforms marked."""
        return (
            bool(article.voice)
            or any(len(doc.spans.get(REFORMS, ())) for doc in docs)
            or self.peopled(article.text)
            or self.worded(article.text)
        )

    def peopled(self, text: str) -> bool:
        """Whether several actors of the tables are named."""
        found = set()
        for named in self.names.find(text):
            found.add(named.actor)
            if len(found) >= ACTORS:
                return True
        return False

    def worded(self, text: str) -> bool:
        """Whether a paragraph holds all words of a longer name."""
        for start, end in lines(text):
            here = stems(text[start:end])
            if any(name <= here for word in here for name in self.long.get(word, ())):
                return True
        return False
