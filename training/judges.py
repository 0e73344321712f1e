"""Fit the judges of claims on annotated domains, and write them as ONNX with their limits and calibration.

    python training/judges.py PAIRS_DIR --encoder extract/encoder --out extract/judges --stack A,B --test C,D

`PAIRS_DIR` holds one pickle a domain, written by `training/pairs.py`. The first judge is fitted on all domains but
those of `--stack` and `--test`, as the encoders were; the others on `--stack`, which none of them has seen; `--test` is
for the report alone. Needs the extra `train` (LightGBM, onnxmltools).
"""

import argparse
import json
import pickle
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from sklearn.linear_model import LogisticRegression

from extract.judging.claims import (
    CLOSE,
    LIKELY,
    STANCES,
    PossibleClaim,
    context_names,
    in_context,
    kept,
    read_closely,
    vectors,
)
from extract.judging.encoder import Encoders, StanceQuestion, encoders
from training.report import Guess, by_genre, limits_of, report, table

TREES = {
    "objective": "binary",
    "learning_rate": 0.06,
    "num_leaves": 31,
    "min_data_in_leaf": 40,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "verbosity": -1,
    "num_threads": 2,
    "seed": 1,
    "deterministic": True,
}
SMALL = TREES | {"num_leaves": 8, "min_data_in_leaf": 30, "learning_rate": 0.05, "lambda_l2": 10.0}


def load(folder: Path, names: Iterable[str]) -> list[dict[str, Any]]:
    """Return the articles of some domains with their pairs and annotations."""
    return [article for name in names for article in pickle.loads((folder / f"{name}.pkl").read_bytes())]


def first_judge(articles: Sequence[dict[str, Any]], rounds: int) -> tuple[Any, list[str]]:
    """Fit the judge that finds plausible claims by their facts alone."""
    chance = random.Random(1)
    rows = [
        row
        for article in articles
        for row in article["rows"]
        if row["y"] != "none" or row["goldsent"] or chance.random() < 0.25
    ]
    names = sorted({name for row in rows for name in row["f"]})
    labels = np.array([row["y"] != "none" for row in rows])
    weights = np.array([0.5 if row["arguable"] else 1.0 for row in rows])
    data = lightgbm.Dataset(vectors([row["f"] for row in rows], names), labels, weight=weights)
    return lightgbm.train(TREES, data, rounds), names


def rows_of(article: dict[str, Any], plausible: Sequence[float]) -> list[PossibleClaim]:
    """Return an article's pairs as the second judge sees them."""
    return [
        PossibleClaim(
            sentence=row["s"],
            actor=row["actor"],
            reform=row["reform"],
            features=row["f"],
            plausible=float(chance),
        )
        for row, chance in zip(article["rows"], plausible, strict=True)
    ]


def staged(articles: Sequence[dict[str, Any]], judge: Any, names: list[str], read: Encoders) -> list[dict[str, Any]]:
    """Return, for each article, its plausible pairs with all features after the small encoder's reading."""
    found = []
    for article in articles:
        rows: list[PossibleClaim] = []
        if article["rows"]:
            chances = judge.predict(vectors([row["f"] for row in article["rows"]], names), num_threads=1)
            rows = rows_of(article, chances)
        picked = kept(rows)
        features = []
        if picked:
            answers = read.reading.answers([question(article["rows"][i]) for i in picked])
            features = in_context([rows[i] for i in picked], answers)
        found.append({"article": article, "rows": [article["rows"][i] for i in picked], "features": features})
        found[-1]["facts"] = [rows[i] for i in picked]
    return found


def question(row: dict[str, Any]) -> StanceQuestion:
    """Return what the encoders are asked about a pair."""
    return StanceQuestion(holder=row["label"], reform=row["rlabel"], sentence=row["text"], before=row["before"])


def asked(article: dict[str, Any], likely: Any, second: list[str], read: Encoders) -> dict[str, Any]:
    """Return the likely pairs of an article with all features after the larger encoder's reading."""
    if not article["rows"]:
        return {**article, "close": []}
    chances = likely.predict(vectors(article["features"], second), num_threads=1)
    picked = [i for i, chance in enumerate(chances) if chance >= LIKELY]
    rows, features, facts = ([article[name][i] for i in picked] for name in ("rows", "features", "facts"))
    answers = read.stance.answers([question(row) for row in rows])
    return {"article": article["article"], "rows": rows, "close": read_closely(facts, features, answers)}


def write(model: Any, width: int, out: Path) -> None:
    """Write a model of trees as ONNX."""
    made = convert_lightgbm(model, initial_types=[("features", FloatTensorType([None, width]))], zipmap=False)
    out.write_bytes(made.SerializeToString())


def main() -> None:
    """Fit, report and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stack", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--keep", type=Path, help="pickle to keep what the encoders answered in")
    options = parser.parse_args()
    stack, test = options.stack.split(","), options.test.split(",")
    rest = sorted({path.stem for path in options.pairs.glob("*.pkl")} - {*stack, *test})
    options.out.mkdir(parents=True, exist_ok=True)
    judge, names = first_judge(load(options.pairs, rest), options.rounds)
    read = encoders(options.encoder)
    second = context_names(names)
    seen = {name: staged(load(options.pairs, [name]), judge, names, read) for name in (*stack, *test)}
    write(judge, len(names), options.out / "plausible.onnx")
    whole = likely_judge([article for name in stack for article in seen[name]], second)
    write(whole, len(second), options.out / "likely.onnx")
    close = {}
    for name in (*stack, *test):
        others = [article for other in stack if other != name for article in seen[other]]
        likely = likely_judge(others, second) if name in stack else whole
        close[name] = [asked(article, likely, second, read) for article in seen[name]]
        print(f"{name}: {sum(len(a['rows']) for a in close[name])} pairs read closely", flush=True)
    if options.keep is not None:
        options.keep.write_bytes(pickle.dumps((names, seen, close)))
    fit_last(close, stack, test, names, options.out)


def likely_judge(articles: Sequence[dict[str, Any]], second: list[str]) -> Any:
    """Fit the judge that picks what the larger encoder reads."""
    rows = [row for article in articles for row in article["rows"]]
    held, weight = held_of(rows)
    matrix = vectors([some for article in articles for some in article["features"]], second)
    return lightgbm.train(SMALL, lightgbm.Dataset(matrix, held, weight=weight), 160)


def held_of(rows: Sequence[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray]:
    """Return which pairs are statements, and the weight of each."""
    return np.array([row["y"] != "none" for row in rows]), np.array([0.5 if row["arguable"] else 1.0 for row in rows])


Models = tuple[Any, Any]


def last_judges(articles: Sequence[dict[str, Any]], third: list[str]) -> Models:
    """Fit the judges of what is a statement and of its stance."""
    rows = [row for article in articles for row in article["rows"]]
    held, weight = held_of(rows)
    matrix = vectors([some for article in articles for some in article["close"]], third)
    statement = lightgbm.train(SMALL, lightgbm.Dataset(matrix, held, weight=weight), 160)
    stance = lightgbm.train(
        SMALL | {"objective": "multiclass", "num_class": len(STANCES), "min_data_in_leaf": 15},
        lightgbm.Dataset(matrix[held], [STANCES.index(row["y"]) for row in rows if row["y"] != "none"]),
        60,
    )
    return statement, stance


def guessed(models: Models, article: dict[str, Any], third: list[str]) -> Guess:
    """Return the probabilities of an article's pairs: (pairs,) and (pairs, stances)."""
    if not article["rows"]:
        return np.zeros(0), np.zeros((0, len(STANCES)))
    told = vectors(article["close"], third)
    return models[0].predict(told, num_threads=1), models[1].predict(told, num_threads=1)


def fit_last(
    close: dict[str, list[dict[str, Any]]], stack: Sequence[str], test: Sequence[str], first: list[str], out: Path
) -> None:
    """Fit what decides, with its limits and calibration by leaving out one domain at a time; report on `test`."""
    third = [*context_names(first), *CLOSE]
    guesses: dict[str, list[Guess]] = {}
    for name in stack:
        models = last_judges([article for other in stack if other != name for article in close[other]], third)
        guesses[name] = [guessed(models, article, third) for article in close[name]]
    models = last_judges([article for name in stack for article in close[name]], third)
    for name in test:
        guesses[name] = [guessed(models, article, third) for article in close[name]]
    limits = limits_of({name: (close[name], guesses[name]) for name in stack})
    for name in (*stack, *test):
        print(f"{name:28} {report(close[name], guesses[name], limits)}", flush=True)
    left_out = {name: (close[name], guesses[name]) for name in (*test, *stack)}
    genres = {name: some for name, some in left_out.items() if any(a["article"]["genre"] for a in some[0])}
    print(table(left_out, limits), table(by_genre(genres), limits), sep="\n\n", flush=True)
    calibration = calibrated({name: (close[name], guesses[name]) for name in stack})
    for name in test:
        print(f"{name:28} {reliability(close[name], guesses[name], calibration)}", flush=True)
    write(models[0], len(third), out / "statement.onnx")
    write(models[1], len(third), out / "stance.onnx")
    told = {"first": first, "second": context_names(first), "limits": limits, "calibration": calibration}
    (out / "judges.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


def reliability(seen: Sequence[dict[str, Any]], guesses: Sequence[Guess], calibration: dict[str, float]) -> str:
    """Return how far the confidence is true: of claims from 0.7 on the share that is right, and the expected error."""
    told, right = [], []
    for article, (chance, sides) in zip(seen, guesses, strict=True):
        for row, p, side in zip(article["rows"], chance, sides, strict=True):
            best = int(np.argmax(side))
            value = float(np.log(max(p * side[best], 1e-3) / (1 - min(p * side[best], 0.999))))
            told.append(1 / (1 + np.exp(-(calibration["base"] + calibration["slope"] * value))))
            right.append(row["y"] == STANCES[best])
    chances, truth = np.array(told), np.array(right)
    sure = chances >= 0.7
    bins = np.minimum((chances * 10).astype(int), 9)
    error = sum(abs(chances[bins == b].mean() - truth[bins == b].mean()) * np.mean(bins == b) for b in set(bins))
    return f"from 0.7 on {truth[sure].mean():.3f} right of {sure.sum()}; expected calibration error {error:.3f}"


def calibrated(guesses: dict[str, Any]) -> dict[str, float]:
    """Fit how often a claim is right, stance included, to the product of its two probabilities (Platt)."""
    values, right = [], []
    for seen, guessed in guesses.values():
        for article, (chance, sides) in zip(seen, guessed, strict=True):
            for row, p, side in zip(article["rows"], chance, sides, strict=True):
                best = int(np.argmax(side))
                value = p * side[best]
                if value >= 0.1:
                    values.append([np.log(value / (1 - min(value, 0.999)))])
                    right.append(row["y"] == STANCES[best])
    model = LogisticRegression().fit(np.array(values), np.array(right))
    return {"base": round(float(model.intercept_[0]), 4), "slope": round(float(model.coef_[0][0]), 4)}


if __name__ == "__main__":
    main()
