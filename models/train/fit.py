"""One training loop for the wake models: draw, step, and now and then mine what fools the model."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable

import numpy as np
import tensorflow as tf

import nets
from features import SPEECH_FLOOR, log_mel
from wake_data import OTHER, WindowSampler


def tiny_features(power: np.ndarray) -> np.ndarray:
    """What wake-tiny sees, of linear power."""
    return log_mel(power)


def speech_features(power: np.ndarray) -> np.ndarray:
    """What the speech embedding sees, of linear power at 16-bit scale: dB / 10 + 2, floored at 0 dB."""
    return np.log10(np.maximum(power, SPEECH_FLOOR), dtype=np.float32) + 2.0


@dataclasses.dataclass(frozen=True)
class Plan:
    """How long and how hard to train."""

    steps: int
    batch: int
    peak_rate: float
    positive_share: float
    mine_at: tuple[float, ...]
    smoothing: float = 0.02
    weight_decay: float = 1e-4


def fit(
    model: tf.keras.Model,
    sampler: WindowSampler,
    plan: Plan,
    features: Callable[[np.ndarray], np.ndarray],
    *,
    mine: Callable[[], list[tuple[int, int]]] | None = None,
    variables: list[tf.Variable] | None = None,
) -> None:
    """Trains in place with AdamW, a cosine rate, label smoothing and hard-negative mining.

    The model's answer is [batch, hops or members, classes]; each member weighs examples as the sampler says.
    """
    trained = model.trainable_variables if variables is None else variables
    classes = int(model.output_shape[-1])
    optimiser = tf.keras.optimizers.AdamW(plan.peak_rate, weight_decay=plan.weight_decay, clipnorm=1.0)
    optimiser.build(trained)

    @tf.function(reduce_retracing=True)
    def step(inputs: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = tf.reshape(model(inputs, training=True), (tf.shape(weights)[0], -1, classes))
            each = nets.loss_of(logits, labels[:, None], classes, plan.smoothing) * weights
            # Members share no trained variable, so the sum of their losses trains each by its own.
            loss = tf.reduce_sum(tf.reduce_mean(each, axis=0))
        optimiser.apply_gradients(zip(tape.gradient(loss, trained), trained, strict=True))
        return loss

    mine_steps = {int(share * plan.steps) for share in plan.mine_at}
    began, running = time.monotonic(), None
    for index in range(plan.steps):
        if mine is not None and index in mine_steps:
            sampler.hard = mine()
            print(f"  mined {len(sampler.hard)} hard negatives at {time.monotonic() - began:.0f} s", flush=True)
        power, labels = sampler.batch(plan.batch, plan.positive_share)
        inputs = features(power)
        sampler.augment.mask(inputs, sampler.rng, float(inputs.mean()))
        optimiser.learning_rate = nets.cosine(index, plan.steps, plan.peak_rate, plan.steps // 20 + 1)
        loss = float(step(tf.constant(inputs[..., None]), tf.constant(labels), tf.constant(sampler.weights)))
        loss /= sampler.weights.shape[1]
        running = loss if running is None else 0.98 * running + 0.02 * loss
        if index % 100 == 99:
            print(f"  step {index + 1} loss {running:.4f} at {time.monotonic() - began:.0f} s", flush=True)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Row-wise softmax."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


class Scorer:
    """Scores of a whole recording, hop by hop, from a network that is unpadded in time."""

    def __init__(self, kind: str, classes: int, logits: Callable[[np.ndarray], np.ndarray]) -> None:
        self.kind, self.classes, self.logits = kind, classes, logits
        tiny = kind == "tiny"
        self.frames = nets.TINY_FRAMES if tiny else nets.SPEECH_FRAMES
        self.hop = nets.TINY_HOP_FRAMES if tiny else nets.SPEECH_HOP_FRAMES
        self.features = tiny_features if tiny else speech_features

    def __call__(self, log_power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(logits [hops, classes], last frame of each hop); silence stands before the recording."""
        frames = len(log_power)
        if frames == 0:
            return np.zeros((0, self.classes), np.float32), np.zeros(0, np.int64)
        after = -frames % self.hop
        padded = np.full((self.frames - self.hop + frames + after, log_power.shape[1]), -23.0, np.float32)
        padded[self.frames - self.hop : self.frames - self.hop + frames] = log_power
        hiss = np.float32(1e-4 if self.kind == "tiny" else 30.0)
        inputs = self.features(np.exp(padded) + hiss * 0.1)
        logits = self.logits(inputs[None, ..., None])
        return logits, np.arange(len(logits)) * self.hop + self.hop


def tiny_scorer(model: tf.keras.Model) -> Scorer:
    run = tf.function(lambda x: model(x, training=False)[0], reduce_retracing=True)
    spec = run.get_concrete_function(tf.TensorSpec((1, None, 40, 1), tf.float32))
    return Scorer("tiny", model.output_shape[-1], lambda x: spec(tf.constant(x)).numpy())


def mined(
    scorer: Scorer,
    streams: list[tuple[str, np.ndarray]],
    limit: int,
    seconds: float,
    seed: int,
) -> list[tuple[int, int]]:
    """(stream, end frame) of the moments among `streams` most like one of the words.

    Looks through the streams in a random order, a few `seconds` long.
    """
    found: list[tuple[float, int, int]] = []
    deadline = time.monotonic() + seconds
    for stream in np.random.default_rng(seed).permutation(len(streams)):
        if time.monotonic() > deadline:
            break
        logits, ends = scorer(streams[stream][1])
        chance = 1.0 - softmax(logits)[:, OTHER]
        for hop in np.flatnonzero(chance > 0.02):
            found.append((float(chance[hop]), int(stream), int(ends[hop])))
    found.sort(reverse=True)
    return [(stream, end) for _, stream, end in found[:limit]]
