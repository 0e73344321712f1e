"""The client of a chat-completions server: only to allowed addresses, patient with failures, silent about the key."""

import ipaddress
import json
import os
import random
import stat
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from extract.model_reading.kept import ModelAnswer
from graph.errors import BadRequest, PositionsError

KEY = "POSITIONS_MODEL_KEY"  # names of variables, no keys
KEY_FILE = "POSITIONS_MODEL_KEY_FILE"
LONGEST_WAIT = 120.0
"""The longest Retry-After that is obeyed, in seconds."""
LARGEST_ANSWER = 8 * 1024**2
"""Bytes of one answer."""
FINAL = frozenset([401, 403, 404, 405, 407])
"""Answers that every further request would get as well."""
SIMPLER: tuple[tuple[str, ...], ...] = (
    (),
    ("response_format",),
    ("response_format", "seed"),
    ("response_format", "seed", "temperature", "max_tokens"),
)
"""What is left out, in turn, for a server that refuses a request as badly formed."""


class ServerFailed(PositionsError):
    """One request that failed on every try; the run continues without it."""


class ServerRefuses(PositionsError):
    """A server that will answer nothing: the run ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """Where the model is, and how patient we are with it."""

    url: str
    allowed: frozenset[str] = frozenset()
    """Hosts, other than this machine, that text may be sent to."""
    seconds: float = 120.0
    """For one request."""
    tries: int = 7
    first_wait: float = 0.5
    """Seconds before the second try; each further wait is twice as long."""


def checked_url(url: str, allowed: Iterable[str]) -> str:
    """The address of the server if text may be sent there. Raises BadRequest."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018  # raises where it is no number
    except ValueError as error:
        raise BadRequest("the model's address is not valid; give one like http://127.0.0.1:11434/v1") from error
    if parts.scheme not in ("http", "https") or not host:
        raise BadRequest("the model's address must begin with http:// or https://, such as http://127.0.0.1:11434/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise BadRequest(f"the model's address must hold no key, name or query; put the key into {KEY}")
    if not _loopback(host) and host.lower() not in {name.lower() for name in allowed}:
        raise BadRequest(f"text would be sent to {host}; if that is meant, add --allow-host {host}")
    return url.rstrip("/")


def read_key(environment: Mapping[str, str] | None = None) -> str:
    """The key from the environment, or from a file that only its owner can read; '' for none. Raises BadRequest."""
    known = os.environ if environment is None else environment
    if known.get(KEY):
        return known[KEY].strip()
    if not known.get(KEY_FILE):
        return ""
    path = Path(known[KEY_FILE])
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise BadRequest(f"{path}: others can read this key; run chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path}: the key cannot be read; check {KEY_FILE}") from error


class Client:
    """Sends requests; safe to use from several threads."""

    def __init__(self, server: ModelServer, key: str = "") -> None:
        self.url = checked_url(server.url, server.allowed) + "/chat/completions"
        self.server = server
        self.stopped = threading.Event()
        self._key = key
        self._simpler = 0
        local = _loopback(urlsplit(server.url).hostname or "")
        self._http = httpx.Client(
            headers={"Authorization": f"Bearer {key}", "api-key": key} if key else {},
            timeout=server.seconds,
            # A redirect or a proxy could send the text to a host that is not allowed.
            follow_redirects=False,
            trust_env=not local,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Let go of the connections, and end the waiting of every thread."""
        self.stopped.set()
        self._http.close()

    def answer(self, key: str, body: Mapping[str, Any]) -> ModelAnswer:
        """What the model says to a request. Raises ServerFailed, or ServerRefuses where no request can succeed."""
        wait = self.server.first_wait
        reason = ""
        for attempt in range(self.server.tries):
            if attempt and self.stopped.wait(self._pause(wait)):
                break
            wait = min(wait * 2, 30.0)
            try:
                response = self._send(body)
                return self._read(key, response)
            except _TryAgain as error:
                reason = str(error)
                wait = max(wait, error.after)
            except httpx.TimeoutException:
                reason = f"no answer within {self.server.seconds:g} seconds"
            except (httpx.HTTPError, ValueError) as error:
                reason = f"the connection failed ({type(error).__name__})"
        raise ServerFailed(f"the model server did not answer: {reason or 'the run was stopped'}")

    def _send(self, body: Mapping[str, Any]) -> httpx.Response:
        while True:
            step = self._simpler
            sent = {name: value for name, value in body.items() if name not in SIMPLER[step]}
            response = self._http.post(self.url, json=sent)
            if response.status_code not in (400, 422) or step + 1 == len(SIMPLER):
                return response
            # The server does not take a field; a request that is too long fails in every form.
            self._simpler = max(self._simpler, step + 1) if self._field_refused(response) else self._simpler
            if self._simpler == step:
                return response

    def _field_refused(self, response: httpx.Response) -> bool:
        told = response.text[:2000].lower()
        return not any(word in told for word in ("context length", "context_length", "context size", "too long"))

    def _read(self, key: str, response: httpx.Response) -> ModelAnswer:
        code = response.status_code
        if code in FINAL:
            hint = "check the key" if code in (401, 403, 407) else "check the address and the model's name"
            raise ServerRefuses(f"the model server answers {code}; {hint}")
        if code in (408, 409, 425, 429) or code >= 500:
            raise _TryAgain(f"status {code}", _retry_after(response))
        if code != 200:
            raise ServerFailed(f"the model server refuses the request with status {code}: {self._shown(response.text)}")
        if len(response.content) > LARGEST_ANSWER:
            raise ServerFailed("the answer is larger than 8 MB")
        try:
            found = completion(key, json.loads(response.content))
        except (ValueError, RecursionError) as error:
            raise _TryAgain("an answer that is not a chat completion") from error
        return ModelAnswer(key=key, text=self._hidden(found.text), input=found.input, output=found.output)

    def _hidden(self, text: str) -> str:
        return text.replace(self._key, "[key]") if self._key else text

    def _shown(self, text: str) -> str:
        return " ".join(self._hidden(text).split())[:200]

    def _pause(self, wait: float) -> float:
        # Spread out, so that those refused together do not come again together.
        return wait * (0.75 + random.random() / 2)  # noqa: S311  # nothing secret


def completion(key: str, body: Any) -> ModelAnswer:
    """Return the answer in a chat completion. Raises ValueError if it is not a completion."""
    try:
        content = body["choices"][0]["message"]["content"]
        used = body.get("usage") or {}
        if not isinstance(content, str):
            raise ValueError("the message holds no text")
        return ModelAnswer(
            key=key, text=content, input=_count(used.get("prompt_tokens")), output=_count(used.get("completion_tokens"))
        )
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ValueError("not a chat completion") from error


class _TryAgain(Exception):
    def __init__(self, reason: str, after: float = 0.0) -> None:
        self.after = after
        super().__init__(reason)


def _count(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value < 10**9 else 0


def _retry_after(response: httpx.Response) -> float:
    try:
        return min(max(float(response.headers.get("retry-after", "0")), 0.0), LONGEST_WAIT)
    except ValueError:
        return 0.0


def _loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


Answerer = Callable[[str, Mapping[str, Any]], ModelAnswer]
"""Gives the answer to a request's digest and body."""
