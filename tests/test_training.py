"""The training areas are consistent: every annotation is in its document, and areas do not repeat each other."""

import csv
import json
from pathlib import Path

import pytest

from graph.domain.folder import read_domain
from graph.model import Stance

AREAS = Path(__file__).parents[1] / "training" / "areas"
FOLDERS = sorted(path for path in AREAS.iterdir() if path.is_dir())
LONG = 16
"""Words that no two areas may share in a row: shorter runs are set phrases of parliaments and minutes."""


def test_there_are_areas_enough() -> None:
    documents = [path for folder in FOLDERS for path in (folder / "articles").glob("*.txt")]
    statements = sum(len((folder / "gold.jsonl").read_text(encoding="utf-8").splitlines()) for folder in FOLDERS)
    assert len(FOLDERS) >= 24
    assert len(documents) >= 600
    assert statements >= 7_000


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_annotation_is_in_its_document(folder: Path) -> None:
    domain = read_domain(folder)
    texts = {path.stem: path.read_text(encoding="utf-8") for path in (folder / "articles").glob("*.txt")}
    for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        assert texts[record["article"]][record["start"] : record["end"]] == record["quote"]
        assert record["reform"] in domain.reforms
        assert set(record["concerns"]) <= domain.concerns.keys()
        assert Stance(record["stance"])
        assert record["condition"] is None or record["condition"] in record["quote"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_each_document_has_a_genre(folder: Path) -> None:
    with (folder / "articles.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {row["id"] for row in rows} == {path.stem for path in (folder / "articles").glob("*.txt")}
    assert all(row["genre"] for row in rows)


def test_areas_do_not_repeat_each_other() -> None:
    first: dict[tuple[str, ...], str] = {}
    for folder in FOLDERS:
        for path in sorted((folder / "articles").glob("*.txt")):
            words = path.read_text(encoding="utf-8").lower().split()
            for start in range(len(words) - LONG + 1):
                run = tuple(words[start : start + LONG])
                assert first.setdefault(run, folder.name) == folder.name, f"{path}: {' '.join(run)}"
