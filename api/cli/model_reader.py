"""`positions requests`, and `positions extract` with a language model: what is sent where, and what came of it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api.cli.options import ArticlesOption, DomainArg
from api.cli.terminal import complain, console, note
from graph.domain.folder import READERS, Domain, read_domain
from graph.errors import BadRequest
from graph.model import Article
from graph.records import articles_beside, read_articles, read_statements, write_lines

if TYPE_CHECKING:
    from extract.model_reading.kept import AnswerFile
    from extract.model_reading.reading import Asker
    from extract.model_reading.requests import Asking
    from extract.model_reading.runs import ModelRun, RunProgress
    from extract.running.runs import Run, Staleness
    from graph.coding.readers import ReaderScores

CONTEXT = 16_000
NAMED_MODEL = re.compile(r"(?:^|; )model (.+), prompt ")
"""The name of the model in a statement's `reader`."""
NAMED = 20
"""Refused records that are named one by one."""

ReaderOption = Annotated[
    str | None,
    typer.Option("--reader", envvar="POSITIONS_READER", help="local, model or both [reader of domain.toml, or local]"),
]
UrlOption = Annotated[
    str,
    typer.Option("--model-url", envvar="POSITIONS_MODEL_URL", help="Address of the model, such as http://…:11434/v1"),
]
NameOption = Annotated[
    str, typer.Option("--model-name", envvar="POSITIONS_MODEL_NAME", help="Name of the model at that address")
]
HostOption = Annotated[
    list[str] | None, typer.Option("--allow-host", help="Host, other than this machine, that text may be sent to")
]
AnswersOption = Annotated[
    Path | None, typer.Option("--answers", help="Answers to `positions requests`: nothing is sent")
]
EstimateOption = Annotated[bool, typer.Option("--estimate", help="Count requests and tokens, and send nothing")]
AtOnceOption = Annotated[int, typer.Option("--requests-at-once", min=1, max=64, help="Number of simultaneous requests")]
SecondsOption = Annotated[float, typer.Option("--request-seconds", min=1, help="Time limit of one request")]
ContextOption = Annotated[int, typer.Option("--context", min=4000, help="Tokens of a request with its answer")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelOptions:
    """The options of the model reader."""

    reader: str
    url: str = ""
    name: str = ""
    hosts: tuple[str, ...] = ()
    answers: Path | None = None
    at_once: int = 4
    seconds: float = 120.0
    context: int = CONTEXT

    def __post_init__(self) -> None:
        if self.reader not in READERS:
            raise BadRequest(f"--reader {self.reader!r} is not one of {', '.join(READERS)}")

    @property
    def asking(self) -> "Asking":
        """Return the form of the requests."""
        from extract.model_reading.requests import UNNAMED, Asking

        return Asking(model=self.name or UNNAMED, context=self.context)


def requests(
    domain: DomainArg,
    articles: ArticlesOption = None,
    out: Annotated[Path, typer.Option("--out", help="Batch file to write")] = Path("requests.jsonl"),
    model_name: NameOption = "",
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Answers so far: only requests that are left are written")
    ] = None,
    context: ContextOption = CONTEXT,
) -> None:
    """Write the requests of the model reader as a batch file. Nothing is sent.

    A batch service, or an approved tool without an API, answers them; `positions extract --reader model --answers FILE`
    reads what comes back. With --answers, the requests are written that those answers leave open.
    """
    from extract.model_reading.kept import AnswerFile
    from extract.model_reading.reading import bodies
    from extract.model_reading.runs import read_all

    area = read_domain(domain, documents=articles)
    asked = ModelOptions(reader="model", name=model_name, answers=answers, context=context)
    nothing = out.with_name(f".{out.name}.none")
    with AnswerFile(nothing, writes=False) as kept, _asker(kept, asked, sends=False) as asker:
        run = read_all(area, kept, asked.asking, asker=asker)
    count = write_lines(out, bodies(run.pending))
    waiting = {request.article for request in run.pending}
    unreadable = [each for each in run.failures if each.split(":")[0] not in waiting]
    for failure in unreadable:
        complain(failure)
    _tell_confidential(area)
    note(f"{count} requests about {len(waiting)} articles in {out}")
    if unreadable:
        raise typer.Exit(3)


def answered(statements: Path, area: Domain, asked: ModelOptions) -> "Staleness":
    """Return which documents have no answer of the model yet; without a name, of the model that read the statements."""
    from extract.model_reading.runs import answered as kept_answers

    if not asked.name and statements.is_file():
        readers = (each.reader for each in read_statements(statements))
        names = (match[1] for reader in readers if (match := NAMED_MODEL.search(reader)))
        asked = replace(asked, name=next(names, ""))
    return kept_answers(statements, area, asked.asking)


def tell_estimate(out: Path, area: Domain, asked: ModelOptions) -> None:
    """Print what a run would send."""
    from extract.model_reading.runs import estimate

    found = estimate(out, area, asked.asking)
    typer.echo(f"articles           {found.articles:>12,}")
    typer.echo(f"requests           {found.requests:>12,}")
    typer.echo(f"answered already   {found.answered:>12,}")
    typer.echo(f"input tokens       {found.input:>12,}  about")
    typer.echo(f"output tokens      {found.output:>12,}  at most; a statement that fails is asked for once more")
    for failure in found.failures:
        typer.echo(f"cannot be read: {failure}")


def extract_with_model(
    out: Path,
    area: Domain,
    asked: ModelOptions,
    locally: Callable[[Path, Callable[[Article], bool]], "Run"],
) -> None:
    """Read with the model; use the local reader for text that must not be sent or that both should read."""
    from extract.model_reading.together import together

    both = asked.reader == "both"
    by_model = _read(out, area, asked)
    failures = list(by_model.failures)
    articles = {each.id: each for each in by_model.articles}
    statements = list(by_model.statements)
    if both or any(info.confidential for info in area.articles.values()):
        local_out = out.with_name(f"{out.stem}.local.jsonl")
        run = locally(local_out, lambda info: both or info.confidential)
        failures += [failure for failure in run.failures if failure not in failures]
        local = list(read_statements(local_out))
        articles |= {each.id: each for each in read_articles(articles_beside(local_out))}
        statements = together(local, statements)
    from extract.model_reading.runs import write_run

    order = sorted(articles)
    statements.sort(key=lambda s: (s.article, s.start, s.end, s.actor, s.reform))
    write_run(out, [articles[id] for id in order], statements)
    _tell(out, by_model, articles=len(articles), statements=len(statements))
    _tell_confidential(area)
    for failure in failures:
        complain(failure)
    if failures:
        raise typer.Exit(3)


def _read(out: Path, area: Domain, asked: ModelOptions) -> "ModelRun":
    from extract.documents.reading import documents
    from extract.model_reading.calibration import confidence_of
    from extract.model_reading.kept import AnswerFile, answers_beside
    from extract.model_reading.runs import read_all

    total = sum(1 for _, info in documents(area) if not info.confidential)
    try:
        with (
            AnswerFile(answers_beside(out)) as kept,
            _asker(kept, asked, sends=True) as asker,
            _bar(total) as on_article,
        ):
            return read_all(
                area,
                kept,
                asked.asking,
                asker=asker,
                at_once=asked.at_once,
                confidence=confidence_of(area, asked.asking.model),
                on_article=on_article,
            )
    except KeyboardInterrupt:
        complain(
            f"interrupted; the answers so far are in {answers_beside(out)}: run the same command again to continue"
        )
        raise


@contextmanager
def _asker(kept: "AnswerFile", asked: ModelOptions, *, sends: bool) -> "Iterator[Asker]":
    from extract.model_reading.batch import read_batch
    from extract.model_reading.reading import Asker
    from extract.model_reading.server import Client, ModelServer, read_key

    if asked.answers is not None:
        batch, passed = read_batch(asked.answers)
        for sentence in passed:
            complain(sentence)
        yield Asker(kept, batch=batch)
        return
    if not sends:
        yield Asker(kept)
        return
    if not asked.url:
        raise BadRequest("no model to ask: set POSITIONS_MODEL_URL or --model-url, or name --answers FILE")
    if not asked.name:
        raise BadRequest("name the model with --model-name or POSITIONS_MODEL_NAME")
    server = ModelServer(url=asked.url, allowed=frozenset(asked.hosts), seconds=asked.seconds)
    with Client(server, read_key()) as client:
        yield Asker(kept, client.answer)


def _tell(out: Path, run: "ModelRun", *, articles: int, statements: int) -> None:
    from extract.model_reading.reading import summary

    for each in run.refused[:NAMED]:
        complain(f"{each.article}: left out, as {each.reason}: {str(each.entry)[:160]}")
    for reason, count in summary(run.refused).items():
        note(f"{count} records refused: {reason}")
    if run.unknown:
        note(f"{len(run.unknown)} answers refused, as they answer no request of this domain: {run.unknown[0]} …")
    note(
        f"{statements} statements from {articles} articles in {out}; {run.sent} requests sent, "
        f"{run.input + run.output:,} tokens"
    )


def _tell_confidential(area: Domain) -> None:
    kept_here = sum(info.confidential for info in area.articles.values())
    if kept_here:
        note(f"{kept_here} confidential articles were not sent; the local reader reads them")


def reader_lines(found: "ReaderScores") -> Iterator[str]:
    """Yield how one reader did, line by line."""
    measured = found.scores
    yield f"reader {found.reader}"
    yield f"  position F1 {measured.position.f1:.3f}, statement F1 {measured.statement.f1:.3f}"
    yield f"  stance accuracy {measured.stance_accuracy:.3f}"
    for share in found.manners:
        yield f"  {share.name}: {share.right} of {share.found} right"
    for name, each in (*found.kinds, *found.genres):
        yield f"  {name}: position F1 {each.position.f1:.3f}"


@contextmanager
def _bar(total: int) -> Iterator[Callable[["RunProgress"], None]]:
    columns = (
        TextColumn("read"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[refused]} refused, {task.fields[tokens]:,} tokens"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("read", total=total, refused=0, tokens=0)
        yield lambda tally: progress.update(task, completed=tally.articles, refused=tally.refused, tokens=tally.tokens)
