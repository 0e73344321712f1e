"""From the words of a question to the stored question that it asks.

A question that is worded as the grammar expects has one reading. Any other question gets the closest reading, with a
note that says how it was read and which words were not used. If nothing in it is recognised, the error carries other
questions to ask.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from graph.asking.grammar import QuestionForm, grammar, kind_of
from graph.asking.names import KnownNames, NameSpan, RecognisedName, meant, names_of, similar, spans, suggested
from graph.asking.periods import ALWAYS, AskedPeriod, periods
from graph.errors import BadQuestion
from graph.reading import catalogue
from graph.store.embedded import Store

LONGEST = 500
"""Characters of a question; a longer one is a text."""
OTHERS = 8
"""Other questions that are offered with a reading or an error."""
SAME_SPELLING = 0.8
"""How alike two names must be to be taken for the same name with a slip of the pen."""

Values = tuple[tuple[str, str], ...]
"""Place and id of each name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderstoodQuestion:
    """A question that has been understood."""

    form: QuestionForm
    values: Values
    narrower: bool = False
    period: AskedPeriod = ALWAYS
    loose: int = 0
    """How many names matched only without their endings."""
    note: str = ""
    """How the question was read, if its words are not used exactly."""

    @property
    def question(self) -> str:
        """The name of the stored question."""
        return self.form.dated if self.period != ALWAYS else self.form.question

    def parameters(self) -> Mapping[str, str]:
        """Return the parameters of the stored question."""
        dated = self.period != ALWAYS
        given = {self.form.slots.get(place, place): id for place, id in self.values}
        given |= self.form.dated_fixed if dated else self.form.fixed
        limits = {"since": self.period.since, "before": self.period.before}
        return given | {self.form.slots.get(name, name): value for name, value in limits.items() if value}

    def says(self, names: KnownNames) -> str:
        """Return the question in the words of the grammar."""
        asked = self.form.says.format(**{place: names.labels[kind_of(place), id] for place, id in self.values})
        if self.narrower:
            asked = f"{asked.removesuffix('?')}, {grammar().narrower_says}?"
        if self.period.says:
            asked = f"{asked.removesuffix('?')}, {self.period.says}?"
        return asked


class NotUnderstood(BadQuestion):
    """A question without a reading, with the names that were recognised and other questions to ask."""

    def __init__(
        self,
        problem: str,
        recognised: Sequence[RecognisedName] = (),
        others: Sequence[str] = (),
        *,
        told: bool = False,
    ) -> None:
        self.problem = problem
        self.recognised = tuple(recognised)
        self.others = tuple(others)
        super().__init__(f"{problem}; ask for instance: {' · '.join(others[:5])}" if told and others else problem)


def understand(store: Store, text: str) -> UnderstoodQuestion:
    """Return the reading of a question. Raises NotUnderstood if it has none, or means several things."""
    names = names_of(store)
    if len(text) > LONGEST:
        raise NotUnderstood(f"a question has at most {LONGEST} characters; this one has {len(text)}")
    tokens = grammar().spelling.tokens(text)
    if not tokens:
        others = questions_about(store, ())
        raise NotUnderstood("the question is empty", others=others, told=True)
    exact = _one(text, list(_readings(tokens, names)), names)
    if exact is not None:
        return exact
    found = tuple(spans(tokens, names))
    return _corrected(tokens, names) or _closest(text, tokens, found, names) or _none(store, text, tokens, names)


def recognised(store: Store, text: str, reading: UnderstoodQuestion) -> tuple[RecognisedName, ...]:
    """Return the names in a question: those of its reading, then any others, each with one of its meanings."""
    names = names_of(store)
    read = [
        RecognisedName(kind=kind_of(place), id=id, label=names.labels[kind_of(place), id])
        for place, id in reading.values
    ]
    tokens = grammar().spelling.tokens(text[:LONGEST])
    return tuple(dict.fromkeys((*read, *_recognised(spans(tokens, names), names))))


def questions_about(store: Store, known: Sequence[RecognisedName], *, at_most: int = OTHERS) -> list[str]:
    """Return questions on these names, those that use most of them first; without names, on what is discussed most."""
    given = bool(known)
    if not given:
        reforms = [
            RecognisedName(kind="reform", id=it.id, label=it.label) for it in catalogue.reforms(store, limit=1).items
        ]
        actors = [
            RecognisedName(kind="actor", id=it.id, label=it.label) for it in catalogue.actors(store, limit=2).items
        ]
        known = [*reforms, *actors]
    made: dict[str, int] = {}
    for form in grammar().forms:
        left = list(known)
        labels = {}
        for place in form.places:
            fitting = next((each for each in left if each.kind == kind_of(place)), None)
            if fitting is None:
                break
            left.remove(fitting)
            labels[place] = fitting.label
        else:
            if labels:
                made.setdefault(form.says.format(**labels), len(labels))
    return sorted(made, key=lambda it: -made[it] if given else 0)[:at_most]


# Exact readings


def _readings(tokens: Sequence[str], names: KnownNames) -> Iterator[UnderstoodQuestion]:
    for period, narrower, words in _frames(tokens):
        for form in grammar().forms:
            if period != ALWAYS and not form.dated:
                continue
            for slots in form.pattern.matches(words, lambda place, it: bool(meant(it, kind_of(place), names)[0])):
                if narrower and not any(place == "reform" for place, _ in slots):
                    continue
                found = [(place, *meant(it, kind_of(place), names)) for place, it in slots]
                for ids in product(*(sorted(id for _, id in each) for _, each, _ in found)):
                    yield UnderstoodQuestion(
                        form=form,
                        values=tuple(sorted(zip((place for place, *_ in found), ids, strict=True))),
                        narrower=narrower,
                        period=period,
                        loose=sum(not exactly for *_, exactly in found),
                    )


def _frames(tokens: Sequence[str]) -> Iterator[tuple[AskedPeriod, bool, tuple[str, ...]]]:
    """Yield the question without its polite beginning and end, its period, and its words for narrower reforms."""
    for words in dict.fromkeys((tuple(tokens), _trimmed(tokens))):
        for period, rest in periods(words):
            for narrower, end in _ends(rest):
                yield period, narrower, tuple(rest[:end])
        for narrower, end in _ends(words):
            if narrower:
                for period, rest in periods(words[:end]):
                    yield period, narrower, tuple(rest)


def _trimmed(tokens: Sequence[str]) -> tuple[str, ...]:
    words = tuple(tokens)
    for length in range(min(8, len(words) - 1), 0, -1):
        if any(True for _ in grammar().lead.matches(words[:length], _no_name)):
            words = words[length:]
            break
    for length in range(min(4, len(words) - 1), 0, -1):
        if any(True for _ in grammar().tail.matches(words[-length:], _no_name)):
            words = words[:-length]
            break
    return words


def _ends(tokens: Sequence[str]) -> Iterator[tuple[bool, int]]:
    """Yield where the question proper ends, with and without the words for narrower reforms."""
    yield False, len(tokens)
    for start in range(1, len(tokens)):
        if any(True for _ in grammar().narrower.matches(tokens[start:], _no_name)):
            yield True, start


def _no_name(place: str, words: tuple[str, ...]) -> bool:
    return False


def _one(text: str, readings: Sequence[UnderstoodQuestion], names: KnownNames) -> UnderstoodQuestion | None:
    """Return the one reading among these. Raises NotUnderstood if there are several."""
    if not readings:
        return None
    closest = min(reading.loose for reading in readings)
    different = {
        (reading.question, tuple(sorted(reading.parameters().items())), reading.narrower): reading
        for reading in reversed(readings)
        if reading.loose == closest
    }
    left = _preferred(list(different.values()), names)
    if len(left) == 1:
        return left[0]
    told = {_with_ids(reading, names): reading.says(names) for reading in left}
    raise NotUnderstood(
        f"{text.strip()!r} can mean {' or '.join(map(repr, sorted(told)))}; use the full name",
        others=sorted(set(told.values())),
    )


def _preferred(readings: Sequence[UnderstoodQuestion], names: KnownNames) -> list[UnderstoodQuestion]:
    """Leave out an actor who is named as a speaker too, and a publisher that is an actor too."""

    def labels(reading: UnderstoodQuestion, kind: str) -> set[str]:
        return {names.labels[kind, id].casefold() for place, id in reading.values if kind_of(place) == kind}

    people = {label for reading in readings for label in labels(reading, "person")}
    actors = {label for reading in readings for label in labels(reading, "actor")}
    left = [it for it in readings if not labels(it, "actor") & people and not labels(it, "publisher") & actors]
    return left or list(readings)


def _with_ids(reading: UnderstoodQuestion, names: KnownNames) -> str:
    labels = {place: f"{names.labels[kind_of(place), id]} ({id})" for place, id in reading.values}
    return reading.form.says.format(**labels)


# Readings that are close


def _corrected(tokens: Sequence[str], names: KnownNames) -> UnderstoodQuestion | None:
    """Return the reading with each unknown name replaced by the one name that is spelt almost like it."""
    for period, narrower, form, slots in _with_unknown_names(tokens, names):
        if (period != ALWAYS and not form.dated) or (narrower and not any(place == "reform" for place, _ in slots)):
            continue
        chosen = [_spelt(place, words, names) for place, words in slots]
        values = tuple(sorted(each[:2] for each in chosen if each is not None))
        if len(values) == len(slots):
            note = f"{'; '.join(each[2] for each in chosen if each and each[2])}."
            return UnderstoodQuestion(form=form, values=values, narrower=narrower, period=period, note=note)
    return None


def _spelt(place: str, words: tuple[str, ...], names: KnownNames) -> tuple[str, str, str] | None:
    """Return the place, the id of the one thing that is called so or almost so, and how the name was read."""
    kind = kind_of(place)
    found, _ = meant(words, kind, names)
    read = ""
    if not found:
        spelt = " ".join(grammar().spelling.named(words))
        near = similar(spelt, kind, names, cutoff=SAME_SPELLING)
        found = frozenset(it for it, label in names.labels.items() if it[0] == kind and [label] == near)
        read = f"“{spelt}” was read as “{near[0]}”" if near else ""
    return (place, next(iter(found))[1], read) if len(found) == 1 else None


def _closest(
    text: str, tokens: Sequence[str], found: Sequence[NameSpan], names: KnownNames
) -> UnderstoodQuestion | None:
    """Return the reading that uses most of the names, and among those most of the other words."""
    period, words = _period_within(tokens)
    found = found if period == ALWAYS else tuple(spans(words, names))
    named = {at for span in found for at in range(span.start, span.end)}
    others = [word for at, word in enumerate(words) if at not in named]
    negated = not grammar().negations.isdisjoint(others)
    best: tuple[tuple[int, int, int], QuestionForm, dict[str, NameSpan]] | None = None
    for form in grammar().forms:
        if form.cues is None or (negated and form.sided) or not all(cue.intersection(others) for cue in form.cues):
            continue
        chosen = _filled(form, found)
        if chosen is None or not (chosen or form.cues):
            continue
        score = (len(chosen), len(form.cues), period != ALWAYS and bool(form.dated))
        if best is None or score > best[0]:
            best = score, form, chosen
    if best is None:
        return None
    _, form, chosen = best
    asked = period if form.dated else ALWAYS
    readings = [
        UnderstoodQuestion(form=form, values=tuple(sorted(zip(chosen, ids, strict=True))), period=asked)
        for ids in product(
            *(sorted(id for kind, id in span.meant if kind == kind_of(it)) for it, span in chosen.items())
        )
    ]
    reading = _one(text, readings, names)
    if reading is None:
        return None
    used = {at for span in chosen.values() for at in range(span.start, span.end)}
    cues: frozenset[str] = frozenset().union(*(form.cues or ()))
    left = [
        word
        for at, word in enumerate(words)
        if at not in used and word not in cues and word not in grammar().passed_over
    ]
    if period != asked:
        left += period.says.split()
    return replace(reading, note=_note(left, _with_unknown_names(tokens, names), names))


def _period_within(tokens: Sequence[str]) -> tuple[AskedPeriod, tuple[str, ...]]:
    """Return the period at the end or start of a question, and the rest of its words."""
    trimmed = _trimmed(tokens)
    found = [(period, tuple(rest)) for period, rest in periods(trimmed) if period != ALWAYS]
    return min(found, key=lambda it: len(it[1]), default=(ALWAYS, trimmed))


def _filled(form: QuestionForm, found: Sequence[NameSpan]) -> dict[str, NameSpan] | None:
    """Return a name for each place of a form, in their order; None if there is none for one of them."""
    left = list(found)
    chosen = {}
    for place in form.places:
        fitting = next((span for span in left if any(kind == kind_of(place) for kind, _ in span.meant)), None)
        if fitting is None:
            return None
        left.remove(fitting)
        chosen[place] = fitting
    return chosen


def _note(left: Collection[str], unknown: "Sequence[Unknowns]", names: KnownNames) -> str:
    parts = ["This is the closest question that is understood."]
    if left:
        parts.append(f"Not used: {', '.join(f'“{word}”' for word in dict.fromkeys(left))}.")
    for place, words in unknown[0][3] if unknown else ():
        if not meant(words, kind_of(place), names)[0] and set(words) & set(left):
            parts.append(f"No {kind_of(place)} is called “{' '.join(words)}”.")
    return " ".join(parts)


# Questions without a reading

Unknowns = tuple[AskedPeriod, bool, QuestionForm, tuple[tuple[str, tuple[str, ...]], ...]]
"""The form that a question would have if its unknown names were known, and its names."""


def _with_unknown_names(tokens: Sequence[str], names: KnownNames) -> list[Unknowns]:
    """Return the forms that leave the fewest words in unknown names; none if no form fits."""
    fewest = len(tokens) + 1
    best: list[Unknowns] = []
    for period, narrower, words in _frames(tokens):
        for form in grammar().forms:
            for slots in form.pattern.matches(words, lambda place, it: True):
                unknown = [(place, it) for place, it in slots if not meant(it, kind_of(place), names)[0]]
                open_words = sum(len(it) for _, it in unknown)
                # A pattern that is all names but for a word fits many texts, so it explains none.
                fixed = len(words) - sum(len(it) for _, it in slots)
                bare = fixed < 2 and len(unknown) == len(slots)
                if not open_words or bare or open_words > fewest:
                    continue
                if open_words < fewest:
                    fewest, best = open_words, []
                best.append((period, narrower, form, slots))
    return best


def _none(store: Store, text: str, tokens: Sequence[str], names: KnownNames) -> UnderstoodQuestion:
    """Raise NotUnderstood, with the reason and what to ask instead."""
    known = tuple(_recognised(spans(tokens, names), names))
    others = questions_about(store, known)
    possible = _with_unknown_names(tokens, names)
    if not possible:
        problem = f"{text.strip()!r} is not a question that is understood here"
        raise NotUnderstood(problem, known, others, told=True)
    near = [(slots, list(_with_near_names(form, slots, names))) for _, _, form, slots in possible]
    slots, instead = next((each for each in near if each[1]), near[0])
    unknown = [(kind_of(place), " ".join(it)) for place, it in slots if not meant(it, kind_of(place), names)[0]]
    problem = "; ".join(_unknown(kind, words, names) for kind, words in unknown)
    raise NotUnderstood(problem, known, instead or others)


def _with_near_names(
    form: QuestionForm, slots: Sequence[tuple[str, tuple[str, ...]]], names: KnownNames
) -> Iterator[str]:
    """Yield the question with each unknown name replaced by a similar one."""
    choices = []
    for place, words in slots:
        found, _ = meant(words, kind_of(place), names)
        labels = [names.labels[it] for it in sorted(found)] or suggested(" ".join(words), kind_of(place), names)
        choices.append([(place, label) for label in labels])
    for chosen in list(product(*choices))[:OTHERS]:
        yield form.says.format(**dict(chosen))


def _unknown(kind: str, words: str, names: KnownNames) -> str:
    other = [names.labels[it] for each in ("actor", "reform") for it in sorted(meant(words.split(), each, names)[0])]
    if other:
        return f"{words!r} is no {kind}, but there is {other[0]!r}; ask about it in another way"
    near = suggested(words, kind, names)
    if near:
        return f"no {kind} {words!r} in this graph; did you mean {' or '.join(near)}?"
    return f"no {kind} {words!r} in this graph, nor any of a name like it"


def _recognised(found: Iterator[NameSpan], names: KnownNames) -> Iterator[RecognisedName]:
    order = ("reform", "actor", "person", "publisher", "concern")
    for span in found:
        kind, id = min(span.meant, key=lambda it: (order.index(it[0]), it[1]))
        yield RecognisedName(kind=kind, id=id, label=names.labels[kind, id])
