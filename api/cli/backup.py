"""`positions versions`, `backup` and `restore`: earlier builds, and the whole graph in one file."""

import json
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import httpx
import typer

from api.settings import DEFAULT_STORE
from graph.errors import BadRequest, StoreInUse
from graph.store.copied import read_store
from graph.store.embedded import open_store
from graph.versions.backup import back_up, verified
from graph.versions.backup import restore as restore_store
from graph.versions.builds import versions as versions_of
from graph.versions.manifest import Manifest, sign

ADDRESS = "/api/admin/backup"
SECONDS = 600.0
"""Time that the server may take to prepare its copy; the transfer has no limit."""


def versions(
    store: Annotated[str, typer.Option("--store", help="Folder of the graph")] = DEFAULT_STORE,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for programs")] = False,
) -> None:
    """List the builds that are kept, newest first.

    Each is a complete graph in versions/NUMBER of the store's folder.
    """
    with read_store(store) as graph:
        found = versions_of(graph)
    if as_json:
        sys.stdout.write(json.dumps(asdict(found), indent=2) + "\n")
        return
    if found.changed:
        typer.echo("changed since the newest version")
    for each in found.items:
        typer.echo(
            f"{each.number:>4}  {each.built}  {each.statements:,} statements in {each.articles:,} articles, "
            f"{each.positions:,} positions  sha256 {each.sha256[:12]}"
        )
    if not found.items:
        typer.echo(f"{store} has no versions; `positions build` keeps one")


def backup(
    file: Annotated[Path, typer.Argument(help="File to write", show_default=False)],
    store: Annotated[str, typer.Option("--store", help="Folder of the graph")] = DEFAULT_STORE,
    server: Annotated[str, typer.Option("--from", help="Address of a running server; set POSITIONS_ADMIN_TOKEN")] = "",
    newest: Annotated[bool, typer.Option("--newest", help="Leave out the versions of earlier builds")] = False,
    sign_key: Annotated[
        Path | None, typer.Option("--sign-key", help="Sign it: PEM file of an Ed25519 private key")
    ] = None,
) -> None:
    """Save the whole graph, with its reviews, in one file.

    The file is read back and checked before it replaces an older one.
    """
    if server:
        report(file, fetched(server, file, newest=newest, sign_key=sign_key))
        return
    try:
        with open_store(store, read_only=True) as graph:
            report(file, back_up(graph, file, with_versions=not newest, sign_key=sign_key))
    except StoreInUse as error:
        raise StoreInUse(
            f"{error}: `positions backup FILE --from http://127.0.0.1:8000`, with POSITIONS_ADMIN_TOKEN set"
        ) from error


def restore(
    file: Annotated[Path, typer.Argument(help="Backup file", show_default=False)],
    store: Annotated[Path, typer.Option("--store", help="Folder to restore the graph to")] = Path(DEFAULT_STORE),
    replace: Annotated[bool, typer.Option("--replace", help="Replace the graph that the folder holds")] = False,
    verify_key: Annotated[
        Path | None,
        typer.Option("--verify-key", help="Accept only a backup that this Ed25519 public key (PEM) verifies"),
    ] = None,
) -> None:
    """Restore a graph from a backup file.

    Its manifest, digests and counts are checked first.
    """
    report(store, restore_store(file, store, replace=replace, verify_key=verify_key))


def fetched(server: str, file: Path, *, newest: bool, sign_key: Path | None = None) -> Manifest:
    """Download a backup from a running server; write the file only if it is complete. Raises BadRequest."""
    token = os.environ.get("POSITIONS_ADMIN_TOKEN", "")
    unfinished = file.with_name(f".{file.name}.new")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with httpx.stream(
            "GET",
            server.rstrip("/") + ADDRESS,
            params={"newest": "true"} if newest else {},
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=SECONDS,
            trust_env=False,
        ) as answer:
            if answer.status_code != 200:
                answer.read()
                raise BadRequest(f"{server} answered {answer.status_code}: {answer.text.strip()[:300]}")
            with unfinished.open("wb") as out:
                for chunk in answer.iter_bytes():
                    out.write(chunk)
        if sign_key is not None:
            sign(unfinished, sign_key)
        manifest = verified(unfinished)
        unfinished.replace(file)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadRequest(f"{server} cannot be reached: {error}") from error
    except OSError as error:
        raise BadRequest(f"{file} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return manifest


def report(place: Path, manifest: Manifest) -> None:
    """Write to standard error what a file or a store now contains."""
    kept = f", with {len(manifest.versions)} versions" if manifest.versions else ""
    typer.echo(f"{manifest.quads:,} quads in {len(manifest.graphs)} graphs in {place}{kept}", err=True)
    typer.echo(f"sha256 {manifest.sha256}, version {manifest.version}", err=True)
