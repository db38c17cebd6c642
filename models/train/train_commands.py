"""Trains the command model: python train_commands.py --data ../../../shared/data --cache DIR.

Moonshine tiny's encoder, as it is, listens (MOONSHINE_MODELS names the folder with encoder_model.onnx); what is
trained is a multinomial logistic regression on the means of its frames over eight parts of the word. Few speakers
are there to learn from, so all but the test part are: each is judged by a model that never heard them
(cross-validation by speaker), and penalty, calibration and threshold are chosen on those judgements.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import multiprocessing
import pathlib
import zlib

import numpy as np
import scipy.optimize

from command_examples import LABELS, SILENCE, UNKNOWN, Examples, Tasks, examples

FOLDS = 4
PENALTIES = (3e-3, 1e-2, 3e-2)
PLAIN_WEIGHT = 3.0
"""What a recording as it is weighs against a varied one."""
SILENT = 0.1
"""The score for silence from which on a sound beside the word is none that was said: of 544 words as
they are, each judged by a model that never heard the speaker, none reaches it; of what sounds beside them 97 %."""
FLAT = 0.03
"""Added to a feature's spread, so that one that hardly moves is not blown up."""


def flat(features: np.ndarray) -> np.ndarray:
    return features.reshape(len(features), -1).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


class Head:
    """Logits of [n, 2304] features: kernel [2304, labels] and bias."""

    def __init__(self, kernel: np.ndarray, bias: np.ndarray) -> None:
        self.kernel, self.bias = kernel.astype(np.float32), bias.astype(np.float32)

    def scores(self, features: np.ndarray) -> np.ndarray:
        return softmax(features @ self.kernel + self.bias)


def fit(features: np.ndarray, labels: np.ndarray, weights: np.ndarray, penalty: float) -> Head:
    """Weighted cross entropy plus `penalty` / 2 times the squared kernel of standardised features, by L-BFGS."""
    middle, spread = features.mean(axis=0), features.std(axis=0) + FLAT
    x = (features - middle) / spread
    wanted = np.eye(len(LABELS), dtype=np.float32)[labels]
    share = (weights / weights.sum()).astype(np.float32)
    shape = (x.shape[1], len(LABELS))

    def loss(theta: np.ndarray) -> tuple[float, np.ndarray]:
        kernel, bias = theta[: -len(LABELS)].reshape(shape).astype(np.float32), theta[-len(LABELS) :]
        found = softmax(x @ kernel + bias.astype(np.float32))
        entropy = -np.sum(share * np.log((found * wanted).sum(axis=1) + 1e-12))
        slope = (found - wanted) * share[:, None]
        gradient = np.concatenate([(x.T @ slope + penalty * kernel).ravel(), slope.sum(axis=0)])
        return float(entropy + 0.5 * penalty * np.sum(kernel**2)), gradient.astype(np.float64)

    start = np.zeros(shape[0] * shape[1] + shape[1])
    theta = scipy.optimize.minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 80}).x
    kernel = theta[: -len(LABELS)].reshape(shape) / spread[:, None]
    return Head(kernel, theta[-len(LABELS) :] - middle @ kernel)


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


def held_out(rows: Examples, task: tuple[float, int]) -> np.ndarray:
    """Scores of one fold's examples by a model of `penalty` that was trained on the other folds."""
    penalty, fold = task
    features, held = flat(rows.features), folds_of(rows.tasks)[rows.owners] == fold
    head = fit(features[~held], rows.labels[~held], weights_of(rows)[~held], penalty)
    return head.scores(features[held])


def judged_by_others(rows: Examples, penalties: list[float], workers: int) -> list[np.ndarray]:
    """For each penalty, scores of each example by a model trained without its speaker or group."""
    tasks = [(penalty, fold) for penalty in penalties for fold in range(FOLDS)]
    folds = folds_of(rows.tasks)[rows.owners]
    with multiprocessing.get_context("fork").Pool(workers) as pool:
        found = pool.map(functools.partial(held_out, rows), tasks, chunksize=1)
    judged = [np.zeros((len(folds), len(LABELS)), np.float32) for _ in penalties]
    for (penalty, fold), scores in zip(tasks, found, strict=True):
        judged[penalties.index(penalty)][folds == fold] = scores
    return judged


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--penalties", type=float, nargs="+", default=PENALTIES)
    options = parser.parse_args()
    rows = examples(options.data, options.cache, options.workers)
    folds, weights = folds_of(rows.tasks)[rows.owners], weights_of(rows)
    best: tuple[float, float, np.ndarray] | None = None
    penalties = list(options.penalties)
    for penalty, scores in zip(penalties, judged_by_others(rows, penalties, options.workers), strict=True):
        right = scores[np.arange(len(scores)), rows.labels]
        entropy = float(np.average(-np.log(right + 1e-12), weights=np.where(folds < 0, 0.0, weights)))
        print(json.dumps({"penalty": penalty, "crossEntropy": round(entropy, 4)}), flush=True)
        if best is None or entropy < best[0]:
            best = entropy, penalty, scores
    if best is None:
        raise ValueError("--penalties: expected at least one")
    _, penalty, scores = best
    head = fit(flat(rows.features), rows.labels, weights, penalty)
    whole = utterances(scores, rows.owners, rows.kinds, len(rows.tasks.labels))
    np.savez(
        options.cache / "commands-head.npz", kernel=head.kernel, bias=head.bias, penalty=penalty, scores=whole,
        **dataclasses.asdict(rows.tasks),
    )


if __name__ == "__main__":
    main()
