"""The W3C's test suites and protocol checks, if their tools are next to the checkout."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Server, serve

TOOLS = Path(__file__).parents[3] / "shared" / "sparql"
SECONDS = 5

pytestmark = pytest.mark.skipif(not TOOLS.is_dir(), reason="the W3C suites are not next to this checkout")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Server]:
    with serve(tmp_path / "store", "--query-timeout", str(SECONDS)) as server:
        yield server


def run(tool: str, server: Server, outcomes: Path, *options: str) -> tuple[list[dict[str, str]], str]:
    """Return the outcome of each check, and the tool's output."""
    addresses = ("--query", server.sparql, "--gsp", server.graphs, "--update", server.sparql, "--token", server.token)
    command = [sys.executable, str(TOOLS / tool), *addresses, "--json", str(outcomes), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    return json.loads(outcomes.read_text()), done.stdout + done.stderr


def test_nothing_is_worse_than_the_engine_itself(scratch: Server, tmp_path: Path) -> None:
    baseline = ("--baseline", str(TOOLS / "w3c_oxigraph_0.5.13.json"))
    _, told = run("w3c_sparql.py", scratch, tmp_path / "w3c.json", "--union-default-graph", *baseline)
    assert "against the baseline: 0 worse" in told
    assert "907 passed, 21 failed" in told


def test_the_protocol_is_kept_and_runaways_are_ended(scratch: Server, tmp_path: Path) -> None:
    limit = ("--max-query-seconds", str(SECONDS))
    outcomes, told = run("sparql_protocol.py", scratch, tmp_path / "protocol.json", *limit)
    assert len(outcomes) == 216
    assert [check for check in outcomes if check["outcome"] != "passed"] == [], told
