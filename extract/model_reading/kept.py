"""The model's answers, kept in a file next to the output: a second run sends nothing, a killed one continues."""

import fcntl
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from graph.errors import BadRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswer:
    """What a server answered to one request."""

    key: str
    """Digest of everything that was sent."""
    text: str
    input: int = 0
    """Tokens as counted by the server; 0 if it does not say."""
    output: int = 0


def answers_beside(out: Path) -> Path:
    """Return the file with the answers for an output: `x.answers.jsonl` for `x.jsonl`."""
    return out.with_name(f"{out.stem}.answers.jsonl")


class AnswerFile:
    """An append-only file of answers, by the digest of what was sent."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self.path = path
        self.answers: dict[str, ModelAnswer] = {}
        self._file: IO[bytes] | None = None
        if writes:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
            self._lock()
        if path.is_file():
            self._load()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def get(self, key: str) -> ModelAnswer | None:
        """Return the answer to the request with this digest."""
        return self.answers.get(key)

    def add(self, answer: ModelAnswer) -> None:
        """Keep an answer, on disk before anything uses it."""
        self.answers[answer.key] = answer
        if self._file is not None:
            self._file.write(json.dumps(asdict(answer)).encode() + b"\n")
            self._file.flush()

    def _load(self) -> None:
        whole = 0
        with self.path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                whole += len(line)
                try:
                    answer = ModelAnswer(**json.loads(line))
                except (ValueError, TypeError):
                    # A damaged line is asked again.
                    continue
                if isinstance(answer.key, str) and isinstance(answer.text, str):
                    self.answers[answer.key] = answer
        if self._file is not None:
            # What a killed run was just writing.
            self._file.truncate(whole)

    def _lock(self) -> None:
        assert self._file is not None  # noqa: S101  # for the type checker
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise BadRequest(f"{self.path} is in use by another run; wait for it, or name another --out") from error
