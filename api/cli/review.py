"""`positions review`: the queue, verdicts and new names from the command line, on a graph that no server holds."""

import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.data.reviews import now
from api.settings import DEFAULT_STORE, SHIPPED_DOMAIN
from graph.errors import BadRequest
from graph.model import Selection, Stance
from graph.reviewing.files import read_verdicts, write_verdicts
from graph.reviewing.measures import measures
from graph.reviewing.proposals import accept, accept_as_alias, dismiss, proposals, with_passages
from graph.reviewing.queue import queue, shown
from graph.reviewing.reviews import Fault, Review, Verdict, history, record, record_all
from graph.store.embedded import Store, open_store

review = typer.Typer(
    help="Check statements: the queue, verdicts, files of verdicts, agreement, new names.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StoreOption = Annotated[str, typer.Option("--store", help="Folder of the graph, or address of a SPARQL 1.1 server")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs")]
AsOption = Annotated[str, typer.Option("--as", help="Whose verdict it is; without it, your name on this machine")]
AT_ONCE = 1_000
"""Verdicts of a file that are kept in one transaction."""


def _emit(fields: Any) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2, default=str) + "\n")


def _keep_network(store: Store) -> None:
    from graph.debate.triples import keep_network  # networkx and scipy

    keep_network(store)


@review.command("list")
def listed(
    store: StoreOption = DEFAULT_STORE,
    actor: Annotated[str | None, typer.Option("--actor", help="Only of this actor, by id")] = None,
    reform: Annotated[str | None, typer.Option("--reform", help="Only on this reform, by id")] = None,
    article: Annotated[str | None, typer.Option("--article", help="Only of this article, by id")] = None,
    stance: Annotated[Stance | None, typer.Option("--stance", help="Only of this side")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many")] = 20,
    as_json: JsonOption = False,
) -> None:
    """What to look at first: unchecked statements by doubt and by what hangs on them."""
    with open_store(store, read_only=True) as graph:
        ranked = queue(graph, Selection(actor=actor, reform=reform, article=article, stance=stance))
        found = {each.id: each for each in shown(graph, ranked[:limit])}
    if as_json:
        _emit([asdict(each) | {"found": asdict(found[each.statement])} for each in ranked[:limit]])
        return
    for each in ranked[:limit]:
        item = found[each.statement]
        typer.echo(f"{item.id}  {item.confidence:.2f}  {item.actor_label} | {item.stance} | {item.reform_label}")
        typer.echo(f"    “{' '.join(item.quote.split())}” ({item.article})")
    typer.echo(f"{len(ranked)} unchecked")


@review.command()
def verdict(
    statement: Annotated[str, typer.Argument(help="Id of the statement")],
    verdict: Annotated[Verdict, typer.Argument(help="What you find")],
    store: StoreOption = DEFAULT_STORE,
    note: Annotated[str, typer.Option("--note", help="Why")] = "",
    fault: Annotated[Fault | None, typer.Option("--fault", help="What is wrong")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="The right actor, by id")] = None,
    reform: Annotated[str | None, typer.Option("--reform", help="The right reform, by id")] = None,
    stance: Annotated[Stance | None, typer.Option("--stance", help="The right side")] = None,
    reviewer: AsOption = "",
) -> None:
    """Keep a verdict on a statement; it counts at once."""
    made = Review(
        statement=statement,
        verdict=verdict,
        reviewer=reviewer or getpass.getuser(),
        time=now(),
        note=note,
        fault=fault,
        actor=actor,
        reform=reform,
        stance=stance,
    )
    with open_store(store) as graph:
        kept = record(graph, made)
        _keep_network(graph)
    typer.echo(f"{kept.statement}  {kept.verdict}  {kept.reviewer}  {kept.time}")


@review.command()
def export(
    out: Annotated[Path, typer.Argument(help="File to write: .csv or .jsonl")], store: StoreOption = DEFAULT_STORE
) -> None:
    """Write every verdict, in the order in which they came, for a spreadsheet or a program."""
    with open_store(store, read_only=True) as graph:
        count = write_verdicts(out, history(graph))
    typer.echo(f"{count} verdicts in {out}")


@review.command("import")
def read(
    file: Annotated[Path, typer.Argument(help="File to read: .csv or .jsonl, with columns statement and verdict")],
    store: StoreOption = DEFAULT_STORE,
    reviewer: AsOption = "",
) -> None:
    """Keep the verdicts of a file: all of them or, where one cannot be kept, none. Known ones are not kept twice."""
    found = list(read_verdicts(file, reviewer=reviewer or getpass.getuser(), time=now()))
    if len(found) > AT_ONCE:
        raise BadRequest(f"{file}: {len(found):,} verdicts are more than {AT_ONCE:,}; import them in parts")
    with open_store(store) as graph:
        # What the same person has said before, in whatever order, is known.
        known = {each.findings() for each in history(graph)}
        new = [each for each in found if each.findings() not in known]
        record_all(graph, new)
        _keep_network(graph)
    typer.echo(f"{len(new)} verdicts kept, {len(found) - len(new)} known already")


@review.command()
def agreement(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """How far reviewers agree with one another and with extraction: precision, F1, kappa."""
    with open_store(store, read_only=True) as graph:
        told = measures(graph)
    if as_json:
        _emit(asdict(told))
        return
    of = told.extractor
    typer.echo(
        f"extraction: {of.checked} checked, {of.right} right, {of.corrected} corrected, {of.wrong} wrong, "
        f"{of.missed} missed; precision {of.precision:.2f}, F1 {of.f1:.2f}, kappa {_number(of.kappa)}"
    )
    for week in told.precision.weeks:
        typer.echo(f"week of {week.begins}: {week.right} of {week.checked} right")
    for pair in told.pairings:
        typer.echo(f"{pair.first} and {pair.second}: {pair.same} of {pair.both} the same, kappa {_number(pair.kappa)}")


@review.command()
def names(
    domain: Annotated[Path, typer.Argument(help="Folder of the policy area's tables")] = SHIPPED_DOMAIN,
    store: StoreOption = DEFAULT_STORE,
    kind: Annotated[str, typer.Option("--kind", help="actor or reform")] = "actor",
    new: Annotated[str, typer.Option("--new", help="Enter this name in the table as a thing of its own")] = "",
    alias: Annotated[str, typer.Option("--alias", help="Enter this name in the table as another name of --of")] = "",
    of: Annotated[str, typer.Option("--of", help="Id that --alias belongs to; for --new, the id to give")] = "",
    actor_kind: Annotated[str, typer.Option("--actor-kind", help="organisation, person or group")] = "",
    drop: Annotated[str, typer.Option("--dismiss", help="Ask about this name no more")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many to list")] = 20,
    as_json: JsonOption = False,
) -> None:
    """New names: list them, or decide on one. A table that is changed has its former self beside it as .bak."""
    if sum(map(bool, (new, alias, drop))) > 1:
        raise BadRequest("one decision at a time: --new, --alias or --dismiss")
    if new:
        typer.echo(accept(domain, kind, new, id=of, actor_kind=actor_kind))
    elif alias:
        if not of:
            raise BadRequest(f"--alias {alias!r} needs --of, the id of what it is another name of")
        typer.echo("entered" if accept_as_alias(domain, kind, alias, of) else "known already")
    elif drop:
        dismiss(domain, kind, drop)
    else:
        with open_store(store, read_only=True) as graph:
            found = proposals(graph, kind, domain=domain)
            told = [with_passages(graph, each) for each in found[:limit]]
        if as_json:
            _emit([asdict(each) for each in told])
            return
        for each in told:
            near = f" (like {', '.join(id for id, _ in each.alike[:2])})" if each.alike else ""
            typer.echo(f"{each.name}  {each.number} in {each.articles} articles{near}")
        typer.echo(f"{len(found)} new names")


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"
