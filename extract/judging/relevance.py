"""Decide before parsing whether an article is about the domain: nine out of ten news articles are not."""

from collections import defaultdict
from collections.abc import Sequence

from spacy.tokens import Doc

from extract.judging.stems import stems
from extract.judging.targets import Topics
from extract.marking.gazetteer import REFORMS
from extract.marking.names import Names
from extract.marking.sections import lines
from graph.model import Article

ACTORS = 3
"""Number of different actors of the tables that makes an article relevant, even if it names no reform."""
WORDS = 3
"""Number of words in a name that makes a paragraph relevant, wherever in the paragraph the words occur."""


class Relevance:
    """Selects the articles that can contain a statement.

    An article cannot contain one if it names no reform, has no paragraph with all words of a longer name of a reform
    or package, names fewer than three actors of the tables, and is not an actor's own document.
    """

    def __init__(self, topics: Topics, names: Names) -> None:
        self.names = names
        names_of_reforms = [frozenset(wording.stems) for _, wording in topics.wordings]
        names_of_packages = [stems(words) for package in topics.domain.packages for words in package.words]
        self.long: dict[str, set[frozenset[str]]] = defaultdict(set)
        """The longer names, as word stems, by their first stem."""
        for name in {*names_of_reforms, *names_of_packages}:
            if len(name) >= WORDS:
                self.long[min(name)].add(name)

    def __call__(self, article: Article, docs: Sequence[Doc]) -> bool:
        """Return whether an article may contain a statement; `docs` are its text, with reform names marked."""
        return (
            bool(article.voice)
            or any(len(doc.spans.get(REFORMS, ())) for doc in docs)
            or self.peopled(article.text)
            or self.worded(article.text)
        )

    def peopled(self, text: str) -> bool:
        """Return whether several actors of the tables are named."""
        found = set()
        for named in self.names.find(text):
            found.add(named.actor)
            if len(found) >= ACTORS:
                return True
        return False

    def worded(self, text: str) -> bool:
        """Return whether a paragraph contains all words of a longer name."""
        for start, end in lines(text):
            here = stems(text[start:end])
            if any(name <= here for word in here for name in self.long.get(word, ())):
                return True
        return False
