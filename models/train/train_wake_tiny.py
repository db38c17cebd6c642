"""Trains wake-tiny: python train_wake_tiny.py --data ../../../shared/data --cache DIR [--steps N]."""

from __future__ import annotations

import argparse
import pathlib

import tensorflow as tf

import nets
from augment import PowerAugment
from fit import Plan, fit, mined, tiny_features, tiny_scorer
from wake_data import LABELS, Negatives, WindowSampler, wake_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--variants", type=int, default=6)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--name", default="wake-tiny")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tf.keras.utils.set_random_seed(options.seed)
    words = wake_words(options.cache, options.data, options.variants)
    negatives = Negatives.load(options.cache, options.data, "train")
    sampler = WindowSampler(
        "tiny",
        nets.TINY_FRAMES,
        words,
        negatives,
        after_s=(0.0, 0.26),
        augment=PowerAugment(),
        seed=options.seed,
    )
    model = nets.tiny_net(len(LABELS))
    plan = Plan(options.steps, 192, options.rate, 0.5, mine_at=(0.3, 0.6, 0.85))
    fit(
        model,
        sampler,
        plan,
        tiny_features,
        mine=lambda: mined(tiny_scorer(model), sampler.streams, 10000, 60.0, options.seed),
    )
    model.save_weights(options.cache / f"{options.name}.weights.h5")


if __name__ == "__main__":
    main()
