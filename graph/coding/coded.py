"""Hand coding that belongs to a domain: kept in its folder, and built together with extracted statements."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

from graph.coding.dna_reading import read_dna
from graph.coding.passages import Place, place
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
"""Name of the extraction in lists of coders."""
RUN = 5
"""Words in a row that two texts of one document share."""
ALIKE = 0.8
"""Share of the runs of the shorter text that both must have to count as one document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """Articles and their statements, ready to be built."""

    articles: tuple[Article, ...]
    statements: tuple[Statement, ...]
    passed_over: tuple[PassedOver, ...] = ()
    """Coded passages that the built text does not hold."""


def coding_folder(domain: Domain) -> Path:
    """Return the folder that holds the hand coding of a domain."""
    return domain.folder / "coded"


def read_coding(path: Path, domain: Domain, articles: Iterable[Article], *, mapping: ColumnMapping) -> HandCoding:
    """Read the coding in a table or a DNA file. Raises BadDocument."""
    if path.suffix.lower() == DNA:
        return read_dna(path, domain, articles, mapping=mapping)
    return read_table(path, domain, articles, mapping=mapping)


def keep_coding(coding: HandCoding, domain: Domain, name: str, articles: Iterable[Article] = ()) -> Path:
    """Keep coding in the domain's folder under a name, in place of an earlier version of it.

    Actors and reforms that the domain does not know are added to its tables. A document that has the id of another
    text, in `articles` or in coding kept before, gets an id of its own. Coding of other documents that was kept under
    the same name stays, and the new coding gets a name of its own.
    """
    path = _free_path(domain, name, {article.id for article in coding.articles})
    others = {path_: kept for path_, kept in _kept(domain) if path_ != path}
    known = {each.id: each for each in (*(a for kept in others.values() for a in kept.articles), *articles)}
    coding = _apart(coding, known)
    for reform in coding.reforms:
        if reform.id not in domain.reforms:
            add_row(domain.folder / "reforms.csv", {"id": reform.id, "label": reform.label}, checked=False)
    for actor in coding.actors:
        if actor.id not in domain.actors:
            add_row(domain.folder / "actors.csv", {"id": actor.id, "label": actor.label, "kind": actor.kind.value})
    write_articles(articles_beside(path), coding.articles)
    write_statements(path, coding.statements)
    return path


def _free_path(domain: Domain, name: str, documents: set[str]) -> Path:
    """Where coding of these documents is kept: a file with other documents is not overwritten."""
    stem = slug(name, otherwise="coding")
    # Earlier versions put a hyphen in the place of an apostrophe.
    for path in sorted(coding_folder(domain).glob("*.articles.jsonl")):
        earlier = path.with_name(path.name.replace(".articles.jsonl", ".jsonl"))
        if _squeezed(earlier.stem) == _squeezed(stem) and documents & {article.id for article in read_articles(path)}:
            return earlier
    number = 1
    while True:
        path = coding_folder(domain) / f"{stem}{f'-{number}' if number > 1 else ''}.jsonl"
        beside = articles_beside(path)
        kept = {article.id for article in read_articles(beside)} if beside.is_file() else set()
        if not kept or not documents or kept & documents:
            return path
        number += 1


def _squeezed(stem: str) -> str:
    return stem.replace("-", "")


def _apart(coding: HandCoding, known: Mapping[str, Article]) -> HandCoding:
    """The coding, with a new id for each document whose id belongs to another text."""
    quotes: dict[str, list[str]] = {}
    for statement in coding.statements:
        quotes.setdefault(statement.article, []).append(statement.quote)
    new = {}
    for article in coding.articles:
        other = known.get(article.id)
        if other is not None and not _same(article, other, quotes.get(article.id, [])):
            new[article.id] = f"{article.id}-{article.digest[:8]}"
    if not new:
        return coding
    return replace(
        coding,
        articles=tuple(replace(each, id=new.get(each.id, each.id)) for each in coding.articles),
        statements=tuple(replace(each, article=new.get(each.article, each.article)) for each in coding.statements),
    )


def _same(article: Article, other: Article, quotes: Sequence[str]) -> bool:
    """Whether two texts are of one document: much the same words, with every coded passage."""
    words, others = article.text.split(), other.text.split()
    if "".join(words) == "".join(others):
        return True
    runs, other_runs = ({tuple(text[at : at + RUN]) for at in range(len(text) - RUN + 1)} for text in (words, others))
    alike = len(runs & other_runs) >= ALIKE * max(1, min(len(runs), len(other_runs)))
    return alike and all(isinstance(place(quote, other.text), Place) for quote in quotes)


def kept_coding(domain: Domain) -> Iterator[HandCoding]:
    """Yield all coding that is kept with a domain, file by file."""
    for _, coding in _kept(domain):
        yield coding


def _kept(domain: Domain) -> Iterator[tuple[Path, HandCoding]]:
    for path in sorted(coding_folder(domain).glob("*.jsonl")):
        if not path.name.endswith(".articles.jsonl"):
            beside = articles_beside(path)
            articles = tuple(read_articles(beside)) if beside.is_file() else ()
            yield path, HandCoding(articles=articles, statements=tuple(read_statements(path)))


def with_coding(domain: Domain, articles: Iterable[Article], statements: Iterable[Statement]) -> Material:
    """Put extracted statements and hand coding together; if both have the same claim, the person's counts.

    If an article's text differs from the coder's, each coded passage is looked up in it again.
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
    """Compare each coder with each other and with the extraction, over the articles that both have coded.

    Raises BadRequest if no two of them have an article in common.
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
    """The statement with its place in the article, or why it has none."""
    if article is None:
        return "there is no such article"
    if article.text[statement.start : statement.end] == statement.quote:
        return statement
    found = place(statement.quote, article.text)
    if isinstance(found, str):
        return f"the coded passage {found} the text of the article"
    quote = article.text[found.start : found.end]
    cues = tuple(replace(cue, start=found.start, end=found.end, text=quote) for cue in statement.cues)
    return replace(statement, start=found.start, end=found.end, quote=quote, cues=cues)
