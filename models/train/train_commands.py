"""Trains the command model: python train_commands.py --data ../../../shared/data --cache DIR [--steps N].

The same speech embedding and head as wake-heavy, over eight words, 'unknown' and 'silence'.
"""

from __future__ import annotations

import argparse
import pathlib

import numpy as np
import tensorflow as tf

import nets
from augment import PowerAugment
from corpus import Recording, cached_powers, people
from fit import Plan, fit, heavy_scorer, mined, speech_features
from train_wake_heavy import FROZEN_CONVOLUTIONS, listening_net
from wake_data import WEIGHTS, Negatives, WindowSampler, word_variants

COMMANDS = ("open", "close", "print", "project", "process", "signal", "speaker", "speech")
LABELS = (*COMMANDS, "unknown", "silence")


def command_negatives(cache: pathlib.Path, data: pathlib.Path, part: str) -> Negatives:
    """As for the wake models, but the eight words are none and the wake words are."""
    negatives = Negatives.load(cache, data, part)
    everything = list(people(data))
    for source in ("wake", "commands"):
        recordings = [r for r in everything if r.source == source]
        powers = cached_powers(cache, source, recordings)
        chosen = [i for i, r in enumerate(recordings) if r.part == part and r.label not in COMMANDS]
        negatives.sources[source] = (powers, np.array(chosen))
    return negatives


def command_recordings(data: pathlib.Path, part: str) -> list[Recording]:
    """The eight words of one part's speakers."""
    return [
        r for r in people(data) if r.source == "commands" and r.part == part and r.label in COMMANDS
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    parser.add_argument("--head-steps", type=int, default=300)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--variants", type=int, default=6)
    parser.add_argument("--name", default="commands")
    parser.add_argument("--start", help="name of weights to go on from, instead of a frozen embedding")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tf.keras.utils.set_random_seed(options.seed)
    words = word_variants(
        options.cache, command_recordings(options.data, "train"), COMMANDS, options.variants, seed=1
    )
    sampler = WindowSampler(
        "speech", nets.SPEECH_FRAMES, words, command_negatives(options.cache, options.data, "train"),
        after_s=(0.0, 0.9), augment=PowerAugment(noise_share=0.6), seed=options.seed,
        silence_share=0.08, weights={**WEIGHTS, "commands": 20.0, "wake": 6.0},
    )
    whole, embedding, head = listening_net(len(LABELS))
    frozen = options.cache / f"{options.start or options.name + '-frozen'}.weights.h5"
    if not frozen.exists():
        plan = Plan(options.head_steps, 64, 2e-3, 0.5, mine_at=())
        fit(whole, sampler, plan, speech_features, variables=head.trainable_variables)
        whole.save_weights(frozen)
    whole.load_weights(frozen)
    upper = embedding.trainable_variables[2 * FROZEN_CONVOLUTIONS :] + head.trainable_variables
    plan = Plan(options.steps, 64, options.rate, 0.5, mine_at=(0.0, 0.5))
    fit(
        whole, sampler, plan, speech_features, variables=upper,
        mine=lambda: mined(
            heavy_scorer([(embedding, head)]), sampler.streams, 4000, 20.0, options.seed,
            refused=slice(len(COMMANDS), None), skip=("noise", "wesnoth-1.16-music", "hedgewars-data"),
        ),
    )
    whole.save_weights(options.cache / f"{options.name}.weights.h5")


if __name__ == "__main__":
    main()
