"""The networks. All convolutions are unpadded in time, so a network trained on windows runs over whole
recordings at once and gives a score per hop: that is how they are evaluated and how negatives are mined."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np
import tensorflow as tf

from speech_embedding import embedding_layers

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

layers = tf.keras.layers

TINY_FRAMES = 69
TINY_HOP_FRAMES = 4
SPEECH_FRAMES = 197
SPEECH_HOP_FRAMES = 8
HEAD_POSITIONS = 16


def _separable(
    x: tf.Tensor, channels: int, kernel: tuple[int, int], strides: tuple[int, int], pad_bands: bool
) -> tf.Tensor:
    if pad_bands:
        side = kernel[1] // 2
        x = layers.ZeroPadding2D(((0, 0), (side, side)))(x)
    # TensorFlow has no depthwise kernel of unequal strides, so those are left to a pool after it.
    even = strides[0] == strides[1]
    x = layers.DepthwiseConv2D(kernel, strides=strides if even else 1, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    if not even:
        x = layers.MaxPooling2D(strides)(x)
    x = layers.Conv2D(channels, 1, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)


def tiny_net(classes: int, bands: int = 40, widths: tuple[int, ...] = (24, 40, 64, 96, 128)) -> tf.keras.Model:
    """wake-tiny: log-mel [batch, frames, bands, 1] -> logits [batch, hops, classes].

    69 frames (1.4 s) give one hop; every 4 frames (80 ms) more give the next.
    """
    first, second, third, fourth, fifth = widths
    inputs = tf.keras.Input((None, bands, 1))
    x = layers.ZeroPadding2D(((0, 0), (2, 2)))(inputs)
    x = layers.Conv2D(first, 5, strides=2, use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU()(x)
    x = _separable(x, second, (3, 3), (1, 2), pad_bands=True)
    x = _separable(x, third, (3, 3), (2, 2), pad_bands=True)
    x = _separable(x, fourth, (3, 3), (1, 1), pad_bands=True)
    x = _separable(x, fifth, (3, 5), (1, 1), pad_bands=False)
    x = _separable(x, fifth, (7, 1), (1, 1), pad_bands=False)
    x = layers.Dropout(0.2)(x)
    x = _separable(x, fifth, (5, 1), (1, 1), pad_bands=False)
    x = layers.Dropout(0.2)(x)
    x = layers.Conv2D(classes, 1)(x)
    return tf.keras.Model(inputs, layers.Reshape((-1, classes))(x), name="tiny")


def embedding_net() -> tf.keras.Model:
    """Google's speech embedding: [batch, frames, 32, 1] of dB / 10 + 2 -> [batch, (frames - 68) // 8, 96]."""
    inputs = tf.keras.Input((None, 32, 1))
    x = inputs
    weights = []
    for kind, value, bias in embedding_layers():
        if kind == "pool":
            x = layers.MaxPooling2D(value, strides=value)(x)
            continue
        height, width, _, filters = value.shape
        if width > 1 and x.shape[2] > 1:
            x = layers.ZeroPadding2D(((0, 0), (1, 1)))(x)
        x = layers.Conv2D(filters, (height, width), use_bias=bias is not None)(x)
        weights += [value] if bias is None else [value, bias]
        if bias is not None:
            x = layers.ReLU(negative_slope=0.2)(x)
            x = Floor(-0.4)(x)
    model = tf.keras.Model(inputs, layers.Reshape((-1, 96))(x), name="embedding")
    model.set_weights(weights)
    return model


@tf.keras.utils.register_keras_serializable("catnap")
class Floor(layers.Layer):
    """max(x, floor), as after every activation of the speech embedding."""

    def __init__(self, floor: float, **options: object) -> None:
        super().__init__(**options)
        self.floor = floor

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return tf.maximum(x, self.floor)

    def get_config(self) -> dict[str, object]:
        return {**super().get_config(), "floor": self.floor}


def head_net(classes: int, width: int = 64, dropout: float = 0.3, name: str = "head") -> tf.keras.Model:
    """Temporal head: embeddings [batch, 16, 96] -> logits [batch, classes]."""
    inputs = tf.keras.Input((HEAD_POSITIONS, 96))
    x = layers.BatchNormalization()(inputs)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv1D(width, 3, activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv1D(width, 5, activation="relu")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Concatenate()([layers.GlobalMaxPooling1D()(x), layers.GlobalAveragePooling1D()(x)])
    x = layers.Dropout(dropout)(x)
    return tf.keras.Model(inputs, layers.Dense(classes)(x), name=name)


def loss_of(logits: tf.Tensor, labels: tf.Tensor, classes: int, smoothing: float) -> tf.Tensor:
    """Cross entropy with label smoothing, per row of `logits`; `labels` may have fewer rows to be repeated."""
    wanted = tf.one_hot(labels, classes)
    wanted = wanted * (1.0 - smoothing) + smoothing / classes
    return tf.nn.softmax_cross_entropy_with_logits(tf.broadcast_to(wanted, tf.shape(logits)), logits)


def cosine(step: int, steps: int, peak: float, warmup: int) -> float:
    """Learning rate: linear warm-up, then half a cosine down to 2 % of the peak."""
    if step < warmup:
        return peak * (step + 1) / warmup
    return peak * (0.02 + 0.98 * 0.5 * (1.0 + np.cos(np.pi * (step - warmup) / (steps - warmup))))
