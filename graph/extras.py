"""Explain a failed import: the command that installs a missing package, or a file that hides a package."""

import json
import re
import shlex
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from graph.errors import PositionsError

PRODUCT = "stakeholder-positions"
ROOT = Path(__file__).resolve().parents[1]
OURS = frozenset({"graph", "extract", "api"})
WITHIN_ALL = frozenset({"all", "test", "train"})
"""Extras that repeat the packages of others, or that the commands do not need."""
REQUIREMENT = re.compile(r"""(?P<name>[\w.-]+).*;.*extra\s*==\s*['"](?P<extra>[\w-]+)['"]""")


class MissingPackage(PositionsError):
    """A package that is not installed, or that a file of the user with the same name hides."""


def missing(error: ImportError) -> MissingPackage | None:
    """Return the sentence on a failed import, or None if it is a fault of this program."""
    module = (error.name or "").partition(".")[0]
    # The import of a part of a module that is a single file names no path.
    path = error.path or getattr(sys.modules.get(module), "__file__", None)
    where = Path(path).resolve() if path else None
    if module in OURS:
        if where is None or where.is_relative_to(ROOT):
            return None
        return MissingPackage(
            f"the file {where} has the same name as a part of this program, which therefore cannot be imported; "
            "rename the file, or leave its folder out of PYTHONPATH"
        )
    extra = _extras().get(_plain(module))
    if extra is None:
        return None
    return MissingPackage(f"the package {module} is not installed; install the extra `{extra}` with {command(extra)}")


def needed(error: ImportError, extra: str) -> MissingPackage:
    """Return the sentence on a package of this extra that is not installed."""
    module = (error.name or "").partition(".")[0] or "that this needs"
    return MissingPackage(f"the package {module} is not installed; install the extra `{extra}` with {command(extra)}")


def command(extra: str) -> str:
    """Return the command that adds an extra to this installation."""
    pip = f"{shlex.quote(sys.executable)} -m pip install"
    where, editable = _origin()
    if editable:
        return f"{pip} -e {shlex.quote(f'{where}[{extra}]')}"
    return f"{pip} {shlex.quote(f'{PRODUCT}[{extra}] @ {where}' if where else f'{PRODUCT}[{extra}]')}"


def _origin() -> tuple[str, bool]:
    """Where the installation came from: a folder if it is editable, or else an address; '' for a package index."""
    try:
        written = distribution(PRODUCT).read_text("direct_url.json")
    except PackageNotFoundError:
        return str(ROOT), True
    if written is None:
        return "", False
    told = json.loads(written)
    url = str(told.get("url", ""))
    if told.get("dir_info", {}).get("editable"):
        return unquote(urlsplit(url).path), True
    return url, False


@cache
def _extras() -> dict[str, str]:
    """The extra of each optional package."""
    try:
        required = distribution(PRODUCT).requires or []
    except PackageNotFoundError:
        return {}
    found: dict[str, str] = {}
    for line in required:
        match = REQUIREMENT.fullmatch(line.strip())
        if match is not None and match["extra"] not in WITHIN_ALL:
            found.setdefault(_plain(match["name"]), match["extra"])
    return {**found, "sklearn": "learn"}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
