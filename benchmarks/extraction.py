"""Time and memory of extracting many articles, once and again: `python benchmarks/extraction.py`.

With `--against-bare` the words a second of extraction, divided by those of the bare pipeline of the same model over the
same text in the same process, by turns.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
SENTENCES = 6
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--domain", type=Path, default=CHECKOUT / "tests" / "domains" / "buses")
    parser.add_argument("--against-bare", action="store_true", help="compare with nlp.pipe of the model alone")
    parser.add_argument("--documents", type=Path, help="folder of documents in place of the domain's")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    if options.against_bare:
        against_bare(options.domain, options.documents, options.rounds)
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


def against_bare(folder: Path, documents: Path | None, rounds: int) -> None:
    """Print words a second of both, and their ratio, round by round."""
    sys.path.insert(0, str(CHECKOUT))
    import spacy

    from extract.models import MODEL
    from extract.pipeline import pipeline
    from extract.reading import documents as listed
    from extract.reading import read
    from extract.statements import statements
    from graph.domain import read_domain

    domain = read_domain(folder, documents=documents)
    articles = [read(path, info) for path, info in listed(domain)]
    words = sum(len(article.text.split()) for article in articles)
    bare, ours = spacy.load(MODEL), pipeline(domain)
    ratios = []
    for number in range(rounds + 1):
        begun = time.perf_counter()
        for _ in bare.pipe(article.text for article in articles):
            pass
        alone = time.perf_counter() - begun
        begun = time.perf_counter()
        found = sum(1 for _ in statements(articles, ours, domain))
        whole = time.perf_counter() - begun
        if number:  # the first round fills caches
            ratios.append(alone / whole)
            print(
                f"bare {words / alone:,.0f} words/s, extraction {words / whole:,.0f}, ratio {alone / whole:.2f} "
                f"({words:,} words, {found} statements)"
            )
    print(f"median ratio {sorted(ratios)[len(ratios) // 2]:.2f}")


def make(folder: Path, count: int, domain: Path) -> None:
    """Articles of sentences that the domain's own articles have, in an order of their own."""
    text = "\n\n".join(path.read_text(encoding="utf-8") for path in sorted((domain / "articles").glob("*.txt")))
    sentences = [s for s in re.split(r"(?<=[.!?”])\s+", text) if 30 < len(s) < 300]
    chance = random.Random(7)
    for number in range(count):
        words = "\n\n".join(chance.sample(sentences, SENTENCES))
        (folder / f"article-{number:05}.txt").write_text(words, encoding="utf-8")


def measured(name: str, verb: list[str]) -> float:
    """Seconds that a command takes; tells its memory and that of its workers as time goes on."""
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
