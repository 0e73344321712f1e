"""Two readers of the same articles: where they agree a statement carries both names."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from graph.model import Statement

SUREST = 0.99


def together(local: Iterable[Statement], model: Sequence[Statement]) -> list[Statement]:
    """The statements of both; those on which they agree once, with the local one's place and so its id.

    They agree on actor, reform, stance, and passages that overlap by half of the shorter one.
    """
    left: defaultdict[tuple[str, str, str, str], list[Statement]] = defaultdict(list)
    for each in model:
        left[each.article, each.actor, each.reform, each.stance].append(each)
    found = []
    for each in local:
        others = left[each.article, each.actor, each.reform, each.stance]
        same = next((other for other in others if overlap(each, other)), None)
        if same is None:
            found.append(each)
            continue
        others.remove(same)
        found.append(_agreed(each, same))
    ids = {each.id for each in found}
    # The same place, actor and reform with another stance is one thing in the graph: the local reading is kept there.
    found += [each for others in left.values() for each in others if each.id not in ids]
    return found


def overlap(a: Statement, b: Statement) -> bool:
    """Whether two passages of an article are the same passage: they share half of the shorter one."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    return shared > 0 and shared * 2 >= min(a.end - a.start, b.end - b.start)


def _agreed(local: Statement, model: Statement) -> Statement:
    sure = 1 - (1 - local.confidence) * (1 - model.confidence)
    return replace(
        local,
        speaker=local.speaker or model.speaker,
        concerns=tuple(dict.fromkeys((*local.concerns, *model.concerns))),
        condition=local.condition or (model.condition if (model.condition or "") in local.quote else None),
        confidence=round(min(sure, SUREST), 3),
        reader=f"{local.reader}; {model.reader}",
    )
