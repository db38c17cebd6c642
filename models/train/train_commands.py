"""Trains the command model: python train_commands.py --data ../../../shared/data --cache DIR.

Moonshine tiny's encoder, as it is, listens (MOONSHINE_MODELS names the folder with encoder_model.onnx); what is
trained is a layer of hidden units on the means of its frames over eight parts of the word. Few speakers are there to
learn from, so all but the test part are: each is judged by a model that never heard them (cross-validation by
speaker), and shape, calibration and threshold are chosen on those judgements.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import zlib

import numpy as np
import tensorflow as tf

from command_examples import LABELS, SILENCE, UNKNOWN, Examples, Tasks, examples

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

FOLDS = 4
WIDTH = 128
"""Hidden units."""
SEED = 1
EPOCHS, BATCH = 10, 128
PEAK_RATE, WEIGHT_DECAY = 1e-3, 0.03
INPUT_DROPOUT, HIDDEN_DROPOUT = 0.3, 0.5
SMOOTHING = 0.03
"""Of labels."""
PLAIN_WEIGHT = 3.0
"""What a recording as it is weighs against a varied one."""
SILENT = 0.2
"""The score for silence from which on a sound beside the word is none that was said: of 544 words as
they are, each judged by a model that never heard the speaker, none reaches it; of what sounds beside them 96 %."""
FLAT = 0.03
"""Added to a feature's spread, so that one that hardly moves is not blown up."""


def flat(features: np.ndarray) -> np.ndarray:
    return features.reshape(len(features), -1).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


@dataclasses.dataclass
class Head:
    """Logits of flat features: hidden units by `kernel` and `bias`, rectified, then `out` and `offset`."""

    kernel: np.ndarray
    bias: np.ndarray
    out: np.ndarray
    offset: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        return softmax(np.maximum(features @ self.kernel + self.bias, 0.0) @ self.out + self.offset)


def fit(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, classes: int = len(LABELS)) -> Head:
    """Weighted cross entropy of standardised features by AdamW, with dropout and smoothed labels."""
    tf.keras.utils.set_random_seed(SEED)
    rng = np.random.default_rng(SEED)
    heard = weights > 0
    features, labels, weights = features[heard], labels[heard], weights[heard]
    middle, spread = features.mean(axis=0), features.std(axis=0) + FLAT
    x = (features - middle) / spread
    wanted = np.eye(classes, dtype=np.float32)[labels] * (1 - SMOOTHING) + np.float32(SMOOTHING / classes)
    share = (weights / weights.mean()).astype(np.float32)
    hidden = tf.keras.layers.Dense(WIDTH, activation="relu")
    out = tf.keras.layers.Dense(classes)
    dropped = (tf.keras.layers.Dropout(INPUT_DROPOUT), tf.keras.layers.Dropout(HIDDEN_DROPOUT))
    model = tf.keras.Sequential([tf.keras.Input((x.shape[1],)), dropped[0], hidden, dropped[1], out])
    steps = len(x) // BATCH * EPOCHS
    optimiser = tf.keras.optimizers.AdamW(
        tf.keras.optimizers.schedules.CosineDecay(PEAK_RATE, steps), weight_decay=WEIGHT_DECAY
    )

    @tf.function
    def step(shown: tf.Tensor, answers: tf.Tensor, counted: tf.Tensor) -> None:
        with tf.GradientTape() as tape:
            each = tf.nn.softmax_cross_entropy_with_logits(answers, model(shown, training=True))
            loss = tf.reduce_mean(each * counted)
        optimiser.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    for _ in range(EPOCHS):
        order = rng.permutation(len(x))
        for first in range(0, len(x) // BATCH * BATCH, BATCH):
            batch = order[first : first + BATCH]
            step(x[batch], wanted[batch], share[batch])
    kernel = hidden.kernel.numpy() / spread[:, None]
    return Head(kernel, hidden.bias.numpy() - middle @ kernel, out.kernel.numpy(), out.bias.numpy())


def weights_of(rows: Examples) -> np.ndarray:
    """Plain recordings of commands weigh more; what sounds beside a word of another language may be either, and
    weighs nothing."""
    commands = (rows.tasks.sources == "commands")[rows.owners]
    weights = np.where(rows.tasks.plain[rows.owners] & commands, PLAIN_WEIGHT, 1.0)
    return np.where((rows.kinds == "rival") & commands & (rows.labels == UNKNOWN), 0.0, weights)


def folds_of(tasks: Tasks) -> np.ndarray:
    """Fold of each task: speakers of commands in turn, everything else by a hash of its group; -1 for synthetic
    voices, which are never judged."""
    speakers = sorted(set(tasks.groups[tasks.sources == "commands"]))

    def fold(source: str, group: str) -> int:
        if source == "voices":
            return -1
        number = speakers.index(group) if source == "commands" else zlib.crc32(f"{source}/{group}".encode())
        return number % FOLDS

    return np.array([fold(*pair) for pair in zip(tasks.sources, tasks.groups, strict=True)])


def utterances(scores: np.ndarray, owners: np.ndarray, kinds: np.ndarray, count: int) -> np.ndarray:
    """Scores [count, labels] of whole utterances: of the word in them, and nothing where none was found or something
    beside it is not silence, as the runtime has it."""
    whole = np.zeros((count, len(LABELS)), np.float32)
    whole[owners[kinds != "rival"]] = scores[kinds != "rival"]
    spoiled = owners[(kinds == "rival") & (scores[:, SILENCE] < SILENT)]
    whole[spoiled] = 0.0
    return whole


def judged_by_others(rows: Examples) -> np.ndarray:
    """Scores of each example by a model trained without its speaker or group; nothing for synthetic voices."""
    folds, weights, features = folds_of(rows.tasks)[rows.owners], weights_of(rows), flat(rows.features)
    judged = np.zeros((len(folds), len(LABELS)), np.float32)
    for fold in range(FOLDS):
        held = folds == fold
        judged[held] = fit(features[~held], rows.labels[~held], weights[~held]).scores(features[held])
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--workers", type=int, default=2, help="processes that make examples")
    options = parser.parse_args()
    rows = examples(options.data, options.cache, options.workers)
    folds, weights = folds_of(rows.tasks)[rows.owners], weights_of(rows)
    scores = judged_by_others(rows)
    right = scores[np.arange(len(scores)), rows.labels]
    entropy = np.average(-np.log(right + 1e-12), weights=np.where(folds < 0, 0.0, weights))
    print(json.dumps({"crossEntropy": round(float(entropy), 4)}), flush=True)
    head = fit(flat(rows.features), rows.labels, weights)
    whole = utterances(scores, rows.owners, rows.kinds, len(rows.tasks.labels))
    np.savez(options.cache / "commands-head.npz", **vars(head), scores=whole, **dataclasses.asdict(rows.tasks))


if __name__ == "__main__":
    main()
