"""Mark the names of the domain's actors and reforms on the Doc, with the id of each."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spacy.language import Language
from spacy.tokens import Doc, Span

from graph.domain.folder import Domain
from graph.model import Actor, Reform

ACTORS = "actors"
"""Key of the spans of actors' names: label ACTOR and the actor's id, one span for each actor with that name."""
REFORMS = "reforms"
"""Key of the spans of reforms' names: label REFORM and the reform's id."""

ARTICLE = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
BRACKETS = re.compile(r"\s*[(\[]\s*[\"'‘’“”]?([^\W\d_a-z]\w{1,11}?)(?:s|['’]s)?[\"'‘’“”]?\s*[)\]]")
"""An abbreviation in brackets, directly after the name that it abbreviates."""
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Name:
    """A wording from a table, in the form used for matching."""

    words: tuple[str, ...]
    """Lower case, without hyphens and possessive endings."""
    id: str
    cased: bool
    """Whether it is a single capitalised word, which lower case does not match ('Labour', 'labour')."""
    shouted: bool
    """Whether it is an abbreviation, which only capitals match."""


class Gazetteer:
    """The names of a domain, by their first word."""

    def __init__(self, domain: Domain | None = None) -> None:
        self.actors: Mapping[str, Sequence[Name]] = {}
        self.reforms: Mapping[str, Sequence[Name]] = {}
        if domain is not None:
            self.use(domain)

    def use(self, domain: Domain) -> None:
        """Use the names in the tables of a domain."""
        self.actors = _by_first_word(_names(domain.actors.values()))
        self.reforms = _by_first_word(_names(domain.reforms.values()))

    def __call__(self, doc: Doc) -> Doc:
        """Mark the Doc; a name within a longer one of the same table is not marked."""
        tokens, forms = _forms(doc)
        for key, label, names in ((ACTORS, "ACTOR", self.actors), (REFORMS, "REFORM", self.reforms)):
            found = list(_matches(doc, tokens, forms, names))
            short = _abbreviations(doc, found)
            if short:
                found += _matches(doc, tokens, forms, _by_first_word(short))
            doc.spans[key] = [Span(doc, start, end, label=label, span_id=id) for start, end, id in _longest(found)]
        return doc


@Language.factory("gazetteer", assigns=["doc.spans"])
def gazetteer(nlp: Language, name: str) -> Gazetteer:
    """Create the component, which marks nothing until it has a domain: `nlp.add_pipe("gazetteer").use(domain)`."""
    return Gazetteer()


def mentions(doc: Doc, key: str, start: int, end: int) -> Iterator[Span]:
    """Return the marked spans of a key that lie within these code points."""
    return (span for span in doc.spans.get(key, ()) if start <= span.start_char and span.end_char <= end)


def variants(name: str, *, numbers: bool = True) -> Iterator[tuple[str, ...]]:
    """Return the forms of a name: without article or bracket, the bracket alone, its last word in both numbers."""
    plain = ARTICLE.sub("", name, count=1) if ARTICLE.match(name) else name
    wordings = [plain]
    if bracket := re.search(r"\s*\(([^()]+)\)\s*$", plain):
        wordings = [plain[: bracket.start()], bracket[1]]
    for wording in wordings:
        form = tuple(normal(wording))
        if not form:
            continue
        yield form
        for last in _numbers(form[-1]) if numbers else ():
            yield (*form[:-1], last)


def normal(text: str) -> list[str]:
    """Return the words of a text for comparison: lower case, straight apostrophes, no hyphens or possessive endings."""
    lowered = text.lower().replace("’", "'").replace("‘", "'")
    lowered = re.sub(r"(?<=s)'(?!\w)|'s\b", "", lowered)
    return [word for word in WORD.findall(lowered) if word[0].isalnum() or word in "£$€%&"]


@lru_cache(maxsize=1 << 15)
def _normal(text: str) -> tuple[str, ...]:
    return tuple(normal(text))


def _names(entries: Iterable[Actor | Reform]) -> Iterator[Name]:
    for entry in entries:
        for wording in (entry.label, *entry.aliases):
            bare = ARTICLE.sub("", wording, count=1) if ARTICLE.match(wording) else wording
            if bare != wording and bare.islower() and " " not in bare:
                # 'The public' is an actor, 'public' is not. At the start of a sentence or in a title, 'Government' is
                # one.
                yield Name(tuple(normal(wording)), entry.id, cased=False, shouted=False)
                yield Name((bare,), entry.id, cased=True, shouted=False)
                continue
            # 'Ministers' may be the name of an actor; 'the minister' is a person's title.
            for form in variants(wording, numbers=isinstance(entry, Reform)):
                single = len(form) == 1 and bare[:1].isupper()
                shouted = single and bare.isupper() and len(bare) > 1
                # The name of a reform is a common noun, whatever its case in the table.
                yield Name(form, entry.id, cased=single and isinstance(entry, Actor), shouted=shouted)


def _numbers(word: str) -> Iterator[str]:
    if not word.isalpha() or len(word) < 3:
        return
    if word.endswith("ies"):
        yield word[:-3] + "y"
    elif word.endswith(("sses", "ches", "shes", "xes")):
        yield word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        yield word[:-1]
    elif word.endswith("y") and word[-2] not in "aeiou":
        yield word[:-1] + "ies"
    elif word.endswith(("s", "x", "ch", "sh")):
        yield word + "es"
    else:
        yield word + "s"


def _by_first_word(names: Iterable[Name]) -> Mapping[str, Sequence[Name]]:
    index: dict[str, list[Name]] = defaultdict(list)
    for name in dict.fromkeys(names):
        index[name.words[0]].append(name)
    return index


def _forms(doc: Doc) -> tuple[list[int], list[str]]:
    """Return the words of a Doc for comparison and the token number of each."""
    tokens, forms = [], []
    for number, token in enumerate(doc):
        for word in _normal(token.text):
            tokens.append(number)
            forms.append(word)
    return tokens, forms


def _matches(
    doc: Doc, tokens: Sequence[int], forms: Sequence[str], names: Mapping[str, Sequence[Name]]
) -> Iterator[tuple[int, int, str]]:
    for place, form in enumerate(forms):
        for name in names.get(form, ()):
            last = place + len(name.words) - 1
            if last >= len(forms) or tuple(forms[place : last + 1]) != name.words:
                continue
            first = doc[tokens[place]]
            if name.shouted and not first.text.rstrip("s").isupper():
                continue
            if name.cased and not first.text[0].isupper():
                continue
            yield tokens[place], tokens[last] + 1, name.id


def _abbreviations(doc: Doc, found: Iterable[tuple[int, int, str]]) -> list[Name]:
    """Return the abbreviations that the article introduces: 'the Night Bus Forum (NBF)'."""
    short = []
    text = doc.text
    for start, end, id in found:
        place = doc[start:end].end_char
        if match := BRACKETS.match(text, place):
            short.append(Name((match[1].lower(),), id, cased=True, shouted=True))
            short.append(Name((match[1].lower() + "s",), id, cased=True, shouted=True))
    return short


def _longest(found: Iterable[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """Drop spans that lie within a longer one; keep all those of equal extent."""
    kept: list[tuple[int, int, str]] = []
    over: dict[int, list[tuple[int, int]]] = defaultdict(list)
    """For each token, the extents of the kept spans that contain it."""
    for start, end, id in sorted(set(found), key=lambda span: (span[0] - span[1], span)):
        if not any(end <= e and (s, e) != (start, end) for s, e in over.get(start, ())):
            kept.append((start, end, id))
            for place in range(start, end):
                over[place].append((start, end))
    return sorted(kept)
