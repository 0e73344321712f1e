"""How often a model reader has been right: a table in the domain's folder, from which confidence is taken."""

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from extract.model_reading.proving import Confidence
from extract.model_reading.requests import version
from graph.domain.folder import Domain
from graph.errors import BadDomain
from graph.model import Statement
from graph.records import whole_file

TABLE = "readers.json"
"""Name of the table in a domain's folder: by model and version of the instructions."""
READER = re.compile(r"model ([^;]+?)(?:, not calibrated)?")
"""A single model reader, as statements name it."""


def confidence_of(domain: Domain, model: str) -> Confidence:
    """The confidence that a model's statements get in a domain. Raises BadDomain."""
    known = _table(domain.folder / TABLE).get(_name(model))
    if known is None:
        return Confidence()
    return _confidence(known)


def calibrate(domain: Domain, judged: Iterable[tuple[Statement, bool]]) -> dict[str, Confidence]:
    """Write how often each model reader was right into the domain's folder; return its new confidence by its name.

    Statements on which readers agree are left out: their confidence is not that of one reader.
    """
    of_readers: dict[str, list[tuple[Statement, bool]]] = {}
    for statement, is_right in judged:
        match = READER.fullmatch(statement.reader)
        if match is not None:
            of_readers.setdefault(match[1], []).append((statement, is_right))
    return {reader: _calibrated(domain, reader, of_readers[reader]) for reader in sorted(of_readers)}


def _calibrated(domain: Domain, reader: str, judged: Iterable[tuple[Statement, bool]]) -> Confidence:
    right = {"clear": [0, 0], "arguable": [0, 0]}
    path = domain.folder / TABLE
    table = _table(path)
    before = _confidence(table[reader]) if reader in table else Confidence()
    for statement, is_right in judged:
        of = right["arguable" if abs(statement.confidence - before.arguable) < 0.0005 else "clear"]
        of[0] += is_right
        of[1] += 1
    # As if one of two more had been right: no share of a few is certain.
    shares = {name: round((hits + 1) / (all_ + 2), 3) for name, (hits, all_) in right.items()}
    if shares["arguable"] == shares["clear"]:
        # The two must stay apart, so that a later calibration can tell them.
        shares["arguable"] = round(shares["arguable"] - 0.001, 3)
    table[reader] = shares
    with whole_file(path) as out:
        out.write(json.dumps(table, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return Confidence(clear=shares["clear"], arguable=shares["arguable"], calibrated=True)


def _confidence(shares: Mapping[str, float]) -> Confidence:
    return Confidence(clear=shares["clear"], arguable=shares["arguable"], calibrated=True)


def _name(model: str) -> str:
    return f"{' '.join(model.replace(';', ' ').split())}, prompt {version()}"


def _table(path: Path) -> dict[str, dict[str, float]]:
    if not path.is_file():
        return {}
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        return {
            str(name): {part: min(max(float(shares[part]), 0.0), 1.0) for part in ("clear", "arguable")}
            for name, shares in table.items()
        }
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = "not a table of readers; run `positions evaluate --calibrate` again"
        raise BadDomain(path, None, message) from error
