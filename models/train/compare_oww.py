"""openWakeWord's `alexa` over the test part, beside wake-tiny and wake-heavy: misses and false accepts.

    python compare_oww.py --data ../../../shared/data --cache DIR

Its head is CC BY-NC-SA 4.0 and stays in the npm package: a comparator only. Thresholds on its raw score, one
hop of 80 ms at a time, as its own service does it; refractory time as for Catnap. Writes DIR/openwakeword-test.json,
which publish.py puts beside Catnap's figures.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import tensorflow as tf

import nets
from augment import word_span
from corpus import compute_powers, people, read
from features import RATE_HZ
from fit import Scorer
from listen import Timing, at_snr, detections, noises_of
from publish import session
from speech_embedding import package_models
from speech_windows import LEAD_S, TRAIL_S
from wake_data import Negatives

THRESHOLDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9)
ONE_HOP = Timing(debounce_hops=1)


def alexa_scorer() -> Scorer:
    """openWakeWord's score per hop; its embedding is the untrained speech embedding."""
    embedding = nets.embedding_net()
    run = tf.function(lambda x: embedding(x, training=False)[0])
    embed = run.get_concrete_function(tf.TensorSpec((1, None, 32, 1), tf.float32))
    head = session(package_models() / "alexa_v0.1.onnx")
    name = head.get_inputs()[0].name

    def logits(features: np.ndarray) -> np.ndarray:
        rows = embed(tf.constant(features)).numpy()
        windows = (rows[i : i + nets.HEAD_POSITIONS][None] for i in range(len(rows) - nets.HEAD_POSITIONS + 1))
        return np.array([head.run(None, {name: window})[0].ravel() for window in windows])

    return Scorer("speech", 1, logits)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--cache", type=pathlib.Path, required=True)
    options = parser.parse_args()
    scorer = alexa_scorer()
    rows = [r for r in people(options.data) if r.source == "wake" and r.part == "test"]
    noises, rng = noises_of(options.data, "test"), np.random.default_rng(7)
    scores: dict[str, list[np.ndarray]] = {"clean": [], "snr10": [], "others": []}
    seconds = 0.0
    for row in rows:
        samples = np.pad(read(row.path), (int(LEAD_S * RATE_HZ), int(TRAIL_S * RATE_HZ)))
        tiny, speech = compute_powers(samples)
        noise = noises[rng.integers(len(noises))]
        score = scorer(speech)[0][:, 0]
        if row.label == "alexa":
            scores["clean"].append(score)
            noisy = at_snr(samples, word_span(tiny), noise, 10.0)
            scores["snr10"].append(scorer(compute_powers(noisy)[1])[0][:, 0])
        else:
            scores["others"].append(score)
            seconds += len(samples) / RATE_HZ
    for _, power in Negatives.load(options.cache, options.data, "test").streams("speech"):
        if len(power):
            scores["others"].append(scorer(power)[0][:, 0])
            seconds += len(power) * 0.01
    rows = []
    for threshold in THRESHOLDS:
        found = {k: [len(detections(s >= threshold, ONE_HOP)) for s in v] for k, v in scores.items()}
        rows.append(
            {
                "threshold": threshold,
                "clean": f"{found['clean'].count(0)}/{len(found['clean'])}",
                "snr10": f"{found['snr10'].count(0)}/{len(found['snr10'])}",
                "falseAccepts": sum(found["others"]),
                "hours": round(seconds / 3600, 2),
            }
        )
        print(json.dumps(rows[-1]))
    (options.cache / "openwakeword-test.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    main()
