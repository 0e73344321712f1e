"""What came of each document, appended as it comes: a killed run continues from here, the next one keeps what holds."""

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from extract.extraction import Outcome
from graph.errors import BadRequest
from graph.records import whole_file

SYNC = 1.0
"""Seconds of work that a power cut may cost; a killed process costs the documents that were under way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where the journal has the result of a document, and from which input it came."""

    key: str
    start: int
    """Offset of its head line."""
    article: tuple[int, int]
    """Offset and length of the article's line."""
    statements: tuple[int, int]
    count: int
    """How many statements."""
    failure: str = ""

    @property
    def end(self) -> int:
        return self.statements[0] + self.statements[1]


def journal_beside(out: Path) -> Path:
    """Where the journal of an output lies: `x.jsonl` has `x.state.jsonl` beside it."""
    return out.with_name(f"{out.stem}.state.jsonl")


class Journal:
    """An append-only file: for each document a head line, its article's line and its statements' lines."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.entries: dict[str, Entry] = {}
        self._file: IO[bytes] = path.open("a+b" if writes else "rb")
        self._synced = time.monotonic()
        if writes:
            self._lock()
        self._end = self._load()
        if writes:
            # What a killed run was just writing.
            self._file.truncate(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, id: str, key: str, outcome: Outcome) -> None:
        """Keep what came of a document."""
        article = outcome.article.encode("utf-8") + b"\n" if outcome.article else b""
        statements = b"".join(line.encode("utf-8") + b"\n" for line in outcome.statements)
        head = {
            "id": id,
            "key": key,
            "article": len(article),
            "statements": len(statements),
            "count": len(outcome.statements),
            "failure": outcome.failure,
            "sha256": hashlib.sha256(article + statements).hexdigest()[:16],
        }
        line = json.dumps(head).encode() + b"\n"
        self._file.write(line + article + statements)
        self._file.flush()
        if time.monotonic() - self._synced > SYNC:
            os.fsync(self._file.fileno())
            self._synced = time.monotonic()
        self._enter(head, self._end, len(line))
        self._end = self.entries[id].end

    def write_out(self, ids: Iterable[str], *, statements: Path, articles: Path) -> None:
        """The results of these documents, in this order, as the two files: each whole or as it was."""
        entries = [self.entries[id] for id in ids]
        for path, parts in (
            (articles, (entry.article for entry in entries)),
            (statements, (entry.statements for entry in entries)),
        ):
            with whole_file(path) as out:
                for part in self._parts(parts):
                    out.write(part)

    def tidy(self, ids: Iterable[str]) -> None:
        """Leave out other documents, and older results once they are most of the file."""
        kept = {id: self.entries[id] for id in ids}
        needed = sum(entry.end - entry.start for entry in kept.values())
        if len(kept) == len(self.entries) and needed * 2 > self._end:
            return
        with whole_file(self.path) as out:
            for part in self._parts((entry.start, entry.end - entry.start) for entry in kept.values()):
                out.write(part)

    def _parts(self, places: Iterable[tuple[int, int]]) -> Iterator[bytes]:
        for start, length in places:
            self._file.seek(start)
            yield self._file.read(length)

    def _load(self) -> int:
        """Index the file; where its last whole entry ends."""
        end = 0
        self._file.seek(0)
        while (line := self._file.readline()).endswith(b"\n"):
            try:
                head = json.loads(line)
                body = self._file.read(head["article"] + head["statements"])
                if hashlib.sha256(body).hexdigest()[:16] != head["sha256"]:
                    break
                self._enter(head, end, len(line))
            except (ValueError, KeyError, TypeError):
                break
            end += len(line) + len(body)
        return end

    def _enter(self, head: dict[str, object], start: int, length: int) -> None:
        article, statements = int(str(head["article"])), int(str(head["statements"]))
        self.entries[str(head["id"])] = Entry(
            key=str(head["key"]),
            start=start,
            article=(start + length, article),
            statements=(start + length + article, statements),
            count=int(str(head["count"])),
            failure=str(head["failure"]),
        )

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise BadRequest(
                f"{self.path} is being written by another run; wait for it, or name another --out"
            ) from error


@contextmanager
def journal_of(out: Path) -> Iterator[Journal]:
    """The journal of an output, open for one run."""
    with Journal(journal_beside(out)) as journal:
        yield journal
