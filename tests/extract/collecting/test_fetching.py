"""Fetching uses public addresses only, whatever names, redirects and answers say."""

import gzip
import time
from collections.abc import Sequence
from contextlib import suppress

import httpcore
import pytest

from extract.collecting import fetching
from extract.collecting.fetching import Fetched, PublicOnly, entries, fetch, is_public
from graph.errors import BadDocument

PUBLIC = "93.184.216.34"


@pytest.mark.parametrize(
    ("address", "public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1::1", True),
        ("127.0.0.1", False),
        ("127.8.8.8", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        (f"::ffff:{PUBLIC}", True),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("not-an-address", False),
        *((address, False) for address in ("192.0.0.8", "192.0.0.170", "198.18.0.1", "192.88.99.1", "168.63.129.16")),
        *((address, False) for address in ("100.100.100.200", "203.0.113.9", "fd00:ec2::254", "::ffff:168.63.129.16")),
        *((address, False) for address in ("fec0::1", "2001:db8::1", "2001::1", "2001:20::1", "3fff::1", "5f00::1")),
        *(
            (address, False)
            for address in ("64:ff9b:1::1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "::5db8:d822", "100::1")
        ),
        ("64:ff9b::5db8:d822", True),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


def answer(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join([*lines, "", ""])).encode() + body


class Recorded(PublicOnly):
    """Answers from a table and records the address of each connection."""

    def __init__(self, answers: Sequence[bytes], resolver: fetching.Resolver) -> None:
        super().__init__(resolver)
        self.answers = iter(answers)
        self.connected: list[str] = []

    def connect_tcp(self, host: str, port: int, *rest: object, **more: object) -> httpcore.NetworkStream:
        found = self.resolver(host, port)
        if all(map(is_public, found)):
            self.connected.append(f"{found[0]}:{port}")
            return httpcore.MockStream([next(self.answers)])
        return super().connect_tcp(host, port)


def names(host: str, port: int) -> Sequence[str]:
    """Resolves the names in tests; most are public."""
    return {"localhost": ["127.0.0.1"], "inside.example": ["10.0.0.8"], "both.example": [PUBLIC, "127.0.0.1"]}.get(
        host, [host if host[0].isdigit() else PUBLIC]
    )


def fetched(url: str, *answers: bytes) -> Fetched:
    return fetch(url, backend=Recorded(answers, names))


def test_what_an_address_answers() -> None:
    backend = Recorded([answer(b"<p>words", Content_Type="text/html; charset=utf-8")], names)
    found = fetch("http://gazette.example:8080/cap#top", backend=backend)
    assert found == Fetched(url="http://gazette.example:8080/cap", content=b"<p>words", kind="text/html")
    assert found.ending == ".html"
    assert backend.connected == [f"{PUBLIC}:8080"]


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost/", "http://127.0.0.1:8000/", "http://inside.example/", "http://both.example/"),
        *("file:///etc/passwd", "ftp://gazette.example/", "gazette.example/cap", "http://", "http://[::1", "http:///x"),
        "http://user:secret@gazette.example/",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(BadDocument) as error:
        fetched(url, answer(b"secret"))
    assert str(error.value).startswith(f"{url}: ")


@pytest.mark.parametrize("to", ["http://localhost/", "http://10.0.0.8/", "//inside.example/", "file:///etc/passwd"])
def test_a_redirect_leads_no_further_in(to: str) -> None:
    with pytest.raises(BadDocument, match=r"public internet|not an http"):
        fetched("http://gazette.example/", answer(status="302 Found", Location=to), answer(b"secret"))


def test_redirects_are_followed_a_few_times() -> None:
    moved = answer(status="301 Moved", Location="/next", Connection="close")
    assert fetched("http://gazette.example/a", moved, answer(b"words")).url == "http://gazette.example/next"
    with pytest.raises(BadDocument, match="redirects more than 5 times"):
        fetched("http://gazette.example/a", *[moved] * 7)


def test_the_address_that_was_checked_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    used: list[str] = []

    def connect(self: object, host: str, *_: object) -> httpcore.NetworkStream:
        used.append(host)
        return httpcore.MockStream([])

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    PublicOnly(lambda host, port: next(answers)).connect_tcp("rebinds.example", 80)
    assert used == [PUBLIC]


def test_a_host_that_is_not_there() -> None:
    def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(BadDocument, match=r"there is no host 'nowhere\.example'"):
        fetch("http://nowhere.example/", backend=PublicOnly(nowhere))


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answer(b"x" * 2000), "larger than 1,000 bytes"),
        (answer(gzip.compress(b"x" * 10_000_000), Content_Encoding="gzip"), "larger than 1,000 bytes"),
        (answer(b"no gzip", Content_Encoding="gzip"), "damaged"),
        (answer(b"x", Content_Encoding="br"), "not asked for"),
        (answer(b"x", status="404 Not Found"), "answers 404"),
        (b"nonsense\r\n\r\n", "cannot be fetched"),
    ],
)
def test_answers_that_are_refused(reply: bytes, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LARGEST", 1000)
    with pytest.raises(BadDocument, match=told):
        fetched("http://gazette.example/", reply)


def test_what_comes_packed_is_unpacked() -> None:
    assert fetched("http://a.example/", answer(gzip.compress(b"words"), Content_Encoding="gzip")).content == b"words"


@pytest.mark.parametrize(
    "to",
    ["http://gazette.example/café?q=é", "/café", "http://gazétte.example/", "//é" * 3, "http://[::1", "http://a.b:x/"],
)
def test_a_redirect_to_any_characters_is_an_answer_or_one_error(to: str) -> None:
    moved = answer(status="302 Found").replace(b"\r\n\r\n", f"\r\nLocation: {to}\r\n\r\n".encode())
    latin = answer(status="302 Found").replace(b"\r\n\r\n", f"\r\nLocation: {to}\r\n\r\n".encode("latin-1"))
    for first in (moved, latin):
        with suppress(BadDocument):
            assert fetched("http://gazette.example/", first, answer(b"words")).content == b"words"


def test_a_name_in_other_letters_is_resolved_in_ascii() -> None:
    assert fetched("http://gazétte.example/café", answer(b"words")).url == "http://xn--gaztte-dva.example/caf%C3%A9"


def test_a_name_that_means_another_address_the_second_time_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"], ["127.0.0.1"]])
    connected: list[str] = []

    def connect(self: object, host: str, port: int, *_: object, **__: object) -> httpcore.NetworkStream:
        connected.append(host)
        return httpcore.MockStream([answer(b"words")])

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    backend = PublicOnly(lambda host, port: next(answers))

    assert fetch("http://gazette.example/", backend=backend).content == b"words"
    with pytest.raises(BadDocument, match="not on the public internet"):
        fetch("http://gazette.example/", backend=backend)
    assert connected == [PUBLIC]


class Dripping(httpcore.NetworkStream):
    """Sends a header line whenever it is asked for more, for ever."""

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        time.sleep(0.05)
        self.sent = getattr(self, "sent", 0) + 1
        return b"HTTP/1.1 200 OK\r\n" if self.sent == 1 else b"X-More: a\r\n"

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        pass

    def close(self) -> None:
        pass


def test_headers_that_never_end_are_within_the_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    class Backend(httpcore.NetworkBackend):
        def connect_tcp(self, *_: object, **__: object) -> httpcore.NetworkStream:
            return Dripping()

    monkeypatch.setattr(fetching, "SECONDS", 0.5)
    begun = time.monotonic()
    with pytest.raises(BadDocument):
        fetch("http://gazette.example/", backend=Backend())

    assert time.monotonic() - begun < 5


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "SECONDS", -1.0)
    with pytest.raises(BadDocument, match="takes longer"):
        fetched("http://gazette.example/", answer(b"words"))


RSS = """<rss version="2.0"><channel><title>The Tram Gazette</title>
<item><title>A cap &amp; more</title><link>/cap</link><pubDate>Tue, 04 Mar 2031 09:30:00 GMT</pubDate></item>
<item><title>Inside</title><link>file:///etc/passwd</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>The Tram Gazette</title>
<entry><title>A cap &amp; more</title>
<link href="https://gazette.example/cap"/><published>2031-03-04T09:30:00Z</published></entry></feed>"""


@pytest.mark.parametrize("feed", [RSS, ATOM])
def test_entries_of_a_feed(feed: str) -> None:
    (entry,) = entries(Fetched(url="https://gazette.example/feed.xml", content=feed.encode(), kind="text/xml"))
    assert (entry.url, entry.title, entry.publisher, entry.date) == (
        "https://gazette.example/cap",
        "A cap & more",
        "The Tram Gazette",
        "2031-03-04",
    )


def test_an_invalid_feed_is_reported() -> None:
    with pytest.raises(BadDocument, match="is not an RSS or Atom feed"):
        entries(Fetched(url="https://gazette.example/", content=b"<html><p>words", kind="text/html"))
