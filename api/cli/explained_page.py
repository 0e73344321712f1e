"""What extraction found in an article and why, as one self-contained HTML page with the text marked in place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from api.cli.explained import LEFT_OUT
from api.showing.marking import BETWEEN_PARAGRAPHS
from api.showing.rendering import environment
from extract.measuring.explain import Explained, Explanation
from graph.model import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A stretch of text with the same marks from start to end."""

    text: str
    verdict: str = ""
    """The verdict on its sentence, or '' if the sentence is not attributed to an actor."""
    begins: tuple[int, ...] = ()
    """Numbers of the sentences that start here."""
    kinds: tuple[str, ...] = ()
    """Other marks: speaker, reform, cue."""
    titles: str = ""
    """Which speaker, reform or cue the words were read as."""


def page(article: Article, explanation: Explanation, reforms: Mapping[str, str]) -> str:
    """Return the page as HTML; `reforms` maps ids to labels."""
    text = list(_paragraphs(article.text, explanation))
    made: str = (
        environment()
        .get_template("explained.html")
        .render(
            article=article,
            explanation=explanation,
            paragraphs=text,
            reforms=reforms,
            verdict=verdict,
            left_out=LEFT_OUT if explanation.left_out else "",
            statements=sum(
                each.stance is not None for sentence in explanation.sentences for each in sentence.considered
            ),
        )
    )
    return made


def verdict(sentence: Explained) -> str:
    """Return the stance of a sentence's likeliest statement, `near` for a near miss, or `none`."""
    taken = [str(considered.stance) for considered in sentence.considered if considered.stance is not None]
    return taken[0] if taken else "near" if sentence.considered else "none"


def _paragraphs(text: str, explanation: Explanation) -> Iterator[list[Piece]]:
    at = 0
    for gap in [*((m.start(), m.end()) for m in BETWEEN_PARAGRAPHS.finditer(text)), (len(text), len(text))]:
        if made := list(_pieces(text, at, gap[0], explanation)):
            yield made
        at = gap[1]


def _pieces(text: str, start: int, end: int, explanation: Explanation) -> Iterator[Piece]:
    sentences = [
        (number, each) for number, each in enumerate(explanation.sentences, 1) if each.start < end and start < each.end
    ]
    words: list[tuple[int, int, str, str]] = [
        (m.start, m.end, m.kind, m.label) for m in explanation.mentions if m.start < end and start < m.end
    ]
    words += sorted(
        {
            (cue.start, cue.end, "cue", cue.effect)
            for _, sentence in sentences
            for considered in sentence.considered
            for cue in considered.cues
        }
    )
    places = [(each.start, each.end) for _, each in sentences] + [(low, high) for low, high, _, _ in words]
    edges = sorted({start, end, *(min(max(edge, start), end) for place in places for edge in place)})
    for low, high in pairwise(edges):
        around = [(number, each) for number, each in sentences if each.start <= low and high <= each.end]
        here = [(kind, label) for first, last, kind, label in words if first <= low and high <= last]
        yield Piece(
            text=text[low:high],
            verdict=_likeliest([verdict(each) for _, each in around]),
            begins=tuple(number for number, each in around if max(each.start, start) == low),
            kinds=tuple(sorted({kind for kind, _ in here})),
            titles="; ".join(dict.fromkeys(f"{kind}: {label}" for kind, label in here)),
        )


def _likeliest(verdicts: Sequence[str]) -> str:
    return min(verdicts, key=lambda each: (each == "none", each == "near"), default="")
