"""`positions backup` and `positions restore`: the graph in one file, and back."""

import os
from pathlib import Path
from typing import Annotated

import httpx
import typer

from api.settings import CHECKOUT
from graph.backup import Manifest, back_up, verified
from graph.backup import restore as restore_store
from graph.errors import BadRequest, StoreInUse
from graph.store import open_store

DEFAULT_STORE = str(CHECKOUT / "data")
ADDRESS = "/api/admin/backup"
SECONDS = 600.0
"""For the server to take its copy; the transfer itself has no bound."""


def backup(
    file: Annotated[Path, typer.Argument(help="File to write", show_default=False)],
    store: Annotated[str, typer.Option("--store", help="Folder of the graph")] = DEFAULT_STORE,
    server: Annotated[
        str, typer.Option("--from", help="Address of a running server; the token is in POSITIONS_ADMIN_TOKEN")
    ] = "",
) -> None:
    """Write the whole graph, reviews and all, into one file; read back and counted before it takes its place."""
    if server:
        told(file, fetched(server, file))
        return
    try:
        with open_store(store, read_only=True) as graph:
            told(file, back_up(graph, file))
    except StoreInUse as error:
        raise StoreInUse(
            f"{error}: `positions backup FILE --from http://127.0.0.1:8000`, with its token in POSITIONS_ADMIN_TOKEN"
        ) from error


def restore(
    file: Annotated[Path, typer.Argument(help="File that `backup` wrote", show_default=False)],
    store: Annotated[Path, typer.Option("--store", help="Folder to put the graph into")] = Path(DEFAULT_STORE),
    replace: Annotated[bool, typer.Option("--replace", help="Also where the folder holds a graph")] = False,
) -> None:
    """Make a store hold what a backup holds, checked by digest and counts."""
    told(store, restore_store(file, store, replace=replace))


def fetched(server: str, file: Path) -> Manifest:
    """The backup that a running server gives, whole or not at all. Raises BadRequest."""
    token = os.environ.get("POSITIONS_ADMIN_TOKEN", "")
    beside = file.with_name(f".{file.name}.new")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with httpx.stream(
            "GET",
            server.rstrip("/") + ADDRESS,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=SECONDS,
            trust_env=False,
        ) as answer:
            if answer.status_code != 200:
                answer.read()
                raise BadRequest(f"{server} answers {answer.status_code}: {answer.text.strip()[:300]}")
            with beside.open("wb") as out:
                for chunk in answer.iter_bytes():
                    out.write(chunk)
        manifest = verified(beside)
        beside.replace(file)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadRequest(f"{server} cannot be asked: {error}") from error
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
    return manifest


def told(place: Path, manifest: Manifest) -> None:
    """What a file or a store holds now, on standard error."""
    typer.echo(f"{manifest.quads:,} quads in {len(manifest.graphs)} graphs in {place}", err=True)
    typer.echo(f"sha256 {manifest.sha256}, version {manifest.version}", err=True)
