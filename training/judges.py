"""Fit the judges of claims on annotated domains, and write them as ONNX with their limits and calibration.

    python training/judges.py PAIRS_DIR --encoder extract/encoder --out extract/judges --stack A,B --test C,D

`PAIRS_DIR` holds one pickle a domain, written by `training/pairs.py`. The first judge is fitted on all domains but
those of `--stack` and `--test`, as the encoders were; the second and the stances on `--stack`, which none of them has
seen; `--test` is for the report alone. Needs the extra `train` (LightGBM, onnxmltools).
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
    STANCE_ANSWERS,
    STANCES,
    PossibleClaim,
    context_names,
    in_context,
    kept,
    vectors,
    with_stance,
)
from extract.judging.encoder import Encoders, StanceQuestion, encoders
from training.report import limits_of, report

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
    """Return the kept pairs of each article, with all features for the second judge."""
    found = []
    for article in articles:
        if not article["rows"]:
            continue
        chances = judge.predict(vectors([row["f"] for row in article["rows"]], names), num_threads=1)
        rows = rows_of(article, chances)
        picked = kept(rows)
        questions = [
            StanceQuestion(
                holder=article["rows"][i]["label"],
                reform=article["rows"][i]["rlabel"],
                sentence=article["rows"][i]["text"],
            )
            for i in picked
        ]
        if not picked:
            found.append({"article": article, "rows": [], "features": [], "sides": []})
            continue
        features = in_context([rows[i] for i in picked], read.reading.answers(questions))
        stances = read.stance.answers(questions)
        found.append(
            {
                "article": article,
                "rows": [article["rows"][i] for i in picked],
                "features": features,
                "sides": [with_stance(some, answer) for some, answer in zip(features, stances, strict=True)],
            }
        )
    return found


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
    options = parser.parse_args()
    stack, test = options.stack.split(","), options.test.split(",")
    rest = sorted({path.stem for path in options.pairs.glob("*.pkl")} - {*stack, *test})
    options.out.mkdir(parents=True, exist_ok=True)
    judge, names = first_judge(load(options.pairs, rest), options.rounds)
    read = encoders(options.encoder)
    seen = {name: staged(load(options.pairs, [name]), judge, names, read) for name in (*stack, *test)}
    second = context_names(names)
    (options.out / "staged.pkl").write_bytes(pickle.dumps((names, second, seen)))
    write(judge, len(names), options.out / "plausible.onnx")
    fit_second(seen, stack, test, second, names, options.out)


def fit_second(
    seen: dict[str, list[dict[str, Any]]],
    stack: Sequence[str],
    test: Sequence[str],
    second: list[str],
    first: list[str],
    out: Path,
) -> None:
    """Fit what decides, with its limits and calibration by leaving out one domain at a time; report on `test`."""
    third = [*second, *STANCE_ANSWERS]

    def fitted(names: Sequence[str]) -> tuple[Any, Any]:
        articles = [article for name in names for article in seen[name]]
        rows = [row for article in articles for row in article["rows"]]
        held = np.array([row["y"] != "none" for row in rows])
        weight = np.array([0.5 if row["arguable"] else 1.0 for row in rows])
        matrix = vectors([some for article in articles for some in article["features"]], second)
        statement = lightgbm.train(SMALL, lightgbm.Dataset(matrix, held, weight=weight), 160)
        sides = vectors([some for article in articles for some in article["sides"]], third)
        stance = lightgbm.train(
            SMALL | {"objective": "multiclass", "num_class": len(STANCES), "min_data_in_leaf": 15},
            lightgbm.Dataset(sides[held], [STANCES.index(row["y"]) for row in rows if row["y"] != "none"]),
            60,
        )
        return statement, stance

    def guess(models: tuple[Any, Any], article: dict[str, Any]) -> tuple[np.ndarray, np.ndarray]:
        if not article["rows"]:
            return np.zeros(0), np.zeros((0, len(STANCES)))
        return models[0].predict(vectors(article["features"], second)), models[1].predict(
            vectors(article["sides"], third)
        )

    guesses: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for name in stack:
        models = fitted([other for other in stack if other != name])
        guesses[name] = [guess(models, article) for article in seen[name]]
    statement, stance = models = fitted(stack)
    for name in test:
        guesses[name] = [guess(models, article) for article in seen[name]]
    limits = limits_of({name: (seen[name], guesses[name]) for name in stack})
    for name in (*stack, *test):
        print(f"{name:28} {report(seen[name], guesses[name], limits)}", flush=True)
    calibration = calibrated({name: (seen[name], guesses[name]) for name in stack})
    write(statement, len(second), out / "statement.onnx")
    write(stance, len(third), out / "stance.onnx")
    (out / "judges.json").write_text(
        json.dumps({"first": first, "second": second, "limits": limits, "calibration": calibration}, indent=1) + "\n",
        encoding="utf-8",
    )


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
