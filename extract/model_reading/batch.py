"""Batch files: answers of a service or an approved tool, as they come back."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from extract.model_reading.kept import ModelAnswer
from extract.model_reading.server import completion
from graph.errors import BadRequest


def read_batch(path: Path) -> tuple[dict[str, ModelAnswer], tuple[str, ...]]:
    """The answers of a batch output file by custom_id, and a sentence for each line without one. Raises BadRequest.

    A line is as batch services write it, or `{"custom_id": …, "answer": …}` where an answer was put down by hand.
    """
    found: dict[str, ModelAnswer] = {}
    passed = []
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    custom_id, answer = _answer(json.loads(line))
                except (ValueError, RecursionError) as error:
                    passed.append(f"{path}:{number}: {_reason(error)}")
                    continue
                found[custom_id] = answer
    except OSError as error:
        raise BadRequest(f"{path}: the answers cannot be read: {error.strerror}") from error
    return found, tuple(passed)


def _answer(fields: Any) -> tuple[str, ModelAnswer]:
    if not isinstance(fields, dict) or not isinstance(fields.get("custom_id"), str):
        raise _Passed("no custom_id; the line was refused")
    custom_id = fields["custom_id"]
    if "answer" in fields:
        given = fields["answer"]
        return custom_id, ModelAnswer(key="", text=given if isinstance(given, str) else json.dumps(given))
    response = fields.get("response")
    if not isinstance(response, Mapping) or response.get("status_code", 200) != 200:
        raise _Passed(f"{custom_id} has no answer; the service reports an error")
    return custom_id, completion("", response.get("body"))


class _Passed(ValueError):
    """A line of a batch file with a fault, described in words."""


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, _Passed) else "not a batch answer"
