import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from extract.model_reading.kept import ModelAnswer
from extract.model_reading.server import Client, ModelServer, ServerFailed, ServerRefuses, checked_url, read_key
from graph.errors import BadRequest
from tests.chat_server import chat_server

BODY = {"model": "tiny", "messages": [], "seed": 7, "response_format": {"type": "json_object"}}
SECRET = "key-of-the-test-8842"


@contextmanager
def client(url: str, **changes: Any) -> Iterator[Client]:
    with Client(ModelServer(url=url, first_wait=0.01, **changes), SECRET) as made:
        yield made


def ask(url: str, **changes: Any) -> ModelAnswer:
    with client(url, **changes) as one:
        return one.answer("k", BODY)


@pytest.mark.parametrize("fault", ["429", "500", "503", "half", "html"])
def test_what_passes_is_tried_again(fault: str) -> None:
    with chat_server(lambda body: "yes", lambda number: fault if number < 3 else "") as server:
        answer = ask(server.url)
        assert (answer.text, answer.input, answer.output) == ("yes", 10, 5)
        assert server.count == 3


def test_a_slow_answer_is_given_up_in_the_end() -> None:
    with (
        chat_server(lambda body: "yes", lambda number: "slow") as server,
        pytest.raises(ServerFailed, match="within"),
    ):
        ask(server.url, seconds=0.2, tries=2)


@pytest.mark.parametrize("fault", ["401", "403", "404"])
def test_a_server_that_will_never_answer_ends_the_run(fault: str) -> None:
    with chat_server(lambda body: "yes", lambda number: fault) as server, pytest.raises(ServerRefuses) as told:
        ask(server.url)
    assert server.count == 1
    assert SECRET not in str(told.value)


def test_a_redirect_is_not_followed() -> None:
    with chat_server(lambda body: "yes", lambda number: "redirect") as server, pytest.raises(ServerFailed):
        ask(server.url)


def test_a_field_that_the_server_does_not_take_is_left_out() -> None:
    with chat_server(lambda body: "yes", lambda number: "400" if number == 1 else "") as server:
        with client(server.url) as one:
            one.answer("k", BODY)
            one.answer("k", BODY)
        assert ["response_format" in body for body in server.bodies] == [True, False, False]


def test_the_key_goes_out_in_a_header_and_comes_back_nowhere() -> None:
    with chat_server(lambda body: f"your key is {SECRET}") as server:
        answer = ask(server.url)
        assert server.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert SECRET not in json.dumps(server.bodies) + answer.text


def test_text_goes_to_this_machine_or_to_a_host_that_is_allowed() -> None:
    for local in ("http://localhost:1/v1", "http://127.0.0.1:1/v1/", "http://[::1]:1/v1"):
        assert checked_url(local, ()) == local.rstrip("/")
    assert checked_url("https://models.example/v1", ["models.example"])
    for bad in (
        "https://models.example/v1",
        "https://models.example.org/v1",
        "https://127.0.0.1.example/v1",
        "ftp://127.0.0.1/v1",
        "http://k:secret@127.0.0.1/v1",
        "http://127.0.0.1/v1?api-key=k",
        "127.0.0.1:8000",
        "http://[bad/v1",
    ):
        with pytest.raises(BadRequest) as told:
            checked_url(bad, ["models.example"] if bad != "https://models.example/v1" else ())
        assert "secret" not in str(told.value)


def test_a_key_file_must_be_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{SECRET}\n")
    file.chmod(0o644)
    with pytest.raises(BadRequest, match="chmod 600"):
        read_key({"POSITIONS_MODEL_KEY_FILE": str(file)})
    file.chmod(0o600)
    assert read_key({"POSITIONS_MODEL_KEY_FILE": str(file)}) == SECRET
    assert read_key({"POSITIONS_MODEL_KEY": SECRET}) == SECRET
    assert read_key({}) == ""
