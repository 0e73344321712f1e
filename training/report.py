"""Score decisions on annotated articles as the annotation guidelines' measure does, and choose limits by it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from extract.judging.choosing import JudgedClaim, chosen, settled
from extract.judging.claims import STANCES, ClaimJudgement, Limits
from graph.model import Stance, combine

Guess = tuple[np.ndarray, np.ndarray]
Gold = Mapping[tuple[str, str], Sequence[tuple[Stance, bool]]]
"""By actor and reform: each stance, and whether it is a clear one."""


def prepared(seen: Sequence[dict[str, Any]], guesses: Sequence[Guess]) -> list[tuple[list[JudgedClaim], Gold]]:
    """Return the claims and the annotations of articles, prepared for comparison."""
    made = []
    for article, (chance, sides) in zip(seen, guesses, strict=True):
        claims = [
            JudgedClaim(
                sentence=row["s"],
                actor=row["who"],
                reform=row["reform"],
                by_rule=bool(row["f"].get("holder: rule")),
                verdict=ClaimJudgement(holds=float(p), sides=dict(zip(STANCES, map(float, side), strict=True))),
            )
            for row, p, side in zip(article["rows"], chance, sides, strict=True)
        ]
        gold: dict[tuple[str, str], list[tuple[Stance, bool]]] = defaultdict(list)
        for record in article["article"]["gold"]:
            sure = record["certainty"] != "arguable"
            gold[record["who"], record["reform"]].append((Stance(record["stance"]), sure))
        made.append((claims, gold))
    return made


def counts(articles: Sequence[tuple[list[JudgedClaim], Gold]], limits: Limits) -> np.ndarray:
    """Return positions found, right among them, clear in the annotation, hit, and pairs hit."""
    total = np.zeros(6)
    for claims, gold in articles:
        stances = settled(claims, chosen(claims, limits), limits)
        total += _article(gold, [(claims[i], stance) for i, stance in stances.items()])
    return total


def _article(gold: Gold, claims: Sequence[tuple[JudgedClaim, Stance]]) -> np.ndarray:
    accepted, clear = {}, {}
    for pair, records in gold.items():
        sure = [stance for stance, certain in records if certain]
        accepted[pair] = {combine([stance for stance, _ in records])} | ({combine(sure)} if sure else set())
        if sure and combine(sure) is not Stance.NEUTRAL:
            clear[pair] = combine(sure)
    found: dict[tuple[str, str], list[Stance]] = defaultdict(list)
    for claim, stance in claims:
        found[claim.actor, claim.reform].append(stance)
    side = {pair: combine(stances) for pair, stances in found.items()}
    side = {pair: stance for pair, stance in side.items() if stance is not Stance.NEUTRAL}
    wrong = [
        p
        for p, s in side.items()
        if p not in gold
        or (p in clear and s not in accepted[p])
        or (p not in clear and accepted[p] == {Stance.NEUTRAL})
    ]
    loose = [
        p
        for p, s in side.items()
        if p in gold and p not in clear and s not in accepted[p] and accepted[p] != {Stance.NEUTRAL}
    ]
    near = [p for p in clear if p in side]
    hit = [p for p in near if side[p] in accepted[p]]
    counted = len(side) - len(loose)
    return np.array([counted, counted - len(wrong), len(clear), len(hit), len(near), sum(p in gold for p in side)])


def f1(total: np.ndarray) -> float:
    """Return position F1 of such counts."""
    found, right, clear, hit = total[:4]
    precision, recall = right / max(1, found), hit / max(1, clear)
    return float(2 * precision * recall / max(1e-9, precision + recall))


GRID = {
    "position": np.arange(0.2, 0.66, 0.05),
    "statement": np.arange(0.15, 0.66, 0.1),
    "leaning": np.array([0.55, 0.6, 0.65, 0.7, 0.8, 1.1]),
    "plain": np.array([0.6, 0.7, 0.8, 0.9, 1.1]),
}


def limits_of(stack: dict[str, Any]) -> dict[str, float]:
    """Choose the limits with the best position F1 on left-out domains, one after the other."""
    ready = [prepared(seen, guesses) for seen, guesses in stack.values()]
    best: dict[str, float] = {"position": 0.4, "statement": 0.3, "leaning": 0.65, "plain": 0.8}
    for _ in range(2):
        for name, values in GRID.items():
            scores = []
            for value in values:
                limits = Limits(**{**best, name: float(value)})
                scores.append(np.mean([f1(counts(articles, limits)) for articles in ready]))
            best[name] = round(float(values[int(np.argmax(scores))]), 3)
    return best


def report(seen: Sequence[dict[str, Any]], guesses: Sequence[Guess], limits: dict[str, float]) -> str:
    """Return one line of figures."""
    total = counts(prepared(seen, guesses), Limits(**limits))
    found, right, clear, hit, near, _ = total
    return (
        f"position F1 {f1(total):.3f}  precision {right / max(1, found):.3f}  recall {hit / max(1, clear):.3f}  "
        f"pair {pair_f1(total):.3f}  stance {hit / max(1, near):.3f}  found {found:.0f} of {clear:.0f}"
    )


def pair_f1(total: np.ndarray) -> float:
    """Return the F1 of pairs of actor and reform, whatever the stance."""
    found, _, clear, _, near, pairs = total
    p, r = pairs / max(1, found), near / max(1, clear)
    return float(2 * p * r / max(1e-9, p + r))


def table(groups: Mapping[str, tuple[Sequence[dict[str, Any]], Sequence[Guess]]], limits: dict[str, float]) -> str:
    """Return the figures of groups of articles as a Markdown table, with 95 % bootstrap intervals over articles."""
    lines = ["| articles | number | position F1 | 95 % | pair F1 | stance |", "| --- | --- | --- | --- | --- | --- |"]
    chance = np.random.default_rng(1)
    for name, (seen, guesses) in groups.items():
        each = np.array([counts([one], Limits(**limits)) for one in prepared(seen, guesses)])
        total = each.sum(axis=0)
        drawn = [f1(each[chance.integers(0, len(each), len(each))].sum(axis=0)) for _ in range(1000)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        lines.append(
            f"| {name} | {len(each)} | {f1(total):.2f} | {low:.2f}–{high:.2f} | {pair_f1(total):.2f} "
            f"| {total[3] / max(1, total[4]):.2f} |"
        )
    return "\n".join(lines)


def by_genre(
    groups: Mapping[str, tuple[Sequence[dict[str, Any]], Sequence[Guess]]],
) -> dict[str, tuple[list[dict[str, Any]], list[Guess]]]:
    """Return the articles of several groups sorted by genre, the most frequent genre first."""
    found: dict[str, tuple[list[dict[str, Any]], list[Guess]]] = {}
    for seen, guesses in groups.values():
        for article, guess in zip(seen, guesses, strict=True):
            held = found.setdefault(article["article"]["genre"] or "not said", ([], []))
            held[0].append(article)
            held[1].append(guess)
    return dict(sorted(found.items(), key=lambda item: -len(item[1][0])))
