"""Fine-tune the larger encoder, which decides what a statement is and which side it takes, as an int8 ONNX model.

    python training/stance.py examples.jsonl --base DIR --out extract/encoder/stance [--left-out schools,prisons]

The base is the lower half of all-mpnet-base-v2 (Apache-2.0), checked by SHA-256; its embeddings and first two layers
stay unchanged. `--minutes` bounds the time; the learning rate falls to its end. `--start` continues from weights
that were written before: the same left-out areas must have been left out of them.
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

from extract.judging.encoder import CLASSES, LONGEST, StanceQuestion
from training.exporting import export, imported

BASE = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
"""SHA-256 of the base model's `model.safetensors`."""
LAYERS = 6
FROZEN = 2


class StanceJudge(torch.nn.Module):
    """The lower layers of the base with mean pooling and one layer of five classes."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.body = AutoModel.from_pretrained(base)
        self.body.encoder.layer = self.body.encoder.layer[:LAYERS]
        self.body.pooler = None
        self.head = torch.nn.Linear(self.body.config.hidden_size, len(CLASSES))
        for part in (self.body.embeddings, *self.body.encoder.layer[:FROZEN]):
            for parameter in part.parameters():
                parameter.requires_grad = False

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Return the five logits of each example: ids and mask are (batch, tokens)."""
        hidden = self.body(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask[..., None].to(hidden.dtype)
        pooled = (hidden * weight).sum(1) / weight.sum(1)
        logits: torch.Tensor = self.head(torch.nn.functional.dropout(pooled, 0.1, self.training))
        return logits


def question(row: dict) -> StanceQuestion:
    """Return an example as the reader asks it."""
    return StanceQuestion(holder=row["holder"], reform=row["reform"], sentence=row["sentence"], before=row["before"])


def batches(rows: Sequence[dict], tokenizer: Tokenizer, size: int, shuffle: random.Random | None) -> Iterator[tuple]:
    """Yield batches of about equal length, as tensors, with the numbers of their rows."""
    ids = [tokenizer.encode(*question(row).in_context).ids for row in rows]
    order = list(range(len(rows)))
    if shuffle:
        shuffle.shuffle(order)
    order.sort(key=lambda i: len(ids[i]) // 8)
    groups = [order[i : i + size] for i in range(0, len(order), size)]
    if shuffle:
        shuffle.shuffle(groups)
    for group in groups:
        longest = max(len(ids[i]) for i in group)
        tokens = torch.ones(len(group), longest, dtype=torch.long)
        mask = torch.zeros(len(group), longest, dtype=torch.long)
        for place, i in enumerate(group):
            tokens[place, : len(ids[i])] = torch.tensor(ids[i])
            mask[place, : len(ids[i])] = 1
        yield group, tokens, mask


def evaluate(model: StanceJudge, rows: Sequence[dict], tokenizer: Tokenizer) -> str:
    """Return how often statements are recognised, their stance is right, and support told from opposition."""
    model.eval()
    scores = np.zeros((len(rows), len(CLASSES)))
    with torch.no_grad():
        for group, tokens, mask in batches(rows, tokenizer, 16, None):
            scores[group] = model(tokens, mask).numpy()
    model.train()
    truth = np.array([CLASSES.index(row["stance"]) for row in rows])
    held, sided = truth > 0, (truth == 1) | (truth == 3)
    stance = (scores[:, 1:].argmax(1) + 1 == truth)[held].mean()
    right = ((scores[:, 1] > scores[:, 3]) == (truth == 1))[sided].mean()
    found = ((scores[:, 1:].max(1) > scores[:, 0]) == held).mean()
    return f"statement or none {found:.3f}  stance {stance:.3f}  support or oppose {right:.3f}"


def train(options: argparse.Namespace) -> None:
    """Train until the time is over, report on what is left out, and export."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    if hashlib.sha256((options.base / "model.safetensors").read_bytes()).hexdigest() != BASE:
        raise SystemExit(f"{options.base}: not the expected base weights")
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    rows = [json.loads(line) for line in options.examples.read_text(encoding="utf-8").splitlines()]
    left_out = set(filter(None, options.left_out.split(",")))
    kept = [row for row in rows if row["domain"] not in left_out]
    model = StanceJudge(options.base)
    if options.start is not None:
        model.load_state_dict(imported(options.start, model.state_dict()))
    rates = (options.rate, 20 * options.rate)
    optimiser = torch.optim.AdamW(
        [
            {"params": [p for p in model.body.parameters() if p.requires_grad]},
            {"params": model.head.parameters()},
        ],
        weight_decay=0.01,
    )
    started, step, epoch = time.monotonic(), 0, 0
    while (done := (time.monotonic() - started) / (60 * options.minutes)) < 1:
        for group, tokens, mask in batches(kept, tokenizer, 16, random.Random(options.seed + epoch)):
            done = (time.monotonic() - started) / (60 * options.minutes)
            if done >= 1:
                break
            for part, rate in zip(optimiser.param_groups, rates, strict=True):
                part["lr"] = rate * min(1.0, (step + 1) / 60) * max(0.03, 1 - done)
            truth = torch.tensor([CLASSES.index(kept[i]["stance"]) for i in group])
            weight = torch.tensor([kept[i]["weight"] for i in group])
            loss = torch.nn.functional.cross_entropy(model(tokens, mask), truth, reduction="none", label_smoothing=0.05)
            (loss * weight).mean().backward()
            optimiser.step()
            optimiser.zero_grad()
            step += 1
            if step % 200 == 0:
                torch.save(model.state_dict(), options.out.with_suffix(".weights"))
            if step % 50 == 0:
                print(f"step {step}, {100 * done:.0f} % of the time, loss {loss.mean():.2f}", flush=True)
        epoch += 1
    torch.save(model.state_dict(), options.out.with_suffix(".weights"))
    for name in sorted(left_out):
        some = [row for row in rows if row["domain"] == name]
        if some:
            print(f"{name:28} {evaluate(model, some, tokenizer)}", flush=True)
    texts = (f"{row['holder']} {row['reform']} {row['before']} {row['sentence']}" for row in rows)
    export(model, options.base / "tokenizer.json", options.out, names=("ids", "mask"), texts=texts)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", type=Path)
    parser.add_argument("--base", type=Path, required=True, help="folder with the base model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path, help="folder with weights to continue from")
    parser.add_argument("--left-out", default="", help="domains to report on, not to train on; comma-separated")
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=4e-5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
