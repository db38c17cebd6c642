"""wake-tiny's TFLite network as one that is shown only the frames since it was run last.

    python stream_tiny.py WINDOWED.tflite     # into models/wake-tiny and its manifest; publish.py does the same

Its scores are the same to the last bit: what is summed are integers.
"""

from __future__ import annotations

import json
import pathlib
import sys

import numpy as np

import nets
from export_tflite import describe_file
from manifests import TINY_VERSION, write_manifest
from streaming import described, furthest_apart, streamed

TINY = pathlib.Path(__file__).resolve().parents[1] / "wake-tiny"


def write_streamed(windowed: bytes, folder: pathlib.Path) -> dict[str, object]:
    """Writes the network; its description for the manifest. Refuses one that scores otherwise."""
    content, states = streamed(windowed, nets.TINY_HOP_FRAMES)
    frames = np.random.default_rng(0).normal(-6.0, 4.0, (600, 40)).astype(np.float32)
    apart = furthest_apart(windowed, content, states, frames, nets.TINY_HOP_FRAMES)
    if apart > 0.0:
        raise SystemExit(f"wake-tiny.tflite: expected the scores of the windowed network, found {apart} beside them")
    path = folder / "wake-tiny.tflite"
    path.write_bytes(content)
    return {**describe_file(path), **described(path), "state": states}


def main() -> None:
    manifest = json.loads((TINY / "manifest.json").read_text())
    manifest["files"]["tflite"] = write_streamed(pathlib.Path(sys.argv[1]).read_bytes(), TINY)
    manifest["version"] = TINY_VERSION
    write_manifest(TINY, manifest)


if __name__ == "__main__":
    main()
