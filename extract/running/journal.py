"""Append each document's result, so that a killed run can resume and the next run reuses what is still current."""

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
"""Most seconds of work lost in a power cut; a killed process loses only the documents in progress."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """Where the result of a document is in the journal, and the key of its input."""

    key: str
    start: int
    """Offset of the head line."""
    article: tuple[int, int]
    """Offset and length of the article's line."""
    statements: tuple[int, int]
    count: int
    """Number of statements."""
    failure: str = ""

    @property
    def end(self) -> int:
        return self.statements[0] + self.statements[1]


def journal_beside(out: Path) -> Path:
    """Return the path of an output's journal: `x.state.jsonl` for `x.jsonl`."""
    return out.with_name(f"{out.stem}.state.jsonl")


class Journal:
    """An append-only file with a head line, the article's line and the statements' lines for each document."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.entries: dict[str, JournalEntry] = {}
        self._file: IO[bytes] = path.open("a+b" if writes else "rb")
        self._synced = time.monotonic()
        if writes:
            self._lock()
        self._end = self._load()
        if writes:
            # Drop the incomplete entry of a killed run.
            self._file.truncate(self._end)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, id: str, key: str, outcome: Outcome) -> None:
        """Append the result of a document."""
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
        """Write these documents' results, in this order, to the two files; each is replaced whole or left unchanged."""
        entries = [self.entries[id] for id in ids]
        for path, parts in (
            (articles, (entry.article for entry in entries)),
            (statements, (entry.statements for entry in entries)),
        ):
            with whole_file(path) as out:
                for part in self._parts(parts):
                    out.write(part)

    def tidy(self, ids: Iterable[str]) -> None:
        """Rewrite the file without other documents and outdated results once these are most of it."""
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
        """Index the file and return the offset at which its last complete entry ends."""
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
        self.entries[str(head["id"])] = JournalEntry(
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
    """Open the journal of an output for one run. Raises BadRequest if another run has it open."""
    with Journal(journal_beside(out)) as journal:
        yield journal
