"""A passage is quoted only if it is verbatim in its article."""

import hashlib

import pytest

from graph.errors import NotVerbatim
from graph.proof import proof, proofs
from tests import factory


def test_a_passage_is_proved_by_the_digests_of_its_words_and_its_article() -> None:
    statement = factory.statement()

    proved = proof(statement, factory.article())

    assert proved.passage_sha256 == hashlib.sha256(statement.quote.encode()).hexdigest()
    assert proved.article_sha256 == hashlib.sha256(factory.TEXT.encode()).hexdigest()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (factory.TEXT.replace("welcomed", "Welcomed"), "differs from the quotation at its character 13"),
        (f"News. {factory.TEXT}", "begin at character 6"),
        ("", "ends before that, after 0 characters"),
        (factory.TEXT[:10], "differs from the quotation at its character 11"),
    ],
)
def test_a_passage_that_is_not_there_is_refused_with_the_reason(text: str, told: str) -> None:
    with pytest.raises(NotVerbatim, match=told):
        proof(factory.statement(), factory.article(text=text))


def test_each_statement_is_proved_or_refused() -> None:
    good = factory.statement()
    bad = factory.statement("Harbour Lines praised it.", actor="harbour-lines", actor_label="Harbour Lines")
    lost = factory.statement(article="gone")

    proved, refused = proofs([good, bad, lost], {"cap-news": factory.article()})

    assert list(proved) == [good.id]
    assert [(each.statement, each.actor_label) for each in refused] == [
        (bad.id, "Harbour Lines"),
        (lost.id, "City Council"),
    ]
    assert "is not stored" in refused[1].reason
