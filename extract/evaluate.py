"""Found against annotated: by the measures of the annotation, stage by stage, and by name."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.domain import Domain
from graph.errors import BadStatement
from graph.model import Manner, Stance
from graph.records import _lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """A hand-annotated statement."""

    article: str
    actor: str
    """Id where a table has the actor, else its name made comparable."""
    actor_label: str
    speaker: str | None
    reform: str
    stance: Stance
    quote: str
    concerns: tuple[str, ...] = ()
    clear: bool = True
    """Whether any careful reader would annotate the same."""
    manner: Manner | None = None


def annotations(path: Path, domain: Domain) -> list[Annotation]:
    """The annotated statements of a JSON-lines file; raises BadStatement with file and line."""
    names = actor_names(domain)
    found = []
    for number, fields in _lines(path):
        try:
            found.append(_annotation(fields, names))
        except (KeyError, ValueError) as error:
            raise BadStatement(f"{path}:{number}: not an annotated statement: {error}") from error
    return found


def _annotation(fields: Mapping[str, Any], names: Mapping[str, str]) -> Annotation:
    label = str(fields["actor"])
    return Annotation(
        article=str(fields["article"]),
        actor=names.get(comparable(label), comparable(label)),
        actor_label=label,
        speaker=fields.get("speaker"),
        reform=str(fields["reform"]),
        stance=Stance(fields["stance"]),
        quote=str(fields["quote"]),
        concerns=tuple(fields.get("concerns") or ()),
        clear=fields.get("certainty", "clear") == "clear",
        manner=Manner(fields["manner"]) if fields.get("manner") else None,
    )


def actor_names(domain: Domain) -> dict[str, str]:
    """Every name of every actor, made comparable, to its id; the first that bears a name keeps it."""
    names: dict[str, str] = {}
    for actor in domain.actors.values():
        for name in (actor.id, actor.label, *actor.aliases):
            names.setdefault(comparable(name), actor.id)
    return names


def comparable(name: str) -> str:
    """A name without what writers vary: case, article, punctuation."""
    text = unicodedata.normalize("NFKC", name).lower().replace("’", "'").replace("‘", "'").strip()
    text = re.sub(r"^(the|some|many|other)\s+", "", text)
    return re.sub(r"[^a-z0-9' ]+", " ", text).strip()
