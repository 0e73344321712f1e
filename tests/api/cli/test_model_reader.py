import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.app import create_app
from api.cli.main import app
from api.settings import Settings
from tests.chat_server import chat_server

BUSES = Path(__file__).parents[2] / "domains" / "buses"
SECRET = "key-of-the-test-8842"


def answer_all(body: dict[str, Any]) -> str:
    """The mayor's authority supports the first reform in the first sentence; an invented body opposes it."""
    form = body["response_format"]["json_schema"]["schema"]["properties"]["statements"]["items"]["properties"]
    first = form["sentences"]["items"]["minimum"]
    record = {
        "actor": "mca",
        "speaker": None,
        "reform": form["reform"]["enum"][0],
        "stance": "support",
        "sentences": [first],
        "condition": None,
        "concerns": [],
        "certainty": "clear",
    }
    return json.dumps({"statements": [record, record | {"actor": "Guild of Invented Bodies"}]})


@pytest.fixture
def area(tmp_path: Path) -> Path:
    folder = tmp_path / "buses"
    shutil.copytree(BUSES, folder)
    return folder


def positions(*args: str) -> Any:
    return CliRunner().invoke(app, list(args))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_model_reads_a_domain_and_a_second_run_sends_nothing(
    area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSITIONS_MODEL_KEY", SECRET)
    out = tmp_path / "s.jsonl"
    with chat_server(answer_all) as server:
        args = ("extract", str(area), "--out", str(out), "--reader", "model", "--model-url", server.url)
        run = positions(*args, "--model-name", "tiny")
        assert run.exit_code == 0, run.output
        assert "records refused: the actor is neither in the list nor named in the document" in run.output
        sent, whole = server.count, out.read_bytes()
        assert positions(*args, "--model-name", "tiny").exit_code == 0
        assert (server.count, out.read_bytes()) == (sent, whole)
        assert all(each["reader"].startswith("model tiny, prompt ") for each in lines(out))
        assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file
    assert SECRET not in run.output


def test_the_key_is_in_no_file_log_or_page(
    area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def telling(body: dict[str, Any]) -> str:
        made = json.loads(answer_all(body))["statements"]
        return json.dumps({"statements": [made[0], made[0] | {"actor": SECRET}]})

    monkeypatch.setenv("POSITIONS_MODEL_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    out, store = tmp_path / "s.jsonl", tmp_path / "graph"
    with chat_server(telling, lambda number: "500" if number == 1 else "") as server:
        options = ("--reader", "model", "--model-url", server.url, "--model-name", "tiny")
        run = positions("extract", str(area), "--out", str(out), *options)
    assert run.exit_code == 0, run.output
    assert "[key]" in run.output
    built = positions("build", str(area), str(out), "--store", str(store))
    assert built.exit_code == 0, built.output
    first = lines(out)[0]
    with TestClient(create_app(Settings(store=str(store), query_workers=1))) as http:
        addresses = ("/", "/reforms", "/actors", "/data", "/search", "/accuracy", f"/articles/{first['article']}")
        pages = [http.get(each) for each in (*addresses, f"/api/statements?standing=all&actor={first['actor']}")]
    assert pages[-1].json()["items"]
    told = run.output + built.output + caplog.text + "".join(page.text for page in pages)
    assert SECRET not in told
    for file in tmp_path.rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file


def test_a_confidential_article_is_never_sent(area: Path, tmp_path: Path) -> None:
    table = area / "articles.csv"
    rows = table.read_text(encoding="utf-8").splitlines()
    rows = [
        f"{rows[0]},confidential",
        *(f"{row}{',yes' if row.startswith('plan-launch') else ','}" for row in rows[1:]),
    ]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    out = tmp_path / "s.jsonl"
    with chat_server(answer_all) as server:
        run = positions(
            *("extract", str(area), "--out", str(out), "--reader", "model"),
            *("--model-url", server.url, "--model-name", "tiny"),
        )
        assert run.exit_code == 0, run.output
        assert not any("Mayor unveils bus plan" in json.dumps(body) for body in server.bodies)
    assert "1 confidential articles were not sent" in run.output
    readers = {each["article"]: each["reader"].split()[0] for each in lines(out)}
    assert readers["plan-launch"] == "local"
    assert readers["riders-briefing"] == "model"


def test_requests_are_written_as_a_batch_and_answers_read_from_one(area: Path, tmp_path: Path) -> None:
    batch, answers, out = tmp_path / "requests.jsonl", tmp_path / "answers.jsonl", tmp_path / "s.jsonl"
    assert positions("requests", str(area), "--out", str(batch), "--model-name", "tiny").exit_code == 0
    asked = lines(batch)
    assert {each["url"] for each in asked} == {"/v1/chat/completions"}
    back = []
    for each in asked:
        content = json.dumps({"statements": json.loads(answer_all(each["body"]))["statements"][:1]})
        body = {"choices": [{"message": {"content": content}}]}
        back.append({"custom_id": each["custom_id"], "response": {"status_code": 200, "body": body}, "error": None})
    back.append({"custom_id": "of-another-domain", "answer": {"statements": []}})
    answers.write_text("".join(json.dumps(each) + "\n" for each in back), encoding="utf-8")
    args = ("extract", str(area), "--out", str(out), "--model-name", "tiny", "--answers", str(answers))
    run = positions(*args)
    assert run.exit_code == 0, run.output
    assert "1 answers refused, as they answer no request of this domain: of-another-domain" in run.output
    assert len({each["article"] for each in lines(out)}) == len(asked)
    rest = tmp_path / "rest.jsonl"
    answers.write_text("".join(json.dumps(each) + "\n" for each in back[1:]), encoding="utf-8")
    positions("requests", str(area), "--out", str(rest), "--model-name", "tiny", "--answers", str(answers))
    assert [each["custom_id"] for each in lines(rest)] == [asked[0]["custom_id"]]
    fresh = positions(*args[:3], str(tmp_path / "t.jsonl"), *args[4:])
    assert fresh.exit_code == 3
    assert asked[0]["custom_id"] in fresh.output.replace("\n", "")


def test_an_estimate_sends_nothing(area: Path, tmp_path: Path) -> None:
    run = positions("extract", str(area), "--out", str(tmp_path / "s.jsonl"), "--estimate", "--reader", "model")
    assert run.exit_code == 0, run.output
    assert [line.split()[0] for line in run.output.splitlines()[:3]] == ["articles", "requests", "answered"]
    assert list(tmp_path.glob("s*")) == []


def test_an_interrupted_run_tells_how_to_continue(area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("extract.model_reading.runs.read_all", interrupt)
    out = tmp_path / "s.jsonl"
    options = ("--reader", "model", "--model-url", "http://127.0.0.1:9/v1", "--model-name", "tiny")
    run = positions("extract", str(area), "--out", str(out), *options)
    assert run.exit_code != 0
    told = " ".join(run.output.split())
    assert "s.answers.jsonl" in told.replace(" ", "")
    assert "run the same command again to continue" in told
    assert not out.exists()


def test_status_tells_which_documents_the_model_has_answered(area: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    state = ("status", str(area), "--statements", str(out), "--store", str(tmp_path / "graph"), "--reader", "model")
    count = len(list((area / "articles").iterdir()))
    assert len(json.loads(positions(*state, "--json").stdout)["documents"]["new"]) == count
    with chat_server(answer_all) as server:
        options = ("--reader", "model", "--model-url", server.url, "--model-name", "tiny")
        positions("extract", str(area), "--out", str(out), *options)
    told = positions(*state)
    assert (
        told.stdout.splitlines()[0] == f"documents answered by the model: {count} current, 0 new, 0 changed, 0 removed"
    )
    text = area / "articles" / "plan-launch.txt"
    text.write_text(text.read_text(encoding="utf-8") + "\nRiders cheered.\n", encoding="utf-8")
    (area / "articles" / "riders-briefing.md").unlink()
    found = json.loads(positions(*state, "--json").stdout)
    assert (found["reader"], found["documents"]["changed"]) == ("model", ["plan-launch"])
    assert (found["documents"]["removed"], found["documents"]["current"]) == (["riders-briefing"], count - 2)
    other = json.loads(positions(*state, "--model-name", "other", "--json").stdout)
    assert other["documents"]["current"] == 0


def test_two_readers_are_laid_together(area: Path, tmp_path: Path) -> None:
    out = tmp_path / "s.jsonl"
    local = tmp_path / "l.jsonl"
    assert positions("extract", str(area), "--out", str(local)).exit_code == 0
    with chat_server(answer_all) as server:
        run = positions(
            *("extract", str(area), "--out", str(out), "--reader", "both"),
            *("--model-url", server.url, "--model-name", "tiny"),
        )
    assert run.exit_code == 0, run.output
    found = lines(out)
    assert {each["id"] for each in lines(local)} <= {each["id"] for each in found}
    assert {each["reader"].split()[0] for each in found} == {"local", "model"}


def test_another_host_must_be_allowed_by_name(area: Path, tmp_path: Path) -> None:
    run = positions(
        *("extract", str(area), "--out", str(tmp_path / "s.jsonl"), "--reader", "model"),
        *("--model-url", "https://models.example/v1", "--model-name", "tiny"),
    )
    assert run.exit_code == 1
    assert "--allow-host models.example" in str(run.exception)
