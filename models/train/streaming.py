"""TFLite networks of one chain of operators as ones that are shown only the frames since they were run last.

No weight changes and nothing is quantised anew. Before a convolution over time stands what the run before saw last: an
input to be joined with what is new, and an output whose last rows are that input of the next run. So every convolution
sums what it sums over the whole window.
"""

from __future__ import annotations

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from manifests import tensor

OPERATOR = schema.BuiltinOperator


class _Graph:
    """A TFLite graph of one chain of operators, and how many rows of time each of its tensors has."""

    def __init__(self, content: bytes) -> None:
        self.model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
        self.graph = self.model.subgraphs[0]
        self.rows: dict[int, int] = {}
        self.states: list[dict[str, str]] = []

    def code(self, operator: schema.OperatorT) -> int:
        found = self.model.operatorCodes[operator.opcodeIndex]
        return max(found.builtinCode, found.deprecatedBuiltinCode)

    def after(self, index: int) -> schema.OperatorT | None:
        """The one operator that takes a tensor."""
        return next((o for o in self.graph.operators if o.inputs[0] == index), None)

    def window(self, operator: schema.OperatorT | None) -> tuple[int, int]:
        """Rows that an operator sees at once, and from one time to the next."""
        if operator is None:
            return 1, 1
        code = self.code(operator)
        if code == OPERATOR.PAD:
            return self.window(self.after(operator.outputs[0]))
        if code in (OPERATOR.CONV_2D, OPERATOR.DEPTHWISE_CONV_2D):
            return int(self.graph.tensors[operator.inputs[1]].shape[1]), operator.builtinOptions.strideH
        if code == OPERATOR.MAX_POOL_2D:
            return operator.builtinOptions.filterHeight, operator.builtinOptions.strideH
        return 1, 1

    def add_tensor(self, name: str, like: int, rows: int) -> int:
        """A tensor of the type and quantisation of another, with so many rows."""
        model, old = self.model, self.graph.tensors[like]
        model.buffers.append(schema.BufferT())
        new = schema.TensorT()
        new.name, new.type, new.quantization = name.encode(), old.type, old.quantization
        new.buffer, new.shape = len(model.buffers) - 1, [old.shape[0], rows, *old.shape[2:]]
        self.graph.tensors.append(new)
        self.rows[len(self.graph.tensors) - 1] = rows
        return len(self.graph.tensors) - 1

    def remember(self, index: int, kept: int) -> schema.OperatorT:
        """Joins what the run before saw last and what is new of a tensor."""
        name = f"state{len(self.states) + 1}"
        before = self.add_tensor(name, index, kept)
        joined = self.add_tensor(f"{name}_out", index, kept + self.rows[index])
        self.after(index).inputs[0] = joined
        join = schema.OperatorT()
        join.opcodeIndex = self.concatenation()
        join.inputs, join.outputs = [before, index], [joined]
        join.builtinOptionsType = schema.BuiltinOptions.ConcatenationOptions
        join.builtinOptions = schema.ConcatenationOptionsT()
        join.builtinOptions.axis = 1
        self.graph.inputs = [*self.graph.inputs, before]
        self.graph.outputs = [*self.graph.outputs, joined]
        self.states.append({"input": name, "output": f"{name}_out"})
        return join

    def concatenation(self) -> int:
        """Index of the operator's code; version 2 knows int8."""
        for index, found in enumerate(self.model.operatorCodes):
            if found.builtinCode == OPERATOR.CONCATENATION:
                return index
        code = schema.OperatorCodeT()
        code.builtinCode = code.deprecatedBuiltinCode = OPERATOR.CONCATENATION
        code.version = 2
        self.model.operatorCodes.append(code)
        return len(self.model.operatorCodes) - 1

    def pass_through(self, operator: schema.OperatorT) -> None:
        """Gives an operator's output the rows that follow from its input's."""
        source, target = operator.inputs[0], operator.outputs[0]
        kernel, stride = (1, 1) if self.code(operator) == OPERATOR.PAD else self.window(operator)
        rows = (self.rows[source] - kernel) // stride + 1
        shape = self.graph.tensors[target].shape
        if len(shape) > 2:
            self.graph.tensors[target].shape = [shape[0], rows, *shape[2:]]
        if self.code(operator) == OPERATOR.RESHAPE:
            # The wanted shape is a constant of its own.
            wanted = np.array(self.graph.tensors[target].shape, dtype=np.int32)
            self.model.buffers[self.graph.tensors[operator.inputs[1]].buffer].data = np.frombuffer(
                wanted.tobytes(), dtype=np.uint8
            )
        self.rows[target] = rows


def streamed(content: bytes, hop_frames: int) -> tuple[bytes, list[dict[str, str]]]:
    """A network of a window of frames as one of the latest and its state; the pairs of that."""
    chain = _Graph(content)
    graph = chain.graph
    first, features = graph.operators[0], graph.inputs[0]
    while chain.window(first) == (1, 1):
        first = chain.after(first.outputs[0])
    kernel, stride = chain.window(first)
    chain.rows[features] = hop_frames + kernel - stride
    graph.tensors[features].shape = [1, chain.rows[features], *graph.tensors[features].shape[2:]]
    operators, seen_first = [], False
    for operator in list(graph.operators):
        chain.pass_through(operator)
        operators.append(operator)
        seen_first = seen_first or operator is first
        kernel, stride = chain.window(chain.after(operator.outputs[0]))
        if seen_first and chain.code(operator) != OPERATOR.PAD and kernel > stride:
            operators.append(chain.remember(operator.outputs[0], kernel - stride))
    graph.operators = operators
    return bytes(flatbuffer_utils.convert_object_to_bytearray(chain.model)), chain.states


def runner(content: bytes) -> tuple[tf.lite.Interpreter, list[dict], list[dict]]:
    interpreter = tf.lite.Interpreter(model_content=content, num_threads=1)
    interpreter.allocate_tensors()
    return interpreter, interpreter.get_input_details(), interpreter.get_output_details()


def furthest_apart(
    windowed: bytes, content: bytes, states: list[dict[str, str]], frames: np.ndarray, hop_frames: int
) -> float:
    """By how much anything they say differs between both networks, over frames [n, bands] of one recording."""
    whole, (window, *_), (wanted, *_) = runner(windowed)
    part, inputs, outputs = runner(content)
    places = {found["name"]: found for found in [*inputs, *outputs]}
    latest, seen = int(inputs[0]["shape"][1]), int(window["shape"][1])
    apart = 0.0
    for end in range(latest, len(frames) + 1, hop_frames):
        part.set_tensor(inputs[0]["index"], frames[end - latest : end].reshape(inputs[0]["shape"]))
        part.invoke()
        for pair in states:
            rows = int(places[pair["input"]]["shape"][1])
            part.set_tensor(places[pair["input"]]["index"], part.get_tensor(places[pair["output"]]["index"])[:, -rows:])
        if end < seen + latest:
            continue
        whole.set_tensor(window["index"], frames[end - seen : end].reshape(window["shape"]))
        whole.invoke()
        scores = part.get_tensor(outputs[0]["index"]) - whole.get_tensor(wanted["index"])
        apart = max(apart, float(np.abs(scores).max()))
    return apart


def tensor_of(found: dict) -> dict[str, object]:
    scale, zero = found["quantization"]
    described = tensor(found["name"], [int(size) for size in found["shape"]])
    if scale == 0.0:
        return described
    # The shortest decimal that is the same float32.
    quantisation = {"scale": float(str(np.float32(scale))), "zeroPoint": int(zero)}
    return {**described, "dtype": np.dtype(found["dtype"]).name, "quantisation": quantisation}


def described(path: pathlib.Path) -> dict[str, object]:
    """Tensors of a file, for the manifest."""
    _, inputs, outputs = runner(path.read_bytes())
    return {"inputs": [tensor_of(found) for found in inputs], "outputs": [tensor_of(found) for found in outputs]}
