"""Limits on connections: how many, how long a client may take for the head of a request, and for reading an answer.

Without them a few hundred idle connections would use up the file descriptors of the process.
"""

import asyncio
import resource
from asyncio.events import TimerHandle
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""From the opening of a connection, or the first byte of a further request, to the end of the request's head."""
HEAD_BYTES = 128 * 1024
SENDING_SECONDS = 30.0
"""For a client to read the next 50 KB or so of an answer."""
OTHER_FILES = 256
"""File descriptors for the store, the query workers and everything else."""
TOO_MANY = (
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 21\r\n\r\nToo many connections\n"
)
HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 23\r\n\r\nThe head is too large.\n"
)


class Connection(HttpToolsProtocol):
    """A connection to a client, closed when the client is too slow.

    When there are too many, the one that has been without a request for longest is closed for the new one.
    """

    most: ClassVar[int] = 2_000

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._for_head: TimerHandle | None = None
        self._for_sending: TimerHandle | None = None
        self._head = 0
        self._in_body = False
        self.since = 0.0
        """When it was opened, or its last answer was sent."""

    @property
    def idle(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in the base class
        super().connection_made(transport)
        self.since = self.loop.time()
        self._for_head = self.loop.call_later(HEAD_SECONDS, self._end)
        if len(self.connections) > self.most:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not self.idle or self.transport.is_closing():
            return
        if self._for_head is None:
            self._for_head = self.loop.call_later(HEAD_SECONDS, self._end)
        if not self._in_body:
            self._head += len(data)
            if self._head > HEAD_BYTES:
                self.transport.write(HEAD_TOO_LARGE)
                self.transport.close()

    def on_headers_complete(self) -> None:
        self._head, self._in_body = 0, True
        if self._for_head is not None:
            self._for_head.cancel()
            self._for_head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        super().on_response_complete()
        if self.transport.is_closing() and self._for_sending is None:
            # The end of the answer may still wait for the client to read it.
            self._for_sending = self.loop.call_later(SENDING_SECONDS, self._end)

    def timeout_keep_alive_handler(self) -> None:
        if self.transport.get_write_buffer_size():
            self._end()
        else:
            super().timeout_keep_alive_handler()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._for_sending is None:
            self._for_sending = self.loop.call_later(SENDING_SECONDS, self._end)

    def resume_writing(self) -> None:
        if self._for_sending is not None and not self.transport.is_closing():
            self._for_sending.cancel()
            self._for_sending = None
        super().resume_writing()

    def _make_room(self) -> None:
        others = [each for each in self.connections if isinstance(each, Connection) and each is not self and each.idle]
        if others:
            min(others, key=lambda each: each.since)._end()
        else:
            self.transport.write(TOO_MANY)
            self.transport.close()

    def _end(self) -> None:
        """Close at once; whatever has not been read by the client is dropped."""
        self.connections.discard(self)
        self._cancel()
        self.transport.abort()

    def _cancel(self) -> None:
        for timer in (self._for_head, self._for_sending):
            if timer is not None:
                timer.cancel()
        self._for_head = self._for_sending = None


def limited(connections: int) -> type[Connection]:
    """The protocol with at most this many connections, fewer if the process may open fewer files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + OTHER_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    class Limited(Connection):
        most = max(1, min(connections, soft - OTHER_FILES))

    return Limited
