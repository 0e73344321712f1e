"""A copy of a graph that another process has open: one moment of it, for reading only."""

import os
import secrets
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from graph.errors import StoreInUse
from graph.store import temporary
from graph.store.embedded import Store, open_store

TRIES = 20
LINKED = frozenset([".sst", ".blob"])
"""Files that the engine never changes once they are written."""
LEFT_OUT = ("LOCK", "LOG")
INDEX = "search.sqlite"


def read_store(location: str | Path) -> Store:
    """Open a store for reading; if another process has it open, one moment of it. Raises StoreError."""
    try:
        return open_store(location, read_only=True)
    except StoreInUse:
        return open_store(moment(Path(location)), read_only=True)


def moment(folder: Path) -> Path:
    """Return a folder with one moment of the graph in a folder; it lasts as long as this process.

    It shares its large files with the graph, so that it takes milliseconds. Raises StoreInUse.
    """
    copy = temporary.folder("reading", within=folder)
    for _ in range(TRIES):
        shutil.rmtree(copy / "data", ignore_errors=True)
        # In this order, no version is older than what it stands for: the other process writes the version first, then
        # the data, then the index.
        version = _text(folder / "version")
        _copy_index(folder, copy)
        state = _state(folder / "data")
        try:
            _link(folder / "data", copy / "data")
        except FileNotFoundError:
            continue  # the other process merged files meanwhile
        if state and _state(folder / "data") == state:
            if _text(folder / "version") != version:
                version = secrets.token_hex(8)  # so that the index is updated in any case
            _finish(folder, copy, version)
            return copy
        time.sleep(0.05)
    raise StoreInUse(f"{folder} is being written by another process; try again once it has finished")


def _state(data: Path) -> tuple[str, int] | None:
    """Which files belong to the data: the engine notes each change of them before it removes one."""
    try:
        current = (data / "CURRENT").read_text(encoding="ascii")
        return current, (data / current.strip()).stat().st_size
    except OSError:
        return None


def _link(data: Path, copy: Path) -> None:
    copy.mkdir()
    # Listed first: a journal that is begun later is newer than all that is copied.
    for path in sorted(data.iterdir()):
        if path.name.startswith(LEFT_OUT):
            continue
        if path.suffix in LINKED:
            try:
                os.link(path, copy / path.name)
                continue
            except FileNotFoundError:
                raise
            except OSError:
                pass  # another file system, or one without links
        shutil.copyfile(path, copy / path.name)


def _copy_index(folder: Path, copy: Path) -> None:
    """Copy the index, too; without one, it is made again."""
    (copy / INDEX).unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{(folder / INDEX).resolve().as_uri()}?mode=ro", uri=True, timeout=5)) as index,
            closing(sqlite3.connect(copy / INDEX)) as beside,
        ):
            index.backup(beside)
    except sqlite3.Error:
        (copy / INDEX).unlink(missing_ok=True)


def _finish(folder: Path, copy: Path, version: str | None) -> None:
    if version is not None:
        (copy / "version").write_text(version, encoding="ascii")
    if (format := _text(folder / "format")) is not None:
        (copy / "format").write_text(format, encoding="ascii")
    if (folder / "versions").is_dir():
        (copy / "versions").symlink_to((folder / "versions").resolve())


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
