"""A small chat-completions server for tests: it answers from a function and misbehaves on demand."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answers = Callable[[dict[str, Any]], str]
"""Gives the message of a request's body."""


@dataclass
class ChatServer:
    """What a test sets and reads while the server runs on 127.0.0.1."""

    answers: Answers
    faults: Callable[[int], str] = lambda number: ""
    """By the number of the request: '', '429', '500', '400', '401', 'slow', 'half', 'html' or 'redirect'."""
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@contextmanager
def chat_server(answers: Answers, faults: Callable[[int], str] = lambda number: "") -> Iterator[ChatServer]:
    """A running server; it ends with the block."""
    state = ChatServer(answers, faults)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # A small answer must not wait for the other side's acknowledgement.
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with state.lock:
                state.count += 1
                number = state.count
                state.bodies.append(body)
                state.headers.append(dict(self.headers))
            self.reply(state.faults(number), body)

        def reply(self, fault: str, body: dict[str, Any]) -> None:
            if fault.isdigit():
                self.send(int(fault), b'{"error": {"message": "as the test asked"}}')
            elif fault == "redirect":
                self.send(307, b"", {"Location": "http://192.0.2.1/v1/chat/completions"})
            elif fault == "html":
                self.send(200, b"<html>busy</html>")
            else:
                if fault == "slow":
                    time.sleep(1.5)
                message = {"role": "assistant", "content": state.answers(body)}
                told = {"choices": [{"message": message}], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}
                self.send(200, json.dumps(told).encode(), half=fault == "half")

        def send(self, code: int, content: bytes, headers: dict[str, str] | None = None, *, half: bool = False) -> None:
            self.send_response(code)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if code == 429:
                self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if half else content)
            self.close_connection = self.close_connection or half

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
