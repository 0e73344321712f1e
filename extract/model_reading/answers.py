"""The form of an answer: its JSON schema for servers that take one, and lenient reading for those that do not."""

import json
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, StrictInt, StrictStr, ValidationError

from graph.model import Stance


class Record(BaseModel):
    """One statement as a model answers it; nothing of it is proved yet."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    actor: StrictStr
    speaker: StrictStr | None = None
    reform: StrictStr
    stance: StrictStr
    sentences: tuple[StrictInt, ...]
    condition: StrictStr | None = None
    concerns: tuple[StrictStr, ...] | None = ()
    certainty: Literal["clear", "arguable"] = "clear"


class NotJson(ValueError):
    """An answer that holds no JSON of the form asked for."""


def schema(reforms: Iterable[str], concerns: Iterable[str], first: int, last: int) -> dict[str, Any]:
    """The JSON schema of an answer to one request: only its reforms, its concerns and its sentences."""
    text_or_null = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    grounds = list(concerns)
    fields: dict[str, Any] = {
        "actor": {"type": "string"},
        "speaker": text_or_null,
        "reform": {"type": "string", "enum": list(reforms)},
        "stance": {"type": "string", "enum": list(Stance)},
        "sentences": {
            "type": "array",
            "items": {"type": "integer", "minimum": first, "maximum": last},
            "minItems": 1,
            "maxItems": 3,
        },
        "condition": text_or_null,
        "concerns": {"type": "array", "items": {"type": "string", **({"enum": grounds} if grounds else {})}},
        "certainty": {"type": "string", "enum": ["clear", "arguable"]},
    }
    record = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {
        "type": "object",
        "properties": {"statements": {"type": "array", "items": record}},
        "required": ["statements"],
        "additionalProperties": False,
    }


def entries(answer: str) -> list[Any]:
    """Return an answer's records, unchecked: an object with `statements`, a list, or JSON lines. Raises NotJson."""
    text = _bare(answer)
    try:
        found = _loaded(text)
    except NotJson:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        if not lines or not all(line.startswith("{") for line in lines):
            raise
        found = [_loaded(line) for line in lines]
    if isinstance(found, dict) and isinstance(found.get("statements"), list):
        return list(found["statements"])
    if isinstance(found, dict) and {"actor", "reform"} <= set(found):
        return [found]
    if isinstance(found, list):
        return found
    raise NotJson("the answer is JSON, but holds no list `statements`")


def record(entry: Any) -> Record | None:
    """The record in an entry; None where a field is missing or of the wrong type."""
    try:
        return Record.model_validate(entry)
    except (ValidationError, RecursionError):
        return None


def _bare(answer: str) -> str:
    """Without a fence or a remark around it."""
    text = answer.strip().removeprefix("\ufeff")
    starts = [place for place in (text.find("{"), text.find("[")) if place >= 0]
    ends = max(text.rfind("}"), text.rfind("]"))
    return text[min(starts) : ends + 1] if starts and ends >= min(starts) else text


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson("the answer is not JSON") from error
