"""Raw connections to a server under test: what a hostile client sends and a library would not."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from tests.serving import Server


def connection(server: Server, *, seconds: float = 20) -> socket.socket:
    """An open connection to the server."""
    parts = urlsplit(server.address)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=seconds)


@contextmanager
def unfinished(server: Server, head: str, *, count: int = 1, body: bytes = b"") -> Iterator[list[socket.socket]]:
    """Requests with these first lines and only the beginning of a body."""
    with ExitStack() as stack:
        made = [stack.enter_context(connection(server)) for _ in range(count)]
        for each in made:
            each.sendall(f"{head}\r\nHost: localhost\r\n\r\n".encode() + body)
        time.sleep(0.3)
        yield made


def status(answering: socket.socket) -> int:
    """The status of the next answer; 0 if the server closes the connection without one."""
    try:
        line = answering.makefile("rb").readline()
    except (ConnectionError, TimeoutError):
        return 0
    return int(line.split()[1]) if line else 0
