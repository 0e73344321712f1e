"""What extraction found in an article and why, as lines of text for the terminal."""

import textwrap
from collections.abc import Iterator

from extract.judging.linear import Contribution
from extract.measuring.explain import Explained, ExplainedReform, Explanation

WIDTH = 100
LEFT_OUT = "Extraction skips this article: it names no reform of the domain and fewer than three of its actors."


def lines(explanation: Explanation) -> Iterator[str]:
    """Yield each attributed sentence with its judgements and near misses, then passages with no known speaker."""
    if explanation.left_out:
        yield LEFT_OUT
        yield ""
    for sentence in explanation.sentences:
        yield from _sentence(sentence)
        yield ""
    for words in explanation.unheard:
        mention = f"“{words.mention}”" if words.mention else "someone unnamed"
        yield f"unknown speaker · {words.start}-{words.end} · said by {mention}"
        yield from _wrapped(words.quote)
        yield ""


def _sentence(sentence: Explained) -> Iterator[str]:
    person = f" ({sentence.speaker})" if sentence.speaker else ""
    yield f"{sentence.actor_label}{person} · {sentence.manner} · {sentence.start}-{sentence.end}"
    yield from _wrapped(sentence.quote)
    if not sentence.considered:
        yield "    about no reform in the table"
    for considered in sentence.considered:
        yield from _considered(considered)


def _considered(considered: ExplainedReform) -> Iterator[str]:
    taken = str(considered.stance) if considered.stance is not None else "not a statement"
    likely = f"statement {considered.statement:.2f}, position {considered.position:.2f}"
    yield f"    {considered.reform}: {taken} ({likely}, support {considered.support:.2f})"
    if considered.cues:
        yield f"      cues: {', '.join(f'{cue.text} ({cue.effect})' for cue in considered.cues)}"
    if considered.condition:
        yield f"      condition: {considered.condition}"
    for name, reasons in (("relevance", considered.about), ("side", considered.side)):
        if reasons:
            yield f"      {name}: {', '.join(map(_reason, reasons))}"


def _reason(reason: Contribution) -> str:
    return f"{reason.name} {reason.amount:+.2f}"


def _wrapped(quote: str) -> list[str]:
    return textwrap.wrap(f"“{' '.join(quote.split())}”", WIDTH, initial_indent="  ", subsequent_indent="  ")
