"""An explanation shows what was taken for what, and why: in the terminal and as a page."""

import html
import re
from dataclasses import replace

from api.cli.explained import LEFT_OUT, told
from api.cli.explained_page import page
from extract.judging.linear import Reason
from extract.measuring.explain import Considered, Explained, Explanation, Mention, Unheard
from graph.model import Article, Cue, Manner, Stance

TEXT = "Harbour Lines rejected the fare cap.\n\nToo dear & <b>late</b>, she said."


def considered(stance: Stance | None) -> Considered:
    return Considered(
        reform="fare-cap",
        stance=stance,
        statement=0.9,
        position=0.8,
        support=0.2,
        about=(Reason(name="named", amount=2.0),),
        side=(Reason(name="rejects", amount=-1.5),),
        cues=(Cue(text="rejected", start=14, end=22, effect="oppose"),),
        condition=None,
    )


def explanation(*taken: Considered) -> Explanation:
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


def shown(*taken: Considered, text: str = TEXT, title: str = "A <cap>") -> str:
    return page(Article(id="cap-news", text=text, title=title), explanation(*taken), {"fare-cap": "Fare cap"})


def in_words(part: str) -> str:
    """A piece of a page without its tags."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", part)).split())


def test_a_statement_is_told_with_its_cues_and_reasons() -> None:
    lines = "\n".join(told(explanation(considered(Stance.OPPOSE))))
    assert "Harbour Lines (Ada Quill) · reported · 0-36" in lines
    assert "fare-cap: oppose (a statement 0.90, a position 0.80, support 0.20)" in lines
    assert "cues: rejected (oppose)" in lines
    assert "side: rejects -1.50" in lines


def test_a_near_miss_is_told_as_passed_over() -> None:
    assert any("fare-cap: passed over" in line for line in told(explanation(considered(None))))


def test_words_of_nobody_known_are_told() -> None:
    assert "nobody known · 40-50 · said by she" in list(told(explanation()))


def test_an_article_that_a_run_leaves_out_is_told_so() -> None:
    assert next(told(replace(explanation(), left_out=True))) == LEFT_OUT
    assert LEFT_OUT not in list(told(explanation()))


def test_the_page_marks_the_text_in_place() -> None:
    made = shown(considered(Stance.OPPOSE))
    text = made[made.index('<div class="text"') : made.index("</section>")]
    assert in_words(text) == "1Harbour Lines rejected the fare cap. Too dear & <b>late</b>, she said."
    assert (
        '<mark class="oppose"><span class="speaker" title="speaker: Harbour Lines">Harbour Lines</span></mark>' in text
    )
    assert '<span class="reform" title="reform: Fare cap">fare cap</span>' in text
    assert 'class="cue" title="cue: oppose">' in text


def test_the_page_tells_why() -> None:
    why = in_words(shown(considered(Stance.OPPOSE)).split('<h2 id="why">')[1])
    assert "Harbour Lines (Ada Quill), reported" in why
    assert "Fare cap: oppose" in why
    assert "A statement 90 %, a position 80 %, support rather than opposition 20 %." in why
    assert "Cues: “rejected” (oppose)." in why
    assert "Side: rejects -1.50." in why
    assert "she: “Too dear.”" in why


def test_the_page_tells_near_misses() -> None:
    made = shown(considered(None))
    assert '<mark class="near">' in made
    assert "Fare cap: passed over" in in_words(made)


def test_nothing_of_an_article_becomes_part_of_the_page() -> None:
    made = shown(considered(Stance.OPPOSE))
    assert "<b>" not in made
    assert "A &lt;cap&gt;" in made
    assert "<script" not in made
    assert "default-src 'none'" in made


def test_an_article_without_words_has_a_page() -> None:
    made = page(Article(id="empty", text=""), Explanation(article="empty", sentences=(), unheard=(), left_out=True), {})
    assert LEFT_OUT in in_words(made)
    assert "Nobody who could be told speaks here." in in_words(made)
