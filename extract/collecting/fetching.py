"""Fetch documents and feeds from public addresses of the web, with limits on time and size."""

import io
import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from extract.documents.metadata import cleaned, iso_date
from extract.running.workers import Broken, TaskLimits, worked
from graph.errors import BadDocument
from graph.model import Article

Resolver = Callable[[str, int], Sequence[str]]
"""Takes a host and a port; returns the numeric addresses of the host."""

LARGEST = 50 * 1024**2
SECONDS = 60.0
"""For a whole document, including redirects and headers."""
STALLED = 20.0
"""For the next part of it."""
KEPT = "%/:?@!$&'()*+,;=~-._[]"
"""Characters of an address that stay unchanged; all others are percent-encoded."""
REDIRECTS = 5
MOST_ENTRIES = 1000
"""Most entries to read from a feed; feeds usually have a few dozen."""
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
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            # IANA IPv4 special-purpose address registry, and multicast. https://www.rfc-editor.org/rfc/rfc6890
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
            *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
            *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
            # IANA IPv6 special-purpose address registry, within global unicast: all else is refused.
            *("2001::/23", "2001:db8::/32", "2620:4f:8000::/48", "3fff::/20"),
            # Metadata of a cloud's machines that is not in the ranges above.
            "168.63.129.16/32",
        ),
    )
)
"""Addresses that are not of the open internet: documents are not fetched from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """The answer of an address."""

    url: str
    """After redirects."""
    content: bytes
    kind: str
    """Media type, without parameters."""

    @property
    def ending(self) -> str:
        """The ending of a file of this kind, or an empty string for a kind that is not read."""
        return ENDINGS.get(self.kind, "")


def resolved(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, from the system."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet, by the list of special-purpose addresses in `SPECIAL`."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour
        if inner is None and found in NAT64:
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
        if found not in GLOBAL_UNICAST:
            return False
    return not any(found in network for network in SPECIAL if network.version == found.version)


class PublicOnly(httpcore.SyncBackend):
    """Connect to the address that was checked, without a second look-up that could give another address."""

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
        """Connect. Raises BadDocument unless all addresses of the host are public."""
        try:
            found = self.resolver(host, port)
        except (OSError, UnicodeError) as error:
            raise BadDocument(f"there is no host {host!r}") from error
        private = [address for address in found if not is_public(address)]
        if private or not found:
            raise BadDocument(f"{host!r} is not on the public internet; save the document and add the file")
        return super().connect_tcp(found[0], port, timeout, local_address, socket_options)

    def connect_unix_socket(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
        """Refuse."""
        raise BadDocument("documents are not fetched from sockets of this machine")


class Within(httpcore.NetworkBackend):
    """Connections that end at a moment, however much or little the other side sends until then."""

    def __init__(self, backend: httpcore.NetworkBackend, until: float) -> None:
        self._backend = backend
        self._until = until

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, *rest: Any, **more: Any) -> "Stream":
        """Connect in the time that is left."""
        made = self._backend.connect_tcp(host, port, left(self._until, timeout), *rest, **more)
        return Stream(made, self._until)


class Stream(httpcore.NetworkStream):
    """A connection that is closed to reading and writing after a moment."""

    def __init__(self, stream: httpcore.NetworkStream, until: float) -> None:
        self._stream = stream
        self._until = until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read in the time that is left."""
        return self._stream.read(max_bytes, left(self._until, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write in the time that is left."""
        self._stream.write(buffer, left(self._until, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        """Set TLS up in the time that is left."""
        made = self._stream.start_tls(ssl_context, server_hostname, left(self._until, timeout))
        return Stream(made, self._until)

    def close(self) -> None:
        """Close it."""
        self._stream.close()

    def get_extra_info(self, info: str) -> Any:
        """Return a property of the connection, such as its peer's address."""
        return self._stream.get_extra_info(info)


def left(until: float, timeout: float | None) -> float:
    """The seconds until a moment, at most those of the timeout. Raises BadDocument after the moment."""
    seconds = until - time.monotonic()
    if seconds <= 0:
        raise BadDocument(f"takes longer than {SECONDS:g} seconds")
    return min(seconds, timeout) if timeout is not None else seconds


def fetch(
    url: str, *, backend: httpcore.NetworkBackend | None = None, context: ssl.SSLContext | None = None
) -> Fetched:
    """The document at an http or https address. Raises BadDocument with the address and the reason."""
    until = time.monotonic() + SECONDS
    within = Within(backend or PublicOnly(), until)
    with httpcore.ConnectionPool(network_backend=within, ssl_context=context) as pool:
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
            try:
                at = urljoin(at, found)
            except ValueError as error:
                raise BadDocument(f"{url}: redirects to {found[:200]!r}, which is not an address") from error
    raise BadDocument(f"{url}: redirects more than {REDIRECTS} times")


def _checked(url: str) -> str:
    """Return the address to request, in ASCII. Raises BadDocument unless it is a plain http or https address."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError as error:
        raise BadDocument(f"is not an address: {error}") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadDocument("is not an http or https address")
    if parts.username is not None:
        raise BadDocument("contains a user name; sign in, save the document and add the file")
    place = f"[{name}]" if ":" in name else name
    asked = f"{quote(parts.path or '/', safe=KEPT)}?{quote(parts.query, safe=KEPT)}".removesuffix("?")
    return f"{parts.scheme}://{place}{'' if port is None else f':{port}'}{asked}"


def _answer(pool: httpcore.ConnectionPool, url: str, until: float) -> Fetched | str:
    """The document, or the address of a redirect."""
    bounds = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), left(until, STALLED))}
    with pool.stream("GET", url, headers=HEADERS, extensions=bounds) as response:
        headers = {name.decode("latin-1").lower(): _text(value) for name, value in response.headers}
        if response.status in {301, 302, 303, 307, 308} and headers.get("location"):
            return headers["location"]
        if response.status != 200:
            raise BadDocument(f"answers {response.status}")
        content = b"".join(_bounded(_unpacked(response.iter_stream(), headers.get("content-encoding", "")), until))
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Fetched(url=url, content=content, kind=kind)


def _text(value: bytes) -> str:
    """A header's value: UTF-8, or else Latin-1, which HTTP once allowed."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


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
        raise BadDocument(f"is compressed as {encoding!r}, which was not asked for")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for chunk in chunks:
            # In small steps, because a few bytes can unpack to gigabytes.
            packed = chunk
            while packed:
                yield unpacker.decompress(packed, 1024**2)
                packed = unpacker.unconsumed_tail
    except zlib.error as error:
        raise BadDocument(f"is damaged: {error}") from error


def entries(feed: Fetched) -> list[Article]:
    """The entries of an RSS or Atom feed, each with its address, title and date. Raises BadDocument."""
    # The feed parser is large, so it runs within the limits that documents have.
    for _, found in worked([feed], feed_reader, bounds=TaskLimits(seconds=30.0, memory=1024**3)):
        if isinstance(found, Broken):
            raise BadDocument(f"{feed.url}: {found.reason}")
        if not found:
            raise BadDocument(f"{feed.url}: is not an RSS or Atom feed, or has no entries")
        return found
    return []


def feed_reader() -> Callable[[Fetched], list[Article]]:
    """A reader of feeds, for a separate process."""
    import feedparser  # type: ignore[import-untyped]  # has no type information

    def read(feed: Fetched) -> list[Article]:
        # As a stream, because it would treat a text as an address or a file name.
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
