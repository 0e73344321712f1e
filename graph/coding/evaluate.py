"""Compare found statements with annotated ones: overall, at each stage, and case by case."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from pathlib import Path
from typing import Any

from graph.domain.folder import Domain
from graph.errors import BadStatement
from graph.model import Actor, Stance, Statement, combine


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A hand-annotated statement."""

    article: str
    actor: str
    """Id of the actor if a table has it, otherwise a normalised name."""
    actor_label: str
    speaker: str | None
    reform: str
    stance: Stance
    quote: str
    concerns: tuple[str, ...] = ()
    clear: bool = True
    """Whether any careful reader would annotate the same."""
    id: str = ""
    """Id of the statement, if the annotation is one of the domain's hand coding."""


def annotations(path: Path, domain: Domain) -> list[Annotation]:
    """Read the annotated statements of a JSONL file. Raises BadStatement with file and line."""
    names = actor_names(domain)
    found = []
    with path.open(encoding="utf-8", newline="\n") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                found.append(_annotation(json.loads(line), names))
            except KeyError as error:
                raise BadStatement(f"{path}:{number}: an annotated statement lacks {error}") from error
            except (TypeError, ValueError) as error:
                raise BadStatement(f"{path}:{number}: not an annotated statement: {error}") from error
    return found


def _annotation(fields: Mapping[str, Any], names: Mapping[str, str]) -> Annotation:
    label = str(fields["actor"])
    return Annotation(
        article=str(fields["article"]),
        actor=names.get(comparable(label), comparable(label)),
        actor_label=label,
        speaker=fields.get("speaker"),
        reform=str(fields["reform"]),
        stance=Stance(fields["stance"]),
        quote=str(fields["quote"]),
        concerns=tuple(fields.get("concerns") or ()),
        clear=fields.get("certainty", "clear") == "clear",
    )


def actor_names(domain: Domain) -> dict[str, str]:
    """Return the id for each normalised name of each actor of a domain."""
    return names_of(domain.actors.values())


def names_of(actors: Iterable[Actor]) -> dict[str, str]:
    """Return the id for each normalised name of these actors; ids go before labels, and labels before aliases."""
    names: dict[str, str] = {}
    ordered = sorted(actors, key=lambda actor: actor.id)
    for names_in in (lambda it: (it.id,), lambda it: (it.label,), lambda it: sorted(it.aliases)):
        for actor in ordered:
            for name in names_in(actor):
                names.setdefault(comparable(name), actor.id)
    return names


def comparable(name: str) -> str:
    """Return a name without what varies between writers: case, article and punctuation."""
    text = unicodedata.normalize("NFKC", name).lower().replace("’", "'").replace("‘", "'").strip()
    text = re.sub(r"^(the|some|many|other)\s+", "", text)
    return re.sub(r"[^a-z0-9' ]+", " ", text).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Precision and recall, from counts."""

    right: int
    found: int
    reached: int
    annotated: int

    @property
    def precision(self) -> float:
        """Share of what was found that is right, or 0 if nothing was found."""
        return self.right / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the annotations that were found, or 0 if there are none."""
        return self.reached / self.annotated if self.annotated else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The scores of found statements against annotated ones."""

    position: Measure
    """One case per article, actor and reform: the side of all its statements together; neutral does not count."""
    pair: Measure
    """The same without the side."""
    statement: Measure
    """One case per passage, by article, actor, reform, stance and place."""
    stance_accuracy: float
    """Share of pairs with the right side, among those found and clearly annotated."""


Pair = tuple[str, str, str]
"""Article, actor, reform."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPositions:
    """The positions in both files."""

    found: Mapping[Pair, Stance]
    """Found positions, without neutral ones."""
    accepted: Mapping[Pair, frozenset[Stance]]
    """Every annotated pair, with the sides that count as right."""
    clear: Mapping[Pair, Stance]
    """Pairs that any careful reader would annotate."""

    def wrong(self) -> list[Pair]:
        """Pairs found that are not annotated, or are annotated with another side."""
        return [
            pair
            for pair, stance in self.found.items()
            if pair not in self.accepted
            or (pair in self.clear and stance not in self.accepted[pair])
            or (pair not in self.clear and self.accepted[pair] == {Stance.NEUTRAL})
        ]

    def loose(self) -> list[Pair]:
        """Pairs found with a side that annotators did not choose, where they may differ: neither right nor wrong."""
        return [
            pair
            for pair, stance in self.found.items()
            if pair in self.accepted
            and pair not in self.clear
            and stance not in self.accepted[pair]
            and self.accepted[pair] != {Stance.NEUTRAL}
        ]

    def hit(self) -> list[Pair]:
        """Pairs clearly annotated and found with the right side."""
        return [pair for pair in self.clear if self.found.get(pair) in self.accepted[pair]]


def sides(annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str]) -> SharedPositions:
    """Return the positions of annotated and found statements."""
    by_pair: dict[Pair, list[Annotation]] = defaultdict(list)
    for annotation in annotated:
        by_pair[annotation.article, annotation.actor, annotation.reform].append(annotation)
    stances: dict[Pair, list[Stance]] = defaultdict(list)
    for statement in found:
        stances[statement.article, actor_of(statement, names), statement.reform].append(statement.stance)
    accepted, clear = {}, {}
    for pair, group in by_pair.items():
        sure = [annotation.stance for annotation in group if annotation.clear]
        possible = {combine(annotation.stance for annotation in group)}
        if sure:
            possible.add(combine(sure))
            if combine(sure) is not Stance.NEUTRAL:
                clear[pair] = combine(sure)
        accepted[pair] = frozenset(possible)
    combined = {pair: combine(group) for pair, group in stances.items()}
    return SharedPositions(
        found={pair: stance for pair, stance in combined.items() if stance is not Stance.NEUTRAL},
        accepted=accepted,
        clear=clear,
    )


def scores(annotated: Sequence[Annotation], found: Sequence[Statement], names: Mapping[str, str]) -> Scores:
    """Score found statements against annotated ones; `names` is the result of `actor_names`."""
    both = sides(annotated, found, names)
    wrong, loose, hit = both.wrong(), both.loose(), both.hit()
    near = [pair for pair in both.clear if pair in both.found]
    counted = len(both.found) - len(loose)
    sided = [annotation for annotation in annotated if annotation.stance is not Stance.NEUTRAL]
    taken = [statement for statement in found if statement.stance is not Stance.NEUTRAL]
    by_key = _by_key(sided)
    sure = [annotation for annotation in sided if annotation.clear]
    return Scores(
        position=Measure(right=counted - len(wrong), found=counted, reached=len(hit), annotated=len(both.clear)),
        pair=Measure(
            right=sum(pair in both.accepted for pair in both.found),
            found=len(both.found),
            reached=len(near),
            annotated=len(both.clear),
        ),
        statement=Measure(
            right=sum(right(statement, by_key, names) for statement in taken),
            found=len(taken),
            reached=len(sure) - len(missed(annotated, found, names)),
            annotated=len(sure),
        ),
        stance_accuracy=len(hit) / len(near) if near else 0.0,
    )


def missed(annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str]) -> list[Annotation]:
    """Return the clear annotations with a side that no found statement matches in place and side."""
    said: dict[Key, list[Statement]] = defaultdict(list)
    for statement in found:
        said[statement.article, actor_of(statement, names), statement.reform, statement.stance].append(statement)
    return [
        each
        for each in annotated
        if each.clear
        and each.stance is not Stance.NEUTRAL
        and not any(
            overlap(each.quote, statement.quote)
            for statement in said.get((each.article, each.actor, each.reform, each.stance), ())
        )
    ]


def false(annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str]) -> list[Statement]:
    """Return the found statements with a side that no annotation matches in place and side."""
    sided = (annotation for annotation in annotated if annotation.stance is not Stance.NEUTRAL)
    taken = (statement for statement in found if statement.stance is not Stance.NEUTRAL)
    return [statement for statement, well in judged(sided, taken, names) if not well]


Key = tuple[str, str, str, Stance]


def _by_key(annotated: Iterable[Annotation]) -> Mapping[Key, Sequence[Annotation]]:
    found: dict[Key, list[Annotation]] = defaultdict(list)
    for annotation in annotated:
        found[annotation.article, annotation.actor, annotation.reform, annotation.stance].append(annotation)
    return found


def right(statement: Statement, by_key: Mapping[Key, Sequence[Annotation]], names: Mapping[str, str]) -> bool:
    """Return whether an annotation matches this statement in place and side."""
    key = statement.article, actor_of(statement, names), statement.reform, statement.stance
    return any(overlap(annotation.quote, statement.quote) for annotation in by_key.get(key, ()))


def actor_of(statement: Statement, names: Mapping[str, str]) -> str:
    """Return the actor of a found statement in the form that annotations use."""
    return annotated_as(statement.actor, statement.actor_label, names)


def annotated_as(actor: str, label: str, names: Mapping[str, str]) -> str:
    """Return an actor in the form that annotations use: by id, by label, otherwise by normalised name."""
    for name in (actor, label):
        if comparable(name) in names:
            return names[comparable(name)]
    return comparable(label or actor)


def overlap(one: str, other: str) -> bool:
    """Return whether two passages match: one contains the other, or they share most of the shorter one."""
    short, long = sorted((comparable(one), comparable(other)), key=len)
    if not short:
        return False
    if short in long:
        return True
    words, others = short.split(), long.split()
    if len(set(words) & set(others)) < 0.6 * len(set(words)):
        return False
    return not _threes(words).isdisjoint(_threes(others))


def _threes(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[place : place + 3]) for place in range(len(words) - 2)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How many annotated statements reach each stage; each count includes the next."""

    annotated: int
    passage: int
    """Those in a passage that was found, with any speaker."""
    speaker: int
    reform: int
    stance: int

    def lost(self) -> Mapping[str, int]:
        """Return how many are lost at each stage."""
        return {
            "passage": self.annotated - self.passage,
            "speaker": self.passage - self.speaker,
            "reform": self.speaker - self.reform,
            "stance": self.reform - self.stance,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiced:
    """A sentence in a speaker's voice that extraction found, with the fields of a passage that the stages use."""

    article: str
    actor: str
    quote: str


def stages(
    annotated: Iterable[Annotation],
    voiced: Iterable[Voiced],
    found: Iterable[Statement],
    names: Mapping[str, str],
) -> Stages:
    """Count the annotated statements that each stage loses."""
    voices: dict[str, list[Voiced]] = defaultdict(list)
    for voice in voiced:
        voices[voice.article].append(voice)
    statements: dict[Pair, list[Statement]] = defaultdict(list)
    for statement in found:
        statements[statement.article, actor_of(statement, names), statement.reform].append(statement)
    counts = [0] * 5
    for annotation in annotated:
        here = [voice for voice in voices[annotation.article] if overlap(annotation.quote, voice.quote)]
        same = [
            statement
            for statement in statements.get((annotation.article, annotation.actor, annotation.reform), ())
            if overlap(annotation.quote, statement.quote)
        ]
        speaker = bool(same) or any(
            names.get(comparable(voice.actor), comparable(voice.actor)) == annotation.actor for voice in here
        )
        reached = [
            True,
            bool(here) or speaker,
            speaker,
            bool(same),
            any(statement.stance is annotation.stance for statement in same),
        ]
        for stage, passed in enumerate(reached):
            counts[stage] += passed
    return Stages(annotated=counts[0], passage=counts[1], speaker=counts[2], reform=counts[3], stance=counts[4])


def grouped(
    annotated: Iterable[Annotation],
    found: Iterable[Statement],
    names: Mapping[str, str],
    *,
    by: str,
) -> Iterator[tuple[str, Scores]]:
    """Score each article, actor or reform; `by` is 'article', 'actor' or 'reform'."""
    marks: dict[str, tuple[list[Annotation], list[Statement]]] = defaultdict(lambda: ([], []))
    for annotation in annotated:
        marks[getattr(annotation, by)][0].append(annotation)
    for statement in found:
        key = actor_of(statement, names) if by == "actor" else getattr(statement, by)
        marks[key][1].append(statement)
    for key, (gold, said) in sorted(marks.items()):
        yield key, scores(gold, said, names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """Statements of one kind, and how many of them match an annotation."""

    name: str
    found: int
    right: int

    @property
    def share(self) -> float:
        """Share of them that is right, or 0 if there are none."""
        return self.right / self.found if self.found else 0.0


def by_manner(annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str]) -> list[Share]:
    """Return, for each manner, how many found statements are right; annotations do not record the manner."""
    by_key = _by_key(annotated)
    marks: dict[str, list[bool]] = defaultdict(list)
    for statement in found:
        marks[statement.manner].append(right(statement, by_key, names))
    return [Share(name=name, found=len(marked), right=sum(marked)) for name, marked in sorted(marks.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDifference:
    """Statements of a run that another run lacks."""

    gained: tuple[Statement, ...]
    lost: tuple[Statement, ...]


def changes(before: Iterable[Statement], after: Iterable[Statement]) -> RunDifference:
    """List what a change gained and lost; a statement with a new stance counts as both."""
    old = {(statement.id, statement.stance): statement for statement in before}
    new = {(statement.id, statement.stance): statement for statement in after}
    return RunDifference(
        gained=tuple(statement for key, statement in new.items() if key not in old),
        lost=tuple(statement for key, statement in old.items() if key not in new),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Statements of similar confidence."""

    low: float
    high: float
    found: int
    right: int
    mean: float
    """Mean of their confidence."""

    @property
    def share(self) -> float:
        """Share of them that is right."""
        return self.right / self.found if self.found else 0.0


def calibration(
    annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str], *, bins: int = 10
) -> list[Bin]:
    """Return how often statements of each confidence are right."""
    by_key = _by_key(annotated)
    marks: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for statement in found:
        place = min(bins - 1, int(statement.confidence * bins))
        marks[place].append((statement.confidence, right(statement, by_key, names)))
    return [
        Bin(
            low=place / bins,
            high=(place + 1) / bins,
            found=len(marked),
            right=sum(well for _, well in marked),
            # Exact, so that the order of the statements does not matter.
            mean=fsum(confidence for confidence, _ in marked) / len(marked),
        )
        for place, marked in sorted(marks.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the expected calibration error: the mean gap between confidence and accuracy (Guo et al. 2017)."""
    total = sum(bin_.found for bin_ in bins)
    return sum(abs(bin_.mean * bin_.found - bin_.right) for bin_ in bins) / total if total else 0.0


def judged(
    annotated: Iterable[Annotation], found: Iterable[Statement], names: Mapping[str, str]
) -> list[tuple[Statement, bool]]:
    """Return each statement with whether the annotators have it."""
    by_key = _by_key(annotated)
    return [(statement, right(statement, by_key, names)) for statement in found]
