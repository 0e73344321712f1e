"""Hand coding that belongs to a domain: kept in its folder, and built together with what was extracted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from graph.coding.dna import read_dna
from graph.coding.reliability import Reliability, reliability
from graph.coding.tables import ColumnMapping, HandCoding, PassedOver, read_table
from graph.domain.edits import add_row
from graph.domain.folder import Domain
from graph.errors import BadRequest
from graph.model import Article, Statement
from graph.names import slug
from graph.records import articles_beside, read_articles, read_statements, write_articles, write_statements

DNA = ".dna"
MACHINE = "extraction"
"""What the statements that no person has coded are called beside the coders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Articles and their statements, ready to be built."""

    articles: tuple[Article, ...]
    statements: tuple[Statement, ...]
    passed_over: tuple[PassedOver, ...] = ()
    """Coded passages that are not in the text that is built."""


def coding_folder(domain: Domain) -> Path:
    """Where the hand coding of a domain lies."""
    return domain.folder / "coded"


def read_coding(path: Path, domain: Domain, articles: Iterable[Article], *, mapping: ColumnMapping) -> HandCoding:
    """The coding in a table or a DNA file. Raises BadDocument."""
    if path.suffix.lower() == DNA:
        return read_dna(path)
    return read_table(path, domain, articles, mapping=mapping)


def keep_coding(coding: HandCoding, domain: Domain, name: str) -> Path:
    """Keep coding in the domain's folder, under this name, in the place of what had the name before.

    Actors and reforms that the domain does not know are added to its tables.
    """
    path = coding_folder(domain) / f"{slug(name, otherwise='coding')}.jsonl"
    for reform in coding.reforms:
        if reform.id not in domain.reforms:
            add_row(domain.folder / "reforms.csv", {"id": reform.id, "label": reform.label}, checked=False)
    for actor in coding.actors:
        if actor.id not in domain.actors:
            add_row(domain.folder / "actors.csv", {"id": actor.id, "label": actor.label, "kind": actor.kind.value})
    write_articles(articles_beside(path), coding.articles)
    write_statements(path, coding.statements)
    return path


def kept_coding(domain: Domain) -> Iterator[HandCoding]:
    """All coding that is kept with a domain, file by file."""
    for path in sorted(coding_folder(domain).glob("*.jsonl")):
        if not path.name.endswith(".articles.jsonl"):
            beside = articles_beside(path)
            articles = tuple(read_articles(beside)) if beside.is_file() else ()
            yield HandCoding(articles=articles, statements=tuple(read_statements(path)))


def with_coding(domain: Domain, articles: Iterable[Article], statements: Iterable[Statement]) -> Material:
    """What was extracted together with what is coded by hand; of the same claim, what the person says.

    A coded passage is looked up again in an article whose text differs from the coder's.
    """
    if not coding_folder(domain).is_dir():
        return Material(articles=tuple(articles), statements=tuple(statements))
    texts = {article.id: article for article in articles}
    found = {statement.id: statement for statement in statements}
    passed: list[PassedOver] = []
    by_hand: list[Statement] = []
    for coding in kept_coding(domain):
        for article in coding.articles:
            texts.setdefault(article.id, article)
        for statement in coding.statements:
            placed = _placed(statement, texts.get(statement.article))
            if isinstance(placed, str):
                passed.append(PassedOver(place=f"{statement.article}, {statement.start}", reason=placed))
            else:
                grounds = tuple(concern for concern in placed.concerns if concern in domain.concerns)
                by_hand.append(replace(placed, concerns=grounds))
    found |= {statement.id: statement for statement in HandCoding(statements=tuple(by_hand)).for_graph()}
    ordered = sorted(found.values(), key=lambda each: (each.article, each.start, each.end, each.actor, each.reform))
    return Material(articles=tuple(texts.values()), statements=tuple(ordered), passed_over=tuple(passed))


def agreements(coding: HandCoding, machine: Iterable[Statement]) -> list[Reliability]:
    """Each coder beside each other one, and beside the machine, over the articles that both have coded.

    Raises BadRequest where no two of them have an article in common.
    """
    coders = {coder or "coder": list(theirs) for coder, theirs in coding.by_coder().items()}
    codings = {**coders, MACHINE: list(machine)}
    made = []
    for first, second in combinations(codings, 2):
        shared = {each.article for each in codings[first]} & {each.article for each in codings[second]}
        if shared:
            made.append(reliability(codings[first], codings[second], names=(first, second)))
    if not made:
        raise BadRequest("no two codings have an article in common; extract the articles that people have coded")
    return made


def _placed(statement: Statement, article: Article | None) -> Statement | str:
    """The statement where its words stand in the article, or why it cannot be placed."""
    if article is None:
        return "there is no such article"
    if article.text[statement.start : statement.end] == statement.quote:
        return statement
    start = article.text.find(statement.quote)
    if start < 0 or article.text.find(statement.quote, start + 1) >= 0:
        return "the passage is not, or more than once, in the article's text"
    end = start + len(statement.quote)
    return replace(
        statement, start=start, end=end, cues=tuple(replace(cue, start=start, end=end) for cue in statement.cues)
    )
