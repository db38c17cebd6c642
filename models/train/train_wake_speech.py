"""Trains wake-speech: python train_wake_speech.py --data ../../../shared/data --cache DIR.

Moonshine tiny's encoder, as it is, listens (MOONSHINE_MODELS names the folder with encoder_model.onnx) to
whatever wakes the wake-tiny that stands beside; what is trained is a layer of hidden units on the means of
its frames over twelve parts of two seconds. publish.py exports it with the others.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np

from publish import MODELS, int8_scorer
from speech_windows import examples
from train_commands import fit, flat
from wake_data import LABELS, OTHER

NAME = "wake-speech-head"
OTHERS_SHARE = 0.5
"""Of the weight of all examples; the words share the rest alike."""


def weights_of(labels: np.ndarray) -> np.ndarray:
    """What each example counts."""
    counts = np.bincount(labels, minlength=len(LABELS))
    share = np.full(len(LABELS), (1 - OTHERS_SHARE) / OTHER)
    share[OTHER] = OTHERS_SHARE
    return (share / np.maximum(counts, 1))[labels]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    tiny = MODELS / "wake-tiny/wake-tiny.onnx"
    made = examples(options.data, options.cache, int8_scorer, tiny, options.workers)
    print({label: int((made.labels == i).sum()) for i, label in enumerate(LABELS)})
    head = fit(flat(made.features), made.labels, weights_of(made.labels), len(LABELS))
    np.savez(options.cache / f"{NAME}.npz", **vars(head))


if __name__ == "__main__":
    main()
