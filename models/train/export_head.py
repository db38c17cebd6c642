"""A layer of hidden units on pooled encoder frames, as it ships: ONNX and TFLite files of 16-bit weights."""

from __future__ import annotations

import numpy as np
import onnx
import tensorflow as tf

import moonshine
from export_onnx import Graph
from export_tflite import compact
from train_commands import Head


def rounded(head: Head) -> Head:
    """Weights that 16 bit hold exactly, so that both files say the same."""
    return Head(*(weights.astype(np.float16).astype(np.float32) for weights in vars(head).values()))


def head_onnx(head: Head, segments: int, name: str) -> onnx.ModelProto:
    """Means of encoder frames over so many parts -> scores; the large kernel is kept in 16 bit."""
    graph = Graph()
    x = graph.node("Reshape", "segments", graph.constant(np.array([1, -1]), "shape"))
    kernel = graph.node("Cast", graph.constant(head.kernel.astype(np.float16), "kernel"), to=onnx.TensorProto.FLOAT)
    x = graph.node("Gemm", x, kernel, graph.constant(head.bias, "bias"))
    x = graph.node("Relu", x)
    x = graph.node("Gemm", x, graph.constant(head.out, "out"), graph.constant(head.offset, "offset"))
    graph.node("Softmax", x, axis=-1, output="scores")
    return graph.model({"segments": shape_of(segments)}, {"scores": [1, len(head.offset)]}, f"Catnap {name}")


def head_tflite(head: Head, segments: int) -> bytes:
    """The same as a TFLite file with the same tensor names; the interpreter widens 16 bit when it loads them."""

    @tf.function(input_signature=[tf.TensorSpec(shape_of(segments), tf.float32, name="segments")])
    def run(segments: tf.Tensor) -> dict[str, tf.Tensor]:
        hidden = tf.nn.relu(tf.matmul(tf.reshape(segments, (1, -1)), head.kernel) + head.bias)
        return {"scores": tf.nn.softmax(tf.matmul(hidden, head.out) + head.offset)}

    converter = tf.lite.TFLiteConverter.from_concrete_functions([run.get_concrete_function()])
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS]
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.target_spec.supported_types = [tf.float16]
    return compact(converter.convert(), "segments")


def shape_of(segments: int) -> list[int]:
    """What a head is shown."""
    return [1, segments, moonshine.CHANNELS]
