"""Documents and feeds from the web: from public addresses only, checked when connecting; so much, and for so long."""

import io
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from extract.documents.metadata import cleaned, iso_date
from extract.running.workers import Bounds, Broken, worked
from graph.errors import BadDocument
from graph.model import Article

Resolver = Callable[[str, int], Sequence[str]]
"""From host and port to the numeric addresses that the name has."""

LARGEST = 50 * 1024**2
SECONDS = 60.0
"""For all of a document, redirects included."""
REDIRECTS = 5
MOST_ENTRIES = 1000
"""Entries of a feed that are looked at; feeds have some dozens."""
ENDINGS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "application/pdf": ".pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "message/rfc822": ".eml",
}
HEADERS: Mapping[bytes | str, bytes | str] = {
    "User-Agent": "stakeholder-positions",
    "Accept": "text/html, application/pdf, text/plain, application/xml;q=0.9, */*;q=0.5",
    "Accept-Encoding": "gzip, identity",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address answered."""

    url: str
    """After redirects."""
    content: bytes
    kind: str
    """Media type, without parameters."""

    @property
    def ending(self) -> str:
        """The ending of a file of this kind; '' for a kind that is not read."""
        return ENDINGS.get(self.kind, "")


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, from the system."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: not this machine, its network, or what stands for these."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.ip_address(int(found) & 0xFFFFFFFF)  # type: ignore[assignment]  # below 2**32 it is IPv4
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast and not found.is_reserved


class PublicOnly(httpcore.SyncBackend):
    """Connects to the very address that was checked: a name that means another one a moment later gains nothing."""

    def __init__(self, resolver: Resolver = resolved) -> None:
        super().__init__()
        self.resolver = resolver

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect. Raises BadDocument where the name has no public address, or any that is not."""
        try:
            found = self.resolver(host, port)
        except OSError as error:
            raise BadDocument(f"there is no host {host!r}") from error
        private = [address for address in found if not is_public(address)]
        if private or not found:
            raise BadDocument(f"{host!r} is not on the public internet; save the document and add the file")
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Never."""
        raise BadDocument("documents are not fetched from sockets of this machine")


def fetch(
    url: str, *, backend: httpcore.NetworkBackend | None = None, context: ssl.SSLContext | None = None
) -> Fetched:
    """What an http or https address answers; raises BadDocument with the address and why it cannot be had."""
    until = time.monotonic() + SECONDS
    with httpcore.ConnectionPool(network_backend=backend or PublicOnly(), ssl_context=context) as pool:
        at = url
        for _ in range(REDIRECTS + 1):
            try:
                found = _answer(pool, _checked(at), until)
            except BadDocument as error:
                raise BadDocument(f"{url}: {error}") from error
            except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
                raise BadDocument(f"{url}: cannot be fetched: {error or type(error).__name__}") from error
            if isinstance(found, Fetched):
                return found
            at = urljoin(at, found)
    raise BadDocument(f"{url}: redirects more than {REDIRECTS} times")


def _checked(url: str) -> str:
    """The address as it is asked for. Raises BadDocument for one that is not plain http or https."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadDocument(f"is no address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadDocument("is no http or https address")
    if parts.username is not None:
        raise BadDocument("has a user's name in it; sign in, save the document and add the file")
    return url.partition("#")[0]


def _answer(pool: httpcore.ConnectionPool, url: str, until: float) -> Fetched | str:
    """What comes back, or where it redirects to."""
    left = max(0.1, until - time.monotonic())
    bounds = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), min(left, 20.0))}
    with pool.stream("GET", url, headers=HEADERS, extensions=bounds) as response:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in {301, 302, 303, 307, 308} and headers.get("location"):
            return headers["location"]
        if response.status != 200:
            raise BadDocument(f"answers {response.status}")
        content = b"".join(_bounded(_unpacked(response.iter_stream(), headers.get("content-encoding", "")), until))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(url=url, content=content, kind=kind)


def _bounded(chunks: Iterable[bytes], until: float) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST:
            raise BadDocument(f"is larger than {LARGEST:,} bytes")
        if time.monotonic() > until:
            raise BadDocument(f"takes longer than {SECONDS:g} seconds")
        yield chunk


def _unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    if encoding.lower() in {"", "identity"}:
        yield from chunks
        return
    if encoding.lower() not in {"gzip", "x-gzip"}:
        raise BadDocument(f"comes packed as {encoding!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            # A little at a time: a few bytes can unpack to gigabytes.
            packed = chunk
            while packed:
                yield unpacker.decompress(packed, 1024**2)
                packed = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadDocument(f"comes damaged: {error}") from error


def entries(feed: Fetched) -> list[Article]:
    """What an RSS or Atom feed points to: for each entry its address, title and date. Raises BadDocument."""
    # The parser of feeds is a large one: it gets the bounds that documents get.
    for _, found in worked([feed], feed_reader, bounds=Bounds(seconds=30.0, memory=1024**3)):
        if isinstance(found, Broken):
            raise BadDocument(f"{feed.url}: {found.reason}")
        if not found:
            raise BadDocument(f"{feed.url}: is no RSS or Atom feed, or one without entries")
        return found
    return []


def feed_reader() -> Callable[[Fetched], list[Article]]:
    """What reads feeds, in a process of its own."""
    import feedparser  # type: ignore[import-untyped]  # has no type information

    def read(feed: Fetched) -> list[Article]:
        # As a stream: of a text it would ask whether that is an address or a file.
        told = feedparser.parse(io.BytesIO(feed.content), response_headers={"content-location": feed.url})
        publisher = cleaned(str(told.feed.get("title", "")))
        found = {}
        for entry in told.entries[:MOST_ENTRIES]:
            link = urljoin(feed.url, str(entry.get("link", "")))
            if not link.startswith(("http://", "https://")):
                continue
            found[link] = Article(
                id="",
                text="",
                title=cleaned(str(entry.get("title", ""))),
                publisher=publisher,
                date=iso_date(str(entry.get("published") or entry.get("updated") or "")),
                url=link,
            )
        return list(found.values())

    return read
