"""wake-heavy as it is trained: several members on one lower half of the speech embedding."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np
import tensorflow as tf

import nets
from fit import Scorer

FROZEN_CONVOLUTIONS = 11
"""Of the embedding's twenty: the lower half, which stays as Google trained it."""

layers = tf.keras.layers


def halves(embedding: tf.keras.Model, frozen: int) -> tuple[list[layers.Layer], list[layers.Layer]]:
    """The layers up to and with those of the first `frozen` convolutions, and the rest."""
    stack = list(embedding.layers)
    places = [i for i, layer in enumerate(stack) if isinstance(layer, layers.Conv2D)]
    upper = places[frozen]
    while isinstance(stack[upper - 1], layers.ZeroPadding2D):
        upper -= 1
    return stack[:upper], stack[upper:]


def _chain(stack: list[layers.Layer], inputs: tf.Tensor) -> tf.keras.Model:
    x = inputs
    for layer in stack:
        x = layer(x)
    return tf.keras.Model(inputs, x)


@dataclasses.dataclass
class Verifier:
    """`whole` answers [batch, members, classes]; member i is `uppers[i]` and `heads[i]` on `lower`.

    `embeddings[i]` is member i's embedding from the mel spectrum up, made of the same layers.
    """

    whole: tf.keras.Model
    lower: tf.keras.Model
    uppers: list[tf.keras.Model]
    heads: list[tf.keras.Model]
    embeddings: list[tf.keras.Model]

    @staticmethod
    def build(classes: int, members: int) -> Verifier:
        embeddings = [nets.embedding_net() for _ in range(members)]
        heads = [nets.head_net(classes, name=f"head_{i}") for i in range(members)]
        stack = halves(embeddings[0], FROZEN_CONVOLUTIONS)[0]
        lower = _chain(stack[1:], tf.keras.Input((None, 32, 1)))
        uppers = [
            _chain(halves(embedding, FROZEN_CONVOLUTIONS)[1], tf.keras.Input(lower.output_shape[1:]))
            for embedding in embeddings
        ]
        inputs = tf.keras.Input((nets.SPEECH_FRAMES, 32, 1))
        shared = lower(inputs)
        answers = [head(upper(shared)) for upper, head in zip(uppers, heads, strict=True)]
        stacked = layers.Concatenate(axis=1)([layers.Reshape((1, classes))(answer) for answer in answers])
        return Verifier(tf.keras.Model(inputs, stacked), lower, uppers, heads, embeddings)

    @staticmethod
    def load(path: pathlib.Path, classes: int, members: int) -> Verifier:
        """A trained one."""
        verifier = Verifier.build(classes, members)
        verifier.whole.load_weights(path)
        return verifier

    def scale(self, factor: float) -> None:
        """Multiplies every member's logits, for a mean in which some count more."""
        for head in self.heads:
            last = head.layers[-1]
            last.set_weights([factor * value for value in last.get_weights()])

    def scorer(self) -> Scorer:
        """Mean logits of the members over a whole recording."""
        apart = member_scorer([self])
        return Scorer("speech", apart.classes, lambda features: apart.logits(features).mean(axis=1))

    def trained(self) -> list[tf.Variable]:
        """What fine-tuning changes: the upper halves and the heads."""
        return [v for model in (*self.uppers, *self.heads) for v in model.trainable_variables]


def load_all(paths: list[pathlib.Path], classes: int, members: int, weigh: list[float]) -> list[Verifier]:
    """Trained verifiers, each counting as much in the mean of their members' logits as `weigh` says."""
    verifiers = [Verifier.load(path, classes, members) for path in paths]
    for verifier, weight in zip(verifiers, weigh, strict=True):
        verifier.scale(weight * len(weigh) / sum(weigh))
    return verifiers


def member_scorer(verifiers: list[Verifier]) -> Scorer:
    """Logits of every member apart, [hops, members, classes], of a whole recording."""
    lower = verifiers[0].lower
    pairs = [pair for v in verifiers for pair in zip(v.uppers, v.heads, strict=True)]
    classes = verifiers[0].whole.output_shape[-1]

    def logits(x: tf.Tensor) -> tf.Tensor:
        shared = lower(x, training=False)
        embeddings = [upper(shared, training=False)[0] for upper, _ in pairs]
        windows = [tf.signal.frame(e, nets.HEAD_POSITIONS, 1, axis=0) for e in embeddings]
        return tf.stack([head(w, training=False) for w, (_, head) in zip(windows, pairs, strict=True)], axis=1)

    run = tf.function(logits).get_concrete_function(tf.TensorSpec((1, None, 32, 1), tf.float32))

    def of(features: np.ndarray) -> np.ndarray:
        return run(tf.constant(features)).numpy()

    return Scorer("speech", classes, of)
