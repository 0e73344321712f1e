"""`positions review`: the queue, verdicts and new names, for a graph that no server has open."""

import getpass
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from api.cli.options import changeable, settings_with
from api.cli.terminal import note
from api.data.reviews import now
from api.serving.users import Role, new_token
from api.settings import DEFAULT_STORE, SHIPPED_DOMAIN
from api.showing.wording import certainty
from graph.errors import BadRequest
from graph.model import Selection, Stance
from graph.reviewing.files import read_verdicts, write_verdicts
from graph.reviewing.measures import measures
from graph.reviewing.proposals import accept, accept_as_alias, dismiss, proposals, with_passages
from graph.reviewing.queue import queue, shown
from graph.reviewing.reviews import Fault, Review, Verdict, history, record, record_all
from graph.store.copied import read_store
from graph.store.embedded import Store, open_store

review = typer.Typer(
    help="Check statements: queue, verdicts, agreement and new names.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

StoreOption = Annotated[str, typer.Option("--store", help="Folder of the graph, or address of a SPARQL 1.1 server")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON")]
AsOption = Annotated[str, typer.Option("--as", help="Name of the reviewer [your user name]")]
AT_ONCE = 1_000
"""Verdicts that one file may hold: all are stored in one transaction."""


def _emit(fields: Any) -> None:
    sys.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2, default=str) + "\n")


def _keep_network(store: Store) -> None:
    from graph.debate.triples import keep_network  # networkx and scipy

    keep_network(store)


@review.command("list")
def listed(
    store: StoreOption = DEFAULT_STORE,
    actor: Annotated[str | None, typer.Option("--actor", help="Only this actor, by id")] = None,
    reform: Annotated[str | None, typer.Option("--reform", help="Only this reform, by id")] = None,
    article: Annotated[str | None, typer.Option("--article", help="Only this article, by id")] = None,
    stance: Annotated[Stance | None, typer.Option("--stance", help="Only this stance")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Number of statements to list")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List unchecked statements, least certain and most consequential first."""
    with read_store(store) as graph:
        ranked = queue(graph, Selection(actor=actor, reform=reform, article=article, stance=stance))
        found = {each.id: each for each in shown(graph, ranked[:limit])}
    if as_json:
        _emit([asdict(each) | {"found": asdict(found[each.statement])} for each in ranked[:limit]])
        return
    for each in ranked[:limit]:
        item = found[each.statement]
        sure = certainty(item.confidence, calibrated=item.calibrated)
        typer.echo(f"{item.id}  {sure}  {item.actor_label} | {item.stance} | {item.reform_label}")
        typer.echo(f"    “{' '.join(item.quote.split())}” ({item.article})")
    typer.echo(f"{len(ranked)} unchecked")


@review.command()
def verdict(
    statement: Annotated[str, typer.Argument(help="Id of the statement")],
    verdict: Annotated[Verdict, typer.Argument(help="Your verdict")],
    store: StoreOption = DEFAULT_STORE,
    note: Annotated[str, typer.Option("--note", help="Reason")] = "",
    fault: Annotated[Fault | None, typer.Option("--fault", help="What is wrong")] = None,
    actor: Annotated[str | None, typer.Option("--actor", help="The right actor, by id")] = None,
    reform: Annotated[str | None, typer.Option("--reform", help="The right reform, by id")] = None,
    stance: Annotated[Stance | None, typer.Option("--stance", help="The right stance")] = None,
    reviewer: AsOption = "",
) -> None:
    """Record a verdict on a statement; it counts at once."""
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
    """Write every verdict to a file, oldest first."""
    with read_store(store) as graph:
        count = write_verdicts(out, history(graph))
    typer.echo(f"{count} verdicts in {out}")


@review.command("import")
def read(
    file: Annotated[Path, typer.Argument(help="File to read: .csv or .jsonl, with columns statement and verdict")],
    store: StoreOption = DEFAULT_STORE,
    reviewer: AsOption = "",
) -> None:
    """Record the verdicts in a file.

    If one of them is invalid, none is recorded. Verdicts that are already recorded are skipped.
    """
    found = list(read_verdicts(file, reviewer=reviewer or getpass.getuser(), time=now()))
    if len(found) > AT_ONCE:
        raise BadRequest(
            f"{file}: {len(found):,} verdicts are too many for one file; split it into files of at most {AT_ONCE:,}"
        )
    with open_store(store) as graph:
        # A verdict is already recorded if the same person has given it before, in whatever order.
        known = {each.findings() for each in history(graph)}
        new = [each for each in found if each.findings() not in known]
        record_all(graph, new)
        _keep_network(graph)
    typer.echo(f"{len(new)} verdicts recorded, {len(found) - len(new)} already there")


@review.command()
def agreement(store: StoreOption = DEFAULT_STORE, as_json: JsonOption = False) -> None:
    """Measure agreement between reviewers and with extraction.

    Prints precision, F1 and kappa.
    """
    with read_store(store) as graph:
        made = measures(graph)
    if as_json:
        _emit(asdict(made))
        return
    of = made.extractor
    typer.echo(
        f"extraction: {of.checked} checked, {of.right} right, {of.corrected} corrected, {of.wrong} wrong, "
        f"{of.missed} missed; precision {of.precision:.2f}, F1 {of.f1:.2f}, kappa {_number(of.kappa)}"
    )
    for week in made.precision.weeks:
        typer.echo(f"week of {week.begins}: {week.right} of {week.checked} right")
    for pair in made.pairings:
        typer.echo(f"{pair.first} and {pair.second}: {pair.same} of {pair.both} the same, kappa {_number(pair.kappa)}")


@review.command()
def names(
    domain: Annotated[Path, typer.Argument(help="Folder with the domain's tables")] = SHIPPED_DOMAIN,
    store: StoreOption = DEFAULT_STORE,
    kind: Annotated[str, typer.Option("--kind", help="actor or reform")] = "actor",
    new: Annotated[str, typer.Option("--new", help="Add this name to the table as a new row")] = "",
    alias: Annotated[str, typer.Option("--alias", help="Add this name as an alias of --of")] = "",
    of: Annotated[str, typer.Option("--of", help="Id that --alias belongs to, or the id of the --new row")] = "",
    actor_kind: Annotated[str, typer.Option("--actor-kind", help="organisation, person or group")] = "",
    drop: Annotated[str, typer.Option("--dismiss", help="Do not propose this name again")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Number of names to list")] = 20,
    as_json: JsonOption = False,
) -> None:
    """List new names, or decide on one.

    The former version of a changed table is kept next to it as .bak.
    """
    if sum(map(bool, (new, alias, drop))) > 1:
        raise BadRequest("use only one of --new, --alias and --dismiss")
    if new or alias or drop:
        changeable(domain)
    if new:
        typer.echo(accept(domain, kind, new, id=of, actor_kind=actor_kind))
    elif alias:
        if not of:
            raise BadRequest(f"--alias {alias!r} needs --of, the id of the actor or reform that it names")
        typer.echo("added" if accept_as_alias(domain, kind, alias, of) else "already there")
    elif drop:
        dismiss(domain, kind, drop)
    else:
        with read_store(store) as graph:
            found = proposals(graph, kind, domain=domain)
            shortlist = [with_passages(graph, each) for each in found[:limit]]
        if as_json:
            _emit([asdict(each) for each in shortlist])
            return
        for each in shortlist:
            near = f" (like {', '.join(id for id, _ in each.alike[:2])})" if each.alike else ""
            typer.echo(f"{each.name}  {each.number} in {each.articles} articles{near}")
        typer.echo(f"{len(found)} new names")


@review.command()
def token(
    name: Annotated[str, typer.Argument(help="Name that the reviewer's verdicts will carry")],
    role: Annotated[Role, typer.Option("--role", help="What the token allows")] = Role.REVIEW,
) -> None:
    """Create a reviewer and print the token to sign in with.

    The token is shown once. Only its SHA-256 is kept, in the users file.
    """
    settings = settings_with()
    made, path = new_token(settings, name, role)
    place = settings.base_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    typer.echo(f"Token for {name}: {made}")
    typer.echo(f"Sign in with it at {place}/review")
    note(f"added to {path}")


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.2f}"
