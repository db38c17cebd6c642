"""Frames of TensorFlow Lite Micro's audio front end, from the published Python build of it, for its test vectors.

    pip install pymicro-features==2.0.2 && python models/train/make_micro_vectors.py test/vectors/micro.json

The signal's formula stands in test/support/vector-signal.ts, too.
"""

from __future__ import annotations

import json
import math
import pathlib
import sys

from pymicro_features import MicroFrontend

SAMPLES = 16_000
STEP = 160
FEATURE_SCALE = 0.0390625
# The signal as it is, so loud that it clips, and hardly there.
GAINS = (1.0, 8.0, 0.002)


def signal(length: int) -> list[float]:
    state = 12345
    samples = []
    for n in range(length):
        state = (state * 16807) % 2147483647
        noise = 2 * state / 2147483647 - 1
        seconds = n / 16_000
        sweep = math.sin(2 * math.pi * (100 * seconds + 1500 * seconds**2))
        samples.append(0.0 if n < 1600 else 0.3 * sweep * (n / length) + 0.002 * noise)
    return samples


def as_int16(sample: float) -> int:
    return max(-32768, min(32767, math.floor(sample * 32768 + 0.5)))


def frames(gain: float) -> list[list[int]]:
    front_end = MicroFrontend()
    samples = [as_int16(gain * sample) for sample in signal(SAMPLES)]
    found = []
    for start in range(0, SAMPLES - STEP + 1, STEP):
        chunk = b"".join(sample.to_bytes(2, "little", signed=True) for sample in samples[start : start + STEP])
        features = front_end.process_samples(chunk).features
        if features:
            found.append([round(feature / FEATURE_SCALE) for feature in features])
    return found


def main() -> None:
    vectors = {"samples": SAMPLES, "gains": {str(gain): frames(gain)[::4] for gain in GAINS}, "every": 4}
    pathlib.Path(sys.argv[1]).write_text(json.dumps(vectors, separators=(",", ":")) + "\n")


main()
