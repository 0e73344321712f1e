"""A server as a user starts it, for tests over HTTP."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

TOKEN = "a token for tests"


@dataclass(frozen=True, slots=True)
class Server:
    """A running `positions serve` on an empty folder."""

    address: str
    pid: int
    store: Path
    token: str = TOKEN

    @property
    def sparql(self) -> str:
        return self.address + "/sparql"

    @property
    def graphs(self) -> str:
        return self.address + "/graphs"

    @property
    def admin(self) -> dict[str, str]:
        """The header of a client that may write."""
        return {"Authorization": f"Bearer {self.token}"}


@contextmanager
def serve(store: Path, *options: str) -> Iterator[Server]:
    """Start the server, wait until it answers, and stop it at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = Path(sys.executable).parent / "positions"
    log = store.with_suffix(".log")
    with log.open("wb") as file:
        process = subprocess.Popen(
            [command, "serve", "--store", store, "--port", str(port), *options],
            env=os.environ | {"POSITIONS_ADMIN_TOKEN": TOKEN},
            stdout=file,
            stderr=file,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(address + "/health", trust_env=False)
                break
            except httpx.TransportError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
        yield Server(address, process.pid, store)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


OXIGRAPH = Path(sys.executable).parent / "oxigraph"
"""Another SPARQL server; an optional dependency of the tests."""


@contextmanager
def oxigraph(folder: Path, *, port: int = 0) -> Iterator[str]:
    """Run Oxigraph's own server on a folder and yield its address for queries."""
    with socket.socket() as free:
        free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free.bind(("127.0.0.1", port))
        bind = f"127.0.0.1:{free.getsockname()[1]}"
    command = [str(OXIGRAPH), "serve", "--location", str(folder), "--bind", bind]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                httpx.get(f"http://{bind}/", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield f"http://{bind}/query"
    finally:
        process.terminate()
        process.wait()
