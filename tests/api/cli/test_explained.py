"""An explanation shows how each sentence was read and why, in the terminal and as a page."""

import html
import re
from dataclasses import replace

from api.cli.explained import LEFT_OUT, lines
from api.cli.explained_page import page
from extract.judging.linear import Contribution
from extract.measuring.explain import Explained, ExplainedReform, Explanation, Mention, Unheard
from graph.model import Article, Cue, Manner, Stance

TEXT = "Harbour Lines rejected the fare cap.\n\nToo dear & <b>late</b>, she said."


def considered(stance: Stance | None) -> ExplainedReform:
    return ExplainedReform(
        reform="fare-cap",
        stance=stance,
        statement=0.9,
        position=0.8,
        support=0.2,
        about=(Contribution(name="named", amount=2.0),),
        side=(Contribution(name="rejects", amount=-1.5),),
        cues=(Cue(text="rejected", start=14, end=22, effect="oppose"),),
        condition=None,
    )


def explanation(*taken: ExplainedReform) -> Explanation:
    sentence = Explained(
        start=0,
        end=36,
        quote="Harbour Lines rejected the fare cap.",
        actor="harbour-lines",
        actor_label="Harbour Lines",
        speaker="Ada Quill",
        manner=Manner.REPORTED,
        considered=taken,
    )
    unheard = Unheard(start=40, end=50, quote="Too dear.", mention="she")
    mentions = (
        Mention(start=0, end=13, kind="speaker", label="Harbour Lines"),
        Mention(start=27, end=35, kind="reform", label="Fare cap"),
    )
    return Explanation(article="cap-news", sentences=(sentence,), unheard=(unheard,), mentions=mentions)


def shown(*taken: ExplainedReform, text: str = TEXT, title: str = "A <cap>") -> str:
    return page(Article(id="cap-news", text=text, title=title), explanation(*taken), {"fare-cap": "Fare cap"})


def in_words(part: str) -> str:
    """Return part of a page without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split())


def test_a_statement_is_shown_with_its_cues_and_reasons() -> None:
    text = "\n".join(lines(explanation(considered(Stance.OPPOSE))))
    assert "Harbour Lines (Ada Quill) · reported · 0-36" in text
    assert "fare-cap: oppose (statement 0.90, position 0.80, support 0.20)" in text
    assert "cues: rejected (oppose)" in text
    assert "side: rejects -1.50" in text


def test_a_near_miss_is_shown_as_no_statement() -> None:
    assert any("fare-cap: not a statement" in line for line in lines(explanation(considered(None))))


def test_words_of_an_unknown_speaker_are_shown() -> None:
    assert "unknown speaker · 40-50 · said by “she”" in list(lines(explanation()))


def test_an_article_that_extraction_skips_is_marked() -> None:
    assert next(lines(replace(explanation(), left_out=True))) == LEFT_OUT
    assert LEFT_OUT not in list(lines(explanation()))


def test_the_page_marks_the_text_in_place() -> None:
    made = shown(considered(Stance.OPPOSE))
    text = made[made.index('<div class="text"') : made.index("</section>")]
    assert in_words(text) == "1Harbour Lines rejected the fare cap. Too dear & <b>late</b>, she said."
    assert (
        '<mark class="oppose"><span class="speaker" title="speaker: Harbour Lines">Harbour Lines</span></mark>' in text
    )
    assert '<span class="reform" title="reform: Fare cap">fare cap</span>' in text
    assert 'class="cue" title="cue: oppose">' in text


def test_the_page_gives_reasons() -> None:
    why = in_words(shown(considered(Stance.OPPOSE)).split('<h2 id="why">')[1])
    assert "Harbour Lines (Ada Quill), reported" in why
    assert "Fare cap: oppose" in why
    assert "A statement 90 %, a position 80 %, support rather than opposition 20 %." in why
    assert "Cues: “rejected” (oppose)." in why
    assert "Side: rejects -1.50." in why
    assert "she: “Too dear.”" in why


def test_the_page_shows_near_misses() -> None:
    made = shown(considered(None))
    assert '<mark class="near">' in made
    assert "Fare cap: passed over" in in_words(made)


def test_markup_in_an_article_is_escaped() -> None:
    made = shown(considered(Stance.OPPOSE))
    assert "<b>" not in made
    assert "A &lt;cap&gt;" in made
    assert "<script" not in made
    assert "default-src 'none'" in made


def test_an_article_without_words_has_a_page() -> None:
    made = page(Article(id="empty", text=""), Explanation(article="empty", sentences=(), unheard=(), left_out=True), {})
    assert LEFT_OUT in in_words(made)
    assert "No sentence here has an identifiable speaker." in in_words(made)
