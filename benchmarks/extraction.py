"""Measure time and memory of extracting many articles, then of a second run: `python benchmarks/extraction.py`.

`--against-bare` divides the words per second of extraction by those of the model's own pipeline on the same text, in
alternation within one run: once with all its components, and once with the parser and named entities alone. `--others`
adds nine off-topic articles for each one. One process measures processor time; several measure wall-clock time.
"""

import argparse
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parent.parent
SENTENCES = 6
SPARED = ["attribute_ruler", "lemmatizer"]
"""Components of the model that neither parse nor recognise names."""
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--domain", type=Path, default=CHECKOUT / "tests" / "domains" / "buses")
    parser.add_argument("--against-bare", action="store_true", help="compare with nlp.pipe of the model alone")
    parser.add_argument("--documents", type=Path, help="folder of documents to use instead of the domain's")
    parser.add_argument("--others", type=Path, nargs="*", default=[], help="folders of off-topic articles")
    parser.add_argument("--processes", type=int, default=1, help="for both sides of --against-bare")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.against_bare:
        against_bare(options.domain, options.documents, options.others, options.rounds, options.processes)
        return
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        (here / "articles").mkdir()
        make(here / "articles", options.articles, options.domain)
        out = here / "statements.jsonl"
        verb = [sys.executable, "-m", "api.cli", "extract", str(options.domain)]
        verb += ["--articles", str(here / "articles"), "--out", str(out), "--workers", str(options.workers)]
        first = measured("first run", verb)
        size = sum(path.stat().st_size for path in here.glob("*.jsonl"))
        again = measured("second run", verb)
        print(f"the second run takes {again / first:.2%} of the first; {size / 1e6:.0f} MB on disk")


def against_bare(folder: Path, documents: Path | None, others: list[Path], rounds: int, processes: int) -> None:
    """Print the words per second of both and their ratio, round by round."""
    # Set before NumPy is imported: one thread for each process, on both sides.
    os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    sys.path.insert(0, str(CHECKOUT))
    import spacy

    from extract.documents.reading import read
    from extract.extraction import Task, document_extractor, extractor
    from extract.models import MODEL, Engine
    from extract.running.workers import worked
    from graph.domain.folder import read_domain

    engine = Engine(domain=read_domain(folder, documents=documents))
    tasks = [Task(path=path, info=info) for path, info in mixed(engine.domain, others)]
    articles = [read(task.path, task.info) for task in tasks]
    texts = [article.text for article in articles]
    words = sum(len(text.split()) for text in texts)
    models = {"all its parts": spacy.load(MODEL), "parser and names": spacy.load(MODEL, exclude=SPARED)}
    alone = extractor(engine)

    def bare(nlp: Any) -> int:
        return sum(1 for _ in nlp.pipe(texts, n_process=processes))

    def ours() -> int:
        if processes == 1:
            return sum(len(alone(article)) for article in articles)
        done = worked(tasks, partial(document_extractor, engine), workers=processes)
        return sum(len(getattr(result, "statements", ())) for _, result in done)

    clock = time.process_time if processes == 1 else time.perf_counter
    ratios: dict[str, list[float]] = {name: [] for name in models}
    for number in range(rounds + 1):
        took = {}
        for name, nlp in models.items():
            begun = clock()
            bare(nlp)
            took[name] = clock() - begun
        begun = clock()
        found = ours()
        whole = clock() - begun
        if not number:  # fills caches
            print(f"{len(articles)} articles, {words:,} words, {found} statements, {processes} processes")
            continue
        for name, seconds in took.items():
            ratios[name].append(seconds / whole)
            print(
                f"{name}: bare {words / seconds:,.0f} words/s, extraction {words / whole:,.0f}, {seconds / whole:.2f}"
            )
    for name, found_ratios in ratios.items():
        print(f"against {name}: median ratio {statistics.median(found_ratios):.2f}")
    print(f"peak memory of it all {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def mixed(domain: Any, others: list[Path]) -> list[tuple[Path, Any]]:
    """Return the documents of a domain, each followed by up to nine others."""
    from extract.documents.reading import documents as listed
    from graph.domain.folder import bare_domain

    strangers = cycle([document for folder in others for document in listed(bare_domain(folder))])
    made = []
    for number, document in enumerate(listed(domain)):
        made.append(document)
        for again in range(9 if others else 0):
            path, info = next(strangers)
            made.append((path, replace(info, id=f"other-{number}-{again}", date=document[1].date)))
    return made


def make(folder: Path, count: int, domain: Path) -> None:
    """Write articles with shuffled sentences from the domain's own articles."""
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted((domain / "articles").glob("*.txt")))
    sentences = [s for s in re.split(r"(?<=[.!?”])\s+", text) if 30 < len(s) < 300]
    chance = random.Random(7)
    for number in range(count):
        words = "\n\n".join(chance.sample(sentences, SENTENCES))
        (folder / f"article-{number:05}.txt").write_text(words, encoding="utf-8")


def measured(name: str, verb: list[str]) -> float:
    """Run a command and return its seconds; print its memory and that of its workers meanwhile."""
    start = time.monotonic()
    process = subprocess.Popen(verb, cwd=CHECKOUT)
    samples: list[tuple[float, int, int]] = []
    while process.poll() is None:
        samples.append(
            (time.monotonic() - start, resident(process.pid), max(map(resident, children(process.pid)), default=0))
        )
        time.sleep(1 if len(samples) < 60 else 5)
    if process.returncode:
        raise SystemExit(f"{name}: exit code {process.returncode}")
    seconds = time.monotonic() - start
    print(f"{name}: {seconds:.1f} s")
    for share in (0.1, 0.25, 0.5, 0.75, 0.99):
        at, own, worker = samples[int(len(samples) * share)]
        print(f"  after {at:6.0f} s: {own / 1e6:5.0f} MB, largest worker {worker / 1e6:5.0f} MB")
    return seconds


def resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE
    except (FileNotFoundError, ProcessLookupError):
        return 0


def children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


if __name__ == "__main__":
    main()
