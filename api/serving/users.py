"""Access control: tokens with names and roles, and the sessions of people who signed in with one."""

import hashlib
import hmac
import os
import secrets
import time
import tomllib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.serving.attempts import Attempts
from api.settings import USERS_FILE, Settings
from graph.errors import BadRequest, NotAllowed, NotSignedIn

COOKIE = "positions_session"
SESSION_SECONDS = 12 * 3600
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a token allows; each role includes those before it."""

    READ = "read"
    REVIEW = "review"
    ADMIN = "admin"


RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """The holder of a token."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether the user has this role or a higher one."""
        return RANK[self.role] >= RANK[role]


class Users:
    """All users in the settings: the holder of the admin token, and the people in the users file.

    The file is TOML: a `[[user]]` with `name`, `role` (read, review, admin) and `token`, or the SHA-256 of the token in
    hexadecimal as `token_sha256`. Only digests are kept, and compared in constant time. A new reviewer can sign in at
    once: the file is read again when it changes.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: list[tuple[bytes, User]] = []
        self._file = users_file(settings)
        self._written = -1
        self._by_digest()
        # Sessions end with the process that gave them: nothing that signs them lies on disk.
        self._sessions = URLSafeTimedSerializer(secrets.token_bytes(32), salt="session")
        self._ended: OrderedDict[str, float] = OrderedDict()
        self.secure = settings.https
        self._attempts = Attempts(settings.wrong_tokens)

    def __bool__(self) -> bool:
        """Whether anybody can sign in."""
        return bool(self._by_digest())

    def by_token(self, token: str, *, address: str) -> User | None:
        """The user with this token, or None. Raises TooManyAttempts for an address with too many wrong tokens."""
        self._attempts.check(address)
        found = self._by_token(token)
        if found is None:
            self._attempts.failed(address)
        return found

    def _by_token(self, token: str) -> User | None:
        given = _digest(token)
        found = None
        # All are compared, so that the time taken tells nothing.
        for digest, user in self._by_digest():
            if hmac.compare_digest(digest, given):
                found = user
        return found

    def session(self, user: User) -> str:
        """A session cookie for a user."""
        return self._sessions.dumps([user.name, user.role, secrets.token_hex(8)])

    def by_session(self, cookie: str) -> User | None:
        """The user of a session; None if the cookie is forged, expired or ended, or the user no longer exists."""
        session = self._session(cookie)
        return session[1] if session is not None else None

    def _session(self, cookie: str) -> tuple[str, User] | None:
        """The random part of a session and its user, as for `by_session`."""
        try:
            name, role, number = self._sessions.loads(cookie, max_age=SESSION_SECONDS)
        except (BadSignature, ValueError):
            return None
        known = User(name=name, role=Role(role))
        if number in self._ended or not any(user == known for _, user in self._by_digest()):
            return None
        return number, known

    def end_session(self, cookie: str) -> None:
        """Make a session's cookie worthless, also in copies of it, until it would have expired."""
        now = time.monotonic()
        while self._ended and next(iter(self._ended.values())) < now:
            self._ended.popitem(last=False)
        session = self._session(cookie)
        if session is not None:
            # Not the cookie: several ways of writing it have the same valid signature.
            self._ended[session[0]] = now + SESSION_SECONDS

    def form_token(self, cookie: str) -> str:
        """The token of a session's forms, so that another site cannot send a form in its name."""
        return hmac.new(b"form", cookie.encode(), hashlib.sha256).hexdigest() if cookie else ""

    def check_form(self, request: Request, given: str) -> None:
        """Raises NotAllowed unless a session's request carries its form token."""
        expected = self.form_token(request.cookies.get(COOKIE, ""))
        given = given or request.headers.get("x-form-token", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode()):
            raise NotAllowed("this request does not come from a page of this service; open the page again")

    def _by_digest(self) -> list[tuple[bytes, User]]:
        """Return all current users, and read the users file again if it has changed."""
        try:
            written = self._file.stat().st_mtime_ns
        except OSError:
            written = 0
        if written != self._written:
            known: list[tuple[bytes, User]] = []
            if self._settings.admin_token is not None:
                token = self._settings.admin_token.get_secret_value()
                known.append((_digest(token), User(name="admin", role=Role.ADMIN)))
            if written or self._settings.users_file is not None:
                known.extend(_read(self._file))
            self._known, self._written = known, written
        return self._known


def users_file(settings: Settings) -> Path:
    """Return the file of reviewers: the one in the settings, or `users.toml` next to the settings file."""
    return settings.users_file or USERS_FILE


def _read(path: Path) -> Iterator[tuple[bytes, User]]:
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("user", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadRequest(f"users file {path} cannot be read: {error}") from error
    for number, entry in enumerate(entries, 1):
        where = f"users file {path}, [[user]] {number}"
        if not isinstance(entry, dict) or not entry.get("name") or entry.get("role") not in set(Role):
            raise BadRequest(f"{where}: needs a name, and a role that is one of {', '.join(Role)}")
        user = User(name=str(entry["name"]), role=Role(entry["role"]))
        if entry.get("token"):
            yield _digest(str(entry["token"])), user
        elif len(str(entry.get("token_sha256", ""))) == 64:
            yield bytes.fromhex(str(entry["token_sha256"])), user
        else:
            raise BadRequest(f"{where}: needs a token, or its SHA-256 as token_sha256")


def new_token(settings: Settings, name: str, role: Role) -> tuple[str, Path]:
    """Add a user to the users file; return the new token and the file. Raises BadRequest for a name that is taken."""
    path = users_file(settings)
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise BadRequest("give the name of the reviewer")
    if path.exists() and any(user.name.casefold() == name.casefold() for _, user in _read(path)):
        raise BadRequest(f"{name!r} already has a token in {path}; delete that entry first, or choose another name")
    made = secrets.token_urlsafe(24)
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    entry = f'[[user]]\nname = "{quoted}"\nrole = "{role}"\ntoken_sha256 = "{_digest(made).hex()}"\n'
    try:
        # Only the owner may read who can sign in.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as file:
            file.write(f"\n{entry}".encode())
    except OSError as error:
        raise BadRequest(f"cannot write the users file {path}: {error.strerror}") from error
    return made, path


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def bearer(request: Request) -> str:
    """The token in the Authorization header; '' where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def address_of(request: Request) -> str:
    """The address of the client, as a trusted proxy reports it."""
    return request.client.host if request.client is not None else ""


def known_users(request: Request) -> Users:
    """All users of this application."""
    return cast(Users, request.app.state.users)


UsersDep = Annotated[Users, Depends(known_users)]


def visitor(request: Request, users: UsersDep) -> User | None:
    """The user of a request, by token or session; None without either. Raises NotSignedIn for an unknown token."""
    token = bearer(request)
    if token:
        user = users.by_token(token, address=address_of(request))
        if user is None:
            raise NotSignedIn("this token is not known")
        return user
    cookie = request.cookies.get(COOKIE, "")
    return users.by_session(cookie) if cookie else None


VisitorDep = Annotated[User | None, Depends(visitor)]


def must_hold(request: Request, users: Users, role: Role) -> None:
    """Check by the headers alone that the client may do what the role may. Raises NotSignedIn, NotAllowed."""
    _must_have(visitor(request, users), role)


def holder_of(role: Role) -> Any:
    """A dependency that gives the user if they have the role. Raises NotSignedIn, NotAllowed.

    A session's writing request must carry `X-Form-Token`, which no other site can know.
    """

    def check(request: Request, user: VisitorDep, users: UsersDep) -> User:
        return _admitted(request, user, users, role)

    return Depends(check)


def sender_with(role: Role) -> Any:
    """A dependency that gives the sender of a form if they have the role. Raises NotSignedIn, NotAllowed.

    The form carries its token in the field `form_token` or in `X-Form-Token`.
    """

    def check(request: Request, user: VisitorDep, users: UsersDep, *, form_token: Annotated[str, Form()] = "") -> User:
        must_be_own(request)
        return _admitted(request, user, users, role, given=form_token)

    return Depends(check)


def must_be_own(request: Request) -> None:
    """Raises NotAllowed if the browser says that another site sent the form."""
    origin = request.headers.get("origin", "")
    known = {request.headers.get("host", "").lower(), urlsplit(request.app.state.settings.base_url).netloc.lower()}
    # A page without an origin is not ours either.
    foreign = origin != "" and urlsplit(origin).netloc.lower() not in known - {""}
    if foreign or request.headers.get("sec-fetch-site", "") in {"cross-site", "same-site"}:
        raise NotAllowed("this form was sent by another site; open the page here")


def _must_have(user: User | None, role: Role) -> User:
    if user is None:
        raise NotSignedIn("this needs a token: send Authorization: Bearer …, or sign in at /review")
    if not user.may(role):
        raise NotAllowed(f"{user.name} has the role {user.role}; this needs the role {role}")
    return user


def _admitted(request: Request, visitor: User | None, users: Users, role: Role, *, given: str = "") -> User:
    user = _must_have(visitor, role)
    if not bearer(request) and request.method not in READING:
        users.check_form(request, given)
    return user


ReviewerDep = Annotated[User, holder_of(Role.REVIEW)]
AdminDep = Annotated[User, holder_of(Role.ADMIN)]
ReviewSenderDep = Annotated[User, sender_with(Role.REVIEW)]
AdminSenderDep = Annotated[User, sender_with(Role.ADMIN)]
