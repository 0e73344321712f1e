"""A server in a thread of the test, for a browser to visit."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from api.app import create_app
from api.settings import Settings


def served(folder: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(store=str(folder))), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)
