"""Temporary folders that last as long as a process; leftovers of ended processes are removed when one is made."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

NAME = re.compile(r"positions-[a-z]+-(\d+)-\w+")


def folder(kind: str, *, within: Path | None = None) -> Path:
    """Return a new folder that lasts as long as this process: within another one, if that can be written, or in the
    system's temporary directory.
    """
    name = f"positions-{kind}-{os.getpid()}-"
    place = within if within is not None and os.access(within, os.W_OK) else Path(tempfile.gettempdir())
    _tidy(place)
    made = Path(tempfile.mkdtemp(prefix=name, dir=place))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _tidy(place: Path) -> None:
    """Remove the folders of this user's processes that have ended."""
    for path in place.glob("positions-*"):
        named = NAME.fullmatch(path.name)
        if named is not None and not _lives(int(named[1])) and not path.is_symlink() and _ours(path):
            shutil.rmtree(path, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True


def _ours(path: Path) -> bool:
    try:
        return path.stat().st_uid == os.getuid()
    except OSError:
        return False
