"""Whose own document an article is, where no table says so: by its publisher, address, letterhead, by-line and 'we'."""

import re
from dataclasses import dataclass, replace
from functools import cache
from urllib.parse import urlsplit

from extract.lexicon import pattern, table, words
from extract.marking.names import Names, key
from extract.marking.transcripts import turns
from graph.domain.folder import Domain
from graph.model import ActorKind, Article

HEAD = 3
"""Lines at the top of a document that may say whose it is."""

OFTEN = 2
"""Sentences with 'we' outside quotations from which on a document speaks for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose own document an article seems to be, and what says so."""

    name: str
    """Id of the actor where a table has it, else its name."""
    reason: str
    """`declared`, `website`, `publisher`, `letterhead`, `by-line` or `unlisted publisher`."""


def speaks(text: str) -> int:
    """Count the sentences outside quotations in which a document speaks as 'we', 'our' or 'I'."""
    plain = re.sub(r"[\"“][^\"”\n]*[\"”]?", " ", text)
    return len(pattern("first_person").findall(plain))


def owner(article: Article, names: Names, domain: Domain) -> Owner | None:
    """Whose own document an article is; None for a journalist's, or where it stays open."""
    if article.voice:
        return Owner(name=article.voice, reason="declared")
    said = speaks(article.text)
    lines = [line.strip(" #*\t") for line in article.text.splitlines() if line.strip()][:HEAD]
    for line in (article.title, *lines):
        if (found := _submitted(line, names)) is not None:
            return Owner(name=found, reason="letterhead")
    if (found := _by_website(article.url, domain)) is not None:
        return Owner(name=found, reason="website")
    press = _is_press(article.publisher)
    publisher = None if press else _listed(article.publisher, names)
    if publisher is not None and domain.actors[publisher].kind is not ActorKind.PERSON:
        return Owner(name=publisher, reason="publisher")
    if said < OFTEN:
        return None
    for line in (article.title, *lines):
        if (found := _letterhead(line, names)) is not None:
            return Owner(name=found, reason="letterhead")
    for number, line in enumerate(lines):
        if (match := _pattern("by_line").match(line)) or (number and (match := _pattern("name_line").fullmatch(line))):
            return Owner(name=_listed(match["name"], names) or match["name"].strip(), reason="by-line")
    if article.publisher and not press:
        return Owner(name=article.publisher, reason="unlisted publisher")
    return None


def unowned(article: Article, names: Names, domain: Domain) -> bool:
    """Return whether an article speaks as 'we' and it stays open whose document it is; a record names its speakers."""
    return speaks(article.text) >= OFTEN and owner(article, names, domain) is None and not turns(article.text)


def _by_website(url: str, domain: Domain) -> str | None:
    """The actor whose website an address belongs to."""
    host = (urlsplit(url).hostname or "").removeprefix("www.") if url else ""
    for actor in domain.actors.values():
        site = actor.website.removeprefix("www.")
        if host and site and (host == site or host.endswith("." + site)):
            return actor.id
    return None


def _submitted(line: str, names: Names) -> str | None:
    """Who sent in a document, by its own heading ('Written evidence submitted by the Society of Planners')."""
    match = _pattern("submitted").search(line)
    # A sentence that ends in a full stop reports; a heading does not.
    if match is None or len(line.split()) > 20 or line.endswith("."):
        return None
    name = match["name"].strip(" .:,")
    if not words(table("sections")["plans"]["nouns"]).isdisjoint(name.lower().split()[-1:]):
        return None
    return _listed(name, names) or name


def owned(article: Article, found: Owner | None) -> Article:
    """The article with the voice that was inferred for it."""
    return article if found is None or article.voice else replace(article, voice=found.name)


def _listed(name: str, names: Names) -> str | None:
    return names.by_key.get(key(name)) or names.nearly(name) if name.strip() else None


def _letterhead(line: str, names: Names) -> str | None:
    """The one actor that a short line names as the source of a document ('Evidence from the Riders' Union')."""
    if len(line.split()) > 14 or line.endswith("."):
        return None
    whole = _listed(line.rstrip(" .:,"), names)
    if whole is not None:
        return whole
    found = {hit.actor for hit in names.find(line)}
    if len(found) != 1 or _document().isdisjoint(re.findall(r"[a-z]+", line.lower())):
        return None
    return found.pop()


@cache
def _document() -> frozenset[str]:
    return words(table("sections")["documents"]["kinds"])


def _is_press(publisher: str) -> bool:
    return not words(table("sections")["documents"]["press"]).isdisjoint(re.findall(r"[a-z]+", publisher.lower()))


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(table("sections")["documents"][name])
