"""Verdicts as files for spreadsheets and programs: CSV and JSON lines, out and in."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graph.errors import BadRequest
from graph.model import Stance
from graph.records import IDS, dumps, from_spreadsheet, id_for_spreadsheets, whole_file
from graph.reviewing.reviews import Fault, Review, Verdict

COLUMNS = (
    *("statement", "verdict", "reviewer", "time", "note", "fault", "actor", "reform", "stance"),
    *("held_by", "about", "article", "start", "end", "quote"),
)
REQUIRED = ("statement", "verdict")


def write_verdicts(path: Path, reviews: Iterable[Review]) -> int:
    """Write reviews as CSV or JSON lines, depending on the file extension. Return their number. Raise BadRequest."""
    _check_ending(path)
    count = 0
    with whole_file(path) as file:
        out = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        if path.suffix == ".csv":
            writer.writeheader()
        for review in reviews:
            row = {name: asdict(review)[name] for name in COLUMNS}
            if path.suffix == ".csv":
                writer.writerow(
                    {
                        name: id_for_spreadsheets("" if value is None else value) if name in IDS else value
                        for name, value in row.items()
                    }
                )
            else:
                out.write(dumps(row) + "\n")
            count += 1
        # The caller closes the file that it opened.
        out.detach()
    return count


def read_verdicts(path: Path, *, reviewer: str, time: str) -> Iterator[Review]:
    """Read the reviews of a file. `reviewer` and `time` fill in missing values. Raise BadRequest."""
    _check_ending(path)
    for line, row in _rows(path):
        missing = [name for name in REQUIRED if not row.get(name)]
        if missing:
            raise BadRequest(f"{path}:{line}: no {', '.join(missing)}; every verdict needs it")
        try:
            yield Review(
                statement=str(row["statement"]).strip(),
                verdict=Verdict(str(row["verdict"]).strip().lower()),
                reviewer=str(row.get("reviewer") or reviewer),
                time=str(row.get("time") or time),
                note=str(row.get("note") or ""),
                fault=Fault(row["fault"]) if row.get("fault") else None,
                actor=row.get("actor") or None,
                reform=row.get("reform") or None,
                stance=Stance(row["stance"]) if row.get("stance") else None,
            )
        except ValueError as error:
            raise BadRequest(f"{path}:{line}: {error}") from error


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            if path.suffix == ".csv":
                reader = csv.DictReader(file)
                for row in reader:
                    yield reader.line_num, {name: from_spreadsheet(it or "") for name, it in row.items() if name}
            else:
                for line, text in enumerate(file, 1):
                    if text.strip():
                        yield line, json.loads(text)
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise BadRequest(f"{path}: cannot be read as verdicts: {error}") from error


def _check_ending(path: Path) -> None:
    if path.suffix not in {".csv", ".jsonl"}:
        raise BadRequest(f"{path}: verdicts are .csv or .jsonl")
