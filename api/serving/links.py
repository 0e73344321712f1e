"""Put a version, or the path under which the service runs, in front of the addresses in a page."""

import re

TAG = re.compile(r"<[a-zA-Z][^<>]*>")
ADDRESS = re.compile(r"""(\s(?:href|action|src|data-[a-z-]+)=")(/(?!/)[^"]*)""")
TARGET = re.compile(r"<(/(?!/)[^>]*)>")
"""An address in a Link header."""


def moved(page: str, prefix: str, *, stay: tuple[str, ...] = (), newest: bool = True) -> str:
    """Return the page with the prefix in front of its addresses, except those that begin with one of `stay`.

    Without `newest`, tags with `data-newest` also stay unchanged.
    """

    def placed(found: re.Match[str]) -> str:
        return found[0] if found[2].startswith(stay) else f"{found[1]}{prefix}{found[2]}"

    def tag(found: re.Match[str]) -> str:
        return found[0] if not newest and " data-newest" in found[0] else ADDRESS.sub(placed, found[0])

    return TAG.sub(tag, page)
