"""Write what the encoder is trained on: annotated claims, and plausible claims that annotators did not make.

    python training/examples.py PAIRS_DIR --out examples.jsonl

`PAIRS_DIR` holds the pickles of `training/pairs.py`. One JSON object a line: domain, article, holder, reform, the
sentence before where it may be needed, sentence, stance (`none` for what is no statement), weight.
"""

import argparse
import json
import pickle
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LONGEST = 600
"""Characters of a sentence."""
NONE = 0.7
"""Claims that are no statement for each one that is."""


def near(row: Mapping[str, Any]) -> float:
    """Return how near a holder is to a sentence: the nearest wrong one teaches most."""
    facts = row["f"]
    names = {"rule": 4, "own document": 2, "subject": 2, "named": 1, "last speaker": 1, "subject before": 1}
    return float(sum(weight * facts.get(f"holder: {name}", 0.0) for name, weight in names.items()))


def about(row: Mapping[str, Any]) -> float:
    """Return how plainly a sentence is about a reform."""
    facts = row["f"]
    return float(
        2 * facts.get("reform: named", 0.0) + facts.get("reform: worded", 0.0) + facts.get("reform: share", 0.0)
    )


def statements(article: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield an example for each annotated statement of an article, in the words that the reader would be asked."""
    labels = {row["reform"]: row["rlabel"] for row in article["rows"]}
    for record in article["gold"]:
        here = [
            row
            for row in article["rows"]
            if 2 * (min(row["end"], record["end"]) - max(row["start"], record["start"]))
            >= min(row["end"] - row["start"], record["end"] - record["start"])
        ]
        match = [row for row in here if (row["who"], row["reform"]) == (record["who"], record["reform"])]
        row = (match or here or [None])[0]
        if row is not None and record["reform"] in labels:
            holder = match[0]["label"] if match else record["actor"]
            weight = 0.5 if record["certainty"] == "arguable" else 1.0
            words = next((some for some in here if some["reform"] == record["reform"]), row)
            yield example(
                article, words | {"label": holder, "rlabel": labels[record["reform"]]}, record["stance"], weight
            )


def others(article: Mapping[str, Any], chance: random.Random) -> Iterator[dict[str, Any]]:
    """Yield plausible claims of an article that are no statement: wrong holder, wrong reform, no side taken."""
    sentences: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in article["rows"]:
        sentences[row["s"]].append(row)
    for rows in sentences.values():
        held = {(row["who"], row["reform"]) for row in rows if row["y"] != "none"}
        if rows[0]["goldsent"]:
            holders, reforms = {who for who, _ in held}, {reform for _, reform in held}
            wrong = [
                max(some, key=measure)
                for some, measure in (
                    ([r for r in rows if r["reform"] in reforms and r["who"] not in holders], near),
                    ([r for r in rows if r["who"] in holders and r["reform"] not in reforms], about),
                )
                if some
            ]
            picked: Sequence[dict[str, Any]] = [row for row in wrong if chance.random() < 0.5]
        else:
            nearest = max(rows, key=lambda row: near(row) * chance.uniform(0.8, 1.2))
            same = [row for row in rows if row["who"] == nearest["who"]]
            picked = [max(same, key=lambda row: about(row) * chance.uniform(0.8, 1.2))]
        for row in picked:
            yield example(article, row, "none", 1.0)


def example(article: Mapping[str, Any], row: Mapping[str, Any], stance: str, weight: float) -> dict[str, Any]:
    """Return one line of the file."""
    return {
        "article": article["article"],
        "holder": row["label"],
        "reform": row["rlabel"],
        "before": row["before"],
        "sentence": row["text"][:LONGEST],
        "stance": stance,
        "weight": weight,
    }


def main() -> None:
    """Write the examples of all domains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    with options.out.open("w", encoding="utf-8") as out:
        for path in sorted(options.pairs.glob("*.pkl")):
            chance = random.Random(path.stem)  # a sample, not a secret
            articles = pickle.loads(path.read_bytes())  # made by training/pairs.py
            held = [each for article in articles for each in statements(article)]
            rest = [each for article in articles for each in others(article, chance)]
            chance.shuffle(rest)
            for each in (*held, *rest[: int(NONE * len(held))]):
                out.write(json.dumps({"domain": path.stem, **each}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
