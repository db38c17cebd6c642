"""Moonshine tiny's encoder, as it is, and what its frames are pooled to: the front end of commands and wake-speech."""

from __future__ import annotations

import hashlib
import itertools
import os
import pathlib

import numpy as np
import onnxruntime

from features import RATE_HZ

FRAME_SAMPLES = 384
CHANNELS = 288
ENCODER_SHA256 = "c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a"
ENCODER_BYTES = 7_937_661

BLOCK = RATE_HZ // 50
LEVEL = 0.25
MOST_GAIN = 100.0


def block_powers(samples: np.ndarray) -> np.ndarray:
    """Mean power of each 20 ms, the last of what is left."""
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % BLOCK)) ** 2
    powers = padded.reshape(-1, BLOCK).mean(axis=1)
    if len(samples) % BLOCK:
        powers[-1] *= BLOCK / (len(samples) % BLOCK)
    return powers


def gain_of(samples: np.ndarray) -> float:
    """What brings the loudest 20 ms to -12 dB."""
    peak = np.sqrt(block_powers(samples).max(initial=0.0))
    return MOST_GAIN if peak == 0.0 else min(MOST_GAIN, LEVEL / peak)


class Encoder:
    """The quantised encoder out of its npm package (MOONSHINE_MODELS names the folder)."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        content = (pathlib.Path(os.environ["MOONSHINE_MODELS"]) / "encoder_model.onnx").read_bytes()
        if hashlib.sha256(content).hexdigest() != ENCODER_SHA256:
            raise ValueError("encoder_model.onnx: expected that of @moonshine-ai/moonshine-js 0.1.29, found another")
        self.session = onnxruntime.InferenceSession(content, options)

    def __call__(self, window: np.ndarray, length: int, segments: int) -> np.ndarray:
        """Mean frame of each of so many equal parts of the first `length` samples: [segments, 288]."""
        frames = self.session.run(None, {"input_values": window[None]})[0][0]
        count = min(len(frames), max(segments, -(-length // FRAME_SAMPLES)))
        edges = np.arange(segments + 1) * count // segments
        return np.stack([frames[a:b].mean(axis=0) for a, b in itertools.pairwise(edges)])


def described(window_samples: int, frames: int) -> dict[str, object]:
    """The encoder as a manifest's front end names it; it makes so many frames of a window."""
    return {
        "name": "moonshine-tiny encoder",
        "licence": "MIT",
        "files": {
            "onnx": {
                "package": "@moonshine-ai/moonshine-js",
                "path": "dist/model/tiny/quantized/encoder_model.onnx",
                "sha256": ENCODER_SHA256,
                "bytes": ENCODER_BYTES,
            }
        },
        "inputs": [{"name": "input_values", "dtype": "float32", "shape": [1, window_samples], "quantisation": None}],
        "outputs": [
            {"name": "last_hidden_state", "dtype": "float32", "shape": [1, frames, CHANNELS], "quantisation": None}
        ],
    }
