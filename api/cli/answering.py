"""`positions ask`, `network`, `export` and `brief`: from a graph to answers and files."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.cli import answers
from api.cli.options import JsonOption, OutOption, StandingOption, StoreOption
from api.cli.terminal import emit, note, put
from api.dependencies import counting
from api.settings import DEFAULT_STORE
from graph.asking.ask import ask as ask_store
from graph.errors import BadRequest
from graph.model import Counting
from graph.store.copied import read_store
from graph.store.embedded import Store


def ask(
    question: Annotated[str, typer.Argument(help="For example: who opposes the fare cap?")],
    store: StoreOption = DEFAULT_STORE,
    standing: StandingOption = Counting.LIKELY,
    as_json: JsonOption = False,
) -> None:
    """Answer a plain question, with passages and sources.

    Also shows the SPARQL query that was run.
    """
    with read_store(store) as graph:
        found = ask_store(graph.counted(counting(standing)), question)
    if as_json:
        emit(asdict(found))
    else:
        typer.echo("\n".join(answers.lines(found)))


def network(
    store: StoreOption = DEFAULT_STORE,
    format: Annotated[str, typer.Option("--format", help="graphml, gexf, csv, json, pajek or dot")] = "graphml",
    out: OutOption = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE; repeat it for a list; see docs/measures.md"),
    ] = None,
    standing: StandingOption = Counting.LIKELY,
) -> None:
    """Export the network of who agrees with whom."""
    from graph.debate.agreement import camps_for, intervals_for, stored_network  # networkx and scipy
    from graph.debate.files import network_file, write_network
    from graph.debate.options import NetworkOptions

    chosen: dict[str, list[str]] = {}
    for pair in option or ():
        name, _, value = pair.partition("=")
        chosen.setdefault(name, []).append(value)
    options = NetworkOptions.read(chosen)
    with read_store(store) as graph:
        counted = graph.counted(counting(standing))
        made = stored_network(counted, options)
        camps = camps_for(counted, options)
        spans = intervals_for(counted, options)
    if out is None:
        put(out, network_file(made, format, camps, spans))
        return
    for path in write_network(made, format, out, camps, spans):
        note(path)


def export(
    store: StoreOption = DEFAULT_STORE,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            help="Statements: jsonl, csv, xlsx, parquet or dna. The graph: turtle, trig, nquads or jsonld. "
            "Everything with a description, for citation: rocrate. The description alone: dcat",
        ),
    ] = "jsonl",
    out: Annotated[Path | None, typer.Option("--out", help="File to write")] = None,
    site: Annotated[str, typer.Option("--site", help="Public address of the service, for the description")] = "",
) -> None:
    """Export the data for another program or for citation."""
    from graph.export.citation import description, package
    from graph.export.files import FORMATS
    from graph.export.files import export as written

    with read_store(store) as graph:
        if format == "dna":
            _export_dna(graph, out or Path("positions.dna"))
        elif format == "rocrate":
            place = out or Path("positions.zip")
            place.parent.mkdir(parents=True, exist_ok=True)
            note(f"{len(package(graph, place, site=site))} files in {place}")
        elif format == "dcat":
            put(out, description(graph, site=site))
        elif format not in FORMATS:
            raise BadRequest(f"unknown format {format!r}; use one of {', '.join([*FORMATS, 'dna', 'rocrate', 'dcat'])}")
        else:
            place = out or Path(f"positions.{FORMATS[format].ending}")
            written(graph, format, place)
            note(place)


def _export_dna(graph: Store, out: Path) -> None:
    from graph.coding.dna import PASSWORD, write_dna
    from graph.debate.stored import stored_debate, with_texts

    debate = stored_debate(graph)
    made = write_dna(debate, out, with_texts(graph, debate))
    note(
        f"{made.documents} documents and {made.statements} statements in {out}; "
        f"open it in DNA as coder Admin with password {PASSWORD}"
    )


def brief(
    reform: Annotated[list[str] | None, typer.Argument(help="Ids of one or more reforms", show_default=False)] = None,
    store: StoreOption = DEFAULT_STORE,
    actor: Annotated[
        list[str] | None, typer.Option("--actor", help="Id of an actor instead; repeat it to compare actors")
    ] = None,
    camp: Annotated[str, typer.Option("--camp", help="Id of a camp instead, as on /agreement")] = "",
    format: Annotated[str, typer.Option("--format", help="md, html, docx or pdf")] = "md",
    out: OutOption = None,
    length: Annotated[str, typer.Option("--length", help="one-page, two-pages or full")] = "full",
    since: Annotated[str, typer.Option("--since", help="First date to include")] = "",
    until: Annotated[str, typer.Option("--until", help="Last date to include")] = "",
    changed_since: Annotated[str, typer.Option("--changed-since", help="Report changes from this date on")] = "",
    template: Annotated[Path | None, typer.Option("--template", help="Word document whose styles to use")] = None,
    site: Annotated[str, typer.Option("--site", help="Public address of the service, for links to statements")] = "",
    annex: Annotated[bool, typer.Option("--annex", help="Add the SPARQL query behind each section")] = False,
    standing: StandingOption = Counting.LIKELY,
) -> None:
    """Write a sourced, balanced briefing.

    The subject is one reform or several, an actor, a comparison of actors, or a camp.
    """
    from api.data.briefings import period, subject
    from api.forms.writing import build_of, form, written
    from graph.briefing.material import briefing_for

    form(format)
    bounds = period(since=since, until=until, changed_since=changed_since, length=length)
    with read_store(store) as graph:
        statements_at = f"{site.rstrip('/')}/statements/" if site else ""
        about = subject(graph, bounds, reforms=reform or (), actors=actor or (), camp=camp)
        made = briefing_for(
            graph.counted(counting(standing)), about, statements_at=statements_at, build=build_of(graph)
        )
    produced = datetime.now(UTC).date().isoformat()
    put(out, written(made, format, template=template, produced=produced, annex=annex))
