"""Writes test/vectors/{logmel,command-word,wake-window}.json: what both front ends, NumPy's and TypeScript's,
must give."""

from __future__ import annotations

import json
import pathlib

import numpy as np

import command_windows as windows
import speech_windows
from features import LOG_MEL, RATE_HZ, log_mel, log_mel_power
from moonshine import Encoder

SAMPLES = 16_000
FOLDER = pathlib.Path(__file__).resolve().parents[2] / "test/vectors"


def signal(length: int) -> np.ndarray:
    """Silence, then a rising sweep that swells, over noise from the Park-Miller generator."""
    state, noise = 12345, np.empty(length)
    for n in range(length):
        state = state * 16807 % 2147483647
        noise[n] = 2.0 * state / 2147483647 - 1.0
    n = np.arange(length)
    sweep = np.sin(2.0 * np.pi * (100.0 * (n / RATE_HZ) + 1500.0 * (n / RATE_HZ) ** 2))
    return np.where(n < 1600, 0.0, 0.3 * sweep * (n / length) + 0.002 * noise).astype(np.float32)


def log_mel_vectors() -> dict[str, object]:
    lead = np.zeros(LOG_MEL["windowSamples"] - LOG_MEL["stepSamples"], np.float32)
    features = log_mel(log_mel_power(np.concatenate([lead, signal(SAMPLES)])))
    frames = [[round(float(value), 5) for value in frame] for frame in features]
    return {"samples": SAMPLES, "tolerance": 2e-4, "settings": LOG_MEL, "frames": frames}


def command_vectors() -> dict[str, object]:
    """A click, then the signal as a word: where it is found, what is cut out of it, and what the encoder
    makes of that."""
    samples = np.concatenate([signal(SAMPLES) * 0.01, signal(SAMPLES), np.zeros(SAMPLES // 2, np.float32)])
    samples[1000:1400] = 0.2
    found = windows.find_word(samples)
    if found is None:
        raise ValueError("the signal holds no word")
    span = found[0]
    window, length = windows.word_window(samples, *span)
    parts = Encoder()(window, length, windows.SEGMENTS)
    return {
        "samples": SAMPLES,
        "span": span,
        "length": length,
        "window": [round(float(value), 6) for value in window[::199]],
        "windowTolerance": 1e-5,
        "parts": [[round(float(value), 4) for value in part[::48]] for part in parts],
        "partTolerance": 0.02,
    }


def window_vectors() -> dict[str, object]:
    """The end of a window that the signal fills by half, and what the encoder makes of it."""
    window = speech_windows.end_window(signal(SAMPLES), SAMPLES)
    parts = Encoder()(window, len(window), speech_windows.SEGMENTS)
    return {
        "samples": SAMPLES,
        "window": [round(float(value), 6) for value in window[::199]],
        "windowTolerance": 1e-5,
        "parts": [[round(float(value), 4) for value in part[::48]] for part in parts],
        "partTolerance": 0.02,
    }


def main() -> None:
    made = {"logmel": log_mel_vectors(), "command-word": command_vectors(), "wake-window": window_vectors()}
    for name, vectors in made.items():
        (FOLDER / f"{name}.json").write_text(json.dumps(vectors, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
