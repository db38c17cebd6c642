"""ONNX files of record, written node by node from the Keras weights: nothing in them that is not needed."""

from __future__ import annotations

import pathlib

import numpy as np
import onnx
import tensorflow as tf
from onnx import TensorProto, helper, numpy_helper

import nets
from features import LOG_MEL, RATE_HZ, SPEECH_FLOOR, SPEECH_MEL
from speech_embedding import spectrum_weights
from verifier import halves

# A speech embedding and the head on it.
Member = tuple[tf.keras.Model, tf.keras.Model]

OPSET = 17
IR_VERSION = 8


class Graph:
    """A chain of nodes under construction."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def constant(self, values: np.ndarray, name: str) -> str:
        unique = f"{name}_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(values), unique))
        return unique

    def half(self, values: np.ndarray, name: str) -> str:
        """A constant kept in 16 bit and widened when the model is loaded: half the bytes."""
        return self.node("Cast", self.constant(values.astype(np.float16), name), to=TensorProto.FLOAT)

    def node(self, kind: str, *inputs: str, output: str | None = None, **attributes: object) -> str:
        name = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def model(self, inputs: dict[str, list[int]], outputs: dict[str, list[int]], doc: str) -> onnx.ModelProto:
        def values(shapes: dict[str, list[int]]) -> list[onnx.ValueInfoProto]:
            return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]

        graph = helper.make_graph(self.nodes, "catnap", values(inputs), values(outputs), self.weights, doc_string=doc)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="catnap")
        model.ir_version = IR_VERSION
        onnx.checker.check_model(model, full_check=True)
        return model


def _normalisation(layer: tf.keras.layers.BatchNormalization) -> tuple[np.ndarray, np.ndarray]:
    """Scale and shift of a trained batch normalisation."""
    gamma, beta, mean, variance = layer.get_weights()
    scale = gamma / np.sqrt(variance + layer.epsilon)
    return scale, beta - mean * scale


def tiny_onnx(model: tf.keras.Model) -> onnx.ModelProto:
    """wake-tiny in float, batch normalisation folded: features [1, 69, 40] -> scores [1, classes]."""
    graph, pads = Graph(), (0, 0)
    x = graph.node("Reshape", "features", graph.constant(np.array([1, 1, -1, LOG_MEL["bands"]]), "shape"))
    stack = model.layers
    for position, layer in enumerate(stack):
        if isinstance(layer, tf.keras.layers.ZeroPadding2D):
            pads = layer.padding[1]
        elif isinstance(layer, tf.keras.layers.Conv2D | tf.keras.layers.DepthwiseConv2D):
            depthwise = isinstance(layer, tf.keras.layers.DepthwiseConv2D)
            kernel = layer.get_weights()[0].transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
            follower = stack[position + 1] if position + 1 < len(stack) else None
            if isinstance(follower, tf.keras.layers.BatchNormalization):
                scale, bias = _normalisation(follower)
                kernel = kernel * scale[:, None, None, None]
            else:
                bias = layer.get_weights()[1]
            x = graph.node(
                "Conv",
                x,
                graph.constant(kernel.astype(np.float32), "kernel"),
                graph.constant(bias.astype(np.float32), "bias"),
                kernel_shape=list(kernel.shape[2:]),
                strides=list(layer.strides),
                pads=[0, pads[0], 0, pads[1]],
                group=kernel.shape[0] if depthwise else 1,
            )
            pads = (0, 0)
        elif isinstance(layer, tf.keras.layers.ReLU):
            x = graph.node("Relu", x)
        elif isinstance(layer, tf.keras.layers.MaxPooling2D):
            x = graph.node("MaxPool", x, kernel_shape=list(layer.pool_size), strides=list(layer.strides))
    classes = model.output_shape[-1]
    x = graph.node("Reshape", x, graph.constant(np.array([1, classes]), "shape"), output="logits")
    graph.node("Softmax", x, axis=-1, output="scores")
    return graph.model(
        {"features": [1, nets.TINY_FRAMES, LOG_MEL["bands"]]},
        {"scores": [1, classes]},
        "Catnap wake-tiny",
    )


def _spectrum(graph: Graph, audio: str) -> str:
    """Audio in [-1, 1] to dB / 10 + 2, shape [1, 1, frames, 32]."""
    size, step = SPEECH_MEL["windowSamples"], SPEECH_MEL["stepSamples"]
    first, fourier, mel = spectrum_weights()
    last = first + fourier.shape[1]
    x = graph.node("Unsqueeze", audio, graph.constant(np.array([1]), "axis"))
    x = graph.node(
        "Slice",
        x,
        graph.constant(np.array([first]), "from"),
        graph.constant(np.array([-(size - last)]), "to"),
        graph.constant(np.array([2]), "axis"),
    )
    x = graph.node("Conv", x, graph.constant(fourier[:, None], "fourier"), kernel_shape=[last - first], strides=[step])
    x = graph.node("Mul", x, x)
    x = graph.node("Transpose", x, perm=[0, 2, 1])
    x = graph.node("MatMul", x, graph.constant(mel, "mel"))
    x = graph.node("Max", x, graph.constant(np.array(SPEECH_FLOOR, np.float32), "floor"))
    x = graph.node("Log", x)
    x = graph.node("Mul", x, graph.constant(np.array(1.0 / np.log(10.0), np.float32), "decade"))
    x = graph.node("Add", x, graph.constant(np.array(2.0, np.float32), "offset"))
    return graph.node("Unsqueeze", x, graph.constant(np.array([1]), "axis"))


def _convolutions(graph: Graph, x: str, stack: list[tf.keras.layers.Layer]) -> str:
    """Layers of the speech embedding, [1, channels, frames, bands] in and out."""
    pads = 0
    for layer in stack:
        if isinstance(layer, tf.keras.layers.ZeroPadding2D):
            pads = 1
        elif isinstance(layer, tf.keras.layers.Conv2D):
            kernel, *bias = layer.get_weights()
            inputs = [x, graph.half(kernel.transpose(3, 2, 0, 1), "kernel")]
            inputs += [graph.constant(b, "bias") for b in bias]
            x = graph.node("Conv", *inputs, kernel_shape=list(layer.kernel_size), pads=[0, pads, 0, pads])
            pads = 0
        elif isinstance(layer, tf.keras.layers.ReLU):
            x = graph.node("LeakyRelu", x, alpha=0.2)
        elif isinstance(layer, nets.Floor):
            x = graph.node("Max", x, graph.constant(np.array(layer.floor, np.float32), "least"))
        elif isinstance(layer, tf.keras.layers.MaxPooling2D):
            x = graph.node("MaxPool", x, kernel_shape=list(layer.pool_size), strides=list(layer.strides))
    return x


def _head(graph: Graph, x: str, model: tf.keras.Model) -> str:
    """[looks, 96, positions] -> logits [looks, classes]."""
    for layer in model.layers:
        if isinstance(layer, tf.keras.layers.BatchNormalization):
            scale, shift = _normalisation(layer)
            x = graph.node("Mul", x, graph.constant(scale[None, :, None].astype(np.float32), "scale"))
            x = graph.node("Add", x, graph.constant(shift[None, :, None].astype(np.float32), "shift"))
        elif isinstance(layer, tf.keras.layers.Conv1D):
            kernel, bias = layer.get_weights()
            x = graph.node(
                "Conv",
                x,
                graph.half(kernel.transpose(2, 1, 0), "kernel"),
                graph.constant(bias, "bias"),
                kernel_shape=list(layer.kernel_size),
            )
            x = graph.node("Relu", x)
        elif isinstance(layer, tf.keras.layers.Concatenate):
            largest = graph.node("ReduceMax", x, axes=[2], keepdims=0)
            mean = graph.node("ReduceMean", x, axes=[2], keepdims=0)
            x = graph.node("Concat", largest, mean, axis=1)
        elif isinstance(layer, tf.keras.layers.Dense):
            kernel, bias = layer.get_weights()
            x = graph.node("Gemm", x, graph.constant(kernel, "kernel"), graph.constant(bias, "bias"))
    return x


def _looks(graph: Graph, x: str, looks: int) -> str:
    """[1, 96, positions] -> the last `looks` windows of 16 positions, [looks, 96, 16]."""
    axis = graph.constant(np.array([2]), "axis")
    windows = [
        graph.node(
            "Slice",
            x,
            graph.constant(np.array([first]), "from"),
            graph.constant(np.array([first + nets.HEAD_POSITIONS]), "to"),
            axis,
        )
        for first in range(looks)
    ]
    return graph.node("Concat", *windows, axis=0) if looks > 1 else windows[0]


def heavy_samples(looks: int) -> int:
    """Samples of audio that hold `looks` windows of two seconds, a hop apart."""
    hop = nets.SPEECH_HOP_FRAMES * SPEECH_MEL["stepSamples"]
    return 2 * RATE_HZ + (looks - 1) * hop


def heavy_onnx(members: list[Member], looks: int, frozen: int, name: str) -> onnx.ModelProto:
    """Audio in [-1, 1] to scores: spectrum, speech embedding and heads in one file.

    Several members share the embedding's first `frozen` convolutions; the answer is the mean of their
    logits, and of `looks` windows a hop of 80 ms apart.
    """
    graph = Graph()
    x = _spectrum(graph, "audio")
    lower, _ = halves(members[0][0], frozen)
    x = _convolutions(graph, x, lower)
    answers = []
    for embedding, head in members:
        same, upper = halves(embedding, frozen)
        for one, other in zip(lower, same, strict=True):
            if not all(map(np.array_equal, one.get_weights(), other.get_weights())):
                raise ValueError(f"{name}: members differ below the convolution they should share")
        y = _convolutions(graph, x, upper)
        y = graph.node("Squeeze", y, graph.constant(np.array([3]), "axis"))
        y = _head(graph, _looks(graph, y, looks), head)
        answers.append(graph.node("ReduceMean", y, axes=[0], keepdims=1))
    logits = graph.node("Mean", *answers) if len(answers) > 1 else answers[0]
    graph.node("Softmax", logits, axis=-1, output="scores")
    classes = members[0][1].output_shape[-1]
    return graph.model({"audio": [1, heavy_samples(looks)]}, {"scores": [1, classes]}, f"Catnap {name}")


def save(model: onnx.ModelProto, path: pathlib.Path) -> int:
    """Writes the file and returns its size in bytes."""
    path.write_bytes(model.SerializeToString())
    return path.stat().st_size
