"""The command line `positions`: one verb a stage, in the order of the flow."""

import errno
import json
import logging
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.logging import RichHandler
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from api.cli.answers import told
from api.cli.backup import backup, restore, versions
from api.cli.generated_pages import document, settings_help
from api.cli.review import review as review_verbs
from api.settings import DEFAULT_STORE, SETTINGS_FILE, SHIPPED_DOMAIN, Settings
from graph.asking.ask import ask as ask_store
from graph.building import build as build_graph
from graph.building import stale as stale_graphs
from graph.coding.coded import Material, agreements, keep_coding, read_coding, with_coding
from graph.coding.tables import ColumnMapping, read_mapping
from graph.domain.folder import Domain, bare_domain, read_domain
from graph.errors import BadDomain, BadRequest, BadStatement, PositionsError
from graph.model import Article
from graph.reading.search import refresh
from graph.records import articles_beside, read_articles, read_statements, whole_file, write_lines
from graph.reviewing.reviews import carry_over
from graph.store.embedded import Store, open_store
from graph.versions.builds import keep as keep_version

if TYPE_CHECKING:
    from extract.measuring.learning import Gold

# What reads documents is imported by the verbs that need it: serving and asking start without spaCy.

app = typer.Typer(
    name="positions",
    help="Who stands where on which reform, in which words: from articles to answers, a verb a stage.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(review_verbs, name="review")
console = Console(stderr=True, soft_wrap=True)

DomainArg = Annotated[Path, typer.Argument(help="Folder of the policy area's tables", show_default=False)]
StoreOption = Annotated[str, typer.Option("--store", help="Folder of the graph, or address of a SPARQL 1.1 server")]
ArticlesOption = Annotated[Path | None, typer.Option("--articles", help="Read these documents in place of articles/")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs")]
FormatOption = Annotated[str, typer.Option("--format", help="Format of the file")]
OutOption = Annotated[Path | None, typer.Option("--out", help="File to write; without it, standard output")]

OF_THE_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
    | {errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
)
"""Failures that are nobody's mistake in this program."""

SEND_BUFFER = 256 * 1024
"""Bytes of an answer that wait in the system for a slow client."""


def main() -> None:
    """Run the command line; a known error is one sentence on standard error and exit code 1."""
    try:
        app()
    except PositionsError as error:
        console.print(f"positions: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        where = f"{error.filename} cannot be written or read: " if error.filename else ""
        console.print(f"positions: {where}{error.strerror}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what is passed over, and why")] = False,
) -> None:
    """Who stands where on which reform, in which words."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_time=False, show_path=False, show_level=False, markup=False)],
    )


def emit(fields: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2, default=str) + "\n")


# Documents to statements


@app.command()
def add(
    sources: Annotated[list[str] | None, typer.Argument(help="Files, folders, exports and addresses")] = None,
    to: Annotated[Path, typer.Option("--to", help="Folder of the domain that takes them in")] = SHIPPED_DOMAIN,
    feed: Annotated[list[str] | None, typer.Option("--feed", help="RSS or Atom feed to read all entries of")] = None,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="Of an export: text=Body, date=Published")
    ] = None,
) -> None:
    """Bring documents into a domain: copied, named, dated, and entered in its articles.csv.

    What has the same text as a document that is there is left out; what repeats most of one (a press release in another
    outlet) comes in as its repetition and counts once. Exports are CSV, TSV or JSON lines, one article a row. What
    cannot be read is named at the end and leaves exit code 3.
    """
    from extract.collecting.adding import add as add_documents  # the readers of documents

    columns = {}
    for pair in column or []:
        field, equals, name = pair.partition("=")
        if not equals:
            raise BadRequest(f"--column {pair!r} is not FIELD=NAME, such as text=Body")
        columns[field] = name
    if not sources and not feed:
        raise BadRequest("nothing to add; name files, folders or addresses, or a --feed")
    with bar("add") as step:
        made = add_documents(sources or [], read_domain(to), feeds=feed or [], columns=columns, on_document=step)
    for each in made.added:
        repeats = f", repeats {each.release}" if each.release else ""
        typer.echo(f"{each.id}  {each.source}{repeats}")
    for sentence in (*made.known, *made.failures):
        console.print(f"positions: {sentence}", markup=False, highlight=False, soft_wrap=True)
    console.print(
        f"{len(made.added)} added to {to}, {len(made.known)} known already, {len(made.failures)} failed",
        highlight=False,
    )
    if made.failures:
        raise typer.Exit(3)


@app.command()
def extract(
    domain: DomainArg,
    articles: ArticlesOption = None,
    out: Annotated[Path, typer.Option("--out", help="JSON lines of statements to write")] = Path("statements.jsonl"),
    model: Annotated[str | None, typer.Option("--model", help="Any installed spaCy pipeline for the language")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that read articles")] = 1,
    dask: Annotated[str | None, typer.Option("--dask", help="Address of a Dask scheduler to send the work to")] = None,
    again: Annotated[bool, typer.Option("--again", help="Read everything, also what has not changed")] = False,
    weights: Annotated[Path | None, typer.Option("--weights", help="Learnt weights, from `positions learn`")] = None,
) -> None:
    """Read a domain's articles and write who takes which stance in which words.

    The texts that the statements quote are written beside them, as `NAME.articles.jsonl`. A document that cannot be
    read is named at the end and leaves exit code 3; the others are not held up by it. What has not changed since the
    last run is kept, and a run that was killed goes on where it stopped, by `NAME.state.jsonl`.
    """
    from extract.documents.reading import documents  # the readers of documents
    from extract.running.runs import extract_to

    area = read_domain(domain, documents=articles)
    if next(documents(area), None) is None:
        raise BadDomain(
            area.documents, None, "holds no document that is read; put some there, or name --articles FOLDER"
        )
    chosen = read_text(weights) if weights is not None else ""
    run = extract_to(out, area, model=model, workers=workers, progress=bar, dask=dask, again=again, weights=chosen)
    for failure in run.failures:
        console.print(f"positions: {failure}", markup=False, highlight=False, soft_wrap=True)
    kept = f", {run.unchanged} unchanged" if run.unchanged else ""
    console.print(f"{run.statements} statements from {run.articles} articles{kept} in {out}", highlight=False)
    if run.failures:
        raise typer.Exit(3)


@app.command()
def status(
    domain: DomainArg,
    statements: Annotated[Path, typer.Option("--statements", help="JSON lines that `extract` wrote")] = Path(
        "statements.jsonl"
    ),
    store: StoreOption = DEFAULT_STORE,
    articles: ArticlesOption = None,
    model: Annotated[str | None, typer.Option("--model", help="The model that `extract` was given")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell what is stale: documents to extract again, articles to build again. Nothing is written."""
    from extract.running.runs import staleness  # the readers of documents

    area = read_domain(domain, documents=articles)
    read = staleness(statements, area, model=model)
    graph = None
    # A SPARQL server holds a graph whatever is in it.
    if statements.is_file() and ("://" in store or (Path(store) / "data").is_dir()):
        material = with_coding(area, texts_of(area, statements), read_statements(statements))
        with open_store(store, read_only=True) as held:
            graph = stale_graphs(held, area, material.articles, material.statements)
    if as_json:
        emit({"documents": asdict(read), "graph": asdict(graph) if graph is not None else None})
        return
    for what, found, verb in (("documents", read, "extract"), ("articles in the graph", graph, "build")):
        if found is None:
            typer.echo(f"{what}: none yet; `positions {verb}` makes them")
            continue
        parts = {"new": found.new, "changed": found.changed, "removed": found.removed}
        typer.echo(f"{what}: {found.current} current" + "".join(f", {len(ids)} {name}" for name, ids in parts.items()))
        for name, ids in parts.items():
            for id in ids:
                typer.echo(f"  {name}: {id}")
    for failure in read.failures:
        typer.echo(f"  cannot be read: {failure}")


@app.command()
def passages(
    corpus: Annotated[Path, typer.Argument(help="A domain, or a plain folder of documents", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="JSON lines to write")] = Path("passages.jsonl"),
    model: Annotated[str | None, typer.Option("--model", help="Any installed spaCy pipeline for the language")] = None,
) -> None:
    """Write who says what: each passage with the mention of its speaker, whatever it is about."""
    from extract.attributed import attributed  # spaCy

    area = read_domain(corpus) if (corpus / "actors.csv").is_file() else bare_domain(corpus)
    with bar("passages") as step:
        count = write_lines(out, attributed(area, model=model, on_article=step))
    console.print(f"{count} passages in {out}", highlight=False)


@app.command()
def explain(
    article: Annotated[Path, typer.Argument(help="A document to read", show_default=False)],
    domain: Annotated[Path, typer.Option("--domain", help="Folder of the policy area's tables")] = SHIPPED_DOMAIN,
    model: Annotated[str | None, typer.Option("--model", help="Any installed spaCy pipeline for the language")] = None,
    format: Annotated[str, typer.Option("--format", help="text, html or json")] = "text",
    as_json: JsonOption = False,
) -> None:
    """Tell what extraction sees in one document, and why: speakers, reforms, cues, reasons, near misses."""
    if format not in ("text", "html", "json"):
        raise BadRequest(f"no format {format!r}; there are text, html, json")
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
            typer.echo("\n".join(explained.told(made)))


@app.command()
def evaluate(
    domain: DomainArg,
    statements: Annotated[Path, typer.Argument(help="JSON lines of statements that were found")],
    gold: Annotated[Path | None, typer.Option("--gold", help="Annotated statements [gold.jsonl of the domain]")] = None,
    before: Annotated[Path | None, typer.Option("--before", help="An earlier run to compare with by name")] = None,
    by: Annotated[str, typer.Option("--by", help="Also per article, actor or reform")] = "",
    agreement: Annotated[
        Path | None, typer.Option("--agreement", help="Hand coding: how far coders agree, with one another and with us")
    ] = None,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="Of the hand coding: TOML")] = None,
    verdicts: Annotated[
        str | None, typer.Option("--verdicts", help="Graph whose verdicts are the gold, with --gold or alone")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score found statements against annotated ones, and name what was missed and what is wrong."""
    from api.cli import scores
    from extract.measuring.evaluate import actor_names, annotations
    from extract.measuring.evaluate import scores as measured

    if by and by not in {"article", "actor", "reform"}:
        raise BadRequest(f"--by {by!r} is none of article, actor, reform")
    area = read_domain(domain)
    if agreement is not None:
        columns = read_mapping(mapping) if mapping else ColumnMapping(columns={})
        coding = read_coding(agreement, area, texts_of(area, statements), mapping=columns)
        measures = agreements(coding, read_statements(statements))
        if as_json:
            emit([asdict(each) for each in measures])
        else:
            typer.echo("\n".join(map(scores.agreement, measures)))
        return
    if verdicts is not None:
        from extract.measuring.learning import judged_by

        judged = gold_of(area, gold, verdicts)
        annotated = list(judged.annotations)
        found = judged_by(judged, read_statements(statements))
        names = actor_names(area)
        if as_json:
            emit(asdict(measured(annotated, found, names)))
        else:
            typer.echo("\n".join(scores.told(annotated, found, names, by=by)))
        return
    annotated = annotations(gold or domain / "gold.jsonl", area)
    within = {annotation.article for annotation in annotated}
    found = [statement for statement in read_statements(statements) if statement.article in within]
    names = actor_names(area)
    if as_json:
        emit(asdict(measured(annotated, found, names)))
        return
    typer.echo("\n".join(scores.told(annotated, found, names, by=by)))
    if before is not None:
        earlier = [statement for statement in read_statements(before) if statement.article in within]
        typer.echo("\n".join(scores.compared(earlier, found)))


@app.command()
def learn(
    domain: DomainArg,
    gold: Annotated[Path | None, typer.Option("--gold", help="Annotated statements [gold.jsonl of the domain]")] = None,
    verdicts: Annotated[str | None, typer.Option("--verdicts", help="Graph whose verdicts are gold as well")] = None,
    articles: ArticlesOption = None,
    model: Annotated[str | None, typer.Option("--model", help="Any installed spaCy pipeline for the language")] = None,
    out: Annotated[Path, typer.Option("--out", help="File of weights to write")] = Path("weights.json"),
) -> None:
    """Learn weights from annotated statements and from verdicts, and tell what they gain.

    They are tried on each article in turn, learnt from the others; where they gain nothing, nothing is written.
    Use them with `positions extract --weights FILE`; to be rid of them, leave that away.
    """
    if find_spec("sklearn") is None:
        raise BadRequest("learning needs scikit-learn; install stakeholder-positions[learn]")
    from extract.documents.reading import documents, read
    from extract.judging.linear import judgements
    from extract.measuring.fitting import write
    from extract.measuring.learning import learn as learnt
    from extract.measuring.learning import lessons
    from extract.models import MODEL
    from extract.pipeline import pipeline

    area = read_domain(domain, documents=articles)
    judged = gold_of(area, gold, verdicts)
    about = {*judged.whole, *(each.article for each in judged.annotations), *(each[0] for each in judged.rejected)}
    texts = [read(path, info) for path, info in documents(area) if info.id in about]
    taught = lessons(texts, judged, area, pipeline(area, model=model or MODEL))
    if len(taught) < 2:
        raise BadRequest(f"{len(taught)} articles with gold are too few to try on one what was learnt from others")
    made = learnt(taught, judged, area, judgements())
    typer.echo(f"{made.articles} articles, each tried with weights learnt from the others")
    typer.echo(f"F1 of positions {made.before.position.f1:.3f} as shipped, {made.after.position.f1:.3f} learnt")
    typer.echo(f"F1 of statements {made.before.statement.f1:.3f} as shipped, {made.after.statement.f1:.3f} learnt")
    if not made.strength:
        typer.echo("nothing gained: no weights written")
        return
    write(out, made.weights)
    typer.echo(f"gain {made.gain:+.3f}, weights in {out}")


def gold_of(area: Domain, gold: Path | None, verdicts: str | None) -> "Gold":
    """What people say of a domain's articles: annotated, and found by the verdicts of a graph. Raises BadRequest."""
    from extract.measuring.evaluate import annotations
    from extract.measuring.learning import Gold, gold_of_verdicts, together

    file = gold or area.folder / "gold.jsonl"
    parts = []
    if gold is not None or file.is_file():
        annotated = tuple(annotations(file, area))
        parts.append(Gold(annotations=annotated, whole=frozenset(each.article for each in annotated)))
    if verdicts is not None:
        with open_store(verdicts, read_only=True) as graph:
            parts.append(gold_of_verdicts(graph))
    if not parts:
        raise BadRequest(f"{file}: no annotated statements there; name --gold FILE or --verdicts GRAPH")
    return together(parts)


def read_text(path: Path) -> str:
    """The text of a file. Raises BadRequest."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path}: cannot be read: {error}") from error


# Statements to a graph


@app.command()
def build(
    domain: DomainArg,
    statements: Annotated[Path, typer.Argument(help="JSON lines of statements, as `extract` writes them")],
    store: StoreOption = DEFAULT_STORE,
    articles: ArticlesOption = None,
) -> None:
    """Make the graph of a domain hold these statements: an article's graph is replaced as a whole."""
    area = read_domain(domain, documents=articles)
    if not statements.is_file():
        raise BadStatement(f"{statements}: no such file; make it with `positions extract {domain}`")
    texts = texts_of(area, statements, given=articles is not None)
    build_in(store, area, with_coding(area, texts, read_statements(statements)))


def texts_of(area: Domain, statements: Path, *, given: bool = False) -> list[Article]:
    """The texts that statements quote: those that lie beside them, else those of the domain's documents."""
    beside = articles_beside(statements)
    if beside.is_file() and not given:
        return list(read_articles(beside))
    from extract.documents.reading import documents, read  # needed only where the texts do not lie beside

    return [read(path, info) for path, info in documents(area)]


def build_in(store: str, area: Domain, material: Material, *, keep: bool = False) -> None:
    """Build, and tell what came in."""
    from graph.debate.triples import keep_network  # networkx and scipy

    for passed in material.passed_over:
        console.print(f"positions: {passed.place}: {passed.reason}", markup=False, highlight=False, soft_wrap=True)
    with open_store(store) as graph, bar("build", len(material.articles)) as step:
        made = build_graph(graph, area, material.articles, material.statements, keep=keep, on_article=lambda _: step())
        carried = carry_over(graph)
        keep_network(graph)
        refresh(graph)
        version = keep_version(graph, at_most=settings_with().versions)
    if carried:
        console.print(f"{carried} reviewed statements found again where their text has moved", highlight=False)
    console.print(
        f"{made.statements} statements in {made.articles} articles, {made.positions} positions, in {store}"
        + (f", version {version.number}" if version is not None else ""),
        highlight=False,
    )


@app.command(name="import")
def import_coding(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSON lines, or a .dna file", show_default=False)],
    to: Annotated[Path, typer.Option("--to", help="Folder of the domain that the coding belongs to")] = SHIPPED_DOMAIN,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="TOML: which column of the table is what")] = None,
    statements: Annotated[Path, typer.Option("--statements", help="JSON lines that `extract` wrote")] = Path(
        "statements.jsonl"
    ),
    store: Annotated[str | None, typer.Option("--store", help="Build it into this graph at once")] = None,
) -> None:
    """Take over what people have coded: into the domain's folder `coded/`, which `build` reads with the rest.

    Actors and reforms that the domain does not know are added to its tables. Rows that cannot be taken over are named
    and leave exit code 3.
    """
    area = read_domain(to)
    texts = texts_of(area, statements)
    coding = read_coding(file, area, texts, mapping=read_mapping(mapping) if mapping else ColumnMapping(columns={}))
    kept = keep_coding(coding, area, file.stem)
    for passed in coding.passed_over:
        console.print(f"positions: {passed.place}: {passed.reason}", markup=False, highlight=False, soft_wrap=True)
    names = f", {coding.entities} names" if coding.entities else ""
    counted = (
        f"{len(coding.articles)} articles, {len(coding.statements)} statements, {len(coding.actors)} actors{names}"
    )
    console.print(f"{counted}, {len(coding.passed_over)} passed over, in {kept}", highlight=False, soft_wrap=True)
    if store is not None:
        area = read_domain(to)
        found = list(read_statements(statements)) if statements.is_file() else []
        build_in(store, area, with_coding(area, texts, found), keep=not found)
    if coding.passed_over:
        raise typer.Exit(3)


@app.command()
def validate(store: StoreOption = DEFAULT_STORE) -> None:
    """Tell every place where the graph is not well formed; exit code 1 if there is one."""
    from graph.validate import validate as breaches  # pySHACL

    with open_store(store, read_only=True) as graph:
        found = list(breaches(graph))
    for sentence in found:
        typer.echo(sentence)
    console.print(f"{len(found)} breaches in {store}" if found else f"{store} is well formed", highlight=False)
    if found:
        raise typer.Exit(1)


# Answers


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="Such as: who opposes the fare cap?")],
    store: StoreOption = DEFAULT_STORE,
    as_json: JsonOption = False,
) -> None:
    """Answer a plain question with passages and sources, and show the SPARQL that was run."""
    with open_store(store, read_only=True) as graph:
        answers = ask_store(graph, question)
    if as_json:
        emit(asdict(answers))
    else:
        typer.echo("\n".join(told(answers)))


@app.command()
def network(
    store: StoreOption = DEFAULT_STORE,
    format: FormatOption = "graphml",
    out: OutOption = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE, several times for a list; see docs/measures.md"),
    ] = None,
) -> None:
    """Write the network of who agrees with whom: graphml, gexf, csv, json, pajek or dot."""
    from graph.debate.agreement import camps_for, stored_network  # networkx and scipy
    from graph.debate.columns import NetworkOptions
    from graph.debate.files import network_file, write_network

    chosen: dict[str, list[str]] = {}
    for pair in option or ():
        name, _, value = pair.partition("=")
        chosen.setdefault(name, []).append(value)
    options = NetworkOptions.read(chosen)
    with open_store(store, read_only=True) as graph:
        made = stored_network(graph, options)
        camps = camps_for(graph, options)
    if out is None:
        put(out, network_file(made, format, camps))
        return
    for path in write_network(made, format, out, camps):
        console.print(str(path), markup=False, highlight=False)


@app.command()
def export(
    store: StoreOption = DEFAULT_STORE,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="Statements as jsonl, csv, xlsx, parquet or dna; the graph as turtle, trig, nquads or jsonld; "
            "rocrate: all of it with a description, to be cited; dcat: the description alone",
        ),
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option("--out", help="File to write")] = None,
    site: Annotated[str, typer.Option("--site", help="Public address of the service, for the description")] = "",
) -> None:
    """Take the data away, for another program or to be cited."""
    from graph.export.citation import description, package
    from graph.export.files import FORMATS
    from graph.export.files import export as written

    with open_store(store, read_only=True) as graph:
        if format == "dna":
            _export_dna(graph, out or Path("positions.dna"))
        elif format == "rocrate":
            place = out or Path("positions.zip")
            place.parent.mkdir(parents=True, exist_ok=True)
            console.print(f"{len(package(graph, place, site=site))} files in {place}", highlight=False)
        elif format == "dcat":
            put(out, description(graph, site=site))
        elif format not in FORMATS:
            raise BadRequest(f"no format {format!r}; there are {', '.join([*FORMATS, 'dna', 'rocrate', 'dcat'])}")
        else:
            place = out or Path(f"positions.{FORMATS[format].ending}")
            written(graph, format, place)
            console.print(str(place), markup=False, highlight=False)


def _export_dna(graph: Store, out: Path) -> None:
    from graph.coding.dna import PASSWORD, write_dna
    from graph.debate.stored import stored_debate, with_texts

    debate = stored_debate(graph)
    made = write_dna(debate, out, with_texts(graph, debate))
    console.print(
        f"{made.documents} documents and {made.statements} statements in {out}; "
        f"in DNA the coder is Admin, the password {PASSWORD}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


@app.command()
def brief(
    reform: Annotated[
        list[str] | None, typer.Argument(help="Id of a reform, or of several", show_default=False)
    ] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: Annotated[
        list[str] | None, typer.Option("--actor", help="In the place of reforms: an actor; given twice, a comparison")
    ] = None,
    camp: Annotated[str, typer.Option("--camp", help="In the place of reforms: a camp, as /agreement has it")] = "",
    format: Annotated[str, typer.Option("--format", help="md, html, docx or pdf")] = "md",
    out: OutOption = None,
    length: Annotated[str, typer.Option("--length", help="one-page, two-pages or full")] = "full",
    since: Annotated[str, typer.Option("--since", help="First date")] = "",
    until: Annotated[str, typer.Option("--until", help="Last date, inclusive")] = "",
    changed_since: Annotated[str, typer.Option("--changed-since", help="From when on changes are told")] = "",
    template: Annotated[Path | None, typer.Option("--template", help="Word document with the styles to use")] = None,
    site: Annotated[str, typer.Option("--site", help="Public address of the service, for links to statements")] = "",
) -> None:
    """Write a sourced, balanced briefing on a reform, on several, on an actor, on actors compared, or on a camp."""
    from api.data.briefings import period, subject
    from api.forms.writing import form, written
    from graph.briefing.material import briefing_for

    form(format)
    bounds = period(since=since, until=until, changed_since=changed_since, length=length)
    with open_store(store, read_only=True) as graph:
        statements_at = f"{site.rstrip('/')}/statements/" if site else ""
        about = subject(graph, bounds, reforms=reform or (), actors=actor or (), camp=camp)
        made = briefing_for(graph, about, statements_at=statements_at)
    put(out, written(made, format, template=template))


@app.command(epilog=settings_help())
def serve(
    context: typer.Context,
    store: Annotated[str | None, typer.Option("--store", help="Graph to serve, made if empty")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on [8000]")] = None,
    query_timeout: Annotated[float | None, typer.Option("--query-timeout", help="Seconds for a query [10]")] = None,
    max_rows: Annotated[int | None, typer.Option("--max-rows", help="Rows of one SPARQL answer [1000000]")] = None,
    concurrent_queries: Annotated[
        int | None, typer.Option("--concurrent-queries", help="Long queries at once, then 429 [16]")
    ] = None,
) -> None:
    """Serve the graph: pages, JSON, SPARQL. Without --store, the shipped corpus is read and built first if need be."""
    import uvicorn  # other verbs need no server

    from api.app import create_app

    given = {name: value for name, value in context.params.items() if value is not None}
    settings = settings_with(**given)
    if "store" not in settings.model_fields_set:
        build_shipped(Path(settings.store))
    # What waits for the network must not wait for threads that make pages: they give way ten times as often as usual.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        forwarded_allow_ips=settings.forwarded_allow_ips,
        server_header=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    listening = config.bind_socket()
    # The system would hold megabytes for each slow client, who would go on reading long after a query was ended.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    host_shown, port_shown = listening.getsockname()[:2]
    console.print(
        f"serving {settings.store} at http://{host_shown}:{port_shown}; Ctrl+C ends it", markup=False, highlight=False
    )
    uvicorn.Server(config).run([listening])


app.command()(versions)
app.command()(backup)
app.command()(restore)
app.command(hidden=True)(document)


def put(out: Path | None, content: bytes) -> None:
    """Into the file, or on standard output where none is named."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    with whole_file(out) as file:
        file.write(content)
    console.print(str(out), markup=False, highlight=False)


@app.command()
def agents(
    store: StoreOption = DEFAULT_STORE,
    http: Annotated[bool, typer.Option("--http", help="Answer over HTTP at /mcp, not by standard input")] = False,
    host: Annotated[str, typer.Option("--host", help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on")] = 8001,
) -> None:
    """Answer language-model agents by the Model Context Protocol, reading only."""
    import asyncio

    try:
        from api.agents.server import serve_http, serve_stdio
    except ImportError as error:
        raise BadRequest("agents need the Model Context Protocol's SDK; install the extra `agents`") from error

    settings = settings_with(store=store)
    with open_store(store, read_only=True) as graph:
        if http:
            asyncio.run(serve_http(graph, settings, host=host, port=port))
        else:
            asyncio.run(serve_stdio(graph, settings))


def settings_with(**given: Any) -> Settings:
    """The settings, with these before file and environment; raises BadRequest in one sentence."""
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise BadRequest(f"setting {name}: {first['msg']}; see `positions serve --help`") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRequest(f"{SETTINGS_FILE} cannot be read: {error}; mend it, or take it away") from error


def build_shipped(folder: Path) -> None:
    """Read and build the shipped corpus if its graph is not there yet.

    In a process of its own: what serves never loads spaCy.
    """
    if (folder / "data").is_dir():
        return
    statements = folder / "statements.jsonl"
    positions = [sys.executable, "-m", "api.cli.main"]
    for verb in (
        ["extract", str(SHIPPED_DOMAIN), "--out", str(statements)],
        ["build", str(SHIPPED_DOMAIN), str(statements), "--store", str(folder)],
    ):
        done = subprocess.run([*positions, *verb], check=False)  # noqa: S603  # our own verbs
        if done.returncode not in {0, 3}:
            raise typer.Exit(done.returncode)


class Pace(ProgressColumn):
    """How many steps are done a second."""

    def render(self, task: Task) -> Text:
        """The text of the column."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """A progress bar on standard error; a call is one step."""
    pace = Pace()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), pace, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


if __name__ == "__main__":
    main()
