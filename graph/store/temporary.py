"""Folders for what is needed only while a process lives; what killed processes have left goes when one is made."""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

NAME = re.compile(r"positions-[a-z]+-(\d+)-\w+")


def folder(kind: str) -> Path:
    """A new folder in the system's place for such, for as long as this process lives."""
    _tidy()
    made = Path(tempfile.mkdtemp(prefix=f"positions-{kind}-{os.getpid()}-"))
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return made


def _tidy() -> None:
    """Take away what processes of this user have left that live no more."""
    for path in Path(tempfile.gettempdir()).glob("positions-*"):
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
