"""Google's speech embedding as a TFLite network that is shown only the mel frames since it was run last.

    python stream_embedding.py     # into models/speech-embedding; prints what src/models/openwakeword.ts says of it

Its window of 76 frames moves on by 8: all but a tenth of what it computes it has computed before.
"""

from __future__ import annotations

import json
import pathlib

import numpy as np

from export_tflite import describe_file
from speech_embedding import RECEPTIVE_FRAMES, STEP_FRAMES, package_models
from streaming import described, furthest_apart, streamed

FOLDER = pathlib.Path(__file__).resolve().parents[1] / "speech-embedding"
#: Embeddings are of the order of 10; sums of floats depend on their order.
TOLERANCE = 1e-4


def main() -> None:
    windowed = (package_models() / "embedding_model.tflite").read_bytes()
    content, states = streamed(windowed, STEP_FRAMES)
    frames = np.random.default_rng(0).normal(1.0, 1.0, (10 * RECEPTIVE_FRAMES, 32)).astype(np.float32)
    apart = furthest_apart(windowed, content, states, frames, STEP_FRAMES)
    if apart > TOLERANCE:
        raise SystemExit(f"speech-embedding: expected what the windowed network says, found {apart} beside it")
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / "speech-embedding.tflite"
    path.write_bytes(content)
    print(json.dumps({**describe_file(path), **described(path), "state": states, "apart": apart}, indent=2))


if __name__ == "__main__":
    main()
