"""Choose the reforms and actors to send with a part of an article, each by the words of that part."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from extract.marking.gazetteer import normal
from extract.marking.names import Names
from graph.domain.folder import Domain, within
from graph.model import Actor, ActorKind, Article, Reform

REFORMS = 60
"""Reforms that are sent without asking which are plausible, and the most that are sent of more."""
ACTORS = 120
"""The most actors that are sent."""
MET = 40
"""Largest number of people that are listed for a later part."""
NAME = re.compile(r"[^\W\d_][\w'’-]*")
FULL_NAME = re.compile(r"\b[A-Z][\w'’-]+ (?:[A-Z][\w'’-]+ )?([A-Z][\w'’-]{2,})\b")
LEAST = 0.5
"""Share of a wording's words that must occur before its reform is plausible."""


def plausible_reforms(text: str, article: Article, domain: Domain) -> list[Reform]:
    """The reforms that a text may be about, with those above them, in the order of the table.

    A reform is scored by its own words only, so that a change to one does not disturb requests without it.
    """
    if len(domain.reforms) <= REFORMS:
        return list(domain.reforms.values())
    found = set(map(_stem, normal(text)))
    joined = f" {' '.join(map(_stem, normal(text)))} "
    scores = {id: _score(reform, found, joined) for id, reform in domain.reforms.items()}
    best = sorted((id for id in scores if scores[id] >= LEAST), key=lambda id: -scores[id])[:REFORMS]
    kept = set(best)
    kept |= {p.reform for p in domain.packages if not article.date or within(article.date, p.since, p.until)}
    for id in tuple(kept):
        while id := domain.reforms[id].broader:
            kept.add(id)
    return [reform for id, reform in domain.reforms.items() if id in kept]


def plausible_actors(article: Article, domain: Domain, names: Names) -> list[Actor]:
    """The actors named in an article, whom they belong to, its publisher, its voice and the government."""
    heads = "\n".join((article.title, article.publisher, article.author, article.text))
    kept = dict.fromkeys(hit.actor for hit in names.find(heads))
    for extra in (domain.government, article.voice):
        if extra in domain.actors:
            kept.setdefault(extra)
    surnames = _surnames(article.text, domain.actors)
    kept |= dict.fromkeys(surnames)
    for id in tuple(kept):
        kept |= dict.fromkeys(place.organisation for place in domain.actors[id].member_of)
    return [domain.actors[id] for id in list(kept)[:ACTORS]]


def people_in(text: str, names: Names, domain: Domain) -> list[tuple[int, str]]:
    """Return the people that a text names in full, and where each name ends.

    These are people in the table, and names whose surname occurs alone elsewhere and whose first word is never in small
    letters. Each is counted once for the whole text, so that a long document takes no longer for each of its parts.
    """
    met = [(hit.end, domain.actors[hit.actor].label) for hit in names.find(text) if hit.person]
    words = Counter(NAME.findall(text))
    found = [(match.end(), match[0], match[1]) for match in FULL_NAME.finditer(text)]
    full = Counter(name for _, name, _ in found)
    for end, name, surname in found:
        if full[name] < words[surname] and name.split(" ")[0].lower() not in words:
            met.append((end, name))
    return sorted(met)


def met_before(people: Iterable[tuple[int, str]], place: int) -> list[str]:
    """Return the people that are named before a place in the text."""
    return list(dict.fromkeys(name for end, name in people if end <= place))[:MET]


def _surnames(text: str, actors: Mapping[str, Actor]) -> Sequence[str]:
    """Return the people in the table whose surname is in the text; reports use surnames after the first mention."""
    words = set(re.findall(r"[^\W\d_][\w'’-]+", text))
    people = (actor for actor in actors.values() if actor.kind is ActorKind.PERSON)
    return [actor.id for actor in people if actor.label.split()[-1] in words]


def _score(reform: Reform, found: set[str], joined: str) -> float:
    wordings = [[_stem(word) for word in normal(text)] for text in (reform.label, *reform.aliases)]
    wordings = [words for words in wordings if words]
    if any(f" {' '.join(words)} " in joined for words in wordings):
        return 10.0
    shares = [_share(words, found) for words in wordings]
    return max(shares, default=0.0) + _share([_stem(word) for word in normal(reform.definition)], found) / 2


def _share(words: Iterable[str], found: set[str]) -> float:
    wanted = {word for word in words if len(word) > 3}
    return len(wanted & found) / len(wanted) if wanted else 0.0


def _stem(word: str) -> str:
    return re.sub(r"(?<=\w{4})(?:ies|ing|ed|es|s|y)\Z", "", word)
