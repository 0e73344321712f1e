"""`positions add`, `extract`, `status`, `passages` and `explain`: from documents to statements.

Each verb imports what reads documents itself, so that serving and asking start without spaCy.
"""

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.cli import model_reader
from api.cli.building import texts_of
from api.cli.options import (
    STATEMENTS,
    ArticlesOption,
    DomainArg,
    JsonOption,
    ModelOption,
    StatementsOption,
    StoreOption,
    changeable,
)
from api.cli.terminal import bar, complain, emit, note
from api.settings import DEFAULT_STORE, SHIPPED_DOMAIN
from graph.building import stale as stale_graphs
from graph.coding.coded import with_coding
from graph.domain.folder import Domain, bare_domain, read_domain
from graph.errors import BadDomain, BadRequest
from graph.model import Article
from graph.records import articles_beside, read_articles, read_statements, write_lines
from graph.reviewing.by_hand import recoded
from graph.store.copied import read_store

if TYPE_CHECKING:
    from extract.running.runs import Run

SHOWN = 5
"""Articles that a line names."""


def add(
    sources: Annotated[list[str] | None, typer.Argument(help="Files, folders, exports and web addresses")] = None,
    to: Annotated[Path, typer.Option("--to", help="Folder of the domain to add them to")] = SHIPPED_DOMAIN,
    feed: Annotated[list[str] | None, typer.Option("--feed", help="RSS or Atom feed whose entries to add")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Column of an export, such as text=Body or date=Published")
    ] = None,
    dates: Annotated[str, typer.Option("--dates", help="How to read 3/4/2031: day-first or month-first")] = "",
) -> None:
    """Add documents to a domain and list them in its articles.csv.

    A document with the same text as an existing one is skipped. One that repeats most of another, such as a press
    release in a second outlet, is added as a repetition and counts once. Exports are CSV, TSV or JSON lines with one
    article in each row; downloads of Nexis, ProQuest and Factiva are split into their articles. Sources and dates that
    cannot be read are listed at the end, with exit code 3.
    """
    from extract.collecting.adding import add as add_documents

    columns = {}
    for pair in column or []:
        field, equals, name = pair.partition("=")
        if not equals:
            raise BadRequest(f"--column {pair!r} must be FIELD=NAME, such as text=Body")
        columns[field] = name
    if not sources and not feed:
        raise BadRequest("nothing to add: name files, folders or addresses, or a --feed")
    if dates not in ("", "day-first", "month-first"):
        raise BadRequest(f"--dates {dates!r} is not known; use day-first or month-first")
    day_first = dates == "day-first" if dates else None
    area = read_domain(changeable(to))
    with bar("add") as step:
        made = add_documents(
            sources or [], area, feeds=feed or [], columns=columns, day_first=day_first, on_document=step
        )
    for each in made.added:
        repeats = f", repeats {each.release}" if each.release else ""
        typer.echo(f"{each.id}  {each.source}{repeats}")
    for sentence in (*made.known, *made.failures, *made.undated):
        complain(sentence)
    note(f"{len(made.added)} added to {to}, {len(made.known)} already there, {len(made.failures)} failed")
    if made.failures or made.undated:
        raise typer.Exit(3)


def extract(
    domain: DomainArg,
    articles: ArticlesOption = None,
    out: Annotated[Path, typer.Option("--out", help="File of statements to write")] = STATEMENTS,
    model: ModelOption = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Number of processes")] = 1,
    dask: Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler that runs the work")] = None,
    again: Annotated[bool, typer.Option("--again", help="Extract unchanged documents too")] = False,
    weights: Annotated[Path | None, typer.Option("--weights", help="Weights written by `positions learn`")] = None,
    reader: model_reader.ReaderOption = None,
    model_url: model_reader.UrlOption = "",
    model_name: model_reader.NameOption = "",
    allow_host: model_reader.HostOption = None,
    answers: model_reader.AnswersOption = None,
    estimate: model_reader.EstimateOption = False,
    requests_at_once: model_reader.AtOnceOption = 4,
    request_seconds: model_reader.SecondsOption = 120.0,
    context: model_reader.ContextOption = model_reader.CONTEXT,
) -> None:
    """Read a domain's articles and write the statements in them.

    The texts that the statements quote are written to `NAME.articles.jsonl` in the same folder. A document that cannot
    be read is listed at the end, with exit code 3; the others are extracted. Results for unchanged documents are
    reused, and a run that was killed resumes where it stopped, both from `NAME.state.jsonl`.
    """
    from extract.documents.reading import documents
    from extract.running.runs import extract_to

    area = read_domain(domain, documents=articles)
    if next(documents(area), None) is None:
        raise BadDomain(area.documents, None, "holds no readable document; put some there, or use --articles FOLDER")
    chosen = _text(weights) if weights is not None else ""
    if (reader or area.reader) != "local" or estimate or answers is not None:
        asked = model_reader.ModelOptions(
            reader=reader or (area.reader if area.reader != "local" else "model"),
            url=model_url,
            name=model_name,
            hosts=tuple(allow_host or ()),
            answers=answers,
            at_once=requests_at_once,
            seconds=request_seconds,
            context=context,
        )
        if estimate:
            model_reader.tell_estimate(out, area, asked)
            return

        def locally(to: Path, only: Callable[[Article], bool]) -> "Run":
            again_with = {"workers": workers, "dask": dask, "again": again, "weights": chosen}
            return extract_to(to, area, model=model, progress=bar, only=only, **again_with)  # type: ignore[arg-type]

        model_reader.extract_with_model(out, area, asked, locally)
        return
    run = extract_to(out, area, model=model, workers=workers, progress=bar, dask=dask, again=again, weights=chosen)
    for failure in run.failures:
        complain(failure)
    kept = f", {run.unchanged} unchanged" if run.unchanged else ""
    note(f"{run.statements} statements from {run.articles} articles{kept} in {out}")
    for line in _unowned(area, out):
        note(line)
    if run.failures:
        raise typer.Exit(3)


def _unowned(area: Domain, statements: Path) -> list[str]:
    """Return a line on the articles in which it stays open who 'we' is, with the row to add; none if there are none."""
    beside = articles_beside(statements)
    found = [each.id for each in read_articles(beside) if each.unowned] if beside.is_file() else []
    if not found:
        return []
    named = f"{', '.join(found[:SHOWN])}{f' and {len(found) - SHOWN} more' if len(found) > SHOWN else ''}"
    which = f"article {named} speaks" if len(found) == 1 else f"{len(found)} articles speak"
    names = "" if len(found) == 1 else f" ({named})"
    row = f"give the owner in {area.folder / 'articles.csv'}, in the columns id,voice: {found[0]},ACTOR"
    return [f"{which} as 'we', and nothing says for whom{names}; {row}"]


def _text(path: Path) -> str:
    """Return the text of a file. Raises BadRequest."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path} cannot be read: {error}") from error


def status(
    domain: DomainArg,
    statements: StatementsOption = STATEMENTS,
    store: StoreOption = DEFAULT_STORE,
    articles: ArticlesOption = None,
    model: Annotated[str | None, typer.Option("--model", help="The --model that `extract` was given")] = None,
    reader: model_reader.ReaderOption = None,
    model_name: model_reader.NameOption = "",
    context: model_reader.ContextOption = model_reader.CONTEXT,
    as_json: JsonOption = False,
) -> None:
    """List documents to extract again and articles to build again.

    Changes nothing. With the model reader, a document is current if every request about it has an answer.
    """
    from extract.running.runs import staleness

    area = read_domain(domain, documents=articles)
    asked = model_reader.ModelOptions(reader=reader or area.reader, name=model_name, context=context)
    by_model = asked.reader != "local"
    read = model_reader.answered(statements, area, asked) if by_model else staleness(statements, area, model=model)
    graph = None
    coding: tuple[str, ...] = ()
    # A SPARQL server always holds a graph, even an empty one.
    if statements.is_file() and ("://" in store or (Path(store) / "data").is_dir()):
        material = with_coding(area, texts_of(area, statements), read_statements(statements))
        with read_store(store) as held:
            graph = stale_graphs(held, area, material.articles, material.statements)
            coding = recoded(held, area, material.articles)
    if as_json:
        graphs = asdict(graph) if graph is not None else None
        emit({"reader": asked.reader, "documents": asdict(read), "graph": graphs, "coding": coding})
        return
    documents = "documents answered by the model" if by_model else "documents"
    for what, found, verb in ((documents, read, "extract"), ("articles in the graph", graph, "build")):
        if found is None:
            typer.echo(f"{what}: none yet; run `positions {verb}`")
            continue
        parts = {"new": found.new, "changed": found.changed, "removed": found.removed}
        typer.echo(f"{what}: {found.current} current" + "".join(f", {len(ids)} {name}" for name, ids in parts.items()))
        for name, ids in parts.items():
            for id in ids:
                typer.echo(f"  {name}: {id}")
    for line in _unowned(area, statements):
        typer.echo(line)
    if coding:
        typer.echo(f"articles coded by hand: {len(coding)} changed; run `positions build`")
        for id in coding:
            typer.echo(f"  changed: {id}")
    for failure in read.failures:
        typer.echo(f"  cannot be read: {failure}")


def passages(
    corpus: Annotated[Path, typer.Argument(help="A domain, or a folder of documents", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="File to write, as JSON lines")] = Path("passages.jsonl"),
    model: ModelOption = None,
) -> None:
    """Write every attributed passage and its speaker, on any subject."""
    from extract.attributed import attributed

    area = read_domain(corpus) if (corpus / "actors.csv").is_file() else bare_domain(corpus)
    failures: list[str] = []
    with bar("passages") as step:
        count = write_lines(out, attributed(area, model=model, on_article=step, failures=failures))
    for failure in failures:
        complain(failure)
    note(f"{count} passages in {out}")
    if failures:
        raise typer.Exit(3)


def explain(
    article: Annotated[Path, typer.Argument(help="The document", show_default=False)],
    domain: Annotated[Path, typer.Option("--domain", help="Folder with the domain's tables")] = SHIPPED_DOMAIN,
    model: ModelOption = None,
    format: Annotated[str, typer.Option("--format", help="text, html or json")] = "text",
    as_json: JsonOption = False,
) -> None:
    """Show what extraction finds in one document, and why.

    Lists speakers, reforms, cues and reasons, and the sentences that nearly became statements.
    """
    if format not in ("text", "html", "json"):
        raise BadRequest(f"unknown format {format!r}; use text, html or json")
    from api.cli import explained, explained_page
    from extract.documents.reading import read
    from extract.judging.targets import Topics
    from extract.measuring.explain import explanation
    from extract.pipeline import MODEL, docs, pipeline

    area = read_domain(domain, documents=article.parent if article.parent.is_dir() else None)
    info = area.articles.get(article.stem)
    nlp = pipeline(area, model=model or MODEL)
    for read_one, doc in docs([read(article, info)], nlp):
        made = explanation(read_one, doc, Topics(area))
        if as_json or format == "json":
            emit(asdict(made))
        elif format == "html":
            labels = {id: reform.label for id, reform in area.reforms.items()}
            typer.echo(explained_page.page(read_one, made, labels))
        else:
            typer.echo("\n".join(explained.lines(made)))
