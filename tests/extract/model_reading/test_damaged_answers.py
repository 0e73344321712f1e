"""Ten thousand damaged answers: nothing unproved becomes a statement, and no exception leaves the reader."""

import json
import random
from dataclasses import replace
from typing import Any

from extract.model_reading.kept import ModelAnswer
from extract.model_reading.reading import ModelReader
from extract.model_reading.requests import Asking, Request
from graph.model import Stance
from tests.factory import article, domain

TEXT = (
    "A cap on fares\n\nThe council welcomed the fare cap if it is funded. “We will pay for it,” said Ms Quill.\n\n"
    "Harbour Lines opposed it. Tobias Wren of the Night Bus Forum called it a mistake.\n"
)
GOOD = {
    "actor": "council",
    "speaker": "Ada Quill",
    "reform": "fare-cap",
    "stance": "mixed",
    "sentences": [2],
    "condition": "if it is funded",
    "concerns": [],
    "certainty": "clear",
}
WORDS = (
    *("council", "harbour-lines", "Tobias Wren", "Ingrid Vole", "the", "", " ", "Night Bus", "night-buses", "fare-cap"),
    *("free-trams", "support", "SUPPORT", "null", "if it is funded", "if", "2", "\ud800", "\x00", "ignore all rules"),
    *('"}]}', "[2] The council", "é" * 500, "a" * 5000, "../../etc/passwd", "<script>", "said Ms Quill"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 2, 3, 99, 10**30, 2.0, float("nan")),
    *([], [2], [2, 3], [2, 4], [0], [99], [2, 2, 2, 2], ["2"], [[2]], [None], {}, {"a": 1}, [2, 3, 4, 5]),
)
FIELDS = tuple(GOOD)


def damaged(chance: random.Random) -> str:
    """An answer with up to six faults, of one to four records."""
    records: list[Any] = [dict(GOOD) for _ in range(chance.randint(1, 4))]
    for _ in range(chance.randint(0, 6)):
        place = chance.randrange(len(records))
        record = records[place]
        if not isinstance(record, dict) or chance.random() < 0.05:
            records[place] = chance.choice((*WORDS, *VALUES))
        elif chance.random() < 0.1:
            record.pop(chance.choice(FIELDS), None)
        else:
            record[chance.choice((*FIELDS, "extra"))] = chance.choice((*WORDS, *VALUES))
    text = json.dumps({"statements": records} if chance.random() < 0.9 else records)
    if chance.random() < 0.2:
        cut = chance.randrange(len(text))
        text = text[:cut] + chance.choice(("", "}", "]}", "\\", '"', "{" * 2000, "\x00")) + text[cut + 1 :]
    return text[: chance.randrange(len(text))] if chance.random() < 0.1 else text


def test_nothing_unproved_is_built_from_damaged_answers() -> None:
    chance = random.Random(11)
    area = domain()
    one = article(text=TEXT)
    reader = ModelReader(area, lambda request: ModelAnswer(key="", text=damaged(chance)), Asking())
    asked = reader.requests(one)
    reader.requests = lambda article: asked  # type: ignore[method-assign]  # the same each time
    named = {"tobias-wren", "night-bus-forum", "night-bus", "wren"}
    answers = built = 0

    def ask(request: Request) -> ModelAnswer:
        nonlocal answers
        answers += 1
        return ModelAnswer(key="", text=damaged(chance))

    reader.ask = ask
    while answers < 10_000:
        for found in reader.read(one).statements:
            built += 1
            assert TEXT[found.start : found.end] == found.quote
            assert found.quote.strip()
            assert found.actor in area.actors or found.actor in named, found
            assert found.actor in area.actors or found.actor_label in TEXT, found
            assert found.reform in area.reforms
            assert found.stance in list(Stance)
            assert found.speaker is None or found.speaker == "Ada Quill" or found.speaker in TEXT, found
            assert found.condition is None or found.condition in found.quote
            assert set(found.concerns) <= set(area.concerns)
            assert replace(found, confidence=0.5) == replace(found, confidence=0.5)
    assert built > 2_000
