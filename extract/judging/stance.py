"""Decide which side a passage takes on a reform, by weighing its cues after reversal."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from spacy.tokens import Span, Token

from extract.judging.cues import Hit, hits
from extract.judging.scope import Turned, condition, turned, turns
from extract.judging.stems import stem
from extract.judging.targets import Topic
from extract.lexicon import table
from extract.marking.gazetteer import normal
from graph.model import Cue

MOST = 3
"""Number of cues for one side above which further cues add nothing."""


@dataclass(frozen=True)
class StanceEvidence:
    """What the words of a passage say about a reform."""

    span: Span
    hits: Sequence[Hit]
    turned: Sequence[Turned]
    condition: Span | None
    asks: bool = False
    """Whether there is a question mark."""

    @cached_property
    def support(self) -> int:
        """Cues that support, after reversal."""
        return sum(cue.side > 0 for cue in self.turned)

    @cached_property
    def oppose(self) -> int:
        """Cues that oppose, after reversal."""
        return sum(cue.side < 0 for cue in self.turned)

    @cached_property
    def features(self) -> dict[str, float]:
        """Return the evidence by name: each group of cues, and the balance of the two sides."""
        found: Counter[str] = Counter()
        for cue in self.turned:
            found[cue.hit.group.name] += cue.side
        features = {name: float(max(-2, min(2, count))) for name, count in found.items()}
        features |= {hit.group.effect: 1.0 for hit in self.hits if not hit.group.side}
        features["balance on it"] = float(max(-MOST, min(MOST, sum(cue.side for cue in self.turned if cue.on_target))))
        judged = [cue for cue in self.turned if cue.hit.group.name in JUDGING]
        outright = sum(cue.side for cue in judged if cue.by_name)
        features["judged by name"] = float(max(-2, min(2, outright)))
        features["judged"] = float(max(-2, min(2, sum(cue.side for cue in judged))))
        features["balance"] = float(max(-MOST, min(MOST, self.support - self.oppose)))
        features["share"] = (self.support - self.oppose) / (self.support + self.oppose + 1)
        features["both sides"] = float(min(self.support, self.oppose, 2))
        features["any cue"] = float(bool(self.turned))
        if self.turned:
            features["first cue"] = float(self.turned[0].side)
            features["last cue"] = float(self.turned[-1].side)
        if "contrast" in features:
            features["both sides in contrast"] = float(bool(self.support and self.oppose))
        if turn := self._turn():
            before, after = turn
            if before and after:
                features["support, but then not" if before > after else "not, but then support"] = float(
                    before * after < 0
                )
            features["after the turn"] = float(max(-2, min(2, after)))
        if "demand" in features:
            judging = any(cue.hit.group.name in JUDGING for cue in self.turned)
            features["demand, no judgement"] = float(not judging)
            features["demand and judgement"] = float(judging)
        if self.asks:
            features["question"] = 1.0
        if self.condition is not None:
            features["has condition"] = 1.0
        return features

    def _turn(self) -> tuple[int, int] | None:
        """Return the balance before and after a contrast; 'While …,' contrasts at the comma that ends its clause."""
        doc = self.span.doc
        turn = next((hit for hit in self.hits if hit.group.effect == "contrast"), None)
        if turn is None:
            return None
        place = turn.start
        if not any(cue.hit.start < place for cue in self.turned):
            commas = (token.i for token in self.span if token.i > place and token.text == ",")
            place = next((i for i in commas if any(cue.hit.start < i for cue in self.turned)), place)
        elif doc[place].dep_ == "mark" and place > self.span.start:
            # '…, which while important, will not …': the words after the comma count.
            comma = next((token.i for token in self.span if token.i > place and token.text == ","), None)
            between = [cue for cue in self.turned if comma is not None and place < cue.hit.start < comma]
            if comma is not None and between:
                place = comma
        before = sum(cue.side for cue in self.turned if cue.hit.start < place)
        after = sum(cue.side for cue in self.turned if cue.hit.start > place)
        return before, after

    def cues(self) -> tuple[Cue, ...]:
        """Return the cues for the record, as they appear in the article."""
        doc = self.span.doc
        # A cue that is not reversed may still weigh less than its side; the record keeps this weight.
        effects = {
            (cue.hit.start, cue.hit.end): (
                "support" if cue.side > 0 else "oppose",
                -cue.hit.group.strength if cue.negated or cue.reversed else cue.hit.group.strength,
            )
            for cue in self.turned
        }
        found = []
        for hit in self.hits:
            effect, weight = effects.get((hit.start, hit.end), (hit.group.effect, 1.0))
            if not hit.group.side and hit.group.effect in ("hedge", "nothing"):
                continue
            # A cue passed over because it is not about the reform decided nothing.
            if hit.group.side and (hit.start, hit.end) not in effects:
                continue
            words = doc[hit.start : hit.end]
            found.append(Cue(text=words.text, start=words.start_char, end=words.end_char, effect=effect, weight=weight))
        return tuple(dict.fromkeys(found))


LONGEST = 300
"""Words above which a sentence is taken for a table, or for text without full stops."""
JUDGING = frozenset({"endorses", "rejects", "is pleased", "is worried", "is good", "is bad", "accuses", "warns"})
"""Groups of cues that express an opinion of a thing, and not what the thing does or needs."""


_Places = tuple[tuple[int, int], ...]


class Words:
    """A span read once for all the reforms that it may be about."""

    def __init__(self, span: Span, *, reforms: Iterable[Span] = (), actors: Iterable[Span] = ()) -> None:
        doc = span.doc
        span = span[:LONGEST]
        self.span = span
        self.hits = list(hits(span))
        self.turns = turns(doc, self.hits)
        self.actors = {i for name in actors for i in range(name.start, name.end)}
        self.reforms = [(name.id_, name.start, name.end) for name in reforms]
        tokens = list(span)
        self.taken_up = frozenset(token.i for token in tokens if _takes_up(token))
        self.forms: defaultdict[str, list[int]] = defaultdict(list)
        """Tokens by stem."""
        for token in tokens:
            if token.pos_ in TELLING:
                self.forms[stem(token.lower_)].append(token.i)
        self.condition = condition(span, self.hits)
        self.asks = any("?" in token.text for token in tokens)
        self._made: dict[tuple[_Places, frozenset[int], bool], StanceEvidence] = {}
        self._alike: dict[tuple[_Places, tuple[tuple[int, int, bool, bool], ...]], StanceEvidence] = {}

    def on(self, topic: Topic) -> StanceEvidence:
        """Return the evidence on a reform; words in the reform's name or in an actor's name do not count."""
        own = tuple((start, end) for id, start, end in self.reforms if id == topic.reform.id)
        words = frozenset(i for form in self.forms.keys() & topic.name_stems for i in self.forms[form])
        # Most reforms share no word with a sentence, and so get the same answer.
        if (key := (own, words, topic.takes_away)) not in self._made:
            self._made[key] = self._on(*key)
        return self._made[key]

    def _on(self, own: _Places, words: frozenset[int], takes_away: bool) -> StanceEvidence:
        named = set(self.actors)
        name: set[int] = set()
        for start, end in own:
            name.update(range(start, end))
            if end - start > 1:
                named.update(range(start, end))
        kept = [hit for hit in self.hits if hit.head not in named]
        about = turned(
            [turn for turn in self.turns if turn.hit.head not in named],
            takes_away=takes_away,
            name=name,
            target=self.taken_up | name,
            words=words.difference(hit.head for hit in kept),
        )
        alike = own, tuple((id(cue.hit), cue.side, cue.on_target, cue.by_name) for cue in about)
        if alike not in self._alike:
            self._alike[alike] = StanceEvidence(self.span, kept, about, self.condition, self.asks)
        return self._alike[alike]


TELLING = frozenset({"NOUN", "PROPN", "ADJ", "VERB"})


def _takes_up(token: Token) -> bool:
    if token.pos_ == "PRON":
        return token.lower_ in pronouns()
    return token.lemma_ in taking_up() and any(child.dep_ in ("det", "poss") for child in token.children)


def name_side(label: str) -> int:
    """Return the side that an actor's name expresses ('Opponents', 'Save the Night Bus'): 1, -1 or 0."""
    words = set(normal(label))
    side = table("stance")["names"]
    return int(not words.isdisjoint(side["support"])) - int(not words.isdisjoint(side["oppose"]))


@cache
def taking_up() -> frozenset[str]:
    """Nouns that refer back to a measure."""
    return frozenset(table("stance")["anaphora"]["nouns"])


@cache
def pronouns() -> frozenset[str]:
    """Pronouns that refer back to a measure."""
    return frozenset(table("stance")["anaphora"]["pronouns"])
