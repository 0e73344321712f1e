"""Models in ONNX: the one module that imports onnxruntime."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime  # type: ignore[import-untyped]  # it ships no types


class Session:
    """A model that calculates in one thread: a worker runs on each core, and sums come in the same order everywhere."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._held = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.inputs: list[str] = [each.name for each in self._held.get_inputs()]

    @property
    def width(self) -> int:
        """Columns of the first output."""
        return int(self._held.get_outputs()[0].shape[1])

    def run(self, inputs: Mapping[str, npt.NDArray[Any]], *, output: int = 0) -> npt.NDArray[np.float32]:
        """Return one output for these inputs; inputs that the model does not know are ignored."""
        name = self._held.get_outputs()[output].name
        found: npt.NDArray[np.float32] = self._held.run([name], {each: inputs[each] for each in self.inputs})[0]
        return found
