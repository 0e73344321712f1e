"""Temporary files that several clients download at once: written once, and deleted after the last download."""

import os
import tempfile
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import HTTPException
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from graph.errors import StoreError

FROM_ONE = 16
"""Largest number of simultaneous downloads by one client."""
WRITING = 2
"""Largest number of files written at the same time; each reads the whole graph."""
AGAIN = {"Retry-After": "5"}


@dataclass(kw_only=True)
class Shared:
    """A file, and how many downloads use it."""

    path: Path
    users: int = 1


class SharedFiles:
    """The files that are being downloaded."""

    def __init__(self) -> None:
        self._files: dict[str, Shared] = {}
        self._writing: set[str] = set()
        self._from: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, key: str, client: str, *, folder: Path | None, name: str, write: Callable[[Path], None]) -> Path:
        """Return the file with this key, and write it first if no download uses it. Call `give_back` afterwards.

        Raise HTTPException if the client has too many downloads or too many files are being written; raise StoreError.
        """
        with self._lock:
            if self._from[client] >= FROM_ONE:
                raise HTTPException(429, f"you have {FROM_ONE} downloads at once; finish one first", AGAIN)
            shared = self._files.get(key)
            if shared is not None:
                shared.users += 1
                self._from[client] += 1
                return shared.path
            if key in self._writing or len(self._writing) >= WRITING:
                raise HTTPException(503, "other files are being written; try again in a few seconds", AGAIN)
            self._writing.add(key)
        try:
            path = _written(folder, name, write)
        finally:
            with self._lock:
                self._writing.discard(key)
        with self._lock:
            self._files[key] = Shared(path=path)
            self._from[client] += 1
        return path

    def give_back(self, key: str, client: str) -> None:
        """End a download; the last one deletes the file."""
        with self._lock:
            self._from[client] -= 1
            if not self._from[client]:
                del self._from[client]
            shared = self._files[key]
            shared.users -= 1
            if not shared.users:
                del self._files[key]
                shared.path.unlink(missing_ok=True)


def _written(folder: Path | None, name: str, write: Callable[[Path], None]) -> Path:
    """A new file next to the data, because the system's folder for temporary files may be in memory."""
    path = None
    try:
        handle, made = tempfile.mkstemp(prefix="export-", suffix=f".{name}", dir=folder)
        os.close(handle)
        path = Path(made)
        write(path)
    except BaseException as error:
        if path is not None:
            path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StoreError(f"the file cannot be written: {error.strerror}") from error
        raise
    return path


class TemporaryFileResponse(FileResponse):
    """A file as an answer. It calls `ended` when the answer ends, even if it fails."""

    def __init__(self, path: Path, *, ended: Callable[[], None], **options: Any) -> None:
        super().__init__(path, **options)
        self._ended = ended

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._ended()
