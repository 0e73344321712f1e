"""The command line from documents to answers, and its messages about bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from api.cli import main as cli
from graph.records import articles_beside, read_statements
from graph.store.embedded import open_store
from tests.serving import serve

BUSES = Path(__file__).parents[2] / "domains" / "buses"
COMMAND = Path(sys.executable).parent / "positions"
QUESTION = "who opposes franchising?"


class Done(NamedTuple):
    """Exit code, standard output and standard error of a command."""

    code: int
    out: str
    err: str


class Run(NamedTuple):
    """Statements and graph of the invented bus domain."""

    statements: Path
    store: Path


def call(*words: str | Path) -> Done:
    """Run the installed command in another process, as a user does."""
    done = subprocess.run([COMMAND, *words], capture_output=True, text=True, timeout=300, check=False)
    return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def buses(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The invented bus domain, extracted and built by the command."""
    folder = tmp_path_factory.mktemp("buses")
    made = Run(folder / "statements.jsonl", folder / "graph")
    for words in (
        ("extract", BUSES, "--out", made.statements),
        ("build", BUSES, made.statements, "--store", made.store),
    ):
        done = call(*words)
        assert done.code == 0, done.err
    return made


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in this process, which is faster."""

    def called(*words: str | Path) -> Done:
        monkeypatch.setattr(sys, "argv", ["positions", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        captured = capsys.readouterr()
        return Done(int(ended.value.code or 0), captured.out, captured.err)

    return called


# The flow


def test_every_quotation_is_verbatim_in_the_stored_text(buses: Run) -> None:
    texts = {
        article["id"]: article["text"]
        for article in map(json.loads, articles_beside(buses.statements).read_text(encoding="utf-8").splitlines())
    }
    found = list(read_statements(buses.statements))

    assert len(texts) == 15
    assert found
    assert [s.id for s in found if texts[s.article][s.start : s.end] != s.quote] == []


def test_the_built_graph_is_well_formed(buses: Run, here: Any) -> None:
    done = here("validate", "--store", buses.store)

    assert (done.code, done.out) == (0, "")
    assert "is well formed" in done.err


def test_answers_end_with_the_query_that_was_run(buses: Run, here: Any) -> None:
    done = here("ask", "--store", buses.store, QUESTION)

    assert done.code == 0
    assert done.out.startswith("Who opposes Bus franchising?: ")
    assert "Brightline Buses" in done.out
    assert "SELECT" in done.out.rpartition("The SPARQL that was run:")[2]


@pytest.mark.parametrize("format", ["md", "html", "docx", "pdf"])
def test_a_briefing_comes_in_each_form(buses: Run, here: Any, tmp_path: Path, format: str) -> None:
    out = tmp_path / f"franchising.{format}"

    done = here("brief", "franchising", "--store", buses.store, "--format", format, "--out", out)

    assert done.code == 0
    starts = {"md": b"# ", "html": b"<!doctype html>", "docx": b"PK", "pdf": b"%PDF-"}
    assert out.read_bytes().lower().startswith(starts[format].lower())


@pytest.mark.parametrize("format", ["graphml", "gexf", "csv", "json", "pajek", "dot"])
def test_a_network_comes_in_each_format(buses: Run, here: Any, tmp_path: Path, format: str) -> None:
    done = here("network", "--store", buses.store, "--format", format, "--out", tmp_path / "network")

    assert done.code == 0
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) > 0


def test_scores_are_shown_and_compared(buses: Run, here: Any) -> None:
    done = here("evaluate", BUSES, buses.statements, "--before", buses.statements)

    assert done.code == 0
    assert done.out.startswith("position   F1 0.")
    assert "0 gained, 0 lost" in done.out


def test_nothing_is_stale_after_a_build(buses: Run, here: Any) -> None:
    done = here("status", BUSES, "--statements", buses.statements, "--store", buses.store, "--json")

    listed = json.loads(done.out)
    assert (listed["documents"]["current"], listed["graph"]["current"]) == (15, 15)


def test_a_question_has_the_same_answers_everywhere(buses: Run, here: Any) -> None:
    by_command = json.loads(here("ask", "--store", buses.store, QUESTION, "--json").out)

    with serve(buses.store) as server, httpx.Client(base_url=server.address, trust_env=False, timeout=60) as http:
        by_http = http.get("/api/ask", params={"q": QUESTION}).json()
        rows = http.get("/sparql", params={"query": by_command["query"], "format": "json"}).json()
        meanwhile = json.loads(call("ask", "--store", buses.store, QUESTION, "--json").out)
        listed = call("status", BUSES, "--statements", buses.statements, "--store", buses.store)
        held = call("build", BUSES, buses.statements, "--store", buses.store)

    def actors(answers: dict[str, Any]) -> list[str]:
        return [answer["actor"]["label"] for answer in answers["answers"]]

    assert actors(by_command)
    assert by_http == by_command
    assert list(dict.fromkeys(row["actorLabel"]["value"] for row in rows["results"]["bindings"])) == actors(by_command)
    assert meanwhile == by_command
    assert "articles in the graph: 15 current" in listed.out
    # No other process may write to the graph while it is served.
    assert held.code == 1
    assert "is in use by another process; stop it, or query it over HTTP" in held.err


def test_serving_does_not_load_spacy() -> None:
    code = "import sys, api.app, api.cli.main; sys.exit('spacy' in sys.modules or 'extract' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(cli.__file__).parents[1]).returncode == 0


# Bad input


def domain(folder: Path, *, actors: str = "id,label\nacme,Acme\n", reforms: str = "id,label\ncap,Fare cap\n") -> Path:
    """Write a domain of two tables and one article."""
    (folder / "articles").mkdir()
    (folder / "actors.csv").write_text(actors, encoding="utf-8")
    (folder / "reforms.csv").write_text(reforms, encoding="utf-8")
    (folder / "articles" / "news.txt").write_text("Acme welcomed the fare cap.", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"actors": "id,name\nacme,Acme\n"}, "actors.csv:1: column 'label' is missing"),
        (
            {"reforms": "id,label,broader\ncap,Fare cap,fares\n"},
            "reforms.csv:2: broader 'fares' is not the id of a reform",
        ),
        ({"actors": "id,label,kind,member_of\nann,Ann,person,absent\n"}, "actors.csv:2: member_of 'absent'"),
    ],
)
def test_a_fault_in_a_table_is_reported_with_file_and_line(
    tmp_path: Path, here: Any, tables: dict[str, str], says: str
) -> None:
    done = here("extract", domain(tmp_path, **tables), "--out", tmp_path / "statements.jsonl")

    assert done.code == 1
    assert one_sentence(done.err)
    assert says in done.err
    assert not (tmp_path / "statements.jsonl").exists()


def test_an_unreadable_document_is_named_and_the_run_continues(tmp_path: Path, here: Any) -> None:
    folder = domain(tmp_path)
    for name, content in (("binary", b"PK\x03\x04\x00\x00\xff"), ("empty", b""), ("space", b" \n\n")):
        (folder / "articles" / f"{name}.txt").write_bytes(content)

    done = here("extract", folder, "--out", tmp_path / "statements.jsonl")

    *complaints, summary = done.err.splitlines()
    assert done.code == 3
    assert [line.rpartition("/")[2].partition(";")[0] for line in complaints] == [
        "binary.txt: holds NUL bytes, as binary files do",
        "empty.txt: is empty",
        "space.txt: is empty",
    ]
    assert " statements from 1 articles in " in summary


def test_an_empty_domain_is_reported_and_old_output_is_kept(tmp_path: Path, here: Any) -> None:
    folder = domain(tmp_path)
    (folder / "articles" / "news.txt").unlink()
    out = tmp_path / "statements.jsonl"
    out.write_text("kept\n", encoding="utf-8")

    done = here("extract", folder, "--out", out)

    assert done.code == 1
    assert "articles: holds no readable document" in done.err
    assert out.read_text(encoding="utf-8") == "kept\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("ask", "hello there"), "is not a question that is understood here"),
        (("ask", ""), "the question is empty"),
        (("ask", "who opposes the moon?"), "no reform 'the moon' in this graph"),
        (("brief", "nothing"), "no reform 'nothing' in this graph"),
        (("brief", "franchising", "--format", "rtf"), "rtf"),
        (("brief", "--actor", "absent"), "no actor 'absent' in this graph"),
        (("brief", "--camp", "camp-99"), "no camp 'camp-99'"),
        (("brief",), "a briefing covers reforms, actors or a camp"),
        (("brief", "franchising", "--since", "yesterday"), "yesterday"),
        (("network", "--format", "svg"), "format = 'svg'"),
        (("network", "-o", "colour=red"), "colour"),
        (("export", "--format", "xyz"), "xyz"),
    ],
)
def test_a_bad_argument_is_reported_in_one_sentence(buses: Run, here: Any, words: tuple[str, ...], says: str) -> None:
    done = here(*words, "--store", buses.store)

    assert done.code == 1
    assert done.out == ""
    assert one_sentence(done.err)
    assert says in done.err


@pytest.mark.parametrize("verb", [("validate",), ("ask", QUESTION), ("network",), ("brief", "x"), ("export",)])
def test_reading_does_not_create_a_missing_store(tmp_path: Path, here: Any, verb: tuple[str, ...]) -> None:
    done = here(*verb, "--store", tmp_path / "nowhere")

    assert done.code == 1
    assert "nowhere contains no graph; create one with `positions build`" in done.err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("line", "says"), [("not json", "statements.jsonl:1"), ('{"id": "a"}', "statements.jsonl:1")])
def test_a_bad_statement_is_refused_and_the_graph_is_kept(
    tmp_path: Path, here: Any, buses: Run, line: str, says: str
) -> None:
    wrong = tmp_path / "statements.jsonl"
    wrong.write_text(line + "\n", encoding="utf-8")
    articles_beside(wrong).write_bytes(articles_beside(buses.statements).read_bytes())
    with open_store(buses.store, read_only=True) as store:
        before = store.version

    done = here("build", BUSES, wrong, "--store", buses.store)

    assert done.code == 1
    assert one_sentence(done.err)
    assert says in done.err
    with open_store(buses.store, read_only=True) as store:
        assert store.version == before


def one_sentence(err: str) -> bool:
    return err.startswith("positions: ") and err.count("\n") == 1
