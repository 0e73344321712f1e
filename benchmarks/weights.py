"""Fit the weights of extraction again: `python benchmarks/weights.py [--keep NAME …] [--out FILE | --held-out]`.

The articles are from the invented areas in `tests/domains` that are used for fitting and, if the folder of shared data
is next to the checkout, annotated papers of the shipped area and annotated news. `--held-out` writes nothing: it scores
each half of the news, and each paper of the area, with weights fitted without it.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

CHECKOUT = Path(__file__).parent.parent
sys.path.insert(0, str(CHECKOUT))

from extract.judging.linear import WEIGHTS, judgements  # noqa: E402
from extract.judging.targets import Topics  # noqa: E402
from extract.measuring.fitting import Taught, Training, gather, refit, write  # noqa: E402
from extract.pipeline import pipeline  # noqa: E402
from extract.statements import decided  # noqa: E402
from graph.coding.evaluate import actor_names, annotations, scores  # noqa: E402  # the checkout is found first
from graph.domain.folder import read_domain  # noqa: E402

INVENTED = ("libraries",)
"""Areas of `tests/domains` used for fitting. Buses and rivers never are: their scores show an unknown area."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=CHECKOUT.parent / "shared", help="folder of annotated articles")
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument(
        "--keep",
        nargs="*",
        default=(),
        metavar="NAME",
        choices=[*judgements()],
        help="judgements that keep their shipped weights",
    )
    parser.add_argument("--held-out", action="store_true", help="score held-out articles and write nothing")
    options = parser.parse_args()
    trainings = dict(annotated(options.shared))
    taught = {name: gather(training, pipeline(training.domain)) for name, training in trainings.items()}
    for name, articles in taught.items():
        print(f"{name}: {sum(len(each.found) for each in articles)} candidates of {len(articles)} articles", flush=True)
    if not options.held_out:
        kept = {name: judgements()[name] for name in options.keep}
        write(options.out, refit((each for articles in taught.values() for each in articles), kept=kept))
        print(f"written to {options.out}")
        return
    for name, training in trainings.items():
        if name not in INVENTED:
            left_out(name, training, taught)


def annotated(shared: Path) -> Iterator[tuple[str, Training]]:
    """Yield the annotated areas by name."""
    for name in INVENTED:
        folder = CHECKOUT / "tests" / "domains" / name
        # Texts written to be annotated count less than real ones; the shipped area has few texts but is the main use.
        yield name, Training(domain=read_domain(folder), annotated=folder / "gold.jsonl", weight=0.15)
    if not shared.is_dir():
        print(f"no annotated articles at {shared}: fitting to the invented areas alone", file=sys.stderr)
        return
    area = read_domain(CHECKOUT / "corpus" / "childrens-social-care", documents=shared / "corpus")
    yield "area", Training(domain=area, annotated=shared / "evaluation" / "gold.jsonl", weight=1.5)
    for half in ("odd", "even"):
        folder = shared / "annotated-news" / half
        yield half, Training(domain=read_domain(folder), annotated=folder / "gold.jsonl")


def left_out(name: str, training: Training, taught: Mapping[str, Sequence[Taught]]) -> None:
    """Print the scores of one set, with weights fitted without it."""
    articles = taught[name]
    others = [each for other in taught if other != name for each in taught[other]]
    # The news is held out in halves, because it contains near-duplicates; the papers of the area one by one.
    size = len(articles) if name == "area" else 1
    topics = Topics(training.domain)
    found = []
    for number in range(size):
        part = articles[number::size]
        weights = refit([*others, *(each for each in articles if each not in part)])
        for each in part:
            found += decided(each.article, [e.candidate for e in each.found], topics, weights=weights)
        print(f"{name}: part {number + 1} of {size}", file=sys.stderr, flush=True)
    gold = annotations(training.annotated, training.domain)
    made = scores(gold, found, actor_names(training.domain))
    print(
        f"{name}, left out: position {made.position.f1:.3f}, pair {made.pair.f1:.3f}, "
        f"stance {made.stance_accuracy:.3f}, statement {made.statement.f1:.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
