"""Writes test/vectors/logmel.json: what both front ends, NumPy's and TypeScript's, must give."""

from __future__ import annotations

import json
import pathlib

import numpy as np

from features import LOG_MEL, RATE_HZ, log_mel, log_mel_power

SAMPLES = 16_000
TARGET = pathlib.Path(__file__).resolve().parents[2] / "test/vectors/logmel.json"


def signal(length: int) -> np.ndarray:
    """Silence, then a rising sweep that swells, over noise from the Park-Miller generator."""
    state, noise = 12345, np.empty(length)
    for n in range(length):
        state = state * 16807 % 2147483647
        noise[n] = 2.0 * state / 2147483647 - 1.0
    n = np.arange(length)
    sweep = np.sin(2.0 * np.pi * (100.0 * (n / RATE_HZ) + 1500.0 * (n / RATE_HZ) ** 2))
    return np.where(n < 1600, 0.0, 0.3 * sweep * (n / length) + 0.002 * noise).astype(np.float32)


def main() -> None:
    lead = np.zeros(LOG_MEL["windowSamples"] - LOG_MEL["stepSamples"], np.float32)
    features = log_mel(log_mel_power(np.concatenate([lead, signal(SAMPLES)])))
    frames = [[round(float(value), 5) for value in frame] for frame in features]
    vectors = {"samples": SAMPLES, "tolerance": 2e-4, "settings": LOG_MEL, "frames": frames}
    TARGET.write_text(json.dumps(vectors, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
