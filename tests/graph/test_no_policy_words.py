"""Code contains no word of the shipped policy area: another area is another folder."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from graph.domain.folder import Domain, read_domain
from graph.model import ActorKind

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "corpus" / "childrens-social-care"
PACKAGES = ("graph", "extract", "api")
ENDINGS = {".py", ".toml", ".html", ".rq", ".ttl", ".js", ".css", ".json", ".xml", ".txt"}

COMMON = 6
"""A word in this many wordings of reforms is a word of the area, unless every area has it."""
LETTERS = 4
SHORT = re.compile(r"\b[A-Z]{3,}(?=s?\b)")
"""An abbreviation."""
VOCABULARY = "tokenizer.json"
"""The vocabulary of an encoder holds all common words of English."""
ORDINARY = frozenset((Path(__file__).parent / "ordinary_words.txt").read_text(encoding="utf-8").split())
"""Words in the tables that every policy area has, or that the product needs."""
ANY_GOVERNMENT = frozenset({"the government", "uk government", "prime minister", "downing street"})
"""Complete names that are not specific to this area."""


class PolicyWords:
    """Words specific to a policy area: its phrases, common words, abbreviations and people."""

    def __init__(self, domain: Domain) -> None:
        reforms = [wording for reform in domain.reforms.values() for wording in (reform.label, *reform.aliases)]
        named = [actor for actor in domain.actors.values() if actor.kind is not ActorKind.GROUP]
        actors = [wording for actor in named for wording in (actor.label, *actor.aliases)]
        words = Counter(word for wording in reforms for word in set(_words(wording)))
        pairs = Counter(pair for wording in reforms for pair in set(pairwise(_words(wording))))
        self.words = {word for word, count in words.items() if count >= COMMON and len(word) >= LETTERS}
        self.words |= {wording.lower() for wording in reforms if wording.isalpha() and not SHORT.search(wording)}
        self.words -= ORDINARY
        self.phrases = {tuple(_words(w)) for w in (*reforms, *actors)} - {tuple(w.split()) for w in ANY_GOVERNMENT}
        self.phrases |= {pair for pair, count in pairs.items() if count >= COMMON and min(map(len, pair)) >= LETTERS}
        self.phrases = {phrase for phrase in self.phrases if len(phrase) > 1}
        # Match case: 'RCC' is a word of the area, the name of a variable is not.
        self.names = {short for wording in (*reforms, *actors) for short in re.findall(SHORT, wording)}
        self.names |= {
            actor.label.split()[-1]
            for actor in named
            if actor.kind is ActorKind.PERSON and len(actor.label.split()[-1]) > LETTERS
        }

    def found(self, text: str) -> Iterator[str]:
        """Yield those that occur in the text."""
        words = _words(text)
        yield from sorted(self.words.intersection(words))
        yield from sorted(self.names.intersection(re.findall(r"[^\W\d_]+", text)))
        longest = max(map(len, self.phrases), default=0)
        for start in range(len(words)):
            for end in range(start + 2, min(start + longest, len(words)) + 1):
                if tuple(words[start:end]) in self.phrases:
                    yield " ".join(words[start:end])


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", re.sub(r"['’]s?\b", "", text.lower()))


def files() -> list[Path]:
    return [
        p
        for name in PACKAGES
        for p in sorted((ROOT / name).rglob("*"))
        if p.is_file() and p.suffix in ENDINGS and p.name != VOCABULARY
    ]


@pytest.fixture(scope="module")
def policy_words() -> PolicyWords:
    return PolicyWords(read_domain(SHIPPED))


def test_there_is_something_to_look_for(policy_words: PolicyWords) -> None:
    assert len(policy_words.words) > 40
    assert len(policy_words.phrases) > 1000
    assert len(policy_words.names) > 100
    assert len(files()) > 30


@pytest.mark.parametrize("file", files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_code_contains_no_word_of_the_policy_area(policy_words: PolicyWords, file: Path) -> None:
    # The shipped domain is the default by the name of its folder.
    text = file.read_text(encoding="utf-8").replace(SHIPPED.name, "")

    assert list(policy_words.found(text)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("if reform == 'kinship': weight = 2", ["kinship"]),
        ("# foster carers' words", ["carers", "foster", "foster carers"]),
        ('NAMES = {"RCC"}', ["RCC"]),
        ("elif speaker.endswith('Jamieson')", ["Jamieson"]),
        ("phrase = 'regional care co-operatives'", ["regional care co operatives"]),
        ("social_work = True", ["social work"]),
        ("title = 'the Local Government Association’s view'", ["local government association"]),
        ("for child in token.children: care(child)  # rcc", []),
        ("The Government welcomed the fare cap, and the council opposed bus lanes.", []),
    ],
)
def test_a_planted_word_is_found(policy_words: PolicyWords, text: str, found: list[str]) -> None:
    assert set(found) <= set(policy_words.found(text))
    assert bool(found) == bool(list(policy_words.found(text)))
