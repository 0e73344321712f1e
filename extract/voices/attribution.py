"""An attribution, that is, words with the mention of their speaker, and an index of attributions by place."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Attribution:
    """Attributed words and the mention of their speaker, as tokens of a Doc; ends are exclusive."""

    pieces: list[tuple[int, int]]
    cue: tuple[int, int] | None = None
    mention: tuple[int, int] | None = None
    holder: int | None = None
    """Head of the noun phrase that names the speaker: the mention's own head, or the antecedent of its 'who'."""
    frame: str = ""
    quoted: bool = False
    follows: "Attribution | None" = field(default=None, repr=False)
    """The attribution that these floating words continue."""
    caption: tuple[int, int] | None = None
    """First and last paragraph that the words fill, if a line next to them may name the speaker."""


class Near:
    """An index of attributions by position, so that a search in a long text looks only at those nearby."""

    BLOCK = 64
    """Tokens in each block of the index."""

    def __init__(self, known: Iterable[Attribution]) -> None:
        self.numbers: dict[int, int] = {}
        self.blocks: defaultdict[int, dict[int, Attribution]] = defaultdict(dict)
        for attribution in known:
            self.add(attribution)

    def add(self, attribution: Attribution) -> Attribution:
        """Add an attribution, or index the new words of a known one."""
        number = self.numbers.setdefault(id(attribution), len(self.numbers))
        for start, end in attribution.pieces:
            for block in range(start // self.BLOCK, end // self.BLOCK + 1):
                self.blocks[block][number] = attribution
        return attribution

    def nested(self, attribution: Attribution) -> bool:
        """Return whether the speaker is mentioned within words that are attributed to another speaker."""
        mention = attribution.mention
        return mention is not None and any(
            other is not attribution and any(s <= mention[0] and mention[1] <= e for s, e in other.pieces)
            for other in self.blocks.get(mention[0] // self.BLOCK, {}).values()
        )

    def covering(self, start: int, end: int) -> Attribution | None:
        """Return the first attribution that covers at least 60% of these tokens, or None."""
        here = self.blocks.get((start + end) // 2 // self.BLOCK, {})
        for _, attribution in sorted(here.items(), key=lambda entry: entry[0]):
            if any(min(e, end) - max(s, start) >= 0.6 * (end - start) for s, e in attribution.pieces):
                return attribution
        return None
