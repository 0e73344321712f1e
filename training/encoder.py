"""Fine-tune the encoder that judges (holder, reform, sentence), and write it as an int8 ONNX model.

    python training/encoder.py examples.jsonl --base DIR --out extract/encoder [--left-out schools,prisons] [--epochs 3]

`examples.jsonl` comes from `training/examples.py`. The base weights (all-MiniLM-L6-v2, Apache-2.0) are checked by
SHA-256 first. A checkpoint after each epoch lets a stopped run continue; a seed makes two runs decide alike.
Needs the extra `train` (PyTorch, transformers, onnx, onnxruntime).
"""

import argparse
import hashlib
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from training.exporting import LONGEST, export

BASE = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the base model's `model.safetensors`."""
CLASSES = ("none", "support", "mixed", "oppose", "neutral")
FROZEN = 2
"""Layers that keep their base weights, as do the embeddings: half the time, the same accuracy on areas left out."""


def text_pair(holder: str, reform: str, sentence: str) -> tuple[str, str]:
    """Return the two segments that the encoder reads."""
    return f"{holder} on {reform}", sentence


class Judge(torch.nn.Module):
    """The encoder with mean pooling and one layer of five classes."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base)
        self.head = torch.nn.Linear(self.body.config.hidden_size, len(CLASSES))
        frozen = [self.body.embeddings, *self.body.encoder.layer[:FROZEN]]
        for part in frozen:
            for parameter in part.parameters():
                parameter.requires_grad = False

    def forward(self, ids: torch.Tensor, types: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the five logits of each example: ids, types and mask are (batch, tokens)."""
        hidden = self.body(input_ids=ids, token_type_ids=types, attention_mask=mask).last_hidden_state
        weight = mask[..., None].to(hidden.dtype)
        pooled = (hidden * weight).sum(1) / weight.sum(1)
        logits: torch.Tensor = self.head(torch.nn.functional.dropout(pooled, 0.1, self.training))
        return logits


def batches(rows: Sequence[dict], tokenizer: Tokenizer, size: int, shuffle: random.Random | None) -> Iterator[tuple]:
    """Yield batches of about equal length, as tensors, with the numbers of their rows."""
    encoded = [tokenizer.encode(*text_pair(row["holder"], row["reform"], row["sentence"])) for row in rows]
    order = list(range(len(rows)))
    if shuffle:
        shuffle.shuffle(order)
    order.sort(key=lambda i: len(encoded[i].ids) // 8)
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    if shuffle:
        shuffle.shuffle(groups)
    for group in groups:
        longest = max(len(encoded[i].ids) for i in group)
        tensors = [torch.zeros(len(group), longest, dtype=torch.long) for _ in range(3)]
        for row, i in enumerate(group):
            count = len(encoded[i].ids)
            for tensor, values in zip(tensors, (encoded[i].ids, encoded[i].type_ids, [1] * count), strict=True):
                tensor[row, :count] = torch.tensor(values)
        yield group, *tensors


def evaluate(model: Judge, rows: Sequence[dict], tokenizer: Tokenizer) -> str:
    """Return the accuracy of stances on annotated statements, and the AUC of statements against the rest."""
    model.eval()
    scores = np.zeros((len(rows), len(CLASSES)))
    with torch.no_grad():
        for group, ids, types, mask in batches(rows, tokenizer, 32, None):
            scores[group] = model(ids, types, mask).softmax(-1).numpy()
    model.train()
    truth = np.array([CLASSES.index(row["stance"]) for row in rows])
    held = truth > 0
    stance = scores[:, 1:].argmax(1) + 1
    sided = (truth == 1) | (truth == 3)
    right = ((scores[:, 1] > scores[:, 3]) == (truth == 1))[sided].mean()
    order = np.argsort(1 - scores[:, 0])
    ranks = np.empty(len(rows))
    ranks[order] = np.arange(1, len(rows) + 1)
    auc = (ranks[held].sum() - held.sum() * (held.sum() + 1) / 2) / max(1, held.sum() * (~held).sum())
    return f"stance {np.mean(stance[held] == truth[held]):.3f}  support or oppose {right:.3f}  statement AUC {auc:.3f}"


def train(options: argparse.Namespace) -> None:
    """Train, report on what is left out after each epoch, and export."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    digest = hashlib.sha256((options.base / "model.safetensors").read_bytes()).hexdigest()
    if digest != BASE:
        raise SystemExit(f"{options.base}: not the expected base weights (SHA-256 {digest[:8]}…)")
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    rows = [json.loads(line) for line in options.examples.read_text(encoding="utf-8").splitlines()]
    left_out = set(filter(None, options.left_out.split(",")))
    kept = [row for row in rows if row["domain"] not in left_out]
    model = Judge(options.base)
    if options.start:
        state = torch.load(options.start)
        model.body.load_state_dict(state["body"])
        model.head.load_state_dict(state["head"])
    rates = (options.rate, 10 * options.rate)
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in model.body.parameters() if p.requires_grad], "lr": rates[0]},
            {"params": model.head.parameters(), "lr": rates[1]},
        ],
        weight_decay=0.01,
    )
    steps = options.epochs * (len(kept) // options.batch + 1)
    checkpoint = options.out.with_suffix(".checkpoint")
    step = first = 0
    if checkpoint.is_file():
        held = torch.load(checkpoint)
        model.load_state_dict(held["model"])
        optimiser.load_state_dict(held["optimiser"])
        step, first = held["step"], held["epoch"]
    started = time.monotonic()
    print(f"{len(kept)} examples, {steps} steps, left out: {', '.join(sorted(left_out)) or 'none'}", flush=True)
    for epoch in range(first, options.epochs):
        shuffle = random.Random(options.seed + epoch)
        for group, ids, types, mask in batches(kept, tokenizer, options.batch, shuffle):
            for part, rate in zip(optimiser.param_groups, rates, strict=True):
                part["lr"] = rate * min(1.0, (step + 1) / 100) * max(0.02, 1 - step / steps)
            truth = torch.tensor([CLASSES.index(kept[i]["stance"]) for i in group])
            weight = torch.tensor([kept[i]["weight"] for i in group])
            loss = torch.nn.functional.cross_entropy(
                model(ids, types, mask), truth, reduction="none", label_smoothing=0.05
            )
            (loss * weight).mean().backward()
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            if step % 100 == 0:
                print(f"step {step} of {steps}, {time.monotonic() - started:.0f} s", flush=True)
            if step % 500 == 0:
                torch.save(model.state_dict(), checkpoint.with_suffix(".part"))
        torch.save(
            {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "step": step, "epoch": epoch + 1},
            checkpoint,
        )
        for name in sorted(left_out & set(options.report.split(","))):
            print(
                f"epoch {epoch + 1}  {name:24} ",
                evaluate(model, [r for r in rows if r["domain"] == name], tokenizer),
                flush=True,
            )
    export(
        model,
        options.base / "tokenizer.json",
        options.out,
        names=("ids", "types", "mask"),
        texts=(f"{r['holder']} {r['reform']} {r['sentence']}" for r in rows),
    )


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="folder with the base model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="weights to begin with in place of the base model's")
    parser.add_argument("--left-out", default="", help="domains to report on, not to train on; comma-separated")
    parser.add_argument("--report", default="", help="which of them to report on after each epoch")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
