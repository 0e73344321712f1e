"""Decide which reforms a passage is about: by name, by paraphrase or by what came before."""

import math
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

import spacy
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from extract.judging.stems import stems
from extract.lexicon import table
from extract.marking.gazetteer import ACTORS, REFORMS, Gazetteer, normal
from extract.marking.sections import headings
from graph.domain.folder import Domain
from graph.model import Reform

FAR = 4
"""Number of sentences back that 'this plan' may refer to."""


@dataclass(frozen=True)
class Wording:
    """One name of a reform, as word stems with the weight of each."""

    stems: Mapping[str, float]

    @cached_property
    def whole(self) -> float:
        """Weight of the whole name."""
        return math.fsum(self.stems.values())

    def cover(self, stems: Iterable[str]) -> float:
        """Return the share of the name that these words cover, by weight."""
        return math.fsum(self.stems[stem] for stem in stems if stem in self.stems) / self.whole if self.whole else 0.0


@dataclass(frozen=True, slots=True)
class Topic:
    """What is known about a reform before any article is read."""

    reform: Reform
    wordings: tuple[Wording, ...]
    name_stems: frozenset[str]
    definition: Mapping[str, float]
    takes_away: bool
    """Whether its name says that something is cut or ended, so that ending it means carrying the reform out."""
    proposers: frozenset[str]
    """Actors who own the plan, according to its label or definition."""


class Topics:
    """The reforms of a domain, prepared once."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        names = {id: [stems(name) for name in (reform.label, *reform.aliases)] for id, reform in domain.reforms.items()}
        definitions = {id: stems(reform.definition) for id, reform in domain.reforms.items()}
        spread: Counter[str] = Counter()
        for id in domain.reforms:
            spread.update(set().union(*names[id], definitions[id]))
        count = len(domain.reforms)
        self.telling = {stem: math.log(1 + count / times) for stem, times in spread.items()}
        removal = frozenset(table("stance")["removal"]["words"])
        gazetteer = Gazetteer(domain)
        self.topics = {
            id: Topic(
                reform=reform,
                wordings=tuple(Wording({stem: self.telling[stem] for stem in name}) for name in names[id] if name),
                name_stems=frozenset().union(*names[id]),
                definition={stem: self.telling[stem] for stem in definitions[id].union(*names[id])},
                takes_away=not removal.isdisjoint(normal(reform.label)),
                proposers=proposers(reform, domain, gazetteer),
            )
            for id, reform in domain.reforms.items()
        }
        self.by_stem: dict[str, set[str]] = defaultdict(set)
        for id, topic in self.topics.items():
            for word in topic.definition:
                self.by_stem[word].add(id)
        self.wordings = [(id, wording) for id, topic in self.topics.items() for wording in topic.wordings]
        self.wordings_by_stem: dict[str, list[int]] = defaultdict(list)
        for number, (_, wording) in enumerate(self.wordings):
            for word in wording.stems:
                self.wordings_by_stem[word].append(number)
        self.governments = frozenset(
            id
            for id, actor in domain.actors.items()
            if id == domain.government or not governing().isdisjoint(alias.lower() for alias in actor.aliases)
        )

    def worded(self, here: frozenset[str]) -> dict[str, float]:
        """Return, by reform, the share of its best name or definition that these stems cover (0 to 1, if above 0.2)."""
        rough: dict[int, float] = defaultdict(float)
        shared: dict[str, list[float]] = defaultdict(list)
        for word in here:
            for id in self.by_stem.get(word, ()):
                shared[id].append(self.telling[word])
            for number in self.wordings_by_stem.get(word, ()):
                rough[number] += self.telling[word]
        best: dict[str, float] = {}
        for number, held in rough.items():
            id, wording = self.wordings[number]
            # Half a name does not count. This check needs no exact sum.
            if held > 0.49 * wording.whole:
                best[id] = max(best.get(id, 0.0), wording.cover(here))
        found = {}
        for id in sorted(shared):
            name = best.get(id, 0.0)
            score = max(name if name > 0.5 else 0.0, min(1.0, math.fsum(shared[id]) / ENOUGH))
            if score > 0.2:
                found[id] = score
        return found

    def actor_named(self, name: str) -> str:
        """Return the id of the actor with this id, label or alias, or an empty string."""
        if name in self.domain.actors:
            return name
        wanted = normal(name)
        return next(
            (
                actor.id
                for actor in self.domain.actors.values()
                if wanted and any(normal(known) == wanted for known in (actor.label, *actor.aliases))
            ),
            "",
        )

    def above(self, actor: str) -> frozenset[str]:
        """Return the actor and every organisation it belongs to."""
        seen: set[str] = set()
        left = [actor]
        while left:
            id = left.pop()
            if id not in seen:
                seen.add(id)
                if id in self.domain.actors:
                    left += [membership.organisation for membership in self.domain.actors[id].member_of]
        return frozenset(seen)


@dataclass(frozen=True, slots=True)
class TargetSentence:
    """A sentence of an article and the reforms that it mentions."""

    span: Span
    start: int
    end: int
    length: int
    """Length in code points, without white space at either end."""
    paragraph: int
    stems: frozenset[str]
    named: Mapping[str, int]
    """By reform, the length in characters of its longest name here."""
    worded: Mapping[str, float]
    """By reform, the share of its best name or definition that occurs here, 0 to 1."""
    taken_up: bool
    """Whether it refers back ('this plan', 'it')."""
    package: bool
    """Whether it means all the reforms at once ('these reforms')."""


@dataclass
class Discourse:
    """The sentences of an article and the reforms that they are about."""

    doc: Doc
    topics: Topics
    date: str = ""
    sentences: list[TargetSentence] = field(default_factory=list)
    reforms_in: defaultdict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))
    """The names of reforms in each sentence."""
    actors_in: defaultdict[int, list[Span]] = field(default_factory=lambda: defaultdict(list))

    _around: dict[int, Mapping[str, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named: dict[int, dict[str, int]] = defaultdict(dict)
        text = self.doc.text
        spans = list(self.doc.sents)
        number = [index for index, span in enumerate(spans) for _ in range(span.start, span.end)]
        for span in self.doc.spans.get(REFORMS, ()):
            self.reforms_in[number[span.start]].append(span)
            here = named[number[span.start]]
            here[span.id_] = max(here.get(span.id_, 0), span.end_char - span.start_char)
        for span in self.doc.spans.get(ACTORS, ()):
            self.actors_in[number[span.start]].append(span)
        paragraph = -1
        after_gap = True
        for index, span in enumerate(spans):
            if after_gap:
                paragraph += 1
            words = text[span.start_char : span.end_char]
            after_gap = "\n" in words[len(words.rstrip()) :]
            self.sentences.append(self._sentence(span, words, paragraph, named[index]))

    def _sentence(self, span: Span, words: str, paragraph: int, named: Mapping[str, int]) -> TargetSentence:
        here = stems(words)
        worded = self.topics.worded(here)
        text = f" {' '.join(normal(words))} "
        return TargetSentence(
            span=span,
            start=span.start_char,
            end=span.end_char,
            length=len(words.strip()),
            paragraph=paragraph,
            stems=here,
            named=named,
            worded=worded,
            taken_up=bool(taken_up().search(text)),
            package=any(map(text.__contains__, self.package_words)),
        )

    @cached_property
    def _ends(self) -> list[int]:
        return [sentence.span.end_char for sentence in self.sentences]

    def first_after(self, place: int) -> int:
        """Return the number of the first sentence that ends after a place in the text."""
        return bisect_right(self._ends, place)

    @cached_property
    def weight(self) -> Mapping[str, float]:
        """Return each reform's share of all mentions in the article; the title counts three times."""
        return self._shares((index, 3.0 if index == 0 else 1.0) for index in range(len(self.sentences)))

    def weight_at(self, index: int) -> Mapping[str, float]:
        """Return the shares near a sentence if the article moves from reform to reform; else those of the article."""
        if not self.many:
            return self.weight
        if index not in self._around:
            near = [(i, FADES ** (index - i)) for i in range(max(0, index - WINDOW), index + 1)]
            if (heading := self.heading[index]) is not None:
                near.append((heading, 1.0))
            self._around[index] = self._shares(near)
        return self._around[index]

    def _shares(self, places: Iterable[tuple[int, float]]) -> Mapping[str, float]:
        sums: defaultdict[str, float] = defaultdict(float)
        for index, times in places:
            sentence = self.sentences[index]
            for id in sentence.named:
                sums[id] += times
            for id, score in sentence.worded.items():
                if id not in sentence.named and score > 0.6:
                    sums[id] += times * score * 0.5
        total = math.fsum(sums.values())
        return {id: value / total for id, value in sums.items()} if total else {}

    @cached_property
    def heading(self) -> list[int | None]:
        """Return, for each sentence, the number of the heading above it."""
        starts = {span.start_char for span in headings(self.doc)}
        above: list[int | None] = []
        last: int | None = None
        for index, sentence in enumerate(self.sentences):
            if sentence.span.start_char in starts:
                last = index
            above.append(last)
        return above

    @cached_property
    def many(self) -> bool:
        """Return whether the article covers many reforms, so that none of them is its topic."""
        return sum(share >= 0.02 for share in self.weight.values()) >= MANY

    @cached_property
    def owners(self) -> Mapping[str, float]:
        """Return the actors whose plans the article mentions ('the council's plans', 'unveiled by …'), with shares."""
        sums: Counter[str] = Counter()
        nouns = frozenset(table("stance")["anaphora"]["plans"])
        verbs = frozenset(table("stance")["anaphora"]["planning"])
        above = self.topics.above
        for mention in self.doc.spans.get(ACTORS, ()):
            head = mention.root
            after = self.doc[mention.end : mention.end + 4]
            owns = any(token.lemma_.lower() in nouns for token in after) and (
                (bool(after) and after[0].tag_ == "POS") or head.dep_ in ("compound", "amod", "poss", "nmod")
            )
            if not owns and head.dep_ in ("nsubj", "pobj"):
                verb = head.head.head if head.dep_ == "pobj" and head.head.dep_ == "agent" else head.head
                owns = verb.lemma_ in verbs and (head.dep_ == "nsubj" or head.head.dep_ == "agent")
            if owns:
                sums.update(above(mention.id_))
        total = max(sums.values(), default=0)
        return {id: count / total for id, count in sums.items()} if total else {}

    @cached_property
    def package(self) -> str | None:
        """Return the reform that 'these reforms' means here."""
        reform = self.topics.domain.package(self.date)
        return reform.id if reform else None

    @cached_property
    def package_words(self) -> tuple[str, ...]:
        """Wordings for the package, with a space at each end: those of the language and its own."""
        own = (
            words
            for package in self.topics.domain.packages
            if package.reform == self.package
            for words in package.words
        )
        return (*packages(), *(f" {' '.join(normal(words))} " for words in own))

    def candidates(self, index: int) -> set[str]:
        """Return the reforms that a sentence may be about."""
        sentence = self.sentences[index]
        found = set(sentence.named) | set(sentence.worded)
        if sentence.named and not sentence.taken_up and not sentence.package:
            # The name in a sentence outweighs what the article is mostly about.
            return found
        for before in self.sentences[max(0, index - FAR) : index]:
            found |= set(before.named)
        found |= {id for id, share in self.weight_at(index).items() if share >= 0.1}
        if self.package and (sentence.package or not sentence.named):
            found.add(self.package)
        return found

    def features(self, index: int, reform: str, *, passage: Iterable[int] = ()) -> dict[str, float]:
        """Return the evidence that a sentence is about a reform; `passage` holds the sentences of its passage."""
        sentence = self.sentences[index]
        longest = max(sentence.named.values(), default=0)
        found: dict[str, float] = {}
        if reform in sentence.named:
            found["named"] = 1.0
            found["longest name"] = float(sentence.named[reform] == longest)
        else:
            found["worded"] = sentence.worded.get(reform, 0.0)
            found["best worded"] = float(
                found["worded"] > 0.3 and found["worded"] >= max(sentence.worded.values(), default=0.0)
            )
            if longest:
                found["another named"] = 1.0
                if self._below(reform, sentence.named):
                    found["a narrower named"] = 1.0
            for back in range(1, FAR + 1):
                if back <= index and reform in self.sentences[index - back].named:
                    before = self.sentences[index - back]
                    same = before.paragraph == sentence.paragraph
                    found["named before"] = 1.0 / back
                    found["named before in the paragraph"] = float(same)
                    if sentence.taken_up:
                        found["taken up"] = 1.0 / back
                    break
                if back <= index and self.sentences[index - back].named:
                    found["another named since"] = 1.0
            if any(reform in self.sentences[i].named for i in passage if i != index):
                found["named in the passage"] = 1.0
        weight = self.weight_at(index)
        if self.many and reform not in sentence.named and reform != self.package:
            found["one of many, not named"] = 1.0
            found["one of many, not named, in a package"] = float(self.package is not None)
        share = weight.get(reform, 0.0)
        most = max(weight.values(), default=0.0)
        found["share"] = share
        found["prominence"] = share / most if most else 0.0
        found["main topic"] = float(share > 0 and share >= most)
        if self.sentences and (reform in self.sentences[0].named or self.sentences[0].worded.get(reform, 0.0) > 0.6):
            found["in the title"] = 1.0
        if reform == self.package:
            found["package"] = float(sentence.package)
            found["package, nothing else named"] = float(sentence.package and not set(sentence.named) - {reform})
            found["nothing named"] = float(not sentence.package and not sentence.named)
            found["nothing named, nothing before"] = float(
                not sentence.package and not any(self.sentences[i].named for i in range(max(0, index - 2), index + 1))
            )
        if found["main topic"] and sentence.taken_up and reform not in sentence.named:
            found["main topic taken up"] = 1.0
        return found

    def _below(self, reform: str, named: Iterable[str]) -> bool:
        reforms = self.topics.domain.reforms
        return any(reforms[id].broader == reform for id in named)


MANY = 6
"""Number of reforms that makes an article one about many."""
WINDOW = 6
"""Number of sentences for which a reform stays the topic in an article about many."""
FADES = 0.8
"""Weight of a sentence relative to the one that follows it."""
ENOUGH = 9.0
"""Total weight (log rarity) of words that links a sentence to a reform: four or five rare words."""


def proposers(reform: Reform, domain: Domain, gazetteer: Gazetteer) -> frozenset[str]:
    """Return the owners of a reform's plan, from its label, definition and aliases ("the council's plan", 'a plan of').

    Text in the definition about what is not part of the reform is ignored.
    """
    nouns = frozenset(table("stance")["plans"]["nouns"])
    links = frozenset(table("stance")["plans"]["links"])
    excludes = frozenset(table("stance")["plans"]["excludes"])
    parties = _parties(domain)
    found: set[str] = set()
    for clause in re.split(r"[.;:]\s", " ; ".join((reform.label, *reform.aliases, reform.definition))):
        words = _words(clause)
        lowered = [word.lower() for word in words]
        if not words or not excludes.isdisjoint(lowered):
            continue
        doc = gazetteer(Doc(blank(), words=words))
        named = [(span.start, span.end, span.id_) for span in doc.spans[ACTORS]]
        named += [(i, i + 1, parties[word]) for i, word in enumerate(words) if word in parties]
        for start, end, id in named:
            after = lowered[end : end + AFTER]
            stop = next(
                (i for i, word in enumerate(after) if word in links or (not word[0].isalnum() and word not in "'’")),
                AFTER,
            )
            before = lowered[max(0, start - AFTER) : start]
            linked = [i for i, word in enumerate(before) if word in links]
            if not nouns.isdisjoint(after[:stop]) or (linked and not nouns.isdisjoint(before[: linked[-1]])):
                found.add(id)
    return frozenset(found)


AFTER = 6
"""Words within which a plan must follow its owner."""


def _parties(domain: Domain) -> dict[str, str]:
    """Return the first word of an organisation's name, if people use it alone ('a Green plan')."""
    kinds = frozenset(table("stance")["parties"]["words"])
    first: dict[str, set[str]] = defaultdict(set)
    for actor in domain.actors.values():
        words = actor.label.split()
        if len(words) > 1 and words[0].istitle() and not kinds.isdisjoint(words[1:]):
            first[words[0]].add(actor.id)
    return {word: ids.pop() for word, ids in first.items() if len(ids) == 1}


def relation(actor: str, topic: Topic, discourse: "Discourse") -> dict[str, float]:
    """Return an actor's prior relation to a reform: its own plan, another's or a government's."""
    topics = discourse.topics
    above = topics.above(actor)
    found: dict[str, float] = {}
    if topic.proposers:
        own = not above.isdisjoint(topic.proposers) or any(actor in topics.above(id) for id in topic.proposers)
        found["own plan" if own else "another's plan"] = 1.0
    elif not above.isdisjoint(topics.governments):
        found["government"] = 1.0
    else:
        found["not government"] = 1.0
    if discourse.owners:
        share = max((discourse.owners.get(id, 0.0) for id in above), default=0.0)
        found["article: own plan"] = share
        found["article: another's plan"] = 1.0 - share
    return found


@cache
def blank() -> Vocab:
    """Return a vocabulary for texts that are not parsed."""
    return spacy.blank("en").vocab


def _words(text: str) -> list[str]:
    return re.findall(r"\w+|[^\w\s]", text)


@cache
def governing() -> frozenset[str]:
    """Names that a government goes by."""
    return frozenset(table("stance")["government"]["words"])


@cache
def packages() -> tuple[str, ...]:
    """Wordings that mean all the reforms at once, with a space at each end."""
    return tuple(f" {' '.join(normal(words))} " for words in table("stance")["anaphora"]["package"])


@cache
def taken_up() -> re.Pattern[str]:
    """Return whether a text refers back to something before it."""
    nouns = "|".join(re.escape(noun) + "s?" for noun in table("stance")["anaphora"]["nouns"])
    return re.compile(table("stance")["anaphora"]["back"].replace("{nouns}", nouns))
