"""Trains wake-heavy: python train_wake_heavy.py --data ../../../shared/data --cache DIR [--steps N].

First the head alone on the frozen speech embedding, then the embedding's upper half with it, at a lower
rate. The lower half stays as Google trained it on far more voices than there are here.
"""

from __future__ import annotations

import argparse
import pathlib

import tensorflow as tf

import nets
from augment import PowerAugment
from fit import Plan, fit, heavy_scorer, mined, speech_features
from wake_data import LABELS, WORDS, Negatives, WindowSampler, wake_recordings, word_variants

FROZEN_CONVOLUTIONS = 11


def listening_net(classes: int) -> tuple[tf.keras.Model, tf.keras.Model, tf.keras.Model]:
    """(whole, embedding, head): mel windows [batch, 197, 32, 1] -> logits [batch, classes]."""
    embedding, head = nets.embedding_net(), nets.head_net(classes)
    inputs = tf.keras.Input((nets.SPEECH_FRAMES, 32, 1))
    return tf.keras.Model(inputs, head(embedding(inputs))), embedding, head


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--head-steps", type=int, default=500)
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--variants", type=int, default=6)
    parser.add_argument("--name", default="wake-heavy")
    parser.add_argument("--start", help="name of weights to go on from, instead of a frozen embedding")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tf.keras.utils.set_random_seed(options.seed)
    recordings = wake_recordings(options.cache, options.data)
    words = word_variants(options.cache, recordings, WORDS, options.variants, seed=1)
    negatives = Negatives.load(options.cache, options.data, "train")
    sampler = WindowSampler(
        "speech", nets.SPEECH_FRAMES, words, negatives,
        after_s=(0.0, 0.5), augment=PowerAugment(), seed=options.seed,
    )
    whole, embedding, head = listening_net(len(LABELS))

    def mine() -> list[tuple[int, int]]:
        return mined(heavy_scorer([(embedding, head)]), sampler.streams, 6000, 45.0, options.seed)

    frozen = options.cache / f"{options.start or options.name + '-frozen'}.weights.h5"
    if not frozen.exists():
        plan = Plan(options.head_steps, 64, 2e-3, 0.5, mine_at=())
        fit(whole, sampler, plan, speech_features, variables=head.trainable_variables)
        whole.save_weights(frozen)
    whole.load_weights(frozen)
    plan = Plan(options.steps, 64, options.rate, 0.5, mine_at=(0.0, 0.5))
    upper = embedding.trainable_variables[2 * FROZEN_CONVOLUTIONS :] + head.trainable_variables
    fit(whole, sampler, plan, speech_features, mine=mine, variables=upper)
    whole.save_weights(options.cache / f"{options.name}.weights.h5")


if __name__ == "__main__":
    main()
