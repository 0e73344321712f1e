"""Time the model reader against a server that answers at once: `python benchmarks/model_reading.py [--articles 400]`.

The server runs in a process of its own and gives the same three statements to every request. The baseline is a bare
httpx client that posts the same requests to the same server, as many at a time, and parses the answers. The two take
turns within one run. Processor time is that of this process alone, without the server's.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from extract.documents.reading import documents, read
from extract.model_reading.kept import AnswerFile
from extract.model_reading.reading import Asker, ModelReader
from extract.model_reading.requests import Asking
from extract.model_reading.runs import read_all
from extract.model_reading.server import Client, ModelServer
from graph.domain.folder import Domain, read_domain

CHECKOUT = Path(__file__).parent.parent
BUSES = CHECKOUT / "tests" / "domains" / "buses"
WORDS = 400
"""Words of an article, about those of a news story."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=400)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--domain", type=Path, default=BUSES)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "articles"
        made.mkdir()
        make(made, options.articles, options.domain)
        area = read_domain(options.domain, documents=made)
        server = subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True)
        try:
            assert server.stdout is not None
            compare(area, Path(folder), server.stdout.readline().strip(), options.at_once, options.rounds)
        finally:
            server.terminate()


def serve() -> None:
    """Answer until the process is ended, and print the address first."""
    sys.path.insert(0, str(CHECKOUT))
    from tests.chat_server import chat_server

    with chat_server(answer) as server:
        print(server.url, flush=True)
        while True:
            time.sleep(3600)


def answer(body: dict[str, Any]) -> str:
    """Return three statements that can be proved for any article of this benchmark."""
    form = body["response_format"]["json_schema"]["schema"]["properties"]["statements"]["items"]["properties"]
    first = form["sentences"]["items"]["minimum"]
    fields: dict[str, Any] = {"actor": "mca", "speaker": None, "condition": None, "concerns": [], "certainty": "clear"}
    reforms = form["reform"]["enum"]
    records = [
        fields | {"reform": reforms[n % len(reforms)], "stance": "support", "sentences": [first + n]} for n in range(3)
    ]
    return json.dumps({"statements": records})


def make(folder: Path, count: int, domain: Path) -> None:
    """Write articles of about WORDS words from sentences of the domain's documents, each another selection."""
    area = read_domain(domain)
    sentences = [line for path, info in documents(area) for line in read(path, info).text.split(". ") if line.strip()]
    for number in range(count):
        text, place = f"Report {number} on the buses.", number * 7
        while len(text.split()) < WORDS:
            text += f" {sentences[place % len(sentences)].strip()}." + ("\n\n" if place % 4 == 0 else "")
            place += 1
        (folder / f"a{number:05}.txt").write_text(text, encoding="utf-8")


def compare(area: Domain, folder: Path, url: str, at_once: int, rounds: int) -> None:
    """Print articles a second of both, by the clock and by the processor, and the ratio."""
    asking = Asking(model="instant")
    texts = [read(path, info) for path, info in documents(area)]
    with AnswerFile(folder / "none.jsonl", writes=False) as kept:
        reader = ModelReader(area, Asker(kept), asking)
        bodies = [request.body for text in texts for request in reader.requests(text)]
    print(f"{len(texts)} articles, {len(bodies)} requests, {at_once} at a time")
    ratios = []
    for number in range(rounds + 1):

        def ours(number: int = number) -> None:
            with AnswerFile(folder / f"{number}.jsonl") as kept, Client(ModelServer(url=url)) as client:
                run = read_all(area, kept, asking, answerer=client.answer, at_once=at_once)
            assert len(run.articles) == len(texts), run.failures
            assert run.statements

        bare_clock, _ = timed(lambda: bare(url, bodies, at_once))
        clock, processor = timed(ours)
        if number:  # the first round fills caches
            ratios.append(bare_clock / clock)
            print(
                f"bare client {len(texts) / bare_clock:,.0f} articles/s, reader {len(texts) / clock:,.0f}"
                f" ({len(texts) / processor:,.0f} a second of processor time), ratio {ratios[-1]:.2f}"
            )
    print(f"median ratio {statistics.median(ratios):.2f}")


def bare(url: str, bodies: list[dict[str, Any]], at_once: int) -> None:
    """Post the requests and parse the answers, with nothing else."""
    import httpx

    with httpx.Client(timeout=60) as client, ThreadPoolExecutor(at_once) as threads:

        def post(body: dict[str, Any]) -> Any:
            return json.loads(client.post(f"{url}/chat/completions", json=body).content)

        assert all("choices" in each for each in threads.map(post, bodies))


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds by the clock and of this process."""
    begun, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - begun, time.process_time() - worked


if __name__ == "__main__":
    main()
