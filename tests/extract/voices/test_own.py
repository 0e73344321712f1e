"""Whose own document an article is, if its text shows that clearly."""

import pytest

from extract.voices.own import owned, owner, speaks, unowned
from extract.voices.passages import names_of
from graph.model import Article
from tests import factory

WE = "We welcome the fare cap. Our members have asked for it for years. We will say more in May."
NEWS = "The council said it welcomed the fare cap. Ministers will decide in May."


def of(*, text: str, publisher: str = "", voice: str = "") -> str | None:
    domain = factory.domain()
    found = owner(Article(id="a", text=text, publisher=publisher, voice=voice), names_of(domain), domain)
    return found.name if found else None


def test_sentences_with_we_are_counted_outside_quotations() -> None:
    assert speaks(WE) == 3
    assert speaks('"We welcome it," she said. "Our members do too."') == 0


def test_a_declared_voice_stays() -> None:
    assert of(text=NEWS, voice="council") == "council"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"text": WE, "publisher": "City Council"}, "council"),
        ({"text": f"Written evidence submitted by the City Council\n\n{WE}"}, "council"),
        ({"text": f"City Council\n\n{WE}"}, "council"),
        ({"text": f"Response from the Ferry Passengers' League\n\n{WE}"}, "Ferry Passengers' League"),
        ({"text": WE, "publisher": "Ferry Passengers' League"}, "Ferry Passengers' League"),
        ({"text": WE, "publisher": "The Harbour Gazette"}, None),
        ({"text": NEWS, "publisher": "Ferry Passengers' League"}, None),
        ({"text": f"The fare cap\n\n{NEWS}"}, None),
    ],
)
def test_the_owner_is_inferred_or_left_open(fields: dict[str, str], name: str | None) -> None:
    assert of(**fields) == name


def test_an_article_takes_the_voice_that_was_inferred() -> None:
    domain = factory.domain()
    article = Article(id="a", text=WE, publisher="City Council")
    assert owned(article, owner(article, names_of(domain), domain)).voice == "council"


@pytest.mark.parametrize(
    ("text", "publisher", "voice", "open_"),
    [
        (WE, "", "", True),
        (WE, "City Council", "", False),
        (WE, "", "council", False),
        (NEWS, "", "", False),
    ],
)
def test_it_may_stay_open_who_we_is(text: str, publisher: str, voice: str, *, open_: bool) -> None:
    domain = factory.domain()
    article = Article(id="a", text=text, publisher=publisher, voice=voice)
    assert unowned(article, names_of(domain), domain) is open_
