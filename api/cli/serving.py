"""`positions serve` and `agents`: the graph over HTTP and for language-model agents."""

import errno
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from api.cli.options import StoreOption, settings_with
from api.cli.terminal import note
from api.settings import DEFAULT_STORE, SHIPPED_DOMAIN
from graph.errors import BadRequest
from graph.store.embedded import open_store

SEND_BUFFER = 256 * 1024
"""Bytes of an answer that the system holds for a slow client."""


def serve(
    context: typer.Context,
    store: Annotated[str | None, typer.Option("--store", help="Graph to serve; created if it does not exist")] = None,
    host: Annotated[str | None, typer.Option("--host", help="Address to listen on [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option("--port", help="Port to listen on [8000]")] = None,
    query_timeout: Annotated[float | None, typer.Option("--query-timeout", help="Seconds for each query [10]")] = None,
    max_rows: Annotated[int | None, typer.Option("--max-rows", help="Rows of one SPARQL answer [1000000]")] = None,
    concurrent_queries: Annotated[
        int | None, typer.Option("--concurrent-queries", help="Long queries at once; more get 429 [16]")
    ] = None,
) -> None:
    """Serve pages, JSON and SPARQL over HTTP.

    Without --store, reads and builds the shipped domain first if its graph does not exist.
    """
    import uvicorn  # other verbs need no server

    from api.app import create_app
    from api.serving.connections import limited

    given = {name: value for name, value in context.params.items() if value is not None}
    settings = settings_with(**given)
    # First, because building the shipped domain takes minutes.
    listening = listen(settings.host, settings.port)
    if "store" not in settings.model_fields_set:
        _build_shipped(Path(settings.store))
    # Threads that build pages yield ten times as often as by default, so that network traffic does not wait for them.
    sys.setswitchinterval(0.0005)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        # The application reads the headers of proxies itself.
        proxy_headers=False,
        server_header=False,
        http=limited(settings.connections),
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
    # By default the system holds megabytes for a slow client, who would keep reading long after a query was stopped.
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    host_shown, port_shown = listening.getsockname()[:2]
    note(f"serving {settings.store} at http://{host_shown}:{port_shown}; press Ctrl+C to stop")
    uvicorn.Server(config).run([listening])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket at an address. Raise BadRequest if another program has it, or it cannot be used."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
    except OSError as error:
        made.close()
        if error.errno == errno.EADDRINUSE:
            raise BadRequest(
                f"another program uses port {port} of {host}; stop it, or choose another port with --port, such as "
                f"--port {port + 1}"
            ) from error
        raise BadRequest(
            f"cannot listen at {host}, port {port}: {error.strerror}; choose another with --host or --port"
        ) from error
    made.set_inheritable(True)
    return made


def _build_shipped(folder: Path) -> None:
    """Extract and build the shipped domain if its graph does not exist.

    This runs in other processes, so that the server never loads spaCy.
    """
    if (folder / "data").is_dir():
        return
    statements = folder / "statements.jsonl"
    positions = [sys.executable, "-P", "-m", "api.cli"]
    for verb in (
        ["extract", str(SHIPPED_DOMAIN), "--out", str(statements)],
        ["build", str(SHIPPED_DOMAIN), str(statements), "--store", str(folder)],
    ):
        done = subprocess.run([*positions, *verb], check=False)  # noqa: S603  # our own verbs
        if done.returncode not in {0, 3}:
            raise typer.Exit(done.returncode)


def agents(
    store: StoreOption = DEFAULT_STORE,
    http: Annotated[bool, typer.Option("--http", help="Answer over HTTP at /mcp, not on standard input")] = False,
    host: Annotated[str, typer.Option("--host", help="Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port to listen on")] = 8001,
) -> None:
    """Serve language-model agents over the Model Context Protocol.

    Agents can only read.
    """
    import asyncio

    from api.agents.server import serve_http, serve_stdio  # other commands need no SDK of the protocol

    settings = settings_with(store=store)
    with open_store(store, read_only=True) as graph:
        if http:
            # The library that listens ends the process with a report of its own if it cannot.
            listen(host, port).close()
            asyncio.run(serve_http(graph, settings, host=host, port=port))
        else:
            asyncio.run(serve_stdio(graph, settings))
