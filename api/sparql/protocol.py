"""Shared code of the SPARQL endpoint and the graph store: read requests, check tokens and send answers in plain ASGI.

A framework's request and response objects would cost more than most queries do.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from urllib.parse import parse_qsl, quote

from starlette.datastructures import State
from starlette.types import Receive, Scope, Send

from api.queries.cache import CACHED
from api.queries.pool import QueryPool
from api.queries.processes import QueryAnswer
from api.queries.refused import Refused
from api.serving.bodies import BodyRefused, ClientLeft, form_bound, read_body
from api.serving.derived import Derived
from api.serving.hosts import site
from api.serving.users import Role, Users
from api.settings import Settings
from graph.errors import BadQuery, BadRequest, PositionsError, ReadOnly, StoreError, TooManyAttempts
from graph.store.embedded import Store

log = logging.getLogger(__name__)

FORM = "application/x-www-form-urlencoded"
FIELDS = 1_000
"""Largest number of parameters in one request."""

SLOWEST = 30.0
"""Seconds that a client may take for the next part of an answer that is ready."""

FOR_EVERY_ANSWER = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"ETag, Retry-After, X-Derived-Graphs, X-Request-ID"),
)
STALE = ((b"x-derived-graphs", b"stale"),)
"""The header that says that positions are being updated after a write to the graph."""

PREFLIGHT = (
    (b"access-control-allow-headers", b"accept, authorization, content-type, if-none-match"),
    (b"access-control-max-age", b"86400"),
)
VARY = (b"vary", b"Accept, Accept-Encoding")
TEXT = (b"content-type", b"text/plain; charset=utf-8")

Header = tuple[bytes, bytes]


class Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self._receive = receive
        self._send = send
        self._refused: Refused | None = None

    @property
    def state(self) -> State:
        """What the application keeps for all requests."""
        state: State = self.scope["app"].state
        return state

    @property
    def settings(self) -> Settings:
        settings: Settings = self.state.settings
        return settings

    @property
    def pool(self) -> QueryPool:
        pool: QueryPool = self.state.queries
        return pool

    @property
    def derived(self) -> Derived:
        derived: Derived = self.state.derived
        return derived

    @property
    def store(self) -> Store:
        store: Store = self.state.store
        return store

    def header(self, name: bytes) -> str:
        """A header's value, '' where it was not sent."""
        return self.headers.get(name, b"").decode("latin-1")

    @property
    def media_type(self) -> str:
        """The body's, in lower case. Raises Refused where its charset is not UTF-8."""
        media, *parameters = self.header(b"content-type").split(";")
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip().lower() == "charset" and value.strip(' "').lower() not in {"utf-8", "utf8", "us-ascii"}:
                raise Refused(415, f"the charset {value.strip()!r} is not read here; send UTF-8")
        return media.strip().lower()

    @property
    def address(self) -> str:
        """The absolute address of this endpoint, without a query: the base of relative IRIs."""
        # Decoded, a path may hold what no IRI can.
        return site(self.scope, self.settings) + quote(str(self.scope["path"]), safe="/%:@!$&'()*+,;=~-._")

    @property
    def takes_gzip(self) -> bool:
        """Whether the client takes compressed answers."""
        for part in self.header(b"accept-encoding").lower().split(","):
            coding, _, weight = part.partition(";")
            if coding.strip() == "gzip":
                return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
        return False

    def parameters(self) -> list[tuple[str, str]]:
        """Those of the address."""
        return pairs(self.scope["query_string"])

    async def body(self, bound: int) -> bytes:
        """The whole body. Raises Refused if it is too large or too slow."""
        try:
            return await read_body(self.scope, self._receive, bound)
        except BodyRefused as error:
            raise Refused(error.status, str(error)) from error

    async def form(self) -> list[tuple[str, str]]:
        """The fields of a form. Without a token that may write it holds a query, and so need not be long."""
        bound = form_bound(self.settings)
        if b"authorization" in self.headers and self.is_admin():
            bound = self.settings.max_body
        return pairs(await self.body(bound))

    def is_admin(self) -> bool:
        """Whether the token in the header may write; asked again, the answer is the same and counts once."""
        if self._refused is None:
            try:
                self._check_admin()
            except Refused as error:
                self._refused = error
            else:
                self._refused = Refused(200, "")
        return self._refused.status == 200

    def must_be_admin(self) -> None:
        """Raises Refused unless the client may write: 401 without a known token, 403 if its role is too small."""
        if not self.is_admin() and self._refused is not None:
            raise self._refused

    def _check_admin(self) -> None:
        users: Users = self.state.users
        scheme, _, given = self.header(b"authorization").partition(" ")
        if scheme.lower() != "bearer" or not given.strip():
            raise Refused(401, "writing needs a token: Authorization: Bearer …")
        client = self.scope.get("client")
        user = users.by_token(given.strip(), address=client[0] if client else "")
        if user is None:
            raise Refused(401, "this token is not known here")
        if not user.may(Role.ADMIN):
            raise Refused(403, f"{user.name} has the role {user.role}; writing needs the role {Role.ADMIN}")

    async def reply(self, status: int, body: bytes = b"", headers: Iterable[Header] = ()) -> None:
        """The whole answer at once."""
        headers = [*FOR_EVERY_ANSWER, *headers, *(STALE if self.derived.stale else ())]
        length: tuple[Header, ...] = () if status == 304 else ((b"content-length", b"%d" % len(body)),)
        await self._send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
        await self._send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else body})

    async def refuse(self, refused: Refused, headers: Sequence[Header] = ()) -> None:
        """An error, in words."""
        extra: list[Header] = [TEXT, VARY, (b"cache-control", b"no-store"), *headers]
        if refused.status == 408:
            extra.append((b"connection", b"close"))
        if refused.status in {429, 503} and not any(name == b"retry-after" for name, _ in headers):
            extra.append((b"retry-after", b"5"))
        if refused.status == 401:
            extra.append((b"www-authenticate", b'Bearer realm="positions"'))
        await self.reply(refused.status, (str(refused) + "\n").encode("utf-8", "replace"), extra)

    async def stream(
        self, answer: QueryAnswer, headers: Iterable[Header], *, keep: Callable[[bytes], None] | None = None
    ) -> bool:
        """Pass an answer on as it comes; False where it broke off, and the connection with it.

        One that is not too large is given to `keep` when it is whole.
        """
        whole = answer.whole()
        if whole is not None:
            if keep is not None:
                keep(whole)
            await self.reply(200, whole, headers)
            return True
        headers = [*FOR_EVERY_ANSWER, *headers, *(STALE if self.derived.stale else ())]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.method == "HEAD":
            self.pool.give_up(answer)
            await self._send({"type": "http.response.body", "body": b""})
            return True
        leaves = asyncio.create_task(self._give_up_when_client_leaves(answer))
        passed: bytearray | None = bytearray() if keep is not None else None
        try:
            async for chunk in answer.chunks():
                if passed is not None:
                    passed += chunk
                    passed = passed if len(passed) <= CACHED else None
                async with asyncio.timeout(SLOWEST):
                    await self._send({"type": "http.response.body", "body": chunk, "more_body": True})
            if keep is not None and passed is not None:
                keep(bytes(passed))
            await self._send({"type": "http.response.body", "body": b""})
        except (Refused, TimeoutError) as error:
            # Without its last part the client sees that the transfer is broken; a clean end would be a wrong answer.
            log.warning("an answer broke off: %s", error or "the client is too slow")
            return False
        finally:
            leaves.cancel()
            self.pool.give_up(answer)
        return True

    def watch(self, answer: QueryAnswer) -> asyncio.TimerHandle:
        """Give the answer up when the client leaves, once it has taken a while; the caller cancels the watch."""
        loop = asyncio.get_running_loop()
        tasks: list[asyncio.Task[None]] = []
        answer.watchers = tasks

        def begin() -> None:
            if not answer.ended:
                tasks.append(loop.create_task(self._give_up_when_client_leaves(answer)))

        return loop.call_later(0.2, begin)

    async def _give_up_when_client_leaves(self, answer: QueryAnswer) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.pool.give_up(answer)
                return


async def exchanged(exchange: Exchange, work: Any) -> None:
    """Run a handler, and turn what it raises into an answer."""
    try:
        await work(exchange)
    except Refused as error:
        if error.status != 499:
            await exchange.refuse(error)
    except (BadQuery, BadRequest) as error:
        await exchange.refuse(Refused(400, str(error)))
    except TooManyAttempts as error:
        await exchange.refuse(Refused(429, str(error)), [(b"retry-after", b"%d" % error.seconds)])
    except ReadOnly as error:
        await exchange.refuse(Refused(405, str(error)), [(b"allow", b"GET, HEAD, POST, OPTIONS")])
    except StoreError as error:
        log.error("%s %s: %s", exchange.method, exchange.scope["path"], error)
        # Give the reason only to clients that may write; readers need not know where the data are.
        told = str(error) if exchange.method != "GET" else "the store cannot answer at the moment"
        await exchange.refuse(Refused(503, f"{told}; try again later"))
    except PositionsError as error:
        log.error("%s %s: %s", exchange.method, exchange.scope["path"], error)
        await exchange.refuse(Refused(503, "the store cannot answer at the moment; try again later"))
    except ClientLeft:
        log.debug("a client left before its request was whole")


def pairs(text: bytes) -> list[tuple[str, str]]:
    """The parameters in an address or a form. Raises Refused where they are not UTF-8, or too many."""
    try:
        return parse_qsl(
            text.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS, separator="&"
        )
    except UnicodeDecodeError:
        raise Refused(400, "the parameters are not UTF-8") from None
    except ValueError:
        raise Refused(400, f"more than {FIELDS} parameters") from None


def one(parameters: list[tuple[str, str]], name: str) -> str | None:
    """The value of a parameter that may be given once. Raises Refused where it is given more often."""
    values = [value for key, value in parameters if key == name]
    if len(values) > 1:
        raise Refused(400, f"the parameter {name} is given {len(values)} times; give it once")
    return values[0] if values else None


def utf8(body: bytes) -> str:
    """The text of a body. Raises Refused where it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refused(400, f"the body is not UTF-8 at byte {error.start}") from None


def deadline(settings: Settings) -> float:
    """When a query that begins now must have ended."""
    return time.monotonic() + settings.query_timeout
