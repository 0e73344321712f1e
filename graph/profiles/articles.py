"""An article with its statements, and a statement in its context."""

import re
from collections import defaultdict

from graph.model import Selection, Stance
from graph.profiles.types import ArticleProfile, StatementProfile
from graph.rdf.vocabulary import HEAD, iri
from graph.reading.catalogue import (
    EVERY,
    Evidence,
    Named,
    actor_named,
    actor_table,
    article,
    base_of,
    evidence,
    statement,
    statements,
    unconfirmed,
)
from graph.reviewing.reviews import history
from graph.store.embedded import Store

AROUND = 400
"""Characters of the article on each side of a statement's passage."""
PART = 60_000
"""Characters of an article on one page: with its marks and statements that makes a page of about 100 kB."""
REJECTED = (
    HEAD
    + """
SELECT ?statement WHERE {
    VALUES ?article { UNDEF }
    ?statement prov:wasQuotedFrom ?article ; :verdict :rejected
}"""
)


def article_profile(
    store: Store, id: str, *, part: int | None = None, chosen: str = "", whole: bool = False
) -> ArticleProfile:
    """An article with its statements; of a long one the part that is asked for, or that holds the chosen statement."""
    it = article(store, id)
    found = statements(store, Selection(article=id), limit=EVERY).items
    open_ones = unconfirmed(store, Selection(article=id), limit=EVERY).items
    starts = [0] if whole else _parts(it.text)
    if part is None:
        at = next((each.start for each in (*found, *open_ones) if each.id == chosen), 0)
        part = sum(1 for start in starts if start <= at)
    part = min(max(part, 1), len(starts))
    start = starts[part - 1]
    end = starts[part] if part < len(starts) else len(it.text)
    counts: dict[Stance, int] = defaultdict(int)
    for each in found:
        counts[each.stance] += 1
    voice = actor_named(store, it.voice) if it.voice else None
    return ArticleProfile(
        article=it,
        voice=Named(id=voice, label=actor_table(store)[voice].label) if voice else None,
        part=part,
        parts=len(starts),
        start=start,
        text=it.text[start:end],
        statements=tuple(each for each in found if start <= each.start < end),
        total=len(found),
        counts={each: counts[each] for each in Stance if counts[each]},
        unconfirmed=tuple(each for each in open_ones if start <= each.start < end),
        rejected=_rejected(store, id, start, end),
        chosen=chosen if any(each.id == chosen for each in (*found, *open_ones)) else "",
        standing=store.counting,
    )


def _rejected(store: Store, id: str, start: int, end: int) -> tuple[Evidence, ...]:
    rows = store.select(REJECTED, article=iri(base_of(store), "article", id))
    found = evidence(store, [row["statement"] for row in rows])
    return tuple(sorted((it for it in found if start <= it.start < end), key=lambda it: (it.start, it.end, it.id)))


def _parts(text: str) -> list[int]:
    """Where the parts of a text begin: at the first new line after each so many characters, or just there."""
    starts = [0]
    while len(text) - starts[-1] > PART:
        least = starts[-1] + PART
        line = text.find("\n", least, least + PART // 4)
        starts.append(line + 1 if line >= 0 else least)
    return starts


# Ask only the graph of the statement's article: each article's graph describes the software that read it.
GENERATOR = (
    HEAD
    + """
SELECT ?name ?version ?model WHERE {
    VALUES ?statement { UNDEF }
    GRAPH ?graph {
        ?statement prov:wasGeneratedBy ?activity .
        ?activity prov:wasAssociatedWith ?software .
        ?software foaf:name ?name ; schema:softwareVersion ?version
        OPTIONAL { ?activity :model ?model }
    }
} LIMIT 1"""
)


def statement_profile(store: Store, id: str) -> StatementProfile:
    """A statement in its context. Raises UnknownStatement."""
    it = statement(store, id)
    text = article(store, it.article).text
    rows = store.select(GENERATOR, statement=iri(base_of(store), "statement", id))
    made = rows[0] if rows else {}
    generator = " ".join(filter(None, (made.get("name", ""), made.get("version", ""))))
    if "model" in made:
        generator = f"{generator}, {made['model']}"
    others = statements(store, Selection(actor=it.actor, reform=it.reform), limit=10).items
    return StatementProfile(
        statement=it,
        before=_from_a_word(text[max(0, it.start - AROUND) : it.start], cut=it.start > AROUND),
        after=_to_a_word(text[it.end : it.end + AROUND], cut=len(text) - it.end > AROUND),
        generator=generator,
        others=tuple(each for each in others if each.id != it.id),
        history=tuple(history(store, id)),
    )


def _from_a_word(text: str, *, cut: bool) -> str:
    space = re.search(r"\s", text) if cut else None
    return text[space.end() :] if space else text


def _to_a_word(text: str, *, cut: bool) -> str:
    space = re.search(r"\s\S*$", text) if cut else None
    return text[: space.start()] if space else text
