"""`positions build`, `import` and `validate`: from statements to a graph."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import (
    STATEMENTS,
    ArticlesOption,
    DomainArg,
    MappingOption,
    StatementsOption,
    StoreOption,
    changeable,
    settings_with,
)
from api.cli.terminal import bar, complain, note
from api.settings import DEFAULT_STORE, SHIPPED_DOMAIN
from graph.building import build as build_graph
from graph.coding.coded import Material, keep_coding, read_coding, with_coding
from graph.coding.scale import read_scale
from graph.coding.tables import ColumnMapping, read_mapping
from graph.domain.folder import Domain, read_domain
from graph.errors import BadStatement
from graph.model import Article
from graph.reading.search import refresh
from graph.records import articles_beside, read_articles, read_statements
from graph.reviewing.by_hand import apply_hand_coding
from graph.reviewing.reviews import carry_over
from graph.store.copied import read_store
from graph.store.embedded import open_store
from graph.versions.builds import keep as keep_version


def build(
    domain: DomainArg,
    statements: Annotated[Path, typer.Argument(help="Statements that `extract` wrote")],
    store: StoreOption = DEFAULT_STORE,
    articles: ArticlesOption = None,
) -> None:
    """Build the graph of a domain from its statements.

    Only the graphs of articles that have changed are replaced. Coded passages that the texts do not hold are listed,
    with exit code 3.
    """
    area = read_domain(domain, documents=articles)
    if not statements.is_file():
        raise BadStatement(f"{statements} does not exist; create it with `positions extract {domain}`")
    texts = texts_of(area, statements, given=articles is not None)
    material = with_coding(area, texts, read_statements(statements))
    _build_in(store, area, material)
    if material.passed_over:
        raise typer.Exit(3)


def texts_of(area: Domain, statements: Path, *, given: bool = False) -> list[Article]:
    """Return the texts that statements quote, from the file next to them or else from the domain's documents."""
    beside = articles_beside(statements)
    if beside.is_file() and not given:
        return list(read_articles(beside))
    from extract.documents.reading import documents, read  # needed only here: it loads every reader of documents

    return [read(path, info) for path, info in documents(area)]


def _build_in(store: str, area: Domain, material: Material, *, keep: bool = False) -> None:
    """Build, and report what the graph contains."""
    from graph.debate.triples import keep_network  # networkx and scipy

    for passed in material.passed_over:
        complain(f"{passed.place}: {passed.reason}")
    with open_store(store) as graph, bar("build", len(material.articles)) as step:
        made = build_graph(graph, area, material.articles, material.statements, keep=keep, on_article=lambda _: step())
        carried = carry_over(graph)
        coded = apply_hand_coding(graph, area, material.articles, material.statements)
        keep_network(graph)
        refresh(graph)
        version = keep_version(graph, at_most=settings_with().versions)
    for fault in coded.faults:
        complain(fault)
    if coded.added or coded.confirmed or coded.corrected or coded.rejected:
        note(
            f"coded by hand: {coded.added} added, {coded.confirmed} readings confirmed, {coded.corrected} corrected, "
            f"{coded.rejected} rejected"
        )
    if carried:
        note(f"{carried} reviewed statements matched again after their text moved")
    note(
        f"{made.statements} statements in {made.articles} articles, {made.positions} positions, in {store}"
        + (f", version {version.number}" if version is not None else "")
    )


def import_coding(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, Excel, JSON lines or .dna file", show_default=False)],
    to: Annotated[Path, typer.Option("--to", help="Folder of the domain that the coding belongs to")] = SHIPPED_DOMAIN,
    mapping: MappingOption = None,
    scale: Annotated[
        str, typer.Option("--scale", help="Scale of numbers, most against to most in favour, such as 1..5")
    ] = "",
    statements: StatementsOption = STATEMENTS,
    store: Annotated[str | None, typer.Option("--store", help="Also build this graph")] = None,
) -> None:
    """Import hand-coded statements into a domain.

    They go to the domain's folder `coded/`, which `build` reads with the extracted statements. Actors and reforms that
    the domain does not know are added to its tables. Rows and values that cannot be imported are listed, with
    exit code 3.
    """
    area = read_domain(changeable(to))
    texts = texts_of(area, statements)
    columns = read_mapping(mapping) if mapping else ColumnMapping(columns={})
    if scale:
        columns = replace(columns, scale=read_scale(scale))
    coding = read_coding(file, area, texts, mapping=columns)
    kept = keep_coding(coding, area, file.stem, texts)
    for passed in coding.passed_over:
        complain(f"{passed.place}: {passed.reason}")
    names = f", {coding.entities} names" if coding.entities else ""
    counted = (
        f"{len(coding.articles)} articles, {len(coding.statements)} statements, {len(coding.actors)} actors{names}"
    )
    note(f"{counted}, {len(coding.passed_over)} skipped, in {kept}")
    if store is not None:
        area = read_domain(to)
        found = list(read_statements(statements)) if statements.is_file() else []
        material = with_coding(area, texts, found)
        _build_in(store, area, material, keep=not found)
        coding = replace(coding, passed_over=(*coding.passed_over, *material.passed_over))
    if coding.passed_over:
        raise typer.Exit(3)


def validate(store: StoreOption = DEFAULT_STORE) -> None:
    """Check that the graph is well formed.

    Lists each error; exit code 1 if there are any.
    """
    from graph.validate import validate as breaches  # pySHACL

    with read_store(store) as graph:
        found = list(breaches(graph))
    for sentence in found:
        typer.echo(sentence)
    note(f"{len(found)} errors in {store}" if found else f"{store} is well formed")
    if found:
        raise typer.Exit(1)
