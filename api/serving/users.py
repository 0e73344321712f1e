"""Who may do what: tokens with names and roles, and the sessions of people who signed in with one."""

import hashlib
import hmac
import secrets
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, cast
from urllib.parse import urlsplit

from fastapi import Depends, Form, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.serving.attempts import Attempts
from api.settings import Settings
from graph.errors import BadRequest, NotAllowed, NotSignedIn

COOKIE = "positions_session"
SESSION_SECONDS = 12 * 3600
READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(StrEnum):
    """What a token lets its holder do; each may do what those before it may."""

    READ = "read"
    REVIEW = "review"
    ADMIN = "admin"


RANK = {role: rank for rank, role in enumerate(Role)}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody known by a token."""

    name: str
    role: Role

    def may(self, role: Role) -> bool:
        """Whether the user may do what this role may."""
        return RANK[self.role] >= RANK[role]


class Users:
    """Everybody whom the settings name: the holder of the admin token, and those of the users file.

    The file is TOML: a `[[user]]` with `name`, `role` (read, review, admin) and `token`, or in place of the token its
    SHA-256 in hexadecimal as `token_sha256`. Tokens are compared in constant time, and kept as digests only.
    """

    def __init__(self, settings: Settings) -> None:
        self._by_digest: list[tuple[bytes, User]] = []
        if settings.admin_token is not None:
            self._add(settings.admin_token.get_secret_value(), User(name="admin", role=Role.ADMIN))
        if settings.users_file is not None:
            self._read(settings)
        # Sessions end with the process that gave them: nothing that signs them lies on disk.
        self._sessions = URLSafeTimedSerializer(secrets.token_bytes(32), salt="session")
        self.secure = settings.https
        self._attempts = Attempts(settings.wrong_tokens)

    def __bool__(self) -> bool:
        """Whether anybody can sign in."""
        return bool(self._by_digest)

    def by_token(self, token: str, *, address: str) -> User | None:
        """Whose token this is; None where it is nobody's. Raises TooManyAttempts for an address that tries many."""
        self._attempts.check(address)
        found = self._by_token(token)
        if found is None:
            self._attempts.failed(address)
        return found

    def _by_token(self, token: str) -> User | None:
        given = _digest(token)
        found = None
        # All are compared, so that the time taken tells nothing.
        for digest, user in self._by_digest:
            if hmac.compare_digest(digest, given):
                found = user
        return found

    def session(self, user: User) -> str:
        """The value of a cookie that stands for a signed-in user."""
        return self._sessions.dumps([user.name, user.role, secrets.token_hex(8)])

    def by_session(self, cookie: str) -> User | None:
        """Who signed in; None where the cookie is none of ours, or too old, or the user is gone."""
        try:
            name, role, _ = self._sessions.loads(cookie, max_age=SESSION_SECONDS)
        except (BadSignature, ValueError):
            return None
        known = User(name=name, role=Role(role))
        return known if any(user == known for _, user in self._by_digest) else None

    def form_token(self, cookie: str) -> str:
        """What a form of this session carries, so that no other site's form can be sent in its name."""
        return hmac.new(b"form", cookie.encode(), hashlib.sha256).hexdigest() if cookie else ""

    def check_form(self, request: Request, given: str) -> None:
        """Raises NotAllowed for a request of a session that carries no form token of it."""
        expected = self.form_token(request.cookies.get(COOKIE, ""))
        given = given or request.headers.get("x-form-token", "")
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode()):
            raise NotAllowed("this request does not come from a page of this service; open the page again")

    def _add(self, token: str, user: User) -> None:
        self._by_digest.append((_digest(token), user))

    def _read(self, settings: Settings) -> None:
        path = settings.users_file
        if path is None:
            return
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
                self._add(str(entry["token"]), user)
            elif len(str(entry.get("token_sha256", ""))) == 64:
                self._by_digest.append((bytes.fromhex(str(entry["token_sha256"])), user))
            else:
                raise BadRequest(f"{where}: needs a token, or its SHA-256 as token_sha256")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def bearer(request: Request) -> str:
    """The token in the Authorization header; '' where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def address_of(request: Request) -> str:
    """Where a request comes from: the client, as a trusted proxy tells of it."""
    return request.client.host if request.client is not None else ""


def known_users(request: Request) -> Users:
    """Everybody whom this application knows."""
    return cast(Users, request.app.state.users)


UsersDep = Annotated[Users, Depends(known_users)]


def visitor(request: Request, users: UsersDep) -> User | None:
    """Who asks, by token or by session; None for a reader without either. Raises NotSignedIn for a token of nobody."""
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
    """A dependency: who asks, if they may do what the role may. Raises NotSignedIn, NotAllowed.

    A session's writing request has to come from our own pages: `X-Form-Token`, which no other site can know.
    """

    def check(request: Request, user: VisitorDep, users: UsersDep) -> User:
        return _admitted(request, user, users, role)

    return Depends(check)


def sender_with(role: Role) -> Any:
    """A dependency: who sends a form, if they may do what the role may. Raises NotSignedIn, NotAllowed.

    The token of the form stands in its field `form_token`, or in `X-Form-Token`.
    """

    def check(request: Request, user: VisitorDep, users: UsersDep, *, form_token: Annotated[str, Form()] = "") -> User:
        must_be_own(request)
        return _admitted(request, user, users, role, given=form_token)

    return Depends(check)


def must_be_own(request: Request) -> None:
    """Raises NotAllowed for a form that another site sends, by what the browser says of itself."""
    origin = request.headers.get("origin", "")
    known = {request.headers.get("host", "").lower(), urlsplit(request.app.state.settings.base_url).netloc.lower()}
    # A page without an origin of its own is one more that is not ours.
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
