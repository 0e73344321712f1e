"""The command line `positions`: its verbs, in the order of the flow from documents to answers."""

import errno
import logging
import sys
from typing import Annotated

import typer
from rich.logging import RichHandler

from api.cli.answering import ask, brief, export, network
from api.cli.backup import backup, restore, versions
from api.cli.building import build, import_coding, validate
from api.cli.extracting import add, explain, extract, passages, status
from api.cli.generated_pages import document, settings_help
from api.cli.model_reader import requests
from api.cli.review import review
from api.cli.scoring import evaluate, learn
from api.cli.serving import agents, serve
from api.cli.terminal import complain, console
from graph.errors import PositionsError
from graph.extras import missing

OF_THE_DISK = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
    | {errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOTDIR, errno.EISDIR}
)
"""Failures of the system or of a path that was given, not of this program."""

app = typer.Typer(
    name="positions",
    help="Find out who stands where on which reform, and in which words. The commands follow the flow "
    "from documents to answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Also report what is skipped, and why")] = False,
) -> None:
    """Set up logging for every verb."""
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=console, show_time=False, show_path=False, show_level=False, markup=False)],
    )


# `positions --help` lists the verbs in this order.
app.command()(add)
app.command()(extract)
app.command()(requests)
app.command()(status)
app.command()(passages)
app.command()(explain)
app.command()(evaluate)
app.command()(learn)
app.command()(build)
app.command(name="import")(import_coding)
app.command()(validate)
app.command()(ask)
app.command()(network)
app.command()(export)
app.command()(brief)
app.command(epilog=settings_help())(serve)
app.command()(versions)
app.command()(backup)
app.command()(restore)
app.command(hidden=True)(document)
app.command()(agents)
app.add_typer(review, name="review")


def main() -> None:
    """Run the command line; report a known error in one sentence on standard error, with exit code 1."""
    try:
        app()
    except PositionsError as error:
        complain(error)
        sys.exit(1)
    except ImportError as error:
        told = missing(error)
        if told is None:
            raise
        complain(told)
        sys.exit(1)
    except OSError as error:
        if error.errno not in OF_THE_DISK:
            raise
        where = f"{error.filename} cannot be written or read: " if error.filename else ""
        complain(f"{where}{error.strerror}")
        sys.exit(1)


if __name__ == "__main__":
    main()
