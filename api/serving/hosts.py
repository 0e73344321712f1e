"""The public address of the service. A `Host` header that anyone can write does not decide it."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

from api.settings import Settings

HOST = re.compile(r"(?P<name>[0-9a-z]([0-9a-z.-]*[0-9a-z])?|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
"""What may be in an address, in lower case."""


def site(scope: Scope, settings: Settings) -> str:
    """Return the public address of the service, without a slash at its end.

    It is `base_url`. Without this setting, it is the host that the request names, if that is this machine or one of
    `trusted_hosts`, and otherwise the address that the connection came to. A path that a trusted proxy names is added,
    unless the setting has one.
    """
    mounted = scope.get("mounted", "")
    if settings.base_url:
        public = settings.base_url.rstrip("/")
        return public if urlsplit(public).path else public + mounted
    asked = Headers(scope=scope).get("host", "").lower()
    host = asked if _is_ours(asked, scope, settings) else _listening(scope)
    return f"{scope.get('scheme', 'http')}://{host}{mounted}"


def _is_ours(asked: str, scope: Scope, settings: Settings) -> bool:
    found = HOST.fullmatch(asked)
    if found is None:
        return False
    name = found["name"].strip("[]")
    server = scope.get("server") or ("",)
    ours = {"localhost", settings.host.lower(), str(server[0]).lower()}
    return name in ours or _is_loopback(name) or any(_matches(name, each.lower()) for each in settings.trusted_hosts)


def _is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def _matches(name: str, pattern: str) -> bool:
    """Whether a name is the pattern, or ends like one that begins with `*.`; `*` alone trusts no name."""
    return name == pattern or (pattern.startswith("*.") and name.endswith(pattern[1:]))


def _listening(scope: Scope) -> str:
    server = scope.get("server")
    if not server or server[1] is None:
        return "localhost"
    name, port = (f"[{server[0]}]" if ":" in server[0] else server[0]), server[1]
    usual = {"http": 80, "https": 443}.get(scope.get("scheme", "http"))
    return str(name) if port == usual else f"{name}:{port}"
