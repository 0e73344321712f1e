"""Write a trained encoder as an int8 ONNX model with the part of its vocabulary that English policy texts need."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

LONGEST = 96
"""Tokens of one example; longer ones are cut."""
COMMON = 15_000
"""Entries at the head of the vocabulary that stay in any case: the commonest words and all pieces of one letter."""


def export(model: torch.nn.Module, tokenizer: Path, out: Path, *, names: Sequence[str], texts: Iterable[str]) -> None:
    """Write `model.onnx` and `tokenizer.json`; `names` are the model's inputs, `texts` what it was trained on.

    Weights have seven bits: with eight, processors without VNNI saturate and give other results than those with it.
    """
    out.mkdir(parents=True, exist_ok=True)
    kept = _kept(tokenizer, texts)
    _shrink(tokenizer, kept, out / "tokenizer.json")
    words = model.body.embeddings.word_embeddings
    smaller = torch.nn.Embedding(len(kept), words.embedding_dim, padding_idx=words.padding_idx)
    smaller.weight.data = words.weight.data[torch.tensor(kept)]
    model.body.embeddings.word_embeddings = smaller
    model.eval()
    whole = out / "whole.onnx"
    sample = tuple(torch.ones(2, 8, dtype=torch.long) for _ in names)
    torch.onnx.export(
        model,
        sample,
        str(whole),
        input_names=list(names),
        output_names=["logits"],
        dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names} | {"logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    quantize_dynamic(
        str(whole), str(out / "model.onnx"), weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
    )
    whole.unlink()


def imported(folder: Path, state: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the weights of an exported model as a state to continue from, with 7 bits of precision.

    Embeddings stay those of `state`, as the export holds a part of the vocabulary. A head of another size is laid into
    the last rows of the new one.
    """
    held = onnx.load(str(folder / "model.onnx"))
    stored = {each.name: torch.tensor(onnx.numpy_helper.to_array(each)) for each in held.graph.initializer}

    def whole(name: str) -> torch.Tensor:
        return (stored[f"{name}_quantized"].float() - stored[f"{name}_zero_point"].float()) * stored[f"{name}_scale"]

    found = dict(state)
    found |= {name: value for name, value in stored.items() if name in found and "embeddings" not in name}
    for node in held.graph.node:
        if node.op_type == "MatMulInteger":
            place = node.output[0].partition("/MatMul_output")[0].strip("/").replace("/", ".")
            if f"{place}.weight" in found:
                found[f"{place}.weight"] = whole(node.input[1].removesuffix("_quantized")).T.contiguous()
    head = found["head.weight"] = torch.zeros_like(state["head.weight"])
    bias = torch.full_like(state["head.bias"], 0.0)
    kept = whole("head.weight_Transposed")
    kept = kept if kept.shape[1] == head.shape[1] else kept.T
    head[-len(kept) :] = kept
    bias[-len(kept) :] = stored["head.bias"]
    found["head.bias"] = bias
    return found


def _kept(tokenizer: Path, texts: Iterable[str]) -> list[int]:
    """Return the ids of the vocabulary that stay, in order."""
    whole = Tokenizer.from_file(str(tokenizer))
    whole.no_padding()
    whole.no_truncation()
    seen = {i for text in texts for i in whole.encode(text).ids}
    vocabulary = json.loads(tokenizer.read_text(encoding="utf-8"))
    special = {each["id"] for each in vocabulary["added_tokens"]}
    pieces = {i for piece, i in vocabulary["model"]["vocab"].items() if len(piece.removeprefix("##")) == 1}
    return sorted(seen | special | pieces | set(range(COMMON)))


def _shrink(tokenizer: Path, kept: Sequence[int], out: Path) -> None:
    """Write the tokeniser with the kept ids renumbered; the first ones keep their numbers."""
    told = json.loads(tokenizer.read_text(encoding="utf-8"))
    new = {old: number for number, old in enumerate(kept)}
    told["model"]["vocab"] = {piece: new[i] for piece, i in told["model"]["vocab"].items() if i in new}
    for each in told["added_tokens"]:
        each["id"] = new[each["id"]]
    told["padding"] = None
    told["truncation"] = None
    out.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
