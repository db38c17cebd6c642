"""Reads the members of an exported wake-heavy back into Keras, 16-bit rounding and all.

Batch normalisation was folded into a scale and a shift; it comes back as a normalisation that does the same.
"""

from __future__ import annotations

import numpy as np
import onnx
import tensorflow as tf
from onnx import numpy_helper

from verifier import FROZEN_CONVOLUTIONS, Verifier, halves
from wake_data import LABELS

layers = tf.keras.layers


def restore(model: onnx.ModelProto, members: int) -> Verifier:
    """The members in the order of the file; its first convolutions are the embedding's own."""
    verifier = Verifier.build(len(LABELS), members)
    values = [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    names = [tensor.name.rsplit("_", 1)[0] for tensor in model.graph.initializer]
    wanted = {"kernel", "bias", "scale", "shift"}
    weights = [value.astype(np.float32) for name, value in zip(names, values, strict=True) if name in wanted]
    stack = halves(verifier.embeddings[0], FROZEN_CONVOLUTIONS)[0]
    for layer in (layer for layer in stack if isinstance(layer, layers.Conv2D)):
        for own in layer.get_weights():
            value = weights.pop(0)
            if not np.allclose(own, value.transpose(2, 3, 1, 0) if value.ndim == 4 else value, rtol=1e-3, atol=1e-6):
                raise ValueError(f"{layer.name}: expected the speech embedding's own weights")
    for embedding, head in zip(verifier.embeddings, verifier.heads, strict=True):
        upper = halves(embedding, FROZEN_CONVOLUTIONS)[1]
        for layer in (layer for layer in upper if isinstance(layer, layers.Conv2D)):
            count = len(layer.get_weights())
            layer.set_weights(
                [v.transpose(2, 3, 1, 0) if v.ndim == 4 else v for v in (weights.pop(0) for _ in range(count))]
            )
        for layer in head.layers:
            if isinstance(layer, layers.BatchNormalization):
                scale, shift = weights.pop(0).ravel(), weights.pop(0).ravel()
                layer.set_weights([scale, shift, np.zeros_like(scale), np.full_like(scale, 1.0 - layer.epsilon)])
            elif isinstance(layer, layers.Conv1D):
                layer.set_weights([weights.pop(0).transpose(2, 1, 0), weights.pop(0)])
            elif isinstance(layer, layers.Dense):
                layer.set_weights([weights.pop(0), weights.pop(0)])
    if weights:
        raise ValueError(f"expected {members} members, found {len(weights)} tensors more")
    return verifier
