"""Trains wake-heavy: python train_wake_heavy.py --data ../../../shared/data --cache DIR [--steps N].

All members at once, on one lower half of the speech embedding, which stays as Google trained it on far more
voices than there are here. First the heads alone on the frozen embedding, then its upper half with each, at a
lower rate.
"""

from __future__ import annotations

import argparse
import pathlib

import tensorflow as tf

import nets
from augment import PowerAugment
from fit import Plan, fit, mined, speech_features
from verifier import Verifier
from wake_data import LABELS, Negatives, WindowSampler, wake_words


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--members", type=int, default=2)
    parser.add_argument("--head-steps", type=int, default=250)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--variants", type=int, default=6)
    parser.add_argument("--name", default="wake-heavy")
    parser.add_argument("--start", help="name of weights to go on from, instead of the frozen embedding")
    parser.add_argument("--mine-at", type=float, nargs="+", default=[0.0, 0.33, 0.66], help="shares of the steps")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tf.keras.utils.set_random_seed(options.seed)
    words = wake_words(options.cache, options.data, options.variants)
    negatives = Negatives.load(options.cache, options.data, "train")
    sampler = WindowSampler(
        "speech",
        nets.SPEECH_FRAMES,
        words,
        negatives,
        after_s=(0.0, 0.5),
        augment=PowerAugment(),
        seed=options.seed,
        members=options.members,
    )
    verifier = Verifier.build(len(LABELS), options.members)

    def mine() -> list[tuple[int, int]]:
        return mined(verifier.scorer(), sampler.streams, 8000, 80.0, options.seed)

    if options.start:
        verifier.whole.load_weights(options.cache / f"{options.start}.weights.h5")
    else:
        heads = [v for head in verifier.heads for v in head.trainable_variables]
        plan = Plan(options.head_steps, options.batch, 2e-3, 0.5, mine_at=())
        fit(verifier.whole, sampler, plan, speech_features, variables=heads)
        verifier.whole.save_weights(options.cache / f"{options.name}-frozen.weights.h5")
    plan = Plan(options.steps, options.batch, options.rate, 0.5, mine_at=tuple(options.mine_at))
    fit(verifier.whole, sampler, plan, speech_features, mine=mine, variables=verifier.trained())
    verifier.whole.save_weights(options.cache / f"{options.name}.weights.h5")


if __name__ == "__main__":
    main()
