"""Test everything that takes input from outside with many generated inputs.

    .venv/bin/python benchmarks/fuzz.py http --cases 10000
    .venv/bin/python benchmarks/fuzz.py readers --cases 100000
    .venv/bin/python benchmarks/fuzz.py sockets restore import agents --cases 100000 --seed 1

`http` starts a server on a small graph and sends requests that Schemathesis generates from the OpenAPI document, as the
operator, so that writing is tested too. A 5xx answer or one that breaks its description fails. `readers` runs the tests
with generated input, with this many inputs in total, and reports the smallest input that fails. The others change valid
input at random (`benchmarks/hostile.py`): raw requests, backups, hand coding and statement files, and calls by agents.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import hostile  # noqa: E402  # likewise
from graph.building import build  # noqa: E402  # after the path
from graph.store.embedded import open_store  # noqa: E402  # likewise
from graph.versions.builds import keep  # noqa: E402  # likewise
from tests import factory  # noqa: E402  # likewise
from tests.serving import TOKEN, Server, serve  # noqa: E402  # likewise

LONG = ("-p", "tests.fuzzing", "--hypothesis-profile=long", "--hypothesis-show-statistics")
BIN = Path(sys.executable).parent
CHECKS = "not_a_server_error,response_schema_conformance,content_type_conformance"
TESTS = (
    "tests/extract/test_any_document.py",
    "tests/graph/test_records.py",
    "tests/graph/rdf/test_triples.py",
    "tests/graph/rdf/test_terms.py",
    "tests/graph/domain/test_edits.py",
    "tests/api/test_fuzz.py::test_any_table_is_read_or_refused_in_one_sentence",
    "tests/api/test_fuzz.py::test_a_value_in_a_query_stays_a_value",
)


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """A server on a small graph with a version."""
    with open_store(folder / "store") as store:
        build(store, factory.domain(), [factory.article()], [factory.statement()])
        keep(store, at_most=1)
    with serve(folder / "store") as server:
        yield server


def sockets(cases: int, seed: int, tell: Callable[[str], None]) -> None:
    """Send changed requests to a server over raw connections."""
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        hostile.sockets(server, cases, seed, tell)


HOSTILE: dict[str, Callable[[int, int, Callable[[str], None]], None]] = {
    "sockets": sockets,
    "restore": hostile.restores,
    "import": hostile.imports,
    "agents": hostile.agents,
}


def http(cases: int, seed: int) -> int:
    """Send rounds of requests with new seeds until there are this many cases; return the exit code."""
    done = 0
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        command = [
            str(BIN / "schemathesis"),
            "run",
            f"{server.address}/api/openapi.json",
            "--mode",
            "all",
            "--no-color",
        ]
        options = ["--max-examples", "40", "--checks", CHECKS, "-H", f"Authorization: Bearer {TOKEN}"]
        while done < cases:
            begun = time.monotonic()
            # Every third round asks for an earlier version.
            where = server.address + ("/as-of/1" if seed % 3 == 0 else "")
            ran = subprocess.run(
                [
                    *command,
                    *options,
                    "--phases",
                    "examples,coverage,fuzzing,stateful",
                    "--seed",
                    str(seed),
                    "--url",
                    where,
                ],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
            )
            found = re.search(r"([\d,]+) generated", ran.stdout)
            if ran.returncode or found is None:
                log = (Path(folder) / "store.log").read_text(encoding="utf-8")
                print(ran.stdout[-20_000:], ran.stderr[-2_000:], log[-20_000:])
                return 1
            done += int(found[1].replace(",", ""))
            seed += 1
            print(f"{done:,} of {cases:,} cases, this round {time.monotonic() - begun:.0f} s", flush=True)
    return 0


def readers(examples: int) -> int:
    """Run the tests with generated input one after another; return the exit code."""
    listed = subprocess.run(
        [BIN / "pytest", "--collect-only", "-q", *TESTS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    tests = [line for line in listed.stdout.splitlines() if "::" in line]
    # Only tests with generated input count; each gets the same number.
    tried, failed, given = 0, 0, _given(tests)
    for number, test in enumerate(given, 1):
        begun = time.monotonic()
        ran = subprocess.run(
            [str(BIN / "pytest"), "-q", *LONG, test],
            cwd=ROOT,
            env=os.environ | {"FUZZ_EXAMPLES": str(-(-examples // len(given)))},
            capture_output=True,
            text=True,
            check=False,
        )
        count = sum(int(each) for each in re.findall(r"(\d+) passing", ran.stdout))
        tried += count
        if ran.returncode:
            failed += 1
            print(ran.stdout[-20_000:])
        print(
            f"{number}/{len(given)} {test}: {count:,} in {time.monotonic() - begun:.0f} s, {tried:,} in all", flush=True
        )
    return 1 if failed or tried < examples else 0


def _given(tests: list[str]) -> list[str]:
    """Return the tests whose input Hypothesis generates."""
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in {test.partition("::")[0] for test in tests}}
    found = []
    for test in tests:
        name, _, function = test.partition("::")
        at = sources[name].index(f"def {function.partition('[')[0]}(")
        before, after = sources[name][:at].rpartition("\n\n\n")[2], sources[name][at:].partition("\n\n\n")[0]
        if "@given" in before + after:
            found.append(test)
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+", choices=["http", "readers", *HOSTILE])
    parser.add_argument("--cases", type=int, default=10_000, help="inputs of each kind at the least")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same inputs")
    given = parser.parse_args()
    failed = 0
    for what in given.what:
        if what == "http":
            failed |= http(given.cases, given.seed)
        elif what == "readers":
            failed |= readers(given.cases)
        else:
            try:
                HOSTILE[what](given.cases, given.seed, lambda line: print(line, flush=True))
            except hostile.Found as error:
                print(error)
                failed = 1
    sys.exit(failed)
