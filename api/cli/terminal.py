"""What the verbs write to the terminal: results on standard output, everything else on standard error."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from graph.records import whole_file

console = Console(stderr=True, soft_wrap=True)
"""Standard error."""


def complain(sentence: object) -> None:
    """Write one sentence about a problem to standard error."""
    console.print(f"positions: {sentence}", markup=False, highlight=False)


def note(sentence: object) -> None:
    """Write one line about what was done to standard error."""
    console.print(str(sentence), markup=False, highlight=False)


def emit(fields: Any) -> None:
    """Write one JSON document to standard output."""
    sys.stdout.write(json.dumps(fields, ensure_ascii=False, indent=2, default=str) + "\n")


def put(out: Path | None, content: bytes) -> None:
    """Write to the file, or to standard output if none is named."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    with whole_file(out) as file:
        file.write(content)
    note(out)


class Pace(ProgressColumn):
    """A column with the number of steps done each second."""

    def render(self, task: Task) -> Text:
        """Return the text of the column."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


@contextmanager
def bar(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """Show a progress bar on standard error and yield a function that advances it by one step."""
    pace = Pace()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), pace, TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
