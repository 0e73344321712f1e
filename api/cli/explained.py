"""What extraction saw in an article and why, as lines of text for a terminal."""

import textwrap
from collections.abc import Iterator

from extract.judging.linear import Reason
from extract.measuring.explain import Considered, Explained, Explanation

WIDTH = 100
LEFT_OUT = "A run leaves this article out: it names no reform of the domain and fewer than three of its actors."


def told(explanation: Explanation) -> Iterator[str]:
    """Each sentence in somebody's voice with what it was taken for, its near misses, and the words of nobody known."""
    if explanation.left_out:
        yield LEFT_OUT
        yield ""
    for sentence in explanation.sentences:
        yield from _sentence(sentence)
        yield ""
    for words in explanation.unheard:
        mention = words.mention or "nobody who is named"
        yield f"nobody known · {words.start}-{words.end} · said by {mention}"
        yield from _wrapped(words.quote)
        yield ""


def _sentence(sentence: Explained) -> Iterator[str]:
    person = f" ({sentence.speaker})" if sentence.speaker else ""
    yield f"{sentence.actor_label}{person} · {sentence.manner} · {sentence.start}-{sentence.end}"
    yield from _wrapped(sentence.quote)
    if not sentence.considered:
        yield "    about no reform of the table"
    for considered in sentence.considered:
        yield from _considered(considered)


def _considered(considered: Considered) -> Iterator[str]:
    taken = str(considered.stance) if considered.stance is not None else "passed over"
    held = f"a statement {considered.statement:.2f}, a position {considered.position:.2f}"
    yield f"    {considered.reform}: {taken} ({held}, support {considered.support:.2f})"
    if considered.cues:
        yield f"      cues: {', '.join(f'{cue.text} ({cue.effect})' for cue in considered.cues)}"
    if considered.condition:
        yield f"      condition: {considered.condition}"
    for name, reasons in (("about it", considered.about), ("side", considered.side)):
        if reasons:
            yield f"      {name}: {', '.join(map(_reason, reasons))}"


def _reason(reason: Reason) -> str:
    return f"{reason.name} {reason.amount:+.2f}"


def _wrapped(quote: str) -> list[str]:
    return textwrap.wrap(f"“{' '.join(quote.split())}”", WIDTH, initial_indent="  ", subsequent_indent="  ")
