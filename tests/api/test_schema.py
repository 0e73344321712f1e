"""The answers are what the OpenAPI description says, for generated requests to every operation."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from graph.building import build
from graph.store.embedded import open_store
from tests import factory
from tests.serving import serve

TOOL = Path(sys.executable).parent / "schemathesis"
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"


@pytest.mark.skipif(not TOOL.is_file(), reason="schemathesis is not installed")
def test_every_operation_keeps_to_its_description(tmp_path: Path) -> None:
    with open_store(tmp_path / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
    options = ("--max-examples", "3", "--phases", "examples,coverage,fuzzing", "--mode", "all", "--checks", CHECKS)

    with serve(tmp_path / "store") as server:
        done = subprocess.run(
            [TOOL, "run", f"{server.address}/api/openapi.json", *options, "--no-color", "--generation-deterministic"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    assert done.returncode == 0, done.stdout[-6000:]
    cases = re.search(r"(\d+) generated", done.stdout)
    assert cases is not None
    assert int(cases[1]) > 500
