"""Stopping the server: running requests are answered, acknowledged writes are kept, the store can be opened at once."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from graph.store.embedded import open_store
from tests.serving import serve

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?p . ?q ?r ?s }"
G = "https://a.example/g"


def gone(pid: int) -> bool:
    """Return whether the process has ended, whether or not it was waited for."""
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at the process in /proc")
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_what_was_acknowledged_is_there_after_the_end(tmp_path: Path, sign: signal.Signals) -> None:
    with serve(tmp_path / "store", "--query-timeout", "4") as server:
        with httpx.Client(base_url=server.address, headers=server.admin, trust_env=False, timeout=60) as http:
            data = " ".join(f"<https://a.example/{number}> <https://a.example/p> {number} ." for number in range(200))
            update = f"INSERT DATA {{ GRAPH <{G}> {{ {data} }} }}"
            assert http.post("/sparql", data={"update": update}).status_code in {200, 204}
            with ThreadPoolExecutor() as others:
                running = others.submit(http.get, "/sparql", params={"query": RUNAWAY})
                time.sleep(1)
                os.kill(server.pid, sign)
                if sign is signal.SIGTERM:
                    # It gets its own limit's answer, not a closed connection.
                    assert running.result().status_code == 503
                else:
                    assert isinstance(running.exception(), httpx.TransportError)
        for _ in range(200):
            if gone(server.pid):
                break
            time.sleep(0.1)

        with open_store(tmp_path / "store") as store:
            assert store.graphs() == [G]
            assert store.count() == 200


def children(pid: int) -> list[int]:
    """Return the children of a process, oldest first."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(parent) == pid and state != "Z":
            found.append(int(path.parent.name))
    return sorted(found)


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at the processes in /proc")
def test_a_killed_query_worker_or_their_parent_is_replaced(tmp_path: Path) -> None:
    with (
        serve(tmp_path / "store", "--query-timeout", "20") as server,
        httpx.Client(base_url=server.address, headers=server.admin, trust_env=False, timeout=60) as http,
        ThreadPoolExecutor() as others,
    ):
        data = " ".join(f"<https://a.example/{number}> <https://a.example/p> {number} ." for number in range(200))
        http.post("/sparql", data={"update": f"INSERT DATA {{ GRAPH <{G}> {{ {data} }} }}"})
        assert http.get("/sparql", params={"query": "ASK {}"}).json()["boolean"]
        (parent,) = children(server.pid)
        running = others.submit(http.get, "/sparql", params={"query": RUNAWAY})
        time.sleep(1)
        for worker in children(parent):
            os.kill(worker, signal.SIGKILL)
        refused = running.result(timeout=10)
        asked = [http.get("/sparql", params={"query": f"ASK {{ BIND({number} AS ?n) }}"}) for number in range(5)]
        os.kill(parent, signal.SIGKILL)
        time.sleep(0.5)
        again = [http.get("/sparql", params={"query": f"ASK {{ BIND(-{number} AS ?n) }}"}) for number in range(5)]
        page = http.get("/")

    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert [each.status_code for each in asked] == [200] * 5
    assert [each.status_code for each in again] == [200] * 5
    assert page.status_code == 200
